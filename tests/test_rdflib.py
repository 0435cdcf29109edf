"""The embedded graph through rdflib's API."""

from __future__ import annotations

from capgraph.graph import CapitalGraph

QUERY = """
PREFIX cap: <https://w3id.org/capgraph/ontology#>
SELECT ?holder ?percent WHERE {
  ?stake cap:issuer <https://w3id.org/capgraph/id/party/openai> ; cap:holder ?holder ; cap:percent ?percent
}
ORDER BY ?holder ?percent
"""


def test_rdflib_sees_facts_and_preferred_figures_of_the_clocks(bundled: CapitalGraph) -> None:
    graph = bundled.at(as_of="2026-04-30")
    found = {(str(row.holder).rsplit("/", 1)[1], float(row.percent)) for row in graph.rdflib().query(QUERY)}
    assert ("microsoft", 27.0) in found
    assert ("softbank-group", 11.0) in found
