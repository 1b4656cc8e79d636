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
        disk = {"target": folder / "prepared.duckdb", "memory_limit": MEMORY, "threads": THREADS}
        spark = {"target": folder / "prepared.spark", "engine": "spark", "master": f"local[{THREADS}]"}
        self.how = {"memory": {"threads": THREADS}, "disk": disk, "spark": spark}[way]

    def t1(self, log: Path):
        self.prepared = engine.build(log, keep=(), **self.how)
        return self.prepared.query("SELECT count(*) AS n, sum(seq)::DOUBLE AS places, sum(dt)::DOUBLE AS waited FROM steps")


@dataclasses.dataclass(frozen=True)
class Run:
    """`seconds` and `sums` (see `checks`) by task; `peak`: bytes of the process, without Spark's own."""

    seconds: dict[str, float]
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
    tasks, seconds, sums = _Way(way, folder), {}, {}
    if way == "spark":
        from workbench.engine.spark.session import session

        session(f"local[{THREADS}]", {"spark.driver.memory": "6g"})  # it starts in seconds; that is no part of a task
    for task in measure.TASKS:
        begin = time.perf_counter()
        answer = tasks.t1(log) if task == "t1" else getattr(tasks, task)()
        seconds[task] = time.perf_counter() - begin
        sums[task] = checks.checksum(answer)
        print(f"{way} {task} {seconds[task]:.2f} s", file=sys.stderr, flush=True)
    wire.send(Run(seconds, sums, measure._peak()))


def differing(runs: dict[str, Run]) -> list[str]:
    """Tasks whose answers aren't the same in all ways."""
    first, *others = runs.values()
    return [task for task in measure.TASKS if not all(checks.same(first.sums[task], one.sums[task]) for one in others)]


def table(n: int, runs: dict[str, Run], load: float) -> str:
    """Seconds, and how many times those of the first way."""
    first = next(iter(runs.values()))
    wrong = differing(runs)
    lines = [
        f"{n:,} events, {THREADS} threads, each task once. Load of the machine before the run: {load:.1f} on"
        f" {os.cpu_count()} cores.",
        "",
        "| task | " + " | ".join(WAYS[way] for way in runs) + " | same answer |",
        "|---|" + "--:|" * len(runs) + "---|",
    ]
    for task in measure.TASKS:
        told = [
            f"{one.seconds[task]:.2f} s" + ("" if one is first else f" ({one.seconds[task] / first.seconds[task]:.1f} ×)")
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
