"""Run one query within bounds that hold: in a child process with limits of time and memory and no way out.

The engine's Python interface knows no timeout and no signal interrupts it, so a query runs in a process of its own that
the kernel ends when its time is over. That process may open nothing (no file, no socket), so not even a query that
slips past :class:`capgraph.sparql.Query` can reach the network. Where processes cannot be forked, a fresh one opens
the compiled graph read-only.

What comes back is a whole answer or an error, never a part of an answer.
"""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import pyoxigraph as ox

from capgraph.errors import DataProblem
from capgraph.sparql import Query, QueryProblem, RemoteRefused, first_wrong, syntax_problem

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

CAN_FORK = hasattr(os, "fork")

TABLE_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}

_GRACE = 2.0
"""Seconds beyond its limit after which a child that the kernel did not end is killed."""
_STARTING = 10.0
"""Seconds that a spawned process may take to start and open the graph."""
_PIPE = 1 << 16
_ENDS = {"SIGALRM": "time", "SIGTERM": "time", "SIGKILL": "time", "SIGSEGV": "depth", "SIGBUS": "depth"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may cost: wall-clock seconds, bytes of memory, rows (None: all), bytes of its answer."""

    seconds: float = 30.0
    memory: int = 1 << 30
    rows: int | None = None
    size: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of one query: ``body`` in ``format``. ``cut``: there were more rows (or triples) than asked for."""

    body: bytes
    format: str
    cut: bool = False


class QueryStopped(QueryProblem):
    """A query that went beyond its limits. ``why``: ``time``, ``memory``, ``depth`` or ``size``."""

    def __init__(self, why: str, message: str) -> None:
        self.why = why
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Request:
    """All that a child needs to know. ``default`` and ``named`` are graph IRIs that replace the query's own dataset."""

    query: Query
    format: str
    limits: Limits
    prefixes: Mapping[str, str] = field(default_factory=dict)
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """The request as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> Request:
        entry = json.loads(line)
        query, limits = Query(**entry.pop("query")), Limits(**entry.pop("limits"))
        default, named = tuple(entry.pop("default")), tuple(entry.pop("named"))
        return cls(query, limits=limits, default=default, named=named, **entry)


def run(graph: ox.Store, request: Request, folder: Path | None = None) -> Outcome:
    """The answer to one query.

    Raises QueryProblem where the engine does not understand it, QueryStopped where it goes beyond its limits.
    ``folder`` is where the graph lies on disk; a machine that cannot fork needs it.
    """
    if _Confined.already:
        return unpack(_safely(graph, request), request)
    if CAN_FORK:
        return _run_forked(graph, request)
    if folder is None:
        raise DataProblem("on this machine a query needs a compiled graph on disk; give it a writable cache folder")
    return run_spawned(folder, request)


# Forked ---------------------------------------------------------------------------------------------------------------


def _run_forked(graph: ox.Store, request: Request) -> Outcome:
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # The engine keeps idle threads of its own; Python 3.12 warns of any. The child runs nothing that they hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        os.close(reading)
        work(graph, request, writing)
    os.close(writing)
    status = None
    try:
        frame = b"".join(_until(reading, time.monotonic() + request.limits.seconds + _GRACE))
    finally:
        os.close(reading)
        status = _end(pid)
    return unpack(frame, request, status)


def _until(pipe: int, deadline: float) -> Iterator[bytes]:
    """What a pipe brings until it closes or the time is over."""
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([pipe], [], [], left)
        part = os.read(pipe, _PIPE) if ready else b""
        if not part:
            return
        yield part


def _end(pid: int) -> int:
    """Make sure that a child is gone; its exit code, negative for the signal that ended it."""
    done, status = os.waitpid(pid, os.WNOHANG)
    if done == 0:
        # Its pipe is closed, so it has said all; most often it is about to end by itself.
        time.sleep(0.001)
        done, status = os.waitpid(pid, os.WNOHANG)
    if done == 0:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


# Spawned --------------------------------------------------------------------------------------------------------------


def run_spawned(folder: Path, request: Request) -> Outcome:
    """The answer to one query from a fresh process that opens a compiled graph read-only."""
    command = [sys.executable, "-m", "capgraph.bounded", str(folder)]
    try:
        done = subprocess.run(
            command,
            input=request.to_json(),
            capture_output=True,
            timeout=request.limits.seconds + _STARTING,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return unpack(b"", request, -int(signal.SIGTERM))
    return unpack(done.stdout, request, done.returncode)


def _main(arguments: Sequence[str]) -> None:
    request = Request.from_json(sys.stdin.buffer.readline())
    work(ox.Store.read_only(arguments[0]), request, sys.stdout.fileno())


# In the child ---------------------------------------------------------------------------------------------------------


class _Confined:
    """Whether this process is bound by limits already, so that its queries need no process of their own."""

    already = False


def work(graph: ox.Store, request: Request, out: int) -> NoReturn:
    """Answer one request into a pipe and end this process. Runs in the child."""
    try:
        confine(request.limits)
        seal()
        frame = _safely(graph, request)
    except BaseException as error:
        frame = _failed(error, request)
    with suppress(OSError), os.fdopen(out, "wb") as pipe:
        pipe.write(frame)
    os._exit(0)


def _safely(graph: ox.Store, request: Request) -> bytes:
    try:
        return _answered(graph, request)
    except Exception as error:
        return _failed(error, request)


def confine(limits: Limits) -> None:
    """Bind this process: the kernel ends it after its time and caps its memory.

    What a platform does not offer is left out; the parent's own clock then ends the process.
    """
    _Confined.already = True
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    if resource is not None:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (_address_space() + limits.memory,) * 2)


def seal() -> None:
    """Let this process open nothing any more, no file and no socket. The engine's reads of an open graph go on."""
    if resource is not None:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def seal_if_confined() -> None:
    """Seal a process that was made for one task; one that serves others too is left as it is."""
    if _Confined.already:
        seal()


def _address_space() -> int:
    """The bytes of address space in use, which a limit on top of it has to count in. 0 where nothing says so."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 8 << 30


def _answered(graph: ox.Store, request: Request) -> bytes:
    """The frame of a whole answer: one line about it, then its body."""
    named: list[ox.NamedNode | ox.BlankNode] = [ox.NamedNode(iri) for iri in request.named]
    chosen = bool(request.default or request.named)
    results = graph.query(
        request.query.text,
        prefixes=dict(request.prefixes),
        use_default_graph_as_union=request.query.union and not chosen,
        default_graph=[ox.NamedNode(iri) for iri in request.default] if chosen else None,
        named_graphs=named if chosen else None,
    )
    if isinstance(results, ox.QueryTriples):
        body, cut = _triples(results, request)
    else:
        body, cut = _table(results, request)
    if len(body) > request.limits.size:
        return _frame({"error": "size"})
    return _frame({"cut": cut, "size": len(body)}) + body


def _table(results: ox.QuerySolutions | ox.QueryBoolean, request: Request) -> tuple[bytes, bool]:
    """A table of solutions, or a yes or no, in the asked format."""
    format, rows = TABLE_FORMATS[request.format], request.limits.rows
    if isinstance(results, ox.QueryBoolean) or rows is None:
        return _bytes(results.serialize(format=format)), False
    # The engine writes all rows or none, so the first rows go through the one format that is made line by line.
    lines = ["\t".join(f"?{variable.value}" for variable in results.variables)]
    lines += ["\t".join("" if term is None else str(term) for term in row) for row in islice(results, rows)]
    cut = next(results, None) is not None
    table = ("\n".join(lines) + "\n").encode()
    if format == ox.QueryResultsFormat.TSV:
        return table, cut
    again = ox.parse_query_results(table, ox.QueryResultsFormat.TSV)
    return _bytes(again.serialize(format=format)), cut


def _triples(results: ox.QueryTriples, request: Request) -> tuple[bytes, bool]:
    """A graph in the asked format, each triple once, sorted."""
    found: dict[ox.Triple, None] = {}
    rows, cut = request.limits.rows, False
    for triple in results:
        if rows is not None and len(found) >= rows and triple not in found:
            cut = True
            break
        found[triple] = None
    triples = sorted(found, key=str)
    return _bytes(
        ox.serialize(triples, format=GRAPH_FORMATS[request.format], prefixes=_used(request.prefixes, triples))
    ), cut


def _used(prefixes: Mapping[str, str], triples: Sequence[ox.Triple]) -> dict[str, str]:
    """The prefixes that some IRI of a graph begins with, so that a small graph has a small head."""
    spaces = {iri: name for name, iri in prefixes.items()}
    found = set()
    for triple in triples:
        for term in (triple.subject, triple.predicate, triple.object):
            if isinstance(term, ox.NamedNode):
                cut = max(term.value.rfind("/"), term.value.rfind("#")) + 1
                found.add(term.value[:cut])
    return {spaces[space]: space for space in sorted(found) if space in spaces}


def _bytes(text: bytes | None) -> bytes:
    assert text is not None
    return text


def _failed(error: BaseException, request: Request) -> bytes:
    """The frame of what went wrong. A query that is not understood is read again up to the place where it fails."""
    kinds: Mapping[type[BaseException], str] = {SyntaxError: "syntax", MemoryError: "memory"}
    remote = "Too many open files" in str(error)
    kind = "remote" if remote else next((kind for type, kind in kinds.items() if isinstance(error, type)), "failed")
    told: dict[str, object] = {"error": kind, "message": str(error) or type(error).__name__}
    if kind == "syntax":
        told["offset"] = first_wrong(request.query.text, lambda text: _complaint(text, request.prefixes))
    return _frame(told)


def _complaint(text: str, prefixes: Mapping[str, str]) -> str | None:
    """What the engine says of a query, None if it takes it."""
    try:
        ox.Store().query(text, prefixes=dict(prefixes))
    except SyntaxError as error:
        return str(error)
    return None


def _frame(head: Mapping[str, object]) -> bytes:
    return json.dumps(head).encode() + b"\n"


# Back in the parent ---------------------------------------------------------------------------------------------------


def unpack(frame: bytes, request: Request, status: int | None = None) -> Outcome:
    """The answer in a frame. ``status``: how the child ended, None where nobody knows.

    Raises what became of the query otherwise.
    """
    line, found, body = frame.partition(b"\n")
    head: dict[str, Any] = json.loads(line) if found else {"error": _why(status)}
    if "error" not in head and len(body) == head["size"]:
        return Outcome(body, request.format, bool(head["cut"]))
    raise problem(request, head.get("error", "time"), head.get("message", ""), head.get("offset"))


def problem(request: Request, why: str, message: str = "", offset: int | None = None) -> QueryProblem:
    """What to tell of a query that gave no answer."""
    name, limits = request.query.name, request.limits
    if why == "syntax":
        return syntax_problem(request.query, message, offset, request.prefixes)
    if why == "remote":
        return RemoteRefused(
            f"{name}: the query tried to reach another machine; this graph answers from its own data only"
        )
    said = {
        "time": f"stopped after {limits.seconds:g} s; make it narrower, or give it more time",
        "memory": f"stopped: it needed more than {limits.memory >> 20} MB of memory; make it narrower",
        "depth": "stopped: it is nested too deeply",
        "size": f"stopped: its answer is larger than {limits.size / (1 << 20):g} MB; make it narrower, or add LIMIT",
    }
    if why in said:
        return QueryStopped(why, f"{name}: {said[why]}")
    return QueryProblem(f"{name}: the query failed: {message}")


def _why(status: int | None) -> str:
    """What a child's end without a word means: its alarm rang, its stack ran over, or it got no more memory."""
    signals = {-int(getattr(signal, name)): why for name, why in _ENDS.items() if hasattr(signal, name)}
    return "time" if status is None else signals.get(status, "memory")


if __name__ == "__main__":
    _main(sys.argv[1:])
