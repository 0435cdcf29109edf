"""Look-through ownership and control on one seeded scale-free network, three ways.

The networks are those of :mod:`benchmarks.synthetic`; firms of an oversubscribed or closed register are cut out first,
as the answers do. Every way tells the same four answers: the sum of the values of all holders, the look-through share
of the broadest holder in all companies together, how many pairs of controller and controlled there are, and how long
each took. External values are 1 for every company.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.measured.clock import least
from benchmarks.synthetic import ownership
from capgraph.analysis.control import control_pairs
from capgraph.analysis.lookthrough import Matrix, corrected_holdings, cut, faults, matrix, values

TOLERANCE = 1e-12
"""Where the iterations of the peers stop, as a fraction of the largest value."""

Told = Iterator[tuple[str, Any]]


def network(firms: int) -> Matrix:
    """The known holdings of a seeded register as fractions, contradictory and closed registers cut out."""
    found = ownership(firms)
    known = ~np.isnan(found.percents)
    w = matrix(found.holders[known], found.issuers[known], found.percents[known] / 100.0, found.size)
    wrong = faults(w)
    return cut(w, np.array(sorted({*wrong.oversubscribed, *wrong.closed}), dtype=np.int64))


def broadest(w: Matrix) -> int:
    """The holder whose stakes sum to most."""
    return int(np.asarray(w.sum(axis=1)).ravel().argmax())


def ours(firms: int) -> Told:
    """Sparse factors in the order of strong components, control with counters."""
    w = network(firms)
    yield "places", w.shape[0]
    yield "stakes", int(w.nnz)
    external = np.ones(w.shape[0])
    seconds, (_, _, held) = least(lambda: values(w, external))
    yield "values", seconds
    yield "values answer", float(held.sum())
    holder = broadest(w)
    seconds, shares = least(lambda: corrected_holdings(w, holder))
    yield "holdings", seconds
    yield "holdings answer", float(shares.sum() - shares[holder])
    seconds, pairs = least(lambda: sum(1 for _ in control_pairs(w)))
    yield "control", seconds
    yield "control answer", pairs


def dense(firms: int) -> Told:
    """NumPy: the whole matrix, a general solver, and control as products of the whole matrix."""
    w = network(firms)
    yield "places", w.shape[0]
    full, external = w.toarray(), np.ones(w.shape[0])
    size = len(full)

    def all_values() -> np.ndarray:
        return full @ np.linalg.solve(np.eye(size) - full, external)

    seconds, held = least(all_values)
    yield "values", seconds
    yield "values answer", float(held.sum())
    holder = broadest(w)

    def holdings() -> np.ndarray:
        row = np.linalg.solve((np.eye(size) - full).T, np.eye(1, size, holder)[0])
        return np.delete(row / row[holder], holder)

    seconds, shares = least(holdings)
    yield "holdings", seconds
    yield "holdings answer", float(shares.sum())
    seconds, pairs = least(lambda: _dense_control(full))
    yield "control", seconds
    yield "control answer", pairs


def _dense_control(full: np.ndarray) -> int:
    """Rows are sets of controlled companies; each round adds those in which a set has more than half."""
    majority = (full > 0.5 + TOLERANCE).any(axis=1)
    members = np.eye(len(full))[majority]
    own = members.astype(bool)
    while True:
        grown = (members @ full > 0.5 + TOLERANCE) | own | (members > 0)
        if grown.sum() == members.sum():
            return int(grown.sum() - len(members))
        members = grown.astype(float)


def objects(firms: int) -> Told:
    """NetworkX: one Python object a stake, answers by walking edges until nothing changes."""
    w = network(firms).tocoo()
    yield "places", w.shape[0]
    stakes = list(zip(w.row.tolist(), w.col.tolist(), w.data.tolist(), strict=True))

    def build() -> nx.DiGraph[int]:
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(w.shape[0]))
        graph.add_weighted_edges_from(stakes, weight="share")
        return graph

    seconds, graph = least(build)
    yield "build", seconds
    seconds, held = least(lambda: _walked_values(graph))
    yield "values", seconds
    yield "values answer", held
    holder = broadest(w.tocsc())
    seconds, shares = least(lambda: _walked_holdings(graph, holder))
    yield "holdings", seconds
    yield "holdings answer", shares
    seconds, pairs = least(lambda: _walked_control(graph))
    yield "control", seconds
    yield "control answer", pairs


def _walked_values(graph: nx.DiGraph[int]) -> float:
    """Gross values to their fixpoint, ``V = 1 + W V``, then what all stakes are worth."""
    gross = dict.fromkeys(graph, 1.0)
    while True:
        found = {
            node: 1.0 + sum(edge["share"] * gross[company] for company, edge in graph.adj[node].items())
            for node in graph
        }
        change = max(abs(found[node] - gross[node]) for node in graph)
        gross = found
        if change <= TOLERANCE * max(gross.values()):
            return math.fsum(edge["share"] * gross[company] for _, company, edge in graph.edges(data=True))


def _walked_holdings(graph: nx.DiGraph[int], holder: int) -> float:
    """Shares carried down along stakes until what is still on its way is nothing; what comes home stops there."""
    moving, total = {holder: 1.0}, 0.0
    while moving:
        arrived: dict[int, float] = {}
        for node, part in moving.items():
            for company, edge in graph.adj[node].items():
                if company != holder:
                    arrived[company] = arrived.get(company, 0.0) + part * edge["share"]
        total += math.fsum(arrived.values())
        moving = {node: part for node, part in arrived.items() if part > TOLERANCE}
    return total


def _walked_control(graph: nx.DiGraph[int]) -> int:
    """For each holder of a majority, what it and those it controls outvote together, to the fixpoint."""
    pairs = 0
    for holder in graph:
        if not any(edge["share"] > 0.5 + TOLERANCE for edge in graph.adj[holder].values()):
            continue
        members, waiting, counted = {holder}, [holder], dict[int, float]()
        while waiting:
            for company, edge in graph.adj[waiting.pop()].items():
                counted[company] = counted.get(company, 0.0) + edge["share"]
                if counted[company] > 0.5 + TOLERANCE and company not in members:
                    members.add(company)
                    waiting.append(company)
        pairs += len(members) - 1
    return pairs
