"""Under load, and at the hands of clients that behave badly: nothing lost, nobody held up, nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlparse

import httpx
import pytest

from tests.server.conftest import TIMEOUT, Server, below, start

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TO_COME = b"Content-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\n"
"""The head of a body of which most never comes."""
FAST = "SELECT ?s WHERE { ?s a cap:Stake } ORDER BY ?s"


@pytest.fixture
def own() -> Iterator[Server]:
    """A server for one test alone."""
    running = start("--workers", "2")
    yield running
    if running.process.poll() is None:
        running.end()


def address(server: Server) -> tuple[str, int]:
    found = urlparse(server.base)
    assert found.hostname is not None
    assert found.port is not None
    return found.hostname, found.port


def resident(pid: int) -> int:
    """Kilobytes of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def settled(server: Server, workers: int = 0, seconds: float = 5.0) -> bool:
    """Whether the server comes back to its host and so many workers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if len(server.children()) == 1 + workers:
            return True
        time.sleep(0.05)
    return False


def test_many_clients_at_once_lose_nothing(server: Server) -> None:
    requests = [
        ("/sparql", {"query": FAST}, 200),
        ("/sparql", {"query": "ASK { party:house a cap:Investor }"}, 200),
        ("/sparql", {"query": "CONSTRUCT WHERE { ?s cap:holder ?o }"}, 200),
        ("/sparql", {"query": "SELECT ?x { ?x"}, 400),
        ("/sparql", {"query": "DROP ALL"}, 403),
        ("/id/party/lab", {"format": "ttl"}, 200),
        ("/questions/stakes", {"ask": "1", "party": "house"}, 200),
        ("/nowhere", {}, 404),
    ]

    def ask(number: int) -> tuple[int, int, bytes]:
        path, parameters, status = requests[number % len(requests)]
        with httpx.Client(base_url=server.base, timeout=60) as client:
            answer = client.get(path, params=parameters)
        return answer.status_code, status, answer.content

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(240)))
    assert all(found == wanted for found, wanted, _ in answers), Counter(pair[:2] for pair in answers)
    for number in range(len(requests)):
        bodies = {body for _, _, body in answers[number :: len(requests)]}
        assert len(bodies) == 1, "the same request got two answers"
    assert settled(server)


def test_rounds_of_requests_leave_no_memory_no_descriptor_and_no_file_behind(tmp_path: Path) -> None:
    own = start("--workers", "2", TMPDIR=str(tmp_path))
    host = own.children()[0]
    everyone = (own.process.pid, host)

    def round_of_requests() -> None:
        with httpx.Client(base_url=own.base, timeout=60) as client:
            for number in range(40):
                client.get("/sparql", params={"query": FAST if number % 3 else "ASK { ?s"})
                if number % 20 == 0:
                    client.get("/id/party/lab", headers={"Accept": "text/html"})

    def footprint() -> list[int]:
        assert settled(own)
        return [resident(pid) for pid in everyone] + [len(os.listdir(f"/proc/{pid}/fd")) for pid in everyone]

    for _ in range(2):
        round_of_requests()
    before = footprint()
    files = os.listdir(tmp_path)
    for _ in range(3):
        round_of_requests()
    after = footprint()
    assert all(late <= early + 8_000 for early, late in zip(before[:2], after[:2], strict=True)), (before, after)
    assert all(late <= early + 2 for early, late in zip(before[2:], after[2:], strict=True)), (before, after)
    assert os.listdir(tmp_path) == files
    own.end()
    assert os.listdir(tmp_path) == []


def test_a_slow_query_holds_nobody_up(own: Server) -> None:
    slow = threading.Thread(target=lambda: own.ask(SLOW))
    slow.start()
    time.sleep(0.3)
    answer = own.ask(FAST)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < TIMEOUT / 2
    slow.join()


def test_when_too_many_wait_the_next_is_told_to_come_again(own: Server) -> None:
    with ThreadPoolExecutor(48) as pool:
        answers = list(pool.map(lambda _: own.ask(SLOW), range(48)))
    told = Counter(answer.status_code for answer in answers)
    assert set(told) == {503}
    busy = [answer for answer in answers if "Retry-After" in answer.headers]
    assert len(busy) >= 48 - 2 - 32
    assert own.ask(FAST).status_code == 200
    assert settled(own)


def test_a_client_that_leaves_takes_its_query_with_it(own: Server) -> None:
    with socket.create_connection(address(own)) as client:
        query = "/sparql?query=SELECT%20%2A%20%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff.%3Fg%20%3Fh%20%3Fi%7D"
        client.sendall(f"GET {query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert settled(own, workers=1, seconds=2)
    assert settled(own, seconds=1.5), "the query went on after its client had left"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /sparql?que",
        b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\n" + TO_COME + b"ASK",
        b"\x00\x01\x02 nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
)
def test_a_broken_or_half_closed_connection_harms_nobody(server: Server, sent: bytes) -> None:
    with socket.create_connection(address(server), timeout=5) as client:
        try:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            said = client.recv(4096)
        except OSError:
            said = b""
    assert b"Traceback" not in said
    assert not said.startswith(b"HTTP/1.1 5")
    assert server.ask(FAST).status_code == 200


def test_a_body_that_never_ends_is_given_up(own: Server) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\n" + TO_COME
    with socket.create_connection(address(own), timeout=20) as client:
        client.sendall(head + b"ASK")
        said = client.recv(4096)
    assert b" 408 " in said.split(b"\r\n")[0]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_gracefully_and_leaves_nothing(how: signal.Signals) -> None:
    running = start("--workers", "2")
    everybody = [running.process.pid, *running.children()]
    codes: list[int] = []
    slow = threading.Thread(target=lambda: codes.append(running.ask(SLOW).status_code))
    slow.start()
    assert settled(running, workers=1)
    started = time.monotonic()
    code = running.end(how)
    slow.join(10)
    assert code in (0, -signal.SIGTERM)
    assert codes == [503], "the request under way got its answer"
    assert time.monotonic() - started < TIMEOUT + 8
    assert not [line for line in running.said if "Traceback" in line], running.said
    time.sleep(0.2)
    assert not [pid for pid in everybody if below(pid)]
    assert not [pid for pid in everybody[1:] if Path(f"/proc/{pid}").exists()]


def test_a_server_that_is_killed_takes_its_workers_with_it() -> None:
    running = start("--workers", "1")
    (host,) = running.children()
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait(5)
    end = time.monotonic() + 5
    while Path(f"/proc/{host}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{host}").exists()


def test_an_address_that_is_taken_is_told(own: Server) -> None:
    import subprocess
    import sys

    port = str(address(own)[1])
    done = subprocess.run(
        [sys.executable, "-m", "capgraph", "serve", "--port", port],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert f"cannot listen at 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
