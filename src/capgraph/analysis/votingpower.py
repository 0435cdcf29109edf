"""Voting power: how often a holder decides a vote, which is not what share of the votes it has.

Beside large holders there may be an ocean of small ones, each voting for itself, none of any weight alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from capgraph.errors import UsageProblem

MOST_LARGE = 16
"""How many large holders an ocean is weighed against: all their coalitions are looked at."""


def shapley_shubik(weights: Sequence[int], quota: int) -> list[Fraction]:
    r"""The Shapley-Shubik index of a weighted vote [1]_.

    The chance to be pivotal when all arrive in random order, the one that makes the coalition reach the quota:

    .. math:: \phi_i = \sum_S \frac{s! (n - s - 1)!}{n!} [w(S) < q \le w(S) + w_i]

    Parameters
    ----------
    weights : votes of each holder, whole numbers.
    quota : the least weight that wins, a whole number of at least 1 (for a simple majority: half the total plus one).

    Returns
    -------
    One exact fraction a holder. They sum to 1 if all together win, else all are 0.

    Raises
    ------
    UsageProblem for negative weights or a quota below 1.

    Examples
    --------
    The Council of the European Economic Community of 1958, 12 of 17 votes: Luxembourg's vote never counted.

    >>> print(*shapley_shubik([4, 4, 4, 2, 2, 1], 12))
    7/30 7/30 7/30 3/20 3/20 0

    Notes
    -----
    Counts coalitions by size and weight, :math:`O(n^3 q)` small whole numbers in all.

    References
    ----------
    .. [1] L. S. Shapley, M. Shubik. A method for evaluating the distribution of power in a committee system. American
       Political Science Review 48 (1954), 787-792.
    """
    _checked(weights, quota)
    count = len(weights)
    chances = [Fraction(factorial(size) * factorial(count - size - 1), factorial(count)) for size in range(count)]
    found = []
    for place, weight in enumerate(weights):
        coalitions = _coalitions([*weights[:place], *weights[place + 1 :]], quota)
        swings = (sum(row[max(0, quota - weight) : quota]) for row in coalitions)
        found.append(sum((chance * swing for chance, swing in zip(chances, swings, strict=True)), Fraction(0)))
    return found


def banzhaf(weights: Sequence[int], quota: int, *, normalised: bool = True) -> list[Fraction]:
    r"""The Banzhaf index of a weighted vote [1]_.

    The share of coalitions of the others that lose without the holder and win with it:

    .. math:: \beta_i = \frac{|\{S : w(S) < q \le w(S) + w_i\}|}{2^{n - 1}}

    Parameters
    ----------
    weights, quota : as for :func:`shapley_shubik`.
    normalised : divide by the sum over all holders, so that the indices sum to 1.

    Returns
    -------
    One exact fraction a holder.

    Examples
    --------
    >>> print(*banzhaf([4, 4, 4, 2, 2, 1], 12))
    5/21 5/21 5/21 1/7 1/7 0
    >>> print(*banzhaf([50, 49, 1], 51, normalised=False))
    3/4 1/4 1/4

    References
    ----------
    .. [1] J. F. Banzhaf. Weighted voting doesn't work: a mathematical analysis. Rutgers Law Review 19 (1965), 317-343.
    """
    _checked(weights, quota)
    swings = []
    for place, weight in enumerate(weights):
        coalitions = _coalitions([*weights[:place], *weights[place + 1 :]], quota)
        swings.append(sum(sum(row[max(0, quota - weight) : quota]) for row in coalitions))
    total = sum(swings) if normalised else 2 ** (len(weights) - 1)
    return [Fraction(swing, total) if total else Fraction(0) for swing in swings]


def _checked(weights: Sequence[int], quota: int) -> None:
    if quota < 1 or any(weight < 0 for weight in weights):
        raise UsageProblem("votes are whole numbers from 0 up, and the quota is at least 1")


def _coalitions(weights: Sequence[int], quota: int) -> list[list[int]]:
    """How many coalitions there are, by size and by weight below the quota."""
    counts = [[0] * quota for _ in range(len(weights) + 1)]
    counts[0][0] = 1
    for place, weight in enumerate(weights):
        for size in range(place, -1, -1):
            row, larger = counts[size], counts[size + 1]
            for total in range(quota - weight):
                if row[total]:
                    larger[total + weight] += row[total]
    return counts


# With an ocean --------------------------------------------------------------------------------------------------------


def shapley_with_ocean(weights: Sequence[float], ocean: float, quota: float) -> list[float]:
    r"""The Shapley value of large holders among an ocean of infinitely many small ones [1]_.

    Each holder arrives at a random moment of 0..1; by the moment :math:`t` the part :math:`t` of the ocean is there:

    .. math:: \phi_i = \sum_{S \not\ni i} \int_{a}^{b} t^s (1 - t)^{m - 1 - s} dt,\quad
              a = \frac{q - w(S) - w_i}{\alpha},\ b = \frac{q - w(S)}{\alpha}\ \text{clipped to } 0..1

    Parameters
    ----------
    weights : votes of the large holders, in any unit, at most :data:`MOST_LARGE` of them.
    ocean : votes of all small holders together, :math:`\alpha`, same unit; 0 gives the Shapley-Shubik index.
    quota : the votes that a coalition has to pass.

    Returns
    -------
    One number a large holder; what is missing to 1 is the power of the ocean.

    Raises
    ------
    UsageProblem for negative votes or with too many large holders.

    Examples
    --------
    A single block of 40 percent decides two votes out of three: :math:`w / (1 - w)`.

    >>> [round(power, 4) for power in shapley_with_ocean([40], 60, 50)]
    [0.6667]

    References
    ----------
    .. [1] J. W. Milnor, L. S. Shapley. Values of large games II: oceanic games. Mathematics of Operations Research 3
       (1978), 290-307.
    """
    _bounded(weights, ocean)
    count, sizes, sums = len(weights), *_subsets(weights)
    found = []
    for place, weight in enumerate(weights):
        without = (np.arange(1 << count) >> place) & 1 == 0
        size, total = sizes[without], sums[without]
        start, stop = (_there(quota - held, ocean) for held in (total + weight, total))
        each = betainc(size + 1, count - size, stop) - betainc(size + 1, count - size, start)
        ways = np.array([factorial(s) * factorial(count - 1 - s) / factorial(count) for s in range(count)])
        found.append(float((each * ways[size]).sum()))
    return found


def _there(missing: NDArray[np.float64], ocean: float) -> NDArray[np.float64]:
    """How much of the ocean may have come before the quota is passed, 0..1; without an ocean all or nothing."""
    if ocean == 0:
        return np.where(missing >= 0, 1.0, 0.0)
    return np.clip(missing / ocean, 0, 1)


def banzhaf_with_ocean(weights: Sequence[float], ocean: float, quota: float) -> list[float]:
    r"""The Banzhaf index of large holders among an ocean of infinitely many small ones [1]_.

    If all vote yes or no with equal chance, an ocean of very many very small holders splits in half. So the large
    holders play among themselves, for a quota lower by half the ocean: :math:`q - \alpha / 2`.

    Parameters
    ----------
    weights, ocean, quota : as for :func:`shapley_with_ocean`.

    Returns
    -------
    The share of the other large holders' coalitions that lose without a holder and win with it; not normalised.

    Examples
    --------
    Any single large block decides all votes, however small: the ocean is always split.

    >>> banzhaf_with_ocean([10], 90, 50), banzhaf_with_ocean([30, 20, 10], 40, 50)
    ([1.0], [0.75, 0.25, 0.25])

    References
    ----------
    .. [1] P. Dubey, L. S. Shapley. Mathematical properties of the Banzhaf power index. Mathematics of Operations
       Research 4 (1979), 99-131.
    """
    _bounded(weights, ocean)
    count, (_, sums) = len(weights), _subsets(weights)
    lowered = quota - ocean / 2
    found = []
    for place, weight in enumerate(weights):
        total = sums[(np.arange(1 << count) >> place) & 1 == 0]
        found.append(float(((total <= lowered) & (total + weight > lowered)).mean()))
    return found


def _bounded(weights: Sequence[float], ocean: float) -> None:
    if ocean < 0 or any(weight < 0 for weight in weights):
        raise UsageProblem("votes are not negative")
    if len(weights) > MOST_LARGE:
        raise UsageProblem(f"{len(weights)} large holders are too many; leave at most {MOST_LARGE} out of the ocean")


def _subsets(weights: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Size and weight of every coalition, by its members as bits."""
    sizes, sums = np.zeros(1, int), np.zeros(1)
    for weight in weights:
        sizes = np.concatenate([sizes, sizes + 1])
        sums = np.concatenate([sums, sums + weight])
    return sizes, sums
