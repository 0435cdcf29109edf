"""How concentrated a set of amounts is, and how much two portfolios share.

Exact arithmetic on amounts of one currency. What is not known does not enter; whoever prints a measure prints beside it
how many amounts it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

_DIGITS = 28


@dataclass(frozen=True, slots=True)
class Concentration:
    """How far amounts are from being spread evenly.

    ``herfindahl`` is the sum of the squared shares, 1/n for n equal amounts and 1 for a single one; ``index`` is the
    same in points up to 10,000; ``effective`` is the number of equal amounts that would be as concentrated;
    ``normalised`` is 0 for equal amounts and 1 for a single one (None for fewer than two). ``largest`` is the key of
    the largest amount and ``top`` its share.
    """

    count: int
    total: Decimal
    herfindahl: Decimal
    effective: Decimal
    normalised: Decimal | None
    largest: str
    top: Decimal

    @property
    def index(self) -> Decimal:
        """The Herfindahl-Hirschman index in points, 0..10,000."""
        return self.herfindahl * 10_000


def concentration(amounts: Mapping[str, Decimal]) -> Concentration | None:
    """The concentration of amounts by key, None where none is above 0.

    With shares s_k = a_k / Σ a: H = Σ s_k², effective number 1 / H, normalised (H - 1/n) / (1 - 1/n).

    Parameters
    ----------
    amounts : key -> amount, all of one currency and none below 0. Amounts of 0 do not count.

    Raises
    ------
    ValueError for an amount below 0.

    Examples
    --------
    >>> four = concentration({"a": Decimal(30), "b": Decimal(30), "c": Decimal(20), "d": Decimal(20)})
    >>> four.index, round(four.effective, 2), four.largest, four.top
    (Decimal('2600.00'), Decimal('3.85'), 'a', Decimal('0.3'))

    References
    ----------
    Hirschman, A. O. (1964), The Paternity of an Index, American Economic Review 54(5), 761-762.
    """
    if any(amount < 0 for amount in amounts.values()):
        raise ValueError("an amount below nought has no share")
    positive = {key: amount for key, amount in sorted(amounts.items()) if amount > 0}
    if not positive:
        return None
    with localcontext(prec=_DIGITS):
        total = sum(positive.values(), Decimal())
        shares = {key: amount / total for key, amount in positive.items()}
        herfindahl = sum((share * share for share in shares.values()), Decimal())
        even = Decimal(1) / len(shares)
        normalised = (herfindahl - even) / (1 - even) if len(shares) > 1 else None
        largest = min(shares, key=lambda key: (-shares[key], key))
        return Concentration(len(shares), total, herfindahl, 1 / herfindahl, normalised, largest, shares[largest])


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two portfolios share, each measure 0..1. ``common`` are the keys that both hold, sorted.

    ``weight`` is the part that both hold to equal weight, ``cosine`` the cosine of the angle between the weights,
    ``jaccard`` the number of common keys over that of all keys, which needs no amounts. The first two are None where a
    portfolio has no amount above 0.
    """

    common: tuple[str, ...]
    weight: Decimal | None
    cosine: Decimal | None
    jaccard: Decimal | None


def overlap(one: Mapping[str, Decimal | None], other: Mapping[str, Decimal | None]) -> Overlap:
    """The overlap of two portfolios.

    With weights u_k and w_k (amounts over their sum): common weight Σ min(u_k, w_k), cosine Σ u_k w_k / (|u| |w|),
    Jaccard |K1 ∩ K2| / |K1 ∪ K2| over the keys held, whether their amounts are known or not.

    Parameters
    ----------
    one, other : key -> amount, None where the amount is not known (it then has no weight, but is held).

    Examples
    --------
    >>> shared = overlap({"a": Decimal(1), "b": Decimal(3)}, {"a": Decimal(2), "c": Decimal(2), "d": None})
    >>> shared.common, shared.weight, round(shared.cosine, 4), shared.jaccard
    (('a',), Decimal('0.25'), Decimal('0.2236'), Decimal('0.25'))
    """
    common = tuple(sorted(one.keys() & other.keys()))
    held = one.keys() | other.keys()
    with localcontext(prec=_DIGITS):
        jaccard = Decimal(len(common)) / len(held) if held else None
        first, second = _weights(one), _weights(other)
        if not first or not second:
            return Overlap(common, None, None, jaccard)
        pairs = [(first.get(key, Decimal()), second.get(key, Decimal())) for key in common]
        weight = sum((min(pair) for pair in pairs), Decimal())
        product = sum((mine * theirs for mine, theirs in pairs), Decimal())
        cosine = product / (_length(first.values()) * _length(second.values()))
        return Overlap(common, weight, min(cosine, Decimal(1)), jaccard)


def _weights(portfolio: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    known = {key: amount for key, amount in sorted(portfolio.items()) if amount}
    total = sum(known.values(), Decimal())
    return {key: amount / total for key, amount in known.items()}


def _length(weights: Iterable[Decimal]) -> Decimal:
    return sum((weight * weight for weight in weights), Decimal()).sqrt()
