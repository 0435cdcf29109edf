"""Facts on other servers: the same answers as from tables, on two real engines; servers that hang or lie are told."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from capgraph import remote
from capgraph.cli import run
from capgraph.errors import DataProblem
from capgraph.graph import CapitalGraph, load
from capgraph.ontology import Ontology
from capgraph.remote import Endpoint, EndpointProblem, count, fact_graphs, open_remote, publish
from tests.servers import oxigraph, virtuoso


def quiet(_: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The bundled data on a native Oxigraph server."""
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as endpoint:
        publish(load().store, endpoint, quiet)
        yield endpoint


def same_rows(one: CapitalGraph, other: CapitalGraph) -> bool:
    return [(row.ref, dict(row.cells), row.derived) for row in one.facts.rows()] == [
        (row.ref, dict(row.cells), row.derived) for row in other.facts.rows()
    ]


def test_the_facts_come_back_from_oxigraph_row_by_row(served: Endpoint, bundled: CapitalGraph) -> None:
    fetched = load(endpoint=served.url)
    assert same_rows(bundled, fetched)
    assert fetched.store.version == bundled.store.version


QUESTIONS = [
    ["owners", "openai", "--as-of", "2026-04-30"],
    ["holdings", "softbank-group", "--as-of", "2025-10-31", "--known-on", "2025-11-10", "--lang", "zh"],
    ["path", "孙正义", "nvidia", "-f", "json"],
    ["show", "软银", "--evidence"],
    ["stats", "--rung", "closed"],
    ["check", "-f", "json"],
    ["disputes", "openai", "--top", "5"],
    ["gaps", "softbank-group", "--top", "5"],
    ["components", "--strong"],
]


@pytest.mark.parametrize("words", QUESTIONS, ids=lambda words: words[0])
def test_every_answer_over_a_server_is_the_embedded_one(
    served: Endpoint, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, embedded = run(words), capsys.readouterr().out
    assert run([*words, "--endpoint", served.url]) == code <= 1
    assert capsys.readouterr().out == embedded


def test_the_address_may_come_from_the_environment(
    served: Endpoint, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPGRAPH_ENDPOINT", served.url)
    assert run(["find", "nvidia"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("CAPGRAPH_ENDPOINT", "http://127.0.0.1:9/sparql")
    assert run(["find", "nvidia"]) == 3
    assert "cannot be reached" in capsys.readouterr().err


def test_the_native_server_opens_our_store_as_it_is(bundled: CapitalGraph) -> None:
    assert bundled.store.folder is not None
    with oxigraph(bundled.store.folder / "graph", read_only=True) as endpoint:
        assert same_rows(bundled, load(endpoint=endpoint.url))


@pytest.mark.virtuoso
def test_virtuoso_gives_the_same_rows_and_answers(bundled: CapitalGraph, tmp_path: Path) -> None:
    with virtuoso(tmp_path / "virtuoso") as endpoint:
        publish(bundled.store, endpoint, quiet)
        fetched = load(endpoint=endpoint.url)
        assert same_rows(bundled, fetched)
        for verb, arguments in (("owners", ("openai",)), ("show", ("oracle",)), ("holdings", ("nvidia",))):
            answers = [graph.render(getattr(graph, verb)(*arguments), "json") for graph in (bundled, fetched)]
            assert answers[0] == answers[1]


def test_publishing_again_sends_nothing_and_a_broken_graph_is_mended(bundled: CapitalGraph, tmp_path: Path) -> None:
    with oxigraph(tmp_path / "server") as endpoint:
        told: list[str] = []
        publish(bundled.store, endpoint, told.append)
        assert not any("already there" in line for line in told)
        told.clear()
        publish(bundled.store, endpoint, told.append)
        assert all("already there" in line for line in told)
        stakes = next(name for name in fact_graphs(endpoint) if name.endswith("/stakes"))
        whole = count(endpoint, stakes)
        endpoint.update(f"DELETE WHERE {{ GRAPH <{stakes}> {{ ?s <https://w3id.org/capgraph/ontology#holder> ?o }} }}")
        assert count(endpoint, stakes) < whole
        told.clear()
        publish(bundled.store, endpoint, told.append)
        assert [line for line in told if "already there" not in line] == [f"{stakes}: {whole} triples"]


def test_a_publication_that_was_broken_off_names_no_version_and_goes_on_where_it_stopped(
    bundled: CapitalGraph, model: Ontology, tmp_path: Path
) -> None:
    with oxigraph(tmp_path / "server") as endpoint:
        sent: list[str] = []

        def tired(text: str) -> None:
            sent.append(text)
            if len(sent) == 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            publish(bundled.store, endpoint, tired)
        assert open_remote(endpoint, model).version.startswith("remote.")
        told: list[str] = []
        publish(bundled.store, endpoint, told.append)
        assert sum("already there" in line for line in told) == 5
        assert open_remote(endpoint, model).version == bundled.store.version


def test_a_server_that_drops_triples_is_found_out_by_counting(bundled: CapitalGraph, tmp_path: Path) -> None:
    with oxigraph(tmp_path / "server") as endpoint:
        forgetful = Forgetful(endpoint)
        with pytest.raises(EndpointProblem, match="holds 0 triples after sending"):
            publish(bundled.store, forgetful, quiet)  # type: ignore[arg-type]


class Forgetful:
    """A server that says yes to every insertion and keeps nothing."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.select, self.shown = endpoint.select, endpoint.shown

    def update(self, text: str) -> None:
        """Nod."""


def test_an_empty_server_is_told_apart_from_one_with_facts(tmp_path: Path, model: Ontology) -> None:
    with oxigraph(tmp_path / "server") as endpoint, pytest.raises(DataProblem, match="publish some first"):
        open_remote(endpoint, model)


# Servers that misbehave -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def liar(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[Endpoint]:
    """A server that answers every request as a test wants."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        client = httpx.Client(timeout=httpx.Timeout(1.0, connect=1.0))
        yield Endpoint(f"http://127.0.0.1:{server.server_address[1]}/sparql", client=client)
    finally:
        server.shutdown()
        server.server_close()


def reply(body: bytes, status: int = 200) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def send(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        with contextlib.suppress(OSError):
            request.wfile.write(body)

    return send


def result(*rows: dict[str, object]) -> bytes:
    return json.dumps({"head": {"vars": ["g"]}, "results": {"bindings": list(rows)}}).encode()


def hang(_: http.server.BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def half(request: http.server.BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"results"')


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (hang, "no answer within"),
        (half, "cannot be reached"),
        (reply(b"<html>Welcome</html>"), "no SPARQL result"),
        (reply(b'{"results": {"bindings": [{"g": 7}]}}'), "no SPARQL result"),
        (reply(b"overloaded, try later", 503), "answered 503: overloaded"),
        (reply(b"", 302), "answered 302"),
    ],
)
def test_a_server_that_misbehaves_is_told_in_one_sentence(
    answer: Callable[[http.server.BaseHTTPRequestHandler], None], told: str, model: Ontology
) -> None:
    with liar(answer) as endpoint, pytest.raises(EndpointProblem, match=told):
        open_remote(endpoint, model)


def test_a_page_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch, model: Ontology) -> None:
    monkeypatch.setattr(remote, "_ANSWER_LIMIT", 1000)
    with liar(reply(b"x" * 5000)) as endpoint, pytest.raises(EndpointProblem, match="sends more than"):
        open_remote(endpoint, model)


def test_a_server_that_repeats_a_page_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PAGE", 2)
    thing = {name: {"type": "uri", "value": f"x:{name}"} for name in ("s", "p", "o")}
    other = {**thing, "s": {"type": "uri", "value": "x:t"}}
    with liar(reply(result(thing, other))) as endpoint, pytest.raises(EndpointProblem, match="same page"):
        list(remote.graph_quads(endpoint, "x:g"))


def test_name_and_password_are_never_shown() -> None:
    assert Endpoint("https://me:secret@example.org/sparql").shown == "https://example.org/sparql"
