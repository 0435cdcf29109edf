"""The table that a person completes: one line for each row that a candidate might become, with an empty decision.

The columns are those of the tables, taken from the schema; what the text says is filled in, all else is left empty.
Nothing reads this file back: whoever reviews copies the rows that hold into the tables.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from capgraph.facts import Facts
from capgraph.ontology import LinkKind, Ontology
from capgraph.reader.answers import Candidate, Part, TextRead
from capgraph.reader.dates import span_of_date
from capgraph.rendering import csv_cell
from capgraph.schema import Table

FIRST = ("decision", "candidate", "verdict", "sentence", "start", "end", "table")
"""The columns before those of the tables: the decision is empty, for the person to fill."""

Cells = dict[str, str]


def review_table(read: TextRead, facts: Facts, ontology: Ontology) -> str:
    """The review table as CSV, with cells that a spreadsheet would run made inert."""
    rows = [row for candidate in read.candidates for row in _rows(candidate, facts, ontology)]
    tables = dict.fromkeys(row["table"] for row in rows)
    names = [name for name in facts.schema.tables if name in tables]
    columns = dict.fromkeys(column for name in names for column in facts.schema.tables[name].header)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    heading = (*FIRST, *columns)
    writer.writerow(heading)
    for row in rows:
        writer.writerow([csv_cell(row.get(column, "")) for column in heading])
    return out.getvalue()


def _rows(candidate: Candidate, facts: Facts, ontology: Ontology) -> Iterator[Cells]:
    """A row for the thing where the graph has none, and one for every number."""
    shared = {
        "candidate": str(candidate.number), "verdict": candidate.verdict, "sentence": candidate.sentence,
        "start": str(candidate.start), "end": str(candidate.end),
    }  # fmt: skip
    kind = ontology.kinds.get(candidate.kind)
    figure = candidate.kind in ("party", "product") and ontology.find_code("aspect", candidate.code) is not None
    if kind is not None and not figure and not candidate.things:
        table = facts.schema.tables[kind.table]
        yield {**shared, "table": table.name, **_thing(candidate, kind, table)}
    for part in candidate.quantities:
        yield {**shared, "table": "readings", **_reading(candidate, part, "" if not figure else candidate.code)}


def _thing(candidate: Candidate, kind: LinkKind, table: Table) -> Cells:
    """The cells of a new link: its two ends, its date and its code, as far as the text tells them."""
    cells: Cells = {}
    for end, walk in ((candidate.subject, kind.from_end), (candidate.object, kind.to_end)):
        if end is not None and len(walk) == 1:
            column = table.column(walk[0])
            cells[walk[0]] = end.id if len(column.kinds) == 1 else (end.id if "/" in end.id else f"party/{end.id}")
    if kind.refined_by and candidate.code:
        cells[kind.refined_by] = candidate.code
    if (
        kind.start
        and span_of_date(candidate.date) is not None
        and "Q" not in candidate.date
        and "H" not in candidate.date
    ):
        cells[kind.start] = candidate.date
    return cells


def _reading(candidate: Candidate, part: Part, aspect: str) -> Cells:
    """The cells of a reading: of what, when, how much. An open end is a bound, as in the tables."""
    about = candidate.things[0] if len(candidate.things) == 1 else ""
    if aspect and candidate.subject is not None:
        about = candidate.subject.id if "/" in candidate.subject.id else f"party/{candidate.subject.id}"
    span = span_of_date(candidate.date)
    period = candidate.date if any(sign in candidate.date for sign in "QHF") else ""
    cells = {"about": about, "aspect": aspect, "period": period, "unit": "" if "/" in part.unit else part.unit}
    cells["as_of"] = "" if span is None else str(span.last) if period else candidate.date
    if part.high:
        return {**cells, "low": part.value, "high": part.high}
    bound = {"over": "low", "under": "high"}.get(part.precision, "value")
    return {**cells, bound: part.value}
