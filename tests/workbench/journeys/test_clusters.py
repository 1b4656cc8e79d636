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
