"""The facts as rows, with the indexes that every other room asks.

A :class:`Row` is one line of one table, a :class:`Facts` is all rows of one or more data folders. Nothing here knows
CSV (``tables.py``) or RDF (``quads.py``): rows come from either and are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from capgraph.errors import UsageProblem
from capgraph.schema import Column, Schema, Table


@dataclass(frozen=True, slots=True)
class Row:
    """One fact as written: ``row["holder"]`` is the cell's text, empty where unknown.

    ``ref`` is the thing's name everywhere, ``kind/id`` (``stake/softbank-group--arm--common``). ``derived`` rows were
    built by a rule and stand in no file.
    """

    table: str
    ref: str
    cells: Mapping[str, str]
    file: str
    line: int
    dataset: str
    derived: bool = False

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def list(self, column: str) -> tuple[str, ...]:
        """The members of a list cell (a cell without a separator is a list of one or none)."""
        return tuple(self.cells[column].split("|")) if self.cells[column] else ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """Who a data folder says it is (``dataset.json``; a folder without one is named after itself).

    ``samples`` are questions that suit it, each a verb and its arguments: ``("owners", "openai")``.
    """

    id: str
    title: str = ""
    title_zh: str = ""
    licence: str = ""
    version: str = ""
    samples: tuple[tuple[str, ...], ...] = ()


class Facts:
    """All rows of one or more data folders, in canonical order, with the indexes that questions need.

    >>> facts.get("party/nvidia")["name"]            # doctest: +SKIP
    'NVIDIA'
    """

    columnar = False
    """Whether rows are made only when asked for, so that nothing may walk through all of them."""

    def __init__(self, schema: Schema, datasets: Sequence[Dataset], rows: Iterable[Row]) -> None:
        self.schema = schema
        self.datasets = tuple(datasets)
        tables: dict[str, list[Row]] = {name: [] for name in schema.tables}
        for row in rows:
            tables[row.table].append(row)
        self._tables = {name: tuple(members) for name, members in tables.items()}

    def table(self, name: str) -> tuple[Row, ...]:
        """All rows of one table."""
        return self._tables[name]

    def count(self, name: str) -> int:
        """How many rows a table has."""
        return len(self._tables[name])

    def distinct(self, name: str, column: str) -> frozenset[str]:
        """The different cells of one column."""
        return frozenset(row[column] for row in self._tables[name])

    def rows(self) -> Iterator[Row]:
        """All rows of all tables, in the order of the schema."""
        for rows in self._tables.values():
            yield from rows

    @cached_property
    def _by_ref(self) -> dict[str, Row]:
        return {row.ref: row for row in self.rows()}

    def get(self, ref: str) -> Row | None:
        """The row that defines ``kind/id``, or None."""
        return self._by_ref.get(ref)

    def __contains__(self, ref: str) -> bool:
        return ref in self._by_ref

    @cached_property
    def _about(self) -> dict[tuple[str, str], tuple[Row, ...]]:
        index: dict[tuple[str, str], list[Row]] = {}
        for name in ("readings", "evidence", "statuses", "opinions"):
            for row in self._tables[name]:
                index.setdefault((name, row["about"]), []).append(row)
        return {key: tuple(rows) for key, rows in index.items()}

    def about(self, table: str, ref: str) -> tuple[Row, ...]:
        """The readings, evidence, statuses or opinions about one thing."""
        return self._about.get((table, ref), ())

    @cached_property
    def _mentions(self) -> dict[str, tuple[Row, ...]]:
        index: dict[str, dict[str, Row]] = {}
        for row in self.rows():
            for target in references(self.schema.tables[row.table], row):
                index.setdefault(target, {})[row.ref] = row
        return {target: tuple(rows.values()) for target, rows in index.items()}

    def mentions(self, ref: str) -> tuple[Row, ...]:
        """Every row with a reference to this thing, in the order of the schema."""
        return self._mentions.get(ref, ())

    @cached_property
    def _naming(self) -> dict[tuple[str, str], dict[str, list[Row]]]:
        return {}

    def naming(self, table: str, column: str, ref: str) -> Sequence[Row]:
        """The rows of a table whose reference column names this thing, in order."""
        if (table, column) not in self._naming:
            spec = self.schema.tables[table].column(column)
            index: dict[str, list[Row]] = {}
            for row in self.table(table):
                for item in items(spec, row[column]):
                    index.setdefault(spec.refers_to(item), []).append(row)
            self._naming[table, column] = index
        return self._naming[table, column].get(ref, ())

    def with_rows(self, rows: Iterable[Row]) -> Facts:
        """These facts and further rows (those that a rule derived), in canonical order."""
        return Facts(self.schema, self.datasets, sorted([*self.rows(), *rows], key=self.schema.order_of))

    def without(self, refs: Iterable[str]) -> Facts:
        """The facts as if these things had never been.

        A row that needs a removed thing (a required reference) goes with it, and so on; an optional reference to it is
        emptied. Raises UsageProblem where nothing bears one of the names.
        """
        gone = set(refs)
        for ref in sorted(gone):
            if ref not in self:
                raise UsageProblem(f"there is no {ref!r} to leave out; name things as kind/id, such as deal/...")
        kept = {row.ref: row for row in self.rows() if row.ref not in gone}
        while True:
            fallen = {ref for ref, row in kept.items() if self._needs(row, gone)}
            if not fallen:
                break
            gone |= fallen
            kept = {ref: row for ref, row in kept.items() if ref not in fallen}
        return Facts(self.schema, self.datasets, [self._emptied(row, gone) for row in kept.values()])

    def with_cell(self, ref: str, column: str, value: str) -> Facts:
        """The facts with one cell changed. Raises UsageProblem for an unknown thing, column or a cell of wrong form."""
        row = self.get(ref)
        if row is None:
            raise UsageProblem(f"there is no {ref!r} to change; name things as kind/id")
        table = self.schema.tables[row.table]
        if column not in table.header or column in table.key:
            raise UsageProblem(f"{row.table} have no column {column!r} to set; there are: {', '.join(table.header)}")
        spec = table.column(column)
        if value and not all(spec.accepts(item) for item in items(spec, value)):
            raise UsageProblem(f"{value!r} cannot stand in {row.table}.{column}; it takes {spec.expected}")
        changed = replace(row, cells={**row.cells, column: value})
        return Facts(self.schema, self.datasets, [changed if other.ref == ref else other for other in self.rows()])

    def _needs(self, row: Row, gone: set[str]) -> bool:
        table = self.schema.tables[row.table]
        return any(
            column.refers_to(item) in gone
            for column in table.columns
            if column.type == "reference" and column.required
            for item in items(column, row[column.name])
        )

    def _emptied(self, row: Row, gone: set[str]) -> Row:
        changes = {}
        for column in self.schema.tables[row.table].columns:
            if column.type == "reference" and row[column.name]:
                members = items(column, row[column.name])
                kept = [item for item in members if column.refers_to(item) not in gone]
                if len(kept) < len(members):
                    changes[column.name] = column.separator.join(kept)
        return replace(row, cells={**row.cells, **changes}) if changes else row


def references(table: Table, row: Row) -> Iterator[str]:
    """Every thing that a row refers to, as ``kind/id``."""
    for column in table.columns:
        if column.type == "reference":
            for item in items(column, row[column.name]):
                yield column.refers_to(item)


def row_ref(table: Table, cells: Mapping[str, str]) -> str:
    """The name of the thing that a row defines."""
    return "/".join((table.kind, *(cells[column] for column in table.key)))


def items(column: Column, cell: str) -> list[str]:
    """The members of a cell: one, or several where the column has a separator."""
    if not cell:
        return []
    return cell.split(column.separator) if column.separator else [cell]
