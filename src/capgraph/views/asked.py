"""Which page was asked for: one subject, filtered to the asked layers, with its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from capgraph.errors import UsageProblem
from capgraph.views import pages, selection, stories, subjects

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page should show; at most one subject may be asked for, none is the whole network.

    ``around`` with ``hops``, ``path``, ``changes``, ``loop`` and ``through``, ``falls`` and ``defaults``, ``funding``
    with ``start`` and ``end`` name subjects. ``story`` is the name of a bundled story or a file.
    """

    around: str | None = None
    hops: int = 2
    path: tuple[str, str] | None = None
    changes: tuple[str, str] | None = None
    loop: int | None = None
    through: str | None = None
    falls: Sequence[tuple[str, Decimal]] = ()
    defaults: Sequence[str] = ()
    funding: str | None = None
    start: str | None = None
    end: str | None = None
    layers: Sequence[str] = ()
    story: str | Path | None = None
    everything: bool = False
    lang: str = "en"


def page_of(graph: CapitalGraph, asked: Asked) -> str:
    """The page of a graph. Raises UsageProblem for two subjects, NotFound where there is nothing to draw."""
    for layer in asked.layers:
        if layer not in graph.ontology.layers:
            raise UsageProblem(f"{layer!r} is no layer; there are: {', '.join(graph.ontology.layers)}")
    subject = _subject(graph, asked)
    command = " ".join([subject.command, *(f"--layer {layer}" for layer in asked.layers)])
    chosen = replace(subject, links=selection.in_layers(subject.links, asked.layers), command=command)
    return pages.of_network(
        graph.network, graph.store.version, chosen, story=_story(asked), lang=asked.lang, everything=asked.everything
    )


def _story(asked: Asked) -> Path | None:
    """The story that was asked for; the page of the whole network carries the bundled one."""
    if asked.story is not None:
        return stories.find(str(asked.story))
    return None if _names(asked) or asked.layers else stories.default()


def _names(asked: Asked) -> list[str]:
    """The subjects that were asked for, as their options."""
    given = {
        "--around": asked.around,
        "--path": asked.path,
        "--changes": asked.changes,
        "--loop or --through": asked.loop or asked.through,
        "--shock": asked.falls or asked.defaults,
        "--funding": asked.funding,
    }
    return [name for name, value in given.items() if value]


def _subject(graph: CapitalGraph, asked: Asked) -> subjects.Subject:
    names = _names(asked)
    if len(names) > 1:
        raise UsageProblem(f"a page shows one thing, not {' and '.join(names)}")
    if (asked.start or asked.end) and not asked.funding:
        raise UsageProblem("--from and --to belong to --funding")
    if asked.around:
        return subjects.around(graph, asked.around, asked.hops)
    if asked.path:
        return subjects.path(graph, asked.path)
    if asked.changes:
        return subjects.changes(graph, asked.changes)
    if asked.loop or asked.through:
        return subjects.loops(graph, asked.loop, asked.through)
    if asked.falls or asked.defaults:
        return subjects.shock(graph, asked.falls, asked.defaults)
    if asked.funding:
        return subjects.funding(graph, asked.funding, asked.start, asked.end)
    return subjects.everything(graph)
