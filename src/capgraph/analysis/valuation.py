"""What a position is worth: as reported, by its shares, or by its percent of the company; and which of them answers.

The dates decide first: the newest basis answers, and among those within 90 days of it a reported value comes before
shares times price, and that before percent times valuation. Shares times price is of the day of the price, for a
number of shares stands until a deal changes it; percent times valuation is as old as the older of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal

from capgraph.analysis.splits import split_factor, within
from capgraph.clocks import DateSpan, span_of
from capgraph.names import node_ref
from capgraph.network import CapitalNetwork, Link
from capgraph.readings import Figure
from capgraph.results import Value

Method = Literal["reported", "shares", "percent"]

SAME_TIME_DAYS = 90
"""Bases so close to the newest one are taken as of one time, so the better method answers."""
_WORTH = ("valuation", "market_cap")
"""The aspects of a party that say what all of it is worth; the newest answers."""


@dataclass(frozen=True, slots=True)
class Valuation:
    """The value of one position by one method, in one currency, with the range that its inputs leave.

    ``inputs`` are the figures behind it: the reported value; shares and price; percent and valuation.
    """

    method: Method
    worth: Value
    as_of: DateSpan
    inputs: tuple[Figure, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources behind the inputs."""
        return tuple(dict.fromkeys(source for figure in self.inputs for source in figure.sources))


def valuations(network: CapitalNetwork, link: Link) -> tuple[Valuation, ...]:
    """The value of a position by every method that the data allow, the one that answers first.

    Parameters
    ----------
    network : the network at a pair of clocks, for the figures about stake and company.
    link : the stake.

    Returns
    -------
    Reported value; shares times price, both on one split basis and the price at most 45 days old at the asked day;
    percent times valuation, unless the percent is too old to count. Empty where no method has its inputs.

    Examples
    --------
    >>> [value.method for value in valuations(network, link)]                                  # doctest: +SKIP
    ['percent', 'reported']
    """
    methods = (_reported(network, link), _by_shares(network, link), _by_percent(network, link))
    found = [value for value in methods if value]
    if not found:
        return ()
    newest = max(value.as_of for value in found).last
    chosen = next(value for value in found if newest - value.as_of.last <= timedelta(days=SAME_TIME_DAYS))
    return (chosen, *(value for value in found if value is not chosen))


def implied_percent(network: CapitalNetwork, link: Link) -> Value | None:
    """The percent that a stake's shares over all shares, or its value over that of the company, come to.

    Both figures must lie within 90 days of each other and in one currency. It is shown where no source gives a percent,
    and never counted: prices move, classes of shares differ.
    """
    figure = network.derived.figure
    issuer = node_ref(link.target)
    by_shares = figure(link.id, "shares"), figure(issuer, "share_count")
    by_value = figure(link.id, "value"), whole_of(network, issuer)
    for part, whole in (by_shares, by_value):
        if part is None or whole is None or not part.value or not whole.value or part.unit != whole.unit:
            continue
        apart = abs(part.as_of.last - whole.as_of.last) <= timedelta(days=SAME_TIME_DAYS)
        if apart and split_factor(network.derived, issuer, part.as_of, whole.as_of) == 1:
            percent = (part.value / whole.value * 100).quantize(Decimal("0.01"))
            return Value(percent, "percent", readings=(*part.readings, *whole.readings))
    return None


def in_usd(network: CapitalNetwork, value: Valuation) -> Decimal | None:
    """The value of a position in dollars, None where no rate serves it.

    A reported value takes its source's own dollar figure, every other the rate of its date.
    """
    if value.method == "reported":
        return network.derived.usd(value.inputs[0])
    if value.worth.value is None:
        return None
    return network.derived.converter.usd(value.worth.value, value.worth.unit, value.inputs[1].as_of)


# Methods --------------------------------------------------------------------------------------------------------------


def _reported(network: CapitalNetwork, link: Link) -> Valuation | None:
    figure = network.derived.figure(link.id, "value")
    if figure is None:
        return None
    worth = Value(figure.value, figure.unit, figure.low, figure.high, figure.readings)
    return Valuation("reported", worth, figure.as_of, (figure,))


def _by_shares(network: CapitalNetwork, link: Link) -> Valuation | None:
    issuer = node_ref(link.target)
    shares, price = network.derived.figure(link.id, "shares"), network.derived.figure(issuer, "share_price")
    if shares is None or price is None:
        return None
    if not within(price.as_of, network.scope.clocks.as_of):
        return None
    factor = split_factor(network.derived, issuer, shares.as_of, _price_basis(price))
    return None if factor is None else _product("shares", shares, price, factor, price.as_of)


def _by_percent(network: CapitalNetwork, link: Link) -> Valuation | None:
    percent, whole = link.percent, whole_of(network, node_ref(link.target))
    if percent is None or percent.expired or whole is None:
        return None
    return _product("percent", percent, whole, Fraction(1, 100), min(percent.as_of, whole.as_of))


def whole_of(network: CapitalNetwork, issuer: str) -> Figure | None:
    """What all of a company is worth, by the newest figure."""
    found = [figure for aspect in _WORTH if (figure := network.derived.figure(issuer, aspect))]
    return max(found, key=lambda figure: figure.as_of, default=None)


def _product(method: Method, part: Figure, price: Figure, factor: Fraction, as_of: DateSpan) -> Valuation:
    ends = ((part.value, price.value), (part.low, price.low), (part.high, price.high))
    value, low, high = (_times(*pair, factor) for pair in ends)
    readings = tuple(dict.fromkeys((*part.readings, *price.readings)))
    return Valuation(method, Value(value, price.unit, low, high, readings), as_of, (part, price))


def _times(one: Decimal | None, other: Decimal | None, factor: Fraction) -> Decimal | None:
    """A product to the cent, None where a factor is unknown."""
    if one is None or other is None:
        return None
    with localcontext(prec=40):
        exact = one * other * factor.numerator / factor.denominator
        return exact.quantize(Decimal("0.01")).normalize() + Decimal(0)


def _price_basis(price: Figure) -> DateSpan:
    """Up to when a price is adjusted for splits: its own day, or a later day that its basis names."""
    adjusted = span_of(price.basis.partition("split:")[2])
    return price.as_of if adjusted is None else max(adjusted, price.as_of)
