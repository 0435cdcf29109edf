"""SPARQL on the command line: free queries, and the named questions of the ontology."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capgraph.cli.options import Options, emit, graph_options, options_with, shared_options
from capgraph.errors import UsageProblem

if TYPE_CHECKING:
    from capgraph.bounded import Limits
    from capgraph.graph import CapitalGraph
    from capgraph.questions import Question
    from capgraph.sparql import Query

_TABLES = ("table", "json", "jsonl", "csv", "md", "tsv", "xml")
_GRAPHS = ("ttl", "nt", "rdf", "jsonld")
_OF_GRAPHS = {"table": "ttl", "json": "jsonld", "xml": "rdf"}
"""What the formats of tables mean where the answer is a graph."""

_HOUSE = ("table", "json", "jsonl", "csv", "md")

_limit = click.option(
    "--limit", type=click.IntRange(0), default=10_000, show_default=True, help="Most rows to give; 0 for all."
)
_timeout = click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds after which the query is stopped.",
)


@click.command()
@click.argument("source", required=False, metavar="[FILE|-|NAME]")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("-q", "--text", metavar="SPARQL", help="The query itself.")
@click.option("--explain", is_flag=True, help="Show how the query is understood and how many triples each part meets.")
@_timeout
@_limit
@options_with((*_TABLES, *_GRAPHS), counted=False)
def query(
    source: str | None,
    values: tuple[str, ...],
    text: str | None,
    explain: bool,
    timeout: float,
    limit: int,
    options: Options,
) -> None:
    """Run a SPARQL query over the facts and the derived figures of the asked clocks.

    The query comes from a file, from standard input (-), from -q, or is a named question with its parameters.

    \b
    All prefixes are declared: cap, dct, skos, prov, org, schema, xsd, one a kind of thing
    (party:nvidia, stake:...) and one a code list (rung:signed, aspect:percent).
    json, xml, csv and tsv are the W3C formats; a CONSTRUCT or DESCRIBE gives Turtle.

    \b
    Examples:
      capgraph query -q 'SELECT ?party { ?party cap:kind party-kind:fund } ORDER BY ?party'
      capgraph query my-question.rq -f csv -o rows.csv
      capgraph query stakes party=nvidia -f json --as-of 2025-12-31
      capgraph query -q 'DESCRIBE party:openai'
    """
    from capgraph.bounded import Limits

    graph = options.graph()
    asked = _asked(graph, source, values, text)
    limits = Limits(seconds=timeout, rows=limit or None)
    if explain:
        emit(graph.render(graph.explain(asked, limits), _house(options.format), options.lang), options.output)
    else:
        emit(_answered(graph, asked, limits, options), options.output)


@click.command()
@click.argument("name", required=False, metavar="[NAME]")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--sparql", "show_query", is_flag=True, help="Print the query as it would run anywhere, and do not run it."
)
@_timeout
@_limit
@shared_options
def ask(
    name: str | None, values: tuple[str, ...], show_query: bool, timeout: float, limit: int, options: Options
) -> None:
    """Ask a named question, by name or number; without a name, list them all.

    \b
    A question is a SPARQL query with parameters; some go on with a walk over the network or with arithmetic,
    and say so. Names of parties resolve as everywhere. KEY= leaves a parameter open where that makes sense.

    \b
    Examples:
      capgraph ask
      capgraph ask stakes party=软银 --as-of 2025-09-30
      capgraph ask effective-price prices=100,300,600 --evidence
      capgraph ask conditional party=openai -f json
      capgraph ask 14 customer=anthropic --sparql
    """
    from capgraph import asking
    from capgraph.bounded import Limits
    from capgraph.questions import question
    from capgraph.sparql import with_prefixes

    graph = options.graph()
    if name is None:
        emit(graph.render(asking.listing(graph), options.format, options.lang), options.output)
        return
    found = question(graph.ontology, name)
    if show_query:
        emit(with_prefixes(asking.prepare(graph, found, _pairs(values))[0].text, graph.ontology), options.output)
        return
    asked = asking.ask(graph, found, _pairs(values), Limits(seconds=timeout, rows=limit or None))
    emit(asking.render(graph, asked, options.format, options.lang, options.evidence), options.output)


def _asked(graph: CapitalGraph, source: str | None, values: tuple[str, ...], text: str | None) -> Query:
    """The query that the arguments mean, with the values of its parameters."""
    from capgraph.asking import prepare

    if text is not None and source is not None:
        values, source = (source, *values), None
    return prepare(graph, _question(graph, source, text), _pairs(values))[0]


def _question(graph: CapitalGraph, source: str | None, text: str | None) -> Question:
    from capgraph.questions import Question, question

    if text is not None:
        return Question.read(text, "query")
    if source is None and sys.stdin.isatty():
        raise UsageProblem("there is no query; give a file, - for standard input, a name, or -q with the query")
    if source is None or source == "-":
        return Question.read(_decoded(sys.stdin.buffer.read(), "standard input"), "standard input")
    if Path(source).is_file():
        return Question.read(_decoded(Path(source).read_bytes(), source), source, place=source)
    if source.endswith((".rq", ".sparql")) or "/" in source:
        raise UsageProblem(f"{source}: there is no such file")
    return question(graph.ontology, source)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{name}: not UTF-8 at byte {error.start}") from error


def _pairs(values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign or not name:
            raise UsageProblem(f"{value!r} is no parameter; write key=value")
        pairs[name] = text
    return pairs


def _answered(graph: CapitalGraph, asked: Query, limits: Limits, options: Options) -> str:
    """The answer in the asked form: the house's own for reading, the W3C's for machines."""
    format = _OF_GRAPHS.get(options.format, options.format) if asked.yields_graph else options.format
    if asked.yields_graph != (format in _GRAPHS):
        fit = _GRAPHS if asked.yields_graph else _TABLES
        raise UsageProblem(f"{asked.form.upper()} gives no {format}; choose one of: {', '.join(fit)}")
    if format in ("table", "md", "jsonl"):
        return graph.render(graph.query(asked, limits), format, options.lang, evidence=options.evidence)
    outcome = graph.sparql(asked, format, limits)
    if outcome.cut:
        click.echo(graph.ontology.say("query.cut", options.lang, count=f"{limits.rows:,}"), err=True)
    return graph.published(outcome)


def _house(format: str) -> str:
    """The format of an answer of the house; a format of graphs or of the W3C means the table."""
    return format if format in _HOUSE else "table"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for all of them.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 for a free one.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=15.0,
    show_default=True,
    help="Seconds a query may take.",
)
@click.option("--memory", type=click.IntRange(16), default=1024, show_default=True, help="Megabytes a query may take.")
@click.option("--workers", type=click.IntRange(1, 256), help="Queries at once (default: one a processor).")
@click.option("--allow-host", multiple=True, metavar="NAME", help="Answer to this name too; repeatable, * for any.")
@click.option("--cors", is_flag=True, help="Let the pages of other sites ask the endpoint.")
@graph_options
def serve(
    host: str,
    port: int,
    timeout: float,
    memory: int,
    workers: int | None,
    allow_host: tuple[str, ...],
    cors: bool,
    options: Options,
) -> None:
    """Serve the graph on the web: a SPARQL 1.1 endpoint, a query page, pages of things, the explorer.

    Read-only. By default only this machine can reach it.

    \b
    Addresses:
      /             the way in
      /sparql       the endpoint (a bare request gets its description)
      /query        an editor for SPARQL with examples
      /questions    the named questions as forms
      /id/KIND/ID   a thing: a page for people, JSON-LD or Turtle for programs
      /explorer     the interactive page

    \b
    Examples:
      capgraph serve
      capgraph serve --port 8000 --as-of 2025-12-31 --known-on 2025-12-31
      capgraph serve --host 0.0.0.0 --allow-host data.example.org --timeout 5
    """
    from capgraph.bounded import Limits
    from capgraph.server import running
    from capgraph.server.app import Settings

    graph = options.graph()
    known = ("127.0.0.1", "localhost", "[::1]", *allow_host)
    hosts = known if running.is_loopback(host) or allow_host else ("*",)
    limits = Limits(seconds=timeout, memory=memory << 20, size=64 << 20)
    settings = Settings(limits, hosts, cors, options.lang)
    running.serve(graph, settings, host, port, workers or running.default_workers(), _say)


def _say(text: str) -> None:
    click.echo(text, err=True)
