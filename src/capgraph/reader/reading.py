"""The reader: a sentence in, its parts and statements out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from capgraph.facts import Facts
from capgraph.ontology import Ontology
from capgraph.reader.dates import dates
from capgraph.reader.lexicon import lexicon
from capgraph.reader.mentions import Mention, NameFinder
from capgraph.reader.parts import Parts, breaks_of
from capgraph.reader.quantities import QuantityFinder
from capgraph.reader.sorting import Sorter
from capgraph.reader.statements import Grammar, Statement
from capgraph.reader.texts import Sentence, Text, prepared, sentences


@dataclass(frozen=True, slots=True)
class Read:
    """A sentence with what was found in it."""

    sentence: Sentence
    parts: Parts
    statements: tuple[Statement, ...]


_NOTHING = Parts("", (), (), (), ())


class Reader:
    """Finds statements about the parties of some facts, with the words of an ontology's lexicon."""

    def __init__(self, facts: Facts, ontology: Ontology) -> None:
        self._lexicon = lexicon(ontology)
        self._names = NameFinder(facts, self._lexicon)
        self._quantities = QuantityFinder(self._lexicon, ontology)
        kinds = {row["id"]: row["kind"] for row in facts.table("parties")}
        self._sorter = Sorter(self._lexicon)
        self._grammar = Grammar(self._lexicon, ontology, kinds)

    def sentence(self, text: str, published: date | None = None) -> tuple[Parts, tuple[Statement, ...]]:
        """The parts and statements of one sentence."""
        plain = prepared(text).plain
        read = self._read(Sentence(0, text, plain), published, everything=True)
        return read.parts, read.statements

    def read(self, text: Text, published: date | None = None) -> Iterator[Read]:
        """Every sentence, in order. One that names no party or product of the facts has no parts."""
        for sentence in sentences(text):
            yield self._read(sentence, published)

    def _read(self, sentence: Sentence, published: date | None, everything: bool = False) -> Read:
        plain = sentence.plain
        mentions = self._names.mentions(plain)
        if not mentions and not everything:
            return Read(sentence, _NOTHING, ())
        quantities, days = self._quantities.quantities(_parted(plain, mentions)), dates(plain, published)
        closed = [place for mention in mentions for place in mention.closed]
        triggers = self._lexicon.triggers(plain, closed)
        parts = Parts(plain, tuple(mentions), tuple(quantities), tuple(days), tuple(triggers), breaks_of(plain))
        parts = self._sorter.sorted_out(parts)
        return Read(sentence, parts, tuple(self._grammar.statements(parts)))


def _parted(plain: str, mentions: list[Mention]) -> str:
    """A sentence with a space at the end of each name that a number touches, as long as before."""
    for mention in mentions:
        if plain[mention.end : mention.end + 1].isdigit():
            plain = f"{plain[: mention.end - 1]} {plain[mention.end :]}"
    return plain
