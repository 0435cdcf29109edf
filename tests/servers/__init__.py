"""Real SPARQL servers that tests start and stop."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from capgraph.remote import Endpoint

_VIRTUOSO_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = {sql_port}
DirsAllowed = {folder}
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
[HTTPServer]
ServerPort = {port}
ServerRoot = {folder}
DefaultMailServer = localhost:25
[SPARQL]
ResultSetMaxRows = 10000
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def oxigraph(folder: Path, read_only: bool = False) -> Iterator[Endpoint]:
    """The native Oxigraph server over a folder."""
    port = free_port()
    program = Path(sys.executable).parent / "oxigraph"
    verb = "serve-read-only" if read_only else "serve"
    with _running([str(program), verb, "-l", str(folder), "-b", f"127.0.0.1:{port}"], f"http://127.0.0.1:{port}/"):
        yield Endpoint(f"http://127.0.0.1:{port}/query", f"http://127.0.0.1:{port}/update")


@contextlib.contextmanager
def virtuoso(folder: Path) -> Iterator[Endpoint]:
    """Virtuoso over a new database, its endpoint allowed to update."""
    port, sql_port = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "virtuoso.ini"
    config.write_text(_VIRTUOSO_INI.format(folder=folder, port=port, sql_port=sql_port), encoding="utf-8")
    program = shutil.which("virtuoso-t")
    assert program is not None, "virtuoso-t is not installed"
    with _running([program, "-f", "-c", str(config)], f"http://127.0.0.1:{port}/sparql"):
        grant = 'GRANT SPARQL_UPDATE TO "SPARQL"; GRANT EXECUTE ON DB.DBA.L_O_LOOK TO "SPARQL";'
        isql = shutil.which("isql-vt") or shutil.which("isql")
        assert isql is not None, "isql of Virtuoso is not installed"
        subprocess.run([isql, f"127.0.0.1:{sql_port}", "dba", "dba", f"exec={grant}"], check=True, capture_output=True)
        yield Endpoint(f"http://127.0.0.1:{port}/sparql")


@contextlib.contextmanager
def _running(command: list[str], address: str) -> Iterator[None]:
    """A server process that has answered once; stopped on leaving."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, f"{command[0]} ended at once"
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(address, timeout=5)
                break
            assert time.monotonic() < deadline, f"{command[0]} did not answer"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
