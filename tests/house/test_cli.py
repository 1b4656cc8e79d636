"""The commands once all is installed: found by name, errors in a sentence, tests passed on to pytest."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from workbench import cli, launcher
from workbench.errors import BadInput


def declare(monkeypatch, run) -> None:
    def add(subparsers) -> None:
        subparsers.add_parser("load").set_defaults(run=run)

    monkeypatch.setattr(cli.importlib, "import_module", lambda name: SimpleNamespace(add=add))


def test_every_command_is_declared_where_the_launcher_expects_it(capsys):
    assert {*cli.HOMES, "test"} == set(launcher.COMMANDS)
    for command in cli.HOMES:
        with pytest.raises(SystemExit) as stopped:
            cli.main([command, "--help"])
        assert stopped.value.code == 0
        assert f"python3 -m workbench {command}" in capsys.readouterr().out


def test_an_exit_code_is_handed_on(monkeypatch):
    declare(monkeypatch, lambda arguments: 3)
    assert cli.main(["load"]) == 3


def test_an_error_is_its_sentence_and_no_traceback(monkeypatch, capsys):
    def run(arguments):
        raise BadInput("no_file", file="events.csv")

    declare(monkeypatch, run)
    assert cli.main(["load"]) == 1
    assert capsys.readouterr().err == "There is no file events.csv.\n"


def test_stopping_is_not_an_error(monkeypatch, capsys):
    def run(arguments):
        raise KeyboardInterrupt

    declare(monkeypatch, run)
    assert cli.main(["load"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_tests_go_to_pytest_with_all_arguments(monkeypatch):
    seen = []

    def run(command, **options):
        seen.append((command, options))
        return SimpleNamespace(returncode=5)

    monkeypatch.setattr(cli.subprocess, "run", run)
    assert cli.main(["test", "-k", "funnel and not long", "--co"]) == 5
    assert seen == [([sys.executable, "-m", "pytest", "-k", "funnel and not long", "--co"], {"cwd": cli.ROOT})]


def test_all_tests_go_in_two_runs_and_a_failure_of_either_counts(monkeypatch):
    seen, codes = [], iter((1, 0, 0, 2, 0, 0))

    def run(command, **_):
        seen.append(command[3:])
        return SimpleNamespace(returncode=next(codes))

    monkeypatch.setattr(cli.subprocess, "run", run)
    assert [cli.main(["test"]) for _ in range(3)] == [1, 2, 0]
    assert [("-n" in one, one[-1]) for one in seen[:2]] == [
        (True, "not (browser or benchmark or spark)"),
        (False, "browser or benchmark or spark"),
    ]


def test_a_command_of_workbench_loads_no_screens(root):
    code = (
        "from workbench import cli; import sys; cli.importlib.import_module(cli.HOMES['load']); print('widgets' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True).stdout == "False\n"
