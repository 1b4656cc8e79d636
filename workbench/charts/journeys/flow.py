"""The flow graph: which touchpoint follows which, how often, after how long."""

from __future__ import annotations

import dataclasses
import math

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.charts.layout import Box, Layout, Route, layered
from workbench.locale import Texts

NODE_HEIGHT, NODE_MOST, LINE = 44, 176, 14
GAPS = (84, 52, 26)  # px between boxes side by side: the widest that fits
LABELS = 26  # at most so many transitions carry their numbers; the rest on hover


def flow(
    frame: pd.DataFrame,
    t: Texts,
    *,
    coverage: float = 0.8,
    nodes: pd.DataFrame | None = None,
    direction: str = "auto",
    title: str = "",
    subtitle: str = "",
    source: str = "",
    width: int = 960,
) -> alt.LayerChart:
    """Touchpoints as boxes, transitions as curves whose width is their number.

    Shows the fewest transitions (with beginnings and ends of journeys) that make up `coverage` of all, and what else is
    needed so that every touchpoint shown can be reached from the start and reaches the end. Dashed: back to something earlier.
    `nodes`: frame with touchpoint and n (else n is taken from the transitions). `direction`: "right", "down", or "auto": right
    if that fits `width`. A click on a transition gives its `row`; on a box `row` null and `touchpoint`.
    """
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    moves = [move for move in base.rows(frame) if move["n"]]
    if not moves:
        return base.nothing(t, **ends)
    shown = covering(moves, coverage)
    counts = _counts(moves, nodes)
    plan = _plan(shown, counts, t, direction, width)
    share = sum(m["n"] for m in shown) / sum(m["n"] for m in moves)
    layers = [*_edges(shown, plan, t), *_boxes(plan, counts, t)]
    parts = {"n": len(shown), "all": len(moves), "share": share}
    back = any(route.back for route in plan.routes)
    return base.finish(
        layers, t, kind="flow", said=parts | {"nodes": len(plan.boxes)}, height=plan.height + 4, drawn=plan.width + 4,
        notes=[t("charts.flow.note", **parts) + (" " + t("charts.flow.back") if back else "")], **ends,
    )  # fmt: skip


def covering(moves: list[dict], coverage: float) -> list[dict]:
    """The fewest rows that make up `coverage` of all transitions, completed so that each touchpoint in them is reached from
    the start and reaches the end (as far as the rows allow)."""
    ranked = sorted(moves, key=lambda m: (-m["n"], m["source"], m["target"]))
    wanted, total, chosen = coverage * sum(m["n"] for m in moves), 0.0, []
    for move in ranked:
        if chosen and total >= wanted - 1e-9:
            break
        chosen.append(move)
        total += move["n"]
    for here, there, root in (("source", "target", base.START), ("target", "source", base.END)):
        while True:
            reached = _reached(chosen, here, there, root)
            loose = {m[side] for m in chosen for side in (here, there)} - reached - {base.START, base.END}
            rest = [m for m in ranked if m not in chosen]
            # the strongest transition out of what is reached: into something loose if there is one
            bridge = next((m for m in rest if m[here] in reached and m[there] in loose), None)
            bridge = bridge or next((m for m in rest if m[here] in reached and m[there] not in reached), None)
            if not loose or bridge is None:
                break
            chosen.append(bridge)
    return chosen


def _reached(moves: list[dict], here: str, there: str, root: str) -> set[str]:
    reached, grew = {root}, True
    while grew:
        more = {m[there] for m in moves if m[here] in reached} - reached
        reached |= more
        grew = bool(more)
    return reached


def _counts(moves: list[dict], nodes: pd.DataFrame | None) -> dict[str, int]:
    into, out, whole = {}, {}, {}
    for move in sorted(moves, key=lambda m: m["n"]):
        out[move["source"]] = out.get(move["source"], 0) + move["n"]
        into[move["target"]] = into.get(move["target"], 0) + move["n"]
        # rows of small groups are left out of the frame, not out of what its shares are of
        whole[move["source"]] = round(move["n"] / move["share"]) if move.get("share") else 0
    whole[base.END] = whole.get(base.START, 0)
    counts = {node: max(into.get(node, 0), out.get(node, 0), whole.get(node, 0)) for node in into | out}
    if nodes is not None:
        counts |= {row["touchpoint"]: row["n"] for row in base.rows(nodes) if row["touchpoint"] in counts}
    return counts


def _plan(shown: list[dict], counts: dict, t: Texts, direction: str, width: int) -> Layout:
    names = {m[side] for m in shown for side in ("source", "target")}
    order = sorted(names, key=lambda node: (-counts[node], node))
    widest = max(_wanted(base.name(t, node), t.count(counts[node])) for node in order)
    wide = min(NODE_MOST, max(84, widest))
    sizes = {node: (wide, NODE_HEIGHT + LINE * (len(_head(base.name(t, node), wide)) - 1)) for node in order}
    for end in {base.START, base.END} & set(sizes):
        sizes[end] = (max(_wanted(base.name(t, end), t.count(counts[end])), 84), NODE_HEIGHT - 4)
    edges = [(m["source"], m["target"], float(m["n"])) for m in shown]
    given = {"first": base.START, "last": base.END}
    if direction != "down":
        plan = layered(sizes, edges, gap=30, layer_gap=78, **given)
        if direction == "right" or plan.width <= width:
            return _centred(plan, width)
    loops = [s for s, target, _ in edges if s == target]
    for gap in GAPS:
        plan = layered(sizes, edges, gap=gap, layer_gap=54, down=True, breadth=width * 0.8, **given)
        # with room for what is written beside a loop
        beside = max((plan.boxes[s].x + plan.boxes[s].width for s in loops), default=-110) + 110
        plan = dataclasses.replace(plan, width=max(plan.width, beside))
        if plan.width <= width:
            break
    return _centred(plan, width)


def _centred(plan: Layout, width: float) -> Layout:
    """The plan in the middle of `width` px, where it is narrower."""
    by = round((width - 4 - plan.width) / 2, 1)
    if by <= 0:
        return plan
    boxes = {name: dataclasses.replace(box, x=box.x + by) for name, box in plan.boxes.items()}
    routes = (dataclasses.replace(route, points=tuple((x + by, y) for x, y in route.points)) for route in plan.routes)
    return dataclasses.replace(plan, boxes=boxes, routes=tuple(routes), width=plan.width + 2 * by)


def _head(name: str, width: float) -> list[str]:
    return theme.wrap(name, width - 14, lines=2)


def _wanted(name: str, count: str) -> float:
    longest = max(theme.text_width(line) for line in theme.wrap(name, NODE_MOST - 20, lines=2))
    return max(longest, theme.text_width(count, theme.SMALL) + 30) + 20


def _edges(shown: list[dict], plan: Layout, t: Texts) -> list[alt.Chart]:
    most = max(m["n"] for m in shown)
    values = []
    for move, route in zip(shown, plan.routes, strict=True):
        curve = _loop(plan.boxes[route.source], plan.down) if route.source == route.target else _curve(route, plan.down)
        wide = max(1.2, 11 * math.sqrt(move["n"] / most))  # the root, or a few repeats would thin out all others
        values.append(
            {
                "row": move["row"],
                "touchpoint": None,
                "style": "edge_end" if move["kind"] != "step" else "back" if route.back else "forward",
                "path": curve["path"],
                "wide": round(wide, 1),
                "tip_x": curve["tip"][0],
                "tip_y": curve["tip"][1],
                "angle": curve["angle"],
                "head": round((8 + 1.1 * wide) ** 2 / 2, 1),
                "source": base.name(t, move["source"]),
                "target": base.name(t, move["target"]),
                "n": t.count(move["n"]),
                "customers": t.count(move["n_customers"]),
                "share": base.estimate(t, move["share"], move.get("low"), move.get("high")),
                "median": base.middle(t, move),
                "mean": base.duration(t, move.get("mean_s")),
                "said": t(
                    "charts.flow.edge", n=move["n"], source=base.name(t, move["source"]), target=base.name(t, move["target"])
                ),
            }
        )
    x = alt.X("tip_x:Q", scale=alt.Scale(domain=[-2, plan.width + 2], nice=False, zero=False), axis=None)
    y = alt.Y("tip_y:Q", scale=alt.Scale(domain=[plan.height + 2, -2], nice=False, zero=False), axis=None)
    tips = base.tip(
        t,
        source="from",
        target="to",
        n="transitions",
        share="share_leaving",
        customers="customers",
        median="median",
        mean="mean",
    )
    layers = []
    for style in ("edge_end", "forward", "back"):
        some = [v for v in values if v["style"] == style]
        if not some:
            continue
        drawn = alt.Chart(base.data(some))
        # a custom shape of size 4 is drawn in px, from the upper left corner of the plan
        curve = drawn.mark_point(
            style=style, filled=False, size=4, opacity=0.62, strokeCap="butt", strokeDash=[7, 3] if style == "back" else [1, 0]
        )
        layers.append(
            curve.encode(
                x=alt.value(2), y=alt.value(2), shape=alt.Shape("path:N", scale=None),
                strokeWidth=alt.StrokeWidth("wide:Q", scale=None),
                tooltip=tips, description=alt.Description("said:N"),
            )
        )  # fmt: skip
        head = drawn.mark_point(style=style, filled=True, shape="triangle-right", opacity=0.95, aria=False, strokeWidth=0)
        layers.append(
            head.encode(x=x, y=y, angle=alt.Angle("angle:Q", scale=None), size=alt.Size("head:Q", scale=None), tooltip=tips)
        )
    return [*layers, *_labels(shown, plan, t, x, y)]


def _curve(route: Route, down: bool) -> dict:
    """A path of smooth pieces: curved between layers, straight through them; its arrow head at the end."""
    points = route.points
    path = [f"M{_p(points[0])}"]
    for i in range(1, len(points)):
        (x0, y0), (x1, y1) = points[i - 1], points[i]
        if i % 2 == 0:
            path.append(f"L{_p(points[i])}")
        elif down:
            middle = (y0 + y1) / 2
            path.append(f"C{_p((x0, middle))},{_p((x1, middle))},{_p(points[i])}")
        else:
            middle = (x0 + x1) / 2
            path.append(f"C{_p((middle, y0))},{_p((middle, y1))},{_p(points[i])}")
    angle = (90 if down else 0) + (180 if route.back else 0)
    pull = 5 * (-1 if route.back else 1)
    tip = (points[-1][0], points[-1][1] - pull) if down else (points[-1][0] - pull, points[-1][1])
    return {"path": "".join(path), "tip": [round(tip[0], 1), round(tip[1], 1)], "angle": angle}


def _loop(box: Box, down: bool) -> dict:
    """A touchpoint followed by itself: a small ear on the side where no edge arrives."""
    if down:
        x, y = box.x + box.width, box.y + box.height / 2
        path = f"M{_p((x, y - 11))}C{_p((x + 26, y - 22))},{_p((x + 26, y + 22))},{_p((x, y + 11))}"
        return {"path": path, "tip": [round(x + 6, 1), round(y + 13.5, 1)], "angle": 155}
    x, y = box.x + box.width / 2, box.y
    path = f"M{_p((x - 14, y))}C{_p((x - 26, y - 26))},{_p((x + 26, y - 26))},{_p((x + 14, y))}"
    return {"path": path, "tip": [round(x + 15.5, 1), round(y - 5, 1)], "angle": 115}


def _p(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _labels(shown: list[dict], plan: Layout, t: Texts, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Share and median time of the strongest transitions, each where it covers neither a box nor another label."""
    taken = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in plan.boxes.values()]
    values = []
    for move, route in sorted(zip(shown, plan.routes, strict=True), key=lambda pair: -pair[0]["n"]):
        if len(values) == LABELS or (move["kind"] == "entry" and move["share"] == 1):
            continue
        parts = [base.percent(t, move["share"]), base.duration(t, move.get("median_s"))]
        wide = max(theme.text_width(" · ".join(p for p in parts if p), theme.SMALL), 20) if plan.down else 46
        lines = [" · ".join(p for p in parts if p)] if plan.down else [p for p in parts if p]
        tall = 15 * len(lines)
        for cx, cy in _spots(route, plan, wide):
            spot = (cx - wide / 2, cy - tall / 2, cx + wide / 2, cy + tall / 2)
            free = all(spot[2] <= a or spot[0] >= c or spot[3] <= b or spot[1] >= d for a, b, c, d in taken)
            if free and spot[0] >= 0 and spot[2] <= plan.width:
                taken.append(spot)
                top = cy - (len(lines) - 1) * 7.5
                where = {"tip_x": cx, "tip_y": top, "x": spot[0] + 2, "x2": spot[2] - 2, "y": spot[1], "y2": spot[3]}
                values.append(
                    {"row": move["row"], "touchpoint": None, "text": lines} | {k: round(v, 1) for k, v in where.items()}
                )
                break
    if not values:
        return []
    drawn = alt.Chart(base.data(values))
    ground = drawn.mark_rect(style="ground", opacity=0.82, aria=False)
    ground = ground.encode(x=alt.X("x:Q", axis=None), x2="x2:Q", y=alt.Y("y:Q", axis=None), y2="y2:Q")
    return [
        ground,
        drawn.mark_text(style="on_soft", baseline="middle", lineHeight=15, aria=False).encode(x=x, y=y, text="text:N"),
    ]


def _spots(route: Route, plan: Layout, wide: float) -> list[tuple[float, float]]:
    if not route.points:
        box = plan.boxes[route.source]
        return (
            [(box.x + box.width + 27 + wide / 2, box.y + box.height / 2)]
            if plan.down
            else [(box.x + box.width / 2, box.y - 34)]
        )
    spots = []
    gaps = list(zip(route.points[::2], route.points[1::2], strict=True))
    for (x0, y0), (x1, y1) in sorted(gaps, key=lambda g: -math.dist(*g))[:3]:
        for u in (0.5, 0.4, 0.6, 0.3, 0.7):
            ease = u * u * (3 - 2 * u)
            spots.append((x0 + (x1 - x0) * (ease if plan.down else u), y0 + (y1 - y0) * (u if plan.down else ease)))
    return spots


def _boxes(plan: Layout, counts: dict[str, int], t: Texts) -> list[alt.Chart]:
    most = max((counts[node] for node in plan.boxes if node not in (base.START, base.END)), default=1)
    values, lines = [], []
    for node, box in plan.boxes.items():
        end = node in (base.START, base.END)
        label = base.name(t, node)
        count = t.count(counts[node])
        head = [label] if end else _head(label, box.width)
        meter = (box.width - 20 - theme.text_width(count, theme.SMALL) - 6) * counts[node] / most
        shared = {"row": None, "touchpoint": node, "name": label, "n": count, "end": end}
        middle = box.x + box.width / 2
        values.append(
            shared
            | {"x": round(box.x, 1), "x2": round(box.x + box.width, 1)}
            | {"y": round(box.y, 1), "y2": round(box.y + box.height, 1)}
            | {"said": t("charts.flow.node", n=counts[node], name=label)}
        )  # fmt: skip
        top, low = box.y + (14 if end else 15), box.y + box.height - 11
        lines.append(
            shared | {"style": "strong", "x": round(middle if end else box.x + 10, 1), "y": round(top, 1), "text": head}
        )
        lines.append(
            shared
            | {"style": "muted", "x": round(middle if end else box.x + box.width - 10, 1), "y": round(low, 1), "text": [count]}
        )
        if not end:
            values[-1] |= {"bar": round(box.x + 10, 1), "bar2": round(box.x + 10 + max(meter, 2), 1)}
            values[-1] |= {"low": round(low - 2.5, 1), "high": round(low + 2.5, 1)}
    return _box_layers(values, lines, t)


def _box_layers(values: list[dict], lines: list[dict], t: Texts) -> list[alt.Chart]:
    axis = {"axis": None}
    tips = base.tip(t, name="touchpoint", n="n")
    picked = base.pick("touchpoint")
    layers = []
    for end, style in ((False, "node"), (True, "node_end")):
        some = [v for v in values if v["end"] is end]
        if some:
            mark = alt.Chart(base.data(some)).mark_rect(style=style, cursor="pointer")
            width = alt.condition(picked, alt.value(2.5), alt.value(1))
            layers.append(
                mark.encode(
                    x=alt.X("x:Q", **axis), x2="x2:Q", y=alt.Y("y:Q", **axis), y2="y2:Q",
                    tooltip=tips, strokeWidth=width, description=alt.Description("said:N"),
                )
            )  # fmt: skip
    layers[0] = layers[0].add_params(picked)
    bars = [v for v in values if "bar" in v]
    if bars:
        bar = alt.Chart(base.data(bars)).mark_rect(style="value", aria=False)
        layers.append(bar.encode(x=alt.X("bar:Q", **axis), x2="bar2:Q", y=alt.Y("low:Q", **axis), y2="high:Q", tooltip=tips))
    for style, end, align in (
        ("strong", False, "left"),
        ("muted", False, "right"),
        ("strong", True, "center"),
        ("muted", True, "center"),
    ):
        some = [v for v in lines if v["end"] is end and v["style"] == style]
        if some:
            mark = alt.Chart(base.data(some)).mark_text(style=style, align=align, baseline="middle", lineHeight=14, aria=False)
            layers.append(mark.encode(x=alt.X("x:Q", **axis), y=alt.Y("y:Q", **axis), text="text:N", tooltip=tips))
    return layers
