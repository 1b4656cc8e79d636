"""The mapping of a company's own columns to the model, and the small TOML file it lives in."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping as Dict
from fnmatch import fnmatch
from pathlib import Path

from workbench import model
from workbench.errors import BadInput, NotFound
from workbench.result import Caveat
from workbench.sources import quantities, times
from workbench.sources.parts import Overrides

ACTIONS = ("hash", "drop", "mask")  # what can be done with a personal column
FORMATS = (*times.FORMATS, *quantities.FORMATS)


@dataclasses.dataclass(frozen=True)
class TableMapping:
    """How one model table is made of the source's columns.

    `columns` {model column: source column}, where "Quantity * UnitPrice" multiplies two; `constants` {model column: value};
    `timeline` {source time column: touchpoint}: one event for each filled cell; `keep`: further columns, None: all;
    `personal` {source column: "hash" (keyed, the same person stays the same), "drop", or "mask" (e-mails, phones and
    @handles inside free text)}; `formats` {source column: how its times or numbers are written}; `values` {model column:
    {found: meant}}; `order`: the source column that settles ties in time, such as a step's number (else the file's order
    does); `source`: the names of sources this is for, such as "orders*.csv"; empty: any; `sample`: in words, how the
    rows were chosen where they are not all there are. A file can't tell that, but every rate depends on it: each load says it.
    """

    table: str
    columns: Dict[str, str] = dataclasses.field(default_factory=dict)
    constants: Dict[str, str | float | bool] = dataclasses.field(default_factory=dict)
    timeline: Dict[str, str] = dataclasses.field(default_factory=dict)
    keep: tuple[str, ...] | None = None
    personal: Dict[str, str] = dataclasses.field(default_factory=dict)
    formats: Dict[str, str] = dataclasses.field(default_factory=dict)
    values: Dict[str, Dict[str, str]] = dataclasses.field(default_factory=dict)
    order: str = ""
    source: str = ""
    sample: str = ""

    def missing(self) -> tuple[str, ...]:
        """Required model columns that nothing fills yet."""
        filled = {**self.columns, **self.constants}
        if self.timeline:
            filled |= {"occurred_at": "", "touchpoint": ""}
        return tuple(column.name for column in model.table(self.table).columns if column.required and column.name not in filled)

    def suits(self, name: str) -> bool:
        """Whether this is for the source of that name."""
        return not self.source or fnmatch(name, self.source)

    def check(self) -> None:
        """BadInput or NotFound for names, actions and formats that don't exist and for required columns left out."""
        table = model.table(self.table)
        known = [column.name for column in table.columns]
        for name in (*self.columns, *self.constants, *self.values):
            if table.column(name) is None:
                raise NotFound("sources.no_model_column", asked=name, exists=known, table=self.table)
        if self.timeline and self.table != "events":
            raise BadInput("sources.timeline_elsewhere", table=self.table)
        for column, action in self.personal.items():
            if action not in ACTIONS:
                raise NotFound("sources.no_action", asked=action, exists=ACTIONS, column=column)
        for column, form in self.formats.items():
            if form not in FORMATS:
                raise NotFound("sources.no_format", asked=form, exists=FORMATS, column=column)
        if self.missing():
            raise BadInput("sources.missing_columns", table=self.table, columns=", ".join(self.missing()))


@dataclasses.dataclass(frozen=True)
class Mapping:
    """All tables that are made of a source, and how the source is written where the detection is overruled."""

    tables: tuple[TableMapping, ...]
    overrides: Overrides = dataclasses.field(default_factory=Overrides)
    notes: tuple[Caveat, ...] = dataclasses.field(
        default=(), compare=False
    )  # why it was proposed so; not saved but as comments

    def to_toml(self) -> str:
        """The mapping as the text of a TOML file."""
        lines = [f"# {' '.join(note.text().split())}" for note in self.notes]  # a column's name may hold line ends
        given = {name: value for name, value in dataclasses.asdict(self.overrides).items() if value is not None}
        if given:
            lines += ["[source]", *_pairs(given), ""]
        for table in self.tables:
            lines += ["[[table]]", f"table = {_value(table.table)}"]
            for word in ("order", "source", "sample"):
                if getattr(table, word):
                    lines.append(f"{word} = {_value(getattr(table, word))}")
            if table.keep is not None:
                lines.append(f"keep = {_value(list(table.keep))}")
            for part in ("columns", "constants", "timeline", "personal", "formats"):
                if getattr(table, part):
                    lines += [f"[table.{part}]", *_pairs(getattr(table, part))]
            for column, meanings in table.values.items():
                lines += [f"[table.values.{_key(column)}]", *_pairs(meanings)]
            lines.append("")
        return "\n".join(lines)

    def write(self, path: str | Path) -> None:
        Path(path).write_text(self.to_toml(), encoding="utf-8")

    @classmethod
    def read(cls, path: str | Path) -> Mapping:
        """The mapping in a TOML file; BadInput says what is wrong in it."""
        path = Path(path)
        if not path.is_file():
            raise BadInput("no_file", file=str(path))
        try:
            return cls.from_toml(path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise BadInput("sources.bad_toml", found=str(error)) from None

    @classmethod
    def from_toml(cls, text: str) -> Mapping:
        """The mapping written in `text`; BadInput says what is wrong in it."""
        try:
            found = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # also numbers of thousands of digits, lists in lists in lists
            raise BadInput("sources.bad_toml", found=str(error)) from None
        _known(found, ("source", "table"))
        source = _section(found.get("source", {}), "source")
        _known(source, [field.name for field in dataclasses.fields(Overrides)])
        overrides = _overrides(source)
        tables = found.get("table", [])
        if not isinstance(tables, list) or not tables:
            raise BadInput("sources.no_tables")
        return cls(tuple(_table(_section(one, "table")) for one in tables), overrides)


def _overrides(source: dict) -> Overrides:
    kinds = {"day_first": bool, "header_row": int}
    for name, value in source.items():
        wanted = kinds.get(name, str)
        if type(value) is not wanted:
            raise BadInput("sources.bad_value", name=f"source.{name}", found=repr(value), wanted=wanted.__name__)
    choices = {"decimal": (".", ","), "epoch_unit": tuple(times.EPOCHS)}
    for name, allowed in choices.items():
        if name in source and source[name] not in allowed:
            raise BadInput("sources.bad_value", name=f"source.{name}", found=repr(source[name]), wanted=" ".join(allowed))
    return Overrides(**source)


def _table(found: dict) -> TableMapping:
    _known(found, [field.name for field in dataclasses.fields(TableMapping)])
    if not isinstance(found.get("table"), str):
        raise BadInput("sources.bad_value", name="table", found=repr(found.get("table")), wanted="str")
    keep = found.get("keep")
    if keep is not None and not (isinstance(keep, list) and all(isinstance(one, str) for one in keep)):
        raise BadInput("sources.bad_value", name="keep", found=repr(keep), wanted="list")
    parts = {
        name: _section(found.get(name, {}), name)
        for name in ("columns", "constants", "timeline", "personal", "formats", "values")
    }
    for name in ("columns", "timeline", "personal", "formats"):
        for key, value in parts[name].items():
            if not isinstance(value, str):
                raise BadInput("sources.bad_value", name=f"{name}.{key}", found=repr(value), wanted="str")
    for key, value in parts["constants"].items():
        if not isinstance(value, str | int | float | bool):
            raise BadInput("sources.bad_value", name=f"constants.{key}", found=repr(value), wanted="str")
    values = {key: {str(a): str(b) for a, b in _section(one, "values").items()} for key, one in parts.pop("values").items()}
    keep = None if keep is None else tuple(keep)
    words = {name: str(found.get(name, "")) for name in ("order", "source", "sample")}
    made = TableMapping(found["table"], **parts, keep=keep, values=values, **words)
    made.check()
    return made


def _section(found: object, name: str) -> dict:
    if not isinstance(found, dict):
        raise BadInput("sources.bad_value", name=name, found=repr(found), wanted="table")
    return found


def _known(found: dict, names: object) -> None:
    for name in found:
        if name not in names:
            raise NotFound("sources.no_entry", asked=name, exists=names)


def _pairs(values: Dict[str, object]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in values.items()]


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _value(name)


def _value(value: object) -> str:
    # TOML's basic strings are JSON's, but for DEL
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
