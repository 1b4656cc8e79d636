"""The sources of a store: worked out by hand on the company of twelve, and the same whatever the order of the rows."""

import threading

import company
import duckdb
import pandas as pd
import pytest

import workbench as wb
from workbench import engine, stats
from workbench.engine import reductions
from workbench.errors import Cancelled
from workbench.journeys import Plan, PlannedStep

j = wb.journeys
#: c01 answered, and somebody the company doesn't know; one answer has no name
GIVEN = (("c01", 9), ("stranger", 3), (None, 7), ("c01", 8))
ANSWERS = [
    {"customer_id": who, "answered_at": company.START + pd.Timedelta(days=30 + day), "score": score}
    | {"instrument": "nps", "channel": "e-mail"}
    for day, (who, score) in enumerate(GIVEN)
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inventory") / "s"
    tables = [pd.DataFrame(rows) for rows in (company.rows(), company.customers(), ANSWERS)]
    wb.load(tables, into=folder, name="Twelve")
    return j.inventory(wb.open(folder))


def test_by_hand(found):
    # web: c01 c03 c05 c08 c09 c11 c12, of whom c03 and c12 are nowhere else; app: c01 c02 c04 c07 c10, of whom c04 c07 c10;
    # courier: c01 c02 c05 c11; phone: c02 c08 c09 c11; store: c06, alone. c01 answered twice, the stranger and the nameless
    # are nobody that is known
    told = found.frame[["table", "channel", "n_rows", "n", "n_customers", "n_alone"]].values.tolist()
    assert told == [
        ["events", "web", 23, 23, 7, 2],
        ["events", "app", 19, 19, 5, 3],
        ["events", "courier", 5, 5, 4, 0],
        ["events", "phone", 4, 4, 4, 0],
        ["events", "store", 3, 3, 1, 1],
        ["surveys", "e-mail", 4, 2, 1, 0],
    ]
    assert (found.n_known, found.n_single) == (12, 6)
    web = found.frame.iloc[0]
    assert (web["share"], web["low"], web["high"]) == (7 / 12, *stats.wilson(7, 12))
    assert (web["alone_share"], web["alone_low"], web["alone_high"]) == (2 / 7, *stats.wilson(2, 7))
    assert found.frame["matched_share"].tolist() == [1.0] * 5 + [0.5]


def test_how_recent(found):
    # the last answer came 33 days after the first event; the last event, c02's call, 20 days after it
    last = found.frame.set_index("channel")
    assert last["behind_s"]["e-mail"] == 0
    assert last["behind_s"]["phone"] == 13 * 86_400
    assert last["first_day"]["web"] == pd.Timestamp("2026-03-02") and last["last_day"]["phone"] == pd.Timestamp("2026-03-22")


def test_who_is_behind_a_source(found):
    frame = found.frame
    store = frame.index[frame["channel"] == "store"][0]
    assert found.customers(store).to_dict("list") == {"customer_id": ["c06"], "n": [3]}
    answers = frame.index[frame["table"] == "surveys"][0]
    assert found.customers(answers).to_dict("list") == {"customer_id": ["c01"], "n": [2]}


def test_what_it_says(found):
    # the last on the web is k09's second try at 09:11, in the store 09:21
    assert found.explain("en") == [
        "50% of 12 customers are seen in one source alone",
        "No source sees more customers than “web” (events): 7 of 12, 58% (95% interval 32% to 81%).",
        "No source has more of these than “app” (events): 3 of its 5 customers, 60% (95% interval 23% to 88%).",
        "The least recent is “web” (events): its last row is 33 d older than the newest of all.",
        "2 of 4 rows of “e-mail” (survey answers) name no customer that is known.",
    ]
    assert found.explain("ru")[0] == "50\u00a0% из 12 клиентов видны только в одном источнике"
    assert found.explain("pl")[0] == "50% z 12 klientów widać tylko w jednym źródle"


def test_filters_change_nothing(found):
    asked = j.inventory(found.study.where(channel="app"))
    pd.testing.assert_frame_equal(asked.frame, found.frame)
    assert "where" not in asked.code() and found.caveats == ()
    assert asked.caveats[0].text("en") == "Sources are those of the whole store: filters don't narrow them."


def test_the_order_of_rows_says_nothing(found, tmp_path):
    tables = [pd.DataFrame(rows).sample(frac=1, random_state=3) for rows in (company.rows(), company.customers(), ANSWERS)]
    wb.load(tables, into=tmp_path / "s", name="Twelve")
    pd.testing.assert_frame_equal(j.inventory(wb.open(tmp_path / "s")).frame, found.frame)


def test_a_store_without_channels(tmp_path):
    rows = [{"customer_id": f"c{i % 3}", "occurred_at": company.START, "touchpoint": "A"} for i in range(6)]
    wb.load([pd.DataFrame(rows)], into=tmp_path / "s", name="Plain")
    one = j.inventory(wb.open(tmp_path / "s"))
    assert one.frame[["table", "channel", "n_customers", "n_alone"]].values.tolist() == [["events", "", 3, 3]]
    assert one.explain("en")[0] == "100% of 3 customers are seen in one source alone"
    assert one.caveats[0].text("en").startswith("There is one source only")


def test_small_sources_are_not_shown(found):
    kept = j.inventory(found.study.guarded(3)).guarded()
    assert set(kept.frame["channel"]) == {"web", "app", "courier", "phone"}
    assert kept.caveats[-1].values["n"] == 2


def test_the_picture_has_every_source(found):
    drawn = found.chart("en").to_dict()
    assert drawn["usermeta"]["title"] == found.explain("en")[0]
    (rows,) = [part for part in drawn["datasets"].values() if any("alone" in row for row in part)]
    assert [row["name"] for row in rows][:2] == ["“web” (events)", "“app” (events)"]


def test_answers_that_name_nobody(tmp_path):
    nameless = [{name: value for name, value in one.items() if name != "customer_id"} for one in ANSWERS]
    wb.load([pd.DataFrame(company.rows()), pd.DataFrame(nameless)], into=tmp_path / "s", name="Twelve")
    found = j.inventory(wb.open(tmp_path / "s"))
    (row,) = found.frame.index[found.frame["table"] == "surveys"]
    assert found.frame.loc[row, ["n_rows", "n", "n_customers"]].tolist() == [4, 0, 0]
    assert list(found.customers(row).columns) == ["customer_id", "n"] and found.customers(row).empty


def test_a_later_file_of_answers_without_names(tmp_path):
    # both the sources and what journeys brought read old and new files together
    plan = Plan("Plan", (PlannedStep("Search", "", 1), PlannedStep("Cart", "", 2)))
    wb.load([pd.DataFrame(company.rows()), pd.DataFrame(ANSWERS)], into=tmp_path / "s", name="Twelve")
    before = wb.open(tmp_path / "s").by_case()
    nameless = [one | {"answered_at": one["answered_at"] + pd.Timedelta(days=9)} for one in ANSWERS]
    wb.load([pd.DataFrame(nameless).drop(columns="customer_id")], into=tmp_path / "s", name="Twelve")
    after = wb.open(tmp_path / "s").by_case()
    assert j.inventory(after).frame.set_index("table").loc["surveys", "n_rows"] == 8
    frames = [j.conformance(study, plan=plan).frame for study in (before, after)]
    pd.testing.assert_frame_equal(*frames)


def test_customers_with_columns_named_as_ours(tmp_path):
    people = pd.DataFrame(company.customers()).assign(n=7, exit="north", n_steps=3, started=1)
    wb.load([pd.DataFrame(company.rows()), people], into=tmp_path / "s", name="Twelve")
    study = wb.open(tmp_path / "s")
    found = j.inventory(study)
    row = found.frame.index[found.frame["channel"] == "store"][0]
    assert found.customers(row).to_dict("list") == {"customer_id": ["c06"], "n": [3]}
    assert len(reductions.features(engine.prepared(study.by_customer()))) == 12


def test_what_is_asked_of_other_tables_can_be_stopped(found):
    prepared = engine.prepared(found.study)
    database = duckdb.connect()
    with pytest.raises(Cancelled), database, prepared.asking(database) as cursor:
        stopping = threading.Timer(0.3, engine.interrupt, [found.study])
        stopping.start()
        cursor.execute("SELECT count(*) FROM range(10_000_000_000) AS a WHERE hash(range) = 1").fetchall()
