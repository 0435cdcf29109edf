"""Clients that others wrote: SPARQLWrapper, rdflib, curl."""

from __future__ import annotations

import json
import shutil
import subprocess
from urllib.error import HTTPError

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.server.conftest import Server

HOLDERS = "SELECT ?holder WHERE { ?stake cap:issuer party:lab ; cap:holder ?holder ; cap:stands true } ORDER BY ?holder"
LAB = {"cloud", "fund", "house"}


def wrapper(server: Server, query: str, format: str = JSON) -> SPARQLWrapper:
    asked = SPARQLWrapper(f"{server.base}/sparql", returnFormat=format)
    asked.setQuery(query)
    return asked


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("direct", [False, True])
def test_sparqlwrapper_asks_in_every_way(server: Server, method: str, direct: bool) -> None:
    asked = wrapper(server, HOLDERS)
    asked.setMethod(method)
    if direct and method == POST:
        asked.setRequestMethod(POSTDIRECTLY)
    found = asked.queryAndConvert()
    assert {row["holder"]["value"].rsplit("/")[-1] for row in found["results"]["bindings"]} == LAB


def test_sparqlwrapper_reads_every_format(server: Server) -> None:
    assert b"party/house" in wrapper(server, HOLDERS, CSV).queryAndConvert()
    assert "party/house" in wrapper(server, HOLDERS, XML).queryAndConvert().toxml()
    graph = rdflib.Graph().parse(data=wrapper(server, "DESCRIBE party:lab", TURTLE).queryAndConvert(), format="turtle")
    again = wrapper(server, "DESCRIBE party:lab", JSONLD).queryAndConvert()
    assert len(graph) == len(again) > 5


def test_sparqlwrapper_understands_our_refusals(server: Server) -> None:
    with pytest.raises(QueryBadFormed, match="not valid SPARQL"):
        wrapper(server, "SELECT ?x { ?x }").query()
    with pytest.raises(HTTPError, match="503"):
        wrapper(server, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a").query()


def test_rdflib_takes_the_endpoint_for_a_graph(server: Server) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{server.base}/sparql"))
    house = rdflib.URIRef("https://w3id.org/capgraph/id/party/house")
    name = rdflib.URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
    assert set(graph.objects(house, name)) == {rdflib.Literal("House", "en"), rdflib.Literal("母公司", "zh")}
    assert {str(row[0]).rsplit("/")[-1] for row in graph.query(HOLDERS)} == LAB
    assert bool(graph.query("ASK { party:house a cap:Investor }"))
    assert len(graph) > 1000


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_asks_and_follows_its_nose(server: Server) -> None:
    def curl(*words: str) -> str:
        done = subprocess.run(["curl", "-sS", *words], capture_output=True, text=True, check=True, timeout=30)
        return done.stdout

    csv = curl("-H", "Accept: text/csv", "--data-urlencode", f"query={HOLDERS}", f"{server.base}/sparql")
    assert {line.rsplit("/")[-1] for line in csv.split()[1:]} == LAB
    assert json.loads(curl("-G", "--data-urlencode", "query=ASK {}", f"{server.base}/sparql"))["boolean"] is True
    assert "prefLabel" in curl("-H", "Accept: text/turtle", f"{server.base}/id/party/lab")
    code = curl("-o", "/dev/null", "-w", "%{http_code}", "-I", f"{server.base}/")
    assert code == "200"
