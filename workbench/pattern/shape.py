"""What a pattern says, as values, and how it is written: the canonical text."""

from __future__ import annotations

import dataclasses

from workbench.pattern import words


@dataclasses.dataclass(frozen=True)
class Choice:
    """One kind of step: a touchpoint (None: any) and the values its columns must have."""

    touchpoint: str | None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (column, allowed values), both sorted

    def __str__(self) -> str:
        return self.text()

    def text(self, *, closed: bool = False) -> str:
        """As it is written; `closed`: where a `between` may come after it."""
        text = "any" if self.touchpoint is None else _written(self.touchpoint, ("any", "start", "end", "not"), closed)
        rest = list(self.where)
        for column, values in self.where:
            if column == "channel" and len(values) == 1:
                text += "@" + _written(values[0], closed=closed)
                rest.remove((column, values))
        conditions = (f"{_written(column)}={'|'.join(_written(value) for value in values)}" for column, values in rest)
        return f"{text}[{', '.join(conditions)}]" if rest else text


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of one of the kinds, or, with `repeat` = (least, most or None), a whole run of such steps."""

    choices: tuple[Choice, ...]
    repeat: tuple[int, int | None] | None = None

    def __str__(self) -> str:
        text = " | ".join(map(str, self.choices))
        if self.repeat is None:
            return text
        least, most = self.repeat
        return f"{text} {{{least}{'' if most == least else ',' if most is None else f',{most}'}}}"


@dataclasses.dataclass(frozen=True)
class Link:
    """How a step follows the one before: directly or later, within how many seconds, without what between."""

    direct: bool = False
    within: float | None = None
    without: tuple[Choice, ...] = ()


@dataclasses.dataclass(frozen=True)
class Pattern:
    """`links[i]` leads from `steps[i]` to `steps[i + 1]`."""

    steps: tuple[Step, ...]
    links: tuple[Link, ...] = ()
    from_start: bool = False  # the first step begins the journey
    to_end: bool = False  # the last step ends it
    negated: bool = False  # held by journeys that do not hold the rest

    def __str__(self) -> str:
        text = ("not " if self.negated else "") + ("start => " if self.from_start else "") + str(self.steps[0])
        for link, step in zip(self.links, self.steps[1:], strict=True):
            text += f" {'=>' if link.direct else '->'} {step}"
            text += f" within {_duration(link.within)}" if link.within is not None else ""
            text += f" without {' | '.join(one.text(closed=True) for one in link.without)}" if link.without else ""
        return text + (" => end" if self.to_end else "")


def _written(name: str, reserved: tuple[str, ...] = (), closed: bool = False) -> str:
    # without quotes where the words alone would be read back as the same name
    if words.plain(name, reserved, closed=closed):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _duration(seconds: float) -> str:
    for unit in ("d", "h", "min"):
        if seconds % words.SECONDS[unit] == 0:
            return f"{seconds / words.SECONDS[unit]:.0f}{unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
