"""The sample company: same seed, same rows; what is planted is really there; a wrong declaration says where."""

import tomllib

import pandas as pd
import pytest

from workbench import worlds
from workbench.errors import BadInput, NotFound
from workbench.worlds.declaration import FOLDER
from workbench.worlds.reader import Reader


@pytest.fixture(scope="module")
def world():
    return worlds.read("retailer")


@pytest.fixture(scope="module")
def tables(world):
    return worlds.generate(world, customers=20_000, seed=11).tables


def test_same_seed_same_rows_and_another_seed_another_company(world):
    one, two, other = (worlds.generate(world, customers=300, seed=seed).tables for seed in (5, 5, 6))
    for name in one:
        pd.testing.assert_frame_equal(one[name], two[name])
    assert not one["events"].equals(other["events"])


def test_events_are_in_time_order_within_the_declared_period(world, tables):
    at = tables["events"]["occurred_at"]
    assert at.is_monotonic_increasing
    local = at.dt.tz_convert(world.timezone)
    assert local.min().date() >= world.start and local.max().date() <= world.end


def test_declared_shares_of_customers_are_met(world, tables):
    customers = tables["customers"]
    for name in ("region", "age_band", "plan"):
        for value, share in world.attributes[name].items():
            # four standard errors of a share at n = 20,000
            assert abs((customers[name] == value).mean() - share) < 4 * (share * (1 - share) / len(customers)) ** 0.5


def _next_share(events, touchpoint, following):
    follows = events.sort_values(["case_id", "occurred_at"], kind="stable")
    nxt = follows.groupby("case_id")["touchpoint"].shift(-1)
    met = follows["touchpoint"] == touchpoint
    return (nxt[met] == following).mean(), int(met.sum())


def test_the_payment_incident_is_there_and_only_there(world, tables):
    events = tables["events"]
    incident = next(one for one in world.incidents if one.id == "android_payment")
    begins = pd.Timestamp(incident.start, tz=world.timezone)
    # leave the last week out: there a payment may have had no time to be followed by anything
    settled = events[events["occurred_at"] < pd.Timestamp(world.end, tz=world.timezone) - pd.Timedelta("7D")]
    app = settled[settled["channel"].isin(["app", "courier", "phone"])]
    after = app[(app["device"] == "android") & (app["occurred_at"] >= begins)]
    before = app[(app["device"] == "android") & (app["occurred_at"] < begins - pd.Timedelta("7D"))]
    share, n = _next_share(after, "Payment", "Pay again")
    assert abs(share - incident.next["Pay again"]) < 4 * (0.34 * 0.66 / n) ** 0.5
    declared = world.touchpoints["Payment"].next["Pay again"]
    share, n = _next_share(before, "Payment", "Pay again")
    assert abs(share - declared) < 4 * (declared * (1 - declared) / n) ** 0.5


def _changed(tmp_path, **replacements):
    text = (FOLDER / "retailer.toml").read_text(encoding="utf-8")
    for old, new in replacements.values():
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "changed.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_one_number_changed_in_the_declaration_changes_the_company(world, tmp_path):
    file = _changed(tmp_path, one=('"Cart" = 0.28', '"Cart" = 0.08'))
    fewer, as_is = (worlds.generate(one, customers=2000, seed=3).tables["events"] for one in (worlds.read(file), world))
    assert (fewer["touchpoint"] == "Cart").sum() < 0.6 * (as_is["touchpoint"] == "Cart").sum()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"Product page" = 0.62', '"Product page" = 0.92'), ["Search.next", "1.09"]),
        (('"Delivery" = 0.87', '"Delivry" = 0.87'), ["Delivry", "Delivery", "Payment"]),
        (('timezone = "Europe/Warsaw"', 'timezone = "Europe/Wroclaw"'), ["timezone"]),
        (('start = "2026-01-05"', 'start = "5 January"'), ["start", "5 January"]),
        (("weekday = [0.13, 0.13,", "weekday = [0.13,"), ["weekday"]),
        (("uneven = 1.4", "unevn = 1.4"), ["unevn", "uneven", "line"]),
    ],
)
def test_a_wrong_declaration_says_where(tmp_path, change, words):
    with pytest.raises(BadInput) as caught:
        worlds.read(_changed(tmp_path, one=change))
    for word in ["changed.toml", *words]:
        assert word in str(caught.value)


def test_a_wrong_declaration_says_on_which_line(tmp_path):
    file = _changed(tmp_path, one=('"Cart" = 0.28', '"Cart" = 0.88'), two=("spread = 0.45", "spraed = 0.45"))
    lines = file.read_text(encoding="utf-8").splitlines()
    too_many = next(number for number, line in enumerate(lines, start=1) if '"Cart" = 0.88' in line)
    with pytest.raises(BadInput, match=f"line {too_many}:.*Product page.next"):
        worlds.read(file)
    file.write_text("\n".join(lines).replace("0.88", "0.28"), encoding="utf-8")
    misspelt = next(number for number, line in enumerate(lines, start=1) if line.startswith("spraed"))
    with pytest.raises(NotFound, match=f"line {misspelt}: orders.spraed"):
        worlds.read(file)
    # a later table of a list, and what follows a value of several lines
    text = 'a = 1\nlist = [\n  1,\n  2,\n]\n[[one."two three"]]\nb = 1\n[[one."two three"]]\n[one."two three".c]\nd = 2\n'
    reader = Reader("x.toml", text)
    assert reader.line("one.two three[2].c.d") == 10
    assert reader.line("one.two three[1].b") == 7 and reader.line("one.two three[2].missing") == 8
    assert reader.line("list") == 2 and reader.line("nowhere") == 1


def test_an_unknown_company_is_named_with_the_nearest():
    with pytest.raises(NotFound, match="retailer"):
        worlds.read("retailr")


def test_every_declaration_is_toml_with_truths_that_say_what_they_are():
    for name in worlds.names():
        declared = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
        assert all(incident["says"].endswith(".") for incident in declared["incidents"])
