"""A readable picture of a directed graph: layers, few crossings, straight long edges (Sugiyama's method, deterministic).

Nodes stand in layers, every edge between neighbouring ones; a longer edge runs through a lane of its own in the layers passed.
The four classic phases: break cycles (weighted feedback arcs: Eades, Lin, Smyth 1993, then moving single nodes while it helps),
layer (longest path, then pulled towards the neighbours), order (weighted barycenters, then swaps, best of all sweeps), place
(least squares with minimal distances, exact by pooling adjacent violators).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence

Point = tuple[float, float]
LANE = 14.0  # px kept free beside a long edge passing a layer
LOOP = 26.0  # px kept free beside a node for the edge to itself


@dataclasses.dataclass(frozen=True)
class Box:
    """Where a node stands: its upper left corner, its size, its layer counted from 0."""

    name: str
    x: float
    y: float
    width: float
    height: float
    layer: int


@dataclasses.dataclass(frozen=True)
class Route:
    """How an edge runs: points from the source's border to the target's. `back` runs against the layers; a loop has
    `source == target`. Odd and even points alternate between leaving a layer and entering the next one."""

    source: str
    target: str
    points: tuple[Point, ...]
    back: bool


@dataclasses.dataclass(frozen=True)
class Layout:
    boxes: Mapping[str, Box]
    routes: tuple[Route, ...]
    width: float
    height: float
    down: bool


def layered(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str, float]],
    *,
    first: str | None = None,
    last: str | None = None,
    down: bool = False,
    gap: float = 22,
    layer_gap: float = 64,
    breadth: float | None = None,
) -> Layout:
    """Places nodes (`sizes`: name -> width, height in px; their order settles ties) and `edges` (source, target, weight).

    Layers run left to right, or top to bottom with `down`. `first` and `last` name nodes that no other may precede or follow.
    `breadth`: px across the layers that the nodes of one layer may take; more go into a further layer.
    """
    names = list(sizes)
    links = [(s, t, w) for s, t, w in edges if s != t]
    order = _without_cycles(names, links, first, last)
    place = {name: i for i, name in enumerate(order)}
    forward: dict[tuple[str, str], float] = defaultdict(float)
    for s, t, w in links:
        forward[(s, t) if place[s] < place[t] else (t, s)] += w
    across = {name: (w if down else h) for name, (w, h) in sizes.items()}
    layer = _layers(order, forward, first, last, across, gap, breadth)
    rows, halves, neighbours = _lanes(order, forward, layer, across)
    for loop in {s for s, t, _ in edges if s == t}:
        halves[loop] += LOOP
    _untangle(rows, neighbours)
    centre = _centres(rows, halves, neighbours, gap)
    _straighten(rows, halves, centre, gap)
    return _drawn(sizes, edges, place, layer, rows, halves, centre, down, layer_gap)


def _without_cycles(names: list[str], links: list[tuple], first: str | None, last: str | None) -> list[str]:
    weight: dict[tuple[str, str], float] = defaultdict(float)
    for s, t, w in links:
        weight[s, t] += w
    left, right = [], []
    rest = [n for n in names if n not in (first, last)]
    while rest:
        surplus = {}
        for n in rest:
            out = sum(weight.get((n, m), 0) for m in rest)
            into = sum(weight.get((m, n), 0) for m in rest)
            surplus[n] = (out, into)
        sink = next((n for n in rest if surplus[n][0] == 0), None)
        source = next((n for n in rest if surplus[n][1] == 0), None)
        if source is not None:
            left.append(source)
            rest.remove(source)
        elif sink is not None:
            right.insert(0, sink)
            rest.remove(sink)
        else:
            best = max(rest, key=lambda n: surplus[n][0] - surplus[n][1])
            left.append(best)
            rest.remove(best)
    order = left + right
    for _ in range(4):
        if not _moved(order, weight):
            break
    ends = ([first] if first in names else []), ([last] if last in names else [])
    return [*ends[0], *order, *ends[1]]


def _moved(order: list[str], weight: Mapping) -> bool:
    """Moves each node to where the least weight runs backwards; says whether any moved."""
    changed = False
    for node in list(order):
        at = order.index(node)
        others = order[:at] + order[at + 1 :]
        cost, costs = 0.0, [0.0]  # against standing before all others
        for other in others:  # the node passes `other`: its edges to it now run backwards, those from it forwards
            cost += weight.get((node, other), 0) - weight.get((other, node), 0)
            costs.append(cost)
        best = min(costs)
        if best < costs[at] - 1e-9:
            to = costs.index(best)
            order[:] = [*others[:to], node, *others[to:]]
            changed = True
    return changed


def _layers(order, forward, first, last, across, gap, breadth) -> dict[str, int]:
    into, out = defaultdict(list), defaultdict(list)
    for (s, t), w in forward.items():
        into[t].append((s, w))
        out[s].append((t, w))
    layer: dict[str, int] = {}
    taken: dict[int, float] = defaultdict(float)

    def full(at: int, node: str) -> bool:
        return breadth is not None and taken[at] > 0 and taken[at] + across[node] + gap > breadth

    for node in order:
        at = max((layer[s] + 1 for s, _ in into[node]), default=0)
        while full(at, node):
            at += 1
        layer[node] = at
        taken[at] += across[node] + gap
    for _ in range(6):  # towards the neighbours: shorter edges, fewer lanes
        for node in reversed(order):
            low = max((layer[s] + 1 for s, _ in into[node]), default=0)
            high = min((layer[t] - 1 for t, _ in out[node]), default=layer[node])
            pull = sum(w for _, w in out[node]) - sum(w for _, w in into[node])
            wanted = high if pull > 0 else low
            if low <= wanted <= high and wanted != layer[node] and not full(wanted, node):
                taken[layer[node]] -= across[node] + gap
                taken[wanted] += across[node] + gap
                layer[node] = wanted
    if first in layer:
        layer[first] = min([at for n, at in layer.items() if n != first], default=1) - 1
    if last in layer:
        layer[last] = max([at for n, at in layer.items() if n != last], default=-1) + 1
    used = {at: i for i, at in enumerate(sorted(set(layer.values())))}
    return {n: used[at] for n, at in layer.items()}


def _lanes(order, forward, layer, across):
    """Rows of keys layer by layer (a name, or (source, target, layer) for a lane), half sizes, weighted neighbours."""
    rows: list[list] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    halves: dict = {}
    for node in order:
        rows[layer[node]].append(node)
        halves[node] = across[node] / 2
    neighbours: dict = {key: ([], []) for key in order}
    for (s, t), w in forward.items():
        chain = [s, *((s, t, at) for at in range(layer[s] + 1, layer[t])), t]
        for lane in chain[1:-1]:
            rows[lane[2]].append(lane)
            halves[lane] = 0.0
            neighbours[lane] = ([], [])
        for a, b in itertools.pairwise(chain):
            # long edges pull harder, so that they come out straight (Gansner et al. 1993)
            stiff = (1, 3, 16)[(not isinstance(a, str)) + (not isinstance(b, str))]
            neighbours[a][1].append((b, w, stiff))
            neighbours[b][0].append((a, w, stiff))
    return rows, halves, neighbours


def _untangle(rows: list[list], neighbours: Mapping) -> None:
    best, fewest = [list(row) for row in rows], _crossings(rows, neighbours)
    for sweep in range(16):
        side = sweep % 2
        for at in range(1, len(rows)) if side == 0 else range(len(rows) - 2, -1, -1):
            fixed = {key: i for i, key in enumerate(rows[at - 1 if side == 0 else at + 1])}
            centre = {}
            for i, key in enumerate(rows[at]):
                pull = [(fixed[k], w) for k, w, _ in neighbours[key][side] if k in fixed]
                total = sum(w for _, w in pull)
                centre[key] = sum(p * w for p, w in pull) / total if total else i
            rows[at].sort(key=centre.__getitem__)
        _swap(rows, neighbours)
        crossings = _crossings(rows, neighbours)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    rows[:] = best


def _swap(rows: list[list], neighbours: Mapping) -> None:
    for at, row in enumerate(rows):
        before = {k: i for i, k in enumerate(rows[at - 1])} if at else {}
        after = {k: i for i, k in enumerate(rows[at + 1])} if at + 1 < len(rows) else {}
        for i in range(len(row) - 1):
            a, b = row[i], row[i + 1]
            if _pair(a, b, neighbours, before, after) > _pair(b, a, neighbours, before, after):
                row[i], row[i + 1] = b, a


def _pair(a, b, neighbours, before, after) -> float:
    """Weight of crossings between the edges of `a` and `b` when `a` stands first."""
    total = 0.0
    for side, there in ((0, before), (1, after)):
        mine = [(there[k], w) for k, w, _ in neighbours[a][side] if k in there]
        its = [(there[k], w) for k, w, _ in neighbours[b][side] if k in there]
        total += sum(min(w, v) for p, w in mine for q, v in its if p > q)
    return total


def _crossings(rows: list[list], neighbours: Mapping) -> float:
    total = 0.0
    for at in range(len(rows) - 1):
        there = {k: i for i, k in enumerate(rows[at + 1])}
        ends = [(i, there[k], w) for i, key in enumerate(rows[at]) for k, w, _ in neighbours[key][1]]
        for n, (a, p, w) in enumerate(ends):
            total += sum(min(w, v) for b, q, v in ends[n + 1 :] if (a - b) * (p - q) < 0)
    return total


def _centres(rows: list[list], halves: Mapping, neighbours: Mapping, gap: float) -> dict:
    centre = {}
    for row in rows:
        for key, at in zip(row, _spread(row, [0.0] * len(row), [1.0] * len(row), halves, gap), strict=True):
            centre[key] = at
    for sweep in range(60):
        sides = ((0,), (1,))[sweep % 2] if sweep < 16 else (0, 1)
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted, weights = [], []
            for key in row:
                pull = [(centre[k], w**0.5 * stiff) for side in sides for k, w, stiff in neighbours[key][side]]
                total = sum(w for _, w in pull)
                wanted.append(sum(p * w for p, w in pull) / total if total else centre[key])
                weights.append(total or 0.01)
            for key, at in zip(row, _spread(row, wanted, weights, halves, gap), strict=True):
                centre[key] = at
    return centre


def _spread(row: list, wanted: list[float], weights: list[float], halves: Mapping, gap: float) -> list[float]:
    """Places nearest to `wanted` (weighted least squares) that keep the order and the distances."""
    offset, offsets = 0.0, []
    for i, key in enumerate(row):
        offset += _apart(row[i - 1], key, halves, gap) if i else 0.0
        offsets.append(offset)
    blocks: list[list[float]] = []  # mean, weight, how many
    for want, weight, off in zip(wanted, weights, offsets, strict=True):
        blocks.append([want - off, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, mass, n = blocks.pop()
            top = blocks[-1]
            top[0] = (top[0] * top[1] + mean * mass) / (top[1] + mass)
            top[1] += mass
            top[2] += n
    flat = [mean for mean, _, n in blocks for _ in range(int(n))]
    return [value + off for value, off in zip(flat, offsets, strict=True)]


def _apart(a, b, halves: Mapping, gap: float) -> float:
    """The least distance between the middles of two neighbours in a row."""
    return halves[a] + halves[b] + (gap if isinstance(a, str) and isinstance(b, str) else LANE)


def _straighten(rows: list[list], halves: Mapping, centre: dict, gap: float) -> None:
    """Runs each long edge in as few straight pieces as its neighbours allow, outer edges first."""
    chains: dict = defaultdict(list)
    beside: dict = {}
    for row in rows:
        for i, key in enumerate(row):
            if not isinstance(key, str):
                chains[key[:2]].append(key)
                beside[key] = (row[i - 1] if i else None, row[i + 1] if i + 1 < len(row) else None)
    middle = sum(centre.values()) / max(len(centre), 1)
    for _ in range(3):
        for chain in sorted(chains.values(), key=lambda c: (-max(abs(centre[k] - middle) for k in c), c[0][:2])):
            piece, low, high = [], float("-inf"), float("inf")
            for key in [*chain, None]:
                before, after = beside[key] if key else (None, None)
                least = centre[before] + _apart(before, key, halves, gap) if before is not None else float("-inf")
                most = centre[after] - _apart(key, after, halves, gap) if after is not None else float("inf")
                if key is None or max(low, least) > min(high, most) + 1e-9:
                    wanted = sum(centre[k] for k in piece) / max(len(piece), 1)
                    for k in piece:
                        centre[k] = min(max(wanted, low), high)
                    piece, low, high = [], least, most
                piece.append(key)
                low, high = max(low, least), min(high, most)


def _drawn(sizes, edges, place, layer, rows, halves, centre, down, layer_gap) -> Layout:
    along = {name: (h if down else w) for name, (w, h) in sizes.items()}
    across = {name: (w if down else h) for name, (w, h) in sizes.items()}
    edge = min((centre[k] - (halves[k] or LANE / 2) for row in rows for k in row), default=0)
    starts, thick, at = [], [], 0.0
    for row in rows:
        thick.append(max(along[k] for k in row if isinstance(k, str)))
        starts.append(at)
        at += thick[-1] + layer_gap
    point = (lambda a, c: (c - edge, a)) if down else (lambda a, c: (a, c - edge))
    boxes = {}
    for name, (width, height) in sizes.items():
        a = starts[layer[name]] + (thick[layer[name]] - along[name]) / 2
        x, y = point(a, centre[name] - across[name] / 2)
        boxes[name] = Box(name, x, y, width, height, layer[name])
    ports = _ports(edges, place, layer, centre, across)
    routes = []
    for s, t, _ in edges:
        if s == t:
            routes.append(Route(s, t, (), False))
            continue
        a, b = (s, t) if place[s] < place[t] else (t, s)
        ends = [starts[layer[n]] + (thick[layer[n]] - along[n]) / 2 for n in (a, b)]
        points = [point(ends[0] + along[a], ports[s, t, a])]
        for i in range(layer[a] + 1, layer[b]):
            lane = centre[a, b, i] + (4 if a != s else 0)
            points += [point(starts[i], lane), point(starts[i] + thick[i], lane)]
        points.append(point(ends[1], ports[s, t, b]))
        routes.append(Route(s, t, tuple(points if a == s else points[::-1]), a != s))
    spots = [(b.x + b.width, b.y + b.height) for b in boxes.values()] + [p for r in routes for p in r.points]
    spots += [point(0, centre[name] + halves[name]) for name in boxes]
    return Layout(boxes, tuple(routes), max((x for x, _ in spots), default=0), max((y for _, y in spots), default=0), down)


def _ports(edges, place, layer, centre, across) -> dict:
    """Where on its border each edge touches a node: in the order of the other ends, so that edges don't cross at the node."""
    sides = defaultdict(list)
    for s, t, _ in edges:
        if s == t:
            continue
        a, b = (s, t) if place[s] < place[t] else (t, s)
        far = layer[b] - layer[a] > 1
        sides[a, "out"].append((centre[a, b, layer[a] + 1] if far else centre[b], s, t))
        sides[b, "in"].append((centre[a, b, layer[b] - 1] if far else centre[a], s, t))
    ports = {}
    for (node, _), ends in sides.items():
        room = across[node] - 12
        step = min(room / len(ends), 16)
        for i, (_, s, t) in enumerate(sorted(ends)):
            ports[s, t, node] = centre[node] + (i - (len(ends) - 1) / 2) * step
    return ports
