"""Tables that people can read: no wider than a line, every word whole, every number on the right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from capgraph.typesetting import CELL, LINE, broken, parts_of, typeset

TEXT = "part of the employees and outside investors; the stake changed on 2025-09-01, after this percent"


def test_a_narrow_table_is_set_as_it_is() -> None:
    assert typeset(["party", "amount"], [["NVIDIA", "USD 5 bn"], ["软银", "unknown"]], [False, True]) == [
        "party      amount",
        "-------  --------",
        "NVIDIA   USD 5 bn",
        "软银      unknown",
    ]


def test_headings_break_before_texts_and_texts_before_ranges() -> None:
    numbers = "USD 114.4 bn (102.6 bn..114.4 bn)"
    rows = [[TEXT, TEXT, TEXT, numbers, numbers]]
    lines = typeset(
        ["one", "two", "three", "worth in all", "a very long heading over a number of some kind"],
        rows,
        [False] * 3 + [True] * 2,
    )
    assert max(map(wcswidth, lines)) <= LINE
    assert numbers in "\n".join(lines), "there is room for the ranges"
    assert "a very long heading" in lines[0]
    assert "a very long heading over a number of some kind" not in lines[0]


def test_ranges_break_where_nothing_else_is_left() -> None:
    numbers = "USD 114.4 bn (102.6 bn..114.4 bn)"
    lines = typeset([f"n{place}" for place in range(7)], [[numbers] * 7], [True] * 7)
    assert max(map(wcswidth, lines)) <= LINE
    assert lines[2].count("USD 114.4 bn") == lines[3].count("(102.6 bn..114.4 bn)") == 7


def test_the_column_of_long_texts_gets_the_room() -> None:
    rows = [["short words", TEXT * 3, *["USD 10 bn"] * 8]]
    head = typeset(["a", "remarks", *"bcdefghi"], rows, [False, False] + [True] * 8)[1]
    first, second, *_ = head.split("  ")
    assert len(second) > 3 * len(first)


def test_amounts_stay_whole_and_chinese_breaks_between_signs() -> None:
    assert parts_of("100 % of USD 413.6 bn: value") == ["100 %", " of", " USD 413.6 bn:", " value"]
    assert broken(parts_of("包含在软银集团之内；已扣除"), 10) == ["包含在软银", "集团之内；", "已扣除"]


@given(st.lists(st.text("ab 中，", min_size=1, max_size=120), min_size=1, max_size=4), st.integers(4, 60))
def test_breaking_loses_no_word_and_keeps_the_width(texts: list[str], width: int) -> None:
    for text in texts:
        lines = broken(parts_of(text), width)
        assert "".join("".join(lines).split()) == "".join(text.split())
        words = [wcswidth(part.strip()) for part in parts_of(text)]
        assert max(map(wcswidth, lines)) <= max(width, *words)


@pytest.mark.parametrize("text", ["x" * 300, "https://example.org/" + "y" * 200])
def test_a_word_that_is_too_long_is_never_broken(text: str) -> None:
    assert text in "\n".join(typeset(["a", "b"], [[text, TEXT]], [False, False]))
    assert len(text) > CELL
