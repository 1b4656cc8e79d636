"""The journey page: where customers go and where they stop."""

from __future__ import annotations

import functools
from collections.abc import Callable

from widgets import company, journey_answer, journey_files, journey_filters, journey_map
from widgets.chart_view import ChartView, fill
from widgets.choices import Choices, choices
from widgets.customers_view import CustomersView, table_labels
from widgets.download import Download
from widgets.filters import MOST_PATTERNS, Filters
from widgets.journey_answer import Answer, Part
from widgets.journey_controls import Controls
from widgets.journey_map import Desk
from widgets.page import Page, box, earlier, visible
from widgets.state import State, read
from widgets.table_view import TableView
from widgets.texts_view import CodeView, ExplainView
from widgets.work import Clock, Task
from workbench.errors import WorkbenchError
from workbench.model import Study


def usual(study: Study) -> State:
    """What is shown where a link says nothing."""
    return State(rule=study.rule.kind, lang=study.language)


ROOMS = (300, 360, 520, 720, 960, 1200)  # widths in px that pictures are drawn for; 300: on a phone of 360


class JourneysPage(Page):
    """`JourneysPage(wb.open())` is the page. Its state stands in the link; every number opens the customers behind it."""

    def __init__(self, study: Study, *, at: Clock | None = None) -> None:
        super().__init__(study.language, at=at)
        self.home = study  # the company the page was made with
        self.base = study
        self.known = Choices()
        self.default = usual(study)
        self.state = self.default
        self.answer: Answer | None = None
        self._room = 960
        self._note = ""  # what the answer is shown with
        self._link = ""
        self._typed = (0, "")  # the pattern checked last: its place and its text
        self._made: dict[tuple, Answer] = {}
        self.controls = Controls(self.change)
        self.filters = Filters()
        self.chart, self.table = ChartView(), TableView(pickable=True, quiet=True)
        self.further = TableView(size=8, pickable=True)
        self.explain, self.who, self.code, self.exports = ExplainView(), CustomersView(), CodeView(), Download(main=True)
        self.map = Desk(self)
        self._listen()
        take = box(self.code, self.exports, cls="cxw-card cxw-stack")
        head = box(self.controls.group, self.controls.shape, cls="cxw-row cxw-between cxw-card-head")
        asked = (self.controls.view, self.controls.view_row)
        main = box(head, *asked, self.map.box, self.chart, self.table, self.further, cls="cxw-card cxw-stack cxw-picture")
        self.aside = aside = box(self.explain, self.who, take, cls="cxw-aside")
        self.compose(box(self.filters, self.controls.rule_row, cls="cxw-asks"), self.status, box(main, aside, cls="cxw-grid"))
        self.speak()
        self._begin()

    def _listen(self) -> None:
        self.filters.listen(self._filtered)
        self.chart.listen(self._picked)
        self.chart.on_room(self._roomed)
        self.table.listen(self._picked)
        self.further.listen(self._picked_further)
        self.who.head.listen(self._closed)
        self.who.file.listen(self._customers_file)
        self.exports.listen(self._export)

    def speak(self) -> None:
        super().speak()
        t = self.t
        self.controls.speak(t)
        self.filters.labels = journey_filters.labels(t)
        self.chart.labels = {key: t(f"widgets.chart.{key}") for key in ("loading", "failed", "keys", "no_keys")}
        for one in (self.table, self.further):
            one.labels = table_labels(t)
        self.explain.labels = {"title": t("widgets.explain.title"), "empty": t("widgets.explain.empty")}
        self.who.speak(t)
        self.map.speak()
        self.code.labels = {key: t(f"widgets.code.{key}") for key in ("title", "copy", "link", "copied", "not_copied")}
        self.exports.labels = {"title": t("widgets.export"), "making": t("widgets.making"), "done": t("widgets.saved")}
        self.exports.offer(journey_files.kinds(self.answer.is_map if self.answer else self.state.view == journey_map.VIEW))
        if self.known.ready:
            self._show_choices()
        if self.filters.check["problem"]:
            self._pattern(*self._typed, False)

    # -- the company ---------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Learns what can be filtered by, then shows what the link asks for."""
        base = self.base

        def learn(task: Task) -> Choices:
            fill()
            return choices(base, task)

        # by `later`, so that nothing asked of the company before comes in between
        self.work.later("main", lambda: self.work.do("main", learn, self._learned), 0)

    def _learned(self, known: Choices) -> None:
        self.known = known
        self.default = usual(self.base)
        self._follow(self._link)

    def arrive(self, link: str) -> None:
        self._link = link
        asked = read(link, self.default, self.known.allowed)[0]
        if asked.lang != self.t.language:
            self.change_language(asked.lang)
        wanted = asked.company
        if wanted != self.state.company:
            try:
                self.base = company.opened(wanted, self.home) if wanted else self.home
            except WorkbenchError as error:
                self._failed(error.text(self.t.language))
                return
            self.tells_of("" if self.base is self.home else self.home.name)
            self.state, self.known = self.default.but(company=wanted), Choices()
            self._begin()
        elif self.known.ready:
            self._follow(link)

    def _follow(self, link: str) -> None:
        state, ignored = read(link, self.default, self.known.allowed)
        self._go(state, now=True, note=self.t("widgets.link_ignored", names=", ".join(ignored)) if ignored else "")

    # -- what is asked -------------------------------------------------------------------------------------------------

    def change(self, **changes: object) -> None:
        """Another state, shown after a short silence."""
        state = self.state.but(**changes)
        if state != self.state:
            self._go(state)

    def _go(self, state: State, *, now: bool = False, note: str = "") -> None:
        if not self.known.ready:
            return  # what the link asks for is shown once it is known what there is
        self.state = state
        self.url.link = state.link(self.default)
        self._show_choices()
        if state.rule == "anchor" and not state.around:
            # numbers of the rule before would be taken for numbers of this one
            self.work.drop("main")
            self._clear(self.t("widgets.around_which"))
            self.status.show("note", self.t("widgets.choose_around"))
            return
        self._note = note
        self.work.later("main", lambda: self._ask(state), 0 if now else 0.15)

    def _ask(self, state: State) -> None:
        mark = self.map.changes
        self._pale(self.answer is not None and self.answer.state.view != state.view)
        base, allowed, room = self.base, self.known.allowed, self._room

        def job(task: Task) -> tuple[tuple, Answer]:
            key = (state.but(shape="", hidden=(), row=-1), base, room, journey_map.basis(state, base))
            return key, self._made.get(key) or journey_answer.ask(state, base, allowed, room, task)

        def done(made: tuple[tuple, Answer]) -> None:
            key, answer = made
            if len(self._made) > 24:
                self._made.pop(next(iter(self._made)))
            self._made[key] = answer
            self._show(answer, mark)
            if self._note or answer.note:
                self.status.show("note", self._note or answer.note)
            if room != self._room:  # the page told its width meanwhile
                self.work.later("main", lambda: self._ask(state), 0)

        self.work.do("main", job, done, self._failed)

    def _failed(self, line: str) -> None:
        self.status.show("error", line)
        self._clear(self.t("widgets.no_answer"))

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _pale(self, is_so: bool) -> None:
        for one in (self.headline, self.map.box, self.chart, self.table, self.further, self.aside):
            earlier(one, is_so)

    def _clear(self, title: str) -> None:
        """No answer on the screen."""
        self.answer = None
        self._pale(False)
        self.url.language = self.t.language
        with self.headline.hold_sync():
            self.headline.title, self.headline.subtitle = title, ""
        self.explain.sentences, self.code.code = [], ""
        self.foot.notes = []
        for one in (self.map.box, self.chart, self.table, self.further, self.aside):
            visible(one, False)
        self.who.invite(self.t, [])

    def _show(self, answer: Answer, mark: int) -> None:
        self.answer = answer
        self._pale(False)
        chosen = self.state.but(steps=answer.state.steps, target=answer.state.target)
        if chosen != self.state:
            self.state = chosen
            self.controls.show(self.state, self.known.allowed, self.t)
        with self.headline.hold_sync():
            self.headline.title, self.headline.subtitle = answer.title, answer.subtitle
        self.explain.sentences = list(answer.sentences)
        self.code.code = answer.result.code()
        self.foot.notes = [answer.source]
        self.exports.offer(journey_files.kinds(answer.is_map))
        picture = self.state.shape == "picture"
        with self.chart.hold_sync():
            self.chart.described, self.chart.configs = answer.title, journey_answer.looks()
            self.chart.spec = answer.spec if picture else {}
        own, *more = answer.parts
        self.table.show(own.grid, answer.title, self.state.row)
        mapped = self.map.show(answer, picture, mark)
        visible(self.chart, picture and not mapped)
        visible(self.table, not picture)
        visible(self.aside, True)
        visible(self.further, bool(more) and not mapped)
        if more:
            self.further.show(more[0].grid, more[0].caption)
        self._open(own, self.state.row)
        if answer.state.lang == self.t.language:
            self.url.language = self.t.language

    def _show_choices(self) -> None:
        self.controls.show(self.state, self.known.allowed, self.t)
        journey_filters.show(self.filters, self.state, self.known, self.t)

    # -- what the person does ------------------------------------------------------------------------------------------

    def _filtered(self, kind: str, *values: object) -> None:
        if kind == "pattern":
            self._pattern(*values)
        else:
            self._go(journey_filters.filtered(self.state, self.known, kind, *values))

    def _pattern(self, index: int, typed: str, apply: bool) -> None:
        self._typed = (index, typed)
        text = journey_filters.checked(self.filters, self.known, self.t, typed, apply)
        if apply and text is not None:
            self._go(self.state.patterned(min(index, len(self.state.patterns), MOST_PATTERNS - 1), text))

    def _picked(self, row: int) -> None:
        if self.answer is not None and row in self.answer.parts[0].frame.index:
            self.state = self.state.but(row=row)
            self.url.link = self.state.link(self.default)
            self.table.picked, self.further.picked = row, -1
            self._open(self.answer.parts[0], row)

    def _picked_further(self, row: int) -> None:
        if self.answer is not None and len(self.answer.parts) > 1:
            self._open(self.answer.parts[1], row)

    def _closed(self) -> None:
        if self.state.row >= 0:
            self.change(row=-1)
        elif self.answer is not None:  # a row of the second table
            self.further.picked = -1
            self.map.unpick()
            self._open(self.answer.parts[0], -1)

    def _open(self, part: Part, row: int) -> None:
        answer = self.answer
        if row not in part.frame.index:
            self.who.invite(self.t, list(answer.caveats))
            return
        name = journey_answer.named(answer, part, row)
        self.who.caveats.notes = list(answer.caveats)

        def done(found: tuple) -> None:
            frame, made, n = found
            self.who.fill(name, frame, made, self.t, n)

        self.work.do(
            "who", lambda task: journey_answer.who(answer, part, row, task), done, lambda line: self.who.refuse(name, line)
        )

    def _roomed(self, width: int) -> None:
        room = max((one for one in ROOMS if one <= width), default=ROOMS[0])
        if room != self._room:
            self._room = room
            if self.answer is not None and self.known.ready:
                self.work.later("main", lambda: self._ask(self.state))

    def _export(self, kind: str) -> None:
        answer = self.answer
        if answer is None:
            self.exports.fail(self.t("widgets.no_answer"))
            return
        make = functools.partial(journey_files.view_file, answer, self.known, kind, self.state)
        self._deliver(self.exports, make, f"{self.base.name} {answer.state.view}", kind)

    def _customers_file(self, kind: str) -> None:
        frame = self.who.frame
        if frame is None or self.answer is None:
            self.who.file.fail(self.t("widgets.no_answer"))
        else:
            title = f"{self.who.head.title} · {self.who.head.count}"
            make = functools.partial(journey_files.table_file, self.answer, self.known, kind, frame, "customers", title)
            self._deliver(self.who.file, make, f"{self.base.name} customers", kind)

    def _deliver(self, by: Download, make: Callable[[], bytes], name: str, kind: str) -> None:
        self.work.do(f"export {kind}", lambda task: make(), lambda made: by.send_file(made, name, kind), by.fail)
