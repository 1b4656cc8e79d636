"""What customers felt and what they answered: scores whose mean is linear in what happened, and silence that depends on mood.

The mean of an answer on a scale of 0 to 1 is m = mood + the sum of effects, kept between MARGIN and 1 − MARGIN by what may be
declared, so that no score is cut off and each effect is exact in points. The score is lowest + BetaBinomial(steps, m). Who
answers depends on the mood alone, linearly, and as much within every kind of customer: the gap is exact as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.worlds import estimates
from workbench.worlds.causes import History
from workbench.worlds.questions import Experience, Survey, moods, variance
from workbench.worlds.truths import Measured, Truth

if TYPE_CHECKING:
    from workbench.worlds.company import Company
    from workbench.worlds.declaration import World

#: nobody answers later; nobody is asked where there is not that much time left
ANSWERS_WITHIN_S = 4 * 86400
_ANSWERS_AFTER_S = 10 * 3600


def ask(company: Company, rng: np.random.Generator) -> None:
    """Writes the table `surveys` (without comments) and the key's `answers`: one row for each time somebody was asked, with
    what they would have scored, whether they answered (response_id: as what), and for each effect a column of its id (1 where
    its cause held when they were asked)."""
    section = company.world.experience
    if section is None:
        return
    occasions = [_occasions(company, survey, number, rng) for number, survey in enumerate(section.surveys)]
    # customer by customer: so what happened to them is found fastest
    asked = pd.concat(occasions, ignore_index=True).sort_values(["person", "at_s"], kind="stable", ignore_index=True)
    history, person, at_s = History(company), asked["person"].to_numpy(), asked["at_s"].to_numpy()
    held = {one.id: history.had(one.cause, person, at_s).astype(np.int8) for one in section.effects}
    order = np.argsort(at_s, kind="stable")
    asked, held = asked.iloc[order].reset_index(drop=True), {name: one[order] for name, one in held.items()}
    asked["score"] = _scores(company, section, asked, held, rng)
    asked["answered"] = rng.random(len(asked)) < _chances(company, section, asked)
    after = np.minimum(rng.exponential(_ANSWERS_AFTER_S, size=len(asked)), ANSWERS_WITHIN_S - 60).astype(np.int64) + 60
    asked["answered_s"] = asked["at_s"] + after
    answers = asked[asked["answered"]].sort_values("answered_s", kind="stable")
    ids = np.array([f"a{number:07d}" for number in range(1, len(answers) + 1)], dtype=object)
    asked["response_id"] = pd.Series(ids, index=answers.index, dtype=object).reindex(asked.index)
    company.tables["surveys"] = _surveys(company, section, answers.assign(response_id=ids), rng)
    company.key["answers"] = _answers(company, section, asked, held)


def _occasions(company: Company, survey: Survey, number: int, rng: np.random.Generator) -> pd.DataFrame:
    latest = np.minimum(company.people["left_s"].to_numpy(), company.end_s - ANSWERS_WITHIN_S)
    if survey.level == "relationship":
        turns = int(company.end_s // survey.every_s) + 1
        at_s = (rng.random(company.n)[:, None] + np.arange(turns)) * survey.every_s
        person = np.repeat(np.arange(company.n), turns)
        at_s = at_s.ravel().astype(np.int64)
        event = np.full(len(at_s), -1)
    else:
        codes = [company.code(name) for name in survey.after]
        event = np.flatnonzero(np.isin(company.events["code"].to_numpy(), codes))
        person = company.events["person"].to_numpy()[event]
        pause = survey.delay_s * rng.uniform(0.5, 1.5, size=len(event))
        at_s = company.events["at_s"].to_numpy()[event] + pause.astype(np.int64)
    is_asked = (rng.random(len(at_s)) < survey.asked) & (at_s < latest[person])
    is_asked &= at_s >= company.people["joined_s"].to_numpy()[person]
    found = {"person": person, "at_s": at_s, "event": event}
    return pd.DataFrame({name: one[is_asked].astype(np.int64) for name, one in found.items()}).assign(survey=number)


def _scores(company, section: Experience, asked: pd.DataFrame, held: Mapping[str, np.ndarray], rng) -> np.ndarray:
    low, high = section.mood
    mean = low + (high - low) * company.people["mood"].to_numpy()[asked["person"]]
    number = asked["survey"].to_numpy()
    for effect in section.effects:
        points = np.array([effect.points if survey.instrument in effect.on else 0.0 for survey in section.surveys])
        mean = mean + points[number] * held[effect.id]
    drawn = rng.beta(mean * section.concentration, (1 - mean) * section.concentration)
    steps, lowest = (np.array([getattr(survey, name) for survey in section.surveys])[number] for name in ("steps", "low"))
    return (lowest + rng.binomial(steps, drawn)).astype(np.int8)


def _chances(company, section: Experience, asked: pd.DataFrame) -> np.ndarray:
    """Each one's chance to answer: linear in how the mood lies to that of customers of the same kind."""
    mean = company.world.people.mood.of(company.people)
    number, person = asked["survey"].to_numpy(), asked["person"].to_numpy()
    answer, silent = (np.array([getattr(one, name) for one in section.surveys])[number] for name in ("answer", "silent"))
    slope = silent / ((section.mood[1] - section.mood[0]) * variance(company.world, mean)[person])
    return answer * (1 + slope * (company.people["mood"].to_numpy()[person] - mean[person]))


def _surveys(company, section: Experience, answers: pd.DataFrame, rng) -> pd.DataFrame:
    number, event = answers["survey"].to_numpy(), answers["event"].to_numpy()
    values = {
        name: np.array([getattr(one, name) for one in section.surveys])[number]
        for name in ("low", "high", "mis_scaled", "not_applicable")
    }
    drawn = rng.random(len(answers))
    blank = drawn < values["not_applicable"]
    shifted = ~blank & (drawn < values["not_applicable"] + values["mis_scaled"])
    shift = np.where(shifted, np.where(values["low"] == 0, 1, -1), 0)
    frame = pd.DataFrame(
        {
            "response_id": answers["response_id"].to_numpy(),
            "customer_id": _customers(company, answers),
            "answered_at": company.utc(answers["answered_s"].to_numpy()),
            "instrument": _coded([one.instrument for one in section.surveys], number),
            "level": _coded([one.level for one in section.surveys], number),
            "score": np.where(blank, 0, answers["score"].to_numpy() + shift).astype(float),
            "scale_min": np.where(blank, np.nan, values["low"] + shift),
            "scale_max": np.where(blank, np.nan, values["high"] + shift),
            "touchpoint": _touchpoints(company, event),
            "channel": _channels(company, event),
        }
    )
    return frame.assign(not_applicable=blank) if any(one.not_applicable for one in section.surveys) else frame


def _answers(company, section: Experience, asked: pd.DataFrame, held: Mapping[str, np.ndarray]) -> pd.DataFrame:
    number = asked["survey"].to_numpy()
    frame = pd.DataFrame(
        {
            "customer_id": _customers(company, asked),
            "asked_at": company.utc(asked["at_s"].to_numpy()),
            "instrument": _coded([one.instrument for one in section.surveys], number),
            "level": _coded([one.level for one in section.surveys], number),
            "touchpoint": _touchpoints(company, asked["event"].to_numpy()),
            "response_id": asked["response_id"].to_numpy(),
            "would_score": asked["score"].to_numpy(),
            "answered": asked["answered"].to_numpy().astype(np.int8),
        }
    )
    return frame.assign(**held)


def _coded(names: list[str], code: np.ndarray) -> pd.Categorical:
    # the names at `code`, of which some may be the same; -1: none
    found = list(dict.fromkeys(names))
    return pd.Categorical.from_codes(np.array([*(found.index(name) for name in names), -1], dtype=np.int16)[code], found)


def _customers(company, asked: pd.DataFrame) -> pd.Categorical:
    return pd.Categorical.from_codes(asked["person"].to_numpy(), company.people["customer_id"])


def _codes(company, event: np.ndarray) -> np.ndarray:
    # touchpoints' codes; -1: the occasion followed no event
    code = np.full(len(event), -1, dtype=np.int16)
    code[event >= 0] = company.events["code"].to_numpy()[event[event >= 0]]
    return code


def _touchpoints(company, event: np.ndarray) -> pd.Categorical:
    return _coded(list(company.world.touchpoints), _codes(company, event))


def _channels(company, event: np.ndarray) -> pd.Categorical:
    own = company.journeys["channel"].array
    fixed = [one.channel for one in company.world.touchpoints.values()]
    names = [*own.categories, *fixed, "e-mail"]
    # a touchpoint's own channel, else its journey's; by e-mail where nothing happened
    place = _codes(company, event).astype(np.int64) + len(own.categories)
    followed = np.flatnonzero(event >= 0)
    free = followed[np.array([not one for one in fixed])[place[followed] - len(own.categories)]]
    place[free] = own.codes[company.events["journey"].to_numpy()[event[free]]]
    place[event < 0] = len(names) - 1
    return _coded(names, place).remove_unused_categories()


def truths(world: World) -> list[Truth]:
    """How each kind of customer scores on each instrument when nothing happened; each effect on each instrument in points of
    its scale; and of each survey how many answer, by how much those score above all who were asked, and how many answers are on
    another scale or not applicable."""
    section = world.experience
    if section is None:
        return []
    found, steps = [], {one.instrument: one.steps for one in section.surveys}
    lowest = {one.instrument: one.low for one in section.surveys}
    for instrument, (kind, mood) in itertools.product(steps, moods(world)):
        place = {
            "instrument": instrument,
            "question": instrument.upper(),
            "who": {world.people.mood.attribute: kind} if kind else {},
        }
        size = lowest[instrument] + steps[instrument] * (section.mood[0] + (section.mood[1] - section.mood[0]) * mood)
        name = ".".join(("experience", "mood", instrument, kind)).removesuffix(".")
        found.append(Truth(name, "experience_mood", place, size, "number"))
    for effect in section.effects:
        for instrument in effect.on:
            place = {"instrument": instrument, "question": instrument.upper(), "effect": effect.id, "cause": effect.cause.place}
            size = effect.points * steps[instrument]
            found.append(
                Truth(f"experience.effect.{effect.id}.{instrument}", "experience_effect", place, size, "points", effect.says)
            )
    for survey in section.surveys:
        place = {"instrument": survey.instrument, "level": survey.level, "question": survey.label}
        found.append(Truth(f"experience.answer.{survey.name}", "experience_answer", place, survey.answer, "share"))
        found.append(
            Truth(f"experience.silent.{survey.name}", "experience_silent", place, survey.silent * survey.steps, "points")
        )
        for kind in ("mis_scaled", "not_applicable"):
            if size := getattr(survey, kind):
                found.append(Truth(f"experience.{kind}.{survey.name}", f"experience_{kind}", place, size, "share"))
    return found


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """How large a truth of this part is in a company. Effects: least squares of what all who were asked would have scored, on
    all effects and the attributes that move the mood; the silent and the shares from who answered."""
    instrument, level = truth.place["instrument"], truth.place.get("level")
    kind = truth.kind.removeprefix("experience_")
    if kind in ("mis_scaled", "not_applicable"):
        surveys = tables["surveys"]
        given = surveys[(surveys["instrument"] == instrument) & (surveys["level"] == level)]
        low = next(one.low for one in world.experience.surveys if one.name == f"{instrument}.{level}")
        off = given["scale_min"].notna() & (given["scale_min"] != low)
        return Measured(
            truth, *estimates.count((off if kind == "mis_scaled" else given["not_applicable"]).to_numpy(dtype=bool))
        )
    answers = key["answers"]
    rows = answers[(answers["instrument"] == instrument) & ((answers["level"] == level) | (level is None))]
    customers = rows["customer_id"].astype("category").cat
    score, person = rows["would_score"].to_numpy(dtype=float), customers.codes.to_numpy()
    answered = rows["answered"].to_numpy(dtype=bool)
    if kind == "answer":
        return Measured(truth, *estimates.share(answered, person))
    if kind == "silent":
        return Measured(truth, *estimates.gap(score, answered, person))
    columns = {one.id: rows[one.id].to_numpy() for one in world.experience.effects if instrument in one.on}
    # the intercept is the mean of one kind of customer when nothing happened
    attribute, kinds = world.people.mood.attribute, [name for name, _ in moods(world)]
    own = truth.place.get("who", {}).get(attribute, kinds[0])
    if attribute:
        known = tables["customers"].set_index("customer_id")[attribute].astype(str)
        is_of = known.reindex(customers.categories.astype(known.index.dtype)).to_numpy(dtype=object)[person]
        columns |= {f"{attribute}: {name}": (is_of == name).astype(np.int8) for name in kinds if name != own}
        n_own = int((is_of == own).sum())
    found = estimates.linear(columns, score, person)
    if kind == "effect":
        return Measured(truth, *found[truth.place["effect"]])
    return Measured(truth, *(found[""]._replace(n=n_own) if attribute else found[""]))
