"""Who comes back: customers by the period they were first seen in, and the later periods they were seen in."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from workbench.engine import clock
from workbench.engine.opening import Prepared

#: kinds of periods, by how they are counted
PERIODS = ("week", "month", "quarter")
_MONTHS = {"month": 1, "quarter": 3}
_WEEKS = 102_800  # more weeks than there are from year 0 to 1970


def period(day: dt.date, by: str) -> int:
    """The number of the period that `day` lies in; weeks begin on Monday, the first of them all being that of 1970. Single days
    ("day") are counted from 1 January 1970."""
    if by == "day":
        return (day - dt.date(1970, 1, 1)).days
    if by == "week":
        return (day - dt.date(1969, 12, 29)).days // 7
    return (day.year * 12 + day.month - 1) // _MONTHS[by]


def begins(number: int, by: str) -> dt.date:
    """The first day of that period."""
    if by == "day":
        return dt.date(1970, 1, 1) + dt.timedelta(number)
    if by == "week":
        return dt.date(1969, 12, 29) + dt.timedelta(weeks=number)
    year, month = divmod(number * _MONTHS[by], 12)
    return dt.date(year, month + 1, 1)


def number_sql(day: str, by: str) -> str:
    """SQL of the number of the period, from that of the day."""
    if by == "day":
        return day
    if by == "week":
        # whole-number division rounds towards zero, so all is counted from far back
        return f"(({day} + 3 + {7 * _WEEKS}) // 7 - {_WEEKS})::INTEGER"
    date = f"(DATE '1970-01-01' + {day})"
    return f"((year({date}) * 12 + month({date}) - 1) // {_MONTHS[by]})::INTEGER"


def span(p: Prepared) -> tuple[int, int]:
    """When the first and the last of these steps were (microseconds)."""
    return p.once("span", "SELECT min(happened), max(happened) FROM steps")


def _active(p: Prepared, by: str) -> str:
    first, last = span(p)
    number = clock.day_sql("happened", p.timezone, first, last)
    # activity shows in the steps that are the last on their day: no need to look at the others
    return f"""active AS (
            SELECT DISTINCT customer, {number_sql("day", by)} AS period
            FROM (SELECT customer, {number} AS day FROM steps WHERE lday)
        ),
        begun AS (SELECT customer, min(period) AS cohort FROM active GROUP BY customer)"""


def last_seen(p: Prepared) -> int:
    """The moment of the last step of all in the store, whatever the study is narrowed to: microseconds."""
    return p.of_store("last_seen", lambda: p.row("SELECT max(happened) FROM base.main.steps"))[0]


def cohorts(p: Prepared, by: str = "month") -> pd.DataFrame:
    """Who is active again: cohort (first day of the period of a customer's first step, in the study's zone), after (periods
    since then, from 0), n_customers active in that period, n (customers of the cohort). Periods in which nobody was active
    have no row. `by`: one of `PERIODS`."""
    found = p.query(
        f"""WITH {_active(p, by)},
        size AS (SELECT cohort, count(*) AS n FROM begun GROUP BY cohort)
        SELECT cohort, period - cohort AS after, count(*) AS n_customers, any_value(n) AS n
        FROM active JOIN begun USING (customer) JOIN size USING (cohort) GROUP BY cohort, after ORDER BY cohort, after"""
    )
    days = [begins(int(number), by) for number in found["cohort"]]
    return found.assign(cohort=pd.Series(days, dtype="datetime64[us]"))


def returns_by_customer(p: Prepared, by: str = "month") -> pd.DataFrame:
    """Every customer in every period with a step: customer, cohort (number of the period of the first step), after (periods
    since then, from 0)."""
    return p.each_customer(
        f"WITH {_active(p, by)} SELECT customer, cohort, period - cohort AS after FROM active JOIN begun USING (customer)"
    )


def return_period_members(p: Prepared, by: str, after: int, last: int) -> pd.DataFrame:
    """Who was active that many periods after the own first one, in a period not later than the one of the number `last`."""
    return p.members(
        f"""WITH {_active(p, by)}
        SELECT customer, 1 AS n FROM active JOIN begun USING (customer) WHERE period - cohort = ? AND period <= ?""",
        [after, last],
    )


def cohort_members(p: Prepared, by: str, cohort: dt.date, after: int) -> pd.DataFrame:
    """Who of a cohort was active that many periods later."""
    return p.members(
        f"""WITH {_active(p, by)}
        SELECT customer, 1 AS n FROM active JOIN begun USING (customer) WHERE cohort = ? AND period - cohort = ?""",
        [period(cohort, by), after],
    )
