"""What customers write, as a company declares it.

[texts]          sector = "telecom", "retailer" or "bank": which words fit; currency = "€" or "zł" of amounts in texts;
                 comments = share of answers with a comment; reviews = share of events at one of the touchpoints `after` that
                 are followed by a public review; replied, spam, exact, near = shares of reviews that the company answers, that
                 are spam, that copy an earlier one exactly or nearly; requests, ideas = shares of the texts that are neither
                 spam nor copies; named = share of opinions that hold a name, a number or a handle; mentions = share of opinions
                 that name as bad what an incident did to the writer `within` so long before
[texts.aspects]  aspect = [touchpoints where it is met], none: known to all; grammar.aspects(sector) names them
[texts.sources]  shares of reviews by where they are posted
[texts.incidents] incident = the aspect that it spoils
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.worlds import grammar

if TYPE_CHECKING:
    from workbench.worlds.declaration import World
    from workbench.worlds.reader import Reader

#: with fewer aspects all texts would be alike
FEWEST = 3


@dataclasses.dataclass(frozen=True)
class Texts:
    """The section [texts]."""

    sector: str  # telecom, retailer, bank: which words fit
    currency: str
    aspects: Mapping[str, tuple[str, ...]]  # aspect -> the touchpoints it is met at; none: known to all
    comments: float  # share of answers with a comment
    reviews: float  # share of events at one of …
    after: tuple[str, ...]  # … these touchpoints that are followed by a review
    sources: Mapping[str, float]  # shares
    replied: float  # share of reviews that are answered
    spam: float  # share of reviews
    exact: float  # share of reviews that copy an earlier one
    near: float  # … and nearly so
    requests: float  # share of texts that are neither spam nor copies
    ideas: float
    named: float  # share of opinions with a name, a number or a handle in them
    mentions: float  # share of opinions that name as bad what an incident did to the writer …
    within_s: float  # … within so long before
    incidents: Mapping[str, str]  # incident -> the aspect it spoils


def read(reader: Reader, declared: Mapping, world: World) -> Texts | None:
    """The section [texts]; None where there is none."""
    table = reader.get(declared, "texts", dict, {})
    if not table:
        return None
    names = {field.name.removesuffix("_s") for field in dataclasses.fields(Texts)}
    reader.only(table, "texts", *sorted(names))
    sector = reader.get(table, "texts.sector", str)
    reader.known([sector], "texts.sector", grammar.SECTORS)
    currency = reader.get(table, "texts.currency", str, "€")
    reader.known([currency], "texts.currency", grammar.language("en", sector).money)
    reader.known(world.attributes.get("language", {}), "attributes.language", grammar.LANGUAGES)
    aspects = {}
    for name in reader.get(table, "texts.aspects", dict):
        entry = f"texts.aspects.{name}"
        reader.known([name], entry, grammar.aspects(sector))
        aspects[name] = tuple(reader.get(table["aspects"], entry, list))
        reader.known(aspects[name], entry, world.touchpoints)
    if len(aspects) < FEWEST:
        raise reader.wrong("texts.aspects", "wrong_kind", found=repr(sorted(aspects)))
    after = tuple(reader.get(table, "texts.after", list, []))
    reader.known(after, "texts.after", world.touchpoints)
    incidents = reader.get(table, "texts.incidents", dict, {})
    for incident, aspect in incidents.items():
        reader.known([incident], f"texts.incidents.{incident}", [one.id for one in world.incidents])
        reader.known([aspect], f"texts.incidents.{incident}", aspects)
    shares = ("comments", "reviews", "replied", "spam", "exact", "near", "requests", "ideas", "named")
    share = {name: reader.number(table, f"texts.{name}", 0, 1, 0.0) for name in shares}
    for one, two in (("exact", "near"), ("requests", "ideas")):
        if share[one] + share[two] > 1:
            raise reader.wrong(f"texts.{two}", "bad_sum", found=f"{share[one] + share[two]:g}")
    return Texts(
        sector=sector,
        currency=currency,
        aspects=aspects,
        after=after,
        sources=reader.shares(reader.get(table, "texts.sources", dict, {"web": 1.0}), "texts.sources"),
        mentions=reader.number(table, "texts.mentions", 0, 1, 0.5),
        within_s=reader.duration(table, "texts.within", "21d"),
        incidents=dict(incidents),
        **share,
    )
