"""Table files read straight into Arrow columns, with the same checks as row by row.

Every column of a file is tested as a whole. A file in which any cell fails is read again by the row reader, which
knows how to tell each problem with file, line and column; so there is one set of messages, and a sound file never pays
for it. Numbers that are not in canonical form and unsorted lists are put right here: exports are full of them.
"""

from __future__ import annotations

import csv
import mmap
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from capgraph.columnar.arrow import arrow
from capgraph.errors import DataProblem, Problem
from capgraph.facts import Dataset, Row
from capgraph.ontology import Ontology
from capgraph.schema import Column, Table, canonical_number
from capgraph.tables import CELL_LIMIT, dataset_of, read_file, shown_path, table_files

ArrowTable = Any
"""A ``pyarrow.Table``; pyarrow has no types."""

PLACE = ("@file", "@line", "@dataset", "@derived")
"""The columns that say where a row stands, beside those of its table."""

MOST_SHOWN = 100
"""How many problems of one kind in one file are told one by one; the rest is counted."""

_ROWS_A_BATCH = 50_000


@dataclass(frozen=True)
class Gathered:
    """What a set of folders holds: one Arrow table a table name, text columns only, as written; and every problem."""

    datasets: tuple[Dataset, ...]
    tables: Mapping[str, ArrowTable]
    problems: tuple[Problem, ...]


def gather(folders: Sequence[Path], ontology: Ontology) -> Gathered:
    """Read data folders into columns. Raises DataProblem only where a folder does not exist or holds no table."""
    pa = arrow()
    problems: list[Problem] = []
    datasets: list[Dataset] = []
    parts: dict[str, list[ArrowTable]] = {name: [] for name in ontology.schema.tables}
    for folder in folders:
        dataset = dataset_of(folder, problems)
        datasets.append(dataset)
        files = list(table_files(folder, ontology.schema))
        if not files:
            raise DataProblem(f"{folder}: no table of capgraph in this folder (expected files such as stakes.csv)")
        for table, file in files:
            parts[table.name].append(_FileReader(table, file, folder, dataset.id, ontology, problems).columns())
    tables = {
        name: pa.concat_tables(found) if found else empty(ontology.schema.tables[name]) for name, found in parts.items()
    }
    return Gathered(tuple(datasets), tables, tuple(problems))


def empty(table: Table) -> ArrowTable:
    """A table without rows."""
    return rows_to_columns(table, ())


def rows_to_columns(table: Table, rows: Sequence[Row]) -> ArrowTable:
    """Rows as Arrow columns."""
    pa = arrow()
    text = pa.large_string()
    columns = {name: pa.array([row.cells[name] for row in rows], text) for name in table.header}
    columns["@file"] = pa.array([row.file for row in rows], text)
    columns["@line"] = pa.array([row.line for row in rows], pa.int32())
    columns["@dataset"] = pa.array([row.dataset for row in rows], text)
    columns["@derived"] = pa.array([row.derived for row in rows], pa.bool_())
    return pa.table(columns)


class _Doubt(Exception):
    """A file that the columns cannot vouch for; the row reader decides."""


class _FileReader:
    """Reads one file of one table."""

    def __init__(
        self, table: Table, file: Path, root: Path, dataset: str, ontology: Ontology, problems: list[Problem]
    ) -> None:
        self.table = table
        self.file = file
        self.root = root
        self.dataset = dataset
        self.ontology = ontology
        self.problems = problems
        self.warnings: list[Problem] = []

    def columns(self) -> ArrowTable:
        """The file as columns, by the fast way or row by row."""
        try:
            found = self._checked(self._parsed())
        except _Doubt:
            return self._row_by_row()
        self.problems += self.warnings
        return found

    def _row_by_row(self) -> ArrowTable:
        pa = arrow()
        rows = read_file(self.table, self.file, self.root, self.dataset, self.ontology, self.problems)
        parts = [rows_to_columns(self.table, batch) for batch in _batches(rows)]
        return pa.concat_tables(parts) if parts else empty(self.table)

    # Parsing ---------------------------------------------------------------------------------------------------------

    def _parsed(self) -> ArrowTable:
        """All cells as text. Whatever the fast parser stumbles over is in doubt."""
        pa, reader = arrow(), arrow("pyarrow.csv")
        header = self._header()
        try:
            return reader.read_csv(
                self.file,
                read_options=reader.ReadOptions(column_names=header, skip_rows=1, encoding="utf8"),
                parse_options=reader.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                convert_options=reader.ConvertOptions(
                    column_types=dict.fromkeys(header, pa.large_string()), strings_can_be_null=False
                ),
            ).combine_chunks()
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return empty(self.table).select(list(header))
            raise _Doubt from error

    def _header(self) -> list[str]:
        """The column names of the first line, if they are exactly those of the table and the file holds no NUL."""
        try:
            with self.file.open("rb") as raw:
                if self.file.stat().st_size == 0:
                    raise _Doubt
                with mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    if content.find(b"\0") >= 0:
                        raise _Doubt
                    first = content.readline()
        except OSError as error:
            raise _Doubt from error
        header = next(csv.reader([first.decode("utf-8-sig", "replace")]), [])
        if sorted(header) != sorted(self.table.header):
            raise _Doubt
        return header

    # Checking --------------------------------------------------------------------------------------------------------

    def _checked(self, found: ArrowTable) -> ArrowTable:
        pa, compute = arrow(), arrow("pyarrow.compute")
        lines = self._lines(found)
        columns: dict[str, Any] = {}
        for column in self.table.columns:
            cells = _flat(compute.utf8_trim_whitespace(found[column.name]))
            columns[column.name] = self._column(column, cells, lines)
        count = len(found)
        inner = self.file.relative_to(self.root).as_posix()
        text = pa.large_string()
        columns["@file"] = pa.repeat(pa.scalar(inner, text), count)
        columns["@line"] = pa.array(lines, pa.int32())
        columns["@dataset"] = pa.repeat(pa.scalar(self.dataset, text), count)
        columns["@derived"] = pa.repeat(pa.scalar(False), count)
        return pa.table(columns)

    def _lines(self, found: ArrowTable) -> Any:
        """The line on which each row begins: line breaks inside cells push down what follows."""
        compute = arrow("pyarrow.compute")
        breaks = np.zeros(len(found), dtype=np.int64)
        for column in self.table.columns:
            if column.type == "text":
                breaks += _flat(compute.count_substring(found[column.name], "\n")).to_numpy()
        return np.arange(2, len(found) + 2) + np.concatenate([[0], np.cumsum(breaks)[:-1]])[: len(found)]

    def _column(self, column: Column, cells: Any, lines: Any) -> Any:
        """One column, checked and in canonical form. Raises _Doubt for anything that is not."""
        compute = arrow("pyarrow.compute")
        if len(cells) and compute.max(compute.utf8_length(cells)).as_py() > CELL_LIMIT:
            raise _Doubt
        blank = compute.equal(cells, "")
        if column.required and compute.any(blank).as_py():
            raise _Doubt
        if not compute.all(compute.or_(blank, _right(column, cells, self.ontology))).as_py():
            raise _Doubt
        if column.separator:
            lists = compute.match_substring(cells, column.separator)
            return self._tidy(column, cells, lines, lists, lambda cell: _sorted_list(cell, column.separator))
        if column.type in ("decimal", "any"):
            numbers = compute.match_substring_regex(cells, NUMBER)
            odd = compute.and_not(numbers, compute.match_substring_regex(cells, _CANONICAL))
            return self._tidy(column, cells, lines, odd, canonical_number)
        return cells

    def _tidy(self, column: Column, cells: Any, lines: Any, suspects: Any, tidy: Callable[[str], str]) -> Any:
        """The column with the suspected cells in canonical form, and a warning for each that was not."""
        pa, compute = arrow(), arrow("pyarrow.compute")
        places = np.flatnonzero(suspects.to_numpy(zero_copy_only=False))
        written = cells.take(pa.array(places)).to_pylist()
        right = [tidy(cell) for cell in written]
        wrong = [k for k, (one, other) in enumerate(zip(written, right, strict=True)) if one != other]
        if not wrong:
            return cells
        said = "list not sorted, or with a member twice" if column.separator else "not in canonical form"
        shown = shown_path(self.file)
        for k in wrong[:MOST_SHOWN]:
            line = int(lines[places[k]])
            self.warnings.append(Problem(shown, line, column.name, written[k], said, right[k], "warning"))
        if len(wrong) > MOST_SHOWN:
            more = f"{len(wrong) - MOST_SHOWN} more cells are {said}"
            self.warnings.append(Problem(shown, 0, column.name, "", more, "capgraph check-data --fix", "warning"))
        mask = np.zeros(len(cells), dtype=bool)
        mask[places] = True
        return compute.replace_with_mask(cells, pa.array(mask), pa.array(right, cells.type))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_A_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _flat(column: Any) -> Any:
    """A column as one array."""
    pa = arrow()
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


# What a cell may hold, for a column at once ---------------------------------------------------------------------------

NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_CANONICAL = r"^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_URL = r"^https?://[^\s\pZ<>\"{}|\\^`]+$"
_FORMULA = r"^([=@]|[+-]\pL)"


def _right(column: Column, cells: Any, ontology: Ontology) -> Any:
    """Which cells of a column have the right form (blank ones aside)."""
    compute = arrow("pyarrow.compute")
    if column.type in ("code", "date"):
        return _each_value(cells, lambda cell: _accepted(column, cell, ontology))
    if column.type == "decimal":
        return compute.match_substring_regex(cells, NUMBER)
    if column.type == "url":
        return compute.match_substring_regex(cells, _URL)
    right = compute.equal(cells, cells) if column.pattern is None else _matches(column, cells)
    if column.type == "text":
        right = compute.and_not(right, compute.match_substring_regex(cells, _FORMULA))
    return right


def _matches(column: Column, cells: Any) -> Any:
    assert column.pattern is not None
    item = f"(?:{column.pattern.pattern})"
    whole = f"{item}(?:{re.escape(column.separator)}{item})*" if column.separator else item
    return arrow("pyarrow.compute").match_substring_regex(cells, f"^{whole}$")


def _accepted(column: Column, cell: str, ontology: Ontology) -> bool:
    members = cell.split(column.separator) if column.separator else [cell]
    if not all(column.accepts(member) for member in members):
        return False
    return column.type != "code" or all(ontology.find_code(column.scheme, member) for member in members)


def _each_value(cells: Any, accepts: Callable[[str], bool]) -> Any:
    """A test of a column with few different values: each is tested once."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    encoded = cells.dictionary_encode()
    fits = pa.array([bool(value) and accepts(value) for value in encoded.dictionary.to_pylist()], pa.bool_())
    return compute.take(fits, encoded.indices)


def _sorted_list(cell: str, separator: str) -> str:
    return separator.join(sorted(set(cell.split(separator))))
