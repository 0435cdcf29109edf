"""The facts of a large register, row by row on demand: only what a question touches becomes a Python object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from capgraph.columnar.arrow import arrow
from capgraph.columnar.columns import Columns, taken
from capgraph.columnar.intake import PLACE
from capgraph.errors import UsageProblem
from capgraph.facts import Facts, Row
from capgraph.schema import Schema, Table

MOST_ROWS = 100_000
"""A table of at most so many rows may be read whole (exchange rates, events, deals beside a register of stakes)."""

_TAKE_FROM = 40
"""From so many rows on they are fetched column by column instead of cell by cell."""


class ColumnarFacts(Facts):
    """Facts behind columns. The same answers as :class:`~capgraph.facts.Facts`, except where a question needs every row
    of a table of millions, or assumes other facts: those are refused with UsageProblem."""

    columnar = True

    def __init__(self, columns: Columns) -> None:
        self.schema: Schema = columns.schema
        self.datasets = columns.datasets
        self.columns = columns
        self._whole: dict[str, tuple[Row, ...]] = {}
        self._seen: dict[str, dict[int, Row]] = {name: {} for name in self.schema.tables}
        self._places: dict[str, tuple[str, int] | None] = {}
        self._about: dict[tuple[str, str], tuple[Row, ...]] = {}
        self._pointing: dict[str, list[tuple[str, list[str]]]] = {}

    # Whole tables ----------------------------------------------------------------------------------------------------

    def count(self, name: str) -> int:
        return self.columns.count(name)

    def distinct(self, name: str, column: str) -> frozenset[str]:
        cells = self.columns.cells(name, column)
        return frozenset(arrow("pyarrow.compute").unique(cells).to_pylist())

    def table(self, name: str) -> tuple[Row, ...]:
        if name not in self._whole:
            count = self.count(name)
            if count > MOST_ROWS:
                raise UsageProblem(
                    f"this question walks through all {count:,} rows of {name}; at the size of a register ask for one "
                    "party or company: find, show, owners, holdings, exposure, control, evidence"
                )
            self._whole[name] = tuple(self.at(name, range(count)))
        return self._whole[name]

    def rows(self) -> Iterator[Row]:
        for name in self.schema.tables:
            yield from self.table(name)

    # Single rows -----------------------------------------------------------------------------------------------------

    def place(self, ref: str) -> tuple[str, int] | None:
        """The table and the row number of ``kind/id``, None where there is none."""
        if ref not in self._places:
            self._places[ref] = self._found(ref)
        return self._places[ref]

    def _found(self, ref: str) -> tuple[str, int] | None:
        kind, _, key = ref.partition("/")
        table = self.schema.by_kind.get(kind)
        if table is None:
            return None
        place = self.columns.find(table.name, key) if table.key == ("id",) else self._scan(table, ref, key)
        return None if place is None else (table.name, place)

    def _scan(self, table: Table, ref: str, key: str) -> int | None:
        """The row of a thing whose key has several columns, found from the first of them."""
        parts = key.split("/")
        first = "/".join(parts[:2]) if table.column(table.key[0]).prefixed else parts[0]
        for place in range(self.columns.first_at(table.name, first), self.count(table.name)):
            row = self.at(table.name, [place])[0]
            if row.ref == ref:
                return place
            if row[table.key[0]] != first:
                return None
        return None

    def get(self, ref: str) -> Row | None:
        found = self.place(ref)
        return None if found is None else self.at(found[0], [found[1]])[0]

    def __contains__(self, ref: str) -> bool:
        return self.place(ref) is not None

    def at(self, name: str, places: Iterable[int]) -> list[Row]:
        """The rows of a table at these places. A row is made once and kept."""
        seen = self._seen[name]
        wanted = places.tolist() if isinstance(places, np.ndarray) else list(places)
        missing = [place for place in wanted if place not in seen]
        if len(missing) >= _TAKE_FROM:
            self._fetch(name, missing)
        else:
            for place in missing:
                self._fetch_one(name, place)
        return [seen[place] for place in wanted]

    def _fetch_one(self, name: str, place: int) -> None:
        names = (*self.schema.tables[name].header, *PLACE)
        self._keep(name, place, {column: self.columns.cells(name, column)[place].as_py() for column in names})

    def _fetch(self, name: str, places: Sequence[int]) -> None:
        names = (*self.schema.tables[name].header, *PLACE)
        cells = [taken(self.columns.cells(name, column), places) for column in names]
        for place, values in zip(places, zip(*cells, strict=True), strict=True):
            self._keep(name, place, dict(zip(names, values, strict=True)))

    def _keep(self, name: str, place: int, cells: dict[str, Any]) -> None:
        table = self.schema.tables[name]
        file, line, dataset, derived = (cells.pop(column) for column in PLACE)
        ref = "/".join((table.kind, *(cells[column] for column in table.key)))
        self._seen[name][place] = Row(name, ref, cells, file, int(line), dataset, bool(derived))
        self._places[ref] = name, place

    # Who speaks of whom ----------------------------------------------------------------------------------------------

    def about(self, table: str, ref: str) -> tuple[Row, ...]:
        if (table, ref) not in self._about:
            found, kind = self.place(ref), ref.partition("/")[0]
            rows = self.at(table, self.columns.referring(table, "about", kind, found[1])) if found else ()
            self._about[table, ref] = tuple(rows)
        return self._about[table, ref]

    def naming(self, table: str, column: str, ref: str) -> Sequence[Row]:
        found = self.place(ref) if self.count(table) else None
        if found is None:
            return ()
        return self.at(table, self.columns.referring(table, column, ref.partition("/")[0], found[1]))

    def mentions(self, ref: str) -> tuple[Row, ...]:
        found = self.place(ref)
        if found is None:
            return ()
        kind, rows = ref.partition("/")[0], list[Row]()
        for table, columns in self._pointing_at(kind):
            places = [self.columns.referring(table, column, kind, found[1]) for column in columns]
            rows += self.at(table, np.unique(np.concatenate(places)) if len(places) > 1 else places[0])
        return tuple(rows)

    def _pointing_at(self, kind: str) -> list[tuple[str, list[str]]]:
        """The tables in which some row refers to a thing of a kind, with the columns by which they do."""
        if kind not in self._pointing:
            columns = {
                table.name: [
                    column.name
                    for column in table.columns
                    if column.type == "reference" and self.columns.groups(table.name, column.name, kind)[0] is not None
                ]
                for table in self.schema.tables.values()
            }
            self._pointing[kind] = [(table, named) for table, named in columns.items() if named]
        return self._pointing[kind]

    # Other facts -----------------------------------------------------------------------------------------------------

    def with_rows(self, rows: Iterable[Row]) -> Facts:  # noqa: ARG002
        self._refuse()

    def without(self, refs: Iterable[str]) -> Facts:  # noqa: ARG002
        self._refuse()

    def with_cell(self, ref: str, column: str, value: str) -> Facts:  # noqa: ARG002
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UsageProblem("assumptions (--without, --set) are not taken at the size of a register; change the tables")
