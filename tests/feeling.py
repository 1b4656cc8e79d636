"""A small company whose customers leave and answer, for the tests of churn and experience, and one that holds every kind of
truth, for the coverage of their intervals; every number is planted."""

from __future__ import annotations

from workbench.worlds import declaration

CHURN = """
[churn]
base = 0.02

[[churn.drivers]]
id = "monthly"
says = "Who pays by the month leaves more easily."
from = { contract = "monthly" }
odds_ratio = 3.0

[[churn.drivers]]
id = "called"
says = "Who had to call twice in 60 days leaves; the youngest rather stay when somebody talked to them."
from = { touchpoint = "Call", times = 2, within = "60d" }
odds_ratio = 2.5
except = { age_band = "18-29", odds_ratio = 0.4 }

[[churn.drivers]]
id = "outage"
says = "An outage in the last 45 days."
from = { incident = "outage", within = "45d" }
odds_ratio = 1.8

[[churn.drivers]]
id = "paper_bill"
says = "Who gets a paper bill seems to leave: it is only that they pay by the month."
from = { bill = "paper" }
odds_ratio = 1.0

[churn.leak]
column = "account_closed"
says = "The account is closed after its holder left."
caught = 0.97
wrong = 0.01
"""

EXPERIENCE = """
[experience]
mood = [0.36, 0.84]
concentration = 5

[[experience.surveys]]
instrument = "nps"
level = "relationship"
every = "60d"
asked = 0.6
answer = 0.3
silent = 0.03
mis_scaled = 0.06

[[experience.surveys]]
instrument = "nps"
level = "interaction"
after = ["Call"]
delay = "2h"
asked = 0.5
answer = 0.2
silent = -0.02

[[experience.surveys]]
instrument = "csat"
level = "interaction"
after = ["Call", "Shop", "Fix"]
delay = "1d"
asked = 0.7
answer = 0.4
silent = 0.025
not_applicable = 0.05

[[experience.effects]]
id = "called"
says = "A call in the last week."
from = { touchpoint = "Call", within = "7d" }
points = -0.08
on = ["csat", "nps"]

[[experience.effects]]
id = "slow_fix"
says = "A fix that took longer than three days."
from = { touchpoint = "Fix", wait_above = "3d", within = "30d" }
points = -0.15
on = ["csat"]

[[experience.effects]]
id = "outage"
says = "An outage in the last 30 days."
from = { incident = "outage", within = "30d" }
points = -0.10
on = ["nps"]

[[experience.effects]]
id = "passed_on"
says = "Passed on from one team to another in the last 10 days."
from = { hand_off = true, within = "10d" }
points = -0.05
on = ["csat", "nps"]

[[experience.effects]]
id = "shop_visit"
says = "A visit to the shop cheers up."
from = { touchpoint = "Shop", within = "14d" }
points = 0.06
on = ["csat", "nps"]
"""

COMPANY = """
name = "Small Telecom"
timezone = "Europe/Warsaw"
customers = 3000
seed = 5
start = "2026-01-05"
end = "2026-08-31"

[attributes]
region = { North = 0.4, South = 0.6 }
age_band = { "18-29" = 0.3, "30-59" = 0.45, "60+" = 0.25 }
contract = { monthly = 0.4, yearly = 0.6 }
device = { phone = 1.0 }

[people]
newcomers = 0.2
vip = { by = "contract", monthly = 0.05, yearly = 0.15 }
consent = 0.7
value = { by = "contract", monthly = 180, yearly = 320 }
mood = { by = "contract", monthly = 0.52, yearly = 0.62 }
mood_concentration = 3

[people.correlated.bill]
given = "contract"
monthly = { paper = 0.75, online = 0.25 }
yearly = { paper = 0.2, online = 0.8 }

[journeys]
yearly = 8

[journeys.channel]
phone = { app = 1.0 }

[journeys.begin]
app = { App = 0.7, Shop = 0.3 }

[waits]
longest = "40d"

[touchpoints.App]
stage = "Use"
owner = "Digital"
next = { Call = 0.35, App = 0.1 }
wait = "1h"

[touchpoints.Shop]
stage = "Use"
channel = "shop"
owner = "Shops"
next = { Call = 0.2, Fix = 0.2 }
wait = "1d"

[touchpoints.Call]
stage = "Help"
channel = "phone"
owner = "Service"
next = { Fix = 0.4, Call = 0.2 }
wait = "2d"

[touchpoints.Fix]
stage = "Help"
owner = "Network"
next = { Call = 0.15 }
wait = "2d"

[[incidents]]
id = "outage"
says = "The network in the North is down in spring."
start = "2026-03-01"
end = "2026-05-31"
attributes = { region = "North" }
touchpoint = "App"
next = { Call = 0.6, App = 0.1 }
"""


REST = """
[season]
weekday = [3, 3, 3, 3, 3, 4, 2]
hour = [1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 5, 4, 3, 2]
month = [2, 2, 3, 3, 3, 4, 4, 2, 3, 3, 3, 4]

[[season.peaks]]
id = "sale"
says = "A sale in June."
start = "2026-06-08"
end = "2026-06-21"
factor = 1.8

[[incidents]]
id = "strike"
says = "Fixes take longer in the South in summer."
start = "2026-06-01"
end = "2026-07-15"
attributes = { region = "South" }
touchpoint = "Shop"
slower = { Fix = 1.7 }

[identities]
kinds = { app = "cookie", phone = "phone", shop = "card" }
cookie_life = "60d"
household = 0.2
card = { by = "contract", monthly = 0.4, yearly = 0.8 }
log_in = 0.35
log_in_at = ["App"]

[orders]
at = ["Shop"]
pieces = 1.3
spread = 0.5
factor = { by = "contract", monthly = 1.0, yearly = 1.25 }

[[orders.products]]
name = "Phone"
share = 0.4
price = 240.0

[[orders.products]]
name = "Cable"
share = 0.6
price = 12.0

[orders.points]
members = { by = "contract", monthly = 0.5, yearly = 0.8 }
per_money = 1.0
least = 100
redeem = 0.4

[[campaigns]]
id = "stay"
says = "An offer by e-mail."
channel = "e-mail"
start = "2026-02-02"
cadence = "14d"
within = "14d"
contacted = 0.5
treatment = { by = "contract", monthly = 0.6, yearly = 0.4 }
fatigue = 0.6
cost = 0.25
revenue = 40.0
[campaigns.groups]
by = "contract"
monthly = { persuadable = 0.35, sure = 0.1, lost = 0.4, put_off = 0.15 }
yearly = { persuadable = 0.2, sure = 0.4, lost = 0.3, put_off = 0.1 }
[campaigns.responds]
persuadable = { control = 0.1, treatment = 0.7 }
sure = 0.8
lost = 0.02
put_off = { control = 0.5, treatment = 0.2 }
"""


def world(text: str = COMPANY + CHURN + EXPERIENCE):
    """The company that `text` declares."""
    return declaration.parse(text, "small.toml")
