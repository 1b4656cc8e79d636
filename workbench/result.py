"""What every analysis returns: the numbers, their picture, their sentences, the customers behind them, their code."""

from __future__ import annotations

import base64
import dataclasses
import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from workbench.errors import BadInput, SmallGroup
from workbench.locale import texts
from workbench.model import Study

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class Caveat:
    """A sentence that belongs to the numbers: a key of the texts and its values."""

    key: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        return texts(language)(self.key, **self.values)


@dataclasses.dataclass(frozen=True)
class Provenance:
    """Where the numbers come from."""

    company: str
    synthetic: bool
    store: str
    version: int
    loaded_at: str  # ISO, UTC
    tables: tuple[str, ...]
    timezone: str


@dataclasses.dataclass(frozen=True)
class Result:
    """Base of all results. `frame` is tidy, one row a statement, with `n` (what is counted) and `n_customers`
    (different customers in it) in every row; rates have `low` and `high` (95 %)."""

    room: ClassVar[str]
    call: ClassVar[str]

    frame: pd.DataFrame
    study: Study
    params: Mapping[str, object]
    provenance: Provenance
    caveats: tuple[Caveat, ...] = ()

    def chart(self, language: str | None = None) -> alt.Chart:
        """The picture, in the study's language or another."""
        raise NotImplementedError

    def explain(self, language: str | None = None) -> list[str]:
        """At most five plain sentences, each with a number and its denominator; the first is the finding."""
        raise NotImplementedError

    def customers(self, row: int) -> pd.DataFrame:
        """Exactly the customers behind row `row` (an index label of `frame`): `customer_id` and `n`, how many of the
        row's `n` are theirs. As many rows as the row's `n_customers`; `n` adds up to the row's `n`.
        BadInput where there is no such row, SmallGroup below the study's `min_group`."""
        if row not in self.frame.index:
            raise BadInput("no_row", asked=row, n=len(self.frame))
        n = int(self.frame.at[row, "n_customers"])
        if 0 < n < self.study.min_group:
            raise SmallGroup("small_group", n=self.study.min_group)
        return self._customers(row)

    def _customers(self, row: int) -> pd.DataFrame:
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(self.explain())

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, str]:
        # what a notebook shows for a result: the picture and the frame; as an image, so that several don't share their ids
        drawn = self.chart()._repr_mimebundle_()
        image = base64.b64encode(drawn["image/svg+xml"].encode()).decode()
        picture = f'<img alt="{html.escape(drawn["text/plain"])}" src="data:image/svg+xml;base64,{image}">'
        frame = self.frame.to_html(max_rows=12, show_dimensions=True)
        return {"text/html": picture + frame, "text/plain": f"{self}\n\n{self.frame.to_string(max_rows=12)}"}

    def code(self) -> str:
        """The Python that computes this."""
        given = "".join(f", {name}={value!r}" for name, value in self.params.items())
        return f"import workbench as wb\nstudy = {self.study.code()}\nwb.{self.room}.{self.call}(study{given})"

    def guarded(self) -> Result:
        """The same without rows about 1 to `study.min_group` − 1 customers, and a caveat that says how many were hidden."""
        small = self.frame["n_customers"].between(1, self.study.min_group - 1)
        if not small.any():
            return self
        caveat = Caveat("result.hidden_rows", {"n": int(small.sum()), "min_group": self.study.min_group})
        return dataclasses.replace(self, frame=self.frame[~small], caveats=(*self.caveats, caveat))
