"""Pages of the network by what they show, and pages rebuilt from the graph that another page carries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from capgraph import ontology as model
from capgraph.clocks import DateSpan
from capgraph.errors import NotFound
from capgraph.network import CapitalNetwork, Link
from capgraph.views import live, payload, selection, stories
from capgraph.views.page import page


def from_json(path: str, lang: str, everything: bool) -> str:
    """The page of a graph file, ``-`` for standard input. Raises DataProblem for one that is not well-formed."""
    return page(payload.read(path), model.load(), lang, everything)


def of_network(
    network: CapitalNetwork,
    version: str,
    *,
    links: Sequence[Link] | None = None,
    title: tuple[str, str] | None = None,
    story: Path | None = None,
    loops: Sequence[dict[str, Any]] = (),
    marks: dict[str, str] | None = None,
    command: str = "capgraph view",
    lang: str = "en",
    everything: bool = False,
) -> str:
    """The page of a network: all its links up to the asked day, or the given ones.

    ``title`` is given in English and Chinese; ``story`` is a YAML file of steps; ``marks`` tells which things appeared
    or went. Raises NotFound where there is nothing to draw.
    """
    day = network.scope.clocks.as_of
    chosen = [
        link
        for link in (network.history() if links is None else links)
        if link.start is None or link.start.first <= day
    ]
    if not chosen:
        raise NotFound(f"there is nothing to draw as of {day}: no link had begun that was public")
    words = network.ontology.words("page.title")
    titles = title or ((words.en, words.zh) if words else ("capgraph", "capgraph"))
    graph = live.graph_of(network, *titles, version, chosen)
    graph["meta"]["command"] = command
    if loops:
        graph["loops"] = list(loops)
    if story is not None:
        graph["story"] = stories.read(story)
    for edge in graph["edges"] if marks else ():
        edge["change"] = (marks or {}).get(edge["id"].split("#")[0])
    return page(graph, network.ontology, lang, everything)


def changes(network: CapitalNetwork, first: str, second: str) -> tuple[list[Link], dict[str, str]]:
    """The links that appeared or went between two days, with which of both."""
    links = network.history()
    marks = selection.changed(links, *(DateSpan.parse(day).last for day in (first, second)))
    return [link for link in links if link.id in marks], marks
