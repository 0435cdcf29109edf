"""Pages of the network by their subject, and pages rebuilt from the graph that another page carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from capgraph import ontology as model
from capgraph import recording
from capgraph.errors import NotFound
from capgraph.network import CapitalNetwork
from capgraph.views import live, payload, stories
from capgraph.views.page import page
from capgraph.views.subjects import Subject


def from_json(path: str, lang: str, everything: bool) -> str:
    """The page of a graph file, ``-`` for standard input. Raises DataProblem for one that is not well-formed."""
    return page(payload.read(path), model.load(), lang, everything)


def of_network(
    network: CapitalNetwork,
    version: str,
    subject: Subject,
    *,
    story: Path | None = None,
    lang: str = "en",
    everything: bool = False,
) -> str:
    """The page of a subject: those of its links that had begun by the asked day, and those that nobody dates.

    ``story`` is a YAML file of steps. Raises NotFound where there is nothing to draw.
    """
    recorded = recording.record_of(network.scope.asked, version)
    return page(graph_of(network, version, subject, story), network.ontology, lang, everything, recorded)


def graph_of(network: CapitalNetwork, version: str, subject: Subject, story: Path | None = None) -> live.Graph:
    """The graph that the page of a subject carries."""
    day = network.scope.clocks.as_of
    links = [link for link in subject.links if link.start is None or link.start.first <= day]
    if not any(link.start for link in links) and not subject.edges:
        raise NotFound(f"there is nothing to draw as of {day}: no link had begun that was public")
    words = network.ontology.words("page.title")
    graph = live.graph_of(network, *(subject.title or (words.en, words.zh) if words else ("", "")), version, links)
    graph["nodes"] += list(subject.nodes)
    graph["edges"] += list(subject.edges)
    graph["meta"]["command"] = subject.command
    _mark(graph, subject)
    if subject.loops:
        graph["loops"] = list(subject.loops)
    if subject.lead:
        graph["lead"] = [line.plain() for line in subject.lead]
    if story is not None:
        graph["story"] = stories.read(story)
    return graph


def _mark(graph: dict[str, Any], subject: Subject) -> None:
    """Put the marks of a subject on links and parties."""
    for item in (*graph["edges"], *graph["nodes"]):
        mark = subject.marks.get(item["id"].split("#")[0])
        if mark is not None:
            item["mark"] = mark.plain()
