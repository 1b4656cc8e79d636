"""python3 tests/workbench/worlds/coverage.py: do the 95 % intervals of what is planted hold the planted size 95 times in 100?

Companies are made with one seed after another; each truth of each is measured as `worlds key` measures it, and by kind of truth
it is counted how many intervals hold the size that was declared. An interval that holds it more rarely is too narrow, or the
estimate is bent; one that nearly always does is too wide."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

TESTS = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from workbench import stats, worlds  # noqa: E402  (the script stands outside of what Python finds by itself)
from workbench.worlds import truths  # noqa: E402
from workbench.worlds.declaration import World  # noqa: E402

README = TESTS.parent / "workbench" / "worlds" / "README.md"
SECTION = "## Coverage"


def measured(world: World, customers: int, seeds: Iterable[int]) -> pd.DataFrame:
    """One row a truth and seed: id, kind, size, estimate, low, high, told (there is an interval), covers."""
    rows = []
    for seed in seeds:
        company = worlds.generate(world, customers=customers, seed=seed)
        for one in truths.report(company.tables, company.key, world):
            truth = one.truth
            if truth.unit == "share" and truth.size in (0, 1):
                continue  # what always or never happens is held by every interval
            rows.append((seed, truth.id, truth.kind, truth.size, one.estimate, one.low, one.high, one.told, one.covers))
    return pd.DataFrame(rows, columns=["seed", "id", "kind", "size", "estimate", "low", "high", "told", "covers"])


def by_kind(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a kind of truth: truths, intervals, covered, share with its 95 % interval (low, high), and untold: truths and
    seeds for which the company was too small. Intervals of one seed come from the same company, so the interval of the share is
    a little too narrow."""
    grouped = rows.groupby("kind", sort=True).agg(
        truths=("id", "nunique"), intervals=("told", "sum"), covered=("covers", "sum"), rows=("told", "size")
    )
    found = grouped.assign(share=grouped["covered"] / grouped["intervals"], untold=grouped["rows"] - grouped["intervals"])
    ends = [stats.wilson(int(k), int(n)) for k, n in zip(found["covered"], found["intervals"], strict=True)]
    return found.assign(low=[low for low, _ in ends], high=[high for _, high in ends]).drop(columns="rows").reset_index()


def table(kinds: pd.DataFrame) -> str:
    """The counts as a table in Markdown."""
    lines = ["| kind of truth | truths | intervals | hold the size | share | its 95 % interval | too small to tell |"]
    lines.append("|---|--:|--:|--:|--:|--:|--:|")
    for one in kinds.itertuples():
        lines.append(
            f"| {one.kind} | {one.truths} | {one.intervals:,} | {one.covered:,} | {one.share:.1%} "
            f"| {one.low:.1%}–{one.high:.1%} | {one.untold:,} |"
        )
    total = kinds[["truths", "intervals", "covered", "untold"]].sum()
    share = f"{total.covered / total.intervals:.1%}"
    lines.append(f"| **all** | {total.truths} | {total.intervals:,} | {total.covered:,} | {share} | | {total.untold:,} |")
    return "\n".join(lines)


def whole() -> World:
    """The small company of the tests that holds every kind of truth."""
    import feeling
    import speaking

    return feeling.world(speaking.text() + feeling.CHURN + feeling.REST)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", metavar="NAME", help="declared companies or TOML files (default: the tests' own)")
    parser.add_argument("--customers", type=int, default=3000, help="of each company (default 3000)")
    parser.add_argument("--seeds", type=int, default=100, help="how many companies of each (default 100)")
    parser.add_argument("--truths", action="store_true", help="a line for each truth as well, the rarest held first")
    parser.add_argument("--record", action="store_true", help=f"put the table into the README's section “{SECTION[3:]}”")
    asked = parser.parse_args()
    chosen = [worlds.read(name) for name in asked.worlds] or [whole()]
    rows = pd.concat([measured(world, asked.customers, range(1, asked.seeds + 1)) for world in chosen])
    found = table(by_kind(rows))
    print(found)
    if asked.truths:
        each = rows.assign(width=rows["high"] - rows["low"], off=rows["estimate"] - rows["size"])
        each = each.groupby("id").agg(size=("size", "first"), covers=("covers", "mean"), off=("off", "mean"), sd=("off", "std"))
        print(each.sort_values("covers").to_string(float_format="{:.3f}".format))
    if asked.record:
        names = ", ".join(world.name for world in chosen)
        record(found, f"{names}: {asked.customers:,} customers each, seeds 1 to {asked.seeds}.")
    return 0


def record(found: str, what: str) -> None:
    """Puts the table into the README's section, in place of the one there."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(SECTION)
    after = rest.partition("\n## ")
    tail = f"\n## {after[2]}" if after[1] else ""
    how = "Shares of an attribute with two values are one number told twice; what is planted as never or always isn't counted."
    intro = f"{SECTION}\n\n`python3 tests/workbench/worlds/coverage.py --record` wrote this. {what}\n{how}\n\n{found}\n"
    README.write_text(f"{before}{intro}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
