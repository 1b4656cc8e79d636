"""The tables beside the events (surveys, orders, …), asked by SQL with the numbers of their customers.

In a database of their own: that of the prepared tables opens no files any more, and on Spark there is none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from workbench.engine.opening import Prepared
from workbench.engine.reductions.seen import customer_names
from workbench.engine.running import connect, frame, literal, quoted

Ask = Callable[..., pd.DataFrame]


@contextlib.contextmanager
def beside(p: Prepared, tables: Mapping[str, Sequence[Path]], **frames: pd.DataFrame) -> Iterator[Ask]:
    """Answers SQL, while the block lasts, over `tables` (a name and its Parquet files; each with one column more, `customer`:
    the number of the row's customer, null where the store knows none of that name) and `frames`. `ask(sql, **values)`: the
    answer, the values bound to its `$name`; Cancelled once those of `p`'s study were stopped."""
    settings = p.study.settings
    with contextlib.closing(connect(settings.threads, settings.memory_limit)) as database:
        database.register("known", pa.Table.from_pandas(customer_names(p), preserve_index=False))
        for name, rows in frames.items():
            database.register(name, rows)
        for name, files in tables.items():
            read = f"read_parquet([{', '.join(literal(file) for file in files)}], union_by_name = true)"
            has = [row[0] for row in database.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()]
            kept = ", ".join(quoted(column) for column in has if column.lower() != "customer")
            whose = "LEFT JOIN known USING (customer_id)" if "customer_id" in has else ", (SELECT NULL::BIGINT AS customer)"
            database.execute(f"CREATE VIEW {quoted(name)} AS SELECT {kept}, customer FROM {read} {whose}")

        def ask(sql: str, **values: object) -> pd.DataFrame:
            p.go_on()
            return frame(database, sql, values)

        yield ask
