"""How much the portfolios of two investors have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.channels import Exposure, exposures, inside_another
from capgraph.analysis.concentration import overlap as compare
from capgraph.analysis.register import instrument
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Result, Value, hidden, note, section


@dataclass(frozen=True, slots=True)
class CommonHolding:
    """A company that both hold, with the value of each stake."""

    issuer: Name
    one_worth: Value | None
    other_worth: Value | None
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioOverlap(Result):
    """How much the stakes of two parties have in common. The first two measures need dollar values of both."""

    one: Name = hidden(None)
    other: Name = hidden(None)
    one_holds: int
    other_holds: int
    common_weight: Decimal | None
    cosine: Decimal | None
    jaccard: Decimal | None
    common: tuple[CommonHolding, ...] = section(CommonHolding)


def portfolio_overlap(network: CapitalNetwork, one: str, other: str, context: Context) -> PortfolioOverlap:
    """The companies that two parties both hold, and how alike their portfolios are by dollar value.

    See :func:`capgraph.analysis.concentration.overlap` for the formulas. Stakes without a value in dollars count as
    held and have no weight.
    """
    held = {party: _portfolio(network, party) for party in (one, other)}
    weights = {party: {issuer: _dollars(each) for issuer, each in held[party].items()} for party in held}
    shared = compare(weights[one], weights[other])
    measures = (shared.weight, shared.cosine, shared.jaccard)
    rounded = [None if part is None else part.quantize(Decimal("0.0001")) for part in measures]
    missing = sum(amount is None for party in weights.values() for amount in party.values())
    return PortfolioOverlap(
        one=network.node(one).name,
        other=network.node(other).name,
        one_holds=len(held[one]),
        other_holds=len(held[other]),
        common_weight=rounded[0],
        cosine=rounded[1],
        jaccard=rounded[2],
        common=tuple(_common(network, issuer, held[one][issuer], held[other][issuer]) for issuer in shared.common),
        context=context,
        notes=(note("exposure.without_value", count=missing),) if missing else (),
    )


def _portfolio(network: CapitalNetwork, party: str) -> dict[str, list[Exposure]]:
    held: dict[str, list[Exposure]] = {}
    for each in exposures(network, network.links_from(party)):
        if each.exposed == party and instrument(network, each.link) is not None and not each.link.kind.flow:
            held.setdefault(each.to, []).append(each)
    return held


def _dollars(stakes: Sequence[Exposure]) -> Decimal | None:
    known = [each.usd for each in stakes if each.usd is not None and not inside_another(each, stakes)]
    return sum(known, Decimal()) if known else None


def _common(network: CapitalNetwork, issuer: str, one: list[Exposure], other: list[Exposure]) -> CommonHolding:
    both = (*one, *other)
    mine, theirs = _dollars(one), _dollars(other)
    return CommonHolding(
        network.node(issuer).name,
        None if mine is None else Value(mine, "USD"),
        None if theirs is None else Value(theirs, "USD"),
        stakes=tuple(each.link.id for each in both),
        readings=tuple(dict.fromkeys(id for each in both for id in each.readings)),
        sources=tuple(dict.fromkeys(source for each in both for source in each.sources)),
    )
