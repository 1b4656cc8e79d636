"""What is measured of synthetic and of real data alike, by hand; and that the companies lie where real data lie."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench import worlds

_spec = importlib.util.spec_from_file_location("realism", Path(__file__).with_name("realism.py"))
realism = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(realism)


def test_figures_of_a_log_by_hand():
    # variants: A B (twice), A, B A: 3 of 4 journeys; gaps 60, 120 and 600 s
    at = pd.to_datetime([0, 60, 10, 130, 5, 7, 607], unit="s", utc=True)
    found = realism.journeys(list("1122344"), list("ABABABA"), at)
    assert found["journeys"] == 4 and found["variants a journey"] == 0.75 and found["ten top variants"] == 1
    assert found["events a journey, median"] == 2
    assert found["median gap, h"] == pytest.approx(120 / 3600)
    # between the second and the third of three values, nine tenths of the way: 120 + 0.9 · 480
    assert found["95th in medians"] == pytest.approx((120 + 0.9 * 480) / 120)
    assert found["tail index"] == pytest.approx(1 / np.log(600 / 120))


def test_the_tail_index_finds_paretos():
    draws = (1 - np.random.default_rng(1).random(200_000)) ** (-1 / 1.3)
    assert realism.tail(draws)["tail index"] == pytest.approx(1.3, abs=4 * 1.3 / 100)


def test_figures_of_customers_and_texts_by_hand():
    found = realism.customers(["a"] * 7 + ["b", "c"] + ["d"])
    assert (found["customers"], found["events a customer"], found["with one"]) == (4, 2.5, 0.75)
    assert found["of the busiest tenth"] == 0.7
    # ten different words, then the same ten again and again: no growth
    told = realism.texts(["One two three four five six seven eight nine ten!"] * 10)
    assert (told["texts"], told["words, median"], told["Heaps' exponent"]) == (10, 10, 0)
    # every word new: the vocabulary grows as the text does
    letters = "abcdefghij"
    fresh = realism.texts([" ".join(one + two for two in letters) for one in letters])
    assert fresh["Heaps' exponent"] == pytest.approx(1)


def test_the_section_of_the_catalogue_is_replaced_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(realism, "README", tmp_path / "README.md")
    realism.README.write_text("# Data\n\nAbout.\n\n## Realism\n\nold\n\n## Licences\n\nOurs.\n", encoding="utf-8")
    realism.record("| new |")
    realism.record("| newer |")
    told = realism.README.read_text(encoding="utf-8")
    assert told.startswith("# Data\n\nAbout.\n\n## Realism\n") and told.endswith("\n\n## Licences\n\nOurs.\n")
    assert told.count("## Realism") == 1 and "| newer |" in told and "| new |" not in told and "old" not in told


REAL = {
    ("Journeys", "bpic2012, loan applications"): {
        "journeys": 13_087,
        "variants a journey": 4_366 / 13_087,
        "ten top variants": 0.493,
    },
    ("Journeys", "helpdesk, tickets"): {"journeys": 4_580, "variants a journey": 226 / 4_580, "ten top variants": 0.841},
    ("Journeys", "receipt, permits"): {"journeys": 1_434, "variants a journey": 116 / 1_434},
    ("Customers", "cdnow, purchases"): {"customers": 23_570, "events a customer": 69_659 / 23_570},
    ("Customers", "online_retail, invoices"): {"customers": 4_372},
    ("Texts", "polish_hotels, sentences"): {"texts": 12_435},
    ("Answers", "olist, delivered orders"): {"asked": 5_172},
}


@pytest.mark.parametrize(("title", "name"), REAL)
def test_figures_of_real_data_are_the_published_ones(real_data, title, name):
    compute = dict(realism.REAL[title])[name]
    try:
        found = compute(real_data)
    except OSError as error:
        pytest.skip(f"{name}: {error.filename or error} isn't there")
    for head, value in REAL[title, name].items():
        assert found[head] == pytest.approx(value, abs=5e-4)


@pytest.mark.parametrize("name", worlds.names())
def test_declared_companies_lie_where_real_logs_lie(name):
    found = dict(realism.of_company(worlds.generate(worlds.read(name), customers=4000))["Journeys"])
    row = next(iter(found.values()))
    # about as wide apart as the three real logs in the table of data/README.md: 0.05 to 0.33 variants a journey, 49 to 88 %
    # in the ten most frequent; waits with a tail that a log-normal of their middle doesn't have
    assert 0.02 < row["variants a journey"] < 0.5
    assert 0.3 < row["ten top variants"] < 0.95
    assert row["95th in medians"] > 5 and row["tail index"] < 10
