"""The launcher on a small checkout of its own, with a pip that only pretends: no network, nothing installed."""

from __future__ import annotations

import ast
import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench import installing, launcher

ROOT = Path(__file__).resolve().parents[2]
LAUNCHED = ("__init__.py", "__main__.py", "launcher.py", "installing.py")

# What the pretended pip does is said by FAKE_PIP; each call leaves a line with its arguments.
FAKE_PIP = """
import os, sys, time, json
if "--version" in sys.argv:
    print("pip 0.0 (pretended)"); sys.exit()
with open(os.environ["FAKE_PIP_CALLS"], "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
print("Collecting numpy>=2.4", flush=True)
kind = os.environ.get("FAKE_PIP", "")
if kind == "slow":
    time.sleep(2)
if kind == "stuck":
    time.sleep(60)
if kind == "network":
    print("WARNING: Retrying after connection broken by 'NewConnectionError: Temporary failure in name resolution'")
    print("ERROR: No matching distribution found for numpy>=2.4"); sys.exit(1)
if kind == "full":
    print("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"); sys.exit(1)
if kind == "odd":
    print("ERROR: the moon is in the wrong phase"); sys.exit(1)
print("Installing collected packages: numpy, pandas", flush=True)
"""
CLI = """
import os, sys
def main(argv):
    print("RUN", os.path.basename(sys.prefix), *argv)
    return 7 if "fail" in argv else 0
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""
PROJECT = """
[project]
name = "x"
dependencies = [{core}]
[project.optional-dependencies]
lab = []
test = []
spark = []
text = []
"""


class Checkout:
    """A folder with the launcher, a command line that says how it was called, and the pretended pip."""

    def __init__(self, root: Path, core: str = '"a-package-that-is-not-there>=1.0"') -> None:
        self.root = root
        (root / "workbench").mkdir(parents=True)
        for name in LAUNCHED:
            shutil.copy(ROOT / "workbench" / name, root / "workbench" / name)
        (root / "workbench" / "cli.py").write_text(CLI)
        (root / "pyproject.toml").write_text(PROJECT.format(core=core))
        (root / "constraints.txt").write_text("numpy==2.4.6\n")
        self.extra = root.parent / f"{root.name}-extra"
        (self.extra / "pip").mkdir(parents=True)
        (self.extra / "pip" / "__init__.py").touch()
        (self.extra / "pip" / "__main__.py").write_text(FAKE_PIP)
        self.log = self.extra / "calls"

    def with_venv(self) -> Checkout:
        """An environment is there (quickly, without pip), not yet installed into."""
        venv.create(self.root / ".venv", with_pip=False, symlinks=os.name != "nt")
        return self

    def environ(self, pip: str = "") -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CXW_"))}
        return kept | {"PYTHONPATH": str(self.extra), "FAKE_PIP": pip, "FAKE_PIP_CALLS": str(self.log)}

    def command(self, *argv: str) -> list[str]:
        return [sys.executable, "-m", "workbench", *argv]

    def start(self, *argv: str, pip: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            self.command(*argv), cwd=self.root, env=self.environ(pip), capture_output=True, text=True, timeout=120
        )

    def begin(self, *argv: str, pip: str = "", **options) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*argv), cwd=self.root, env=self.environ(pip), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, **options,
        )  # fmt: skip

    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout").with_venv()


def one_sentence(started: subprocess.CompletedProcess, *words: str) -> None:
    assert started.returncode == 1
    assert "Traceback" not in started.stderr
    assert all(word in started.stderr for word in words), started.stderr


def test_a_bare_python_gets_an_environment_and_the_second_start_runs_no_pip(tmp_path):
    checkout = Checkout(tmp_path / "checkout")
    first = checkout.start("app", "--port", "9000")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == "RUN .venv app --port 9000"
    assert "looking for numpy" in first.stdout
    second = checkout.start("app")
    assert second.stdout == "RUN .venv app\n"
    assert len(checkout.calls()) == 1
    arguments = checkout.calls()[0]
    assert arguments[arguments.index("-c") + 1] == str(checkout.root / "constraints.txt")
    assert arguments[arguments.index("-e") + 1] == str(checkout.root)


def test_groups_are_added_and_kept(checkout):
    for command in ("app", "test", "app", "lab"):
        assert checkout.start(command).returncode == 0
    assert [call[-1] for call in checkout.calls()] == [str(checkout.root), f"{checkout.root}[lab,spark,test,text]"]
    (checkout.root / "constraints.txt").write_text("numpy==2.4.7\n")
    checkout.start("app")  # new pins are installed, with all that was there
    assert checkout.calls()[2][-1] == f"{checkout.root}[lab,spark,test,text]"


def test_text_is_a_wish_to_the_launcher_only(checkout):
    assert checkout.start("app", "--text").stdout.endswith("RUN .venv app\n")
    assert checkout.calls()[0][-1] == f"{checkout.root}[text]"


def test_arguments_and_exit_code_pass_through(checkout):
    started = checkout.start("test", "-k", "flow and fail", "fail")
    assert started.returncode == 7
    assert started.stdout.endswith("RUN .venv test -k flow and fail fail\n")


def test_a_python_that_has_all_is_used_as_it_is(tmp_path):
    checkout = Checkout(tmp_path / "checkout", core='"pytest>=1.0"')
    started = checkout.start("app")
    assert started.stdout == f"RUN {Path(sys.prefix).name} app\n"
    assert not (checkout.root / ".venv").exists()


def test_too_old_a_package_is_not_all(tmp_path):
    checkout = Checkout(tmp_path / "checkout", core='"pytest>=999.0"').with_venv()
    assert checkout.start("app").stdout.endswith("RUN .venv app\n")
    assert len(checkout.calls()) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to kill")
def test_killed_half_way_the_next_start_repairs(checkout):
    process = checkout.begin("app", pip="stuck", start_new_session=True)
    deadline = time.monotonic() + 60
    while not checkout.calls() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    site = next(checkout.root.glob(".venv/lib/python3*/site-packages"))
    for name in ("half-1.0.dist-info", "whole-1.0.dist-info"):
        (site / name).mkdir()
    (site / "whole-1.0.dist-info" / "RECORD").touch()
    started = checkout.start("app")
    assert started.stdout.endswith("RUN .venv app\n")
    assert len(checkout.calls()) == 2
    assert [entry.name for entry in site.glob("*.dist-info")] == ["whole-1.0.dist-info"]


def test_an_environment_without_a_python_is_made_again(tmp_path):
    checkout = Checkout(tmp_path / "checkout")
    (checkout.root / ".venv" / "bin").mkdir(parents=True)
    (checkout.root / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    assert checkout.start("app").stdout.endswith("RUN .venv app\n")


def test_a_moved_checkout_is_installed_anew(checkout, tmp_path):
    checkout.start("app")
    moved = tmp_path / "elsewhere"
    checkout.root.rename(moved)
    checkout.root = moved
    assert checkout.start("app").stdout.endswith("RUN .venv app\n")
    assert checkout.calls()[-1][-1] == str(moved)


def test_starts_at_once_install_once(checkout):
    processes = [checkout.begin("app", pip="slow") for _ in range(3)]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert all(text.endswith("RUN .venv app\n") for text in said)
    assert len(checkout.calls()) == 1
    assert sum("waiting for it" in text for text in said) == 2


@pytest.mark.parametrize(
    ("pip", "words"),
    [
        ("network", ("no package index answers", "connect to the network", "start again")),
        ("full", ("disk is full", "free some space")),
        ("odd", ("the moon is in the wrong phase",)),
    ],
)
def test_what_stops_pip_is_said_in_a_sentence(checkout, pip, words):
    started = checkout.start("app", pip=pip)
    one_sentence(started, *words, "install.log")
    assert "RUN" not in started.stdout
    assert checkout.start("app").stdout.endswith("RUN .venv app\n")  # and nothing is left in the way


def test_debian_without_python3_venv(tmp_path):
    checkout = Checkout(tmp_path / "checkout")
    (checkout.extra / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    one_sentence(checkout.start("app"), "ensurepip", "sudo apt install python3-venv")
    (checkout.extra / "sitecustomize.py").unlink()
    assert checkout.start("app").stdout.endswith("RUN .venv app\n")


@pytest.mark.skipif(os.name == "nt", reason="permissions work differently on Windows")
def test_a_checkout_that_cannot_be_written():
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path, whose parents nobody else may enter
        os.chmod(folder, 0o755)
        checkout = Checkout(Path(folder) / "checkout")
        os.chmod(checkout.root, 0o555)
        # Root may write anywhere, so it becomes somebody else once the launcher is loaded.
        leave = "os.setgroups([]); os.setgid(65534); os.setuid(65534)" if os.geteuid() == 0 else ""
        code = f"import os, sys; from workbench import launcher; {leave or 'pass'}; sys.exit(launcher.main(['app']))"
        started = subprocess.run(
            [sys.executable, "-c", code], cwd=checkout.root, env=checkout.environ(), capture_output=True, text=True
        )
        os.chmod(checkout.root, 0o755)
        one_sentence(started, f"Nothing can be written to {checkout.root}", "copy the checkout")


@pytest.mark.parametrize(
    ("number", "word"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "written"), (errno.EIO, "remove that folder")]
)
def test_what_the_system_refuses_is_said_in_a_sentence(tmp_path, monkeypatch, number, word):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(launcher, "_sweep", refuse)
    monkeypatch.setattr(launcher, "_is_sound", lambda *_: True)
    with pytest.raises(launcher.CannotStart, match=word):
        launcher.make_ready(tmp_path / ".venv", set())


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_older_python_can_read_as_far_as_the_sentence(name):
    ast.parse((ROOT / "workbench" / name).read_text(encoding="utf-8"), feature_version=(3, 8))


def test_an_older_python_gets_a_sentence(checkout):
    old = "import runpy, sys; sys.version_info = (3, 8, 20, 'final', 0); "
    run = "sys.argv = ['x', 'app']; runpy.run_module('workbench', run_name='__main__')"
    started = subprocess.run([sys.executable, "-c", old + run], cwd=checkout.root, capture_output=True, text=True)
    one_sentence(started, "needs Python 3.11 or newer and this is Python 3.8")
    assert checkout.calls() == []


@pytest.mark.parametrize(("argv", "code"), [((), 2), (("--help",), 0), (("ap",), 2)])
def test_no_command_installs_nothing(checkout, argv, code):
    started = checkout.start(*argv)
    assert started.returncode == code
    assert all(command in started.stdout + started.stderr for command in launcher.COMMANDS)
    assert checkout.calls() == []


def test_progress_counts_and_never_stays_silent(monkeypatch):
    clock = iter(range(0, 1000, 11))
    monkeypatch.setattr(installing, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    stream = io.StringIO()
    there = iter((3, 3, 5))
    shown = installing.Shown(lambda: next(there), stream)
    for line in (
        "Collecting numpy>=2.4\n",
        "  Downloading numpy-2.4.6-cp311.whl (16 MB)\n",
        "Installing collected packages: a, b\n",
        "",
    ):
        shown.hear(line)
    shown.end()
    assert stream.getvalue().splitlines() == [
        "    11 s  looking for numpy (package 1) …",
        "    22 s  fetching numpy (16 MB) (package 1) …",
        "    33 s  installing (3 of 5 packages are in) …",
        "    44 s  installing (5 of 5 packages are in) …",
    ]
