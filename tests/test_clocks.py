"""Laws of dates and clocks. The oracle is the calendar itself: a cell means every day whose ISO form begins with it."""

from datetime import date, timedelta
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.clocks import (
    Clocks,
    DateSpan,
    ended,
    inexact,
    latest_publication,
    months_after,
    near,
    period_months,
    period_span,
    public_day,
    resolve,
    span_in,
    span_of,
    started,
)
from capgraph.errors import UsageProblem

PRECISIONS = {"year": 4, "month": 7, "day": 10}
PAIRS = list(product(PRECISIONS, PRECISIONS))
DAYS = st.dates(date(2023, 11, 1), date(2026, 3, 31))
LATEST = date(2026, 9, 11)


@cache
def days_of(text: str) -> frozenset[date]:
    """Every day that a cell may mean."""
    year = date(int(text[:4]), 1, 1)
    return frozenset(day for day in (year + timedelta(days=n) for n in range(366)) if day.isoformat().startswith(text))


def cell(day: date, precision: str) -> str:
    return day.isoformat()[: PRECISIONS[precision]]


@given(DAYS, st.sampled_from(list(PRECISIONS)))
def test_a_cell_is_the_interval_of_all_days_that_it_may_mean(day: date, precision: str) -> None:
    span, days = DateSpan.parse(cell(day, precision)), days_of(cell(day, precision))
    assert (span.first, span.last) == (min(days), max(days))
    assert span.exact == (len(days) == 1)
    assert str(span) == cell(day, precision)


@pytest.mark.parametrize(
    "text", ["", "25", "2025-1", "2025-13", "2025-02-30", "2025-00", "0000", "2025-10-31T00:00", " 2025", "２０２５"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem):
        DateSpan.parse(text)
    assert span_in(text) is None


def test_an_empty_cell_is_unknown() -> None:
    assert span_of("") is None
    assert span_of("2025") == DateSpan.parse("2025")


@pytest.mark.parametrize(("one", "other"), PAIRS)
@given(DAYS, DAYS)
def test_spans_sort_by_their_last_day_then_their_first(one: str, other: str, day: date, second: date) -> None:
    left, right = cell(day, one), cell(second, other)
    key = [(max(days_of(text)), min(days_of(text))) for text in (left, right)]
    assert (DateSpan.parse(left) < DateSpan.parse(right)) == (key[0] < key[1])
    assert (DateSpan.parse(left) <= DateSpan.parse(right)) == (key[0] <= key[1])


@given(DAYS, st.sampled_from(list(PRECISIONS)), DAYS)
def test_starts_and_ends_count_from_the_first_day(day: date, precision: str, asked: date) -> None:
    span, days = DateSpan.parse(cell(day, precision)), days_of(cell(day, precision))
    assert started(span, asked) == (asked >= min(days))
    assert ended(span, asked) == (asked >= min(days))


@given(DAYS, st.sampled_from(list(PRECISIONS)), DAYS)
def test_a_date_is_not_exact_where_the_asked_day_lies_inside_it(day: date, precision: str, asked: date) -> None:
    days = days_of(cell(day, precision))
    assert inexact(DateSpan.parse(cell(day, precision)), asked) == (asked in days and len(days) > 1)


@pytest.mark.parametrize(("begin", "close"), PAIRS)
@given(DAYS, DAYS, DAYS)
def test_a_state_stands_from_the_first_day_of_its_start_to_the_day_before_its_end(
    begin: str, close: str, start: date, end: date, asked: date
) -> None:
    opening, closing = DateSpan.parse(cell(start, begin)), DateSpan.parse(cell(end, close))
    stands = started(opening, asked) and not ended(closing, asked)
    assert stands == (min(days_of(opening.text)) <= asked < min(days_of(closing.text)))


@pytest.mark.parametrize(("close", "begin"), PAIRS)
@given(DAYS, DAYS)
def test_what_ends_on_a_date_never_stands_beside_what_starts_no_earlier(
    close: str, begin: str, turn: date, asked: date
) -> None:
    end, start = DateSpan.parse(cell(turn, close)), DateSpan.parse(cell(turn, begin))
    assert not (started(start, asked) and not ended(end, asked)) or start.first < end.first


@pytest.mark.parametrize(("one", "other"), PAIRS)
@given(DAYS, DAYS, st.integers(0, 60))
def test_spans_are_near_where_two_of_their_days_are(one: str, other: str, day: date, second: date, gap: int) -> None:
    left, right = cell(day, one), cell(second, other)
    closest = min(abs((a - b).days) for a in _ends(left) for b in _ends(right))
    overlap = bool(days_of(left) & days_of(right))
    assert near(DateSpan.parse(left), DateSpan.parse(right), gap) == (overlap or closest <= gap)
    assert near(DateSpan.parse(left), DateSpan.parse(right), gap) == near(
        DateSpan.parse(right), DateSpan.parse(left), gap
    )


def _ends(text: str) -> tuple[date, date]:
    return min(days_of(text)), max(days_of(text))


# The two clocks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("published", "asked"), PAIRS)
@given(DAYS, DAYS)
def test_a_source_is_public_from_the_last_day_of_its_date(
    published: str, asked: str, printed: date, knowledge: date
) -> None:
    known_on = max(days_of(cell(knowledge, asked)))
    clocks = resolve(None, known_on, LATEST)
    day = public_day(DateSpan.parse(cell(printed, published)), LATEST)
    assert clocks.public(day) == (known_on >= min(max(days_of(cell(printed, published))), LATEST))


def test_a_source_without_a_date_counts_only_at_the_default_known_on() -> None:
    assert resolve(None, None, LATEST).public(public_day(None, LATEST))
    assert not resolve(None, LATEST - timedelta(days=1), LATEST).public(None)


def test_without_a_word_both_clocks_stand_at_the_latest_publication() -> None:
    assert resolve(None, None, LATEST) == Clocks(LATEST, LATEST, hindsight=False, complete=True)


def test_known_on_alone_moves_as_of_with_it() -> None:
    day = date(2025, 6, 30)
    assert resolve(None, day, LATEST) == Clocks(day, day, hindsight=False, complete=False)


def test_as_of_alone_keeps_known_on_and_looks_back_with_hindsight() -> None:
    day = date(2025, 6, 30)
    assert resolve(day, None, LATEST) == Clocks(day, LATEST, hindsight=True, complete=True)
    assert not resolve(LATEST, None, LATEST).hindsight


@given(DAYS, DAYS)
def test_hindsight_is_knowing_more_than_the_asked_day_could(as_of: date, known_on: date) -> None:
    assert resolve(as_of, known_on, LATEST).hindsight == (as_of < known_on)


def test_a_vague_publication_date_does_not_move_the_default_into_the_future() -> None:
    spans = [DateSpan.parse(text) for text in ("2026", "2026-09", "2026-09-11", "2025-12-31")]
    assert latest_publication([*spans, None]) == date(2026, 9, 11)
    assert public_day(DateSpan.parse("2026"), LATEST) == LATEST


def test_sources_without_any_date_give_no_default() -> None:
    with pytest.raises(UsageProblem):
        latest_publication([None])


# Months and periods ---------------------------------------------------------------------------------------------------


@given(DAYS, st.integers(-60, 60))
def test_months_keep_the_day_or_end_the_month(day: date, months: int) -> None:
    moved = months_after(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("period", "months"),
    [("2025", 12), ("FY2026", 12), ("TTM", 12), ("2025-Q3", 3), ("FY2025-Q1", 3), ("2025-H1", 6), ("FY2025-9M", 9),
     ("2025-10", 1), ("2025-10-31", 0), ("2025/2030", 0), ("", 0), ("next year", 0)],
)  # fmt: skip
def test_periods_are_as_long_as_their_name_says(period: str, months: int) -> None:
    assert period_months(period) == months


def test_a_fiscal_year_is_found_from_its_end() -> None:
    assert period_span("FY2026", date(2026, 3, 31)) == (date(2025, 4, 1), date(2026, 3, 31))
    assert period_span("2025-Q3", date(2025, 9, 30)) == (date(2025, 7, 1), date(2025, 9, 30))
    assert period_span("2024-02", date(2024, 2, 29)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert period_span("2025/2030", date(2030, 12, 31)) is None
