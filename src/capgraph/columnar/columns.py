"""The compiled form of a large register: sorted Arrow tables in memory-mapped files, and references as integers.

``tables/<table>.arrow`` holds the rows of a table in canonical order. For each reference column and each kind of thing
that it names there are three integer arrays under ``references/``: the row referred to by each row (``to``, -1 for
none; only where a cell names one thing), and its inverse, the rows that refer to each row (``rows``, cut by
``starts``).
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from capgraph.columnar.arrow import arrow
from capgraph.columnar.intake import MOST_SHOWN, ArrowTable
from capgraph.errors import Problem
from capgraph.facts import Dataset
from capgraph.ontology import Ontology
from capgraph.schema import Column, Schema, Table
from capgraph.tables import shown_path

Places = npt.NDArray[np.int32]

_FEW = 0.25
"""A text column with fewer different values than this part of its rows is stored by number."""


# Writing --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arranged:
    """Tables in canonical order, each thing once, and every problem that came to light on the way."""

    tables: Mapping[str, ArrowTable]
    problems: tuple[Problem, ...]


def arrange(tables: Mapping[str, ArrowTable], schema: Schema, roots: Mapping[str, Path]) -> Arranged:
    """Sort every table by its key and drop what two data sets say alike.

    ``roots`` are the folders by data set, to tell where a row stands. A thing that stands twice in one data set, or in
    two with different cells, is a problem.
    """
    problems: list[Problem] = []
    arranged = {}
    for name, table in tables.items():
        arranged[name] = _arranged(schema.tables[name], table, roots, problems)
    return Arranged(arranged, tuple(problems))


def _arranged(table: Table, found: ArrowTable, roots: Mapping[str, Path], problems: list[Problem]) -> ArrowTable:
    pa, compute = arrow(), arrow("pyarrow.compute")
    if len(found) == 0:
        return found.combine_chunks()
    found = found.take(compute.sort_indices(found, [(name, "ascending") for name in table.key])).combine_chunks()
    again = np.flatnonzero(_as_before(found, table.key)) + 1
    if not len(again):
        return found
    alike = _as_before(found, table.header)[again - 1] & ~_as_before(found, ("@dataset",))[again - 1]
    wrong = again[~alike]
    problems += [_twice(table, found, place, roots) for place in wrong[:MOST_SHOWN].tolist()]
    if len(wrong) > MOST_SHOWN:
        problems.append(Problem(f"{table.path}.csv", 0, "", "", f"{len(wrong) - MOST_SHOWN} more rows stand twice"))
    keep = np.ones(len(found), dtype=bool)
    keep[again] = False
    return found.filter(pa.array(keep)).combine_chunks()


def _as_before(found: ArrowTable, columns: Iterable[str]) -> npt.NDArray[np.bool_]:
    """For each row but the first whether some of its cells are those of the row before."""
    compute = arrow("pyarrow.compute")
    same = np.ones(len(found) - 1, dtype=bool)
    for name in columns:
        cells = whole(found[name])
        same &= compute.equal(cells[1:], cells[:-1]).to_numpy(zero_copy_only=False)
    return same


def _twice(table: Table, found: ArrowTable, place: int, roots: Mapping[str, Path]) -> Problem:
    """What is wrong with a row that has the key of the row before it."""
    first, again = found.slice(place - 1, 2).to_pylist()
    ref = "/".join((table.kind, *(again[name] for name in table.key)))
    file, before = (_shown(row, roots) for row in (again, first))
    if first["@dataset"] == again["@dataset"]:
        wrong = f"stands twice, first at {before}:{first['@line']}"
        return Problem(file, again["@line"], "", ref, wrong, "ids are used once")
    wrong = f"the data set {first['@dataset']!r} says otherwise at {before}:{first['@line']}"
    return Problem(file, again["@line"], "", ref, wrong, "the same cells in both, or another id")


def _shown(row: Mapping[str, Any], roots: Mapping[str, Path]) -> str:
    root = roots.get(row["@dataset"])
    return shown_path(root / row["@file"]) if root and row["@file"] else row["@file"]


def write(folder: Path, arranged: Arranged, datasets: Sequence[Dataset]) -> None:
    """Write the compiled form into an empty folder."""
    (folder / "tables").mkdir()
    for name, table in arranged.tables.items():
        _write_table(folder / "tables" / f"{name}.arrow", table)
    (folder / "datasets.json").write_text(
        json.dumps([asdict(dataset) for dataset in datasets], ensure_ascii=False), encoding="utf-8"
    )


def _write_table(file: Path, table: ArrowTable) -> None:
    pa, ipc = arrow(), arrow("pyarrow.ipc")
    columns = {name: _compact(table[name]) for name in table.column_names}
    stored = pa.table(columns)
    with ipc.new_file(str(file), stored.schema) as out:
        out.write_table(stored)


def _compact(column: Any) -> Any:
    """A text column stored by number where it has few different values."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    flat = column.combine_chunks()
    if not pa.types.is_large_string(flat.type):
        return flat
    few = len(flat) == 0 or compute.count_distinct(flat).as_py() < _FEW * len(flat)
    return flat.dictionary_encode() if few else flat


# References -----------------------------------------------------------------------------------------------------------


def link(arranged: Arranged, ontology: Ontology, roots: Mapping[str, Path], folder: Path) -> list[Problem]:
    """Write who refers to whom; returns the references that lead nowhere."""
    (folder / "references").mkdir()
    problems: list[Problem] = []
    linker = _Linker(arranged.tables, ontology.schema, roots, folder / "references")
    for table in ontology.schema.tables.values():
        for column in table.columns:
            if column.type == "reference" and len(arranged.tables[table.name]):
                problems += linker.link(table, column)
    return problems


class _Linker:
    """Turns reference cells into row numbers."""

    def __init__(
        self, tables: Mapping[str, ArrowTable], schema: Schema, roots: Mapping[str, Path], folder: Path
    ) -> None:
        self.tables = tables
        self.schema = schema
        self.roots = roots
        self.folder = folder

    def link(self, table: Table, column: Column) -> Iterator[Problem]:
        """Write the arrays of one column; yields the cells that lead nowhere."""
        compute = arrow("pyarrow.compute")
        items, owners = self._items(table, column)
        missing = compute.not_equal(items, "").to_numpy(zero_copy_only=False)
        for kind in column.kinds or tuple(self.schema.by_kind):
            places = self._places(items, kind, column)
            if places is None:
                continue
            missing &= places < 0
            self._write(f"{table.name}.{column.name}.{kind}", places, owners, kind, single=not column.separator)
        yield from self._nowhere(table, column, items, owners, np.flatnonzero(missing))

    def _items(self, table: Table, column: Column) -> tuple[Any, Places]:
        """Every item of a column, and the row that it stands in."""
        compute = arrow("pyarrow.compute")
        cells = self.tables[table.name][column.name].combine_chunks()
        if not column.separator:
            return cells, np.arange(len(cells), dtype=np.int32)
        lists = compute.split_pattern(cells, column.separator)
        return lists.flatten(), compute.list_parent_indices(lists).to_numpy().astype(np.int32)

    def _places(self, items: Any, kind: str, column: Column) -> Places | None:
        """The row of each item in the table of a kind, -1 for none; None where no item names the kind."""
        compute = arrow("pyarrow.compute")
        table = self.schema.by_kind[kind]
        if table.key != ("id",):
            return None
        if column.prefixed:
            ours = compute.starts_with(items, f"{kind}/")
            if not compute.any(ours).as_py():
                return None
            items = compute.if_else(ours, compute.utf8_slice_codeunits(items, len(kind) + 1), "")
        ids = self.tables[table.name]["id"].combine_chunks()
        found = compute.fill_null(compute.index_in(items, value_set=ids), -1).to_numpy()
        return found.astype(np.int32) if (found >= 0).any() else None

    def _write(self, name: str, places: Places, owners: Places, kind: str, *, single: bool) -> None:
        count = len(self.tables[self.schema.by_kind[kind].name])
        if single:
            np.save(self.folder / f"{name}.to.npy", places)
        known = np.flatnonzero(places >= 0)
        order = known[np.argsort(places[known], kind="stable")]
        starts = np.concatenate([[0], np.cumsum(np.bincount(places[known], minlength=count))])
        np.save(self.folder / f"{name}.rows.npy", owners[order])
        np.save(self.folder / f"{name}.starts.npy", starts.astype(np.int64))

    def _nowhere(
        self, table: Table, column: Column, items: Any, owners: Places, missing: npt.NDArray[np.int64]
    ) -> Iterator[Problem]:
        rows = self.tables[table.name].select(["@file", "@line", "@dataset"])
        for place in missing[:MOST_SHOWN].tolist():
            row = rows.slice(int(owners[place]), 1).to_pylist()[0]
            item = items[place].as_py()
            wrong = f"leads nowhere: there is no {column.refers_to(item)}"
            yield Problem(_shown(row, self.roots), row["@line"], column.name, item, wrong, column.expected)
        if len(missing) > MOST_SHOWN:
            more = f"{len(missing) - MOST_SHOWN} more cells lead nowhere"
            yield Problem(f"{table.path}.csv", 0, column.name, "", more, column.expected)


# Reading --------------------------------------------------------------------------------------------------------------


class Sorted(Sequence[str]):
    """A sorted Arrow column as a sequence, for bisection."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, place: Any) -> Any:
        return self._column[place].as_py()


class Columns:
    """An opened folder. Tables and arrays are mapped into memory, so that only the pages that are touched are read."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        self.folder = folder
        self.schema = schema
        self._tables: dict[str, ArrowTable] = {}
        self._arrays: dict[str, Places | None] = {}
        self._cells: dict[tuple[str, str], Any] = {}

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        entries = json.loads((self.folder / "datasets.json").read_text(encoding="utf-8"))
        return tuple(Dataset(**{**entry, "samples": tuple(map(tuple, entry["samples"]))}) for entry in entries)

    def table(self, name: str) -> ArrowTable:
        """A table, its :data:`~capgraph.columnar.intake.PLACE` columns among the rest."""
        if name not in self._tables:
            self._tables[name] = mapped(self.folder / "tables" / f"{name}.arrow")
        return self._tables[name]

    def cells(self, table: str, column: str) -> Any:
        """A column as one Arrow array; texts with few different values come as a dictionary array."""
        if (table, column) not in self._cells:
            self._cells[table, column] = whole(self.table(table)[column])
        return self._cells[table, column]

    def by_value(self, table: str, column: str, measure: Callable[[str], int]) -> npt.NDArray[np.int64]:
        """An integer for each row of a column that depends on its cell alone; each different cell is measured once."""
        encoded = self.cells(table, column)
        if not arrow().types.is_dictionary(encoded.type):
            encoded = encoded.dictionary_encode()
        measured = np.array([measure(cell) for cell in encoded.dictionary.to_pylist()], dtype=np.int64)
        return measured[encoded.indices.to_numpy()] if len(measured) else np.empty(0, dtype=np.int64)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return len(self.table(table))

    def find(self, table: str, id: str) -> int | None:
        """The row with an id, None where there is none (or where the table has another key)."""
        if self.schema.tables[table].key != ("id",):
            return None
        ids = self.cells(table, "id")
        place = bisect_left(Sorted(ids), id)
        return place if place < len(ids) and ids[place].as_py() == id else None

    def first_at(self, table: str, cell: str) -> int:
        """The first row whose first key column is not below a text."""
        return bisect_left(Sorted(self.cells(table, self.schema.tables[table].key[0])), cell)

    def targets(self, table: str, column: str, kind: str) -> Places | None:
        """For each row of a table the row of a kind that its cell refers to, -1 for none; None where no cell does."""
        return self._array(f"{table}.{column}.{kind}.to")

    def referring(self, table: str, column: str, kind: str, place: int) -> Places:
        """The rows of a table whose column refers to one row of a kind, in order."""
        starts, rows = self.groups(table, column, kind)
        if starts is None or rows is None:
            return np.empty(0, dtype=np.int32)
        return rows[int(starts[place]) : int(starts[place + 1])]

    def groups(self, table: str, column: str, kind: str) -> tuple[npt.NDArray[np.int64] | None, Places | None]:
        """The inverse of :meth:`targets` for all rows of a kind at once: bounds, and the rows they cut."""
        starts: Any = self._array(f"{table}.{column}.{kind}.starts")
        return starts, self._array(f"{table}.{column}.{kind}.rows")

    def _array(self, name: str) -> Places | None:
        if name not in self._arrays:
            file = self.folder / "references" / f"{name}.npy"
            self._arrays[name] = np.asarray(np.load(file, mmap_mode="r")) if file.is_file() else None
        return self._arrays[name]


def whole(column: Any) -> Any:
    """A column as one array, in place where it is one already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def taken(cells: Any, places: Sequence[int]) -> list[Any]:
    """Some cells of a column as Python values. Those stored by number are decoded at once, not cell by cell."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    found = compute.take(cells, pa.array(places, pa.int64()))
    if pa.types.is_dictionary(found.type):
        found = compute.take(found.dictionary, found.indices)
    return list(found.to_pylist())


def mapped(file: Path) -> ArrowTable:
    """An Arrow file mapped into memory."""
    pa, ipc = arrow(), arrow("pyarrow.ipc")
    return ipc.open_file(pa.memory_map(str(file))).read_all()


__all__ = ["Arranged", "Columns", "Places", "Sorted", "arrange", "link", "mapped", "taken", "whole", "write"]
