"""Campaigns: who is contacted and when, what a contact changes and how it tires; each truth found again by hand."""

import dataclasses
import datetime as dt

import campaigning
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from workbench.errors import BadInput, WorkbenchError
from workbench.worlds import campaigns, trials
from workbench.worlds.company import NEVER

DAY = pd.Timedelta("1D")


@pytest.fixture(scope="module")
def world():
    return campaigning.world()


@pytest.fixture(scope="module")
def company(world):
    return campaigning.company(world, 20_000, seed=11)


@pytest.fixture(scope="module")
def contacts(company):
    """All contacts with what is known of the customer and what is hidden."""
    hidden = company.key["arms"].drop(columns=["customer_id", "campaign"])
    found = company.tables["contacts"].merge(hidden, on="contact_id", validate="one_to_one")
    found = found.merge(company.people, on="customer_id", validate="many_to_one")
    return found.assign(treated=found["arm"] == "treatment")


# --- the tables ---------------------------------------------------------------------------------------------------------


def test_same_seed_same_rows_and_another_seed_others(world, company):
    again, other = (campaigning.company(world, 20_000, seed=seed) for seed in (11, 12))
    pd.testing.assert_frame_equal(again.tables["contacts"], company.tables["contacts"])
    pd.testing.assert_frame_equal(again.key["arms"], company.key["arms"])
    assert not other.tables["contacts"]["outcome"].equals(company.tables["contacts"]["outcome"])


def test_the_table_is_the_models_and_hides_what_the_key_holds(company):
    from workbench import model

    table = company.tables["contacts"]
    assert all(model.table("contacts").column(name) or name == "contact_id" for name in table)
    assert not set(table) & (set(company.key["arms"]) - {"contact_id", "customer_id", "campaign"})
    assert table["contact_id"].is_unique and table["contacted_at"].is_monotonic_increasing
    assert (table["contact_id"] == company.key["arms"]["contact_id"]).all()


def test_only_who_joined_stayed_and_consents_is_drawn(contacts, company):
    at = company.from_utc(contacts["contacted_at"])
    assert contacts["consent"].all()
    assert (contacts["joined_s"] <= at).all() and (at < contacts["left_s"]).all()
    # those who join or leave in the middle are drawn while they are there
    assert (contacts["joined_s"] > 0).sum() > 500 and (contacts["left_s"] < NEVER).sum() > 500


def test_waves_go_out_on_their_days_in_opening_hours_and_end_while_outcomes_can_be_known(world, contacts):
    local = contacts["contacted_at"].dt.tz_convert(world.timezone)
    spring = local[contacts["campaign"] == "spring"]
    # every 14 days from 12 January; one on 20 April would have its outcome known on 4 May, after the end on 26 April
    days = [dt.date(2026, 1, 12) + dt.timedelta(days=14 * wave) for wave in range(7)]
    assert sorted(set(spring.dt.date)) == days and days[-1] == dt.date(2026, 4, 6)
    assert set(local[contacts["campaign"] == "call"].dt.date) == {dt.date(2026, 2, 2)}
    assert local.dt.hour.between(9, 17).all()
    assert contacts.groupby(["customer_id", "campaign", local.dt.date], observed=True).size().max() == 1


def test_the_declared_share_of_those_who_can_be_contacted_is_drawn(company, contacts):
    people = company.people
    first = contacts[(contacts["campaign"] == "call")]
    can = people[people["consent"] & (people["joined_s"] <= 0) & (people["left_s"] == NEVER)]
    for region, share in (("North", 0.8), ("South", 0.2)):
        among = can[can["region"] == region]["customer_id"]
        # four standard errors of a share
        assert abs(among.isin(first["customer_id"]).mean() - share) < 4 * (share * (1 - share) / len(among)) ** 0.5


def test_a_group_is_for_good_and_chances_are_the_declared_ones(contacts):
    spring = contacts[contacts["campaign"] == "spring"]
    assert spring.groupby("customer_id")["group"].nunique().max() == 1
    first = spring[spring["prior_contacts"] == 0].drop_duplicates("group").set_index("group")
    assert first["p_treatment"].to_dict() == pytest.approx({"persuadable": 0.7, "sure": 0.8, "lost": 0.02, "put_off": 0.2})
    assert first["p_control"].to_dict() == pytest.approx({"persuadable": 0.1, "sure": 0.8, "lost": 0.02, "put_off": 0.5})
    # two contacts before: 0.1 + 0.6² · (0.7 − 0.1) = 0.316 and 0.5 + 0.36 · (0.2 − 0.5) = 0.392
    tired = spring[spring["prior_contacts"] == 2].drop_duplicates("group").set_index("group")["p_treatment"]
    assert tired[["persuadable", "put_off"]].tolist() == pytest.approx([0.316, 0.392])


def test_contacts_of_any_campaign_in_30_days_count_and_being_left_out_does_not(contacts):
    some = contacts[contacts["customer_id"].isin(contacts["customer_id"].unique()[:300])]
    for _, own in some.groupby("customer_id"):
        for row in own.itertuples():
            before = own[(own["contacted_at"] < row.contacted_at) & (own["contacted_at"] >= row.contacted_at - 30 * DAY)]
            assert row.prior_contacts == before["treated"].sum()
    assert some["prior_contacts"].max() >= 2


def test_costs_and_revenue_come_with_contacts_and_responses_only(contacts):
    assert (contacts["cost"] == np.where(contacts["treated"] & (contacts["campaign"] == "spring"), 0.25, 0.0)).all()
    responds = contacts["outcome"] == 1
    assert (contacts.loc[~responds, "revenue"] == 0).all() and (contacts.loc[responds, "revenue"] > 0).mean() > 0.999
    assert (contacts["revenue"] * 100).round(6).mod(1).eq(0).all()


def test_what_one_campaign_draws_does_not_depend_on_the_next(world, company):
    alone = dataclasses.replace(world, campaigns=world.campaigns[:1])
    one = campaigning.company(alone, 20_000, seed=11).tables["contacts"]
    both = company.tables["contacts"]
    both = both[both["campaign"] == "spring"].reset_index(drop=True)
    drawn = ["customer_id", "contacted_at", "arm", "propensity", "cost"]
    assert one[drawn].equals(both[drawn])


def test_a_company_without_campaigns_has_none(world):
    made = campaigning.company(dataclasses.replace(world, campaigns=()), 100, seed=1)
    assert "contacts" not in made.tables and "arms" not in made.key
    assert campaigns.truths(made.world) == []


# --- what is planted, found by hand -------------------------------------------------------------------------------------


def weighted(rows: pd.DataFrame) -> tuple[float, float]:
    """Inverse propensity weighting by hand (Horvitz and Thompson), and its standard error from customers drawn again."""
    score = np.where(rows["treated"], 1 / rows["propensity"], -1 / (1 - rows["propensity"])) * rows["outcome"]
    own = pd.DataFrame({"sum": score, "n": 1.0}).groupby(rows["customer_id"].to_numpy()).sum().to_numpy()
    rng = np.random.default_rng(0)
    again = [own[rng.integers(0, len(own), len(own))].sum(axis=0) for _ in range(300)]
    return float(score.mean()), float(np.std([total / n for total, n in again]))


@pytest.mark.parametrize(
    ("campaign", "plan", "effect"),
    [
        # persuadable · (0.7 − 0.1) + put_off · (0.2 − 0.5)
        ("spring", "basic", 0.15 * 0.6 - 0.2 * 0.3),
        ("spring", "gold", 0.3 * 0.6 - 0.1 * 0.3),
        ("call", None, 0.25 * 0.4),
    ],
)
def test_what_a_contact_changes_in_each_segment(world, company, contacts, campaign, plan, effect):
    rows = contacts[(contacts["campaign"] == campaign) & (contacts["prior_contacts"] == 0)]
    rows = rows if plan is None else rows[rows["plan"] == plan]
    found, error = weighted(rows)
    assert abs(found - effect) < 2.58 * error
    truth = next(one for one in campaigns.truths(world) if one.id == f"campaigns.{campaign}.effect.{plan or 'all'}")
    assert truth.size == pytest.approx(effect)
    measured = campaigns.measure(truth, company.tables, company.key, world)
    # two estimators of one thing on the same rows
    assert abs(measured.estimate - found) < error and measured.covers and measured.n == len(rows)


def test_a_plain_comparison_of_arms_is_wrong_and_weighting_puts_it_right(contacts):
    # gold customers respond more often anyway and are treated more often
    rows = contacts[(contacts["campaign"] == "spring") & (contacts["prior_contacts"] == 0)]
    gold = (rows["plan"] == "gold").mean()
    effect = gold * 0.15 + (1 - gold) * 0.03
    arms = rows.groupby("treated")["outcome"].agg(["mean", "size"])
    plain = arms["mean"][True] - arms["mean"][False]
    error = (arms["mean"] * (1 - arms["mean"]) / arms["size"]).sum() ** 0.5
    assert plain - 5 * error > effect
    found, error = weighted(rows)
    assert abs(found - effect) < 2.58 * error


def test_a_second_contact_changes_less_by_the_declared_factor(world, company, contacts):
    rows = contacts[(contacts["campaign"] == "spring") & (contacts["group"] == "persuadable")]
    share = rows.groupby(["prior_contacts", "treated"])["outcome"].agg(["mean", "size"])
    first, second = (share["mean"][times, True] - share["mean"][times, False] for times in (0, 1))
    variance = share["mean"] * (1 - share["mean"]) / share["size"]
    one, two = (variance[times].sum() for times in (0, 1))
    # error of a quotient by the delta method
    error = second / first * (one / first**2 + two / second**2) ** 0.5
    assert abs(second / first - 0.6) < 2.58 * error
    truth = next(one for one in campaigns.truths(world) if one.kind == "campaign_fatigue")
    measured = campaigns.measure(truth, company.tables, company.key, world)
    assert truth.size == 0.6 and measured.covers
    assert abs(measured.estimate - second / first) < 2 * error


def test_groups_shares_and_treated_shares_are_the_declared_ones(world, contacts):
    members = contacts[contacts["campaign"] == "spring"].drop_duplicates("customer_id")
    for plan, shares in world.campaigns[0].groups.items():
        own = members[members["plan"] == plan]["group"]
        for group, share in shares.items():
            assert abs((own == group).mean() - share) < 4 * (share * (1 - share) / len(own)) ** 0.5
    for plan, share in (("basic", 0.3), ("gold", 0.7)):
        own = contacts[(contacts["campaign"] == "spring") & (contacts["plan"] == plan)]["treated"]
        assert abs(own.mean() - share) < 4 * (share * (1 - share) / len(own)) ** 0.5


def test_every_kind_of_truth_is_there_with_an_id_of_its_own(world):
    found = campaigns.truths(world)
    assert len({one.id for one in found}) == len(found)
    # 2 + 1 segments; 8 + 3 shares above 0; one campaign tires; 2 + 1 shares treated; two of each of the others
    kinds = pd.Series([one.kind for one in found]).value_counts().to_dict()
    assert kinds == {
        "campaign_effect": 3, "campaign_persuadable": 3, "campaign_sure": 3, "campaign_lost": 3, "campaign_put_off": 2,
        "campaign_fatigue": 1, "campaign_treated": 3, "campaign_balance": 2, "campaign_revenue": 2,
    }  # fmt: skip
    assert all(one.says for one in found)


def test_too_small_a_company_says_so(world):
    small = campaigning.company(world, 60, seed=1)
    measured = [campaigns.measure(truth, small.tables, small.key, world) for truth in campaigns.truths(world)]
    assert {one.truth.kind for one in measured if not one.told} >= {"campaign_effect", "campaign_fatigue", "campaign_balance"}


def covered(world, n_seeds: int, n_customers: int) -> pd.DataFrame:
    """Of each kind of truth: intervals, and how many hold what is planted, over so many companies."""
    rows = []
    for seed in range(n_seeds):
        made = campaigning.company(world, n_customers, seed=1000 + seed)
        for truth in campaigns.truths(world):
            measured = campaigns.measure(truth, made.tables, made.key, world)
            assert measured.told
            rows.append((truth.kind, measured.covers))
    return pd.DataFrame(rows, columns=["kind", "covers"]).groupby("kind")["covers"].agg(["size", "sum"])


def fewest(n: int, p: float = 0.95, chance: float = 1e-4) -> int:
    """The number of n that a binomial share p falls below with less than `chance`."""
    return int(scipy_stats.binom.ppf(chance, n, p))


def test_intervals_hold_what_is_planted(world):
    found = covered(world, 15, 4000)
    assert [kind for kind, row in found.iterrows() if row["sum"] < fewest(int(row["size"]))] == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_intervals_hold_what_is_planted_in_about_95_percent_of_100_companies(world):
    found = covered(world, 100, 5000)
    print(found.assign(share=found["sum"] / found["size"]))
    for kind, row in found.iterrows():
        n, share = int(row["size"]), row["sum"] / row["size"]
        # not too few and not too many: an interval that always holds is too wide
        assert row["sum"] >= fewest(n, chance=1e-3) and share <= 0.95 + 3.3 * (0.95 * 0.05 / n) ** 0.5, kind


# --- the estimators -----------------------------------------------------------------------------------------------------


def test_a_weighted_difference_by_hand(monkeypatch):
    monkeypatch.setattr(trials, "FEWEST", 1)
    monkeypatch.setattr(trials, "RAREST", 0.1)
    outcome, treated = np.array([1.0, 0, 1, 0]), np.array([True, True, False, False])
    propensity = np.array([0.5, 0.25, 0.5, 0.75])
    value, parts = trials.difference(outcome, treated, propensity, np.array([0, 1, 0, 2]), (0.5, 0.5))
    # treated: weights 2 and 4, mean 1/3; control: weights 2 and 4, mean 1/3
    assert value == pytest.approx(0)
    # customer 0: 1/3 · (1 − 1/3) − 1/3 · (1 − 1/3) = 0; customer 1: 2/3 · (0 − 1/3); customer 2: −2/3 · (0 − 1/3)
    assert parts == pytest.approx([0, -2 / 9, 2 / 9])


def test_arms_too_small_for_a_rare_outcome_tell_nothing():
    rng = np.random.default_rng(3)
    treated, customer = np.arange(400) < 200, np.arange(400)
    outcome, propensity = (rng.random(400) < 0.05).astype(float), np.full(400, 0.5)
    # 200 · 0.05 = 10 responses are expected in either arm, 200 · 0.1 = 20, and none where none can be
    told = [
        not np.isnan(trials.difference(outcome, treated, propensity, customer, chances)[0])
        for chances in ((0.05, 0.05), (0.1, 0.1), (0.1, 0.95), (0.1, 0.0), (0.1, 1.0))
    ]
    assert told == [False, True, False, True, True]
    assert np.isnan(trials.difference(outcome[:150], treated[100:250], propensity[:150], customer[:150], (0.5, 0.5))[0])


def test_fiellers_interval_by_hand():
    # independent, 3 ± 0.1 over 2 ± 0.1: the r with (3 − 2r)² = z² · 0.01 · (1 + r²)
    found = trials.quotient(3.0, np.array([0.1, 0]), 2.0, np.array([0, 0.1]))
    assert found[0] == 1.5
    for r in found[1:]:
        assert (3 - 2 * r) ** 2 == pytest.approx(trials.Z**2 * 0.01 * (1 + r * r))
    assert found[1] < 1.5 < found[2]
    assert all(np.isnan(trials.quotient(3.0, np.array([0.1]), 0.1, np.array([0.1]))))


# --- wrong declarations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("treatment = 0.7 }\nsure", "treatment = 0.05 }\nsure"), ["campaigns[1].responds.persuadable", "0.05", "more often"]),
        (("treatment = 0.2 }", "treatment = 0.6 }"), ["campaigns[1].responds.put_off", "0.6", "less often"]),
        (("sure = 0.05, lost", "sure = 0.25, lost"), ["campaigns[1].groups.basic", "1.2"]),
        (('by = "plan"\nbasic', 'by = "plans"\nbasic'), ["campaigns[1].groups.by", "plans"]),
        (('start = "2026-02-02"', 'start = "2026-04-20"'), ["campaigns[2]", "2026-04-20", "14d"]),
        (('cadence = "14d"', 'cadence = "36h"'), ["campaigns[1].cadence", "36h"]),
        (('start = "2026-01-12"', 'start = "2025-12-31"'), ["campaigns[1].start", "2025-12-31"]),
        (('id = "call"', 'id = "spring"'), ["campaigns[2].id", "spring"]),
        (("treatment = 0.5\n", "treatment = 1\n"), ["campaigns[2].treatment", "0.99"]),
        (("fatigue = 0.6", "fatige = 0.6"), ["campaigns[1].fatige", "fatigue"]),
        (("gold = { persuadable = 0.3,", "silver = { persuadable = 0.3,"), ["campaigns[1].groups.silver", "gold"]),
    ],
)
def test_a_wrong_declaration_says_where(change, words):
    assert campaigning.DECLARED.count(change[0]) == 1
    text = campaigning.DECLARED.replace(*change)
    with pytest.raises(WorkbenchError) as caught:
        campaigning.world(text)
    assert isinstance(caught.value, BadInput)
    for language in ("en", "ru", "pl"):
        said = caught.value.text(language)
        assert [word for word in ["test.toml", *words[:2]] if word not in said] == []
    assert all(word in str(caught.value) for word in words)
