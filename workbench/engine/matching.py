"""Path patterns as SQL over the prepared tables: which journeys hold one.

Level by level: `reached` holds the occurrences of a step that some choice of the steps before can lead to, and the next level
is found from it. A link asks only how far back the nearest reached occurrence lies and whether something stood between, and
of all earlier occurrences the nearest meets both best; so one running maximum decides a level, and no pairs are ever formed:
n log n, also for a journey of a million steps. At the last link one pair is enough, and if there is any, there is one with
nothing of interest between: neighbours in the table of the steps that matter. The common two-step form is therefore one scan
and one `lag` over the steps at its touchpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from workbench.engine.clock import SECOND
from workbench.errors import NotFound
from workbench.pattern import Choice, Link, Pattern, Step

# Order of a level's rows at one place of a journey: what a step comes after, and what is between, lie strictly before it.
_TO, _BETWEEN, _FROM = 0, 1, 2

Meets = Callable[[tuple[tuple[str, tuple[str, ...]], ...]], tuple[str, list]]


def journeys_matching(pattern: Pattern, codes: Mapping[str, int], meets: Meets) -> tuple[str, list]:
    """SQL for the journeys (one column, `journey`, no repeats) that hold `pattern`, and the values of its `?` in their order.

    It reads `steps` and `journeys`. `codes`: touchpoint -> its code. `meets`: conditions -> what a step has to meet, as SQL
    over `steps`, and its values. NotFound names an unknown touchpoint and the nearest there is."""
    query = _Query(codes, meets)
    sql = query.held(pattern)
    if pattern.negated:
        sql = f"SELECT journey FROM journeys WHERE NOT EXISTS (FROM ({sql}) AS held WHERE held.journey = journeys.journey)"
    return sql, query.values


class _Query:
    """Writes text and values in the same order."""

    def __init__(self, codes: Mapping[str, int], meets: Meets) -> None:
        self.codes = codes
        self.meets = meets
        self.values: list = []

    def held(self, pattern: Pattern) -> str:
        if len(pattern.steps) == 2 and _plain(pattern):
            return self.neighbours(pattern)
        last = len(pattern.links)
        found = self.occurrences(pattern.steps[0], pattern.from_start, pattern.to_end and not last)
        if not last:
            return f"SELECT DISTINCT journey FROM ({found})"
        levels = [f"reached_0 AS ({found})"]
        for number, link in enumerate(pattern.links[:-1]):
            levels.append(f"reached_{number + 1} AS ({self.reached(number, link, pattern.steps[number + 1])})")
        level = self.level(last - 1, pattern.links[-1], pattern.steps[-1], pattern.to_end)
        return f"""WITH {", ".join(levels)}
            SELECT DISTINCT journey FROM (
                SELECT journey, kind, place, happened, lag(CASE kind WHEN {_FROM} THEN place END) OVER w AS from_place,
                    lag(CASE kind WHEN {_FROM} THEN happened END) OVER w AS from_at
                FROM ({level}) WINDOW w AS (PARTITION BY journey ORDER BY place * 4 + kind)
            ) WHERE kind = {_TO} AND from_place IS NOT NULL{_near(pattern.links[-1])}"""

    def neighbours(self, pattern: Pattern) -> str:
        """Two single steps told apart by their touchpoints alone."""
        (first, second), (link,) = pattern.steps, pattern.links
        begins = self.code_in(first.choices) + (" AND seq = 1" if pattern.from_start else "")
        ends = self.code_in(second.choices) + (" AND nxt IS NULL" if pattern.to_end else "")
        between = f" OR {self.code_in(link.without)}" if link.without else ""
        return f"""
            SELECT DISTINCT journey FROM (
                SELECT journey, seq AS place, happened, {ends} AS ends, lag(seq) OVER w AS from_place,
                    lag(CASE WHEN {begins} THEN happened END) OVER w AS from_at
                FROM steps WHERE ({begins}) OR ({ends}){between} WINDOW w AS (PARTITION BY journey ORDER BY seq)
            ) WHERE ends AND from_at IS NOT NULL{_near(link)}"""

    def reached(self, number: int, link: Link, step: Step) -> str:
        """The occurrences of `step` that the ones in level `number` lead to."""
        return f"""
            SELECT journey, tail, tail_at FROM (
                SELECT journey, kind, place, happened, tail, tail_at,
                    max(CASE kind WHEN {_FROM} THEN place END) OVER w AS from_place,
                    max(CASE kind WHEN {_FROM} THEN happened END) OVER w AS from_at,
                    max(CASE kind WHEN {_BETWEEN} THEN place END) OVER w AS between_place
                FROM ({self.level(number, link, step, False)})
                WINDOW w AS (PARTITION BY journey ORDER BY place * 4 + kind ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ) WHERE kind = {_TO} AND from_place IS NOT NULL AND coalesce(between_place, 0) <= from_place{_near(link)}"""

    def level(self, number: int, link: Link, step: Step, to_end: bool) -> str:
        """Everything that matters for one link: what it can come from, what it can lead to, what may not lie between."""
        sql = f"""
            SELECT journey, {_FROM} AS kind, tail::BIGINT AS place, tail_at AS happened, NULL AS tail, NULL AS tail_at
            FROM reached_{number}
            UNION ALL SELECT journey, {_TO}, head, head_at, tail, tail_at FROM ({self.occurrences(step, False, to_end)})"""
        if link.without:
            sql += f" UNION ALL SELECT journey, {_BETWEEN}, seq, happened, NULL, NULL FROM ({self.chosen(link.without)})"
        return sql

    def occurrences(self, step: Step, from_start: bool, to_end: bool) -> str:
        """journey, head and tail (first and last place), head_at, tail_at of each occurrence of `step`."""
        chosen = self.chosen(step.choices)
        if step.repeat is None:
            bounds = ["seq = 1"] * from_start + ["nxt IS NULL"] * to_end
            where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
            return f"SELECT journey, seq AS head, seq AS tail, happened AS head_at, happened AS tail_at FROM ({chosen}){where}"
        least, most = step.repeat
        bounds = [f"count(*) >= {least:d}", *([] if most is None else [f"count(*) <= {most:d}"])]
        bounds += ["min(seq) = 1"] * from_start + ["bool_or(nxt IS NULL)"] * to_end
        return f"""
            SELECT journey, min(seq) AS head, max(seq) AS tail, min(happened) AS head_at, max(happened) AS tail_at
            FROM (SELECT *, seq - row_number() OVER (PARTITION BY journey ORDER BY seq) AS run FROM ({chosen}))
            GROUP BY journey, run HAVING {" AND ".join(bounds)}"""

    def chosen(self, choices: Iterable[Choice]) -> str:
        """journey, seq, happened, nxt of the steps that are one of `choices`, each once."""
        plain = [choice for choice in choices if not choice.where]
        parts = [self.code_in(plain)] if plain else []
        for choice in choices:
            if choice.where:
                sql, values = self.meets(choice.where)
                parts.append(f"{self.code_in([choice])} AND ({sql})")
                self.values += values
        return " UNION ".join(f"SELECT journey, seq, happened, nxt FROM steps WHERE {part}" for part in parts)

    def code_in(self, choices: Iterable[Choice]) -> str:
        names = [choice.touchpoint for choice in choices]
        for name in names:
            if name is not None and name not in self.codes:
                raise NotFound("pattern.unknown_touchpoint", asked=name, exists=self.codes)
        return "true" if None in names else f"code IN ({', '.join(str(int(self.codes[name])) for name in names)})"


def _plain(pattern: Pattern) -> bool:
    choices = [choice for step in pattern.steps for choice in step.choices] + [*pattern.links[0].without]
    return all(step.repeat is None for step in pattern.steps) and not any(choice.where for choice in choices)


def _near(link: Link) -> str:
    direct = " AND place - from_place = 1" if link.direct else ""
    return direct + (f" AND happened - from_at <= {round(link.within * SECOND):d}" if link.within is not None else "")
