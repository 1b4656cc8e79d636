"""The commands, once everything is installed. Each is declared by the part that does the work, in a module that is
imported only when it is asked for: `add(subparsers)` there adds its parser and sets `run(arguments) -> exit code`."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.errors import WorkbenchError

ROOT = Path(__file__).resolve().parent.parent
#: command -> the module that declares it; by name, because workbench never imports widgets
HOMES = {
    "app": "widgets.server.command",
    "lab": "widgets.server.command",
    "load": "workbench.load_command",
    "repair": "workbench.repair_command",
    "worlds": "workbench.worlds_command",
}
ALONE = "browser or benchmark or spark"  # markers of tests that others at work would disturb, or that ask for one process


def main(argv: Sequence[str]) -> int:
    """Run one command. The exit code: 0 done, 1 a clear reason was printed, 2 not understood, 130 stopped."""
    if argv and argv[0] == "test":
        return run_tests(argv[1:])
    parser = argparse.ArgumentParser(prog="python3 -m workbench", description="Customer-journey analysis workbench.")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    subparsers.add_parser("test", help="run the tests; further arguments go to pytest")
    asked = [HOMES[argv[0]]] if argv and argv[0] in HOMES else sorted(set(HOMES.values()))
    for home in asked:
        importlib.import_module(home).add(subparsers)
    arguments = parser.parse_args(argv)
    try:
        return arguments.run(arguments) or 0
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def run_tests(arguments: Sequence[str]) -> int:
    """The suite, from the project's top; with `arguments`, one run of pytest with these.

    Without, it is two runs: what only computes goes in several processes, a file in one of them; then, one after the other,
    what drives a browser or measures times, which others at work would disturb, and all of Spark, which every process would
    start anew. The exit code is the first one that isn't 0.
    """
    pytest = [sys.executable, "-m", "pytest"]
    if arguments:
        return subprocess.run([*pytest, *arguments], cwd=ROOT).returncode
    several = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"]
    runs = ([*several, "-m", f"not ({ALONE})"], ["-m", ALONE])
    codes = [subprocess.run([*pytest, *run], cwd=ROOT).returncode for run in runs]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
