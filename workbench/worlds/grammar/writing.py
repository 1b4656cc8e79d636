"""Writes one text from facts: which ways of saying, in which order, joined how."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from workbench.worlds.grammar.language import SIDES, Aspect, Language, language
from workbench.worlds.grammar.phrases import Dice, Phrase

#: ways of saying one fact: plainly; turned, with the words of its opposite, in one clause or freely; ironically
FREE = {"clause": 0.38, "twist": 0.2, "turn": 0.4, "irony": 0.02}
JOINED = {"clause": 0.62, "twist": 0.38}
TERSE = {"terse": 0.62, "terse_twist": 0.38}
#: registers by overall polarity
REGISTERS = {
    "positive": {"plain": 0.42, "chatty": 0.26, "polite": 0.14, "terse": 0.18},
    "negative": {"plain": 0.36, "chatty": 0.18, "angry": 0.22, "polite": 0.09, "terse": 0.15},
    "mixed": {"plain": 0.46, "chatty": 0.26, "angry": 0.05, "polite": 0.12, "terse": 0.11},
    "neutral": {"plain": 0.7, "terse": 0.3},
}
#: chance of what stands around the facts
AROUND = {
    "plain": {"open": 0.16, "filler": 0.1, "verdict": 0.3, "close": 0.04},
    "chatty": {"open": 0.75, "filler": 0.55, "verdict": 0.45, "close": 0.3},
    "angry": {"open": 0.6, "filler": 0.05, "verdict": 0.6, "close": 0.3},
    "polite": {"open": 0.8, "filler": 0.25, "verdict": 0.4, "close": 0.7},
    "terse": {"open": 0.0, "filler": 0.0, "verdict": 0.12, "close": 0.0},
}
#: a comment beside a score is shorter than a review
SHORTER = 0.45
#: slots whose text would name a person; the key lists what was planted
PRIVATE = ("person", "handle", "phone", "mail", "order")


@dataclasses.dataclass(frozen=True)
class Fact:
    """What a text says: polarity 1 good, -1 bad, 0 named without a judgement; strength 0 (a little) to 1."""

    aspect: str
    polarity: int
    touchpoint: str = ""
    strength: float = 0.5


@dataclasses.dataclass(frozen=True)
class Text:
    """A text and its labels. `polarity` is positive or negative where all its facts are, mixed where it has both, else
    neutral; `frames` name the ways of saying its facts; `private` lists what would name a person."""

    text: str
    title: str
    language: str
    kind: str  # opinion, request, idea, spam
    polarity: str
    aspects: tuple[Fact, ...]
    frames: tuple[str, ...]
    private: tuple[str, ...]


def polarity(facts: Iterable[Fact]) -> str:
    """ "positive", "negative", "mixed" or "neutral" of the facts together."""
    found = {fact.polarity for fact in facts} - {0}
    return {(): "neutral", (1,): "positive", (-1,): "negative"}.get(tuple(found), "mixed")


def write(
    spoken: str,
    sector: str,
    facts: Sequence[Fact],
    dice: Dice,
    *,
    kind: str = "opinion",
    woman: bool = False,
    short: bool = False,
    register: str | None = None,
    named: bool = False,
    currency: str = "€",
) -> Text:
    """One text in the language `spoken` about `facts`, each of another aspect of the sector's companies. A "request" or an
    "idea" is about the first fact of polarity 0, and says the others before; "spam" says nothing. `short`: a comment beside
    a score; `named`: with a name or a handle in it; `currency` of amounts ("€" or "zł")."""
    return _Writer(language(spoken, sector), dice, woman, currency).text(tuple(facts), kind, short, register, named)


class _Writer:
    """One text in the making; what was said once isn't said again."""

    def __init__(self, speech: Language, dice: Dice, woman: bool, currency: str) -> None:
        self.speech, self.dice, self.woman, self.currency = speech, dice, woman, currency
        self.said: set[str] = set()
        self.frames: list[str] = []
        self.private: list[str] = []

    def text(self, facts: tuple[Fact, ...], kind: str, short: bool, register: str | None, named: bool) -> Text:
        overall = polarity(facts)
        if kind == "spam":
            said, title = _polished([self.one("spam")]), self.one("spam_title")
            return Text(said, title, self.speech.name, kind, "neutral", (), (), tuple(self.private))
        register = register or self.dice.among(REGISTERS[overall])
        judged = [fact for fact in facts if fact.polarity]
        around = {part: p * (SHORTER if short else 1) for part, p in AROUND[register].items()}
        sentences = self.opinion(judged, [f for f in facts if not f.polarity], register, overall, around, kind)
        if named:
            sentences.insert(self.dice.below(len(sentences)) + 1, self.one("private"))
        text = _polished(sentences, register == "terse" and self.dice.chance(0.4))
        if register == "angry" and overall == "negative" and text.endswith("."):
            text = text[:-1] + self.dice.pick(("!", "!!!", "!!", "."))
        # a title says what the first fact says
        lead = judged[0] if judged else None
        title = self.title(lead, overall, kind)
        return Text(text, title, self.speech.name, kind, overall, facts, tuple(self.frames), tuple(self.private))

    def opinion(self, judged, unjudged, register, overall, around, kind) -> list[str]:
        sentences = []
        if kind == "opinion" and self.dice.chance(around["open"]):
            sentences.append(self.among(f"open.{register}.any", f"open.{register}.{overall}"))
        if self.dice.chance(around["filler"]):
            sentences.append(self.one("filler"))
        verdict = overall != "neutral" and kind == "opinion" and self.dice.chance(around["verdict"])
        first = verdict and self.dice.chance(0.3)
        if first:
            sentences.append(self.one(f"verdict.{overall}"))
        if judged:
            sentences += self.terse(judged) if register == "terse" else self.told(judged, register)
        elif kind == "opinion" and not unjudged:
            sentences.append(self.one("neutral"))
        for fact in unjudged if kind == "opinion" else unjudged[1:]:
            sentences.append(self.slots(fact, self.pick("unknown")[0]))
        if kind != "opinion":
            about = unjudged[0]
            if not sentences and self.dice.chance(0.3):
                sentences.append(self.one("open.greeting"))
            asked = self.phrase(self.fresh(getattr(self.speech.aspects[about.aspect], "ask" if kind == "request" else "idea")))
            sentences.append(f"{self.one('open.question' if '?' in asked else f'open.{kind}')} {asked}")
        if verdict and not first:
            sentences.append(self.one(f"verdict.{overall}"))
        if kind != "idea" and self.dice.chance(around["close"]):
            sentences.append(self.among(f"close.{register}.any", f"close.{register}.{overall}"))
        return sentences

    # -- facts ---------------------------------------------------------------------------------------------------------

    def told(self, facts: list[Fact], register: str) -> list[str]:
        sentences: list[str] = []
        rest = list(facts)
        while rest:
            fact, rest = rest[0], rest[1:]
            if rest and self.dice.chance(0.5):
                after, rest = rest[0], rest[1:]
                join = self.fresh(self.speech.lists[f"join.{_step(fact, after)}"])
                a, b = (self.say(one, JOINED) for one in (fact, after))
                sentences.append(self.phrase(join, {"a": a, "b": b}))
            elif sentences and self.dice.chance(0.55):
                before = facts[len(facts) - len(rest) - 2]
                link = self.fresh(self.speech.lists[f"next.{_step(before, fact)}"])
                sentences.append(self.phrase(link, {"x": self.say(fact, JOINED)}))
            else:
                sentences.append(self.say(fact, FREE, longer=register in ("chatty", "angry") or self.dice.chance(0.3)))
        return sentences

    def terse(self, facts: list[Fact]) -> list[str]:
        bits = [self.say(fact, TERSE) for fact in facts]
        if len(bits) == 2 and facts[0].polarity != facts[1].polarity:
            return [self.phrase(self.fresh(self.speech.lists["join.terse"]), {"a": bits[0], "b": bits[1]})]
        return [", ".join(bits)] if self.dice.chance(0.4) and not any("." in bit or "?" in bit for bit in bits) else bits

    def say(self, fact: Fact, ways: dict[str, float], longer: bool = False) -> str:
        """One fact, in one of the ways; where `longer`, with what came of it."""
        side = SIDES[fact.polarity < 0]
        way = self.dice.among(ways)
        if way == "irony" and (side == "good" or fact.strength < 0.5):
            way = "turn"
        alone = ("alone.both",) if way == "clause" and ways is FREE else ()
        frame, name = self.pick(f"{way}.both", f"{way}.{side}", *alone, joined=ways is JOINED)
        self.frames.append(name)
        said = self.slots(fact, frame)
        if longer and frame.source.endswith("{told}") and self.dice.chance(0.6):
            then = self.speech.aspects[fact.aspect].then[side]
            said += self.phrase(self.fresh(then))
        return said

    def slots(self, fact: Fact, frame: Phrase) -> str:
        """A frame with its slots filled from a fact; within one frame a pair of adjectives and a thing stay the same."""
        aspect: Aspect = self.speech.aspects[fact.aspect]
        side, other = SIDES if fact.polarity >= 0 else SIDES[::-1]
        named = {slot.partition(".")[0] for slot in frame.slots}
        kept: dict[str, dict[str, str]] = {}

        def fill(slot: str) -> str:
            name, _, form = slot.partition(".")
            if name in aspect.noun:
                return aspect.noun[name]
            if name in aspect.words:
                return aspect.words[name]
            if name in ("adj", "opp"):
                if "adj" not in kept:
                    good, bad = self.dice.pick(aspect.opposites if "opp" in named else aspect.pairs)
                    kept["adj"], kept["opp"] = (good, bad) if side == "good" else (bad, good)
                return kept[name][form or "adj"]
            if name in ("thing", "other"):
                if name not in kept:
                    kept[name] = self.dice.pick(aspect.thing[side if name == "thing" else other])
                return kept[name][form or "nom"]
            if name in ("now", "told"):
                return self.phrase(self.fresh(getattr(aspect, name)[side]))
            if name in ("other_now", "other_told"):
                return self.phrase(self.fresh(getattr(aspect, name[6:])[other]))
            if name == "very":
                return self.one("very.weak" if fact.strength < 0.35 else f"very.{side}")
            return self.common(name)

        return frame.write(self.dice, self.woman, fill)

    # -- phrases -------------------------------------------------------------------------------------------------------

    def phrase(self, phrase: Phrase, given: dict[str, str] | None = None) -> str:
        return phrase.write(self.dice, self.woman, lambda slot: given[slot] if given and slot in given else self.common(slot))

    def common(self, slot: str) -> str:
        if slot in ("sum", "sum_big"):
            # no amount ends in 1: after it nouns would stand in the singular
            tens = 1 + self.dice.below(7) if slot == "sum" else 12 + self.dice.below(130)
            return self.speech.money[self.currency].replace("#", f"{tens}{self.dice.pick('023456789')}")
        if slot == "clock":
            return f"{8 + self.dice.below(13)}:{self.dice.below(60):02d}"
        found = self.phrase(self.fresh(self.speech.lists[f"slots.{slot}"]))
        if slot in PRIVATE:
            self.private.append(found)
        return found

    def fresh(self, phrases: list[Phrase]) -> Phrase:
        """One of them, if it can be one that wasn't used yet."""
        for _ in range(4):
            phrase = self.dice.pick(phrases)
            if phrase.source not in self.said:
                break
        self.said.add(phrase.source)
        return phrase

    def one(self, name: str) -> str:
        return self.phrase(self.fresh(self.speech.lists[name]))

    def among(self, *names: str) -> str:
        return self.phrase(self.fresh([phrase for name in names for phrase in self.speech.lists.get(name, ())]))

    def pick(self, *names: str, joined: bool = False) -> tuple[Phrase, str]:
        """A frame of these lists and its name; `joined`: one that may stand inside a sentence."""
        at = [(name, i) for name in names for i in range(len(self.speech.lists.get(name, ())))]
        for _ in range(12):
            name, i = self.dice.pick(at)
            phrase = self.speech.lists[name][i]
            if phrase.source not in self.said and not (joined and (":" in phrase.source or "." in phrase.source)):
                break
        self.said.add(phrase.source)
        return phrase, f"{name}.{i}"

    def title(self, lead: Fact | None, overall: str, kind: str) -> str:
        if kind != "opinion" or not lead or self.dice.chance(0.45):
            return _polished([self.one(f"title.{kind if kind != 'opinion' else overall}")], bare=True)
        if overall == "mixed":
            return _polished([self.slots(lead, self.pick("title.about")[0])], bare=True)
        frame, _ = self.pick("title.both", "title.good" if lead.polarity > 0 else "title.bad")
        return _polished([self.slots(lead, frame)], bare=True)


def _step(before: Fact, after: Fact) -> str:
    # how one goes from a fact to the next: the same side, or to the other
    side = SIDES[after.polarity < 0]
    return f"{'same' if before.polarity == after.polarity else 'to'}_{side}"


_BEFORE = re.compile(r"\s+(?=[,.!?:;…])")
_START = re.compile(r"(?:^|[.!?…]\s+)[«„“\"(]?([^\W\d_])")


def _polished(sentences: list[str], low: bool = False, bare: bool = False) -> str:
    """Sentences as one text: blanks, capitals and full stops where they belong; `low`: as one types in a hurry."""
    whole = []
    for sentence in sentences:
        sentence = _BEFORE.sub("", " ".join(sentence.split())).replace(",,", ",").replace(",.", ".").lstrip(" ,")
        whole.append(sentence if bare or sentence[-1] in ".!?…):," else sentence + ".")
    text = " ".join(whole)
    if low:
        return text[:-1] if text.endswith(".") else text
    return _START.sub(lambda match: match[0][:-1] + match[1].upper(), text)
