"""Money circles: chains of payments that lead back to where they began, their mechanisms and their smallest leg."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice, pairwise, product
from typing import Any

from capgraph.analysis.cycles import bounded_cycles
from capgraph.analysis.mechanisms import MECHANISMS, Leg, Sum, heads_of_houses, legs, money_links, same_debt, sum_of
from capgraph.analysis.sentences import citations, confidence, doubt, joined, sources
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.network import PROMISE, CapitalNetwork, Link
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Result, Value, hidden, note, section

LIMIT = 100_000
"""How many circles are looked at; beyond them the answer says that there are more."""

_TOLD_KINDS = 6

_CITED = 2
"""How many sources a leg names; ``--evidence`` prints all."""


@dataclass(frozen=True, slots=True)
class RungAmount:
    """The smallest leg of a circle when only what stands on a rung or above counts; ``closes`` where every leg has
    a link there."""

    rung: str
    closes: bool
    amount: Value


@dataclass(frozen=True, slots=True)
class LoopLeg:
    """All money of one mechanism from one party of a circle to the next. ``closed`` is what was paid or is in force of
    it; ``period`` says that the amount is one of a year or a month; of ``links`` so many have an amount."""

    loop: int
    leg: int
    payer: Name
    payee: Name
    mechanism: Code
    amount: Value
    period: str
    closed: Value
    links: int
    with_amount: int
    weakest: Code | None
    cited: tuple[Note, ...] = hidden()
    ids: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Loop:
    """One circle. ``bottleneck`` is its smallest leg from the asked rung up, ``paid`` its smallest leg when only paid
    money counts (None where some leg has paid nothing), ``rungs`` the same for every rung between."""

    loop: int
    parties: tuple[Name, ...]
    mechanisms: tuple[Code, ...]
    legs: int
    bottleneck: Value
    paid: Value | None
    since: date | None
    until: date | None
    weakest: Code | None
    rungs: tuple[RungAmount, ...] = hidden()


@dataclass(frozen=True, slots=True)
class LoopKind:
    """How many circles have the same mechanisms in turn, and the largest smallest leg among them that is known."""

    mechanisms: tuple[Code, ...]
    count: int
    bottleneck: Value


@dataclass(frozen=True, slots=True)
class Loops(Result):
    """The money circles of a network, the largest bottleneck first. ``found`` counts all, ``closed`` those that remain
    when only paid money counts."""

    shown: int = hidden(MISSING)
    found: Value = hidden(MISSING)
    closed: int = hidden(MISSING)
    max_length: int = hidden(MISSING)
    through: Name | None = hidden(MISSING)
    loops: tuple[Loop, ...] = section(Loop)
    legs: tuple[LoopLeg, ...] = section(LoopLeg)
    kinds: tuple[LoopKind, ...] = section(LoopKind)

    def told(self) -> tuple[tuple[int, Any], ...]:
        """The circles as lines: parties and mechanisms, then each leg with its amounts and sources."""
        if not self.loops:
            return ((0, note("loop.none")),)
        circles = tuple(line for loop in self.loops for line in self._lines(loop))
        told = self.kinds[:_TOLD_KINDS]
        kinds = ((1, note("loop.kind", count=kind.count, mechanisms=_chain(kind.mechanisms))) for kind in told)
        return (*circles, (0, note("loop.kinds")), *kinds)

    def _lines(self, loop: Loop) -> Iterator[tuple[int, Any]]:
        yield 0, _heading(loop)
        for leg in self.legs:
            if leg.loop == loop.loop:
                yield 1, _leg_line(leg)
                yield from ((2, cited) for cited in leg.cited)


def _chain(parts: Iterable[Any]) -> Note:
    """Things in a row, an arrow between them."""
    first, *others = parts
    chain = note("loop.first", part=first)
    for part in others:
        chain = note("loop.arrow", before=chain, part=part)
    return chain


def _heading(loop: Loop) -> Note:
    parts = [_chain(loop.mechanisms), note("loop.smallest", amount=loop.bottleneck)]
    parts.append(note("loop.paid", amount=loop.paid) if loop.paid else note("loop.unpaid"))
    if loop.since and loop.until:
        parts.append(note("loop.dates", since=loop.since, until=loop.until))
    return note("loop.heading", loop=loop.loop, parties=_chain(loop.parties), parts=joined(parts))


def _leg_line(leg: LoopLeg) -> Note:
    parts = [note(f"loop.amount.{leg.period}" if leg.period else "loop.amount", amount=leg.amount)]
    parts += [note("loop.closed_part", amount=leg.closed)] if leg.closed.low is not None else []
    parts.append(note("loop.links" if leg.links > 1 else "loop.link", links=leg.links, with_amount=leg.with_amount))
    return note("loop.leg", payer=leg.payer, payee=leg.payee, mechanism=leg.mechanism, parts=joined(parts))


def loops(
    network: CapitalNetwork,
    context: Context,
    *,
    through: str = "",
    max_length: int = 5,
    top: int = 10,
    since: date | None = None,
    group: bool = False,
) -> Loops:
    """The circles of 2 to ``max_length`` parties around which money runs, at or above the network's rung.

    A leg is all money of one mechanism (equity, loan, purchase, lease, revenue share, fee) from one party to the next:
    closed and promised flows, standing loans, contracts. A circle is typed by its mechanisms in turn, so two parties
    tied by equity one way and by two kinds of contract the other way make two circles. Its bottleneck is

        min over legs of the sum of the firm amounts of the leg's links, in US dollars.

    No circle: a loan with its own fees, interest or repayment; a party that is an aggregate; a party with itself.

    Parameters
    ----------
    through : only circles through this node
    max_length : the most parties in a circle, 2 to 8
    top : how many circles to show
    since : only flows of this day or later; loans and contracts count as they stand
    group : take every house as one party, its members' links as its own

    Raises UsageProblem for a wrong parameter. An empty answer is no error.

    Notes
    -----
    Contracts count with their whole value; where only a yearly or monthly one is known that stands for it and the
    bottleneck is a lower bound. So it is where a leg holds links without an amount. A circle says that money can come
    back to where it began, not that the same money does. Stakes are no legs: the payments that made them are.

    Examples
    --------
    >>> found = capgraph.load(rung="announced").loops(through="oracle")                              # doctest: +SKIP
    >>> [party.id for party in found.loops[0].parties]                                               # doctest: +SKIP
    ['nvidia', 'openai', 'oracle', 'nvidia']

    References
    ----------
    D. B. Johnson, "Finding all the elementary circuits of a directed graph", SIAM J. Comput. 4 (1975); A. Gupta,
    T. Suzumura, "Finding all bounded-length simple cycles in a directed graph" (2021).
    """
    if not 2 <= max_length <= 8 or top < 1:
        raise UsageProblem("a circle has 2 to 8 parties, and at least one is to be shown")
    heads = heads_of_houses(network) if group else {}
    start = heads.get(through, through)
    found, more, excluded = _circles(legs(network, money_links(network, since, heads)), max_length, start)
    sums = _Sums(network)
    ranked = sorted(found, key=lambda circle: _order(sums, circle))
    chosen = list(enumerate(ranked[:top], 1))
    known = Decimal(len(found))
    return Loops(
        shown=len(chosen),
        found=Value(None, "", low=known) if more else Value(known, ""),
        closed=sum(sums.closes(circle, PROMISE) for circle in found),
        max_length=max_length,
        through=network.node(through).name if through else None,
        loops=tuple(_loop(network, sums, number, circle) for number, circle in chosen),
        legs=tuple(
            _loop_leg(network, sums, number, place, leg)
            for number, circle in chosen
            for place, leg in enumerate(circle, 1)
        ),
        kinds=_kinds(network, sums, ranked),
        context=context,
        notes=tuple(_notes(more, excluded, since)),
    )


Circle = tuple[Leg, ...]


def _circles(bundles: Sequence[Leg], max_length: int, through: str) -> tuple[list[Circle], bool, int]:
    """All circles over legs, whether there are more than the limit, and how many were a loan and its own way back."""
    onward: dict[str, dict[str, list[Leg]]] = {}
    for leg in bundles:
        onward.setdefault(leg.payer, {}).setdefault(leg.payee, []).append(leg)
    rounds = bounded_cycles(onward, max_length, through)
    circles = (_turned(circle) for nodes in rounds for circle in _typed(onward, nodes))
    found = list(islice(circles, LIMIT + 1))
    kept = [circle for circle in found[:LIMIT] if not (len(circle) == 2 and same_debt(*circle))]
    return kept, len(found) > LIMIT, min(len(found), LIMIT) - len(kept)


def _typed(onward: Mapping[str, Mapping[str, Sequence[Leg]]], nodes: Sequence[str]) -> Iterator[Circle]:
    """A round of parties once for each choice of mechanisms."""
    return product(*(onward[payer][payee] for payer, payee in pairwise((*nodes, nodes[0]))))


def _turned(circle: Circle) -> Circle:
    """The same circle, told from where capital goes in: beginning with equity, else with a loan, and so on."""
    places = range(len(circle))
    first = min(places, key=lambda place: (MECHANISMS.index(circle[place].mechanism), circle[place].payer))
    return (*circle[first:], *circle[:first])


class _Sums:
    """What legs come to from each rung up, computed once."""

    def __init__(self, network: CapitalNetwork) -> None:
        self.network = network
        self.rung = network.scope.rung
        self._known: dict[tuple[Leg, str], Sum] = {}

    def of(self, leg: Leg, rung: str) -> Sum:
        key = (leg, rung)
        if key not in self._known:
            self._known[key] = sum_of(self.network, leg, rung)
        return self._known[key]

    def closes(self, circle: Circle, rung: str) -> bool:
        """Whether every leg of a circle has a link on the rung or above."""
        return all(self.of(leg, rung).counted for leg in circle)

    def bottleneck(self, circle: Circle, rung: str) -> Value:
        """The smallest leg: exact where it is known in full, else what can be said of it.

        A leg known in part, or by a rate, is at least what is known. Where a leg has no amount at all, the smallest leg
        is at most the least of those that are known in full.
        """
        sums = [self.of(leg, rung) for leg in circle]
        whole = [leg.amount for leg in sums if leg.amount is not None and _in_full(leg)]
        readings = tuple(dict.fromkeys(id for leg in sums for id in leg.readings))
        if any(leg.amount is None for leg in sums):
            return Value(None, "USD", high=min(whole, default=None), readings=readings)
        smallest = min(sums, key=lambda leg: (leg.amount or Decimal(), not _in_full(leg)))
        exact = smallest.amount if _in_full(smallest) else None
        return Value(exact, "USD", low=smallest.amount, high=exact, readings=readings)

    def rungs(self) -> list[str]:
        """The rungs from the asked one to closed."""
        codes = self.network.ontology.codes("rung").values()
        places = {code.code: int(code["ladder"]) for code in codes if code["ladder"]}
        return [code for code, place in sorted(places.items(), key=lambda pair: pair[1]) if place >= places[self.rung]]


def _in_full(leg: Sum) -> bool:
    return not leg.period and leg.with_amount == leg.counted


def _order(sums: _Sums, circle: Circle) -> tuple[Decimal, Decimal, int, tuple[str, ...]]:
    """Largest known bottleneck first, then the largest upper bound, then fewer legs, then parties and mechanisms."""
    value = sums.bottleneck(circle, sums.rung)
    low, high = value.low or Decimal(), value.high or Decimal()
    return -low, -high, len(circle), tuple(part for leg in circle for part in (leg.payer, leg.mechanism))


def _value(known: Sum) -> Value:
    """What a leg comes to: at least so much where some of its links have no amount."""
    whole = known.with_amount == known.counted
    return Value(
        known.amount if whole else None,
        "USD",
        low=known.amount,
        high=known.amount if whole else None,
        readings=known.readings,
    )


def _loop(network: CapitalNetwork, sums: _Sums, number: int, circle: Circle) -> Loop:
    starts = [link.start for leg in circle for link in leg.links if link.start]
    names = [network.node(leg.payer).name for leg in circle]
    return Loop(
        loop=number,
        parties=(*names, names[0]),
        mechanisms=tuple(_mechanism(network, leg) for leg in circle),
        legs=len(circle),
        bottleneck=sums.bottleneck(circle, sums.rung),
        paid=sums.bottleneck(circle, PROMISE) if sums.closes(circle, PROMISE) else None,
        since=min((start.first for start in starts), default=None),
        until=max((start.last for start in starts), default=None),
        weakest=_weakest(network, [link for leg in circle for link in leg.links]),
        rungs=tuple(
            RungAmount(rung, sums.closes(circle, rung), replace(sums.bottleneck(circle, rung), readings=()))
            for rung in sums.rungs()
        ),
    )


def _loop_leg(network: CapitalNetwork, sums: _Sums, number: int, place: int, leg: Leg) -> LoopLeg:
    asked, closed = sums.of(leg, sums.rung), sums.of(leg, PROMISE)
    told = tuple(dict.fromkeys(ref for link in _by_size(network, leg) for ref in sources(link)))
    return LoopLeg(
        loop=number,
        leg=place,
        payer=network.node(leg.payer).name,
        payee=network.node(leg.payee).name,
        mechanism=_mechanism(network, leg),
        amount=_value(asked),
        period=asked.period,
        closed=_value(closed),
        links=asked.counted,
        with_amount=asked.with_amount,
        weakest=_weakest(network, leg.links),
        cited=citations(network, told[:_CITED]),
        ids=tuple(link.id for link in leg.links),
        readings=asked.readings,
        sources=told,
    )


def _kinds(network: CapitalNetwork, sums: _Sums, ranked: Sequence[Circle]) -> tuple[LoopKind, ...]:
    """The circles by their mechanisms in turn, the most frequent first. ``ranked``: largest bottleneck first."""
    groups: dict[tuple[str, ...], list[Circle]] = {}
    for circle in ranked:
        groups.setdefault(tuple(leg.mechanism for leg in circle), []).append(circle)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), len(group[0]), group[0]))
    return tuple(
        LoopKind(tuple(_mechanism(network, leg) for leg in group[0]), len(group), sums.bottleneck(group[0], sums.rung))
        for _, group in ordered
    )


def _by_size(network: CapitalNetwork, leg: Leg) -> list[Link]:
    def size(link: Link) -> Decimal:
        return (network.derived.usd(link.amount) if link.amount else None) or Decimal()

    return sorted(leg.links, key=lambda link: (-size(link), link.id))


def _mechanism(network: CapitalNetwork, leg: Leg) -> Code:
    """What the money of a leg is for, as a code with its words."""
    words = network.ontology.words(f"mechanism.{leg.mechanism}")
    assert words is not None
    return Code("mechanism", leg.mechanism, words, Words("", ""))


def _weakest(network: CapitalNetwork, links: Sequence[Link]) -> Code | None:
    return confidence(network, max(links, key=lambda link: doubt(network, link)))


def _notes(more: bool, excluded: int, since: date | None) -> Iterator[Note]:
    yield note("loop.not_the_same_money")
    yield note("loop.whole_value")
    if since:
        yield note("loop.since", since=since)
    if more:
        yield note("loop.stopped", limit=LIMIT)
    if excluded:
        yield note("loop.excluded", count=excluded)
