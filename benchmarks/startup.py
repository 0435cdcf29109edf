"""How long a user waits: whole commands from start to end, the first time and after."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import REPOSITORY, Command, command
from benchmarks.tables import Settings, Table, duration, megabytes, ratio

ABOUT = (
    "Whole processes over the bundled data, from start to end. *Cold*: nothing compiled yet; the file cache of the "
    "system is warm. *Warm*: the commands that the README names, over a graph that is compiled. Each warm figure is "
    "the median of its runs, with the least beside it; the ratio is to a Python that does nothing."
)

_QUICK = ("find", "owners", "path")
_NOT_TIMED = {"serve": "it does not end by itself", "publish": "it needs a server"}
_QUERY = "query -q 'SELECT (COUNT(*) AS ?n) WHERE { ?s a cap:Stake }'"


def commands() -> dict[str, list[str]]:
    """The commands in the README's table of questions, as typed: what follows ``capgraph``."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    typed = [found for row in rows for found in re.findall(r"`capgraph ((?:[^`\\]|\\.)+)`", row)]
    typed = [_QUERY if each.startswith("query ") else each for each in typed]
    return {each: shlex.split(each) for each in typed if each.split()[0] not in _NOT_TIMED}


def measure(settings: Settings) -> Iterator[Table]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield _cold(folder, settings)
        yield _warm(folder, settings)


def _cold(folder: Path, settings: Settings) -> Table:
    table = Table("Cold", ["command", "time", "peak memory"])
    asked = {"owners openai": "a first answer: read, check and compile the tables, then answer"}
    if not settings.quick:
        asked["build -o built"] = "build: the same, validate with SHACL, write TriG and the rest"
    for place, (words, what) in enumerate(asked.items()):
        own = {"CAPGRAPH_CACHE": str(folder / f"cold-{place}")}
        _add(table, f"`{words}`, {what}", command(["-m", "capgraph", *shlex.split(words)], 1, folder, own))
    return table


def _warm(folder: Path, settings: Settings) -> Table:
    own = {"CAPGRAPH_CACHE": str(folder / "cold-0")}
    table = Table("Warm", ["command", "median", "least", "of a bare Python", "peak memory"])
    bare = command(["-c", "pass"], settings.runs, folder, own)
    _add(table, "a bare Python", bare, bare)
    asked = {"--help": ["--help"], **commands()}
    if settings.quick:
        asked = {typed: words for typed, words in asked.items() if words[0] in ("--help", *_QUICK)}
    for typed, words in asked.items():
        runs = max(1, settings.runs - 2)
        _add(table, f"`{typed}`", command(["-m", "capgraph", *words], runs, folder, own), bare)
    return table


def _add(table: Table, name: str, found: Command, bare: Command | None = None) -> None:
    if found.failed:
        table.faults.append(f"{name}: {found.failed}")
    told = [duration(found.median)]
    if bare is not None:
        told += [duration(found.least), ratio(found.median, bare.median)]
    table.rows.append([name.replace("|", "\\|"), *told, megabytes(found.megabytes)])
