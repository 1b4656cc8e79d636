"""python3 tests/benchmarks/worlds_run.py retailer --events 1m 10m: how fast, and in how much memory, a company is made.

Each size is made in a process of its own; beside it stands one sort of the table of events by customer and time, by DuckDB from
Parquet into a table. With --record the table is put into README.md, in place of the one there."""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path[:0] = [str(TESTS.parent), str(TESTS)]

SECTION = "## Making companies"
#: seconds for a million events; bytes for ten million
SECONDS, BYTES = 20.0, 8e9
PILOT = 1000


@dataclasses.dataclass(frozen=True)
class Made:
    """One company: its rows, what making and sorting took of a processor in seconds (other work on the machine doesn't count),
    what making took by the clock, and the process's peak memory in bytes."""

    world: str
    customers: int
    events: int
    rows: int  # of all tables
    make_s: float
    clock_s: float
    sort_s: float
    peak: int

    def beyond(self) -> list[str]:
        """What is beyond the bounds, which are those of a million events and of ten million."""
        found = []
        if self.events <= 1_500_000 and self.make_s > SECONDS * max(1.0, self.events / 1e6):
            found.append(f"{self.world}: {self.make_s:.1f} s for {self.events:,} events")
        if self.peak > BYTES:
            found.append(f"{self.world}: {self.peak / 1e9:.1f} GB for {self.events:,} events")
        return found


def measure(name: str, events: int, threads: int = 2) -> Made:
    """A declared company of about so many events."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measure, (name, events, threads))


def _measure(name: str, events: int, threads: int) -> Made:
    from workbench import worlds

    world = worlds.read(name)
    few = worlds.generate(world, customers=PILOT)
    customers = max(1, round(events * PILOT / max(1, len(few.tables["events"]))))
    start, clock = time.process_time(), time.perf_counter()
    company = worlds.generate(world, customers=customers)
    make_s, clock_s = time.process_time() - start, time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    rows = sum(len(frame) for frame in company.tables.values())
    with tempfile.TemporaryDirectory() as folder:
        sort_s = _sort(company.tables["events"], Path(folder) / "events.parquet", threads)
    return Made(name, customers, len(company.tables["events"]), rows, make_s, clock_s, sort_s, peak)


def _sort(events, file: Path, threads: int) -> float:
    import duckdb

    events.to_parquet(file)
    with duckdb.connect(config={"threads": threads}) as connection:
        start = time.process_time()
        connection.execute(
            "CREATE TABLE sorted AS SELECT * FROM read_parquet(?) ORDER BY customer_id, occurred_at", [str(file)]
        )
        return time.process_time() - start


def table(made: list[Made]) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| company | customers | events | rows in all tables | processor time | by the clock | one sort | ratio | peak memory |"
    ]
    lines.append("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for one in made:
        lines.append(
            f"| {one.world} | {one.customers:,} | {one.events:,} | {one.rows:,} "
            f"| {one.make_s:.1f} s | {one.clock_s:.1f} s | {one.sort_s:.2f} s "
            f"| {one.make_s / one.sort_s:.1f} sorts | {one.peak / 1e9:.2f} GB |"
        )
    return "\n".join(lines)


def record(text: str, readme: Path) -> None:
    """Puts the table into README.md, before the recorded runs of the engine."""
    from benchmarks.run import recorded

    told = readme.read_text(encoding="utf-8")
    intro = (
        "`python3 tests/benchmarks/worlds_run.py --events 1m 10m --record` makes each declared company in a process of its own "
        "(every part:\njourneys, identities, leaving, orders, surveys, campaigns, texts) and sorts its events once by customer "
        "and time with DuckDB.\nBounds: a million events in 20 s, ten million in 8 GB. Times are those of a processor (a "
        "company is made by one "
        "thread, the\nsort by two); by the clock other work on the machine adds to them."
    )
    if SECTION not in told:
        told = told.replace("## The last recorded run", f"{SECTION}\n\n## The last recorded run", 1)
    readme.write_text(recorded(told, SECTION, f"{intro}\n\n{text}"), encoding="utf-8")


def main() -> int:
    from benchmarks.run import count

    from workbench import worlds

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", metavar="NAME", help="declared companies or TOML files (default: all declared)")
    parser.add_argument("--events", type=count, nargs="+", default=[1_000_000], help="about how many, such as 1m 10m")
    parser.add_argument("--threads", type=int, default=2, help="of the sort (default 2)")
    parser.add_argument("--record", action="store_true", help="put the table into README.md")
    asked = parser.parse_args()
    made = []
    for name in asked.worlds or worlds.names():
        for events in asked.events:
            made.append(measure(name, events, asked.threads))
            print(table(made[-1:]).splitlines()[-1], file=sys.stderr)
    print(table(made))
    if asked.record:
        record(table(made), Path(__file__).with_name("README.md"))
    wrong = [line for one in made for line in one.beyond()]
    print("\n".join(["", *wrong] if wrong else ["", "Everything is within its bounds."]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
