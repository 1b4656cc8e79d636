"""A progress bar for the commands that take their time."""

from __future__ import annotations


class Bar:
    """A progress bar on a terminal; nothing where the output goes to a file."""

    def __init__(self, language: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        from workbench.locale import texts

        self._texts = texts(language)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=1.0)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, share: float, key: str) -> None:
        self._progress.update(self._task, completed=share, description=self._texts(key))
