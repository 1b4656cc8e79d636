"""Where customers are seen: in which channels their events are, and who rows of other tables are about."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.engine.opening import Prepared


def seen(p: Prepared) -> pd.DataFrame:
    """channel (null: events without one), n (events), n_customers, first, last (microseconds); the most customers first."""
    found = p.query(
        """SELECT channel_code, count(*) AS n, count(DISTINCT customer) AS n_customers, min(happened) AS first,
            max(happened) AS last
        FROM steps GROUP BY channel_code ORDER BY n_customers DESC, n DESC, channel_code"""
    )
    names = p.marks.get("channel", ())
    found.insert(0, "channel", [None if pd.isna(code) else names[int(code)] for code in found.pop("channel_code")])
    return found


def seen_by_customer(p: Prepared) -> pd.DataFrame:
    """customer, channel (null: none), n (events): a row for each customer and channel of theirs."""
    found = p.each_customer("SELECT customer, channel_code, count(*) AS n FROM steps GROUP BY customer, channel_code")
    names = pd.Series(p.marks.get("channel", ()), dtype=object)
    found.insert(1, "channel", found.pop("channel_code").map(names))
    return found


def customer_names(p: Prepared) -> pd.DataFrame:
    """Everyone the store knows: customer, customer_id."""
    return p.each_customer("SELECT customer, customer_id FROM customers ORDER BY customer")


def customer_numbers(names: pd.DataFrame, ids: pd.Series) -> np.ndarray:
    """The number of each of these customers among `names` (of `customer_names`); −1 where there is none of that id."""
    # Arrow's own search: pandas and numpy make a Python text of every customer
    place = pc.index_in(pa.array(ids, pa.string()), pa.array(names["customer_id"], pa.string()))
    numbers = np.append(names["customer"].to_numpy(), -1)
    return numbers[place.fill_null(len(names)).to_numpy()]
