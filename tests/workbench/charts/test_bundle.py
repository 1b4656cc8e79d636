"""The Vega bundle: made once, kept, the same for pages of ours and exported ones."""

from __future__ import annotations

import zlib

import pytest

from workbench.charts import bundle


def test_the_bundle_is_made_elsewhere_kept_and_made_again_when_damaged(tmp_path, monkeypatch):
    made = []

    def run(command, **options):
        made.append(command)
        return type("Done", (), {"stdout": zlib.compress(b"export default 1;")})

    monkeypatch.setattr(bundle.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(bundle.subprocess, "run", run)
    fresh = bundle.packed.__wrapped__
    assert zlib.decompress(fresh()) == b"export default 1;" == zlib.decompress(fresh())
    assert len(made) == 1
    (kept,) = (tmp_path / "share" / "cxw").iterdir()
    kept.write_bytes(kept.read_bytes()[:5])
    assert zlib.decompress(fresh()) == b"export default 1;"
    assert len(made) == 2
    kept.unlink()
    (tmp_path / "share" / "cxw").rmdir()
    (tmp_path / "share" / "cxw").write_text("in the way")
    assert zlib.decompress(fresh()) == b"export default 1;"


def made_of(monkeypatch, text: str) -> None:
    monkeypatch.setattr(bundle, "packed", lambda: zlib.compress(text.encode()))


def test_as_a_plain_script_it_sets_vega_embed_and_cannot_end_its_element(monkeypatch):
    made_of(monkeypatch, 'const a$1=()=>"</script><!--";export{a$1 as default};')
    assert bundle.script() == r'const a$1=()=>"\x3c/script>\x3c!--";window.vegaEmbed=a$1;'


def test_a_bundle_without_its_export_is_refused(monkeypatch):
    made_of(monkeypatch, "const a=1;")
    with pytest.raises(RuntimeError):
        bundle.script()
