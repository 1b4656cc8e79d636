"""A process that loads and is killed. It imports everything once, then makes a copy of itself for every line of its input:

load STORE FILE…          loads the files one by one, saying "loaded" after each
step STORE K              appends one row, killing itself before the K-th thing it does to the disk; "whole" if there
                          is no K-th
hold STORE                takes the lock, says "held" and waits
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import time

import pyarrow as pa

from workbench import door, engine, sources
from workbench.sources.parts import Conformed
from workbench.store import Origin, Store, disk

assert engine and sources
# made here and not in each copy: the first time with a zone costs a third of a second
EVENT = pa.table({"customer_id": ["c"], "occurred_at": [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)], "touchpoint": ["x"]})
NOTHING = pa.table({"row": pa.array([], pa.int64())})


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def load(store: str, *files: str) -> None:
    for file in files:
        door.load(file, store)
        say("loaded")


def step(store: str, last: str) -> None:
    left = int(last)

    def dying(call):
        def wrapped(*arguments, **more):
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return call(*arguments, **more)

        return wrapped

    for name in ("replace", "fsync", "open", "unlink", "mkdir"):
        setattr(os, name, dying(getattr(os, name)))
    disk.Hashed.write = dying(disk.Hashed.write)
    number = Store(store).version
    rows = EVENT.append_column("event_id", pa.array([f"e{number}"]))
    Store(store).append(Conformed("events", rows, NOTHING, (), 1, 0, {}, ()), origin=Origin("x"))
    say("whole")


def hold(store: str) -> None:
    with Store(store).writing():
        say("held")
        time.sleep(600)


def main() -> None:
    say("ready")
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            say(str(os.getpid()))
            {"load": load, "step": step, "hold": hold}[command](*arguments)
            os._exit(0)
        os.waitpid(child, 0)
        say("over")


if __name__ == "__main__":
    main()
