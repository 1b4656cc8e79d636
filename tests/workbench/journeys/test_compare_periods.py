"""Two periods with the same customers: what each does once, in the one or in the other."""

import math

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.engine import opening

SIGNED_BEFORE, SIGNED_AFTER = 40, 20


@pytest.fixture(scope="module")
def periods(tmp_path_factory):
    """Sixty customers with a journey in January and one in February; each signs up once, 40 in January, 20 in February."""
    rows = []
    for i in range(SIGNED_BEFORE + SIGNED_AFTER):
        for month in (1, 2):
            signs = (month == 1) == (i < SIGNED_BEFORE)
            for minute, touchpoint in enumerate(["Visit", "Sign up"] if signs else ["Visit"]):
                rows.append((f"c{i:02}", f"k{i:02}.{month}", pd.Timestamp(f"2026-{month:02}-10T08:{minute:02}Z"), touchpoint))
    folder = tmp_path_factory.mktemp("periods") / "store"
    wb.load(pd.DataFrame(rows, columns=["customer_id", "case_id", "occurred_at", "touchpoint"]), into=folder, name="Periods")
    study = wb.open(folder).by_case()
    return study.between(None, "2026-01-31"), study.between("2026-02-01", None)


@pytest.mark.parametrize(("of", "key"), [("touchpoints", {"touchpoint": "Sign up"}), ("flow", {"target": "Sign up"})])
def test_what_each_does_once_is_compared_as_pairs_are(periods, of, key):
    before, after = periods
    found = wb.journeys.compare(before, after, of=of)
    ((name, value),) = key.items()
    row = found.frame[found.frame[name] == value].iloc[0]
    assert (row["n_a"], row["total_a"], row["n_b"], row["total_b"], row["n_customers"]) == (40, 60, 20, 60, 60)
    # McNemar: (40 − 20)² / 60; as independent groups it would be 120 · (40·40 − 20·20)² / (60 · 60 · 60 · 60) = 13.3
    assert row["p"] == pytest.approx(math.erfc(math.sqrt(400 / 60 / 2)))
    # both distances to the ends of the score intervals go into one direction
    z = 1.959964
    middle, half = (40 + z * z / 2) / (60 + z * z), z * math.sqrt(40 * 20 / 60 + z * z / 4) / (60 + z * z)
    assert row["low"] == pytest.approx(1 / 3 - 2 * (2 / 3 - (middle - half)), rel=1e-6)
    assert row["high"] == pytest.approx(1 / 3 + 2 * ((middle + half) - 2 / 3), rel=1e-6)
    said = [one.text("en") for one in found.caveats]
    assert any("60 of 60 customers are in both groups" in one and "shares allow" in one for one in said)


def test_where_one_group_alone_is_counted_by_lots_nothing_is_made_up(tmp_path, monkeypatch):
    # twelve customers on the first day, two of them again after it
    monkeypatch.setattr(opening, "MANY", 5)
    wb.load(pd.DataFrame(company.rows()), into=tmp_path / "s", name="Twelve")
    study = wb.open(tmp_path / "s")
    found = wb.journeys.compare(study.between(None, "2026-03-02"), study.between("2026-03-03", None), of="touchpoints")
    assert "does once only, in one or the other, they are too narrow" in found.caveats[0].text()
