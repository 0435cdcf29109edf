r"""Look-through ownership: who holds what part of a company through all chains, loops included, as matrix arithmetic.

``w`` is a sparse matrix of fractions: ``w[h, i]`` is the part of company ``i`` that ``h`` holds. Columns sum to at most
1; what is missing belongs to owners that nobody knows. With the Leontief inverse :math:`N = (I - W)^{-1}`:

- walk sum :math:`Y = N - I`: every chain of holdings counts, again and again around loops. In tight loops it exceeds 1;
- corrected :math:`O_{hj} = N_{hj} / N_{hh}`: chains that pass through the holder itself count once. It is the chance
  that a walk from company to holder, each step chosen by the shares, ever meets ``h``; its diagonal,
  :math:`1 - 1 / N_{hh}`, is what a company holds of itself;
- final owners :math:`U_{hj} = N_{hj}` for those whom nobody holds, and :math:`(1 - \sum_h W_{hi}) N_{ij}` for the
  unknown owners of company ``i``. They sum to 1 for every ``j``.

Nothing is ever inverted. Strong components are put in order first, so that the factors of ``I - W`` stay sparse. What
has no answer is found before solving, for a solver may return nonsense without an error: see :func:`faults`.

References
----------
.. [1] F. Brioschi, L. Buzzacchi, M. G. Colombo. Risk capital financing and the separation of ownership and control in
   business groups. Journal of Banking and Finance 13 (1989), 747-772. (walk sum)
.. [2] S. Baldone, F. Brioschi, S. Paleari. Ownership measures among firms connected by cross-shareholdings and a
   further analogy with input-output theory. 4th JAFEE Conference (1998). (corrected)
.. [3] S. Vitali, J. B. Glattfelder, S. Battiston. The network of global corporate control. PLoS ONE 6(10) (2011),
   e25995, supporting information 3.2-3.3. (equality with deleting the holder's own owners)
.. [4] M. Elliott, B. Golub, M. O. Jackson. Financial networks and contagion. American Economic Review 104(10) (2014),
   3115-3153. (gross and market values)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import SuperLU, splu

from capgraph.errors import UsageProblem

Vector = NDArray[np.float64]
Places = NDArray[np.integer[Any]]
Matrix = sparse.csc_array

TOLERANCE = 1e-9
"""Column sums that exceed 1 by less are 1: binary fractions of percents are not exact."""

_CHUNK = 256
"""How many right-hand sides are solved at once."""

_LARGE_LOOP = 50
"""From so many companies that hold each other on, the order of their elimination matters."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Companies, by place in the matrix, for which look-through is not defined. All empty: it is defined for all.

    ``negative`` have a negative share, ``oversubscribed`` shares that sum to more than 1, ``closed`` are groups that
    own each other completely, so that nobody outside owns anything.
    """

    negative: Places
    oversubscribed: Places
    closed: tuple[Places, ...]

    def __bool__(self) -> bool:
        return bool(len(self.negative) or len(self.oversubscribed) or self.closed)

    @property
    def places(self) -> Places:
        """All companies at fault."""
        return np.unique(np.concatenate([self.negative, self.oversubscribed, *self.closed]).astype(np.int64))


def matrix(holders: Places, issuers: Places, shares: Vector, size: int) -> Matrix:
    """The sparse matrix of fractions; several shares of one holder in one company are summed."""
    found = sparse.coo_array((shares, (holders, issuers)), shape=(size, size)).tocsc()
    found.sum_duplicates()
    return found


def faults(w: Matrix) -> Faults:
    """Where look-through has no answer, found from the structure and not by trying to solve.

    Parameters
    ----------
    w : sparse matrix of fractions, ``w[h, i]`` the part of ``i`` that ``h`` holds.

    Returns
    -------
    Faults. A group is closed when it is a strong component whose members have no holder outside and no unknown owner.

    Examples
    --------
    >>> ring = matrix(np.array([0, 1, 2]), np.array([1, 2, 0]), np.array([1.0, 1.0, 1.0]), 3)
    >>> [list(map(int, group)) for group in faults(ring).closed]
    [[0, 1, 2]]
    """
    sums = _column_sums(w)
    negative = np.unique(_columns(w)[w.data < 0])
    oversubscribed = np.flatnonzero(sums > 1 + TOLERANCE)
    count, labels = _components(w)
    columns = _columns(w)
    same = labels[w.indices] == labels[columns]
    inside = np.bincount(columns[same], weights=w.data[same], minlength=w.shape[1])
    open_members = np.bincount(labels, weights=inside < 1 - TOLERANCE, minlength=count)
    closed = np.flatnonzero((open_members == 0) & (np.bincount(labels, minlength=count) > 0))
    groups = tuple(np.flatnonzero(labels == label) for label in closed)
    return Faults(negative, oversubscribed, groups)


def cut(w: Matrix, places: Places) -> Matrix:
    """The matrix without the owners of some companies: they then stand as owners themselves."""
    keep = ~np.isin(_columns(w), places)
    return matrix(w.indices[keep], _columns(w)[keep], w.data[keep], w.shape[0])


def _columns(w: Matrix) -> Places:
    """The column of every stored share."""
    return cast("Places", np.repeat(np.arange(w.shape[1]), np.diff(w.indptr)))


def _column_sums(w: Matrix) -> Vector:
    return cast("Vector", np.bincount(_columns(w), weights=w.data, minlength=w.shape[1]))


def _components(w: Matrix) -> tuple[int, Places]:
    """The strong components of the graph from holder to company."""
    count, labels = csgraph.connected_components(w.tocsr(), directed=True, connection="strong")
    return int(count), labels.astype(np.int64)


# Solving --------------------------------------------------------------------------------------------------------------


class Lens:
    """``I - W``, factored once, to look through many holdings.

    Companies are put in the order of their strong components, holders after what they hold: ``I - W`` is then block
    lower triangular and its factors fill in within loops only, there as little as minimum degree can do. Raises
    UsageProblem for a matrix with faults.
    """

    def __init__(self, w: Matrix) -> None:
        found = faults(w)
        if found:
            raise UsageProblem(
                f"look-through is not defined: {len(found.negative)} companies have negative shares, "
                f"{len(found.oversubscribed)} have more than 100 percent of owners, {len(found.closed)} groups own "
                "each other completely; find them with faults() and cut() them"
            )
        self.w = w
        self._count, self._labels = _components(w)
        self._order = _elimination_order(w, self._labels, self._count)
        self._place = np.empty_like(self._order)
        self._place[self._order] = np.arange(len(self._order))
        self._factors = self._factored(w)

    def _factored(self, w: Matrix) -> SuperLU:
        size, columns = w.shape[0], _columns(w)
        ordered = matrix(self._place[w.indices], self._place[columns], w.data, size)
        lower = bool(np.all(self._labels[w.indices] >= self._labels[columns]))
        system = (sparse.eye_array(size, format="csc") - ordered).tocsc()
        # SciPy numbers components so that holders come after what they hold, but does not promise it.
        # Columns have a handful of entries: taking several at a time, as the solver would, is three times as slow.
        spec: Literal["NATURAL", "COLAMD"] = "NATURAL" if lower else "COLAMD"
        return splu(system, permc_spec=spec, diag_pivot_thresh=0.0, panel_size=1, relax=1)

    @property
    def entries(self) -> int:
        """How many numbers the factors hold: what look-through costs in memory and time."""
        return int(self._factors.L.nnz + self._factors.U.nnz)

    def solve(self, right: Vector) -> Vector:
        """:math:`N b`: the column of the Leontief inverse for a unit vector, gross values for external ones."""
        return self._factors.solve(right[self._order])[self._place]

    def solve_back(self, right: Vector) -> Vector:
        """:math:`b' N`: the row of the Leontief inverse for a unit vector."""
        factors: Any = self._factors  # the stubs lack ``trans``
        return cast("Vector", factors.solve(right[self._order], trans="T")[self._place])

    def owners(self, company: int) -> Vector:
        """:math:`N_{hj}` for every holder ``h`` of one company ``j``."""
        return self.solve(_unit(company, self.w.shape[0]))

    def holdings(self, holder: int) -> Vector:
        """:math:`N_{hj}` for every company ``j`` under one holder ``h``."""
        return self.solve_back(_unit(holder, self.w.shape[0]))

    def loops(self, holders: Places) -> Vector:
        """:math:`N_{hh}` for some holders: 1 for all who hold nothing of themselves, directly or around a loop."""
        found = np.ones(len(holders))
        sizes = np.bincount(self._labels, minlength=self._count)
        own = self.w.diagonal() != 0
        looped = np.flatnonzero((sizes[self._labels[holders]] > 1) | own[holders])
        for start in range(0, len(looped), _CHUNK):
            chunk = looped[start : start + _CHUNK]
            units = np.zeros((self.w.shape[0], len(chunk)))
            units[self._place[holders[chunk]], np.arange(len(chunk))] = 1.0
            solved = self._factors.solve(units)
            found[chunk] = solved[self._place[holders[chunk]], np.arange(len(chunk))]
        return found


def _elimination_order(w: Matrix, labels: Places, count: int) -> Places:
    """Companies by component; those of a large component so that eliminating them fills in little.

    A core of thousands that hold each other, in whatever order it stands, would fill in like a dense matrix.
    """
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels, minlength=count)
    ends = np.cumsum(sizes)
    for label in np.flatnonzero(sizes >= _LARGE_LOOP):
        place = slice(ends[label] - sizes[label], ends[label])
        members = order[place]
        core = (sparse.eye_array(len(members), format="csc") - _part(w, members)).tocsc()
        least_fill = splu(core, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0).perm_c
        order[place] = members[np.argsort(least_fill)]
    return order


def _unit(place: int, size: int) -> Vector:
    unit = np.zeros(size)
    unit[place] = 1.0
    return unit


def upstream(w: Matrix, company: int) -> Places:
    """A company and all who hold it, directly or through others, nearest first."""
    return cast("Places", csgraph.breadth_first_order(w.T.tocsr(), company, return_predecessors=False).astype(np.int64))


def downstream(w: Matrix, holder: int) -> Places:
    """A holder and all that it holds, directly or through others, nearest first."""
    return cast("Places", csgraph.breadth_first_order(w.tocsr(), holder, return_predecessors=False).astype(np.int64))


def _part(w: Matrix, places: Places) -> Matrix:
    return w[:, places].tocsr()[places].tocsc()


# The measures ---------------------------------------------------------------------------------------------------------


def walk_sum(w: Matrix, company: int) -> Vector:
    """The walk sum :math:`Y_{hj}` of every holder in one company: all chains, loops counted again and again [1]_.

    An intermediate: between companies that hold each other it exceeds what anybody can own.

    Examples
    --------
    Two companies hold 90 percent of each other; the chains add up to 474 percent.

    >>> pair = matrix(np.array([0, 1]), np.array([1, 0]), np.array([0.9, 0.9]), 2)
    >>> walk_sum(pair, 1).round(2)
    array([4.74, 4.26])
    """
    return _scattered(w, upstream(w, company), lambda lens: lens.owners(0) - _unit(0, lens.w.shape[0]))


def corrected(w: Matrix, company: int) -> Vector:
    """The part of one company that every holder owns, directly and through others, loops counted once [2]_ [3]_.

    :math:`O_{hj} = N_{hj} / N_{hh}`, in 0..1. The company's own place holds :math:`1 - 1 / N_{jj}`: what it owns of
    itself. Only what lies upstream of the company is solved. Raises UsageProblem for faults there.

    Examples
    --------
    A parent holds 80 percent of a subsidiary that holds 10 percent of the parent: of the parent's tenth 8 come back.

    >>> mutual = matrix(np.array([0, 1]), np.array([1, 0]), np.array([0.8, 0.1]), 2)
    >>> corrected(mutual, 1).round(3)
    array([0.8 , 0.08])
    """

    def measure(lens: Lens) -> Vector:
        size = lens.w.shape[0]
        own = lens.loops(np.arange(size))
        return (lens.owners(0) - _unit(0, size)) / own

    return _scattered(w, upstream(w, company), measure)


def corrected_holdings(w: Matrix, holder: int) -> Vector:
    """The part of every company that one holder owns, directly and through others, loops counted once.

    The same measure as :func:`corrected`, for one holder and all companies.

    Examples
    --------
    >>> pyramid = matrix(np.array([0, 1]), np.array([1, 2]), np.array([0.51, 0.51]), 3)
    >>> corrected_holdings(pyramid, 0).round(4)
    array([0.    , 0.51  , 0.2601])
    """

    def measure(lens: Lens) -> Vector:
        row = lens.holdings(0)
        return cast("Vector", (row - _unit(0, len(row))) / row[0])

    return _scattered(w, downstream(w, holder), measure)


def final_owners(w: Matrix, company: int) -> tuple[Vector, Vector]:
    """Who owns a company in the end: the parts of those whom nobody holds, and the parts that nobody accounts for.

    Returns
    -------
    known : for each place that has no owner in the matrix its part of the company, 0 elsewhere (and for the company
        itself, if it has no owner, 1).
    unknown : for each company the part of the asked company that falls to its own unknown owners. Both sum to 1.

    Examples
    --------
    Beams' mutual holding: the parent's outside owners have 90 of its shares, the subsidiary's 20 of its own; of the
    subsidiary's value they own 72/92 and 20/92.

    >>> mutual = matrix(np.array([0, 1]), np.array([1, 0]), np.array([0.8, 0.1]), 2)
    >>> known, unknown = final_owners(mutual, 1)
    >>> known.sum(), unknown.round(4)
    (np.float64(0.0), array([0.7826, 0.2174]))
    """
    sums = _column_sums(w)
    held = np.diff(w.indptr) > 0
    reached = _scattered(w, upstream(w, company), lambda lens: lens.owners(0))
    return np.where(held, 0.0, reached), np.where(held, np.maximum(0.0, 1.0 - sums) * reached, 0.0)


def values(w: Matrix, external: Vector) -> tuple[Vector, Vector, Vector]:
    """What companies are worth when they hold each other [4]_.

    Parameters
    ----------
    w : matrix of fractions.
    external : value of each company's own assets, shares in the others left out; in any one currency.

    Returns
    -------
    gross : :math:`V = N e`, which counts a value once for every company that holds it.
    market : :math:`(1 - \\sum_h W_{hi}) V_i`, what owners outside the matrix have. It sums to what there is.
    held : :math:`W V`, the value of what each place holds, through all chains.

    Examples
    --------
    >>> gross, market, held = values(matrix(np.array([0]), np.array([1]), np.array([0.6]), 2), np.array([10.0, 100.0]))
    >>> gross, market, held
    (array([ 70., 100.]), array([70., 40.]), array([60.,  0.]))
    """
    gross = Lens(w).solve(external)
    return gross, (1.0 - _column_sums(w)) * gross, cast("Vector", w @ gross)


def _scattered(w: Matrix, places: Places, measure: Callable[[Lens], Vector]) -> Vector:
    """A measure of a part of the matrix, put back in its places."""
    found = np.zeros(w.shape[0])
    found[places] = measure(Lens(_part(w, places)))
    return found
