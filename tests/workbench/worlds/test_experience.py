"""What customers answer: effects exact in points, found again within customers; the silent; answers on another scale."""

import feeling
import numpy as np
import pandas as pd
import pytest

from workbench import model, worlds
from workbench.door import load
from workbench.errors import BadInput
from workbench.sources import Mapping, TableMapping
from workbench.worlds import experience, truths

EFFECTS = {"called": -0.08, "slow_fix": -0.15, "outage": -0.10, "passed_on": -0.05, "shop_visit": 0.06}
ON = {"nps": ["called", "outage", "passed_on", "shop_visit"], "csat": ["called", "slow_fix", "passed_on", "shop_visit"]}
STEPS = {"nps": 10, "csat": 4}
DAY = pd.Timedelta("1D")


@pytest.fixture(scope="module")
def world():
    return feeling.world()


@pytest.fixture(scope="module")
def company(world):
    return worlds.generate(world, customers=12_000, seed=3)


@pytest.fixture(scope="module")
def answers(company):
    """All who were asked, with the share of the scale on which their answers lie on average, which nobody else knows."""
    frame = company.key["answers"].astype(dict.fromkeys(("customer_id", "instrument", "level", "touchpoint"), object))
    mood = company.people.set_index("customer_id")["mood"].reindex(frame["customer_id"]).to_numpy()
    mean = 0.36 + (0.84 - 0.36) * mood
    for name, points in EFFECTS.items():
        on = frame["instrument"].map({one: name in names for one, names in ON.items()}).to_numpy(dtype=float)
        mean = mean + points * on * frame[name].to_numpy()
    low, steps = frame["instrument"].map({"nps": 0, "csat": 1}), frame["instrument"].map(STEPS)
    return frame.assign(mean=mean, share=((frame["would_score"] - low) / steps).to_numpy(), steps=steps.to_numpy())


def totals(values, customers):
    return pd.Series(np.asarray(values, dtype=float)).groupby(np.asarray(customers)).sum().to_numpy()


# --- the scores ---------------------------------------------------------------------------------------------------------


def test_the_mean_of_an_answer_is_mood_plus_effects_and_never_near_the_ends(answers):
    assert answers["mean"].between(0.02, 0.98).all()
    off = (answers["share"] - answers["mean"]).to_numpy()
    # answers are drawn one by one around their means: four standard errors, over all and wherever a cause held
    for part in (np.ones(len(off), bool), *(answers[name].to_numpy() == 1 for name in EFFECTS)):
        assert abs(off[part].mean()) < 4 * off[part].std() / part.sum() ** 0.5
        assert part.sum() > 1000


def test_single_answers_scatter_as_a_beta_binomial_does(answers):
    p, k, c = answers["mean"], answers["steps"], 5
    # Var(X) = k p (1 − p) (c + k) / (c + 1) for a beta-binomial with α + β = c, here of X / k
    variance = p * (1 - p) * (c + k) / (c + 1) / k
    ratio = (answers["share"] - p) ** 2 / variance
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / len(ratio) ** 0.5


def _within(frame, names):
    """Least squares after each customer's own mean is taken off (fixed effects): whatever the mood, it is gone."""
    numbers = frame[["would_score", *names]].astype(float)
    centred = (numbers - numbers.groupby(frame["customer_id"].to_numpy()).transform("mean")).to_numpy()
    y, x = centred[:, 0], centred[:, 1:]
    customer = pd.factorize(frame["customer_id"])[0]
    xx = np.stack([np.bincount(customer, weights=a * b) for a in x.T for b in x.T], axis=1).reshape(-1, len(names), len(names))
    xy = np.stack([np.bincount(customer, weights=a * y) for a in x.T], axis=1)
    rng = np.random.default_rng(8)
    drawn = rng.multinomial(len(xx), np.full(len(xx), 1 / len(xx)), size=400)
    solved = [np.linalg.solve(np.tensordot(w, xx, 1), w @ xy) for w in drawn]
    return np.quantile(solved, [0.025, 0.975], axis=0)


@pytest.mark.parametrize("instrument", ["nps", "csat"])
def test_each_effect_is_found_within_customers_in_the_declared_size(answers, instrument):
    names = ON[instrument]
    low, high = _within(answers[answers["instrument"] == instrument], names)
    for i, name in enumerate(names):
        size = EFFECTS[name] * STEPS[instrument]
        assert low[i] < size < high[i], name
        # and it is told from nothing
        assert not low[i] < 0 < high[i], name


def test_a_cause_holds_where_the_events_before_the_question_say_so(company, answers):
    events = company.tables["events"].astype(dict.fromkeys(("customer_id", "case_id", "touchpoint", "owner"), object))
    before = events.groupby("case_id")
    events["passed"] = before["owner"].shift().notna() & (before["owner"].shift() != events["owner"])
    events["slow"] = (events["touchpoint"] == "Fix") & (events["occurred_at"] - before["occurred_at"].shift() > 3 * DAY)
    marks = {
        "called": (events["touchpoint"] == "Call", 7),
        "slow_fix": (events["slow"], 30),
        "passed_on": (events["passed"], 10),
        "shop_visit": (events["touchpoint"] == "Shop", 14),
    }
    some = answers.sample(400, random_state=5)
    by_customer = dict(list(events[events["customer_id"].isin(some["customer_id"])].groupby("customer_id")))
    for one in some.itertuples():
        theirs = by_customer.get(one.customer_id, events.iloc[:0])
        for name, (mark, days) in marks.items():
            at = theirs["occurred_at"][mark.reindex(theirs.index)]
            # windows are open at their beginning and closed at the question
            assert getattr(one, name) == ((at <= one.asked_at) & (at > one.asked_at - days * DAY)).any(), name
    assert some[list(marks)].mean().between(0.02, 0.98).all()


# --- who answers --------------------------------------------------------------------------------------------------------


def test_who_answers_scores_otherwise_than_all_by_the_declared_gap(answers, world):
    rng = np.random.default_rng(4)
    for survey in world.experience.surveys:
        asked = answers[(answers["instrument"] == survey.instrument) & (answers["level"] == survey.level)]
        customer = asked["customer_id"].to_numpy()
        parts = [np.ones(len(asked)), asked["would_score"], asked["answered"], asked["answered"] * asked["would_score"]]
        n, score, answered, both = (totals(one, customer) for one in parts)
        w = rng.multinomial(len(n), np.full(len(n), 1 / len(n)), size=600)
        gaps = (w @ both) / (w @ answered) - (w @ score) / (w @ n)
        low, high = np.quantile(gaps, [0.025, 0.975])
        assert low < survey.silent * survey.steps < high
        assert not low < 0 < high


def test_how_many_answer_depends_on_mood_and_on_nothing_that_happened(answers, company):
    mood = company.people.set_index("customer_id")["mood"].reindex(answers["customer_id"]).to_numpy()
    csat = (answers["instrument"] == "csat").to_numpy()
    gloomy, sunny = (answers["answered"][csat & part].mean() for part in (mood < 0.4, mood > 0.8))
    assert gloomy < 0.37 < 0.43 < sunny
    for name in ON["csat"]:
        for value in (0, 1):
            part = answers[csat & (answers[name] == value).to_numpy()]
            each = totals(part["answered"] - 0.4, part["customer_id"])
            assert abs(each.sum()) < 4 * np.sqrt((each**2).sum())


def test_chances_stay_chances_for_the_largest_gap_that_may_be_declared():
    with pytest.raises(BadInput) as caught:
        feeling.world(feeling.COMPANY + feeling.EXPERIENCE.replace("silent = 0.025", "silent = 0.3"))
    most = caught.value.values["most"]
    text = feeling.COMPANY + feeling.EXPERIENCE.replace("silent = 0.025", f"silent = {most}")
    made = worlds.generate(feeling.world(text), customers=4000, seed=9)
    answers = made.key["answers"].query("instrument == 'csat'")
    mood = made.people.set_index("customer_id")["mood"].reindex(answers["customer_id"].astype(object)).to_numpy()
    # where the chance of the gloomiest is 0 or that of the sunniest is 1, and not beyond: the rate is still the declared one
    each = totals(answers["answered"] - 0.4, answers["customer_id"].astype(object))
    assert abs(each.sum()) < 4 * np.sqrt((each**2).sum())
    assert answers["answered"][mood > 0.95].mean() - answers["answered"][mood < 0.1].mean() > 0.5


# --- the table ----------------------------------------------------------------------------------------------------------


def test_the_surveys_are_the_models_and_agree_with_the_key(company, answers):
    surveys = company.tables["surveys"]
    known = {column.name for column in model.table("surveys").columns}
    assert set(surveys.columns) - known == {"not_applicable"}
    assert not set(surveys.columns) & {"would_score", "answered", *EFFECTS}
    assert surveys["answered_at"].is_monotonic_increasing and surveys["response_id"].is_unique
    both = surveys.merge(answers[answers["answered"] == 1], on="response_id", suffixes=("", "_key"), validate="one_to_one")
    assert len(both) == len(surveys) == answers["response_id"].notna().sum() == answers["answered"].sum()
    for name in ("customer_id", "instrument", "level"):
        assert (both[name] == both[f"{name}_key"]).all()
    plain = both[~both["not_applicable"]]
    assert (
        plain["score"] - plain["scale_min"] == plain["would_score"] - plain["instrument"].map({"nps": 0, "csat": 1}).astype(int)
    ).all()
    assert (plain["scale_max"] - plain["scale_min"] == plain["steps"]).all()
    later = both["answered_at"] - both["asked_at"]
    assert (later > pd.Timedelta(0)).all() and (later <= 4 * DAY).all()
    interaction = surveys["level"] == "interaction"
    assert surveys["touchpoint"][~interaction].isna().all()
    assert set(surveys["touchpoint"][interaction]) == {"Call", "Shop", "Fix"}
    channels = surveys[interaction].groupby("touchpoint")["channel"].unique().map(list).to_dict()
    assert channels == {"Call": ["phone"], "Shop": ["shop"], "Fix": ["app"]}


def test_answers_on_another_scale_and_not_applicable_ones_are_as_many_as_declared(company):
    surveys = company.tables["surveys"]
    nps = surveys[(surveys["instrument"] == "nps") & (surveys["level"] == "relationship")]
    shifted = nps["scale_min"] == 1
    assert (nps["scale_max"][shifted] == 11).all() and nps["score"][shifted].between(1, 11).all()
    csat = surveys[surveys["instrument"] == "csat"]
    blank = csat["not_applicable"]
    assert (csat["score"][blank] == 0).all() and csat[["scale_min", "scale_max"]][blank].isna().all(axis=None)
    assert csat["score"][~blank].between(1, 5).all()
    for flag, share in ((shifted, 0.06), (blank, 0.05)):
        assert abs(flag.mean() - share) < 4 * (share * (1 - share) / len(flag)) ** 0.5


def test_nobody_is_asked_before_joining_after_leaving_or_too_late_to_be_heard(company, answers, world):
    customers = company.tables["customers"].set_index("customer_id").reindex(answers["customer_id"])
    asked = answers["asked_at"].array
    assert (customers["joined_at"].array <= asked).all()
    assert (customers["left_at"].isna().to_numpy() | (customers["left_at"].array >= asked)).all()
    assert company.tables["surveys"]["answered_at"].max() < pd.Timestamp(world.end, tz=world.timezone) + DAY


def test_all_of_it_can_be_loaded_and_nothing_is_rejected(company, tmp_path):
    surveys = company.tables["surveys"]
    columns = {name: name for name in surveys if model.table("surveys").column(name)}
    report = load([surveys], tmp_path / "store", [Mapping((TableMapping("surveys", columns=columns),))])
    rows = report.rows[report.rows["table"] == "surveys"]
    assert rows["loaded"].sum() == len(surveys) and rows["quarantined"].sum() == 0


def test_same_seed_same_bytes_and_a_part_does_not_disturb_another(tmp_path):
    def made(text, seed=4, name="answers"):
        company = worlds.generate(feeling.world(text), customers=400, seed=seed)
        company.key[name].to_parquet(tmp_path / f"{name}.parquet")
        return company, (tmp_path / f"{name}.parquet").read_bytes()

    text = feeling.COMPANY + feeling.CHURN + feeling.EXPERIENCE
    (one, first), (two, second), (_, other) = made(text), made(text), made(text, seed=5)
    assert first == second != other
    for name in one.tables:
        pd.testing.assert_frame_equal(one.tables[name], two.tables[name])
    # fewer questions change neither who leaves nor what happens
    fewer, _ = made(text.replace("asked = 0.7", "asked = 0.1"))
    for name in ("customers", "events"):
        pd.testing.assert_frame_equal(one.tables[name], fewer.tables[name])
    assert len(fewer.key["answers"]) < len(one.key["answers"])


def test_a_company_nobody_asks_has_no_answers():
    company = worlds.generate(feeling.world(feeling.COMPANY), customers=50, seed=1)
    assert "surveys" not in company.tables and "answers" not in company.key
    assert experience.truths(company.world) == []


def test_a_mood_that_is_the_same_for_all_is_one_truth_an_instrument():
    text = feeling.COMPANY.replace('mood = { by = "contract", monthly = 0.52, yearly = 0.62 }', "mood = 0.6")
    same = feeling.world(text + feeling.EXPERIENCE)
    made = worlds.generate(same, customers=4000, seed=6)
    # 0.36 + 0.48 × 0.6 = 0.648 of the scale
    found = {one.id: one for one in experience.truths(same) if one.kind == "experience_mood"}
    assert {name: one.size for name, one in found.items()} == pytest.approx(
        {"experience.mood.nps": 6.48, "experience.mood.csat": 1 + 4 * 0.648}
    )
    for truth in found.values():
        assert experience.measure(truth, made.tables, made.key, same).covers


# --- truths and declaration ---------------------------------------------------------------------------------------------


def test_every_truth_has_an_id_of_its_own_and_a_sentence_in_each_language(world, company):
    found = experience.truths(world)
    # 2 kinds of customers × 2 instruments, 8 effects on instruments, 3 surveys × 2, one on another scale, one not applicable
    assert len({one.id for one in found}) == len(found) == 4 + 8 + 6 + 2
    for truth in found:
        measured = experience.measure(truth, company.tables, company.key, world)
        said = {language: truths.sentence(measured, language) for language in ("en", "ru", "pl")}
        assert len(set(said.values())) == 3
        assert all(truth.place["question"] in one for one in said.values())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("points = -0.15", "points = -0.35"), ["csat", "-0.12"]),
        (("mood = [0.36, 0.84]", "mood = [0.84, 0.36]"), ["experience.mood"]),
        (("silent = 0.03\n", "silent = 0.2\n"), ["experience.surveys[1].silent", "0.2"]),
        (('every = "60d"', 'evry = "60d"'), ["evry", "every"]),
        (('after = ["Call", "Shop", "Fix"]', 'after = ["Call", "Shopp"]'), ["Shopp", "Shop"]),
        (('instrument = "csat"', 'instrument = "cast"'), ["cast", "csat"]),
        (("not_applicable = 0.05", "not_applicable = 0.9"), ["experience.surveys[3].not_applicable", "0.9"]),
        (("mis_scaled = 0.06", "not_applicable = 0.06"), ["experience.surveys[1].not_applicable"]),
        (('id = "slow_fix"', 'id = "called"'), ["experience.effects[2].id", "called"]),
        (('id = "slow_fix"', 'id = "answered"'), ["experience.effects[2].id", "answered"]),
        (('level = "relationship"\nevery = "60d"', 'level = "interaction"\nafter = ["Call"]'), ["nps.interaction"]),
        (('on = ["nps"]', 'on = ["ces"]'), ["experience.effects[3].on", "ces"]),
    ],
)
def test_a_wrong_declaration_says_where(change, words):
    text = feeling.COMPANY + feeling.EXPERIENCE
    assert text.count(change[0]) == 1
    with pytest.raises(BadInput) as caught:
        feeling.world(text.replace(*change))
    assert all(word in str(caught.value) for word in ("small.toml", "line ", *words)), str(caught.value)
