"""From the tables of a large register to its compiled form, and the checks on the way."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from capgraph.columnar import names
from capgraph.columnar.arrow import arrow
from capgraph.columnar.columns import Arranged, Columns, arrange, link, write
from capgraph.columnar.facts import MOST_ROWS, ColumnarFacts
from capgraph.columnar.intake import Gathered, gather, rows_to_columns
from capgraph.columnar.rules import broken_rules
from capgraph.errors import DataProblem, Problem
from capgraph.facts import Dataset, Facts, Row
from capgraph.ontology import Ontology

FORM = "columns"
"""What ``done.json`` calls this form of a compiled folder."""

Rules = Callable[[Facts, Ontology], Facts]
"""Adds to facts what the time-free rules conclude from them (:func:`capgraph.store.with_derived`)."""


def check(folders: Sequence[Path], ontology: Ontology, shapes: bool = True) -> list[Problem]:
    """Every problem of the cells, keys and references of data folders; if these are sound, of the rules too; sorted.

    Of the rules of ``shapes.ttl`` those that registers can break run, on columns (:mod:`.rules`); all others need a
    graph and are left out.
    """
    gathered = gather(folders, ontology)
    roots = _roots(folders, gathered)
    arranged = arrange(gathered.tables, ontology.schema, roots)
    problems = [*gathered.problems, *arranged.problems]
    with tempfile.TemporaryDirectory() as scratch:
        problems += link(arranged, ontology, roots, Path(scratch))
        if shapes and not _errors(problems):
            write(Path(scratch), arranged, gathered.datasets)
            problems += broken_rules(opened(Path(scratch), ontology), ontology, roots)
    return sorted(problems)


def compile_into(aside: Path, folders: Sequence[Path], ontology: Ontology, rules: Rules) -> tuple[Dataset, ...]:
    """Write the compiled form into an empty folder and return the data sets. Raises DataProblem with every error."""
    gathered = gather(folders, ontology)
    roots = _roots(folders, gathered)
    arranged = arrange(gathered.tables, ontology.schema, roots)
    problems = [*gathered.problems, *arranged.problems]
    if len(arranged.tables["tranches"]) and not _errors(problems):
        arranged = _with_derived(arranged, gathered.datasets, roots, ontology, rules)
    problems += link(arranged, ontology, roots, aside)
    if _errors(problems):
        raise DataProblem(sorted(_errors(problems)))
    write(aside, arranged, gathered.datasets)
    names.write(aside / names.FILE, arranged.tables, ontology.schema)
    return gathered.datasets


def finish(aside: Path, version: str) -> None:
    """Note that a folder is whole."""
    files = sorted(file for file in aside.rglob("*") if file.is_file())
    sizes = {file.relative_to(aside).as_posix(): file.stat().st_size for file in files}
    (aside / "done.json").write_text(json.dumps({"version": version, "form": FORM, "sizes": sizes}), encoding="utf-8")


def opened(folder: Path, ontology: Ontology) -> ColumnarFacts:
    """The facts of a compiled folder."""
    return ColumnarFacts(Columns(folder, ontology.schema))


def _roots(folders: Sequence[Path], gathered: Gathered) -> dict[str, Path]:
    return {dataset.id: folder for dataset, folder in zip(gathered.datasets, folders, strict=True)}


def _errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level == "error"]


# What the time-free rules conclude ------------------------------------------------------------------------------------


def _with_derived(
    arranged: Arranged, datasets: Sequence[Dataset], roots: Mapping[str, Path], ontology: Ontology, rules: Rules
) -> Arranged:
    """The tables with the rows that the rules build.

    Rules conclude holdings from paid legs of deals that name no stake. They run on the deals, their legs, what is said
    of these, and the stakes of the payers; all other rows of a register take no part in them.
    """
    pa = arrow()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if _errors(link(arranged, ontology, roots, folder)):
            return arranged
        write(folder, arranged, datasets)
        facts = opened(folder, ontology)
        if facts.count("tranches") > MOST_ROWS:
            raise DataProblem(
                f"{facts.count('tranches'):,} tranches are more than a register of stakes may have beside"
            )
        part = Facts(ontology.schema, datasets, _taking_part(facts))
        derived = [row for row in rules(part, ontology).rows() if row.derived]
        del facts
    tables = dict(arranged.tables)
    for name in sorted({row.table for row in derived}):
        rows = [row for row in derived if row.table == name]
        tables[name] = pa.concat_tables([tables[name], rows_to_columns(ontology.schema.tables[name], rows)])
    return replace(arrange(tables, ontology.schema, roots), problems=arranged.problems)


def _taking_part(facts: ColumnarFacts) -> Iterator[Row]:
    yield from facts.table("deals")
    yield from facts.table("tranches")
    for leg in facts.table("tranches"):
        yield from facts.about("statuses", leg.ref)
        yield from facts.about("evidence", leg.ref)
    for payer in sorted({leg["from_party"] for leg in facts.table("tranches")} - {""}):
        yield from facts.naming("stakes", "holder", f"party/{payer}")
