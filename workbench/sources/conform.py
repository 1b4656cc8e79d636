"""From a source and its mapping to the rows of the model, with every row that doesn't fit put aside and accounted for."""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench import model
from workbench.errors import BadInput
from workbench.sources import checks, detect, identity, privacy, quantities, times
from workbench.sources.inspection import Inspection
from workbench.sources.ledger import Ledger
from workbench.sources.mapping import Mapping, TableMapping
from workbench.sources.parts import ROW, ColumnInfo, Conformed, Progress, Watch

TIME = pa.timestamp("us", "UTC")
#: names that the engine gives to columns of its own, beside those of a source
_TAKEN = ("customer", "journey", "seq", "ord", "row_order", "file_row_number", "file_index")


def conform(
    inspection: Inspection,
    mapping: Mapping,
    *,
    secret: bytes,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Conformed, ...]:
    """The model's tables out of a source, one for each table of the mapping that suits the source's name.

    `secret` keys the hashes of personal columns. Rows that break the model are not in `rows` but in `quarantine`, with the
    reason. NotFound for a column the source hasn't; BadInput for a mapping that can't work; Cancelled when asked to stop.
    """
    watch = Watch(progress, cancel)
    inspection = inspection.again(mapping.overrides, watch)
    suiting = [table for table in mapping.tables if table.suits(inspection.name)]
    if not suiting:
        raise BadInput("sources.no_table_for", file=inspection.name)
    made = []
    for place, table in enumerate(suiting):
        table.check()
        watch.at(place / len(suiting), "checking")
        made.append(_Work(inspection, table, secret, watch).conformed())
    watch.at(1.0, "checking")
    return tuple(made)


class _Work:
    """One table in the making."""

    def __init__(self, inspection: Inspection, mapping: TableMapping, secret: bytes, watch: Watch) -> None:
        self.inspection, self.mapping, self.secret, self.watch = inspection, mapping, secret, watch
        self.table = model.table(mapping.table)
        self.raw = inspection.table()
        self.n = self.raw.num_rows
        self.ledger = Ledger(mapping.table, self.raw.column(ROW).to_numpy())
        self.trimmed: dict[str, pa.Array] = {}
        self.known = {info.name: info for info in inspection.columns}
        ordered = (mapping.order,) if mapping.order else ()
        for name in (*mapping.timeline, *mapping.personal, *mapping.formats, *(mapping.keep or ()), *ordered):
            inspection.column(name)
        for name in mapping.columns.values():
            self.factors(name)

    def factors(self, name: str) -> tuple[str, ...]:
        """The source columns behind an entry of the mapping: one, or the two of "A * B"."""
        if name not in self.known and " * " in name:
            parts = tuple(part.strip() for part in name.split(" * "))
            if all(part in self.known for part in parts):
                return parts
        return (self.inspection.column(name).name,)

    def text(self, name: str) -> pa.Array:
        if name not in self.trimmed:
            self.watch.at(0.1, "checking")
            self.trimmed[name] = quantities.trimmed(quantities.one_array(self.raw.column(name)))
        return self.trimmed[name]

    def conformed(self) -> Conformed:
        columns, personal = {}, []
        for wanted in self.table.columns:
            if wanted.name in self.mapping.columns:
                column = self.mapped(wanted)
                if column is not None:
                    columns[wanted.name] = column
                    if any(part in self.mapping.personal for part in self.factors(self.mapping.columns[wanted.name])):
                        personal.append(wanted.name)
            elif wanted.name in self.mapping.constants:
                columns[wanted.name] = self.constant(wanted)
        if self.table.name == "surveys":
            checks.scores(columns, self.ledger)
        spans = [(name, self.time_of(name)) for name in self.mapping.timeline]
        if spans:
            filled = np.logical_or.reduce([column.is_valid().to_numpy(zero_copy_only=False) for _, column in spans])
            self.ledger.put(~filled & ~self.ledger.bad, " / ".join(self.mapping.timeline), "missing", None)
        extras, kinds, hidden = self.extras()
        personal += hidden
        key = self.table.key
        if key in columns:
            self.ledger.put(identity.repeated(columns[key]) & ~self.ledger.bad, key, "duplicate_key", columns[key])
        good = self.in_order(np.flatnonzero(~self.ledger.bad))
        rows = {name: column.take(pa.array(good)) for name, column in {**columns, **extras}.items()}
        numbers = self.raw.column(ROW).take(pa.array(good)).combine_chunks()
        if spans:
            rows, numbers = self.lived(rows, numbers, spans, good)
        rows = self.keyed(rows, good, bool(spans))
        kinds = {name: self.table.column(name).kind for name in rows if self.table.column(name)} | kinds
        order = [column.name for column in self.table.columns if column.name in rows] + list(extras)
        made = pa.table([*(rows[name] for name in order), numbers], names=[*order, ROW])
        self.watch.at(0.8, "checking")
        checks.kept(made, self.table, self.mapping, self.inspection, self.ledger)
        quarantine, n_quarantined = self.ledger.quarantine(self.inspection, self.mapping, self.secret)
        return Conformed(
            self.table.name,
            made,
            quarantine,
            tuple(self.ledger.problems(self.inspection, self.mapping)),
            self.inspection.n_rows,
            n_quarantined,
            {name: kinds[name] for name in order},
            tuple(personal),
        )

    def in_order(self, good: np.ndarray) -> np.ndarray:
        """The rows in the declared order, by number where every value is one, else by letter; in the file's where equal or
        none is declared. The store keeps rows as they come, and ties in time stand as the store has them."""
        if not self.mapping.order:
            return good
        text = self.text(self.mapping.order).take(pa.array(good))
        try:
            keys = text.cast(pa.float64())
        except pa.ArrowInvalid:
            keys = text
        return good[pc.array_sort_indices(keys).to_numpy()]  # a stable sort; what is missing comes last

    def mapped(self, wanted: model.Column) -> pa.Array | None:
        """The model column of the source's; None where it is dropped as personal."""
        source = self.mapping.columns[wanted.name]
        parts = self.factors(source)
        action = next((self.mapping.personal[part] for part in parts if part in self.mapping.personal), None)
        if action == "drop" and wanted.required:
            raise BadInput("sources.personal_needed", column=source, name=wanted.name)
        if action and action != "drop" and wanted.kind not in ("id", "text"):
            raise BadInput("sources.personal_kind", column=source, name=wanted.name)
        if action == "drop":
            return None
        if wanted.kind == "number":
            column, empty = self.number(source, parts)
        elif wanted.kind == "time":
            column = self.time_of(source)
            empty = ~column.is_valid().to_numpy(zero_copy_only=False)
        elif wanted.kind == "flag":
            column, empty = self.flag(source)
        else:
            column = self.meant(wanted, self.text(source), source)
            if wanted.kind == "id":
                self.ledger.note_spoiled(source, column)
            column = privacy.treat(column, action, self.secret)
            empty = ~column.is_valid().to_numpy(zero_copy_only=False)
        if wanted.required:
            self.ledger.put(empty & ~self.ledger.is_bad(source), source, "missing", None)
        return column

    def meant(self, wanted: model.Column, column: pa.Array, source: str) -> pa.Array:
        """The text with the mapping's meanings put in; what isn't allowed goes to quarantine."""
        meanings = self.mapping.values.get(wanted.name)
        if meanings:
            places = pc.index_in(column, pa.array(list(meanings), pa.string()))
            column = pc.coalesce(pa.array(list(meanings.values()), pa.string()).take(places), column)
        if wanted.allowed:
            low = pc.utf8_lower(column)
            fits = pc.is_in(low, pa.array(wanted.allowed)).to_numpy(zero_copy_only=False)
            filled = column.is_valid().to_numpy(zero_copy_only=False)
            self.ledger.put(filled & ~fits, source, "not_allowed", column, allowed=", ".join(wanted.allowed))
            column = low
        return column

    def format_of(self, info: ColumnInfo, kind: str) -> str:
        if info.name in self.mapping.formats:
            return self.mapping.formats[info.name]
        if info.kind == kind and info.format:
            return info.format
        if kind == "number":
            return "decimal comma" if self.inspection.detected.decimal == "," else "decimal point"
        found = self.inspection.detected
        return detect.likeliest_time(self.text(info.name), found.day_first, self.inspection.overrides.epoch_unit)

    def time_of(self, source: str) -> pa.Array:
        column = self.text(source)
        form = self.format_of(self.inspection.column(source), "time")
        found = times.parse(column, form, self.inspection.detected.timezone)
        filled = column.is_valid().to_numpy(zero_copy_only=False)
        failed = filled & ~found.ok
        if failed.any():
            failed &= ~quantities.means_nothing(column)
            self.ledger.put(failed, source, "bad_time", column, format=form)
        made = pa.array(found.micros, pa.int64(), mask=~(found.ok & filled)).cast(TIME)
        self.ledger.note_times(source, found, made, column)
        return made

    def number(self, source: str, parts: tuple[str, ...]) -> tuple[pa.Array, np.ndarray]:
        value = np.ones(self.n)
        there = np.ones(self.n, bool)
        for part in parts:
            column = self.text(part)
            found, ok = quantities.numbers(column, self.format_of(self.inspection.column(part), "number"))
            failed = column.is_valid().to_numpy(zero_copy_only=False) & ~ok
            if failed.any():
                failed &= ~quantities.means_nothing(column)
                self.ledger.put(failed, source, "bad_number", column)
            value, there = value * found, there & ok
        return pa.array(value, pa.float64(), mask=~there), ~there

    def flag(self, source: str) -> tuple[pa.Array, np.ndarray]:
        column = self.text(source)
        value, ok = quantities.flags(column)
        failed = column.is_valid().to_numpy(zero_copy_only=False) & ~ok & ~quantities.means_nothing(column)
        self.ledger.put(failed, source, "bad_flag", column)
        return pa.array(value, pa.bool_(), mask=~ok), ~ok

    def constant(self, wanted: model.Column) -> pa.Array:
        """A constant, read as a cell of that kind would be."""
        text = str(self.mapping.constants[wanted.name])
        one = pa.array([text])
        if wanted.kind == "number":
            values, ok = quantities.numbers(one, "decimal point")
        elif wanted.kind == "flag":
            values, ok = quantities.flags(one)
        elif wanted.kind == "time":
            found = times.parse(one, "year first", self.inspection.detected.timezone)
            values, ok = found.micros, found.ok
        else:
            values, ok = [text], np.array([not wanted.allowed or text in wanted.allowed])
        if not ok[0]:
            raise BadInput(
                "sources.bad_value",
                name=f"constants.{wanted.name}",
                found=repr(text),
                wanted=", ".join(wanted.allowed) or wanted.kind,
            )
        made = pa.array([values[0]])
        if wanted.kind == "time":
            made = made.cast(pa.int64()).cast(TIME)
        return pa.repeat(made[0], self.n)

    def extras(self) -> tuple[dict[str, pa.Array], dict[str, str], list[str]]:
        """The source's further columns under their own names, their kinds, and which hold treated personal data."""
        used = set(self.mapping.timeline)
        for name in self.mapping.columns.values():
            parts = self.factors(name)
            used |= set(parts) if len(parts) == 1 else set()
        wanted = self.known if self.mapping.keep is None else self.mapping.keep
        sources = [name for name in wanted if name not in used and self.mapping.personal.get(name) != "drop"]
        taken = [*(column.name for column in self.table.columns), *_TAKEN]
        names = detect.unique_names([*taken, *sources], fold=True)[0][len(taken) :]
        columns, kinds, hidden = {}, {}, []
        for name, source in zip(names, sources, strict=True):
            info, action = self.known[source], self.mapping.personal.get(source)
            kind = info.kind if info.clean and not action else "text"
            if source in self.mapping.formats:
                kind = "number" if self.mapping.formats[source].startswith("decimal") else "time"
            columns[name], kinds[name] = self.extra(source, kind, action), kind
            if action:
                hidden.append(name)
        return columns, kinds, hidden

    def extra(self, source: str, kind: str, action: str | None) -> pa.Array:
        column = self.text(source)
        if kind == "number":
            return self.number(source, (source,))[0]
        if kind == "time":
            found = times.parse(column, self.format_of(self.known[source], "time"), self.inspection.detected.timezone)
            return pa.array(found.micros, pa.int64(), mask=~found.ok).cast(TIME)
        if kind == "flag":
            return self.flag(source)[0]
        if kind == "id":
            self.ledger.note_spoiled(source, column)
        return privacy.treat(column, action, self.secret)

    def lived(
        self, rows: dict[str, pa.Array], numbers: pa.Array, spans: list[tuple[str, pa.Array]], good: np.ndarray
    ) -> tuple[dict[str, pa.Array], pa.Array]:
        """One event for each filled time of a row, row by row in the order of the timeline."""
        at = np.stack(
            [column.take(pa.array(good)).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False) for _, column in spans], 1
        )
        full = np.stack([column.take(pa.array(good)).is_valid().to_numpy(zero_copy_only=False) for _, column in spans], 1)
        place, which = np.nonzero(full)
        made = {name: column.take(pa.array(place)) for name, column in rows.items()}
        made["occurred_at"] = pa.array(at[place, which], pa.int64()).cast(TIME)
        made["touchpoint"] = pa.array(list(self.mapping.timeline.values()), pa.string()).take(pa.array(which))
        return made, numbers.take(pa.array(place))

    def keyed(self, rows: dict[str, pa.Array], good: np.ndarray, exploded: bool) -> dict[str, pa.Array]:
        """The rows with a key in each: the source's, else one derived from the contents. Of a timeline only what makes the
        event counts, so that an order which has got on since the last load keeps the keys of its earlier events."""
        key = self.table.key
        given = rows.get(key)
        if given is not None and given.null_count == 0:
            return rows
        if exploded:
            named = ("customer_id", "case_id", "touchpoint", "occurred_at")
            parts = [rows[name].cast(pa.string()) for name in named if name in rows]
        else:
            parts = []
            for name in sorted(self.known):
                action = self.mapping.personal.get(name)
                if action != "drop":
                    parts.append(privacy.treat(self.text(name).take(pa.array(good)), action, self.secret))
        made = identity.derived(parts)
        return {**rows, key: made if given is None else pc.coalesce(given, made)}
