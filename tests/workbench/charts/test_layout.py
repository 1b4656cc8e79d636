"""The graph layout: nothing overlaps, every edge touches its nodes, the same input gives the same picture."""

from __future__ import annotations

import itertools
import random

import pytest

from workbench.charts.layout import layered


def graph(seed: int, n: int, m: int):
    made = random.Random(seed)
    names = [f"n{i}" for i in range(n)]
    sizes = {name: (made.randrange(80, 180), 44) for name in ("(start)", *names, "(end)")}
    edges = {("(start)", names[0]): 50.0, (names[-1], "(end)"): 50.0}
    while len(edges) < m:
        edges[made.choice(names), made.choice(names)] = float(made.randrange(1, 1000))
    return sizes, [(s, t, w) for (s, t), w in edges.items()]


def overlap(a, b) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize(("n", "m"), [(1, 3), (5, 9), (24, 60), (40, 120)])
def test_boxes_stand_apart_and_edges_touch_them(n, m, down):
    sizes, edges = graph(n * m, n, min(m, n * n + 2))
    plan = layered(sizes, edges, first="(start)", last="(end)", down=down)
    assert set(plan.boxes) == set(sizes)
    assert not [pair for pair in itertools.combinations(plan.boxes.values(), 2) if overlap(*pair)]
    assert [(r.source, r.target) for r in plan.routes] == [(s, t) for s, t, _ in edges]
    for route in plan.routes:
        if route.source == route.target:
            assert route.points == ()
            continue
        for point, name in ((route.points[0], route.source), (route.points[-1], route.target)):
            box = plan.boxes[name]
            assert box.x - 0.01 <= point[0] <= box.x + box.width + 0.01
            assert box.y - 0.01 <= point[1] <= box.y + box.height + 0.01
        assert route.back == (plan.boxes[route.source].layer > plan.boxes[route.target].layer)
        assert plan.boxes[route.source].layer != plan.boxes[route.target].layer
    for box in plan.boxes.values():
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= plan.width + 0.01 and box.y + box.height <= plan.height + 0.01


@pytest.mark.parametrize("down", [False, True])
def test_long_edges_pass_beside_the_boxes(down):
    sizes, edges = graph(7, 24, 60)
    plan = layered(sizes, edges, first="(start)", last="(end)", down=down)
    for route in plan.routes:
        for (x0, y0), (x1, y1) in zip(route.points[1:-1:2], route.points[2:-1:2], strict=True):
            for box in plan.boxes.values():  # straight pieces between an odd and the next even point
                inside = min(x0, x1) < box.x + box.width and max(x0, x1) > box.x
                assert not (inside and min(y0, y1) < box.y + box.height and max(y0, y1) > box.y), (route, box)


def test_start_stands_first_and_end_last():
    sizes, edges = graph(3, 12, 40)
    plan = layered(sizes, edges, first="(start)", last="(end)")
    layers = {name: box.layer for name, box in plan.boxes.items()}
    assert layers["(start)"] == 0
    assert all(layers["(end)"] > layer for name, layer in layers.items() if name != "(end)")


def test_same_input_same_picture():
    sizes, edges = graph(11, 20, 60)
    assert layered(sizes, edges, first="(start)", last="(end)") == layered(sizes, edges, first="(start)", last="(end)")


def test_the_lighter_edge_of_a_cycle_runs_back():
    sizes = dict.fromkeys("ABC", (80, 40))
    plan = layered(sizes, [("A", "B", 10), ("B", "C", 9), ("C", "A", 1)])
    assert [(r.source, r.target) for r in plan.routes if r.back] == [("C", "A")]
    assert [plan.boxes[name].layer for name in "ABC"] == [0, 1, 2]


def test_a_chain_has_no_bends_and_a_planar_graph_no_crossings():
    sizes = dict.fromkeys("ABCD", (80, 40))
    chain = layered(sizes, [("A", "B", 1), ("B", "C", 1), ("C", "D", 1)])
    assert len({round(y, 6) for route in chain.routes for _, y in route.points}) == 1
    # A → B, C; B → D; C → E: the order of the second layer must follow through to the third
    sizes = dict.fromkeys("AEDCB", (80, 40))
    tree = layered(sizes, [("A", "B", 1), ("A", "C", 1), ("B", "D", 1), ("C", "E", 1)])
    y = {name: box.y for name, box in tree.boxes.items()}
    assert (y["B"] - y["C"]) * (y["D"] - y["E"]) > 0


def test_breadth_is_kept():
    names = [f"n{i}" for i in range(9)]
    sizes = dict.fromkeys(["s", *names], (100, 40))
    plan = layered(sizes, [("s", name, 1) for name in names], down=True, breadth=360, gap=20)
    rows = [[b for b in plan.boxes.values() if b.layer == layer] for layer in {b.layer for b in plan.boxes.values()}]
    assert max(len(row) for row in rows) == 3  # three of 100 px and their gaps; four would need 480


def test_nothing_is_nothing():
    plan = layered({}, [])
    assert (plan.boxes, plan.routes, plan.width, plan.height) == ({}, (), 0, 0)
