"""What a party made on a company: cost, proceeds, gain, multiple, yearly rate, and how much hangs on each input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.cashflows import average_cost, fifo
from capgraph.analysis.positions import Leg, Position, Version, holders_of, positions, versions
from capgraph.analysis.reckoning import Change, Outcome, Worth, base_case, changes, reckon, worths_of
from capgraph.analysis.sharecounts import Gap, trades_of, unrecorded
from capgraph.clocks import DateSpan
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_USD = "USD"


@dataclass(frozen=True, slots=True)
class PositionReturn:
    """The return of one position, each figure with the range that other versions of one input give."""

    holder: Name
    instrument: Code
    bought: DateSpan | Note | None
    sold: DateSpan | Words | None
    held: Value
    cost: Value
    proceeds: Value
    worth: Value
    gain: Value
    moic: Value
    rate: Value
    stake: str = hidden("")
    readings: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A tranche that changed the position."""

    when: DateSpan | None
    holder: Name
    effect: Code
    shares: Value
    amount: Value
    counterparty: Name | Words
    status: Code
    tranche: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The return if one input is as another version has it and all others stay."""

    holder: Name
    input: Words
    says: Value | DateSpan
    basis: str
    as_of: DateSpan | str
    origins: int | str
    gain: Value
    moic: Value
    rate: Value
    stake: str = hidden("")
    readings: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Realised:
    """The gain of the shares sold so far, by lot and at average cost."""

    holder: Name
    method: Words
    shares: Value
    gain: Value
    stake: str = hidden("")


@dataclass(frozen=True, slots=True)
class Stated:
    """What sources themselves say that the position gained."""

    holder: Name
    gain: Value
    basis: str
    as_of: DateSpan | None
    confidence: str
    origins: int
    stake: str = hidden("")
    readings: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Returns(Result):
    """The returns of a holder, or of its whole house, on one company."""

    holder: Name
    issuer: Name
    gain_total: Value
    positions: tuple[PositionReturn, ...] = section(PositionReturn)
    trades: tuple[TradeRow, ...] = section(TradeRow)
    sensitivity: tuple[Sensitivity, ...] = section(Sensitivity)
    realised: tuple[Realised, ...] = hidden()
    stated: tuple[Stated, ...] = hidden()


def returns(network: CapitalNetwork, holder: str, issuer: str, context: Context) -> Returns:
    r"""What a holder made on a company, position by position.

    A position is one stake with the tranches that opened, increased, reduced or closed it.

    .. math:: gain = proceeds + worth - cost \qquad MOIC = \frac{proceeds + worth}{cost} \qquad
              \sum_k a_k (1 + XIRR)^{-(d_k - d_0)/365} = 0

    Parameters
    ----------
    network : the network at a pair of clocks. With ``group`` in its scope the stakes of the holder's subsidiaries and
        vehicles are among the positions, and what they sell to each other is left out. Its rung says from where up
        promised purchases and sales are listed; they enter no figure.
    holder, issuer : node ids.
    context : what the answer says about how it was asked.

    Returns
    -------
    Returns. Amounts in US dollars, ``held`` in years of 365 days, ``rate`` in percent a year. ``worth`` is what is held
    on the asked day, valued as everywhere (reported value, shares times price, percent of the whole company). Points
    take the version of each input that answers and the first day of an inexact date; low and high are the extremes over
    all results with *one* input changed, which ``sensitivity`` lists. They are no bounds for several changes at once.
    A figure is unknown where an input is; the rate also where payments never change sign (there is none) or where there
    are several, which a note lists.

    Notes
    -----
    Dividends, fees, taxes and interest on money borrowed for the purchase are not in it.

    Examples
    --------
    >>> returns(network, "softbank-group", "nvidia", context).positions[0].moic.value           # doctest: +SKIP
    Decimal('1.943')

    References
    ----------
    .. [1] CFA Institute, Global Investment Performance Standards, 2020, on multiples and since-inception rates.
    """
    found = positions(network, holders_of(network, holder), issuer)
    reckoned = [_Reckoned.of(network, position) for position in found]
    gains = [each.outcome.gain for each in reckoned]
    total = None if not gains or None in gains else sum((gain for gain in gains if gain is not None), Decimal())
    return Returns(
        holder=network.node(holder).name,
        issuer=network.node(issuer).name,
        gain_total=Value(total, _USD),
        positions=tuple(each.row() for each in reckoned),
        trades=tuple(row for each in reckoned for row in each.trades()),
        sensitivity=tuple(each.sensitive(*pair) for each in reckoned for pair in each.changed if pair[1].known),
        realised=tuple(row for each in reckoned for row in each.realised()),
        stated=tuple(row for each in reckoned for row in each.stated()),
        context=context,
        notes=(*_of_house(network, holder, issuer, found), *(entry for each in reckoned for entry in each.notes())),
    )


def _of_house(network: CapitalNetwork, holder: str, issuer: str, found: Sequence[Position]) -> Iterator[Note]:
    """That nothing was found, and who else of the house holds or held the company."""
    names = {"holder": network.node(holder).name, "issuer": network.node(issuer).name}
    if not found:
        yield note("returns.no_position", **names)
    if not network.scope.group:
        others = network.house(holder) - {holder}
        more = dict.fromkeys(position.holder for position in positions(network, others, issuer))
        within = {part for position in found for part in position.parts}
        more = {id: None for id in more if not any(_holder(network, part) == id for part in within)}
        if more:
            yield note("returns.house", **names, others=tuple(network.node(id).name for id in sorted(more)))
    if found:
        yield note("returns.one_at_a_time")


def _holder(network: CapitalNetwork, stake: str) -> str:
    row = network.facts.get(stake)
    return row["holder"] if row is not None else ""


@dataclass(frozen=True)
class _Reckoned:
    """A position with its outcome and the outcomes with one input changed."""

    network: CapitalNetwork
    position: Position
    outcome: Outcome
    changed: tuple[tuple[Change, Outcome], ...]
    worths: tuple[Worth, ...]

    @classmethod
    def of(cls, network: CapitalNetwork, position: Position) -> _Reckoned:
        worths = tuple(worths_of(network, position))
        base = base_case(position, worths, network.scope.clocks.as_of)
        changed = tuple((change, reckon(change.case)) for change in changes(position, worths, base))
        return cls(network, position, reckon(base), changed, worths)

    @property
    def holder(self) -> Name:
        return self.network.node(self.position.holder).name

    def _range(self, name: str, unit: str, readings: tuple[str, ...] = ()) -> Value:
        """A figure of the outcome with its extremes over all versions that may answer."""
        counted = [outcome for change, outcome in self.changed if _sets_range(change)]
        numbers = [getattr(outcome, name) for outcome in (self.outcome, *counted)]
        known = [number for number in numbers if number is not None]
        if numbers[0] is None or not known:
            return Value(None, unit, readings=readings)
        return Value(numbers[0], unit, min(known), max(known), readings)

    def _paid(self, name: str, legs: Sequence[Leg], readings: tuple[str, ...]) -> Value:
        """Cost or proceeds; where a leg has no amount, the others' together are the least."""
        value = self._range(name, _USD, readings)
        least = sum((leg.amount for leg in legs if leg.amount is not None), Decimal())
        return value if value.value is not None or not least else Value(None, _USD, least, None, readings)

    def row(self) -> PositionReturn:
        position = self.position
        last = max((leg.when for leg in position.sells if leg.when), default=None)
        bought = [version for leg in position.buys for version in leg.amounts[:1]] + list(position.costs)
        sold = [version for leg in position.sells for version in leg.amounts]
        held = [worth.version for worth in self.worths]
        groups = [tuple(id for version in found for id in version.readings) for found in (bought, sold, held)]
        return PositionReturn(
            holder=self.holder,
            instrument=self.network.ontology.code("instrument", position.stake["instrument"]),
            bought=note("date.by", date=position.start) if position.seen else position.start,
            sold=(last or position.end) if position.over else _words(self.network, "returns.still_held"),
            held=self._range("years", "years"),
            cost=self._paid("cost", position.buys, groups[0]),
            proceeds=self._paid("proceeds", position.sells, groups[1]),
            worth=self._range("worth", _USD, groups[2]),
            gain=self._range("gain", _USD),
            moic=self._range("moic", ""),
            rate=self._range("rate", "percent"),
            stake=position.id,
            readings=tuple(dict.fromkeys(id for group in groups for id in group)),
        )

    def trades(self) -> Iterator[TradeRow]:
        for leg in self.position.legs:
            shares, amount = (said[0].value if said else None for said in (leg.shares, leg.amounts))
            yield TradeRow(
                when=leg.when,
                holder=self.holder,
                effect=self.network.ontology.code("effect", leg.effect),
                shares=shares or Value(None, "shares"),
                amount=amount or Value(None, _USD),
                counterparty=self._counterparty(leg),
                status=self.network.ontology.code("status", leg.status),
                tranche=leg.id,
                readings=tuple(id for said in (*leg.shares, *leg.amounts) for id in said.readings),
                sources=leg.sources,
            )

    def _counterparty(self, leg: Leg) -> Name | Words:
        return self.network.node(leg.other).name if leg.other else _words(self.network, "party.unnamed")

    def sensitive(self, change: Change, outcome: Outcome) -> Sensitivity:
        said = change.said
        version = said if isinstance(said, Version) else None
        return Sensitivity(
            holder=self.holder,
            input=_words(self.network, f"returns.input.{change.input}"),
            says=version.value if version else DateSpan.of(said),  # type: ignore[arg-type]
            basis=version.basis if version else "",
            as_of=version.as_of or "" if version else "",
            origins=version.origins if version else "",
            gain=Value(outcome.gain, _USD),
            moic=Value(outcome.moic, ""),
            rate=Value(outcome.rate, "percent"),
            stake=self.position.id,
            readings=version.readings if version else (),
        )

    def stated(self) -> Iterator[Stated]:
        for version in versions(self.network.derived, self.position.id, "gain"):
            yield Stated(
                holder=self.holder,
                gain=version.value,
                basis=version.basis,
                as_of=version.as_of,
                confidence=version.confidence,
                origins=version.origins,
                stake=self.position.id,
                readings=version.readings,
            )

    def realised(self) -> Iterator[Realised]:
        """The gain of partial sales, where every trade has a day, an amount and shares on one split basis."""
        trades = None if self.position.over else trades_of(self.network, self.position)
        if not trades or not self.position.sells:
            return
        try:
            gains = {"fifo": sum((lot.gain for lot in fifo(trades)[0]), Decimal()), "average": average_cost(trades)}
        except ValueError:
            return
        shares = sum(-trade.shares for trade in trades if trade.shares < 0)
        sold = Value((Decimal(shares.numerator) / shares.denominator).normalize(), "shares")
        for method, gain in gains.items():
            words = _words(self.network, f"returns.method.{method}")
            yield Realised(self.holder, words, sold, Value(gain, _USD), self.position.id)

    def notes(self) -> Iterator[Note]:
        position, outcome = self.position, self.outcome
        if len(outcome.rates) > 1:
            rates = tuple(Value(rate, "percent") for rate in outcome.rates)
            yield note("returns.several_rates", holder=self.holder, rates=rates)
        elif outcome.gain is not None and not outcome.rates and outcome.cost:
            why = "short" if outcome.short else "no_rate" if position.buys else "no_purchase"
            yield note(f"returns.{why}", holder=self.holder)
        if position.promised:
            yield note("returns.promised", holder=self.holder, count=len(position.promised))
        silent = [leg for leg in (*position.buys, *position.sells) if leg.amount is None]
        if silent:
            legs = len(position.buys) + len(position.sells)
            yield note("returns.silent", holder=self.holder, count=len(silent), legs=legs)
        yield from (self._gap(gap) for gap in unrecorded(self.network, position))

    def _gap(self, gap: Gap) -> Note:
        key = "returns.unrecorded_purchase" if gap.bought else "returns.unrecorded_sale"
        return note(
            key, holder=self.holder, held=gap.held, day=gap.as_of, sold=gap.sold, when=gap.when, gap=gap.missing
        )


def _words(network: CapitalNetwork, key: str) -> Words:
    words = network.ontology.words(key)
    assert words is not None, key
    return words


def _sets_range(change: Change) -> bool:
    return not isinstance(change.said, Version) or change.said.answers
