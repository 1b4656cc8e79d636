"""A small company in which everything that people, journeys, identities and orders can hold is declared."""

from __future__ import annotations

import functools

from workbench import worlds

TOML = """
name = "Walking"
timezone = "Europe/Warsaw"
customers = 1500
seed = 1
start = "2025-08-01"
end = "2026-04-30"

[attributes]
plan = { basic = 0.7, gold = 0.3 }
region = { North = 0.4, South = 0.6 }
device = { phone = 0.6, desktop = 0.4 }

[people]
prefix = "w"
newcomers = 0.3
vip = { by = "plan", gold = 0.25, other = 0 }
consent = 0.7
value = { by = "plan", basic = 100, gold = 300 }

[people.correlated.contract]
given = "plan"
basic = { monthly = 0.8, yearly = 0.2 }
gold = { monthly = 0.3, yearly = 0.7 }

[journeys]
yearly = { by = "plan", basic = 4, gold = 9 }
uneven = 0.8

[journeys.channel]
phone = { app = 0.5, web = 0.5 }
desktop = { web = 0.9, app = 0.1 }

[journeys.begin]
web = { "Search" = 0.7, "Ad" = 0.3 }
app = { "Search" = 1.0 }

[season]
weekday = [1, 1, 1, 1, 1, 2, 1]
hour = [1, 0, 1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6, 6, 4, 3, 2]
month = [0.9, 0.9, 0.9, 0.9, 1, 1, 1, 1, 1, 1, 1.2, 1.6]

[[season.peaks]]
id = "sale"
says = "In the week of the sale twice as many come."
start = "2025-11-24"
end = "2025-11-30"
factor = 2.0

[waits]
spread = 0.8
tail_share = 0.15
tail_index = 0.8
longest = "10d"

[touchpoints."Search"]
stage = "Find"
owner = "Web"
next = { "Search" = 0.2, "Cart" = 0.4 }
wait = "4min"

[touchpoints."Ad"]
stage = "Find"
channel = "web"
owner = "Marketing"
next = { "Cart" = 0.3 }
wait = "2min"

[touchpoints."Cart"]
stage = "Buy"
owner = "Web"
next = { "Pay" = 0.6, "Search" = 0.1 }
wait = "5min"

[touchpoints."Pay"]
stage = "Buy"
owner = "Payments"
next = { "Parcel" = 0.8, "Pay" = 0.1 }
wait = "3min"
waits = { "Parcel" = "30h" }
longest = "8d"

[touchpoints."Parcel"]
stage = "Use"
channel = "courier"
owner = "Logistics"
next = { "Call" = 0.3 }
wait = "20h"

[touchpoints."Call"]
stage = "Use"
channel = "phone"
owner = "Service"
next = { "Call" = 0.2 }
wait = "9h"

[[incidents]]
id = "pay_app"
says = "From November on the app fails at payment on phones."
start = "2025-11-01"
end = "2026-04-30"
attributes = { device = "phone" }
channel = "app"
touchpoint = "Pay"
next = { "Parcel" = 0.5, "Pay" = 0.35 }

[[incidents]]
id = "courier"
says = "In February parcels to the North take twice as long."
start = "2026-02-01"
end = "2026-02-28"
attributes = { region = "North" }
touchpoint = "Pay"
slower = { "Parcel" = 2.0 }

[identities]
kinds = { web = "cookie", app = "app_id", phone = "phone", courier = "card" }
cookie_life = "45d"
household = 0.2
card = { by = "plan", basic = 0.5, gold = 0.9 }
log_in = 0.4
log_in_at = ["Cart", "Pay"]

[orders]
at = ["Parcel"]
pieces = 1.5
spread = 0.4
factor = { by = "plan", basic = 1.0, gold = 1.3 }

[[orders.products]]
name = "Lamp"
share = 0.6
price = 30.0

[[orders.products]]
name = "Chair"
share = 0.4
price = 90.0

[orders.points]
members = { by = "plan", basic = 0.4, gold = 0.9 }
per_money = 0.5
least = 40
redeem = 0.35
"""
#: who calls leaves more often, so that leaving goes along with what is measured in journeys
LEAVING = """
[churn]
base = 0.05

[[churn.drivers]]
id = "calls"
says = "Who has called leaves more often."
from = { touchpoint = "Call", within = "60d" }
odds_ratio = 4.0
"""


@functools.cache
def world(leaving: bool = False) -> worlds.World:
    """The company; with `leaving`, some of its customers leave."""
    return worlds.parse(TOML + (LEAVING if leaving else ""), "walking.toml")


@functools.cache
def company(customers: int = 6000, seed: int = 5, leaving: bool = False) -> worlds.Company:
    """It, generated; not to be changed."""
    return worlds.generate(world(leaving), customers=customers, seed=seed)
