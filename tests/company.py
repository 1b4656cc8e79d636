"""Twelve customers whose answers can be worked out by hand.

Fourteen cases: customers c01 … c12, c01 and c02 come twice. All on Monday 2 March 2026 and the days after, UTC.
A line: customer, case, minutes after 2 March 09:00, touchpoint, channel. Lines with the same minute are ties: the file's
order counts. The table is written journey by journey; `rows()` gives it in that order.
"""

from __future__ import annotations

import datetime as dt

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = 24 * 60
STAGES = {
    "Search": "Discover", "Product page": "Choose", "Cart": "Buy", "Payment": "Buy", "Pay again": "Buy",
    "Delivery": "Use", "Support call": "Use",
}  # fmt: skip

#: customer, case, [(minute, touchpoint, channel), …]
CASES = [
    ("c01", "k01", [(0, "Search", "web"), (2, "Product page", "web"), (5, "Cart", "web"), (6, "Payment", "web"), (2 * DAY, "Delivery", "courier")]),
    ("c02", "k02", [(0, "Search", "app"), (4, "Product page", "app"), (9, "Cart", "app"), (10, "Payment", "app"), (12, "Pay again", "app"), (3 * DAY, "Delivery", "courier")]),
    ("c03", "k03", [(0, "Search", "web"), (1, "Product page", "web")]),
    ("c04", "k04", [(0, "Search", "app"), (3, "Search", "app"), (5, "Product page", "app"), (8, "Cart", "app")]),
    ("c05", "k05", [(0, "Search", "web"), (2, "Product page", "web"), (4, "Cart", "web"), (4, "Payment", "web"), (DAY, "Delivery", "courier")]),
    ("c06", "k06", [(10, "Product page", "store"), (20, "Cart", "store"), (21, "Payment", "store")]),
    ("c07", "k07", [(0, "Search", "app"), (6, "Product page", "app"), (8, "Search", "app"), (9, "Product page", "app"), (15, "Cart", "app")]),
    ("c08", "k08", [(0, "Search", "web"), (7, "Support call", "phone")]),
    ("c09", "k09", [(0, "Search", "web"), (2, "Product page", "web"), (5, "Cart", "web"), (8, "Payment", "web"), (9, "Pay again", "web"), (11, "Pay again", "web"), (31, "Support call", "phone")]),
    ("c10", "k10", [(5, "Search", "app")]),
    ("c11", "k11", [(0, "Search", "web"), (2, "Product page", "web"), (5, "Cart", "web"), (6, "Payment", "web"), (2 * DAY, "Delivery", "courier"), (2 * DAY + 60, "Support call", "phone")]),
    ("c12", "k12", [(0, "Product page", "web"), (1, "Search", "web")]),
    ("c01", "k13", [(10 * DAY, "Search", "app"), (10 * DAY + 2, "Product page", "app"), (10 * DAY + 3, "Cart", "app"), (10 * DAY + 5, "Payment", "app"), (12 * DAY, "Delivery", "courier")]),
    ("c02", "k14", [(20 * DAY, "Support call", "phone")]),
]  # fmt: skip

CUSTOMERS = [(f"c{i:02}", "gold" if i <= 4 else "basic", "Warsaw" if i % 2 else "Kraków") for i in range(1, 13)]


def rows() -> list[dict]:
    """The events in the file's order, with the model's column names; `occurred_at` is aware UTC."""
    return [
        {
            "customer_id": customer,
            "case_id": case,
            "occurred_at": START + dt.timedelta(minutes=minute),
            "touchpoint": touchpoint,
            "channel": channel,
            "stage": STAGES[touchpoint],
        }
        for customer, case, steps in CASES
        for minute, touchpoint, channel in steps
    ]


def customers() -> list[dict]:
    return [{"customer_id": customer, "plan": plan, "city": city} for customer, plan, city in CUSTOMERS]
