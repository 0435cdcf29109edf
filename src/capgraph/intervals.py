"""Intervals of exact numbers with open and closed ends: what a printed number may stand for, and arithmetic on it.

"5.83 billion" is every number that prints so, 5.825 to 5.835; "over 5" is every number above 5 and not 5 itself. An
operation on intervals gives an interval that contains every result of the operation on members of them [1]_.

References
----------
.. [1] R. E. Moore, R. B. Kearfott, M. J. Cloud, Introduction to Interval Analysis, SIAM 2009, chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product

Bound = Fraction | float
"""A finite end is a fraction; the two infinite ones are ``-math.inf`` and ``math.inf``, which are never members."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from ``low`` to ``high``; ``open_low`` and ``open_high`` leave the end itself out.

    >>> print(Interval.of(3, 5) + Interval.of(1), Interval.above(2) * Interval.of(-1, 1))
    [4, 6] (-inf, inf)
    """

    low: Bound
    high: Bound
    open_low: bool = False
    open_high: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "open_low", self.open_low or math.isinf(self.low))
        object.__setattr__(self, "open_high", self.open_high or math.isinf(self.high))
        if self.low > self.high or (self.low == self.high and (self.open_low or self.open_high)):
            raise ValueError(f"no number lies between {self.low} and {self.high}")

    @classmethod
    def of(cls, low: Fraction | Decimal | int, high: Fraction | Decimal | int | None = None) -> Interval:
        """The closed interval between two numbers, or the one number itself."""
        return cls(Fraction(low), Fraction(low if high is None else high))

    @classmethod
    def above(cls, number: Fraction | Decimal | int) -> Interval:
        """Every number greater than this one."""
        return cls(Fraction(number), math.inf, open_low=True)

    @classmethod
    def below(cls, number: Fraction | Decimal | int) -> Interval:
        """Every number less than this one."""
        return cls(-math.inf, Fraction(number), open_high=True)

    @property
    def point(self) -> bool:
        """Whether it holds one number only."""
        return self.low == self.high

    @property
    def bounded(self) -> bool:
        return not (math.isinf(self.low) or math.isinf(self.high))

    def __contains__(self, number: Fraction | Decimal | int) -> bool:
        value = Fraction(number)
        over = value > self.low or (value == self.low and not self.open_low)
        return over and (value < self.high or (value == self.high and not self.open_high))

    def meets(self, other: Interval) -> bool:
        """Whether some number lies in both. A common end counts where both include it.

        >>> Interval.above(5).meets(Interval.of(5)), Interval.of(4, 5).meets(Interval.of(5, 6))
        (False, True)
        """
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low != high:
            return low < high
        return not math.isinf(low) and Fraction(low) in self and Fraction(low) in other

    def within(self, other: Interval) -> bool:
        """Whether every number of this one lies in the other."""
        low = self.low > other.low or (self.low == other.low and (self.open_low or not other.open_low))
        high = self.high < other.high or (self.high == other.high and (self.open_high or not other.open_high))
        return low and high

    def distance(self, other: Interval) -> Fraction:
        """How far this one lies above the nearest end of the other; negative below it, 0 where they touch or meet."""
        if self.low > other.high:
            return Fraction(self.low) - Fraction(other.high)
        if self.high < other.low:
            return Fraction(self.high) - Fraction(other.low)
        return Fraction(0)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.open_high, self.open_low)

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low, self.high + other.high, self.open_low or other.open_low,
            self.open_high or other.open_high,
        )  # fmt: skip

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        return _spanned(
            (_times(mine, theirs), _left_out((mine, my_end), (theirs, their_end)))
            for (mine, my_end), (theirs, their_end) in product(self._ends, other._ends)
        )

    def __truediv__(self, other: Interval) -> Interval:
        """Raises ZeroDivisionError for a divisor that is nothing but 0. One on both sides of 0 allows any quotient."""
        return self * other._inverse()

    def __abs__(self) -> Interval:
        if self.low >= 0:
            return self
        if self.high <= 0:
            return -self
        high = max((self.high, not self.open_high), (-self.low, not self.open_low))
        return Interval(Fraction(0), high[0], False, not high[1])

    @property
    def _ends(self) -> tuple[tuple[Bound, bool], tuple[Bound, bool]]:
        return (self.low, self.open_low), (self.high, self.open_high)

    def _inverse(self) -> Interval:
        if self.low == 0 == self.high:
            raise ZeroDivisionError("division by zero")
        if self.low < 0 < self.high:
            return EVERYTHING
        low = -math.inf if self.high == 0 else _one_over(self.high)
        high = math.inf if self.low == 0 else _one_over(self.low)
        return Interval(low, high, self.open_high, self.open_low)

    def __str__(self) -> str:
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"{left}{self.low}, {self.high}{right}"


EVERYTHING = Interval(-math.inf, math.inf)


def _one_over(end: Bound) -> Bound:
    return Fraction(0) if math.isinf(end) else 1 / end


def _times(one: Bound, other: Bound) -> Bound:
    """The product of two ends. Nought times an infinite end is nought: what is infinite is only come near to."""
    return Fraction(0) if one == 0 or other == 0 else one * other


def _left_out(one: tuple[Bound, bool], other: tuple[Bound, bool]) -> bool:
    """Whether the product of two ends is no product of members: unless a nought that is a member makes it."""
    nought = any(end == 0 and not left_out for end, left_out in (one, other))
    return (one[1] or other[1]) and not nought


def _spanned(ends: Iterable[tuple[Bound, bool]]) -> Interval:
    found = list(ends)
    low = min(found, key=lambda end: (end[0], end[1]))
    high = max(found, key=lambda end: (end[0], not end[1]))
    return Interval(low[0], high[0], low[1], high[1])


def least(one: Interval, other: Interval) -> Interval:
    """The smaller of two numbers."""
    return -greatest(-one, -other)


def greatest(one: Interval, other: Interval) -> Interval:
    """The larger of two numbers.

    >>> print(greatest(Interval.of(1, 4), Interval.of(2, 3)))
    [2, 4]
    """
    low = max((one.low, one.open_low), (other.low, other.open_low))
    high = max((one.high, not one.open_high), (other.high, not other.open_high))
    return Interval(low[0], high[0], low[1], not high[1])


def hull(intervals: Iterable[Interval]) -> Interval:
    """The narrowest interval that holds all of these.

    >>> print(hull([Interval.of(1), Interval.above(3)]))
    [1, inf)
    """
    return _spanned(end for interval in intervals for end in interval._ends)


def band(
    value: Decimal, start: Decimal | None, end: Decimal | None, open_ends: bool = False, half_step: Decimal = Decimal(0)
) -> Interval:
    """What a number stated with some precision may stand for.

    Parameters
    ----------
    value : the number as printed.
    start, end : the ends of the band as multiples of the value, None where it has no such end ("over" has no ``end``).
    open_ends : whether the ends themselves lie outside ("over 5" is not 5).
    half_step : half of what one unit of the last printed digit is worth; the band is at least so wide on each side.

    Examples
    --------
    >>> print(band(Decimal(83), Decimal(1), Decimal(1), half_step=Decimal("0.5")))
    [165/2, 167/2]
    >>> print(band(Decimal(5), Decimal(1), None, open_ends=True), band(Decimal(2), Decimal("0.9"), Decimal(1)))
    (5, inf) [9/5, 2]
    """
    number, half = Fraction(value), Fraction(half_step)
    ends = sorted(number * Fraction(end) for end in (start, end) if end is not None)
    if start is None or end is None:
        return Interval.below(ends[0]) if start is None else Interval.above(ends[0])
    return Interval(min(ends[0], number - half), max(ends[-1], number + half), open_ends, open_ends)


COARSEST = Fraction(1, 100)
"""Noughts at the end of a whole number are never taken for rounding more coarsely than to this part of the number."""


def printed(value: Decimal) -> Interval:
    """What a number of a source may stand for: half a unit of its last digit to either side.

    A source that prints 5.83 billion says nothing of the millions, and one that prints 27 percent nothing of tenths.
    Noughts at the end of a whole number may be meant, so there the unit is at most :data:`COARSEST` of the number: 4000
    is 3980 to 4020 and not 3500 to 4500.

    >>> print(printed(Decimal(83)), printed(Decimal("26.79")), printed(Decimal(4000)), printed(Decimal(0)))
    [165/2, 167/2] [5357/200, 5359/200] [3980, 4020] [0, 0]
    """
    number = Fraction(value)
    unit = Fraction(10) ** int(value.normalize().as_tuple().exponent) if value else Fraction(0)
    half = (min(unit, abs(number) * COARSEST) if unit > 1 else unit) / 2
    return Interval(number - half, number + half)
