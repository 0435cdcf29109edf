"""CSV files read into facts, checked cell by cell, and written back byte by byte.

A row is checked for form, for codes that exist and for references that lead somewhere; rules of meaning are in
``shapes.ttl``. Every problem of a run is collected with file, line, column, value and what would be right.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from capgraph.errors import DataProblem, Problem
from capgraph.facts import Dataset, Facts, Row, items, row_ref
from capgraph.ontology import Ontology
from capgraph.schema import Column, Schema, Table, canonical_number, is_number
from capgraph.writing import write_atomically

CELL_LIMIT = csv.field_size_limit()
"""Most characters that one cell may hold; a larger one is a defect of the file, not a fact."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What reading a set of folders gave: the facts, and every problem found on the way (warnings among them)."""

    facts: Facts
    problems: tuple[Problem, ...]

    def checked(self) -> Facts:
        """The facts; DataProblem with all problems of the run if any of them is an error."""
        errors = [problem for problem in self.problems if problem.level == "error"]
        if errors:
            raise DataProblem(errors)
        return self.facts


def read_folders(paths: Sequence[Path], ontology: Ontology) -> Intake:
    """Read data folders into facts. Every problem of the run is collected, none stops it.

    Raises DataProblem only where a folder does not exist or holds no table at all.
    """
    problems: list[Problem] = []
    datasets: dict[str, tuple[Dataset, Path]] = {}
    rows: dict[str, Row] = {}
    broken: set[str] = set()
    for path in paths:
        dataset = dataset_of(path, problems)
        _, first = datasets.setdefault(dataset.id, (dataset, path))
        if first is not path:
            wrong = f"{shown_path(first)} has the same id, so that nobody could tell their rows apart"
            raise DataProblem(
                [Problem(shown_path(path / "dataset.json"), 0, "id", dataset.id, wrong, "an id of its own")]
            )
        files = list(table_files(path, ontology.schema))
        if not files:
            raise DataProblem(f"{path}: no table of capgraph in this folder (expected files such as stakes.csv)")
        for table, file in files:
            before = len(problems)
            found = list(read_file(table, file, path, dataset.id, ontology, problems))
            if any(not problem.column for problem in problems[before:]):
                broken.add(table.name)
            for row in found:
                _admit(row, rows, lambda row: _place(row, datasets), problems)
    facts = Facts(
        ontology.schema,
        [dataset for dataset, _ in datasets.values()],
        sorted(rows.values(), key=ontology.schema.order_of),
    )
    problems += _dangling(facts, lambda row: _place(row, datasets), broken, shown_path(paths[0]) if paths else "")
    return Intake(facts, tuple(sorted(problems)))


_DATASET_KEYS = ("id", "title", "title_zh", "licence", "version")


def dataset_of(path: Path, problems: list[Problem]) -> Dataset:
    """Who a data folder says it is. Raises DataProblem where there is no such folder."""
    if not path.is_dir():
        raise DataProblem(f"{path}: there is no such data folder")
    file = path / "dataset.json"
    name = "".join(letter if letter.isalnum() else "-" for letter in path.resolve().name.lower()).strip("-") or "data"
    if not file.is_file():
        return Dataset(name)
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
        samples = tuple(tuple(str(word) for word in sample) for sample in entry.get("samples", ()))
        return Dataset(**{key: str(entry[key]) for key in _DATASET_KEYS if key in entry}, samples=samples)
    except (ValueError, TypeError, AttributeError) as error:
        problems.append(Problem(shown_path(file), 1, "", "", f"not readable as JSON ({error})", '{"id": "my-data"}'))
        return Dataset(name)


def table_files(path: Path, schema: Schema) -> Iterator[tuple[Table, Path]]:
    """The files of a data folder, each with the table that it holds rows of."""
    for table in schema.tables.values():
        single = path / f"{table.path}.csv"
        if single.is_file():
            yield table, single
        if table.folder and (path / table.path).is_dir():
            for file in sorted((path / table.path).glob("*.csv")):
                yield table, file


def shown_path(file: Path) -> str:
    """A path as a person would type it: relative to where they stand, if it lies below."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.as_posix()


def read_file(
    table: Table, file: Path, root: Path, dataset: str, ontology: Ontology, problems: list[Problem]
) -> Iterator[Row]:
    """The rows of one file, each cell checked and in canonical form; what is wrong goes to ``problems``."""
    shown = shown_path(file)
    text = _text(file, shown, problems)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    inner = file.relative_to(root).as_posix()
    line = 1
    try:
        header = next(reader, None)
        if not _header_fits(table, header, shown, problems) or header is None:
            return
        columns = [table.column(name) for name in header]
        while True:
            line = reader.line_num + 1
            record = next(reader, None)
            if record is None:
                return
            if len(record) != len(header):
                wrong = f"{len(record)} cells where the header has {len(header)}"
                problems.append(Problem(shown, line, "", "", wrong, "one cell a column; quote cells that hold a comma"))
                continue
            cells = {
                column.name: _cell(column, value.strip(), ontology, shown, line, problems)
                for column, value in zip(columns, record, strict=True)
            }
            yield Row(table.name, row_ref(table, cells), cells, inner, line, dataset)
    except csv.Error as error:
        right = f"at most {CELL_LIMIT} characters in a cell" if "field limit" in str(error) else "RFC 4180 quoting"
        problems.append(Problem(shown, line, "", "", f"not readable as CSV ({error})", right))


def _text(file: Path, shown: str, problems: list[Problem]) -> str | None:
    try:
        raw = file.read_bytes()
    except OSError as error:
        problems.append(Problem(shown, 0, "", "", f"cannot be read ({error.strerror})"))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.append(
            Problem(shown, line, "", repr(raw[error.start : error.start + 4])[2:-1], "not UTF-8", "UTF-8 text")
        )
        return None
    if "\0" in text:
        problems.append(
            Problem(shown, text.count("\n", 0, text.index("\0")) + 1, "", "", "holds a NUL character", "text")
        )
        return None
    return text


def _header_fits(table: Table, header: list[str] | None, shown: str, problems: list[Problem]) -> bool:
    right = ",".join(table.header)
    if header is None:
        problems.append(Problem(shown, 1, "", "", "the file is empty", f"a header row: {right}"))
        return False
    wrong = [f"column {name!r} is missing" for name in table.header if name not in header]
    wrong += [f"there is no column {name!r} in {table.name}" for name in header if name not in table.header]
    wrong += [f"column {name!r} stands twice" for name in sorted({name for name in header if header.count(name) > 1})]
    problems.extend(Problem(shown, 1, "", "", message, right) for message in wrong)
    return not wrong


def _cell(column: Column, value: str, ontology: Ontology, file: str, line: int, problems: list[Problem]) -> str:
    """The cell in canonical form; what is wrong with it goes to ``problems``."""

    def report(wrong: str, right: str, item: str = value, warning: bool = False) -> None:
        problems.append(Problem(file, line, column.name, item, wrong, right, "warning" if warning else "error"))

    if not value:
        if column.required:
            report("must not be empty", column.expected)
        return ""
    if column.type == "text" and _is_formula(value):
        report("starts like a spreadsheet formula", "text that starts with a letter, a digit or a quotation mark")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in value):
        report("holds a control character", "text of letters, digits, signs and spaces")
    members = items(column, value)
    for item in members:
        if not column.accepts(item):
            report(f"not {column.expected}", _closest_form(column, item), item)
        elif column.type == "code" and ontology.find_code(column.scheme, item) is None:
            report(f"no such code in the list {column.scheme}", _near(item, ontology.codes(column.scheme)), item)
    if column.type == "decimal" or (column.type == "any" and is_number(value)):
        if is_number(value) and canonical_number(value) != value:
            report("not in canonical form", canonical_number(value), warning=True)
        return canonical_number(value) if is_number(value) else value
    if column.separator and members != sorted(set(members)):
        tidy = column.separator.join(sorted(set(members)))
        report("list not sorted, or with a member twice", tidy, warning=True)
        return tidy
    return value


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the cell instead of showing it."""
    return text[0] in "=@\t\r" or (text[0] in "+-" and text[1:2].isalpha())


_SUFFIX = {"k": 3, "m": 6, "mn": 6, "bn": 9, "b": 9, "tn": 12, "t": 12, "万": 4, "亿": 8, "万亿": 12}


def _closest_form(column: Column, item: str) -> str:
    """A right cell near the wrong one, where it can be told; else what the column takes."""
    if column.type == "decimal":
        number = item.replace(",", "").replace("%", "").strip().lower()
        digits = number.rstrip("".join(set("".join(_SUFFIX)))).strip()
        power = _SUFFIX.get(number[len(digits) :].strip(), 0)
        if is_number(digits):
            return canonical_number(_shifted(digits, power))
    if column.type in ("id", "reference") and not column.prefixed:
        slug: str = "-".join(
            "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in item.lower()).split()
        )
        if slug and column.accepts(slug):
            return slug
    return column.expected


def _shifted(digits: str, power: int) -> str:
    whole, _, part = digits.partition(".")
    return f"{whole}{part[:power].ljust(power, '0')}.{part[power:]}" if power else digits


def _near(item: str, choices: Iterable[str]) -> str:
    names = sorted(choices)
    return ", ".join(difflib.get_close_matches(item, names, n=3, cutoff=0.6)) or ", ".join(names[:12])


def _place(row: Row, datasets: Mapping[str, tuple[Dataset, Path]]) -> str:
    """The file of a row as a person would type it."""
    return shown_path(datasets[row.dataset][1] / row.file)


def _admit(row: Row, rows: dict[str, Row], place_of: Callable[[Row], str], problems: list[Problem]) -> None:
    first = rows.setdefault(row.ref, row)
    if first is row:
        return
    file, place = place_of(row), f"{place_of(first)}:{first.line}"
    if first.dataset == row.dataset:
        problems.append(Problem(file, row.line, "", row.ref, f"stands twice, first at {place}", "ids are used once"))
    elif first.cells != row.cells:
        other = f"the data set {first.dataset!r} says otherwise at {place}"
        problems.append(Problem(file, row.line, "", row.ref, other, "the same cells in both, or another id"))


def _dangling(facts: Facts, place_of: Callable[[Row], str], broken: Collection[str], root: str) -> Iterator[Problem]:
    """References that lead nowhere, each with the ids that are nearest.

    References into a table whose file could not be read follow from that and are not told; those into a table that has
    no row at all are told once.
    """
    known: dict[str, list[str]] = {}
    missing: dict[str, int] = {}
    for row in facts.rows():
        for column in facts.schema.tables[row.table].columns:
            if column.type != "reference":
                continue
            for item in items(column, row[column.name]):
                target = column.refers_to(item)
                if target not in facts and column.accepts(item):
                    kind, _, slug = target.partition("/")
                    table = facts.schema.by_kind[kind].name if kind in facts.schema.by_kind else ""
                    if table in broken:
                        continue
                    if table and not facts.table(table):
                        missing[table] = missing.get(table, 0) + 1
                        continue
                    near = difflib.get_close_matches(slug, known.setdefault(kind, _ids(facts, kind)), n=3, cutoff=0.7)
                    right = ", ".join(near) or column.expected
                    wrong = f"leads nowhere: there is no {target}"
                    yield Problem(place_of(row), row.line, column.name, item, wrong, right)
    for table, count in missing.items():
        header = ",".join(facts.schema.tables[table].header)
        wrong = f"no table {table} is there, and {count} references lead into it"
        place = facts.schema.tables[table].path
        yield Problem(f"{root}/{place}.csv", 0, "", "", wrong, f"a file with the header {header}")


def _ids(facts: Facts, kind: str) -> list[str]:
    table = facts.schema.by_kind.get(kind)
    return [row["id"] for row in facts.table(table.name)] if table and table.key == ("id",) else []


def write_folder(facts: Facts, path: Path, dataset: str | None = None) -> list[Path]:
    """Write the tables of one data set (default: the only one) as canonical CSV. Derived rows are not written.

    A table without rows is an empty file with its header; one that lies in a folder of its own (claims) is left out.
    Each file is written aside and renamed, so a reader sees the old file or the new one, never half of one.
    """
    chosen = dataset or facts.datasets[0].id
    written = []
    for table in facts.schema.tables.values():
        rows = [row for row in facts.table(table.name) if row.dataset == chosen and not row.derived]
        files: dict[str, list[Row]] = {} if table.folder or "/" in table.path else {f"{table.path}.csv": []}
        for row in rows:
            files.setdefault(row.file, []).append(row)
        for name, members in sorted(files.items()):
            write_atomically(path / name, table_text(table, members))
            written.append(path / name)
    return written


def table_text(table: Table, rows: Iterable[Row]) -> str:
    """The canonical CSV of one table: header, rows sorted by key, LF line ends, quotes only where needed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.header)
    for row in sorted(rows, key=lambda row: tuple(row[column] for column in table.key)):
        writer.writerow([row[name] for name in table.header])
    return out.getvalue()
