"""The figures of a sentence: how they are read, and when a reading bears them out."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tiny import at, derived

from capgraph import ontology
from capgraph.analysis.sentence_figures import SentenceChecked, check_sentence, days_of, figures_of
from capgraph.clocks import DateSpan
from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.network import CapitalNetwork, Scope
from capgraph.readings import Reading
from capgraph.results import Context


def reading(id: str, value: str, unit: str = "USD", as_of: str = "2025-10", **more: object) -> Reading:
    """What an independent source says of one aspect of the sale; bounds and dollars unless given are not."""
    plain = Reading(
        id=f"reading/{id}", about="tranche/exit--sale", aspect="amount", as_of=DateSpan.parse(as_of), period="",
        value=Decimal(value) if value else None, text=value, low=None, high=None, unit=unit, usd=None, basis="",
        source=f"source/{id}", locator="", confidence="reported", note="", known=None, origin=id,
    )  # fmt: skip
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


def checked(facts: Facts, sentence: str, *readings: Reading) -> SentenceChecked:
    network = CapitalNetwork(facts, ontology.load(), derived(facts), Scope(at()))
    return check_sentence(network, sentence, readings, Context(network.scope.clocks, "signed", "v"))


def verdicts(facts: Facts, sentence: str, *readings: Reading) -> list[str]:
    return [row.verdict.code for row in checked(facts, sentence, *readings).figures]


# Reading a sentence ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "value", "unit", "low", "high"),
    [
        ("for 5.83 billion dollars", "5830000000", "USD", "5825000000", "5835000000"),
        ("US$5.83bn", "5830000000", "USD", "5825000000", "5835000000"),
        ("$22.5B", "22500000000", "USD", "22450000000", "22550000000"),
        ("USD 1,200 million", "1200000000", "USD", "1199500000", "1200500000"),
        ("3.5 trillion yen", "3500000000000", "JPY", "3450000000000", "3550000000000"),
        ("58.3亿美元", "5830000000", "USD", "5825000000", "5835000000"),
        ("1.2万亿日元", "1200000000000", "JPY", "1150000000000", "1250000000000"),
        ("3210万股", "32100000", "shares", "32095000", "32105000"),
        ("32.1 million Nvidia Corp. shares", "32100000", "shares", "32050000", "32150000"),
        ("11 percent of its shares", "11", "percent", "10.5", "11.5"),
        ("4.5 GW", "4.5", "GW", "4.45", "4.55"),
        ("over 250 billion dollars", "250000000000", "USD", "250000000000", None),
        ("58亿多美元", "5800000000", "USD", "5800000000", None),
        ("不到60亿美元", "6000000000", "USD", None, "6000000000"),
        ("nearly 6 billion dollars", "6000000000", "USD", "5700000000", "6300000000"),
    ],
)
def test_a_printed_figure_is_an_interval(
    sentence: str, value: str, unit: str, low: str | None, high: str | None
) -> None:
    (told,) = figures_of(sentence)
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    assert (told.value, told.unit, [told.low, told.high]) == (Decimal(value), unit, ends)


@pytest.mark.parametrize(
    "sentence", ["", "on 11 November 2025", "2025年10月31日", "in 2024", "GPT 4", "3 rounds of talks"]
)
def test_what_has_no_unit_and_what_is_a_day_is_no_figure(sentence: str) -> None:
    assert figures_of(sentence) == []


def test_days_are_read_in_both_languages() -> None:
    told = days_of(
        "In 2024, on 11 November 2025 and October 31, 2025; 2025-10-31; 2025年11月；2025年11月7日; 2025年 2025-13"
    )
    assert [str(day) for day in told] == [
        "2024", "2025-11-11", "2025-10-31", "2025-10-31", "2025-11", "2025-11-07", "2025",
    ]  # fmt: skip


@given(st.text(alphabet="1 2,.亿万$%股 shares billion over年月-", max_size=60))
def test_any_text_is_read_and_a_figure_lies_in_its_interval(text: str) -> None:
    days_of(text)
    for told in figures_of(text):
        assert told.low is None or told.low <= told.value
        assert told.high is None or told.value <= told.high


# Verdicts -------------------------------------------------------------------------------------------------------------

SOLD = "House sold its Chips for 5.83 billion dollars in October 2025."


def test_a_reading_within_the_last_digit_supports_and_one_beyond_contradicts(small_world: Facts) -> None:
    assert verdicts(small_world, SOLD, reading("a", "5834000000")) == ["supported"]
    assert verdicts(small_world, SOLD, reading("a", "5836000000")) == ["contradicted"]
    assert verdicts(small_world, "It was over 5 billion dollars.", reading("a", "5836000000")) == ["supported"]


def test_without_its_readings_a_figure_is_not_covered(small_world: Facts) -> None:
    assert verdicts(small_world, SOLD) == ["not_covered"]
    assert verdicts(small_world, SOLD, reading("a", "5830000000", "shares")) == ["not_covered"]
    assert verdicts(small_world, SOLD, reading("a", "5830000000", as_of="2025-09")) == ["not_covered"]


def test_a_reading_far_off_is_of_something_else(small_world: Facts) -> None:
    assert verdicts(small_world, SOLD, reading("a", "11600000000")) == ["contradicted"]
    assert verdicts(small_world, SOLD, reading("a", "11700000000")) == ["not_covered"]
    assert verdicts(small_world, SOLD, reading("a", "2900000000")) == ["not_covered"]


def test_sources_on_both_sides_make_a_dispute_and_copies_of_one_do_not(small_world: Facts) -> None:
    says, denies = reading("a", "5830000000"), reading("b", "5400000000")
    row = checked(small_world, SOLD, says, denies).figures[0]
    assert (row.verdict.code, row.readings, row.sources) == (
        "disputed", ("reading/a", "reading/b"), ("source/a", "source/b"),
    )  # fmt: skip
    assert verdicts(small_world, SOLD, says, dataclasses.replace(denies, origin="a")) == ["supported"]
    assert verdicts(small_world, SOLD, says, dataclasses.replace(denies, aspect="cost")) == ["supported"]


def test_the_dollars_that_a_source_gives_itself_count(small_world: Facts) -> None:
    yen = reading("a", "880000000000", "JPY", usd=Decimal(5_830_000_000))
    assert verdicts(small_world, SOLD, yen) == ["supported"]


def test_a_bound_supports_what_it_allows(small_world: Facts) -> None:
    bound = reading("a", "", high=Decimal(6_000_000_000))
    assert verdicts(small_world, SOLD, bound) == ["supported"]
    assert verdicts(small_world, "It was 6.5 billion dollars.", bound) == ["contradicted"]


def test_the_worst_figure_decides_and_the_order_of_readings_does_not(small_world: Facts) -> None:
    sentence = "5.83 billion dollars for 30 million shares, and 7% of it"
    told = [reading("a", "5830000000"), reading("b", "32100000", "shares")]
    one, other = checked(small_world, sentence, *told), checked(small_world, sentence, *reversed(told))
    assert one == other
    assert one.verdict.code == "contradicted"
    assert [row.verdict.code for row in one.figures] == ["supported", "contradicted", "not_covered"]
    assert one.figures[1].apart is not None
    assert one.figures[1].apart.value == Decimal("7.00")


def test_a_sentence_without_a_figure_is_not_judged(small_world: Facts) -> None:
    with pytest.raises(NotFound):
        checked(small_world, "House likes Lab.")
