"""Departures that were planted are found again, with what goes along with them; what holds for any log."""

import math
import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from scipy.stats import binom

import workbench as wb
from workbench import stats
from workbench.journeys import Plan, PlannedStep

j = wb.journeys
STEPS = ("Search", "Cart", "Payment", "Delivery", "Survey")
PLAN = Plan("Planted", tuple(PlannedStep(name, "", order) for order, name in enumerate(STEPS, 1)))
SKIP, CALL, SWAP = 0.2, 0.15, 0.05
SEED = 0


def walked(customers, seed, call=CALL):
    """Journeys that take the planned way, but skip Cart, call after Payment (two hours more, 5 less of money), or swap the
    last two steps, each by lot; one to three a customer, a month apart. Events, orders, and what was planted, by journey."""
    draw = np.random.default_rng(seed)
    events, orders, planted = [], [], []
    for who in range(customers):
        dear = draw.normal(0, 4)  # what a customer's orders have in common
        for case in range(draw.integers(1, 4)):
            skip, called, swap = draw.random(3) < (SKIP, call, SWAP)
            names = [name for name in STEPS if not (skip and name == "Cart")]
            if swap:
                names[-2:] = names[:-3:-1]
            waits = draw.lognormal(3, 0.8, len(names)) * 60
            at = pd.Timestamp("2026-01-01T08:00Z") + pd.Timedelta(days=30 * case)
            for name, wait in zip(names, waits, strict=True):
                events.append((f"c{who}", f"k{who}.{case}", at, name))
                if name == "Payment":
                    orders.append((f"c{who}", at, 50 + dear + draw.normal(0, 10) - 5 * called))
                    if called:
                        events.append((f"c{who}", f"k{who}.{case}", at + pd.Timedelta(hours=1), "Call"))
                        at += pd.Timedelta(hours=2)
                at += pd.Timedelta(seconds=wait)
            planted.append((bool(skip), bool(called), bool(swap)))
    frames = [
        pd.DataFrame(events, columns=["customer_id", "case_id", "occurred_at", "touchpoint"]),
        pd.DataFrame(orders, columns=["customer_id", "ordered_at", "amount"]),
    ]
    return frames, pd.DataFrame(planted, columns=["skip", "call", "swap"])


def conformed(customers, seed, folder):
    frames, truth = walked(customers, seed)
    wb.load(frames, into=folder, name="Planted")
    return j.conformance(wb.open(folder).by_case(), plan=PLAN), truth


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return conformed(1200, SEED, tmp_path_factory.mktemp("companies") / "planted")


def test_planted_departures(planted):
    result, truth = planted
    frame = result.frame.set_index(["kind", "touchpoint", "follows"])
    found = {
        ("skipped", "Cart", "Search"): "skip",
        ("extra", "Call", "Payment"): "call",
        # the survey comes first and is kept, so that the delivery is what came out of its place
        ("out_of_order", "Delivery", "Survey"): "swap",
    }
    assert set(frame.index) == set(found)
    for key, name in found.items():
        row = frame.loc[key]
        assert row["n"] == row["n_journeys"] == truth[name].sum()
    assert frame["cost"].sum() == truth["skip"].sum() + truth["call"].sum() + 2 * truth["swap"].sum()
    fits = ~truth.any(axis=1)
    assert result.conforming == fits.mean()


def test_planted_time_and_money_are_far_from_nothing(planted):
    frame = planted[0].frame.set_index("touchpoint")
    # a call adds two hours to every journey with it, so to their median, and takes 5 off; without Cart there is one wait less
    assert frame.at["Call", "extra_low_s"] > 3600
    assert frame.at["Call", "extra_high_amount"] < 0
    assert frame.at["Cart", "extra_high_s"] < 0


def test_intervals_hold_what_is_planted(tmp_path):
    # in each of ten companies eight intervals; who skips Cart or swaps pays the same
    rates = {"Cart": SKIP, "Call": CALL, "Delivery": SWAP}
    amounts = {"Cart": 0, "Call": -5, "Delivery": 0}
    held = []
    for seed in range(10):
        result, _ = conformed(400, seed, tmp_path / str(seed))
        frame = result.frame.set_index("touchpoint")
        held += [frame.at[name, "low"] <= rate <= frame.at[name, "high"] for name, rate in rates.items()]
        held += [
            frame.at[name, "extra_low_amount"] <= apart <= frame.at[name, "extra_high_amount"]
            for name, apart in amounts.items()
        ]
        held.append(result.conforming_low <= (1 - SKIP) * (1 - CALL) * (1 - SWAP) <= result.conforming_high)
        held.append(frame.at["Call", "extra_low_s"] <= 7200 <= frame.at["Call", "extra_high_s"])
    # fewer than that of 80 would come once in 1,000 times
    assert sum(held) >= binom.ppf(0.001, len(held), 0.95), f"{sum(held)} of {len(held)}"


def test_the_order_of_rows_and_strangers_change_nothing(planted, tmp_path):
    result, _ = planted
    frames, _ = walked(1200, SEED)
    shuffled = [frame.sample(frac=1, random_state=1) for frame in frames]
    wb.load(shuffled, into=tmp_path / "store", name="Planted")
    again = j.conformance(wb.open(tmp_path / "store").by_case(), plan=PLAN)
    pd.testing.assert_frame_equal(again.costs, result.costs)
    pd.testing.assert_frame_equal(again.frame, result.frame, rtol=1e-9)
    # a stranger who does as planned adds a journey that fits, and no departure
    at = pd.Timestamp("2026-03-01T08:00Z")
    stranger = pd.DataFrame({"customer_id": "new", "case_id": "new", "occurred_at": at, "touchpoint": STEPS})
    wb.load([pd.concat([frames[0], stranger]), frames[1]], into=tmp_path / "more", name="Planted")
    more = j.conformance(wb.open(tmp_path / "more").by_case(), plan=PLAN)
    assert more.n_aligned == result.n_aligned + 1 and more.costs.loc[0, "n"] == result.costs.loc[0, "n"] + 1
    same = ["kind", "touchpoint", "follows", "n", "n_journeys", "n_customers", "cost"]
    pd.testing.assert_frame_equal(more.frame[same], result.frame[same])


def test_parts_add_up(planted):
    result, _ = planted
    costs = result.costs
    assert costs["n"].sum() == result.n_aligned and costs["share"].sum() == pytest.approx(1)
    assert (
        (costs["cost"] * costs["n"]).sum() == result.frame["cost"].sum() == pytest.approx(result.mean_cost * result.n_aligned)
    )
    rates = pd.concat([costs[["low", "share", "high"]], result.frame[["low", "share", "high"]]])
    assert ((rates["low"] <= rates["share"]) & (rates["share"] <= rates["high"])).all() and rates.stack().between(0, 1).all()
    for row in result.frame.index:
        who = result.customers(row)
        assert (len(who), who["n"].sum()) == tuple(result.frame.loc[row, ["n_customers", "n"]])


def naive_medians(frames, truth, name):
    """Difference of medians and its interval, by sorting both sides."""
    log = frames[0].groupby("case_id", sort=False)["occurred_at"].agg(["min", "max"])
    took = (log["max"] - log["min"]).dt.total_seconds().to_numpy()
    who = pd.Series(log.index.str[1:].str.split(".").str[0].to_numpy())
    sides = []
    for here in (truth[name].to_numpy(), ~truth[name].to_numpy()):
        values, people = took[here], who[here]
        middle = float(np.median(values))
        n = people.groupby(people).size()
        k = (people[values <= middle].groupby(people[values <= middle]).size()).reindex(n.index, fill_value=0)
        ranks = stats.median_ranks(int(k.sum()), len(values), len(n), int(k @ k), int(k @ n), int(n @ n))
        ends = np.sort(values)[np.array(ranks) - 1]
        sides.append((middle, *ends))
    return sides[0][0] - sides[1][0], *stats.square_and_add(*sides)


def test_times_as_another_reckoning_has_them(planted):
    result, truth = planted
    frames, _ = walked(1200, SEED)
    for name, touchpoint in {"skip": "Cart", "call": "Call", "swap": "Delivery"}.items():
        row = result.frame.set_index("touchpoint").loc[touchpoint]
        expected = naive_medians(frames, truth, name)
        assert tuple(row[["extra_s", "extra_low_s", "extra_high_s"]]) == pytest.approx(
            expected, abs=3e-6
        )  # stores keep microseconds


def test_intervals_of_differences_hold_the_truth_as_often_as_they_say():
    # customers of one to three cases whose amounts have something in common, on either side by lot
    draw = np.random.default_rng(11)
    held = 0
    for _ in range(1000):
        sizes = draw.integers(1, 4, 150)
        who = np.repeat(np.arange(150), sizes)
        side = draw.random(len(who)) < 0.4
        x = 3.0 * side + np.repeat(draw.normal(0, 2, 150), sizes) + draw.exponential(2, len(who))
        n1, n2 = (np.bincount(who[one], minlength=150) for one in (side, ~side))
        x1, x2 = (np.bincount(who[one], weights=x[one], minlength=150) for one in (side, ~side))
        sides = [(n.sum(), s.sum(), n @ n, n @ s, s @ s) for n, s in ((n1, x1), (n2, x2))]
        groups = int((n1 > 0).sum()), int((n2 > 0).sum()), 150
        apart, low, high = stats.means_apart(*sides, (n1 @ n2, n1 @ x2, x1 @ n2, x1 @ x2), groups)
        assert apart == pytest.approx(x[side].mean() - x[~side].mean())
        held += low <= 3.0 <= high
    # of 1000 at 95 % a binomial gives 930 to 968 in 99 of 100; linearised for 150 groups it is a touch narrow
    assert 925 <= held <= 968


def test_means_apart_at_the_edges():
    alone, apart = (2, 6, 4, 12, 36), (0, 0, 0, 0)
    assert stats.means_apart(alone, (1, 1, 1, 1, 1), apart, (1, 1, 1))[0] == 2  # one group tells no interval
    assert math.isnan(stats.means_apart(alone, (1, 1, 1, 1, 1), apart, (1, 1, 1))[1])
    assert math.isnan(stats.means_apart(values([3, 3]), values([1]), apart, (2, 1, 3))[1])
    assert all(math.isnan(one) for one in stats.means_apart(alone, (0, 0, 0, 0, 0), apart, (2, 0, 2)))
    # nothing varies: no way to be wrong
    assert stats.means_apart(values([3, 3]), values([1, 1, 1]), apart, (2, 3, 5)) == (2, 2, 2)


def values(one):
    # a case a group
    one = np.asarray(one, dtype=float)
    return len(one), one.sum(), len(one), one.sum(), one @ one


@pytest.mark.parametrize(("n", "m"), [(30, 300), (30, 30), (45, 12)])
def test_with_a_value_a_customer_it_is_welchs_interval(n, m):
    draw = np.random.default_rng(n + m)
    x, y = draw.normal(2, 3, n), draw.exponential(1, m)
    expected = scipy_stats.ttest_ind(x, y, equal_var=False)
    for level in (0.9, 0.95):
        ends = expected.confidence_interval(level)
        found = stats.means_apart(values(x), values(y), (0, 0, 0, 0), (n, m, n + m), level)
        assert found == pytest.approx((x.mean() - y.mean(), ends.low, ends.high), rel=1e-5)


def test_customers_on_both_sides_are_the_test_of_pairs():
    # each of forty with one value on either side: Student's interval of the differences, with 39 degrees of freedom
    draw = np.random.default_rng(3)
    x = draw.normal(0, 1, 40)
    y = x + draw.normal(1, 0.5, 40)
    ends = scipy_stats.ttest_rel(x, y).confidence_interval(0.95)
    found = stats.means_apart(values(x), values(y), (40, y.sum(), x.sum(), x @ y), (40, 40, 40))
    assert found == pytest.approx(((x - y).mean(), ends.low, ends.high), rel=1e-5)


@pytest.mark.parametrize(("spread", "expected"), [(0.5, 0.9375), (1.0, 0.9018)])
def test_thirty_lopsided_values_against_three_hundred(spread, expected):
    # lognormal with this standard deviation of logs. In 20,000 other draws the interval held the truth in 93.7 % at 0.5 and in
    # 90.2 % at 1, where the normal distribution and one variance factor for both sides held it in 92.7 % and 89.3 %; the rest
    # is lopsidedness (at 1.5: 85.5 %, after 84.9 %). At 0.2 it is 94.8 %, after 93.6 %
    draw, n, held, before = np.random.default_rng(8), 4000, 0, 0
    for _ in range(n):
        x, y = draw.lognormal(0, spread, 30), draw.lognormal(0, spread, 300)
        apart, low, high = stats.means_apart(values(x), values(y), (0, 0, 0, 0), (30, 300, 330))
        half = 1.959964 * math.sqrt((x.var() / 30 + y.var() / 300) * 330 / 329)
        held, before = held + (low <= 0 <= high), before + (apart - half <= 0 <= apart + half)
    # three standard errors of a share of 4000; of the same draws more than before
    assert abs(held / n - expected) < 3 * math.sqrt(expected * (1 - expected) / n) and held > before + 0.004 * n


@pytest.mark.long
def test_a_hundred_thousand_variants_end_in_time(tmp_path):
    draw = np.random.default_rng(5)
    n, length = 100_000, 20
    names = np.array([f"T{i:02}" for i in range(24)])
    events = pd.DataFrame(
        {
            "customer_id": np.repeat([f"c{i}" for i in range(n)], length),
            "occurred_at": pd.Timestamp("2026-01-01T00:00Z") + np.tile(np.arange(length), n) * np.timedelta64(1, "m"),
            "touchpoint": names[draw.integers(0, 24, n * length)],
        }
    )
    wb.load(events, into=tmp_path / "store", name="Many")
    study = wb.open(tmp_path / "store").by_customer()
    plan = Plan("Many", tuple(PlannedStep(name, "", 1 + i // 3, repeatable=i % 2 == 0) for i, name in enumerate(names[:18])))
    j.overview(study)  # the tables are made before
    rest = j.conformance(study, plan=plan, seconds=1e-9)  # all but aligning
    begun = time.monotonic()
    j.conformance(study, plan=plan, seconds=1e-9)
    fixed = time.monotonic() - begun
    begun = time.monotonic()
    found = j.conformance(study, plan=plan, seconds=5)
    took = time.monotonic() - begun
    assert took < 5 + 3 * fixed + 10
    told = found.costs.set_index("kind")["n"]
    assert rest.n_aligned == 1 and 1_000 < found.n_aligned < n
    assert told["not_computed"] == n - found.n_aligned and found.caveats[0].key == "conformance.caveat.not_aligned"
