"""Days and moments of a time zone, as whole microseconds since 1970 in UTC."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from workbench.errors import BadInput

SECOND = 1_000_000
DAY = 86400 * SECOND
_YEAR_0 = 719_528  # days from 1 January of year 0 to 1970
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST, _LAST = (int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) * SECOND for year in (1900, 2100))


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name; BadInput where there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("engine.unknown_zone", asked=name) from None


def _micros(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


def span(text: str, timezone: str) -> tuple[int, int]:
    """First moment of what `text` says and the first one after it: a bare date is its whole day in the zone (23 or 25 hours
    when the clocks change), a time is that microsecond. A time without a zone of its own is in `timezone`."""
    try:
        if len(text) == 10:
            day = dt.date.fromisoformat(text)
            ends = [dt.datetime(*(day + dt.timedelta(days)).timetuple()[:3], tzinfo=zone(timezone)) for days in (0, 1)]
            return _micros(ends[0]), _micros(ends[1])
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("bad_moment", asked=repr(text)) from None
    except OverflowError:
        raise BadInput("last_moment", asked=repr(text)) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(timezone))
    return _micros(moment), _micros(moment) + 1


def local_sql(column: str, timezone: str, first: int, last: int) -> str:
    """SQL of the zone's wall clock for the UTC microseconds in `column`, which lie between `first` and `last`."""
    changes = _changes(zone(timezone), first, last)
    if len(changes) == 1:
        return f"({column} + {changes[0][1]})"
    whens = " ".join(f"WHEN {column} >= {since} THEN {offset}" for since, offset in reversed(changes[1:]))
    return f"({column} + CASE {whens} ELSE {changes[0][1]} END)"


def day_sql(column: str, timezone: str, first: int, last: int) -> str:
    """SQL of the number of the calendar day, 0 being 1 January 1970."""
    return f"({_day_from_year_0(column, timezone, first, last)} - {_YEAR_0})::INTEGER"


def same_day_sql(column: str, wait: str, timezone: str, first: int, last: int) -> str:
    """SQL of whether the time `wait` later (0 or more) lies on the same calendar day; null where `wait` is."""
    changes = _changes(zone(timezone), first, last)
    if len(changes) == 1:  # one division is enough where no clock is changed
        return f"({column} + {changes[0][1] + _YEAR_0 * DAY}) % {DAY} + {wait} < {DAY}"
    one, other = (_day_from_year_0(at, timezone, first, last) for at in (column, f"({column} + {wait})"))
    return f"{one} = {other}"


def _day_from_year_0(column: str, timezone: str, first: int, last: int) -> str:
    # whole-number division rounds towards zero: counted from year 0 all is positive, and it is far cheaper than floor()
    return f"(({local_sql(column, timezone, first, last)} + {_YEAR_0 * DAY}) // {DAY})"


def _changes(where: zoneinfo.ZoneInfo, first: int, last: int) -> list[tuple[int, int]]:
    # (since, offset) in force between first and last; zoneinfo tells no changes, so: look every week, then halve. Where one
    # event lies in the year 9999 nobody knows the changes until then, and thousands of them would stand in each statement
    first, last = (min(max(one, _FIRST), _LAST) for one in (first, last))

    def offset(micros: int) -> int:
        moment = (_EPOCH + dt.timedelta(microseconds=micros)).astimezone(where)
        return moment.utcoffset() // dt.timedelta(microseconds=1)

    found = [(first, offset(first))]
    low = first
    while low < last:
        high = min(low + 7 * DAY, last)
        if offset(high) != found[-1][1]:
            before, after = low, high
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if offset(middle) == found[-1][1] else (before, middle)
            found.append((after, offset(after)))
            high = after
        low = high
    return found
