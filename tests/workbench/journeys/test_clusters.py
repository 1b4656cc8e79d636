"""Intervals hold their level though one customer's journeys are alike: simulated, and against a bootstrap of customers."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import stats

TRUE = 0.3


def clustered(seeded, customers=150, alike=0.5):
    """Journeys a customer (1 to 8) and how many of them convert: chances differ between customers (beta, ICC `alike`)."""
    n = seeded.integers(1, 9, customers)
    chance = seeded.beta(TRUE * (1 / alike - 1), (1 - TRUE) * (1 / alike - 1), customers)
    return n, seeded.binomial(n, chance)


def grouped(n, k):
    return stats.wilson_grouped(int(k.sum()), int(n.sum()), len(n), int(k @ k), int(k @ n), int(n @ n))


def test_coverage_on_clustered_journeys():
    seeded = np.random.default_rng(20260301)
    hits = plain = 0
    for _ in range(1000):
        n, k = clustered(seeded)
        low, high = grouped(n, k)
        hits += low <= TRUE <= high
        low, high = stats.wilson(int(k.sum()), int(n.sum()))
        plain += low <= TRUE <= high
    # 1000 runs of a 95 % interval: 95 % ± 2.1 points (three standard errors), a point less for being approximate
    assert 0.92 <= hits / 1000 <= 0.971
    assert plain / 1000 < 0.85  # what taking journeys for independent would have claimed


def test_coverage_where_journeys_are_independent():
    seeded = np.random.default_rng(20260302)
    hits = 0
    for _ in range(1000):
        n = seeded.integers(1, 9, 150)
        low, high = grouped(n, seeded.binomial(n, TRUE))
        hits += low <= TRUE <= high
    assert 0.929 <= hits / 1000 <= 0.975


def waits(seeded, customers=80, alike=0.5):
    """A customer's waits (1 to 8; logarithms: share `alike` of the variance is between customers) and whose they are. The
    median of all is 1."""
    n = seeded.integers(1, 9, customers)
    who = np.repeat(np.arange(customers), n)
    own = seeded.normal(0, alike**0.5, customers)
    return np.exp(own[who] + seeded.normal(0, (1 - alike) ** 0.5, n.sum())), who


def median_interval(x, who):
    k, n = np.bincount(who, x <= np.median(x)).astype(int), np.bincount(who)
    low, high = stats.median_ranks(int(k.sum()), int(n.sum()), len(n), int(k @ k), int(k @ n), int(n @ n))
    return np.sort(x)[[low - 1, high - 1]]


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.9])
def test_coverage_of_a_median(alike):
    seeded = np.random.default_rng(20260303)
    hits = plain = 0
    for _ in range(500):
        x, who = waits(seeded, alike=alike)
        low, high = median_interval(x, who)
        hits += low <= 1 <= high
        low, high = stats.quantile_interval(np.sort(x))
        plain += low <= 1 <= high
    # of 500 intervals of 95 % at least 459 cover but once in a thousand times (binomial); all 500 would mean far too wide
    assert 459 <= hits <= 495
    if alike:
        assert plain < 459 - 25  # what taking waits for independent would have claimed


def test_the_median_of_a_move_has_the_interval_of_a_bootstrap_of_customers(tmp_path):
    seeded = np.random.default_rng(11)
    x, who = waits(seeded, customers=200)
    rows, start = [], dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for i, (wait, one) in enumerate(zip(x, who, strict=True)):
        for name, at in (("Ask", 0), ("Answer", wait)):
            when = start + dt.timedelta(days=i % 90, hours=at)
            rows.append({"customer_id": f"c{one}", "case_id": f"k{i}", "occurred_at": when, "touchpoint": name})
    wb.load([pd.DataFrame(rows)], into=tmp_path / "s", name="Waits")
    study = wb.open(tmp_path / "s")
    values = [x[who == one] for one in range(200)]
    drawn = [np.median(np.concatenate([values[i] for i in seeded.integers(0, 200, 200)])) for _ in range(2000)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    j = wb.journeys
    frames = {
        "flow": j.flow(study).frame,
        "touchpoints": j.touchpoints(study).frame,
        "variants": j.variants(study).frame,
        "funnel": j.funnel(study, steps=["Ask", "Answer"], within="900d").frame,
        "sessions": j.sessions(study, gap="900d").frame,
        "overview": j.overview(study).frame,
    }
    for name, frame in frames.items():
        ((got_low, got_high),) = frame[["median_low_s", "median_high_s"]].dropna().to_numpy() / 3600
        assert (got_low, got_high) == pytest.approx((low, high), abs=0.1 * (high - low)), name


def log_of(n, k, one_each=False):
    # a journey: Look, and Buy in those that convert; each customer's are months apart
    rows, start = [], dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for i, (many, bought) in enumerate(zip(n, k, strict=True)):
        for visit in range(many):
            who = {"customer_id": f"c{i}-{visit}" if one_each else f"c{i}", "case_id": f"{i}-{visit}"}
            at = start + dt.timedelta(days=30 * visit, minutes=i)
            rows.append(who | {"occurred_at": at, "touchpoint": "Look"})
            if visit < bought:
                rows.append(who | {"occurred_at": at + dt.timedelta(minutes=5), "touchpoint": "Buy"})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def numbers():
    return clustered(np.random.default_rng(7))


@pytest.fixture(scope="module")
def study(tmp_path_factory, numbers):
    folder = tmp_path_factory.mktemp("clusters") / "s"
    wb.load([log_of(*numbers)], into=folder, name="Clusters")
    return wb.open(folder)


def test_every_view_has_the_interval_of_a_bootstrap_of_customers(study, numbers):
    n, k = numbers
    seeded = np.random.default_rng(8)
    drawn = seeded.integers(0, len(n), (4000, len(n)))
    low, high = np.quantile(k[drawn].sum(axis=1) / n[drawn].sum(axis=1), [0.025, 0.975])
    assert high - low > 1.4 * np.subtract(*stats.wilson(int(k.sum()), int(n.sum()))[::-1])
    j = wb.journeys
    flow, touched, steps = j.flow(study).frame, j.touchpoints(study).frame.set_index("touchpoint"), j.steps(study).frame
    variants, sessions = j.variants(study).frame.set_index("variant"), j.sessions(study).frame
    funnel = j.funnel(study, steps=["Look", "Buy"], within="1h").frame
    found = {
        "flow": flow[(flow["source"] == "Look") & (flow["target"] == "Buy")][["low", "high"]],
        "touchpoints": touched.loc[["Buy"], ["low", "high"]],
        "touchpoints exit": touched.loc[["Buy"], ["exit_low", "exit_high"]],
        "variants": variants.loc[["Look → Buy"], ["low", "high"]],
        "steps": steps[steps["position"] == 1][["low", "high"]],
        "funnel": funnel.loc[[1], ["low", "high"]],
        "funnel reach": funnel.loc[[1], ["reach_low", "reach_high"]],
        "sessions": 1 - sessions[["high", "low"]],  # one step only: those that did not convert
    }
    for name, ends in found.items():
        assert ends.to_numpy().tolist()[0] == pytest.approx([low, high], abs=0.008), name


def test_one_journey_a_customer_is_wilson(tmp_path, numbers):
    n, k = numbers
    wb.load([log_of(n, k, one_each=True)], into=tmp_path / "s", name="One each")
    study = wb.open(tmp_path / "s")
    plain = stats.wilson(int(k.sum()), int(n.sum()))
    touched = wb.journeys.touchpoints(study).frame.set_index("touchpoint")
    assert tuple(touched.loc["Buy", ["low", "high"]]) == pytest.approx(plain)
    funnel = wb.journeys.funnel(study, steps=["Look", "Buy"]).frame
    assert tuple(funnel.loc[1, ["low", "high"]]) == pytest.approx(plain)


def test_journeys_told_twice_add_nothing():
    # each customer's journeys doubled: twice the n, the same interval but for the n − 1
    n, k = clustered(np.random.default_rng(9))
    assert grouped(2 * n, 2 * k) == pytest.approx(grouped(n, k), abs=1e-4)


def test_no_likeness_can_be_seen_where_none_or_one_customer_converts():
    # 10 journeys of 2 customers, none converts: no more is known than from 100 / (81 + 1) independent ones
    low, high = stats.wilson_grouped(0, 10, 2, 0, 0, 82)
    assert low == 0 and high == pytest.approx(1 / (1 + 100 / 82 / 1.959964**2), rel=1e-5)
    # one customer: one case
    assert stats.wilson_grouped(3, 7, 1, 9, 21, 49)[1] - stats.wilson_grouped(3, 7, 1, 9, 21, 49)[0] > 0.7


def test_a_share_of_all_among_very_many_customers(tmp_path):
    # each of 25,000 has one journey, Start and Finish: Wilson's interval of 25,000 independent cases, though sums are of groups
    n = 25_000
    begun = pd.Timestamp("2026-01-05T08:00Z") + pd.to_timedelta(np.arange(n), unit="min")
    each = pd.DataFrame({"customer_id": [f"c{i}" for i in range(n)], "channel": "web"})
    first, then = ("Start", "One", begun), ("Finish", "Two", begun + pd.Timedelta(minutes=5))
    rows = [each.assign(touchpoint=name, stage=stage, occurred_at=at) for name, stage, at in (first, then)]
    wb.load([pd.concat(rows)], into=tmp_path / "s", name="All")
    study = wb.open(tmp_path / "s").by_customer()
    found = wb.journeys.map(study).frame.set_index("touchpoint")
    flow = wb.journeys.flow(study).frame.set_index(["source", "target"])
    credit = wb.journeys.attribution(study, target="Finish", by="touchpoint").frame
    least, most = stats.wilson(n, n)[0], stats.wilson(0, n)[1]
    # the lots tell the customers' squares to √(2 / lots): four standard errors of 4,096 and of 1,024 lots
    assert 1 - found["low"]["Start"] == pytest.approx(1 - least, rel=0.09)
    assert 1 - found["leave_low"]["Finish"] == pytest.approx(1 - least, rel=0.09)
    assert found["leave_high"]["Start"] == pytest.approx(most, rel=0.09)
    assert 1 - flow["low"]["Start", "Finish"] == pytest.approx(1 - least, rel=0.18)
    assert (1 - credit["low"]).to_numpy() == pytest.approx(1 - least, rel=0.09)


def test_squares_of_customers_are_told_from_lots():
    seeded = np.random.default_rng(20260304)
    cases = seeded.integers(1, 9, 60_000)
    lots = np.bincount(seeded.integers(0, 4096, len(cases)), cases, minlength=4096).astype(int)
    n, nn = int(cases.sum()), int((cases**2).sum())
    assert stats.squares_of_units(n, int((lots**2).sum()), 4096) == pytest.approx(nn, abs=4 * n * (2 / 4096) ** 0.5)
    assert stats.squares_of_units(n, nn, 0) == nn
