"""Starting and ending the processes behind `app` and `lab`."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from widgets.server.options import WIDGETS, Served, environment
from workbench.errors import BadInput
from workbench.settings import ROOT

START_S = 60
STOP_S = 10


class Running:
    """A process that serves. It is in a group of its own, so that Ctrl-C reaches whoever started it and nobody else; and it
    ends when its standard input closes, so that it can't outlive whoever started it, however that one ends."""

    health = ""
    process: subprocess.Popen

    def __init__(self, served: Served) -> None:
        self.served = served

    @property
    def address(self) -> str:
        """What a person opens; it holds the token."""
        return f"{self.served.url}?token={self.served.token}"

    def wait_until_ready(self, seconds: float = START_S) -> bool:
        """True once the health address answers, False if the process has ended or the time is up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(self.served.url + self.health, timeout=2),
            ):
                return True
            time.sleep(0.1)
        return False

    def stop(self) -> None:
        """Asks it to end, which ends its kernels; after STOP_S it is killed, and kernels end with their parent."""
        self._ask_to_end()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ask_to_end(self) -> None:
        with contextlib.suppress(OSError):
            self.process.stdin.close()


class Server(Running):
    """Voila. Options and token come by its standard input, where no list of processes shows them."""

    health = "health"

    def __init__(self, served: Served) -> None:
        super().__init__(served)
        # an empty one: nobody's own set-up of Jupyter counts here
        self._config = tempfile.TemporaryDirectory(prefix="cxw-jupyter-", ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "widgets.server.child"],
            env=environment(os.environ, served) | {"JUPYTER_CONFIG_DIR": self._config.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        with contextlib.suppress(OSError):  # it has ended already; wait_until_ready says so
            self.process.stdin.write(served.to_json() + "\n")
            self.process.stdin.flush()

    def stop(self) -> None:
        super().stop()
        self._config.cleanup()


class Lab(Running):
    """JupyterLab with the analyst's own environment, and the open company in it."""

    health = "api"

    def __init__(self, served: Served) -> None:
        super().__init__(served)
        own = {
            "PYTHONPATH": _before("PYTHONPATH", str(ROOT)),
            # a kernel that shows charts without anything from the net
            "JUPYTER_PATH": _before("JUPYTER_PATH", str(WIDGETS / "template" / "lab")),
            "CXW_STORE": served.store,
            "JUPYTER_TOKEN": served.token,
        }
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "ignore::DeprecationWarning",
                "-m",
                "widgets.server.lab_child",
                "--no-browser",
                f"--ServerApp.ip={served.host}",
                f"--ServerApp.port={served.port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={served.notebooks}",
                "--log-level=ERROR",
                # nothing is asked of the net: no news, no updates, no list of extensions
                "--LabApp.extension_manager=readonly",
                "--LabApp.news_url=None",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),  # as in a container
            ],
            env=os.environ | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )


def _before(name: str, path: str) -> str:
    """`path` in front of what the variable holds already."""
    return os.pathsep.join(filter(None, (path, os.environ.get(name))))


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
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]
