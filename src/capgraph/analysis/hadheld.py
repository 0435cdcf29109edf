"""What a sold position would be worth, had it been kept, less what the money earned elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from capgraph.analysis.keeping import Route, Term, routes
from capgraph.analysis.positions import Leg, Position, Version, holders_of, positions
from capgraph.analysis.reckoning import base_case, reckon, worths_of
from capgraph.analysis.splits import PRICE_DAYS, prices
from capgraph.clocks import DateSpan
from capgraph.facts import Row
from capgraph.names import Name
from capgraph.network import CapitalNetwork, container_of
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_USD = "USD"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Exit:
    """One sale, and what the sold shares would be worth on the asked day."""

    holder: Name
    sold: DateSpan | None
    proceeds: Value
    worth_kept: Value
    by: Words | None
    missed: Value
    elsewhere: Value
    net: Value
    tranche: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reckon what the shares would be worth, with its inputs in words."""

    holder: Name
    sold: DateSpan | None
    by: Words
    inputs: Note
    worth_kept: Value
    missed: Value
    tranche: str = hidden("")
    readings: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class OtherInput:
    """The answer if one input of the way that answers is as another source has it."""

    holder: Name
    sold: DateSpan | None
    input: Words
    says: Value
    origins: int
    worth_kept: Value
    missed: Value
    tranche: str = hidden("")
    readings: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Use:
    """What the proceeds went into, and what each dollar put there has become."""

    holder: Name
    sold: DateSpan | None
    into: Name
    basis: Code
    moic: Value
    earned: Value
    tranche: str = hidden("")
    funding: str = hidden("")


@dataclass(frozen=True, slots=True)
class HadHeld(Result):
    """Every sale of a position, compared with keeping it."""

    holder: Name
    issuer: Name
    until: DateSpan
    price: Value
    missed_total: Value
    exits: tuple[Exit, ...] = section(Exit)
    ways: tuple[Way, ...] = section(Way)
    sensitivity: tuple[OtherInput, ...] = hidden()
    uses: tuple[Use, ...] = hidden()


def had_held(network: CapitalNetwork, holder: str, issuer: str, context: Context) -> HadHeld:
    r"""What a holder would have, had it kept the shares of a company that it sold.

    .. math:: worth = N \cdot f \cdot p_{until}, \qquad missed = worth - proceeds, \qquad
              net = missed - proceeds \cdot (m - 1)

    with :math:`N` shares sold, :math:`f` the splits since, :math:`p` the price on the asked day, and :math:`m` what
    each dollar put into the use of the proceeds has become (the multiple of that position).

    Parameters
    ----------
    network : the network at the day until which the position would have been kept (its ``as_of``). With ``group`` in
        its scope the sales of the holder's subsidiaries and vehicles count too.
    holder, issuer : node ids.
    context : what the answer says about how it was asked.

    Returns
    -------
    HadHeld, amounts in US dollars. The shares are those that a source counts; else the percent sold of all shares of
    the day; else the proceeds over the price of the day. The first of these ways answers, and ``ways`` shows all,
    beside them the percent sold of what the company is worth now, which holds only if it issued and bought back no
    shares. The price is at most 45 days old. Low and high change one input at a time. ``elsewhere`` is known where the
    data say what the sale paid for, and that is worth something known; of several uses it gives the range.
    A position that was never sold misses nothing.

    Notes
    -----
    Dividends and taxes are left out on both sides, and the gain elsewhere is that of the whole position there, of which
    the proceeds paid a part.

    Examples
    --------
    >>> had_held(network, "softbank-group", "nvidia", context).exits[0].missed.value             # doctest: +SKIP
    Decimal('373600000')
    """
    found = positions(network, holders_of(network, holder), issuer)
    kept = [_Kept(network, position, leg) for position in found for leg in position.sells]
    asked = prices(network.derived, f"party/{issuer}", DateSpan.of(network.scope.clocks.as_of))
    price = Value(asked[0].value, asked[0].currency, readings=(asked[0].reading.id,)) if asked else Value(None, _USD)
    return HadHeld(
        holder=network.node(holder).name,
        issuer=network.node(issuer).name,
        until=DateSpan.of(network.scope.clocks.as_of),
        price=price,
        missed_total=Value(_sum([each.missed for each in kept]) if found else None, _USD),
        exits=tuple(each.row() for each in kept),
        ways=tuple(row for each in kept for row in each.ways()),
        sensitivity=tuple(row for each in kept for row in each.others()),
        uses=tuple(row for each in kept for row in each.uses),
        context=context,
        notes=tuple(_notes(network, holder, issuer, found, kept)),
    )


def _sum(numbers: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in numbers else sum((number for number in numbers if number is not None), Decimal())


def _notes(
    network: CapitalNetwork, holder: str, issuer: str, found: Sequence[Position], kept: Sequence[_Kept]
) -> Iterator[Note]:
    names = {"holder": network.node(holder).name, "issuer": network.node(issuer).name}
    day = network.scope.clocks.as_of
    if not found:
        yield note("returns.no_position", **names)
    elif not kept:
        yield note("hadheld.not_sold", **names, day=day)
    promised = sum(not leg.buys for position in found for leg in position.promised)
    if promised:
        yield note("hadheld.promised", **names, count=promised)
    if not network.scope.group:
        others = network.house(holder) - {holder}
        sellers = {each.holder for each in positions(network, others, issuer) if each.sells}
        if sellers:
            yield note("hadheld.house", **names, others=tuple(network.node(id).name for id in sorted(sellers)))
    if kept and not prices(network.derived, f"party/{issuer}", DateSpan.of(day)):
        yield note("hadheld.no_price", **names, day=day, days=PRICE_DAYS)
    if kept:
        yield note("hadheld.method")
    if any(each.elsewhere.value is None and each.elsewhere.low is None for each in kept):
        yield note("hadheld.no_use")


@dataclass(frozen=True)
class _Kept:
    """One sale and every way to reckon what it would be worth, had it not been made."""

    network: CapitalNetwork
    position: Position
    leg: Leg

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        return tuple(routes(self.network, self.position, self.leg))

    @property
    def proceeds(self) -> Decimal | None:
        return self.leg.amount

    @property
    def worth(self) -> Decimal | None:
        return self.routes[0].worth() if self.routes else None

    @property
    def missed(self) -> Decimal | None:
        return self._less(self.worth, self.proceeds)

    @staticmethod
    def _less(worth: Decimal | None, proceeds: Decimal | None) -> Decimal | None:
        return None if worth is None or proceeds is None else worth - proceeds

    @property
    def holder(self) -> Name:
        return self.network.node(self.position.holder).name

    @cached_property
    def changed(self) -> tuple[tuple[Term, Version, Decimal, Decimal | None], ...]:
        """Each other version of each input of the way that answers, with what would be worth and missed by it."""
        if not self.routes:
            return ()
        route, found = self.routes[0], []
        terms = list(route.terms)
        if "proceeds" not in {term.name for term in terms} and self.leg.amounts:
            terms.append(Term("proceeds", self.leg.amounts, 0))
        for term in terms:
            for version in term.versions[1:]:
                if version.number is not None and version.number != term.versions[0].number:
                    worth = route.worth(term.name, version.number)
                    proceeds = version.number if term.name == "proceeds" else self.proceeds
                    found.append((term, version, worth, self._less(worth, proceeds)))
        return tuple(found)

    def _range(self, point: Decimal | None, others: Sequence[Decimal | None]) -> Value:
        known = [number for number in (point, *others) if number is not None]
        return Value(point, _USD, min(known), max(known)) if point is not None else Value(None, _USD)

    def row(self) -> Exit:
        versions = [version for version in self.leg.amounts if version.number is not None and version.answers]
        counted = [entry for entry in self.changed if entry[1].answers]
        missed = self._range(self.missed, [entry[3] for entry in counted])
        readings = [
            version.readings for term in (self.routes[0].terms if self.routes else ()) for version in term.versions
        ]
        return Exit(
            holder=self.holder,
            sold=self.leg.when,
            proceeds=self._range(self.proceeds, [version.number for version in versions]),
            worth_kept=self._range(self.worth, [entry[2] for entry in counted]),
            by=_words(self.network, f"hadheld.by.{self.routes[0].name}") if self.routes else None,
            missed=missed,
            elsewhere=self.elsewhere,
            net=self._net(),
            tranche=self.leg.id,
            readings=tuple(dict.fromkeys(id for group in readings for id in group)),
            sources=self.leg.sources,
        )

    def ways(self) -> Iterator[Way]:
        for route in self.routes:
            worth = route.worth()
            values = {term.name: term.versions[0].value for term in route.terms}
            yield Way(
                holder=self.holder,
                sold=self.leg.when,
                by=_words(self.network, f"hadheld.by.{route.name}"),
                inputs=note(f"hadheld.inputs.{route.name}", **values, **route.days),
                worth_kept=Value(worth, _USD),
                missed=Value(self._less(worth, self.proceeds), _USD),
                tranche=self.leg.id,
                readings=tuple(id for term in route.terms for id in term.versions[0].readings),
            )

    def others(self) -> Iterator[OtherInput]:
        for term, version, worth, missed in self.changed:
            yield OtherInput(
                holder=self.holder,
                sold=self.leg.when,
                input=_words(self.network, f"hadheld.input.{term.name}"),
                says=version.value,
                origins=version.origins,
                worth_kept=Value(worth, _USD),
                missed=Value(missed, _USD),
                tranche=self.leg.id,
                readings=version.readings,
            )

    # Elsewhere -------------------------------------------------------------------------------------------------------

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """What the data say that the sale paid for, each use once."""
        found: dict[str, Use] = {}
        for row in self.network.facts.mentions(self.leg.id):
            if row.table == "funding" and row["origin"] == self.leg.id and self.network.derived.is_known(row.ref):
                use = self._use(row)
                if use is not None:
                    found.setdefault(use.into.id, use)
        return tuple(found.values())

    def _use(self, funding: Row) -> Use | None:
        bought = bought_by(self.network, funding["use"])
        if bought is None:
            return None
        case = base_case(bought, tuple(worths_of(self.network, bought)), self.network.scope.clocks.as_of)
        moic = reckon(case).moic
        earned = None if moic is None or self.proceeds is None else (self.proceeds * (moic - 1)).quantize(_CENT)
        return Use(
            holder=self.holder,
            sold=self.leg.when,
            into=self.network.node(bought.issuer).name,
            basis=self.network.ontology.code("funding-basis", funding["basis"]),
            moic=Value(moic, ""),
            earned=Value(earned, _USD),
            tranche=self.leg.id,
            funding=funding.ref,
        )

    @property
    def elsewhere(self) -> Value:
        """What the proceeds earned where they went: of a single use its gain, of several the range."""
        earned = [use.earned.value for use in self.uses]
        known = [number for number in earned if number is not None]
        if not known or len(known) < len(earned):
            return Value(None, _USD)
        return Value(known[0] if len(known) == 1 else None, _USD, min(known), max(known))

    def _net(self) -> Value:
        other = self.elsewhere
        if self.missed is None or other.low is None or other.high is None:
            return Value(None, _USD)
        point = None if other.value is None else self.missed - other.value
        return Value(point, _USD, self.missed - other.high, self.missed - other.low)


def bought_by(network: CapitalNetwork, use: str) -> Position | None:
    """The position that a use of money (a tranche or a deal) bought, None where it bought none."""
    row = network.facts.get(use)
    if row is None:
        return None
    inside = [part for part in network.facts.mentions(use) if part.table == "tranches" and container_of(part) == use]
    legs = [leg for leg in (row, *inside, *_legs_of(network, use)) if leg.table == "tranches" and leg["stake"]]
    for stake in (network.facts.get(f"stake/{leg['stake']}") for leg in legs):
        if stake is not None:
            house = {stake["holder"], *(_holders_above(network, stake))}
            for position in positions(network, house, stake["issuer"]):
                if stake.ref in (position.id, *position.parts):
                    return position
    return None


def _legs_of(network: CapitalNetwork, deal: str) -> list[Row]:
    rows = network.facts.mentions(deal) if deal.startswith("deal/") else ()
    return [row for row in rows if row.table == "tranches" and f"deal/{row['deal']}" == deal]


def _holders_above(network: CapitalNetwork, stake: Row) -> Iterator[str]:
    """The holders of the stakes of the same house that contain a stake."""
    above = network.facts.get(container_of(stake)) if container_of(stake) else None
    if (
        above is not None
        and above["holder"] in network.house(above["holder"])
        and stake["holder"] in network.house(above["holder"])
    ):
        yield above["holder"]


def _words(network: CapitalNetwork, key: str) -> Words:
    words = network.ontology.words(key)
    assert words is not None, key
    return words
