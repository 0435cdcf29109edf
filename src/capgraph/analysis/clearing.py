"""Clearing: what every party can pay when what it can pay depends on what the others pay.

A model on plain matrices; :mod:`capgraph.analysis.models` fills them from a network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from capgraph.errors import UsageProblem

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_SLACK = 1e-12
"""Relative to the largest amount: a shortfall below this is rounding and no default."""


@dataclass(frozen=True, slots=True)
class Clearing:
    """Who pays what. ``due`` is what each owes in all, ``payments`` what it pays of that, ``equity`` what its assets
    come to less all that it owes (negative: what its creditors lose, default costs included). ``waves`` are the places
    of those that default, by the round of fictitious default in which they do."""

    due: Vector
    payments: Vector
    equity: Vector
    waves: tuple[tuple[int, ...], ...]

    @property
    def defaulted(self) -> tuple[int, ...]:
        """The places of all that default, sorted."""
        return tuple(sorted(place for wave in self.waves for place in wave))


def clear(
    owed: Matrix,
    outside_assets: Vector,
    outside_debts: Vector | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
) -> Clearing:
    r"""The greatest clearing vector of a system of debts, with or without costs of default.

    With total debts p̄ and relative debts Π (row i: i's debts over p̄_i) it is the greatest p with

        p_i = p̄_i                               if e_i + Σ_j Π_ji p_j >= p̄_i,
        p_i = α e_i + β Σ_j Π_ji p_j             otherwise (i is in default).

    Without costs (α = β = 1) this is the model of Eisenberg and Noe, with costs that of Rogers and Veraart. Every
    debtor pays its creditors in proportion and nobody pays more than it has.

    Parameters
    ----------
    owed : n x n, ``owed[i, j]`` is what i owes j. Rows are debtors.
    outside_assets : e, the assets of each other than claims on the others, in the same currency.
    outside_debts : what each owes to parties outside the system, of the same rank (default: nothing).
    alpha, beta : the parts of outside assets and of claims that are left in a default, 0..1.

    Returns
    -------
    Clearing. Fictitious default: first those default that cannot pay even if all others pay; then those that cannot pay
    after that, and so on; at most n linear systems.

    Raises
    ------
    UsageProblem for a negative amount, a debt to oneself, sizes that do not fit, or a part outside 0..1.

    Notes
    -----
    A default is a shortfall: assets that just suffice are none. With costs there may be several clearing vectors; the
    greatest is what a system reaches that starts from the belief that all pay.

    Examples
    --------
    Two banks that owe each other still pay although a default would cost half of everything (Rogers and Veraart, 3.3):

    >>> import numpy as np
    >>> clear(np.array([[0, 2], [2.2, 0]]), np.array([1.0, 1.0]), alpha=0.5, beta=0.5).payments.tolist()
    [2.0, 2.2]

    References
    ----------
    Eisenberg, L. and Noe, T. H. (2001), Systemic Risk in Financial Systems, Management Science 47(2), 236-249.
    Rogers, L. C. G. and Veraart, L. A. M. (2013), Failure and Rescue in an Interbank Network, Management Science 59(4).
    """
    debts = np.zeros_like(outside_assets, dtype=float) if outside_debts is None else outside_debts
    _check(owed, outside_assets, debts, alpha, beta)
    due = owed.sum(axis=1) + debts
    relative = np.divide(owed, due[:, None], out=np.zeros_like(owed, dtype=float), where=due[:, None] > 0)
    slack = _SLACK * max(1.0, float(due.max(initial=0.0)), float(outside_assets.max(initial=0.0)))
    payments, failed = due.copy(), np.zeros(len(due), dtype=bool)
    waves: list[tuple[int, ...]] = []
    while True:
        short = outside_assets + relative.T @ payments < due - slack
        new = short & ~failed
        if not new.any():
            break
        waves.append(tuple(int(place) for place in np.flatnonzero(new)))
        failed |= new
        payments = _paid(relative, outside_assets, due, failed, alpha, beta)
    kept = np.where(failed, alpha * outside_assets + beta * (relative.T @ payments), 0.0)
    assets = np.where(failed, kept, outside_assets + relative.T @ payments)
    return Clearing(due, payments, assets - due, tuple(waves))


def _paid(relative: Matrix, assets: Vector, due: Vector, failed: Flags, alpha: float, beta: float) -> Vector:
    """What all pay when exactly these default: the rest in full, the defaulted what they have, solved together."""
    payments = due.copy()
    inside = relative[np.ix_(failed, failed)].T
    received = relative[np.ix_(~failed, failed)].T @ due[~failed]
    own = alpha * assets[failed] + beta * received
    payments[failed] = np.clip(np.linalg.solve(np.eye(len(own)) - beta * inside, own), 0.0, due[failed])
    return payments


def _check(owed: Matrix, assets: Vector, debts: Vector, alpha: float, beta: float) -> None:
    n = len(assets)
    if owed.shape != (n, n) or debts.shape != (n,):
        raise UsageProblem(f"debts of {owed.shape} do not fit {n} parties")
    if (owed < 0).any() or (assets < 0).any() or (debts < 0).any():
        raise UsageProblem("debts and assets cannot be negative")
    if np.diagonal(owed).any():
        raise UsageProblem("nobody owes himself; the diagonal of the debts must be nought")
    if not (0 <= alpha <= 1 and 0 <= beta <= 1):
        raise UsageProblem(f"what is left in a default lies in 0..1, not at {alpha:g} and {beta:g}")
