"""The parts of a company: how each one's section is read, and what each does when a company is made, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.worlds import campaigns, churn, identities, orders, people, questions, season, steps, voices, walks

#: field of World -> (reader, whole declaration, world so far) -> what the field holds; in the order of reading
SECTIONS: Mapping[str, Callable] = {
    "people": people.read,
    "season": season.read,
    "touchpoints": steps.touchpoints,
    "waits": steps.waits,
    "incidents": steps.incidents,
    "journeys": walks.read,
    "identities": identities.read,
    "orders": orders.read,
    "churn": churn.read,
    "experience": questions.read,
    "campaigns": campaigns.read,
    "texts": voices.read,
}
