"""The engine: prepare once, then every question is a scan. The only room that knows SQL and DuckDB.

`prepared(study)` gives a `Prepared`: tables of one store version, cut into journeys by one rule, narrowed to the study's
filters. In SQL they have these plain names (times and durations are whole microseconds, times since 1970 in UTC):

    steps        one row an event of a journey
        journey     BIGINT     the journey
        customer    BIGINT     its customer: a row of `customers`
        seq         INTEGER    place in the journey, from 1; ties in time stand in the order of the file
        code        SMALLINT   the touchpoint: a row of `touchpoints` (INTEGER above 32,000 of them)
        nxt         as code    the next step's touchpoint; NULL at the journey's last step
        dt          BIGINT     time to the next step; NULL at the last
        lday        BOOLEAN    the last step of the journey on its calendar day (in the study's zone)
        happened    BIGINT     when ("at" is a reserved word)
        ord         INTEGER    the event's place in the files, in the order they were loaded (BIGINT above 2^31); absent
                               where the store has no other column of events that is asked for
        channel_code, owner_code, stage_code
                    UTINYINT   the event's own: rows of `channels`, `owners`, `stages`; NULL where it has none, or the store
                               has no such column (SMALLINT above 250 of them, INTEGER above 32,000)
    journeys     one row a journey: journey, customer, n_steps, entry, "exit" (codes), started, ended, shape
        shape       HUGEINT    the variant: sum(hash(seq, code)); equal for equal sequences (see tables.py on collisions)
    touchpoints  code, touchpoint, stage (the one most of its events have, or NULL); codes run from 0 in the order of the names
    channels     channel_code, channel; likewise `owners` and `stages`: every different text, "" too; codes run from 0 in the
                 order of the names. `Prepared.marks` tells which of the three there are, and their names by code
    customers    customer, customer_id, and the columns of the store's customers table
    shared       the journeys with events of several customers (cases; each counts as that of its first)
    details      journey, seq and the other columns of the event as they were loaded (channel, product, …): for filters and
                 for looking one event up. What counts channels, owners or stages groups by their codes and joins the names
                 to the few rows that are left:
                     SELECT touchpoint, channel, n
                     FROM (SELECT code, channel_code, count(*) AS n FROM steps GROUP BY ALL)
                     JOIN touchpoints USING (code) LEFT JOIN channels USING (channel_code)
"""

from workbench.engine.opening import Prepared, build, either, interrupt, prepared, progress, together

__all__ = ["Prepared", "build", "either", "interrupt", "prepared", "progress", "together"]
