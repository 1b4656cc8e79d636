"""The state of a journey page: written into a link, read from one, never trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets import journey_compare
from widgets.state import CREDITED, EACH, PERIODS, SEEN, VIEWS, Allowed, State, read
from workbench.engine import reductions
from workbench.journeys import differences, incidents
from workbench.journeys.attribution import BY
from workbench.model import Rule, Study
from workbench.settings import Settings

ALLOWED = Allowed(
    touchpoints=("Cart", "Payment", "Search & find", "Отзыв → ответ"),
    values={"channel": ("app", "web"), "touchpoint": ("Cart", "Payment"), "plan, tier": ("gold=1", "basic")},
    rules=("case", "customer", "gap", "window", "anchor"),
    first="2026-03-02",
    last="2026-04-02",
)
DEFAULT = State(rule="case", lang="en")


def base() -> Study:
    columns = {"events": {"case_id": "id", "channel": "text", "touchpoint": "text"}, "customers": {"plan, tier": "text"}}
    return Study("store", 1, "Company", columns, Rule("case"), settings=Settings(min_group=5))


def test_what_can_be_chosen_is_what_the_analyses_take():
    # the state repeats it, as it can be read without the engine
    assert (CREDITED, PERIODS) == (BY, reductions.PERIODS)
    assert (EACH, SEEN) == (incidents.BY, incidents.OF)
    calls = {State(view=view).call for view in journey_compare.VIEWS}
    assert calls == set(differences.VIEWS) - {"touchpoints"}  # which is no view of the page


def test_nothing_in_the_link_is_the_default():
    assert read("", DEFAULT, ALLOWED) == (DEFAULT, ())
    assert DEFAULT.link(DEFAULT) == ""


def test_a_link_gives_the_state_it_was_made_of():
    state = State(
        view="funnel", shape="table", lang="pl", company="0" * 32, rule="anchor", around="Search & find", around_before="1d",
        around_after="30d", start="2026-03-02", end="2026-03-09",
        where=(("channel", ("app", "web")), ("plan, tier", ("gold=1",))),
        patterns=("Cart -> Payment within 7d", "not Cart"), coverage=35, anchor="Отзыв → ответ", before=2, after=8,
        steps=("Payment", "Отзыв → ответ"), within="30d", pause="1h", top=50, row=7, gap="4h", window="90d",
        target="Payment", credited="touchpoint", half_life="30d", order=3,
        by="quarter",
    )  # fmt: skip
    assert read("#" + state.link(DEFAULT), DEFAULT, ALLOWED) == (state, ())


@pytest.mark.parametrize(
    ("link", "bad"),
    [
        ("view=<script>", "view"),
        ("view=flow&view=loops", "view"),
        ("coverage=101", "coverage"),
        ("coverage=-1", "coverage"),
        ("coverage=١٠", "coverage"),
        ("row=1e9", "row"),
        ("lang=de", "lang"),
        ("rule=case_", "rule"),
        ("gap=30", "gap"),
        ("within=0d", "within"),
        ("anchor=Nowhere", "anchor"),
        ("target=Nowhere", "target"),
        ("credited=owner", "credited"),
        ("half_life=7", "half_life"),
        ("order=4", "order"),
        ("steps=Cart&steps=Cart", "steps"),
        ("steps=Cart&steps=Nowhere", "steps"),
        ("patterns=Cart+->", "patterns"),
        ("start=2026-13-01", "start"),
        ("start=2026-02-30", "start"),
        ("start=20260301", "start"),
        ("start=2026-03-09&end=2026-03-02", "start"),
        ("company=../../etc/passwd", "company"),
        ("company=" + "F" * 32, "company"),
        ("where.channel=fax", "where.channel"),
        ("where.nothing=1", "where.nothing"),
        ("rule=anchor", "rule"),
        ("constructor=1", "constructor"),
        ("view=%ff", "link"),
    ],
)
def test_what_does_not_fit_falls_back_and_is_named(link, bad):
    assert read(link, DEFAULT, ALLOWED) == (DEFAULT, (bad,))


def test_the_good_parts_of_a_link_are_kept_beside_bad_ones():
    state, ignored = read("view=loops&coverage=x&where.channel=app&where.channel=fax", DEFAULT, ALLOWED)
    assert state == DEFAULT.but(view="loops", where=(("channel", ("app",)),))
    assert ignored == ("coverage", "where.channel")


def test_a_link_that_is_too_long_or_no_text_is_left_alone():
    assert read("view=" + "a" * 7000, DEFAULT, ALLOWED) == (DEFAULT, ("link",))
    assert read({"view": "loops"}, DEFAULT, ALLOWED) == (DEFAULT, ("link",))
    assert read("&".join(f"a{i}=1" for i in range(400)), DEFAULT, ALLOWED) == (DEFAULT, ("link",))


@given(st.text(max_size=300))
def test_no_link_raises_and_every_state_stays_within_bounds(link):
    state, ignored = read(link, DEFAULT, ALLOWED)
    assert state.view in VIEWS
    assert 1 <= state.coverage <= 100 and 0 <= state.before <= 8
    assert len(ignored) <= 9 and all(len(name) <= 60 for name in ignored)
    state.study(base())


def test_the_study_is_cut_and_narrowed_as_the_state_says_and_guards_small_groups():
    state = State(rule="gap", gap="1h", start="2026-03-02", where=(("channel", ("app",)),), patterns=("Cart",), lang="ru")
    study = state.study(base().by_customer().between("2020-01-01", None))
    assert study.code() == (
        "wb.open('store').by_gap(gap='1h').between('2026-03-02', None).where(channel='app').matching('Cart')"
    )
    assert (study.language, study.min_group) == ("ru", 5)


def test_params_are_those_of_the_view():
    state = State(anchor="last", before=3, after=1, top=10, steps=("Cart", "Payment"), within="1d", pause="4h")
    assert state.but(view="flow").params() == {}
    assert state.but(view="sankey").params() == state.but(view="steps").params() == {"anchor": "last", "before": 3, "after": 1}
    assert state.but(view="variants").params() == {"top": 10}
    assert state.but(view="funnel").params() == {"steps": ["Cart", "Payment"], "within": "1d"}
    assert state.but(view="sessions").params() == {"gap": "4h"}
    assert state.but(view="sankey").call == "steps"
    assert state.but(view="retention", by="week").params() == {"by": "week"} and state.but(view="retention").call == "cohorts"
    assert state.but(view="changes", each="week", seen="moves").params() == {"by": "week", "of": "moves"}
    assert state.but(view="crossings").params() == state.but(view="handoffs").params() == {}


def test_filters_and_patterns_replace_add_and_go():
    state = State().filtered("channel", ("web",)).filtered("a", ("1",)).filtered("channel", ("app",))
    assert state.where == (("a", ("1",)), ("channel", ("app",)))
    assert state.filtered("a", ()).where == (("channel", ("app",)),)
    state = State(row=4).patterned(0, "A").patterned(1, "B").patterned(0, "C")
    assert (state.patterns, state.row) == (("C", "B"), -1)
    assert state.patterned(0, "").patterns == ("B",)
    assert state.patterned(2, "B").patterns == ("C", "B")
