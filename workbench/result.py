"""What every analysis returns: the numbers, their picture, their sentences, the customers behind them, their code."""

from __future__ import annotations

import base64
import dataclasses
import html
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from workbench.errors import BadInput, NotFound, SmallGroup
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
    tables: tuple[str, ...]  # that were read
    timezone: str


@dataclasses.dataclass(frozen=True, eq=False)  # equal to itself only: frames can't be compared by ==, nor hashed
class Result:
    """Base of all results. `frame` is tidy, one row a statement, with `n` (what is counted) and `n_customers`
    (different customers in it) in every row; rates have `low` and `high` (95 %). Some have a second such frame."""

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

    def customers(self, row: int, of: str = "frame") -> pd.DataFrame:
        """Exactly the customers behind a row: `customer_id` and `n`, how many of the row's `n` are theirs. `row` is an index
        label of `frame`, or of the result's second frame where `of` names that one. As many rows as the row's `n_customers`;
        `n` adds up to the row's `n`. NotFound where the result has no such frame, BadInput where that has no such row,
        SmallGroup below the study's `min_group`."""
        parts = self._parts()
        if of not in parts:
            raise NotFound("unknown_frame", asked=of, exists=parts)
        frame, members = parts[of]
        if row not in frame.index:
            raise BadInput("no_row", asked=row, n=len(frame))
        one = frame.loc[row]
        if 0 < one["n_customers"] < self.study.min_group:
            raise SmallGroup("small_group", n=self.study.min_group)
        return members(one)

    def _parts(self) -> dict[str, tuple[pd.DataFrame, Callable[[pd.Series], pd.DataFrame]]]:
        """The frames of rows with customers behind them, by the name of their field, and what finds those of a row."""
        return {"frame": (self.frame, self._customers)}

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        """The customers behind a row of `frame`."""
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
        """The same without rows about 1 to `study.min_group` − 1 customers; for each frame that had some, a caveat says how
        many were hidden."""
        kept, told = {}, []
        for name, (frame, _) in self._parts().items():
            small = frame["n_customers"].between(1, self.study.min_group - 1)
            if small.any():
                key = "result.hidden_rows" if name == "frame" else f"{self.room}.caveat.hidden_{name}"
                told.append(Caveat(key, {"n": int(small.sum()), "min_group": self.study.min_group}))
                kept[name] = frame[~small]
        return dataclasses.replace(self, **kept, caveats=(*self.caveats, *told)) if kept else self
