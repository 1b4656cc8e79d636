"""`python -m widgets.server [options]`: the same as `python3 -m workbench app`, inside the environment."""

import argparse
import sys

from widgets.server.command import add
from workbench.errors import WorkbenchError

parser = argparse.ArgumentParser(prog="python -m widgets.server")
add(parser.add_subparsers())
arguments = parser.parse_args(["app", *sys.argv[1:]])
try:
    sys.exit(arguments.run(arguments))
except WorkbenchError as error:
    sys.exit(str(error))
