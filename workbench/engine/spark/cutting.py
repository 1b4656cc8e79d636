"""The two rules that are cut by other means on Spark: greedy windows, and the nearest anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.engine.spark.cursor import SparkCursor


def write_windows(cursor: SparkCursor, event: str, window: int) -> None:
    """`cut` by windows that begin at the first event after the one before is over. The moments where a customer's windows begin
    are found by walking over their different moments, in their order; a journey has the number of its first event."""
    cursor.run(f"""
        CREATE TEMP TABLE began AS
        SELECT customer, aggregate(
            array_sort(collect_set(happened)), CAST(array() AS ARRAY<BIGINT>),
            (found, one) -> CASE WHEN size(found) > 0 AND one - element_at(found, -1) <= {window} THEN found
                ELSE array_append(found, one) END
        ) AS moments
        FROM @plain GROUP BY customer""")
    cursor.run(f"""
        CREATE TEMP TABLE cut AS
        SELECT min(ord) OVER (PARTITION BY customer, began) AS journey, customer, {event} FROM (
            SELECT p.*, array_max(filter(moments, one -> one <= p.happened)) AS began
            FROM @plain AS p JOIN @began AS b ON p.customer = b.customer
        )""")


def write_anchored(cursor: SparkCursor, event: str, code: int, before: int, after: int) -> None:
    """`cut` by anchors, the steps at `code`: an event belongs to the first anchor that it is at most `after` later than, if it
    is at most `before` earlier."""
    cursor.run(f"""
        CREATE TEMP TABLE anchors AS
        SELECT row_number() OVER (ORDER BY customer, anchored) - 1 AS number, customer, anchored
        FROM (SELECT DISTINCT customer, happened AS anchored FROM @plain WHERE code = {code:d})""")
    nothing = ", ".join("NULL" for _ in event.split(", "))
    cursor.run(f"""
        CREATE TEMP VIEW cut AS
        SELECT found.number AS journey, customer, {event} FROM (
            SELECT *, first_value(anchor) IGNORE NULLS OVER (
                PARTITION BY customer ORDER BY moment, anchor NULLS FIRST
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ) AS found
            FROM (
                SELECT customer, {event}, happened - {after} AS moment,
                    CAST(NULL AS STRUCT<anchored: BIGINT, number: BIGINT>) AS anchor
                FROM @plain
                UNION ALL SELECT customer, {nothing}, anchored,
                    named_struct('anchored', anchored, 'number', CAST(number AS BIGINT)) AS anchor FROM @anchors
            )
        ) WHERE happened IS NOT NULL AND found.anchored - {before} <= happened""")
