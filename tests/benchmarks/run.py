"""python3 tests/benchmarks/run.py --events 10m: measures the engine against its gates and beside pandas; see README.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from benchmarks import measure  # noqa: E402  (the script stands outside of what Python finds by itself)

LAST_RUN = "## The last recorded run of {:,} events"


def count(text: str) -> int:
    text = text.lower().replace("_", "").replace(",", "")
    factor = {"k": 1000, "m": 1_000_000}.get(text[-1:], 1)
    return int(float(text.rstrip("km")) * factor)


def recorded(text: str, heading: str, section: str) -> str:
    """`text` with `section` below `heading`, in place of the one there, else at the end."""
    before, _, after = text.partition(heading + "\n")
    rest = after[found:] if (found := after.find("\n## ")) >= 0 else ""
    return f"{before.rstrip()}\n\n{heading}\n\n{section.rstrip()}\n{rest}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=count, default=1_000_000, help="how many, such as 1m, 10m, 50m (default 1m)")
    parser.add_argument("--repeats", type=int, default=5, help="rounds, of which medians are taken (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="of the engine and of the yardsticks (default 2)")
    parser.add_argument("--no-pandas", action="store_true", help="leave pandas out")
    parser.add_argument("--folder", type=Path, help="where generated logs are kept for the next run (default: nowhere)")
    parser.add_argument("--record", action="store_true", help="put the table into README.md, in place of the one of that size")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        report = measure.measure(
            asked.events,
            folder,
            repeats=asked.repeats,
            threads=asked.threads,
            pandas=not asked.no_pandas,
            told=lambda line: print(line, file=sys.stderr),
        )
    print(measure.table(report))
    if asked.record:
        readme = Path(__file__).with_name("README.md")
        text = readme.read_text(encoding="utf-8")
        readme.write_text(recorded(text, LAST_RUN.format(asked.events), measure.table(report)), encoding="utf-8")
    wrong = report.beyond() + [f"{task}: pandas answers differently" for task in report.differ]
    print("\n".join(["", *wrong] if wrong else ["", "Everything is within its gate."]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
