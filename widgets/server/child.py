"""The server's own process: options come in as one line on standard input; when that closes, everything ends."""

from __future__ import annotations

import sys
import threading

from widgets.server.chrome import chrome
from widgets.server.options import Served, config
from workbench.locale import texts


def main() -> None:
    """Serves until standard input closes or the process is told to end."""
    served = Served.from_json(sys.stdin.readline())
    # imported late: a wrong line must not cost two seconds
    from tornado.ioloop import IOLoop
    from traitlets.config import Config

    from widgets.server.application import Workbench

    cxw = chrome(served)
    app = Workbench(served, cxw, config=Config(config(served, cxw, texts(served.language)("server.cell_error"))))
    app.initialize([])
    loop = IOLoop.current()

    def end_with_parent() -> None:
        sys.stdin.read()
        loop.add_callback(loop.stop)

    threading.Thread(target=end_with_parent, daemon=True).start()
    app.start()


if __name__ == "__main__":
    main()
