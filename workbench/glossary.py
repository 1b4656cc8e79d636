"""The words of the house: each term with one sentence, its formula where it has one, and where it comes from.

Tooltips, the start page and the documentation read it; the texts stand in `locale/<language>/glossary.po`.
"""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

from workbench.errors import NotFound
from workbench.locale import texts

_LEMON = (
    "Lemon and Verhoef: Understanding Customer Experience Throughout the Customer Journey. Journal of Marketing 80(6), 2016"
)
_AALST = "van der Aalst: Process Mining, Data Science in Action. 2nd edition, Springer 2016"
_SESSION = (
    "Catledge and Pitkow: Characterizing Browsing Strategies in the World-Wide Web. Computer Networks and ISDN Systems 27, 1995"
)
_ANDERL = (
    "Anderl, Becker, von Wangenheim and Schumann: Mapping the Customer Journey. "
    "International Journal of Research in Marketing 33, 2016"
)
_ADRIANSYAH = "Adriansyah: Aligning Observed and Modeled Behavior. PhD thesis, Eindhoven 2014"
_OLSHEN = (
    "Olshen, Venkatraman, Lucito and Wigler: Circular Binary Segmentation for the Analysis of Array-based DNA Copy Number "
    "Data. Biostatistics 5, 2004"
)
_BENJAMINI = "Benjamini and Hochberg: Controlling the False Discovery Rate. Journal of the Royal Statistical Society B 57, 1995"
_WILSON = "Wilson: Probable Inference, the Law of Succession, and Statistical Inference. JASA 22, 1927"
_NPS = "Reichheld: The One Number You Need to Grow. Harvard Business Review, December 2003"
_CSAT = "ISO 10004:2018, Customer satisfaction, guidelines for monitoring and measuring; the top two boxes by common practice"
_CES = "Dixon, Toman and DeLisi: The Effortless Experience. Penguin 2013"
_XO = "Qualtrics: experience management, X-data and O-data"
_HERE = "workbench"  # a definition of ours: the named analysis is what computes it

#: term -> where the definition comes from
SOURCES = MappingProxyType(
    {
        "touchpoint": _LEMON,
        "event": _AALST,
        "channel": _LEMON,
        "stage": _LEMON,
        "journey": _LEMON,
        "step": f"{_HERE}: journeys.steps",
        "case": _AALST,
        "variant": _AALST,
        "transition": _AALST,
        "entry": f"{_HERE}: journeys.flow",
        "exit": f"{_HERE}: journeys.flow",
        "throughput_time": _AALST,
        "funnel": f"{_HERE}: journeys.funnel",
        "conversion_window": f"{_HERE}: journeys.funnel",
        "change_point": _OLSHEN,
        "conversion": f"{_HERE}: journeys.attribution",
        "touch": f"{_HERE}: journeys.attribution",
        "attribution": _ANDERL,
        "removal_effect": _ANDERL,
        "cohort": f"{_HERE}: journeys.cohorts",
        "crossing": f"{_HERE}: journeys.crossings",
        "handoff": f"{_HERE}: journeys.handoffs",
        "q": _BENJAMINI,
        "journey_map": _LEMON,
        "planned_journey": f"{_HERE}: journeys.plan",
        "disagreement": f"{_HERE}: journeys.map",
        "conformance": _AALST,
        "alignment": _ADRIANSYAH,
        "fitness": _ADRIANSYAH,
        "reach": f"{_HERE}: journeys.funnel",
        "step_rate": f"{_HERE}: journeys.funnel",
        "drop_off": f"{_HERE}: journeys.funnel",
        "session": _SESSION,
        "loop": f"{_HERE}: journeys.loops",
        "back_track": f"{_HERE}: journeys.loops",
        "repeat": f"{_HERE}: journeys.loops",
        "dead_end": f"{_HERE}: journeys.loops",
        "anchor": f"{_HERE}: journeys.steps",
        "coverage": f"{_HERE}: journeys.flow",
        "pattern": f"{_HERE}: Study.matching",
        "interval": _WILSON,
        "median": f"{_HERE}: journeys.overview",
        "small_group": f"{_HERE}: Result.customers",
        "quarantine": f"{_HERE}: load",
        "o_data": _XO,
        "x_data": _XO,
        "nps": _NPS,
        "csat": _CSAT,
        "ces": _CES,
    }
)


@dataclasses.dataclass(frozen=True)
class Term:
    """A word, in one language."""

    id: str
    name: str
    definition: str  # one sentence
    formula: str  # empty where nothing is computed
    source: str


def term(name: str, language: str = "en") -> Term:
    """The term with the id `name` ("touchpoint", "step_rate", …); NotFound lists those there are."""
    if name not in SOURCES:
        raise NotFound("glossary.unknown_term", asked=name, exists=SOURCES)
    t = texts(language)
    formula = f"glossary.{name}.formula"
    return Term(
        name,
        t(f"glossary.{name}.name"),
        t(f"glossary.{name}.definition"),
        t(formula) if t.has(formula) else "",
        SOURCES[name],
    )


def terms(language: str = "en") -> tuple[Term, ...]:
    """All terms, from the general to the particular."""
    return tuple(term(name, language) for name in SOURCES)
