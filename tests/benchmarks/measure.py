"""Measures: the machine's limit, the engine and pandas in a process each, their tasks in turn, several times over.

Every repeat runs the scan and the sort, then each task in the engine and in pandas, so that a slow minute of the machine
meets all alike; medians are compared. What a task costs on a thousand events is its fixed overhead (parsing, planning,
starting threads); it is measured in the same run, and `net` times are without it. Below ten million events the gates are
held against net times of task and yardstick: the growth per event is what the gates are about, while at a million events
a scan takes some milliseconds and every query's planning would count as scans.
"""

from __future__ import annotations

import dataclasses
import gc
import multiprocessing
import os
import statistics
import time
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks import checks, generate

TASKS = ("t1", "t2", "t2a", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11", "t12", "t13", "t14", "t15")
PREPARING = ("t1", "t11")  # start from the log; what follows asks what they prepared
TOLD = {
    "t1": "load, sort, build journeys",
    "t2": "flow graph: count, mean, exact median",
    "t2a": "flow graph: count, mean",
    "t3": "variants, top 20",
    "t4": "step matrix of ten steps",
    "t5": "five-step funnel, 7 days",
    "t6": "sessions, 30 min",
    "t7": "monthly cohorts",
    "t8": "Markov removal effects",
    "t9": "RFM and 7/30/90-day features",
    "t10": "A then B within 7 days, no C between",
    "t11": "as t1, with the channel of each event",
    "t12": "crossings of channels with their intervals",
    "t13": "attribution by channel, seven models with their intervals",
    "t14": "flow graph of two groups with their intervals",
    "t15": "journey map: counts, times and channels of touchpoints and stages with their intervals",
}
#: those that prepare in sorts, the others in scans
GATES = {
    "t1": 3, "t2": 4, "t2a": 1, "t3": 3, "t4": 1.5, "t5": 9, "t6": 5, "t7": 3, "t8": 4, "t9": 5, "t10": 4,
    "t11": 3.3, "t12": 23, "t13": 16, "t14": 28, "t15": 28,
}  # fmt: skip
LAST_OF_FIRST = "t10"  # the gate on memory is of the tasks so far; those after it have one of their own
BYTES_GATE, ALL_BYTES_GATE = 150, 160  # peak memory of the engine's process, an event
FULL_SIZE = 10_000_000  # from here on the gates are held against plain times
TINY = 1000
FASTEST = 1e-4  # seconds; no net time is taken for less


def unit(task: str) -> str:
    return "sorts" if task in PREPARING else "scans"


@dataclasses.dataclass(frozen=True)
class Timing:
    """Seconds: the median of the repeats, and the median on a thousand events."""

    seconds: float
    overhead: float = 0.0

    @property
    def net(self) -> float:
        return max(self.seconds - self.overhead, FASTEST)


@dataclasses.dataclass(frozen=True)
class Report:
    n: int
    threads: int
    repeats: int
    scan: Timing
    sort: Timing
    engine: dict[str, Timing]
    pandas: dict[str, Timing]  # empty: not measured
    bytes_engine: float  # peak memory an event, of the whole process, in the first round until t10
    bytes_all: float  # … of all tasks in all rounds
    bytes_floor: float  # what the process takes for a thousand events, over the number of events
    bytes_pandas: float
    differ: tuple[str, ...]  # tasks that the two answered differently
    load: float = 0.0  # of the machine before the run; above 0 others were at work on it

    def ratio(self, task: str, net: bool) -> float:
        limit, found = self.sort if task in PREPARING else self.scan, self.engine[task]
        return found.net / limit.net if net else found.seconds / limit.seconds

    def judged(self, task: str) -> float:
        """The ratio that is held against the gate."""
        return self.ratio(task, net=self.n < FULL_SIZE)

    @property
    def judged_bytes(self) -> dict[str, tuple[float, int]]:
        """By the tasks that are meant: what is held against the gate, and the gate."""
        floor = self.bytes_floor if self.n < FULL_SIZE else 0.0
        return {"t1 to t10": (self.bytes_engine - floor, BYTES_GATE), "all tasks": (self.bytes_all - floor, ALL_BYTES_GATE)}

    def beyond(self, slack: float = 1.0) -> list[str]:
        """What is beyond its gate times `slack`, in words."""
        found = [
            f"{task} ({TOLD[task]}) takes {self.judged(task):.2f} {unit(task)}, the gate is {gate:g}"
            for task, gate in GATES.items()
            if self.judged(task) > gate * slack
        ]
        return found + [
            f"peak memory of {which} is {held:.0f} bytes an event, the gate is {gate}"
            for which, (held, gate) in self.judged_bytes.items()
            if held > gate * slack
        ]


class _Limit:
    """One scan and one sort of three columns of integers."""

    def __init__(self, threads: int) -> None:
        import duckdb

        self.cursor = duckdb.connect(config={"threads": threads})
        self.source = ""

    def t1(self, log: Path) -> None:
        self.source = f"read_parquet('{log.with_suffix('.limit')}')"

    def scan(self) -> None:
        self.cursor.execute(f'SELECT sum(customer), sum(touchpoint), sum("at") FROM {self.source}').fetchall()

    def clear(self) -> None:
        self.cursor.execute("DROP TABLE IF EXISTS sorted")

    def sort(self) -> None:
        self.cursor.execute(f'CREATE TABLE sorted AS SELECT * FROM {self.source} ORDER BY customer, "at"')


def _tasks(tool: str, threads: int):
    if tool == "limit":
        return _Limit(threads)
    if tool == "engine":
        from benchmarks.engine_tasks import Tasks
    else:
        from benchmarks.pandas_tasks import Tasks
    return Tasks(threads)


def _serve(tool: str, threads: int, wire: Connection) -> None:
    # in a process of its own: does what it is told and answers with seconds and, if asked, the checksum
    tasks = _tasks(tool, threads)
    while (asked := wire.recv()) is not None:
        task, log, checked = asked
        if task == "peak":
            wire.send((_peak(), None))
            continue
        run = getattr(tasks, task)
        if task in (*PREPARING, "sort"):
            tasks.clear()  # what the round before made is nothing that this one has to pay for
        gc.collect()
        begin = time.perf_counter()
        found = run(log) if task in PREPARING else run()
        took = time.perf_counter() - begin
        wire.send((took, checks.checksum(found) if checked else None))
    wire.close()


def _peak() -> int:
    """Bytes: the most this process ever held in memory."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource
    import sys

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class _Tool:
    def __init__(self, tool: str, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.wire, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(tool, threads, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, task: str, log: Path | None = None, checked: bool = False):
        self.wire.send((task, log, checked))
        return self.wire.recv()

    def close(self) -> None:
        self.wire.send(None)
        self.process.join(10)
        self.wire.close()


def measure(n: int, folder: Path, *, repeats: int = 5, threads: int = 2, pandas: bool = True, told=lambda line: None) -> Report:
    """Runs everything on `n` events; `folder` takes the logs and keeps those that are there."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    logs = {size: folder / f"events-{size}.parquet" for size in (TINY, n)}
    for size, log in logs.items():
        if not log.exists():
            told(f"generating {size:,} events")
            generate.write_limit(log.with_suffix(".limit"), size)
            generate.write(log, size)
    names = ("limit", "engine", "pandas") if pandas else ("limit", "engine")
    tools = {name: _Tool(name, threads) for name in names}
    try:
        overhead, _, _ = _rounds(tools, logs[TINY], max(repeats, 5), told=lambda line: None)
        floor, _ = tools["engine"].ask("peak")
        seconds, differ, peak = _rounds(tools, logs[n], repeats, told)
        peaks = {name: tool.ask("peak")[0] for name, tool in tools.items()}
    finally:
        for tool in tools.values():
            tool.close()

    def timing(tool: str, task: str) -> Timing:
        return Timing(statistics.median(seconds[tool, task]), statistics.median(overhead[tool, task]))

    return Report(
        n,
        threads,
        repeats,
        timing("limit", "scan"),
        timing("limit", "sort"),
        {task: timing("engine", task) for task in TASKS},
        {task: timing("pandas", task) for task in TASKS} if pandas else {},
        peak / n,
        peaks["engine"] / n,
        floor / n,
        peaks.get("pandas", 0) / n,
        tuple(differ),
        load,
    )


def _rounds(
    tools: dict[str, _Tool], log: Path, repeats: int, told
) -> tuple[dict[tuple[str, str], list[float]], list[str], int]:
    # seconds by tool and task; the tasks answered differently; the engine's peak memory in the first round until t10
    peak = 0
    seconds: dict[tuple[str, str], list[float]] = {}
    differ = []
    tools["limit"].ask("t1", log)
    for number in range(repeats):
        told(f"round {number + 1} of {repeats}")
        for task in TASKS:
            # the yardsticks run beside every task, not once a round
            for yard in ("scan", "sort") if task in PREPARING else ("scan",):
                took, _ = tools["limit"].ask(yard)
                seconds.setdefault(("limit", yard), []).append(took)
            answers = []
            for name, tool in tools.items():
                if name != "limit":
                    took, answer = tool.ask(task, log if task in PREPARING else None, number == 0)
                    seconds.setdefault((name, task), []).append(took)
                    answers.append(answer)
            if number == 0 and len(answers) == 2 and not checks.same(*answers):
                differ.append(task)
            if number == 0 and task == LAST_OF_FIRST:
                peak, _ = tools["engine"].ask("peak")
    return seconds, differ, peak


def table(report: Report) -> str:
    """The report as a Markdown table."""
    net = report.n < FULL_SIZE
    lines = [
        f"{report.n:,} events, {report.threads} threads, medians of {report.repeats} rounds. One scan of three columns "
        f"{_ms(report.scan)}, one sort of them into a table {_ms(report.sort)}. "
        f"Load of the machine before the run: {report.load:.1f} on {os.cpu_count()} cores.",
        "",
        f"| task | engine | overhead | {'net ' if net else ''}ratio | gate | pandas | pandas / engine | same answer |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for task in TASKS:
        found = report.engine[task]
        beside = "– | – | –"
        if task in report.pandas:
            other, answer = report.pandas[task].seconds, "NO" if task in report.differ else "yes"
            beside = f"{other:.3f} s | {other / found.seconds:.1f} × | {answer}"
        ratio = f"{report.judged(task):.2f} {unit(task)}"
        lines.append(
            f"| {task} {TOLD[task]} | {found.seconds:.3f} s | {found.overhead:.3f} s | {ratio} | "
            f"≤ {GATES[task]:g}{' **beyond**' if report.judged(task) > GATES[task] else ''} | {beside} |"
        )
    for which, (held, gate) in report.judged_bytes.items():
        pandas = f"{report.bytes_pandas:.0f} B" if report.pandas and which == "all tasks" else "–"
        lines.append(
            f"| peak memory of {which}{' beyond the idle process' if net else ''} | | | {held:.0f} B an event | "
            f"≤ {gate} B{' **beyond**' if held > gate else ''} | {pandas} | | |"
        )
    return "\n".join(lines)


def _ms(timing: Timing) -> str:
    return f"{timing.seconds * 1000:.1f} ms (overhead {timing.overhead * 1000:.1f} ms)"
