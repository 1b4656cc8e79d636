"""Lessons run as they are handed out, and what they ask can be found and agrees with the answer key."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import workbench as wb
from workbench.settings import ROOT, SAMPLES
from workbench.worlds import key

LESSONS = sorted((ROOT / "notebooks" / "lessons").glob("*.ipynb"))
j = wb.journeys


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_and_each_task_has_an_empty_cell_and_a_check(path: Path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    tasks = [place for place, cell in enumerate(notebook.cells) if cell.source.startswith("**Try it.**")]
    assert len(tasks) >= 5 and "workbench worlds key" in notebook.cells[0].source
    for place in tasks:
        assert "*Check:*" in notebook.cells[place].source
        assert notebook.cells[place + 1].cell_type == "code"
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    shown = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert len(shown) >= len(tasks)


# --- the tasks of the lesson on journeys, worked out as a learner would ------------------------------------------------------


@pytest.fixture(scope="module")
def truths():
    """truths("bank", "walks.…") -> that truth of the sample's key, as measured."""
    kept = {name: key.read_key(key.folder_of(SAMPLES / name)).measured for name in ("retailer", "bank")}

    def find(company: str, name: str):
        (found,) = [one for one in kept[company] if one.truth.id == name]
        return found

    find.all = kept
    return find


@pytest.fixture(scope="module")
def shop():
    return wb.open(SAMPLES / "retailer")


@pytest.fixture(scope="module")
def bank():
    return wb.open(SAMPLES / "bank")


def row(frame, source, target):
    (found,) = frame[(frame["source"] == source) & (frame["target"] == target)].to_dict("records")
    return found


def test_what_is_planned_and_not_met_and_met_and_not_planned(bank, truths):
    frame = j.map(bank).frame
    (unmet,), (unplanned,) = (frame.loc[frame["layer"] == layer, "touchpoint"] for layer in ("planned", "mined"))
    led_to = {one.truth.place.get("to") for one in truths.all["bank"]}
    assert unplanned in led_to and unmet not in led_to


def test_when_the_bank_s_phones_failed(bank, truths):
    place = truths("bank", "walks.incident.new_app.Reset").truth.place
    frame = j.changes(bank.where(device="android", channel="app")).frame
    (reset,) = frame[(frame["touchpoint"] == "Reset") & (frame["measure"] == "share")].to_dict("records")
    first, last = (dt.date.fromisoformat(place[name]) for name in ("start", "end"))
    assert reset["from_low_day"].date() <= first <= reset["from_high_day"].date()
    assert reset["back_low_day"].date() <= last + dt.timedelta(days=1) <= reset["back_high_day"].date()
    assert reset["after_share"] > reset["before_share"]


def test_which_phones_of_the_shop_fail(shop, truths):
    truth = truths("retailer", "walks.incident.android_payment.Pay again").truth
    app = shop.where(channel="app")
    sides = app.between(truth.place["start"], None), app.between(None, "2026-04-08")
    found = {name: j.compare(*(one.where(device=name) for one in sides), of="flow").frame for name in ("android", "ios")}
    android = row(found["android"], "Payment", "Pay again")
    assert android["shown"] and android["low"] <= truth.size <= android["high"]
    assert not found["ios"]["shown"].any()


def test_where_parcels_were_late(shop, truths):
    truth = truths("retailer", "walks.incident.slow_courier.wait.Delivery")
    may, spring = shop.between(truth.truth.place["start"], truth.truth.place["end"]), shop.between("2026-03-01", "2026-05-10")
    late = {}
    for region in ("North", "South", "East", "West"):
        sides = (one.where(region=region) for one in (may, spring))
        late[region] = row(j.compare(*sides, of="handoffs").frame, "Payments", "Logistics")
    north = late.pop(truth.truth.place["attributes"]["region"])
    assert north["median_difference_low_s"] > 0
    assert truth.low <= north["median_a_s"] / north["median_b_s"] <= truth.high
    assert all(north["median_difference_s"] > 3 * one["median_difference_s"] for one in late.values())


def test_attribution_can_not_tell_whom_a_mail_persuades(shop, truths):
    effects = {plan: truths("retailer", f"campaigns.come_back.effect.{plan}").truth.size for plan in ("basic", "gold")}
    assert effects["basic"] > 0.05 > 0 > effects["gold"]
    credit = {}
    for plan in effects:
        frame = j.attribution(shop.where(plan=plan), target="Payment").frame
        credit[plan] = frame[frame["channel"] == "e-mail"].set_index("model")["share"]
    assert (credit["basic"] - credit["gold"]).abs().max() < 0.03


def test_the_weekend_on_which_the_web_failed(shop, truths):
    truth = truths("retailer", "walks.incident.payment_outage.Pay again").truth
    web = shop.where(channel="web").between(truth.place["start"], truth.place["end"])
    again = row(j.flow(web).frame, "Payment", "Pay again")
    assert again["low"] <= truth.place["share"] <= again["high"]
