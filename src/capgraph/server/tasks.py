"""What a worker does: answer a query, describe a thing, make a page. Knows nothing of HTTP but its status codes.

Each task takes the graph and a mapping of what is asked (plain texts, as they came), and gives a :class:`Reply`.
"""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from capgraph import bounded, publishing
from capgraph.bounded import Limits, Request
from capgraph.errors import CapgraphError, NotFound, UnknownName, UsageProblem
from capgraph.server import pages, things
from capgraph.sparql import Query, RemoteRefused, UpdateRefused, prefixes

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answered: an HTTP status, the body, and what else to know (``log``: for the server's own eyes)."""

    status: int
    body: bytes
    head: Mapping[str, Any] = field(default_factory=dict)


Task = Callable[["CapitalGraph", Asked, Limits], bytes]


def do(graph: CapitalGraph, task: str, asked: Asked, limits: Limits) -> Reply:
    """Do a task. Whatever goes wrong becomes a reply with the status that fits; nothing of our own code is shown."""
    try:
        return Reply(200, TASKS[task](graph, asked, limits))
    except CapgraphError as error:
        return Reply(status_of(error), f"{error}\n".encode())
    except MemoryError:
        return stopped("memory", limits)
    except Exception:
        return Reply(500, b"something went wrong inside the server\n", {"log": traceback.format_exc()})


def status_of(error: CapgraphError) -> int:
    """The HTTP status for an error: 403 refused, 404 no such thing, 503 beyond the limits, 400 asked wrongly."""
    if isinstance(error, (UpdateRefused, RemoteRefused)):
        return 403
    if isinstance(error, bounded.QueryStopped):
        return 503
    if isinstance(error, (NotFound, UnknownName)):
        return 404
    return 400 if isinstance(error, UsageProblem) else 500


def stopped(why: str, limits: Limits) -> Reply:
    """The reply for a worker that the kernel ended."""
    nothing = Request(Query("", "ask", True), "tsv", limits)
    return Reply(503, f"{bounded.problem(nothing, why)}\n".encode())


def warm_up(graph: CapitalGraph) -> None:
    """Load what workers will need, so that each of them finds it loaded: the graph, the network, all analyses."""
    from capgraph import analysis

    for module in pkgutil.iter_modules(analysis.__path__):
        importlib.import_module(f"capgraph.analysis.{module.name}")
    assert graph.rdf is not None
    assert graph.network.links is not None


def at_clocks(graph: CapitalGraph, asked: Asked) -> CapitalGraph:
    """The graph at the clocks that a request names, else at those of the server.

    Such a graph lives in this worker alone: whoever asks for one day after the other fills neither disk nor memory.
    """
    as_of, known_on = asked.get("as_of") or None, asked.get("known_on") or None
    if as_of is None and known_on is None:
        return graph
    other = graph.at(as_of, known_on)
    memory = ox.Store()
    memory.bulk_extend(graph.store.graph)
    memory.extend(other.derived.quads())
    other.__dict__["rdf"] = memory  # in place of the cached property, which would compile a folder
    return other


# Tasks ----------------------------------------------------------------------------------------------------------------


def query(graph: CapitalGraph, asked: Asked, limits: Limits) -> bytes:
    """A free query in a W3C format, from a process that can open nothing any more."""
    then = at_clocks(graph, asked)
    wanted = Query.parse(asked["text"])
    default, named = tuple(asked.get("default", ())), tuple(asked.get("named", ()))
    request = Request(wanted, asked["format"], limits, prefixes(graph.ontology), default, named)
    rdf, folder = then.rdf, then.store.folder_with(then.derived.graph)
    bounded.seal_if_confined()
    return bounded.run(rdf, request, folder).body


def describe(graph: CapitalGraph, asked: Asked, limits: Limits) -> bytes:
    """A thing as RDF: what is said of it, and the readings, evidence and statuses about it."""
    then = at_clocks(graph, asked)
    outcome = things.described(then, asked["iri"], asked["format"], limits)
    if asked["format"] in ("ttl", "nt"):
        return publishing.published(outcome, then.context, then.derived.graph).encode()
    return outcome.body


def page(graph: CapitalGraph, asked: Asked, limits: Limits) -> bytes:
    """A page as HTML."""
    return pages.PAGES[asked["page"]](at_clocks(graph, asked), asked, limits).encode()


TASKS: Mapping[str, Task] = {"query": query, "describe": describe, "page": page}
"""Every task by name."""
