"""What the journey page waits for: every view's answer in a large store and in a small one, with all that the page makes of it.

python3 -m workbench worlds make bank --customers 908183 --into STORE    # ten million events; some five minutes
python3 tests/benchmarks/page_run.py STORE --record
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

from benchmarks.run import recorded

import workbench as wb
from widgets import journey_answer
from widgets.choices import Choices, choices
from widgets.journeys import usual
from widgets.state import VIEWS, State
from widgets.work import Task
from workbench import engine
from workbench.model import Study

HEADING = "## What the journey page waits for: the last recorded run"
SMALL = Path(__file__).resolve().parents[2] / "data" / "samples" / "bank"
SCAN = "SELECT sum(customer), sum(code), sum(happened) FROM steps"
ROOM = 960
FIRST = "choices of the filters"


@dataclasses.dataclass(frozen=True)
class Waited:
    """Seconds by the clock: of all journeys, after the filter was changed (with its smaller tables made), and of a small store,
    where almost all of it is the page's own (sentences, tables, the picture's description)."""

    whole: float
    filtered: float
    small: float


def timed(ask) -> float:
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def opened(store: Path) -> tuple[Study, State, Choices, float]:
    """The company, what the page shows of it first, and how long it learns what can be filtered by."""
    base = wb.open(store)
    engine.prepared(base.by_case())
    begin = time.perf_counter()
    known = choices(base, Task())
    return base, dataclasses.replace(usual(base), rule="case"), known, time.perf_counter() - begin


def measure(store: Path) -> tuple[dict[str, Waited], float, int]:
    """View -> what was waited for; seconds of a scan of three columns of the prepared steps; how many events there are."""
    large, small = opened(store), opened(SMALL)
    waited, scans = {FIRST: Waited(large[3], float("nan"), small[3])}, []
    # another value for each view, so that none finds the tables of the one before
    values = [value for value, _ in large[2].values["region"]]
    prepared = engine.prepared(large[0].by_case())
    for number, view in enumerate(VIEWS):
        took = []
        for (base, state, known, _), where in (
            (large, ()),
            (large, (("region", (values[number % len(values)],)), ("channel", ("app",)))),
            (small, ()),
        ):
            scans.append(timed(lambda: prepared.row(SCAN)))
            asked = state.but(view=view, where=where)
            answer = (asked, base, known.allowed, ROOM, Task())
            took.append(timed(lambda answer=answer: journey_answer.ask(*answer)))
        waited[view] = Waited(*took)
        print(view, waited[view], file=sys.stderr, flush=True)
    return waited, statistics.median(scans), prepared.n_events


def table(waited: dict[str, Waited], scan: float, n: int, load: float) -> str:
    lines = [
        f"{n:,} events, prepared, each answer once; a scan of three columns of `steps` takes {scan * 1000:.0f} ms (median)."
        f" Load of the machine before the run: {load:.1f} on {os.cpu_count()} cores.",
        "",
        "| view | all journeys | scans | after a change of the filter | scans | in a small store |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for view, one in waited.items():
        told = [f"{value:.2f} s | {value / scan:.0f}" if value == value else " | " for value in (one.whole, one.filtered)]
        lines.append(f"| {view} | {' | '.join(told)} | {one.small:.2f} s |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, help="made by `worlds make bank`")
    parser.add_argument("--record", action="store_true", help="put the table into README.md, in place of the one there")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    told = table(*measure(asked.store), load)
    print(told)
    if asked.record:
        readme = Path(__file__).with_name("README.md")
        readme.write_text(recorded(readme.read_text(encoding="utf-8"), HEADING, told), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
