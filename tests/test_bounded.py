"""Bounds that hold: time, memory, size and the way out of the machine, and answers that are whole or none."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from capgraph import bounded
from capgraph.bounded import Limits, Outcome, QueryStopped, Request, run, run_spawned
from capgraph.errors import DataProblem
from capgraph.sparql import Query, QueryProblem, RemoteRefused

Runner = Callable[..., Outcome]

THINGS = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled graph of a few hundred triples in two named graphs."""
    target = tmp_path_factory.mktemp("graph")
    store = ox.Store(str(target))
    for number in range(THINGS):
        graph = ox.NamedNode(f"a:graph{number % 2}")
        store.add(ox.Quad(ox.NamedNode(f"a:thing{number}"), ox.NamedNode("a:number"), ox.Literal(number), graph))
    store.flush()
    del store
    return target


@pytest.fixture(params=["forked", "spawned"])
def ask(request: pytest.FixtureRequest, folder: Path) -> Runner:
    """Both ways of running a query."""
    graph = ox.Store.read_only(str(folder))

    def runner(text: str, format: str = "tsv", default: tuple[str, ...] = (), **limits: float) -> Outcome:
        asked = Request(Query.parse(text), format, Limits(**limits), {"a": "a:"}, default)  # type: ignore[arg-type]
        return run(graph, asked) if request.param == "forked" else run_spawned(folder, asked)

    return runner


SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a"


@pytest.mark.parametrize("format", list(bounded.TABLE_FORMATS))
@pytest.mark.parametrize("rows", [None, 1000])
def test_a_table_comes_in_every_format(ask: Runner, format: str, rows: int | None) -> None:
    outcome = ask("SELECT ?n { a:thing1 a:number ?n }", format, rows=rows)
    again = ox.parse_query_results(outcome.body, bounded.TABLE_FORMATS[format]) if format != "csv" else None
    assert [str(row[0]) for row in again or ()] in (['"1"^^<http://www.w3.org/2001/XMLSchema#integer>'], [])
    assert b"1" in outcome.body


@pytest.mark.parametrize("format", list(bounded.GRAPH_FORMATS))
def test_a_graph_comes_in_every_format(ask: Runner, format: str) -> None:
    outcome = ask("CONSTRUCT { ?s a:is ?n } WHERE { ?s a:number ?n FILTER(?n < 2) }", format)
    triples = list(ox.parse(outcome.body, format=bounded.GRAPH_FORMATS[format]))
    assert len(triples) == 2


def test_a_graph_is_sorted_and_holds_each_triple_once(ask: Runner) -> None:
    outcome = ask("CONSTRUCT { ?s a:is a:thing } WHERE { { ?s a:number ?n } UNION { ?s a:number ?n } }", "nt")
    lines = outcome.body.decode().splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) == THINGS


def test_a_yes_or_no_comes_in_json_and_xml(ask: Runner) -> None:
    assert b'"boolean":true' in ask("ASK { ?s ?p ?o }", "json").body
    assert b"<boolean>false</boolean>" in ask("ASK { ?s a:none ?o }", "xml").body


@pytest.mark.parametrize(("rows", "cut"), [(THINGS - 1, True), (THINGS, False), (1, True)])
def test_rows_beyond_the_limit_are_cut_and_that_is_said(ask: Runner, rows: int, cut: bool) -> None:
    for text, format in (("SELECT ?s { ?s ?p ?o }", "csv"), ("CONSTRUCT WHERE { ?s ?p ?o }", "nt")):
        outcome = ask(text, format, rows=rows)
        assert outcome.cut is cut
        assert len(outcome.body.decode().splitlines()) == rows + (format == "csv")


def test_an_unbound_variable_and_any_text_survive_the_cut(ask: Runner) -> None:
    text = 'SELECT ?a ?b ?c { VALUES (?a ?b) { (UNDEF "tab\\t, line\\n, \\"quote\\", 软银"@zh) ("x" UNDEF) } }'
    rows = list(ox.parse_query_results(ask(text, "json", rows=5).body, ox.QueryResultsFormat.JSON))  # type: ignore[arg-type]
    assert [[term and term.value for term in row] for row in rows] == [
        [None, 'tab\t, line\n, "quote", 软银', None],
        ["x", None, None],
    ]


def test_all_graphs_count_as_one_unless_the_query_or_the_caller_names_some(ask: Runner) -> None:
    def count(text: str, **more: tuple[str, ...]) -> str:
        return ask(text, "csv", **more).body.decode().split()[1]

    assert count("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == str(THINGS)
    assert count("SELECT (COUNT(*) AS ?n) FROM <a:graph0> { ?s ?p ?o }") == str(THINGS // 2)
    assert count("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", default=("a:graph1",)) == str(THINGS // 2)
    assert count("SELECT (COUNT(*) AS ?n) FROM <a:graph0> { ?s ?p ?o }", default=("a:none",)) == "0"


# Limits ---------------------------------------------------------------------------------------------------------------


def test_a_query_that_would_run_for_hours_is_stopped(ask: Runner) -> None:
    start = time.monotonic()
    with pytest.raises(QueryStopped, match=r"stopped after 0.4 s") as caught:
        ask(SLOW, seconds=0.4)
    assert caught.value.why == "time"
    assert time.monotonic() - start < 5


def test_a_sort_that_no_engine_timeout_catches_is_stopped(ask: Runner) -> None:
    with pytest.raises(QueryStopped) as caught:
        ask(GREEDY, seconds=0.4, memory=8 << 30)
    assert caught.value.why == "time"


def test_a_query_that_eats_memory_is_stopped(ask: Runner) -> None:
    with pytest.raises(QueryStopped, match="more than 100 MB of memory") as caught:
        ask(GREEDY, memory=100 << 20)
    assert caught.value.why == "memory"


def test_an_answer_beyond_the_size_is_no_answer(ask: Runner) -> None:
    with pytest.raises(QueryStopped, match="larger than") as caught:
        ask("SELECT * { ?s ?p ?o }", size=1000)
    assert caught.value.why == "size"


def test_a_query_nested_too_deeply_ends_its_own_process_only(ask: Runner) -> None:
    with pytest.raises(QueryStopped) as caught:
        ask("SELECT * " + "{" * 50_000 + "}" * 50_000)
    assert caught.value.why == "depth"


def test_a_wrong_query_is_told_with_its_place(ask: Runner) -> None:
    with pytest.raises(QueryProblem) as caught:
        ask("ASK {\n ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_nothing_leaves_the_machine_even_past_the_refusal(ask: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capgraph.sparql._refuse_service", lambda *_: None)
    reached: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(3)

        def listen() -> None:
            try:
                server.accept()
                reached.append("somebody called")
            except TimeoutError:
                pass

        listener = threading.Thread(target=listen)
        listener.start()
        port = server.getsockname()[1]
        with pytest.raises(RemoteRefused):
            ask(f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        silent = ask(f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}", "csv")
        assert silent.body.split() == [b"o,p,s", b",,"]
        listener.join()
    assert not reached


def _children() -> set[str]:
    """The processes that this one has started and not yet buried (other tests may keep an engine running)."""
    return {
        child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text("ascii").split()
    }


def test_queries_leave_no_process_and_no_descriptor_behind(folder: Path) -> None:
    graph = ox.Store.read_only(str(folder))
    open_before, children_before = len(os.listdir("/proc/self/fd")), _children()
    for seconds in (5, 5, 0.05):
        asked = Request(Query.parse(SLOW if seconds < 1 else "ASK {}"), "tsv", Limits(seconds=seconds))
        try:
            run(graph, asked)
        except QueryStopped:
            assert seconds < 1
    assert len(os.listdir("/proc/self/fd")) == open_before
    assert _children() <= children_before


def test_a_machine_that_cannot_fork_opens_the_graph_from_its_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "CAN_FORK", False)
    asked = Request(Query.parse("ASK { ?s ?p ?o }"), "tsv", Limits())
    assert run(ox.Store(), asked, folder).body.strip() == b"true"
    with pytest.raises(DataProblem, match="writable cache"):
        run(ox.Store(), asked)


def test_an_answer_that_breaks_off_is_an_error() -> None:
    asked = Request(Query.parse("ASK {}"), "tsv", Limits())
    with pytest.raises(QueryStopped):
        bounded.unpack(b'{"cut": false, "size": 100}\nhalf', asked)
    with pytest.raises(QueryStopped):
        bounded.unpack(b"", asked)


def test_a_request_survives_the_pipe() -> None:
    asked = Request(Query.parse("ASK {}", "a name"), "tsv", Limits(1.5, rows=3), {"a": "b:"}, ("a:b",), ("a:c",))
    assert Request.from_json(asked.to_json()) == asked
