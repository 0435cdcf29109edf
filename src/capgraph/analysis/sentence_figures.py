"""The figures of one sentence, English or Chinese, against the readings of what ties the parties that it names.

A printed figure is an interval: half of its last digit to either side, open where the sentence says "over". A reading
bears on it when it has the same unit and, if the sentence names days, speaks of one of them. The sentence does not say
which aspect it means, so a figure is contradicted only by a reading that is near it; anything else would accuse one
figure of not being another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from capgraph.clocks import DateSpan, near, span_in
from capgraph.errors import NotFound
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code, Words
from capgraph.readings import RIVAL_DAYS, Reading
from capgraph.results import Context, Result, Value, hidden, note, section

ABOUT = Decimal("0.05")
"""How far "about" and "nearly" reach, as a part of the figure: the tolerance from which figures count as disputed."""

NEAR = 2
"""A reading more than so many times as large or as small is taken to be of something else."""

Verdict = Literal["contradicted", "disputed", "not_covered", "supported"]
_WORST_FIRST = ("contradicted", "disputed", "not_covered", "supported")

_SCALES = {
    "trillion": 12, "tn": 12, "billion": 9, "bn": 9, "b": 9, "million": 6, "mn": 6, "m": 6, "thousand": 3,
    "万亿": 12, "亿": 8, "千万": 7, "百万": 6, "万": 4, "千": 3,
}  # fmt: skip
_UNITS = {
    "USD": r"US\$|\$|USD|(?:US )?dollars?|美元|美金",
    "EUR": "€|EUR|euros?|欧元",
    "GBP": "£|GBP|英镑",
    "JPY": "¥|JPY|yen|日元",
    "CNY": "CNY|RMB|yuan|人民币",
    "percent": "%|％|percent|per cent",
    "GW": "GW|gigawatts?|吉瓦",
    "shares": r"(?:[A-Za-z.'’&-]+ ){0,3}shares?\b|股",
}
_BEFORE = {
    "over": "over|more than|above|exceeding|at least|超过|逾|高于|多于|至少",
    "under": "under|less than|below|up to|at most|不到|不足|低于|至多",
    "about": "about|around|nearly|almost|roughly|约|大约|近|将近|接近",
}
_MORE = "多|余"
_SCALE = "|".join(rf"{word}(?![A-Za-z])" if word.isascii() else word for word in sorted(_SCALES, key=len, reverse=True))


def _groups(name: str, words: dict[str, str]) -> str:
    return "|".join(f"(?P<{name}_{key}>{words[key]})" for key in words)


_FIGURE = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_groups('is', _BEFORE)}) ?)?"
    rf"(?:(?P<ahead>US\$|\$|€|£|¥|USD|EUR|GBP|JPY|CNY|RMB) ?)?"
    rf"(?<![\d.,])(?P<number>\d[\d,]*(?:\.\d+)?) ?(?P<scale>{_SCALE})?(?P<more>{_MORE})? ?"
    rf"(?:{_groups('unit', _UNITS)})?",
    re.IGNORECASE,
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAY = re.compile(
    r"(?P<iso>\b\d{4}-\d{2}(?:-\d{2})?\b)"
    r"|(?P<year_zh>\d{4})年(?:(?P<month_zh>\d{1,2})月(?:(?P<day_zh>\d{1,2})日)?)?"
    rf"|(?:(?P<before>\d{{1,2}}) )?\b(?P<month>{'|'.join(_MONTHS)})(?: (?P<after>\d{{1,2}}),)? (?P<year>\d{{4}})\b"
    r"|\b(?i:in|of|since|by|during) (?P<alone>(?:19|20)\d{2})\b"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as a sentence has it: its words, its number in whole units, and the interval that these words mean."""

    words: str
    value: Decimal
    low: Decimal | None
    high: Decimal | None
    unit: str


def figures_of(sentence: str) -> list[Told]:
    """The figures of a sentence that have a unit, in order; days are not among them.

    >>> [(told.value, told.unit, told.low) for told in figures_of("over 32.1 million Nvidia shares for $5.83 billion")]
    [(Decimal('32100000'), 'shares', Decimal('32100000')), (Decimal('5830000000'), 'USD', Decimal('5825000000'))]
    >>> [(told.value, told.high - told.low) for told in figures_of("以58.3亿美元出售")]
    [(Decimal('5830000000'), Decimal('10000000'))]
    """
    bare = _DAY.sub(" ", " ".join(sentence.split()))
    found = (_told(match) for match in _FIGURE.finditer(bare))
    return [told for told in found if told is not None]


def _told(match: re.Match[str]) -> Told | None:
    unit = next((key for key in _UNITS if match[f"unit_{key}"]), "")
    ahead = match["ahead"] or ""
    unit = unit or next((key for key in _UNITS if ahead and re.fullmatch(_UNITS[key], ahead, re.IGNORECASE)), "")
    if not unit:
        return None
    digits, scale = match["number"].replace(",", ""), 10 ** _SCALES.get((match["scale"] or "").lower(), 0)
    value = _whole(Decimal(digits) * scale)
    step = Decimal(scale) / 10 ** len(digits.partition(".")[2])
    said = "over" if match["more"] else next((key for key in _BEFORE if match[f"is_{key}"]), "")
    return Told(match[0].strip(), value, *_interval(value, step, said), unit)


def _interval(value: Decimal, step: Decimal, said: str) -> tuple[Decimal | None, Decimal | None]:
    if said in ("over", "under"):
        return (value, None) if said == "over" else (None, value)
    reach = value * ABOUT if said == "about" else step / 2
    return _whole(value - reach), _whole(value + reach)


def _whole(number: Decimal) -> Decimal:
    """A number without the zeros behind its point that come from its scale."""
    return number.to_integral_value() if number == number.to_integral_value() else number


def days_of(sentence: str) -> list[DateSpan]:
    """The days, months and years that a sentence names, in order.

    >>> [str(day) for day in days_of("sold in October 2025, told on 11 November 2025; 2025年10月; in 2024")]
    ['2025-10', '2025-11-11', '2025-10', '2024']
    """
    found = (span_in(_iso(match)) for match in _DAY.finditer(sentence))
    return [span for span in found if span is not None]


def _iso(match: re.Match[str]) -> str:
    if match["iso"] or match["alone"]:
        return match["iso"] or match["alone"]
    if match["year_zh"]:
        parts = [match["year_zh"], match["month_zh"], match["day_zh"]]
    else:
        parts = [match["year"], str(_MONTHS.index(match["month"]) + 1), match["before"] or match["after"]]
    return "-".join(part.zfill(2) for part in parts if part)


# The answer -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FigureChecked:
    """One figure of the sentence, what the readings make of it, and the reading nearest to it: its figure, how far it
    lies from what is said in percent of that, what it is about, and when."""

    said: str
    claimed: Value
    verdict: Code
    nearest: Value | None
    apart: Value | None
    about: Name | None
    aspect: Code | None
    as_of: DateSpan | None
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceChecked(Result):
    """The figures of a sentence with a verdict each; ``verdict`` is the worst of them."""

    sentence: str
    verdict: Code
    days: tuple[DateSpan, ...]
    figures: tuple[FigureChecked, ...] = section(FigureChecked)


def check_sentence(
    network: CapitalNetwork, sentence: str, readings: Sequence[Reading], context: Context
) -> SentenceChecked:
    """Whether the readings of what ties the named parties bear out the figures of a sentence.

    Parameters
    ----------
    sentence : English or Chinese.
    readings : of everything that ties two of its parties, those that were public.
    context : printed with the answer.

    Returns
    -------
    SentenceChecked, one row a figure. Supported: a reading lies within the figure's interval. Disputed: it does, and
    another of the same aspect, thing and time, from another origin, does not. Contradicted: none does, and one lies
    near it. Not covered: no reading of that unit and day is near. Raises NotFound for a sentence without a figure.
    """
    told, days = figures_of(sentence), days_of(sentence)
    if not told:
        raise NotFound("the sentence has no figure with a unit")
    rows = tuple(_checked(network, figure, days, readings) for figure in told)
    worst = min((row.verdict for row in rows), key=lambda verdict: _WORST_FIRST.index(verdict.code))
    notes = (note("sentence.rule", near=NEAR), note("sentence.tolerance", percent=int(ABOUT * 100)))
    return SentenceChecked(
        sentence=sentence, verdict=worst, days=tuple(days), figures=rows, context=context, notes=notes
    )  # fmt: skip


def _checked(
    network: CapitalNetwork, told: Told, days: Sequence[DateSpan], readings: Sequence[Reading]
) -> FigureChecked:
    fitting = [reading for reading in readings if _in_unit(reading, told.unit) != (None, None)]
    bearing = [reading for reading in fitting if not days or any(near(reading.as_of, day, 0) for day in days)]
    close = sorted(bearing, key=lambda reading: (_distance(told, reading), reading.id))
    agreeing = [reading for reading in close if _meets(told, reading)]
    against = [each for each in close if each not in agreeing and any(_rivals(each, one) for one in agreeing)]
    verdict = _verdict(told, agreeing, against, close)
    chosen = close[0] if verdict != "not_covered" else None
    behind = [*agreeing, *against] or ([chosen] if chosen else [])
    return FigureChecked(
        said=told.words,
        claimed=Value(told.value, told.unit, told.low, told.high),
        verdict=_code(network, verdict),
        nearest=_shown(chosen, told.unit) if chosen else None,
        apart=Value((100 * _distance(told, chosen)).quantize(Decimal("0.01")), "percent") if chosen else None,
        about=network.names.name(chosen.about) if chosen else None,
        aspect=network.ontology.code("aspect", chosen.aspect) if chosen else None,
        as_of=chosen.as_of if chosen else None,
        readings=tuple(reading.id for reading in behind),
        sources=tuple(dict.fromkeys(reading.source for reading in behind)),
    )


def _verdict(told: Told, agreeing: Sequence[Reading], against: Sequence[Reading], close: Sequence[Reading]) -> Verdict:
    if agreeing:
        return "disputed" if against else "supported"
    return "contradicted" if any(_near(told, reading) for reading in close) else "not_covered"


def _rivals(one: Reading, other: Reading) -> bool:
    """Whether two readings speak of the same aspect of the same thing at the same time, from two origins."""
    same = (one.about, one.aspect, one.period) == (other.about, other.aspect, other.period)
    return same and one.origin != other.origin and near(one.as_of, other.as_of, RIVAL_DAYS)


def _in_unit(reading: Reading, unit: str) -> tuple[Decimal | None, Decimal | None]:
    """The bounds of a reading in a unit, by the source's own dollar figure where it gives one."""
    if reading.unit == unit:
        return reading.bounds
    return (reading.usd, reading.usd) if unit == "USD" else (None, None)


def _meets(told: Told, reading: Reading) -> bool:
    low, high = _in_unit(reading, told.unit)
    below = told.high is not None and low is not None and low > told.high
    above = told.low is not None and high is not None and high < told.low
    return not (below or above)


def _middle(told: Told, reading: Reading) -> Decimal:
    low, high = (bound for bound in _in_unit(reading, told.unit))
    ends = [end for end in (low, high) if end is not None]
    return (
        reading.value if reading.unit == told.unit and reading.value is not None else sum(ends, Decimal()) / len(ends)
    )


def _distance(told: Told, reading: Reading) -> Decimal:
    """How far a reading lies from the stated number, as a part of it."""
    return abs(_middle(told, reading) - told.value) / (abs(told.value) or 1)


def _near(told: Told, reading: Reading) -> bool:
    middle = _middle(told, reading)
    return middle != 0 and 1 <= NEAR * middle / (told.value or 1) <= NEAR * NEAR


def _shown(reading: Reading, unit: str) -> Value:
    low, high = _in_unit(reading, unit)
    value = reading.value if reading.unit == unit else reading.usd
    return Value(value, unit, low, high, (reading.id,))


def _code(network: CapitalNetwork, verdict: Verdict) -> Code:
    words = network.ontology.words(f"sentence.{verdict}")
    assert words is not None
    return Code("verdict", verdict, words, Words("", ""))
