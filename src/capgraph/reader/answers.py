"""The answer to ``read``: the candidate statements of a text, each part with its place, and what the graph says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from capgraph.names import Name
from capgraph.results import Note, Plain, Result, note, section


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a statement and where it stands in the text. ``role``: phrase, subject, object, quantity or date.

    ``value`` is what the part means: the party's id, the number in base units (with ``high`` for a range), the date;
    ``candidates`` are the parties that an ambiguous name may mean. ``against`` says what readings it agrees or
    conflicts with.
    """

    role: str
    start: int
    end: int
    text: str
    value: str
    high: str = ""
    unit: str = ""
    precision: str = ""
    step: str = ""
    verdict: str = ""
    readings: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    against: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that a text seems to make. A person decides; nothing enters the data by itself.

    ``start`` and ``end`` count characters of the decoded text. ``kind`` is a link kind, or party or product for a
    figure, whose aspect is ``code``. ``things`` are the rows of the graph that the statement may be about.
    """

    number: int
    verdict: str
    claim: Note
    start: int
    end: int
    sentence: str
    subject: Name | None
    object: Name | None
    kind: str
    code: str
    stance: str
    date: str
    things: tuple[str, ...]
    parts: tuple[Part, ...]
    readings: tuple[str, ...]
    sources: tuple[str, ...]
    support: Note | None

    @property
    def quantities(self) -> tuple[Part, ...]:
        """The parts that are numbers."""
        return tuple(part for part in self.parts if part.role == "quantity")


@dataclass(frozen=True, slots=True)
class TextRead(Result):
    """The candidate statements of a text, in the order of the text, and how many of each verdict."""

    text: str
    encoding: str
    characters: int
    sentences: int
    total: int
    agreeing: int
    conflicting: int
    new: int
    open: int
    candidates: tuple[Candidate, ...] = section(Candidate)

    def told(self) -> tuple[tuple[int, Plain], ...]:
        """Sentence by sentence, with the statements found in it and what speaks for or against them."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[tuple[int, Plain]]:
        place = None
        for candidate in self.candidates:
            if (candidate.start, candidate.end) != place:
                place = (candidate.start, candidate.end)
                yield 0, note("read.sentence", start=place[0], end=place[1], sentence=candidate.sentence)
            yield 1, candidate.claim
            for part in candidate.quantities:
                key = "alone" if part.verdict == "open" and not part.against else part.verdict
                yield 2, note(f"read.quantity.{key}", quantity=part.text)
                yield from ((3, reading) for reading in part.against)
            if candidate.support is not None:
                yield 2, candidate.support


def figure(value: Decimal | None) -> str:
    """A number as the tables write it, empty where there is none."""
    return "" if value is None else f"{value.normalize():f}"
