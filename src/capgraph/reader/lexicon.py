"""The words that the reader listens for, as ``ontology/words/lexicon.ttl`` lists them.

Python knows how a phrase is matched, and nothing of what any phrase means: a kind of link is read as soon as its words
stand in that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import ahocorasick

from capgraph.ontology import Ontology, Words

GAP = r"(?:[^.;!?\n]|\.(?=\d)){0,60}?"
"""What an English phrase may leap over: part of a sentence, in which a full stop may stand inside a number."""
CHINESE_GAP = r"[^,，。；;：:！？\n—]{0,40}?"
"""What a Chinese phrase may leap over: part of one clause."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase says: a link of some kind, or a figure of one party.

    ``kind`` is a link kind, or empty for a figure; ``code`` the aspect, or the code that refines the kind (empty where
    the kind is not refined); ``backward``: whoever acts stands at the to-end of the kind.
    """

    kind: str
    code: str
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say an entry. ``head`` is what it begins with; of two phrases that overlap the one with the greater
    ``weight``, its letters (a Chinese sign counts as four), says it more precisely."""

    entry: Entry
    head: str
    pattern: re.Pattern[str]
    weight: int
    chinese: bool


@dataclass(frozen=True, slots=True)
class Trigger:
    """A phrase found in a sentence, with offsets within it."""

    start: int
    end: int
    entry: Entry
    weight: int
    chinese: bool


class Lexicon:
    """The phrases of both languages, ready to be looked for."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology

    def terms(self, key: str) -> tuple[str, ...]:
        """The words under a key, English first."""
        told = self._ontology.words(f"lexicon.{key}")
        return (*split(told.en), *split(told.zh)) if told else ()

    def below(self, key: str) -> dict[str, tuple[str, ...]]:
        """The words of every key that begins so, by the rest of the key."""
        prefix = f"lexicon.{key}."
        found = self._ontology.words_below(prefix)
        return {name.removeprefix(prefix): (*split(told.en), *split(told.zh)) for name, told in found.items()}

    def any_of(self, key: str) -> re.Pattern[str]:
        """A pattern for any word under a key."""
        return re.compile(alternation(self.terms(key)) or r"(?!)")

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """All phrases of verbs and figures."""
        found: list[Phrase] = []
        for key, told in self._ontology.words_below("lexicon.verb.").items():
            kind, name, way = key.removeprefix("lexicon.verb.").split(".")
            refined = self._ontology.kinds[kind].refined_by
            scheme = (
                self._ontology.schema.tables[self._ontology.kinds[kind].table].column(refined).scheme if refined else ""
            )
            code = name if scheme and self._ontology.find_code(scheme, name) else ""
            found += _phrases(told, Entry(kind, code, way == "backward"))
        for key, told in self._ontology.words_below("lexicon.aspect.").items():
            found += _phrases(told, Entry("", key.removeprefix("lexicon.aspect.")))
        return tuple(found)

    @cached_property
    def _heads(self) -> ahocorasick.Automaton:
        """The beginning of each phrase, up to its first gap or ending -> the phrases that begin so."""
        heads: dict[str, list[Phrase]] = {}
        for phrase in self.phrases:
            heads.setdefault(phrase.head, []).append(phrase)
        automaton = ahocorasick.Automaton()
        for head, phrases in heads.items():
            automaton.add_word(head, (len(head), tuple(phrases)))
        automaton.make_automaton()
        return automaton

    def triggers(self, plain: str, closed: Sequence[tuple[int, int]] = ()) -> list[Trigger]:
        """The phrases that a sentence holds, in order; of two that overlap the one with more letters.

        None begins in a ``closed`` place, from and to: the names in the sentence.
        """
        low = lowered(plain)
        found = []
        for last, (length, phrases) in self._heads.iter(low):
            start = last - length + 1
            if any(begin <= start < end for begin, end in closed):
                continue
            for phrase in phrases:
                if hit := phrase.pattern.match(low, start):
                    found.append(Trigger(start, hit.end(), phrase.entry, phrase.weight, phrase.chinese))
        kept: list[Trigger] = []
        for trigger in sorted(found, key=lambda each: (-each.weight, each.start, each.end)):
            if all(trigger.end <= other.start or trigger.start >= other.end for other in kept):
                kept.append(trigger)
        return sorted(kept, key=lambda each: each.start)


@lru_cache(maxsize=4)
def lexicon(ontology: Ontology) -> Lexicon:
    """The lexicon of an ontology, made once."""
    return Lexicon(ontology)


def split(text: str) -> tuple[str, ...]:
    """The phrases of one language."""
    return tuple(part.strip() for part in text.split("|") if part.strip())


def lowered(text: str) -> str:
    """A text in lower case, letter for letter: the few letters that become two stay as they are."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(small if len(small := sign.lower()) == 1 else sign for sign in text)


def head_of(phrase: str) -> str:
    """What a phrase begins with whatever follows.

    >>> head_of("invest~ … into"), head_of("put … into")
    ('invest', 'put')
    """
    return lowered(re.split(r"[~…]", phrase, maxsplit=1)[0].strip())


def expression(phrase: str) -> str:
    """The pattern of a phrase in lower-case text.

    >>> expression("put~ … into")
    '(?<![a-z0-9])put[a-z]*(?:[^.;!?\\\\n]|\\\\.(?=\\\\d)){0,60}?(?<![a-z0-9])into(?![a-z0-9])'
    """
    parts = []
    for part in lowered(phrase).split("…"):
        words = part.strip()
        stem = words.removesuffix("~")
        body = r"\s+".join(re.escape(word).replace(r"\~", "[a-z]*").replace("~", "[a-z]*") for word in stem.split())
        before = r"(?<![a-z0-9])" if stem[:1].isascii() and stem[:1].isalnum() else ""
        after = (
            "[a-z]*" if words.endswith("~") else r"(?![a-z0-9])" if stem[-1:].isascii() and stem[-1:].isalnum() else ""
        )
        parts.append(f"{before}{body}{after}")
    return (GAP if phrase.replace("…", "").isascii() else CHINESE_GAP).join(parts)


def alternation(words: Iterable[str]) -> str:
    """One pattern for any of some phrases, longest first, in text as written."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(_as_written(word) for word in ordered)


def _as_written(word: str) -> str:
    body = re.escape(word).replace(r"\~", "[a-z]*").replace("~", "[a-z]*").replace(r"\ ", r"\s+").replace("…", GAP)
    before = r"(?<![A-Za-z])" if word[:1].isascii() and word[:1].isalpha() and not word.startswith("n't") else ""
    after = r"(?![A-Za-z])" if word[-1:].isascii() and word[-1:].isalpha() else ""
    return f"{before}{body}{after}"


def _phrases(told: Words, entry: Entry) -> Iterator[Phrase]:
    for chinese, text in ((False, told.en), (True, told.zh)):
        for phrase in split(text):
            letters = sum(sign.isalnum() for sign in phrase) * (4 if chinese else 1)
            yield Phrase(entry, head_of(phrase), re.compile(expression(phrase)), letters, chinese)
