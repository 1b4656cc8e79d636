"""The proposed mapping of a file, to be looked at, changed and confirmed."""

from __future__ import annotations

import traitlets

from widgets.draft import ACTIONS, Draft
from widgets.records import heading
from widgets.view import Bad, View, one_of, script, text
from workbench import model


class ConfirmView(View):
    """Listeners get ("setting", name, value), ("table", name), ("column", name, source), ("personal", column, action),
    ("company", name), ("untime",) or ("load",)."""

    _esm = script("confirm")
    takes = ("setting", "table", "column", "personal", "company", "untime", "load")
    summary = traitlets.Unicode().tag(sync=True)
    settings = traitlets.List(traitlets.Dict()).tag(sync=True)
    tables = traitlets.List(traitlets.Dict()).tag(sync=True)
    table = traitlets.Unicode().tag(sync=True)
    fields = traitlets.List(traitlets.Dict()).tag(sync=True)
    sources = traitlets.List(traitlets.Dict()).tag(sync=True)
    timeline = traitlets.List(traitlets.Dict()).tag(sync=True)
    company = traitlets.Unicode().tag(sync=True)
    missing = traitlets.Unicode().tag(sync=True)
    notes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    ready = traitlets.Bool(False).tag(sync=True)

    def show(self, draft: Draft, t) -> None:
        inspection, mapping = draft.inspection, draft.mapping
        used = {source: name for name, source in mapping.columns.items()}
        with self.hold_sync():
            self.summary = t(
                "widgets.start.found",
                file=inspection.name,
                kind=inspection.kind.upper(),
                n=inspection.n_rows,
                columns=len(inspection.columns),
            )
            self.settings = [
                {
                    "name": name,
                    "label": t(f"widgets.setting.{name}"),
                    "value": value,
                    "options": [{"value": one, "label": _option(name, one, t)} for one in draft.options(name)],
                }
                for name, value in draft.settings.items()
            ]
            self.tables = [{"value": name, "label": t(f"widgets.table.{name}")} for name in model.TABLES]
            self.table = mapping.table
            lacking = draft.missing
            self.fields = [
                {
                    "name": column.name,
                    "label": heading(column.name, t),
                    "technical": column.name,
                    "kind": t(f"widgets.kind.{column.kind}"),
                    "required": column.required,
                    "missing": column.name in lacking,
                    "value": mapping.columns.get(column.name, ""),
                    "constant": str(mapping.constants.get(column.name, "")),
                    "examples": draft.examples(mapping.columns.get(column.name, "")),
                }
                for column in model.table(mapping.table).columns
                if not (mapping.timeline and column.name in {"occurred_at", "touchpoint"})
            ]
            self.sources = [
                {
                    "name": one.name,
                    "kind": t(f"widgets.kind.{one.kind}"),
                    "format": _written(one.format, t),
                    "examples": draft.examples(one.name),
                    "empty": t("widgets.start.empty_cells", n=one.n_empty) if one.n_empty else "",
                    "personal": mapping.personal.get(one.name, "keep"),
                    "used": heading(used[one.name], t) if one.name in used else "",
                }
                for one in inspection.columns
            ]
            self.timeline = [{"source": source, "touchpoint": name} for source, name in mapping.timeline.items()]
            self.company = draft.company
            self.missing = t("widgets.start.missing", columns=", ".join(heading(one, t) for one in lacking)) if lacking else ""
            self.notes = [one.text(t.language) for one in (*inspection.notes, *draft.notes)]
            self.ready = not lacking

    def take_setting(self, content: dict, _buffers: list) -> None:
        name = one_of(content, "name", {one["name"] for one in self.settings})
        options = next(one["options"] for one in self.settings if one["name"] == name)
        value = content.get("value")
        if value not in [one["value"] for one in options]:
            raise Bad("value")  # compared as it is: a separator may be a tab
        self.tell("setting", name, value)

    def take_table(self, content: dict, _buffers: list) -> None:
        self.tell("table", one_of(content, "value", model.TABLES))

    def take_column(self, content: dict, _buffers: list) -> None:
        name = one_of(content, "name", {one["name"] for one in self.fields})
        source = content.get("source")
        if source not in ["", *(one["name"] for one in self.sources)]:
            raise Bad("source")
        self.tell("column", name, source)

    def take_personal(self, content: dict, _buffers: list) -> None:
        column = content.get("column")
        if column not in [one["name"] for one in self.sources]:
            raise Bad("column")
        self.tell("personal", column, one_of(content, "action", ACTIONS))

    def take_company(self, content: dict, _buffers: list) -> None:
        name = text(content, "value", 80).strip()
        if not name:
            raise Bad("company")
        self.tell("company", name)

    def take_untime(self, _content: dict, _buffers: list) -> None:
        self.tell("untime")

    def take_load(self, _content: dict, _buffers: list) -> None:
        if not self.ready:
            raise Bad("not ready")
        self.tell("load")


def _written(form: str, t) -> str:
    key = f"widgets.format.{form.replace(' ', '_')}"
    return t(key) if form and t.has(key) else form


def _option(name: str, value: str, t) -> str:
    if name == "separator":
        return {"\t": t("widgets.setting.tab")}.get(value, value)
    if name == "day_first":
        return t(f"widgets.setting.day_first.{value}")
    if name == "header_row" and value == "0":
        return t("widgets.setting.no_header")
    return value
