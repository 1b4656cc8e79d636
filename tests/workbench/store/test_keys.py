"""Looking keys up: exact, also where hashes collide, whatever the texts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.store import keys

texts = st.lists(st.text(max_size=20), max_size=40)


def column(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.large_string())


@settings(deadline=None)
@given(texts)
def test_equal_texts_hash_equally_and_slices_alike(values):
    found = keys.hashes(column(values))
    assert len(found) == len(values)
    assert len(set(found.tolist())) == len(set(values))
    padded = column(["x", *values, "y"]).slice(1, len(values))
    assert keys.hashes(padded).tolist() == found.tolist()
    assert keys.hashes(pa.chunked_array([column(values[:3]), column(values[3:])])).tolist() == found.tolist()


def test_texts_that_differ_little_hash_differently():
    made = [
        "",
        "\0",
        "\0\0",
        "a",
        "a\0",
        "abcdefgh",
        "abcdefgh\0",
        "abcdefghi",
        "habcdefg",
        "ż",
        "z" * 8,
        "z" * 9,
        "z" * 16,
        "z" * 300,
    ]
    made += [f"{number:016x}" for number in range(5_000)]
    assert len(set(keys.hashes(column(made)).tolist())) == len(made)


def test_hashes_are_the_same_in_every_run():
    # splitmix64's finaliser of (length 0 + 0x9E3779B97F4A7C15): the generator's first output for seed 0 (Vigna's splitmix64.c)
    assert keys.hashes(column([""])).tolist() == [0xE220A8397B1DCDAF]


@settings(deadline=None)
@given(st.lists(st.text("ab", max_size=4), max_size=30), st.lists(st.text("ab", max_size=4), max_size=30, unique=True))
def test_find_agrees_with_a_dictionary(asked, indexed):
    theirs, ours = keys.Index(column(indexed)).find(column(asked))
    places = {text: place for place, text in enumerate(indexed)}
    expected = {(place, places[text]) for place, text in enumerate(asked) if text in places}
    assert set(zip(theirs.tolist(), ours.tolist(), strict=True)) == expected


@settings(deadline=None)
@given(st.lists(st.text("abc", max_size=2), max_size=30))
@pytest.mark.parametrize("collide", [False, True])
def test_representatives_and_find_when_hashes_collide(collide, values):
    with pytest.MonkeyPatch.context() as patch:
        if collide:
            # all texts of one length get the same hash
            patch.setattr(keys, "hashes", lambda texts: np.array([len(text) for text in texts.to_pylist()], np.uint64))
        first = [values.index(text) for text in values]
        last = [len(values) - 1 - values[::-1].index(text) for text in values]
        assert keys.representatives(column(values)).tolist() == first
        assert keys.representatives(column(values), last=True).tolist() == last
        rows = np.array(sorted(set(first)), np.int64)
        theirs, ours = keys.Index(column(values), rows).find(column([*values, "zz", ""]))
        found = {place: row for place, row in zip(theirs.tolist(), ours.tolist(), strict=True) if place < len(values)}
        assert found == dict(enumerate(first))
