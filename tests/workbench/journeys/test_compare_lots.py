"""Two groups of very many customers each: where none or all of a group count, its interval is that of its customers, though
sums are over random groups of them ("lots")."""

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import stats
from workbench.engine import opening
from workbench.engine.reductions import stages
from workbench.journeys import Plan, PlannedStep
from workbench.journeys.conformance import FITS

j = wb.journeys
N = 21_000  # customers in each group, a journey each; 4,096 lots: by lot they would tell as much as 3,430
STRAIGHT, BACKWARDS = (
    Plan("Plan", tuple(PlannedStep(name, "", at) for at, name in enumerate(names, 1)))
    for names in (("Hello", "Start", "Finish"), ("Start", "Hello"))
)
#: the lots tell the customers' squares to √(2 / lots): four standard errors of 4,096 and of 1,024 of them
CLOSE, CLOSE_OF_FEWER = 0.09, 0.18


def steps(who, group, minute, touchpoint, stage, channel, owner, month=1):
    at = pd.Timestamp(f"2026-{month:02}-05T08:00Z") + pd.to_timedelta(who % 10_000 + minute, unit="min")
    told = {"touchpoint": touchpoint, "stage": stage, "channel": channel, "owner": owner, "group": group}
    return pd.DataFrame({"customer_id": [f"{group}{i}" for i in who], "occurred_at": at}).assign(**told)


@pytest.fixture(scope="module")
def groups(tmp_path_factory):
    """All begin with Hello (mail, Cleo) and Start (web, Ann); then all of a go on to Finish (phone, Bob), and half of b. The
    others of b go to Middle (web, Ann)."""
    assert opening.MANY < N
    everyone = np.arange(N)
    rows = [steps(everyone, group, 0, "Hello", "One", "mail", "Cleo") for group in "ab"]
    rows += [steps(everyone, group, 1, "Start", "One", "web", "Ann") for group in "ab"]
    rows += [steps(everyone[::step], group, 5, "Finish", "Two", "phone", "Bob") for group, step in (("a", 1), ("b", 2))]
    rows.append(steps(everyone[1::2], "b", 5, "Middle", "One", "web", "Ann"))
    folder = tmp_path_factory.mktemp("lots") / "s"
    wb.load([pd.concat(rows)], into=folder, name="Lots")
    study = wb.open(folder).by_customer()
    return study.where(group="a"), study.where(group="b")


ALL, HALF, NONE, ALL_OF_HALF = (N, N), (N // 2, N), (0, N), (N // 2, N // 2)
#: a row, k and n of a and of b, and what is asked
ROWS = [
    ("flow", ("step", "Hello", "Start"), ALL, ALL, {}),
    ("touchpoints", "Start", ALL, ALL, {}),
    ("touchpoints", "Middle", NONE, HALF, {}),
    ("crossings", ("mail", "web"), ALL, ALL, {}),
    ("crossings", ("web", "phone"), ALL, HALF, {}),
    ("handoffs", ("Cleo", "Ann"), ALL, ALL, {}),
    ("map", ("touchpoint", "Start", "share"), ALL, ALL, {}),
    ("map", ("touchpoint", "Middle", "share"), NONE, HALF, {}),
    ("map", ("touchpoint", "Start", "leave"), NONE, NONE, {}),
    ("map", ("touchpoint", "Finish", "leave"), ALL, ALL_OF_HALF, {}),
    ("map", ("stage", "One", "share"), ALL, ALL, {}),
    ("map", ("stage", "Two", "leave"), ALL, ALL_OF_HALF, {}),
    ("attribution", ("first", "Hello"), ALL, ALL_OF_HALF, {"target": "Finish", "by": "touchpoint"}),
    ("attribution", ("first", "Start"), NONE, (0, N // 2), {"target": "Finish", "by": "touchpoint"}),
    ("attribution", ("last", "web"), ALL, ALL_OF_HALF, {"target": "Finish"}),
    ("conformance", (FITS, "", ""), NONE, NONE, {"plan": BACKWARDS}),
]


@pytest.mark.parametrize(("of", "key", "a", "b", "asked"), ROWS, ids=[f"{of} {key}" for of, key, *_ in ROWS])
def test_none_or_all_of_a_group(groups, of, key, a, b, asked):
    found = j.compare(*groups, of=of, **asked)
    row = found.frame.loc[found.keys.index(key)]
    assert (row["share_a"], row["share_b"]) == (a[0] / a[1], b[0] / b[1])
    low, high = stats.newcombe(*a, *b)
    close = CLOSE_OF_FEWER if of == "flow" else CLOSE
    # each customer has one journey: the interval of two shares of independent cases
    assert row["difference"] - row["low"] == pytest.approx(row["difference"] - low, rel=close)
    assert row["high"] - row["difference"] == pytest.approx(high - row["difference"], rel=close)


def test_all_fit_the_plan(groups):
    # the customers of all journeys are known one by one: exact
    found = j.conformance(groups[0], plan=STRAIGHT)
    assert (found.fitness, found.conforming) == (1, 1)
    for ends in ((found.conforming_low, found.conforming_high), (found.fitness_low, found.fitness_high)):
        assert ends == pytest.approx(stats.wilson(N, N))


@pytest.fixture(scope="module")
def periods(tmp_path_factory):
    """The same customers in January and in February: Hello, Start; in February a third of them go on to Finish. Three of ten
    sign up in January, half of them in February, nobody in both."""
    everyone = np.arange(N)
    rows = [steps(everyone, "a", 0, "Hello", "One", "mail", "Cleo", month) for month in (1, 2)]
    rows += [steps(everyone, "a", 1, "Start", "One", "web", "Ann", month) for month in (1, 2)]
    rows.append(steps(everyone[::3], "a", 5, "Finish", "Two", "phone", "Bob", 2))
    for some, month in ((everyone[: N * 3 // 10], 1), (everyone[N // 2 :], 2)):
        rows.append(steps(some, "a", 3, "Sign up", "One", "web", "Ann", month))
    folder = tmp_path_factory.mktemp("periods") / "s"
    wb.load([pd.concat(rows)], into=folder, name="Periods")
    study = wb.open(folder).by_gap("14d")
    return study.between(None, "2026-01-31"), study.between("2026-02-01", None)


@pytest.mark.parametrize("of", ["flow", "touchpoints", "crossings", "handoffs", "map", "conformance"])
@pytest.mark.parametrize("which", ["groups", "periods"])
def test_as_reckoned_by_customer(request, monkeypatch, which, of):
    sides, asked = request.getfixturevalue(which), {"plan": STRAIGHT} if of == "conformance" else {}
    found = j.compare(*sides, of=of, **asked).frame
    for module in (opening, stages):
        monkeypatch.setattr(module, "MANY", 10**9)
    exact = j.compare(*sides, of=of, **asked).frame
    ends = exact["share_a"].isin([0, 1]) | exact["share_b"].isin([0, 1])
    assert ends.any() and ((which, of) != ("periods", "touchpoints") or not ends.all())
    close = CLOSE_OF_FEWER if of == "flow" else CLOSE
    for end in ("low", "high"):
        apart, wanted = (abs(one[end] - one["difference"]).to_numpy() for one in (found, exact))
        assert apart == pytest.approx(wanted, rel=close, abs=1e-12, nan_ok=True)
