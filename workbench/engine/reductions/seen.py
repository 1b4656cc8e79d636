"""Where customers are seen: in which channels their events are, and who rows of other tables are about."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.engine.opening import Prepared


def seen(p: Prepared) -> pd.DataFrame:
    """A row for each customer and channel of theirs: customer, channel (its code; −1: none, or an empty text), n (events),
    first, last (microseconds)."""
    return p.each_customer(
        f"""SELECT customer, {_channel(p)} AS channel, count(*) AS n, min(happened) AS first, max(happened) AS last
        FROM steps GROUP BY 1, 2"""
    )


def seen_members(p: Prepared, channel: int) -> pd.DataFrame:
    """Who is seen in this channel (as of `seen`), and in how many events."""
    return p.members(f"SELECT customer, count(*) AS n FROM steps WHERE {_channel(p)} = ? GROUP BY customer", [channel])


def _channel(p: Prepared) -> str:
    names = p.marks.get("channel", ())
    unnamed = names.index("") if "" in names else -1
    return f"coalesce(nullif(channel_code::INTEGER, {unnamed}), -1)"


def customer_names(p: Prepared) -> pd.DataFrame:
    """Everyone the store knows: customer, customer_id. Read once for all studies of the same store and rule."""
    sql = "SELECT customer, customer_id FROM base.main.customers ORDER BY customer"
    return p.of_store("customer_names", lambda: p.each_customer(sql))


def customer_places(names: pd.DataFrame, ids: pd.Series) -> np.ndarray:
    """Where each of these customers is among `names` (of `customer_names`), from 0; −1 where there is none of that id."""
    # Arrow's own search: pandas and numpy make a Python text of every customer
    place = pc.index_in(pa.array(ids, pa.string()), pa.array(names["customer_id"], pa.string()))
    return place.fill_null(-1).to_numpy()
