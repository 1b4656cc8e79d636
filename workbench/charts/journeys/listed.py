"""What lists with a row an item share: the room of names, of two panels and of details, how names are broken, headings."""

from __future__ import annotations

import dataclasses

import altair as alt

from workbench.charts import base, theme

NARROW = 640  # below this the name stands above its marks, not beside them
HEAD_LINE, NAME_LINE = 15, 16
CAP = 6  # px of a cap to either side: however close its ends are, an interval stands out above and below its mark
DOT = 52  # px² of a mark
_ROW, _TALL = 30, 50  # px of a row whose name takes one line, beside its marks and above them
_BOLD = 1.12  # a bold text is that much wider
_GAP = 14  # px between a name and what stands to its right
_ASIDE = 26  # px between the panels and the details: a tick at the end of an axis is written there
_RIM = 16  # px of the room that the picture's edges and the ends of its scales take
_HEAD = 20  # px of the details' heading where they stand above the marks
_STEPS = ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8))  # of a scale, the usual ones first


@dataclasses.dataclass(frozen=True)
class Columns:
    """Names on the left, details on the right, both in px, and between them panels by shares of what is left. Where there is
    no room for that, names and details stand above the panels (`wide` is false)."""

    wide: bool
    width: int  # the room expected
    names: float
    details: float
    height: float

    def panel(self, low: float, high: float, *, less: float = 0) -> list:
        """The range of a scale from `low` to `high` (0 to 1), `less` px kept for a text after it."""
        return base.stretch(low, high, less=less, left=self.names, right=self.details)

    def px(self, low: float, high: float) -> float:
        return (high - low) * (self.width - 8 - self.names - self.details)

    def heading(self, text: str, low: float, high: float) -> alt.Chart:
        """What stands above the panel that begins at `low`, in lines that end before `high`."""
        room = self.px(low, high) - 8 + (_ASIDE if self.wide and high == 1 else 0)
        return _heading(text, base.between(low, self.names, self.details), room)

    def details_heading(self, text: str) -> alt.Chart:
        """What stands above the details: beside the other headings, or in a line of its own above the first row."""
        if self.wide:
            return _heading(text, "width", self.details - _ASIDE + 1, align="right")
        return _heading(text, "width", self.width - _RIM, align="right", y=_HEAD - 3)


def laid(items: list[dict], width: int, heading: str = "") -> Columns:
    """The columns for `items`, each with its `name` and `detail`, and the `heading` of the details. Each item gets its name's
    lines `short`, and px from above: `head` of the first of them, `side` of its detail, `y` of its marks, `cap` and `cap2`."""
    wide = width >= NARROW
    details = max(theme.text_width(item["detail"], theme.SMALL) for item in items)
    if not wide:
        return Columns(False, width, 0, 0, _above(items, width - _RIM, _HEAD if heading else 0))
    details = max(details, min(theme.text_width(heading, theme.SMALL), 110)) + _ASIDE
    longest = max(theme.text_width(item["name"]) for item in items) + _GAP
    most = min(max(0.62 * width - details, 0.24 * width), 0.42 * width)
    names = min(max(longest, 0.16 * width), most)
    return Columns(True, width, names, details, _beside(items, names - _GAP))


def _beside(items: list[dict], room: float) -> float:
    top = 0.0
    for item in items:
        lines = theme.squeeze(item["name"], room, lines=2)
        tall = _ROW + (NAME_LINE - 3) * (len(lines) - 1)
        middle = top + tall / 2
        _place(item, lines, middle - NAME_LINE * (len(lines) - 1) / 2, middle, middle)
        top += tall
    return top


def _above(items: list[dict], room: float, top: float) -> float:
    """A name has the whole width, its detail the end of its last line or, where that is full, a line of its own."""
    for item in items:
        detail = theme.text_width(item["detail"], theme.SMALL)
        lines = theme.squeeze(item["name"], room / _BOLD, lines=2)
        full = detail and theme.text_width(lines[-1]) * _BOLD + _GAP + detail > room
        more = len(lines) - (0 if full else 1)
        head = top + 14
        _place(item, lines, head, head + NAME_LINE * more, head + NAME_LINE * more + 21)
        top += _TALL + NAME_LINE * more
    return top


def _place(item: dict, lines: list[str], head: float, side: float, middle: float) -> None:
    item |= {
        "short": lines,
        "head": head,
        "side": side,
        "y": middle,
        "middle": middle,
        "cap": middle - CAP,
        "cap2": middle + CAP,
    }


def _heading(text: str, x: str, room: float, *, align: str = "left", y: float | None = None) -> alt.Chart:
    glued = text.replace(" ●", "\u00a0●").replace(" ■", "\u00a0■")  # a sign stays with what it stands for
    lines = theme.wrap(glued, room, theme.SMALL)
    mark = alt.Chart(base.data([{"row": None, "text": lines}]))
    mark = mark.mark_text(style="muted", align=align, baseline="bottom", lineHeight=HEAD_LINE, aria=False)
    above = -26 if y is None else y
    return mark.encode(x=alt.value(alt.expr(x)), y=alt.value(above - HEAD_LINE * (len(lines) - 1)), text="text:N")


def ticks(most: float, px: float) -> list[float]:
    """Where a scale of `px` px from −`most` to `most` is written: 0 and steps to both sides, with room for a signed number."""
    least = 2 * most * 34 / px
    nice = [step * 10.0**power for steps in _STEPS for power in range(-4, 1) for step in steps]
    step = next((one for one in nice if least <= one <= most), most)
    n = int(most / step + 1e-9)
    return [round(i * step, 9) for i in range(-n, n + 1)]
