"""One thing as linked data: which IRI an address means, and what the graph says of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from capgraph.bounded import Limits, Outcome, Request, run
from capgraph.errors import NotFound
from capgraph.ontology import BASE
from capgraph.sparql import Query, prefixes

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

_ADDRESS = re.compile(r"(?:id|code)/[a-z-]+/[A-Za-z0-9_.%/-]+")


def iri_of(path: str) -> str:
    """The IRI that an address of this server means: its path under the base of all our IRIs.

    Raises NotFound for a path that no IRI of ours can have.

    >>> iri_of("id/party/nvidia")
    'https://w3id.org/capgraph/id/party/nvidia'
    """
    if not _ADDRESS.fullmatch(path):
        raise NotFound(f"there is nothing at {path[:80]!r}")
    return BASE + path


def path_of(iri: str) -> str | None:
    """The address on this server of one of our own IRIs, None for any other."""
    rest = iri.removeprefix(BASE)
    return f"/{rest}" if rest != iri and _ADDRESS.fullmatch(rest) else None


def described(graph: CapitalGraph, iri: str, format: str, limits: Limits) -> Outcome:
    """What the graph says of a thing, with the readings, evidence, statuses and opinions about it.

    Raises NotFound where it says nothing.
    """
    text = f"""CONSTRUCT {{ ?s ?p ?o }} WHERE {{
      {{ VALUES ?s {{ <{iri}> }} ?s ?p ?o }} UNION {{ ?s cap:about <{iri}> ; ?p ?o }} }}"""
    request = Request(Query.parse(text), format, limits, prefixes(graph.ontology))
    outcome = run(graph.rdf, request, graph.store.folder_with(graph.derived.graph))
    if not outcome.body.strip() or not _says_anything(graph, iri):
        raise NotFound(f"the graph says nothing of <{iri}>")
    return outcome


def _says_anything(graph: CapitalGraph, iri: str) -> bool:
    import pyoxigraph as ox

    return next(graph.rdf.quads_for_pattern(ox.NamedNode(iri), None, None, None), None) is not None
