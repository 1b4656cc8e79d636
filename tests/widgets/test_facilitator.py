"""A facilitator changes one number of a declaration and makes the company anew: the journey page shows the new number."""

from __future__ import annotations

import pytest

import widgets
import workbench as wb
from workbench import stats
from workbench.cli import main
from workbench.settings import Settings
from workbench.worlds.declaration import FOLDER

# the size of the checkout bug: of those who pay in the app on Android from 9 April on, this share has to pay again
BUG = 'next = { "Delivery" = 0.55, "Pay again" = 0.34, "Support call" = 0.04 }'
SMALL = 'next = { "Delivery" = 0.77, "Pay again" = 0.12, "Support call" = 0.04 }'


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    """shares[size] -> (k, n): how often the journey page says that "Pay again" followed "Payment", in the company as declared
    and in one made from a copy with another size."""
    folder, found = tmp_path_factory.mktemp("facilitator"), {}
    declared = (FOLDER / "retailer.toml").read_text(encoding="utf-8")
    assert declared.count(BUG) == 1
    for size, text in ((0.34, declared), (0.12, declared.replace(BUG, SMALL))):
        file, store = folder / f"shop{size}.toml", folder / f"shop{size}"
        file.write_text(text, encoding="utf-8")
        assert main(["worlds", "make", str(file), "--customers", "4000", "--into", str(store)]) == 0
        found[size] = _followed(store)
    return found


def _followed(store) -> tuple[int, int]:
    page = widgets.JourneysPage(wb.open(store, settings=Settings(min_group=1)))
    page.url.tell("view=flow&where.device=android&where.channel=app&start=2026-04-09&shape=table")
    frame = page.answer.parts[0].frame
    out = frame[frame["source"] == "Payment"]
    return int(out.loc[out["target"] == "Pay again", "n"].sum()), int(out["n"].sum())


@pytest.mark.parametrize("size", [0.34, 0.12])
def test_the_page_shows_the_declared_size(shares, size):
    low, high = stats.wilson(*shares[size])
    assert low <= size <= high


def test_the_two_companies_are_told_apart(shares):
    assert stats.wilson(*shares[0.12])[1] < stats.wilson(*shares[0.34])[0]
