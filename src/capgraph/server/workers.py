"""A process that holds the graph and forks a worker for each task, and the way to it from the web's own loop.

The host is forked before the web server starts, while there is one thread. It listens on a socket in a folder that only
this user may enter; for each task it forks a worker, which says its process id, works within limits and answers in one
frame: a line about the answer, then its body. A worker that is not waited for any more is killed. Where processes
cannot be forked, tasks run in threads and their queries in spawned processes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from capgraph import bounded
from capgraph.bounded import Limits
from capgraph.server import tasks
from capgraph.server.tasks import Reply

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

_GRACE = 2.0
"""Seconds beyond its limit after which a worker that the kernel did not end is killed."""
_PATIENCE = 10.0
"""Seconds that a task may wait for its turn."""
_LINE = 4 << 20
"""The longest task that a worker reads."""


class Busy(Exception):
    """More tasks wait than the server lets wait, or one has waited too long."""


class Workers(Protocol):
    """Whoever does the work of the server."""

    async def do(self, task: str, asked: Mapping[str, Any], limits: Limits) -> Reply:
        """Do one task (a name of :data:`capgraph.server.tasks.TASKS`). Raises Busy."""
        ...

    def close(self) -> None:
        """End all workers."""
        ...


class _Queue:
    """At most so many tasks at once and so many more in line."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._inside = 0

    async def __aenter__(self) -> None:
        if self._inside >= self._room:
            raise Busy
        self._inside += 1
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._slots.acquire()
        except TimeoutError as error:
            self._inside -= 1
            raise Busy from error
        except BaseException:
            self._inside -= 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self._inside -= 1
        self._slots.release()


def start(graph: CapitalGraph, at_once: int, waiting: int) -> Workers:
    """Workers for a graph. Call it while the process has one thread."""
    tasks.warm_up(graph)
    return ForkedWorkers(graph, at_once, waiting) if bounded.CAN_FORK else ThreadWorkers(graph, at_once, waiting)


# Forked ---------------------------------------------------------------------------------------------------------------


class ForkedWorkers:
    """Workers forked by a host process that holds the graph."""

    def __init__(self, graph: CapitalGraph, at_once: int, waiting: int) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="capgraph-"))
        self._address = str(self._folder / "host")
        self._queue = _Queue(at_once, waiting)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self._address)
        listener.listen(at_once + waiting)
        theirs, self._lifeline = os.pipe()
        self._host = os.fork()
        if self._host == 0:
            os.close(self._lifeline)
            _host(graph, listener, theirs)
        os.close(theirs)
        listener.close()

    async def do(self, task: str, asked: Mapping[str, Any], limits: Limits) -> Reply:
        async with self._queue:
            return await self._ask(task, asked, limits)

    async def _ask(self, task: str, asked: Mapping[str, Any], limits: Limits) -> Reply:
        started = time.monotonic()
        reader, writer = await asyncio.open_unix_connection(self._address, limit=_LINE)
        worker, frame = 0, b""
        try:
            writer.write(json.dumps({"task": task, "asked": asked, "limits": asdict(limits)}).encode() + b"\n")
            async with asyncio.timeout(limits.seconds + _GRACE):
                worker = int(await reader.readline() or b"0")
                frame = await reader.read()
        except (TimeoutError, OSError, ValueError):
            frame = b""
        finally:
            # Whoever asked may have gone: what nobody waits for shall not go on.
            if worker and not reader.at_eof():
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            writer.close()
        return _reply(frame, limits, time.monotonic() - started)

    def close(self) -> None:
        if self._lifeline < 0:
            return
        os.close(self._lifeline)
        self._lifeline = -1
        with suppress(ChildProcessError):
            os.waitpid(self._host, 0)
        shutil.rmtree(self._folder, ignore_errors=True)


def _reply(frame: bytes, limits: Limits, took: float) -> Reply:
    """The reply in a frame; a worker that ended without one ran out of its time, or else of its memory."""
    line, found, body = frame.partition(b"\n")
    if not found:
        return tasks.stopped("time" if took >= limits.seconds else "memory", limits)
    head = json.loads(line)
    return Reply(head.pop("status"), body, head) if len(body) == head.pop("size") else tasks.stopped("memory", limits)


def _host(graph: CapitalGraph, listener: socket.socket, lifeline: int) -> NoReturn:
    """Fork a worker for each caller, until the server that holds the other end of the lifeline is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel then buries the dead
    gc.freeze()  # workers share what is there; a collection in each would copy it
    while True:
        ready, _, _ = select.select([listener.fileno(), lifeline], [], [])
        if lifeline in ready:
            os._exit(0)
        with suppress(OSError):
            caller, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                os.close(lifeline)
                _work(graph, caller)
            caller.close()


def _work(graph: CapitalGraph, caller: socket.socket) -> NoReturn:
    """Read one task, do it within its limits, answer, end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with suppress(Exception), caller, caller.makefile("rwb") as stream:
        stream.write(f"{os.getpid()}\n".encode())
        stream.flush()
        wanted = json.loads(stream.readline(_LINE))
        limits = Limits(**wanted["limits"])
        bounded.confine(limits)
        reply = tasks.do(graph, wanted["task"], wanted["asked"], limits)
        head = {"status": reply.status, "size": len(reply.body), **reply.head}
        stream.write(json.dumps(head).encode() + b"\n" + reply.body)
    os._exit(0)


# In threads -----------------------------------------------------------------------------------------------------------


class ThreadWorkers:
    """Workers in threads, for machines that cannot fork. Queries still run in processes of their own."""

    def __init__(self, graph: CapitalGraph, at_once: int, waiting: int) -> None:
        self._graph = graph
        self._queue = _Queue(at_once, waiting)

    async def do(self, task: str, asked: Mapping[str, Any], limits: Limits) -> Reply:
        async with self._queue:
            return await asyncio.to_thread(tasks.do, self._graph, task, asked, limits)

    def close(self) -> None:
        return None
