"""The facts on another SPARQL 1.1 server: fetched in bounded queries, or published there in chunks and verified.

A server only keeps the facts. What it is asked are plain patterns, one page of subjects at a time, so that an engine
whose aggregates, paths or date comparisons cannot be trusted still gives the same answers: the rows are rebuilt here,
and everything above them (rules, figures, network) is computed as from tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import httpx
import pyoxigraph as ox

from capgraph.errors import CapgraphError, DataProblem
from capgraph.facts import Dataset, Facts
from capgraph.ontology import Ontology
from capgraph.quads import GRAPH, facts_from_quads, facts_to_quads
from capgraph.store import Store, in_memory

PAGE = 5_000
"""Triples asked for at once. Virtuoso sorts and returns no more than 10,000 rows unless told otherwise."""

CHUNK = 400
"""Triples sent at once; Virtuoso refuses updates of some thousand lines."""

_ANSWER_LIMIT = 64 * 1024 * 1024
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_ABOUT = f"{GRAPH}about/"
_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
_DATASET = "http://purl.org/dc/terms/description"

Say = Callable[[str], None]


class EndpointProblem(CapgraphError):
    """The server could not be reached, hung, refused, or answered something that cannot be right."""

    exit_code = 3


@dataclass(frozen=True)
class Endpoint:
    """A SPARQL 1.1 server: the address of its query endpoint and, to publish, of its update endpoint.

    Name and password may stand in the address (``https://name:password@host/sparql``).
    """

    url: str
    update_url: str = ""
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=_TIMEOUT, follow_redirects=False))

    def select(self, query: str) -> list[dict[str, ox.NamedNode | ox.BlankNode | ox.Literal]]:
        """The solutions of a SELECT query. Raises EndpointProblem for anything but a whole, well-formed answer."""
        body = self._post(self.url, {"query": query}, "application/sparql-results+json")
        try:
            document = json.loads(body)
            return [{name: _term(value) for name, value in row.items()} for row in document["results"]["bindings"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EndpointProblem(f"{self.shown}: the answer is no SPARQL result in JSON ({error})") from error

    def update(self, text: str) -> None:
        """Run an update. Raises EndpointProblem where the server refuses it."""
        self._post(self.update_url or self.url, {"update": text}, "*/*")

    @property
    def shown(self) -> str:
        """The address without name and password."""
        return str(httpx.URL(self.url).copy_with(userinfo=b""))

    def _post(self, url: str, form: dict[str, str], accept: str) -> bytes:
        try:
            with self.client.stream("POST", url, data=form, headers={"Accept": accept}) as response:
                body = self._bounded(response)
        except httpx.TimeoutException as error:
            raise EndpointProblem(f"{self.shown}: no answer within {_TIMEOUT.read:.0f} seconds") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EndpointProblem(f"{self.shown}: cannot be reached ({error})") from error
        if response.status_code >= 300:
            told = " ".join(body[:300].decode("utf-8", "replace").split())
            raise EndpointProblem(f"{self.shown}: answered {response.status_code}: {told}")
        return body

    def _bounded(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > _ANSWER_LIMIT:
                raise EndpointProblem(f"{self.shown}: sends more than {_ANSWER_LIMIT // 2**20} MB for one page")
            parts.append(part)
        return b"".join(parts)


def _term(value: dict[str, str]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    kind, text = value["type"], value["value"]
    if kind == "uri":
        return ox.NamedNode(text)
    if kind == "bnode":
        return ox.BlankNode()
    if value.get("xml:lang"):
        return ox.Literal(text, language=value["xml:lang"])
    datatype = value.get("datatype")
    return ox.Literal(text, datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(text)


# Fetching -----------------------------------------------------------------------------------------------------------


def open_remote(endpoint: Endpoint, ontology: Ontology) -> Store:
    """The graph whose facts lie on a server, in memory. Raises EndpointProblem, or DataProblem where there are none."""
    about = _about(endpoint)
    graphs = fact_graphs(endpoint)
    if not graphs:
        raise DataProblem(f"{endpoint.shown} holds no facts of capgraph (no graph below {GRAPH}); publish some first")
    quads = [quad for name in graphs for quad in graph_quads(endpoint, name)]
    datasets = [entry for entry, _ in about]
    facts = facts_from_quads(quads, ontology.schema, datasets)
    version = "+".join(version for _, version in about) or f"remote.{_digest(facts)}"
    return in_memory(facts, ontology, version)


def fact_graphs(endpoint: Endpoint) -> list[str]:
    """The named graphs of fact tables on a server, sorted."""
    rows = endpoint.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")
    names = sorted(row["g"].value for row in rows if isinstance(row.get("g"), ox.NamedNode))
    aside = (_ABOUT, f"{GRAPH}derived/", f"{GRAPH}ontology/")
    return [name for name in names if name.startswith(GRAPH) and not name.startswith(aside)]


def graph_quads(endpoint: Endpoint, name: str) -> Iterator[ox.Quad]:
    """All quads of one graph, page by page in the order of subjects.

    The last subject of a full page may be cut, so it is asked for again with the next. Raises EndpointProblem where the
    server does not move on (a page that repeats) or a subject alone fills a page.
    """
    graph, after = ox.NamedNode(name), ""
    while True:
        beyond = f'FILTER(STR(?s) > "{after}") ' if after else ""
        page = endpoint.select(
            f"SELECT ?s ?p ?o WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} {beyond}}} ORDER BY STR(?s) LIMIT {PAGE}"
        )
        rows = [row for row in page if isinstance(row.get("s"), ox.NamedNode)]
        full = len(page) >= PAGE
        last = rows[-1]["s"].value if rows else ""
        if any(row["s"].value <= after for row in rows):
            raise EndpointProblem(f"{endpoint.shown}: gives the same page of {name} again")
        whole = [row for row in rows if not (full and row["s"].value == last)]
        if full and not whole:
            raise EndpointProblem(f"{endpoint.shown}: {last} has more than {PAGE} triples")
        for row in whole:
            yield ox.Quad(row["s"], row["p"], row["o"], graph)  # type: ignore[arg-type]
        if not full:
            return
        after = max(row["s"].value for row in whole)


def _about(endpoint: Endpoint) -> list[tuple[Dataset, str]]:
    """Who the data sets on a server say they are, with their versions."""
    rows = endpoint.select(
        f"SELECT ?g ?told ?version WHERE {{ GRAPH ?g {{ ?d <{_DATASET}> ?told ; <{_VERSION}> ?version }} }}"
    )
    found = []
    for row in sorted(rows, key=lambda row: row["g"].value):
        if row["g"].value.startswith(_ABOUT):
            entry = json.loads(row["told"].value)
            samples = tuple(tuple(sample) for sample in entry.pop("samples", ()))
            found.append((Dataset(**entry, samples=samples), row["version"].value))
    return found


def _digest(facts: Facts) -> str:
    digest = hashlib.sha256()
    for row in facts.rows():
        digest.update(repr((row.ref, sorted(row.cells.items()))).encode())
    return digest.hexdigest()[:8]


# Publishing ---------------------------------------------------------------------------------------------------------


def publish(store: Store, endpoint: Endpoint, say: Say) -> int:
    """Load a data set onto a server, graph by graph in chunks; returns how many triples lie there afterwards.

    A graph that is already whole is left alone, so a run that was broken off goes on where it stopped; one that is not
    is cleared and sent again. The graph that names the version is removed first and written last: a server without it
    holds no finished publication. Raises EndpointProblem where a count does not fit in the end.
    """
    graphs = _by_graph(store.facts)
    about = [_about_quad(store, dataset) for dataset in store.facts.datasets]
    for dataset in store.facts.datasets:
        endpoint.update(f"CLEAR SILENT GRAPH <{_ABOUT}{dataset.id}>")
    for name, quads in graphs.items():
        if count(endpoint, name) == len(quads):
            say(f"{name}: {len(quads)} triples, already there")
            continue
        endpoint.update(f"CLEAR SILENT GRAPH <{name}>")
        _send(endpoint, quads)
        _verify(endpoint, name, len(quads))
        say(f"{name}: {len(quads)} triples")
    for name in sorted(set(fact_graphs(endpoint)) - set(graphs)):
        if name.startswith(tuple(f"{GRAPH}{dataset.id}/" for dataset in store.facts.datasets)):
            endpoint.update(f"CLEAR SILENT GRAPH <{name}>")
    for quads in about:
        _send(endpoint, quads)
    return sum(map(len, graphs.values()))


def _by_graph(facts: Facts) -> dict[str, list[ox.Quad]]:
    graphs: dict[str, set[ox.Quad]] = {}
    for quad in facts_to_quads(facts):
        graphs.setdefault(str(quad.graph_name.value), set()).add(quad)  # type: ignore[union-attr]
    return {name: sorted(quads, key=str) for name, quads in sorted(graphs.items())}


def _about_quad(store: Store, dataset: Dataset) -> list[ox.Quad]:
    graph = ox.NamedNode(f"{_ABOUT}{dataset.id}")
    entry = {name: getattr(dataset, name) for name in ("id", "title", "title_zh", "licence", "version", "samples")}
    told = ox.Literal(json.dumps(entry, ensure_ascii=False, sort_keys=True))
    return [
        ox.Quad(graph, ox.NamedNode(_DATASET), told, graph),
        ox.Quad(graph, ox.NamedNode(_VERSION), ox.Literal(store.version), graph),
    ]


def _send(endpoint: Endpoint, quads: Sequence[ox.Quad]) -> None:
    for chunk in _chunks(quads):
        triples = "\n".join(f"{quad.triple} ." for quad in chunk)
        endpoint.update(f"INSERT DATA {{ GRAPH {chunk[0].graph_name} {{\n{triples}\n}} }}")


def _chunks(quads: Iterable[ox.Quad]) -> Iterator[list[ox.Quad]]:
    rest = iter(quads)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def count(endpoint: Endpoint, name: str) -> int:
    """How many triples a graph on a server holds."""
    (row,) = endpoint.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
    return int(row["n"].value)


def _verify(endpoint: Endpoint, name: str, wanted: int) -> None:
    found = count(endpoint, name)
    if found != wanted:
        raise EndpointProblem(f"{endpoint.shown}: {name} holds {found} triples after sending {wanted}")
