"""The way in: files become a store, a store becomes a Study."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from workbench import settings as all_settings
from workbench.errors import BadInput, StoreError, WorkbenchError
from workbench.locale import texts
from workbench.model import Rule, Study, table
from workbench.result import Caveat
from workbench.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from workbench.sources import Inspection, Problem
    from workbench.sources import Mapping as SourceMapping

Progress = Callable[[float, str], None]


@dataclasses.dataclass(frozen=True, eq=False)
class LoadReport:
    """What a load did. `rows` has a row for each source and table: source, table, rows_in, loaded, replaced, already_there,
    quarantined, quarantine. rows_in = loaded + already_there + quarantined; `replaced` are those of the loaded that took the
    place of an older row; `quarantine` is the file of the rejected rows ("" where there are none)."""

    store: str
    company: str
    version: int  # the current one, after the load
    changed: bool  # False: every row was there already
    rows: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    notes: tuple[Caveat, ...] = ()
    language: str = "en"

    @property
    def quarantine(self) -> tuple[Path, ...]:
        """The files of rejected rows."""
        return tuple(Path(self.store) / name for name in self.rows["quarantine"] if name)

    def explain(self, language: str | None = None) -> list[str]:
        """What happened, in sentences: the outcome first, then every problem and note."""
        t = texts(language or self.language)
        total = self.rows[["rows_in", "loaded", "replaced", "already_there", "quarantined"]].sum()
        key = "store.report.loaded" if self.changed else "store.report.same"
        said = [t(key, n=int(total.loaded if self.changed else total.rows_in), company=self.company, version=self.version)]
        if self.changed and total.already_there:
            said.append(t("store.report.already_there", n=int(total.already_there)))
        if total.replaced:
            said.append(t("store.report.replaced", n=int(total.replaced)))
        if total.quarantined:
            files = ", ".join(str(path) for path in self.quarantine)
            said.append(t("store.report.quarantined", n=int(total.quarantined), total=int(total.rows_in), file=files))
        return said + [problem.text(t.language) for problem in self.problems] + [note.text(t.language) for note in self.notes]

    def __str__(self) -> str:
        return "\n".join(self.explain())

    def __repr__(self) -> str:
        total = self.rows[["rows_in", "loaded", "already_there", "quarantined"]].sum()
        counts = ", ".join(f"{name}={int(n)}" for name, n in total.items())
        return f"LoadReport({self.store!r}, version={self.version}, changed={self.changed}, {counts})"


@dataclasses.dataclass(frozen=True)
class Inspected:
    """A source, what was found in it, and the mapping that is proposed for it."""

    inspection: Inspection
    mapping: SourceMapping

    @property
    def missing(self) -> dict[str, tuple[str, ...]]:
        """table -> required columns for which nothing was found; a load would be refused."""
        return missing(self.mapping)


def inspect(source: object, **overrides: object) -> Inspected:
    """What a file, a database table or a frame looks like, and the mapping proposed for it. `overrides` say what is known
    better than detected: encoding, separator, decimal, day_first, timezone, epoch_unit, header_row."""
    from workbench import sources

    found = sources.inspect(source, overrides=overrides or None)
    return Inspected(found, sources.propose(found))


def missing(mapping: SourceMapping) -> dict[str, tuple[str, ...]]:
    """table -> required columns that a mapping doesn't fill; empty where it can be loaded."""
    found = {}
    for one in mapping.tables:
        given = {*one.columns, *one.constants} | ({"occurred_at", "touchpoint"} if one.timeline else set())
        if "case_id" in given:
            given.add("customer_id")  # falls back to it
        lacking = tuple(column.name for column in table(one.table).columns if column.required and column.name not in given)
        if lacking:
            found[one.table] = lacking
    return found if mapping.tables else {"events": ("customer_id", "occurred_at", "touchpoint")}


def load(
    paths: object,
    into: str | Path,
    mapping: object = None,
    *,
    name: str | None = None,
    timezone: str | None = None,
    synthetic: bool = False,
    personal: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
    language: str = "en",
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> LoadReport:
    """Loads sources into the store in folder `into`, which is made if there is none.

    `paths`: a path, a database address or a frame, or a list of such. `mapping`: a Mapping or the path of its TOML file, for
    all sources (each takes the tables it has the columns for), or a list with one for each; None: proposed. `name` and
    `timezone` are the company's (for a new store: the folder's name and UTC); times without an offset are read in its zone.
    `personal`: columns to "hash" or to "drop". `overrides` as in `inspect`. All sources become one version in one step;
    loading the same again changes nothing. BadInput names what can't be read or mapped, StoreError what is wrong with the
    store, Cancelled says that `cancel` was set; in all three cases nothing has changed."""
    from workbench import sources
    from workbench.store import Store

    progress = progress or (lambda share, key: None)
    listed = list(paths) if isinstance(paths, list | tuple) else [paths]
    if not listed:
        raise BadInput("store.no_sources")
    there = Store.exists(into)
    zone = _zone(Store.open(into).manifest(), into, timezone) if there else timezone or "UTC"
    known = {"timezone": zone, **(overrides or {})}
    plan = []
    for place, source in enumerate(listed):
        step = _slice(progress, 0.3 * place / len(listed), 0.3 / len(listed))
        plan.append(sources.inspect(source, overrides=known, progress=step, cancel=cancel))
    mappings = [_with_personal(one, personal) for one in _mappings(mapping, plan)]
    store = (
        Store(into) if there else Store.create(into, name=name or Path(into).resolve().name, timezone=zone, synthetic=synthetic)
    )
    told: list = []
    with store.writing(cancel=cancel) as writer:
        if there and name:
            writer.rename(name)
        for place, (inspection, one) in enumerate(zip(plan, mappings, strict=True)):
            step = _slice(progress, 0.3 + 0.6 * place / len(plan), 0.6 / len(plan))
            told += _append(writer, store, inspection, one, known, step, cancel)
    version, manifest = writer.version, store.manifest(writer.version)
    changed = version != writer.before
    notes = [note for inspection in plan for note in inspection.notes] + [note for one in told for note in one.notes]
    if manifest.tables.get("events"):
        notes += _prepared(store, version)
    progress(1.0, "store.done")
    return LoadReport(
        store=str(into),
        company=manifest.name,
        version=version,
        changed=changed,
        rows=_frame(told),
        problems=tuple(problem for one in told for problem in one.problems),
        notes=tuple(notes),
        language=language,
    )


def open(store: str | Path | None = None, *, version: int | None = None, settings: Settings | None = None) -> Study:
    """A Study of the store's current version (or an older one that is still kept), one journey a case where events have a
    `case_id`, else one a customer. `store`: default the settings'; `settings`: default those of the environment."""
    from workbench.store import Store

    settings = settings or all_settings.load()
    asked = str(store or settings.store)
    manifest = Store.open(asked).manifest(version)
    columns = manifest.columns
    if "events" not in columns:
        raise StoreError("store.empty", store=asked)
    return Study(
        store=asked,
        version=manifest.version,
        name=manifest.name,
        columns=columns,
        rule=Rule("case" if "case_id" in columns["events"] else "customer"),
        timezone=settings.timezone or manifest.timezone,
        synthetic=manifest.synthetic,
        settings=settings,
    )


def _zone(manifest, into: object, asked: str | None) -> str:
    if asked and asked != manifest.timezone:
        raise StoreError("store.other_timezone", store=str(into), found=manifest.timezone, asked=asked)
    return manifest.timezone


def _slice(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, key: progress(start + width * min(max(share, 0.0), 1.0), key)


def _mappings(mapping: object, plan: Sequence[Inspection]) -> list[SourceMapping]:
    # one mapping a source, complete enough to be loaded
    from workbench import sources

    def read(one: object) -> SourceMapping:
        return sources.Mapping.read(one) if isinstance(one, str | Path) else one

    if isinstance(mapping, list | tuple):
        if len(mapping) != len(plan):
            raise BadInput("store.mappings_count", n=len(plan), found=len(mapping))
        found = [read(one) for one in mapping]
    elif mapping is None:
        found = [sources.propose(inspection) for inspection in plan]
    else:
        found = _shared(read(mapping), plan)
    for inspection, one in zip(plan, found, strict=True):
        for name, columns in missing(one).items():
            exists = ", ".join(column.name for column in inspection.columns)
            raise BadInput("store.unmapped", source=inspection.name, table=name, columns=", ".join(columns), exists=exists)
    return found


def _shared(mapping: SourceMapping, plan: Sequence[Inspection]) -> list[SourceMapping]:
    # of a mapping with several tables each source takes those it has all columns for
    if len(mapping.tables) == 1:
        return [mapping] * len(plan)
    found = []
    for inspection in plan:
        names = {column.name for column in inspection.columns}
        fitting = tuple(one for one in mapping.tables if {*one.columns.values(), *one.timeline} <= names)
        if not fitting:
            raise BadInput("store.mapping_misses", source=inspection.name, exists=", ".join(sorted(names)))
        found.append(dataclasses.replace(mapping, tables=fitting))
    return found


def _with_personal(mapping: SourceMapping, personal: Mapping[str, str] | None) -> SourceMapping:
    if not personal:
        return mapping
    tables = tuple(dataclasses.replace(one, personal={**one.personal, **personal}) for one in mapping.tables)
    return dataclasses.replace(mapping, tables=tables)


def _append(writer, store, inspection: Inspection, mapping: SourceMapping, known: Mapping, progress: Progress, cancel) -> list:
    # what became of the rows of one source; known sources aren't read again
    from workbench import sources
    from workbench.store import Appended, Origin

    read_with = repr((mapping.to_toml(), sorted((name, str(value)) for name, value in known.items())))
    origin = Origin(inspection.name, inspection.kind, inspection.sha256, hashlib.sha256(read_with.encode()).hexdigest())
    earlier = store.already_loaded(origin) if origin.sha256 else ()
    if earlier:
        note = Caveat("store.known_source", {"source": inspection.name, "version": earlier[0].version})
        again = [
            dataclasses.replace(one, source=origin.name, loaded=0, replaced=0, already_there=one.loaded + one.already_there)
            for one in earlier
        ]
        return [Appended(one, notes=(note,) if place == 0 else ()) for place, one in enumerate(again)]
    read = _slice(progress, 0.0, 0.7)
    conformed = sources.conform(inspection, mapping, secret=store.secret, progress=read, cancel=cancel)
    writer.progress = _slice(progress, 0.7, 0.3)
    return [writer.append(one, origin) for one in conformed]


def _prepared(store, version: int) -> list[Caveat]:
    # so that the first page to be opened needn't wait; a failure costs only that
    try:
        from workbench import engine

        engine.prepared(open(store.path, version=version))
    except (ImportError, WorkbenchError):
        return [Caveat("store.not_prepared", {})]
    return []


def _frame(told: list) -> pd.DataFrame:
    import pandas as pd

    columns = ["source", "table", "rows_in", "loaded", "replaced", "already_there", "quarantined", "quarantine"]
    return pd.DataFrame([{name: getattr(one.record, name) for name in columns} for one in told], columns=columns)
