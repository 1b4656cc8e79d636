"""Who comes back, in two groups: by hand, against pandas, and where customers are in both."""

import math

import pandas as pd
import pytest

import workbench as wb

j = wb.journeys


def load(folder, days, **columns):
    """A journey a day; `days`: customer -> ISO days, `columns`: name -> (customer -> value)."""
    rows = [
        {"customer_id": who, "case_id": f"{who} {day}", "occurred_at": pd.Timestamp(f"{day}T09:00Z"), "touchpoint": "Visit"}
        | {name: of(who) for name, of in columns.items()}
        for who, own in days.items()
        for day in own
    ]
    wb.load(pd.DataFrame(rows), into=folder, name="Returns")
    return wb.open(folder).by_case()


def test_by_hand(tmp_path):
    # of a 100 come in January, 60 of them again in February, and 40 in February first, 30 of them again in March; of b 100 in
    # January, 40 again in February, and 40 in February first, 16 again in March. Nobody of January comes in March but one of b
    days = {}
    for group, back in {"a": (60, 30), "b": (40, 16)}.items():
        days |= {f"{group}{i:03}": ["2026-01-10", *["2026-02-10"] * (i < back[0])] for i in range(100)}
        days |= {f"{group}{i:03}": ["2026-02-10", *["2026-03-10"] * (i < 100 + back[1])] for i in range(100, 140)}
    days["b000"].append("2026-03-31")
    study = load(tmp_path / "s", days, group=lambda who: who[0])
    found = j.compare(study.where(group="a"), study.where(group="b"), of="cohorts")
    frame = found.frame.set_index("after")
    told = ["n_a", "total_a", "n_b", "total_b", "n_customers"]
    assert tuple(frame.loc[1, told]) == (90, 140, 56, 140, 146)
    assert tuple(frame.loc[2, told]) == (0, 100, 1, 100, 1)  # whoever came first in February has no such month yet
    assert list(frame.index) == [1, 2]
    # (90 − 56)² · 280 / (140 · 140 · (146 / 280) · (134 / 280) · 280) : chi-square of one degree of a fourfold table
    chi = (34 / 140) ** 2 / ((146 / 280) * (134 / 280) * (2 / 140))
    assert frame.loc[1, "p"] == pytest.approx(math.erfc(math.sqrt(chi / 2)), rel=1e-6) and frame.loc[1, "shown"]
    assert frame.loc[2, "reason"] == "too few"
    # score intervals of 90 and 56 of 140: (k + z²/2 ∓ z √(k (n − k) / n + z²/4)) / (n + z²)
    z = 1.959964

    def wilson(k, n):
        half = z * math.sqrt(k * (n - k) / n + z * z / 4)
        return (k + z * z / 2 - half) / (n + z * z), (k + z * z / 2 + half) / (n + z * z)

    (low_a, high_a), (low_b, high_b) = wilson(90, 140), wilson(56, 140)
    assert frame.loc[1, "low"] == pytest.approx(34 / 140 - math.hypot(90 / 140 - low_a, high_b - 56 / 140), rel=1e-5)
    assert frame.loc[1, "high"] == pytest.approx(34 / 140 + math.hypot(high_a - 90 / 140, 56 / 140 - low_b), rel=1e-5)
    assert found.explain("en")[0] == "Largest difference shown: active again 1 month later, 64% (group a) and 40% (group b)"
    assert (
        found.explain("ru")[0]
        == "Самое большое выявленное различие: снова активны через 1 месяц, 64\xa0% (group a) и 40\xa0% (group b)"
    )
    assert found.explain("pl")[0] == "Największa wykazana różnica: znów aktywni po 1 miesiącu, 64% (group a) i 40% (group b)"
    assert list(found.customers(found.frame.index[1])["customer_id"]) == ["b000"]


def test_what_each_does_once_is_compared_as_pairs_are(tmp_path):
    # sixty come in January and in March; 40 again in February, 20 in April: (40 − 20)² / 60, as McNemar's test has it
    days = {
        f"c{i:02}": ["2026-01-10", *(["2026-02-10"] if i < 40 else []), "2026-03-10", *([] if i < 40 else ["2026-04-30"])]
        for i in range(60)
    }
    study = load(tmp_path / "s", days)
    found = j.compare(study.between("2026-01-01", "2026-02-28"), study.between("2026-03-01", "2026-04-30"), of="cohorts")
    (row,) = found.frame.index
    one = found.frame.loc[row]
    assert tuple(one[["after", "n_a", "total_a", "n_b", "total_b", "n_customers"]]) == (1, 40, 60, 20, 60, 60)
    assert one["p"] == pytest.approx(math.erfc(math.sqrt(400 / 60 / 2)))
    assert "60 of 60 customers are in both groups" in found.caveats[0].text() and "shares allow" in found.caveats[0].text()
    assert len(found.customers(row)) == 60
    # nobody of the first half of February can be back: March isn't over there
    early = j.compare(study.between(None, "2026-02-15"), study.between("2026-03-01", None), of="cohorts").frame
    assert early.loc[0, "total_a"] == 0 and early.loc[0, "reason"] == "too few"


def test_all_cohorts_of_a_group_add_up(study):
    a, b = study.where(channel="app"), study.where(channel="web")
    frame = j.compare(a, b, of="cohorts", by="week").frame.set_index("after")
    for side, group in (("a", a), ("b", b)):
        alone = j.cohorts(group, by="week").frame
        pooled = alone[alone["after"] > 0].groupby("after")[["n", "n_cohort"]].sum()
        assert frame.loc[pooled.index, f"n_{side}"].tolist() == pooled["n"].tolist()
        assert frame.loc[pooled.index, f"total_{side}"].tolist() == pooled["n_cohort"].tolist() and len(pooled)
    # no month is over: nobody can be back, and that is what it says
    none = j.compare(a, b, of="cohorts")
    assert none.frame.empty and none.explain()[0].startswith("Too few customers to compare: 0 rows")
    none.chart()
