"""Generates a declared company: same declaration, size and seed, same rows."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from workbench.errors import Cancelled
from workbench.worlds import campaigns, churn, experience, identities, orders, people, tables, texts, walks
from workbench.worlds.company import Company
from workbench.worlds.declaration import World


def generate(
    world: World,
    customers: int | None = None,
    seed: int | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Event | None = None,
) -> Company:
    """The company of so many `customers` (default: as declared): its tables and its key. `progress` is told the share that is
    done and the key of a text; Cancelled where `cancel` is set."""

    def check(share: float) -> None:
        if cancel is not None and cancel.is_set():
            raise Cancelled("worlds.cancelled")
        if progress is not None:
            progress(share, "worlds.making")

    company = Company(world, customers or world.customers, world.seed if seed is None else seed)
    parts: list[tuple[Callable[[Company], None], float]] = [
        (people.make, 0.05),
        (lambda made: walks.walk(made, lambda share: check(0.05 + 0.45 * share)), 0.5),
        (lambda made: identities.give(made, made.rng("identities")), 0.55),
        (lambda made: churn.leave(made, made.rng("churn")), 0.6),
        (walks.cut, 0.65),
        (lambda made: orders.make(made, made.rng("orders")), 0.7),
        (lambda made: experience.ask(made, made.rng("experience")), 0.8),
        (lambda made: campaigns.contact(made, made.rng("campaigns")), 0.85),
        (lambda made: texts.write(made, made.rng("texts")), 0.95),
        (tables.customers, 0.98),
        (tables.events, 0.99),
        (tables.journeys, 0.995),
        (identities.keep, 1.0),
    ]
    check(0.0)
    for part, done in parts:
        part(company)
        check(done)
    return company
