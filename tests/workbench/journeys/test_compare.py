"""Two groups side by side: by hand on the twelve customers and on two hundred, one count, and what a comparison refuses."""

import datetime as dt
import math
from collections import Counter

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import BadInput, NotEnoughData, NotFound, SmallGroup
from workbench.journeys import naming
from workbench.locale import texts

j = wb.journeys
STEPS = ["Search", "Product page", "Cart", "Payment"]
VIEWS = {
    "flow": {},
    "touchpoints": {},
    "variants": {},
    "funnel": {"steps": STEPS},
    "steps": {"anchor": "Cart", "before": 2, "after": 2},
    "sessions": {"gap": "3min"},
    "loops": {},
    "crossings": {},
}
PAIRS = {
    "app and the rest": lambda study: (study.where(channel="app"), None),
    "app and web": lambda study: (study.where(channel="app"), study.where(channel="web")),
    "two periods": lambda study: (study.between("2026-03-02", "2026-03-02"), study.between("2026-03-03", None)),
    "gold and basic, by customer": lambda study: tuple(study.by_customer().where(plan=one) for one in ("gold", "basic")),
}


def pick(frame, **values):
    for name, value in values.items():
        frame = frame[frame[name] == value]
    (row,) = frame.index
    return frame.loc[row]


def wilson(k, n):
    z = 1.959964
    half = z * math.sqrt(k * (n - k) / n + z * z / 4)
    return (k + z * z / 2 - half) / (n + z * z), (k + z * z / 2 + half) / (n + z * z)


def test_by_hand(study):
    # with a step in the app: k02 k04 k07 k10 k13, of c02 c04 c07 c10 c01; customers of none of these: c03 c05 c06 c08 c09 c11
    # c12, with a journey each (not c01's k01, nor c02's k14)
    found = j.compare(study.where(channel="app"), of="touchpoints")
    assert found.sizes == (5, 5, 7, 7)
    # Cart: all but k10; k05 k06 k09 k11 of the others
    one = pick(found.frame, touchpoint="Cart")
    assert tuple(one[["n_a", "total_a", "n_b", "total_b", "n", "n_customers"]]) == (4, 5, 4, 7, 8, 8)
    assert (one["share_a"], one["share_b"]) == (4 / 5, 4 / 7) and one["difference"] == pytest.approx(8 / 35)
    # a journey a customer: Newcombe's interval from two score intervals
    (low_a, high_a), (low_b, high_b) = wilson(4, 5), wilson(4, 7)
    assert one["low"] == pytest.approx(8 / 35 - math.hypot(4 / 5 - low_a, high_b - 4 / 7), rel=1e-5)
    assert one["high"] == pytest.approx(8 / 35 + math.hypot(high_a - 4 / 5, 4 / 7 - low_b), rel=1e-5)
    assert list(found.customers(one.name)["customer_id"]) == ["c01", "c02", "c04", "c05", "c06", "c07", "c09", "c11"]
    # to the next step, minutes: k02 1, k07 none, k04 none, k13 2; k05 0, k06 1, k09 3, k11 1; too few for an interval
    assert (one["median_a_s"], one["median_b_s"], one["median_difference_s"]) == (90, 60, 30)
    assert math.isnan(one["median_difference_low_s"]) and math.isnan(one["median_difference_high_s"])
    # Support call is in none of the first and in k08, k09, k11
    one = pick(found.frame, touchpoint="Support call")
    assert tuple(one[["n_a", "n_b", "n_customers_a", "n_customers_b"]]) == (0, 3, 0, 3) and one["difference"] == -3 / 7
    # nothing is tested with so few
    assert set(found.frame["reason"]) == {"too few"} and not found.frame["shown"].any() and found.frame["p"].isna().all()
    assert found.explain() == [
        # all seven touchpoints
        "Too few customers to compare: 7 rows, none with enough in both groups",
        "app: 5 journeys of 5 customers; all others: 7 journeys of 7 customers.",
    ]


def test_customers_in_both_groups_count_once(study):
    # on the first day all begin but k13 and k14; their customers c01 and c02 have begun then, too
    first, then = study.between("2026-03-02", "2026-03-02"), study.between("2026-03-03", None)
    found = j.compare(first, then, of="touchpoints")
    assert found.sizes == (12, 12, 2, 2) and found.caveats[0].values == {"n": 2, "total": 12}
    # Delivery: k01 k02 k05 k11, and k13 of c01 again
    one = pick(found.frame, touchpoint="Delivery")
    assert tuple(one[["n_a", "n_b", "n_customers_a", "n_customers_b", "n", "n_customers"]]) == (4, 1, 4, 1, 5, 4)
    assert found.customers(one.name).to_dict("list") == {
        "customer_id": ["c01", "c02", "c05", "c11"],
        "n": [2, 1, 1, 1],
        "n_a": [1, 1, 1, 1],
        "n_b": [1, 0, 0, 0],
    }
    said = found.caveats[0].text()
    assert "2 of 12 customers are in both groups" in said and "does once only, in one or the other, shares allow" in said


def test_rows_of_other_views(study):
    app = study.where(channel="app")
    # of both groups together Cart ends k04 and k07 of its 8: a dead end, though in the app alone half of the four end there
    one = pick(j.compare(app, of="loops").frame, kind="dead_end", touchpoint="Cart")
    assert tuple(one[["n_a", "total_a", "n_b", "total_b"]]) == (2, 5, 0, 7)
    # Search in all five of the app, and in all others but k06's
    funnel = j.compare(app, of="funnel", steps=STEPS).frame.set_index("position")
    assert tuple(funnel.loc[1, ["n_a", "total_a", "n_b", "total_b"]]) == (5, 5, 6, 7)
    # of the four with Cart, k02 and k13 pay; of k05, k09, k11 all do
    assert tuple(funnel.loc[4, ["n_a", "total_a", "n_b", "total_b"]]) == (2, 4, 3, 3)
    # nobody is anywhere but at the anchor at the anchor
    assert 0 not in set(j.compare(app, of="steps", anchor="Cart", before=1).frame["position"])
    # the journey of five steps of k01, k05, k13 is the most frequent of both groups together: k13, and k05
    one = j.compare(app, of="variants", top=1).frame.loc[0]
    assert (one["variant"], one["n_a"], one["n_b"]) == ("Search → Product page → Cart → Payment → Delivery", 1, 1)


def owned(n, passed, kept):
    """A journey a customer: asked by "Sales", then `passed` of them answered by "Support", `kept` again by "Sales"."""
    rows, start = [], dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for group, (to, stay) in {"a": passed, "b": kept}.items():
        for i in range(n):
            owners = ["Sales", *["Support"] * (i < to), *["Sales"] * (to <= i < to + stay)]
            for place, owner in enumerate(owners):
                when = start + dt.timedelta(hours=i, minutes=place * (i + 1))
                row = {"customer_id": f"{group}{i}", "group": group, "occurred_at": when, "touchpoint": "Step", "owner": owner}
                rows.append(row)
    return pd.DataFrame(rows)


def test_handoffs_by_hand(tmp_path):
    # of a 60 are handed on to Support and 20 stay with Sales, of b nobody is handed on and 80 stay: 60 of 80 against 0 of 80
    wb.load([owned(100, (60, 20), (0, 80))], into=tmp_path / "s", name="Owned")
    study = wb.open(tmp_path / "s")
    found = j.compare(study.where(group="a"), study.where(group="b"), of="handoffs")
    (row,) = found.frame.index
    one = found.frame.loc[row]
    assert tuple(one[["source", "target", "n_a", "total_a", "n_b", "total_b", "n_customers"]]) == (
        "Sales", "Support", 60, 80, 0, 80, 60,
    )  # fmt: skip
    # (3/4)² / (3/8 · 5/8 · 2/80) = 96: beyond all doubt; minutes 1 to 60 have the median 30.5
    assert one["p"] == pytest.approx(math.erfc(math.sqrt(96 / 2)), rel=1e-6) and one["shown"]
    assert one["median_a_s"] == 30.5 * 60 and math.isnan(one["median_b_s"])
    assert found.explain()[0] == "Largest difference shown: “Sales” → “Support”, 75% (group a) and 0% (group b)"
    assert len(found.customers(row)) == 60
    with pytest.raises(NotEnoughData, match="has a channel"):
        j.compare(study.where(group="a"), of="crossings")


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("of", VIEWS)
def test_one_count(study, of, pair):
    a, b = PAIRS[pair](study)
    found = j.compare(a, b, of=of, **VIEWS[of])
    frame, view = found.frame, getattr(j, of)
    assert isinstance(frame.index, pd.RangeIndex) and len(frame)
    for row, one in frame.iterrows():
        members = found.customers(row)
        assert len(members) == one["n_customers"] == members["customer_id"].nunique() and members["n"].sum() == one["n"]
    # the numbers of a group are those of the view itself, but for dead ends and variants, which both groups choose together
    keys = found.view.columns
    for side, group in (("a", a), ("b", found.other)):
        alone = view(group, **VIEWS[of]).frame
        counted = "n_journeys" if of in ("touchpoints", "loops") else "n"
        told = alone.rename(columns={"n": "times"} | {counted: f"n_{side}", "n_customers": f"n_customers_{side}"})
        both = frame.merge(told, on=list(keys), suffixes=("", "_alone"))
        both = both[both["kind"] != "dead_end"] if of == "loops" else both
        assert len(both) or of == "loops"
        assert (both[f"n_{side}"] == both[f"n_{side}_alone"]).all()
        assert (both[f"n_customers_{side}"] == both[f"n_customers_{side}_alone"]).all()
        share = "step_rate" if of == "funnel" else "share"
        known = both.dropna(subset=[share])
        assert known[f"share_{side}"].tolist() == pytest.approx(known[share].tolist())
        if "median_s" in both:
            assert (both[f"median_{side}_s"].fillna(-1) == both["median_s"].fillna(-1)).all()


@pytest.mark.parametrize("of", VIEWS)
def test_the_other_way_round(study, of):
    app, web = study.where(channel="app"), study.where(channel="web")
    keys = list(j.compare(app, web, of=of, **VIEWS[of]).view.columns)
    one, back = (j.compare(*pair, of=of, **VIEWS[of]).frame.set_index(keys).sort_index() for pair in ((app, web), (web, app)))
    assert one.index.equals(back.index)
    for name, mirrored in (("n_a", "n_b"), ("share_a", "share_b"), ("n_customers_a", "n_customers_b"), ("n", "n")):
        assert one[name].fillna(-1).tolist() == back[mirrored].fillna(-1).tolist()
    assert one["low"].dropna().tolist() == pytest.approx((-back["high"]).dropna().tolist(), abs=1e-12)
    assert one["difference"].dropna().between(-1, 1).all() and (one["low"].dropna() <= one["difference"].dropna()).all()


def test_code_makes_the_same_frame(study):
    for of, given in VIEWS.items():
        for pair in PAIRS.values():
            a, b = pair(study)
            found = j.compare(a, b, of=of, **given)
            space = {}
            *lines, call = found.code().splitlines()
            exec("\n".join(lines), space)
            pd.testing.assert_frame_equal(eval(call, space).frame, found.frame, obj=of)


def log(numbers, seed=0):
    """A journey a customer: Look, then Ask or not, then Buy or not, Gift or not; `numbers`: group -> how many do each."""
    rows, start = [], dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for group, (n, asked, bought, gifts) in numbers.items():
        for i in range(n):
            # who asks and who buys has nothing to do with each other but that both are counted from the ends
            names = ["Look", *["Ask"] * (i < asked), *["Buy"] * (i >= n - bought), *["Gift"] * (i < gifts)]
            for place, name in enumerate(names):
                when = start + dt.timedelta(hours=i, minutes=place)
                rows.append({"customer_id": f"{group}{i}", "group": group, "occurred_at": when, "touchpoint": name})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def two_hundred(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two") / "hundred"
    wb.load([log({"a": (100, 30, 60, 4), "b": (100, 20, 40, 4)})], into=folder, name="Two")
    return wb.open(folder)


def test_what_is_shown_by_hand(two_hundred):
    found = j.compare(two_hundred.where(group="a"), two_hundred.where(group="b"), of="touchpoints")
    frame = found.frame.set_index("touchpoint")
    # Buy: (0.6 − 0.4)² / (0.5 · 0.5 · 2/100) = 8; Ask: 0.1² / (0.25 · 0.75 · 2/100) = 2.6667; chi-square of one degree
    assert frame.loc["Buy", "p"] == pytest.approx(0.004678, abs=5e-7)
    assert frame.loc["Ask", "p"] == pytest.approx(0.102470, abs=5e-7)
    # all look, so that there is nothing to tell apart; of Gift 4 are expected in each group: neither is tested nor counted
    assert frame.loc[["Look", "Gift"], "reason"].tolist() == ["too few"] * 2 and frame.loc[["Look", "Gift"], "q"].isna().all()
    assert frame.loc["Buy", "q"] == pytest.approx(2 * 0.004678, abs=1e-6)
    assert frame.loc["Ask", "q"] == pytest.approx(0.102470, abs=5e-7)
    assert frame["shown"].to_dict() == {"Buy": True, "Ask": False, "Gift": False, "Look": False}
    assert frame["reason"].tolist() == ["", "not shown", "too few", "too few"] and found.n_tested == 2
    # 60 of 100: (60 + 1.9207 ∓ 1.95996 √(24 + 0.9604)) / 103.8415 = 0.5020, 0.6906; 40 of 100: 0.3094, 0.4980
    # 0.2 − √(0.0980² + 0.0980²) = 0.0614 and 0.2 + √(0.0906² + 0.0906²) = 0.3281
    assert frame.loc["Buy", ["low", "high"]].tolist() == pytest.approx([0.0614, 0.3281], abs=5e-5)
    golden = {
        "en": [
            "Largest difference shown: “Buy”, 60% (group a) and 40% (group b)",
            "group a: 60 of 100; group b: 40 of 100; difference +20 percentage points (95% interval +6 to +33).",
            "In 1 of 2 comparisons a difference is shown; of differences so shown at most 5% are expected to be chance "
            "(Benjamini–Hochberg).",
            "2 of 4 rows were not compared: fewer than 30 customers in a group, or fewer than 5 cases expected.",
            "group a: 100 journeys of 100 customers; group b: 100 journeys of 100 customers.",
        ],
        "ru": [
            "Самое большое выявленное различие: «Buy», 60\xa0% (group a) и 40\xa0% (group b)",
            "group a: 60 из 100; group b: 40 из 100; разница +20 п. п. (95%-й интервал: от +6 до +33).",
            "Различие выявлено в 1 из 2 сравнений; из выявленных так различий случайными ожидаются не больше 5 % "
            "(поправка Бенджамини — Хохберга).",
            "Не сравнивались 2 строки из 4: в группе меньше 30 клиентов или ожидается меньше 5 случаев.",
            "group a: 100 путей 100 клиентов; group b: 100 путей 100 клиентов.",
        ],
        "pl": [
            "Największa wykazana różnica: „Buy”, 60% (group a) i 40% (group b)",
            "group a: 60 z 100; group b: 40 z 100; różnica +20 p.p. (przedział 95%: od +6 do +33).",
            "Różnicę wykazano w 1 z 2 porównań; wśród tak wykazanych różnic najwyżej 5% powinno być przypadkiem "
            "(Benjamini–Hochberg).",
            "Nie porównano 2 wierszy z 4: w grupie jest mniej niż 30 klientów albo oczekuje się mniej niż 5 przypadków.",
            "group a: 100 ścieżek 100 klientów; group b: 100 ścieżek 100 klientów.",
        ],
    }
    for language, sentences in golden.items():
        assert found.explain(language) == sentences


def test_the_picture_says_the_finding(two_hundred):
    found = j.compare(two_hundred.where(group="a"), two_hundred.where(group="b"), of="touchpoints")
    for language in ("en", "ru", "pl"):
        spec = found.chart(language).to_dict()
        assert spec["usermeta"]["title"] == found.explain(language)[0]
        assert spec["usermeta"]["subtitle"] + "." == found.explain(language)[-1]
    (rows,) = (rows for rows in found.chart().to_dict()["datasets"].values() if "difference" in rows[0])
    assert [row["name"] for row in rows] == ["“Buy”", "“Ask”", "“Look”", "“Gift”"]
    assert [row["detail"] for row in rows] == ["+20 pp", "difference not shown", *["too few to compare"] * 2]
    assert [row["is_shown"] for row in rows] == [True, False, False, False]
    assert (rows[0]["a_text"], rows[0]["b_text"]) == ("60% (60 of 100)", "40% (40 of 100)")
    assert rows[0]["difference_text"] == "+20 pp (95 %: +6.1 … +33)" and rows[0]["q"] == "0.009"


def test_groups_have_the_names_of_what_tells_them_apart(study):
    gold, span = study.where(plan="gold"), ("2026-03-02", "2026-03-02")
    pairs = {
        ("plan gold; app", "all others"): (gold.where(channel="app"), None),
        ("app", "web"): (gold.where(channel="app"), gold.where(channel="web")),
        ("all", "app"): (study, study.where(channel="app")),
        ("2 Mar 2026 – 2 Mar 2026", "from 3 Mar 2026"): (gold.between(*span), gold.between("2026-03-03", None)),
        ("Cart -> Payment", "until 2 Mar 2026"): (study.matching("Cart -> Payment"), study.between(None, "2026-03-02")),
        ("plan basic, gold", "all but app"): (study.where(plan=["gold", "basic"]), study.where(channel="app").rest()),
    }
    t = texts("en")
    for names, (a, b) in pairs.items():
        assert naming.group_names(a, b or a.rest(), t) == names
    # cut, and still told apart
    long = [study.where(touchpoint=["Cart", "Payment", "Search", one]) for one in ("Delivery", "Support call")]
    assert naming.group_names(*long, t) == ("Cart, Delivery, Payment, Search", "Cart, Payment, Search, Support call")
    assert naming.group_names(*long, t, 8) == ("Cart, D…", "Cart, P…")
    assert naming.group_names(*long, t, 7) == ("Cart,… (A)", "Cart,… (B)")
    names = naming.group_names(study.where(plan="gold").where(channel="app"), gold.rest(), texts("pl"))
    assert names == ("plan gold; app", "wszyscy oprócz: plan gold")


def test_no_difference_is_said_with_how_many_were_compared(tmp_path):
    wb.load([log({"a": (100, 30, 45, 40), "b": (100, 30, 40, 35)})], into=tmp_path / "s", name="None")
    study = wb.open(tmp_path / "s")
    found = j.compare(study.where(group="a"), of="touchpoints")
    # Buy 45 and 40, Gift 40 and 35, Ask 30 and 30. Of Buy 0.05² / (0.425 · 0.575 · 0.02) = 0.5115: p 0.4745; of Gift 0.05² /
    # (0.375 · 0.625 · 0.02) = 0.5333: p 0.4652; of Ask 1. The first two: 3 · 0.4745 / 2 = 0.7117 each
    frame = found.frame.set_index("touchpoint")
    assert frame.loc[["Gift", "Buy", "Ask"], "q"].tolist() == pytest.approx([0.7117, 0.7117, 1], abs=5e-5)
    said = found.explain()
    assert said[0] == "No difference shown in 3 comparisons"
    assert said[1].startswith(
        "The least likely to be chance is “Gift”. group a: 40 of 100; all others: 35 of 100; difference +5 percentage points"
    )
    assert "q = 0.71" in said[1]
    assert found.explain("pl")[0] == "Nie wykazano żadnej różnicy: 3 porównania"
    assert found.explain("ru")[0] == "Различий не выявлено: 3 сравнения"


def test_fewer_than_thirty_customers_are_not_tested(tmp_path):
    wb.load([log({"a": (29, 20, 15, 15), "b": (300, 100, 150, 90)})], into=tmp_path / "s", name="Few")
    study = wb.open(tmp_path / "s")
    assert set(j.compare(study.where(group="a"), of="touchpoints").frame["reason"]) == {"too few"}


def test_the_rest_of_the_rest_is_every_journey_of_these_customers(study):
    app = study.where(channel="app")
    assert app.rest().code().endswith(".where(channel='app').rest()")
    # c01, c02, c04, c07, c10 with k01 and k14 as well
    own = j.overview(app.rest().rest()).frame.set_index("measure")["value"]
    assert (own["journeys"], own["customers"]) == (7, 5)
    assert j.overview(app.rest().where(plan="gold")).frame.set_index("measure")["value"]["customers"] == 1  # c03 of c01 to c04


def test_small_groups_stay_closed_on_either_side(study):
    found = j.compare(study.guarded(3).where(channel="app"), study.where(channel="web"), of="touchpoints")
    # Delivery: k02 and k13 in the app, fewer than three customers; k01 k05 k11 on the web
    one = pick(found.frame, touchpoint="Delivery")
    assert (one["n_customers_a"], one["n_customers_b"]) == (2, 3)
    with pytest.raises(SmallGroup):
        found.customers(one.name)
    shown = found.guarded()
    hidden = {name for name in found.frame["touchpoint"] if name not in set(shown.frame["touchpoint"])}
    # Payment: k02, k13; Pay again: k02, and k09 on the web
    assert hidden == {"Delivery", "Payment", "Pay again"} and shown.caveats[-1].values["n"] == 3
    for row in shown.frame.index:
        assert shown.customers(row)["n"].sum() == shown.frame.loc[row, "n"]


@pytest.mark.parametrize("of", VIEWS)
def test_every_sentence_is_short_and_has_a_number(short_sentences, of):
    short_sentences(of, VIEWS[of])


def test_what_cannot_be_compared(study, two_hundred):
    app = study.where(channel="app")
    with pytest.raises(NotFound, match="no comparison of “overview”"):
        j.compare(app, of="overview")
    with pytest.raises(BadInput, match="other arguments; they are: steps, within"):
        j.compare(app, of="funnel")
    with pytest.raises(BadInput, match="other arguments; they are: –"):
        j.compare(app, of="flow", top=3)
    with pytest.raises(BadInput, match="not a number of variants"):
        j.compare(app, of="variants", top=0)
    with pytest.raises(NotFound, match="Did you mean “Cart”"):
        j.compare(app, of="steps", anchor="Carts")
    with pytest.raises(BadInput, match="no rest"):
        j.compare(study)
    for other in (two_hundred, study.by_customer(), study.by_gap("1h").where(channel="web")):
        with pytest.raises(BadInput, match="not of the same store"):
            j.compare(app, other)
    with pytest.raises(BadInput, match="same journeys"):
        j.compare(app, study.where(channel="app"))
    never = study.between("2030-01-01", None)
    for pair, group in (((app, never), "group to compare with has no journey"), ((never, app), "left in the selection")):
        with pytest.raises(NotEnoughData, match=group):
            j.compare(*pair)
    # everyone has a touchpoint: nobody is left
    with pytest.raises(NotEnoughData, match="group to compare with"):
        j.compare(study.where(touchpoint=["Search", "Product page", "Support call"]))


def test_order_of_rows_and_other_customers_do_not_matter(tmp_path):
    rows = pd.DataFrame(company.rows()).sample(frac=1, random_state=3).sort_values("occurred_at", kind="stable")
    # k05's Cart and Payment stand at the same minute, in the order of the file
    tied = rows["case_id"].eq("k05") & rows["touchpoint"].isin(["Cart", "Payment"])
    rows.loc[tied, :] = rows[tied].sort_values("touchpoint").to_numpy()
    more = rows.head(3).assign(customer_id="x", case_id="x", channel="fax", touchpoint="Fax")
    frames = []
    for name, events in (("plain", pd.DataFrame(company.rows())), ("mixed", pd.concat([rows, more]))):
        wb.load([events], into=tmp_path / name, name=name)
        study = wb.open(tmp_path / name)
        found = j.compare(study.where(channel="app"), study.where(channel="web")).frame
        frames.append(found.sort_values(["kind", "source", "target"], ignore_index=True))
    pd.testing.assert_frame_equal(*frames)
    assert Counter(frames[0]["kind"])["entry"] == 2  # Search, Product page
