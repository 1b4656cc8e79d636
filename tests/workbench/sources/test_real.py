"""Real files, where they are at hand: found, proposed and conformed, with the row counts that are known of them."""

from __future__ import annotations

import pyarrow.compute as pc
import pytest

from workbench import sources

LOGS = {
    # file -> events, cases, touchpoints
    "bpic2012/bpic2012.xes.gz": (262_200, 13_087, 24),
    "helpdesk/helpdesk.xes.gz": (21_348, 4_580, 14),
    "helpdesk/helpdesk_full.csv.gz": (21_348, 4_580, 14),
    "receipt/receipt.xes.gz": (8_577, 1_434, 27),
    "receipt/receipt.csv.gz": (8_577, 1_434, 27),
}


@pytest.mark.parametrize("name", LOGS)
def test_logs_as_they_are_proposed(name, real, load):
    made = load(real(name))
    events, cases, touchpoints = LOGS[name]
    assert made.table == "events"
    assert (made.n_in, made.n_out, made.n_quarantined) == (events, events, 0)
    assert pc.count_distinct(made.rows["case_id"]).as_py() == cases
    assert pc.count_distinct(made.rows["touchpoint"]).as_py() == touchpoints
    assert pc.count_distinct(made.rows["event_id"]).as_py() == events


def test_the_receipt_log_is_the_same_in_both_forms(real, load):
    def lines(name: str) -> list[tuple]:
        table = load(real(name)).rows.select(["case_id", "occurred_at", "touchpoint", "channel"])
        return sorted(zip(*table.to_pydict().values(), strict=True))

    assert lines("receipt/receipt.csv.gz") == lines("receipt/receipt.xes.gz")


def test_channels_of_the_receipt_log(real, load):
    rows = load(real("receipt/receipt.csv.gz")).rows
    counted = rows.group_by("channel").aggregate([("case_id", "count_distinct")]).to_pylist()
    assert {row["channel"]: row["case_id_count_distinct"] for row in counted} == {
        "Internet": 1250,
        "Desk": 109,
        "Post": 53,
        "e-mail": 21,
        "Intern": 1,
    }


def test_orders_with_their_timeline(real, load):
    made = load(real("olist/olist_orders_dataset.csv.gz"))
    # 8,135 orders: all bought, 146 never approved, 1,782 never handed over, 2,965 never delivered
    assert made.n_in == 8_135 and made.n_quarantined == 0
    assert made.n_out == 8_135 * 4 - 146 - 1_782 - 2_965


def test_a_shop_with_rows_of_nobody(real, load):
    made = load(real("online_retail/online_retail.csv.gz"))
    assert (made.n_in, made.n_quarantined, made.n_out) == (541_909, 135_080, 541_909 - 135_080)
    assert pc.count_distinct(made.rows["customer_id"]).as_py() == 4_372
    assert set(made.quarantine["column"].to_pylist()) == {"CustomerID"}


def test_purchases_set_apart_by_blanks(real, load):
    made = load(real("cdnow/CDNOW_master.txt.gz"))
    assert made.table == "orders" and made.n_out == 69_659
    assert pc.count_distinct(made.rows["customer_id"]).as_py() == 23_570
    bare = sources.inspect(real("cdnow/CDNOW_sample.txt.gz"))
    assert bare.n_rows == 6_919 and bare.detected.header_row == 0


def test_customers_with_blank_charges(real, load):
    made = load(real("telco_churn/Telco-Customer-Churn.csv.gz"))
    assert made.table == "customers" and made.n_out == 7_043
    assert pc.sum(made.rows["Churn"]).as_py() == 1_869
    assert made.rows["TotalCharges"].null_count == 11


def test_a_cut_upload_says_so(real):
    inspection = sources.inspect(real("airline_satisfaction/truncated_upload.csv.gz"))
    (fault,) = inspection.faults
    assert fault.kind == "cut_row" and fault.row == inspection.n_rows
    whole = sources.inspect(real("airline_satisfaction/airline_passenger_satisfaction.csv.gz"))
    assert whole.n_rows == 129_880 and not whole.faults
    assert whole.column("Arrival Delay").n_empty == 393


def test_reviews_with_and_without_text(real, load):
    made = load(real("womens_clothing/womens_clothing_reviews.csv.gz"))
    assert made.table == "reviews" and made.n_in == 23_486
    assert {problem.kind for problem in made.problems if problem.quarantined} == {"missing"}
