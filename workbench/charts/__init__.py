"""Pictures: `charts.<room>.<name>(frame, t, …) -> alt.Chart`. `theme` has the colours, `renderer` what is sent to a browser.

`enable()` makes notebooks show the charts offline, in JupyterLab, Voila, nbconvert and papermill alike.
"""


def enable() -> None:
    """Shows charts in the notebooks of this process without anything from the net; see `workbench.charts.renderer`."""
    from workbench.charts import renderer

    renderer.enable()
