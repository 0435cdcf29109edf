"""Workers: tasks in processes with limits, or in threads where processes cannot be forked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from capgraph.bounded import Limits
from capgraph.errors import NotFound, UnknownName, UsageProblem
from capgraph.graph import CapitalGraph, load
from capgraph.server import tasks, workers
from capgraph.server.tasks import status_of
from capgraph.server.things import iri_of, path_of
from capgraph.server.workers import Busy, ForkedWorkers, ThreadWorkers, Workers
from capgraph.sparql import QueryProblem, UpdateRefused
from tests.server.conftest import DATA


@pytest.fixture(scope="module")
def graph() -> CapitalGraph:
    return load(DATA)


@pytest.fixture(params=[ForkedWorkers, ThreadWorkers])
def crew(request: pytest.FixtureRequest, graph: CapitalGraph) -> Iterator[Workers]:
    made = request.param(graph, 1, 1)
    yield made
    made.close()
    made.close()


QUERY = {"text": "ASK { party:house a cap:Investor }", "format": "json"}
SLOW = {"text": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a", "format": "json"}


def test_a_task_is_done_and_what_goes_wrong_has_a_status(crew: Workers) -> None:
    async def all_of_them() -> list[tuple[int, bytes]]:
        asked = [
            ("query", QUERY),
            ("query", {**QUERY, "text": "ASK {"}),
            ("query", {**QUERY, "text": "DROP ALL"}),
            ("query", {**QUERY, "as_of": "2025-09-30"}),
            ("describe", {"iri": iri_of("id/party/house"), "format": "ttl"}),
            ("describe", {"iri": iri_of("id/party/nobody"), "format": "ttl"}),
            ("page", {"page": "start"}),
            ("page", {"page": "no-such-page"}),
        ]
        replies = [await crew.do(task, each, Limits(seconds=20)) for task, each in asked]
        return [(reply.status, reply.body) for reply in replies]

    found = asyncio.run(all_of_them())
    assert [status for status, _ in found] == [200, 400, 403, 200, 200, 404, 200, 500]
    assert b"true" in found[0][1]
    assert b"KeyError" not in found[-1][1], "nothing of our own code is shown"


def test_a_task_beyond_its_time_is_ended(crew: Workers) -> None:
    reply = asyncio.run(crew.do("query", SLOW, Limits(seconds=0.4)))
    assert reply.status == 503
    assert b"stopped after 0.4 s" in reply.body


def test_a_task_beyond_its_memory_is_ended(crew: Workers) -> None:
    reply = asyncio.run(crew.do("query", SLOW, Limits(seconds=20, memory=100 << 20)))
    assert reply.status == 503
    assert b"memory" in reply.body


def test_a_full_line_takes_nobody_more(crew: Workers) -> None:
    async def three() -> list[object]:
        limits = Limits(seconds=0.5)
        return await asyncio.gather(*(crew.do("query", SLOW, limits) for _ in range(3)), return_exceptions=True)

    found = asyncio.run(three())
    assert sum(isinstance(each, Busy) for each in found) == 1


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    limits = Limits(seconds=5)
    assert workers._reply(b'{"status": 200, "size": 9}\nhalf', limits, 1.0).status == 503
    assert workers._reply(b"", limits, 6.0).status == 503


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UpdateRefused("x"), 403),
        (QueryProblem("x"), 400),
        (UnknownName("x"), 404),
        (NotFound("x"), 404),
        (UsageProblem("x"), 400),
    ],
)
def test_an_error_has_its_status(error: Exception, status: int) -> None:
    assert status_of(error) == status  # type: ignore[arg-type]


def test_an_address_means_one_of_our_things_or_nothing() -> None:
    assert iri_of("id/stake/a--b") == "https://w3id.org/capgraph/id/stake/a--b"
    assert path_of("https://w3id.org/capgraph/code/rung/signed") == "/code/rung/signed"
    assert path_of("https://example.org/id/party/x") is None
    for wrong in ("id/party/a> b", "id", "id/party/", "word/x", "id/PARTY/x"):
        with pytest.raises(NotFound):
            iri_of(wrong)


def test_every_page_and_task_has_a_name() -> None:
    assert set(tasks.TASKS) == {"query", "describe", "page"}
