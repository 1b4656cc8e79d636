"""Who leaves: each driver's odds ratio found again by stratifying, the confounder that only looks like one, the leak."""

import math

import feeling
import numpy as np
import pandas as pd
import pytest

from workbench import worlds
from workbench.errors import BadInput
from workbench.worlds import churn, truths

DRIVERS = ["monthly", "called", "outage", "paper_bill"]
DAY = pd.Timedelta("1D")


@pytest.fixture(scope="module")
def world():
    return feeling.world()


@pytest.fixture(scope="module")
def company(world):
    return worlds.generate(world, customers=20_000, seed=11)


@pytest.fixture(scope="module")
def months(company):
    """The key's months with what is known of the customers."""
    customers = company.tables["customers"]
    return company.key["months"].astype({"customer_id": object}).merge(customers, on="customer_id", validate="many_to_one")


def odds_ratio(frame, driver, strata):
    """Mantel and Haenszel's odds ratio of leaving with and without the driver, over strata in which all else is the same, with
    the interval of Robins, Breslow and Greenland (1986); without strata it is the plain one of the 2×2 table."""
    r = s = pr = ps_qr = qs = 0.0
    for _, one in frame.groupby(strata, observed=True) if strata else [((), frame)]:
        held, left = one[driver].to_numpy() == 1, one["left"].to_numpy() == 1
        a, b, c, d = (float(np.sum(x & y)) for x, y in ((held, left), (held, ~left), (~held, left), (~held, ~left)))
        n = a + b + c + d
        p, q, here_r, here_s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
        r, s = r + here_r, s + here_s
        pr, ps_qr, qs = pr + p * here_r, ps_qr + p * here_s + q * here_r, qs + q * here_s
    error = math.sqrt(pr / (2 * r * r) + ps_qr / (2 * r * s) + qs / (2 * s * s))
    return r / s, r / s * math.exp(-1.96 * error), r / s * math.exp(1.96 * error)


def others(driver):
    return [name for name in (*DRIVERS, "called_except") if name not in (driver, f"{driver}_except")]


@pytest.mark.parametrize(("driver", "declared"), [("monthly", 3.0), ("outage", 1.8), ("paper_bill", 1.0)])
def test_a_drivers_odds_ratio_is_the_declared_one_where_all_else_is_equal(months, driver, declared):
    _, low, high = odds_ratio(months, driver, others(driver))
    assert low < declared < high
    # an interval that holds everything would prove nothing
    assert high / low < 1.5


def test_the_effect_of_calling_reverses_among_the_youngest(months):
    young = months["age_band"] == "18-29"
    _, low, high = odds_ratio(months[young], "called", others("called"))
    assert low < 0.4 < high < 1
    _, low, high = odds_ratio(months[~young], "called", others("called"))
    assert 1 < low < 2.5 < high
    # who doesn't look into segments finds one number that holds for nobody
    _, low, high = odds_ratio(months, "called", others("called"))
    assert not low < 2.5 < high and not low < 0.4 < high


def test_the_confounder_looks_like_a_driver_until_what_it_comes_along_with_is_held_equal(months):
    naive, low, _ = odds_ratio(months, "paper_bill", [])
    assert naive > low > 1.2
    _, low, high = odds_ratio(months, "paper_bill", ["monthly"])
    assert low < 1 < high


def test_nobody_for_whom_no_driver_holds_leaves_more_often_than_declared(months, world):
    none = months[(months[DRIVERS] == 0).all(axis=1)]
    k, n = none["left"].sum(), len(none)
    error = math.sqrt(world.churn.base * (1 - world.churn.base) / n)
    assert abs(k / n - world.churn.base) < 4 * error
    assert n > 10_000


def test_months_are_those_in_which_a_customer_was_there_and_end_with_leaving(months, world):
    start = pd.Timestamp(world.start, tz=world.timezone)
    begins = start + months["period"] * 30 * DAY
    assert (months["joined_at"] <= begins).all()
    assert (months["left_at"].isna() | (months["left_at"] >= begins)).all()
    last = months.sort_values("period").groupby("customer_id").tail(1).set_index("customer_id")
    first = months.groupby("customer_id")["period"].min()
    # one row a month, none left out
    rows = months.groupby("customer_id").size()
    assert (last["period"] - first + 1).sort_index().tolist() == rows.sort_index().tolist()
    ends = start + (last["period"] + 1) * 30 * DAY
    assert ((last["left_at"] < ends) == (last["left"] == 1)).all()
    # each that left did so in a month that the key has
    assert months["left"].sum() == months.drop_duplicates("customer_id")["left_at"].notna().sum()


def test_who_left_begins_no_journey_any_more(company):
    events = company.tables["events"].astype({"customer_id": object, "case_id": object})
    left = company.tables["customers"].set_index("customer_id")["left_at"]
    begins = events.groupby("case_id").agg(customer_id=("customer_id", "first"), at=("occurred_at", "min"))
    gone = left.reindex(begins["customer_id"]).to_numpy()
    assert (pd.isna(gone) | (begins["at"].to_numpy() <= gone)).all()


def test_a_driver_holds_where_the_events_before_the_month_say_so(company, months, world):
    calls = company.tables["events"].query("touchpoint == 'Call'")
    by_customer = {name: one.to_numpy() for name, one in calls.groupby("customer_id", observed=True)["occurred_at"]}
    start = pd.Timestamp(world.start, tz=world.timezone).tz_convert("UTC")
    for one in months.sample(800, random_state=3).itertuples():
        begins = start + one.period * 30 * DAY
        at = pd.DatetimeIndex(by_customer.get(one.customer_id, []))
        n = ((at >= begins - 60 * DAY) & (at < begins)).sum() if len(at) else 0
        assert one.called == (n >= 2)
        assert one.called_except == (n >= 2 and one.age_band == "18-29")
        assert (one.monthly, one.paper_bill) == (one.contract == "monthly", one.bill == "paper")
    assert months.sample(800, random_state=3)["called"].mean() > 0.05


def test_the_leak_knows_nearly_all_who_left_and_nothing_before(company, months):
    customers = company.tables["customers"]
    left, flag = customers["left_at"].notna(), customers["account_closed"]
    assert flag[left].mean() > 0.95 and flag[~left].mean() < 0.02
    # of those with the flag nearly all had left: no honest column of this company says that much
    assert left[flag].mean() > 0.9
    assert all(
        left[customers[name] == value].mean() < 0.6 for name in ("contract", "bill") for value in customers[name].unique()
    )
    # among those who leave it tells nothing of when or why: it is written afterwards
    gone = customers[left]
    early = gone["left_at"] < gone["left_at"].median()
    error = math.sqrt(0.97 * 0.03 * 4 / len(gone))
    assert abs(gone[early]["account_closed"].mean() - gone[~early]["account_closed"].mean()) < 4 * error


def test_a_company_without_the_section_keeps_everybody_and_is_otherwise_the_same():
    quiet = worlds.generate(feeling.world(feeling.COMPANY), customers=300, seed=2)
    assert quiet.tables["customers"]["left_at"].isna().all() and "months" not in quiet.key
    leaving = worlds.generate(feeling.world(feeling.COMPANY + feeling.CHURN), customers=300, seed=2)
    same = [name for name in quiet.tables["customers"] if name != "left_at"]
    pd.testing.assert_frame_equal(quiet.tables["customers"][same], leaving.tables["customers"][same])


def test_a_company_too_small_to_tell_says_so(world):
    tiny = worlds.generate(world, customers=3, seed=1)
    found = [churn.measure(truth, tiny.tables, tiny.key, world) for truth in churn.truths(world)]
    assert not any(one.told or one.covers for one in found if one.truth.unit == "ratio")


def test_every_truth_has_an_id_of_its_own_and_a_sentence_in_each_language(world, company):
    found = churn.truths(world)
    assert len({one.id for one in found}) == len(found) == 8
    assert {one.kind for one in found} >= {"churn_driver", "churn_confounder", "churn_exception", "churn_leak_caught"}
    for truth in found:
        measured = churn.measure(truth, company.tables, company.key, world)
        said = {language: truths.sentence(measured, language) for language in ("en", "ru", "pl")}
        assert len(set(said.values())) == 3
        name = truth.place.get("driver", truth.place.get("column", ""))
        assert all(name in one for one in said.values())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("base = 0.02", "base = 0.9"), ["churn.base", "0.9"]),
        (('from = { contract = "monthly" }', 'from = { contract = "weekly" }'), ["churn.drivers[1].from", "weekly", "monthly"]),
        (('from = { contract = "monthly" }', 'from = { contrct = "monthly" }'), ["contrct", "contract"]),
        (('from = { contract = "monthly" }', "from = {}"), ["churn.drivers[1].from"]),
        (('touchpoint = "Call", times = 2, within = "60d"', 'touchpoint = "Call", times = 2'), ["within"]),
        (('times = 2, within = "60d"', 'times = 0, within = "60d"'), ["times", "0"]),
        (('incident = "outage", within = "45d"', 'incident = "outrage", within = "45d"'), ["outrage", "outage"]),
        (('id = "paper_bill"', 'id = "monthly"'), ["churn.drivers[4].id", "monthly"]),
        (("odds_ratio = 1.8", "odds_ratio = 0"), ["churn.drivers[3].odds_ratio"]),
        (('column = "account_closed"', 'column = "region"'), ["churn.leak.column", "region"]),
        (("caught = 0.97", "caught = 97"), ["churn.leak.caught"]),
    ],
)
def test_a_wrong_declaration_says_where(change, words):
    text = feeling.COMPANY + feeling.CHURN
    assert text.count(change[0]) == 1
    line = text[: text.index(change[0])].count("\n") + 1
    with pytest.raises(BadInput) as caught:
        feeling.world(text.replace(*change))
    assert all(word in str(caught.value) for word in ("small.toml", f"line {line}:", *words))


def test_a_company_of_less_than_31_days_has_no_month_to_leave_in():
    text = feeling.COMPANY[: feeling.COMPANY.index("[[incidents]]")].replace("2026-08-31", "2026-02-03")
    drivers = feeling.CHURN[: feeling.CHURN.index("[[churn.drivers]]")]
    with pytest.raises(BadInput, match="31 days"):
        feeling.world(text + drivers)
    assert feeling.world(text.replace("2026-02-03", "2026-02-05") + drivers).churn.base == 0.02
