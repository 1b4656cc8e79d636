"""Crossings of channels and hand-offs between owners: by hand, by another reckoning, and where they are planted."""

import datetime as dt

import company
import numpy as np
import pandas as pd
import pytest
import walking

import workbench as wb
from workbench.errors import NotEnoughData

j = wb.journeys
MINUTE, HOUR = 60, 3600


def solves(ends, share, n):
    """Whether `ends` are those of the score interval of a share of `n` independent cases: each solves the score equation."""
    for end in ends:
        assert abs(share - end) == pytest.approx(1.959964 * (end * (1 - end) / n) ** 0.5, rel=1e-5)


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    def make(log, rule="case"):
        """Events (customer, case, minute, touchpoint, owner) as a study."""
        folder = tmp_path_factory.mktemp("companies") / "handed"
        names = ["customer_id", "case_id", "minute", "touchpoint", "owner"]
        frame = pd.DataFrame(log, columns=names)
        frame["occurred_at"] = [company.START + dt.timedelta(minutes=int(one)) for one in frame.pop("minute")]
        wb.load([frame], into=folder, name="Handed")
        return wb.open(folder)

    return make


def test_crossings_of_the_twelve(study):
    result = j.crossings(study)
    frame = result.frame.set_index(["source", "target"])
    # to the courier from web in k01, k05, k11, from app in k02, k13; to the phone from web in k08, k09, from courier in k11
    assert list(frame.index) == [("web", "courier"), ("app", "courier"), ("web", "phone"), ("courier", "phone")]
    assert list(frame["n"]) == list(frame["n_journeys"]) == [3, 2, 2, 1]
    assert list(frame["n_customers"]) == [3, 2, 2, 1]
    # goes on from web: k01 4, k03 1, k05 4, k08 1, k09 6, k11 4, k12 1 = 21; from app: k02 5, k04 3, k07 4, k13 4 = 16
    assert list(frame["share"]) == [3 / 21, 2 / 16, 2 / 21, 1]
    # minutes: 2874, 1436, 2874 · 4320 - 12 = 4308 and 2875 · 7 and 20 · 60
    assert list(frame["median_s"] / MINUTE) == [2874, (4308 + 2875) / 2, 13.5, 60]
    assert frame["median_low_s"].isna().all()  # fewer than six
    # web to courier by customer, k of n: 1/4 0/1 1/4 0/1 0/6 1/4 0/1: less apart than chance would have them, so 21 cases
    solves(frame.loc[("web", "courier"), ["low", "high"]], 3 / 21, 21)


def test_channels_in_journeys_of_the_twelve(study):
    used = j.crossings(study).used.set_index("kind")
    # several: k01, k02, k05, k08, k09, k11, k13, of customers c01 (twice), c02, c05, c08, c09, c11; one: k14 of c02, six more
    assert used["n"].to_dict() == {"several": 7, "one": 7} and used["n_customers"].to_dict() == {"several": 6, "one": 7}
    # k of n by customer: c01 2/2, c02 1/2, four 1/1, six 0/1: 9 - 2·½·10 + ¼·18 = 3.5; 12/11 · 3.5 · 13 / (14² · ¼) = 546/539
    solves(used.loc["several", ["low", "high"]], 1 / 2, 14 * 539 / 546)


def test_handoffs_by_hand(load):
    log = [
        # what has no owner is passed over: Web hands over to Shop after 30 minutes, Shop to Web after 60
        ("u", "a", 0, "A", "Web"), ("u", "a", 10, "B", None), ("u", "a", 30, "C", "Shop"), ("u", "a", 40, "D", "Shop"),
        ("u", "a", 100, "A", "Web"), ("u", "b", 0, "A", "Web"), ("u", "b", 5, "C", "Shop"),
        ("v", "c", 0, "A", "Web"), ("v", "c", 1, "A", "Web"), ("w", "d", 0, "B", None),
    ]  # fmt: skip
    result = j.handoffs(load(log).by_case())
    first, second = (result.frame.loc[row] for row in range(2))
    assert tuple(first[["source", "target", "n", "n_journeys", "n_customers"]]) == ("Web", "Shop", 2, 2, 1)
    # three steps of Web are followed, two of them by Shop, after 30 and 5 minutes; Shop: C by D, D by Web
    assert (first["share"], first["median_s"]) == (2 / 3, 17.5 * MINUTE)
    assert tuple(second[["source", "target", "n", "share", "median_s"]]) == ("Shop", "Web", 1, 1 / 2, HOUR)
    # u 2/2, v 0/1: 4 - 2·2/3·4 + 4/9·5 = 8/9; 2 · 8/9 · 2 / (9 · 2/9) = 16/9
    solves(first[["low", "high"]], 2 / 3, 3 * 9 / 16)
    assert result.used.set_index("kind")["n"].to_dict() == {"several": 2, "one": 1, "none": 1}
    assert result.customers(0).to_dict("records") == [{"customer_id": "u", "n": 2}]
    assert result.customers(1, of="used").to_dict("records") == [{"customer_id": "v", "n": 1}]
    # by customer Web follows Web from case to case: minutes 0 A a, 0 A b, 5 C b, 10, 30 C a, 40 D a, 100 A a
    whole = j.handoffs(load(log).by_customer()).frame
    assert list(whole["n"]) == [1, 1] and list(whole["median_s"]) == [HOUR, 5 * MINUTE]


def test_nothing_is_passed(load, study):
    result = j.handoffs(load([("u", "a", 0, "A", "Web"), ("v", "b", 0, "A", "Shop")]))
    assert result.frame.empty and "No journey is handed" in result.explain()[0]
    with pytest.raises(NotEnoughData, match="None of the 54 events in these journeys has an owner"):
        j.handoffs(study)
    with pytest.raises(NotEnoughData, match="has an owner"):
        j.handoffs(load([("u", "a", 0, "A", "Web"), ("v", "b", 0, "B", None)]).where(customer_id="v"))


def naive(log):
    """The same by pandas: steps with an owner in their order, each with the one before."""
    made = log.dropna(subset="owner").sort_values(["case_id", "minute"], kind="stable")
    by = made.groupby("case_id", sort=False)
    made = made.assign(source=by["owner"].shift(), took=by["minute"].diff()).dropna(subset="source")
    left = made.groupby("source").size()
    moved = made[made["source"] != made["owner"]].groupby(["source", "owner"])
    found = moved.agg(n=("took", "size"), n_journeys=("case_id", "nunique"), n_customers=("customer_id", "nunique"))
    found["share"] = found["n"] / left.reindex(found.index.get_level_values(0)).to_numpy()
    found["median_s"] = moved["took"].median() * MINUTE
    return found


@pytest.mark.parametrize("cases_each", [1, 3])
def test_as_another_reckoning_has_it(load, cases_each):
    draw = np.random.default_rng(7)
    n, owners = 900, np.array(["Web", "Shop", "Desk", "Post", None], dtype=object)
    case = draw.integers(0, 120, n)
    log = pd.DataFrame({"customer_id": [f"c{one // cases_each}" for one in case], "case_id": [f"k{one}" for one in case]})
    log["minute"], log["touchpoint"], log["owner"] = draw.permutation(n), "A", owners[draw.integers(0, 5, n)]
    expected = naive(log)
    frames = [j.handoffs(load(one).by_case()).frame for one in (log, log.iloc[::-1])]
    pd.testing.assert_frame_equal(*frames)  # the order of rows doesn't matter
    found = frames[0].set_index(["source", "target"])
    assert (
        len(found) == len(expected) == 12 and (found["low"] < found["share"]).all() and (found["share"] < found["high"]).all()
    )
    for name in expected.columns:
        assert found[name].to_dict() == pytest.approx(expected[name].to_dict()), name


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    made = walking.company(customers=3000, seed=5)
    folder = tmp_path_factory.mktemp("companies") / "walking"
    wb.load([made.tables["events"], made.tables["customers"]], into=folder, name="Walking", timezone="Europe/Warsaw")
    return wb.open(folder).by_case()


def test_planted_delays_of_handoffs(walked):
    # declared in tests/walking.py: each of these hand-offs is one move, and no incident slows it down
    frame = j.handoffs(walked).frame.set_index(["source", "target"])
    for pair, wait in {
        ("Marketing", "Web"): 2 * MINUTE,
        ("Web", "Payments"): 5 * MINUTE,
        ("Logistics", "Service"): 20 * HOUR,
    }.items():
        one = frame.loc[pair]
        assert one["n"] > 200 and one["median_low_s"] <= wait <= one["median_high_s"], pair
    # in February parcels to the North are slow; to the South never: 30 hours; failing payments are those of phones
    south = j.handoffs(walked.where(region="South")).frame.set_index(["source", "target"]).loc[("Payments", "Logistics")]
    assert south["median_low_s"] <= 30 * HOUR <= south["median_high_s"]
    desk = j.handoffs(walked.where(device="desktop")).frame.set_index(["source", "target"]).loc[("Payments", "Logistics")]
    # after Pay a parcel 0.8, Pay again 0.1: of those that go on 8 in 9
    assert desk["low"] <= 8 / 9 <= desk["high"] and desk["high"] - desk["low"] < 0.06


def test_planted_crossings(walked):
    frame = j.crossings(walked.where(region="South")).frame.set_index(["source", "target"])
    for pair, wait in {("web", "courier"): 30 * HOUR, ("courier", "phone"): 20 * HOUR}.items():
        assert frame.loc[pair, "median_low_s"] <= wait <= frame.loc[pair, "median_high_s"], pair
    # only a call follows a parcel
    assert frame.loc[("courier", "phone"), "share"] == 1
    # a journey begins in one channel and leaves it only for the courier, whom the phone alone follows
    assert set(frame.index) == {("web", "courier"), ("app", "courier"), ("courier", "phone")}


def test_what_handoffs_say(load):
    # as in test_handoffs_by_hand; of none there are thirty, so the frequent one, made twice, is compared with none
    log = [
        ("u", "a", 0, "A", "Web"), ("u", "a", 30, "C", "Shop"), ("u", "a", 90, "A", "Web"), ("u", "b", 0, "A", "Web"),
        ("u", "b", 30, "C", "Shop"), ("v", "c", 0, "A", "Web"),
    ]  # fmt: skip
    result = j.handoffs(load(log).by_case())
    # both steps of Web that are followed go to Shop, all of u, one customer: as one case, 1 / (1 + 1.96²) = 21%;
    # two of three journeys, u 2/2, v 0/1: of 27/16 cases as there, 14.1% to 96.1%
    assert result.explain() == [
        "Of the hand-offs made 2 times or more, customers wait longest between “Web” and “Shop”: half of them 30 min or more",
        "This median is that of 2 times.",
        "The most frequent hand-off is “Web” to “Shop”: 2 of the 2 steps that follow one of “Web” (95% interval 21% to 100%).",
        "Several owners have a part in 2 of 3 journeys (95% interval 14% to 96%).",
    ]
    ru = "Из передач, которых не меньше 2, дольше всего ждут между «Web» и «Shop»: в половине случаев 30 мин или больше"
    pl = "Spośród przekazań, których jest co najmniej 2, najdłużej czeka się między „Web” a „Shop”: w połowie przypadków 30 min"
    assert result.explain("ru")[0] == ru and result.explain("pl")[0] == f"{pl} lub dłużej"
    assert result.chart().to_dict()["usermeta"]["title"] == result.explain()[0]
    # of groups of two customers or more nothing can be shown
    assert j.handoffs(load(log).by_case().guarded(2)).guarded().explain()[0].startswith("Each change was made by too few")
