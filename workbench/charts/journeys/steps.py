"""Steps around an anchor: the matrix (position × touchpoint) and the Sankey of what follows what."""

from __future__ import annotations

from collections import defaultdict

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

CELL = 27
SPAN, NODE_GAP = 420, 12  # px that all journeys together take in a Sankey, px between its nodes


def steps(
    frame: pd.DataFrame, t: Texts, *, anchor: str = "first", title="", subtitle="", source="", width: int = 960, top: int = 30
) -> alt.LayerChart:
    """A matrix: for each position counted from the anchor (0), the share of journeys that are at each touchpoint then."""
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    found = base.rows(frame)
    if not found:
        return base.nothing(t, **ends)
    weight, place = defaultdict(float), defaultdict(float)
    for row in found:
        weight[row["touchpoint"]] += row["n"]
        place[row["touchpoint"]] += row["n"] * row["position"]
    kept = sorted(weight, key=lambda name: (-weight[name], name))[:top]
    order = sorted(kept, key=lambda name: (name == base.END, place[name] / weight[name], name))
    label_room = int(
        min(170 if width >= 640 else 104, max(theme.text_width(base.name(t, name), theme.SMALL) for name in order) + 4)
    )
    names = _short(order, label_room, t)
    most = max(row["share"] for row in found) or 1
    values = [
        {
            "row": row["row"],
            "position": f"+{row['position']}" if row["position"] > 0 else str(row["position"]).replace("-", "−"),
            "touchpoint": names[row["touchpoint"]],
            "name": base.name(t, row["touchpoint"]),
            "share": row["share"],
            "text": t.percent(row["share"]) if row["share"] >= 0.0005 else f"<{t.percent(0.001)}",
            "share_text": base.estimate(t, row["share"], row.get("low"), row.get("high")),
            "n": t.count(row["n"]),
            "customers": t.count(row["n_customers"]),
            "strong": base.is_strong(row["share"], most),
            "said": f"{row['position']}, {row['touchpoint']}: {t.percent(row['share'])}",
        }
        for row in sorted(found, key=lambda row: row["position"])
        if row["touchpoint"] in names
    ]
    notes = [t("charts.cut", n=len(order), all=len(weight))] if len(weight) > len(order) else []
    return base.finish(
        _cells(values, list(names.values()), anchor, label_room, most, t), t,
        kind="steps", height=CELL * len(order), notes=notes,
        said={"n": len(order), "positions": len({v["position"] for v in values})}, min_width=300, left=label_room + 6, **ends,
    )  # fmt: skip


def _short(order: list[str], room: float, t: Texts) -> dict[str, str]:
    """Names cut to the room beside the matrix; two that are cut alike stay apart by a number."""
    names, seen = {}, defaultdict(int)
    for name in order:
        cut = theme.shorten(base.name(t, name), room, theme.SMALL)
        seen[cut] += 1
        names[name] = cut if seen[cut] == 1 else f"{cut} {seen[cut]}"
    return names


def _cells(values: list[dict], order: list[str], anchor: str, room: int, most: float, t: Texts) -> list[alt.Chart]:
    positions = list(dict.fromkeys(v["position"] for v in values))
    said = t(f"charts.steps.{anchor}") if anchor in ("first", "last") else f"“{anchor}”"
    axis = alt.Axis(
        orient="top", labelAngle=0, title=t("charts.steps.position", anchor=said), titleAnchor="start", titleAlign="left"
    )
    x = alt.X("position:O", sort=positions, axis=axis, scale=alt.Scale(paddingInner=0.05, paddingOuter=0))
    y = alt.Y(
        "touchpoint:N",
        sort=order,
        axis=alt.Axis(title=None, labelLimit=room + 24, minExtent=room, maxExtent=room),
        scale=alt.Scale(paddingInner=0.1, paddingOuter=0),
    )
    tips = base.tip(t, name="touchpoint", position="position", share_text="share_journeys", n="journeys", customers="customers")
    drawn = alt.Chart(base.data(values))
    cells = drawn.mark_rect(cornerRadius=4, cursor="pointer").encode(
        x=x, y=y, color=base.shade("share", most), tooltip=tips, description=alt.Description("said:N")
    )
    layers = [cells.add_params(base.pick())]
    for style, strong in (("on_strong", True), ("on_soft", False)):
        some = [v for v in values if v["strong"] is strong]
        if some:
            text = alt.Chart(base.data(some)).mark_text(style=style, aria=False)
            layers.append(text.encode(x=x, y=y, text="text:N", tooltip=tips))
    return layers


def sankey(
    frame: pd.DataFrame,
    t: Texts,
    *,
    cells: pd.DataFrame | None = None,
    title="",
    subtitle="",
    source="",
    width: int = 960,
    top: int = 7,
) -> alt.LayerChart:
    """Bands from touchpoint to touchpoint between positions (`frame`: position, source, target, n, n_customers). A node says
    the share of journeys there with its interval if `cells` are given, the frame of the step matrix.

    At each position the `top` most frequent touchpoints have a node, the rest share one. Bands too thin to see (below half a
    px) among the rest are drawn as one, which opens no customers (`row` null). A click on a node gives `row` null with
    `position` and `touchpoint`, which name a row of the step matrix."""
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    links = [row for row in base.rows(frame) if row["n"]]
    if not links:
        return base.nothing(t, **ends)
    nodes, height, px = _nodes(links, top)
    bands = _bands(links, nodes, top, px, t)
    first = min(link["position"] for link in links)
    columns = max(link["position"] for link in links) - first + 1
    found = {(row["position"], row["touchpoint"]): row for row in base.rows(cells)} if cells is not None else {}
    marks = [_node(key, node, first, found.get(key), t) for key, node in nodes.items()]
    layers = _drawn(bands, marks, columns, height, t)
    said = {"n": columns + 1, "bands": len(bands)}
    return base.finish(
        layers,
        t,
        kind="sankey",
        height=height,
        said=said,
        notes=[t("charts.sankey.note", n=top)],
        min_width=(columns + 1) * 104,
        **ends,
    )


def _kept(links: list[dict], top: int) -> dict[int, set[str]]:
    flow = defaultdict(lambda: defaultdict(int))
    for link in links:
        flow[link["position"]][link["source"]] += link["n"]
        flow[link["position"] + 1][link["target"]] += link["n"]
    return {
        at: {base.START, base.END, *sorted(names, key=lambda name: (-names[name], name))[:top]} for at, names in flow.items()
    }


def _nodes(links: list[dict], top: int) -> tuple[dict, float, float]:
    """(position, touchpoint or None for the rest) -> its n, its place from above; the height of all; px a journey."""
    kept = _kept(links, top)
    out, into = defaultdict(int), defaultdict(int)
    for link in links:
        here, there = _keys(link, kept)
        out[here] += link["n"]
        into[there] += link["n"]
    sizes = {key: max(out[key], into[key]) for key in {*out, *into}}
    columns = defaultdict(list)
    for key in sizes:
        columns[key[0]].append(key)
    px = SPAN / max(sum(sizes[key] for key in keys) for keys in columns.values())
    nodes, height = {}, 0.0
    for column in sorted(columns):
        at, pull = 0.0, defaultdict(float)
        for link in links:
            here, there = _keys(link, kept)
            if there[0] == column and here in nodes:
                pull[there] += link["n"] * (nodes[here]["y"] + nodes[here]["y2"]) / 2
        centre = {key: pull[key] / into[key] if into[key] else -sizes[key] for key in columns[column]}
        # next to where they come from; the rest and the ends below
        for key in sorted(
            columns[column], key=lambda k: (k[1] is None, k[1] in (base.START, base.END), centre[k], -sizes[k], str(k[1]))
        ):
            tall = max(sizes[key] * px, 1.5)
            nodes[key] = {"n": sizes[key], "y": at, "y2": at + tall}
            at += max(tall, 6) + NODE_GAP
        height = max(height, at)
    return nodes, height, px


def _keys(link: dict, kept: dict[int, set[str]]) -> tuple[tuple, tuple]:
    at = link["position"]
    here = link["source"] if link["source"] in kept[at] else None
    there = link["target"] if link["target"] in kept[at + 1] else None
    return (at, here), (at + 1, there)


def _bands(links: list[dict], nodes: dict, top: int, px: float, t: Texts) -> list[dict]:
    kept = _kept(links, top)
    first = min(link["position"] for link in links)
    joined: dict = {}
    for link in links:
        here, there = _keys(link, kept)
        thin = (here[1] is None or there[1] is None) and link["n"] * px < 0.5
        key = (here, there, None if thin else link["row"])
        known = joined.setdefault(
            key, {"here": here, "there": there, "row": None if thin else link["row"], "n": 0, "link": link, "thin": thin}
        )
        known["n"] += link["n"]
    bands = sorted(joined.values(), key=lambda b: (nodes[b["here"]]["y"], nodes[b["there"]]["y"], -b["n"], str(b["row"])))
    for end, start in (("here", "y0"), ("there", "y1")):
        used = {key: node["y"] for key, node in nodes.items()}
        other = "there" if end == "here" else "here"
        for band in sorted(bands, key=lambda b: (nodes[b[other]]["y"], -b["n"], str(b["row"]))):
            band[start] = round(used[band[end]], 2)
            used[band[end]] += band["n"] * px
    return [
        {
            "row": band["row"],
            "x0": band["here"][0] - first,
            "y0": band["y0"],
            "y1": band["y1"],
            "tall": round(band["n"] * px, 2),
            "id": i,
            "position": None,
            "touchpoint": None,
            "ends": band["there"][1] == base.END,
            "source": t("charts.sankey.rest") if band["thin"] else base.name(t, band["link"]["source"]),
            "target": t("charts.sankey.rest") if band["thin"] else base.name(t, band["link"]["target"]),
            "n": t.count(band["n"]),
            "customers": "" if band["thin"] else t.count(band["link"]["n_customers"]),
        }
        for i, band in enumerate(bands)
    ]


def _node(key: tuple, node: dict, first: int, cell: dict | None, t: Texts) -> dict:
    at, touchpoint = key
    name = t("charts.sankey.rest") if touchpoint is None else base.name(t, touchpoint)
    tall = node["y2"] - node["y"]
    quiet = touchpoint in (None, base.START, base.END)
    count = t.count(node["n"])
    return {
        "row": None,
        "position": at,
        "touchpoint": touchpoint,
        "x": at - first,
        "y": round(node["y"], 2),
        "y2": round(node["y2"], 2),
        "middle": round(node["y"] + max(tall / 2, 4), 2),
        "name": name,
        "n": count,
        "share_text": base.estimate(t, cell["share"], cell.get("low"), cell.get("high")) if cell else "",
        "quiet": quiet,
        "text": [name, count] if tall >= 30 else [f"{name} · {count}"],
        "lift": -7 if tall >= 30 else 0,
    }


def _drawn(bands: list[dict], marks: list[dict], columns: int, height: float, t: Texts) -> list[alt.Chart]:
    scale = alt.Scale(domain=[-0.02, columns + 0.82], nice=False, zero=False)
    tips = base.tip(t, source="from", target="to", n="journeys", customers="customers")
    layers = []
    for style, ends in (("band_end", True), ("band", False)):
        some = [band for band in bands if band["ends"] is ends]
        if not some:
            continue
        # the curve is made in the browser: a row a band is all that travels
        curve = (
            alt.Chart(base.data(some))
            .transform_calculate(u="sequence(0, 1.01, 0.0625)")
            .transform_flatten(["u"])
            .transform_calculate(
                x="datum.x0 + 0.03 + 0.95 * datum.u",
                upper="datum.y0 + (datum.y1 - datum.y0) * datum.u * datum.u * (3 - 2 * datum.u)",
                lower="datum.upper + datum.tall",
            )
            .mark_area(style=style, opacity=0.3, cursor="pointer", aria=False)
        )
        layers.append(
            curve.encode(
                x=alt.X("x:Q", scale=scale, axis=None), y=base.down(height, "upper:Q"), y2="lower:Q",
                detail="id:N", tooltip=tips,
            )
        )  # fmt: skip
    layers[0] = layers[0].add_params(base.pick("position", "touchpoint"))
    shares = {"share_text": "share_journeys"} if any(mark["share_text"] for mark in marks) else {}
    node_tips = base.tip(t, name="touchpoint", **shares, n="journeys")
    for style, quiet in (("band_end", True), ("band", False)):
        some = [mark for mark in marks if mark["quiet"] is quiet]
        if some:
            drawn = alt.Chart(base.data(some))
            x = alt.X("x:Q", scale=scale, axis=None)
            bar = drawn.mark_rule(style=style, strokeWidth=7, opacity=1)
            layers.append(
                bar.encode(x=x, y=base.down(height), y2="y2:Q", tooltip=node_tips, description=alt.Description("name:N"))
            )
    for lift in (-7, 0):
        some = [mark for mark in marks if mark["lift"] == lift]
        if some:
            text = alt.Chart(base.data(some)).mark_text(
                style="on_soft", align="left", baseline="middle", dx=8, dy=lift, lineHeight=15, aria=False,
                limit=alt.expr(f"width / {columns + 0.84} - 16"),
            )  # fmt: skip
            layers.append(
                text.encode(
                    x=alt.X("x:Q", scale=scale, axis=None), y=base.down(height, "middle:Q"), text="text:N", tooltip=node_tips
                )
            )
    return layers
