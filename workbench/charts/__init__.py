"""Pictures: `charts.<room>.<name>(frame, t, …) -> alt.Chart`. `theme` has the colours, `renderer` what is sent to a browser.

`enable()` makes notebooks show the charts offline, in JupyterLab, Voila, nbconvert and papermill alike.
"""

import importlib
import sys


def _import_quickly(name: str, without: str) -> None:
    """Imports a module that takes `without` where it is there; without it."""
    if name not in sys.modules and without not in sys.modules:
        sys.modules[without] = None  # import's own way of saying that there is none
        try:
            importlib.import_module(name)
        finally:
            sys.modules.pop(without, None)


# altair asks jsonschema, which would build the grammars of 38 kinds of internet addresses when it is imported: 1.7 of the 2.2
# seconds that importing altair takes, in every kernel. No chart holds an address; who
# checks `iri` formats by jsonschema in this process imports it before
_import_quickly("jsonschema", "rfc3987_syntax")


def enable() -> None:
    """Shows charts in the notebooks of this process without anything from the net; see `workbench.charts.renderer`."""
    from workbench.charts import renderer

    renderer.enable()
