"""The start page: the company that is open, and bringing one's own: upload, confirm the mapping, load, open."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from urllib.parse import urlencode

import workbench as wb
from widgets import company, journey_answer, records
from widgets.confirm_view import ConfirmView
from widgets.customers_view import table_labels
from widgets.download import Download
from widgets.draft import Draft
from widgets.example_view import ExampleView
from widgets.own_view import OwnView
from widgets.page import Page, box, visible
from widgets.report_view import ReportView, Tiles
from widgets.state import State, read
from widgets.table_view import TableView
from widgets.upload import Upload
from widgets.work import Clock, Task
from workbench.errors import WorkbenchError
from workbench.model import Study

JOURNEYS = "10_journey_mapping.ipynb"
FIGURES = ("events", "journeys", "customers", "touchpoints", "first_at", "last_at")
CONFIRM = [
    "nothing",
    "keep",
    "hash",
    "drop",
    "mask",
    "settings",
    "mapping",
    "table",
    "timeline",
    "untime",
    "model_column",
    "your_column",
    "examples",
    "required",
    "constant",
    "missing_here",
    "personal",
    "personal_help",
    "used_as",
    "what_happens",
    "kept",
    "company",
    "load",
]


class StartPage(Page):
    """`StartPage(wb.open())`, or `StartPage()` for the company of the settings."""

    def __init__(self, study: Study | None = None, *, at: Clock | None = None) -> None:
        self.study = wb.open() if study is None else study
        self.home = self.study  # the company the page was made with
        self._company = ""
        super().__init__(self.study.language, at=at)
        self.draft: Draft | None = None
        self._path: Path | None = None
        self._report = None
        self._number = ""
        self._figures = None
        self._mine: list[company.Own] = []
        self.own = OwnView()
        self.own.listen(self._own)
        self.example, self.tiles, self.report = ExampleView(), Tiles(), ReportView()
        self.upload = Upload(limit_mb=self.study.settings.upload_limit_mb)
        self.confirm, self.counts, self.rejected = ConfirmView(), TableView(), Download()
        self.confirm.add_class("cxw-card")
        self.upload.listen(self._uploaded)
        self.confirm.listen(self._changed)
        self.rejected.listen(self._rejected_file)
        self._went = box(self.counts, self.rejected, cls="cxw-card cxw-stack")
        self.compose(self.example, self.tiles, self.own, self.upload, self.status, self.confirm, self.report, self._went)
        self._stage("upload")
        self.speak()
        self._overview()

    def speak(self) -> None:
        super().speak()
        t = self.t
        with self.headline.hold_sync():
            self.headline.title, self.headline.subtitle = t("widgets.start.title"), t("widgets.start.subtitle")
        self.example.speak(t)
        limit = self.study.settings.upload_limit_mb
        keys = ("title", "choose", "none", "drop", "help", "cancel", "too_large", "wrong_kind", "empty", "broken")
        self.upload.labels = {key: t(f"widgets.upload.{key}", limit=limit) for key in keys}
        self.confirm.labels = {key: t(f"widgets.confirm.{key}") for key in CONFIRM}
        self.report.labels = {"problems": t("widgets.start.problems"), "code": t("widgets.code.title")}
        self.counts.labels = table_labels(t)
        self.rejected.labels = {
            "title": t("widgets.start.quarantine"),
            "making": t("widgets.making"),
            "done": t("widgets.saved"),
        }
        self.rejected.offer([("csv", "CSV")])
        self.own.said = ""
        self.own.labels = {key: t(f"widgets.own.{key}") for key in ("title", "help", "remove", "yes", "keep")}
        if self.draft is not None:
            self.confirm.show(self.draft, t)
        if self._report is not None:
            self._show_report()
        self._show_company()
        self.url.language = t.language

    def arrive(self, link: str) -> None:
        asked = read(link, State(lang=self.t.language), journey_answer.Allowed())[0]
        if asked.lang != self.t.language:
            self.change_language(asked.lang)
        if asked.company != self._company:
            self._open(asked.company)
        self.url.link = self._there(self._company)

    # -- the open company ----------------------------------------------------------------------------------------------

    def _open(self, name: str) -> None:
        self._company, self._figures = name, None
        try:
            self.study = company.opened(name, self.home) if name else self.home
            self.tells_of("" if self.study is self.home else self.home.name)
        except WorkbenchError as error:
            self._show_company()
            self.status.show("error", error.text(self.t.language))
        else:
            self._overview()

    def _overview(self) -> None:
        study = self.study

        def done(frame) -> None:
            self._figures = frame[frame["measure"].isin(FIGURES)]
            self._show_company()

        self.work.do("overview", lambda task: wb.journeys.overview(study).frame[["measure", "value", "unit"]], done)

    def _show_company(self) -> None:
        t, figures = self.t, self._figures
        self._show_own()
        with self.tiles.hold_sync():
            self.tiles.labels = {"choices": t("server.companies")}
            self.tiles.choices = company.choices(self.home, self._company, t)
            if figures is None:
                self.tiles.title, self.tiles.tiles, self.tiles.links = "", [], []
                return
            self.tiles.title = t("widgets.start.open_company", company=journey_answer.company(self.study, t))
            made = records.grid(figures, t, timezone=self.study.timezone)
            self.tiles.tiles = [{"label": row.cells[0].text, "value": row.cells[1].text} for row in made.rows]
            self.tiles.links = [{"label": t("widgets.start.to_journeys"), "href": f"{JOURNEYS}#{self._there(self._company)}"}]

    # -- those loaded from this browser --------------------------------------------------------------------------------

    def _own(self, kind: str, *values) -> None:
        if kind == "mine":
            self._look(values[0])
            return
        number, key = values
        name = next(one.name for one in self._mine if one.number == number)

        def done(_: None) -> None:
            with self.own.hold_sync():
                self.own.said = self.t("widgets.own.removed", company=name)
                self._look(one.number for one in self._mine if one.number != number)
            if self._number == number:
                self._stage("upload")
            if self._company == number:
                self._link("")

        self.work.do("own", lambda task: company.remove(number, key), done, lambda line: setattr(self.own, "said", line))

    def _look(self, numbers) -> None:
        self._mine = company.own(numbers)
        self._show_own()

    def _show_own(self) -> None:
        t = self.t
        self.own.rows = [
            {
                "id": one.number,
                "name": one.name,
                "text": t("widgets.own.loaded", n=one.rows, day=t.day(one.loaded)),
                "ask": t("widgets.own.ask", company=one.name),
                "href": f"#{self._there(one.number)}",
                "on": one.number == self._company,
            }
            for one in self._mine
        ]

    def _there(self, name: str) -> str:
        return urlencode(({"company": name} if name else {}) | {"lang": self.t.language})

    def _link(self, name: str) -> None:
        """Opens that company and writes it into the address."""
        self._open(name)
        self.url.link = self._there(name)

    # -- bringing one's own --------------------------------------------------------------------------------------------

    def _stage(self, stage: str) -> None:
        visible(self.confirm, stage == "confirm")
        visible(self.report, stage == "done")
        visible(self._went, stage == "done")
        visible(self.rejected, stage == "done" and bool(self._report.quarantine))

    def _uploaded(self, path: Path, name: str) -> None:
        self._path = path
        self._stage("upload")
        self._inspect(name, None)

    def _inspect(self, name: str, overrides) -> None:
        path, before = self._path, self.draft if overrides is not None else None

        def job(task: Task) -> Draft:
            from workbench import sources

            if before is None:
                found = sources.inspect(path, progress=self._progress(task), cancel=task.cancel)
            else:
                found = before.inspection.again(overrides)
            proposed = sources.propose(found)
            return Draft(found, proposed.tables[0], name, tuple(proposed.notes))

        def done(draft: Draft) -> None:
            self.draft = draft
            self.confirm.show(draft, self.t)
            self._stage("confirm")

        self.work.do("load", job, done)

    def _progress(self, task: Task):
        t = self.t

        def told(share: float, key: str) -> None:
            task.progress(share, t(key) if t.has(key) else "")

        return told

    def _changed(self, kind: str, *values: str) -> None:
        draft = self.draft
        if draft is None:
            return
        if kind == "setting":
            self._inspect(draft.company, draft.overruled(*values))
            return
        if kind == "load":
            self._load(draft)
            return
        steps = {
            "table": draft.table, "column": draft.column, "personal": draft.personal, "company": draft.named,
            "untime": draft.without_timeline,
        }  # fmt: skip
        self.draft = steps[kind](*values)
        self.confirm.show(self.draft, self.t)

    def _load(self, draft: Draft) -> None:
        number, path, language = company.new_id(), self._path, self.t.language
        into = company.PRIVATE / number

        def job(task: Task):
            into.parent.mkdir(parents=True, exist_ok=True)
            company.tidy()
            try:
                # readable by this account only: it holds what a browser sent
                into.parent.chmod(0o700)
                overrides = {
                    key: value for key, value in dataclasses.asdict(draft.inspection.overrides).items() if value is not None
                }
                made = wb.load(
                    path, into, draft.full, name=draft.company, timezone=draft.settings.get("timezone"), overrides=overrides,
                    language=language, progress=self._progress(task), cancel=task.cancel,
                )  # fmt: skip
                return made, company.claim(number)
            except BaseException:
                shutil.rmtree(into, ignore_errors=True)
                raise

        def done(made: tuple) -> None:
            self._report, key = made
            self._number = number
            self.draft = None
            self.upload.discard()
            self.own.added, self.own.said = {"id": number, "key": key}, ""
            self._look([number, *(one.number for one in self._mine)])
            self._show_report()
            self._stage("done")
            self._link(number)

        self.work.do("load", job, done)

    def _show_report(self) -> None:
        t, report = self.t, self._report
        sentences = [_without_folders(one, report.quarantine) for one in report.explain(t.language)]
        extra = len(report.problems) + len(report.notes)
        at = len(sentences) - extra
        frame = report.rows.drop(columns=["quarantine"])
        has_events = "events" in set(frame["table"])
        with self.report.hold_sync():
            self.report.outcome, self.report.problems = sentences[:at], sentences[at:]
            href = f"{JOURNEYS}#{self._there(self._number)}"
            self.report.links = [{"label": t("widgets.start.open_it"), "href": href}] if has_events else []
            self.report.code = f'import workbench as wb\nstudy = wb.open("data/private/{self._number}")'
        self.counts.show(records.grid(frame, t), t("widgets.start.counts"))

    def _rejected_file(self, kind: str) -> None:
        files = self._report.quarantine

        def job(task: Task) -> bytes:
            return files[0].read_bytes()

        self.work.do("export", job, lambda made: self.rejected.send_file(made, files[0].stem, kind), self.rejected.fail)


def _without_folders(sentence: str, files: tuple[Path, ...]) -> str:
    # where things lie on the server is nobody's business
    for file in files:
        sentence = sentence.replace(str(file), file.name)
    return sentence
