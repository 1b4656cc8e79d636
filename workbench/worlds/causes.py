"""What can have happened to a customer: a cause as it is declared, and to whom it had happened by when."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from workbench.worlds.company import Company
    from workbench.worlds.declaration import World
    from workbench.worlds.reader import Reader

#: what a cause may say; any other word is an attribute of customers
WORDS = ("touchpoint", "incident", "hand_off", "wait_above", "times", "within")


@dataclasses.dataclass(frozen=True)
class Cause:
    """Customers with these `attributes` who had, within so long, at least so many events of this touchpoint, met by this
    incident, handed over from another owner, or come to after a longer wait: all that is said must hold at once."""

    attributes: Mapping[str, str]
    touchpoint: str = ""
    incident: str = ""
    hand_off: bool = False
    wait_above_s: float = 0.0
    times: int = 1
    within_s: int = 0

    @property
    def happens(self) -> bool:
        """Whether it takes an event, not only an attribute."""
        return bool(self.touchpoint or self.incident or self.hand_off or self.wait_above_s)

    @property
    def place(self) -> dict[str, object]:
        """What is said of it, as JSON can hold it."""
        said = dataclasses.asdict(self)
        return {"attributes": dict(said.pop("attributes"))} | {
            name: value for name, value in said.items() if value and (name != "times" or value > 1)
        }


def read(reader: Reader, declared: Mapping, entry: str, world: World) -> Cause:
    """A cause: { plan = "basic" }, { touchpoint = "Support call", within = "60d" }, with times = 2 (a repeat) or
    wait_above = "4d" (a long wait for it); { incident = "outage", within = "30d" }; { hand_off = true, within = "30d" }."""
    attributes = {name: value for name, value in declared.items() if name not in WORDS}
    reader.only(declared, entry, *WORDS, *world.attributes)
    for name in attributes:
        reader.known([reader.get(attributes, f"{entry}.{name}", str)], f"{entry}.{name}", world.attributes[name])
    touchpoint = reader.get(declared, f"{entry}.touchpoint", str, "")
    incident = reader.get(declared, f"{entry}.incident", str, "")
    if touchpoint:
        reader.known([touchpoint], f"{entry}.touchpoint", world.touchpoints)
    if incident:
        reader.known([incident], f"{entry}.incident", [one.id for one in world.incidents])
    cause = Cause(
        attributes,
        touchpoint,
        incident,
        reader.get(declared, f"{entry}.hand_off", bool, False),
        reader.duration(declared, f"{entry}.wait_above") if "wait_above" in declared else 0.0,
        int(reader.number(declared, f"{entry}.times", 1, 1000, 1)),
    )
    if cause.happens:
        return dataclasses.replace(cause, within_s=int(reader.duration(declared, f"{entry}.within")))
    if not attributes or {"within", "times"} & set(declared):
        raise reader.wrong(entry, "wrong_kind", found=repr(dict(declared)))
    return cause


class History:
    """What had happened to whom by when, in a company whose events are all there."""

    def __init__(self, company: Company) -> None:
        self.company = company
        # no event comes so late, and none is looked for from so long ago
        self.span = int(company.events["at_s"].max() if len(company.events) else 0) + 1
        self._keys: dict[tuple, np.ndarray] = {}

    def had(self, cause: Cause, person: np.ndarray, at_s: np.ndarray) -> np.ndarray:
        """True where the cause holds for `person` at `at_s`: events up to and with that second, back to `within` before."""
        holds = np.ones(len(person), dtype=bool)
        for name, value in cause.attributes.items():
            holds &= (self.company.people[name] == value).to_numpy()[person]
        if not cause.happens:
            return holds
        keys = self._events(cause)
        person, at_s = np.asarray(person, dtype=np.int64), np.asarray(at_s, dtype=np.int64)
        to = np.clip(at_s + 1, 0, self.span)
        since = np.clip(at_s - cause.within_s + 1, 0, self.span)
        count = np.searchsorted(keys, person * self.span + to) - np.searchsorted(keys, person * self.span + since)
        return holds & (count >= cause.times)

    def _events(self, cause: Cause) -> np.ndarray:
        # its events as sorted numbers: the customer's, then the time's
        mark = (cause.touchpoint, cause.incident, cause.hand_off, cause.wait_above_s)
        if mark not in self._keys:
            world, events = self.company.world, self.company.events
            met = np.ones(len(events), dtype=bool)
            if cause.touchpoint:
                met &= events["code"].to_numpy() == list(world.touchpoints).index(cause.touchpoint)
            if cause.incident:
                met &= events["incident"].to_numpy() == [one.id for one in world.incidents].index(cause.incident)
            if cause.wait_above_s:
                met &= events["waited_s"].to_numpy() > cause.wait_above_s
            if cause.hand_off:
                met &= self._handed_over()
            person = events["person"].to_numpy()[met].astype(np.int64)
            self._keys[mark] = np.sort(person * self.span + events["at_s"].to_numpy()[met])
        return self._keys[mark]

    def _handed_over(self) -> np.ndarray:
        # an event whose owner is another than that of its journey's step before
        world, events = self.company.world, self.company.events
        names = sorted({one.owner for one in world.touchpoints.values()})
        owner = np.array([names.index(one.owner) for one in world.touchpoints.values()])[events["code"].to_numpy()]
        order = np.argsort(events["journey"].to_numpy(), kind="stable")
        journey, owner = events["journey"].to_numpy()[order], owner[order]
        nobody = names.index("") if "" in names else -1
        changed = np.zeros(len(events), dtype=bool)
        changed[order[1:]] = (journey[1:] == journey[:-1]) & (owner[1:] != owner[:-1])
        changed[order[1:]] &= (owner[1:] != nobody) & (owner[:-1] != nobody)
        return changed
