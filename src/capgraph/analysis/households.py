"""All houses as one: every party merged with its subsidiaries and vehicles, around the parties that are asked about."""

from __future__ import annotations

from collections.abc import Iterable

from capgraph.network import CapitalNetwork


def merged_households(network: CapitalNetwork, asked: Iterable[str]) -> CapitalNetwork:
    """The network with every house merged.

    An asked party stands for its own house. Every other house is merged as far up as it leaves out the asked parties:
    who owns the company that the question is about stays apart from it.
    """
    first = tuple(dict.fromkeys(asked))
    tops = {_top(network, node, first) for node in network.nodes if network.parents(node)}
    return network.grouped(*first, *sorted(tops - set(first)))


def _top(network: CapitalNetwork, party: str, apart: tuple[str, ...]) -> str:
    """The top of a party's house, climbing while the house swallows none of some parties."""
    seen = {party}
    while True:
        above = [
            each
            for each in network.parents(party)
            if each not in seen and not any(other in network.house(each) for other in apart)
        ]
        if not above:
            return party
        party = above[0]
        seen.add(party)
