"""The SPARQL 1.1 Protocol: which query a request asks, over which graphs, in which format; and the service description.

https://www.w3.org/TR/sparql11-protocol/ and https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pyoxigraph as ox

from capgraph.server.negotiation import GRAPHS, TABLES, Offer, choose, offered
from capgraph.sparql import Query

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_FORMATS = "http://www.w3.org/ns/formats/"
_ALIASES = {"turtle": "ttl", "json-ld": "jsonld", "rdf+xml": "rdf", "n3": "ttl", "ntriples": "nt"}
_RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD",
)  # fmt: skip


class Refused(Exception):
    """A request that gets no answer: its HTTP status, what to say, and headers that belong to it."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = dict(headers or {})
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Operation:
    """A query as the protocol carries it."""

    text: str
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    clocks: Mapping[str, str] = field(default_factory=dict)


def decoded(data: bytes, what: str) -> str:
    """Text that came in; the standard knows no other encoding than UTF-8. Raises Refused with 400."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, f"the {what} is not UTF-8") from error


def parameters(encoded: str, what: str = "address") -> list[tuple[str, str]]:
    """The parameters of an address or a form. Raises Refused with 400 where they cannot be read."""
    try:
        return parse_qsl(encoded, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=100)
    except (ValueError, UnicodeDecodeError) as error:
        raise Refused(400, f"the parameters of the {what} cannot be read") from error


def asked_by_get(pairs: Sequence[tuple[str, str]]) -> Operation | None:
    """The query of a GET, None for a bare one."""
    if any(name == "update" for name, _ in pairs):
        raise Refused(403, "this graph is read-only")
    return _operation(pairs) if any(name == "query" for name, _ in pairs) else None


def asked_by_post(content_type: str, body: bytes, pairs: Sequence[tuple[str, str]]) -> Operation:
    """The query of a POST: a form, or the query itself with graphs in the address.

    Raises Refused: 403 for an update, 415 for another media type, 400 for a form without exactly one query.
    """
    media, *options = (part.strip().lower() for part in content_type.split(";"))
    charset = next(
        (option.partition("=")[2].strip("\"' ") for option in options if option.startswith("charset=")), "utf-8"
    )
    if media == UPDATE:
        raise Refused(403, "this graph is read-only")
    if media not in (FORM, QUERY) or charset not in ("utf-8", "utf8"):
        raise Refused(415, f"send {FORM} or {QUERY} in UTF-8", {"Accept-Post": f"{FORM}, {QUERY}"})
    if media == QUERY:
        if any(name == "query" for name, _ in pairs):
            raise Refused(400, "there is a query in the address and one in the body")
        return _operation([*pairs, ("query", decoded(body, "query"))])
    form = parameters(decoded(body, "form"), "form")
    if any(name == "update" for name, _ in (*form, *pairs)):
        raise Refused(403, "this graph is read-only")
    return _operation([*pairs, *form])


def _operation(pairs: Sequence[tuple[str, str]]) -> Operation:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    queries = values.get("query", [])
    if len(queries) != 1:
        raise Refused(400, f"a request asks one query, this one {len(queries)}")
    for name in ("as-of", "known-on"):
        if len(values.get(name, [])) > 1:
            raise Refused(400, f"there are several values for {name}")
    return Operation(
        queries[0],
        _graphs(values.get("default-graph-uri", [])),
        _graphs(values.get("named-graph-uri", [])),
        tuple(values.get("format", [])),
        {name.replace("-", "_"): values[name][0] for name in ("as-of", "known-on") if name in values},
    )


def _graphs(iris: Sequence[str]) -> tuple[str, ...]:
    for iri in iris:
        try:
            ox.NamedNode(iri)
        except ValueError as error:
            raise Refused(400, f"{iri[:80]!r} is no IRI of a graph") from error
    return tuple(iris)


def negotiated(query: Query, accept: str, formats: Sequence[str] = ()) -> Offer:
    """The representation of a query's answer. Raises Refused with 406 and what there is.

    ``formats`` are short names (``csv``) that win over the header, for links that people click. Those that do not fit
    the answer are passed over: some clients send several with every request.
    """
    offers = GRAPHS if query.yields_graph else TABLES
    named = (offered(_ALIASES.get(format.lower(), format.lower()), offers) for format in formats)
    found = next((offer for offer in named if offer), None) or choose(accept, offers)
    if found is None:
        raise Refused(406, "there is: " + ", ".join(dict.fromkeys(offer.media for offer in offers)))
    return found


def read(operation: Operation) -> Query:
    """The query of an operation. Raises UpdateRefused, RemoteRefused, QueryProblem."""
    if not operation.text.strip():
        raise Refused(400, "the query is empty")
    return Query.parse(operation.text)


def service_description(graph: CapitalGraph, endpoint: str) -> list[ox.Triple]:
    """What this endpoint is and offers, as the standard describes it."""
    service, dataset, default = ox.NamedNode(endpoint), ox.BlankNode("dataset"), ox.BlankNode("default")
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(_SD + name)

    names = sorted(str(name.value) for name in graph.rdf.named_graphs() if isinstance(name, ox.NamedNode))
    triples = [
        ox.Triple(service, kind, sd("Service")),
        ox.Triple(service, sd("endpoint"), service),
        ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
        ox.Triple(service, sd("feature"), sd("UnionDefaultGraph")),
        *(ox.Triple(service, sd("resultFormat"), ox.NamedNode(_FORMATS + name)) for name in _RESULT_FORMATS),
        ox.Triple(service, sd("defaultDataset"), dataset),
        ox.Triple(dataset, kind, sd("Dataset")),
        ox.Triple(dataset, ox.NamedNode("http://www.w3.org/2002/07/owl#versionInfo"), ox.Literal(graph.store.version)),
        ox.Triple(dataset, sd("defaultGraph"), default),
        ox.Triple(default, kind, sd("Graph")),
        ox.Triple(default, ox.NamedNode(f"{_VOID}triples"), ox.Literal(len(graph.rdf))),
    ]
    for number, name in enumerate(names):
        entry = ox.BlankNode(f"graph{number}")
        triples += [
            ox.Triple(dataset, sd("namedGraph"), entry),
            ox.Triple(entry, kind, sd("NamedGraph")),
            ox.Triple(entry, sd("name"), ox.NamedNode(name)),
        ]
    return triples
