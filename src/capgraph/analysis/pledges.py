"""Stakes given as security: the debt, what secures it, and the arithmetic of loan to value.

A call is printed only where the data give the loan to value at which it comes; without it there is just the loan to
value against the price of the collateral.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.register import instrument
from capgraph.analysis.valuation import Valuation, in_usd, valuations
from capgraph.errors import UsageProblem
from capgraph.money import Money
from capgraph.network import CapitalNetwork, Link
from capgraph.readings import Figure

HUNDRED = Decimal(100)
_REACHED = Decimal("1e-9")
"""How far above a trigger a loan to value may stand and count as down to it: sales that approach it never quite do."""


@dataclass(frozen=True, slots=True)
class Security:
    """One pledge of a stake: the link of the pledge and that of the stake, the loan it secures, and their figures.

    ``debt`` is what is drawn, else the limit of the loan; ``value`` is the worth of the whole stake: how much of it is
    pledged is mostly not known, so a loan to value against it is a lower bound. ``sums`` are both in one currency, None
    where one is unknown or no rate joins them. ``trigger`` is the loan to value, in percent, at which the lenders may
    call, where the data give it.
    """

    link: Link
    stake: Link | None
    loan: str
    debt: Figure | None
    value: Valuation | None
    sums: tuple[Money, Money] | None
    trigger: Figure | None

    @property
    def part(self) -> Decimal | None:
        """The trigger in 0..1."""
        return self.trigger.value / HUNDRED if self.trigger and self.trigger.value else None

    @property
    def readings(self) -> tuple[str, ...]:
        figures = [figure for figure in (self.debt, self.trigger) if figure]
        own = tuple(id for figure in figures for id in figure.readings)
        return tuple(dict.fromkeys((*own, *(self.value.worth.readings if self.value else ()))))

    @property
    def sources(self) -> tuple[str, ...]:
        figures = [figure for figure in (self.debt, self.trigger) if figure]
        own = tuple(source for figure in figures for source in figure.sources)
        return tuple(dict.fromkeys((*own, *(self.value.sources if self.value else ()), *self.link.sources)))


def securities(network: CapitalNetwork, links: Iterator[Link] | tuple[Link, ...]) -> tuple[Security, ...]:
    """The pledges among links, with what secures what, by id."""
    found = (_security(network, link) for link in links if _is_pledge(link))
    return tuple(sorted(found, key=lambda security: (security.link.id, security.link.source)))


def _is_pledge(link: Link) -> bool:
    return "stake" in link.kind.to_end and link.kind.layer == "debt"


def _security(network: CapitalNetwork, link: Link) -> Security:
    loan = f"facility/{link.row['facility']}" if link.row["facility"] else ""
    stake = next((other for other in network.links_to(link.target) if other.id == f"stake/{link.row['stake']}"), None)
    values = valuations(network, stake) if stake is not None and instrument(network, stake) else ()
    debt, value = network.derived.amount(loan) if loan else None, values[0] if values else None
    trigger = network.derived.figure(loan, "ltv_trigger") if loan else None
    return Security(link, stake, loan, debt, value, _sums(network, debt, value), trigger)


def _sums(network: CapitalNetwork, debt: Figure | None, value: Valuation | None) -> tuple[Money, Money] | None:
    """Debt and collateral in one currency: their own, else dollars."""
    if debt is None or debt.value is None or value is None or not value.worth.value:
        return None
    if debt.unit == value.worth.unit:
        return Money(debt.value, debt.unit), Money(value.worth.value, debt.unit)
    owed, worth = network.derived.usd(debt), in_usd(network, value)
    return None if owed is None or not worth else (Money(owed, "USD"), Money(worth, "USD"))


@dataclass(frozen=True, slots=True)
class Pressure:
    """A loan to value before and after a fall, in percent (after: None where nothing is left), and what is due at once:
    None without a trigger, nought where it is not passed."""

    before: Decimal
    after: Decimal | None
    due: Money | None


def after_fall(security: Security, fall: Decimal) -> Pressure | None:
    """What a fall of the collateral by a part (0..1) does to a loan; None where debt or value is unknown."""
    if security.sums is None:
        return None
    debt, value = security.sums
    before, after = (loan_to_value(debt.amount, value.amount, part) for part in (Decimal(0), fall))
    assert before is not None
    due = None
    if security.part is not None:
        due = Money(cash_due(debt.amount, value.amount * (1 - fall), security.part), debt.currency)
    return Pressure(before, after, due)


# Arithmetic -----------------------------------------------------------------------------------------------------------


def loan_to_value(debt: Decimal, value: Decimal, fall: Decimal = Decimal(0)) -> Decimal | None:
    """Debt over the value of what secures it after a fall, in percent: 100 D / (V (1 - f)); None where nothing is left.

    Parameters
    ----------
    debt, value : D and V, in one currency.
    fall : f, 0..1.

    >>> loan_to_value(Decimal(8), Decimal(40)), loan_to_value(Decimal(8), Decimal(40), Decimal("0.5"))
    (Decimal('20.0'), Decimal('40.0'))
    """
    left = value * (1 - fall)
    return debt / left * HUNDRED if left > 0 else None


def call_price(debt: Decimal, shares: Decimal, trigger: Decimal) -> Decimal:
    """The price of a share at which the loan to value reaches the trigger: D / (n m).

    Parameters
    ----------
    debt : D, in money. shares : n, the shares pledged, above 0. trigger : m, the loan to value of a call, in 0..1.

    Raises
    ------
    UsageProblem for a trigger outside 0..1 or no shares.

    >>> print(f"{call_price(Decimal(600), Decimal(10), Decimal('0.6')):f}")
    100
    """
    _check_part(trigger, "trigger")
    if shares <= 0:
        raise UsageProblem("there is no price of a call without shares that are pledged")
    return debt / (shares * trigger)


def fall_to_trigger(debt: Decimal, value: Decimal, trigger: Decimal) -> Decimal:
    """By how much the collateral must fall until the loan to value reaches the trigger: 1 - D / (m V).

    Nought or less where it has been reached. Parameters as for :func:`call_price`; ``value`` is V, above 0.

    >>> fall_to_trigger(Decimal(20), Decimal(100), Decimal("0.4"))
    Decimal('0.5')
    """
    _check_part(trigger, "trigger")
    if value <= 0:
        raise UsageProblem("collateral without value cannot fall")
    return 1 - debt / (trigger * value)


def cash_due(debt: Decimal, value: Decimal, trigger: Decimal) -> Decimal:
    """What must be paid back to come down to the trigger: max(0, D - m V), with V after the fall.

    >>> cash_due(Decimal(20), Decimal(40), Decimal("0.4"))
    Decimal('4.0')
    """
    _check_part(trigger, "trigger")
    return max(Decimal(0), debt - trigger * value)


def sale_back_to(debt: Decimal, value: Decimal, target: Decimal) -> Decimal:
    """How much collateral must be sold, the proceeds repaying the loan, to come down to a target: (D - t V) / (1 - t).

    Nought where the loan to value is at the target or below, and never more than the collateral.

    Parameters
    ----------
    debt, value : D and V after the fall, in one currency. target : t, in 0..1 and below 1.

    >>> print(f"{sale_back_to(Decimal(60), Decimal(100), Decimal('0.5')):f}")
    20
    """
    if not 0 <= target < 1:
        raise UsageProblem(f"a target loan to value lies in 0..1 and below 1, not at {target}")
    needed = (debt - target * value) / (1 - target)
    return max(Decimal(0), min(needed, value))


@dataclass(frozen=True, slots=True)
class Spiral:
    """The end of forced sales: what was sold in all (at the prices of the sales), the debt and collateral left, the
    fall of the price that the sales made, the rounds, and whether the loan to value came down at last."""

    sold: Decimal
    debt: Decimal
    value: Decimal
    fall: Decimal
    rounds: int
    cured: bool


def spiral(debt: Decimal, value: Decimal, trigger: Decimal, target: Decimal, impact: Decimal) -> Spiral:
    """Sales that move the price: while D / V exceeds the trigger, sell back to the target, and let the price fall.

    Each sale of S lowers the price of what is left by ``impact`` times the part sold, S / V.

    Parameters
    ----------
    debt, value : D and V after the first fall, in one currency, V above 0.
    trigger, target : m and t, in 0..1, target not above trigger.
    impact : the fall of the price if all the collateral were sold at once, 0..1.

    >>> spiral(Decimal(60), Decimal(100), Decimal("0.55"), Decimal("0.5"), Decimal("0")).sold
    Decimal('20')
    """
    _check_part(trigger, "trigger")
    if not (0 <= impact <= 1 and 0 <= target <= trigger):
        raise UsageProblem("the impact lies in 0..1, the target between 0 and the trigger")
    sold, price, rounds = Decimal(0), Decimal(1), 0
    reached = trigger * (1 + _REACHED)
    while value > 0 and debt > reached * value and rounds < 1000:
        sale = sale_back_to(debt, value, target) if target < 1 else value
        part = sale / value
        drop = 1 - impact * part
        sold, debt, price, rounds = sold + sale, max(Decimal(0), debt - sale), price * drop, rounds + 1
        value = (value - sale) * drop
    return Spiral(sold, debt, value, 1 - price, rounds, debt <= reached * value)


def _check_part(part: Decimal, name: str) -> None:
    if not 0 < part <= 1:
        raise UsageProblem(f"a {name} lies above 0 and at most at 1 (100%), not at {part}")
