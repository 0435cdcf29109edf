"""Dates, quarters and fiscal years in a text, as the tables write them: ``2025-10-31``, ``2025-Q3``, ``FY2026-Q1``.

"Last month" counts from the day on which the text was published; without it such a date stays open. Own code, because
the date libraries (dateparser among them) know no quarters and fiscal years, and fill in what a text leaves out from
today's calendar.
"""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from capgraph.clocks import DateSpan, months_after

_MONTHS = (
    {name.lower(): place for place, name in enumerate(month_name) if name}
    | {name.lower(): place for place, name in enumerate(month_abbr) if name}
    | {"sept": 9}
)
_MONTH = r"(?P<month>" + "|".join(sorted((name.capitalize() for name in _MONTHS), key=len, reverse=True)) + r")\.?"
_ORDINALS = (
    {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
    | {sign: place for place, sign in enumerate("一二三四", 1)}
    | {str(place): place for place in range(1, 5)}
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_LATIN = r"(?<![A-Za-z0-9-])"
_QUARTER = r"(?P<quarter>first|second|third|fourth|1st|2nd|3rd|4th)[\s-]quarter"
_FISCAL = r"(?P<fiscal>FY\s?|fiscal\s+(?:year\s+)?)"
_IN = r"(?<![A-Za-z])(?:in|since|by|during|of|until|from|late|early|mid|end|to|for|before|after|and|through)[\s-]+"

Reader = Callable[[re.Match[str], date | None], str]


@dataclass(frozen=True, slots=True)
class Dated:
    """A date in a sentence, with offsets within it. ``date`` is as the tables have it, empty where it stays open."""

    start: int
    end: int
    text: str
    date: str


def _full(found: re.Match[str], published: date | None) -> str:
    """A date by year, month and day, as far as they are told; the latest such day or month before publication."""
    told = found.groupdict()
    month = _month(told.get("month") or "")
    day = int(told.get("day") or 0)
    if not told.get("year"):
        return _latest(month, day, published)
    return written(int(told["year"]), month, day)


def written(year: int, month: int = 0, day: int = 0) -> str:
    """A date as precise as known, empty where the calendar has no such day.

    >>> written(2025, 10), written(2025, 2, 30)
    ('2025-10', '')
    """
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return ""
    return "-".join([f"{year:04d}", *([f"{month:02d}"] if month else []), *([f"{day:02d}"] if month and day else [])])


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.get(text.lower().rstrip("."), 0)


def _latest(month: int, day: int, published: date | None) -> str:
    if published is None or not month:
        return ""
    year = published.year if (month, day or 1) <= (published.month, published.day) else published.year - 1
    return written(year, month, day)


def _quarter(found: re.Match[str], published: date | None) -> str:
    """A quarter or half of a year, calendar or fiscal."""
    told = found.groupdict()
    part = (
        f"Q{_ORDINALS[told['quarter'].lower()]}"
        if told.get("quarter")
        else f"H{1 if told['half'] in ('上', 'first', '1') else 2}"
    )
    fiscal = "FY" if told.get("fiscal") else ""
    year = told.get("year") or (str(published.year) if published and not fiscal else "")
    return f"{fiscal}{year}-{part}" if year else ""


def _fiscal(found: re.Match[str], published: date | None) -> str:  # noqa: ARG001 (all readers are called alike)
    return f"FY{found['year']}"


def _relative(found: re.Match[str], published: date | None) -> str:
    if published is None:
        return ""
    months, years, days = _SHIFTS[re.sub(r"\s+", " ", found[0].lower())]
    if days is not None:
        return (published + timedelta(days=days)).isoformat()
    if months is not None:
        moved = months_after(published.replace(day=1), months)
        return written(moved.year, moved.month)
    return written(published.year + (years or 0))


_SHIFTS: dict[str, tuple[int | None, int | None, int | None]] = {
    "last month": (-1, None, None), "上月": (-1, None, None), "上个月": (-1, None, None),
    "this month": (0, None, None), "本月": (0, None, None), "next month": (1, None, None), "下月": (1, None, None),
    "last year": (None, -1, None), "去年": (None, -1, None), "this year": (None, 0, None), "今年": (None, 0, None),
    "next year": (None, 1, None), "明年": (None, 1, None), "前年": (None, -2, None),
    "yesterday": (None, None, -1), "昨日": (None, None, -1), "昨天": (None, None, -1), "今日": (None, None, 0),
    "today": (None, None, 0),
}  # fmt: skip
_RELATIVE = "|".join(
    rf"(?<![A-Za-z]){word.replace(' ', chr(92) + 's+')}(?![A-Za-z])" if word.isascii() else word
    for word in sorted(_SHIFTS, key=len, reverse=True)
)

_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(_YEAR + r"\s?年\s?(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?[日号]"), _full),
    (re.compile(_YEAR + r"\s?(?P<fiscal>财年)第?(?P<quarter>[一二三四1-4])季度?"), _quarter),
    (re.compile(_YEAR + r"\s?年\s?第?(?:(?P<quarter>[一二三四1-4])季度?|(?P<half>[上下])半年)"), _quarter),
    (re.compile(_YEAR + r"\s?年\s?[Qq](?P<quarter>[1-4])"), _quarter),
    (re.compile(_YEAR + r"\s?年\s?(?P<month>\d{1,2})\s?月份?"), _full),
    (re.compile(_YEAR + r"\s?财年"), _fiscal),
    (re.compile(_YEAR + r"\s?年(?![代度]?[来间])"), _full),
    (re.compile(r"(?<!\d)(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?[日号]"), _full),
    (re.compile(r"(?<!\d)(?P<month>1[0-2]|[1-9])\s?月(?!之?[内间]|\d)份?"), _full),
    (re.compile(_LATIN + _YEAR + r"-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d))?(?![\d-])"), _full),
    (re.compile(_LATIN + _MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+" + _YEAR), _full),
    (re.compile(_LATIN + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?" + _MONTH + r",?\s+" + _YEAR), _full),
    (re.compile(_LATIN + _MONTH + r",?\s+(?:of\s+)?" + _YEAR), _full),
    (re.compile(_LATIN + _QUARTER + r"\s+(?:of\s+)?(?:the\s+)?(?:" + _FISCAL + r")?" + _YEAR), _quarter),
    (re.compile(_LATIN + r"Q(?P<quarter>[1-4])\s*(?:of\s+)?(?:(?P<fiscal>FY\s?|fiscal\s+))?" + _YEAR), _quarter),
    (re.compile(_LATIN + r"(?:(?P<fiscal>FY)\s?)?" + _YEAR + r"[\s-]?Q(?P<quarter>[1-4])"), _quarter),
    (re.compile(_LATIN + r"(?P<half>first|second)\s+half\s+of\s+" + _YEAR), _quarter),
    (re.compile(_LATIN + r"H(?P<half>[12])\s+" + _YEAR), _quarter),
    (re.compile(_LATIN + _FISCAL + _YEAR, re.I), _fiscal),
    (re.compile(_LATIN + _MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d,.]*\d)"), _full),
    (re.compile(_LATIN + r"(?P<day>\d{1,2})\s+" + _MONTH + r"(?![A-Za-z])"), _full),
    (re.compile(_RELATIVE, re.I), _relative),
)  # fmt: skip
_BARE = (
    re.compile(rf"(?i:{_IN}){_YEAR}(?![\d,.%]*\d|\s?(?:%|shares|people|MW|GW|million|billion))"),
    re.compile(rf"(?i:{_IN}){_MONTH}(?![A-Za-z])(?!\s+\d)"),
)
"""A year or a month alone is a date only after a word of time."""


def dates(plain: str, published: date | None = None) -> list[Dated]:
    """The dates of a sentence, in order; of two that overlap the form listed first."""
    kept: list[Dated] = []
    for found in _found(plain, published):
        if all(found.end <= other.start or found.start >= other.end for other in kept):
            kept.append(found)
    return sorted(kept, key=lambda each: each.start)


def _found(plain: str, published: date | None) -> Iterator[Dated]:
    for pattern, read in _FORMS:
        for hit in pattern.finditer(plain):
            yield Dated(hit.start(), hit.end(), hit[0], read(hit, published))
    for pattern in _BARE:
        for hit in pattern.finditer(plain):
            name = "year" if "year" in hit.groupdict() else "month"
            yield Dated(hit.start(name), hit.end(name), hit[name], _full(hit, published))


def span_of_date(told: str) -> DateSpan | None:
    """The days that a date of a text may mean: quarters and halves by the calendar; None for a fiscal or open date.

    >>> print(span_of_date("2025-Q3").first, span_of_date("2025-Q3").last, span_of_date("FY2026"))
    2025-07-01 2025-09-30 None
    """
    found = re.fullmatch(r"(\d{4})-([QH])([1-4])", told)
    if found:
        length = 3 if found[2] == "Q" else 6
        first = date(int(found[1]), 1 + length * (int(found[3]) - 1), 1)
        return DateSpan(first, months_after(first, length) - timedelta(days=1), told)
    return DateSpan.parse(told) if told and not told.startswith("FY") else None
