"""How often changes are shown where nothing changes, and how often those that are planted are found at their dates. The figures
stand in README.md here; `tests/chances.py` makes them.

Of the worlds' incidents a few touch all customers or most of those who come that way; the others only customers with one
attribute, and drown among the rest until the study is narrowed to these. Dates are those of the declarations.
"""

import chances
import changing
import pytest
import walking
from scipy.stats import binom

import workbench as wb

j = wb.journeys
#: found in 3 (moves) and 4 (touchpoints) of 20 companies among those touched: some 40 cards in nine weeks take twice as long.
#: Even where its dates are known before, the wait lies but 4.3 to 5.5 standard errors from others (three companies), and the
#: strongest stretch of some 75 series has to reach 4.9
RARE = {"slow_cards"}


def test_a_company_without_incidents_seldom_shows_a_change(tmp_path):
    # twice as many come in a week of sale, weekends and months differ, some join later: none of that is a change. 24 companies
    # of 300 customers each, for at a rate of 5 % five or more of them give an alarm six times in a thousand
    study = changing.store(changing.quiet(walking.world()), 24 * 300, 9, tmp_path / "s", lots=24)
    assert sum(len(j.changes(study.where(lot=str(lot))).frame) > 0 for lot in range(24)) <= 4


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", changing.QUIET)
def test_at_most_one_company_in_twenty_gives_a_false_alarm(tmp_path, name):
    customers, n = changing.QUIET[name]
    found = changing.alarms(tmp_path, name, customers, n)
    print(f"{name}: of {n} companies of {customers:,} customers without an incident so many show a change: {found}")
    # where the rate is 5 % and no more, more of them (20 of 200, 7 of 40) come up at most twice in a thousand times
    assert max(found.values()) <= binom.ppf(0.998, n, 0.05)


SHIPPED = [
    ("retailer", "payment_outage", "moves", False),
    ("retailer", "android_payment", "moves", True),
    ("retailer", "slow_courier", "moves", True),
    ("bank", "new_app", "touchpoints", False),
    ("bank", "new_app", "moves", False),
    ("bank", "new_fee", "moves", True),
    ("telecom", "slow_office", "touchpoints", False),
    ("telecom", "slow_office", "moves", False),
    ("telecom", "bill_error", "moves", True),
    ("telecom", "east_outage", "moves", True),
]


@pytest.mark.parametrize(("name", "incident", "of", "among"), SHIPPED)
def test_incidents_of_the_shipped_companies(name, incident, of, among):
    world = changing.declared(name)
    (one,) = (found for found in world.incidents if found.id == incident)
    study = wb.open(changing.DATA / "samples" / name).by_case()
    frame = j.changes(changing.narrowed(study, one) if among else study, of=of).frame
    assert changing.found(frame, world, one, of).off is not None


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", changing.SHIPPED)
def test_how_often_incidents_are_found(tmp_path, name):
    told, steps = changing.recovered(tmp_path, name, changing.NEW)
    print()
    for row in chances.found_rows(changing.declared(name), told, steps):
        print(" | ".join(row))
    for incident in steps.keys() - RARE:
        at = [companies for (one, _, of), companies in told.items() if (one, of) == (incident, "moves")]
        assert max(sum(found.off is not None for found in companies) for companies in at) >= changing.NEW / 2
