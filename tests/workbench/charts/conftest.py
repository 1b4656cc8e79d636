"""Frames in the shape the room promises, made from the company of twelve by a few lines of pandas of their own."""

from __future__ import annotations

import company
import numpy as np
import pandas as pd
import pytest

from workbench.locale import texts

START, END = "(start)", "(end)"


def wilson(k, n) -> tuple:
    z, p = 1.959964, k / n
    middle, half = (p + z * z / 2 / n), z * np.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def steps_of(events: pd.DataFrame) -> pd.DataFrame:
    s = events.sort_values(["case_id", "occurred_at"], kind="stable").rename(
        columns={"case_id": "journey", "customer_id": "customer"}
    )
    group = s.groupby("journey", sort=False)
    s["seq"] = group.cumcount()
    s["next"] = group["touchpoint"].shift(-1).fillna(END)
    s["dt"] = (group["occurred_at"].shift(-1) - s["occurred_at"]).dt.total_seconds()
    return s.reset_index(drop=True)


def flow_frame(s: pd.DataFrame) -> pd.DataFrame:
    s = s.assign(source=s.touchpoint, target=s.next, kind=np.where(s.next == END, "exit", "step"))
    entry = s[s.seq == 0].assign(source=START, target=lambda d: d.touchpoint, kind="entry", dt=np.nan)
    both = pd.concat([entry, s], ignore_index=True)
    out = both.groupby(["kind", "source", "target"], as_index=False).agg(
        n=("journey", "size"),
        n_journeys=("journey", "nunique"),
        n_customers=("customer", "nunique"),
        mean_s=("dt", "mean"),
        median_s=("dt", "median"),
    )
    out["share"] = out.n / out.groupby("source").n.transform("sum")
    return out


def variants_frame(s: pd.DataFrame) -> pd.DataFrame:
    one = s.groupby("journey", sort=False).agg(
        variant=("touchpoint", " → ".join), customer=("customer", "first"), n_steps=("seq", "size"), took=("dt", "sum")
    )
    out = one.groupby("variant", as_index=False).agg(
        n=("customer", "size"), n_customers=("customer", "nunique"), n_steps=("n_steps", "first"), median_s=("took", "median")
    )
    out = out.sort_values(["n", "variant"], ascending=[False, True], ignore_index=True).head(20)
    out["share"] = out.n / len(one)
    out["cumulative_share"] = out.share.cumsum()
    out.insert(0, "rank", out.index + 1)
    return out


def steps_frames(s: pd.DataFrame, after: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    s = s[s.seq <= after].assign(position=lambda d: d.seq)
    cells = s.groupby(["position", "touchpoint"], as_index=False).agg(
        n=("journey", "size"), n_customers=("customer", "nunique")
    )
    cells["share"] = cells.n / s.journey.nunique()
    links = s.assign(source=s.touchpoint, target=s.next).groupby(["position", "source", "target"], as_index=False)
    return cells, links.agg(n=("journey", "size"), n_customers=("customer", "nunique"))


def touchpoints_frame(s: pd.DataFrame) -> pd.DataFrame:
    total = s.journey.nunique()
    out = s.groupby("touchpoint", as_index=False).agg(
        n=("journey", "size"), n_journeys=("journey", "nunique"), n_customers=("customer", "nunique"), median_s=("dt", "median")
    )
    out.insert(1, "stage", None)
    out["share"] = out.n_journeys / total
    out["entry_share"] = out.touchpoint.map(s[s.seq == 0].touchpoint.value_counts()).fillna(0) / total
    out["exit_share"] = out.touchpoint.map(s[s.next == END].touchpoint.value_counts()).fillna(0) / total
    return out.sort_values("n", ascending=False, ignore_index=True)


def sessions_frame(s: pd.DataFrame) -> pd.DataFrame:
    one = s.groupby("journey", sort=False).agg(
        entry=("touchpoint", "first"), customer=("customer", "first"), steps=("seq", "size"), took=("dt", "sum")
    )
    one["single"] = one.steps == 1
    out = one.groupby("entry", as_index=False).agg(
        n=("steps", "size"),
        n_customers=("customer", "nunique"),
        mean_steps=("steps", "mean"),
        single=("single", "sum"),
        median_s=("took", "median"),
    )
    out["share"], out["single_share"] = out.n / len(one), out.single / out.n
    out["low"], out["high"] = wilson(out.single, out.n)
    return out.drop(columns="single").sort_values("n", ascending=False, ignore_index=True)


def loops_frame(s: pd.DataFrame) -> pd.DataFrame:
    s = s.assign(after=s.groupby("journey").touchpoint.shift(-2))
    again = s[s.touchpoint == s.next].assign(kind="repeat", name=lambda d: d.touchpoint)
    back = s[(s.touchpoint == s.after) & (s.touchpoint != s.next)]
    back = back.assign(kind="back_track", name=back.touchpoint + " → " + back.next + " → " + back.after)
    dead = s[s.next == END].assign(kind="dead_end", name=lambda d: d.touchpoint, dt=0.0)
    out = (
        pd.concat([again, back, dead])
        .groupby(["kind", "name"], as_index=False)
        .agg(
            n=("journey", "size"), n_journeys=("journey", "nunique"), n_customers=("customer", "nunique"), cost_s=("dt", "sum")
        )
    )
    total = s.journey.nunique()
    out["share"] = out.n_journeys / total
    out["low"], out["high"] = wilson(out.n_journeys, total)
    return out.rename(columns={"name": "touchpoint"}).sort_values("cost_s", ascending=False, ignore_index=True)


def compare_frame(s: pd.DataFrame) -> pd.DataFrame:
    """Journeys with a step in the app against the others: who has a touchpoint. What is shown is made up: one of each kind."""
    in_app = s.journey.isin(s[s.channel == "app"].journey)
    whole = {side: s[which].journey.nunique() for side, which in (("a", in_app), ("b", ~in_app))}
    out = pd.DataFrame({"touchpoint": sorted(s.touchpoint.unique())})
    for side, which in (("a", in_app), ("b", ~in_app)):
        met = s[which].groupby("touchpoint")
        out[f"n_{side}"] = out.touchpoint.map(met.journey.nunique()).fillna(0).astype(int)
        out[f"total_{side}"] = whole[side]
        out[f"n_customers_{side}"] = out.touchpoint.map(met.customer.nunique()).fillna(0).astype(int)
        out[f"share_{side}"] = out[f"n_{side}"] / whole[side]
        out[f"median_{side}_s"] = out.touchpoint.map(met.dt.median())
    out["n"], out["n_customers"] = out.n_a + out.n_b, out.touchpoint.map(s.groupby("touchpoint").customer.nunique())
    out["difference"] = out.share_a - out.share_b
    out["low"], out["high"] = out.difference - 0.3, out.difference + 0.2
    out["q"] = [0.01, 0.3, *[np.nan] * (len(out) - 2)]
    out["reason"] = ["", "not shown", *["too few"] * (len(out) - 2)]
    out["shown"] = out.reason == ""
    out["median_difference_s"] = out.median_a_s - out.median_b_s
    out["median_difference_low_s"], out["median_difference_high_s"] = out.median_difference_s - 60, out.median_difference_s + 90
    out.loc[len(out) - 1, ["share_b", "difference", "low", "high"]] = np.nan  # no such total in one group
    return out.assign(what=out.touchpoint, is_mean=False)


#: Search → Product page → Cart → Payment in order, of the 14 cases: worked out from the table in company.py.
#: Search: all but k06 and k14 = 12. Then Product page: all of these but k08, k10, k12 = 9. Then Cart: all but k03 = 8. Then
#: Payment: all but k04, k07 = 6 (k01 k02 k05 k09 k11 k13); c01 has two of them.
FUNNEL = [("Search", 12, 12, None), ("Product page", 9, 9, 120.0), ("Cart", 8, 8, 180.0), ("Payment", 6, 5, 60.0)]


def funnel_frame(parts=FUNNEL, journeys: int = 12) -> pd.DataFrame:
    out = pd.DataFrame(parts, columns=["step", "n", "n_customers", "median_s"])
    out.insert(1, "position", out.index + 1)
    before = out.n.shift(1, fill_value=journeys)
    out["reach_share"], out["step_rate"] = out.n / journeys, out.n / before
    out["reach_low"], out["reach_high"] = wilson(out.n, journeys)
    out["low"], out["high"] = wilson(out.n, before)
    return out


LEFT = pd.DataFrame(
    {
        "position": [1, 1, 2, 3, 3],
        "touchpoint": ["Support call", END, END, END, "Search"],
        "n": [1, 2, 1, 1, 1],
        "n_customers": [1, 2, 1, 1, 1],
        "share": [1 / 3, 2 / 3, 1.0, 0.5, 0.5],
    }
)

OVERVIEW = pd.DataFrame(
    {
        "measure": [
            "events",
            "journeys",
            "customers",
            "touchpoints",
            "variants",
            "throughput_mean",
            "throughput_median",
            "first_at",
            "last_at",
        ],
        "value": [54, 14, 12, 7, 12, 70000.0, 600.0, 1772442000.0, 1774256400.0],
        "unit": ["events", "journeys", "customers", "touchpoints", "variants", "s", "s", "epoch_s", "epoch_s"],
        "n": [54, 14, 12, 7, 12, 14, 14, 54, 54],
        "n_customers": [12] * 9,
    }
)


def passings_frame(s: pd.DataFrame, column: str) -> pd.DataFrame:
    s = s.assign(source=s[column], target=s.groupby("journey", sort=False)[column].shift(-1)).dropna(subset="target")
    crossed = s[s.source != s.target].groupby(["source", "target"], as_index=False)
    out = crossed.agg(
        n=("journey", "size"), n_journeys=("journey", "nunique"), n_customers=("customer", "nunique"), median_s=("dt", "median")
    )
    left = out.source.map(s.groupby("source").size())
    out["share"] = out.n / left
    out["low"], out["high"] = wilson(out.n, left)
    out["median_low_s"], out["median_high_s"] = out.median_s * 0.8, out.median_s * 1.3
    return out.sort_values("n", ascending=False, ignore_index=True)


def cohorts_frame() -> pd.DataFrame:
    out = pd.DataFrame(
        [(f"2026-0{month}-01", after, 40 - 11 * after * month, 40) for month in (1, 2, 3) for after in range(4 - month)],
        columns=["cohort", "after", "n", "n_cohort"],
    )
    out["cohort"], out["n_customers"], out["share"] = pd.to_datetime(out.cohort), out.n, out.n / out.n_cohort
    out["low"], out["high"] = wilson(out.n, out.n_cohort)
    return out


def attribution_frame() -> pd.DataFrame:
    # four conversions at Support call: k08, k09 and k14 have one channel before, k11 web and then courier
    parts = {"first": (3.0, 0.0, 1.0), "last": (2.0, 1.0, 1.0), "shapley": (2.5, 0.5, 1.0)}
    out = pd.DataFrame(
        [
            (model, *one)
            for model, credit in parts.items()
            for one in zip(("web", "courier", "phone"), credit, (3, 1, 1), strict=True)
        ],
        columns=["model", "channel", "credit", "n"],
    )
    out["n_customers"], out["share"] = out.n, out.credit / 4
    out["low"], out["high"] = wilson(out.credit, 4)
    return out


def map_frame(s: pd.DataFrame) -> pd.DataFrame:
    out = s.groupby(["stage", "touchpoint"], as_index=False).agg(
        n=("journey", "size"), n_journeys=("journey", "nunique"), n_customers=("customer", "nunique")
    )
    out["share"] = out.n_journeys / s.journey.nunique()
    out["low"], out["high"] = zip(*(wilson(k, s.journey.nunique()) for k in out.n_journeys), strict=True)
    out.insert(2, "layer", np.where(out.touchpoint == "Payment", "mined", "both"))
    only_planned = {"stage": "Buy", "touchpoint": "One-tap", "layer": "planned", "high": wilson(0, s.journey.nunique())[1]}
    return pd.concat([out, pd.DataFrame([only_planned])], ignore_index=True).fillna(0)


def changes_frame() -> pd.DataFrame:
    """Ten weeks: the share of a touchpoint goes from 20 % to 50 % for three of them. `attrs`: the series."""
    weeks = pd.Series(pd.date_range("2026-01-05", periods=10, freq="7D"))
    share = np.where(weeks.index.isin([4, 5, 6]), 0.5, 0.2)
    low, high = wilson(share * 40, 40)
    series = {"measure": "share", "touchpoint": "Cart", "period_day": weeks, "share": share, "low": low, "high": high}
    days = {"from_day": 4, "from_low_day": 3, "from_high_day": 4, "back_day": 7, "back_low_day": 7, "back_high_day": 8}
    row = {"measure": "share", "touchpoint": "Cart"} | {name: weeks[week] for name, week in days.items()}
    for side, level, n in (("before", 0.2, 160), ("after", 0.5, 120)):
        ends = wilson(level * n, n)
        row |= {f"{side}_share": level, f"{side}_low": ends[0], f"{side}_high": ends[1]}
    frame = pd.DataFrame([row | {"n": 60, "n_customers": 55, "q": 0.001}])
    points = pd.DataFrame(series | {"n": (share * 40).astype(int), "n_customers": (share * 40).astype(int)})
    frame.attrs["series"] = points
    return frame


def conformance_frame() -> pd.DataFrame:
    """Three departures from a plan, made up: longer, shorter, and one without a time of its own."""
    what = ["“Product page” left out after “Search”", "“Support call” after “Payment”", "“Cart” out of order"]
    out = pd.DataFrame({"what": what, "cost": [3, 2, 2], "n": [3, 2, 1], "n_journeys": [3, 2, 1], "n_customers": [3, 2, 1]})
    out["share"] = out.n_journeys / 14
    out["low"], out["high"] = wilson(out.n_journeys, 14)
    out["extra_s"] = [600.0, -60.0, np.nan]
    out["extra_low_s"], out["extra_high_s"] = out.extra_s - 300, out.extra_s + 400
    return out


def inventory_frame() -> pd.DataFrame:
    """Three sources, made up: one sees customers whom no other sees, one is late, one has no time."""
    out = pd.DataFrame({"what": ["“web” (events)", "“e-mail” (survey answers)", "reviews"], "n_rows": [30, 9, 4]})
    out["n"], out["n_customers"], out["n_alone"] = [30, 8, 2], [9, 6, 2], [4, 0, 1]
    out["share"], out["alone_share"] = out.n_customers / 12, out.n_alone / out.n_customers
    out["low"], out["high"] = wilson(out.n_customers, 12)
    out["alone_low"], out["alone_high"] = wilson(out.n_alone, out.n_customers)
    out["behind_s"] = [0.0, 90_000.0, np.nan]
    return out


def frames_of(events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    s = steps_of(events)
    cells, links = steps_frames(s)
    return {
        "flow": flow_frame(s), "variants": variants_frame(s), "steps": cells, "sankey": links,
        "touchpoints": touchpoints_frame(s),
        "sessions": sessions_frame(s), "loops": loops_frame(s), "funnel": funnel_frame(), "overview": OVERVIEW.copy(),
        "compare": compare_frame(s),
        "crossings": passings_frame(s, "channel"), "handoffs": passings_frame(s.assign(owner=s.stage), "owner"),
        "cohorts": cohorts_frame(), "attribution": attribution_frame(),
        "map": map_frame(s), "changes": changes_frame(), "conformance": conformance_frame(),
        "inventory": inventory_frame(),
    }  # fmt: skip


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    return frames_of(pd.DataFrame(company.rows()))


@pytest.fixture(params=["en", "ru", "pl"])
def t(request):
    return texts(request.param)
