"""What customers say: labels agree with a reader, words alone don't tell them, no phrase is broken, texts go on and on."""

import re
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from workbench.worlds import grammar
from workbench.worlds.grammar import Dice, Fact, Noise, language, noise, writing
from workbench.worlds.grammar.language import adjective

READ = Path(__file__).with_name("read_by_hand.toml")
WAYS = ("clause", "alone", "twist", "turn", "irony", "terse", "terse_twist", "title")


def dice(seed):
    return Dice(np.random.default_rng(seed))


def made(spoken, n, seed, sides=(1, -1), **given):
    """Texts about one to three aspects of the three sectors in turn; all of a text's facts on one side."""
    throw, texts = dice(seed), []
    for i in range(n):
        sector = grammar.SECTORS[i % 3]
        names, side = list(grammar.aspects(sector)), throw.pick(sides)
        chosen = [names.pop(throw.below(len(names))) for _ in range(throw.pick((1, 1, 2, 2, 3)))]
        facts = [Fact(name, side, "", throw.roll()) for name in chosen]
        texts.append(grammar.write(spoken, sector, facts, throw, woman=throw.chance(0.5), **given))
    return texts


# --- labels -------------------------------------------------------------------------------------------------------------


def rolled():
    """The texts that were read: languages and sectors in turn, each fact good or bad by chance."""
    throw = dice(2026)
    for i in range(33):
        spoken, sector = grammar.LANGUAGES[i % 3], grammar.SECTORS[i // 3 % 3]
        names, n = list(grammar.aspects(sector)), throw.pick((1, 1, 2, 2, 3))
        chosen = [names.pop(throw.below(len(names))) for _ in range(n)]
        kind = {7: "idea", 15: "request"}.get(i % 16, "opinion")
        facts = [Fact(name, throw.pick((1, -1)), "", throw.roll()) for name in chosen]
        facts = facts if kind == "opinion" else [Fact(chosen[0], 0)]
        yield grammar.write(spoken, sector, facts, throw, kind=kind, woman=bool(i % 2))


def test_labels_are_what_a_reader_reads():
    # Written down by reading the texts, without the labels in sight. After a change of phrases the texts are others: read anew.
    read = tomllib.loads(READ.read_text(encoding="utf-8"))["texts"]
    texts = list(rolled())
    assert [text.text for text in texts] == [one["text"] for one in read]
    for text, one in zip(texts, read, strict=True):
        assert {fact.aspect: "-0+"[fact.polarity + 1] for fact in text.aspects} == one["says"], one["text"]
        assert text.polarity == one["polarity"]


@pytest.mark.parametrize(
    ("sides", "overall"), [((1,), "positive"), ((-1,), "negative"), ((1, -1), "mixed"), ((), "neutral"), ((0, 1), "positive")]
)
def test_polarity_of_a_text_is_that_of_its_facts(sides, overall):
    facts = [Fact(name, side) for name, side in zip(("price", "app", "shop"), sides, strict=False)]
    text = grammar.write("en", "telecom", facts, dice(1))
    assert text.polarity == overall
    assert text.aspects == tuple(facts)


def test_words_alone_do_not_tell_the_polarity_and_their_order_tells_more():
    # Trained on 2,000 texts, tried on 1,000 written with frames that the training never saw. The labels allow 100 %.
    # Measured when this was written: words 69, 73 and 74 % (en, ru, pl), runs of one to three words 75, 80 and 82 %.
    def is_held(frame):
        return int(frame.rpartition(".")[2]) % 3 == 0

    words, order = [], []
    for spoken in grammar.LANGUAGES:
        texts = made(spoken, 8000, seed=1)
        train = [text for text in texts if not any(map(is_held, text.frames))][:2000]
        test = [text for text in texts if all(map(is_held, text.frames))][:1000]
        assert (len(train), len(test)) == (2000, 1000)
        for scores, most in ((words, 1), (order, 3)):
            model = make_pipeline(
                CountVectorizer(ngram_range=(1, most), binary=True), LogisticRegression(C=0.3, solver="liblinear")
            )
            model.fit([text.text for text in train], [text.polarity for text in train])
            scores.append(model.score([text.text for text in test], [text.polarity for text in test]))
    # one standard error of a share of 1,000 is at most 1.6 points
    assert max(words) < 0.82
    assert all(more > few + 0.02 for few, more in zip(words, order, strict=True))


# --- phrases ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sector", grammar.SECTORS)
def test_languages_speak_of_the_same_aspects(sector):
    known = [language(spoken, sector) for spoken in grammar.LANGUAGES]
    assert all(list(one.aspects) == list(known[0].aspects) for one in known)
    for one in known:
        for aspect in one.aspects.values():
            # a turned phrase needs pairs in which neither adjective is the other with "not"
            assert len(aspect.opposites) >= 2, (one.name, aspect.name)


@pytest.mark.parametrize("sector", grammar.SECTORS)
@pytest.mark.parametrize("spoken", grammar.LANGUAGES)
def test_every_way_of_saying_every_aspect_is_whole(spoken, sector):
    speech = language(spoken, sector)
    throw, seen = dice(4), 0
    for name in speech.aspects:
        for side in (1, -1, 0):
            ends = {1: "good", -1: "bad"}.get(side)
            lists = [f"{way}.{end}" for way in WAYS for end in ("both", ends)] if side else ["unknown"]
            for phrase in (phrase for one in lists for phrase in speech.lists.get(one, ())):
                writer = writing._Writer(speech, throw, throw.chance(0.5), "zł")
                said = writer.slots(Fact(name, side, "", throw.roll()), phrase)
                assert not re.search(r"[\[\]{}|()#]", said), phrase.source
                seen += 1
    assert seen > 800


@pytest.mark.parametrize("sector", grammar.SECTORS)
@pytest.mark.parametrize("spoken", grammar.LANGUAGES)
def test_every_other_phrase_is_whole(spoken, sector):
    speech, throw = language(spoken, sector), dice(5)
    about_a_fact = (*WAYS, "unknown", "join", "next")
    own = [phrase for name, found in speech.lists.items() if name.partition(".")[0] not in about_a_fact for phrase in found]
    for aspect in speech.aspects.values():
        own += [phrase for kind in (aspect.now, aspect.told, aspect.then) for found in kind.values() for phrase in found]
        own += [*aspect.ask, *aspect.idea]
    assert len(own) > 400
    for phrase in own:
        for woman in (False, True):
            said = writing._Writer(speech, throw, woman, "€").phrase(phrase)
            assert not re.search(r"[\[\]{}|()#]", said), phrase.source


def test_texts_are_punctuated_as_texts_are():
    for spoken in grammar.LANGUAGES:
        for text in made(spoken, 1500, seed=6):
            said = text.text
            assert said == said.strip() and "  " not in said
            assert not re.search(r" [,.!?;:]|[,;:][.,;]|,,|\.\.|(?<![!?…]) !", said), said


def test_adjectives_are_declined():
    cases = [
        ("ru", "быстрый", ["быстрый", "быстрая", "быстрое", "быстрые"], ["быстрым", "быстрой", "быстрым", "быстрыми"]),
        ("ru", "хороший", ["хороший", "хорошая", "хорошее", "хорошие"], ["хорошим", "хорошей", "хорошим", "хорошими"]),
        ("ru", "плохой", ["плохой", "плохая", "плохое", "плохие"], ["плохим", "плохой", "плохим", "плохими"]),
        ("ru", "большой", ["большой", "большая", "большое", "большие"], ["большим", "большой", "большим", "большими"]),
        ("ru", "мелкий", ["мелкий", "мелкая", "мелкое", "мелкие"], ["мелким", "мелкой", "мелким", "мелкими"]),
        ("pl", "szybki", ["szybki", "szybka", "szybkie", "szybkie"], ["szybkim", "szybką", "szybkim", "szybkimi"]),
        ("pl", "drogi", ["drogi", "droga", "drogie", "drogie"], ["drogim", "drogą", "drogim", "drogimi"]),
        ("pl", "tani", ["tani", "tania", "tanie", "tanie"], ["tanim", "tanią", "tanim", "tanimi"]),
        ("pl", "miły", ["miły", "miła", "miłe", "miłe"], ["miłym", "miłą", "miłym", "miłymi"]),
        ("en", "fast", ["fast"] * 4, ["fast"] * 4),
    ]
    for spoken, base, nominative, instrumental in cases:
        assert [adjective(base, number, spoken)["adj"] for number in "mfnp"] == nominative
        assert [adjective(base, number, spoken)["ins"] for number in "mfnp"] == instrumental


PAST = "|".join(("ждал", "думал", "хотел", "получил", "рассчитывал", "видел"))


@pytest.mark.parametrize(
    ("spoken", "his", "hers"),
    [("ru", rf"\b({PAST})\b", rf"\b({PAST})а\b"), ("pl", r"\w(łem|łbym)\b", r"\w(łam|łabym)\b")],
    ids=["ru", "pl"],
)
def test_who_speaks_stays_a_man_or_a_woman(spoken, his, hers):
    throw, found = dice(7), {True: 0, False: 0}
    for i in range(1500):
        woman = bool(i % 2)
        sector = grammar.SECTORS[i % 3]
        names = list(grammar.aspects(sector))
        facts = [Fact(names.pop(throw.below(len(names))), throw.pick((1, -1))) for _ in range(3)]
        text = grammar.write(spoken, sector, facts, throw, woman=woman).text.lower()
        assert not re.search(his if woman else hers, text), text
        found[woman] += bool(re.search(hers if woman else his, text))
    assert min(found.values()) > 50


# --- many of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", grammar.LANGUAGES)
def test_texts_differ_in_words_and_length_and_vocabulary_grows(spoken):
    texts = [text.text for text in made(spoken, 4000, seed=8)]
    long = [text for text in texts if len(text.split()) > 12]
    assert len(set(long)) > 0.99 * len(long)
    assert len(set(texts)) > 0.93 * len(texts)  # two-word texts repeat, as they do in life
    n_words = np.array([len(text.split()) for text in texts])
    assert 8 <= np.median(n_words) <= 25
    assert np.quantile(n_words, 0.95) > 1.8 * np.median(n_words)
    assert n_words.min() <= 3

    def vocabulary(some):
        return len({word for text in some for word in re.findall(r"\w+", text.lower())})

    grown = vocabulary(texts) / vocabulary(texts[:400])
    assert grown > 1.3
    assert vocabulary(texts) > 1200


def test_same_dice_same_texts():
    one, two, other = (made("pl", 50, seed=seed) for seed in (9, 9, 10))
    assert one == two
    assert one != other


def test_thousands_are_written_in_a_second():
    made("ru", 10, seed=11)
    start = time.process_time()
    made("ru", 5000, seed=11)
    # 0.4 s when this was written: 20,000 texts in under two seconds
    assert time.process_time() - start < 2.5


# --- kinds, names, noise ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", grammar.LANGUAGES)
def test_kinds_say_what_they_are(spoken):
    throw = dice(12)
    spam = [grammar.write(spoken, "bank", (), throw, kind="spam") for _ in range(30)]
    assert all(text.aspects == () and text.polarity == "neutral" and text.title for text in spam)
    asked = [grammar.write(spoken, "bank", [Fact("card", 1), Fact("loan", 0)], throw, kind="request") for _ in range(30)]
    assert {text.polarity for text in asked} == {"positive"}
    ideas = {grammar.write(spoken, "bank", [Fact("branch", 0)], throw, kind="idea").text for _ in range(60)}
    assert len(ideas) > 15


def test_names_are_recorded_as_they_stand_in_the_text():
    throw, found = dice(13), 0
    for spoken in grammar.LANGUAGES:
        for _ in range(60):
            text = grammar.write(spoken, "retailer", [Fact("price", -1)], throw, named=True, register="plain")
            assert text.private
            assert all(name.lower() in text.text.lower() for name in text.private)
            found += 1
            assert grammar.write(spoken, "retailer", [Fact("price", -1)], throw).private == ()
    assert found == 180


def test_noise_leaves_negations_and_numbers_alone():
    text = "Nie mogę powiedzieć, że dostawa nie jest szybka, kosztowała 49 zł"
    throw = dice(14)
    for _ in range(200):
        slipped = noise.typo(text, throw)
        assert slipped != text or len(slipped) == len(text)
        assert [word for word in slipped.split() if len(word) < 4] == [word for word in text.split() if len(word) < 4]
        assert "49" in slipped
    assert noise.without_diacritics("Zażółć gęślą jaźń Łódź") == "Zazolc gesla jazn Lodz"
    clean = Noise(0, 0, 0, 0)
    assert grammar.roughen(text, "negative", "pl", throw, clean) == text
    always = grammar.roughen(text, "negative", "pl", throw, Noise(0, 1, 0, 0))
    assert always == noise.without_diacritics(text)


def test_a_near_copy_is_another_text_of_the_same_words():
    throw = dice(15)
    for text in made("en", 200, seed=16):
        copied = grammar.near_copy(text.text, throw)
        assert copied != text.text
        assert abs(len(copied) - len(text.text)) <= 2 + text.text.count(",")
