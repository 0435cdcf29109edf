"""SPARQL: our store against rdflib in memory, on loading and on every named question; answers are compared."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from typing import Any

from benchmarks.processes import Run, run
from benchmarks.tables import Settings, Table, digits, duration, megabytes, ratio

ABOUT = (
    "*Loading*: the same TriG file into rdflib's memory and into the engine that is embedded here, "
    "and what a user meets: the tables compiled for the first time, and opened again. *Questions*: each of the named "
    "questions with its defaults; ours as users run it, in a process forked for the query and ended at its bounds, "
    "rdflib's in one plain graph, where it is quickest. Rows must be equal by value. rdflib is stopped after the limit "
    "that stands in the table; such a question counts with the limit, so its ratio is a lower bound."
)

LIMIT = 30.0
_LOADING = 300.0


def measure(settings: Settings) -> Iterator[Table]:
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("CAPGRAPH_CACHE")
        os.environ["CAPGRAPH_CACHE"] = os.path.join(folder, "cache")
        try:
            cold = run("engines:tables", _LOADING, data=settings.data)
            written = run("engines:write", _LOADING, folder=folder, data=settings.data)
            if written.failed or written.stopped:
                raise RuntimeError(f"the graph could not be written: {written.failed or 'too slow'}")
            yield _loading(folder, cold, settings)
            yield _questions(folder, dict(written.found), settings)
        finally:
            os.environ.pop("CAPGRAPH_CACHE") if before is None else os.environ.update(CAPGRAPH_CACHE=before)


def _loading(folder: str, cold: Run, settings: Settings) -> Table:
    runs = {
        "TriG file, pyoxigraph": run("engines:oxigraph", _LOADING, folder=folder),
        "TriG file, rdflib": run("engines:rdflib", _LOADING, folder=folder),
        "tables, capgraph, first time": cold,
        "tables, capgraph, again": run("engines:tables", _LOADING, data=settings.data),
    }
    least = runs["tables, capgraph, again"].seconds("seconds")
    table = Table("Loading", ["what", "quads", "time", "of capgraph again", "peak memory"])
    for name, found in runs.items():
        seconds = found.seconds("seconds")
        told = [duration(seconds) if seconds else "failed", ratio(seconds, least) if seconds and least else "-"]
        table.rows.append([name, f"{found.found.get('quads', 0):,}", *told, megabytes(found.megabytes)])
        table.faults += [f"{name}: {found.failed}"] if found.failed else []
    counts = {found.found.get("quads") for found in runs.values()}
    if len(counts) > 1:
        table.faults.append(f"not all hold the same number of quads: {sorted(map(str, counts))}")
    return table


def _questions(folder: str, queries: dict[str, Any], settings: Settings) -> Table:
    triples = queries.pop("triples")
    limit = settings.limit(LIMIT) / (5 if settings.quick else 1)
    numbers = {name: number for number, name in enumerate(queries, 1)}
    absent = [name for name, text in queries.items() if text is None]
    names = [name for name in queries if name not in absent][:: 4 if settings.quick else 1]
    told = {"names": names, "queries": [queries[name] for name in names]}
    ours = run("engines:ask_ours", _LOADING, data=settings.data, **told)
    theirs = run("engines:ask_rdflib", _LOADING + limit * len(names), folder=folder, patience=limit, **told)
    table = Table(
        f"{'Some of the' if settings.quick else 'The'} {len(queries)} named questions over {triples:,} triples",
        ["question", "rows", "capgraph", "rdflib", "of capgraph", "answers"],
    )
    ratios: list[tuple[float, str, bool]] = []
    for name in names:
        mine, other = ours.found.get(name), theirs.found.get(name)
        table.rows.append(
            [f"{numbers[name]} {name}", *compared(name, mine, other, limit, name in theirs.found, ratios, table)]
        )
    table.notes += [f"Their defaults name what these data do not have: {', '.join(absent)}."] if absent else []
    table.notes += [*summary(ratios, limit), _memory(ours, theirs)]
    table.faults += [
        f"{who}: {found.failed}" for who, found in (("capgraph", ours), ("rdflib", theirs)) if found.failed
    ]
    return table


def compared(
    name: str, mine: Any, other: Any, limit: float, asked: bool, ratios: list[tuple[float, str, bool]], table: Table
) -> list[str]:
    if mine is None:
        table.faults.append(f"{name}: capgraph gave no answer")
        return ["-", "failed", "-", "-", "-"]
    seconds, rows, digest = mine
    head = [f"{rows:,}", duration(seconds)]
    if other is None:
        ratios.append((limit / seconds, name, True))
        return [*head, f"> {digits(limit)} s" if asked else "not reached", ratio(limit, seconds, "> "), "not compared"]
    if len(other) == 1:
        return [*head, other[0][:60], "-", "not compared"]
    ratios.append((other[0] / seconds, name, False))
    same = other[2] == digest
    if not same:
        table.faults.append(f"{name}: rdflib gives other rows ({other[1]}, ours {rows})")
    return [*head, duration(other[0]), ratio(other[0], seconds), "equal" if same else "DIFFERENT"]


def summary(ratios: list[tuple[float, str, bool]], limit: float) -> Iterator[str]:
    back = [times for times, _, stopped in ratios if not stopped]
    if back:
        mean = math.exp(sum(map(math.log, back)) / len(back))
        yield (
            f"rdflib came back within {digits(limit)} s for {len(back)} of {len(ratios)} questions; over these it "
            f"takes {digits(mean)} times as long in the geometric mean."
        )
    slow = [name for _, name, stopped in ratios if stopped]
    if slow:
        yield f"It did not come back for: {', '.join(slow)}."
    quicker = [f"{name} ({digits(times)} x)" for times, name, stopped in sorted(ratios) if not stopped and times < 1]
    if quicker:
        yield f"Where rdflib is faster: {', '.join(quicker)}."


def _memory(ours: Run, theirs: Run) -> str:
    return (
        f"Peak memory with all questions: capgraph {megabytes(ours.megabytes)}, rdflib {megabytes(theirs.megabytes)}."
    )
