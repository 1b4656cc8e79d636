"""python3 tests/pictures.py: takes the README's pictures anew (docs/images/) from pages of a browser.

The sample's is always taken; those of public logs where the folder of these logs is there (see `CXW_REAL_DATA` in the README),
loaded as the tests load them, with the plans in tests/workbench/real/plans. A picture shows what was counted, nothing that
anybody wrote: no row, no number of a customer, no text of a review.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import os
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(TESTS)]

import workbench as wb  # noqa: E402  (as a script it has to say where the other modules are)
from widgets.server.options import Served  # noqa: E402
from widgets.server.running import Server, free_port  # noqa: E402
from workbench.settings import SAMPLE  # noqa: E402

IMAGES = ROOT / "docs" / "images"
REAL = TESTS / "workbench" / "real"
WORDS = ("owner", "goal", "emotion", "pain", "opportunity", "notes")  # lanes of what people wrote
QUALITY = 70  # of WebP: letters stay sharp


@dataclasses.dataclass(frozen=True)
class Log:
    """A public log: what it is called, its files, how they are read."""

    name: str
    files: tuple[str, ...]
    how: dict


@dataclasses.dataclass(frozen=True)
class Picture:
    """What is taken: which log (empty: the sample), how it is looked at, and whether its stages are given by a plan."""

    file: str
    log: str = ""
    language: str = "en"
    width: int = 1280
    scheme: str = "light"
    planned: bool = True
    most: int = 1150  # px of height


LOGS = {
    "bpic2012": Log("Loan applications (BPI 2012)", ("bpic2012/bpic2012.xes.gz",), {}),
    "receipt": Log("Permits (receipt phase)", ("receipt/receipt.csv.gz",), {}),
    "olist": Log(
        "Marketplace (Olist, a sample)",
        ("olist/olist_orders_dataset.csv.gz", "olist/olist_order_reviews_dataset.csv.gz"),
        {"mapping": REAL / "olist_scores.toml", "timezone": "America/Sao_Paulo"},
    ),
}
PICTURES = (
    Picture("journeys"),
    Picture("map-bpic2012", "bpic2012", most=1450),
    Picture("map-bpic2012-unplanned", "bpic2012", planned=False),
    Picture("map-receipt", "receipt", scheme="dark", language="pl"),
    Picture("map-receipt-narrow", "receipt", width=360, language="ru"),
    Picture("map-olist", "olist"),
)


def store(log: str, planned: bool, data: Path, folder: Path) -> Path | None:
    """The log loaded into `folder`; None where its files are not there."""
    one = LOGS[log]
    files = [data / name for name in one.files]
    if missing := [str(file) for file in files if not file.is_file()]:
        print(f"{log}: not taken, there is no {missing[0]}")
        return None
    into = folder / ("planned" if planned else "bare") / log
    if not into.is_dir():
        wb.load(files, into=into, name=one.name, **one.how)
        if planned:
            wb.journeys.plan(REAL / "plans" / f"{log}.csv", name="outline").save(wb.open(into))
    return into


def take(browser, picture: Picture, company: Path) -> bytes:
    """The top of the page of journeys of a company, once all is drawn, as WebP."""
    server = Server(Served(port=free_port(), token="pictures", store=str(company), pool=0))
    context = browser.new_context(
        viewport={"width": picture.width, "height": 900}, color_scheme=picture.scheme, reduced_motion="reduce"
    )
    try:
        assert server.wait_until_ready(120), "the server did not start"
        context.set_default_timeout(120_000)
        page = context.new_page()
        link = f"voila/render/10_journey_mapping.ipynb?token=pictures#lang={picture.language}"
        link += "".join(f"&hidden={lane}" for lane in WORDS)
        page.goto(server.served.url + link)
        page.locator(".cxw-map-table").wait_for()
        for _ in range(2):  # a page may ask once more for what its link says
            page.wait_for_timeout(1500)
            page.locator(".cxw-status[data-kind=busy]").wait_for(state="detached")
        # the code names the folder that the store lies in: here one's own stores would be
        page.evaluate(
            """(folder) => document.querySelectorAll("pre, code").forEach((one) => {
                if (!one.children.length) one.textContent = one.textContent.replaceAll(folder, "data/store");
            })""",
            str(company.parent),
        )
        page.evaluate("document.fonts.ready")
        end = page.locator(".cxw-map-table").evaluate("one => one.getBoundingClientRect().bottom + scrollY + 24")
        clip = {"x": 0, "y": 0, "width": picture.width, "height": min(end, picture.most), "scale": 1}
        asked = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
        taken = base64.b64decode(context.new_cdp_session(page).send("Page.captureScreenshot", asked)["data"])
        page.close(run_before_unload=True)
        return taken
    finally:
        context.close()
        server.stop()


def main() -> None:
    """Takes those asked for, all by default."""
    from browser.conftest import FLAGS  # without the net
    from conftest import browser as chromium
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(one.file for one in PICTURES)], help="which (default: all)")
    names = parser.parse_args().names
    data = Path(os.environ.get("CXW_REAL_DATA") or ROOT.parent / "shared" / "data")
    with tempfile.TemporaryDirectory(prefix="cxw-pictures-") as folder, sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for picture in PICTURES:
            if names and picture.file not in names:
                continue
            company = store(picture.log, picture.planned, data, Path(folder)) if picture.log else SAMPLE
            if company:
                taken = take(launched, picture, company)
                (IMAGES / f"{picture.file}.webp").write_bytes(taken)
                print(f"{picture.file}: {len(taken) / 1000:.0f} kB", flush=True)
        launched.close()


if __name__ == "__main__":
    main()
