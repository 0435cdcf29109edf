"""What the SPARQL 1.1 Protocol expects of an endpoint, as a table of requests and answers, against a real server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pyoxigraph as ox
import pytest

from tests.server.conftest import TIMEOUT, Server

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
UPDATE = {"Content-Type": "application/sparql-update"}
ASK, SELECT = "ASK {}", "SELECT ?s WHERE { ?s a cap:Stake } ORDER BY ?s LIMIT 1"
CONSTRUCT, DESCRIBE = "CONSTRUCT WHERE { ?s a cap:Stake }", "DESCRIBE party:house"
INSERT = "INSERT DATA { <a:b> <a:b> <a:b> }"
FACTS = "https://w3id.org/capgraph/graph/questions/stakes"
OTHERS = "https://w3id.org/capgraph/graph/questions/parties"

RESULTS_JSON, RESULTS_XML = "application/sparql-results+json", "application/sparql-results+xml"
TURTLE = "text/turtle"


def get(query: str, *graphs: tuple[str, str]) -> str:
    return f"/sparql?{urlencode([('query', query), *graphs])}"


def form(*pairs: tuple[str, str]) -> bytes:
    return urlencode(pairs).encode()


Request = tuple[str, str, Mapping[str, str], bytes]

# The names follow the W3C's own list of protocol tests where it has one for the case.
WELL: dict[str, tuple[Request, str]] = {
    "query_get": (("GET", get(ASK), {}, b""), RESULTS_JSON),
    "query_head": (("HEAD", get(ASK), {}, b""), RESULTS_JSON),
    "query_post_form": (("POST", "/sparql", FORM, form(("query", ASK))), RESULTS_JSON),
    "query_post_form_charset": (
        ("POST", "/sparql", {"Content-Type": FORM["Content-Type"] + "; charset=UTF-8"}, form(("query", ASK))),
        RESULTS_JSON,
    ),
    "query_post_direct": (("POST", "/sparql", DIRECT, ASK.encode()), RESULTS_JSON),
    "query_content_type_select": (("GET", get(SELECT), {}, b""), RESULTS_JSON),
    "query_content_type_ask": (("GET", get(ASK), {}, b""), RESULTS_JSON),
    "query_content_type_describe": (("GET", get(DESCRIBE), {}, b""), TURTLE),
    "query_content_type_construct": (("GET", get(CONSTRUCT), {}, b""), TURTLE),
    "select_json": (("GET", get(SELECT), {"Accept": RESULTS_JSON}, b""), RESULTS_JSON),
    "select_xml": (("GET", get(SELECT), {"Accept": RESULTS_XML}, b""), RESULTS_XML),
    "select_csv": (("GET", get(SELECT), {"Accept": "text/csv"}, b""), "text/csv"),
    "select_tsv": (("GET", get(SELECT), {"Accept": "text/tab-separated-values"}, b""), "text/tab-separated-values"),
    "select_plain_json": (("GET", get(SELECT), {"Accept": "application/json"}, b""), "application/json"),
    "select_weights": (
        ("GET", get(SELECT), {"Accept": f"{RESULTS_JSON};q=0.2, {RESULTS_XML};q=0.8, text/html"}, b""), RESULTS_XML,
    ),
    "select_format": (("GET", get(SELECT, ("format", "csv")), {"Accept": "text/html"}, b""), "text/csv"),
    "select_format_that_is_none": (("GET", get(SELECT, ("format", "pdf")), {}, b""), RESULTS_JSON),
    "graph_format_of_tables": (("GET", get(CONSTRUCT, ("format", "csv")), {}, b""), TURTLE),
    "graph_format": (("GET", get(CONSTRUCT, ("format", "json-ld")), {"Accept": "*/*"}, b""), "application/ld+json"),
    "graph_ntriples": (("GET", get(CONSTRUCT), {"Accept": "application/n-triples"}, b""), "application/n-triples"),
    "graph_rdfxml": (("GET", get(CONSTRUCT), {"Accept": "application/rdf+xml"}, b""), "application/rdf+xml"),
    "graph_jsonld": (("GET", get(CONSTRUCT), {"Accept": "application/ld+json"}, b""), "application/ld+json"),
    "service_description": (("GET", "/sparql", {}, b""), TURTLE),
    "service_description_rdfxml": (("GET", "/sparql", {"Accept": "application/rdf+xml"}, b""), "application/rdf+xml"),
}  # fmt: skip

REFUSED: dict[str, tuple[Request, int]] = {
    "bad_query_method": (("PUT", get(ASK), {}, b""), 405),
    "bad_query_method_delete": (("DELETE", "/sparql", {}, b""), 405),
    "bad_query_method_patch": (("PATCH", "/sparql", FORM, form(("query", ASK))), 405),
    "bad_multiple_queries": (("GET", get(ASK, ("query", SELECT)), {}, b""), 400),
    "bad_multiple_queries_form": (("POST", "/sparql", FORM, form(("query", ASK), ("query", ASK))), 400),
    "bad_query_in_address_and_body": (("POST", get(ASK), DIRECT, ASK.encode()), 400),
    "bad_query_wrong_media_type": (("POST", "/sparql", {"Content-Type": "text/plain"}, ASK.encode()), 415),
    "bad_query_missing_form_type": (("POST", "/sparql", {}, form(("query", ASK))), 415),
    "bad_query_missing_direct_type": (("POST", "/sparql", {}, ASK.encode()), 415),
    "bad_query_charset": (("POST", "/sparql", {"Content-Type": "application/sparql-query; charset=utf-16"}, b""), 415),
    "bad_query_non_utf8": (("POST", "/sparql", DIRECT, "ASK { ?s ?p 'é' }".encode("latin-1")), 400),
    "bad_query_non_utf8_form": (("POST", "/sparql", FORM, b"query=ASK%20%7B%20%3Fs%20%3Fp%20'%E9'%20%7D"), 400),
    "bad_query_non_utf8_address": (("GET", "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20'%E9'%20%7D", {}, b""), 400),
    "bad_query_syntax": (("GET", get("ASK { ?s ?p }"), {}, b""), 400),
    "bad_two_queries_in_one": (("POST", "/sparql", DIRECT, b"ASK {} ASK {}"), 400),
    "bad_query_empty": (("GET", get(""), {}, b""), 400),
    "bad_form_without_query": (("POST", "/sparql", FORM, b"a=b"), 400),
    "bad_graph": (("GET", get(ASK, ("default-graph-uri", "no iri")), {}, b""), 400),
    "bad_parameters_without_end": (("POST", "/sparql", FORM, b"&".join([b"a=b"] * 500)), 400),
    "update_post_form": (("POST", "/sparql", FORM, form(("update", INSERT))), 403),
    "update_post_direct": (("POST", "/sparql", UPDATE, INSERT.encode()), 403),
    "update_by_get": (("GET", f"/sparql?update={quote(INSERT)}", {}, b""), 403),
    "update_as_query": (("GET", get(INSERT), {}, b""), 403),
    "load_as_query": (("GET", get("LOAD <file:///etc/passwd>"), {}, b""), 403),
    "service": (("GET", get("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"), {}, b""), 403),
    "not_acceptable_table": (("GET", get(SELECT), {"Accept": "text/turtle"}, b""), 406),
    "not_acceptable_graph": (("GET", get(CONSTRUCT), {"Accept": "text/csv"}, b""), 406),
    "not_acceptable_at_all": (("GET", get(ASK), {"Accept": "image/png"}, b""), 406),
    "not_acceptable_description": (("GET", "/sparql", {"Accept": "image/png"}, b""), 406),
    "body_too_large": (("POST", "/sparql", DIRECT, b"ASK {}" + b" " * (1 << 20)), 413),
    "query_too_long": (("POST", "/sparql", DIRECT, b"ASK {}" + b" " * 300_000), 400),
    "address_too_long": (("GET", get("ASK {}" + " " * 40_000), {}, b""), 414),
    "beyond_the_time": (("GET", get("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"), {}, b""), 503),
}  # fmt: skip


def sent(server: Server, request: Request) -> httpx.Response:
    method, path, headers, body = request
    return server.send(method, path, headers, body)


@pytest.mark.parametrize("case", WELL)
def test_a_request_by_the_book_is_answered(server: Server, case: str) -> None:
    request, media = WELL[case]
    answer = sent(server, request)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == media
    assert "Accept" in answer.headers["vary"]
    if request[0] != "HEAD":
        assert len(answer.content) == int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_against_the_book_is_refused_in_words(server: Server, case: str) -> None:
    request, status = REFUSED[case]
    answer = sent(server, request)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.strip()
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text
    if status == 405:
        assert set(answer.headers["allow"].replace(" ", "").split(",")) >= {"GET", "POST"}
    if status == 415:
        assert "application/sparql-query" in answer.headers["accept-post"]


def test_a_wrong_query_is_told_with_line_and_column(server: Server) -> None:
    assert "query:2:8: not valid SPARQL" in server.ask("ASK {\n ?s ?p }").text


def counted(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    return int(json.loads(answer.text)["results"]["bindings"][0]["n"]["value"])


COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s a ?class }"
IN_GRAPHS = "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { GRAPH ?g { ?s a ?class } }"


@pytest.mark.parametrize("how", ["get", "form", "direct"])
def test_the_protocol_chooses_the_graphs(server: Server, how: str) -> None:
    def ask(query: str, *graphs: tuple[str, str]) -> int:
        if how == "get":
            return counted(server.get(get(query, *graphs)))
        if how == "form":
            return counted(server.send("POST", "/sparql", FORM, form(("query", query), *graphs)))
        return counted(server.send("POST", f"/sparql?{urlencode(graphs)}", DIRECT, query.encode()))

    one, two = ("default-graph-uri", FACTS), ("default-graph-uri", OTHERS)
    assert ask(COUNT, one) == 6  # the stakes of the world
    assert ask(COUNT, one, two) == 18  # and its parties
    assert ask(COUNT) > 18
    assert ask(IN_GRAPHS, ("named-graph-uri", FACTS)) == 1
    assert ask(IN_GRAPHS, ("named-graph-uri", FACTS), ("named-graph-uri", OTHERS)) == 2
    assert ask(IN_GRAPHS, one) == 0, "with a default graph alone there is no named one"
    assert ask(IN_GRAPHS) > 2


def test_graphs_in_the_request_win_over_those_in_the_query(server: Server) -> None:
    query = COUNT.replace("WHERE", f"FROM <{OTHERS}> WHERE")
    assert counted(server.ask(query)) == 12
    assert counted(server.get(get(query, ("default-graph-uri", FACTS)))) == 6


def test_the_service_description_says_what_there_is(server: Server) -> None:
    triples = list(ox.parse(server.get("/sparql").content, format=ox.RdfFormat.TURTLE))
    told = {(triple.predicate.value.rsplit("#")[-1], getattr(triple.object, "value", "")) for triple in triples}
    space = "http://www.w3.org/ns/sparql-service-description#"
    assert ("endpoint", f"{server.base}/sparql") in told
    assert ("supportedLanguage", f"{space}SPARQL11Query") in told
    assert ("feature", f"{space}UnionDefaultGraph") in told
    assert ("name", FACTS) in told
    assert not [value for name, value in told if "Update" in str(value)]


def test_a_browser_at_the_endpoint_is_sent_to_the_query_page(server: Server) -> None:
    answer = server.get("/sparql", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/query")


def test_the_clocks_of_a_request_reach_the_query(server: Server) -> None:
    query = "ASK { stake:house--chips--common cap:stands true }"

    def stands(**clocks: str) -> Any:
        return json.loads(server.ask(query, **{name.replace("_", "-"): day for name, day in clocks.items()}).text)[
            "boolean"
        ]

    assert not stands()
    assert stands(as_of="2025-09-30")
    assert not stands(as_of="2025-10-31")
    assert stands(as_of="2025-10-31", known_on="2025-11-10")
    assert server.ask(query, **{"as-of": "yesterday"}).status_code == 400


def test_a_query_that_runs_too_long_is_stopped_in_time(server: Server) -> None:
    answer = server.ask("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a")
    assert answer.status_code == 503
    assert answer.elapsed.total_seconds() < TIMEOUT + 3
    assert "stopped" in answer.text


def test_other_sites_may_ask_only_where_the_server_says_so(server: Server) -> None:
    assert "access-control-allow-origin" not in server.ask(ASK).headers
    answer = server.send("OPTIONS", "/sparql", {"Origin": "https://example.org"})
    assert answer.status_code == 204
    assert "access-control-allow-origin" not in answer.headers
