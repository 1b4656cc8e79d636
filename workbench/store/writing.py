"""Adding rows: what is new, what was there, what contradicts; then parts, manifest, pointer, in this order."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from workbench import model
from workbench.errors import Cancelled
from workbench.locale import texts
from workbench.result import Caveat
from workbench.sources.parts import Conformed, Problem
from workbench.store import manifest as manifests
from workbench.store import parts, quarantine, secret
from workbench.store.columns import ORDER, as_text, clashes, held, same
from workbench.store.disk import clear_errors, sync_folder
from workbench.store.keys import Index, representatives
from workbench.store.manifest import Manifest, Part, SourceRecord, TableEntry

NEW, THERE, CONFLICT, REPLACES = range(4)


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where rows come from. Two loads with the same `sha256` and `mapping` are the same load."""

    name: str
    kind: str = "frame"
    sha256: str = ""  # of the contents; empty: unknown, the rows themselves decide
    mapping: str = ""  # hash of the mapping


class KeyTaken(Problem):
    """Rows whose key is there with other contents."""

    def _part(self, part: str, language: str) -> str:
        return texts(language)(f"store.key_taken.{part}", found=self.found, n=self.n)


@dataclasses.dataclass(frozen=True)
class Appended:
    """What became of the rows of one source and table."""

    record: SourceRecord
    problems: tuple[Problem, ...] = ()
    notes: tuple[Caveat, ...] = ()


class Writer:
    """The next version in the making; made by `Store.writing`."""

    def __init__(
        self,
        folder: Path,
        base: Manifest,
        *,
        cancel: Event | None = None,
        progress: Callable[[float, str], None] | None = None,
    ) -> None:
        self._folder = folder
        self._base = base
        self._tables = dict(base.tables)
        self._records: list[SourceRecord] = []
        self._made: list[Path] = []
        self._cancel = cancel
        self.progress = progress
        self._about = self._told()
        self.before = self.version = base.version
        parts.sweep(folder, base.version)

    @property
    def changed(self) -> bool:
        return self._tables != dict(self._base.tables) or self._about != self._told()

    def describe(self, *, name: str | None = None, timezone: str | None = None) -> None:
        """The company's name from the next version on; its time zone, which is settled by the first load."""
        zone = timezone if self.before == 0 else None
        self._about |= {key: value for key, value in (("name", name), ("timezone", zone)) if value}

    def _told(self) -> dict[str, str]:
        return {"name": self._base.name, "timezone": self._base.timezone}

    def append(self, conformed: Conformed, origin: Origin) -> Appended:
        """Adds the rows that aren't there yet. A row whose key is there with equal contents (in the columns both have) is left
        alone. With other contents it takes the older row's place in customers; elsewhere it is quarantined. Within one source
        the first of rows with one key counts, in customers the last. A column that is of one kind in one load and of another
        in the next becomes text, and the notes say so."""
        table = model.table(conformed.table)
        newest = table.name == "customers"
        entry = self._tables.get(table.name, TableEntry((), MappingProxyType({})))
        rows, kinds, numbers = held(conformed, entry.columns)
        rows, kinds, entry, notes = self._widened(rows, kinds, entry, table.name)
        state, place, lost = self._compared(rows, entry, table.key, newest)
        if newest and (state == REPLACES).any():
            entry = self._replaced(rows, entry, table.name, state, place)
        n_new = int((state == NEW).sum())
        if n_new:
            made = self._parts(parts.numbered(rows, state == NEW, entry.next_order), table.name)
            entry = dataclasses.replace(entry, parts=(*entry.parts, *made), next_order=entry.next_order + n_new)
        if n_new or (state == REPLACES).any():
            columns = MappingProxyType({**kinds, **entry.columns})
            marked = tuple(sorted({*entry.personal, *(name for name in conformed.personal if name in columns)}))
            entry = dataclasses.replace(entry, columns=columns, personal=marked)
            self._tables[table.name] = entry
        notes += [
            Caveat("store.column_not_added", {"column": name, "table": table.name, "n": n}) for name, n in sorted(lost.items())
        ]
        return self._recorded(conformed, origin, table, rows, numbers, state, notes)

    def commit(self) -> int:
        """Makes what was added the current version; the same version where nothing was."""
        if not self.changed:
            return self.version
        self._stop_if_asked()
        self.version += 1
        made = dataclasses.replace(
            self._base,
            version=self.version,
            **self._about,
            created_at=now(),
            tables=MappingProxyType(self._tables),
            sources=(*self._base.sources, *self._records),
            secret=secret.fingerprint(secret.read(self._folder, self._base)),
        )
        with clear_errors(self._folder):
            sync_folder(self._folder / "parts")
            self._made.append(manifests.file_of(self._folder, self.version))
            manifests.write(self._folder, made)
            try:
                manifests.point_to(self._folder, self.version)
            except OSError:
                # the pointer may have moved before the folder's entry failed to be synced; then the load did happen
                if manifests.current(self._folder) != self.version:
                    raise
        return self.version

    def discard(self) -> None:
        """Deletes what was written, unless it became the current version."""
        if manifests.current(self._folder) == self.before:
            for path in self._made:
                path.unlink(missing_ok=True)

    # ---- comparing ---------------------------------------------------------------------------------------------

    def _compared(self, rows: pa.Table, entry: TableEntry, key: str, newest: bool):
        # per row its state, for those that replace an older row that row's place in the table; and how many values of columns
        # that weren't loaded with the rows that are there
        state = np.full(rows.num_rows, NEW, np.int8)
        place = np.full(rows.num_rows, -1, np.int64)
        lost: Counter[str] = Counter()
        if not rows.num_rows:
            return state, place, {}
        keys = pa.concat_arrays(rows[key].chunks)
        chosen = representatives(keys, last=newest)
        again = np.flatnonzero(chosen != np.arange(rows.num_rows))
        if len(again):
            equal = same(rows.take(pa.array(again)), rows.take(pa.array(chosen[again])))
            state[again] = np.where(equal, THERE, CONFLICT)
        if entry.parts:
            index = Index(keys, np.flatnonzero(state == NEW))
            passed = 0
            for stored in parts.groups(entry, [key]):
                self._step(passed / entry.n_rows / 2, "store.comparing")
                theirs, ours = index.find(pa.concat_arrays(stored[key].chunks))
                if len(ours):
                    # only now are the other columns of the stored rows read
                    older = next(parts.groups(entry, rows.column_names, skip=passed)).take(pa.array(theirs))
                    newer = rows.take(pa.array(ours))
                    equal = same(newer, older)
                    for name in set(rows.column_names) - set(older.column_names):
                        given = np.asarray(newer[name].is_valid())
                        lost[name] += int((given & equal).sum())
                        equal &= ~given | (not newest)
                    state[ours] = np.where(equal, THERE, REPLACES if newest else CONFLICT)
                    place[ours] = passed + theirs
                passed += stored.num_rows
            # what repeats a row that was refused is refused with it
            state[again] = np.where(state[chosen[again]] == CONFLICT, CONFLICT, state[again])
        return state, place, {} if newest else +lost

    # ---- writing -----------------------------------------------------------------------------------------------

    def _parts(self, rows: pa.Table, table: str) -> tuple[Part, ...]:
        def step(done: float) -> None:
            self._step(0.5 + done / 2, "store.writing")

        return tuple(parts.write(self._folder, table, self._base.version + 1, rows, self._made, step))

    def _replaced(self, rows: pa.Table, entry: TableEntry, table: str, state: np.ndarray, place: np.ndarray):
        # the newer row's values in the columns it has; the older row's in those it lacks
        stored = parts.whole(entry)
        newer = np.flatnonzero(state == REPLACES)
        taken = np.arange(stored.num_rows)
        taken[place[newer]] = stored.num_rows + np.arange(len(newer))
        chosen = rows.take(pa.array(newer))
        columns = {}
        for name in dict.fromkeys((*stored.column_names, *chosen.column_names)):
            if name not in chosen.column_names:
                columns[name] = stored[name]
                continue
            old = stored[name] if name in stored.column_names else pa.nulls(stored.num_rows, chosen[name].type)
            both = pa.chunked_array([*(old.chunks if isinstance(old, pa.ChunkedArray) else [old]), *chosen[name].chunks])
            columns[name] = both.take(pa.array(taken))
        order = columns.pop(ORDER)
        return dataclasses.replace(entry, parts=self._parts(pa.table({**columns, ORDER: order}), table))

    def _widened(self, rows: pa.Table, kinds: dict[str, str], entry: TableEntry, table: str):
        # a column of two kinds is text from now on, in the store and in the new rows
        notes: list[Caveat] = []
        both = clashes(kinds, entry.columns)
        if not both:
            return rows, kinds, entry, notes
        old = [name for name in both if entry.columns[name] != "text"]
        if old:
            columns = MappingProxyType({**entry.columns, **dict.fromkeys(old, "text")})
            made = [new for part in entry.parts for new in self._as_text(part, entry, old, table)]
            entry = self._tables[table] = dataclasses.replace(entry, parts=tuple(made), columns=columns)
        for name in both:
            if kinds[name] != "text":
                rows = rows.set_column(rows.column_names.index(name), name, as_text(rows[name], kinds[name]))
            example = rows[name].drop_null()[0].as_py()
            notes.append(Caveat("store.widened", {"column": name, "table": table, "found": example}))
            kinds = {**kinds, name: "text"}
        return rows, kinds, entry, notes

    def _as_text(self, part: Part, entry: TableEntry, names: list[str], table: str) -> tuple[Part, ...]:
        # a part with some columns made text; the others stay as they are, also where it lacks one
        alone = dataclasses.replace(entry, parts=(part,))
        rows = pa.concat_tables(list(parts.groups(alone, [*entry.columns, ORDER])))
        old = [name for name in names if name in rows.column_names]
        for name in old:
            rows = rows.set_column(rows.column_names.index(name), name, as_text(rows[name], entry.columns[name]))
        return self._parts(rows, table) if old else (part,)

    # ---- telling -----------------------------------------------------------------------------------------------

    def _recorded(self, conformed, origin: Origin, table: model.Table, rows, numbers, state, notes) -> Appended:
        clashing = np.flatnonzero(state == CONFLICT)
        taken = quarantine.clashing(rows, table.key, numbers, clashing)
        rejected, n_rejected = quarantine.joined(conformed.quarantine, taken)
        file = ""
        if n_rejected:
            with clear_errors(self._folder):
                file = quarantine.write(self._folder, rejected, origin, table.name)
        counts = np.bincount(state, minlength=4)
        record = SourceRecord(
            source=origin.name,
            kind=origin.kind,
            sha256=origin.sha256,
            mapping=origin.mapping,
            table=table.name,
            version=self._base.version + 1,
            loaded_at=now(),
            rows_in=len(state) + n_rejected - len(clashing),
            loaded=int(counts[NEW] + counts[REPLACES]),
            replaced=int(counts[REPLACES]),
            already_there=int(counts[THERE]),
            quarantined=n_rejected,
            quarantine=file,
        )
        self._records.append(record)
        problems = conformed.problems
        if len(clashing):
            head = taken.slice(0, 10)
            found = "***" if table.key in conformed.personal else head["found"][0].as_py()
            problem = KeyTaken(table.name, table.key, "key_taken", len(clashing), tuple(head["row"].to_pylist()), found, True)
            problems = (*problems, problem)
        return Appended(record, problems, tuple(notes))

    def _step(self, done: float, key: str) -> None:
        self._stop_if_asked()
        if self.progress:
            self.progress(done, key)

    def _stop_if_asked(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("store.cancelled")
