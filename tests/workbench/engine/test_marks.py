"""Channel, owner and stage as codes: worked out by hand, under every rule, and through filters."""

import company
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import workbench as wb
from workbench import engine
from workbench.engine import reductions
from workbench.engine.choices import choices
from workbench.errors import Cancelled, NotFound
from workbench.model import Rule

#: places in the file; "" is a channel like any other, None is none
LOG = [
    {"customer_id": who, "case_id": case, "touchpoint": name, "channel": channel, "stage": stage, "at": at}
    for who, case, at, name, channel, stage in [
        ("u", "k1", 0, "A", "web", "Choose"),
        ("u", "k1", 60, "B", None, "Buy"),
        ("u", "k2", 500, "A", "", None),
        ("v", "k3", 0, "B", "app", "Buy"),
        ("v", None, 30, "A", "Web", "Choose"),
        ("w", "k4", 10, "C", "zeppelin", None),
    ]
]


def codes(p):
    """By customer and place; -1 where there is none."""
    return p.query(
        """SELECT coalesce(channel_code::INTEGER, -1) AS channel, coalesce(owner_code::INTEGER, -1) AS owner,
            coalesce(stage_code::INTEGER, -1) AS stage
            FROM steps JOIN customers USING (customer) ORDER BY customer_id, happened"""
    )


def test_codes_by_hand(prepare):
    p = prepare(LOG)
    # in the order of their letters' numbers: "" before "Web" before "app"
    assert p.marks == {"channel": ("", "Web", "app", "web", "zeppelin"), "stage": ("Buy", "Choose")}
    assert p.columns == ("case_id", "channel", "stage")
    found = codes(p)
    assert found["channel"].tolist() == [3, -1, 0, 2, 1, 4]
    assert found["stage"].tolist() == [1, 0, -1, 0, 1, -1]
    assert (found["owner"] == -1).all()
    assert p.row("SELECT count(*) FROM owners") == (0,)
    names = p.query("SELECT * FROM channels ORDER BY channel_code")
    assert names.columns.tolist() == ["channel_code", "channel"] and tuple(names["channel"]) == p.marks["channel"]


@pytest.mark.parametrize(
    "rule",
    [
        Rule("case"),
        Rule("customer"),
        Rule("gap", gap="2min"),
        Rule("window", window="2min"),
        Rule("anchor", touchpoint="A", before="2min", after="2min"),
    ],
    ids=lambda rule: rule.kind,
)
def test_every_rule_leaves_events_their_own(prepare, rule):
    p = prepare(LOG, rule)
    found = p.query(
        """SELECT ord, touchpoint, d.channel AS text, c.channel AS named, d.stage AS stage, s.stage AS staged, case_id
            FROM steps JOIN details AS d USING (journey, seq) JOIN touchpoints USING (code)
            LEFT JOIN channels AS c USING (channel_code) LEFT JOIN stages AS s USING (stage_code) ORDER BY ord"""
    ).astype(object)
    found = found.where(found.notna(), None)
    # the anchor's journeys leave out C, which is far from any A; its channel is known all the same
    expected = LOG[:5] if rule.kind == "anchor" else LOG
    assert found["ord"].tolist() == list(range(len(expected)))
    for column, name in {"text": "channel", "named": "channel", "stage": "stage", "staged": "stage"}.items():
        assert found[column].tolist() == [event[name] for event in expected], column
    assert found["case_id"].tolist() == [event["case_id"] for event in expected]
    assert "zeppelin" in p.marks["channel"]


def test_only_what_is_kept(prepare):
    none, some = prepare(LOG, keep=()), prepare(LOG, keep=("stage",))
    assert (none.marks, none.columns) == ({}, ()) and (codes(none)["channel"] == -1).all()
    assert list(some.marks) == list(some.columns) == ["stage"]
    assert some.row("SELECT count(*) FROM details WHERE stage = 'Buy'") == (2,)


def test_a_column_without_any_value(prepare):
    p = prepare([{"customer_id": "u", "touchpoint": "A", "at": at, "channel": None} for at in range(3)])
    assert p.marks == {"channel": ()} and p.columns == ("channel",) and not reductions.has_values(p, "channel")
    assert p.row("SELECT count(*), count(channel) FROM details") == (3, 0)


def test_columns_named_nearly_so_are_columns_like_others(prepare):
    p = prepare([{"customer_id": "u", "touchpoint": "A", "at": 0, "Channel": "x", "owner_code": 7, "owner": "y"}])
    assert p.marks == {"owner": ("y",)} and p.columns == ("Channel", "owner_code", "owner")
    assert p.row('SELECT "Channel", details.owner_code, owner FROM details') == ("x", 7, "y")
    assert p.row("SELECT channel_code, owner_code FROM steps") == (None, 0)


def test_several_files_of_which_one_has_no_channel(tmp_path):
    parts = [
        [{"customer_id": "u", "touchpoint": "A", "channel": "web"}, {"customer_id": "u", "touchpoint": "B", "channel": "app"}],
        [{"customer_id": "u", "touchpoint": "C", "owner": "Desk"}],
        [{"customer_id": "u", "touchpoint": "D", "channel": "app", "owner": ""}],
    ]
    files = []
    for place, rows in enumerate(parts):
        files.append(tmp_path / f"{place}.parquet")
        pq.write_table(pa.Table.from_pylist([{"occurred_at": company.START} | row for row in rows]), files[-1])
    p = engine.build(files)
    assert p.marks == {"channel": ("app", "web"), "owner": ("", "Desk")}
    found = p.query(
        """SELECT touchpoint, channel_code, owner_code, channel, owner FROM steps JOIN touchpoints USING (code)
            JOIN details USING (journey, seq) ORDER BY seq"""
    ).astype(object)
    assert found.where(found.notna(), None).values.tolist() == [
        ["A", 1, None, "web", None],
        ["B", 0, None, "app", None],
        ["C", None, 1, None, "Desk"],
        ["D", 0, 0, "app", ""],
    ]


def ring(n):
    """Owner i hands over to owner i + 1, twice in one journey and once in another of the same customer, after i + 1 seconds."""
    for i in range(n):
        here, there = f"{i:04}", f"{(i + 1) % n:04}"
        for case, owners in (("a", [here, None, there, here, there]), ("b", [here, here, there])):
            at = 0
            for owner in owners:
                yield {"customer_id": f"c{i}", "case_id": f"{case}{i}", "touchpoint": "A", "owner": owner, "at": at}
                at += i + 1


@pytest.mark.parametrize(("n", "kind"), [(5, "UTINYINT"), (12, "UTINYINT"), (250, "UTINYINT"), (251, "SMALLINT")])
def test_hand_offs_of_few_and_of_very_many_owners(prepare_in_duckdb, n, kind):
    p = prepare_in_duckdb(list(ring(n)), Rule("case"))
    assert p.row("SELECT any_value(typeof(owner_code)) FROM steps") == (kind,)
    assert p.marks["owner"] == tuple(f"{i:04}" for i in range(n))
    with reductions.passed(p, "owner") as q:
        found, spread = reductions.passings(q, "owner").set_index(["source", "target"]), reductions.passings_spread(q, "owner")
        assert reductions.passings_middles(q, "owner") == {}  # fewer than six of each
    assert len(found) == 2 * n
    for i in range(n):
        on, back = found.loc[(f"{i:04}", f"{(i + 1) % n:04}")], found.loc[(f"{(i + 1) % n:04}", f"{i:04}")]
        # after 2 (i + 1), i + 1 and i + 1 seconds; back once in a
        assert tuple(on[["n", "n_journeys", "n_customers", "median_s"]]) == (3, 2, 1, i + 1)
        assert tuple(back[["n", "n_journeys", "n_customers", "median_s"]]) == (1, 1, 1, i + 1)
        # on from i: three of its own ring and one that stays there, in b; one that goes back from the one before it
        assert spread.wholes[f"{i:04}"][:2] == (5, 2)
    used = reductions.used(p, "owner")
    assert used[["kind", "n", "n_customers"]].values.tolist() == [["several", 2 * n, n]]
    assert reductions.passing_members(p, "owner", "0001", "0002").values.tolist() == [["c1", 3]]


@pytest.mark.parametrize("n", [6, 300])
def test_credits_of_few_and_of_very_many_channels(prepare, n):
    # each customer converts after a touch in a channel of their own and one in no channel
    log = [
        {"customer_id": f"c{i}", "touchpoint": name, "channel": channel, "at": at}
        for i in range(n)
        for at, (name, channel) in enumerate((("A", f"{i:04}"), ("A", None), ("Goal", "x")))
    ]
    p = prepare(log)
    found = reductions.credits(p, "Goal", "channel", 10**6)
    names = [f"{i:04}" for i in range(n)]
    assert list(found.frame["who"]) == [reductions.NONE, *names] and found.n == n
    credited = found.frame.set_index("who")
    assert credited.loc[reductions.NONE, ["first", "last", "linear", "n"]].tolist() == [0, n, n / 2, n]
    assert all(credited.loc[name, ["first", "last", "linear", "n"]].tolist() == [1, 0, 0.5, 1] for name in names)
    removed = reductions.removal(p, "Goal", "channel").frame.set_index("who")
    # all go through (none); without one channel 1 of n is lost
    assert removed["effect"].to_dict() == pytest.approx({reductions.NONE: 1, **dict.fromkeys(names, 1 / n)})
    assert reductions.credit_members(p, "Goal", "channel", "0004").values.tolist() == [["c4", 1]]


def test_a_channel_that_is_called_like_none(prepare):
    ways = {"u": [None, "web", "x"], "v": ["(none)", "web", "x"], "w": ["!", "web", "x"]}
    log = [
        {"customer_id": who, "touchpoint": "Goal" if at == 2 else "A", "channel": name, "at": at}
        for who, names in ways.items()
        for at, name in enumerate(names)
    ]
    first = reductions.credits(prepare(log), "Goal", "channel", 10**6).frame.set_index("who")["first"]
    assert first.to_dict() == {"!": 1, "(none)": 2, "web": 0}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores") / "marked"
    rows = [row | {"owner": {"phone": "Desk", "courier": "Post"}.get(row["channel"])} for row in company.rows()]
    wb.load(pd.DataFrame(rows), into=folder, name="Marked")
    return wb.open(folder).by_case()


def test_filters_by_marks_and_what_they_leave(study):
    # k08, k09, k11 and k14 have a call; of these k11 has a parcel
    p = engine.prepared(study.where(channel="phone"))
    assert p.n_journeys == 4 and p.marks == engine.prepared(study).marks
    counted = p.query(
        "SELECT channel, n FROM (SELECT channel_code, count(*) AS n FROM steps GROUP BY 1) JOIN channels USING (channel_code)"
    )
    # web: 1 of k08, 6 of k09, 4 of k11
    assert dict(zip(counted["channel"], counted["n"], strict=True)) == {"web": 11, "phone": 4, "courier": 1}
    texts = p.query("SELECT channel, owner, count(*) AS n FROM details GROUP BY ALL ORDER BY channel").astype(object)
    assert texts.where(texts.notna(), None).values.tolist() == [["courier", "Post", 1], ["phone", "Desk", 4], ["web", None, 11]]
    assert engine.prepared(study.where(channel="phone").where(owner="Post")).n_journeys == 1
    # on one and the same step
    assert engine.prepared(study.where(channel="phone", owner="Post")).n_journeys == 0
    assert engine.prepared(study.where(owner=["Post", "Desk"], touchpoint="Delivery")).n_journeys == 5
    assert engine.prepared(study.where(channel="phone").rest()).n_journeys == 9  # k02 is of a customer who called
    with pytest.raises(NotFound, match="phone"):
        engine.prepared(study.where(channel="fone"))
    with pytest.raises(NotFound, match="Desk"):
        engine.prepared(study.where(owner="phone"))


def test_choices_count_journeys_by_mark(study):
    offered = choices(study.where(channel="phone")).values
    assert offered["channel"] == (("phone", 4), ("web", 3), ("courier", 1)) and offered["owner"] == (("Desk", 4), ("Post", 1))


def test_what_is_held_goes_and_ends_when_stopped(study):
    p = engine.prepared(study)
    with p.holding("calls", "SELECT journey FROM steps JOIN channels USING (channel_code) WHERE channel = 'phone'") as q:
        assert q.row("SELECT count(*) FROM calls") == (4,) and q.n_journeys == 14 and len(q.query("FROM calls")) == 4
    assert p.query("SELECT table_name FROM information_schema.tables WHERE table_name = 'calls'").empty
    with pytest.raises(Cancelled), p.holding("calls", "SELECT journey FROM steps") as q:
        engine.interrupt(study)
        q.row("SELECT 1")
