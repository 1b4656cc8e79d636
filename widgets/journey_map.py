"""The journey map on the page of journeys: its picture, what people note and arrange on it, and the plan they bring."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import workbench as wb
from widgets import journey_conformance
from widgets.download import Download
from widgets.map_view import MapView
from widgets.page import box, visible
from widgets.upload import Upload
from widgets.view import said
from widgets.work import Task
from workbench.journeys import plans
from workbench.journeys.plans import Plan, PlannedStep
from workbench.locale import texts
from workbench.store.beside import beside
from workbench.store.notes import FILE, Notes

if TYPE_CHECKING:
    from widgets.journey_answer import Answer
    from widgets.journeys import JourneysPage
    from widgets.state import State
    from workbench.journeys import JourneyMap
    from workbench.model import Study

VIEW = "map"
SHEETS = ".xlsx,.csv"
_LABELS = (
    "undo lanes plan unplan name name_why save cancel channels move earlier later to add edit remove note saving unsaved over "
    "gone leftover keys unstaged"
)
_UPLOAD = ("choose", "none", "drop", "cancel", "too_large", "wrong_kind", "empty", "broken")


class Desk:
    """The map's place on `page`. Notes and the order of cards are kept at once; what changes the numbers (an order, a plan) has
    the map asked again."""

    def __init__(self, page: JourneysPage) -> None:
        self._page = page
        self.view = MapView()
        self.upload = Upload(limit_mb=min(16, page.home.settings.upload_limit_mb), accept=SHEETS)
        self.files = Download()
        self.panel = box(self.upload, self.files, cls="cxw-stack cxw-map-plan")
        self._open, self._store = False, page.base.store
        self._drawn: tuple[Answer, tuple, dict] | None = None  # an answer, the notes on it, its canvas
        self.changes = 0  # orders and plans so far: an answer made before the last of them is out of date
        self.box = box(self.panel, self.view, cls="cxw-stack cxw-map-desk")
        self.view.listen(self._heard)
        self.upload.listen(self._uploaded)
        self.files.listen(self._file)
        visible(self.box, False)

    def speak(self) -> None:
        """Names everything in the page's language."""
        t = self._page.t
        self.view.labels = {key: t(f"widgets.map.{key}") for key in _LABELS.split()}
        limit = self.upload.limit >> 20
        own = {key: t(f"widgets.map.plan_{key}", limit=limit) for key in ("title", "help")}
        if beside(self._page.base.store) != Path(self._page.base.store):
            own["help"] += " " + t("widgets.map.plan_sample")
        self.upload.labels = {key: t(f"widgets.upload.{key}", limit=limit) for key in _UPLOAD} | own
        keys = {"title": "widgets.map.files_title", "making": "widgets.making", "done": "widgets.saved"}
        self.files.labels = {name: t(key) for name, key in keys.items()}
        self._plan()

    def show(self, answer: Answer, picture: bool, mark: int) -> bool:
        """The map of an answer, in place of the chart; False where the answer is another view's, or the table is asked for."""
        page = self._page
        shown = picture and answer.is_map
        visible(self.box, shown)
        if not shown:
            return False
        if self._store != page.base.store:
            self._open, self._store = False, page.base.store
            self.speak()
        with self.view.hold_sync():
            self.view.canvas, self.view.placed = self._canvas(answer), mark
            self.view.hidden = list(page.state.hidden)
            self.view.picked = {"of": answer.parts[0].of, "row": page.state.row}
            plan = answer.result.plan
            self.view.fixed = [one.touchpoint for one in plan.steps if one.stage] if plan else []
        self._plan()
        return True

    def unpick(self) -> None:
        """No number is open."""
        self.view.picked = {"of": "", "row": -1}

    def _canvas(self, answer: Answer) -> dict:
        # as it was made with the answer, with the notes of now
        now = noted(answer)
        if now.notes == answer.result.notes:
            return dict(answer.canvas)
        if self._drawn is None or self._drawn[0] is not answer or self._drawn[1] != now.notes:
            self._drawn = answer, now.notes, now.canvas(texts(now.study.language))
        return self._drawn[2]

    # -- what the person does ------------------------------------------------------------------------------------------

    def _heard(self, kind: str, *values) -> None:
        if kind == "pick":
            self._pick(*values)
        elif kind == "lanes":
            self._page.change(hidden=values[0])
        elif kind == "plan":
            self._open = not self._open
            self._plan()
        elif kind == "unplan":
            self._unplan()
        else:
            self._changed(*values)

    def _pick(self, of: str, row: int) -> None:
        page = self._page
        self.view.picked = {"of": of, "row": row}
        if page.answer is not None:
            (page._picked if of == page.answer.parts[0].of else page._picked_further)(row)

    def _changed(self, number: str, action: str, values: Mapping[str, object], author: str) -> None:
        page, t = self._page, self._page.t
        notes = Notes(page.base.store)
        planned = self._planned(values["touchpoint"]) if action == "place" else ""
        if planned and planned != values["stage"]:
            told = t("widgets.map.by_plan", touchpoint=values["touchpoint"], stage=planned)
            self.view.answer(number, told, problem=True)
            return
        try:
            undone = _do(notes, action, values, author) or ""
        except Exception as error:
            self.view.answer(number, said(error, t), problem=True)
            return
        told = self._told(f"undo_{undone}" if undone else action, values)
        if "place" in (action, undone):
            self.changes += 1
            self.view.answer(number, told, waits=self.changes, undone=undone)
            self._again()
        else:
            with self.view.hold_sync():
                self.view.answer(number, told, undone=undone)
                if page.answer is not None and page.answer.is_map:
                    self.view.canvas = self._canvas(page.answer)

    def _planned(self, touchpoint: str) -> str:
        # the stage that the plan gives it; a person's hand gives one only where the plan doesn't
        plan = self._page.answer and getattr(self._page.answer.result, "plan", None)
        step = plan.step(touchpoint) if plan else None
        return step.stage if step else ""

    def _told(self, done: str, values: Mapping[str, object]) -> str:
        names = {one["key"]: one["name"] for one in (*self.view.canvas["stages"], *self.view.canvas["lanes"])}
        told = {name: names.get(value, value) for name, value in values.items() if name in ("touchpoint", "stage", "lane")}
        return self._page.t(f"widgets.map.done_{done}", **told, place=int(values.get("index", 0)) + 1)

    def _again(self, note: str = "") -> None:
        page = self._page
        page._note = note
        page.work.later("main", lambda: page._ask(page.state))

    # -- the plan ------------------------------------------------------------------------------------------------------

    def _plan(self) -> None:
        t, store = self._page.t, self._page.base.store
        own = (beside(store) / plans.FILE).is_file()
        try:
            kept = Plan.of(store)
            name = kept.name or t("widgets.map.unnamed") if kept else ""
        except Exception as error:
            name = t("widgets.map.unnamed")  # it can be removed
            self._page.status.show("error", said(error, t))
        visible(self.panel, self._open)
        self.view.plan = {"name": name, "open": self._open, "own": own}
        items = [("template", t("widgets.map.files_template"))]
        self.files.offer(([("plan", t("widgets.map.files_plan"))] if name else []) + items)

    def _uploaded(self, path: Path, name: str) -> None:
        page, store = self._page, self._page.base.store

        def job(task: Task) -> Plan:
            made = wb.journeys.plan(path, name=name)
            made.save(store)
            return made

        def done(made: Plan) -> None:
            self.upload.discard()
            note = page.t("widgets.map.planned", plan=made.name, n=len(made.steps))
            if made.unread:
                note += " " + page.t("widgets.map.unread", columns=", ".join(made.unread))
            self._replanned(note)

        page.work.do("plan", job, done)

    def _unplan(self) -> None:
        page = self._page
        try:
            Plan.remove(page.base.store)
        except Exception as error:
            page.status.show("error", said(error, page.t))
        else:
            self._replanned(page.t("widgets.map.unplanned"))

    def _replanned(self, note: str) -> None:
        self.changes += 1
        self._open = False
        self._plan()
        self._again(note)

    def _file(self, item: str) -> None:
        page, canvas = self._page, self.view.canvas

        def job(task: Task) -> bytes:
            from workbench import export

            plan = Plan.of(page.base.store) if item == "plan" else template(canvas, page.base.name)
            return export.to_xlsx({"plan": plan.frame})

        name = f"{page.base.name} {item}"
        page.work.do("plan file", job, lambda made: self.files.send_file(made, name, "xlsx"), self.files.fail)


def noted(answer: Answer) -> JourneyMap:
    """The map of an answer with the notes of now."""
    return dataclasses.replace(answer.result, notes=Notes(answer.result.study.store).all())


def basis(state: State, base: Study) -> tuple:
    """What an answer to `state` depends on besides the state and the company: the plan and the order of cards as they are kept
    by now, by whomever. A page kept warm was made before its visitor came."""
    if state.view not in (VIEW, journey_conformance.VIEW):
        return ()
    kept = (beside(base.store) / name for name in (plans.FILE, FILE))
    written = (file.stat() if file.is_file() else None for file in kept)
    return tuple(one and (one.st_mtime_ns, one.st_size) for one in written)


def template(canvas: Mapping, name: str) -> Plan:
    """A plan to begin with: the touchpoints of the map as they stand there, one after the other, with nothing said of them."""
    (lane,) = (one["key"] for one in canvas["lanes"] if one["kind"] == "cards")
    found = [
        (stage["key"], card["key"])
        for stage in canvas["stages"]
        for card in canvas["cells"].get(lane, {}).get(stage["key"], {}).get("cards", ())
    ]
    return Plan(name, tuple(PlannedStep(card, stage, i) for i, (stage, card) in enumerate(found, start=1)))


def _do(notes: Notes, action: str, values: Mapping[str, object], author: str) -> str | None:
    """Keeps a change; of one that takes another back, which action that was."""
    match action:
        case "add":
            notes.add(values["stage"], values["lane"], values["text"], author)
        case "edit":
            notes.edit(values["note"], values["text"], author)
        case "remove":
            notes.remove(values["note"], author)
        case "move":
            notes.move(values["note"], values["stage"], values["lane"], author)
        case "place":
            notes.place(values["touchpoint"], values["stage"], values["index"], author)
        case "undo":
            return notes.undo(author)
    return None
