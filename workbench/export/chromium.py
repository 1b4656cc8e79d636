"""A page printed by the Chromium of this machine. The page refers to nothing, and the browser gets no network either."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadInput

SECONDS = 30.0
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
PLACES = {
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    "win32": (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe"),
}
FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--disable-extensions", "--disable-dev-shm-usage", "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
)  # fmt: skip


def found() -> str | None:
    """The path of a browser that can print: what `CXW_CHROMIUM` names, else the first of `NAMES` on the search path, else where
    the system keeps them; None where there is none."""
    return next((path for path in map(shutil.which, _sought()) if path), None)


def _sought() -> Iterator[str]:
    yield from filter(None, [os.environ.get("CXW_CHROMIUM")])
    yield from NAMES
    for place in PLACES.get(sys.platform, ()):
        yield place
        yield from (os.path.join(os.environ.get(name, ""), place) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)"))


def pdf(page: str, seconds: float = SECONDS) -> bytes:
    """The page printed, in a folder that is gone afterwards, by a process that is ended after `seconds` with all it began."""
    browser = found()
    if browser is None:
        raise BadInput("export.no_chromium", sought=", ".join(NAMES))
    with tempfile.TemporaryDirectory(prefix="cxw-print-", ignore_cleanup_errors=True) as folder:
        source, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(page, encoding="utf-8")
        # a browser refuses its sandbox to the administrator's account, in containers the usual one
        alone = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        asked = [browser, *FLAGS, *alone, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", source.as_uri()]
        known = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT", "FONTCONFIG_PATH") if name in os.environ}
        # all that it writes goes where it is deleted, however it ends
        own = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), folder)
        running = subprocess.Popen(
            asked, env=known | own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            raise BadInput("export.slow_chromium", browser=browser, n=round(seconds)) from None
        finally:
            _end(running)
        content = made.read_bytes() if made.is_file() else b""
    if not content.startswith(b"%PDF-"):
        raise BadInput("export.mute_chromium", browser=browser, code=running.returncode)
    return content


def _end(running: subprocess.Popen) -> None:
    """Ends the process and those it began."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(running.pid, signal.SIGKILL)  # its own session: nobody else is in it
        elif running.poll() is None:
            running.kill()
    except (ProcessLookupError, PermissionError):
        pass  # all of them have ended
    running.wait()
