"""How the groups of a comparison were chosen: whether by what happens in journeys, which makes them differ by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.model import Between, Filter, Matching, Rest, Study, Where
from workbench.result import Caveat

#: characters of a pattern in a caveat
_LONGEST = 60


def by_journeys(study: Study, other: Study, of: str) -> Caveat | None:
    """What has to be said where what happens in journeys tells the groups apart: filters on columns of events or by a pattern
    that only one of them has. How much a customer does decides who passes them (length-biased sampling: Cox 1969, "Some
    sampling problems in technology"); who has a journey in a period, against who has none, is chosen so as well. None where
    groups differ by columns of customers and by periods."""
    a, b = (_choices(group.filters, study) for group in (study, other))
    own, apart = [one for one in a if one not in b], [one for one in b if one not in a]
    if not own and not apart:
        return None
    whole_a, whole_b = (_choices(group.filters, study, periods=True) for group in (study, other))
    if _is_rest(apart, whole_a) or _is_rest(own, whole_b):
        kind = "rest_returns" if of == "cohorts" else "rest"
    else:
        kind = "both" if own and apart else "one"
    return Caveat(f"journeys.caveat.chosen_{kind}", {"what": ", ".join(dict.fromkeys(_names([*own, *apart])))})


def _choices(filters: Sequence[Filter], study: Study, periods: bool = False) -> tuple[Filter, ...]:
    # what filters ask of what happens in journeys, on wish with periods; a column of both tables is read from events
    of_events = study.columns.get("events", {}).keys() - {"customer_id"}
    found = []
    for one in filters:
        if isinstance(one, Where) and (asked := tuple(told for told in one.conditions if told[0] in of_events)):
            found.append(Where(asked))
        elif isinstance(one, Rest) and (inner := _choices(one.filters, study, periods=True)):
            found.append(Rest(inner))
        elif isinstance(one, Matching) or (periods and isinstance(one, Between)):
            found.append(one)
    return tuple(found)


def _is_rest(choices: Iterable[Filter], of: Sequence[Filter]) -> bool:
    # whether a group with these choices holds customers who have none of what the other was chosen by
    return any(isinstance(one, Rest) and set(one.filters) <= set(of) for one in choices)


def _names(choices: Iterable[Filter]) -> Iterable[str]:
    for one in choices:
        match one:
            case Where():
                yield from (name.replace("_", " ") for name, _ in one.conditions)
            case Matching():
                yield one.pattern if len(one.pattern) <= _LONGEST else f"{one.pattern[: _LONGEST - 1].rstrip()}…"
            case Between():
                yield f"{one.start or '…'} – {one.end or '…'}"
            case Rest():
                yield from _names(one.filters)
