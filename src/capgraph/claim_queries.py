"""The queries that answer claims: SPARQL files beside the claims, asked over what independent sources tell.

A file ``claims/queries/<name>.rq`` of a data folder is a SELECT whose ``?value`` is a number or a yes or no, or an ASK.
It runs in a graph without the text whose claim it answers, its copies, and what was not public, so it needs no filter
for them. A SELECT that finds no row has no answer, where an ASK would say no; its ``?source`` stands behind a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox

from capgraph import bounded, sparql
from capgraph.analysis.verdicts import Answer
from capgraph.derive import Derived
from capgraph.errors import DataProblem
from capgraph.intervals import Interval, hull
from capgraph.ontology import Ontology
from capgraph.schema import THING, is_number
from capgraph.store import graph_of


def asker(ontology: Ontology, folders: Sequence[Path], others: Sequence[Path] = ()) -> Callable[[Derived, str], Answer]:
    """What asks the query of a name, found in one of these folders. Compiled graphs are kept, one for each world.

    Facts from an endpoint come without folders; the query is then taken from the ``others``, and is not at hand where
    these lack it too. Raises DataProblem for a query that the folders lack.
    """
    graphs: dict[int, ox.Store] = {}

    def ask(world: Derived, name: str) -> Answer:
        text = _text(name, folders or others)
        if text is None and not folders:
            return Answer(None, None, (), asked=False)
        if text is None:
            raise DataProblem(f"there is no query {name!r}; it is a file claims/queries/{name}.rq of the data folder")
        if id(world) not in graphs:
            graph = graph_of(world.facts, ontology)
            graph.extend(world.quads())
            graphs[id(world)] = graph
        request = bounded.Request(sparql.Query.parse(text), "json", bounded.Limits(), sparql.prefixes(ontology))
        outcome = bounded.run(graphs[id(world)], request)
        return _answer(json.loads(outcome.body), _things(text, world))

    return ask


def _text(name: str, folders: Sequence[Path]) -> str | None:
    for folder in folders:
        file = folder / f"{name}.rq"
        if re.fullmatch(r"[a-z0-9]+(-+[a-z0-9]+)*", name) and file.is_file():
            return file.read_text(encoding="utf-8")
    return None


def _answer(document: dict[str, object], things: tuple[str, ...]) -> Answer:
    holds = document.get("boolean")
    if isinstance(holds, bool):
        return Answer(holds, None, things)
    results = document.get("results")
    bindings = results.get("bindings", []) if isinstance(results, dict) else []
    cells = [row["value"]["value"] for row in bindings if "value" in row]
    told = [row["source"]["value"].removeprefix(THING) for row in bindings if "source" in row]
    sources = tuple(sorted({source for source in told if source.startswith("source/")}))
    if any(cell in ("true", "false") for cell in cells):
        return Answer("true" in cells, None, things, sources)
    numbers = [Interval.of(Decimal(cell)) for cell in cells if is_number(cell)]
    return Answer(None, hull(numbers) if numbers else None, things, sources)


def _things(text: str, world: Derived) -> tuple[str, ...]:
    """The things that a query names, by prefix or in full, as far as independent sources leave them there."""
    declared = dict(re.findall(rf"PREFIX\s+([\w-]+):\s*<{THING}(\w+)/>", text))
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("#", "PREFIX")))
    named = re.findall(r"([\w-]+):([\w-]+)", body)
    found = [f"{declared[prefix]}/{slug}" for prefix, slug in named if prefix in declared]
    found += re.findall(rf"<{THING}([\w/-]+)>", body)
    return tuple(ref for ref in dict.fromkeys(found) if ref in world.facts and not ref.startswith("source/"))
