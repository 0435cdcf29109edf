"""How does anyone know: the readings and sources behind a thing or an answer, each with date, basis and place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from capgraph.clocks import DateSpan, span_of
from capgraph.errors import UnknownName
from capgraph.facts import Row
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Note, Result, Statement, Value, note, section


@dataclass(frozen=True, slots=True)
class Evidence(Result):
    """All that the public sources of a day say of one thing."""

    thing: Name
    statements: tuple[Statement, ...] = section(Statement)


def evidence(network: CapitalNetwork, ref: str, context: Context) -> Evidence:
    """Every public statement about a thing, a reading or a source, newest first.

    ``ref`` is ``kind/id`` (``stake/...``, ``reading/...``, ``source/...``) or a party's bare id. Readings that were not
    public on the day of knowledge are counted in a note. Raises UnknownName where there is no such thing.
    """
    row = network.facts.get(ref)
    if row is None:
        raise UnknownName(ref)
    statements = list(_statements(network, row))
    public = [found for found in statements if _is_public(network, found.source)]
    hidden_count = len(statements) - len(public)
    notes: tuple[Note, ...] = (note("evidence.not_public", count=hidden_count),) if hidden_count else ()
    return Evidence(network.names.name(ref), tuple(public), context=context, notes=notes)


def statements_behind(
    network: CapitalNetwork, readings: Iterable[str], sources: Iterable[str]
) -> tuple[Statement, ...]:
    """The statements behind an answer: its readings, then the sources that it names beside them."""
    rows = [network.facts.get(id) for id in readings]
    told = [_of_reading(network, row) for row in rows if row is not None]
    cited = {statement.source for statement in told}
    extra = [network.facts.get(id) for id in dict.fromkeys(sources) if id not in cited]
    return (*told, *(_of_source(row) for row in extra if row is not None))


def _is_public(network: CapitalNetwork, source: str) -> bool:
    return not source or network.scope.clocks.public(network.derived.sources.public(source))


def _statements(network: CapitalNetwork, row: Row) -> Iterator[Statement]:
    if row.table == "readings":
        yield _of_reading(network, row)
        return
    if row.table == "sources":
        for other in network.facts.mentions(row.ref):
            if other.table == "readings":
                yield _of_reading(network, other)
            elif other.table == "evidence":
                yield _of_evidence(network, other)
        return
    readings = [_of_reading(network, other) for other in network.facts.about("readings", row.ref)]
    yield from sorted(readings, key=lambda told: (told.as_of or DateSpan.parse("0001"), told.reading), reverse=True)
    spoken = {told.source for told in readings}
    for other in network.facts.about("evidence", row.ref):
        if f"source/{other['source']}" not in spoken:
            yield _of_evidence(network, other)


def _of_reading(network: CapitalNetwork, row: Row) -> Statement:
    source = network.facts.get(f"source/{row['source']}")
    return Statement(
        about=network.names.name(row["about"]),
        aspect=network.ontology.code("aspect", row["aspect"]),
        figure=_figure(row),
        basis=row["basis"],
        as_of=DateSpan.parse(row["as_of"]),
        period=row["period"],
        confidence=row["confidence"],
        publisher=source["publisher"] if source else "",
        title=source["title"] if source else "",
        published=span_of(source["published"]) if source else None,
        locator=row["locator"],
        url=source["url"] if source else "",
        note=row["note"],
        reading=row.ref,
        source=f"source/{row['source']}",
    )


def _figure(row: Row) -> Value | str:
    numbers = [Decimal(row[column]) if _is_plain(row[column]) else None for column in ("value", "low", "high")]
    if row["value"] and numbers[0] is None:
        return row["value"]
    return Value(numbers[0], row["unit"], numbers[1], numbers[2], (row.ref,))


def _is_plain(cell: str) -> bool:
    return bool(cell) and cell.lstrip("-").replace(".", "", 1).isdigit()


def _of_evidence(network: CapitalNetwork, row: Row) -> Statement:
    source = network.facts.get(f"source/{row['source']}")
    told = _of_source(source) if source else None
    return Statement(
        about=network.names.name(row["about"]),
        aspect=None,
        figure=None,
        basis="",
        as_of=None,
        period="",
        confidence=row["confidence"],
        publisher=told.publisher if told else "",
        title=told.title if told else "",
        published=told.published if told else None,
        locator="",
        url=told.url if told else "",
        source=f"source/{row['source']}",
    )


def _of_source(row: Row) -> Statement:
    return Statement(
        about=Name(row.ref, row["title"]),
        aspect=None,
        figure=None,
        basis="",
        as_of=None,
        period="",
        confidence="",
        publisher=row["publisher"],
        title=row["title"],
        published=span_of(row["published"]),
        locator="",
        url=row["url"],
        source=row.ref,
    )
