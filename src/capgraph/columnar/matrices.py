"""Look-through and control on the matrices of a large register, by place and not by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csgraph

from capgraph.analysis import lookthrough
from capgraph.analysis.lookthrough import Lens, Matrix, Vector
from capgraph.columnar.engines import Engine
from capgraph.columnar.figures import Flags, Ints
from capgraph.columnar.registers import Registers

_SLACK = 1e-9
"""In percent: a sum of votes that exceeds a threshold by less is no majority; binary fractions are not exact."""


class Matrices:
    """The registers of all companies as sparse matrices over the parties."""

    def __init__(self, registers: Registers, size: int, engine: Engine) -> None:
        self.registers = registers
        self.size = size
        self.engine = engine

    @cached_property
    def cut(self) -> Flags:
        """Companies whose owners are not computed: registers that cannot be right, groups that own each other whole."""
        found = np.zeros(self.size, dtype=bool)
        found[self.registers.cut] = True
        found[self.registers.closed] = True
        return found

    def _shares(self, percents: Any, cut: Flags) -> Matrix:
        kept = ~cut[self.registers.issuers]
        found = (np.asarray(array)[kept] for array in (self.registers.holders, self.registers.issuers, percents))
        holders, issuers, ends = found
        return lookthrough.matrix(holders, issuers, np.minimum(ends, 100.0) / 100.0, self.size)

    @cached_property
    def value(self) -> Matrix:
        """The fractions that count."""
        return self._shares(self.registers.value, self.cut)

    @cached_property
    def low(self) -> Matrix:
        """The low ends of the fractions; the same matrix where no percent is a range."""
        same = bool(np.array_equal(self.registers.low, self.registers.value))
        return self.value if same else self._shares(self.registers.low, self.cut)

    @cached_property
    def companies(self) -> Flags:
        """Which parties have a share register."""
        found = np.zeros(self.size, dtype=bool)
        found[self.registers.companies] = True
        return found

    # Look-through -----------------------------------------------------------------------------------------------------

    def holdings(self, holder: int) -> tuple[Vector, Vector]:
        """The corrected share of one holder in every company, and its low end."""
        found = self.engine.corrected_holdings(self.value, holder)
        return found, found if self.low is self.value else self.engine.corrected_holdings(self.low, holder)

    def together(self, holders: Iterable[int]) -> Vector:
        """The share of several parties together in every company: what is held of them themselves is left aside."""
        start = np.array(sorted(set(holders)), dtype=np.int64)
        if len(start) == 1:
            return self.engine.corrected_holdings(self.value, int(start[0]))
        w = lookthrough.cut(self.value, start)
        reached = np.unique(np.concatenate([lookthrough.downstream(w, int(place)) for place in start]))
        part = w[:, reached].tocsr()[reached].tocsc()
        found = np.zeros(self.size)
        found[reached] = Lens(part).solve_back(np.isin(reached, start).astype(float))
        return found

    def owners(self, company: int, most: int) -> tuple[Ints, Vector, Vector]:
        """The largest holders of a company by the corrected share: places, shares and low ends, largest first.

        The share of a holder is its walk sum over what its own loops multiply it by. The walk sum is never the smaller,
        so the largest holders are sought among twice as many with the largest walk sums.
        """
        walks = self.engine.walks(self.value, company)
        walks[company] = 0.0
        places = np.argsort(-walks, kind="stable")[: 2 * most]
        places = places[walks[places] > 0]
        shares = walks[places] / self._loops(self.value, places)
        best = np.argsort(-shares, kind="stable")[:most]
        places, shares = places[best], shares[best]
        if self.low is self.value:
            return places, shares, shares
        lows = self.engine.walks(self.low, company)[places] / self._loops(self.low, places)
        return places, shares, lows

    def _loops(self, w: Matrix, places: Ints) -> Vector:
        """What the loops of some holders multiply them by: only their own strong components matter."""
        _, labels = csgraph.connected_components(w.tocsr(), directed=True, connection="strong")
        found = np.ones(len(places))
        sizes = np.bincount(labels)
        looped = (sizes[labels[places]] > 1) | (w.diagonal()[places] != 0)
        for label in np.unique(labels[places[looped]]).tolist():
            members = np.flatnonzero(labels == label)
            ours = np.flatnonzero(looped & (labels[places] == label))
            lens = Lens(w[:, members].tocsr()[members].tocsc())
            found[ours] = lens.loops(np.searchsorted(members, places[ours]))
        return found

    def shares_in(self, company: int, holders: Ints) -> Vector:
        """The corrected shares of some holders in one company."""
        found: Vector = self.engine.walks(self.value, company)[holders] / self._loops(self.value, holders)
        return found

    def final(self, company: int, w: Matrix) -> Vector:
        """The part of a company that ends at each party: at those whom nobody holds, and at the unknown owners of the
        others. Sums to 1."""
        known, unknown = lookthrough.final_owners(w, company)
        return known + unknown

    # Control ---------------------------------------------------------------------------------------------------------

    def votes(self, end: str) -> Any:
        """The percents of the votes, by holder and company, as a matrix of rows."""
        if end not in self._votes:
            found = self.registers
            cells = getattr(found, f"votes_{end}")
            self._votes[end] = lookthrough.matrix(
                np.asarray(found.voters), np.asarray(found.voted), np.asarray(cells), self.size
            ).tocsr()
        return self._votes[end]

    @cached_property
    def _votes(self) -> dict[str, Any]:
        return {}

    def controlled(
        self, start: Iterable[int], threshold: float, stated: Callable[[int], Iterable[int]], end: str = "value"
    ) -> dict[int, float]:
        """The companies that some parties control together, with the percent of the votes that their side has.

        The least fixpoint of :func:`capgraph.analysis.control.controlled`, over the rows of the parties it reaches.
        """
        rows, start = self.votes(end), set(start)
        found, counted = _fixpoint(_Rows(rows), start, threshold + _SLACK, stated)
        own = rows.diagonal()  # what a company holds of itself decides nothing
        return {company: max(0.0, counted.get(company, 0.0) - float(own[company])) for company in found}

    def controllers(
        self, company: int, above: Ints, threshold: float, stated: Callable[[int], Iterable[int]], parents: Ints
    ) -> list[int]:
        """Who controls a company, by place.

        ``above`` are all who stand above it, the only ones whose votes matter; ``parents`` those among them whom a
        source calls somebody's parent. Only who has a stake above the threshold, or is such a parent, can control
        anything, so only these are asked.
        """
        inside = np.union1d(above, [company])
        rows = self.votes("value")[inside][:, inside]
        holders = np.repeat(np.arange(len(inside)), np.diff(rows.indptr))
        able = np.isin(inside, parents)
        able[holders[rows.data > threshold + _SLACK]] = True
        within = frozenset(inside.tolist())
        cells, target = _Rows(rows), int(np.searchsorted(inside, company))

        def told(place: int) -> list[int]:
            children = stated(int(inside[place]))
            return [int(np.searchsorted(inside, child)) for child in children if child in within]

        found = []
        for party in np.flatnonzero(able).tolist():
            if party != target and target in _fixpoint(cells, {party}, threshold + _SLACK, told, target)[0]:
                found.append(int(inside[party]))
        return found


class _Rows:
    """The rows of a sparse matrix as lists, which a walk over few cells of many rows reads faster."""

    def __init__(self, rows: Any) -> None:
        self._starts: list[int] = rows.indptr.tolist()
        self._columns: Any = rows.indices
        self._cells: Any = rows.data

    def __getitem__(self, row: int) -> Iterable[tuple[int, float]]:
        first, last = self._starts[row], self._starts[row + 1]
        if first == last:
            return ()
        return zip(self._columns[first:last].tolist(), self._cells[first:last].tolist(), strict=True)


def _fixpoint(
    rows: _Rows, start: set[int], limit: float, stated: Callable[[int], Iterable[int]], until: int = -1
) -> tuple[list[int], dict[int, float]]:
    """The companies whose votes the members exceed a limit in, as they are found, and all votes counted.

    With ``until`` the search ends as soon as that company is found.
    """
    members, waiting, found = set(start), sorted(start), list[int]()
    counted: dict[int, float] = {}
    for member in waiting:
        reached = []
        for company, percent in rows[member]:
            counted[company] = counted.get(company, 0.0) + percent
            if counted[company] > limit:
                reached.append(company)
        for company in (*reached, *sorted(stated(member))):
            if company not in members:
                members.add(company)
                found.append(company)
                waiting.append(company)
        if until in members:
            break
    return found, counted
