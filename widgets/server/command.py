"""`python3 -m workbench app` and `python3 -m workbench lab`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

from widgets.server.options import Served, environment, host_environment
from workbench import settings as settings_module
from workbench.errors import BadInput
from workbench.locale import texts

START_S = 60
STOP_S = 10


def add(subparsers) -> None:
    """Adds `app` and `lab`, with `run(arguments) -> exit code`."""
    app = subparsers.add_parser("app", help="serve the landing page and the apps to a browser")
    app.add_argument("--port", type=int, help="port to listen on (default 8866)")
    app.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    app.add_argument("--store", help="folder of the company to open (default: the sample)")
    app.add_argument("--seats", type=int, help="people served at once, at most (default 20)")
    app.add_argument("--token", help="what a viewer has to know (default: a new one at each start)")
    app.add_argument("--no-browser", action="store_true", help="only print the address")
    app.set_defaults(run=run_app)
    lab = subparsers.add_parser("lab", help="open JupyterLab on the notebooks")
    lab.add_argument("--port", type=int, help="port to listen on (default 8888)")
    lab.add_argument("--store", help="folder of the company to open (default: the sample)")
    lab.add_argument("--no-browser", action="store_true", help="only print the address")
    lab.set_defaults(run=run_lab)


def served_from(arguments: argparse.Namespace) -> Served:
    """What was asked for, over what the settings say."""
    settings = settings_module.load()
    port = settings.port if arguments.port is None else arguments.port
    seats = settings.seats if arguments.seats is None else arguments.seats
    dataclasses.replace(settings, port=port)
    if seats < 1:
        raise BadInput("server.bad_seats", asked=seats)
    return Served(
        store=str(Path(arguments.store or settings.store).resolve()),
        host=arguments.host,
        port=port,
        token=arguments.token or settings.token or secrets.token_urlsafe(24),
        seats=seats,
        language=settings.language,
    )


def run_app(arguments: argparse.Namespace) -> int:
    """Serves until Ctrl-C; ends everything it started."""
    served = served_from(arguments)
    t = texts(served.language)
    check_port(served.host, served.port)
    server = Server(served)
    try:
        if not server.wait_until_ready():
            print(t("server.not_started"), file=sys.stderr)
            return 1
        address = f"{served.url}?token={served.token}"
        print(t("server.ready", address=address), flush=True)
        print(t("server.how_to_stop"), flush=True)
        if not arguments.no_browser:
            webbrowser.open(address)
        return server.process.wait()
    except KeyboardInterrupt:
        print("\n" + t("server.stopping"), flush=True)
        return 0
    finally:
        server.stop()


class Server:
    """The server's process. It ends when its standard input closes, so it can't outlive whoever started it."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.process = subprocess.Popen(
            [sys.executable, "-m", "widgets.server.child"],
            env=environment(host_environment(), served),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.process.stdin.write(served.to_json() + "\n")
        self.process.stdin.flush()

    def wait_until_ready(self, seconds: float = START_S) -> bool:
        """True once the health address answers, False if the process ended or the time is up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.served.url + "health", timeout=2):
                    return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def stop(self) -> None:
        """Asks it to end, which ends its kernels; after STOP_S it is killed, and kernels end with their parent."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def check_port(host: str, port: int) -> None:
    """Raises BadInput with a free port if `port` is taken."""
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise BadInput("server.port_taken", asked=port, free=free_port(host)) from None


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]
