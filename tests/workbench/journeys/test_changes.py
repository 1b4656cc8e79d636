"""Changes through the public door: against counts by hand, one count, orders of rows, errors, sentences."""

import datetime as dt
import json

import changing
import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import BadInput, NotEnoughData, NotFound, SmallGroup
from workbench.locale import texts
from workbench.settings import Settings

j = wb.journeys


@pytest.fixture(scope="module")
def rows():
    return changing.rows()


@pytest.fixture(scope="module")
def asked(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("companies") / "asked"
    wb.load([rows], into=folder, name="Asked")
    return wb.open(folder).by_case()


@pytest.fixture(scope="module", params=["touchpoints", "moves"])
def result(asked, request):
    return j.changes(asked, of=request.param)


def one(result, measure, name):
    frame = result.frame
    column = "touchpoint" if "touchpoint" in frame else "target"
    found = frame[(frame["measure"] == measure) & (frame[column] == name)]
    return found.iloc[0]


def test_what_changed_and_when(result):
    # the waits last hours: 99 % of them end within a day, so that the last day is left out and 59 are looked at
    assert result.n_periods == 59
    yes = one(result, "share", "Yes")
    assert yes["from_low_day"] <= pd.Timestamp("2026-02-14") <= yes["from_high_day"]  # 40 days after 5 January
    assert not yes["went_back"] and pd.isna(yes["back_day"])
    slow = one(result, "time", "Yes") if "target" in result.frame else one(result, "time", "Ask")
    assert slow["from_low_day"] <= pd.Timestamp("2026-01-25") <= slow["from_high_day"]
    assert slow["back_low_day"] <= pd.Timestamp("2026-02-04") <= slow["back_high_day"] and slow["went_back"]
    assert slow["before_low_s"] <= 3600 <= slow["before_high_s"] and slow["after_low_s"] <= 10800 <= slow["after_high_s"]
    assert (result.frame[["p", "q"]] <= 0.05).all(axis=None)


def test_levels_are_counts(asked, rows):
    yes = one(j.changes(asked, of="moves"), "share", "Yes")
    cases = rows.assign(day=rows.groupby("case_id")["occurred_at"].transform("min").dt.tz_convert(None).dt.normalize())
    answers = cases[(cases["touchpoint"] != "Ask") & (cases["day"] < "2026-03-05")]  # the last day is 5 March
    after = answers[answers["day"] >= yes["from_day"]]
    before = answers[answers["day"] < yes["from_day"]]
    said = [(part["touchpoint"] == "Yes").mean() for part in (before, after)]
    assert list(yes[["before_share", "after_share"]]) == pytest.approx(said)
    agreed = after[after["touchpoint"] == "Yes"]
    assert (yes["n"], yes["n_customers"]) == (len(agreed), agreed["customer_id"].nunique())
    assert yes["n_before"] == (before["touchpoint"] == "Yes").sum()
    assert yes["before_low"] <= 0.2 <= yes["before_high"] and yes["after_low"] <= 0.5 <= yes["after_high"]


def test_levels_of_touchpoints_hold_the_askings_equal(asked, rows):
    yes = one(j.changes(asked, of="touchpoints"), "share", "Yes")
    cases = rows.assign(day=rows.groupby("case_id")["occurred_at"].transform("min").dt.tz_convert(None).dt.normalize())
    cases = cases[cases["day"] < "2026-03-05"]
    # Yes only follows Ask: how often it does, times what Ask is of all steps
    usual = (cases["touchpoint"] == "Ask").mean()
    answers = cases[cases["touchpoint"] != "Ask"]
    late = answers["day"] >= yes["from_day"]
    said = [(answers[here]["touchpoint"] == "Yes").mean() * usual for here in (~late, late)]
    assert list(yes[["before_share", "after_share"]]) == pytest.approx(said)


def test_one_count(result):
    for label, row in result.frame.iterrows():
        found = result.customers(label)
        assert (len(found), found["n"].sum()) == (row["n_customers"], row["n"])
    for label, row in result.series.iterrows():
        found = result.customers(label, of="series")
        assert (len(found), found["n"].sum()) == (row["n_customers"], row["n"])
    shares = result.series[result.series["measure"] == "share"]
    assert ((shares["low"] <= shares["share"]) & (shares["share"] <= shares["high"])).all()
    assert shares[["low", "share", "high"]].stack().between(0, 1).all()
    times = result.series[result.series["measure"] == "time"]
    assert ((times["low_s"] <= times["middle_s"]) & (times["middle_s"] <= times["high_s"])).all()


def test_the_order_of_rows_is_nothing(rows, asked, tmp_path):
    wb.load([rows.sample(frac=1, random_state=1)], into=tmp_path / "s", name="Asked")
    other = wb.open(tmp_path / "s").by_case()
    for of in ("touchpoints", "moves"):
        pd.testing.assert_frame_equal(j.changes(other, of=of).frame, j.changes(asked, of=of).frame)


def test_shares_that_hold_something_equal_say_so(result):
    said = any("not the plain shares of steps" in one.text() for one in result.caveats)
    assert said == (result.params["of"] == "touchpoints")


def test_days_weeks_and_months_agree(asked):
    day, week = (one(j.changes(asked, by=by, of="moves"), "share", "Yes") for by in ("day", "week"))
    # the week that 14 February lies in begins on the 9th
    assert week["from_day"].day_of_week == 0
    assert week["from_low_day"] <= pd.Timestamp("2026-02-09") <= week["from_high_day"]
    assert abs(week["after_share"] - day["after_share"]) < 0.05
    with pytest.raises(NotEnoughData, match="at least 5 periods, and there are 3"):
        j.changes(asked, by="month")


def asked_in_turn(folder, seed, plan):
    """Ask, then Yes or No nine minutes later, each by a customer of their own; `plan`: (days, a day, share of Yes), in turn."""
    drawn = np.random.default_rng(seed)
    starts = np.cumsum([0, *(days for days, *_ in plan)])
    rows = []
    for (days, a_day, share), start in zip(plan, starts, strict=False):
        for i in range(days * a_day):
            at = changing.START + dt.timedelta(days=int(start) + i // a_day, hours=float(drawn.random() * 10))
            who, answer = f"{start}-{i}", "Yes" if drawn.random() < share else "No"
            rows.append({"customer_id": who, "occurred_at": at, "touchpoint": "Ask"})
            rows.append({"customer_id": who, "occurred_at": at + dt.timedelta(minutes=9), "touchpoint": answer})
    wb.load([pd.DataFrame(rows)], into=folder, name="In turn")
    return j.changes(wb.open(folder).by_customer(), of="moves")


THEN = {
    "en": (" the level was ", "; that this is the old one is not shown."),
    "ru": (" уровень — ", "; что это прежний уровень, не видно."),
    "pl": (" poziom wynosi ", "; nie widać, by był to poziom dawny."),
}


def test_not_told_from_the_old_level_is_not_back_to_it(tmp_path):
    # 20 % of 20, then 75 % of 600, then 40 % of 400: of 20 a few more or fewer make the 40 % look like the old level
    for seed in (0, 2, 5):
        result = asked_in_turn(tmp_path / str(seed), seed, [(20, 1, 0.2), (60, 10, 0.75), (40, 10, 0.4)])
        shares = result.frame[result.frame["target"] == "Yes"].sort_values("from_day")
        assert not result.frame["went_back"].any() and result.frame["back_day"].isna().all()
        # the level after is told as what it is
        rose, fell = (row for _, row in shares.iterrows())
        assert fell["from_low_day"] <= pd.Timestamp("2026-03-26") <= fell["from_high_day"]  # 80 days after 5 January
        assert fell["before_share"] == rose["after_share"] and fell["after_low"] <= 0.4 <= fell["after_high"]
    first = result.frame.iloc[0]
    then = result.frame[(result.frame["target"] == first["target"]) & (result.frame["from_day"] > first["from_day"])].iloc[0]
    for language, (level, ends) in THEN.items():
        told, t = result.explain(language)[1], texts(language)
        assert told.endswith(f" {t.day(then['from_day'])}{level}{t.percent(then['after_share'])}{ends}")


def test_back_to_an_old_level_that_is_known(tmp_path):
    # 400 before and 400 after, of 20 %: what is known of both leaves no room for 15 points of the 30
    result = asked_in_turn(tmp_path / "s", 1, [(40, 10, 0.2), (30, 10, 0.5), (40, 10, 0.2)])
    yes = one(result, "share", "Yes")
    assert yes["went_back"] and yes["back_low_day"] <= pd.Timestamp("2026-03-16") <= yes["back_high_day"]  # 70 days
    for language, said in {"en": "was back to the old one", "ru": "уровень снова прежний", "pl": "znów dawny"}.items():
        assert said in result.explain(language)[1]


CHOSEN = {
    "en": (
        "a 95% interval if the dates had been known before",
        "found by looking for the largest difference",
        "less often than 95",
    ),
    "ru": ("95%-й интервал, если бы даты были известны заранее", "поиском самого большого различия", "реже, чем 95 раз"),
    "pl": ("przedział 95%, gdyby daty były znane z góry", "szukając największej różnicy", "rzadziej niż 95 razy"),
}


@pytest.mark.parametrize("language", CHOSEN)
def test_levels_of_chosen_stretches_are_not_said_to_be_surer_than_they_are(asked, language):
    # the stretch is the one that lies farthest from the rest: its interval holds the truth less often than that of a given one
    result = j.changes(asked, of="moves")
    interval, largest, often = CHOSEN[language]
    assert interval in result.explain(language)[1]
    assert any(largest in one.text(language) and often in one.text(language) for one in result.caveats)


def test_more_beginnings_are_no_change(tmp_path):
    # three times as many ask in the fourth week; they answer as all others do
    calm = {"later": 0.2, "longer": 60}
    made = changing.rows(6, **calm)
    more = changing.rows(7, a_day=60, **calm)
    week = more["occurred_at"].between("2026-01-26", "2026-02-02")
    more = more[more["case_id"].isin(more.loc[week, "case_id"])].assign(case_id=lambda frame: "x" + frame["case_id"])
    wb.load([pd.concat([made, more])], into=tmp_path / "s", name="Sale")
    study = wb.open(tmp_path / "s").by_case()
    for of in ("touchpoints", "moves"):
        found = j.changes(study, of=of)
        assert found.frame.empty and found.nearest > 0.05 and found.series.empty
        assert "journeys.changes.chosen" not in [one.key for one in found.caveats]
        assert found.explain()[0] == "No change of shares or times is shown"
        assert found.guarded().chart().to_dict()["usermeta"]["title"] == found.explain()[0]


def test_what_cannot_be_answered(study, asked):
    with pytest.raises(NotFound, match=r"by=year .* day, month, week"):
        j.changes(asked, by="year")
    with pytest.raises(NotFound, match=r"of=steps .* moves, touchpoints"):
        j.changes(asked, of="steps")
    with pytest.raises(NotEnoughData, match="50 cases"):
        j.changes(study)  # twelve customers


def test_days_beyond_count(tmp_path):
    far = changing.rows(days=2)
    late = far.assign(occurred_at=far["occurred_at"] + pd.Timedelta(days=2500), case_id="y" + far["case_id"])
    wb.load([pd.concat([far, late])], into=tmp_path / "s", name="Far")
    with pytest.raises(BadInput, match="more than the 1,500"):
        j.changes(wb.open(tmp_path / "s").by_case())


def test_small_groups_are_hidden(asked):
    settings = Settings(min_group=1000, store=str(asked.store))
    guarded = wb.open(asked.store, settings=settings).by_case().guarded()
    hidden = j.changes(guarded).guarded()
    assert hidden.frame.empty and hidden.series.empty
    assert "fewer than 1000 customers" in hidden.explain()[0]
    with pytest.raises(SmallGroup):
        j.changes(guarded).customers(0)


SAID = {
    "en": "From 14 Feb 2026 “Ask” was followed by “Yes” more often: ",
    "ru": "С 14 февр. 2026 после «Ask» чаще шло «Yes»: в ",
    "pl": "Od 14 lut 2026 po „Ask” częściej następowało „Yes”: w ",
}


@pytest.mark.parametrize("language", SAID)
def test_sentences(asked, language):
    result = j.changes(asked, of="moves")
    yes = result.frame[(result.frame["target"] == "Yes") & (result.frame["measure"] == "share")]
    assert yes.iloc[0]["from_day"] == pd.Timestamp("2026-02-14")
    told = result.explain(language)
    assert any(SAID[language] in line for line in told) and len(told) == 5
    drawn = result.chart(language).to_dict()
    assert drawn["usermeta"]["title"] == told[0]
    # each panel has its sentence above it
    assert SAID[language] in json.dumps([drawn["layer"], drawn.get("datasets")], ensure_ascii=False)


def test_the_code_computes_it(asked):
    result = j.changes(asked, by="week", of="moves")
    assert result.code().endswith("wb.journeys.changes(study, by='week', of='moves')")


def test_slow_steps_have_their_own_time(tmp_path):
    # 100 quick questions a day, and two orders, delivered after 5 days or so: of all waits 99 % end in 6 days, of these in 20.
    # In 50 of 200 days they take 12 days: most of them longer than that
    seeded = np.random.default_rng(8)
    made = []
    for day in range(200):
        for i in range(102):
            at = changing.START + dt.timedelta(days=day, minutes=i)
            first, then, hours = ("Order", "Delivery", 288 if 80 <= day < 130 else 120) if i < 2 else ("Ask", "Answer", 1)
            who = {"customer_id": f"c{seeded.integers(600)}", "case_id": f"{day}-{i}"}
            later = at + dt.timedelta(hours=hours * float(np.exp(seeded.normal(0, 0.5))))
            made += [who | {"occurred_at": at, "touchpoint": first}, who | {"occurred_at": later, "touchpoint": then}]
    wb.load([pd.DataFrame(made)], into=tmp_path / "s", name="Slow")
    result = j.changes(wb.open(tmp_path / "s").by_case(), of="moves")
    assert result.moves.within_s["Ask"] == 86400 and result.moves.within_s["Order"] > 20 * 86400
    (slow,) = [row for _, row in result.frame.iterrows()]
    assert (slow["measure"], slow["source"], slow["target"], slow["went_back"]) == ("time", "Order", "Delivery", True)
    begins, ends = (pd.Timestamp(changing.START.date() + dt.timedelta(days=day)) for day in (80, 130))
    assert slow["from_low_day"] <= begins <= slow["from_high_day"] and slow["back_low_day"] <= ends <= slow["back_high_day"]
    assert (
        slow["before_low_s"] <= 120 * 3600 <= slow["before_high_s"]
        and slow["after_low_s"] <= 288 * 3600 <= slow["after_high_s"]
    )
    assert any("“Order”" in one.text() for one in result.caveats)
