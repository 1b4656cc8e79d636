"""From a bare Python to a running command: makes `.venv` beside the checkout, installs into it, goes on inside it.

Standard library only. A stamp in `.venv` says what was installed from which files, so that the second start runs no pip;
a start that died half-way is repaired by the next, and starts at the same time wait for one another. A Python that has
all that the command needs (a conda environment, say) is used as it is.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALL = ("lab", "spark", "test", "text")
#: command -> the groups of pyproject.toml it needs besides the core
COMMANDS = {"app": (), "load": (), "repair": (), "worlds": (), "lab": ALL, "test": ALL}
USAGE = """usage: python3 -m workbench COMMAND …

  app                       serve the pages in the browser (--text: with the models that read reviews)
  lab                       open the notebooks in JupyterLab
  test                      run the tests; further arguments go to pytest
  load FILE… --into STORE   put files into a store
  repair STORE              check a store; where it is damaged, go back to its last whole version
  worlds …                  generate a synthetic company

The first start installs what is needed into .venv beside the checkout; --help after a command lists its arguments."""


class CannotStart(Exception):
    """One sentence: what is in the way and what to do."""


def main(argv: Sequence[str]) -> int:
    """Run a command, installing first where needed. The exit code; on POSIX a start in `.venv` doesn't return."""
    argv = list(argv)
    if not argv or argv[0] in ("-h", "--help"):
        print(USAGE)
        return 0 if argv else 2
    if argv[0] not in COMMANDS:
        print(f"There is no command “{argv[0]}”; there are {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    groups = set(COMMANDS[argv[0]])
    if argv[0] == "app" and "--text" in argv:
        argv.remove("--text")
        groups.add("text")
    try:
        python = interpreter(groups)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the next start goes on from here.", file=sys.stderr)
        return 130
    if python is None:
        from workbench import cli

        return cli.main(argv)
    return replace([str(python), "-m", "workbench.cli", *argv])


def interpreter(groups: set[str]) -> Path | None:
    """The Python that has what `groups` need, after installing it if it must; None where the running one is it."""
    venv = ROOT / ".venv"
    ours = os.path.realpath(sys.prefix) == os.path.realpath(venv)
    if not ours and (not (ROOT / "pyproject.toml").is_file() or has_all(groups)):
        return None
    if not is_ready(venv, groups):
        make_ready(venv, groups)
    return None if ours else python_of(venv)


def replace(command: list[str]) -> int:
    """Become `command`; on Windows, which has no real exec, run it and hand on its exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        return subprocess.run(command).returncode
    os.execv(command[0], command)


def python_of(venv: Path) -> Path:
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


# --- what is there ------------------------------------------------------------------------------------------------------


def has_all(groups: set[str]) -> bool:
    """Whether the running Python has every dependency of the core and `groups`, not older than declared."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for group in groups:
        wanted += project["optional-dependencies"][group]
    for requirement in wanted:
        name, _, lowest = re.fullmatch(r"([\w.-]+)\s*(>=|==)\s*([\d.]+)", requirement).groups()
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return False
        if _numbers(found) < _numbers(lowest):
            return False
    return True


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version.partition("+")[0])]


def _inputs() -> str:
    found = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        found.update((ROOT / name).read_bytes())
    return found.hexdigest()


def _stamp(venv: Path) -> dict:
    try:
        return dict(json.loads((venv / "installed.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _identity(venv: Path) -> dict[str, str]:
    # A checkout that was moved, or a system Python that was replaced, leaves an environment that looks whole and isn't.
    return {"root": str(ROOT), "python": os.path.realpath(python_of(venv))}


def is_ready(venv: Path, groups: set[str]) -> bool:
    """Whether `venv` was installed to the end, from these very files, with at least `groups`."""
    stamp = _stamp(venv)
    return (
        python_of(venv).exists()
        and stamp.get("inputs") == _inputs()
        and groups <= set(stamp.get("groups", ()))
        and all(stamp.get(name) == value for name, value in _identity(venv).items())
    )


# --- making it ----------------------------------------------------------------------------------------------------------


def make_ready(venv: Path, groups: set[str]) -> None:
    """Make or mend `venv` and install into it. CannotStart with one sentence where that fails."""
    try:
        with _alone(venv):
            if is_ready(venv, groups):  # another start has done it meanwhile
                return
            stamp = _stamp(venv)
            # What is installed already stays: `app` after `test` must not cost the next `test` a new installation.
            groups = groups | set(stamp.get("groups", ()))
            (venv / "installed.json").unlink(missing_ok=True)
            if not _is_sound(venv, stamp):
                _create(venv)
            _sweep(venv)
            _install(venv, groups)
            made = {"inputs": _inputs(), "groups": sorted(groups), **_identity(venv)}
            part = venv / "installed.json.part"
            part.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
            part.replace(venv / "installed.json")
    except OSError as error:
        raise CannotStart(_sentence_for(error)) from error


@contextlib.contextmanager
def _alone(venv: Path) -> Iterator[None]:
    """Hold the lock on `venv`. The system frees it when the process ends, however it ends."""
    venv.mkdir(exist_ok=True)
    with (venv / "lock").open("a+b") as file:
        if not _try_lock(file):
            print("Another start is installing; waiting for it …", flush=True)
            _lock(file)
        yield


if os.name == "nt":
    import msvcrt
    import time

    def _try_lock(file) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _lock(file) -> None:
        while not _try_lock(file):
            time.sleep(1)

else:
    import fcntl

    def _try_lock(file) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock(file) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


def _is_sound(venv: Path, stamp: dict) -> bool:
    if stamp and any(stamp.get(name) != value for name, value in _identity(venv).items()):
        return False
    try:
        tried = subprocess.run([python_of(venv), "-m", "pip", "--version"], capture_output=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _create(venv: Path) -> None:
    try:
        import ensurepip  # noqa: F401
        import venv as _  # noqa: F401
    except ImportError as error:
        raise CannotStart(
            f"This Python can’t make an environment of its own, its module {error.name} is missing: install it "
            "(on Debian and Ubuntu: sudo apt install python3-venv) and start again."
        ) from None
    print("Making .venv …", flush=True)
    for entry in venv.iterdir():
        if entry.name != "lock":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, errors="replace")
    if made.returncode:
        said = made.stdout + made.stderr
        raise CannotStart(_known_sentence(said) or f"Making {venv} failed: {_last_line(said)}")


def _sweep(venv: Path) -> None:
    """Forget packages of which an interrupted installation left a part, so that pip installs them again."""
    broken = [entry for entry in _packages(venv) if not (entry / "RECORD").is_file()]
    for entry in [*broken, *_packages(venv, "~*")]:
        shutil.rmtree(entry, ignore_errors=True)


def _packages(venv: Path, name: str = "*.dist-info") -> Iterator[Path]:
    # lib/python3.11/site-packages; on Windows Lib/site-packages
    yield from venv.glob(f"Lib/site-packages/{name}" if os.name == "nt" else f"lib/python3*/site-packages/{name}")


def _install(venv: Path, groups: set[str]) -> None:
    from workbench import installing

    target = f"{ROOT}[{','.join(sorted(groups))}]" if groups else str(ROOT)
    command = [str(python_of(venv)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    command += ["--progress-bar", "off", "-c", str(ROOT / "constraints.txt"), "-e", target]
    print("Installing what this command needs into .venv; this happens once and takes some minutes.", flush=True)
    code, said = installing.follow(command, venv / "install.log", lambda: sum(1 for _ in _packages(venv)))
    if code:
        raise CannotStart(
            (_known_sentence(said) or f"Installing failed: {_last_line(said)}")
            + f"\nWhat pip said in full: {venv / 'install.log'}"
        )


# --- what went wrong, in a sentence -------------------------------------------------------------------------------------

FULL = (
    "The disk is full: free some space (all groups take about 3 GB, the app alone 1 GB) and start again; it goes on from here."
)
NO_NETWORK = (
    "The packages can’t be fetched, no package index answers: connect to the network (or set pip to an index that can "
    "be reached from here) and start again; it goes on from here."
)
#: what pip and venv print -> what it means
SIGNS = (
    ("No space left on device|not enough space|Errno 28", FULL),
    (
        "Temporary failure in name resolution|NameResolutionError|NewConnectionError|Failed to establish a new connection|"
        "ConnectTimeout|ReadTimeoutError|Read timed out|ProxyError|Network is unreachable|Connection refused|"
        "getaddrinfo failed|nodename nor servname",
        NO_NETWORK,
    ),
    ("Read-only file system|Permission denied|Errno 13|Errno 30", ""),
)


def _known_sentence(said: str) -> str:
    for sign, sentence in SIGNS:
        if re.search(sign, said):
            return sentence or _not_writable()
    return ""


def _not_writable() -> str:
    return (
        f"Nothing can be written to {ROOT}: copy the checkout to a folder of your own, or install it into an environment "
        "of your own (pip install -e . -c constraints.txt), and start again from there."
    )


def _sentence_for(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _not_writable()
    return f"Setting up {ROOT / '.venv'} failed: {error}; remove that folder and start again."


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no reason given"])[-1]
