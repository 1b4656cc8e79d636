"""Vega, Vega-Lite and Vega-Embed as one script: pages of ours and exported ones take the same.

They come with vl-convert, not from the net. Making the script costs 2 s and 90 MB: a child process does it once, the packed
result (0.3 MB) is kept beside the interpreter. Standard library only.
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
import tempfile
import zlib
from importlib import metadata
from pathlib import Path

VERSION = "6.4"  # of Vega-Lite: the one that matches the Vega in vl-convert's bundle

_MAKE = """
import sys, zlib, vl_convert
text = vl_convert.javascript_bundle("export default vegaEmbed;", vl_version=sys.argv[1])
sys.stdout.buffer.write(zlib.compress(text.encode(), 9))
"""
_EXPORT = re.compile(r"export\s*\{\s*([\w$]+) as default\s*\};?\s*$")


@functools.cache
def packed() -> bytes:
    """The bundle as an ES module whose default is vegaEmbed, packed by zlib."""
    name = f"vega-lite-{VERSION}-by-{metadata.version('vl-convert-python')}.js.z"
    file = Path(sys.prefix) / "share" / "cxw" / name
    if file.is_file():
        found = file.read_bytes()
        try:
            zlib.decompress(found)
            return found
        except zlib.error:
            pass  # cut off while it was written by an older run: made again
    made = subprocess.run([sys.executable, "-c", _MAKE, VERSION], check=True, capture_output=True, timeout=120).stdout
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as half:
            half.write(made)
        Path(half.name).replace(file)
    except OSError:
        pass  # a read-only installation makes it once a process
    return made


def script() -> str:
    """The bundle as a plain script that can stand in a page: it sets `window.vegaEmbed`."""
    text, n = _EXPORT.subn(r"window.vegaEmbed=\1;", zlib.decompress(packed()).decode())
    if n != 1:
        raise RuntimeError("vl-convert's bundle has no default export")
    return re.sub(r"<(/script|!--)", r"\\x3c\1", text, flags=re.IGNORECASE)
