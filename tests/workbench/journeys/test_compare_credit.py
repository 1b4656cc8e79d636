"""What channels are credited with, in two groups: by hand, against the slow ways, and where customers are in both."""

import math

import crediting
import pandas as pd
import pytest

import workbench as wb
from workbench import stats
from workbench.errors import BadInput, NotEnoughData, NotFound

j = wb.journeys
Z = 1.959964


def load(folder, ways):
    """`ways`: (customer, group, first day, touchpoints), a day between steps; each is its own channel."""
    rows = [
        {"customer_id": who, "case_id": f"{who} {day}", "group": group, "touchpoint": one, "channel": one}
        | {"occurred_at": pd.Timestamp(f"{day}T09:00Z") + pd.Timedelta(days=at)}
        for who, group, day, names in ways
        for at, one in enumerate(names)
    ]
    wb.load(pd.DataFrame(rows), into=folder, name="Credit")
    return wb.open(folder).by_case()


def row(found, **values):
    frame = found.frame
    for name, value in values.items():
        frame = frame[frame[name] == value]
    (one,) = frame.index
    return frame.loc[one]


def wilson(p, n):
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    return centre - half, centre + half


@pytest.fixture(scope="module")
def hundreds(tmp_path_factory):
    # of 100 conversions of a 40 come from Ad alone and 60 from Ad, then Mail; of b 20 and 80
    ways = [
        (f"{group}{i:02}", group, "2026-01-10", ["Ad", *["Mail"] * (i >= alone), "Goal"])
        for group, alone in (("a", 40), ("b", 20))
        for i in range(100)
    ]
    study = load(tmp_path_factory.mktemp("credit") / "s", ways)
    return study.where(group="a"), study.where(group="b")


def test_by_hand(hundreds):
    found = j.compare(*hundreds, of="attribution", target="Goal")
    # last touch: Ad has all of 40 and of 20 conversions. A conversion a customer: the chi-square test of a fourfold table
    one = row(found, model="last", channel="Ad")
    assert tuple(one[["n_a", "total_a", "n_b", "total_b", "share_a", "share_b"]]) == (100, 100, 100, 100, 0.4, 0.2)
    assert one["p"] == pytest.approx(math.erfc(math.sqrt((0.2**2 / (0.3 * 0.7 * 2 / 100)) / 2)), rel=1e-9)
    # linear: Ad has 1 of 40 and 1/2 of 60, 70 of 100; of b 20 + 40, 60. A conversion's credit varies by 0.4 · 0.09 + 0.6 · 0.04
    # = 0.06 about 0.7, and by 0.2 · 0.16 + 0.8 · 0.01 = 0.04 about 0.6: as 0.21 / 0.06 · 100 = 350 and 600 whole cases do
    one = row(found, model="linear", channel="Ad")
    assert (one["share_a"], one["share_b"]) == pytest.approx((0.7, 0.6))
    (low_a, high_a), (low_b, high_b) = wilson(0.7, 350), wilson(0.6, 600)
    assert one["low"] == pytest.approx(0.1 - math.hypot(0.7 - low_a, high_b - 0.6), rel=1e-5)
    assert one["high"] == pytest.approx(0.1 + math.hypot(high_a - 0.7, 0.6 - low_b), rel=1e-5)
    # if conversions varied alike in both, 100 of them were worth 200 / (100 / 350 + 100 / 600) = 442.1 cases: more than 350,
    # fewer than 600
    z = 0.1 / math.sqrt(0.65 * 0.35 * (1 / 350 + 1 / (200 / (100 / 350 + 100 / 600))))
    assert one["p"] == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-9)
    # first touch: Ad has all of both, there is nothing to tell apart
    assert row(found, model="first", channel="Ad")["reason"] == "too few"
    # of what is left to test: last, linear, position, time decay, Markov and Shapley, each of Ad and of Mail
    assert found.n_tested == 12
    assert "at most 5%" in found.explain()[2] and "200 journeys" not in found.explain()[-1]
    assert found.explain()[0] == "Largest difference shown: credit of “Ad” (last touch), 40% (group a) and 20% (group b)"
    assert found.explain()[1].startswith("group a: 40% (n = 100); group b: 20% (n = 100); difference +20 percentage points")
    (items,) = (rows for rows in found.chart().to_dict()["datasets"].values() if "difference" in rows[0])
    assert items[0]["a_text"] == "40% (n = 100)"
    (told,) = (one for one in found.caveats if one.key == "journeys.caveat.credit_all")
    assert told.values == {"n": 200}


def test_shares_are_those_of_the_slow_ways(tmp_path):
    everyone = crediting.people()
    ways = [
        (f"{who:03}", "ab"[who % 2], f"2026-{1 + which:02}-01", names)
        for who, own in enumerate(everyone)
        for which, names in enumerate(own)
    ]
    study = load(tmp_path / "s", ways)
    found = j.compare(study.where(group="a"), study.where(group="b"), of="attribution", target="Goal", half_life="2d")
    for side, first in (("a", 0), ("b", 1)):
        truth = crediting.shares([way for own in everyone[first::2] for way in own], crediting.KINDS)
        for (model, channel), one in found.frame.set_index(["model", "channel"]).iterrows():
            if channel in crediting.KINDS:
                assert one[f"share_{side}"] == pytest.approx(truth[model][channel], abs=1e-5), (model, channel)
    # and the interval of a linear share as the variance of a ratio, customer by customer
    one = row(found, model="linear", channel="Ad")
    ends = []
    for first in (0, 1):
        k, n = [], []
        for own in everyone[first::2]:
            told = [crediting.touched(way)[0] for way in own if crediting.GOAL in way]
            k.append(sum(way.count("Ad") / len(way) for way in told))
            n.append(len(told))
        total, groups = sum(n), sum(one > 0 for one in n)
        share = sum(k) / total
        apart = sum((ki - share * ni) ** 2 for ki, ni in zip(k, n, strict=True)) * groups / (groups - 1) / total**2
        ends.append((share, *wilson(share, total * share * (1 - share) / (apart * (total - 1)))))
    (a, low_a, high_a), (b, low_b, high_b) = ends
    assert one["low"] == pytest.approx(a - b - math.hypot(a - low_a, high_b - b), abs=1e-5)
    assert one["high"] == pytest.approx(a - b + math.hypot(high_a - a, b - low_b), abs=1e-5)


def test_what_each_does_once_is_compared_as_pairs_are(tmp_path):
    # sixty convert in January and in February, 40 of them from Ad and then from Mail, 20 the other way round
    ways = [
        (f"c{i:02}", "all", day, ["Ad" if (i < 40) == first else "Mail", "Goal"])
        for i in range(60)
        for day, first in (("2026-01-10", True), ("2026-02-10", False))
    ]
    study = load(tmp_path / "s", ways)
    found = j.compare(study.between(None, "2026-01-31"), study.between("2026-02-01", None), of="attribution", target="Goal")
    for model in ("first", "linear", "shapley", "markov"):
        one = row(found, model=model, channel="Ad")
        assert tuple(one[["n_a", "total_a", "n_b", "total_b", "n_customers"]]) == (40, 60, 20, 60, 60)
        # McNemar's (40 − 20)² / 60
        assert one["p"] == pytest.approx(math.erfc(math.sqrt(400 / 60 / 2)), rel=1e-6)
    assert "shares allow" in found.caveats[0].text()


def test_what_is_refused(hundreds):
    ask = lambda **given: j.compare(*hundreds, of="attribution", **given)  # noqa: E731
    with pytest.raises(BadInput, match="they are: target, by, half_life, order"):
        ask()
    with pytest.raises(NotFound, match="Goals"):
        ask(target="Goals")
    with pytest.raises(BadInput, match="order"):
        ask(target="Goal", order=4)
    with pytest.raises(NotFound, match="product"):
        ask(target="Goal", by="product")
    with pytest.raises(NotEnoughData):
        j.compare(hundreds[0].between("2030-01-01", None), hundreds[1], of="attribution", target="Goal")


def test_a_group_without_conversions_has_no_share(tmp_path):
    ways = [(f"{group}{i:02}", group, "2026-01-10", ["Ad", *["Goal"] * (group == "a")]) for group in "ab" for i in range(40)]
    study = load(tmp_path / "s", ways)
    found = j.compare(study.where(group="a"), study.where(group="b"), of="attribution", target="Goal")
    assert set(found.frame["reason"]) == {"too few"} and found.frame["share_b"].isna().all()
    assert (found.frame["total_b"] == 0).all() and found.frame["low"].isna().all()


def test_split_units_have_the_test_of_whole_ones_where_nothing_is_split():
    # 30 of 100 and 20 of 80, a case a group: variance p (1 − p) / (n − 1)
    first, second = (stats.Credited(k / n, n, n, k / n * (1 - k / n) / (n - 1), n) for k, n in ((30, 100), (20, 80)))
    plain = stats.score_test(stats.Cases(30, 100, 100, 30, 30, 100), stats.Cases(20, 80, 80, 20, 20, 80))
    assert stats.credited_test(first, second) == pytest.approx(plain, rel=1e-9)
    assert stats.expected_credited(first, second) == pytest.approx(80 * 50 / 180)
    assert stats.credited_test(stats.Credited(0.0, 50, 50, 0.0, 50), stats.Credited(0.0, 40, 40, 0.0, 40)) == 1
    assert math.isnan(stats.credited_test(first, stats.Credited(math.nan, 0, 0, 0.0, 0)))
