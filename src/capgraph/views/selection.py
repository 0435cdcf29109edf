"""Which links a page shows: a neighbourhood, the paths between two parties, or what changed between two days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from capgraph.clocks import ended, started
from capgraph.errors import NotFound
from capgraph.network import CapitalNetwork, Link


def around(links: Sequence[Link], centre: str, hops: int) -> tuple[Link, ...]:
    """The links within so many hops of a party, and those among the parties that they reach.

    Raises NotFound where the party has no link at all.
    """
    reached, frontier = {centre}, {centre}
    for _ in range(hops):
        touching = [link for link in links if link.source in frontier or link.target in frontier]
        frontier = {end for link in touching for end in (link.source, link.target)} - reached
        reached |= frontier
    found = tuple(link for link in links if link.source in reached and link.target in reached)
    if not found:
        raise NotFound(f"{centre} has no link to draw")
    return found


def in_layers(links: Iterable[Link], layers: Sequence[str]) -> tuple[Link, ...]:
    """The links of these layers; all where none is named."""
    return tuple(link for link in links if not layers or link.layer in layers)


def named(network: CapitalNetwork, ids: Iterable[str]) -> tuple[Link, ...]:
    """The links of these things, in the order of the network."""
    wanted = set(ids)
    return tuple(link for link in network.history() if link.id in wanted)


def changed(links: Iterable[Link], first: date, second: date) -> dict[str, str]:
    """Which things appeared and which went between two days: ``kind/id`` -> ``appeared`` or ``went``."""
    found = {}
    for link in links:
        before, after = (_stands(link, day) for day in (first, second))
        if before != after:
            found[link.id] = "appeared" if after else "went"
    return found


def _stands(link: Link, day: date) -> bool:
    begun = link.start is not None and started(link.start, day)
    return begun and not (link.end is not None and ended(link.end, day))
