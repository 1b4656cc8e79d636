"""Public logs, loaded once through the public door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import workbench as wb
from workbench.model import Study

MAPPINGS = Path(__file__).parent


@pytest.fixture(scope="session")
def loaded(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[wb.LoadReport, Study]]:
    """loaded("helpdesk/helpdesk.xes.gz", mapping=…): the report and the study of these files of the real data, each set
    by each mapping loaded once; the test skips where a file is absent."""
    made: dict[tuple[str | None, ...], tuple[wb.LoadReport, Study]] = {}

    def load(*names: str, mapping: str | None = None, **how: object) -> tuple[wb.LoadReport, Study]:
        for name in names:
            if not (real_data / name).is_file():
                pytest.skip(f"no {name} in the real data")
        key = (mapping, *names)
        if key not in made:
            into = tmp_path_factory.mktemp("real") / "store"
            report = wb.load([real_data / name for name in names], into=into, mapping=mapping and MAPPINGS / mapping, **how)
            made[key] = report, wb.open(into)
        return made[key]

    return load
