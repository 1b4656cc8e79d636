"""A small telecom whose customers write in three languages, for the tests of texts; every number is planted."""

from __future__ import annotations

import feeling

from workbench.worlds import declaration

TEXTS = """
[texts]
sector = "telecom"
currency = "zł"
comments = 0.4
reviews = 0.12
after = ["Call", "Fix", "Shop"]
replied = 0.35
spam = 0.05
exact = 0.03
near = 0.04
requests = 0.06
ideas = 0.04
named = 0.02
mentions = 0.6
within = "30d"

[texts.aspects]
app = ["App"]
shop = ["Shop"]
agent = ["Call"]
installation = ["Fix"]
coverage = []
price = []
bill = []

[texts.sources]
"app store" = 0.5
maps = 0.3
web = 0.2

[texts.incidents]
outage = "coverage"
"""
LANGUAGES = "language = { en = 0.4, ru = 0.25, pl = 0.35 }\n"


def text(texts: str = TEXTS) -> str:
    """The declaration, with this section."""
    company = feeling.COMPANY.replace("[people]\n", LANGUAGES + "\n[people]\n", 1)
    return company + feeling.EXPERIENCE + texts


def world(texts: str = TEXTS) -> declaration.World:
    return declaration.parse(text(texts))
