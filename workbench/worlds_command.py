"""`python3 -m workbench worlds make NAME --into STORE`: a synthetic company, made anew."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench import model
from workbench.errors import BadInput
from workbench.locale import texts
from workbench.settings import LANGUAGES

MOST_CUSTOMERS = 5_000_000


def add(subparsers: argparse._SubParsersAction) -> None:
    """Declares the command."""
    parser = subparsers.add_parser("worlds", help="make a synthetic company", description="Make a synthetic company.")
    verbs = parser.add_subparsers(metavar="make", required=True)
    make_parser = verbs.add_parser("make", help="generate a declared company into a store")
    make_parser.add_argument("world", metavar="NAME", help="a declaration under data/worlds/, or the path of a TOML file")
    make_parser.add_argument("--into", required=True, metavar="STORE", help="the store's folder; made if there is none")
    make_parser.add_argument("--customers", type=int, help="default: as declared")
    make_parser.add_argument("--seed", type=int, help="default: as declared; another seed is another company")
    make_parser.add_argument("--language", choices=LANGUAGES, default="en", help="of what is printed")
    make_parser.set_defaults(run=run)
    _add_key(verbs)


def run(arguments: argparse.Namespace) -> int:
    """Makes the company and prints its size."""
    n_customers, n_events, name = make(arguments.world, arguments.into, arguments.customers, arguments.seed)
    t = texts(arguments.language)
    events = t("units.events", n=n_events)
    print(t("worlds.made", name=name, n=n_customers, events=events, store=arguments.into))
    return 0


def _add_key(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("key", help="show what is planted in a company, for whoever leads a workshop")
    parser.add_argument("store", metavar="STORE", help="the store's folder; its key lies beside it")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of what is printed")
    parser.set_defaults(run=show_key)


def show_key(arguments: argparse.Namespace) -> int:
    """Prints the answer key of a store."""
    from workbench.worlds.key import told

    print("\n".join(told(arguments.store, arguments.language)))
    return 0


def make(world: str | Path, into: str | Path, customers: int | None = None, seed: int | None = None) -> tuple[int, int, str]:
    """Generates a declared company into a store: how many customers, how many events, the company's name."""
    from workbench import worlds
    from workbench.door import load
    from workbench.sources import Mapping, TableMapping

    declared = worlds.read(world)
    size = declared.customers if customers is None else customers
    if not 1 <= size <= MOST_CUSTOMERS:
        raise BadInput("worlds.bad_size", asked=size)
    company = worlds.generate(declared, customers=size, seed=seed)
    tables = company.tables
    known = {name: [column for column in frame.columns if model.table(name).column(column)] for name, frame in tables.items()}
    mappings = [
        Mapping((TableMapping(name, columns=dict(zip(columns, columns, strict=True))),)) for name, columns in known.items()
    ]
    load(list(tables.values()), into, mappings, name=declared.name, timezone=declared.timezone, synthetic=True)
    return len(tables["customers"]), len(tables["events"]), declared.name
