"""What customers write agrees with what happened to them and with their scores; what is planted in texts is there."""

import difflib
import json

import numpy as np
import pandas as pd
import pytest
import speaking
from scipy import stats as scipy_stats

from workbench import worlds
from workbench.errors import BadInput
from workbench.worlds import texts, truths

DAY = pd.Timedelta("1D")


def days_since(moment, moments):
    return (moment.tz_localize(None).to_datetime64() - moments) / np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def world():
    return speaking.world()


@pytest.fixture(scope="module")
def company(world):
    return worlds.generate(world, customers=6000, seed=3)


@pytest.fixture(scope="module")
def key(company):
    frame = company.key["texts"]
    return frame.assign(said=frame["aspects"].map(json.loads))


@pytest.fixture(scope="module")
def reviews(company, key):
    return company.tables["reviews"].merge(
        key.drop(columns=["customer_id", "language"]), left_on="review_id", right_on="text_id"
    )


def test_same_seed_same_texts_and_another_seed_others(world):
    one, two, other = (worlds.generate(world, customers=300, seed=seed) for seed in (5, 5, 6))
    for name in ("reviews", "surveys"):
        pd.testing.assert_frame_equal(one.tables[name], two.tables[name])
    pd.testing.assert_frame_equal(one.key["texts"], two.key["texts"])
    assert not set(one.tables["reviews"]["text"]) & set(
        other.tables["reviews"]["text"][other.tables["reviews"]["text"].str.len() > 60]
    )


def test_every_text_has_its_row_in_the_key(company, key):
    reviews, surveys = company.tables["reviews"], company.tables["surveys"]
    commented = surveys[surveys["comment"].notna()]
    assert list(key["text_id"]) == [*reviews["review_id"], *commented["response_id"]]
    assert list(key["language"]) == [*reviews["language"], *commented["language"]]
    assert reviews["posted_at"].is_monotonic_increasing
    assert (surveys["comment"].isna() == surveys["language"].isna()).all()


def test_polarity_is_that_of_the_aspects(key):
    for said, polarity in zip(key["said"], key["polarity"], strict=True):
        found = {one["polarity"] for one in said} - {"neutral"}
        assert polarity == ("mixed" if len(found) == 2 else found.pop() if found else "neutral")


def test_a_text_speaks_of_what_its_writer_had_met(company, key):
    events = company.tables["events"].astype({"customer_id": object, "touchpoint": object})
    events["occurred_at"] = events["occurred_at"].dt.tz_localize(None)
    met = {pair: moments.to_numpy() for pair, moments in events.groupby(["customer_id", "touchpoint"])["occurred_at"]}
    at = company.tables["reviews"].set_index("review_id")["posted_at"]
    at = pd.concat([at, company.tables["surveys"].set_index("response_id")["answered_at"]])
    n = 0
    for one in key[key["copy"].isna() & (key["kind"] != "spam")].itertuples():
        for said in one.said:
            if said["touchpoint"]:
                since = days_since(at[one.text_id], met[one.customer_id, said["touchpoint"]])
                assert ((since >= 0) & (since <= 60)).any()
                n += 1
    assert n > 2000


def test_texts_agree_with_the_scores_beside_them(company, reviews, key):
    surveys = company.tables["surveys"].merge(key, left_on="response_id", right_on="text_id")
    surveys = surveys[surveys["scale_max"].notna()]
    share = (surveys["score"] - surveys["scale_min"]) / (surveys["scale_max"] - surveys["scale_min"])
    happy = pd.concat([(reviews["rating"] - 1) / 4, share], ignore_index=True)
    told = pd.concat([reviews[["polarity", "met_outage"]], surveys[["polarity", "met_outage"]]], ignore_index=True)
    untouched = told["met_outage"] == 0
    assert (told["polarity"][untouched & (happy == 0)] == "positive").mean() == 0
    assert (told["polarity"][untouched & (happy == 1)] == "negative").mean() < 0.05  # something took very long
    means = happy.groupby(told["polarity"]).mean()
    assert means["positive"] > 0.75 > means["mixed"] > means["negative"]
    assert means["negative"] < 0.4


def test_who_was_met_by_the_outage_says_so_as_often_as_declared_and_else_keeps_silent_about_it(company, key):
    events, outage = company.tables["events"], company.world.incidents[0]
    zone = company.world.timezone
    start, end = pd.Timestamp(outage.start, tz=zone), pd.Timestamp(outage.end, tz=zone) + DAY
    north = company.tables["customers"].set_index("customer_id")["region"] == "North"
    hit = events[(events["touchpoint"] == "App") & events["occurred_at"].between(start, end, inclusive="left")]
    hit = hit[hit["customer_id"].astype(object).map(north).astype(bool)]
    naive = hit["occurred_at"].dt.tz_localize(None)
    moments = {customer: found.to_numpy() for customer, found in naive.groupby(hit["customer_id"].astype(object))}
    at = company.tables["reviews"].set_index("review_id")["posted_at"]
    at = pd.concat([at, company.tables["surveys"].set_index("response_id")["answered_at"]])
    said = []
    for one in key[(key["kind"] == "opinion") & key["copy"].isna()].itertuples():
        since = days_since(at[one.text_id], moments.get(one.customer_id, np.array([], "datetime64[s]")))
        if ((since >= 0) & (since < 30)).any():
            told = [each["polarity"] for each in one.said if each["aspect"] == "coverage"]
            assert told in ([], ["negative"])
            said.append(len(told))
    low, high = scipy_stats.binom.interval(0.999, len(said), 0.6)
    assert low <= sum(said) <= high
    assert len(said) > 500


def test_shares_of_spam_copies_requests_and_names_are_as_declared(company, reviews, key):
    own = key[key["copy"].isna()]
    human = own[own["kind"] != "spam"]
    opinions = human[human["kind"] == "opinion"]
    surveys = company.tables["surveys"]
    events = company.tables["events"]
    end = pd.Timestamp(company.world.end, tz=company.world.timezone) + DAY
    followed = events["touchpoint"].isin(["Call", "Fix", "Shop"]) & (events["occurred_at"] < end - 10 * DAY)
    counts = {
        0.05: ((reviews["kind"] == "spam") & reviews["copy"].isna(), reviews["copy"].isna().sum()),
        0.03: (reviews["copy"] == "exact", len(reviews) - 1),
        0.04: (reviews["copy"] == "near", len(reviews) - 1),
        0.06: (human["kind"] == "request", len(human)),
        0.02: (opinions["private"] != "[]", len(opinions)),
        0.4: (surveys["comment"].notna(), len(surveys)),
        0.12: (reviews["review_id"].notna(), followed.sum()),
        0.35: (
            reviews["replied_at"].notna() & (reviews["posted_at"] < end - 5 * DAY),
            (reviews["posted_at"] < end - 5 * DAY).sum(),
        ),
    }
    for share, (flag, n) in counts.items():
        low, high = scipy_stats.binom.interval(0.999, int(n), share)
        assert low <= flag.sum() <= high, share
    assert scipy_stats.binom.interval(0.999, len(human), 0.04)[0] <= (human["kind"] == "idea").sum()


def test_copies_say_what_their_originals_say(reviews):
    by_id = reviews.set_index("review_id")
    copies = reviews[reviews["copy"].notna()]
    for one in copies.itertuples():
        origin = by_id.loc[one.duplicate_of]
        assert origin["posted_at"] <= one.posted_at
        assert origin["duplicate_of"] is None or pd.isna(origin["duplicate_of"])
        assert (origin["aspects"], origin["kind"], origin["rating"]) == (one.aspects, one.kind, one.rating)
        if one.copy == "exact":
            assert origin["text"] == one.text
        else:
            assert origin["text"] != one.text
            assert difflib.SequenceMatcher(None, origin["text"].lower(), one.text.lower()).ratio() > 0.75
    assert (copies["customer_id"].isna() | (copies["copy"] == "exact")).all()


def test_what_would_name_a_person_stands_in_the_text_and_in_the_key(company, key):
    written = company.tables["reviews"].set_index("review_id")["text"]
    written = pd.concat([written, company.tables["surveys"].set_index("response_id")["comment"].dropna()])
    found = 0
    for one in key[(key["private"] != "[]") & key["copy"].isna()].itertuples():
        for name in json.loads(one.private):
            # noise may take capitals, letters or Polish diacritics
            flat = texts.grammar.noise.without_diacritics(written[one.text_id].lower())
            near = texts.grammar.noise.without_diacritics(name.lower())
            best = difflib.SequenceMatcher(None, flat, near).find_longest_match()
            assert best.size >= min(4, len(near))
            found += 1
    assert found > 50
    assert not (key["private"] != "[]")[key["kind"].isin(["request", "idea"])].any()


def test_replies_come_after_what_they_answer(company):
    reviews = company.tables["reviews"].dropna(subset="replied_at")
    pause = reviews["replied_at"] - reviews["posted_at"]
    assert pause.min() >= pd.Timedelta("1h")
    assert pause.max() <= 5 * DAY


def test_truths_are_covered_over_seeds(world):
    seeds, covered, told = range(8), 0, 0
    for seed in seeds:
        made = worlds.generate(world, customers=400, seed=seed)
        for truth in texts.truths(world):
            one = texts.measure(truth, made.tables, made.key, world)
            told += one.told
            covered += one.covers
    assert told == len(seeds) * 10
    # intervals that hold 95 times in 100 fall below this once in 10,000 runs
    assert covered >= scipy_stats.binom.ppf(1e-4, told, 0.95)


def test_each_truth_has_a_sentence_in_each_language(world, company):
    for truth in texts.truths(world):
        measured = texts.measure(truth, company.tables, company.key, world)
        told = {truths.sentence(measured, language) for language in ("en", "ru", "pl")}
        assert len(told) == 3


def test_a_company_without_the_section_writes_nothing():
    company = worlds.generate(speaking.world(texts=""), customers=50, seed=1)
    assert "reviews" not in company.tables
    assert "texts" not in company.key
    assert texts.truths(company.world) == []


@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        ("coverage = []", "weather = []", "texts.aspects.weather"),
        ('agent = ["Call"]', 'agent = ["Cal"]', "texts.aspects.agent"),
        ("spam = 0.05", "spam = 1.5", "texts.spam"),
        ('outage = "coverage"', 'outage = "roaming"', "texts.incidents.outage"),
        ("near = 0.04", "near = 0.99", "texts.near"),
        ('sector = "telecom"', 'sector = "circus"', "texts.sector"),
        ("mentions", "mention", "texts.mention"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(old, new, entry):
    declared = speaking.text(speaking.TEXTS.replace(old, new, 1))
    with pytest.raises(BadInput) as caught:
        worlds.declaration.parse(declared)
    assert caught.value.values["entry"] == entry
    line = declared.splitlines()[caught.value.values["line"] - 1]
    assert entry.rpartition(".")[2] in line
