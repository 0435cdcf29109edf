"""A real server in a process of its own, on the world of the named questions, and plain HTTP to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

DATA = Path(__file__).parent.parent / "fixtures" / "questions" / "data"
TIMEOUT = 3.0
"""Seconds that a query may take on the test server."""


@dataclass
class Server:
    """A running server: its address and process, and requests to it."""

    base: str
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def get(self, path: str, **options: object) -> httpx.Response:
        return httpx.get(self.base + path, timeout=30, **options)  # type: ignore[arg-type]

    def ask(self, query: str, accept: str = "", **parameters: str) -> httpx.Response:
        """A query by GET."""
        path = f"/sparql?{urlencode({'query': query, **parameters})}"
        return self.get(path, headers={"Accept": accept} if accept else {})

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> httpx.Response:
        return httpx.request(method, self.base + path, headers=dict(headers), content=body, timeout=30)

    def children(self) -> list[int]:
        """The processes below the server's: its host, and the workers that run."""
        return below(self.process.pid)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(20)
        assert self.process.stderr is not None
        self.said += self.process.stderr.read().splitlines()
        return code


def below(pid: int) -> list[int]:
    """All processes that descend from one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(stat[1]) == pid and stat[0] != "Z":
                found += [int(entry.name), *below(int(entry.name))]
    return found


def start(*options: str, data: Path = DATA, **environment: str) -> Server:
    """Start a server on a free port and wait until it listens."""
    command = [sys.executable, "-m", "capgraph", "serve", "--port", "0", "--timeout", str(TIMEOUT)]
    process = subprocess.Popen(
        [*command, "--data", str(data), *options], stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"http://\S+:\d+", line)
    assert found, line + process.stderr.read()
    return Server(found[0], process)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server that most tests share. At its end it must have said nothing of errors inside itself."""
    running = start("--workers", "2")
    yield running
    running.end()
    assert not [line for line in running.said if "Traceback" in line or " 500 " in line], running.said
