"""Every reduction against the slow way on random logs, and what outlasts a journey by hand."""

import datetime as dt
import itertools
import random

import company
import naive
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.engine import reductions
from workbench.model import Rule

SECOND = 1_000_000
LOGS = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from("uvwxyz"),
            "case_id": st.sampled_from([*"klmnopq", None]),
            "touchpoint": st.sampled_from("ABCD"),
            "at": st.integers(0, 15).map(lambda n: n * 60),
        }
    ),
    min_size=1,
    max_size=100,
)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows(frame):
    return [dict(zip(frame.columns, one, strict=True)) for one in frame.itertuples(index=False, name=None)]


@QUICK
@given(LOGS)
def test_all_reductions_agree_with_the_slow_way(prepare_in_duckdb, log):
    check_all(prepare_in_duckdb, log)


@pytest.mark.spark
def test_on_spark_too(prepare_on_spark):
    chance = random.Random(6)
    values = {"customer_id": "uvwxyz", "case_id": [*"klmnopq", None], "touchpoint": "ABCD"}
    log = [{name: chance.choice(of) for name, of in values.items()} | {"at": 60 * chance.randrange(16)} for _ in range(100)]
    check_all(prepare_on_spark, log)


def check_all(prepare, log):
    p, journeys = prepare(log, Rule("case")), naive.by_case(log)
    check_moves(p, naive.flow(journeys))
    check_variants(p, naive.variants(journeys))
    check_returns(p, naive.returns(journeys))
    check_totals(p, log, journeys)
    for gap in (0, 60, 300):
        check_sessions(p, gap, naive.sessions(journeys, gap))
    for steps, within in (("AB", 120), ("ABC", 10**6), ("AAB", 400), ("BAB", 240)):
        if set(steps) <= set(p.touchpoints):
            check_funnel(p, steps, within, naive.funnel(journeys, steps, within))
    for anchor in ("first", "last", sorted(p.touchpoints)[0]):
        check_positions(p, anchor, naive.positions(journeys, anchor))


def check_moves(p, wanted):
    found = {(one["kind"], one["source"], one["target"]): one for one in rows(reductions.moves(p))}
    assert found.keys() == wanted.keys()
    for key, one in found.items():
        want = wanted[key]
        assert (one["n"], one["n_journeys"], one["n_customers"]) == (want["n"], len(want["journeys"]), len(want["customers"]))
        if key[0] == "step":
            assert one["median_s"] == naive.median(want["times"])
            assert one["mean_s"] == pytest.approx(sum(want["times"]) / len(want["times"]))
    for frame in (reductions.pairs(p), reductions.pair_counts(p)):
        assert {(one["source"], one["target"]): one["n"] for one in rows(frame)} == {
            key[1:]: want["n"] for key, want in wanted.items() if key[0] == "step"
        }
    out = {}
    for one in found.values():
        out[one["source"]] = out.get(one["source"], 0) + one["share"]
    assert out == pytest.approx(dict.fromkeys(out, 1.0))  # entries of all journeys; steps and exit of each source


def check_variants(p, wanted):
    order = sorted(wanted, key=lambda text: (-wanted[text][0], len(text.split(" → ")), text))
    found = reductions.top_variants(p, 5)
    assert list(found["variant"]) == order[:5]
    for one in rows(found):
        n, customers, lengths = wanted[one["variant"]]
        assert (one["n"], one["n_customers"], one["median_s"]) == (n, len(customers), naive.median(lengths))
    assert reductions.variants_once(p) == sum(1 for n, _, _ in wanted.values() if n == 1)


def check_returns(p, wanted):
    found = {}
    for one in rows(reductions.returns(p)):
        name = one["touchpoint"]
        text = {"back_track": f"{name} → {one['via']} → {name}", "loop": f"{name} → … → {name}"}.get(one["kind"], name)
        found[one["kind"], text] = one
    assert found.keys() == wanted.keys()
    for key, one in found.items():
        customers = [customer for customer, _ in wanted[key]]
        assert (one["n"], one["n_customers"]) == (len(customers), len(set(customers)))
        assert one["cost_s"] == sum(seconds for _, seconds in wanted[key])


def check_totals(p, log, journeys):
    lengths = [steps[-1][0] - steps[0][0] for _, steps in journeys]
    found = {one["measure"]: one for one in rows(reductions.overview(p))}
    assert found["events"]["value"] == len(log) and found["journeys"]["value"] == len(journeys)
    assert found["variants"]["value"] == len(naive.variants(journeys))
    assert found["throughput_median"]["value"] == naive.median(lengths)
    assert found["throughput_mean"]["value"] == pytest.approx(sum(lengths) / len(lengths))
    assert found["customers"]["value"] == len({customer for customer, _ in journeys})
    facts = reductions.facts(p)
    ties = sum(a[0] == b[0] for _, steps in journeys for a, b in itertools.pairwise(steps))
    again = sum(len(steps) - len(set(steps)) for _, steps in journeys)
    single = sum(len(steps) == 1 for _, steps in journeys)
    assert (facts.n_ties, facts.n_repeated, facts.n_single) == (ties, again, single)
    touched = {one["touchpoint"]: one for one in rows(reductions.touchpoints(p))}
    for name, one in touched.items():
        having = [customer for customer, steps in journeys if name in [step for _, step in steps]]
        assert (one["n_journeys"], one["n_customers"]) == (len(having), len(set(having)))
        assert one["exit_share"] == pytest.approx(sum(steps[-1][1] == name for _, steps in journeys) / len(journeys))
    assert sum(one["n"] for one in touched.values()) == len(log)


def check_sessions(p, gap, wanted):
    found = {one["entry"]: one for one in rows(reductions.sessions(p, gap * SECOND))}
    assert found.keys() == wanted.keys()
    for entry, one in found.items():
        want = wanted[entry]
        assert (one["n"], one["n_customers"]) == (len(want), len({customer for customer, _, _ in want}))
        assert one["mean_steps"] == pytest.approx(sum(n for _, n, _ in want) / len(want))
        assert one["n_single"] == sum(n == 1 for _, n, _ in want)
        assert one["median_s"] == naive.median([seconds for _, _, seconds in want])


def check_funnel(p, steps, within, wanted):
    reached, left = wanted
    with reductions.reached(p, steps, within * SECOND) as held:
        frame, gone = reductions.funnel(held, steps)
    assert list(frame["n"]) == [len(reached[k][0]) for k in reached] == reductions.funnel_counts(p, steps, within * SECOND)
    assert list(frame["n_customers"]) == [len(set(reached[k][0])) for k in reached]
    for k, median in enumerate(frame["median_s"], start=1):
        want = naive.median(reached[k][1])
        assert median == want or (want is None and median != median)
    assert list(frame["n"]) == sorted(frame["n"], reverse=True)
    assert {(one["position"], one["touchpoint"]): one["n"] for one in rows(gone)} == {
        (k, name): n for k, names in left.items() for name, n in names.items()
    }


def check_positions(p, anchor, wanted):
    found = reductions.step_matrix(p, anchor, 3, 3)
    assert {(one["position"], one["touchpoint"]): (one["n"], one["n_customers"]) for one in rows(found)} == {
        key: (len(customers), len(set(customers))) for key, customers in wanted.items() if -3 <= key[0] <= 3
    }
    # what flows into a place between the outer ones flows out of it, and is there
    links = reductions.step_links(p, anchor, 3, 3)
    for position, touchpoint, n in found[["position", "touchpoint", "n"]].itertuples(index=False, name=None):
        if position > -3:
            assert links[(links["position"] == position - 1) & (links["target"] == touchpoint)]["n"].sum() == n
        if position < 3:
            assert links[(links["position"] == position) & (links["source"] == touchpoint)]["n"].sum() == n


def test_any_start_of_a_funnel_will_do(prepare):
    # A at 0, A at 100, B at 150, window 60: the first A is too early, the second in time
    log = [{"customer_id": "c", "touchpoint": name, "at": at} for name, at in (("A", 0), ("A", 100), ("B", 150))]
    with reductions.reached(prepare(log), "AB", 60 * SECOND) as held:
        frame, _ = reductions.funnel(held, "AB")
    assert list(frame["n"]) == [1, 1] and frame["median_s"][1] == 50
    # the window is measured from step 1, not from the step before: A 0, B 50, C 100 is not within 60
    log = [{"customer_id": "c", "touchpoint": name, "at": at} for name, at in (("A", 0), ("B", 50), ("C", 100))]
    p = prepare(log)
    assert reductions.funnel_counts(p, "ABC", 60 * SECOND) == [1, 1, 0]
    assert reductions.funnel_counts(p, "ABC", 100 * SECOND) == [1, 1, 1]  # the end of the window counts


def test_one_event_is_not_two_steps(prepare):
    log = [{"customer_id": "c", "touchpoint": "A", "at": 0}]
    assert reductions.funnel_counts(prepare(log), "AA", 60 * SECOND) == [1, 0]


def test_cohorts_by_hand(prepare):
    # u: January, February, April · v: January · w: 31 January 23:30 UTC, which is February in Warsaw, and 1 March
    days = {
        "u": ["2026-01-05", "2026-01-06", "2026-02-20", "2026-04-01"],
        "v": ["2026-01-31"],
        "w": ["2026-01-31", "2026-03-01"],
    }
    log = [
        {"customer_id": who, "touchpoint": "A", "occurred_at": dt.datetime.fromisoformat(day + "T23:30+00:00")}
        for who, whens in days.items()
        for day in whens
        if who != "v"
    ] + [{"customer_id": "v", "touchpoint": "A", "occurred_at": dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)}]
    utc = reductions.cohorts(prepare(log))
    assert [(str(a)[:10], b, c, d) for a, b, c, d in utc.itertuples(index=False, name=None)] == [
        ("2026-01-01", 0, 3, 3),
        ("2026-01-01", 1, 1, 3),  # u
        ("2026-01-01", 2, 1, 3),  # w
        ("2026-01-01", 3, 1, 3),  # u
    ]
    warsaw = reductions.cohorts(prepare(log, timezone="Europe/Warsaw"))
    assert [(str(a)[:10], b, c, d) for a, b, c, d in warsaw.itertuples(index=False, name=None)] == [
        ("2026-01-01", 0, 2, 2),
        ("2026-01-01", 1, 1, 2),
        ("2026-01-01", 3, 1, 2),
        ("2026-02-01", 0, 1, 1),
        ("2026-02-01", 1, 1, 1),
    ]


def test_removal_effects_by_hand(prepare):
    # a: X Y Goal · b: X Goal · c: Y · d: X. Start leads to X 3/4, Y 1/4; X to Y 1/3, Goal 1/3, end 1/3; Y to Goal 1/2, end 1/2.
    # P(Goal) = 3/4 (1/3 + 1/3·1/2) + 1/4·1/2 = 3/8 + 1/8 = 1/2. Without X only start → Y → Goal: 1/8, so X loses 3/4 of it.
    # Without Y: 3/4·1/3 = 1/4, so Y loses 1/2. Shares: 3/5 and 2/5.
    ways = {"a": ["X", "Y", "Goal", "X"], "b": ["X", "Goal"], "c": ["Y"], "d": ["X"]}  # what follows the goal doesn't count
    log = [{"customer_id": who, "touchpoint": name, "at": at} for who, names in ways.items() for at, name in enumerate(names)]
    found = reductions.removal(prepare(log), "Goal")
    assert found.reached == pytest.approx(1 / 2)
    assert list(found.frame["who"]) == ["X", "Y"]
    assert list(found.frame["effect"]) == pytest.approx([3 / 4, 1 / 2])
    assert list(found.frame["share"]) == pytest.approx([3 / 5, 2 / 5])


def test_removal_effects_of_a_chain_that_returns(prepare):
    # a: X Y X Goal · b: X · c: Y. By cutting the chain: every journey to the goal passes X, so X loses all;
    # transitions: start X 2/3, Y 1/3; X: Y 1/3, Goal 1/3, end 1/3; Y: X 1/2, end 1/2. h(X) = 1/3 + 1/3 h(Y), h(Y) = h(X)/2,
    # so h(X) = 2/5, h(Y) = 1/5, P = 2/3·2/5 + 1/3·1/5 = 1/3. Without Y: h(X) = 1/3, P = 2/9: Y loses 1/3.
    ways = {"a": ["X", "Y", "X", "Goal"], "b": ["X"], "c": ["Y"]}
    log = [{"customer_id": who, "touchpoint": name, "at": at} for who, names in ways.items() for at, name in enumerate(names)]
    found = reductions.removal(prepare(log), "Goal").frame.set_index("who")["effect"]
    assert found["X"] == pytest.approx(1) and found["Y"] == pytest.approx(1 / 3)


def test_removal_effects_where_nothing_comes_before(prepare):
    log = [{"customer_id": "a", "touchpoint": "X", "at": 0}, {"customer_id": "b", "touchpoint": "Goal", "at": 0}]
    found = reductions.removal(prepare(log), "Goal")
    # the goal is reached at once, never by X: that step is itself the touch that would be lost
    assert found.frame.set_index("who")["effect"].to_dict() == {"Goal": 1, "X": 0}
    assert found.reached == pytest.approx(1 / 2)


def test_features_by_hand(prepare):
    # the log ends on day 20, 09:00 (k14 of c02); c01: 5 events on 2 and 4 March, 5 on 12 and 14 March
    found = reductions.features(prepare(company.rows(), Rule("customer"))).set_index("customer_id")
    one = found.loc["c01"]
    assert (one["n_events"], one["n_touchpoints"], one["n_days"], one["last_touchpoint"]) == (10, 5, 4, "Delivery")
    assert (one["recency_days"], one["tenure_days"]) == (8, 20)  # Delivery on 14 March, 09:00; first Search on 2 March
    # within 7 days of 22 March, 09:00: nothing; 30: all ten
    assert (one["n_events_7d"], one["n_events_30d"], one["n_events_90d"]) == (0, 10, 10)
    two = found.loc["c02"]
    assert (two["n_events"], two["n_touchpoints"], two["recency_days"], two["n_events_7d"]) == (7, 7, 0, 1)
    assert len(found) == 12 and found["n_events"].sum() == 54


def test_features_of_customers_with_several_journeys(prepare):
    # the log ends on day 100; a: two journeys, of days 0 and 1 and of day 95; b: one of day 0, nothing late
    days = [("a", "X", 0), ("a", "Y", 1), ("a", "X", 95), ("b", "Y", 0), ("c", "Z", 100)]
    log = [{"customer_id": who, "touchpoint": where, "at": day * 86400} for who, where, day in days]
    found = reductions.features(prepare(log, Rule("gap", gap="10d"))).set_index("customer_id")
    told = ["n_events", "n_touchpoints", "n_days", "recency_days", "tenure_days", "n_events_7d", "n_events_90d"]
    assert found.loc["a", told].tolist() == [3, 2, 3, 5, 100, 1, 1]
    assert found.loc["b", told].tolist() == [1, 1, 1, 100, 100, 0, 0]
    assert found["last_touchpoint"].to_dict() == {"a": "X", "b": "Y", "c": "Z"}


def test_an_unrelated_customer_changes_nothing(prepare):
    log = [
        {"customer_id": row["customer_id"], "touchpoint": row["touchpoint"], "occurred_at": row["occurred_at"]}
        for row in company.rows()
    ]
    other = [{"customer_id": "zz", "touchpoint": "AAA elsewhere", "occurred_at": company.START}]
    plain, more = prepare(log), prepare([*other, *log])
    for reduce in (reductions.pairs, lambda p: reductions.top_variants(p, 30)[["variant", "n", "median_s"]]):
        before, after = rows(reduce(plain)), rows(reduce(more))
        assert before == [one for one in after if "AAA elsewhere" not in one.values()][: len(before)]
    steps = ["Search", "Product page", "Cart", "Payment"]
    assert reductions.funnel_counts(plain, steps, 7 * 86400 * SECOND) == reductions.funnel_counts(
        more, steps, 7 * 86400 * SECOND
    )


def test_with_more_touchpoints_than_bits(prepare):
    # 70 touchpoints; c0 meets all of them, c1 the first half, c2 twice the first
    log = [{"customer_id": "c0", "touchpoint": f"T{n:02}", "at": n} for n in range(70)]
    log += [{"customer_id": "c1", "touchpoint": f"T{n:02}", "at": n} for n in range(35)]
    log += [{"customer_id": "c2", "touchpoint": "T00", "at": at} for at in (0, 9)]
    p = prepare(log)
    found = reductions.touchpoints(p).set_index("touchpoint")["n_customers"]
    assert (found["T00"], found["T34"], found["T35"], found["T69"]) == (3, 2, 1, 1)
    assert reductions.features(p).set_index("customer_id")["n_touchpoints"].to_dict() == {"c0": 70, "c1": 35, "c2": 1}


def test_engine_and_pandas_agree(twelve):
    import pandas as pd

    log = pd.DataFrame(company.rows()).sort_values("occurred_at", kind="stable")
    cases = log.groupby("case_id", sort=False)
    log["next"], log["took"] = cases["touchpoint"].shift(-1), -cases["occurred_at"].diff(-1).dt.total_seconds()
    wanted = log.dropna(subset=["next"]).groupby(["touchpoint", "next"])["took"].agg(["size", "mean", "median"])
    found = reductions.pairs(twelve).set_index(["source", "target"])
    assert found["n"].to_dict() == wanted["size"].to_dict()
    assert found["mean_s"].to_dict() == pytest.approx(wanted["mean"].to_dict())
    assert found["median_s"].to_dict() == pytest.approx(wanted["median"].to_dict())
