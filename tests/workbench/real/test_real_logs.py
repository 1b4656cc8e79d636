"""Logs that nobody here wrote give the figures that were published about them, or computed from them without the workbench.

The figures are those of the data folder's README; what is measured otherwise says so beside it.
"""

from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench import engine

BPI = "bpic2012/bpic2012.xes.gz"
HELPDESK = "helpdesk/helpdesk.xes.gz", "helpdesk/helpdesk_full.csv.gz"
RECEIPT = "receipt/receipt.xes.gz", "receipt/receipt.csv.gz"
ORDERS = "olist/olist_orders_dataset.csv.gz", "olist/olist_order_reviews_dataset.csv.gz"
DAY = 86400

# file: cases, events, touchpoints, variants, journeys of the top variant, share of the ten most frequent (None: not stated)
FIGURES = {
    BPI: (13_087, 262_200, 24, 4_366, 3_429, 0.493),
    HELPDESK[0]: (4_580, 21_348, 14, 226, 2_366, 0.841),
    HELPDESK[1]: (4_580, 21_348, 14, 226, 2_366, 0.841),
    RECEIPT[0]: (1_434, 8_577, 27, 116, None, None),
    RECEIPT[1]: (1_434, 8_577, 27, 116, None, None),
}


def measures(study):
    return wb.journeys.overview(study).frame.set_index("measure")["value"]


def n_journeys(study):
    return int(measures(study)["journeys"])


@pytest.mark.parametrize("file", FIGURES)
def test_figures_of_the_log(loaded, file):
    cases, events, touchpoints, variants, top, top_ten = FIGURES[file]
    report, study = loaded(file)
    assert (report.rows["rows_in"].sum(), report.rows["loaded"].sum(), report.rows["quarantined"].sum()) == (events, events, 0)
    assert study.rule.kind == "case"
    found = measures(study)
    assert (found["journeys"], found["events"], found["touchpoints"], found["variants"]) == (
        cases,
        events,
        touchpoints,
        variants,
    )
    frequent = wb.journeys.variants(study, top=10).frame
    if top:
        assert frequent["n"].iloc[0] == top
        assert round(frequent["cumulative_share"].iloc[9], 3) == top_ten


def test_loan_applications_last(loaded):
    found = measures(loaded(BPI)[1])
    assert round(found["throughput_mean"] / DAY, 2) == 8.62
    assert round(found["throughput_median"] / DAY, 2) == 0.81


@pytest.mark.parametrize(("outcome", "n"), [("A_ACTIVATED", 2_246), ("A_CANCELLED", 2_807), ("A_DECLINED", 7_635)])
def test_outcomes_of_loan_applications(loaded, outcome, n):
    _, study = loaded(BPI)
    assert n_journeys(study.matching(outcome)) == n
    assert n_journeys(study.matching(f"not {outcome}")) == 13_087 - n
    # every application is submitted first, so the outcome comes after it
    assert n_journeys(study.matching(f"start -> A_SUBMITTED -> {outcome}")) == n


def test_no_application_has_two_outcomes(loaded):
    # of 13,087 the three outcomes take 2,246 + 2,807 + 7,635 = 12,688, each at most once
    _, study = loaded(BPI)
    assert n_journeys(study.matching("A_ACTIVATED | A_CANCELLED | A_DECLINED")) == 12_688


@pytest.mark.parametrize("file", RECEIPT)
def test_channels_of_permit_applications(loaded, file):
    _, study = loaded(file)
    channels = {"Internet": 1_250, "Desk": 109, "Post": 53, "e-mail": 21, "Intern": 1}
    assert {channel: n_journeys(study.where(channel=channel)) for channel in channels} == channels
    assert {channel: n_journeys(study.matching(f"any@{channel}")) for channel in channels} == channels


@pytest.mark.parametrize("files", [HELPDESK, RECEIPT])
def test_two_forms_of_a_log_are_one_log(loaded, files):
    # XES and CSV of the same log: the same transitions, as often and as long
    first, second = (
        wb.journeys.flow(loaded(file)[1]).frame.set_index(["kind", "source", "target"]).sort_index() for file in files
    )
    assert first.index.equals(second.index)
    assert (first["n"] == second["n"]).all()
    assert (first["median_s"].fillna(0) - second["median_s"].fillna(0)).abs().max() < 1  # one of them has whole seconds


class TestOrders:
    """A marketplace: a wide row for each order, turned into touchpoints by `olist.toml`."""

    @pytest.fixture
    def study(self, loaded):
        return loaded(*ORDERS, mapping="olist.toml", timezone="America/Sao_Paulo")[1]

    def test_events_are_the_filled_cells(self, loaded):
        # orders: 8,135 rows of five times, 146 + 1,782 + 2,965 cells empty; reviews: 8,225 rows of two times
        report, _ = loaded(*ORDERS, mapping="olist.toml", timezone="America/Sao_Paulo")
        assert list(report.rows["loaded"]) == [8_135 * 5 - 146 - 1_782 - 2_965, 8_225 * 2]
        assert report.rows["quarantined"].sum() == 0

    def test_touchpoints(self, study):
        found = wb.journeys.touchpoints(study).frame.set_index("touchpoint")["n_journeys"]
        assert found.to_dict() == {
            "Order placed": 8_135,
            "Payment approved": 7_989,
            "Handed to carrier": 6_353,
            "Delivered": 5_170,
            "Promised day": 8_135,
            "Survey sent": 8_135,
            "Review written": 8_135,
        }

    def test_orders_with_status_delivered(self, study):
        assert n_journeys(study.where(order_status="delivered")) == 5_172

    @pytest.mark.parametrize(
        ("pattern", "reviews", "score"),
        [("Delivered -> Promised day", 4_819, 4.28), ("Promised day -> Delivered", 419, 2.50)],
        ids=["on time", "late"],
    )
    def test_reviews_of_orders_on_time_and_late(self, study, pattern, reviews, score):
        chosen = study.matching(pattern)
        written = wb.journeys.touchpoints(chosen).frame.set_index("touchpoint")["n"]["Review written"]
        assert written == reviews
        # both touchpoints of a review carry its score, so their mean is that of the reviews
        assert round(engine.prepared(chosen).row("SELECT avg(review_score) FROM details")[0], 2) == score

    def test_reviews_before_delivery(self, study):
        # the last review of a delivered order was written before the delivery
        delivered = study.where(order_status="delivered")
        early = delivered.matching("Review written -> Delivered").matching("not Delivered -> Review written")
        assert n_journeys(early) == 259

    def test_surveys_and_reviews_before_delivery(self, study, real_data, tmp_path):
        # the README counts one review an order, the one written last, and when the survey that it answers was sent; where all
        # reviews of an order are in its journey, that survey can't be told from the others
        reviews = pd.read_csv(real_data / ORDERS[1], dtype=str).sort_values("review_answer_timestamp", kind="stable")
        last = tmp_path / "olist_order_reviews_last.csv"
        reviews.drop_duplicates("order_id", keep="last").to_csv(last, index=False)
        files, mapping = [real_data / ORDERS[0], last], Path(__file__).with_name("olist.toml")
        wb.load(files, into=tmp_path / "store", mapping=mapping, timezone="America/Sao_Paulo")
        delivered = wb.open(tmp_path / "store").where(order_status="delivered")
        assert n_journeys(delivered) == n_journeys(study.where(order_status="delivered"))
        assert n_journeys(delivered.matching("Survey sent -> Delivered")) == 467
        assert n_journeys(delivered.matching("Review written -> Delivered")) == 259

    @pytest.mark.parametrize(("pattern", "n"), [("Review written -> Delivered", 280), ("Survey sent -> Delivered", 492)])
    def test_orders_asked_or_reviewed_before_delivery(self, study, pattern, n):
        # any of an order's reviews, of the delivered orders: counted with pandas on the two files
        assert n_journeys(study.where(order_status="delivered").matching(pattern)) == n
