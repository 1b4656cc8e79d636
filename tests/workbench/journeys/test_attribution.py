"""Attribution: worked out by hand, and against slow ways of its own."""

import itertools
import math
import random

import chances
import pandas as pd
import pytest
from crediting import removal_slowly, touched
from scipy import stats

import workbench as wb
from workbench.errors import BadInput, NotEnoughData, NotFound
from workbench.journeys.attribution import MODELS, shared_out

j = wb.journeys
START = pd.Timestamp("2026-03-02T09:00:00Z")


@pytest.fixture
def walked(tmp_path):
    """A study of journeys given as {customer: [channel or None, …]}; "Goal" is the conversion, a day between steps."""

    def make(ways, shuffled=False):
        rows = [
            {"customer_id": who, "occurred_at": START + pd.Timedelta(days=at), "touchpoint": name or "Unknown", "channel": name}
            for who, names in ways.items()
            for at, name in enumerate(names)
        ]
        if shuffled:
            random.Random(1).shuffle(rows)
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        wb.load(pd.DataFrame(rows), into=folder, name="Walked")
        return wb.open(folder).by_customer()

    return make


def credits(result, model):
    rows = result.frame[result.frame["model"] == model]
    return dict(zip(rows[result.params["by"]], rows["credit"], strict=True))


def near(**values):
    return pytest.approx(values, abs=2**-20)  # credits are counted in such parts


def test_the_call_of_the_twelve(study):
    # Support call: k08 (web before it), k09 (web six times), k11 (web at 0, 2, 5 and 6 min, courier after 2 days, an hour
    # before the call), and k14, where nothing comes before: the call's own channel. Four conversions of c08, c09, c11, c02.
    result = j.attribution(study, target="Support call", half_life="1d")
    assert result.n_conversions == 4
    assert credits(result, "first") == {"web": 3, "phone": 1, "app": 0, "courier": 0}
    assert credits(result, "last") == {"web": 2, "courier": 1, "phone": 1, "app": 0}
    assert credits(result, "linear") == near(web=2 + 4 / 5, courier=1 / 5, phone=1, app=0)
    assert credits(result, "position") == near(web=2 + 0.4 + 0.2, courier=0.4, phone=1, app=0)
    assert credits(result, "shapley") == near(web=2 + 1 / 2, courier=1 / 2, phone=1, app=0)
    web = sum(2 ** (-(2880 - minute) / 1440) for minute in (0, 2, 5, 6))
    assert credits(result, "time_decay") == near(web=2 + web / (web + 1), courier=1 / (web + 1), phone=1, app=0)
    # Chain (a channel after itself changes nothing): start to web 7/14, app 5/14, phone and store 1/14 each; of seven web
    # stays 3 go to courier (k01, k05, k11), 2 convert (k08, k09); of five of app 2 go to courier (k02, k13); of five of courier
    # one converts; phone converts; store ends. h(courier) = 1/5, h(web) = 2/7 + 3/7·1/5 = 13/35, h(app) = 2/25: the chance is
    # 13/70 + 2/70 + 5/70 = 20/70. Lost without web 13/70, app 2/70, phone 5/70, courier 20/70 − (10 + 5)/70 = 5/70: 25 in all.
    markov = credits(result, "markov")
    assert markov == near(web=4 * 13 / 25, phone=4 * 5 / 25, courier=4 * 5 / 25, app=4 * 2 / 25)
    rows = result.frame[result.frame["model"] == "markov"].set_index("channel")
    assert rows[["n", "n_customers"]].T.to_dict("list") == {"web": [3, 3], "courier": [1, 1], "phone": [1, 1], "app": [0, 0]}
    said = {one.key.rpartition(".")[2]: dict(one.values) for one in result.caveats}
    assert said["credit_alone"] == {"n": 1, "total": 4} and "credit_none" not in said


SAID = {
    "en": [
        # 3 of 4 by the first touch, 2 of 4 by the last, 2.08 by the chain
        "“web” has most credit by 7 of 7 models: 50% to 75%",
        "Every model shares out the same conversions at “Support call”: those of 4 of 14 journeys.",
        "The models disagree most about “courier”: 0% (first touch) and 25% (last touch).",
        "By the Markov chain “web” has 2.08 of 4 conversions",
    ],
    "ru": [
        "По 7 из 7 моделей больше всего конверсий отнесено на «web»: от 50\xa0% до 75\xa0%",
        "Все модели распределяют одни и те же конверсии на «Support call»: путей с ней 4 из 14.",
        "Сильнее всего модели расходятся в оценке «courier»: 0\xa0% (первое касание) и 25\xa0% (последнее касание).",
        "По цепи Маркова на «web» приходится 2,08 из 4 конверсий",
    ],
    "pl": [
        "Według 7 z 7 modeli najwięcej konwersji przypada na „web”: od 50% do 75%",
        "Wszystkie modele rozdzielają te same konwersje na „Support call”: ścieżek z nią jest 4 z 14.",
        "Modele najbardziej różnią się w ocenie „courier”: 0% (pierwszy kontakt) i 25% (ostatni kontakt).",
        "Według łańcucha Markowa na „web” przypada 2,08 z 4 konwersji",
    ],
}


@pytest.mark.parametrize("language", SAID)
def test_what_is_said(study, language):
    result = j.attribution(study, target="Support call")
    *whole, markov = result.explain(language)
    assert whole == SAID[language][:3] and markov.startswith(SAID[language][3])
    said = [one.text(language) for one in result.caveats]
    # k11 has five touches and k09 six; ten journeys never get there; web, phone, courier, and app by the chain alone
    assert ["4" in said[0], "2" in said[1], "10" in said[2], "1" in said[3], "4" in said[4]] == [True] * 5


def test_one_channel_alone(study):
    # all that comes before the payment of k06 is in the store
    said = j.attribution(study.where(channel="store"), target="Payment").explain()
    assert said[0] == "100% of the credit goes to “store”: nothing else came before"


ALONE = {
    "en": ("At least 95% of the credit goes to “web” by each model; what else", "nothing else came before"),
    "ru": ("По каждой модели на «web» отнесено не меньше 95\xa0% конверсий; у остального", "ничего другого"),
    "pl": ("Według każdego modelu na „web” przypada co najmniej 95% konwersji; reszta", "nic innego"),
}


@pytest.mark.parametrize("language", ALONE)
def test_one_channel_is_not_alone_where_others_are_hidden(walked, language):
    # web before 57 of 60 conversions, by each model, and phone before 3, who are too few to be shown
    ways = {f"c{i}": ["web" if i < 57 else "phone", "Goal"] for i in range(60)}
    result = j.attribution(walked(ways).guarded(5), target="Goal").guarded()
    told, denied = ALONE[language]
    assert result.frame["channel"].unique().tolist() == ["web"]
    assert result.explain(language)[0].startswith(told) and not any(denied in one for one in result.explain(language))
    # three more of web, and nothing is hidden
    whole = j.attribution(walked({f"c{i}": ["web", "Goal"] for i in range(60)}).guarded(5), target="Goal").guarded()
    assert denied in whole.explain(language)[0]


def test_paths_by_hand(walked):
    # a converts once, though it comes back to the goal; X loses 3/4 of the chance, Y 1/2: see test_reductions
    study = walked({"a": ["X", "Y", "Goal", "X", "Goal"], "b": ["X", "Goal"], "c": ["Y"], "d": ["X"]})
    result = j.attribution(study, target="Goal", by="touchpoint")
    assert credits(result, "first") == {"X": 2, "Y": 0}
    assert credits(result, "last") == {"X": 1, "Y": 1}
    for model in ("linear", "position", "shapley"):
        assert credits(result, model) == {"X": 1.5, "Y": 0.5}
    # a day apart with a half-life of two: 2^(−1/2) against 1
    late = 1 / (1 + 2**-0.5)
    result = j.attribution(study, target="Goal", by="touchpoint", half_life="2d")
    assert credits(result, "time_decay") == near(X=2 - late, Y=late)
    assert credits(result, "markov") == near(X=2 * 3 / 5, Y=2 * 2 / 5)


def test_a_chain_that_remembers_two(walked):
    # order 1: start X 2/3, Y 1/3; X to Y, X, end 1/3 each; Y converts 1/2: h(X) = 1/4, the chance 1/3. Without X 1/6 is left,
    # without Y nothing: effects 1/2 and 1. Order 2: only X Y converts, and always; without either nothing is left.
    study = walked({"a": ["X", "Y", "Goal"], "b": ["Y"], "c": ["X", "X"]})
    assert credits(j.attribution(study, target="Goal"), "markov") == near(Y=2 / 3, X=1 / 3)
    for order in (2, 3):
        assert credits(j.attribution(study, target="Goal", order=order), "markov") == {"X": 0.5, "Y": 0.5}


def test_nothing_before_and_nothing_named(walked):
    # a: the goal at once, its own channel; b: an event without a channel, then Z
    result = j.attribution(walked({"a": ["Goal"], "b": [None, "Z", "Goal"]}), target="Goal")
    assert credits(result, "linear") == {"Goal": 1, "(none)": 0.5, "Z": 0.5}
    assert credits(result, "first") == {"Goal": 1, "(none)": 1, "Z": 0}
    said = {one.key.rpartition(".")[2]: dict(one.values) for one in result.caveats}
    assert said["credit_alone"] == {"n": 1, "total": 2} and said["credit_none"] == {"n": 1, "total": 2}


def test_touches_ages_before_still_count(walked):
    # all touches 1,440 half-lives and more before the conversion: the weights as such are all 0 in floats, what counts is how
    # they stand to each other: X a day before Y has 2^−1440 of its weight
    result = j.attribution(walked({"a": ["X", "Y", "Goal"], "b": ["X", "Goal"]}), target="Goal", half_life="1min")
    assert credits(result, "time_decay") == {"X": 1, "Y": 1}


# -- slow ways ---------------------------------------------------------------------------------------------------------


def drawn(seed, people=60, kinds="ABCD"):
    """Journeys of a walk on channels that convert now and then; about one in five begins with the goal or never meets it."""
    rng = random.Random(seed)
    ways = {}
    for i in range(people):
        names = [rng.choice(kinds) for _ in range(rng.randint(1, 6))]
        if rng.random() < 0.5:
            names.insert(rng.randint(0, len(names)), "Goal")
        ways[f"c{i:03}"] = names
    return ways


@pytest.mark.parametrize("order", [1, 2, 3])
def test_removal_effects_the_slow_way(walked, order):
    ways = drawn(order)
    result = j.attribution(walked(ways), target="Goal", order=order)
    slow = removal_slowly(ways.values(), order, ["A", "B", "C", "D", "Goal"])
    found = credits(result, "markov")
    assert found == pytest.approx({kind: one * result.n_conversions for kind, one in slow.items()}, abs=1e-5)


def test_a_planted_chain_is_found_again(walked):
    # start A 0.7, B 0.3; A: B 0.3, converts 0.2, ends 0.5; B: A 0.2, converts 0.3, ends 0.5.
    # h(A) = 0.2 + 0.3 h(B), h(B) = 0.3 + 0.2 h(A), so h(A) = 0.29/0.94 and h(B) = 0.34/0.94: the chance is 0.305/0.94.
    # Without A 0.3·0.3 = 0.09 of it is left, without B 0.7·0.2 = 0.14.
    rng, leads = random.Random(20), {"A": (["B", "Goal", ""], [3, 2, 5]), "B": (["A", "Goal", ""], [2, 3, 5])}
    ways = {}
    for i in range(1500):
        names = rng.choices(["A", "B"], [7, 3])
        while names[-1] in leads:
            names += rng.choices(*leads[names[-1]])
        ways[f"c{i:04}"] = [one for one in names if one]
    rows = j.attribution(walked(ways), target="Goal").frame.query("model == 'markov'").set_index("channel")
    whole = 0.305 / 0.94
    for name, lost in (("A", whole - 0.09), ("B", whole - 0.14)):
        truth = lost / (2 * whole - 0.23)
        assert rows.loc[name, "low"] < truth < rows.loc[name, "high"]
    assert rows.loc["A", "low"] > 0.5 > rows.loc["B", "high"]


def test_shapley_by_all_orders_of_joining(walked):
    ways = drawn(7)
    worth = [frozenset(touched(names)[0]) for names in ways.values() if "Goal" in names]
    kinds = ["A", "B", "C", "D", "Goal"]
    slow = dict.fromkeys(kinds, 0.0)
    for queue in itertools.permutations(kinds):
        inside = set()
        for one in queue:
            before = sum(ways <= inside for ways in worth)
            inside.add(one)
            slow[one] += (sum(ways <= inside for ways in worth) - before) / math.factorial(len(kinds))
    assert credits(j.attribution(walked(ways), target="Goal"), "shapley") == pytest.approx(slow, abs=1e-5)


def test_intervals_are_those_of_leaving_customers_out(walked):
    # variance of each share by leaving out one customer after the other; the interval is a score interval of as many cases as
    # have that variance: its ends solve (share − end)² = z² end (1 − end) / cases
    ways = drawn(11, people=150)
    result = j.attribution(walked(ways), target="Goal")
    kinds, n = ["A", "B", "C", "D"], len(ways)

    def linear(some):
        told = [touched(names)[0] for names in some if "Goal" in names]
        return {kind: sum(one.count(kind) / len(one) for one in told) / len(told) for kind in kinds}

    slow = {"linear": linear, "markov": lambda some: removal_slowly(some, 1, [*kinds, "Goal"])}
    for model, share in slow.items():
        rows = result.frame[result.frame["model"] == model].set_index("channel")
        left_out = pd.DataFrame([share([way for who, way in ways.items() if who != one]) for one in ways])
        for kind in kinds:
            variance = (n - 1) / n * ((left_out[kind] - left_out[kind].mean()) ** 2).sum()
            told = rows.loc[kind]
            for end in (told["low"], told["high"]):
                estimated = (told["share"] - end) ** 2 / 1.959964**2 / (end * (1 - end))  # 1 / cases
                assert estimated * told["share"] * (1 - told["share"]) == pytest.approx(variance, rel=0.06)


def held(folder, samples):
    return {name: k for name, (*_, k) in chances.credited(folder, samples).items()}


def test_intervals_hold_what_is_true_of_all_customers(tmp_path):
    found = held(tmp_path / "s", 10)
    # of ten intervals of 95 % fewer than six hold the truth 6 times in 100,000, and there are 28 such tens
    assert len(found) == 28 and min(found.values()) >= 6


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_intervals_hold_what_is_true_in_95_of_100_samples(tmp_path):
    found = held(tmp_path / "s", chances.SEEDS)
    # each but once in ten thousand times; and all together not as often as if they were far too wide
    assert min(found.values()) >= stats.binom.ppf(1e-4, chances.SEEDS, 0.95)
    assert sum(found.values()) / len(found) < 0.98 * chances.SEEDS


# -- what always holds -------------------------------------------------------------------------------------------------


def test_credits_add_up_to_the_last_unit(walked, study):
    made = [j.attribution(walked(drawn(seed)), target="Goal", by=by) for seed, by in ((1, "channel"), (2, "touchpoint"))]
    made += [j.attribution(study, target=target) for target in ("Payment", "Delivery", "Cart", "Search")]
    for result in made:
        for model in MODELS:
            rows = result.frame[result.frame["model"] == model]
            for order in (rows, rows[::-1], rows.sample(frac=1, random_state=3)):
                assert sum(order["credit"]) == result.n_conversions  # not nearly: exactly
            assert (rows["low"] <= rows["share"]).all() and (rows["share"] <= rows["high"]).all()
            assert rows["credit"].is_monotonic_decreasing and (rows["credit"] >= 0).all()


@pytest.mark.parametrize("parts", [[1, 1, 1], [1, 2, 4, 0], [0.1] * 7, [1e-12, 1], [1 / 3, 2 / 3]])
@pytest.mark.parametrize("n", [1, 7, 19_785, 10**9])
def test_sharing_out(parts, n):
    found = shared_out(parts, n)
    assert sum(found) == n and (found * 2**20 == (found * 2**20).round()).all()
    for got, part in zip(found, parts, strict=True):
        assert abs(got - n * part / sum(parts)) < 2**-20 + n * 1e-15


def test_equal_parts_share_what_is_left_by_their_order():
    # 2^20 = 3 · 349525 + 1: one part is left over, for the first
    assert list(shared_out([1, 1, 1], 1) * 2**20) == [349526, 349525, 349525]


def test_the_order_of_rows_and_unrelated_customers_change_nothing(walked):
    ways = drawn(5)
    found = j.attribution(walked(ways), target="Goal").frame
    pd.testing.assert_frame_equal(j.attribution(walked(ways, shuffled=True), target="Goal").frame, found)
    # who never converts changes the chain, but no other model
    more = j.attribution(walked(ways | {"zz": ["A", "E"]}), target="Goal").frame
    for one in MODELS:
        if one != "markov":
            kept = more[(more["model"] == one) & (more["channel"] != "E")].reset_index(drop=True)
            pd.testing.assert_frame_equal(kept, found[found["model"] == one].reset_index(drop=True))


def test_n_is_that_of_the_pattern(study):
    # journeys with a touchpoint before the first Payment, asked in another way
    frame = j.attribution(study, target="Payment", by="touchpoint").frame
    for name, n in frame.drop_duplicates("touchpoint").set_index("touchpoint")["n"].items():
        asked = study.matching(f"{name} -> Payment")
        assert n == j.overview(asked).frame.set_index("measure").loc["journeys", "value"]


def test_what_can_not_be_had(study, walked):
    with pytest.raises(NotFound, match="Paymnt"):
        j.attribution(study, target="Paymnt")
    with pytest.raises(NotFound, match="owner"):
        j.attribution(study, target="Payment", by="owner")
    for order in (0, 4, True, "2"):
        with pytest.raises(BadInput, match="order="):
            j.attribution(study, target="Payment", order=order)
    with pytest.raises(BadInput):
        j.attribution(study, target="Payment", half_life=7)
    with pytest.raises(NotEnoughData, match="None of the journeys"):
        j.attribution(study.matching("not Payment"), target="Payment")


def test_events_without_channels(tmp_path):
    rows = [{"customer_id": "a", "occurred_at": START, "touchpoint": "X"}]
    wb.load(pd.DataFrame(rows), into=tmp_path / "plain", name="Plain")
    plain = wb.open(tmp_path / "plain")
    with pytest.raises(NotEnoughData, match="no channel"):
        j.attribution(plain, target="X")
    # the touchpoint itself, where nothing comes before
    result = j.attribution(plain, target="X", by="touchpoint")
    assert {model: credits(result, model) for model in MODELS} == {model: {"X": 1} for model in MODELS}


def test_a_chain_of_too_many_states(walked):
    # 1,600 channels, each met by one: as many states
    ways = {f"c{i}": [f"ch{i}"] for i in range(1600)} | {"goal": ["X", "Goal"]}
    with pytest.raises(NotEnoughData, match="1,602 states"):
        j.attribution(walked(ways), target="Goal")
