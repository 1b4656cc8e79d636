"""The way in: files become a store, a store becomes a Study."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from workbench import settings as all_settings
from workbench.errors import BadInput, NotFound, StoreError
from workbench.locale import texts
from workbench.model import Rule, Study
from workbench.result import Caveat
from workbench.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from workbench.sources import Inspection, Overrides, Problem
    from workbench.sources import Mapping as SourceMapping
    from workbench.store import Store

Progress = Callable[[float, str], None]
log = logging.getLogger(__name__)


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
        if total.quarantined > total.rows_in / 2:
            said.append(t("store.report.mostly_rejected"))
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
        """table -> required columns for which nothing was found; as long as there are such, a load is refused."""
        return missing(self.mapping)


def inspect(source: object, **overrides: object) -> Inspected:
    """What a file, a database table or a frame looks like, and the mapping proposed for it. `overrides` say what is known
    better than detected: encoding, separator, decimal, day_first, timezone, epoch_unit, header_row."""
    from workbench import sources

    found = sources.inspect(source, overrides=_overrides(overrides))
    return Inspected(found, sources.propose(found))


def missing(mapping: SourceMapping) -> dict[str, tuple[str, ...]]:
    """table -> required columns that a mapping doesn't fill; empty where it can be loaded."""
    return {one.table: one.missing() for one in mapping.tables if one.missing()}


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
    progress = _rising(progress)
    listed = list(paths) if isinstance(paths, list | tuple) else [paths]
    if not listed:
        raise BadInput("store.no_sources")
    given = _mappings(mapping, len(listed))
    zone = _zone(into, timezone, given)
    plan = []
    for place, (source, one) in enumerate(zip(listed, given, strict=True)):
        step = _slice(progress, 0.3 * place / len(listed), 0.3 / len(listed))
        plan.append(_planned(source, one, zone, _overrides(overrides), step, cancel))
    plan = _with_personal(plan, personal or {})
    store = _created(into, name, zone, synthetic)
    told: list = []
    with store.writing(cancel=cancel) as writer:
        writer.describe(name=name, timezone=zone)
        for place, (inspection, one) in enumerate(plan):
            step = _slice(progress, 0.3 + 0.6 * place / len(plan), 0.6 / len(plan))
            told += _append(writer, store, inspection, one, step, cancel)
    version, manifest = writer.version, store.manifest(writer.version)
    changed = version != writer.before
    notes = [note for inspection, one in plan for note in (*inspection.notes, *one.notes)]
    notes += [note for one in told for note in one.notes]
    if manifest.tables.get("events"):
        progress(0.9, "store.preparing")
        notes += _prepared(store, version)
    progress(1.0, "store.done")
    return LoadReport(
        store=str(into),
        company=manifest.name,
        version=version,
        changed=changed,
        rows=_frame(told),
        problems=tuple(problem for one in told for problem in one.problems),
        notes=tuple({note.text(): note for note in notes}.values()),
        language=language,
    )


def open(
    store: str | Path | None = None,
    *,
    version: int | None = None,
    settings: Settings | None = None,
    engine: str | None = None,
    master: str | None = None,
) -> Study:
    """A Study of the store's current version (or an older one that is still kept), one journey a case where events have a
    `case_id`, else one a customer. `store`: default the settings'; `settings`: default those of the environment.
    `engine`: "duckdb" or "spark", and `master` Spark's ("local[4]", "spark://host:7077", "yarn"): default the settings'.
    BadInput for a master of another form."""
    from workbench.store import Store

    settings = settings or all_settings.load()
    chosen = {name: value for name, value in {"engine": engine, "master": master}.items() if value is not None}
    settings = dataclasses.replace(settings, **chosen) if chosen else settings
    if settings.engine == "spark":
        from workbench.engine.spark.session import check_master

        check_master(settings.master)
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


def _overrides(given: object) -> Overrides:
    from workbench.sources import Overrides

    if isinstance(given, Overrides):
        return given
    exists = [field.name for field in dataclasses.fields(Overrides)]
    for name in given or {}:
        if name not in exists:
            raise NotFound("store.no_override", asked=name, exists=exists)
    return Overrides(**(given or {}))


def _rising(progress: Progress | None) -> Progress:
    # never back, although each source begins its parts anew
    reached = 0.0

    def tell(share: float, key: str) -> None:
        nonlocal reached
        reached = max(reached, share)
        if progress:
            progress(reached, key)

    return tell


def _slice(progress: Progress, start: float, width: float) -> Progress:
    return lambda share, key: progress(start + width * min(max(share, 0.0), 1.0), key)


def _mappings(mapping: object, n: int) -> list[SourceMapping | None]:
    # one for each source; None: to be proposed
    from workbench import sources

    listed = list(mapping) if isinstance(mapping, list | tuple) else [mapping] * n
    if len(listed) != n:
        raise BadInput("store.mappings_count", n=n, found=len(listed))
    return [sources.Mapping.read(one) if isinstance(one, str | Path) else one for one in listed]


def _zone(into: str | Path, asked: str | None, mappings: Sequence[SourceMapping | None]) -> str:
    # the company's: that of what is loaded; before the first load what was asked for or what a mapping says
    from workbench.store import Store

    found = Store.open(into).manifest() if Store.exists(into) else None
    if found is None or not found.version:
        said = next((one.overrides.timezone for one in mappings if one and one.overrides.timezone), "")
        return asked or said or (found.timezone if found else "UTC")
    if asked and asked != found.timezone:
        raise StoreError("store.other_timezone", store=str(into), found=found.timezone, asked=asked)
    return found.timezone


def _created(into: str | Path, name: str | None, zone: str, synthetic: bool) -> Store:
    # the store in that folder, made if there is none; somebody else may make it at this very moment
    from workbench.store import Store

    if not Store.exists(into):
        try:
            return Store.create(into, name=name or Path(into).resolve().name, timezone=zone, synthetic=synthetic)
        except StoreError as error:
            if error.key != "store.already":
                raise
    return Store(into)


def _planned(
    source: object, mapping: SourceMapping | None, zone: str, said: Overrides, progress: Progress, cancel: Event | None
) -> tuple[Inspection, SourceMapping]:
    # the source as it is read, and a mapping that is complete enough to be loaded
    from workbench import sources

    # what was said in the call counts more than the mapping, the mapping more than the company's zone
    read_as = {"timezone": zone}
    for one in (mapping.overrides if mapping else None, said):
        read_as |= {name: value for name, value in vars(one).items() if value is not None} if one else {}
    overrides = sources.Overrides(**read_as)
    found = sources.inspect(source, overrides=overrides, progress=progress, cancel=cancel)
    mapping = sources.propose(found) if mapping is None else _fitting(mapping, found)
    for name, columns in missing(mapping).items():
        exists = ", ".join(column.name for column in found.columns)
        raise BadInput("store.unmapped", source=found.name, table=name, columns=", ".join(columns), exists=exists)
    return found, dataclasses.replace(mapping, overrides=overrides)


def _fitting(mapping: SourceMapping, found: Inspection) -> SourceMapping:
    # of a mapping with several tables a source takes those that are meant for it, else those it has a column for
    names = {column.name for column in found.columns}
    tables = tuple(one for one in mapping.tables if one.suits(found.name))
    if len(mapping.tables) > 1:
        tables = tuple(one for one in tables if one.source or names & {*one.columns.values(), *one.timeline})
    if not tables:
        raise BadInput("store.mapping_misses", source=found.name, exists=", ".join(sorted(names)))
    return dataclasses.replace(mapping, tables=tables)


def _with_personal(plan: list[tuple[Inspection, SourceMapping]], personal: Mapping[str, str]) -> list:
    # a personal column counts in every source that has it
    exists = {column.name for inspection, _ in plan for column in inspection.columns}
    for name in personal:
        if name not in exists:
            raise NotFound("unknown_column", asked=name, exists=exists)
    made = []
    for inspection, mapping in plan:
        marked = {column.name: personal[column.name] for column in inspection.columns if column.name in personal}
        tables = tuple(dataclasses.replace(one, personal={**one.personal, **marked}) for one in mapping.tables)
        for one in tables:
            one.check()
        made.append((inspection, dataclasses.replace(mapping, tables=tables)))
    return made


def _append(writer, store, inspection: Inspection, mapping: SourceMapping, progress: Progress, cancel) -> list:
    # what became of the rows of one source; known sources aren't read again
    from workbench import sources
    from workbench.store import Appended, Origin

    # the notes stand as comments in the TOML and may be worded otherwise one day
    read_with = dataclasses.replace(mapping, notes=()).to_toml()
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
    except Exception:
        # the rows are in, so whatever went wrong here must not say that they are not
        log.exception("version %s of %s could not be prepared", version, store.path)
        return [Caveat("store.not_prepared", {})]
    return []


def _frame(told: list) -> pd.DataFrame:
    import pandas as pd

    columns = ["source", "table", "rows_in", "loaded", "replaced", "already_there", "quarantined", "quarantine"]
    return pd.DataFrame([{name: getattr(one.record, name) for name in columns} for one in told], columns=columns)
