"""Where sources disagree: the figures, dates and statuses on which two origins say different things, and what moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from capgraph.analysis.dependents import Holders, called, moved, parties_of, usd_of, within
from capgraph.clocks import DateSpan, near, span_in, span_of
from capgraph.errors import UsageProblem
from capgraph.facts import Row
from capgraph.money import USD
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code, Words
from capgraph.readings import Figure, differs, rank
from capgraph.results import Context, Note, Result, Value, hidden, note, section
from capgraph.sources import Reading

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Dispute:
    """One fact on which sources disagree.

    ``taken`` is what answers, ``others`` what the rest say. ``difference`` is the largest distance from it in percent
    of it, ``difference_usd`` the same in dollars, ``days`` for dates. ``said_by`` and ``denied_by`` count independent
    origins on either side. ``answers`` are the amounts and percents that would change if the rival reading that moves
    most were taken instead, ``moved`` by how many dollars in all, ``reach`` how many parties have these answers or
    hold, directly or through others, one that has.
    """

    called: Words
    aspect: Code
    basis: str
    as_of: DateSpan | None
    taken: Value | str
    others: tuple[Value | str | Code, ...]
    difference: Value | str
    difference_usd: Value | str
    days: int | str
    said_by: int
    denied_by: int
    moved: Value | str
    answers: int
    reach: int
    remarks: tuple[Note, ...]
    thing: str
    confidence: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputes(Result):
    """The facts on which sources disagree, the weightiest first."""

    count: int
    disputes: tuple[Dispute, ...] = section(Dispute)


def disputes(
    network: CapitalNetwork,
    context: Context,
    party: str = "",
    *,
    min_size: Decimal = Decimal(0),
    top: int = 20,
    by: str = "moved",
) -> Disputes:
    """The facts on which public sources disagree at the clocks.

    A figure is disputed where independent origins give another number for the same moment, basis and period as the one
    that answers (:func:`capgraph.readings.rivals`). An aspect that speaks of its day alone (``cap:ofItsDay``: prices,
    run rates) is disputed only by readings of the same day, and no origin is in dispute with what it says of another
    day itself. A date is disputed where two origins name days that do not
    overlap, a status where two origins date it differently, or one says that the thing has ended on the very day on
    which another says that it stands.

    Parameters
    ----------
    network : the network at a pair of clocks. Facts about things below its rung are left out and counted in a note.
    party : node id; only facts about it or about what names it, with ``scope.group`` about its house. Empty: all.
    min_size : leave out what lies closer together, in percent of the figure that answers.
    top : at most so many rows, 0 for all. by : one of :data:`ORDERS`.

    Returns
    -------
    Disputes; the measure ``moved`` is that of :func:`.dependents.moved`. Raises UsageProblem for another order.

    Examples
    --------
    >>> disputes(network, context, "openai", min_size=Decimal(5)).disputes[0].thing          # doctest: +SKIP
    'deal/openai-series-2026-02'
    """
    if by not in ORDERS:
        raise UsageProblem(f"{by!r} is no order of disputes; there are: {', '.join(ORDERS)}")
    asked = within(network, party) if party else frozenset()
    found, below = list[Dispute](), 0
    holders = Holders(network)
    for ref in _spoken_of(network):
        if not network.derived.is_known(ref) or (asked and not asked & parties_of(network, ref)):
            continue
        told = [*_figures(network, holders, ref), *_dates(network, ref), *_statuses(network, ref)]
        low = _below(network, ref)
        below += len(told) if low else 0
        found += [] if low else told
    large = [each for each in found if _size(each.difference) >= min_size or (each.difference == "" and not min_size)]
    ranked = sorted(large, key=_order(by))
    return Disputes(
        count=len(ranked),
        disputes=tuple(ranked[:top] if top else ranked),
        context=context,
        notes=tuple(_notes(network, ranked, top, below, len(found) - len(large))),
    )


def _spoken_of(network: CapitalNetwork) -> Iterator[str]:
    """Everything that a reading or a status speaks of, in the order of the tables."""
    about = {row["about"] for table in ("readings", "statuses") for row in network.facts.table(table)}
    yield from (row.ref for row in network.facts.rows() if row.ref in about)


def _below(network: CapitalNetwork, ref: str) -> bool:
    """Whether a thing stands on the ladder of promises, below the asked rung."""
    status = network.derived.status(ref)
    return status is not None and 0 < status.ladder < network.ladder


def _size(value: Value | str) -> Decimal:
    return value.value or Decimal(0) if isinstance(value, Value) else Decimal(0)


_KEYS: Mapping[str, tuple[str, ...]] = {
    "moved": ("moved", "difference_usd", "difference"),
    "amount": ("difference_usd", "moved", "difference"),
    "percent": ("difference", "moved", "difference_usd"),
}
ORDERS: tuple[str, ...] = tuple(_KEYS)
"""By what disputes may be ranked: what moves, how far apart in dollars, how far apart in percent."""


def _order(by: str) -> Callable[[Dispute], tuple[object, ...]]:
    def key(each: Dispute) -> tuple[object, ...]:
        sizes = tuple(-_size(getattr(each, name)) for name in _KEYS[by])
        return (*sizes, -each.answers, each.thing, each.aspect.code, each.basis)

    return key


# Figures --------------------------------------------------------------------------------------------------------------


def _figures(network: CapitalNetwork, holders: Holders, ref: str) -> Iterator[Dispute]:
    for figure in network.derived.figures(ref):
        against = _against(network, figure)
        if against:
            yield _of_figure(network, holders, figure, against)


def _against(network: CapitalNetwork, figure: Figure) -> list[Reading]:
    """The rivals that say otherwise; of a figure that speaks of its day alone, and of the origin of the figure itself,
    only those of the same day: whoever says one thing today and another tomorrow reports a change."""
    daily = network.ontology.code("aspect", figure.aspect)["ofItsDay"] == "true"
    return [
        rival
        for rival in figure.rivals
        if differs(figure.reading, rival)
        and (near(figure.as_of, rival.as_of, 0) or not (daily or rival.origin == figure.reading.origin))
    ]


def _of_figure(network: CapitalNetwork, holders: Holders, figure: Figure, against: Sequence[Reading]) -> Dispute:
    moves = [moved(network, _instead(figure, rival)) for rival in _extremes(against)]
    most = max(moves, key=lambda move: (move.usd or Decimal(0), move.answers))
    own = _number(figure.reading)
    pairs = [(abs(number - own), number) for rival in against if own is not None and (number := _number(rival, figure))]
    far, number = max(pairs, default=(None, None))
    dollars = [usd_of(network, figure, end) for end in (own, number) if end is not None]
    agreeing = {figure.reading.origin, *(each.origin for each in figure.rivals if not differs(figure.reading, each))}
    return Dispute(
        called=called(network, figure.about),
        aspect=network.ontology.code("aspect", figure.aspect),
        basis=figure.basis,
        as_of=figure.as_of,
        taken=_said(figure.reading),
        others=_different(sorted(against, key=lambda each: _rank(each, figure))),
        difference=_percent(far, own),
        difference_usd=_apart(dollars),
        days="",
        said_by=len(agreeing),
        denied_by=len({rival.origin for rival in against}),
        moved=Value(most.usd, USD) if most.usd is not None else "",
        answers=most.answers,
        reach=len(holders.above(most.parties)),
        remarks=tuple(_remarks(figure, against)),
        thing=figure.about,
        confidence=figure.confidence,
        readings=figure.readings,
        sources=figure.sources,
    )


def _different(readings: Sequence[Reading]) -> tuple[Value, ...]:
    """What readings say, each number once."""
    said = {(each.value, each.low, each.high, each.unit): _said(each) for each in reversed(readings)}
    return tuple(reversed(said.values()))


def _said(reading: Reading) -> Value:
    return Value(reading.value, reading.unit, reading.low, reading.high, (reading.id,))


def _number(reading: Reading, figure: Figure | None = None) -> Decimal | None:
    """The number of a reading in the unit of a figure: its value, else its bound."""
    if figure is not None and reading.unit != figure.unit:
        return reading.usd if figure.unit == USD else None
    return next((end for end in (reading.value, reading.low, reading.high) if end is not None), None)


def _rank(reading: Reading, figure: Figure) -> tuple[Decimal, str]:
    return _number(reading, figure) or Decimal(0), reading.id


def _extremes(against: Sequence[Reading]) -> list[Reading]:
    """The least and the most that rivals say: what moves most lies at an end."""
    ordered = sorted(against, key=lambda reading: (_number(reading) or Decimal(0), reading.id))
    return list(dict.fromkeys((ordered[0], ordered[-1])))


def _instead(figure: Figure, rival: Reading) -> Figure:
    """The figure as it would be if a rival reading answered."""
    low, high = rival.bounds
    return replace(
        figure,
        value=rival.value,
        low=low,
        high=high,
        unit=rival.unit,
        usd=rival.usd,
        basis=figure.basis,
        as_of=rival.as_of,
        reading=rival,
        rivals=(),
    )


def _percent(far: Decimal | None, own: Decimal | None) -> Value | str:
    return Value((far / abs(own) * 100).quantize(_CENT), "percent") if far is not None and own else ""


def _apart(dollars: Sequence[Decimal | None]) -> Value | str:
    if len(dollars) < 2 or dollars[0] is None or dollars[1] is None:
        return ""
    return Value(abs(dollars[0] - dollars[1]), USD)


def _remarks(figure: Figure, against: Sequence[Reading]) -> Iterator[Note]:
    if all(rounding_explains(figure.reading, rival) for rival in against):
        yield note("disputes.rounding")
    if {rival.origin for rival in against} == {figure.reading.origin}:
        yield note("disputes.same_origin")
    days = [rival.as_of for rival in against if not near(figure.as_of, rival.as_of, 0)]
    if days:
        yield note("disputes.other_day", days=tuple(sorted(set(days))))
    if figure.stale:
        yield note("disputes.stale")


def rounding_explains(one: Reading, other: Reading) -> bool:
    """Whether two numbers lie no further apart than half of the last digit that the coarser one states, where noughts
    at the end of a number are no digits beyond the second.

    27 and 26.79 are one number rounded, and so are 10 and 10.4 billion; 13 and 11.66 are two.
    """
    if one.value is None or other.value is None or one.unit != other.unit:
        return False
    half = max(_last_digit(one.value), _last_digit(other.value)) / 2
    return abs(one.value - other.value) <= half


def _last_digit(value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, value.adjusted() - 1)) if isinstance(exponent, int) else Decimal(0)


# Dates and statuses ---------------------------------------------------------------------------------------------------


def _dates(network: CapitalNetwork, ref: str) -> Iterator[Dispute]:
    """The dates of a thing on which its public readings, or its own cell and a reading, do not overlap."""
    for code in network.ontology.codes("aspect").values():
        if code["valueType"] != "date":
            continue
        told = [reading for reading in network.derived.readings(ref) if reading.aspect == code.code]
        public = [each for each in told if network.scope.clocks.public(each.known) and span_in(each.text)]
        ranked = rank(public, network.derived.policy(code.code))
        taken = _cell(network, ref, code) or (span_in(ranked[0].text) if ranked else None)
        others = [each for each in ranked if taken and not near(taken, DateSpan.parse(each.text), 0)]
        if taken is not None and others:
            yield _of_dates(network, ref, code, taken, ranked, others)


def _cell(network: CapitalNetwork, ref: str, code: Code) -> DateSpan | None:
    """The date that stands in the table for what an aspect speaks of."""
    row = network.facts.get(ref)
    column = network.facts.schema.tables[row.table].column_of(code["disputes"]) if row else None
    return span_of(row[column.name]) if row and column else None


def _of_dates(
    network: CapitalNetwork, ref: str, code: Code, taken: DateSpan, ranked: Sequence[Reading], others: Sequence[Reading]
) -> Dispute:
    spans = sorted({DateSpan.parse(each.text) for each in others})
    agreeing = {each.origin for each in ranked if each not in others}
    sides = len(agreeing), len({each.origin for each in others})
    told = tuple(each.id for each in ranked), tuple(dict.fromkeys(each.source for each in ranked))
    return _of_days(network, ref, code, taken, [(span, span.text) for span in spans], sides, told)


def _of_days(
    network: CapitalNetwork,
    ref: str,
    code: Code,
    taken: DateSpan,
    others: Sequence[tuple[DateSpan, str | Code]],
    sides: tuple[int, int],
    told: tuple[tuple[str, ...], tuple[str, ...]],
) -> Dispute:
    """A dispute over days. ``others``: each day and what is printed of it; ``told``: ids of readings and sources."""
    return Dispute(
        called=called(network, ref),
        aspect=code,
        basis="",
        as_of=None,
        taken=taken.text,
        others=tuple(said for _, said in others),
        difference="",
        difference_usd="",
        days=max(_days_apart(taken, span) for span, _ in others),
        said_by=sides[0],
        denied_by=sides[1],
        moved="",
        answers=0,
        reach=0,
        remarks=(),
        thing=ref,
        readings=told[0],
        sources=told[1],
    )


def _days_apart(one: DateSpan, other: DateSpan) -> int:
    """The days between two spans that do not overlap; 0 for spans that do."""
    return max(0, (max(one.first, other.first) - min(one.last, other.last)).days)


def _statuses(network: CapitalNetwork, ref: str) -> Iterator[Dispute]:
    """The statuses of a thing that two origins date differently, or of which one ends what the other lets stand."""
    sources = network.derived.sources
    log = [
        row
        for row in network.facts.about("statuses", ref)
        if row["source"] and row["date"] and network.scope.clocks.public(sources.public(f"source/{row['source']}"))
    ]
    for one, other in combinations(log, 2):
        origins = [sources.origin(f"source/{row['source']}") for row in (one, other)]
        spans = [DateSpan.parse(row["date"]) for row in (one, other)]
        if origins[0] == origins[1] or not _contradict(network, one, other, spans):
            continue
        code, denied = (network.ontology.code("status", row["status"]) for row in (one, other))
        said = spans[1].text if code == denied else denied
        named = tuple(f"source/{row['source']}" for row in (one, other))
        yield _of_days(network, ref, code, spans[0], [(spans[1], said)], (1, 1), ((), named))


def _contradict(network: CapitalNetwork, one: Row, other: Row, spans: Sequence[DateSpan]) -> bool:
    if one["status"] == other["status"]:
        return not near(spans[0], spans[1], 0)
    rungs = [network.ontology.code("status", row["status"])["rung"] for row in (one, other)]
    on_ladder = [bool(network.ontology.code("rung", rung)["ladder"]) for rung in rungs]
    return on_ladder[0] != on_ladder[1] and spans[0].exact and spans[0] == spans[1]


# Notes ----------------------------------------------------------------------------------------------------------------


def _notes(network: CapitalNetwork, ranked: Sequence[Dispute], top: int, below: int, small: int) -> Iterator[Note]:
    if ranked:
        yield note("disputes.measure")
    else:
        yield note("disputes.none")
    if top and len(ranked) > top:
        yield note("disputes.more", count=len(ranked) - top)
    if small:
        yield note("disputes.small", count=small)
    if below:
        yield note("disputes.below", count=below, rung=network.ontology.code("rung", network.scope.rung))
