"""What a party holds directly: each stake with its percent, what it is worth and by which method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.ownership import ends_not_public, said, stake_remarks, stake_sources
from capgraph.analysis.register import counts, instrument
from capgraph.analysis.valuation import Valuation, implied_percent, in_usd, valuations
from capgraph.clocks import DateSpan
from capgraph.money import Money, Part, add_up
from capgraph.names import Name
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.results import Context, Note, Result, Value, hidden, note, section


@dataclass(frozen=True, slots=True)
class Holding:
    """One stake of the party. ``worth`` is its value by the method that answers (``worth_by``), as of ``worth_of``; the
    remarks give the values by other methods and the ``cost``, what was paid for it where a source says so."""

    issuer: Name
    instruments: tuple[Code, ...]
    percent: Value | None
    percent_of: DateSpan | str
    confidence: str
    shares: Value | None
    worth: Value | None
    worth_by: Note | str
    remarks: tuple[Note, ...]
    cost: Value | None = hidden(None)
    worth_of: DateSpan | None = hidden(None)
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Unstarted:
    """A stake whose start is not known to lie before the asked day."""

    issuer: Name
    instruments: tuple[Code, ...]
    first_shown: DateSpan | None
    stakes: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings(Result):
    """What a party holds. ``worth_total`` adds the values of shares, one a currency without a rate."""

    holder: Name = hidden(None)
    worth_total: tuple[Value, ...] | None
    holdings: tuple[Holding, ...] = section(Holding)
    rights: tuple[Holding, ...] = section(Holding)
    unstarted: tuple[Unstarted, ...] = section(Unstarted)


def holdings(network: CapitalNetwork, holder: str, context: Context) -> Holdings:
    """The direct stakes of a party, largest first, with what they are worth.

    The value of a stake is the newest of: the value that a source reports; its shares times a price at most 45 days
    old, on one split basis; its percent times the company's valuation. Among those within 90 days of the newest the
    first of the list answers. A product is dated by the older of its inputs.

    Parameters
    ----------
    network : all links at a pair of clocks. With ``scope.group`` the party's house is merged: the stakes of its
        subsidiaries and vehicles are its own, stakes inside the house and those contained in another are left out.
    holder : node id of the party.
    context : printed with the answer.

    Returns
    -------
    Holdings. Stakes that had ended although that was not public are in it, with a note; stakes whose start is not known
    to lie before the day are listed apart, outside the total.

    Examples
    --------
    >>> found = holdings(network, "softbank-group", context)                                   # doctest: +SKIP
    >>> [(row.issuer.id, row.worth.value) for row in found.holdings][:1]                       # doctest: +SKIP
    [('arm', Decimal('246200639935.20'))]
    """
    whole = network
    if network.scope.group:
        network = network.grouped(holder)
    links = [link for link in network.links_from(holder) if instrument(network, link) is not None]
    ranked = sorted((_Position(network, link) for link in links), key=_Position.rank)
    total = add_up(network.scope.rung, _parts(network, ranked))
    return Holdings(
        holder=network.node(holder).name,
        worth_total=tuple(Value(amount, currency) for currency, amount in total.firm.items()) or None,
        holdings=tuple(place.row() for place in ranked if counts(network, place.link)),
        rights=tuple(place.row() for place in ranked if not counts(network, place.link)),
        unstarted=tuple(_unstarted(whole, holder)),
        context=context,
        notes=tuple(_notes(network, holder, ranked, total.with_amount, total.counted)),
    )


class _Position:
    """One stake with its valuations."""

    def __init__(self, network: CapitalNetwork, link: Link) -> None:
        self.network = network
        self.link = link
        self.values = valuations(network, link)

    def rank(self) -> tuple[Decimal, Decimal, str]:
        """Largest values first, then largest percents."""
        usd = self.usd()
        percent = self.link.percent.value if self.link.percent else None
        return -(usd or Decimal(0)), -(percent or Decimal(0)), self.link.id

    def usd(self) -> Decimal | None:
        """The value that answers in dollars, None where it is unknown or no rate serves it."""
        if not self.values or self.values[0].worth.value is None:
            return None
        return in_usd(self.network, self.values[0])

    def row(self) -> Holding:
        link, figure, chosen = self.link, self.network.derived.figure, self.values[0] if self.values else None
        shares, cost, code = figure(link.id, "shares"), figure(link.id, "cost"), instrument(self.network, link)
        used = [each for each in (link.percent, shares, cost) if each is not None]
        readings = [id for each in used for id in each.readings]
        readings += [id for value in self.values for id in value.worth.readings]
        sources = [source for each in used for source in each.sources]
        sources += [source for value in self.values for source in value.sources]
        return Holding(
            issuer=self.network.node(link.target).name,
            instruments=(code,) if code else (),
            percent=said(link.percent) if link.percent else None,
            percent_of=link.percent.as_of if link.percent else "",
            confidence=link.percent.confidence if link.percent else "",
            shares=said(shares) if shares else None,
            worth=chosen.worth if chosen else None,
            worth_by=_method(chosen) if chosen else "",
            worth_of=chosen.as_of if chosen else None,
            cost=said(cost) if cost else None,
            remarks=tuple(self._remarks()),
            stakes=(link.id,),
            readings=tuple(dict.fromkeys(readings)),
            sources=tuple(dict.fromkeys((*sources, *stake_sources(link)))),
        )

    def _remarks(self) -> Iterator[Note]:
        link, network = self.link, self.network
        container = network.container(link)
        if container is not None:
            yield note("ownership.part_of", holder=network.node(container.source).name)
        parts = network.parts(link)
        if parts:
            yield note("holdings.contains", holders=tuple(network.node(each.source).name for each in parts))
        if link.percent is None:
            implied = implied_percent(network, link)
            if implied is not None:
                yield note("ownership.implied", percent=implied)
        elif link.percent.expired:
            yield note("figure.expired")
        elif link.percent.stale:
            yield note("figure.stale")
        if link.percent is not None and link.percent.disputed:
            yield note("figure.disputed", count=link.percent.disputed)
        yield from stake_remarks(network, link)
        cost = network.derived.figure(link.id, "cost")
        if cost is not None:
            yield note("ownership.cost", cost=said(cost))
        yield from (_otherwise(value) for value in self.values[1:])


def _method(value: Valuation) -> Note:
    """How a value was found, with the dates of its inputs."""
    first, *others = (figure.as_of for figure in value.inputs)
    return note(f"holdings.by.{value.method}", first=first, **({"second": others[0]} if others else {}))


def _otherwise(value: Valuation) -> Note:
    return note("holdings.otherwise", method=_method(value), worth=value.worth)


def _parts(network: CapitalNetwork, ranked: Sequence[_Position]) -> Iterator[Part]:
    """What each stake brings to the total: shares only, and none beside the stake that contains it."""
    ids = {place.link.id for place in ranked}
    for place in ranked:
        if not counts(network, place.link) or place.link.container in ids:
            continue
        usd, worth = place.usd(), place.values[0].worth if place.values else None
        if usd is not None:
            yield Part(place.link.id, Money(usd, "USD"))
        elif worth is not None and worth.value is not None:
            yield Part(place.link.id, Money(worth.value, worth.unit))
        else:
            yield Part(place.link.id)


def _unstarted(network: CapitalNetwork, holder: str) -> Iterator[Unstarted]:
    house = network.house(holder) if network.scope.group else {holder}
    found = {link.id: link for member in house for link in network.unstarted_from(member)}
    for link in (found[id] for id in sorted(found)):
        code = instrument(network, link)
        if code is not None:
            yield Unstarted(network.node(link.target).name, (code,), link.start, (link.id,), stake_sources(link))


def _notes(
    network: CapitalNetwork, holder: str, ranked: Sequence[_Position], with_value: int, counted: int
) -> Iterator[Note]:
    if not ranked:
        yield note("holdings.none", holder=network.node(holder).name)
    if counted:
        yield note("holdings.coverage", with_value=with_value, counted=counted)
    yield from ends_not_public(network, (place.link for place in ranked))
