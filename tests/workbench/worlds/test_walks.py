"""Journeys: same seed, same bytes; what is planted is there by another reckoning; nothing cuts short what is measured."""

import hashlib
import io

import numpy as np
import pandas as pd
import pytest
import walking
from scipy import stats as scipy_stats

from workbench import stats, worlds
from workbench.errors import BadInput
from workbench.worlds import seen, truths
from workbench.worlds.company import NEVER


@pytest.fixture(scope="module")
def made():
    return walking.company()


@pytest.fixture(scope="module")
def steps(made):
    """Events with what followed, reckoned by pandas from the tables alone."""
    events = made.tables["events"].copy()
    for name in ("case_id", "touchpoint", "channel"):
        events[name] = events[name].astype(str)
    events = events.sort_values("case_id", kind="stable")
    by_case = events.groupby("case_id", sort=False)
    events["next"] = by_case["touchpoint"].shift(-1)
    events["wait_s"] = (by_case["occurred_at"].shift(-1) - events["occurred_at"]).dt.total_seconds()
    return events.merge(made.tables["customers"][["customer_id", "region"]].astype(str), on="customer_id")


def _bytes(frame):
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def test_same_seed_same_bytes():
    one, two, other = (worlds.generate(walking.world(leaving=True), customers=400, seed=seed) for seed in (5, 5, 6))
    for kind in ("tables", "key"):
        first, second = getattr(one, kind), getattr(two, kind)
        assert list(first) == list(second)
        for name, frame in first.items():
            pd.testing.assert_frame_equal(frame, second[name])
            assert _bytes(frame) == _bytes(second[name])
    assert _bytes(one.tables["events"]) != _bytes(other.tables["events"])
    assert truths.truths(one.world) == truths.truths(other.world)


def test_a_change_in_one_part_leaves_the_draws_of_others_alone():
    changed = walking.TOML.replace("redeem = 0.35", "redeem = 0.05").replace('cookie_life = "45d"', 'cookie_life = "9d"')
    one, other = (worlds.generate(one, customers=300, seed=2) for one in (walking.world(), worlds.parse(changed)))
    pd.testing.assert_frame_equal(one.tables["events"], other.tables["events"])
    assert not one.tables["orders"].equals(other.tables["orders"])


def test_events_lie_between_joining_and_the_last_day_and_in_the_order_of_time(made):
    events, people = made.events, made.people
    assert (np.diff(events["at_s"]) >= 0).all()
    assert events["at_s"].max() < made.end_s
    assert (events["at_s"].to_numpy() >= people["joined_s"].to_numpy()[events["person"]]).all()
    local = made.tables["events"]["occurred_at"].dt.tz_convert("Europe/Warsaw")
    assert local.min() >= pd.Timestamp("2025-08-01", tz="Europe/Warsaw")
    assert local.max() < pd.Timestamp("2026-05-01", tz="Europe/Warsaw")


def test_hidden_columns_say_what_the_tables_say(made, steps):
    hidden = made.events.assign(case_id=made.tables["events"]["case_id"].astype(str))
    hidden = hidden.sort_values("case_id", kind="stable").reset_index(drop=True)
    names = np.array([*made.world.touchpoints, None], dtype=object)
    follows = steps["next"].notna().to_numpy()
    assert (names[hidden["next_code"]][follows] == steps["next"][follows]).all()
    # where the tables show nothing more, the journey ended, or its next step came after the end of the data
    rest = hidden[~follows]
    assert (rest["next_code"] < 0).mean() > 0.95
    assert rest.loc[rest["next_code"] >= 0, "at_s"].min() > made.end_s - 10 * 86400 * 2
    waited = hidden.groupby("case_id")["waited_s"].shift(-1)
    assert (waited[follows].to_numpy() == steps["wait_s"][follows].to_numpy()).all()
    # which incident a step met can be told from the tables
    told = seen.steps(made.tables, made.world)
    order = np.lexsort((np.arange(len(made.events)), made.events["journey"]))
    same_case = np.argsort(told.case, kind="stable")
    assert (told.incident[same_case] == made.events["incident"].to_numpy()[order]).all()
    assert set(told.incident) == {-1, 0, 1}


def test_the_payment_incident_is_there_and_only_there(made, steps):
    # 8 days, twice that for slow parcels: after that all that follows a payment has followed
    settled = steps[steps["occurred_at"] <= pd.Timestamp("2026-04-15", tz="Europe/Warsaw")]
    pay = settled[settled["touchpoint"] == "Pay"]
    met = (pay["channel"] == "app") & (pay["device"] == "phone")
    met &= pay["occurred_at"] >= pd.Timestamp("2025-11-01", tz="Europe/Warsaw")
    for group, share in ((met, 0.35), (~met, 0.1)):
        k, n = int((pay["next"][group] == "Pay").sum()), int(group.sum())
        low, high = stats.wilson(k, n, 0.999)
        assert n > 300 and low <= share <= high


def test_the_slow_courier_doubles_the_wait_of_the_north(made, steps):
    pay = steps[(steps["touchpoint"] == "Pay") & (steps["next"] == "Parcel")]
    pay = pay[pay["occurred_at"] <= pd.Timestamp("2026-04-14", tz="Europe/Warsaw")]
    local = pay["occurred_at"].dt.tz_convert("Europe/Warsaw")
    met = (local >= "2026-02-01") & (local < "2026-03-01") & (pay["region"] == "North")
    # the payment incident changes what follows, not how long it takes
    logs = np.log(pay["wait_s"])
    off = logs[met].mean() - logs[~met].mean()
    error = np.sqrt(logs[met].var() / met.sum() + logs[~met].var() / (~met).sum())
    assert met.sum() > 50 and abs(off - np.log(2)) < 1.96 * error


def test_waits_have_the_declared_median_and_a_heavy_tail_up_to_the_longest(steps):
    waits = steps.loc[(steps["touchpoint"] == "Search") & (steps["next"] == "Cart"), "wait_s"]
    low, high = stats.quantile_interval(np.sort(waits.to_numpy()))
    assert low <= 240 <= high
    assert waits.max() <= 10 * 86400
    # a log-normal of this spread has its 95th percentile at exp(0.8 · 1.645) = 3.7 medians; Pareto's tail from 2.29 medians on,
    # which 15 % are in, has it where (x / 2.29)^-0.8 = 1/3: at 9.0 medians
    assert 7 < waits.quantile(0.95) / 240 < 12
    # Hill's estimate of the tail index from the largest tenth; the bound at 3,600 medians takes next to nothing from it
    largest = np.sort(waits.to_numpy())[-len(waits) // 10 :]
    hill = 1 / np.log(largest / largest[0]).mean()
    assert abs(hill - 0.8) < 3 * 0.8 / np.sqrt(len(largest)) + 0.02


def test_the_season_is_there(made):
    first = made.tables["events"].drop_duplicates("case_id")
    local = first["occurred_at"].dt.tz_convert("Europe/Warsaw")
    # newcomers make later days fuller, each weekday alike; 273 days hold 39 of each
    k, n = int((local.dt.day_of_week == 5).sum()), len(local)
    low, high = stats.wilson(k, n, 0.999)
    assert low <= 2 / 8 <= high
    # one week of a factor of 2 against the weeks beside it, in months of 1.2 and (from 1 December on) 1.6
    day = local.dt.strftime("%Y-%m-%d")
    sale = day.between("2025-11-24", "2025-11-30").sum()
    before = day.between("2025-11-10", "2025-11-23").sum()
    ratio, error = sale / (before / 2), np.sqrt(1 / sale + 1 / before)
    # customers who join in between make the later week up to 3 % fuller
    assert np.log(2) - 1.96 * error < np.log(ratio) < np.log(2 * 1.03) + 1.96 * error
    # the hour that has no journeys has none in the nights of the change either
    assert local.dt.hour.eq(1).sum() == 0


def test_correlated_attributes_are_drawn_along(made):
    customers = made.tables["customers"]
    gold = customers[customers["plan"] == "gold"]
    for group, share in ((gold, 0.7), (customers[customers["plan"] == "basic"], 0.2)):
        low, high = stats.wilson(int((group["contract"] == "yearly").sum()), len(group))
        assert low <= share <= high
    assert made.world.attributes["contract"]["yearly"] == pytest.approx(0.7 * 0.2 + 0.3 * 0.7)


def test_who_leaves_begins_no_more_journeys_and_ends_those_under_way():
    made = walking.company(customers=3000, leaving=True)
    left = made.people["left_s"].to_numpy()
    assert 0.1 < (left < NEVER).mean() < 0.7
    assert (made.journeys["begins_s"].to_numpy() < left[made.journeys["person"]]).all()
    after = made.events["at_s"].to_numpy() >= left[made.events["person"]]
    assert 0 < after.sum() < 0.02 * len(after)
    assert (made.journeys.index == np.arange(len(made.journeys))).all()
    assert made.events["journey"].max() == len(made.journeys) - 1


def _covered(seeds, customers, leaving):
    kinds = {}
    for seed in seeds:
        made = worlds.generate(walking.world(leaving), customers=customers, seed=seed)
        for one in truths.report(made.tables, made.key, made.world):
            if one.told and one.truth.id.partition(".")[0] in ("people", "identities", "season", "walks", "orders"):
                kinds.setdefault(one.truth.kind, []).append(one.covers)
    return kinds


def _least(n, chance):
    # the fewest of n intervals that hold their size, each with chance 0.95, but once in 1 / chance times
    return int(scipy_stats.binom.ppf(chance, n, 0.95))


def test_intervals_hold_what_is_planted():
    kinds = _covered(range(6), 500, leaving=True)
    everything = [one for found in kinds.values() for one in found]
    assert len(kinds) >= 25
    # intervals of one company are not quite independent: the chance is taken for a tenth of them
    n = len(everything) // 10
    assert np.mean(everything) >= _least(n, 1e-4) / n


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("leaving", [False, True])
def test_each_kind_of_interval_holds_what_is_planted_95_times_in_100(leaving):
    kinds = _covered(range(100), 1500, leaving)
    for kind, found in kinds.items():
        # shares of rare things and medians of few values have intervals that hold more than 95 in 100
        assert _least(len(found), 1e-4) <= sum(found), (kind, np.mean(found), len(found))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('next = { "Call" = 0.2 }', 'next = { "Call" = 0.99 }', ["touchpoints", "never end"]),
        ('wait = "20h"', 'wait = "9d"', ["line", "Parcel.wait", "longest"]),
        ('start = "2026-02-01"', 'start = "2024-02-01"', ["incidents[2].end", "2024-02-01"]),
        ("basic = 4, gold = 9", "basic = 4", ["journeys.yearly.gold"]),
        ('by = "plan", basic = 4', 'by = "plam", basic = 4', ["plam", "plan"]),
        ('slower = { "Parcel" = 2.0 }', 'slower = { "Call" = 2.0 }', ["Call", "incidents[2].slower"]),
        ("gold = { monthly = 0.3, yearly = 0.7 }", "gold = { monthly = 0.3 }", ["people.correlated.contract.gold", "0.3"]),
        ("factor = 2.0", 'factor = "2"', ["season.peaks[1].factor"]),
        ("basic = 1.0, gold = 1.3", "basic = 1.1, gold = 1.3", ["orders.factor", "1"]),
        ('channel = "app"\ntouchpoint = "Pay"', 'channel = "app"\ntouchpoint = "Parcel"', ["incidents[1]"]),
    ],
)
def test_a_wrong_entry_is_named(old, new, words):
    assert old in walking.TOML
    with pytest.raises(BadInput) as caught:
        worlds.parse(walking.TOML.replace(old, new), "walking.toml")
    for word in ["walking.toml", *words]:
        assert word in str(caught.value)
