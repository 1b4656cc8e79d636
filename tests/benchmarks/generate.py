"""A synthetic log of any size: 40 touchpoints by Zipf's law with a Markov pull, 6 channels, 1 to 20 events a customer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KINDS, CHANNELS, LONGEST = 40, 6, 20
PULL = 0.45  # share of steps that go where the step before pulls; the others are drawn by Zipf's law
PAUSE = 0.12  # share of steps that come after a pause of days, not minutes
START = np.datetime64("2025-01-01", "us").astype("int64")
DAY = 86_400_000_000
TOUCHPOINTS = [f"Touchpoint {kind:02}" for kind in range(KINDS)]
CHANNEL_NAMES = ["app", "courier", "e-mail", "phone", "store", "web"]

# What the tasks ask: always about the most frequent touchpoints, where most rows are to be looked at.
FUNNEL = TOUCHPOINTS[:5]
WINDOW_S = 7 * 86_400
GAP_S = 30 * 60
HALF_LIFE_S = 7 * 86_400
GOAL = TOUCHPOINTS[5]
DAYS = (7, 30, 90)
STAGES = [kind // 5 for kind in range(KINDS)]  # of the map: five touchpoints each
PATTERN_NAMES = TOUCHPOINTS[:3]
PATTERN = "{} -> {} within 7d without {}".format(*PATTERN_NAMES)


def events(n: int, seed: int = 20260302) -> dict[str, np.ndarray]:
    """`n` events in time order: customer (int32), touchpoint and channel (int8 codes), at (microseconds since 1970).
    The same seed and n give the same events."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, LONGEST + 1, int(n / (LONGEST + 1) * 2 * 1.02) + 50)
    ends = np.cumsum(lengths)
    customers = int(np.searchsorted(ends, n)) + 1
    lengths = lengths[:customers]
    lengths[-1] -= ends[customers - 1] - n
    first = np.concatenate(([0], np.cumsum(lengths)[:-1]))

    weights = 1 / np.arange(1, KINDS + 1)
    cumulative = np.cumsum(weights / weights.sum())
    pulled = rng.permutation(KINDS).astype(np.int8)  # where each touchpoint pulls to
    touchpoint = np.minimum(np.searchsorted(cumulative, rng.random(n, dtype=np.float32)), KINDS - 1).astype(np.int8)
    follows = rng.random(n, dtype=np.float32) < PULL
    wait = rng.exponential(180e6, n).astype(np.int64) + 1
    pause = rng.random(n, dtype=np.float32) < PAUSE
    wait[pause] = rng.exponential(2.5 * DAY, int(pause.sum())).astype(np.int64) + 1
    at = np.empty(n, np.int64)
    at[first] = START + rng.integers(0, 365 * DAY, customers)
    for place in range(1, LONGEST):
        here = first[lengths > place] + place
        drawn = follows[here]
        touchpoint[here[drawn]] = pulled[touchpoint[here[drawn] - 1]]
        at[here] = at[here - 1] + wait[here]
    order = np.argsort(at, kind="stable")
    # numbers of customers say nothing of their order in time
    numbers = rng.permutation(customers).astype(np.int32)
    customer = np.repeat(numbers, lengths)
    return {
        "customer": customer[order],
        "touchpoint": touchpoint[order],
        "channel": rng.integers(0, CHANNELS, n, dtype=np.int8),
        "at": at[order],
    }


def write(path: Path, n: int, seed: int = 20260302) -> Path:
    """The events as one Parquet file in time order, with the columns of the model (ids and names as text)."""
    made = events(n, seed)
    schema = pa.schema(
        [
            ("customer_id", pa.string()),
            ("occurred_at", pa.timestamp("us", tz="UTC")),
            ("touchpoint", pa.string()),
            ("channel", pa.string()),
        ]
    )
    names, channels = pa.array(TOUCHPOINTS), pa.array(CHANNEL_NAMES)
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for begin in range(0, n, 1_000_000):
            part = {name: column[begin : begin + 1_000_000] for name, column in made.items()}
            columns = [
                pa.array(np.char.add("c", np.char.zfill(part["customer"].astype("U8"), 8))),
                pa.array(part["at"]).cast(schema.field("occurred_at").type),
                names.take(pa.array(part["touchpoint"])),
                channels.take(pa.array(part["channel"])),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return path


def write_limit(path: Path, n: int, seed: int = 20260302) -> Path:
    """The same log as three columns of integers, in time order: what one scan and one sort are measured on."""
    made = events(n, seed)
    columns = {name: made[name] for name in ("customer", "touchpoint", "at")}
    pq.write_table(pa.table(columns), path, compression="snappy", row_group_size=122_880)
    return path
