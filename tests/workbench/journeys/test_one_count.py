"""One count: the customers behind any row are exactly its n, and the same question gives the same number in every view."""

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import BadInput, NotFound, SmallGroup

j = wb.journeys
STEPS = ["Search", "Product page", "Cart", "Payment"]
PLAN = j.Plan("", tuple(j.PlannedStep(name, "", order, repeatable=order < 3) for order, name in enumerate(STEPS, 1)))
VIEWS = {
    "overview": j.overview,
    "touchpoints": j.touchpoints,
    "flow": j.flow,
    "variants": j.variants,
    "funnel": lambda study: j.funnel(study, steps=STEPS),
    "funnel of repeats": lambda study: j.funnel(study, steps=["Search", "Search", "Product page"], within="6min"),
    "steps": j.steps,
    "steps from the last": lambda study: j.steps(study, anchor="last", before=4, after=0),
    "steps around Cart": lambda study: j.steps(study, anchor="Cart", before=2, after=2),
    "sessions": j.sessions,
    "sessions of 3 minutes": lambda study: j.sessions(study, gap=pd.Timedelta(minutes=3)),
    "loops": j.loops,
    "attribution": lambda study: j.attribution(study, target="Product page"),
    "attribution by touchpoint": lambda study: j.attribution(study, target="Cart", by="touchpoint", order=2),
    "crossings": j.crossings,
    "cohorts": lambda study: j.cohorts(study, by="week"),
    "conformance": lambda study: j.conformance(study, plan=PLAN),
    "inventory": j.inventory,
}
STUDIES = {
    "cases": lambda study: study,
    "customers": lambda study: study.by_customer(),
    "gap": lambda study: study.by_gap("10min"),
    "window": lambda study: study.by_window("2d"),
    "anchor": lambda study: study.by_anchor("Cart", before="5min", after="3d"),
    "app": lambda study: study.where(channel="app"),
    "gold by customer, no calls": lambda study: study.by_customer().where(plan="gold").matching("not Support call"),
    "period and pattern": lambda study: study.between("2026-03-02", "2026-03-12").matching("Cart -> Payment within 7d"),
}


@pytest.mark.parametrize("cut", STUDIES)
@pytest.mark.parametrize("view", VIEWS)
def test_customers_behind_every_row(study, view, cut):
    result = VIEWS[view](STUDIES[cut](study))
    assert len(result.frame) and isinstance(result.frame.index, pd.RangeIndex)
    for row in result.frame.index:
        check(result.customers(row), result.frame.loc[row])
    for part in ("left", "links", "used", "costs"):
        more = getattr(result, part, None)
        for row in [] if more is None else more.index:
            check(result.customers(row, of=part), more.loc[row])
            with pytest.raises(BadInput, match="no row"):
                result.customers(len(more), of=part)
    with pytest.raises(BadInput, match="no row"):
        result.customers(len(result.frame))
    with pytest.raises(NotFound, match="no frame “other”"):
        result.customers(0, of="other")


def check(found, row):
    assert list(found.columns) == ["customer_id", "n"]
    assert len(found) == row["n_customers"] == found["customer_id"].nunique()
    assert found["n"].sum() == row["n"] and (found["n"] > 0).all()


@pytest.mark.parametrize("cut", STUDIES)
def test_the_same_question_has_the_same_answer_everywhere(study, cut):
    study = STUDIES[cut](study)
    whole = j.overview(study).frame.set_index("measure")["value"]
    flow, touched = j.flow(study).frame, j.touchpoints(study).frame.set_index("touchpoint")
    kinds = flow.groupby("kind")["n"].sum()
    variants = j.variants(study, top=10_000).frame
    # journeys: begun, ended, by variant; events: by touchpoint, and a transition or an end each
    assert whole["journeys"] == kinds["entry"] == kinds["exit"] == variants["n"].sum()
    assert whole["events"] == touched["n"].sum() == kinds["step"] + kinds["exit"] == (variants["n"] * variants["n_steps"]).sum()
    assert whole["variants"] == len(variants) and whole["touchpoints"] == len(touched)
    assert variants["cumulative_share"].iloc[-1] == pytest.approx(1)
    # transitions: flow against the links of all positions, and entries and exits against the touchpoints
    links = j.steps(study, after=30).links
    moved = links[(links["target"] != "(end)") & (links["source"] != "(start)")].groupby(["source", "target"])["n"].sum()
    assert flow[flow["kind"] == "step"].set_index(["source", "target"])["n"].to_dict() == moved.to_dict()
    ended = links[links["target"] == "(end)"].groupby("source")["n"].sum()
    assert flow[flow["kind"] == "exit"].set_index("source")["n"].to_dict() == ended.to_dict()
    for name, one in flow[flow["kind"] == "exit"].set_index("source").iterrows():
        assert touched.loc[name, "exit_share"] == pytest.approx(one["n"] / whole["journeys"])
    # a funnel begins with the journeys that have its first step, as does a matrix around it
    for name in touched.index:
        begun = j.funnel(study, steps=[name, name]).frame.loc[0]
        assert begun["n"] == touched.loc[name, "n_journeys"] == j.steps(study, anchor=name).n_anchored
        assert begun["n_customers"] == touched.loc[name, "n_customers"]
    # a funnel of two steps without a bound keeps the journeys that the pattern keeps
    if {"Cart", "Payment"} <= set(touched.index):
        got = j.funnel(study, steps=["Cart", "Payment"], within="900d").frame.loc[1, "n"]
        assert got == j.overview(study.matching("Cart -> Payment")).frame.set_index("measure").loc["journeys", "value"]
    # channels: every journey meets several, one or none; all events have one, so those that go on from it are all transitions
    crossed = j.crossings(study)
    assert crossed.used["n"].sum() == whole["journeys"] and (crossed.frame["n"].sum() > 0) == (
        "several" in set(crossed.used["kind"])
    )
    assert crossed.frame["n"].sum() <= kinds.get("step", 0)
    # conformance: each journey has one cost
    assert j.conformance(study, plan=PLAN).costs["n"].sum() == whole["journeys"]
    # cohorts: each customer is in one
    cohorts = j.cohorts(study, by="week").frame
    assert cohorts.loc[cohorts["after"] == 0, "n"].sum() == whole["customers"]
    # a session never ends inside a step: with an endless gap sessions are journeys
    sessions = j.sessions(study, gap="900d").frame
    assert sessions.set_index("entry")["n"].to_dict() == flow[flow["kind"] == "entry"].set_index("target")["n"].to_dict()
    # each event is the first of its kind in a journey or a return to it
    loops = j.loops(study).frame
    assert loops.loc[loops["kind"] != "dead_end", "n"].sum() == whole["events"] - touched["n_journeys"].sum()


def test_small_groups_stay_closed(study):
    guarded = study.guarded(3)
    flow = j.flow(guarded)
    small = flow.frame.index[flow.frame["n_customers"] < 3]
    assert len(small)
    with pytest.raises(SmallGroup):
        flow.customers(small[0])
    shown = flow.guarded()
    assert (shown.frame["n_customers"] >= 3).all() and "hidden_rows" in shown.caveats[-1].key
    for row in shown.frame.index:
        check(shown.customers(row), shown.frame.loc[row])
    # the sentences of what is left still have the whole as denominator: 10 of 14 times at Search
    assert "10 of the 14 times" in shown.explain()[1]
    funnel = j.funnel(guarded, steps=STEPS)
    # two customers at most stopped at any place: at Search k08 (Support call next), k10 and k12, at Product page k03, at Cart
    # k04 and k07, for whom nothing came next: four rows; each step was reached by six customers or more
    assert funnel.guarded().left.empty and hidden(funnel) == {"journeys.caveat.hidden_left": 4}
    with pytest.raises(SmallGroup):
        funnel.customers(0, of="left")
    # Product page before all nine Carts and Payment after seven; the journeys of two customers end there
    steps = j.steps(guarded, anchor="Cart", before=1, after=1)
    assert list(steps.guarded().links["n"]) == [9, 7] and hidden(steps) == {"journeys.caveat.hidden_links": 1}
    # the gold customers c01 to c04 alone: two rows of each, Payment (c01, c02) after Cart, and the end (c04)
    both = hidden(j.steps(guarded.where(plan="gold"), anchor="Cart", before=0, after=1))
    assert both == {"result.hidden_rows": 1, "journeys.caveat.hidden_links": 2}


def hidden(result):
    """What `guarded` says of hidden rows: key of the caveat and how many."""
    told = result.guarded().caveats[len(result.caveats) :]
    assert all("fewer than 3 customers" in caveat.text() for caveat in told)
    return {caveat.key: caveat.values["n"] for caveat in told}


def test_everything_hidden_still_speaks(study):
    for name, view in VIEWS.items():
        said = view(study.guarded(50)).guarded()
        assert not said.frame["n_customers"].any(), name
        for language in ("en", "ru", "pl"):
            assert 1 <= len(said.explain(language)) <= 5


def test_code_makes_the_same_frame(study):
    for name, view in VIEWS.items():
        result = view(study.where(channel=["app", "web"]).between("2026-03-01", "2026-03-30").by_window("2d"))
        space = {}
        *lines, call = result.code().splitlines()
        exec("\n".join(lines), space)
        again = eval(call, space)
        pd.testing.assert_frame_equal(again.frame, result.frame, obj=name)
        assert again.provenance == result.provenance and dict(again.params) == dict(result.params)
