"""The journey map of two groups: by hand, as the map alone tells it, and where customers are in both."""

import math

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import BadInput

j = wb.journeys
STAGES = {"Look": "Find", "Ask": "Use", "Call": "Use"}


def load(folder, ways, answers=()):
    """`ways`: (customer, group, day, touchpoints), ten minutes between steps; `answers`: (customer, day, score) of 1 to 5 about
    the touchpoint Call."""
    rows = [
        {"customer_id": who, "case_id": f"{who} {day}", "group": group, "touchpoint": one, "stage": STAGES[one]}
        | {"occurred_at": pd.Timestamp(f"{day}T09:00Z") + pd.Timedelta(minutes=10 * at)}
        for who, group, day, names in ways
        for at, one in enumerate(names)
    ]
    told = [
        {"customer_id": who, "answered_at": pd.Timestamp(f"{day}T20:00Z"), "instrument": "csat", "score": score}
        | {"scale_min": 1, "scale_max": 5, "touchpoint": "Call"}
        for who, day, score in answers
    ]
    wb.load([pd.DataFrame(rows), *([pd.DataFrame(told)] if told else [])], into=folder, name="Mapped")
    return wb.open(folder).by_case()


@pytest.fixture(scope="module")
def hundreds(tmp_path_factory):
    # all look; 60 of 100 of a then call and 40 of 100 of b. Half of those of a give 5, half 3; of b half 3, half 1
    ways, answers = [], []
    for group, called, high in (("a", 60, 5), ("b", 40, 3)):
        for i in range(100):
            ways.append((f"{group}{i:02}", group, "2026-01-10", ["Look", *["Call"] * (i < called)]))
        answers += [(f"{group}{i:02}", "2026-01-11", high - 2 * (i % 2)) for i in range(called)]
    study = load(tmp_path_factory.mktemp("map") / "s", ways, answers)
    return study.where(group="a"), study.where(group="b")


def rows(found):
    return found.frame.set_index(["kind", "name", "measure"])


def fourfold(k, n, other, m):
    p = (k + other) / (n + m)
    return math.erfc(abs(k / n - other / m) / math.sqrt(2 * p * (1 - p) * (1 / n + 1 / m)))


def test_by_hand(hundreds):
    found = j.compare(*hundreds, of="map")
    frame = rows(found)
    counts = ["n_a", "total_a", "n_b", "total_b", "n_customers"]
    for place in (("touchpoint", "Call"), ("stage", "Use")):
        assert tuple(frame.loc[(*place, "share"), counts]) == (60, 100, 40, 100, 100)
        assert tuple(frame.loc[(*place, "leave"), counts]) == (60, 60, 40, 40, 100)
        assert frame.loc[(*place, "share"), "p"] == pytest.approx(fourfold(60, 100, 40, 100), rel=1e-9)
        assert frame.loc[(*place, "leave"), "reason"] == "too few"  # all end there
    assert tuple(frame.loc[("touchpoint", "Look", "leave"), counts]) == (40, 100, 60, 100, 100)
    # ten minutes to the next step in either
    assert tuple(frame.loc[("touchpoint", "Look", "share"), ["median_a_s", "median_b_s", "median_difference_s"]]) == (
        600,
        600,
        0,
    )
    # felt: means (1 + 0.5) / 2 and (0.5 + 0) / 2 of the scale; an answer varies by 0.25² in both, as 180 and 120 whole cases
    one = frame.loc[("stage", "Use", "score")]
    assert tuple(one[counts]) == (60, 60, 40, 40, 100)
    assert (one["share_a"], one["share_b"]) == pytest.approx((0.75, 0.25))
    z = 0.5 / math.sqrt(0.55 * 0.45 * (1 / 180 + 1 / 120))
    assert one["p"] == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-9)
    assert ("stage", "Find", "score") not in frame.index
    # Call and Use, Look and Find left, Use felt
    assert found.n_tested == 5 and "surveys" in found.provenance.tables
    golden = {
        "en": "Largest difference shown: CSAT in the stage “Use”, share of its scale, 75% (group a) and 25% (group b)",
        "ru": "Самое большое выявленное различие: CSAT на этапе «Use», доля шкалы, 75\xa0% (group a) и 25\xa0% (group b)",
        "pl": "Największa wykazana różnica: CSAT na etapie „Use”, część skali, 75% (group a) i 25% (group b)",
    }
    for language, said in golden.items():
        assert found.explain(language)[0] == said
    members = found.customers(found.frame.index[found.frame["measure"] == "score"][0])
    assert (members["n_a"].sum(), members["n_b"].sum(), len(members)) == (60, 40, 100)
    assert "map.caveat.answers_of" in {one.key for one in found.caveats}


def test_numbers_are_those_of_the_map_alone(study):
    a, b = study.where(channel="app"), study.where(channel="web")
    frame = rows(j.compare(a, b, of="map"))
    for side, group in (("a", a), ("b", b)):
        alone = j.map(group)
        for kind, name, told in (("touchpoint", "touchpoint", alone.frame), ("stage", "stage", alone.stages)):
            for _, one in told.iterrows():
                share, leave = frame.loc[(kind, one[name], "share")], frame.loc[(kind, one[name], "leave")]
                assert share[f"n_{side}"] == one["n_journeys"] and share[f"n_customers_{side}"] == one["n_customers"]
                assert share[f"share_{side}"] == pytest.approx(one["share"])
                assert leave[f"share_{side}"] == pytest.approx(one["leave_share"])
                middle = one["next_median_s"]
                assert share[f"median_{side}_s"] == middle or math.isnan(middle)


def test_two_periods_have_their_own_answers_and_are_compared_as_pairs_are(tmp_path):
    # sixty come in January and in February: 40 call in January only, 20 in February only; each who calls is asked that day, the
    # forty give 5 and 3 by turns, the twenty 1
    ways, answers = [], []
    for i in range(60):
        for day, calls in (("2026-01-10", i < 40), ("2026-02-10", i >= 40)):
            ways.append((f"c{i:02}", "all", day, ["Look", *["Call"] * calls]))
            answers += [(f"c{i:02}", day, (5 - 2 * (i % 2)) if i < 40 else 1)] * calls
    study = load(tmp_path / "s", ways, answers)
    found = j.compare(study.between(None, "2026-01-31"), study.between("2026-02-01", None), of="map")
    frame = rows(found)
    # McNemar's (40 − 20)² / 60
    assert frame.loc[("touchpoint", "Call", "share"), "p"] == pytest.approx(math.erfc(math.sqrt(400 / 60 / 2)), rel=1e-6)
    one = frame.loc[("stage", "Use", "score")]
    assert tuple(one[["n_a", "n_b", "n_customers", "share_a", "share_b"]]) == (40, 20, 60, 0.75, 0)
    assert one["reason"] == "too few"  # twenty customers


def test_stages_are_those_of_both_and_other_is_none(tmp_path, hundreds):
    plan = j.Plan("Other", (j.PlannedStep("Look", "", 1), j.PlannedStep("Call", "Talk", 2)))
    found = j.compare(*hundreds, of="map", plan=plan)
    assert {name for kind, name, _ in rows(found).index if kind == "stage"} == {"Find", "Talk"}
    assert "wb.journeys.Plan.from_dict(" in found.code()
    bare = pd.DataFrame({"customer_id": list("aabb"), "touchpoint": ["Look", "Call"] * 2, "group": list("xxyy")})
    bare["occurred_at"] = pd.date_range("2026-01-01", periods=4, tz="UTC")
    wb.load(bare, into=tmp_path / "bare", name="Bare")
    plain = wb.open(tmp_path / "bare")
    assert set(j.compare(plain.where(group="x"), plain.where(group="y"), of="map").frame["kind"]) == {"touchpoint"}
    with pytest.raises(BadInput):
        j.compare(*hundreds, of="map", plan="plan.xlsx")
