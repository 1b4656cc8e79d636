"""The twelve customers as a company, loaded through the public door."""

from __future__ import annotations

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.model import Study


@pytest.fixture(scope="session")
def study(tmp_path_factory) -> Study:
    folder = tmp_path_factory.mktemp("companies") / "twelve"
    wb.load([pd.DataFrame(company.rows()), pd.DataFrame(company.customers())], into=folder, name="Twelve")
    return wb.open(folder)
