"""SPARQL: the graph in the words of RDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capgraph.errors import UsageProblem
from capgraph.results import Result
from capgraph.verbs.scoped import Scoped

if TYPE_CHECKING:
    import rdflib

    from capgraph.bounded import Limits, Outcome
    from capgraph.sparql import Query


class Queries(Scoped):
    """SPARQL: the graph in the words of RDF."""

    def rdflib(self) -> rdflib.Dataset:
        """The same graph through rdflib's API, the union of all graphs as default; needs the extra ``rdflib-store``.

        It is a view of the embedded store: fast for SPARQL, slow for thousands of single look-ups. Do not write to it.
        Raises UsageProblem where oxrdflib is not installed.
        """
        try:
            from oxrdflib import OxigraphStore
        except ImportError as error:
            raise UsageProblem("rdflib's API needs oxrdflib; install capgraph[rdflib-store]") from error
        import rdflib

        return rdflib.Dataset(store=OxigraphStore(store=self.rdf), default_union=True)

    def sparql(self, query: str | Query, format: str = "", limits: Limits | None = None) -> Outcome:
        """The answer to a SPARQL query in a W3C format: ``json`` (the default), ``xml``, ``csv``, ``tsv``; for a graph
        ``ttl`` (the default), ``nt``, ``rdf``, ``jsonld``.

        The query runs in a process of its own within ``limits``. All prefixes of :func:`capgraph.sparql.prefixes` are
        declared. Raises QueryProblem for a query that is wrong, refused or goes beyond its limits.
        """
        from capgraph import bounded, sparql

        asked = sparql.Query.parse(query) if isinstance(query, str) else query
        form = format or ("ttl" if asked.yields_graph else "json")
        request = bounded.Request(asked, form, limits or bounded.Limits(), sparql.prefixes(self.ontology))
        return bounded.run(self.rdf, request, self.store.folder_with(self.derived.graph))

    def query(self, query: str | Query, limits: Limits | None = None) -> Result:
        """The answer to a SPARQL query as a result like any other: rows with names, codes, numbers and dates.

        A SELECT gives its variables as columns, a CONSTRUCT or DESCRIBE its triples, an ASK the field ``holds``.
        """
        from capgraph import bindings

        return bindings.queried(self, query, limits)

    def published(self, outcome: Outcome) -> str:
        """What :meth:`sparql` gave as a file for others: it says from which data and clocks it comes where its format
        has a place for that, and no cell of a CSV runs as a formula in a spreadsheet."""
        from capgraph import publishing

        return publishing.published(outcome, self.context, self.derived.graph)

    def explain(self, query: str | Query, limits: Limits | None = None) -> Result:
        """How a query is understood: its form, the graphs it asks, its patterns and how many triples each meets."""
        from capgraph import explaining

        return explaining.explain(self, query, limits)
