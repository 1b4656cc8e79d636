"""What all tests share: a clean environment, no network, and what a machine may lack (a browser, the real data).

Switches in the environment: CXW_BROWSER=1 (a missing browser is then a failure, not a skip; 0 leaves those tests out),
CXW_SPARK=1 (the same of Java and PySpark; CI=true asks for both), CXW_CHROMIUM (its path, where it is not found by name),
CXW_BENCHMARK=1 (measure times), CXW_LONG=1 (tests of minutes), CXW_REAL_DATA (folder of public logs; else ../shared/data).
"""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from workbench.engine.spark.session import java, session

ROOT = Path(__file__).resolve().parent.parent
SWITCHES = ("CXW_BROWSER", "CXW_CHROMIUM", "CXW_SPARK", "CXW_BENCHMARK", "CXW_LONG", "CXW_REAL_DATA")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")

# Someone's own settings must not change what the tests see; libraries must neither ask a hub nor read a home folder's set-up.
for _name in [name for name in os.environ if name.startswith("CXW_") and name not in SWITCHES]:
    del os.environ[_name]
# seeded, and no failure because the machine is busy
hypothesis.settings.register_profile("workbench", derandomize=True, deadline=None)
hypothesis.settings.load_profile("workbench")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"


def browser() -> str | None:
    """The Chromium on this machine, or None."""
    found = (shutil.which(name) for name in (os.environ.get("CXW_CHROMIUM") or "", *BROWSERS))
    return next((path for path in found if path), None)


@pytest.hookimpl(trylast=True)  # folders mark their tests first
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {
        "benchmark": "" if os.environ.get("CXW_BENCHMARK") == "1" else "measures times: set CXW_BENCHMARK=1",
        "long": "" if os.environ.get("CXW_LONG") == "1" else "takes minutes: set CXW_LONG=1",
        "browser": _no_browser(),
        "spark": _no_spark(),
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _wanted(switch: str) -> str | None:
    return os.environ.get(switch) or ("1" if os.environ.get("CI", "").lower() in ("1", "true") else None)


def _no_browser() -> str:
    wanted = _wanted("CXW_BROWSER")
    if wanted == "0":
        return "left out by CXW_BROWSER=0"
    return "" if wanted == "1" or browser() else "no Chromium on this machine: install one (Debian: apt-get install chromium)"


def _no_spark() -> str:
    wanted = _wanted("CXW_SPARK")
    if wanted == "0":
        return "left out by CXW_SPARK=0"
    return "" if wanted == "1" else _spark_lacks()


def _spark_lacks() -> str:
    lacking = [name for name in ("pyspark", "py4j", "sqlglot") if not importlib.util.find_spec(name)]
    if lacking:
        return f"no {lacking[0]}: pip install {' '.join(lacking)}"
    return "" if java() else "no Java on this machine: install one (Debian: apt-get install default-jre-headless)"


@pytest.fixture(scope="session")
def spark_master() -> Iterator[str]:
    """The master that the tests' one Spark runs under, told to be quick with little: nothing is compiled that runs once."""
    if missing := _spark_lacks():
        pytest.fail(f"CXW_SPARK=1 or CI=true asks for the Spark tests, and there is {missing}")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_SUBMIT_ARGS"] = "--driver-memory 1g pyspark-shell"
    quick = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "1",
    }
    running = session("local[2]", quick)
    yield "local[2]"
    running.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser that the tests drive."""
    path = browser()
    if path is None:
        pytest.fail("CXW_BROWSER=1 or CI=true asks for the browser tests, and there is no Chromium on this machine")
    return path


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of public logs that the project doesn't ship; the test skips where it is absent."""
    folder = Path(os.environ.get("CXW_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no real data here: set CXW_REAL_DATA to their folder")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """The workbench works with no network: whatever tries to leave this machine fails here."""

    def guard(method):
        def connect(self: socket.socket, address):
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
                raise AssertionError(f"a test tried to reach {address[0]}; nothing may leave this machine")
            return method(self, address)

        return connect

    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, guard(getattr(socket.socket, name)))
    yield
    patch.undo()


def _is_here(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
