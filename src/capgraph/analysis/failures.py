"""Cross-holdings in which a failure costs more than it shows: the thresholds of Elliott, Golub and Jackson.

A model on plain matrices; :mod:`capgraph.analysis.models` fills them from a network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capgraph.analysis.clearing import Matrix, Vector
from capgraph.errors import UsageProblem

_TOLERANCE = 1e-12


def dependency(holdings: Matrix) -> Matrix:
    """How much of each primitive asset's value finally belongs to each organization.

    A = Ĉ (I - C)^-1, with Ĉ diagonal, Ĉ_ii = 1 - Σ_j C_ji: the part of i that outsiders hold. Columns sum to 1.

    Parameters
    ----------
    holdings : C, n x n, ``holdings[i, j]`` is the fraction of j that i holds. Rows are holders, the diagonal is 0.

    Returns
    -------
    A, n x n.

    Raises
    ------
    UsageProblem for a negative fraction, a diagonal that is not 0, or a column that leaves nothing to outsiders.

    Examples
    --------
    >>> import numpy as np
    >>> dependency(np.array([[0.0, 0.5], [0.5, 0.0]])).round(4).tolist()
    [[0.6667, 0.3333], [0.3333, 0.6667]]

    References
    ----------
    Elliott, M., Golub, B. and Jackson, M. O. (2014), Financial Networks and Contagion, American Economic
    Review 104(10), 3115-3153, equations 1 to 3.
    """
    held = holdings.sum(axis=0)
    if (holdings < 0).any() or np.diagonal(holdings).any():
        raise UsageProblem("holdings are fractions from 0, and nobody holds himself")
    if (held >= 1).any():
        raise UsageProblem("of every organization some part must be left to outsiders; a column of holdings reaches 1")
    return np.asarray(np.diag(1 - held) @ np.linalg.inv(np.eye(len(held)) - holdings), dtype=float)


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures by wave, the values after the last of them, and each organization's distance to its threshold then:
    value over threshold less 1, below 0 for those that failed."""

    waves: tuple[tuple[int, ...], ...]
    values: Vector
    distance: Vector


def cascade(dependencies: Matrix, assets: Vector, thresholds: Vector, costs: Vector) -> Failures:
    """The waves of failures when an organization whose value falls below its threshold loses a further sum at once.

    v = A (p - b(v)), b_i = β_i if v_i < threshold_i, else 0. Starting from no failure, each wave adds those that fall
    below their threshold given the failures so far; that is the best case, with as few failures as can be.

    Parameters
    ----------
    dependencies : A, see :func:`dependency`.
    assets : p, the value of each organization's own assets after the shock, in money.
    thresholds : the values below which each fails.
    costs : β, what each loses by failing.

    Returns
    -------
    Failures. The distance matters as much as the waves: with inputs rounded to two digits the waves may change.

    Raises
    ------
    UsageProblem for negative costs or sizes that do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> A = dependency(np.array([[0.0, 0.5], [0.5, 0.0]]))
    >>> cascade(A, np.array([7.0, 10.0]), np.array([8.5, 8.5]), np.array([4.0, 4.0])).waves
    ((0,), (1,))

    References
    ----------
    Elliott, Golub and Jackson (2014), section II; the algorithm of section III.C.
    """
    n = len(assets)
    if dependencies.shape != (n, n) or thresholds.shape != (n,) or costs.shape != (n,):
        raise UsageProblem(f"dependencies of {dependencies.shape} do not fit {n} organizations")
    if (costs < 0).any():
        raise UsageProblem("a failure cannot bring money in; costs must not be negative")
    failed = np.zeros(n, dtype=bool)
    waves: list[tuple[int, ...]] = []
    while True:
        values = dependencies @ (assets - np.where(failed, costs, 0.0))
        new = (values < thresholds * (1 - _TOLERANCE)) & ~failed
        if not new.any():
            break
        waves.append(tuple(int(place) for place in np.flatnonzero(new)))
        failed |= new
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(thresholds > 0, values / thresholds - 1, np.inf)
    return Failures(tuple(waves), np.asarray(values, dtype=float), np.asarray(distance, dtype=float))
