"""The journey map as a page of its own: what data can't become, and who prints it."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import os
import re
import time
from pathlib import Path

import drawn
import pytest

from workbench import export
from workbench.errors import BadInput
from workbench.export import chromium

EVIL = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\u2028{{CANVAS}}"


class Page(html.parser.HTMLParser):
    """The elements a browser would see, and what stands in its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.scripts, self.attributes, self.comments = [], [], {}, 0
        self.within = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.setdefault(tag, []).append(dict(attrs))
        self.within = tag == "script"
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.within:
            self.scripts[-1] += data

    def handle_endtag(self, tag):
        self.within = False

    def handle_comment(self, data):
        self.comments += 1


def evil(value):
    """The same canvas with every text hostile; keys and numbers stay."""
    if isinstance(value, dict):
        return {name: one if name in ("key", "kind", "layer", "id") else evil(one) for name, one in value.items()}
    return [evil(one) for one in value] if isinstance(value, list) else EVIL if isinstance(value, str) else value


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_the_page_holds_the_map_and_its_words(language):
    canvas = drawn.canvas(language)
    text = export.map_to_html(canvas, below={"Caveats": ["Few."], "Empty": []}, code=("Code", "a\nb"), language=language)
    page = Page(text)
    assert json.loads(page.scripts[0])["canvas"] == canvas
    assert page.attributes["html"][0]["lang"] == language
    for words in (canvas["title"], canvas["subtitle"], canvas["source"], *canvas["sentences"], "Few.", "a\nb"):
        assert f">{words}<" in text
    assert "Empty" not in text
    assert re.findall(r"https?://(?!www\.w3\.org/)\S+", text) == []


def test_nothing_of_the_canvas_becomes_markup_or_script():
    canvas = evil(drawn.canvas()) | {"title": f"{EVIL}!"}
    page = Page(export.map_to_html(canvas, below={EVIL: [EVIL]}, code=(EVIL, EVIL)))
    plain = Page(export.map_to_html(drawn.canvas(), below={"a": ["b"]}, code=("c", "d")))
    assert page.tags == plain.tags and page.comments == 0
    assert json.loads(page.scripts[0])["canvas"] == canvas
    assert page.scripts[1] == plain.scripts[1]


def test_the_policy_lets_the_page_s_own_script_run_and_nothing_else():
    page = Page(export.map_to_html(drawn.canvas()))
    policy = next(one["content"] for one in page.attributes["meta"] if one.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(page.scripts[1].encode()).digest()).decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["script-src"] == f"'sha256-{digest}'"
    assert "unsafe-eval" not in policy


# -- who prints it -----------------------------------------------------------------------------------------------------


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """stand_in(lines): a shell script in the browser's place; "$made" is where its PDF is to be, "$page" the page."""

    def put(lines: str) -> Path:
        found = [
            'for one in "$@"; do case "$one" in',
            '--print-to-pdf=*) made="${one#*=}";;',
            'file://*) page="${one#file://}";;',
        ]
        script = tmp_path / "chromium"
        script.write_text("\n".join(["#!/bin/sh", *found, "esac; done", lines]) + "\n")
        script.chmod(0o755)
        monkeypatch.setenv("CXW_CHROMIUM", str(script))
        return script

    if os.name != "posix":
        pytest.skip("the stand-in is a shell script")
    return put


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_without_a_browser_it_is_said_what_was_sought_and_what_to_do(monkeypatch, tmp_path, language):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CXW_CHROMIUM", str(tmp_path / "none"))
    monkeypatch.setattr(chromium, "PLACES", {})
    with pytest.raises(BadInput) as caught:
        export.map_to_pdf(drawn.canvas(language), language=language)
    said = caught.value.text(language)
    assert all(name in said for name in chromium.NAMES) and "CXW_CHROMIUM" in said and "HTML" in said


def test_the_browser_gets_no_network_no_secret_and_a_folder_that_goes(stand_in, monkeypatch):
    monkeypatch.setenv("CXW_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "proxy")
    stand_in('{ echo "%PDF-"; echo "$page"; for one in "$@"; do echo "$one"; done; env; head -c 15 "$page"; } > "$made"')
    lines = export.map_to_pdf(drawn.canvas()).decode().split("\n")
    folder = Path(lines[1]).parent
    assert "<!doctype html>" in lines and not folder.exists()
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in lines and "--proxy-server=127.0.0.1:9" in lines
    assert f"--user-data-dir={folder}/profile" in lines
    assert {f"{name}={folder}" for name in ("HOME", "TMPDIR", "TEMP", "TMP")} <= {*lines}  # what it writes goes with it
    assert not [line for line in lines if line.startswith(("CXW_", "HTTPS_PROXY"))]
    assert ("--no-sandbox" in lines) == (os.geteuid() == 0)


def test_a_browser_that_hangs_is_ended_with_all_it_began(stand_in, tmp_path):
    script = stand_in(f"sleep 300 & echo $! > {tmp_path}/child; sleep 300")
    start = time.monotonic()
    with pytest.raises(BadInput) as caught:
        export.map_to_pdf(drawn.canvas(), seconds=1.5)
    assert time.monotonic() - start < 20
    assert "1.5" not in str(caught.value) and str(script) in str(caught.value) and "was ended" in str(caught.value)
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{number}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")  # ended, and not yet fetched


@pytest.mark.parametrize("lines", ["exit 3", 'echo "no" > "$made"; exit 3'])
def test_a_browser_that_makes_no_pdf_is_named_with_its_code(stand_in, lines):
    script = stand_in(lines)
    with pytest.raises(BadInput) as caught:
        export.map_to_pdf(drawn.canvas())
    assert f"{script} ended with code 3" in str(caught.value)
