"""Dates as precise as known, and the two clocks of every answer: what was true, and what was public.

A date cell (``2025``, ``2025-10``, ``2025-10-31``) is an interval of days, never a point that it does not name. The
rules that compare such intervals with an asked day stand here and nowhere else.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, total_ordering

from capgraph.errors import UsageProblem

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@total_ordering
@dataclass(frozen=True, slots=True)
class DateSpan:
    """The days that a date cell may mean, from ``first`` to ``last``, both included, and the cell's text.

    Spans sort by their last day, then by their first: a year alone answers only when the year is over.

    >>> DateSpan.parse("2025-10")
    DateSpan(first=datetime.date(2025, 10, 1), last=datetime.date(2025, 10, 31), text='2025-10')
    >>> DateSpan.parse("2025") > DateSpan.parse("2025-10-31")
    True
    >>> print(DateSpan.parse("2025-10"), DateSpan.parse("2025-10").exact)
    2025-10 False
    """

    first: date
    last: date
    text: str

    @classmethod
    def parse(cls, text: str) -> DateSpan:
        """Read ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``. Raises UsageProblem for anything else."""
        return _parse(text)

    @classmethod
    def of(cls, day: date) -> DateSpan:
        """The span of one exactly known day."""
        return cls(day, day, day.isoformat())

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.first == self.last

    def __lt__(self, other: DateSpan) -> bool:
        return (self.last, self.first) < (other.last, other.first)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=65536)
def _parse(text: str) -> DateSpan:
    found = _FORM.fullmatch(text)
    if found is None:
        raise UsageProblem(f"{text!r} is no date; write it as precise as known: 2025, 2025-10 or 2025-10-31")
    year, month, day = found.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise UsageProblem(f"{text!r} is no day of the calendar") from error
    if day:
        return DateSpan(first, first, text)
    final = first.month if month else 12
    return DateSpan(first, date(first.year, final, monthrange(first.year, final)[1]), text)


def span_of(cell: str) -> DateSpan | None:
    """The span of a cell, None where the cell is empty (unknown)."""
    return _parse(cell) if cell else None


def span_in(text: str) -> DateSpan | None:
    """The span that a free text names, None where it is no date (a reading's value may be any text).

    >>> span_in("2032-04"), span_in("to be agreed")
    (DateSpan(first=datetime.date(2032, 4, 1), last=datetime.date(2032, 4, 30), text='2032-04'), None)
    """
    try:
        return _parse(text)
    except UsageProblem:
        return None


# The rules of starts and ends -----------------------------------------------------------------------------------------


def started(start: DateSpan, day: date) -> bool:
    """Whether something that started then had started by the asked day. Starts count from the first day.

    >>> started(DateSpan.parse("2025-10"), date(2025, 10, 1)), started(DateSpan.parse("2025-10"), date(2025, 9, 30))
    (True, False)
    """
    return start.first <= day


def ended(end: DateSpan, day: date) -> bool:
    """Whether something that ended then had ended by the asked day. Ends count from the first day, that day included.

    So a stake that ends on the day on which another begins never stands beside it.

    >>> ended(DateSpan.parse("2025"), date(2025, 1, 1)), ended(DateSpan.parse("2025"), date(2024, 12, 31))
    (True, False)
    """
    return end.first <= day


def inexact(span: DateSpan, day: date) -> bool:
    """Whether the asked day lies inside a span of several days, so that the answer is marked "date not exact".

    >>> inexact(DateSpan.parse("2025"), date(2025, 6, 1)), inexact(DateSpan.parse("2025"), date(2026, 1, 1))
    (True, False)
    """
    return not span.exact and day in span


def near(one: DateSpan, other: DateSpan, days: int) -> bool:
    """Whether two spans overlap or at most so many days lie from the end of one to the start of the other.

    >>> near(DateSpan.parse("2025-10-31"), DateSpan.parse("2025-12"), 31)
    True
    >>> near(DateSpan.parse("2025-10-31"), DateSpan.parse("2025-12"), 30)
    False
    """
    return (max(one.first, other.first) - min(one.last, other.last)).days <= days


def months_after(day: date, months: int) -> date:
    """The same day so many months later, the last day of the month where that month is shorter.

    >>> months_after(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_LENGTHS = {"Q": 3, "H": 6, "9": 9}


def period_months(period: str) -> int:
    """How many months a period of the tables is long; 0 where its name does not tell.

    >>> [period_months(text) for text in ("2025", "FY2026", "2025-Q3", "2025-H1", "FY2025-9M", "2025-10", "TTM")]
    [12, 12, 3, 6, 9, 1, 12]
    """
    if period == "TTM":
        return 12
    found = re.fullmatch(r"(?:FY)?[0-9]{4}(?:-(.*))?", period)
    if found is None or "/" in period:
        return 0
    part = found[1]
    if part is None:
        return 12
    return 1 if re.fullmatch("[0-9]{2}", part) else _LENGTHS.get(part[0], 0)


def period_span(period: str, end: date) -> tuple[date, date] | None:
    """First and last day of a period that ends on a day, None where its name does not tell how long it is.

    A fiscal year is found from its end, so nothing has to know when a company's year begins.

    >>> period_span("FY2026", date(2026, 3, 31))
    (datetime.date(2025, 4, 1), datetime.date(2026, 3, 31))
    """
    months = period_months(period)
    return (months_after(end + timedelta(days=1), -months), end) if months else None


# The two clocks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was true on ``as_of``, as far as it was public on ``known_on``.

    ``hindsight``: the asked day lies before the day of knowledge, so the answer uses what came out later.
    ``complete``: ``known_on`` reaches the latest publication, so every source counts, also one without a date.
    """

    as_of: date
    known_on: date
    hindsight: bool = False
    complete: bool = False

    def public(self, published: date | None) -> bool:
        """Whether a source was public: published by then, or without a date (None) when every source counts."""
        return self.complete if published is None else published <= self.known_on


def resolve(as_of: date | None, known_on: date | None, latest_publication: date) -> Clocks:
    """Both clocks from what the user said, with defaults that come from the data and not from the calendar.

    Neither: the latest publication. ``known_on`` alone moves ``as_of`` with it. ``as_of`` alone looks back with
    hindsight.

    >>> resolve(None, date(2025, 6, 30), latest_publication=date(2026, 9, 11)).as_of
    datetime.date(2025, 6, 30)
    >>> resolve(date(2025, 6, 30), None, latest_publication=date(2026, 9, 11)).hindsight
    True
    """
    knowledge = latest_publication if known_on is None else known_on
    truth = knowledge if as_of is None else as_of
    return Clocks(truth, knowledge, hindsight=truth < knowledge, complete=knowledge >= latest_publication)


def latest_publication(published: Iterable[DateSpan | None]) -> date:
    """The latest publication day of any source, the default of both clocks: the greatest first day of a date.

    A page dated ``2026`` came out on some day of that year; it must not move the default to 31 December. Raises
    UsageProblem where no source has a date.

    >>> latest_publication([DateSpan.parse("2026"), DateSpan.parse("2026-09-11"), None])
    datetime.date(2026, 9, 11)
    """
    days = [span.first for span in published if span is not None]
    if not days:
        raise UsageProblem("no source has a date, so there is no default day; give one with --as-of or --known-on")
    return max(days)


def public_day(published: DateSpan | None, latest: date) -> date | None:
    """The day from which a source counts as public: the last day of its date, None where it has no date.

    A vague date never reaches beyond the latest publication: what stands in the data was public when they were made.

    >>> public_day(DateSpan.parse("2025-10"), date(2026, 9, 11)), public_day(DateSpan.parse("2026"), date(2026, 9, 11))
    (datetime.date(2025, 10, 31), datetime.date(2026, 9, 11))
    """
    return None if published is None else min(published.last, latest)
