"""Views whose rows are not moves of journeys, in two groups: one count, the same from either side, code, sentences."""

import pandas as pd
import pytest

import workbench as wb

j = wb.journeys
PLAN = j.Plan("Usual", tuple(j.PlannedStep(name, "", order) for order, name in enumerate(["Search", "Cart", "Delivery"], 1)))
VIEWS = {
    "cohorts": {"by": "week"},
    "conformance": {"plan": PLAN},
    "map": {},
    "attribution": {"target": "Cart", "by": "touchpoint"},
}
PAIRS = {
    "app and the rest": lambda study: (study.where(channel="app"), None),
    "app and web": lambda study: (study.where(channel="app"), study.where(channel="web")),
    "two periods": lambda study: (study.between("2026-03-02", "2026-03-11"), study.between("2026-03-12", None)),
    "gold and basic, by customer": lambda study: tuple(study.by_customer().where(plan=one) for one in ("gold", "basic")),
}
NUMBERS = ["n_a", "total_a", "n_customers_a", "share_a"]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("of", VIEWS)
def test_one_count(study, of, pair):
    a, b = PAIRS[pair](study)
    found = j.compare(a, b, of=of, **VIEWS[of])
    assert isinstance(found.frame.index, pd.RangeIndex) and len(found.frame)
    for row, one in found.frame.iterrows():
        members = found.customers(row)
        assert len(members) == one["n_customers"] == members["customer_id"].nunique() and members["n"].sum() == one["n"]
        assert (members["n_a"].sum(), members["n_b"].sum()) == (one["n_a"], one["n_b"])
        assert (members["n_a"].gt(0).sum(), members["n_b"].gt(0).sum()) == (one["n_customers_a"], one["n_customers_b"])
    space = {}
    *lines, call = found.code().splitlines()
    exec("\n".join(lines), space)
    pd.testing.assert_frame_equal(eval(call, space).frame, found.frame)


@pytest.mark.parametrize("pair", ["app and web", "two periods"])
@pytest.mark.parametrize("of", VIEWS)
def test_the_other_way_round(study, of, pair):
    a, b = PAIRS[pair](study)
    keys = list(j.compare(a, b, of=of, **VIEWS[of]).view.columns)
    one, back = (j.compare(*two, of=of, **VIEWS[of]).frame.set_index(keys).sort_index() for two in ((a, b), (b, a)))
    assert one.index.equals(back.index)
    for name in NUMBERS:
        assert one[name].fillna(-1).tolist() == back[f"{name[:-1]}b"].fillna(-1).tolist()
    assert one["low"].dropna().tolist() == pytest.approx((-back["high"]).dropna().tolist(), abs=1e-12)
    for side in "ab":
        assert one[f"share_{side}"].dropna().between(0, 1).all()
    told = one["low"].notna()
    assert (one["low"][told] <= one["difference"][told]).all() and (one["difference"][told] <= one["high"][told]).all()


@pytest.mark.parametrize("of", VIEWS)
def test_every_sentence_is_short_and_has_a_number(short_sentences, of):
    short_sentences(of, VIEWS[of])
