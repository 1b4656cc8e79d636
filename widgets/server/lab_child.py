"""JupyterLab's own process: when standard input closes, it ends as if it were told to, and its kernels with it."""

from __future__ import annotations

import os
import signal
import sys
import threading

from jupyterlab.labapp import main


def _end_with_parent() -> None:
    # read past sys.stdin, whose lock would be held while the interpreter ends
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main())
