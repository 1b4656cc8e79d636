"""What customers write: public reviews and comments beside their scores, with labels that are true by construction.

A text speaks of what its writer met in the weeks before, as well as its score says; who was met by an incident names it as
bad with a declared chance, and else doesn't speak of it. The words come from `grammar`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.worlds import estimates, grammar, seen
from workbench.worlds.causes import Cause, History
from workbench.worlds.grammar import Dice, Fact, Noise, Text
from workbench.worlds.truths import Measured, Truth
from workbench.worlds.voices import Texts

if TYPE_CHECKING:
    from workbench.worlds.company import Company
    from workbench.worlds.declaration import World

DAY = 86400
#: a text speaks of what its writer met in so many seconds before it
RECENT_S = 60 * DAY
#: no review is written later than this after what it follows, and none is answered later than that after it was written
REVIEW_WITHIN_S = 10 * DAY
REPLY_WITHIN_S = 5 * DAY
_REVIEW_AFTER_S = 2 * DAY
RATING_MAX = 5
#: shares of reviews and comments by the number of facts in them
FACTS = {
    "reviews": {"1": 0.42, "2": 0.32, "3": 0.16, "4": 0.07, "5": 0.03},
    "surveys": {"1": 0.68, "2": 0.25, "3": 0.06, "4": 0.01},
}
#: share of texts with a middling score that judge nothing
UNDECIDED = 0.3
#: a step that took more than so many times the median is a reason to complain
SLOW = 2.5
WOMEN = 0.52
TITLED = 0.65
NOISE = Noise()


def write(company: Company, rng: np.random.Generator) -> None:
    """Writes the table `reviews`, the columns `comment` and `language` of `surveys`, and the key's `texts`: one row a text,
    with text_id (review_id or response_id), table, customer_id, kind, polarity, aspects (JSON: a list of aspect, polarity,
    touchpoint), duplicate_of, language, private (JSON: a list of what would name a person), after_at (what a review followed)
    and for each incident that is spoken of a column `met_<id>`: 1 where it had met the writer."""
    section = company.world.texts
    if section is None:
        return
    woman = rng.random(company.n) < WOMEN
    made = [_reviews(company, section, woman, rng), _comments(company, section, woman, rng)]
    company.key["texts"] = pd.concat(made, ignore_index=True)


# --- reviews ------------------------------------------------------------------------------------------------------------


def _reviews(company: Company, section: Texts, woman: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    events = company.events
    at_s = events["at_s"].to_numpy()
    is_after = np.isin(events["code"].to_numpy(), [company.code(name) for name in section.after])
    event = np.flatnonzero(is_after & (at_s < company.end_s - REVIEW_WITHIN_S) & (rng.random(len(events)) < section.reviews))
    pause = np.minimum(rng.exponential(_REVIEW_AFTER_S, size=len(event)), REVIEW_WITHIN_S - 3600).astype(np.int64) + 1800
    order = np.argsort(at_s[event] + pause, kind="stable")
    event, posted = event[order], (at_s[event] + pause)[order]
    n, person = len(event), events["person"].to_numpy()[event].astype(np.int64)
    rating = _ratings(company, person, posted, rng)
    drawn = rng.random(n)
    copy = np.where(drawn < section.exact, "exact", np.where(drawn < section.exact + section.near, "near", ""))
    copy[:1] = ""  # nothing to copy yet
    origin = _origins(copy != "", rng)
    spam = (copy == "") & (rng.random(n) < section.spam)
    writer = _Writer(company, section, woman, rng)
    facts = (rating - 1) / (RATING_MAX - 1)
    written = writer.all("reviews", person, posted, facts, events["code"].to_numpy()[event], spam, copy != "")
    ids = np.array([f"v{number:06d}" for number in range(1, n + 1)], dtype=object)
    texts, titles, customer = [], [], company.people["customer_id"].to_numpy(dtype=object)[person]
    for i in range(n):
        if copy[i]:
            texts.append(grammar.near_copy(texts[origin[i]], writer.dice) if copy[i] == "near" else texts[origin[i]])
            titles.append(titles[origin[i]])
            customer[i] = None if copy[i] == "near" else customer[origin[i]]
            rating[i], written[i] = rating[origin[i]], written[origin[i]]
        else:
            texts.append(writer.rough(written[i]))
            titles.append(written[i].title if writer.dice.chance(TITLED) else None)
            customer[i] = None if spam[i] else customer[i]
    reply = posted + (3600 + (REPLY_WITHIN_S - 3600) * rng.random(n)).astype(np.int64)
    is_answered = (rng.random(n) < section.replied) & (reply < company.end_s)
    names = np.array(list(section.sources), dtype=object)
    source = names[rng.choice(len(names), size=n, p=list(section.sources.values()))]
    company.tables["reviews"] = pd.DataFrame(
        {
            "review_id": ids,
            "customer_id": customer,
            "posted_at": company.utc(posted),
            "source": source,
            "rating": rating.astype(float),
            "rating_max": float(RATING_MAX),
            "title": pd.array(titles, dtype=object),
            "text": pd.array(texts, dtype=object),
            "language": pd.array([one.language for one in written], dtype=object),
            "replied_at": pd.Series(company.utc(reply)).where(is_answered),
        }
    )
    met = writer.met(person, posted)
    frame = _labels(ids, "reviews", customer, written, np.where(copy != "", ids[origin], None), copy)
    return frame.assign(after_at=company.utc(at_s[event]), **{name: np.where(copy != "", 0, one) for name, one in met.items()})


def _ratings(company: Company, person, at_s, rng: np.random.Generator) -> np.ndarray:
    # as answers come about: mood and effects, on the instrument nearest to a rating
    section, mood = company.world.experience, company.people["mood"].to_numpy()[person]
    low, high = section.mood if section else (0.15, 0.9)
    mean, concentration = low + (high - low) * mood, section.concentration if section else 4.0
    if section and section.effects:
        history = History(company)
        asked = [survey.instrument for survey in section.surveys]
        nearest = "csat" if "csat" in asked else asked[0]
        for effect in section.effects:
            if nearest in effect.on:
                mean = mean + effect.points * history.had(effect.cause, person, at_s)
    return 1 + rng.binomial(RATING_MAX - 1, rng.beta(mean * concentration, (1 - mean) * concentration))


def _origins(is_copy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # for each copy an earlier text that is none
    before = np.cumsum(~is_copy) - ~is_copy
    return np.flatnonzero(~is_copy)[(rng.random(len(is_copy)) * before).astype(np.int64)] if len(is_copy) else before


# --- comments -----------------------------------------------------------------------------------------------------------


def _comments(company: Company, section: Texts, woman: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    surveys = company.tables.get("surveys")
    if surveys is None:
        return _labels([], "surveys", [], [], [], [])
    row = np.flatnonzero(rng.random(len(surveys)) < section.comments)
    answers = surveys.iloc[row]
    person = pd.Index(company.people["customer_id"]).get_indexer(answers["customer_id"].to_numpy(dtype=object))
    at_s = company.from_utc(answers["answered_at"])
    low, high = (answers[name].to_numpy(dtype=float) for name in ("scale_min", "scale_max"))
    share = np.nan_to_num((answers["score"].to_numpy(dtype=float) - low) / (high - low), nan=0.5)
    codes = pd.Index(list(company.world.touchpoints)).get_indexer(answers["touchpoint"])
    writer = _Writer(company, section, woman, rng)
    never = np.zeros(len(row), dtype=bool)
    written = writer.all("surveys", person, at_s, share, codes, never, never)
    for name, values in (("comment", [writer.rough(one) for one in written]), ("language", [one.language for one in written])):
        column = np.full(len(surveys), None, dtype=object)
        column[row] = values
        surveys[name] = pd.array(column, dtype=object)
    ids, customers = (answers[name].to_numpy(dtype=object) for name in ("response_id", "customer_id"))
    nothing = np.full(len(row), None, dtype=object)
    frame = _labels(ids, "surveys", customers, written, nothing, nothing)
    return frame.assign(after_at=pd.DatetimeIndex(answers["answered_at"]), **writer.met(person, at_s))


def _labels(ids, table: str, customers, written: list[Text], duplicate_of, copy) -> pd.DataFrame:
    side = {1: "positive", 0: "neutral", -1: "negative"}
    aspects = [
        [{"aspect": one.aspect, "polarity": side[one.polarity], "touchpoint": one.touchpoint} for one in text.aspects]
        for text in written
    ]
    columns = {
        "text_id": ids,
        "table": [table] * len(written),
        "customer_id": customers,
        "kind": [text.kind for text in written],
        "polarity": [text.polarity for text in written],
        "aspects": [json.dumps(one) for one in aspects],
        "duplicate_of": duplicate_of,
        "copy": [one or None for one in copy],
        "language": [text.language for text in written],
        "private": [json.dumps(list(text.private), ensure_ascii=False) for text in written],
    }
    return pd.DataFrame({name: pd.array(list(values), dtype=object) for name, values in columns.items()})


# --- one text -----------------------------------------------------------------------------------------------------------


class _Writer:
    """Knows what each customer met, and writes what they say of it."""

    def __init__(self, company: Company, section: Texts, woman: np.ndarray, rng: np.random.Generator) -> None:
        self.company, self.section, self.woman, self.rng, self.dice = company, section, woman, rng, Dice(rng)
        events = company.events
        self.history = History(company)
        self.span = self.history.span
        keys = events["person"].to_numpy().astype(np.int64) * self.span + events["at_s"].to_numpy()
        order = np.argsort(keys, kind="stable")
        self.keys, self.code = keys[order], events["code"].to_numpy()[order]
        self.slow = _slow(events)[order]
        names = list(company.world.touchpoints)
        self.names = [*names, ""]
        self.of_code = [[aspect for aspect, places in section.aspects.items() if name in places] for name in self.names]
        self.general = [aspect for aspect, places in section.aspects.items() if not places]
        language = company.people["language"] if "language" in company.people else pd.Series(["en"] * company.n)
        self.language = language.to_numpy(dtype=object)

    def met(self, person: np.ndarray, at_s: np.ndarray) -> dict[str, np.ndarray]:
        """`met_<incident>`: 1 where it had met the writer."""
        within = int(self.section.within_s)
        return {
            f"met_{one}": self.history.had(Cause({}, incident=one, within_s=within), person, at_s).astype(np.int8)
            for one in self.section.incidents
        }

    def all(self, table: str, person, at_s, share, code, spam, copy) -> list[Text | None]:
        """The texts of these writers at these moments, with scores of so much of the scale, after steps of that code (−1:
        none); spam where it is, and nothing where another is copied."""
        section, dice = self.section, self.dice
        to = np.searchsorted(self.keys, person * self.span + np.minimum(at_s + 1, self.span))
        since = np.searchsorted(self.keys, person * self.span + np.clip(at_s - RECENT_S, 0, self.span))
        met = self.met(person, at_s)
        written: list[Text | None] = []
        for i, who in enumerate(person.tolist()):
            if copy[i]:
                written.append(None)
                continue
            drawn = dice.roll()
            kind = "request" if drawn < section.requests else "idea" if drawn < section.requests + section.ideas else "opinion"
            kind = "spam" if spam[i] else kind
            spoilt = {section.incidents[name.removeprefix("met_")] for name, one in met.items() if one[i]}
            facts = () if kind == "spam" else self.facts(table, kind, since[i], to[i], float(share[i]), int(code[i]), spoilt)
            written.append(
                grammar.write(
                    self.language[who],
                    section.sector,
                    facts,
                    dice,
                    kind=kind,
                    woman=bool(self.woman[who]),
                    short=table == "surveys",
                    named=kind == "opinion" and dice.chance(section.named),
                    currency=section.currency,
                )
            )
        return written

    def facts(self, table: str, kind: str, since: int, to: int, share: float, code: int, spoilt: set[str]) -> list[Fact]:
        """What is said: first what an incident spoilt, if it is spoken of, then what the score follows, then what else the
        writer met; good or bad as the score says, and less good where it took long."""
        dice = self.dice
        met = {aspect: at for at in range(max(since, to - 20), to) for aspect in self.of_code[self.code[at]]}
        must = [aspect for aspect in sorted(spoilt) if dice.chance(self.section.mentions)]
        others = [*met, *(aspect for aspect in self.general if dice.chance(0.4))] or self.general
        others = [aspect for aspect in others if aspect not in spoilt]
        lead = [aspect for aspect in self.of_code[code] if aspect in others]
        chosen = [dice.pick(lead)] if lead else []
        n = int(dice.among(FACTS[table]))
        while others and len(chosen) < n:
            aspect = dice.pick(others)
            others.remove(aspect)
            if aspect not in chosen:
                chosen.append(aspect)
        strength = abs(2 * share - 1)
        good = share**2 / (share**2 + (1 - share) ** 2)
        if kind != "opinion":
            asked = chosen.pop(0) if chosen else dice.pick(self.general or list(self.section.aspects))
            chosen = chosen[:1] if dice.chance(0.4) else []
            return [*(self.fact(one, good, strength, met) for one in chosen), self.fact(asked, None, 0.0, met)]
        if not must and strength < 0.3 and dice.chance(UNDECIDED):
            return [] if dice.chance(0.7) else [self.fact(one, None, 0.0, met) for one in chosen[:1]]
        room = max(n - len(must), 1 if not must or share > 0.6 else 0)
        facts = [Fact(one, -1, self.place(one, met), max(strength, 0.5)) for one in must]
        said = [self.fact(one, 1.0 if must and share > 0.6 else good, strength, met) for one in chosen[:room]]
        return facts + said if dice.chance(0.7) else said + facts

    def fact(self, aspect: str, good: float | None, strength: float, met: dict[str, int]) -> Fact:
        """`good`: the chance to be praised (None: not judged)."""
        if good is None:
            return Fact(aspect, 0, self.place(aspect, met))
        if aspect in met and self.slow[met[aspect]]:
            good *= 0.3
        return Fact(aspect, 1 if self.dice.chance(good) else -1, self.place(aspect, met), strength)

    def place(self, aspect: str, met: dict[str, int]) -> str:
        return self.names[self.code[met[aspect]]] if aspect in met else ""

    def rough(self, text: Text) -> str:
        return text.text if text.kind == "spam" else grammar.roughen(text.text, text.polarity, text.language, self.dice, NOISE)


def _slow(events: pd.DataFrame) -> np.ndarray:
    # steps that took far longer than such steps do, where one waits at all
    waited, code = events["waited_s"].to_numpy(), events["code"].to_numpy()
    slow = np.zeros(len(events), dtype=bool)
    for one in np.unique(code):
        at = np.flatnonzero((code == one) & (waited > 0))
        usual = np.median(waited[at]) if len(at) else 0
        if usual > 6 * 3600:
            slow[at] = waited[at] > SLOW * usual
    return slow


# --- what is planted ----------------------------------------------------------------------------------------------------


def truths(world: World) -> list[Truth]:
    """How many comment, review, are answered; how many texts are spam, copies, requests, ideas or hold a name; and for each
    incident how many of those it met say so."""
    section = world.texts
    if section is None:
        return []
    kinds = ["requests", "ideas", "named"]
    if world.experience is not None:
        kinds.insert(0, "comments")
    if section.reviews:
        kinds = ["reviews", "replied", "spam", "exact", "near", *kinds]
    found = [Truth(f"texts.{kind}", f"texts_{kind}", {}, getattr(section, kind), "share") for kind in kinds]
    says = {one.id: one.says for one in world.incidents}
    for incident, aspect in section.incidents.items():
        place = {"incident": incident, "aspect": aspect, "within": section.within_s}
        found.append(Truth(f"texts.said.{incident}", "texts_said", place, section.mentions, "share", says[incident]))
    return found


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """How large a truth of this part is in a company: shares with Wilson's interval, of what was fully observed."""
    section, texts, kind = world.texts, key["texts"], truth.kind.removeprefix("texts_")
    own = texts[texts["copy"].isna()]
    opinions = own[own["kind"] == "opinion"]
    end_s = int(seen.midnights(world)[-1])
    if kind == "comments":
        flag = tables["surveys"]["comment"].notna()
    elif kind == "reviews":
        events = tables["events"]
        at = events["touchpoint"].isin(section.after) & (seen.seconds(world, events["occurred_at"]) < end_s - REVIEW_WITHIN_S)
        flag = np.arange(int(at.sum())) < len(tables["reviews"])
    elif kind == "replied":
        reviews = tables["reviews"]
        flag = reviews["replied_at"].notna()[seen.seconds(world, reviews["posted_at"]) < end_s - REPLY_WITHIN_S]
    elif kind == "spam":
        flag = own["kind"][own["table"] == "reviews"] == "spam"
    elif kind in ("exact", "near"):
        flag = texts["copy"][texts["table"] == "reviews"].iloc[1:] == kind
    elif kind in ("requests", "ideas"):
        flag = own["kind"][own["kind"] != "spam"] == kind.removesuffix("s")
    elif kind == "named":
        flag = opinions["private"] != "[]"
    else:
        told = opinions["aspects"][opinions[f"met_{truth.place['incident']}"] == 1].map(json.loads)
        bad = (truth.place["aspect"], "negative")
        flag = told.map(lambda said: bad in [(one["aspect"], one["polarity"]) for one in said]).astype(bool)
    return Measured(truth, *estimates.count(np.asarray(flag, dtype=bool)))
