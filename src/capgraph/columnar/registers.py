"""All share registers of a large register at one pair of clocks, as the entries of two sparse matrices.

Most stakes are plain: one reading answers, nothing contains anything, percents add up to at most 100. Their registers
are computed as columns. Wherever a rule could see more than that (rivals, ties, containers, tranches, an end that was
not public, votes, contradictions), the register is computed from its rows by :class:`capgraph.analysis.structure`, the
code of small data; so both ways give the same matrix, and strange data are slow rather than wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from capgraph.analysis.lookthrough import faults, matrix
from capgraph.analysis.register import AGGREGATE
from capgraph.analysis.structure import Slice, Structures
from capgraph.analysis.votes import Ballots
from capgraph.cache import build_aside
from capgraph.columnar.columns import Columns
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.figures import Flags, Floats, Ints
from capgraph.columnar.network import Cone, RegisterNetwork
from capgraph.columnar.stakes import Stakes
from capgraph.derive import Derived
from capgraph.network import Scope
from capgraph.ontology import Ontology

_BATCH = 500
"""So many registers are computed from rows before the rows are let go."""

_SLACK = 1e-9


@dataclass(frozen=True)
class Shares:
    """Who holds what of whom: the first six arrays of :class:`Registers`."""

    holders: Ints
    issuers: Ints
    low: Floats
    value: Floats
    high: Floats
    unsized: Flags


def shares_of(columns: Columns, slices: Iterable[tuple[str, Slice]]) -> Shares:
    """Slices, given with their company, as arrays."""
    found = list(slices)
    unsized = [not any(link.percent and not link.percent.expired for link in each.links) for _, each in found]
    ends = [each.most if bare else each.share for (_, each), bare in zip(found, unsized, strict=True)]
    return Shares(
        holders=_places(columns, [each.holder for _, each in found]),
        issuers=_places(columns, [company for company, _ in found]),
        low=_floats([each.share.low for _, each in found]),
        value=_floats([each.share.value for _, each in found]),
        high=_floats([end.high for end in ends]),
        unsized=np.array(unsized, dtype=bool),
    )


@dataclass(frozen=True)
class Registers:
    """Who holds what of whom, as places in the table of parties and percents 0..100.

    ``holders``, ``issuers`` and the three ends ``low``, ``value``, ``high`` are the shares that count, ``unsized`` says
    which have no percent (their value is 0). ``voters``, ``voted`` and ``votes_low``, ``votes_value``, ``votes_high``
    are the votes, ``told`` those that a source gives. ``companies`` have a register, ``cut`` are those among them that
    cannot be right, ``closed`` those in groups that own each other completely. ``by_rows`` were computed row by row.
    """

    holders: Ints
    issuers: Ints
    low: Floats
    value: Floats
    high: Floats
    unsized: Flags
    voters: Ints
    voted: Ints
    votes_low: Floats
    votes_value: Floats
    votes_high: Floats
    told: Flags
    companies: Ints
    cut: Ints
    closed: Ints
    by_rows: Ints

    def with_shares(self, companies: Ints, shares: Shares, size: int) -> Registers:
        """The same registers, of so many parties, with other shares of some companies."""
        kept = ~np.isin(self.issuers, companies)
        cells = {
            each.name: np.concatenate([np.asarray(getattr(self, each.name))[kept], getattr(shares, each.name)])
            for each in fields(Shares)
        }
        return replace(self, **cells).with_closed(size)

    def with_closed(self, size: int) -> Registers:
        """The same registers with their closed groups, found among so many parties once for all."""
        kept = ~np.isin(self.issuers, self.cut)
        shares = np.minimum(self.value[kept], 100.0) / 100.0
        groups = faults(matrix(self.holders[kept], self.issuers[kept], shares, size)).closed
        closed = np.concatenate([np.empty(0, dtype=np.int64), *groups])
        return replace(self, closed=closed)


def registers(facts: ColumnarFacts, ontology: Ontology, scope: Scope) -> Registers:
    """All registers at the clocks of a scope, from the files beside the columns if they have been computed before."""
    clocks = scope.clocks
    columns = facts.columns
    target = columns.folder / f"registers-{clocks.as_of}-{clocks.known_on}"
    if not target.is_dir():
        found = _Plain(columns, ontology, scope).registers().with_closed(columns.count("parties"))
        try:
            build_aside(target, lambda aside: _write(aside, found))
        except OSError:
            return found
    return Registers(
        **{each.name: np.asarray(np.load(target / f"{each.name}.npy", mmap_mode="r")) for each in fields(Registers)}
    )


def _write(folder: Path, found: Registers) -> None:
    for each in fields(Registers):
        np.save(folder / f"{each.name}.npy", getattr(found, each.name))


# Plain registers, as columns ------------------------------------------------------------------------------------------


class _Plain:
    """Computes what it can as columns, and hands the rest to the rows."""

    def __init__(self, columns: Columns, ontology: Ontology, scope: Scope) -> None:
        self.columns = columns
        self.ontology = ontology
        self.scope = scope
        self.stakes = Stakes(columns, ontology, scope)
        self.parties = columns.count("parties")

    def registers(self) -> Registers:
        stakes, issuers = self.stakes, self.stakes.ends("issuer")
        entering = stakes.counts() & stakes.standing
        doubtful = np.zeros(self.parties, dtype=bool)
        doubtful[issuers[stakes.doubtful]] = True
        low, value, high = (np.where(entering, end, np.nan) for end in stakes.shares())
        doubtful |= self._contradictory(issuers, low, value, high)
        plain = entering & ~doubtful[issuers]
        exact = np.unique(issuers[doubtful[issuers]])
        companies = np.unique(issuers[stakes.standing & ~doubtful[issuers]])
        return _joined(self._shares(plain, low, value, high), self._by_rows(exact), companies, exact)

    def _contradictory(self, issuers: Ints, low: Floats, value: Floats, high: Floats) -> Flags:
        """The companies whose percents cannot all be right, or add up to more than 100."""
        sums = np.bincount(issuers, weights=np.nan_to_num(value), minlength=self.parties)
        wrong = (low < 0) | (high > 100) | (low > high)
        found = sums > 100 + _SLACK
        found[issuers[wrong]] = True
        return found

    # Shares ----------------------------------------------------------------------------------------------------------

    def _shares(self, plain: Flags, low: Floats, value: Floats, high: Floats) -> Registers:
        """The registers of plain companies, as :func:`capgraph.analysis.register.register` has them."""
        holders, issuers = self.stakes.ends("holder")[plain], self.stakes.ends("issuer")[plain]
        low, value, high = low[plain], value[plain], high[plain]
        unsized = np.isnan(value)
        room = 100 - np.bincount(issuers, weights=np.nan_to_num(low), minlength=self.parties)
        high = np.minimum(high, np.maximum(value, room[issuers] + low))
        crowds = self.stakes.calendar.by_value("parties", "kind", lambda code: code == AGGREGATE) > 0
        sized_crowds = crowds[holders] & ~unsized
        unnamed = np.bincount(issuers[sized_crowds], weights=high[sized_crowds], minlength=self.parties)
        most = np.minimum(100, np.maximum(0, room) + unnamed)
        votes = ~unsized & ~crowds[holders]
        return Registers(
            holders=holders,
            issuers=issuers,
            low=np.nan_to_num(low),
            value=np.nan_to_num(value),
            high=np.where(unsized, most[issuers], high),
            unsized=unsized,
            voters=holders[votes],
            voted=issuers[votes],
            votes_low=low[votes],
            votes_value=value[votes],
            votes_high=high[votes],
            told=np.zeros(int(votes.sum()), dtype=bool),
            companies=np.empty(0, dtype=np.int64),
            cut=np.empty(0, dtype=np.int64),
            closed=np.empty(0, dtype=np.int64),
            by_rows=np.empty(0, dtype=np.int64),
        )

    # All others, from rows -------------------------------------------------------------------------------------------

    def _by_rows(self, issuers: Ints) -> Registers:
        shares: list[tuple[str, Slice]] = []
        votes: list[tuple[str, str, Any, bool]] = []
        cut: list[str] = []
        known: list[str] = []
        ids = self.columns.cells("parties", "id")
        for start in range(0, len(issuers), _BATCH):
            companies = [ids[place].as_py() for place in issuers[start : start + _BATCH].tolist()]
            structures = self._structures(companies)
            common = structures.common
            cut += [company for company in companies if company in common.cut]
            known += list(structures.registers)
            for company in companies:
                shares += [(company, each) for each in common.slices.get(company, ())]
            ballots = (each for found in Ballots(structures).ballots.values() for each in found)
            votes += [(each.holder, each.company, each.votes, each.told) for each in ballots]
        return self._arrays(shares, votes, cut, known)

    def _structures(self, companies: Sequence[str]) -> Structures:
        facts = ColumnarFacts(self.columns)
        network = RegisterNetwork(facts, self.ontology, Derived(facts, self.ontology, self.scope.clocks), self.scope)
        return Structures(Cone(network, (), companies))

    def _arrays(
        self,
        shares: list[tuple[str, Slice]],
        votes: list[tuple[str, str, Any, bool]],
        cut: list[str],
        companies: list[str],
    ) -> Registers:
        found = shares_of(self.columns, shares)
        return Registers(
            **{each.name: getattr(found, each.name) for each in fields(Shares)},
            voters=_places(self.columns, [holder for holder, *_ in votes]),
            voted=_places(self.columns, [company for _, company, *_ in votes]),
            votes_low=_floats([each.low for *_, each, _ in votes]),
            votes_value=_floats([each.value for *_, each, _ in votes]),
            votes_high=_floats([each.high for *_, each, _ in votes]),
            told=np.array([told for *_, told in votes], dtype=bool),
            companies=_places(self.columns, companies),
            cut=_places(self.columns, cut),
            closed=np.empty(0, dtype=np.int64),
            by_rows=np.empty(0, dtype=np.int64),
        )


def _places(columns: Columns, ids: Iterable[str]) -> Ints:
    found = [columns.find("parties", id) for id in ids]
    return np.array([place for place in found if place is not None], dtype=np.int64)


def _floats(values: list[Any]) -> Floats:
    return np.array([float(value) for value in values], dtype=np.float64)


def _joined(one: Registers, other: Registers, companies: Ints, by_rows: Ints) -> Registers:
    joined = {
        each.name: np.concatenate([getattr(one, each.name), getattr(other, each.name)]) for each in fields(Registers)
    }
    joined["companies"] = np.concatenate([joined["companies"], companies])
    return Registers(**{**joined, "by_rows": by_rows})
