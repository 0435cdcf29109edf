"""Laws of the data folder, read with nothing but `csv`. They hold for any facts; none of them names a figure."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
TEXT_ASPECTS = {"start", "end", "status_date", "supplier", "customer"}
SHARES = {"percent", "votes_percent", "revenue_share", "supply_share", "receivables_share", "backlog_share"}
MONEY = {"amount", "post_money", "pre_money", "price_per_share", "share_price", "market_cap", "drawn", "monthly_value"}
INHERITING = {"party", "product", "source", "identifier", "status", "fx", "evidence", "reading", "claim", "input"}

Row = dict[str, str]


class Table:
    """One table of `tables.json`: its key, its columns and where each column points."""

    def __init__(self, spec: dict[str, Any]) -> None:
        schema = spec["tableSchema"]
        self.path = str(spec["url"]).rstrip("/").removesuffix(".csv")
        self.name = self.path.rsplit("/", 1)[-1]
        self.kind = schema["aboutUrl"].split("/id/")[1].split("/")[0]
        key = schema["primaryKey"]
        self.key: list[str] = [key] if isinstance(key, str) else key
        columns = [column for column in schema["columns"] if not column.get("virtual")]
        self.columns: list[str] = [column["name"] for column in columns]
        self.required: list[str] = [column["name"] for column in columns if column.get("required")]
        self.lists = {column["name"] for column in columns if column.get("separator")}
        self.decimals = {column["name"] for column in columns if column.get("datatype") == "decimal"}
        patterned = [column for column in columns if isinstance(column.get("datatype"), dict)]
        self.formats: dict[str, str] = {
            c["name"]: c["datatype"]["format"] for c in patterned if "format" in c["datatype"]
        }
        pointing = [column for column in columns if "/id/" in column.get("valueUrl", "")]
        self.targets: dict[str, str] = {c["name"]: c["valueUrl"].split("/id/")[1] for c in pointing}

    def files(self) -> list[Path]:
        single = DATA / f"{self.path}.csv"
        if self.name == "readings" or (self.path != self.name and not single.is_file()):
            return sorted((DATA / self.path).glob("*.csv"))
        return [single]

    def rows(self) -> list[Row]:
        return [row for file in self.files() for row in rows_of(file)]

    def id(self, row: Row) -> str:
        return "/".join([self.kind, *(row[column] for column in self.key)])

    def cells(self, row: Row, column: str) -> list[str]:
        return [cell for cell in (row[column].split("|") if column in self.lists else [row[column]]) if cell]

    def references(self, row: Row) -> Iterator[tuple[str, str]]:
        """(column, "kind/id") for every cell that names another row."""
        for column, pattern in self.targets.items():
            for cell in self.cells(row, column):
                yield column, re.sub(r"\{\+?" + column + r"\}", cell, pattern)


@cache
def rows_of(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


TABLES = {t.name: t for t in map(Table, json.loads((ROOT / "ontology" / "tables.json").read_text("utf-8"))["tables"])}
FILES = [(table, file) for table in TABLES.values() for file in table.files()]


@cache
def things() -> dict[str, Row]:
    return {table.id(row): row for table in TABLES.values() for row in table.rows()}


def first_day(date: str) -> str:
    return (date + "-01-01")[:10]


def last_day(date: str) -> str:
    """A day not before the last day of the date, good enough to compare with."""
    return {4: date + "-12-31", 7: date + "-31"}.get(len(date), date)


def canonical_number(cell: str) -> bool:
    return re.fullmatch(r"0|-?(0|[1-9]\d*)(\.\d*[1-9])?", cell) is not None and cell != "-0"


def over(*names: str) -> Iterator[tuple[Table, Row]]:
    for name in names:
        for row in TABLES[name].rows():
            yield TABLES[name], row


@pytest.mark.parametrize(("table", "file"), FILES, ids=[file.name for _, file in FILES])
def test_file_is_in_canonical_form(table: Table, file: Path) -> None:
    """Header, sorting, quoting, line ends, lists, numbers and trimmed cells are as a writer would write them again."""
    raw = file.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    rows = rows_of(file)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, table.columns, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: tuple(row[column] for column in table.key)))
    assert raw.decode("utf-8") == out.getvalue()
    for row in rows:
        for column, cell in row.items():
            assert cell == " ".join(cell.split()), (table.id(row), column)
            if column in table.lists:
                assert cell.split("|") == sorted(set(cell.split("|"))), (table.id(row), column)
            if cell and (column in table.decimals or (column == "value" and is_number(table, row))):
                assert canonical_number(cell), (table.id(row), column, cell)


def is_number(table: Table, row: Row) -> bool:
    return table.name == "readings" and row["aspect"] not in TEXT_ASPECTS


def test_cells_fit_their_columns() -> None:
    for table, row in over(*TABLES):
        for column in table.required:
            assert row[column], (table.id(row), column)
        for column, pattern in table.formats.items():
            for cell in table.cells(row, column):
                assert re.fullmatch(pattern, cell), (table.id(row), column, cell)


def test_ids_are_unique() -> None:
    counts = Counter(table.id(row) for table, row in over(*TABLES))
    assert [name for name, count in counts.items() if count > 1] == []


def test_references_resolve() -> None:
    references = [(t.id(row), column, target) for t, row in over(*TABLES) for column, target in t.references(row)]
    assert [reference for reference in references if reference[2] not in things()] == []


def test_everything_has_evidence() -> None:
    known = {row["about"] for _, row in over("evidence")}
    bare = [t.id(row) for t, row in over(*TABLES) if t.kind not in INHERITING and t.id(row) not in known]
    assert bare == []


def test_every_source_says_something() -> None:
    cited = {target for t, row in over(*TABLES) if t.name != "sources" for _, target in t.references(row)}
    assert [t.id(row) for t, row in over("sources") if t.id(row) not in cited] == []


def test_parties_and_products_are_named_by_something() -> None:
    named = {target for table, row in over(*TABLES) for _, target in table.references(row)}
    assert [table.id(row) for table, row in over("parties", "products") if table.id(row) not in named] == []


def test_no_news_page_is_graded_primary() -> None:
    news = {row["id"] for _, row in over("sources") if row["kind"] == "news"}
    primary = [(t.id(r), r["source"]) for t, r in over("readings", "evidence") if r["confidence"] == "primary"]
    assert [pair for pair in primary if pair[1] in news] == []


@cache
def histories() -> dict[str, list[Row]]:
    """The status rows of each tranche, facility and contract, by first possible day."""
    found: dict[str, list[Row]] = {}
    for _, row in over("statuses"):
        found.setdefault(row["about"], []).append(row)
    return {about: sorted(rows, key=lambda row: first_day(row["date"])) for about, rows in found.items()}


def test_every_tranche_facility_and_contract_has_a_status() -> None:
    assert [t.id(row) for t, row in over("tranches", "facilities", "contracts") if t.id(row) not in histories()] == []


def test_the_order_of_statuses_is_certain() -> None:
    """An undated status stands alone, and no date of one may fall within the date of the next."""
    for about, rows in histories().items():
        if len(rows) > 1:
            assert all(row["date"] for row in rows), about
        for earlier, later in pairwise(rows):
            assert last_day(earlier["date"]) < first_day(later["date"]), about


def test_only_talk_precedes_the_announcement() -> None:
    for about, rows in histories().items():
        thing = things()[about]
        kind = about.split("/")[0]
        if kind == "tranche":
            announced = things()["deal/" + thing["deal"]]["announced"]
        else:
            announced = thing["arranged" if kind == "facility" else "announced"]
        for row in rows:
            if row["date"] and announced and row["status"] != "rumoured":
                assert last_day(row["date"]) >= first_day(announced), (about, row["status"])


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("stakes", "valid_from", "valid_to"),
        ("pledges", "valid_from", "valid_to"),
        ("guarantees", "valid_from", "valid_to"),
        ("roles", "valid_from", "valid_to"),
        ("relations", "valid_from", "valid_to"),
        ("contracts", "start", "end"),
        ("facilities", "arranged", "matures"),
    ],
)
def test_nothing_ends_before_it_starts(name: str, start: str, end: str) -> None:
    reversed_rows = [t.id(r) for t, r in over(name) if r[start] and r[end] and first_day(r[start]) > last_day(r[end])]
    assert reversed_rows == []


def test_it_is_told_how_it_became_known_that_something_ended() -> None:
    """By the tranche that closes the stake, or by a reading of the aspect `end`."""
    told = {row["about"] for _, row in over("readings") if row["aspect"] == "end"}
    told |= {"stake/" + row["stake"] for _, row in over("tranches") if row["effect"] == "closes"}
    ending = [(t, row) for t, row in over("stakes", "roles", "relations", "guarantees", "pledges") if row["valid_to"]]
    assert [t.id(row) for t, row in ending if t.id(row) not in told] == []


def test_a_contained_stake_has_the_issuer_of_its_container() -> None:
    contained = [row for _, row in over("stakes") if row["contained_in"]]
    other = [row["id"] for row in contained if things()["stake/" + row["contained_in"]]["issuer"] != row["issuer"]]
    assert other == []


def test_nothing_contains_itself() -> None:
    inside = {
        t.id(r): target for t, r in over(*TABLES) for column, target in t.references(r) if column == "contained_in"
    }
    for part in inside:
        seen, here = {part}, inside.get(part)
        while here:
            assert here not in seen, part
            seen.add(here)
            here = inside.get(here)


def test_a_tranche_names_the_stake_and_what_it_does_to_it() -> None:
    for _, row in over("tranches"):
        assert bool(row["stake"]) == bool(row["effect"]), row["id"]
        if row["stake"]:
            holder = things()["stake/" + row["stake"]]["holder"]
            assert holder in (row["from_party"], row["to_party"]), row["id"]


def test_a_stake_closed_by_a_paid_tranche_has_an_end() -> None:
    paid = {row["about"] for _, row in over("statuses") if row["status"] == "closed"}
    for table, row in over("tranches"):
        if row["effect"] == "closes" and table.id(row) in paid:
            assert things()["stake/" + row["stake"]]["valid_to"], row["id"]


def test_a_pledge_is_given_by_whoever_holds_it() -> None:
    for _, row in over("pledges"):
        assert row["stake"] or row["asset"], row["id"]
        if row["stake"]:
            assert things()["stake/" + row["stake"]]["holder"] == row["pledgor"], row["id"]


def test_numbers_of_a_reading_agree() -> None:
    for _, row in over("readings"):
        if row["aspect"] in TEXT_ASPECTS:
            assert row["value"], row["id"]
            assert not row["low"] + row["high"], row["id"]
            continue
        numbers = [Decimal(row[column]) for column in ("low", "value", "high") if row[column]]
        assert numbers, row["id"]
        assert numbers == sorted(numbers), row["id"]
        assert row["unit"], row["id"]
        if row["aspect"] in MONEY:
            assert re.fullmatch("[A-Z]{3}", row["unit"]), row["id"]
        if row["aspect"] in SHARES:
            assert row["unit"] == "percent", row["id"]
            assert all(0 <= number <= 100 for number in numbers), row["id"]


def test_a_ceiling_is_no_value() -> None:
    for _, row in over("readings"):
        if row["basis"] == "ceiling":
            assert row["high"], row["id"]
            assert not row["value"], row["id"]


def test_no_reading_is_written_twice() -> None:
    same = ("source", "about", "aspect", "as_of", "period", "value", "low", "high", "unit", "basis")
    counts = Counter(tuple(row[column] for column in same) for _, row in over("readings"))
    assert [key for key, count in counts.items() if count > 1] == []
