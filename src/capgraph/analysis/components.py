"""Which parties hang together by stakes: the connected components of the ownership network, and its bow-tie.

Two parties are in one *weak* component if stakes lead from one to the other whichever way they run. They are in one
*strong* component if each holds the other, directly or through others: a ring of cross-holdings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from capgraph.analysis.register import instrument
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Note, Result, note, section

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_GROUPS = 20
"""So many of the largest groups are shown."""

MOST_NAMED = 5
"""So many members of each are named."""

BOUNDS = (1, 2, 3, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
"""The least sizes of the classes that groups are counted in."""


@dataclass(frozen=True, slots=True)
class StakeGroup:
    """Parties that hang together, and the stakes between them. ``named`` are the first of them by id."""

    parties: int
    stake_count: int
    named: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class GroupSizes:
    """How many groups have ``least_parties`` to ``most_parties`` parties, and how many parties these are together."""

    least_parties: int
    most_parties: int
    group_count: int
    parties: int


@dataclass(frozen=True, slots=True)
class BowTiePart:
    """One part of the network as seen from its largest ring, the core."""

    part: Note
    parties: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Components(Result):
    """The groups into which stakes tie the parties, largest first. A party without a stake is in none."""

    parties: int
    stake_count: int
    groups_found: int
    groups: tuple[StakeGroup, ...] = section(StakeGroup)
    size_classes: tuple[GroupSizes, ...] = section(GroupSizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings(Components):
    """The groups of parties that hold each other. ``bow_tie`` is empty where no two do."""

    bow_tie: tuple[BowTiePart, ...] = section(BowTiePart)


@dataclass(frozen=True)
class Ties:
    """Stakes as places: ``holders[k]`` has a stake in ``issuers[k]``; places run from 0 up to ``size``."""

    holders: Places
    issuers: Places
    size: int

    def backwards(self) -> Ties:
        return Ties(self.issuers, self.holders, self.size)


def components(network: CapitalNetwork, context: Context, *, strong: bool = False) -> Components:
    """The components of the stakes that stand, largest first, ties by the first member's id.

    Every instrument counts, since it ties two parties whether or not it is ownership.

    Parameters
    ----------
    network : all links at a pair of clocks.
    context : printed with the answer.
    strong : rings of parties that hold each other, and the bow-tie around the largest of them, instead of all that
        hangs together.

    Returns
    -------
    Components: how many groups there are, the largest, and how many there are of each size. Of strong components those
    of a single party are counted among the sizes only.

    Examples
    --------
    >>> components(network, context).groups_found                                              # doctest: +SKIP
    41

    References
    ----------
    R. E. Tarjan. Depth-first search and linear graph algorithms. SIAM Journal on Computing 1 (1972), 146-160.
    A. Broder et al. Graph structure in the web. Computer Networks 33 (2000), 309-320. (bow-tie)
    S. Vitali, J. B. Glattfelder, S. Battiston. The network of global corporate control. PLoS ONE 6(10) (2011), e25995.
    (its use for ownership: those who own part of the core, the core, those whom it owns)
    """
    links = [link for link in network.links if instrument(network, link) is not None]
    ids = sorted({end for link in links for end in (link.source, link.target)})
    places = {id: place for place, id in enumerate(ids)}
    ties = Ties(
        np.array([places[link.source] for link in links], dtype=np.int64),
        np.array([places[link.target] for link in links], dtype=np.int64),
        len(ids),
    )
    least = strong_components(ties) if strong else weak_components(ties)
    return described(ties, least, lambda place: network.node(ids[place]).name, context, strong=strong)


def described(
    ties: Ties,
    least: Places,
    name: Callable[[int], Name],
    context: Context,
    *,
    strong: bool,
    notes: tuple[Note, ...] = (),
) -> Components:
    """What components are like, from the least place of the component of each place."""
    linked = np.unique(np.concatenate([ties.holders, ties.issuers]))
    firsts, counts = np.unique(least[linked], return_counts=True)
    inside = least[ties.holders] == least[ties.issuers]
    stakes = np.bincount(least[ties.issuers[inside]], minlength=ties.size + 1)[firsts]
    groups = np.flatnonzero(counts > 1) if strong else np.arange(len(firsts))
    largest = groups[np.lexsort([firsts[groups], -counts[groups]])]

    def group(number: int) -> StakeGroup:
        members = linked[least[linked] == firsts[number]][:MOST_NAMED]
        return StakeGroup(int(counts[number]), int(stakes[number]), tuple(name(place) for place in members.tolist()))

    shown = largest[:MOST_GROUPS].tolist()
    cut = (note("register.largest", shown=len(shown), found=len(groups)),) if len(groups) > len(shown) else ()
    found: dict[str, Any] = {
        "parties": len(linked),
        "stake_count": len(ties.issuers),
        "groups_found": len(groups),
        "groups": tuple(group(number) for number in shown),
        "size_classes": tuple(_sizes(counts)),
        "context": context,
        "notes": (*notes, *cut),
    }
    if not strong:
        return Components(**found)
    core = linked[least[linked] == firsts[largest[0]]] if shown else linked[:0]
    return Rings(**found, bow_tie=tuple(bow_tie(ties, core)) if shown else ())


def _sizes(counts: Places) -> Iterator[GroupSizes]:
    """How many groups there are of each class of sizes, the smallest first; classes without any are left out."""
    classes = np.searchsorted(BOUNDS, counts, side="right") - 1
    for number in np.unique(classes).tolist():
        ours = counts[classes == number]
        yield GroupSizes(int(ours.min()), int(ours.max()), len(ours), int(ours.sum()))


# Components -----------------------------------------------------------------------------------------------------------


def weak_components(ties: Ties) -> Places:
    """For each place the least place of its weak component; those without a stake are their own.

    >>> weak_components(Ties(np.array([1, 3]), np.array([2, 2]), 5)).tolist()
    [0, 1, 1, 1, 4]
    """
    return _least(csgraph.connected_components(_pattern(ties), directed=False)[1])


def strong_components(ties: Ties) -> Places:
    """For each place the least place of its strong component.

    >>> strong_components(Ties(np.array([1, 3, 2]), np.array([2, 1, 3]), 5)).tolist()
    [0, 1, 1, 1, 4]
    """
    return _least(csgraph.connected_components(_pattern(ties), directed=True, connection="strong")[1])


def _pattern(ties: Ties) -> Any:
    return sparse.csr_array((np.ones(len(ties.holders)), (ties.holders, ties.issuers)), shape=(ties.size, ties.size))


def _least(labels: Any) -> Places:
    firsts = np.full(int(labels.max(initial=-1)) + 1, len(labels), dtype=np.int64)
    np.minimum.at(firsts, labels, np.arange(len(labels)))
    found: Places = firsts[labels]
    return found


# The bow-tie ----------------------------------------------------------------------------------------------------------


def bow_tie(ties: Ties, core: Places) -> Iterator[BowTiePart]:
    """How many parties own part of a strong component, are in it, are owned by it, or hang on in another way.

    The parts are apart and together all parties with a stake.
    """
    itself = np.zeros(ties.size, dtype=bool)
    itself[core] = True
    above = reached(ties.backwards(), core) & ~itself
    below = reached(ties, core) & ~itself
    main = above | itself | below
    past = reached(ties, np.flatnonzero(above)) & reached(ties.backwards(), np.flatnonzero(below)) & ~main
    least = weak_components(ties)
    tied = least == least[core[0]]
    linked = np.zeros(ties.size, dtype=bool)
    linked[ties.holders] = linked[ties.issuers] = True
    parts = {
        "owners": above,
        "core": itself,
        "owned": below,
        "past": past,
        "tendrils": tied & ~main & ~past,
        "apart": linked & ~tied,
    }
    for name, members in parts.items():
        yield BowTiePart(note(f"components.{name}"), int(members.sum()))


def reached(ties: Ties, start: Places) -> Flags:
    """What some parties hold, directly or through others, and themselves.

    >>> reached(Ties(np.array([0, 1, 3]), np.array([1, 2, 2]), 4), np.array([1])).tolist()
    [False, True, True, False]
    """
    beside = np.full(len(start), ties.size)
    joined = Ties(np.concatenate([ties.holders, beside]), np.concatenate([ties.issuers, start]), ties.size + 1)
    found = np.zeros(ties.size + 1, dtype=bool)
    found[csgraph.breadth_first_order(_pattern(joined), ties.size, return_predecessors=False)] = True
    return found[: ties.size]
