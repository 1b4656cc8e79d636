"""Path patterns: "Cart, then Payment within 7 days, without a Support call between", written as text.

    Cart -> Payment within 7d without Support call
    Cart, then Payment within 7 days, without Support call between

Both say the same; the first is the canonical text. A pattern is held by a journey or not; it is held when the journey's steps
can be chosen so that all it says is true (any occurrence counts, not only the first). What is written and what it means:

    Cart                        a step at touchpoint Cart
    "Add -> cart"               a touchpoint whose name holds symbols or the words `within`, `without`; \\" and \\\\ inside
    any                         a step at any touchpoint
    Cart | Wishlist             a step at one of them
    Search@app                  a step at Search on channel app; the same as Search[channel=app]
    any[stage=Buy, owner=A|B]   a step whose columns of events have these values, compared as text; `|` between values: or
    Pay again {2,}              a whole run of such steps directly one after another, 2 or longer; {2} exactly 2; {2,3} 2 or 3
    Cart -> Payment             Payment at some later step (→ is the same arrow); ties in time are in the journey's order
    Cart, then Payment          the same
    Cart => Payment             Payment is the very next step (⇒ is the same)
    … -> Payment within 7d      at most 7 days from the step before, both ends included; units s, min, h, d, w and their words
    … -> Payment without Help   no step at Help between the two; Help may be any step as above, but not a run
    … without Help between      the same
    start -> Search             Search is the journey's first step; start and end are no steps, so -> and => are one there
    Payment -> end              Payment is the journey's last step
    not Cart -> Payment         (only at the very beginning) journeys that do not hold the rest

The grammar; terminals in quotes, `?` optional, `*` any number:

    pattern    = "not"? ("start" follows)? step (follows step (","? bound)*)* (follows "end")?
    follows    = "->" | "→" | "=>" | "⇒" | "," then
    step       = choices ("{" number ("," number?)? "}")?
    choices    = choice ("|" choice)*
    choice     = ("any" | name) ("@" name)? ("[" condition ("," condition)* "]")?
    condition  = name "=" name ("|" name)*
    bound      = within duration | without choices between?     each at most once a link; after "=>" only within
    duration   = number with or without a fraction, then a unit
    name       = words | quoted
    words      = letters of any script, digits and _ - . / ' ’ & + # % : ! ? * № $ €, with blanks between; a keyword ends
                 them. A name that is exactly `start`, `end`, `any`, or begins a pattern with `not`, is quoted
    quoted     = "…" | “…” | „…” | «…»

Keywords are written in small letters, in English, Russian or Polish (`words.py` has them all, and the units):

    then       then | затем, потом | potem, następnie           only after a comma
    within     within | в течение | w ciągu                     the last two only before a number
    without    without | без | bez                              the last two only after a comma
    between    between, in between | между, между ними | między, między nimi       only where nothing of the name comes after it

Where they stand keeps them apart from names such as "Оплата без карты" or "Zakup bez konta"; a name in which one stands just as
a keyword does is quoted. `any`, `not`, `start` and `end` have no other words.

`parse` reads in time proportional to the text, without recursion or regular expressions. `str(pattern)` is the canonical
text; parsing it gives an equal pattern. Texts may come from a link: length and numbers are capped.
"""

from __future__ import annotations

from workbench.pattern.reading import LONGEST, parse
from workbench.pattern.shape import Choice, Link, Pattern, Step

__all__ = ["LONGEST", "Choice", "Link", "Pattern", "Step", "parse"]
