"""Each analysis on the twelve customers, worked out by hand from tests/company.py."""

import company
import pytest

import workbench as wb
from workbench.errors import BadInput, NotEnoughData, NotFound

j = wb.journeys
STEPS = ["Search", "Product page", "Cart", "Payment"]


def solves(ends, share, n):
    """Whether `ends` are those of the score interval of a share of `n` independent cases: each solves the score equation."""
    for end in ends:
        assert abs(share - end) == pytest.approx(1.959964 * (end * (1 - end) / n) ** 0.5, rel=1e-5)


def pick(frame, **values):
    found = frame
    for name, value in values.items():
        found = found[found[name] == value]
    (row,) = found.index
    return found.loc[row]


def test_overview(study):
    frame = j.overview(study).frame.set_index("measure")
    # events a case: 5 6 2 4 5 3 5 2 7 1 6 2 5 1; k01, k05 and k13 have the same five steps, the others one variant each
    assert frame.loc["events", "value"] == 54
    assert frame.loc["journeys", "value"] == 14
    assert frame.loc["customers", "value"] == 12
    assert frame.loc["touchpoints", "value"] == 7
    assert frame.loc["variants", "value"] == 12
    # minutes: 2880 4320 1 8 1440 11 15 7 31 0 2940 1 2880 0; in order 0 0 1 1 7 8 11 15 31 1440 2880 2880 2940 4320
    assert frame.loc["throughput_median", "value"] == 13 * 60  # between 11 and 15
    assert frame.loc["throughput_mean", "value"] == pytest.approx(14534 / 14 * 60)
    assert frame.loc["first_at", "value"] == company.START.timestamp()
    assert frame.loc["last_at", "value"] == company.START.timestamp() + 20 * 86400
    # ten cases begin at 09:00 of the first day: all but k06 (09:10), k10 (09:05), k13 and k14 (later days)
    assert tuple(frame.loc["first_at", ["n", "n_customers"]]) == (10, 10)
    assert tuple(frame.loc["last_at", ["n", "n_customers"]]) == (1, 1)


def test_touchpoints(study):
    frame = j.touchpoints(study).frame.set_index("touchpoint")
    # Search: twice in k04 and k07, once in ten others: 14 times in 12 of 14 journeys, of 11 customers (c01 twice; not c06)
    assert tuple(frame.loc["Search", ["n", "n_journeys", "n_customers"]]) == (14, 12, 11)
    assert frame.loc["Search", "share"] == 12 / 14 and frame.loc["Search", "entry_share"] == 11 / 14
    assert frame.loc["Search", "stage"] == "Discover"
    # it is last in k10 and k12
    assert frame.loc["Search", "exit_share"] == 2 / 14
    # to the next step, minutes: k01 2, k02 4, k03 1, k04 3 and 2, k05 2, k07 6 and 1, k08 7, k09 2, k11 2, k13 2
    assert frame.loc["Search", "median_s"] == 2 * 60
    # Support call ends all its four journeys
    assert frame.loc["Support call", "exit_share"] == 4 / 14 and frame["median_s"].isna()["Support call"]


def test_flow(study):
    frame = j.flow(study).frame
    # Search → Product page: k01 2, k02 4, k03 1, k04 2, k05 2, k07 6 and 1, k09 2, k11 2, k13 2 minutes: 10 in 9 journeys of 8
    one = pick(frame, kind="step", source="Search", target="Product page")
    assert (one["n"], one["n_journeys"], one["n_customers"]) == (10, 9, 8)
    assert (one["share"], one["mean_s"], one["median_s"]) == (10 / 14, 24 / 10 * 60, 2 * 60)
    # Payment: 7 times; to Delivery in k01, k05, k11, k13, to Pay again in k02 and k09, end in k06
    assert pick(frame, kind="step", source="Payment", target="Delivery")["share"] == 4 / 7
    one = pick(frame, kind="exit", source="Payment")
    assert (one["n"], one["share"], one["target"]) == (1, 1 / 7, "(end)")
    # minutes to Delivery: 2880 - 6 = 2874, 1440 - 4 = 1436, 2874, 12·1440 - (10·1440 + 5) = 2875
    assert pick(frame, kind="step", source="Payment", target="Delivery")["median_s"] == 2874 * 60
    one = pick(frame, kind="entry", target="Product page")  # k06 and k12
    assert (one["source"], one["n"], one["share"]) == ("(start)", 2, 2 / 14)
    # 54 events: 14 last ones, 40 transitions
    assert frame.groupby("kind")["n"].sum().to_dict() == {"entry": 14, "step": 40, "exit": 14}


def test_variants(study):
    result = j.variants(study, top=3)
    first, second, third = (result.frame.loc[row] for row in range(3))
    assert first["variant"] == "Search → Product page → Cart → Payment → Delivery"
    # k01 and k13 are both c01's, k05 c05's; 2880, 1440 and 2880 minutes
    assert (first["rank"], first["n"], first["n_customers"], first["n_steps"]) == (1, 3, 2, 5)
    assert (first["share"], first["median_s"]) == (3 / 14, 2880 * 60)
    # of those that occur once the shortest, then by name
    assert (second["variant"], third["variant"]) == ("Search", "Support call")
    assert third["cumulative_share"] == pytest.approx(5 / 14)
    assert (result.n_variants, result.n_once) == (12, 11)


def test_funnel(study):
    result = j.funnel(study, steps=STEPS)
    frame = result.frame
    # Search: all but k06 and k14; Product page after it: not k08, k10, k12; then Cart: not k03; then Payment: not k04, k07
    assert list(frame["n"]) == [12, 9, 8, 6]
    # c01 twice in each
    assert list(frame["n_customers"]) == [11, 8, 7, 5]
    assert list(frame["reach_share"]) == [1, 9 / 12, 8 / 12, 6 / 12]
    assert list(frame["step_rate"])[1:] == [9 / 12, 8 / 9, 6 / 8] and frame["step_rate"].isna()[0]
    # 12 journeys of 11 customers, c01's two alike. p = 9/12: c01 has 2 − 2p, seven 1 − p, three −p; squares
    # 1/4 + 7/16 + 27/16 = 19/8; design effect 11/10 · 19/8 · 11 / (144 · 3/16) = 2299/2160
    solves(frame.loc[1, ["low", "high"]], 9 / 12, 12 / (2299 / 2160))
    # p = 6/12: 1 + 4/4 + 6/4 = 7/2; 11/10 · 7/2 · 11 / (144/4) = 847/720
    solves(frame.loc[3, ["reach_low", "reach_high"]], 6 / 12, 12 / (847 / 720))
    assert frame.loc[0, ["reach_low", "reach_high", "low", "high"]].isna().all()  # all begin: no estimate
    # to the first Product page from the Search right before, minutes: 2 4 1 2 2 6 2 2 2 → 2
    # to Cart from the nearest Product page: 3 5 3 2 6 3 3 1 → 3; to Payment: 1 1 0 3 1 2 → 1
    assert list(frame["median_s"])[1:] == [120, 180, 60]
    # who stopped: at Search k08 (Support call), k10 (end), k12 (after its Search: end); at Product page k03; at Cart k04, k07
    assert result.left.values.tolist() == [
        [1, "(end)", 2, 2, pytest.approx(2 / 3)],
        [1, "Support call", 1, 1, pytest.approx(1 / 3)],
        [2, "(end)", 1, 1, 1.0],
        [3, "(end)", 2, 2, 1.0],
    ]


def test_a_funnel_says_what_was_still_open(study):
    # the data end with k14, 20 days after the start; k13's Search is the only one less than 11 days before (10 days): it
    # reached Delivery, but no Support call
    def said(steps, within):
        result = j.funnel(study, steps=steps, within=within)
        (one,) = [c for c in result.caveats if c.key == "journeys.caveat.funnel_open"] or [None]
        return result.n_open, one and dict(one.values)

    assert said(["Search", "Delivery"], "11d") == (0, None)
    n, values = said(["Search", "Support call"], "11d")
    assert (n, values["n"], values["total"]) == (1, 1, 12)
    # k08, k09 and k11 reached it: 3 of 12, with k13 it would be 4
    assert (values["share"], values["most"]) == (3 / 12, 4 / 12)
    # exactly `within` before the end is followed to the end
    assert said(["Search", "Support call"], "10d") == (0, None)


def test_shares_have_intervals_about_them(study):
    shares = [
        (j.touchpoints(study).frame, "share", "low", "high"),
        (j.touchpoints(study).frame, "entry_share", "entry_low", "entry_high"),
        (j.touchpoints(study).frame, "exit_share", "exit_low", "exit_high"),
        (j.flow(study).frame, "share", "low", "high"),
        (j.variants(study).frame, "share", "low", "high"),
        (j.steps(study, before=1).frame, "share", "low", "high"),
        (j.sessions(study).frame, "share", "share_low", "share_high"),
    ]
    for frame, share, low, high in shares:
        assert (frame[low] >= 0).all() and (frame[high] <= 1).all()
        assert ((frame[low] <= frame[share]) & (frame[share] <= frame[high]) & (frame[low] < frame[high])).all()
    # a journey a customer, an event a journey at most of each kind: Wilson's own
    alone = study.where(case_id=["k03", "k05", "k06", "k08", "k10"])
    solves(pick(j.touchpoints(alone).frame, touchpoint="Search")[["low", "high"]], 4 / 5, 5)
    solves(pick(j.flow(alone).frame, source="Product page", target="Cart")[["low", "high"]], 2 / 3, 3)
    # all who have an anchor are at it: nothing to estimate
    assert pick(j.steps(study, anchor="Cart").frame, position=0)[["low", "high"]].isna().all()


MEDIAN = ["median_low_s", "median_high_s"]


def test_medians_have_intervals_by_customer(study):
    # k of n values are at most the median; design effect as above; of n/effect cases (½ − 0.98/√(cases + 3.84)) lie below the
    # lower end, rounded down, times the effect, rounded down: the rank
    # Search → Product page, 1 1 2 2 2 2 2 2 4 6 min, c01 and c07 twice: k = 8; squares of k_i − 0.8 n_i: 0.16 c01, 0.64 c02,
    # 0.36 c07, 0.04 for five; 8/7 · 1.36 · 9 / 16 < 1: 10 · (0.5 − 0.98/3.720) = 2.37 → ranks 2 and 9
    one = pick(j.flow(study).frame, kind="step", source="Search", target="Product page")
    assert list(one[MEDIAN]) == [60, 240]
    # from Search to anything, 1 1 2 2 2 2 2 2 3 4 6 7, nine customers, c01, c04 and c07 twice: k = 8; squares of k_i − 2/3 n_i
    # add up to 2: 9/8 · 2 · 11 / 32 < 1: 12 · (0.5 − 0.98/3.980) = 3.05 → ranks 3 and 10
    touched = j.touchpoints(study).frame.set_index("touchpoint")
    assert list(touched.loc["Search", MEDIAN]) == [120, 240]
    # Delivery leads to Support call once; Support call nowhere
    assert touched.loc[["Delivery", "Support call"], MEDIAN].isna().all(axis=None)
    # journeys, 0 0 1 1 7 8 11 15 31 1440 2880 2880 2940 4320: k = 7; c01 has 0 of 2, c02 1 of 2; 12/11 · 3.5 · 13 / 49 = 1.013:
    # 13.82 · (0.5 − 0.98/4.203) = 3.69 → 3 · 1.013 → ranks 3 and 12
    whole = j.overview(study).frame.set_index("measure")
    assert list(whole.loc["throughput_median", MEDIAN]) == [60, 2880 * 60]
    assert whole.drop(index="throughput_median")[MEDIAN].isna().all(axis=None)
    # sessions from Search, 0 1 4 5 6 6 7 8 12 15 31: k = 6, with c01's two, 5 and 6; (100 + 4 · 25 + 5 · 36) / 121 = 380/121;
    # 10/9 · 380/121 · 10 / 30 = 1.163: 9.457 · (0.5 − 0.98/3.647) = 2.19 → 2 · 1.163 → ranks 2 and 10
    sessions = j.sessions(study).frame.set_index("entry")
    assert list(sessions.loc["Search", MEDIAN]) == [60, 900]
    # funnel: 1 2 2 2 2 2 2 4 6: k = 7, with c01's two; (16 + 2 · 49 + 5 · 4) / 81 = 134/81; 8/7 · 134/81 · 8 / 14 = 1.080:
    # 8.330 · (0.5 − 0.98/3.489) = 1.83 → ranks 1 and 9; to Cart 1 2 3 3 3 3 5 6 likewise the least and the largest: 7/6 · 1.625
    # · 7 / 12 = 1.106, 7.234 · (0.5 − 0.98/3.328) = 1.49; to Payment only five customers came, and to the first step nobody
    funnel = j.funnel(study, steps=STEPS).frame
    assert funnel.loc[[1, 2], MEDIAN].values.tolist() == [[60, 360], [60, 360]]
    assert funnel.loc[[0, 3], MEDIAN].isna().all(axis=None)
    # the most frequent variant has three journeys
    assert j.variants(study).frame[MEDIAN].isna().all(axis=None)


def test_funnel_window(study):
    # Search to Delivery: k01 2880 min, k02 4320, k05 1440, k11 2880, k13 2880; the window's end counts
    assert list(j.funnel(study, steps=["Search", "Delivery"], within="2d").frame["n"]) == [12, 4]
    assert list(j.funnel(study, steps=["Search", "Delivery"], within="1d").frame["n"]) == [12, 1]
    assert list(j.funnel(study, steps=["Search", "Delivery"], within="1439min").frame["n"]) == [12, 0]
    # by customer c02's Support call comes 20 days after the Search of its first case, c01's second Search after 10
    one = study.by_customer()
    assert list(j.funnel(one, steps=["Search", "Support call"], within="20d").frame["n"]) == [11, 4]
    assert list(j.funnel(one, steps=["Search", "Support call"], within="19d").frame["n"]) == [11, 3]


def test_funnel_that_nobody_enters(study):
    result = j.funnel(study.where(case_id="k10"), steps=["Cart", "Payment"])
    assert list(result.frame["n"]) == [0, 0] and result.frame["step_rate"].isna().all() and result.left.empty
    assert "Cart" in result.explain()[0]


def test_steps_from_the_first(study):
    result = j.steps(study, after=2)
    # first: Search 11 (not k06, k12, k14)
    # second: Product page in k01 k02 k03 k05 k07 k09 k11 k13, Search in k04 and k12
    one = pick(result.frame, position=0, touchpoint="Search")
    assert (one["n"], one["n_customers"], one["share"]) == (11, 10, 11 / 14)
    assert pick(result.frame, position=1, touchpoint="Product page")["n"] == 8
    assert pick(result.frame, position=1, touchpoint="Search")["n"] == 2
    assert set(result.frame["position"]) == {0, 1, 2}
    # k10 and k14 end with their first step
    ends = result.links[(result.links["position"] == 0) & (result.links["target"] == "(end)")]
    assert ends["n"].sum() == 2 == result.n_ended
    assert pick(result.links, position=0, source="Search", target="Product page")["n"] == 8


def test_steps_around_a_touchpoint(study):
    result = j.steps(study, anchor="Cart", before=1, after=1)
    # Cart is in k01 k02 k04 k05 k06 k07 k09 k11 k13, each time right after Product page; then Payment but in k04 and k07
    assert result.n_anchored == 9
    assert result.frame.drop(columns=["share", "low", "high"]).values.tolist() == [
        [-1, "Product page", 9, 8],
        [0, "Cart", 9, 8],
        [1, "Payment", 7, 6],
    ]
    assert result.links.drop(columns="n_customers").values.tolist() == [
        [-1, "Product page", "Cart", 9],
        [0, "Cart", "Payment", 7],
        [0, "Cart", "(end)", 2],
    ]
    # before the last step: Payment in k01, k05, k13
    assert pick(j.steps(study, anchor="last", before=1, after=0).frame, position=-1, touchpoint="Payment")["n"] == 3


def test_sessions(study):
    frame = j.sessions(study).frame.set_index("entry")
    # a pause over 30 minutes comes before every Delivery and before k11's Support call an hour after: 14 + 5 + 1 sessions
    assert frame["n"].sum() == 20
    assert tuple(frame.loc["Delivery", ["n", "n_customers", "single_share"]]) == (5, 4, 1.0)
    assert frame.loc["Support call", "n"] == 2  # k11's and k14
    # with Search: k01 4 steps, k02 5, k03 2, k04 4, k05 4, k07 5, k08 2, k09 7, k10 1, k11 4, k13 4: 42 in 11
    assert frame.loc["Search", "mean_steps"] == pytest.approx(42 / 11)
    # 1 of 11 sessions of 10 customers (c01 has two): 100/121 + 8/121 + 4/121 = 112/121; 10/9 · 112/121 · 10 / 10 = 1120/1089
    solves(frame.loc["Search", ["low", "high"]], 1 / 11, 11 / (1120 / 1089))
    # minutes: 6 12 1 8 4 15 7 31 0 6 5 → 0 1 4 5 6 6 7 8 12 15 31
    assert frame.loc["Search", "median_s"] == 6 * 60
    # an hour's pause is not longer than an hour
    assert j.sessions(study, gap="1h").frame["n"].sum() == 19


def test_loops(study):
    frame = j.loops(study).frame
    found = {(one["kind"], one["touchpoint"]): one for _, one in frame.iterrows()}
    # k04 Search, Search (3 min); k09 Pay again, Pay again (2 min)
    # k07 Search, Product page, Search (8 min), and on to Product page again (3 min)
    assert {key: one["cost_s"] / 60 for key, one in found.items() if key[0] != "dead_end"} == {
        ("repeat", "Search"): 3,
        ("repeat", "Pay again"): 2,
        ("back_track", "Search → Product page → Search"): 8,
        ("back_track", "Product page → Search → Product page"): 3,
    }
    # ends: Delivery 4 of 5, Support call 4 of 4 are natural; Search 2 of 14 (k10, k12), Product page 1 of 12 (k03),
    # Cart 2 of 9 (k04, k07), Payment 1 of 7 (k06) are dead
    dead = {key[1]: (one["n"], one["cost_s"] / 60) for key, one in found.items() if key[0] == "dead_end"}
    assert dead == {"Search": (2, 1), "Product page": (1, 1), "Cart": (2, 23), "Payment": (1, 11)}
    assert list(frame["cost_s"]) == sorted(frame["cost_s"], reverse=True)
    # c04 and c07 of 12 customers; p = 1/7, 2 · 36/49 + 8/49 + 2 · 4/49 = 88/49; 12/11 · 88/49 · 13 / (196 · 6/49) = 52/49
    assert found["dead_end", "Cart"]["share"] == 2 / 14
    solves(found["dead_end", "Cart"][["low", "high"]], 2 / 14, 14 / (52 / 49))


def test_a_loop_is_longer_than_a_back_track(study):
    # by customer c01 searches again ten days later, with four other steps between
    found = j.loops(study.by_customer()).frame
    one = pick(found, kind="loop", touchpoint="Search → … → Search")
    assert (one["n"], one["n_customers"], one["cost_s"]) == (1, 1, 10 * 86400)


def test_caveats(study):
    def keys(result):
        return [one.key.removeprefix("journeys.caveat.") for one in result.caveats]

    # the tie in k05; k10 and k14 of one event; k14 at the very end of the data
    assert keys(j.loops(study)) == ["passed", "open", "ties", "single"]
    # returns: 3, 2, 8 and 3 minutes, none of a day; by customer c01's five of ten days
    assert dict(j.loops(study).caveats[0].values) == {"n": 0, "total": 4}
    assert dict(j.loops(study.by_customer()).caveats[0].values) == {"n": 5, "total": 9}
    assert keys(j.flow(study)) == ["open", "ties", "single"]
    assert keys(j.overview(study.where(channel="store"))) == ["open"]
    assert "all_different" not in keys(j.variants(study))


def test_one_case_a_variant_is_said(tmp_path):
    import pandas as pd

    log = [
        {"customer_id": f"c{n}", "touchpoint": "AB"[n >> bit & 1], "occurred_at": company.START + pd.Timedelta(minutes=bit)}
        for n in range(16)
        for bit in range(4)
    ]
    wb.load([pd.DataFrame(log)], into=tmp_path / "s", name="S")
    said = [one.text("en") for one in j.variants(wb.open(tmp_path / "s")).caveats]
    assert any("16 journeys" in one and "frequencies mean nothing" in one for one in said)


def test_no_journey_left(study):
    nothing = study.between("2030-01-01", None)
    calls = [j.overview, j.touchpoints, j.flow, j.variants, j.steps, j.sessions, j.loops, j.headline]
    for call in [*calls, lambda s: j.funnel(s, steps=STEPS)]:
        with pytest.raises(NotEnoughData, match="filters"):
            call(nothing)
    with pytest.raises(NotEnoughData, match="Delivery"):
        j.steps(study.where(case_id="k10"), anchor="Delivery")


def test_what_is_asked_wrongly_is_said(study):
    with pytest.raises(NotFound, match="Did you mean “Payment”"):
        j.funnel(study, steps=["Cart", "Paymentt"])
    with pytest.raises(NotFound, match="Did you mean “Cart”"):
        j.steps(study, anchor="Carts")
    for wrong in ("Search", ["Search"], ["Search"] * 13):
        with pytest.raises(BadInput, match="2 to 12"):
            j.funnel(study, steps=wrong)
    for wrong in (30, "30", "a while", "-2d"):
        with pytest.raises(BadInput):
            j.sessions(study, gap=wrong)
        with pytest.raises(BadInput):
            j.funnel(study, steps=STEPS, within=wrong)
    for wrong in (0, 2.5, True, 10**6):
        with pytest.raises(BadInput, match="top="):
            j.variants(study, top=wrong)
    with pytest.raises(BadInput, match="after=-1"):
        j.steps(study, after=-1)
