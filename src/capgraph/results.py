"""What an answer is made of: small frozen dataclasses of plain values, each value with its unit, range and readings.

A result is a frozen, slotted dataclass derived from :class:`Result`. Fields that are tuples of row dataclasses are its
sections, the first of them the main one (the only one in CSV and JSON lines); all other fields are its header. A
field's name is the one name of that figure everywhere: JSON key, CSV column, and heading (word ``field.<name>``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from capgraph.clocks import Clocks, DateSpan
from capgraph.names import Name
from capgraph.ontology import Code, Words
from capgraph.readings import Figure


@dataclass(frozen=True, slots=True)
class Value:
    """A computed or chosen number with its unit and, where sources differ or parts are unknown, its bounds.

    ``value`` None means unknown; a bound may be known all the same. ``readings`` are the ids behind the number.
    """

    value: Decimal | None
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of an answer: a key into the ontology's words and the values for its placeholders."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


def note(key: str, **values: Any) -> Note:
    """A :class:`Note` from keywords: ``note("ownership.oversubscribed", issuer=name)``."""
    return Note(key, values)


@dataclass(frozen=True, slots=True)
class Context:
    """Under which clocks, rung and data an answer was given; printed with every answer. ``asked`` is the command line
    that gives it again, empty where none was recorded (see :mod:`capgraph.recording`)."""

    clocks: Clocks
    rung: str
    version: str
    group: bool = False
    without: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The base of all answers."""

    context: Context
    notes: tuple[Note, ...] = ()

    def told(self) -> tuple[tuple[int, Plain], ...]:
        """The answer as lines, each with its depth, where sentences read better than tables (paths). For reading only:
        tables and Markdown print these lines in place of the sections, machine formats keep the sections."""
        return ()


Plain = str | int | bool | Decimal | date | DateSpan | Name | Value | Figure | Code | Words | Note | None


def shown(fields: tuple[str, ...] = ()) -> Any:
    """A dataclass field whose figure also shows its ``basis``, ``as_of`` or ``confidence`` as columns of a table."""
    return field(metadata={"show": fields})


def hidden(default: Any = ()) -> Any:
    """A dataclass field that tables leave out (ids of readings and sources); JSON and CSV keep it."""
    return field(default=default, metadata={"hide": True})


def section(row: type[Any]) -> Any:
    """A dataclass field that holds rows of this class, so that an empty section still has its columns."""
    return field(default=(), metadata={"section": row})


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says: a reading of one aspect, or (without an aspect) that the thing exists."""

    about: Name
    aspect: Code | None
    figure: Value | str | None
    basis: str
    as_of: DateSpan | None
    period: str
    confidence: str
    publisher: str
    title: str
    published: DateSpan | None
    locator: str
    url: str
    note: str = hidden("")
    reading: str = hidden("")
    source: str = hidden("")


@dataclass(frozen=True, slots=True)
class Grade:
    """How well an answer is evidenced (:mod:`capgraph.analysis.grading`).

    ``grade`` is that of the weakest of its ``facts``, which is ``aspect`` of ``thing``, called ``weakest``; ``counts``
    are the facts of each grade, ``origins`` the independent origins behind all of them. ``oldest`` and ``newest`` are
    the days of its figures, ``age_days`` how long before the asked day the oldest lies, ``disputed`` the facts that
    some origin denies. Age and disputes do not enter the grade.
    """

    grade: Code
    weakest: Words | None
    aspect: Code | None
    thing: str
    facts: int
    counts: tuple[tuple[Code, int], ...]
    origins: int
    oldest: date | None
    newest: date | None
    age_days: int | None
    disputed: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one row or header field of an answer stands on: readings and sources, and the things that it names."""

    readings: tuple[str, ...]
    sources: tuple[str, ...]
    things: tuple[str, ...]


def sections(result: Result) -> list[tuple[str, tuple[Any, ...], type[Any] | None]]:
    """The sections of a result: field name, rows, and the class of the rows (None where there are none)."""
    found = []
    for spec in dataclasses.fields(result):
        value = getattr(result, spec.name)
        if spec.name != "notes" and isinstance(value, tuple) and spec.metadata.get("section", _holds_rows(value)):
            found.append((spec.name, value, type(value[0]) if value else spec.metadata.get("section")))
    return found


def header(result: Result) -> dict[str, Plain | tuple[Plain, ...]]:
    """The scalar fields of a result."""
    names = {name for name, _, _ in sections(result)} | {"context", "notes"}
    return {spec.name: getattr(result, spec.name) for spec in dataclasses.fields(result) if spec.name not in names}


def _holds_rows(value: tuple[Any, ...]) -> bool:
    plain = (Name, Value, Figure, Code, Words, Note, DateSpan)
    return bool(value) and dataclasses.is_dataclass(value[0]) and not isinstance(value[0], plain)


def reading_ids(result: Result) -> tuple[str, ...]:
    """The ids of all readings behind a result, in order of appearance."""
    return tuple(dict.fromkeys(_ids_in(result, "readings")))


def source_ids(result: Result) -> tuple[str, ...]:
    """The ids of all sources that a result names, in order of appearance."""
    return tuple(dict.fromkeys(_ids_in(result, "sources")))


def bundles(result: Result) -> Iterator[Bundle]:
    """What the rows of an answer stand on, one by one, then its header and its notes."""
    rows = [row for _, members, _ in sections(result) for row in members]
    for item in (*rows, tuple(header(result).values()), result.notes):
        readings = tuple(dict.fromkeys(_ids_in(item, "readings")))
        sources = tuple(dict.fromkeys(_ids_in(item, "sources")))
        if isinstance(item, Statement):
            readings, sources = (item.reading,) if item.reading else (), (item.source,) if item.source else ()
        if readings or sources:
            yield Bundle(readings, sources, tuple(dict.fromkeys(_things_in(item))))


def _things_in(item: Any) -> Iterator[str]:
    """Every id of a thing (``kind/id``) in the fields of a row."""
    if isinstance(item, tuple):
        for member in item:
            yield from _things_in(member)
    elif isinstance(item, Name):
        yield item.id
    elif isinstance(item, str) and "/" in item and not item.startswith(("reading/", "source/")):
        yield item
    elif dataclasses.is_dataclass(item) and not isinstance(item, (Context, Figure, Value, Code, type)):
        for spec in dataclasses.fields(item):
            yield from _things_in(getattr(item, spec.name))


def _ids_in(item: Any, name: str) -> Iterator[str]:
    if isinstance(item, tuple):
        for member in item:
            yield from _ids_in(member, name)
    elif isinstance(item, Figure):
        yield from item.readings if name == "readings" else ()
    elif isinstance(item, Note):
        yield from _ids_in(tuple(item.values.values()), name)
    elif dataclasses.is_dataclass(item) and not isinstance(item, (Context, type)):
        for spec in dataclasses.fields(item):
            value = getattr(item, spec.name)
            if spec.name == name and isinstance(value, tuple):
                yield from (member for member in value if isinstance(member, str))
            else:
                yield from _ids_in(value, name)
