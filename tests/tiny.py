"""Facts small enough to read at a glance: rows from keywords, every other cell empty."""

from collections.abc import Mapping, Sequence
from datetime import date

from capgraph.clocks import Clocks
from capgraph.derive import Derived
from capgraph.facts import Dataset, Facts, Row, row_ref
from capgraph.ontology import load

Cells = Mapping[str, str]

LATEST = date(2026, 9, 11)
"""The default known-on of tiny facts: a source of that day is always among them."""


def facts_of(**tables: Sequence[Cells]) -> Facts:
    """Facts with these rows. Readings, evidence and statuses may name sources by their date (``s-2025-10-31``): such a
    source is added, published on that date; ``s-`` has none."""
    schema = load().schema
    sources = {row["id"]: dict(row) for row in tables.pop("sources", ())}
    sources.setdefault("s-latest", {"id": "s-latest", "published": LATEST.isoformat()})
    for rows in tables.values():
        for row in rows:
            name = row.get("source", "")
            if name.startswith("s-"):
                sources.setdefault(name, {"id": name, "published": name.removeprefix("s-")})
    tables["sources"] = [{"title": row["id"], "kind": "news", **row} for row in sources.values()]
    found = []
    for name, rows in tables.items():
        table = schema.tables[name]
        for line, row in enumerate(rows, 2):
            cells = {column: row.get(column, "") for column in table.header}
            assert set(row) <= set(cells), f"{name} have no column {set(row) - set(cells)}"
            found.append(Row(name, row_ref(table, cells), cells, f"{name}.csv", line, "tiny"))
    return Facts(schema, [Dataset("tiny")], sorted(found, key=schema.order_of))


def at(as_of: str | date = LATEST, known_on: str | date = LATEST) -> Clocks:
    """A pair of clocks; at the default known-on every source counts."""
    truth, knowledge = (date.fromisoformat(day) if isinstance(day, str) else day for day in (as_of, known_on))
    return Clocks(truth, knowledge, truth < knowledge, complete=knowledge >= LATEST)


def derived(facts: Facts, as_of: str | date = LATEST, known_on: str | date = LATEST) -> Derived:
    """Everything that follows from tiny facts at a pair of clocks."""
    return Derived(facts, load(), at(as_of, known_on))
