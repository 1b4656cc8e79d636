"""When to move: the same tasks on DuckDB in memory, on DuckDB on disk with little memory, and on Spark on the same machine.

python3 tests/benchmarks/scaling_run.py --events 1m --ways memory disk spark --record
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

from benchmarks import checks, generate, measure
from benchmarks.engine_tasks import Tasks
from benchmarks.run import count, recorded

from workbench import engine

MEMORY = "1GB"
THREADS = 2
WAYS = {
    "memory": "DuckDB in memory",
    "disk": f"DuckDB on disk, {MEMORY}",
    "spark": f"Spark local[{THREADS}]",
}
HEADING = "## Ways to scale: {:,} events"


class _Way(Tasks):
    def __init__(self, way: str, folder: Path) -> None:
        super().__init__(THREADS)
        self.way, self.folder = way, folder

    def _build(self, log: Path, kept: tuple[str, ...]) -> engine.Prepared:
        target = self.folder / "-".join([self.way, *kept])
        how = {
            "memory": {"threads": THREADS},
            "disk": {"target": target, "memory_limit": MEMORY, "threads": THREADS},
            "spark": {"target": target, "engine": "spark", "master": f"local[{THREADS}]"},
        }
        return engine.build(log, keep=kept, **how[self.way])


@dataclasses.dataclass(frozen=True)
class Run:
    """By task `seconds` of processor, Java's as well, `clock`, what passed meanwhile, and `sums` (see `checks`); `peak`: bytes
    of the process, without Spark's own."""

    seconds: dict[str, float]
    clock: dict[str, float]
    sums: dict[str, tuple[float, ...]]
    peak: int


def run(way: str, log: Path, folder: Path) -> Run:
    """All tasks once, in a process of their own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(way, log, folder, theirs))
    process.start()
    theirs.close()
    found = ours.recv()
    process.join()
    return found


def _serve(way: str, log: Path, folder: Path, wire: Connection) -> None:
    tasks, seconds, clock, sums = _Way(way, folder), {}, {}, {}
    java = _start() if way == "spark" else lambda: 0.0  # it starts in seconds; that is no part of a task
    for task in measure.TASKS:
        begin, worked = time.perf_counter(), time.process_time() + java()
        answer = getattr(tasks, task)(*[log] * (task in measure.PREPARING))
        clock[task], seconds[task] = time.perf_counter() - begin, time.process_time() + java() - worked
        sums[task] = checks.checksum(answer)
        print(f"{way} {task} {seconds[task]:.2f} s, {clock[task]:.2f} s by the clock", file=sys.stderr, flush=True)
    wire.send(Run(seconds, clock, sums, measure._peak()))


def _start() -> Callable[[], float]:
    # starts Spark; asks its Java for the seconds of processor it has had
    from workbench.engine.spark.session import session

    process = session(f"local[{THREADS}]", {"spark.driver.memory": "6g"}).sparkContext._jvm.java.lang.ProcessHandle.current()
    return lambda: process.info().totalCpuDuration().get().toMillis() / 1000


def differing(runs: dict[str, Run]) -> list[str]:
    """Tasks whose answers aren't the same in all ways."""
    first, *others = runs.values()
    return [task for task in measure.TASKS if not all(checks.same(first.sums[task], one.sums[task]) for one in others)]


def table(n: int, runs: dict[str, Run], load: float) -> str:
    """Seconds of processor, how many times those of the first way, and by the clock."""
    first = next(iter(runs.values()))
    wrong = differing(runs)
    lines = [
        f"{n:,} events, {THREADS} threads, each task once: seconds of processor (in brackets: times those of the first"
        f" column; by the clock). Load of the machine before the run: {load:.1f} on"
        f" {os.cpu_count()} cores.",
        "",
        "| task | " + " | ".join(WAYS[way] for way in runs) + " | same answer |",
        "|---|" + "--:|" * len(runs) + "---|",
    ]
    for task in measure.TASKS:
        told = [
            f"{one.seconds[task]:.2f} s ("
            + ("" if one is first else f"{one.seconds[task] / first.seconds[task]:.1f} ×; ")
            + f"{one.clock[task]:.2f} s)"
            for one in runs.values()
        ]
        lines.append(f"| {task} {measure.TOLD[task]} | {' | '.join(told)} | {'no' if task in wrong else 'yes'} |")
    lines.append(
        "| peak memory of the process (without Java) | "
        + " | ".join(f"{one.peak / 1e9:.2f} GB" for one in runs.values())
        + " | |"
    )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=count, default=1_000_000, help="how many, such as 1m, 10m, 50m (default 1m)")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), help="which (default: all)")
    parser.add_argument("--record", action="store_true", help="put the table into README.md, in place of the one of that size")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        log = generate.write(Path(temporary) / "log.parquet", asked.events)
        runs = {way: run(way, log, Path(temporary)) for way in asked.ways}
    told = table(asked.events, runs, load)
    print(told)
    if asked.record:
        readme = Path(__file__).with_name("README.md")
        text = readme.read_text(encoding="utf-8")
        readme.write_text(recorded(text, HEADING.format(asked.events), told), encoding="utf-8")
    return 1 if differing(runs) else 0


if __name__ == "__main__":
    sys.exit(main())
