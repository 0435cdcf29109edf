"""One renderer: the same answer in five forms and two languages, safe for terminals, spreadsheets and Markdown."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.clocks import DateSpan
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.ontology import load
from capgraph.rendering import csv_cell, render
from capgraph.results import Context, Result, Value, hidden, note, reading_ids, section, sections
from capgraph.voice import Voice, number, scaled
from tests.tiny import at


@dataclass(frozen=True, slots=True)
class Line:
    party: Name
    percent: Value
    start: DateSpan | None
    readings: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Answer(Result):
    text: str
    hits: tuple[Line, ...] = section(Line)


def answer(*lines: Line, text: str = "x") -> Answer:
    notes = (note("dossier.promised", count=3),)
    return Answer(text, lines, context=Context(at(), "signed", "tiny.1"), notes=notes)


def line(name: str = "NVIDIA", zh: str = "英伟达", value: str = "27") -> Line:
    range_ = Value(Decimal(value), "percent", Decimal("26.79"), Decimal("27"), ("reading/r1",))
    return Line(Name("nvidia", name, zh), range_, DateSpan.parse("2025-10"), ("reading/r1",))


def shown(result: Result, form: str, lang: str = "en") -> str:
    return render(result, form, lang, load())


def test_json_has_numbers_as_numbers_unknown_as_null_and_the_context() -> None:
    document = json.loads(shown(answer(line()), "json"))
    assert document["as_of"] == "2026-09-11"
    assert document["data"] == "tiny.1"
    assert document["hits"] == [
        {
            "party": "nvidia",
            "party_name": "NVIDIA",
            "percent": 27,
            "percent_low": 26.79,
            "percent_high": 27,
            "percent_unit": "percent",
            "percent_readings": ["reading/r1"],
            "start": "2025-10",
            "readings": ["reading/r1"],
        }
    ]


def test_keys_are_the_same_in_every_language_and_form() -> None:
    result = answer(line())
    english, chinese = (json.loads(shown(result, "json", lang)) for lang in ("en", "zh"))
    assert english.keys() == chinese.keys()
    assert english["hits"][0].keys() == chinese["hits"][0].keys()
    header = next(csv.reader(io.StringIO(shown(result, "csv", "zh"))))
    assert header == list(json.loads(shown(result, "jsonl")).keys())
    assert chinese["hits"][0]["party_name"] == "英伟达"


def test_tables_show_ranges_names_of_the_language_and_align_chinese() -> None:
    table = shown(answer(line(), line(zh="英伟达公司集团")), "table", "zh")
    assert "27% (26.79..27)" in table
    rows = [row for row in table.splitlines() if "英伟达" in row]
    widths = [sum(2 if ord(letter) > 0x2E80 else 1 for letter in row.split("27%")[0]) for row in rows]
    assert len(set(widths)) == 1, "the columns stand below each other"


def test_an_empty_section_says_so_and_keeps_its_csv_header() -> None:
    assert "none" in shown(answer(), "table")
    assert shown(answer(), "csv").startswith("party,percent,start")
    assert json.loads(shown(answer(), "json"))["hits"] == []


def test_markdown_escapes_what_would_be_markup() -> None:
    text = shown(answer(line(name="a|b <img src=x onerror=alert(1)> [x](y) `c`\nnew")), "md")
    (row,) = [part for part in text.splitlines() if part.startswith("| a")]
    assert r"a\|b &lt;img" in row
    assert r"\[x\](y)" in row
    assert "<img" not in text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_csv_makes_formulas_inert(cell: str) -> None:
    inert = f"'{cell}".replace("\r", "\n")
    assert csv_cell(cell) == inert
    _, row = csv.reader(io.StringIO(shown(answer(line(name=cell)), "csv"), newline=""))
    assert row[1] == inert


def test_an_unknown_format_is_a_wrong_use() -> None:
    with pytest.raises(UsageProblem, match="table, md, json, jsonl, csv"):
        shown(answer(), "xml")


def test_readings_behind_an_answer_are_found_wherever_they_stand() -> None:
    assert reading_ids(answer(line())) == ("reading/r1",)
    assert [name for name, _, _ in sections(answer())] == ["hits"]


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        ("5830000000", "USD", "USD 5.83 bn", "58.3亿美元"),
        ("5000000000000", "USD", "USD 5 tn", "5万亿美元"),
        ("354400000000", "JPY", "JPY 354.4 bn", "3,544亿日元"),
        ("-19000000", "USD", "USD -19 m", "-1,900万美元"),
        ("27", "percent", "27 %", "27%"),
        ("32100000", "shares", "32,100,000 shares", "3,210万股"),
        ("4.5", "GW", "4.5 gigawatts", "4.5吉瓦"),
        ("0", "USD", "USD 0", "0美元"),
    ],
)
def test_amounts_read_as_people_write_them(value: str, unit: str, en: str, zh: str) -> None:
    assert Voice(load(), "en").measure(Decimal(value), unit) == en
    assert Voice(load(), "zh").measure(Decimal(value), unit) == zh


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (None, None, None, "unknown"),
        (None, None, "10", "up to 10 %"),
        (None, "10", None, "at least 10 %"),
        (None, "5", "10", "5 %..10 %"),
        ("7", "7", "7", "7 %"),
        ("7", "5", "7", "7 % (5..7)"),
    ],
)
def test_bounds_and_ranges_are_told_apart(value: str | None, low: str | None, high: str | None, text: str) -> None:
    numbers = [None if cell is None else Decimal(cell) for cell in (value, low, high)]
    assert Voice(load(), "en").quantity(*numbers, "percent") == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_a_number_for_reading_is_within_rounding_of_the_number(value: Decimal) -> None:
    read = Decimal(number(value).replace(",", ""))
    assert abs(read - value) <= max(Decimal("0.00005"), abs(value) * Decimal("0.0005"))
    figure, word = scaled(value, "en")
    size = {"": 1, "m": 10**6, "bn": 10**9, "tn": 10**12}[word]
    assert abs(Decimal(figure.replace(",", "")) * size - value) <= max(
        Decimal("0.00005"), abs(value) * Decimal("0.0006")
    )


def test_a_column_in_which_nothing_is_known_is_named_and_not_shown() -> None:
    silent = Line(Name("nvidia", "NVIDIA", "英伟达"), Value(Decimal(1), "percent"), None)
    for form in ("table", "md"):
        text = shown(answer(silent, silent), form)
        assert "not known of any: from" in text
        assert "unknown" not in text
        assert "unknown" in shown(answer(silent, line()), form)
    assert json.loads(shown(answer(silent), "json"))["hits"][0]["start"] is None


def test_a_basis_that_carries_a_day_is_told_in_words() -> None:
    assert Voice(load(), "en").coded("basis", "split:2024-06-10") == "adjusted for splits up to 2024-06-10"
    assert Voice(load(), "zh").coded("basis", "split:2024-06-10") == "已按截至2024-06-10的拆股调整"
    assert Voice(load(), "en").coded("basis", "other:x") == "other:x"
