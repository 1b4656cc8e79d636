"""Shows how far pip is, instead of a silent wait. Standard library only, for the launcher."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 10.0  # seconds between lines where the output is not a terminal


def follow(command: list[str], log: Path, installed: Callable[[], int]) -> tuple[int, str]:
    """Run pip, show its progress, write all it says to `log`. Its exit code and what it said. `installed` counts the
    packages that are there. When interrupted, pip is ended before KeyboardInterrupt goes on."""
    environ = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    shown, said = Shown(installed), []
    try:
        with log.open("w", encoding="utf-8") as file:
            while (line := _next(lines)) is not None:
                if line:
                    said.append(line)
                    file.write(line)
                shown.hear(line)
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        shown.end()
    return code, "".join(said)


def _read(stream, lines: queue.Queue[str | None]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _next(lines: queue.Queue[str | None]) -> str | None:
    try:
        return lines.get(timeout=1)
    except queue.Empty:
        return ""


class Shown:
    """One line that renews itself on a terminal; elsewhere a line now and then."""

    def __init__(self, installed: Callable[[], int], stream=None) -> None:
        self.installed = installed
        self.stream = stream or sys.stdout
        self.terminal = self.stream.isatty()
        self.started = time.monotonic()
        self.written = 0.0
        self.found = 0
        self.target = 0  # packages that will be there, once pip knows
        self.doing = "starting pip"

    def hear(self, line: str) -> None:
        """Take in a line of pip's ("" when it is silent) and show where things stand."""
        if match := re.match(r"\s*Collecting ([\w.-]+)", line):
            self.found += 1
            self.doing = f"looking for {match[1]} (package {self.found})"
        elif match := re.match(r"\s*Downloading ([\w.]+)-.*?(\([\d.]+ [kMG]B\))?\s*$", line):
            self.doing = f"fetching {' '.join(part for part in match.groups() if part)} (package {self.found})"
        elif match := re.match(r"Installing collected packages: (.*)", line):
            self.target = self.installed() + len(match[1].split(","))
            self.doing = "installing"
            self.written = 0.0  # worth a line at once: it is the longest step
        elif "Retrying" in line and "trying again" not in self.doing:
            self.doing = "no answer from the package index, trying again"
            self.written = 0.0
        now = time.monotonic()
        if self.terminal or now - self.written >= PATIENCE:
            self.written = now
            counted = f" ({self.installed()} of {self.target} packages are in)" if self.target else ""
            self._write(f"  {now - self.started:4.0f} s  {self.doing}{counted} …")

    def end(self) -> None:
        """Leave the line behind."""
        if self.terminal:
            self.stream.write("\n")
            self.stream.flush()

    def _write(self, text: str) -> None:
        self.stream.write(f"\r\x1b[K{text[:100]}" if self.terminal else text + "\n")
        self.stream.flush()
