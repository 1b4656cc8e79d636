"""A company made by hand, of people only, and three campaigns declared for it: what the tests of campaigns look at."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import tomllib

import feeling
import numpy as np
import pandas as pd

from workbench.worlds import campaigns
from workbench.worlds.company import NEVER, Company
from workbench.worlds.declaration import World
from workbench.worlds.reader import Reader

DAY = 86400
ATTRIBUTES = {
    "plan": {"basic": 0.6, "gold": 0.4},
    "region": {"North": 0.3, "South": 0.7},
}

DECLARED = """
[[campaigns]]
id = "spring"
says = "Gold customers answer, and are contacted more often."
channel = "e-mail"
start = "2026-01-12"
cadence = "14d"
within = "14d"
contacted = 0.5
treatment = { by = "plan", basic = 0.3, gold = 0.7 }
fatigue = 0.6
cost = 0.25
revenue = 40.0
[campaigns.groups]
by = "plan"
basic = { persuadable = 0.15, sure = 0.05, lost = 0.6, put_off = 0.2 }
gold = { persuadable = 0.3, sure = 0.4, lost = 0.2, put_off = 0.1 }
[campaigns.responds]
persuadable = { control = 0.1, treatment = 0.7 }
sure = 0.8
lost = 0.02
put_off = { control = 0.5, treatment = 0.2 }

[[campaigns]]
id = "call"
says = "A call from the shop, once."
channel = "phone"
start = "2026-02-02"
end = "2026-02-02"
contacted = { by = "region", North = 0.8, South = 0.2 }
treatment = 0.5
revenue = 12.5
[campaigns.groups]
persuadable = 0.25
sure = 0.25
lost = 0.5
[campaigns.responds]
persuadable = { control = 0.0, treatment = 0.4 }
sure = 0.5
lost = 0.0
put_off = { control = 0.1, treatment = 0.0 }
"""

#: a whole company with something planted in all that can be; the campaigns are those above, by another attribute
WHOLE = (
    feeling.COMPANY
    + feeling.CHURN
    + feeling.EXPERIENCE
    + re.sub("plan|basic|gold", lambda found: {"plan": "contract", "basic": "monthly", "gold": "yearly"}[found[0]], DECLARED)
)


def world(text: str = DECLARED) -> World:
    """A world of attributes and campaigns only."""
    bare = World(
        name="Test", timezone="Europe/Warsaw", customers=1000, seed=1, start=dt.date(2026, 1, 5), end=dt.date(2026, 4, 26),
        attributes=ATTRIBUTES,
    )  # fmt: skip
    return dataclasses.replace(bare, campaigns=campaigns.read(Reader("test.toml", text), tomllib.loads(text), bare))


def company(declared: World, n: int, seed: int) -> Company:
    """People with plan and region; a tenth each doesn't consent, joins in the middle, has left by then."""
    made = Company(declared, n, seed)
    rng = np.random.default_rng([seed, 99])
    middle = made.seconds(dt.date(2026, 3, 1))
    state = rng.choice(4, size=n, p=[0.7, 0.1, 0.1, 0.1])
    made.people = pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(n)],
            "joined_s": np.where(state == 1, middle + rng.integers(-20 * DAY, 20 * DAY, n), -100 * DAY),
            "left_s": np.where(state == 2, middle + rng.integers(-20 * DAY, 20 * DAY, n), NEVER),
            "consent": state != 3,
        }
        | {name: rng.choice(list(shares), size=n, p=list(shares.values())) for name, shares in ATTRIBUTES.items()}
    )
    made.tables["customers"] = made.people[["customer_id", "plan", "region", "consent"]].copy()
    campaigns.contact(made, made.rng("campaigns"))
    return made
