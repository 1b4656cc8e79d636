"""What is planted, over all parts: named once, told in three languages, kept as it was measured."""

import dataclasses
import math
import re

import campaigning
import pytest

from workbench import worlds
from workbench.locale import LANGUAGES, texts
from workbench.worlds import key, truths


@pytest.fixture(scope="module", params=[*worlds.names(), "whole"])
def world(request):
    return worlds.parse(campaigning.WHOLE) if request.param == "whole" else worlds.read(request.param)


def measured(truth, *, told=True):
    """A truth as if measured; its numbers don't matter here."""
    numbers = (truth.size, truth.size * 0.9, truth.size * 1.1) if told else (math.nan,) * 3
    return truths.Measured(truth, *numbers, 1203)


def test_every_truth_has_an_id_of_its_own(world):
    found = truths.truths(world)
    ids = [one.id for one in found]
    assert found and len(set(ids)) == len(ids)
    assert all(math.isfinite(one.size) for one in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_truth_is_told_in_a_sentence(world, language):
    seen = {}
    for truth in truths.truths(world):
        said = [truths.sentence(measured(truth, told=told), language) for told in (True, False)]
        for one in said:
            # nothing unfilled, no value as the machine writes it
            assert not re.search(r"[{}]|\bNone\b|\bnan\b|\bTrue\b|\bFalse\b|\['", one), f"{truth.id}: {one}"
        seen.setdefault(said[0], []).append(truth.id)
        assert texts(language).has(f"worlds.part.{truth.id.partition('.')[0]}")
    twice = {said: ids for said, ids in seen.items() if len(ids) > 1}
    assert not twice


def test_the_key_keeps_truths_as_they_are(world, tmp_path):
    found = [measured(truth) for truth in truths.truths(world)]
    key.write_key(tmp_path / "c.key", world.name, found, {})
    for one, other in zip(found, key.read_key(tmp_path / "c.key").measured, strict=True):
        assert one.truth.place == other.truth.place
        assert dataclasses.replace(one.truth, place={}) == dataclasses.replace(other.truth, place={})
        nine = pytest.approx((one.estimate, one.low, one.high), rel=5.1e-9)  # nine significant digits are kept
        assert (other.estimate, other.low, other.high) == nine and one.n == other.n


def test_a_report_measures_each_truth_once():
    world = worlds.parse(campaigning.WHOLE)
    company = worlds.generate(world, customers=300)
    found = truths.report(company.tables, company.key, world)
    assert [one.truth for one in found] == truths.truths(world)
    assert any(one.told for one in found)
    for one in found:
        assert not one.told or one.low <= one.estimate <= one.high


def test_planted_and_found_are_told_apart():
    truth = truths.Truth("walks.x", "incident_next", {}, 0.18, "difference")
    assert truths.Measured(truth, 0.171, 0.15, 0.192, 1203).covers
    assert not truths.Measured(truth, 0.171, 0.15, 0.179, 1203).covers
    nothing = truths.Measured(truth, math.nan, math.nan, math.nan, 3)
    assert not nothing.told and not nothing.covers
