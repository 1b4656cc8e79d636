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


@pytest.fixture
def short_sentences(study):
    """short_sentences(view, its arguments): what a comparison says, with many shown and with hardly any, in every language."""

    def check(of: str, arguments: dict) -> None:
        for least in (1, 50):
            found = wb.journeys.compare(study.guarded(least).where(channel="app"), of=of, **arguments).guarded()
            for language in ("en", "ru", "pl"):
                said = found.explain(language)
                assert 1 <= len(said) <= 5 and len(said[0]) <= 90 and not said[0].endswith(".")
                for one in [*said, *(caveat.text(language) for caveat in found.caveats)]:
                    assert "{" not in one and ".." not in one
                assert all(any(letter.isdigit() for letter in one) for one in said)
                assert found.chart(language).to_dict()["usermeta"]["title"] == said[0]
            assert not found.frame.empty or least == 50

    return check
