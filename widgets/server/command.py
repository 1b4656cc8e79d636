"""`python3 -m workbench app` and `python3 -m workbench lab`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import secrets
import sys
import webbrowser
from pathlib import Path

from widgets.server.options import Served
from widgets.server.running import Lab, Server, check_port
from workbench import settings as all_settings
from workbench.errors import BadInput
from workbench.locale import texts
from workbench.settings import Settings

LAB_PORT = 8888


def add(subparsers) -> None:
    """Adds `app` and `lab`, with `run(arguments) -> exit code`."""
    app = subparsers.add_parser("app", help="serve the landing page and the apps to a browser")
    app.add_argument("--port", type=int, help="port to listen on (default 8866)")
    app.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    app.add_argument(
        "--known-as", action="append", default=[], metavar="NAME", help="another name by which browsers reach this machine"
    )
    app.add_argument("--store", help="folder of the company to open (default: the sample)")
    app.add_argument("--seats", type=int, help="pages served at once, at most (default 20)")
    app.add_argument("--token", help="what a viewer has to know (default: a new one at each start)")
    app.add_argument("--no-browser", action="store_true", help="only print the address")
    app.set_defaults(run=run_app)
    lab = subparsers.add_parser("lab", help="open JupyterLab on the notebooks")
    lab.add_argument("--port", type=int, default=LAB_PORT, help=f"port to listen on (default {LAB_PORT})")
    lab.add_argument("--store", help="folder of the company to open (default: the sample)")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")
    lab.set_defaults(run=run_lab)


def run_app(arguments: argparse.Namespace) -> int:
    """Serves until Ctrl-C; ends everything it started."""
    settings = all_settings.load()
    served = asked_for(arguments, settings)
    return attend(Server, served, settings.language, arguments.no_browser)


def run_lab(arguments: argparse.Namespace) -> int:
    """JupyterLab on the notebooks until Ctrl-C."""
    settings = dataclasses.replace(all_settings.load(), port=arguments.port)
    served = Served(
        store=_folder(arguments.store or settings.store),
        port=settings.port,
        token=secrets.token_urlsafe(24),
        language=settings.language,
    )
    return attend(Lab, served, settings.language, arguments.no_browser)


def asked_for(arguments: argparse.Namespace, settings: Settings) -> Served:
    """The server that the arguments ask for, over what the settings say. BadInput for a port or a number of seats
    that can't be."""
    port = settings.port if arguments.port is None else arguments.port
    seats = settings.seats if arguments.seats is None else arguments.seats
    dataclasses.replace(settings, port=port)  # checks the port
    if seats < 1:
        raise BadInput("server.bad_seats", asked=seats)
    return Served(
        store=_folder(arguments.store or settings.store),
        host=arguments.host,
        names=tuple(arguments.known_as),
        port=port,
        token=arguments.token or settings.token or secrets.token_urlsafe(24),
        seats=seats,
        samples=_folder(settings.samples),
        language=settings.language,
    )


def attend(kind: type[Server] | type[Lab], served: Served, language: str, quiet: bool) -> int:
    """Starts, says where and how to stop, waits; whatever happens, ends what was started."""
    t = texts(language)
    check_port(served.host, served.port)
    print(t("server.starting"), flush=True)
    server = kind(served)
    try:
        if not server.wait_until_ready():
            print(t("server.not_started"), file=sys.stderr)
            return 1
        print(t("server.ready", address=server.address), flush=True)
        print(t("server.how_to_stop"), flush=True)
        if not quiet:
            webbrowser.open(server.address)
        return server.process.wait()
    except KeyboardInterrupt:
        print("\n" + t("server.stopping"), flush=True)
        return 0
    finally:
        server.stop()


def _folder(path: str) -> str:
    return str(Path(os.path.expanduser(path)).resolve())
