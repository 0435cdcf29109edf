"""What is unknown or rests on little, ranked by how much it could move, each with what to look for.

What should be known of a link is said by its class (``cap:expects``), what fills a gap and how it is measured by the
code list ``gap``; a new link kind needs nothing here. What follows from several things together (who holds the rest of
a company, what rests on one source) is found in :mod:`.thin`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from capgraph.analysis import thin
from capgraph.analysis.dependents import Holders, called, parties_of, within
from capgraph.analysis.thin import Gap
from capgraph.errors import UsageProblem
from capgraph.facts import Row
from capgraph.money import USD
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Result, Value, hidden, note, section
from capgraph.schema import CAP


@dataclass(frozen=True, slots=True)
class GapRow:
    """Gaps of one thing, or alike gaps of several that one finding would fill.

    ``at_stake`` is how much they could move, in dollars, by ``measure``. ``count`` things
    have the gap, ``reach`` parties have them or hold, directly or through others, one that has. ``thing`` is the id to
    give to ``capgraph evidence``, ``things`` are those that have the gap.
    """

    kinds: tuple[Code, ...]
    called: Words
    at_stake: Value
    count: int
    reach: int
    look_for: tuple[Note, ...]
    thing: str
    measure: Code = hidden(None)
    things: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class OpenGapRow:
    """As :class:`GapRow`, where nothing bounds how much the gap could move."""

    kinds: tuple[Code, ...]
    called: Words
    count: int
    reach: int
    look_for: tuple[Note, ...]
    thing: str
    things: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps(Result):
    """What is unknown or thin: first what has a measure, largest first, then what has none."""

    bounded: int
    open_ended: int
    gaps: tuple[GapRow, ...] = section(GapRow)
    unbounded: tuple[OpenGapRow, ...] = section(OpenGapRow)


def gaps(
    network: CapitalNetwork,
    context: Context,
    party: str = "",
    *,
    kinds: Iterable[str] = (),
    top: int = 20,
) -> Gaps:
    """What is unknown or rests on little at the clocks, by how much it could move.

    Parameters
    ----------
    network : the network at a pair of clocks. Its links, and the flows that reached its rung, are what is looked at.
    party : node id; only what it is an end of, with ``scope.group`` its house. Empty: all.
    kinds : codes of the list ``gap``; empty: all. top : at most so many rows of each section, 0 for all.

    Returns
    -------
    Gaps. The measures are those of the code list ``gap-measure``: what nobody accounts for times the worth of the
    company (0..X), the rest of a deal (0..X), a ceiling (0..X), the amount of the link or value of the position that
    rests on the gap (X). What nothing bounds is unknown, not nothing, and stands in a section of its own, ordered by
    ``reach``. Raises UsageProblem for a kind that there is not.

    Examples
    --------
    >>> gaps(network, context, "openai").gaps[0].measure.code                                # doctest: +SKIP
    'rest'
    """
    known = network.ontology.codes("gap")
    wanted = tuple(kinds) or tuple(known)
    if wrong := [kind for kind in wanted if kind not in known]:
        raise UsageProblem(f"{wrong[0]!r} is no kind of gap; there are: {', '.join(known)}")
    asked = within(network, party) if party else frozenset()
    links = _links(network)
    found = [*_declared(network, links), *thin.thin(network, links)]
    kept = [each for each in found if each.kind in wanted and (not asked or asked & _touched(network, each))]
    rows = _rows(network, kept)
    sized = sorted((row for row in rows if isinstance(row, GapRow)), key=lambda row: (-_most(row.at_stake), row.thing))
    open_ended = sorted(
        (row for row in rows if isinstance(row, OpenGapRow)), key=lambda row: (-row.reach, -row.count, row.thing)
    )
    return Gaps(
        bounded=len(sized),
        open_ended=len(open_ended),
        gaps=tuple(sized[:top] if top else sized),
        unbounded=tuple(open_ended[:top] if top else open_ended),
        context=context,
        notes=tuple(_notes(sized, open_ended, top)),
    )


def _links(network: CapitalNetwork) -> tuple[Link, ...]:
    """Every link that stands at the clocks, those without a start included, and every flow on the asked rung or above;
    each thing once."""
    flows = network.flows(date.min, network.scope.clocks.as_of).links
    every = (*network.links, *network.unstarted, *flows)
    return tuple({link.id: link for link in reversed(every)}.values())[::-1]


def _touched(network: CapitalNetwork, gap: Gap) -> frozenset[str]:
    return parties_of(network, gap.ref)


def _most(value: Value) -> Decimal:
    return max((end for end in (value.value, value.low, value.high) if end is not None), default=Decimal(0))


# What the classes expect ----------------------------------------------------------------------------------------------


def _declared(network: CapitalNetwork, links: Sequence[Link]) -> Iterator[Gap]:
    worth = thin.Worth(network)
    for link in links:
        for name in link.kind.expects:
            code = network.ontology.code("gap", name)
            if _applies(network, code, link) and not _filled(network, code, link):
                yield thin.measured(worth, code, link)


def _applies(network: CapitalNetwork, code: Code, link: Link) -> bool:
    """Whether a gap is one for this link: the list that refines its kind may narrow it, and instruments that do not
    count as ownership, things contained in others and ceilings (a gap of their own) are left out."""
    column = link.kind.refined_by
    scheme = network.facts.schema.tables[link.row.table].column(column).scheme if column else ""
    only = code.attributes.get("onlyFor", ())
    listed = [each for each in only if network.ontology.find_code(scheme, each)] if scheme else []
    if listed and link.row[column] not in listed:
        return False
    return not (link.container or (code.code == "amount" and thin.ceiling_of(network, link) is not None))


def _filled(network: CapitalNetwork, code: Code, link: Link) -> bool:
    """Whether anything public fills a gap of a link."""
    fillers = code.attributes.get("filledBy", ())
    if not fillers:
        return link.amount is not None
    return any(_fills(network, filler, link) for filler in fillers)


def _fills(network: CapitalNetwork, filler: str, link: Link) -> bool:
    table = network.facts.schema.tables[link.row.table]
    if not filler.startswith(CAP):
        return _told(network, filler, link)
    column = table.column_of(filler)
    if column is not None:
        return bool(link.row[column.name])
    tables = {each.name for each in network.facts.schema.tables.values() if each.class_iri == filler}
    return any(row.table in tables and _public(network, row) for row in network.facts.mentions(link.id))


def _told(network: CapitalNetwork, aspect: str, link: Link) -> bool:
    """Whether a public reading gives an aspect: a number that may answer, or a text."""
    if network.derived.figure(link.id, aspect) is not None:
        return True
    told = (reading for reading in network.derived.readings(link.id) if reading.aspect == aspect)
    clocks = network.scope.clocks
    return any(clocks.public(reading.known) and not reading.numeric and reading.text for reading in told)


def _public(network: CapitalNetwork, row: Row) -> bool:
    if "source" in row.cells:
        source = f"source/{row['source']}"
        return not row["source"] or network.scope.clocks.public(network.derived.sources.public(source))
    return network.derived.is_known(row.ref)


# Rows -----------------------------------------------------------------------------------------------------------------


def _rows(network: CapitalNetwork, found: Sequence[Gap]) -> list[GapRow | OpenGapRow]:
    """One row for the gaps of one thing that are measured alike, and for alike gaps that one finding would fill."""
    alike: dict[tuple[str, str], list[Gap]] = {}
    for each in found:
        alike.setdefault((each.subject, each.measure), []).append(each)
    bundles: dict[tuple[str, str, tuple[str, ...]], list[Gap]] = {}
    for (subject, measure), members in alike.items():
        bundles.setdefault((subject, measure, tuple(sorted({each.ref for each in members}))), []).extend(members)
    holders = Holders(network)
    return [_row(network, holders, *key, members) for key, members in bundles.items()]


def _row(
    network: CapitalNetwork, holders: Holders, subject: str, measure: str, refs: tuple[str, ...], members: Sequence[Gap]
) -> GapRow | OpenGapRow:
    codes = {each.kind: network.ontology.code("gap", each.kind) for each in members}
    ordered = tuple(code for name in network.ontology.codes("gap") if (code := codes.get(name)))
    parties = {party for each in members for party in parties_of(network, each.ref)}
    row = OpenGapRow(
        kinds=ordered,
        called=called(network, subject),
        count=len(refs),
        reach=len(holders.above(parties)),
        look_for=tuple(note("gaps.look_for", what=_sentence(code)) for code in ordered),
        thing=subject,
        things=refs,
        readings=tuple(dict.fromkeys(id for each in members for id in each.readings)),
        sources=tuple(dict.fromkeys(id for each in members for id in each.sources)),
    )
    at_stake = _together(members)
    if at_stake is None:
        return row
    return GapRow(
        row.kinds, row.called, at_stake, row.count, row.reach, row.look_for, row.thing,
        network.ontology.code("gap-measure", measure), row.things, row.readings, row.sources,
    )  # fmt: skip


def _sentence(code: Code) -> Words:
    return Words(code["lookFor@en"], code["lookFor@zh"])


def _together(members: Sequence[Gap]) -> Value | None:
    """What alike gaps could move together: a bound that they share counts once, amounts of different things add up."""
    first = {each.ref: each for each in reversed(members)}.values()
    if members[0].bound:
        most = max((each.usd for each in first if each.usd is not None), default=None)
        return Value(None, USD, Decimal(0), most) if most is not None else None
    known = [each.usd for each in first if each.usd is not None]
    if not known:
        return None
    whole = sum(known, Decimal(0))
    return Value(whole, USD) if len(known) == len(first) else Value(None, USD, low=whole)


# Notes ----------------------------------------------------------------------------------------------------------------


def _notes(sized: Sequence[GapRow], open_ended: Sequence[OpenGapRow], top: int) -> Iterator[Note]:
    if not sized and not open_ended:
        yield note("gaps.none")
        return
    yield note("gaps.measure")
    left = sum(max(0, len(rows) - top) for rows in (sized, open_ended)) if top else 0
    if left:
        yield note("gaps.more", count=left)
