"""The ways to reckon what sold shares would be worth later, each a product of inputs of which sources have versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from capgraph.analysis.positions import Leg, Position, Version, versions
from capgraph.analysis.splits import PRICE_DAYS, Price, prices, split_factor
from capgraph.analysis.valuation import SAME_TIME_DAYS
from capgraph.clocks import DateSpan
from capgraph.derive import Derived
from capgraph.network import CapitalNetwork
from capgraph.readings import Figure
from capgraph.results import Value
from capgraph.sources import Reading

_CENT = Decimal("0.01")
_WHOLE = ("market_cap", "valuation")


@dataclass(frozen=True, slots=True)
class Term:
    """One input of a product: its versions, the one that answers first, and the power with which it enters."""

    name: str
    versions: tuple[Version, ...]
    power: int = 1


@dataclass(frozen=True, slots=True)
class Route:
    r"""A product of inputs.

    .. math:: worth = c \prod_i x_i^{k_i}

    ``factor`` is :math:`c`, the splits and the percent sign; ``days`` are the dates that its words name.
    """

    name: str
    terms: tuple[Term, ...]
    factor: Fraction = Fraction(1)
    days: Mapping[str, DateSpan] = field(default_factory=dict)

    def worth(self, changed: str = "", number: Decimal | None = None) -> Decimal:
        """The product to the cent, with one input changed."""
        product = self.factor
        for term in self.terms:
            value = number if term.name == changed and number is not None else term.versions[0].number
            product *= Fraction(value or 0) ** term.power
        with localcontext(prec=50):
            return (Decimal(product.numerator) / Decimal(product.denominator)).quantize(_CENT).normalize() + Decimal(0)


def routes(network: CapitalNetwork, position: Position, leg: Leg) -> Iterator[Route]:
    """Every way that the data allow to reckon what the shares of a sale would be worth on the asked day.

    ``shares``: the shares sold, times the price. ``percent_then``: the percent sold of all shares of the day.
    ``proceeds``: the proceeds over the price of the day give the shares. ``percent_now``: the percent sold of what the
    company is worth now. The first three bring shares and prices onto one split basis; a way whose dates are too vague
    for that is left out.
    """
    derived, issuer = network.derived, f"party/{position.issuer}"
    until = DateSpan.of(network.scope.clocks.as_of)
    now = prices(derived, issuer, until)
    if leg.when is None:
        return
    percents = _usable(versions(derived, leg.id, "percent"))
    if now:
        yield from _by_shares(derived, issuer, leg, now)
        yield from _by_count(derived, issuer, leg, percents, now)
        yield from _by_proceeds(derived, issuer, leg, now)
    whole = _whole(derived, issuer, until)
    if percents and whole:
        terms = Term("percent", percents), Term("whole", whole)
        yield Route("percent_now", terms, Fraction(1, 100), {"day": whole[0].as_of or until})


def _usable(found: Iterable[Version]) -> tuple[Version, ...]:
    return tuple(version for version in found if version.number is not None)


def _by_shares(derived: Derived, issuer: str, leg: Leg, now: Sequence[Price]) -> Iterator[Route]:
    shares, price = _usable(leg.shares), _prices(derived, now)
    factor = split_factor(derived, issuer, leg.when, now[0].basis) if leg.when else None
    if shares and price and factor is not None:
        yield Route("shares", (Term("shares", shares), Term("price", price)), factor, {"day": now[0].as_of})


def _by_count(
    derived: Derived, issuer: str, leg: Leg, percents: tuple[Version, ...], now: Sequence[Price]
) -> Iterator[Route]:
    count, price = _count_near(derived, issuer, leg), _prices(derived, now)
    if count is None or not percents or not price:
        return
    factor = split_factor(derived, issuer, count.as_of or now[0].basis, now[0].basis)
    if factor is not None:
        terms = Term("percent", percents), Term("share_count", (count,)), Term("price", price)
        yield Route("percent_then", terms, factor / 100, {"day": now[0].as_of, "then": count.as_of or now[0].as_of})


def _count_near(derived: Derived, issuer: str, leg: Leg) -> Version | None:
    """All shares of the company at most 45 days before the sale."""
    for version in _usable(versions(derived, issuer, "share_count")):
        if version.as_of and leg.when and _near(version.as_of, leg.when, PRICE_DAYS):
            return version
    return None


def _near(as_of: DateSpan, day: DateSpan, days: int) -> bool:
    return as_of.last <= day.last and day.first - as_of.last <= timedelta(days=days)


def _by_proceeds(derived: Derived, issuer: str, leg: Leg, now: Sequence[Price]) -> Iterator[Route]:
    then = prices(derived, issuer, leg.when) if leg.when else ()
    on_basis = [price for price in then if price.basis == then[0].basis]
    paid, before, price = _usable(leg.amounts), _prices(derived, on_basis), _prices(derived, now)
    factor = split_factor(derived, issuer, then[0].basis, now[0].basis) if then else None
    if paid and before and price and factor is not None:
        terms = Term("proceeds", paid), Term("price_then", before, -1), Term("price", price)
        yield Route("proceeds", terms, factor, {"day": now[0].as_of, "then": on_basis[0].as_of})


def _prices(derived: Derived, found: Sequence[Price]) -> tuple[Version, ...]:
    """Prices in dollars as versions; equal ones count as one. Empty where no rate serves the one that answers."""
    kept: dict[Decimal, Version] = {}
    for price in found:
        usd = derived.converter.usd(price.value, price.currency, price.as_of)
        if usd is not None and usd not in kept:
            value = Value(price.value, price.currency, readings=(price.reading.id,))
            kept[usd] = Version(value, usd, price.reading.basis, price.as_of, price.reading.confidence, 1)
    return tuple(kept.values())


def _whole(derived: Derived, issuer: str, until: DateSpan) -> tuple[Version, ...]:
    """What all of the company is worth, at most 90 days before the asked day, in dollars: the newest figure."""
    figures = [figure for aspect in _WHOLE if (figure := derived.figure(issuer, aspect)) is not None]
    fresh = [each for each in figures if _near(each.as_of, until, SAME_TIME_DAYS) and each.value is not None]
    newest = max(fresh, key=lambda figure: figure.as_of, default=None)
    return _of_figure(derived, newest) if newest else ()


def _of_figure(derived: Derived, figure: Figure) -> tuple[Version, ...]:
    """The chosen reading and its rivals as versions."""
    found = (_of_reading(derived, reading) for reading in (figure.reading, *figure.rivals))
    return _usable(version for version in found if version is not None)


def _of_reading(derived: Derived, reading: Reading) -> Version | None:
    if reading.value is None:
        return None
    usd = reading.usd if reading.usd is not None else derived.converter.usd(reading.value, reading.unit, reading.as_of)
    value = Value(reading.value, reading.unit, readings=(reading.id,))
    return Version(value, usd, reading.basis, reading.as_of, reading.confidence, 1)
