"""How long a user waits: whole processes from start to end, warm and cold, and what the same would cost in rdflib.

Every figure is the median of several runs of a whole process; ratios are taken within the same run, because these are
the only ones that another machine can be held to.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WARM = {
    "bare interpreter": ["-c", "pass"],
    "--help": ["-m", "capgraph", "--help"],
    "find": ["-m", "capgraph", "find", "nvidia"],
    "show": ["-m", "capgraph", "show", "softbank-group"],
    "owners": ["-m", "capgraph", "owners", "openai"],
    "holdings": ["-m", "capgraph", "holdings", "softbank-group"],
    "path": ["-m", "capgraph", "path", "oracle", "softbank-group"],
    "loops": ["-m", "capgraph", "loops"],
    "shock": ["-m", "capgraph", "shock", "openai", "--default"],
}
"""What is started over a graph that is compiled already."""

_RDFLIB = (
    "import rdflib, sys; g = rdflib.Dataset(default_union=True); g.parse(sys.argv[1], format='trig'); "
    "q = 'PREFIX cap: <https://w3id.org/capgraph/ontology#> SELECT (COUNT(*) AS ?n) WHERE { ?s a cap:Stake }'; "
    "print(list(g.query(q)))"
)


@dataclass(frozen=True)
class Measured:
    """The median wall time of a process in seconds, and the most memory that any run took, in MB."""

    name: str
    seconds: float
    megabytes: float


def measured(name: str, words: Sequence[str], runs: int, **environment: str) -> Measured:
    """Run a Python process several times."""
    times = []
    memory = 0.0
    for _ in range(runs):
        before = time.perf_counter()
        command = [sys.executable, "-c", _WATCHED, *words]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=True)
        times.append(time.perf_counter() - before)
        memory = max(memory, float(done.stderr.rsplit("peak ", 1)[1]))
    return Measured(name, statistics.median(times) - _overhead(), memory)


_WATCHED = (
    "import subprocess, sys, resource; "
    "code = subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode; "
    "sys.stderr.write(f'peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}'); sys.exit(code)"
)


@cache
def _overhead() -> float:
    """What the watching process itself takes, measured once."""
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import subprocess, sys, resource"], check=True)
    return time.perf_counter() - before


def report(runs: int = 5) -> str:
    """All measurements as a Markdown table, with the machine named."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"CAPGRAPH_CACHE": str(Path(folder) / "cache")}
        built = measured("build (cold, with SHACL)", ["-m", "capgraph", "build", "-o", folder], 1, **own)
        warm = [measured(name, words, runs, **own) for name, words in WARM.items()]
        trig = str(Path(folder) / "capgraph.trig")
        rdflib = measured("rdflib: parse the same facts, count the stakes", ["-c", _RDFLIB, trig], 1)
        query = "SELECT (COUNT(*) AS ?n) WHERE { ?s a cap:Stake }"
        ours = measured("query: the same count", ["-m", "capgraph", "query", "-q", query], runs, **own)
    rows = [built, *warm, ours, rdflib]
    bare = next(row for row in rows if row.name == "bare interpreter").seconds
    head = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, median of {runs} runs\n"
    lines = ["| process | seconds | of a bare interpreter | peak MB |", "|---|---:|---:|---:|"]
    lines += [f"| {row.name} | {row.seconds:.2f} | {row.seconds / bare:.1f} x | {row.megabytes:.0f} |" for row in rows]
    ratio = rdflib.seconds / ours.seconds
    return "\n".join([head, *lines, "", f"The same count takes rdflib {ratio:.0f} times as long, loading included.\n"])
