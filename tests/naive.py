"""The same questions answered the slow, obvious way in plain Python: what the engine is checked against.

A log is a list of events in the file's order: dicts with customer_id, case_id (or None), touchpoint, at (whole seconds).
A journey is (customer, [(at, touchpoint), …]) in order.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict

from workbench import stats


def ordered(events):
    return sorted(events, key=lambda event: event["at"])  # stable: ties stay in the file's order


def by_case(log):
    found = defaultdict(list)
    for event in ordered(log):
        found[("case", event["case_id"]) if event.get("case_id") else ("customer", event["customer_id"])].append(event)
    return [_journey(events) for events in found.values()]


def _journey(events):
    return events[0]["customer_id"], [(event["at"], event["touchpoint"]) for event in events]


def _of_customers(log):
    found = defaultdict(list)
    for event in ordered(log):
        found[event["customer_id"]].append(event)
    return list(found.values())


def by_customer(log):
    return [_journey(events) for events in _of_customers(log)]


def by_gap(log, gap):
    found = []
    for events in _of_customers(log):
        run = []
        for event in events:
            if run and event["at"] - run[-1]["at"] > gap:
                found.append(_journey(run))
                run = []
            run.append(event)
        found.append(_journey(run))
    return found


def by_window(log, window):
    found = []
    for events in _of_customers(log):
        run = []
        for event in events:
            if run and event["at"] > run[0]["at"] + window:
                found.append(_journey(run))
                run = []
            run.append(event)
        found.append(_journey(run))
    return found


def by_anchor(log, touchpoint, before, after):
    found = []
    for events in _of_customers(log):
        anchors = sorted({event["at"] for event in events if event["touchpoint"] == touchpoint})
        taken = defaultdict(list)
        for event in events:
            near = [anchor for anchor in anchors if anchor - before <= event["at"] <= anchor + after]
            if near:
                taken[near[0]].append(event)
        found += [_journey(run) for run in taken.values()]
    return found


def flow(journeys):
    """(kind, source, target) -> {n, journeys, customers, times}"""
    found = {}
    for number, (customer, steps) in enumerate(journeys):
        names = [name for _, name in steps]
        moves = [("entry", "(start)", names[0], None), ("exit", names[-1], "(end)", None)]
        for (at, a), (then, b) in itertools.pairwise(steps):
            moves.append(("step", a, b, then - at))
        for kind, source, target, took in moves:
            one = found.setdefault((kind, source, target), {"n": 0, "journeys": set(), "customers": set(), "times": []})
            one["n"] += 1
            one["journeys"].add(number)
            one["customers"].add(customer)
            one["times"] += [] if took is None else [took]
    return found


def variants(journeys):
    """variant -> (n, customers, lengths in seconds)"""
    found = defaultdict(lambda: [0, set(), []])
    for customer, steps in journeys:
        one = found[" → ".join(name for _, name in steps)]
        one[0] += 1
        one[1].add(customer)
        one[2].append(steps[-1][0] - steps[0][0])
    return dict(found)


def chains(steps, wanted, within):
    """Every chain of places in the journey that goes through `wanted` in order, within `within` of its first."""
    found = [[place] for place, (_, name) in enumerate(steps) if name == wanted[0]]
    for name in wanted[1:]:
        found = [
            [*chain, place]
            for chain in found
            for place in range(chain[-1] + 1, len(steps))
            if steps[place][1] == name and steps[place][0] - steps[chain[0]][0] <= within
        ]
    return found


def funnel(journeys, wanted, within):
    """position -> (customers of the journeys that reach it, seconds from the step before), and what came next for the rest."""
    reached, left = {}, defaultdict(Counter)
    for k in range(1, len(wanted) + 1):
        customers, times = [], []
        for customer, steps in journeys:
            found = chains(steps, wanted[:k], within)
            if found:
                customers.append(customer)
                first = min(chain[-1] for chain in found)
                times += [min(steps[first][0] - steps[c[-2]][0] for c in found if c[-1] == first)] if k > 1 else []
                if k < len(wanted) and not chains(steps, wanted[: k + 1], within):
                    last = max(chain[-1] for chain in found)
                    left[k][steps[last + 1][1] if last + 1 < len(steps) else "(end)"] += 1
        reached[k] = (customers, times)
    return reached, left


def positions(journeys, anchor):
    """(position, touchpoint) -> customers, one a journey."""
    found = defaultdict(list)
    for customer, steps in journeys:
        names = [name for _, name in steps]
        if anchor in ("first", "last"):
            zero = 0 if anchor == "first" else len(names) - 1
        elif anchor in names:
            zero = names.index(anchor)
        else:
            continue
        for place, name in enumerate(names):
            found[place - zero, name].append(customer)
    return dict(found)


def sessions(journeys, gap):
    """entry -> [(customer, steps, seconds), …]"""
    found = defaultdict(list)
    for customer, steps in journeys:
        run = [steps[0]]
        for step in steps[1:]:
            if step[0] - run[-1][0] > gap:
                found[run[0][1]].append((customer, len(run), run[-1][0] - run[0][0]))
                run = []
            run.append(step)
        found[run[0][1]].append((customer, len(run), run[-1][0] - run[0][0]))
    return dict(found)


def returns(journeys):
    """(kind, text) -> [(customer, seconds), …]"""
    found = defaultdict(list)
    ends, all_steps = Counter(), Counter()
    for customer, steps in journeys:
        for place, (at, name) in enumerate(steps):
            all_steps[name] += 1
            before = [p for p in range(place) if steps[p][1] == name]
            if before:
                back = place - before[-1]
                via = steps[place - 1][1]
                kind = {1: "repeat", 2: "back_track"}.get(back, "loop")
                text = {"repeat": name, "back_track": f"{name} → {via} → {name}", "loop": f"{name} → … → {name}"}[kind]
                found[kind, text].append((customer, at - steps[before[-1]][0]))
        ends[steps[-1][1]] += 1
    for customer, steps in journeys:
        name = steps[-1][1]
        if 2 * ends[name] < all_steps[name]:
            found["dead_end", name].append((customer, steps[-1][0] - steps[0][0]))
    return dict(found)


def median(values):
    return statistics.median(values) if values else None


def median_ends(values):
    """What the values, (customer, seconds) each, tell of their median; None where that is nothing."""
    middle, of = statistics.median(one for _, one in values), defaultdict(lambda: [0, 0])
    for customer, one in values:
        of[customer][0] += one <= middle
        of[customer][1] += 1
    k, n = zip(*of.values(), strict=True)
    dot = lambda a, b: sum(x * y for x, y in zip(a, b, strict=True))  # noqa: E731
    ranks = stats.median_ranks(sum(k), sum(n), len(of), dot(k, k), dot(k, n), dot(n, n))
    ordered = sorted(one for _, one in values)
    return ranks and (ordered[ranks[0] - 1], ordered[ranks[1] - 1])
