"""Which page was asked for: the links, title and command line of each kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from capgraph.errors import UsageProblem
from capgraph.network import Link
from capgraph.views import live, pages, selection

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph


def page_of(
    graph: CapitalGraph,
    around: str | None,
    hops: int,
    path: tuple[str, str] | None,
    changes: tuple[str, str] | None,
    layers: tuple[str, ...],
    story: str | Path | None,
    everything: bool,
    lang: str,
) -> str:
    """The page of a graph. Of ``around``, ``path`` and ``changes`` at most one may be given."""
    if sum(option is not None for option in (around, path, changes)) > 1:
        raise UsageProblem("a page shows one thing: --around, --path or --changes")
    _check_layers(graph, layers)
    links, words, command, marks = _chosen(graph, around, hops, path, changes)
    return pages.of_network(
        graph.network,
        graph.store.version,
        links=selection.in_layers(links, layers),
        title=words,
        story=Path(story) if story else None,
        loops=_circles(graph) if command == "capgraph view" else (),
        marks=marks,
        command=" ".join([command, *(f"--layer {layer}" for layer in layers)]),
        lang=lang,
        everything=everything,
    )


def _chosen(
    graph: CapitalGraph,
    around: str | None,
    hops: int,
    path: tuple[str, str] | None,
    changes: tuple[str, str] | None,
) -> tuple[tuple[Link, ...], tuple[str, str] | None, str, dict[str, str]]:
    network = graph.network
    if around is not None:
        node = graph.party(around)
        words = _titled(graph, "page.around", party=network.node(node).name)
        return (
            selection.around(network.history(), node, hops),
            words,
            f"capgraph view --around {node} --hops {hops}",
            {},
        )
    if path is not None:
        one, other = (graph.party(name) for name in path)
        found = graph.path(one, other, k=8)
        words = _titled(graph, "page.between", one=network.node(one).name, other=network.node(other).name)
        ids = [hop.link for hop in found.hops]
        return selection.named(network, ids), words, f"capgraph view --path {one} {other}", {}
    if changes is not None:
        links, marks = pages.changes(network, *changes)
        words = _titled(graph, "page.changed", first=changes[0], second=changes[1])
        return tuple(links), words, f"capgraph view --changes {changes[0]} {changes[1]}", marks
    return network.history(), None, "capgraph view", {}


def _titled(graph: CapitalGraph, key: str, **values: Any) -> tuple[str, str]:
    from capgraph.voice import Voice

    return Voice(graph.ontology, "en").say(key, **values), Voice(graph.ontology, "zh").say(key, **values)


def _check_layers(graph: CapitalGraph, layers: tuple[str, ...]) -> None:
    for layer in layers:
        if layer not in graph.ontology.layers:
            raise UsageProblem(f"{layer!r} is no layer; there are: {', '.join(graph.ontology.layers)}")


def _circles(graph: CapitalGraph) -> tuple[dict[str, Any], ...]:
    """The money circles of the graph as the page lists them, those whose every leg is a link that is drawn."""
    drawn = {link.id for link in graph.network.history()}
    found = graph.loops(top=40)
    legs: dict[int, list[Any]] = {}
    for leg in found.legs:
        legs.setdefault(leg.loop, []).append(leg)
    circles = []
    for loop in found.loops:
        edges = [next((id for id in leg.ids if id in drawn), None) for leg in legs[loop.loop]]
        if all(edges):
            amount = loop.bottleneck.value if loop.bottleneck.value is not None else loop.bottleneck.low
            rung = loop.weakest.code if loop.weakest else None
            nodes = [party.id for party in loop.parties]
            circles.append({"nodes": nodes, "edges": edges, "amount": live.number(amount), "rung": rung})
    return tuple(circles)
