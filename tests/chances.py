"""python3 tests/chances.py --record: how often a comparison and a search for changes show something by chance and where it is
planted, and how often intervals of attribution hold the truth. Minutes a case; each replaces its rows in
tests/workbench/journeys/README.md.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path[:0] = [str(TESTS.parent), str(TESTS)]

import changing  # noqa: E402  (as a script it has to say where the other modules are)
import crediting  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import walking  # noqa: E402
from scipy import stats  # noqa: E402

import workbench as wb  # noqa: E402

j = wb.journeys
README = TESTS / "workbench" / "journeys" / "README.md"
SEEDS = 200
#: by view: what it is asked for
VIEWS = {name: {} for name in ("flow", "touchpoints", "steps", "sessions", "loops", "variants", "crossings", "handoffs")}
VIEWS["funnel"] = {"steps": ["Search", "Cart", "Pay", "Parcel"]}
VIEWS |= {"cohorts": {}, "map": {}, "attribution": {"target": "Parcel", "by": "touchpoint"}}
VIEWS["conformance"] = {
    "plan": j.Plan("Walk", tuple(j.PlannedStep(one, "", i) for i, one in enumerate(VIEWS["funnel"]["steps"], 1)))
}
SHARES = (0.5, 0.15)
MORE = (131, 132, 133)
#: 11 or 12 of 200 draws of these showed a difference: chance, or a rate above 5 %? They are drawn again
AGAIN = {"touchpoints": 0.5, "funnel": 0.15, "cohorts": 0.15}
#: from November on phones are led from Pay to Parcel in the app in 0.5 of all cases, before in 0.8
PLANTED = -0.3
POWER = (0.05, 0.1, 0.2, 0.4)


def drawn(folder, share, seeds, seed, customers=1500):
    """The company of walking.py with one more column a seed: "a" for each customer with that `share`, else "b", by lot.
    Groups by lot are two samples of the same customers: whatever differs between them is chance."""
    made = walking.company(customers)
    people = made.tables["customers"].copy()
    lots = np.random.default_rng(seed).random((len(people), seeds)) < share
    columns = pd.DataFrame(np.where(lots, "a", "b"), index=people.index, columns=[f"lot{i}" for i in range(seeds)])
    events = made.tables["events"].drop(columns=["source_row", "row_order"], errors="ignore")
    wb.load([events, pd.concat([people, columns], axis=1)], into=folder, name="Drawn", timezone=made.world.timezone)
    return wb.open(folder)


def alarms(study, of, seeds):
    """In how many of the families of comparisons a difference is shown, and how many rows were tested on average."""
    lots = [[study.where(**{f"lot{i}": one}) for one in "ab"] for i in range(seeds)]
    found = [j.compare(*both, of=of, **VIEWS[of]) for both in lots]
    assert all(one.n_tested > 1 for one in found)
    return sum(one.n_shown > 0 for one in found), float(np.mean([one.n_tested for one in found]))


def periods(study):
    phones = study.where(device="phone", channel="app")
    return phones.between("2025-11-01", "2026-03-31"), phones.between(None, "2025-10-31")


def paid(study):
    """The row of the planted difference."""
    frame = j.compare(*periods(study), of="flow").frame
    return frame[(frame["source"] == "Pay") & (frame["target"] == "Parcel")].iloc[0]


def power(folder, share, seeds=100):
    """Mean number of cases before and after, and in how many draws of that share of customers the difference is shown."""
    study = drawn(folder, share, seeds, seed=34)
    found = [paid(study.where(**{f"lot{i}": "a"})) for i in range(seeds)]
    n = np.mean([[one["total_b"], one["total_a"]] for one in found], axis=0)
    return *n, sum(bool(one["shown"]) for one in found)


def credited(folder, seeds, customers=400, seed=41):
    """(model, channel) -> the truth, the mean share, and in how many of the samples the interval holds the truth."""
    everyone, rng = crediting.people(), random.Random(seed)
    truth = crediting.shares([way for ways in everyone for way in ways], crediting.KINDS)
    start, rows = pd.Timestamp("2026-03-02T09:00:00Z"), []
    for sample in range(seeds):
        for who, ways in enumerate(rng.choices(everyone, k=customers)):
            for which, names in enumerate(ways):
                case = f"{sample}-{who}-{which}"
                rows += [(f"{sample}-{who}", case, start + pd.Timedelta(days=at), one) for at, one in enumerate(names)]
    events = pd.DataFrame(rows, columns=["customer_id", "case_id", "occurred_at", "touchpoint"])
    events["channel"], events["sample"] = events["touchpoint"], "s" + events["customer_id"].str.partition("-")[0]
    wb.load([events], into=folder, name="Credited")
    study, found = wb.open(folder).by_case(), []
    for sample in range(seeds):
        found.append(j.attribution(study.where(sample=f"s{sample}"), target=crediting.GOAL, half_life="2d").frame)
    every = pd.concat(found)
    told = {}
    for (model, kind), one in every.groupby(["model", "channel"], sort=False):
        if kind in crediting.KINDS:
            held = one["low"].le(truth[model][kind]) & one["high"].ge(truth[model][kind])
            told[model, kind] = truth[model][kind], float(one["share"].mean()), int(held.sum())
    return told


# -- the record --------------------------------------------------------------------------------------------------------

#: by heading of the README: the columns of its table, of which the first `named` tell its rows apart
TABLES = {
    "False alarms of comparisons": (("view", "in A", "rows tested", "families with a difference shown", "95 %"), 2),
    "Power of comparisons": (("customers", "cases before, after", "truth", "shown", "95 %"), 1),
    "False alarms of changes": (("company", "customers", "looked at", "companies with a change shown", "95 %"), 3),
    "Incidents found": (
        ("incident", "among", "looked at", "planted", "days", "steps touched", "at its date", "95 %", "days off", "its end"),
        3,
    ),
    "Intervals of attribution": (("model", "channel", "truth", "mean estimate", "intervals that hold it", "95 %"), 2),
}


def within(k: int, n: int) -> str:
    """ "2.1 % to 7.5 %": the exact binomial interval (95 %, Clopper and Pearson) of k of n."""
    low, high = stats.binomtest(k, n).proportion_ci(0.95)
    return f"{100 * low:.1f} % to {100 * high:.1f} %"


def alarm_rows(folder, of, share):
    k, tested = alarms(drawn(folder, share, SEEDS, seed=31), of, SEEDS)
    return [(of, f"{share:.0%}", f"{tested:.0f}", f"{k} of {SEEDS}", within(k, SEEDS))]


def more_alarm_rows(folder, of):
    found = [alarms(drawn(folder / str(seed), AGAIN[of], SEEDS, seed), of, SEEDS) for seed in MORE]
    k, n, tested = sum(one for one, _ in found), SEEDS * len(MORE), np.mean([one for _, one in found])
    return [(f"{of}, drawn again", f"{AGAIN[of]:.0%}", f"{tested:.0f}", f"{k} of {n}", within(k, n))]


def power_rows(folder, share):
    before, after, k = power(folder, share)
    return [(f"{share:.0%}", f"{before:.0f}, {after:.0f}", "80 %, 50 %", f"{k} of 100", within(k, 100))]


def credit_rows(folder):
    found = credited(folder, SEEDS).items()
    return [(*key, f"{truth:.1%}", f"{mean:.1%}", f"{k} of {SEEDS}", within(k, SEEDS)) for key, (truth, mean, k) in found]


def quiet_rows(folder, name):
    customers, n = changing.QUIET[name]
    found = changing.alarms(folder, name, customers, n).items()
    return [(name, f"{customers:,}", of, f"{k} of {n}", within(k, n)) for of, k in found]


def planted(world, incident):
    """What an incident does: the wait it makes longer, or the share it changes most."""
    if incident.slower:
        return ", ".join(f"{incident.touchpoint} → {to}: {times:g} times as long" for to, times in incident.slower.items())
    usual = world.touchpoints[incident.touchpoint].next
    to = max(incident.next, key=lambda one: abs(incident.next[one] - usual.get(one, 0)))
    return f"{incident.touchpoint} → {to}: {usual.get(to, 0):.0%}, then {incident.next[to]:.0%}"


def found_rows(world, told, steps):
    by_id, rows = {one.id: one for one in world.incidents}, []
    for (name, whom, of), companies in told.items():
        one, n, off = by_id[name], len(companies), [found.off for found in companies if found.off is not None]
        about = name, whom, of, planted(world, one), str((one.end - one.start).days + 1), f"{np.mean(steps[name]):.0f}"
        days = f"{np.median(off):g} (at most {max(off)})" if off else ""
        ended = "" if companies[0].ended is None else f"{sum(found.ended for found in companies)} of {n}"
        rows.append((*about, f"{len(off)} of {n}", within(len(off), n), days, ended))
    return rows


def recovered_rows(folder, name):
    return found_rows(changing.declared(name), *changing.recovered(folder, name, changing.NEW))


#: by name: the table that a case's rows stand in, and what makes them in a folder
CASES = {
    **{f"{of}-{share:.0%}": ("False alarms of comparisons", alarm_rows, of, share) for of in VIEWS for share in SHARES},
    **{f"{of}-again": ("False alarms of comparisons", more_alarm_rows, of) for of in AGAIN},
    **{f"power-{share:.0%}": ("Power of comparisons", power_rows, share) for share in POWER},
    **{f"changes-{name}": ("False alarms of changes", quiet_rows, name) for name in changing.QUIET},
    **{f"incidents-{name}": ("Incidents found", recovered_rows, name) for name in changing.SHIPPED},
    "attribution": ("Intervals of attribution", credit_rows),
}


def recorded(text: str, heading: str, rows: list[tuple[str, ...]]) -> str:
    """`text` with these rows in the table below `heading`: in place of those of the same name there, else at its end."""
    columns, named = TABLES[heading]
    begun, _, rest = text.partition(f"## {heading}\n")
    lines = rest.split("\n")
    places = [i for i, line in enumerate(lines) if line.startswith("|")]
    if not places or any(lines[i].startswith("## ") for i in range(places[0])):
        raise SystemExit(f"README.md has no table below “{heading}”")
    last = next((i for i in range(places[0], len(lines)) if not lines[i].startswith("|")), len(lines))
    kept = [tuple(cell.strip() for cell in lines[i].strip("|").split("|")) for i in range(places[0] + 2, last)]
    by_name = {row[:named]: row for row in [*kept, *rows]}
    table = [columns, ("---",) * len(columns), *by_name.values()]
    lines[places[0] : last] = ["| " + " | ".join(row) + " |" for row in table]
    return f"{begun}## {heading}\n" + "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="*", help=f"which (default: all): {', '.join(CASES).replace('%', '%%')}")
    parser.add_argument("--record", action="store_true", help="put the rows into the README")
    asked = parser.parse_args()
    for name in asked.case or CASES:
        heading, make, *given = CASES[name]
        with tempfile.TemporaryDirectory() as folder:
            rows = make(Path(folder) / "store", *given)
        print("\n".join(" | ".join(row) for row in rows), flush=True)
        if asked.record:
            README.write_text(recorded(README.read_text(encoding="utf-8"), heading, rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
