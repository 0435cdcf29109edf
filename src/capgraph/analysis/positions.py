"""What a party held in a company, rebuilt from the tranches that changed the stake, with all that sources say of it.

A position is one stake. Its trades are the closed tranches that open, increase, reduce or close it, or a stake that it
contains. Every input of a return (a price paid, a day) comes as a list of versions, so that a calculation can be
repeated with each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from capgraph.analysis.remainders import remainder
from capgraph.clocks import DateSpan
from capgraph.derive import Derived
from capgraph.facts import Row
from capgraph.lifetimes import CLOSED
from capgraph.network import CapitalNetwork, container_of
from capgraph.results import Value
from capgraph.sources import Reading

_ASSUMED = "assumed"
"""The confidence of a figure that the asker set: it stands alone."""
_BUYS = ("opens", "increases")
_SELLS = ("reduces", "closes")


@dataclass(frozen=True, slots=True)
class Version:
    """One distinct thing that sources say of one input, and how many independent ones.

    ``value`` is what they say, a bound where they give only that ("up to"); ``number`` is what is reckoned with, money
    in dollars (None where no rate serves it). ``answers``: a figure with this basis may answer; others are shown and
    reckoned with, and set no range.
    """

    value: Value
    number: Decimal | None
    basis: str
    as_of: DateSpan | None
    confidence: str
    origins: int
    answers: bool = True

    @property
    def readings(self) -> tuple[str, ...]:
        return self.value.readings

    def put(self, number: Decimal) -> Version:
        """The same version, but for another number in dollars that follows from it."""
        if number == self.number:
            return self
        return replace(self, value=Value(number, "USD", number, number, self.readings), number=number)


@dataclass(frozen=True, slots=True)
class Leg:
    """A tranche that changes a stake: the day on which it closed, the money and the shares, as far as known.

    ``amounts`` and ``shares`` hold the versions, the one that answers first. ``closed`` is false for a promise.
    """

    id: str
    buys: bool
    effect: str
    when: DateSpan | None
    other: str
    amounts: tuple[Version, ...]
    shares: tuple[Version, ...]
    status: str
    closed: bool
    sources: tuple[str, ...]

    @property
    def amount(self) -> Decimal | None:
        """The money that answers, in dollars."""
        return next((version.number for version in self.amounts if version.answers), None)


@dataclass(frozen=True, slots=True)
class Position:
    """One stake and the legs that changed it, the earliest first; legs without a day come last.

    ``start`` is the day of the first purchase, else that of the stake; ``seen``: no source gives it, the stake was
    there by then. ``costs`` are versions of the whole cost that sources give, apart from the amounts of the legs.
    ``over``: it had ended by the asked day. ``parts`` are the stakes contained in it, whose legs are its own.
    """

    stake: Row
    holder: str
    issuer: str
    start: DateSpan | None
    seen: bool
    end: DateSpan | None
    over: bool
    legs: tuple[Leg, ...]
    costs: tuple[Version, ...]
    parts: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.stake.ref

    @property
    def buys(self) -> tuple[Leg, ...]:
        """Closed purchases."""
        return tuple(leg for leg in self.legs if leg.buys and leg.closed)

    @property
    def sells(self) -> tuple[Leg, ...]:
        """Closed sales."""
        return tuple(leg for leg in self.legs if not leg.buys and leg.closed)

    @property
    def promised(self) -> tuple[Leg, ...]:
        """Legs that have not closed and stand on the asked rung or above."""
        return tuple(leg for leg in self.legs if not leg.closed)


def positions(network: CapitalNetwork, holders: Iterable[str], issuer: str) -> tuple[Position, ...]:
    """Every position that some parties have or had in a company, by start.

    Parameters
    ----------
    network : the network at a pair of clocks; its rung says which promised legs are listed.
    holders : node ids, one party or a house. Trades between two of them are left out.
    issuer : node id of the company.

    Returns
    -------
    One position a stake that was public and had begun. A stake contained in another of the same holders counts within
    it. Positions that are over are among them.
    """
    ours = frozenset(holders)
    rows = [row for row in network.facts.table("stakes") if row["holder"] in ours and row["issuer"] == issuer]
    ids = {row.ref for row in rows}
    heads = [row for row in rows if container_of(row) not in ids]
    found = [position for row in heads if (position := _position(network, row, ours)) is not None]
    return tuple(sorted(found, key=lambda each: (each.start is None, each.start or DateSpan.parse("9999"), each.id)))


def holders_of(network: CapitalNetwork, holder: str) -> frozenset[str]:
    """The party, with its subsidiaries and vehicles where the scope asks for the house."""
    return network.house(holder) if network.scope.group else frozenset((holder,))


def _position(network: CapitalNetwork, row: Row, ours: frozenset[str]) -> Position | None:
    derived = network.derived
    life = derived.life(row)
    contained = tuple(_contained(network, row.ref))
    inside = ours | {part["holder"] for ref in contained if (part := network.facts.get(ref)) is not None}
    legs = [leg for ref in (row.ref, *contained) for leg in _legs(network, ref, inside)]
    if not life.known or not (life.begun or any(leg.closed for leg in legs)):
        return None
    legs.sort(key=lambda leg: (leg.when is None, leg.when or DateSpan.parse("9999"), not leg.buys, leg.id))
    first = next((leg.when for leg in legs if leg.buys and leg.closed and leg.when), None)
    return Position(
        stake=row,
        holder=row["holder"],
        issuer=row["issuer"],
        start=first or (life.start.span if life.start else None),
        seen=first is None and life.start is not None and life.start.inferred,
        end=life.end.span if life.end and life.over else None,
        over=life.over,
        legs=tuple(legs),
        costs=versions(derived, row.ref, "cost"),
        parts=contained,
    )


def _contained(network: CapitalNetwork, stake: str) -> Iterator[str]:
    """The stakes contained in a stake, directly or through others."""
    for row in network.facts.mentions(stake):
        if row.table == "stakes" and container_of(row) == stake:
            yield row.ref
            yield from _contained(network, row.ref)


def _legs(network: CapitalNetwork, stake: str, ours: frozenset[str]) -> Iterator[Leg]:
    derived = network.derived
    for row in network.facts.mentions(stake):
        if row.table != "tranches" or f"stake/{row['stake']}" != stake or row["effect"] not in _BUYS + _SELLS:
            continue
        status, ends = derived.status(row.ref), (row["from_party"], row["to_party"])
        if status is None or status.ladder < network.ladder or not derived.is_known(row.ref):
            continue
        if ours.issuperset(ends):
            continue
        other = next((end for end in ends if end and end not in ours), "")
        yield Leg(
            id=row.ref,
            buys=row["effect"] in _BUYS,
            effect=row["effect"],
            when=status.since,
            other=other,
            amounts=versions(derived, row.ref, "amount") or _rest(derived, row),
            shares=versions(derived, row.ref, "shares"),
            status=status.code,
            closed=status.rung == CLOSED,
            sources=network.evidence(row.ref),
        )


def _rest(derived: Derived, leg: Row) -> tuple[Version, ...]:
    """The amount of a leg that has none, where it is all that its deal's headline leaves, and surely this party's."""
    rest = remainder(derived, f"deal/{leg['deal']}")
    if rest is None or rest.legs != (leg.ref,) or rest.amount.value is None:
        return ()
    buys = leg["effect"] in _BUYS
    if not (rest.paid_by({leg["from_party"]}) if buys else rest.paid_to({leg["to_party"]})):
        return ()
    return (Version(rest.amount, rest.amount.value, "", rest.as_of, rest.confidence, 1),)


# Versions -------------------------------------------------------------------------------------------------------------


def versions(derived: Derived, ref: str, aspect: str) -> tuple[Version, ...]:
    """Every distinct thing that public readings say of one aspect of a thing, whatever their date.

    A tranche has one amount and a closed position one cost, so readings of different dates speak of the same number and
    stand against each other, which the policy of readings, made for figures that change, does not see. First comes what
    the policy answers, or where that is only a bound the next that gives a number; then the other versions whose basis
    may answer, those of most independent origins first; then the rest. Empty where no basis may answer.
    """
    figure, policy = derived.figure(ref, aspect), derived.policy(aspect)
    groups: dict[tuple[object, ...], list[Reading]] = {}
    for reading in derived.qualifying(ref, aspect):
        basis = "" if policy.place(reading.basis) is not None else reading.basis
        number = _number(derived, reading)
        said = reading.value is not None, reading.low is not None, reading.high is not None
        key = (basis, number, said) if number is not None else (basis, reading.value, *reading.bounds, reading.unit)
        groups.setdefault(key, []).append(reading)
    found = [_version(derived, group) for group in groups.values()]
    chosen = figure.reading.id if figure else ""
    if figure is not None and figure.confidence == _ASSUMED:
        return tuple(version for version in found if chosen in version.readings)
    found.sort(
        key=lambda each: (not each.answers, each.value.value is None, chosen not in each.readings, -each.origins)
    )
    return tuple(found) if any(version.answers for version in found) else ()


def _version(derived: Derived, group: list[Reading]) -> Version:
    """What readings that agree say together, as the first of them puts it."""
    first = group[0]
    low, high = (first.low, first.high) if first.value is None else first.bounds
    return Version(
        value=Value(first.value, first.unit, low, high, tuple(reading.id for reading in group)),
        number=_number(derived, first),
        basis=first.basis,
        as_of=first.as_of,
        confidence=min((each.confidence for each in group), key=lambda name: _trust(derived, name)),
        origins=len({each.origin for each in group}),
        answers=derived.policy(first.aspect).place(first.basis) is not None,
    )


def _trust(derived: Derived, confidence: str) -> int:
    return int(derived.ontology.code("confidence", confidence)["order"] or 9)


def _number(derived: Derived, reading: Reading) -> Decimal | None:
    """The number that a reading is reckoned with: its value, else its lower, else its upper bound; money in dollars."""
    low, high = reading.bounds
    number = low if low is not None else high
    number = reading.value if reading.value is not None else number
    money = derived.ontology.code("aspect", reading.aspect)["unitKind"] == "money"
    return in_usd(derived, reading, number) if money and number is not None else number


def in_usd(derived: Derived, reading: Reading, amount: Decimal) -> Decimal | None:
    """An amount of a reading in dollars: the source's own, else at the rate of its day; None where neither serves."""
    if reading.usd is not None and amount in (reading.value, *reading.only_bound):
        return reading.usd
    return derived.converter.usd(amount, reading.unit, reading.as_of)
