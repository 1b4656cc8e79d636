"""`python3 -m workbench load`: the same as `wb.load`, from a shell."""

from __future__ import annotations

import argparse
import sys

from workbench.bar import Bar
from workbench.errors import BadInput, Cancelled, WorkbenchError
from workbench.settings import LANGUAGES


def add(subparsers: argparse._SubParsersAction) -> None:
    """Declares the command."""
    parser = subparsers.add_parser("load", help="load files into a store", description="Load files into a store.")
    parser.add_argument(
        "sources", nargs="+", metavar="FILE", help="a file, or a database address such as sqlite:///crm.db#orders"
    )
    parser.add_argument("--into", required=True, metavar="STORE", help="the store's folder; made if there is none")
    parser.add_argument("--mapping", metavar="FILE", help="which column is which (TOML); proposed where left out")
    parser.add_argument("--name", help="of the company; default for a new store: the folder's name")
    parser.add_argument("--timezone", metavar="ZONE", help="of the company, such as Europe/Warsaw; default: UTC")
    parser.add_argument("--personal", action="append", default=[], metavar="COLUMN=hash|drop|mask", help="may be repeated")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of what is printed")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Loads and prints what happened; 0 done, 1 a clear reason was printed."""
    from workbench.door import load

    try:
        with Bar(arguments.language) as bar:
            report = load(
                arguments.sources,
                arguments.into,
                arguments.mapping,
                name=arguments.name,
                timezone=arguments.timezone,
                personal=_personal(arguments.personal),
                language=arguments.language,
                progress=bar.show,
            )
    except WorkbenchError as error:
        print(error.text(arguments.language), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(Cancelled("store.cancelled").text(arguments.language), file=sys.stderr)
        return 1
    for sentence in report.explain():
        print(sentence)
    return 0


def _personal(asked: list[str]) -> dict[str, str]:
    found = {}
    for one in asked:
        column, _, what = one.rpartition("=")
        if not column or not what:
            raise BadInput("store.bad_personal", asked=one)
        found[column] = what
    return found
