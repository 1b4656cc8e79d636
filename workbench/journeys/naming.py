"""What two groups of journeys are called beside each other: by the filters that tell them apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from workbench.locale import Texts
from workbench.model import Between, Filter, Matching, Rest, Study, Where

#: columns whose values say by themselves what they are
_PLAIN = ("channel", "touchpoint")


def group_names(study: Study, other: Study, t: Texts, longest: int = 0) -> tuple[str, str]:
    """A name for each, in the language of `t`: the filters that the other doesn't have ("app", "all others"). Cut to `longest`
    characters where that is given; names that would be the same then are told apart by A and B."""
    if other.filters == (Rest(study.filters),):
        names = _name(study.filters, t), t("journeys.compare.name_rest")
    else:
        own = [[one for one in group.filters if one not in apart.filters] for group, apart in ((study, other), (other, study))]
        names = _name(own[0], t), _name(own[1], t)
    if longest:
        names = tuple(name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…" for name in names)
    return names if names[0] != names[1] else (f"{names[0]} (A)", f"{names[1]} (B)")


def _name(filters: Sequence[Filter], t: Texts) -> str:
    return "; ".join(_said(one, t) for one in filters) or t("journeys.compare.name_all")


def _said(one: Filter, t: Texts) -> str:
    match one:
        case Between():
            start, end = (text and dt.date.fromisoformat(text[:10]) for text in (one.start, one.end))
            if start and end:
                return t("journeys.compare.name_span", start=start, end=end)
            key = "name_from" if start else "name_until" if end else "name_all"
            return t(f"journeys.compare.{key}", day=start or end)
        case Where():
            return ", ".join(_condition(column, values) for column, values in one.conditions)
        case Matching():
            return one.pattern
    return t("journeys.compare.name_but", name=_name(one.filters, t))


def _condition(column: str, values: Sequence[str]) -> str:
    told = ", ".join(values)
    return told if column in _PLAIN else f"{column.replace('_', ' ')} {told}"
