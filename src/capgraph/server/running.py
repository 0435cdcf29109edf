"""Start the server, keep it going, end it gracefully."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyoxigraph as ox

from capgraph.bounded import GRAPH_FORMATS
from capgraph.errors import UsageProblem
from capgraph.server import workers
from capgraph.server.protocol import service_description

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph
    from capgraph.server.app import Settings

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_WAITING = 32
"""Requests that may wait for a worker; the next gets a 503."""
_CONNECTIONS = 256
_SHUTDOWN_SECONDS = 5


def serve(
    graph: CapitalGraph, settings: Settings, host: str, port: int, at_once: int, say: Callable[[str], None]
) -> None:
    """Serve a graph until the process is told to stop.

    Raises UsageProblem where the address cannot be had.
    """
    listener = _listener(host, port)
    port = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    description = _descriptions(graph, f"http://{shown}:{port}/sparql")
    # The workers' host is forked before the web server makes threads.
    crew = workers.start(graph, at_once, _WAITING)
    import uvicorn

    from capgraph.server.app import create

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    config = uvicorn.Config(
        create(crew, settings, description),
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=1 << 17,
        http="h11",
        ws="none",
        lifespan="on",
    )
    say(f"serving capgraph {graph.store.version} at http://{shown}:{port}/ (Ctrl-C ends it)")
    try:
        # Ctrl-C is how a server is ended: it finishes what is under way, and then the signal comes once more.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        crew.close()


def default_workers() -> int:
    """As many workers at once as there are processors."""
    return max(2, os.cpu_count() or 2)


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    return host in _LOOPBACK


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, its connections send small answers at once; otherwise each waits 40 ms for the client's word.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageProblem(f"cannot listen at {host}:{port}: {error.strerror}") from error
    listener.listen(_CONNECTIONS)
    return listener


def _descriptions(graph: CapitalGraph, endpoint: str) -> dict[str, bytes]:
    """The service description in each format of a graph."""
    triples = service_description(graph, endpoint)
    prefixes = {"sd": "http://www.w3.org/ns/sparql-service-description#", "void": "http://rdfs.org/ns/void#"}
    return {
        name: ox.serialize(triples, format=format, prefixes=prefixes) or b"" for name, format in GRAPH_FORMATS.items()
    }
