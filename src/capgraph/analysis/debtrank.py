"""Distress that spreads through exposures: DebtRank in both published forms, and the cascade of failures of Furfine.

Models on plain matrices; :mod:`capgraph.analysis.models` fills them from a network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capgraph.analysis.clearing import Flags, Matrix, Vector
from capgraph.errors import UsageProblem

_TOLERANCE = 1e-12
_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Distress:
    """The part of its equity that each party has lost, 0..1: at the start and in the end. 1 is failure.

    ``rounds`` is how often distress was passed on; ``converged`` is False where the limit on rounds came first.
    """

    initial: Vector
    final: Vector
    rounds: int
    converged: bool

    def rank(self, weights: Vector) -> float:
        """DebtRank, the part of all economic value lost beyond the shock itself: Σ (h_i(T) - h_i(0)) v_i / Σ v_i.

        ``weights`` are the economic values v of the parties, in any unit.
        """
        return float((self.final - self.initial) @ (weights / weights.sum()))

    @property
    def failed(self) -> tuple[int, ...]:
        """The places of those that have lost all their equity and had not at the start."""
        lost = (self.final >= 1 - _TOLERANCE) & (self.initial < 1 - _TOLERANCE)
        return tuple(int(place) for place in np.flatnonzero(lost))


def linear(exposures: Matrix, equity: Vector, shock: Vector, *, rounds: int = _ROUNDS) -> Distress:
    """DebtRank where distress is passed on for as long as it grows (Bardoscia and others 2015).

    h(t+1) = min(1, h(t) + Λ (h(t) - h(t-1))), Λ_ij = A_ij / E_i: the loss of i on its claim on j is the claim times the
    part of its equity that j has newly lost. While nothing reaches 1 the end is (I - Λ)^-1 h(1); where the largest
    eigenvalue of Λ exceeds 1 a small shock grows until the cap stops it.

    Parameters
    ----------
    exposures : A, n x n, ``exposures[i, j]`` is what i loses if j fails, in money. Rows are those who lose.
    equity : E, what each can lose before it fails, in the same currency, above 0.
    shock : h(1), the part of its equity that each loses at first, 0..1.
    rounds : the most rounds.

    Returns
    -------
    Distress.

    Raises
    ------
    UsageProblem for negative exposures, equity that is not above 0, a shock outside 0..1, or sizes that do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> chain = np.array([[0.0, 50.0, 0.0], [0.0, 0.0, 60.0], [0.0, 0.0, 0.0]])     # 0 lends to 1, 1 lends to 2
    >>> linear(chain, np.array([100.0, 120.0, 10.0]), np.array([0.0, 0.0, 1.0])).final.tolist()
    [0.25, 0.5, 1.0]

    References
    ----------
    Bardoscia, M., Battiston, S., Caccioli, F. and Caldarelli, G. (2015), DebtRank: A Microscopic Foundation for Shock
    Propagation, PLoS ONE 10(6), e0130406.
    """
    leverage = _leverage(exposures, equity, shock)
    stress, change = shock.astype(float), shock.astype(float)
    for step in range(rounds):
        if change.max(initial=0.0) <= _TOLERANCE:
            return Distress(shock, stress, step, converged=True)
        grown = np.minimum(1.0, stress + leverage @ change)
        stress, change = grown, grown - stress
    return Distress(shock, stress, rounds, converged=bool(change.max(initial=0.0) <= _TOLERANCE))


def single(exposures: Matrix, equity: Vector, shock: Vector) -> Distress:
    """DebtRank where each party passes on its distress once (Battiston and others 2012).

    W_ij = min(1, A_ij / E_i). A party that becomes distressed passes on, in the next round, all the distress it has by
    then, h_i(t+1) = min(1, h_i(t) + Σ_j W_ij h_j(t)) over those j; afterwards it may suffer more, but passes on no
    more. So a walk never comes twice through the same party, and some of what comes back around a loop is left out.

    Parameters, returns, errors: as :func:`linear`.

    Examples
    --------
    >>> import numpy as np
    >>> claims = np.array([[0.0, 1.0, 0.0], [10.0, 0.0, 3.0], [3.0, 2.0, 0.0]])
    >>> shocked = single(claims, np.array([2.0, 5.0, 2.0]), np.array([0.1, 0.1, 0.1]))
    >>> [round(part, 2) for part in shocked.final.tolist()]
    [0.15, 0.26, 0.3]

    References
    ----------
    Battiston, S., Puliga, M., Kaushik, R., Tasca, P. and Caldarelli, G. (2012), DebtRank: Too Central to Fail?
    Financial Networks, the FED and Systemic Risk, Scientific Reports 2, 541.
    """
    impact = np.minimum(1.0, _leverage(exposures, equity, shock))
    stress, passed = shock.astype(float), np.zeros(len(shock), dtype=bool)
    step = 0
    while True:
        active = (stress > 0) & ~passed
        if not active.any():
            return Distress(shock, stress, step, converged=True)
        passed |= active
        stress = np.minimum(1.0, stress + impact @ np.where(active, stress, 0.0))
        step += 1


@dataclass(frozen=True, slots=True)
class Cascade:
    """The failures of a cascade by round (the first: those of the start), and what each party has lost in the end."""

    waves: tuple[tuple[int, ...], ...]
    losses: Vector


def furfine(exposures: Matrix, equity: Vector, failed: Flags, *, loss_given_default: float = 1.0) -> Cascade:
    """The cascade in which a party fails once its losses on failed parties reach its equity (Furfine 2003).

    loss_i = λ Σ_{j failed} A_ij; i fails if loss_i >= E_i. Losses on parties that stand are none.

    Parameters
    ----------
    exposures, equity : as for :func:`linear`; equity may be 0, which fails at once.
    failed : those that fail at the start.
    loss_given_default : λ, the part of a claim on a failed party that is lost, 0..1.

    Returns
    -------
    Cascade.

    Raises
    ------
    UsageProblem for negative amounts, sizes that do not fit, or a part outside 0..1.

    Examples
    --------
    >>> import numpy as np
    >>> claims = np.array([[0.0, 4.0, 0.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]])
    >>> furfine(claims, np.array([5.0, 5.0, 1.0]), np.array([False, False, True])).waves
    ((2,), (1,))

    References
    ----------
    Furfine, C. H. (2003), Interbank Exposures: Quantifying the Risk of Contagion, Journal of Money, Credit and
    Banking 35(1), 111-128.
    """
    if not 0 <= loss_given_default <= 1:
        raise UsageProblem(f"the part of a claim that is lost lies in 0..1, not at {loss_given_default:g}")
    _check(exposures, equity, np.zeros(len(equity)), lowest=0.0)
    down = failed.copy()
    waves = [tuple(int(place) for place in np.flatnonzero(down))]
    while True:
        losses: Vector = loss_given_default * (exposures @ down.astype(float))
        new = (losses >= equity * (1 - _TOLERANCE)) & ~down & ((losses > 0) | (equity <= 0))
        if not new.any():
            return Cascade(tuple(waves), losses)
        waves.append(tuple(int(place) for place in np.flatnonzero(new)))
        down |= new


def _leverage(exposures: Matrix, equity: Vector, shock: Vector) -> Matrix:
    _check(exposures, equity, shock, lowest=None)
    return np.asarray(exposures / equity[:, None], dtype=float)


def _check(exposures: Matrix, equity: Vector, shock: Vector, lowest: float | None) -> None:
    n = len(equity)
    if exposures.shape != (n, n) or shock.shape != (n,):
        raise UsageProblem(f"exposures of {exposures.shape} do not fit {n} parties")
    if (exposures < 0).any() or np.diagonal(exposures).any():
        raise UsageProblem("exposures cannot be negative, and nobody is exposed to himself")
    if (equity <= 0).any() if lowest is None else (equity < lowest).any():
        raise UsageProblem("a party without equity has failed already; every equity must be above 0")
    if ((shock < 0) | (shock > 1)).any():
        raise UsageProblem("a shock is a part of equity, in 0..1")
