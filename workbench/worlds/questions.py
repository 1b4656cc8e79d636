"""What customers are asked and what moves their answers, as a company declares it.

[experience]            mood = [0.45, 0.9]: where on the scale (0 its lowest, 1 its highest score) the answers of the gloomiest
                        and of the sunniest customer lie on average when nothing happened; concentration = 6: how close single
                        answers come to their mean
[[experience.surveys]]  instrument (nps, csat, ces), scale = [0, 10]; level = "relationship" with every = "90d", or
                        "interaction" with after = [touchpoints] and delay = "1d"; asked = share of occasions on which one is
                        asked; answer = share of the asked who answer; silent = by how much (share of the scale) the mean of
                        those who answer lies above that of all who are asked; mis_scaled = share of answers on a scale shifted
                        by one (1 to 11 for 0 to 10, 0 to 4 for 1 to 5); not_applicable = share of answers that are "not
                        applicable": a score of 0, no scale
[[experience.effects]]  id, says, from = a cause (see causes.py), points = share of the scale by which it moves the mean,
                        on = [instruments]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from workbench.worlds import causes
from workbench.worlds.causes import Cause

if TYPE_CHECKING:
    from workbench.worlds.declaration import World
    from workbench.worlds.reader import Reader

#: how near to the ends of the scale a mean may come
MARGIN = 0.02
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
#: columns of the key's `answers` that no effect may be named after
ANSWERS = ("customer_id", "asked_at", "instrument", "level", "touchpoint", "response_id", "would_score", "answered")


@dataclasses.dataclass(frozen=True)
class Survey:
    """On which occasions a question is asked, and how many answer it how."""

    instrument: str
    low: int
    high: int
    level: str
    every_s: float  # relationship: the pause between two occasions
    after: tuple[str, ...]  # interaction: touchpoints after which one is asked …
    delay_s: float  # … so much later, give or take a half
    asked: float
    answer: float
    silent: float
    mis_scaled: float
    not_applicable: float

    @property
    def name(self) -> str:
        return f"{self.instrument}.{self.level}"

    @property
    def steps(self) -> int:
        return self.high - self.low

    @property
    def label(self) -> str:
        """What a facilitator reads: NPS, or CSAT (Delivery, Support call, …)."""
        touchpoints = ", ".join([*self.after[:3], *("…" for _ in self.after[3:4])])
        return self.instrument.upper() + (f" ({touchpoints})" if touchpoints else "")


@dataclasses.dataclass(frozen=True)
class Effect:
    id: str
    says: str
    cause: Cause
    points: float  # share of the scale
    on: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Experience:
    mood: tuple[float, float]
    concentration: float
    surveys: tuple[Survey, ...]
    effects: tuple[Effect, ...]


def read(reader: Reader, declared: Mapping, world: World) -> Experience | None:
    """The section [experience], or None where there is none."""
    if "experience" not in declared:
        return None
    section = reader.get(declared, "experience", dict)
    reader.only(section, "experience", "mood", "concentration", "surveys", "effects")
    mood = _two(reader, section, "experience.mood", (0.4, 0.9))
    surveys: list[Survey] = []
    for number, table in enumerate(reader.get(section, "experience.surveys", list), start=1):
        survey = _survey(reader, table, f"experience.surveys[{number}]", world)
        if survey.name in [one.name for one in surveys]:
            raise reader.wrong(f"experience.surveys[{number}]", "twice", found=survey.name)
        surveys.append(survey)
    if not surveys:
        raise reader.wrong("experience.surveys", "missing")
    effects: list[Effect] = []
    for number, table in enumerate(reader.get(section, "experience.effects", list, []), start=1):
        entry = f"experience.effects[{number}]"
        effect = _effect(reader, table, entry, world, {one.instrument for one in surveys})
        if not effect.id.isidentifier() or effect.id in (*ANSWERS, *(one.id for one in effects)):
            raise reader.wrong(f"{entry}.id", "wrong_kind", found=repr(effect.id))
        effects.append(effect)
    for survey in surveys:
        moves = [one.points for one in effects if survey.instrument in one.on]
        low, high = mood[0] + sum(min(one, 0) for one in moves), mood[1] + sum(max(one, 0) for one in moves)
        if low < MARGIN - 1e-9 or high > 1 - MARGIN + 1e-9:
            raise reader.wrong(
                "experience.effects", "off_scale", instrument=survey.instrument, low=f"{low:.2f}", high=f"{high:.2f}"
            )
    for number, survey in enumerate(surveys, start=1):
        most = _most_silent(survey, mood, world)
        if abs(survey.silent) > most:
            entry = f"experience.surveys[{number}].silent"
            raise reader.wrong(entry, "too_silent", found=f"{survey.silent:g}", most=f"{np.floor(most * 1000) / 1000:g}")
    concentration = reader.number(section, "experience.concentration", 0.1, 1000, 6)
    return Experience(mood, concentration, tuple(surveys), tuple(effects))


def _most_silent(survey: Survey, mood: tuple[float, float], world: World) -> float:
    # up to here each customer's chance to answer, linear in the mood, stays between 0 and 1
    mean = np.array([one for _, one in moods(world)])
    down, up = (mean, 1 - mean) if survey.silent > 0 else (1 - mean, mean)
    slope = np.minimum(1 / down, (1 / max(survey.answer, 1e-9) - 1) / up)
    return float((slope * variance(world, mean)).min() * (mood[1] - mood[0]))


def variance(world: World, mean: np.ndarray) -> np.ndarray:
    """Of the moods of customers whose mean is this: a Beta distribution's."""
    return mean * (1 - mean) / (world.people.mood_concentration + 1)


def moods(world: World) -> list[tuple[str, float]]:
    """The mean mood of each kind of customer: the values of the attribute that moves it ("": all are of one kind)."""
    mood = world.people.mood
    if not mood.attribute:
        return [("", mood.other)]
    return [(value, mood.values.get(value, mood.other)) for value in world.attributes[mood.attribute]]


def _two(reader: Reader, table: Mapping, entry: str, default: tuple[float, float]) -> tuple[float, float]:
    found = reader.get(table, entry, list, list(default))
    if len(found) != 2 or not all(isinstance(one, int | float) for one in found) or not found[0] < found[1]:
        raise reader.wrong(entry, "wrong_kind", found=repr(found))
    return found[0], found[1]


def _survey(reader: Reader, table: Mapping, entry: str, world: World) -> Survey:
    level = reader.get(table, f"{entry}.level", str)
    reader.known([level], f"{entry}.level", ("relationship", "interaction"))
    own = ("every",) if level == "relationship" else ("after", "delay")
    shares = ("asked", "answer", "silent", "mis_scaled", "not_applicable")
    reader.only(table, entry, "instrument", "scale", "level", *own, *shares)
    instrument = reader.get(table, f"{entry}.instrument", str)
    reader.known([instrument], f"{entry}.instrument", SCALES)
    low, high = _two(reader, table, f"{entry}.scale", SCALES[instrument])
    # scores are kept in a byte, and a mis-scaled one is one more
    if not -100 <= low < high <= 100 or int(low) != low or int(high) != high:
        raise reader.wrong(f"{entry}.scale", "wrong_kind", found=repr([low, high]))
    after = reader.get(table, f"{entry}.after", list) if level == "interaction" else []
    reader.known(after, f"{entry}.after", world.touchpoints)
    return Survey(
        instrument,
        int(low),
        int(high),
        level,
        reader.duration(table, f"{entry}.every", least_s=86400) if level == "relationship" else 0.0,
        tuple(after),
        reader.duration(table, f"{entry}.delay", "1d"),
        reader.number(table, f"{entry}.asked", 0, 1),
        reader.number(table, f"{entry}.answer", 0, 1),
        reader.number(table, f"{entry}.silent", -0.5, 0.5, 0),
        reader.number(table, f"{entry}.mis_scaled", 0, 0.5, 0),
        # where 0 is a score it can't stand for "not applicable"
        reader.number(table, f"{entry}.not_applicable", 0, 0.5 if low > 0 else 0, 0),
    )


def _effect(reader: Reader, table: Mapping, entry: str, world: World, instruments: set[str]) -> Effect:
    reader.only(table, entry, "id", "says", "from", "points", "on")
    on = reader.get(table, f"{entry}.on", list)
    reader.known(on, f"{entry}.on", instruments)
    return Effect(
        reader.get(table, f"{entry}.id", str),
        reader.get(table, f"{entry}.says", str),
        causes.read(reader, reader.get(table, f"{entry}.from", dict), f"{entry}.from", world),
        reader.number(table, f"{entry}.points", -1, 1),
        tuple(on),
    )
