"""Whatever is loaded in whatever pieces: no row is lost, none is counted twice, and the order of loads of the same rows
makes no difference to what is there."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.store import Origin, Store, parts

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
shop = st.none() | st.sampled_from(["north", "5"])
score = st.none() | st.floats(0, 1) | st.just(float("nan"))
row = st.fixed_dictionaries(
    {"event_id": st.sampled_from("abcdef"), "touchpoint": st.sampled_from(["Search", "Cart"])},
    optional={"shop": shop, "score": score},
)
said = st.tuples(st.sampled_from("abcd"), st.sampled_from(["gold", "basic", None]))
batches = st.lists(st.lists(row, max_size=8), min_size=1, max_size=4)


def filled(rows: list[dict]) -> list[dict]:
    return [{"customer_id": "c", "occurred_at": AT, **one} for one in rows]


@settings(max_examples=60, deadline=None)
@given(batches=batches, rejected=st.lists(st.integers(20, 25), max_size=3))
def test_rows_in_are_loaded_or_there_or_quarantined(conformed, batches, rejected):
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "s", name="x")
        loaded: dict[str, dict] = {}
        for place, batch in enumerate(batches):
            with store.writing() as writer:
                appended = writer.append(conformed("events", filled(batch), rejected=tuple(rejected)), Origin(f"{place}.csv"))
            record = appended.record
            assert record.rows_in == len(batch) + len(set(rejected))
            assert record.rows_in == record.loaded + record.already_there + record.quarantined
            new = {one["event_id"] for one in batch} - set(loaded)
            assert record.loaded == len(new)
            loaded |= {one["event_id"]: one for one in reversed(batch) if one["event_id"] in new}
            clashing = sum(problem.n for problem in appended.problems)
            assert record.quarantined == clashing + len(set(rejected))
            entry = store.manifest().tables.get("events")
            assert (entry.n_rows if entry else 0) == len(loaded)
        if loaded:
            stored = parts.whole(store.manifest().tables["events"]).to_pylist()
            assert {one["event_id"]: one["touchpoint"] for one in stored} == {
                key: one["touchpoint"] for key, one in loaded.items()
            }
        # all of it once more: nothing changes
        version = store.version
        for batch in batches:
            store.append(conformed("events", filled(batch)), origin=Origin("again.csv"))
        assert store.version == version


@settings(max_examples=40, deadline=None)
@given(batches=st.lists(st.lists(said, max_size=6), max_size=4))
def test_a_customer_is_what_was_last_said(conformed, batches):
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "s", name="x")
        known: dict[str, str | None] = {}
        for batch in batches:
            rows = [{"customer_id": customer, "plan": plan, "kind": "person"} for customer, plan in batch]
            before = dict(known)
            with store.writing() as writer:
                record = writer.append(conformed("customers", rows), Origin("crm.csv")).record
            known |= dict(batch)
            assert record.rows_in == len(batch) == record.loaded + record.already_there + record.quarantined
            changed = [one for one, plan in dict(batch).items() if one not in before or before[one] != plan]
            assert record.loaded == len(changed)
        entry = store.manifest().tables.get("customers")
        stored = parts.whole(entry).to_pylist() if entry else []
        assert {one["customer_id"]: one.get("plan") for one in stored} == known
