"""Circles of bounded length in who pays whom, in our own search and in NetworkX's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx

from benchmarks.measured.clock import least
from benchmarks.synthetic import payments
from capgraph.analysis.cycles import bounded_cycles
from capgraph.analysis.mechanisms import money_links
from capgraph.graph import load

Told = Iterator[tuple[str, Any]]


def _paid(parties: int, data: str) -> dict[str, list[str]]:
    """A synthetic network of so many parties; 0 for a data folder, money at or above the signed rung."""
    if parties:
        return payments(parties)
    paid: dict[str, set[str]] = {}
    for link in money_links(load(data or None).network):
        paid.setdefault(link.source, set()).add(link.target)
    return {payer: sorted(payees) for payer, payees in paid.items()}


def ours(parties: int, length: int, data: str) -> Told:
    paid = _paid(parties, data)
    yield "parties", len(set(paid) | {payee for payees in paid.values() for payee in payees})
    yield "payments", sum(map(len, paid.values()))
    seconds, found = least(lambda: sum(1 for _ in bounded_cycles(paid, length)), 3)
    yield "seconds", seconds
    yield "circles", found


def networkx(parties: int, length: int | None, data: str) -> Told:
    """``length`` None: circles of any length, as ``simple_cycles`` does without being told otherwise."""
    paid = _paid(parties, data)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((payer, payee) for payer, payees in paid.items() for payee in payees)
    yield "built", True
    seconds, found = least(lambda: sum(1 for _ in nx.simple_cycles(graph, length_bound=length)), 3)
    yield "seconds", seconds
    yield "circles", found
