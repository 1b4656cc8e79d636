"""A spreadsheet of touchpoints, read as a plan: which column is what, and what its cells say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import sources
from workbench.errors import BadInput, NotFound
from workbench.journeys import plan_book
from workbench.journeys.plans import MOST_NAME, MOST_STEPS, MOST_WORDS, Plan, PlannedStep
from workbench.sources import Inspection, Limits
from workbench.sources import origin as origins
from workbench.sources.names import SYNONYMS, plain, words
from workbench.sources.parts import ROW
from workbench.sources.quantities import FALSE, TRUE
from workbench.store.notes import shown

if TYPE_CHECKING:
    import pyarrow as pa

_EVENTS = SYNONYMS["events"]
#: what is called so holds touchpoints even where they are numbers; under other names numbers are an order
_SURELY = ("touchpoint", "touchpoints", "touch point", "touch points", "touchpoint name", "точка контакта", "точки контакта",
    "точка взаимодействия", "точка касания", "punkt styku", "punkty styku", "punkt kontaktu")  # fmt: skip
#: what companies call the columns of a plan, in English, Russian and Polish; the first names say it most clearly
NAMES: Mapping[str, tuple[str, ...]] = {
    "touchpoint": (*_SURELY, *_EVENTS["touchpoint"][1:], "название точки", "nazwa punktu", "name", "название", "nazwa"),
    "stage": (*_EVENTS["stage"], "stages", "stage name", "phase name", "название этапа", "nazwa etapu", "этапы",
        "этап пути", "etapy", "etap ścieżki", "etap sciezki"),
    "order": ("order", "sequence", "seq", "position", "no", "nr", "number", "step no", "step number", "step",
        "place", "lp", "порядок", "номер", "п п", "очерёдность", "очередность", "место", "шаг", "kolejność",
        "kolejnosc", "numer", "krok"),
    "optional": ("optional", "is optional", "may be skipped", "необязательно", "необязательный",
        "необязательная", "можно пропустить", "по желанию", "opcjonalne", "opcjonalny", "opcjonalnie",
        "nieobowiązkowe", "nieobowiązkowy"),
    "repeatable": ("repeatable", "may repeat", "repeats", "can repeat", "повторяемо", "повторяемый",
        "повторяемая", "может повторяться", "повтор", "powtarzalne", "powtarzalny", "może się powtarzać"),
    "channel": (*_EVENTS["channel"], "channels", "каналы", "kanały"),
    "owner": (*_EVENTS["owner"], "responsible", "team", "department", "владелец", "команда", "отдел",
        "odpowiedzialny", "zespół", "dział"),
    "goal": ("goal", "goals", "customer goal", "job to be done", "need", "needs", "цель", "цели",
        "цель клиента", "потребность", "cel", "cele", "cel klienta", "potrzeba"),
    "emotion": ("emotion", "emotions", "feeling", "feelings", "mood", "эмоция", "эмоции", "чувство", "чувства",
        "настроение", "emocja", "emocje", "uczucie", "uczucia", "nastrój"),
    "pain": ("pain", "pains", "pain point", "pain points", "problem", "problems", "frustration", "боль", "боли",
        "болевая точка", "болевые точки", "проблема", "проблемы", "ból", "punkt bólu", "punkty bólu",
        "bolączka", "bolączki", "problemy"),
    "opportunity": ("opportunity", "opportunities", "idea", "ideas", "improvement", "возможность",
        "возможности", "идея", "идеи", "улучшение", "szansa", "szanse", "pomysł", "pomysły", "usprawnienie"),
    "within": ("within", "time to next", "planned time", "planned time to next", "target time", "sla",
        "deadline", "в течение", "срок", "время до следующего", "плановое время", "w ciągu", "termin",
        "czas do następnego", "planowany czas"),
}  # fmt: skip
_LIMITS = Limits(bytes=16 << 20, columns=200, rows=20_000, cells=2_000_000, xlsx_bytes=64 << 20, xlsx_cells=2_000_000)
#: how units of time begin, or what they are in full, in the three languages -> seconds; the longer beginnings first
_UNITS = (
    (604800, r"w|weeks?|нед\w*|tyg\w*|tydz\w*"),
    (86400, r"d|days?|дн\w*|день|сут\w*|dni\w*|dzień|doba|doby"),
    (3600, r"h|hrs?|hours?|ч|час\w*|g|godz\w*"),
    (60, r"m|min|mins|minutes?|мин\w*|minut\w*"),
    (1, r"s|secs?|seconds?|с|сек\w*|sek\w*"),
)
#: what spreadsheets in the three languages put where a formula failed
_FAILED = frozenset((
    "#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
    "#CONNECT!", "#UNKNOWN!", "#GETTING_DATA", "#ССЫЛКА!", "#Н/Д", "#ИМЯ?", "#ЗНАЧ!", "#ДЕЛ/0!", "#ПУСТО!", "#ЧИСЛО!",
    "#ADR!", "#N/D!", "#NAZWA?", "#ARG!", "#DZIEL/0!", "#ZERO!", "#LICZBA!",
))  # fmt: skip


def plan(source: object, *, name: str = "", columns: Mapping[str, str] | None = None) -> Plan:
    """The planned journey in a spreadsheet of touchpoints: "touchpoints.xlsx" (or "book.xlsx#Sheet2"), a CSV file, or a frame
    of any library. Of a book's sheets, where none is named, the first whose column names fit best is read, no hidden one.

    One row a touchpoint, in their order; a column of touchpoints is enough, one of stages beside it is usual. Columns are known
    by their names in English, Russian and Polish (`columns` says what they are called otherwise: {"touchpoint": "What"}):

    touchpoint          needed; each at most once
    stage               an empty cell means the stage of the row above, as in a sheet with merged cells; an empty text ("") in
                        a frame, or in a file that the map's page wrote, means none. An empty column is none at all
    order               whole numbers; the same number for touchpoints that run in parallel. Without it the order of the rows
    optional, repeatable  yes or no
    channel, owner, goal, emotion, pain, opportunity   words
    within              planned time to the next touchpoint: "30 min", "2 h", "3 days", "2:00:00" (or a cell of Excel that shows
                        it so); a bare number where the column's name says the unit ("within, days")

    `name`: of the plan; default the file's. `unread` of the plan lists columns that were not understood. BadInput names file,
    row and column of what can't be read.
    """
    if name and not isinstance(name, str):
        raise BadInput("journeys.plan_value", column="name", found=repr(name)[:MOST_NAME])
    if columns is not None and not isinstance(columns, Mapping):
        raise BadInput("journeys.plan_bad_columns", found=type(columns).__name__)
    said = columns or {}
    origin = origins.find(source) if isinstance(source, str | Path) else None
    title, sheets = _sheet(origin, said) if origin and origin.kind == "excel" else ("", [])
    named = f"{origin.path}#{title}" if len(sheets) > 1 else source
    found = sources.inspect(named, limits=_LIMITS)
    if found.faults:
        fault = found.faults[0]
        raise BadInput("journeys.plan_fault", file=found.name, row=fault.row, found=fault.text[:MOST_NAME])
    chosen = _chosen(found, said)
    if "touchpoint" not in chosen:
        if len(sheets) > 1:
            raise BadInput("journeys.plan_no_sheet", file=origin.name, exists=", ".join(sheets)[:MOST_WORDS])
        exists = ", ".join(column.name for column in found.columns)
        raise BadInput("journeys.plan_no_touchpoint", file=found.name, exists=exists[:MOST_WORDS])
    rows = _Rows(found, chosen)
    if title:
        every = [column.name for column in found.columns]
        rows.see(plan_book.cells(origin, title, found.detected.header_row or 0, every))
    steps = rows.steps()
    if not name:
        name = Path(str(origin.path or origin.address)).stem if origin else "plan"
    unread = tuple(column.name for column in found.columns if column.name not in chosen.values())
    return Plan(name[:MOST_NAME], tuple(steps), unread)


def _sheet(origin: origins.Origin, said: Mapping[str, str]) -> tuple[str, list[str]]:
    # the sheet to read, and those it was chosen from
    def fit(names: Sequence[str]) -> float:
        if "touchpoint" in said:
            return float(said["touchpoint"] in names)
        return max((_fit("touchpoint", name) for name in names), default=0.0)

    if origin.part:
        return origin.part, [origin.part]
    title, sheets = plan_book.sheets(origin, _LIMITS, fit)
    if "#" in str(origin.path):  # in such a book no sheet can be named, and the first is read
        return sheets[0], sheets[:1]
    return title, sheets


def _chosen(found: Inspection, said: Mapping[str, str]) -> dict[str, str]:
    # what a column of the plan is called in the spreadsheet: as was said, else by its name
    exists = [column.name for column in found.columns]
    for wanted, column in said.items():
        if wanted not in NAMES:
            raise NotFound("journeys.plan_no_field", asked=wanted, exists=NAMES)
        if column not in exists:
            raise NotFound("sources.no_column", asked=column, exists=exists, file=found.name)
    chosen = dict(said)
    offers = []
    for wanted in NAMES:
        for column in found.columns:
            counted = [example.isdigit() for example in column.examples]
            fit = _fit(wanted, column.name)
            if wanted == "touchpoint" and counted and all(counted):
                fit = 0.01 if plain(column.name) in _SURELY else 0.0  # where no other has words
            if wanted != "order" or any(counted):
                offers.append((fit, wanted, column.name))
    for value, wanted, column in sorted(offers, key=lambda offer: -offer[0]):
        if value and wanted not in chosen and column not in chosen.values():
            chosen[wanted] = column
    return chosen


def _fit(wanted: str, column: str) -> float:
    # 0 to 1; a name of more words than the known one is less sure
    synonyms = [plain(one) for one in NAMES[wanted]]
    name = plain(column)
    if name in synonyms:
        return 1.0 - 0.2 * synonyms.index(name) / len(synonyms)
    whole = set(name.split())
    fits = [set(one.split()) for one in synonyms]
    return max(
        (0.6 * len(parts) / len(whole) for parts in fits if parts <= whole and len(parts) * 2 >= len(whole)), default=0.0
    )


class _Rows:
    """The rows of a spreadsheet as steps; errors name the file, the row below the column names, and the column."""

    def __init__(self, found: Inspection, chosen: dict[str, str]) -> None:
        self._file, self._chosen = found.name, chosen
        table = found.table()
        self._numbers = table.column(ROW).to_pylist()
        self._cells = {wanted: _texts(table.column(column)) for wanted, column in chosen.items()}
        self._filled = [row for row in range(len(self._numbers)) if any(cells[row] for cells in self._cells.values())]
        if len(self._filled) > MOST_STEPS:
            raise BadInput("journeys.plan_size", found=len(self._filled), allowed=MOST_STEPS)
        stages = table.column(chosen["stage"]).to_pylist() if "stage" in chosen else []
        self._stageless = {row for row, stage in enumerate(stages) if stage == ""}
        known = {word for one in NAMES["within"] for word in words(one)}
        named = [word for word in words(chosen.get("within", "")) if word not in known]
        self._unit = next((size for word in named if (size := _unit(word))), None)

    def see(self, cells: plan_book.Cells) -> None:
        """Takes in what the cells of an Excel sheet hold beside their texts."""
        lost = [(cells.unsaved[column], name) for name, column in self._chosen.items() if column in cells.unsaved]
        if lost:
            number, name = min(lost, key=lambda one: one[0])
            raise BadInput("journeys.plan_no_value", file=self._file, row=number, column=self._chosen[name])
        for row, number in enumerate(self._numbers):
            if (number, self._chosen.get("stage")) in cells.bare:
                self._stageless.add(row)
            if seconds := cells.seconds.get((number, self._chosen.get("within"))):
                self._cells["within"][row] = f"{seconds:.15g} s"

    def steps(self) -> list[PlannedStep]:
        if not self._filled:
            raise BadInput("journeys.plan_size", found=0, allowed=MOST_STEPS)
        made, seen = [], {}
        stage = None if any(self._cells.get("stage", ())) else ""
        orders = self._orders()
        for row in self._filled:
            touchpoint = self._text("touchpoint", row, MOST_NAME)
            if not touchpoint:
                raise self._wrong("journeys.plan_no_name", "touchpoint", row)
            if touchpoint in seen:
                raise self._wrong("journeys.plan_row_twice", "touchpoint", row, found=touchpoint, earlier=seen[touchpoint])
            seen[touchpoint] = self._numbers[row]
            stage = self._text("stage", row, MOST_NAME) or ("" if row in self._stageless else stage)
            if stage is None:
                raise self._wrong("journeys.plan_no_stage", "stage", row)
            names = {name: self._text(name, row, MOST_NAME) for name in ("channel", "owner")}
            said = {name: self._text(name, row, MOST_WORDS) for name in ("goal", "emotion", "pain", "opportunity")}
            flags = {name: self._flag(name, row) for name in ("optional", "repeatable")}
            within = self._within(row)
            made.append(PlannedStep(touchpoint, stage, orders[row], **flags, **names, **said, within_s=within))
        return made

    def _orders(self) -> dict[int, int]:
        # 10, 20, 20, 30 are 1, 2, 2, 3
        if "order" not in self._chosen:
            return {row: place for place, row in enumerate(self._filled, 1)}
        asked = {}
        for row in self._filled:
            cell = self._cells["order"][row]
            if not re.fullmatch(r"\d{1,9}", cell):
                raise self._wrong("journeys.plan_bad_order", "order", row, found=cell[:MOST_NAME])
            asked[row] = int(cell)
        ranks = {value: place for place, value in enumerate(sorted(set(asked.values())), 1)}
        return {row: ranks[value] for row, value in asked.items()}

    def _text(self, name: str, row: int, most: int) -> str:
        text = self._cells[name][row] if name in self._cells else ""
        if len(text) > most:
            raise self._wrong("journeys.plan_too_long", name, row, found=len(text), allowed=most)
        if text.upper() in _FAILED or re.fullmatch(r"Err:\d{3}", text):
            raise self._wrong("journeys.plan_failed_cell", name, row, found=text)
        return text

    def _flag(self, name: str, row: int) -> bool:
        cell = self._cells[name][row].lower() if name in self._cells else ""
        if cell in ("x", "+", "✓", "✔", *TRUE):
            return True
        if cell in ("", "-", "–", "—", *FALSE):
            return False
        raise self._wrong("journeys.plan_bad_flag", name, row, found=cell[:MOST_NAME])

    def _within(self, row: int) -> float | None:
        cell = self._cells["within"][row].lower() if "within" in self._cells else ""
        if not cell:
            return None
        if clock := re.fullmatch(r"(\d{1,4}):([0-5]\d):([0-5]\d(?:\.\d+)?)", cell):
            cell = "{} h {} min {} s".format(*clock.groups())
        parts = re.findall(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]*)\.?", cell)
        spent = re.sub(r"\d+(?:[.,]\d+)?\s*[^\W\d_]*\.?", "", cell)
        sizes = [_unit(unit) if unit else self._unit if len(parts) == 1 else None for _, unit in parts]
        seconds = sum(float(n.replace(",", ".")) * size for (n, _), size in zip(parts, sizes, strict=True) if size)
        if spent.strip(" ,") or not parts or None in sizes or not 0 < seconds < 1e11:
            raise self._wrong("journeys.plan_bad_within", "within", row, found=cell[:MOST_NAME])
        return seconds

    def _wrong(self, key: str, name: str, row: int, **values: object) -> BadInput:
        return BadInput(key, file=self._file, row=self._numbers[row], column=self._chosen[name], **values)


def _texts(column: pa.ChunkedArray) -> list[str]:
    # blanks of any kind become one; what no screen can show is left out
    return [shown(re.sub(r"\s+", " ", text or "")) for text in column.to_pylist()]


def _unit(word: str) -> int | None:
    return next((size for size, pattern in _UNITS if re.fullmatch(pattern, word)), None)
