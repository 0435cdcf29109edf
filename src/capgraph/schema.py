"""The column list: ``ontology/tables.json`` (CSV on the Web metadata) as Python objects.

This room knows nothing of rows. It says which tables there are, what each column is called, which property it becomes,
what a cell may hold, and what a right cell looks like.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

CAP = "https://w3id.org/capgraph/ontology#"
THING = "https://w3id.org/capgraph/id/"
CODE = "https://w3id.org/capgraph/code/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

CellType = Literal["text", "id", "date", "decimal", "any", "url", "language", "code", "reference"]

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
_EXAMPLE: Mapping[CellType, str] = {
    "id": "a lower-case slug such as softbank-group",
    "date": "a date as precise as known: 2025, 2025-10 or 2025-10-31",
    "decimal": "a full plain number such as 5830000000 or 26.79",
    "any": "a plain number, or a text for aspects that are no figure",
    "url": "an address that starts with https:// or http://",
    "language": "a language tag such as en or zh",
    "text": "plain text",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table: its name, its property and what a cell may hold.

    ``kinds`` are the kinds of thing that a reference may name (empty: any). ``prefixed`` is true where the cell writes
    ``kind/id`` because it may point at several tables. ``scheme`` is the code list of a code column.
    """

    name: str
    predicate: str
    type: CellType
    required: bool
    separator: str
    language: str
    pattern: re.Pattern[str] | None
    scheme: str
    kinds: tuple[str, ...]
    prefixed: bool

    @property
    def expected(self) -> str:
        """What a right cell looks like, in words."""
        if self.type == "code":
            return f"a code of the list {self.scheme}"
        if self.type == "reference":
            kinds = " or ".join(self.kinds) or "thing"
            return (
                f"{kinds}/id, such as {(self.kinds or ('stake',))[0]}/..." if self.prefixed else f"the id of a {kinds}"
            )
        return (
            _EXAMPLE[self.type] if self.pattern is None or self.type != "text" else f"text like {self.pattern.pattern}"
        )

    def accepts(self, item: str) -> bool:
        """Whether one item (a cell, or one member of a list cell) has the right form."""
        if self.type == "decimal":
            return is_number(item)
        if self.type == "url":
            return re.match(r"https?://[^\s<>\"{}|\\^`]+\Z", item) is not None
        if self.type == "date":
            return self.pattern is not None and self.pattern.fullmatch(item) is not None and _is_calendar(item)
        return self.pattern is None or self.pattern.fullmatch(item) is not None

    def refers_to(self, item: str) -> str:
        """The thing that a reference item names, as ``kind/id``."""
        return item if self.prefixed else f"{self.kinds[0]}/{item}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, where its rows lie, the class of its rows, its key and its columns.

    ``path`` is the place within a data folder without the ending (``stakes``, ``claims/inputs``), or with ``folder`` a
    folder of files. ``name`` is the last part of it.
    """

    name: str
    path: str
    kind: str
    class_iri: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    folder: bool

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of this name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    def column_of(self, property_iri: str) -> Column | None:
        """The column that becomes this property (the English one where a property has one per language)."""
        return next((column for column in self.columns if column.predicate == property_iri), None)


class RowLike(Protocol):
    """Anything with a table and cells."""

    @property
    def table(self) -> str: ...

    @property
    def cells(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Schema:
    """All tables, in the order in which ``tables.json`` lists them."""

    tables: Mapping[str, Table]

    @cached_property
    def by_kind(self) -> Mapping[str, Table]:
        return {table.kind: table for table in self.tables.values()}

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.tables)}

    def order_of(self, row: RowLike) -> tuple[int, tuple[str, ...]]:
        """The canonical place of a row: its table's place in ``tables.json``, then its key."""
        return self._places[row.table], tuple(row.cells[column] for column in self.tables[row.table].key)

    @cached_property
    def by_class(self) -> Mapping[str, Table]:
        return {table.class_iri: table for table in self.tables.values()}


def is_number(text: str) -> bool:
    """Whether the text is a plain finite decimal number (canonical or not, no exponent, no grouping)."""
    return re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text) is not None


def canonical_number(text: str) -> str:
    """The one canonical spelling of a plain decimal.

    >>> canonical_number("49.00"), canonical_number("-0.50"), canonical_number("007"), canonical_number("-0")
    ('49', '-0.5', '7', '0')
    """
    if _DECIMAL.fullmatch(text) and text != "-0":
        return text
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text.lstrip("+"))
    whole, _, part = digits.partition(".")
    whole, part = whole.lstrip("0") or "0", part.rstrip("0")
    number = f"{whole}.{part}" if part else whole
    return number if number == "0" else sign + number


def _is_calendar(text: str) -> bool:
    year, month, day = (*(int(part) for part in text.split("-")), 1, 1)[:3]
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def load(path: Path) -> Schema:
    """Read ``tables.json``.

    Only the part of CSVW that the file uses is understood: string formats, ``valueUrl`` templates with one variable,
    separators, required columns, and one virtual column that gives the class.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    tables = [_table(entry) for entry in document["tables"]]
    return Schema({table.name: table for table in tables})


def _table(entry: Mapping[str, Any]) -> Table:
    schema = entry["tableSchema"]
    real = [column for column in schema["columns"] if not column.get("virtual")]
    class_iri = next(column["valueUrl"] for column in schema["columns"] if column.get("propertyUrl") == RDF_TYPE)
    key = schema["primaryKey"]
    path = entry["url"].removesuffix(".csv").removesuffix("/")
    return Table(
        name=path.rsplit("/", 1)[-1],
        path=path,
        kind=schema["aboutUrl"].removeprefix(THING).split("/")[0],
        class_iri=class_iri,
        key=(key,) if isinstance(key, str) else tuple(key),
        columns=tuple(_column(column) for column in real),
        folder=entry["url"].endswith("/"),
    )


def _column(entry: Mapping[str, Any]) -> Column:
    datatype = entry["datatype"]
    base = datatype if isinstance(datatype, str) else datatype["base"]
    pattern = None if isinstance(datatype, str) else datatype.get("format")
    value_url = entry.get("valueUrl", "")
    scheme = value_url.removeprefix(CODE).split("/")[0] if value_url.startswith(CODE) else ""
    kinds, prefixed = _kinds(value_url, pattern or "")
    return Column(
        name=entry["name"],
        predicate=entry["propertyUrl"],
        type=_cell_type(entry, base, scheme, value_url),
        required=entry.get("required", False),
        separator=entry.get("separator", ""),
        language=entry.get("lang", ""),
        pattern=re.compile(pattern) if pattern else None,
        scheme=scheme,
        kinds=kinds,
        prefixed=prefixed,
    )


def _kinds(value_url: str, pattern: str) -> tuple[tuple[str, ...], bool]:
    if not value_url.startswith(THING):
        return (), False
    rest = value_url.removeprefix(THING)
    if not rest.startswith("{"):
        return (rest.split("/")[0],), False
    alternatives = re.match(r"\(([a-z|]+)\)/|([a-z]+)/", pattern)
    return (tuple((alternatives[1] or alternatives[2]).split("|")) if alternatives else ()), True


def _cell_type(entry: Mapping[str, Any], base: str, scheme: str, value_url: str) -> CellType:
    if scheme:
        return "code"
    if value_url.startswith(THING):
        return "reference"
    if isinstance(entry["datatype"], dict) and entry["datatype"].get("@id") == f"{CAP}dateSpan":
        return "date"
    if entry["propertyUrl"] == "http://purl.org/dc/terms/identifier":
        return "id"
    by_base: dict[str, CellType] = {
        "decimal": "decimal", "anyAtomicType": "any", "anyURI": "url", "language": "language", "string": "text",
    }  # fmt: skip
    return by_base[base]
