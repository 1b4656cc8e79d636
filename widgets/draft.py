"""A mapping on its way to be confirmed: what was found in a file, what was proposed, what the person changed. No widgets."""

from __future__ import annotations

import dataclasses

from workbench import model
from workbench.sources.inspection import Inspection
from workbench.sources.mapping import Mapping, TableMapping
from workbench.sources.parts import Overrides
from workbench.sources.propose import propose

ACTIONS = ("keep", "hash", "drop", "mask")
MASKED = "•••"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1250", "cp1251", "iso-8859-1", "iso-8859-2", "koi8-r")
SEPARATORS = (",", ";", "\t", "|")
ZONES = (
    "UTC", "Europe/Warsaw", "Europe/London", "Europe/Berlin", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk",
    "Asia/Vladivostok", "Asia/Almaty", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo",
)  # fmt: skip
#: setting -> what can be chosen; texts stand for themselves
OPTIONS: dict[str, tuple[str, ...]] = {
    "encoding": ENCODINGS,
    "separator": SEPARATORS,
    "decimal": (".", ","),
    "day_first": ("true", "false"),
    "timezone": ZONES,
    "epoch_unit": ("s", "ms", "us", "ns"),
    "header_row": tuple(str(i) for i in range(11)),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Draft:
    """An inspected file, the mapping as it stands now, and the name its company will have. Every change is a new Draft."""

    inspection: Inspection
    mapping: TableMapping
    company: str
    notes: tuple = ()

    @property
    def settings(self) -> dict[str, str]:
        """How the file is written, as text; those that don't apply are left out."""
        found = dataclasses.asdict(self.inspection.detected)
        return {name: written(value) for name, value in found.items() if value is not None and name in OPTIONS}

    def options(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.settings[name], *OPTIONS[name])))

    def overruled(self, name: str, value: str) -> Overrides:
        """The overrides with one more."""
        kinds = {"day_first": lambda text: text == "true", "header_row": int}
        return dataclasses.replace(self.inspection.overrides, **{name: kinds.get(name, str)(value)})

    def table(self, name: str) -> Draft:
        """The mapping proposed for that table of the model; marks of personal columns stay."""
        proposed = propose(self.inspection, name)
        return dataclasses.replace(
            self._with(dataclasses.replace(proposed.tables[0], personal=self.mapping.personal)), notes=proposed.notes
        )

    def column(self, name: str, source: str) -> Draft:
        """Model column `name` is filled from `source`; empty: from nothing."""
        columns = {key: value for key, value in self.mapping.columns.items() if key != name}
        constants = {key: value for key, value in self.mapping.constants.items() if key != name}
        if source:
            columns[name] = source
        order = [column.name for column in model.table(self.mapping.table).columns if column.name in columns]
        return self._with(dataclasses.replace(self.mapping, columns={key: columns[key] for key in order}, constants=constants))

    def personal(self, column: str, action: str) -> Draft:
        marks = {key: value for key, value in self.mapping.personal.items() if key != column}
        if action != "keep":
            marks[column] = action
        return self._with(dataclasses.replace(self.mapping, personal=marks))

    def without_timeline(self) -> Draft:
        """One time column an event, instead of one event a time column."""
        return self._with(dataclasses.replace(self.mapping, timeline={}))

    def named(self, company: str) -> Draft:
        return dataclasses.replace(self, company=company)

    def examples(self, source: str) -> str:
        """A few values of a column; masked where it is marked as personal."""
        if source in self.mapping.personal:
            return MASKED
        found = next((one for one in self.inspection.columns if one.name == source), None)
        return " · ".join(one[:40] for one in found.examples[:3]) if found else ""

    @property
    def missing(self) -> tuple[str, ...]:
        return self.mapping.missing()

    @property
    def full(self) -> Mapping:
        return Mapping((self.mapping,), overrides=self.inspection.overrides)

    def _with(self, mapping: TableMapping) -> Draft:
        return dataclasses.replace(self, mapping=mapping)


def written(value: object) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
