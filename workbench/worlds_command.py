"""`python3 -m workbench worlds make NAME --into STORE`: a synthetic company; `raw`: its files; `key`: its answers."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from workbench import model
from workbench.bar import Bar
from workbench.errors import BadInput, Cancelled, WorkbenchError
from workbench.locale import texts
from workbench.settings import LANGUAGES

if TYPE_CHECKING:
    from workbench.worlds import Company

Progress = Callable[[float, str], None]


def add(subparsers: argparse._SubParsersAction) -> None:
    """Declares the command."""
    parser = subparsers.add_parser("worlds", help="make a synthetic company", description="Make a synthetic company.")
    verbs = parser.add_subparsers(metavar="make|raw|key", required=True)
    _add_making(verbs, "make", "generate a declared company into a store", "STORE", "the store's new folder", run)
    _add_making(verbs, "raw", "write the files such a company would have", "FOLDER", "the files' new folder", run_raw)
    _add_key(verbs)


def _add_making(verbs: argparse._SubParsersAction, verb: str, says: str, what: str, where: str, runs: Callable) -> None:
    parser = verbs.add_parser(verb, help=says)
    parser.add_argument("world", metavar="NAME", help="a declaration under data/worlds/, or the path of a TOML file")
    parser.add_argument("--into", required=True, metavar=what, help=where)
    parser.add_argument("--customers", type=int, help="default: as declared")
    parser.add_argument("--seed", type=int, help="default: as declared; another seed is another company")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of what is printed")
    parser.set_defaults(run=runs)


def run(arguments: argparse.Namespace) -> int:
    """Makes the company and prints its size; 0 done, 1 a clear reason was printed."""
    return _told(arguments, _make)


def run_raw(arguments: argparse.Namespace) -> int:
    """Writes the company's files and prints how many; 0 done, 1 a clear reason was printed."""
    return _told(arguments, _raw)


def _told(arguments: argparse.Namespace, work: Callable[[argparse.Namespace, Progress], str]) -> int:
    try:
        with Bar(arguments.language) as bar:
            said = work(arguments, bar.show)
    except WorkbenchError as error:
        print(error.text(arguments.language), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(Cancelled("worlds.cancelled").text(arguments.language), file=sys.stderr)
        return 130
    print(said)
    return 0


def _make(arguments: argparse.Namespace, progress: Progress) -> str:
    n_customers, n_events, name = make(arguments.world, arguments.into, arguments.customers, arguments.seed, progress=progress)
    t = texts(arguments.language)
    events = t("units.events", n=n_events)
    return t("worlds.made", name=name, n=n_customers, events=events, store=arguments.into)


def _raw(arguments: argparse.Namespace, progress: Progress) -> str:
    from workbench.worlds import raw

    company = _company(arguments.world, arguments.customers, arguments.seed, progress)
    files = raw.write(company, arguments.into)
    return texts(arguments.language)("worlds.raw_made", name=company.world.name, n=len(files), folder=arguments.into)


def _add_key(verbs: argparse._SubParsersAction) -> None:
    parser = verbs.add_parser("key", help="show what is planted in a company, for whoever leads a workshop")
    parser.add_argument("store", metavar="STORE", help="the store's folder; its key lies beside it")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of what is printed")
    parser.add_argument("--all", action="store_true", help="also the numbers that say how the company is made")
    parser.set_defaults(run=show_key)


def show_key(arguments: argparse.Namespace) -> int:
    """Prints the answer key of a store."""
    from workbench.worlds.key import told

    print("\n".join(told(arguments.store, arguments.language, everything=arguments.all)))
    return 0


def make(
    world: str | Path,
    into: str | Path,
    customers: int | None = None,
    seed: int | None = None,
    *,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> tuple[int, int, str]:
    """Generates a declared company into a new store, its answer key beside it, and its planned journey where it has one
    (NAME.plan.csv beside the declaration): how many customers, how many events, the company's name. BadInput where there is a
    store already: two companies in one would be neither. Cancelled where `cancel` was set; then there is no company."""
    from workbench.door import load
    from workbench.sources import Mapping, TableMapping
    from workbench.store import Store
    from workbench.worlds import key

    if Store.exists(into):
        raise BadInput("worlds.store_exists", store=str(into))
    if Path(into).is_dir() and any(Path(into).iterdir()):
        raise BadInput("worlds.not_empty", folder=str(into))
    key.check(into)
    told = progress or (lambda share, what: None)
    company = _company(world, customers, seed, lambda share, what: told(0.4 * share, what), cancel)
    tables, declared = company.tables, company.world
    known = {name: [column for column in frame.columns if model.table(name).column(column)] for name, frame in tables.items()}
    mappings = [
        Mapping((TableMapping(name, columns=dict(zip(columns, columns, strict=True))),)) for name, columns in known.items()
    ]
    try:
        load(
            list(tables.values()),
            into,
            mappings,
            name=declared.name,
            timezone=declared.timezone,
            synthetic=True,
            progress=lambda share, what: told(0.4 + 0.5 * share, what),
            cancel=cancel,
        )
        told(0.9, "worlds.measuring")
        key.keep(company, into)
        _keep_plan(world, into, declared.name)
    except BaseException:
        # also when stopped by hand: a store without its key would be half a company. Nothing else was there, as checked above.
        shutil.rmtree(into, ignore_errors=True)
        key.remove(into)
        raise
    told(1.0, "worlds.measuring")
    return len(tables["customers"]), len(tables["events"]), declared.name


def _keep_plan(world: str | Path, into: str | Path, name: str) -> None:
    # a company may have a planned journey: the spreadsheet NAME.plan.csv beside its declaration
    from workbench.journeys import plan
    from workbench.worlds.declaration import place

    file = place(world).with_suffix(".plan.csv")
    if file.is_file():
        plan(file, name=name).write(into)


def _company(
    world: str | Path, customers: int | None, seed: int | None, progress: Progress, cancel: Event | None = None
) -> Company:
    from workbench import worlds
    from workbench.worlds.declaration import MOST_CUSTOMERS, MOST_SEED

    declared = worlds.read(world)
    size = declared.customers if customers is None else customers
    if not 1 <= size <= MOST_CUSTOMERS:
        raise BadInput("worlds.bad_size", asked=size)
    if seed is not None and not 0 <= seed <= MOST_SEED:
        raise BadInput("worlds.bad_seed", asked=seed, most=MOST_SEED)
    return worlds.generate(declared, customers=size, seed=seed, progress=progress, cancel=cancel)
