"""Numbers with a unit (money, shares, percent, percentage points, multiples, power) in base units, with precision.

``58.3亿美元`` is 5,830,000,000 USD, rounded, and its last digit weighs 10,000,000. Own code, because none of the
libraries fits: Microsoft's Recognizers-Text (whose Python packages stayed alphas) drops 多 and 余 from 二百余万元,
quantulum3 knows no Chinese, cn2an no units, and none says what the last printed digit weighs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from capgraph.ontology import Ontology
from capgraph.reader.lexicon import Lexicon, alternation

_ENGLISH = {
    **dict(zip(["k", "m", "b", "t"], (3, 6, 9, 12), strict=True)),
    **dict(zip(["thousand", "million", "billion", "trillion"], (3, 6, 9, 12), strict=True)),
    **dict(zip(["mn", "mln", "bn", "bln", "tn", "trn"], (6, 6, 9, 9, 12, 12), strict=True)),
}
_CHINESE = {"万亿": 12, "亿": 8, "万": 4, "千": 3, "百": 2, "十": 1, "": 0}
_SPELLED = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
) | {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100}
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

_NUMBER = r"(?<![A-Za-z0-9_.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_SIGNS = r"[零〇一二两三四五六七八九十百千]+(?:点[零〇一二三四五六七八九]+)?"
_SCALE = (
    r"(?:\s?-?(?P<en>thousand|million|billion|trillion|mn|mln|bn|bln|tn|trn|[kmbtKMBT])(?![A-Za-z])"
    r"|\s?(?P<some>[多余几]?)(?P<zh>[十百千]?(?:万亿|亿|万)|[百千])(?P<more>[多余]?))"
)
_REACH = 30
"""How many signs before a number may say how precise it is."""
_TENTHS = re.compile(r"([一二两三四五六七八九])成(?![为立员本功长就果交分都])")
_HUNDREDTHS = re.compile(r"百分之(" + _SIGNS + r"|\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a text prints it, in base units, with offsets within its sentence.

    ``high``: the upper end where the text gives a range. ``unit``: a code of the unit list; ``points`` are percentage
    points; ``JPY/CNY`` is a yen sign alone. ``precision``: exact, rounded, over, nearly, about or under. ``step``: the
    weight of the last printed digit. ``each``: the price of one share.
    """

    start: int
    end: int
    text: str
    value: Decimal
    unit: str
    precision: str
    step: Decimal
    high: Decimal | None = None
    each: bool = False


@dataclass(frozen=True, slots=True)
class _Printed:
    """One number before its precision is known."""

    start: int
    end: int
    value: Decimal
    step: Decimal
    unit: str
    scale: int | None
    plain: bool
    more: bool = False


class QuantityFinder:
    """The units and words of precision of a lexicon, ready to be looked for."""

    def __init__(self, lexicon: Lexicon, ontology: Ontology) -> None:
        self._lexicon = lexicon
        self._units = {word: unit for unit, words in lexicon.below("unit").items() for word in words}
        money = {unit for unit in lexicon.below("unit") if self._is_money(unit, ontology)}
        self._money = money | {"JPY/CNY"}
        self._each = re.compile(rf"\s*(?:{alternation(lexicon.terms('mark.each'))})")
        self._each_before = re.compile(rf"(?:{alternation(lexicon.terms('mark.each'))})\s*$")
        self._range = re.compile(rf"\s*(?:{alternation(lexicon.terms('mark.range'))})\s*")
        self._far_shares = re.compile(
            rf"\s+(?:(?:of\s+its\s+|of\s+the\s+)?[A-Z][\w.&'-]*\s+){{1,4}}(?:{alternation(lexicon.terms('unit.shares'))})"
        )

    @staticmethod
    def _is_money(unit: str, ontology: Ontology) -> bool:
        code = ontology.find_code("unit", unit)
        return code is not None and code["unitKind"] == "money"

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        before = alternation(
            word for word, unit in self._units.items() if (unit in self._money and word.isascii()) or word in "€£¥₩₹"
        )
        after = alternation(word for word in self._units)
        spelled = rf"(?<![A-Za-z])(?:{'|'.join(_SPELLED)})(?=[\s-](?:thousand|million|billion|trillion))"
        signs = rf"{_SIGNS}(?=万|亿|\s?(?:{alternation(self._lexicon.terms('unit.ratio'))}))"
        number = rf"(?P<number>{_NUMBER}|{spelled}|{signs})"
        return re.compile(rf"(?:(?P<pre>{before})\s?)?{number}(?:{_SCALE})?(?:\s?-?(?P<unit>{after}))?")

    @cached_property
    def _before(self) -> tuple[re.Pattern[str], dict[str, str]]:
        return self._precise("before", "(?:{words})\\s*(?:the\\s+|a\\s+|了|为|至|到|：)?\\s*$")

    @cached_property
    def _after(self) -> tuple[re.Pattern[str], dict[str, str]]:
        return self._precise("after", "\\s*(?:{words})")

    def _precise(self, place: str, form: str) -> tuple[re.Pattern[str], dict[str, str]]:
        """A pattern with one group a precision, in the order of the lexicon's words by length."""
        told = {word: precision for precision, words in self._lexicon.below(place).items() for word in words}
        ordered = sorted(told, key=lambda word: (-len(word), word))
        names = {f"w{place_}": told[word] for place_, word in enumerate(ordered)}
        words = "|".join(f"(?P<w{place_}>{alternation([word])})" for place_, word in enumerate(ordered))
        return re.compile(form.format(words=words)), names

    def quantities(self, plain: str) -> list[Quantity]:
        """The quantities of a sentence, in order. A number without a unit is none."""
        printed = sorted(self._printed(plain), key=lambda each: each.start)
        found: list[Quantity] = []
        place = 0
        while place < len(printed):
            one = printed[place]
            other = printed[place + 1] if place + 1 < len(printed) else None
            joined = other and self._joined(plain, one, other)
            if joined:
                found.append(self._told(plain, *joined))
                place += 2
                continue
            if one.unit:
                found.append(self._told(plain, one))
            place += 1
        return found

    def _printed(self, plain: str) -> Iterator[_Printed]:
        taken: list[tuple[int, int]] = []
        for pattern, step in ((_HUNDREDTHS, Decimal(1)), (_TENTHS, Decimal(10))):
            for found in pattern.finditer(plain):
                number, last = number_of(found[1])
                taken.append(found.span())
                yield _Printed(*found.span(), number * step, last * step, "percent", 0, False)
        for found in self._pattern.finditer(plain):
            if not any(start < found.end() and found.start() < end for start, end in taken):
                yield from self._one(plain, found)

    def _one(self, plain: str, found: re.Match[str]) -> Iterator[_Printed]:
        unit = self._units.get(_spaced(found["pre"] or found["unit"] or ""), "")
        if found["pre"] and found["unit"] and (later := self._units.get(_spaced(found["unit"]), "")) in self._money:
            unit = later
        value, step = number_of(found["number"])
        word, end = found["en"], found.end()
        power: int | None = None
        if word:
            power = _ENGLISH[word.lower()]
            if len(word) == 1 and unit not in self._money:
                return
        elif found["zh"]:
            power = _chinese_power(found["zh"])
        if not unit and self._far_shares.match(plain, end):
            unit = "shares"
        if unit == "shares" and plain[end : end + 1] in tuple("东价权市比"):
            return
        factor = Decimal(10) ** (power or 0)
        more = bool(found["some"] or found["more"])
        decimals = "." in found["number"] or "点" in found["number"]
        yield _Printed(
            found.start(), end, value * factor, step * factor, unit, power, power is None and not decimals, more
        )

    def _joined(self, plain: str, one: _Printed, other: _Printed) -> tuple[_Printed, _Printed] | None:
        """The two ends of a range; a change from one to the other is none."""
        between = plain[one.end : other.start]
        lead = plain[max(0, one.start - 10) : one.start].rstrip().lower()
        ranged = between.strip() == "and" and lead.endswith("between")
        if not ranged:
            ranged = bool(self._range.fullmatch(between)) and not lead.endswith(("from", "从", "由"))
        unit = other.unit or one.unit
        told_once = one.unit in ("", other.unit) or (not other.unit and one.unit in self._money)
        if not (ranged and unit and told_once):
            return None
        if one.scale is None and other.scale:
            factor = Decimal(10) ** other.scale
            one = replace(one, value=one.value * factor, step=one.step * factor, plain=False)
        return (replace(one, unit=unit), replace(other, unit=unit)) if one.value < other.value else None

    def _told(self, plain: str, one: _Printed, other: _Printed | None = None) -> Quantity:
        last = other or one
        start, end = one.start, last.end
        precision = self._precision(plain, start, end, one)
        if one.unit in ("percent", "points") or (one.unit not in self._money and one.unit != "shares"):
            counted = False
        else:
            counted = one.plain and other is None
        if precision == "rounded" and counted:
            precision = "exact"
        each = bool(self._each.match(plain, end) or self._each_before.search(plain, max(0, start - 12), start))
        high = other.value if other else None
        step = max(one.step, last.step)
        return Quantity(
            start, end, plain[start:end], one.value, one.unit, precision, step, high, each and one.unit in self._money
        )

    def _precision(self, plain: str, start: int, end: int, one: _Printed) -> str:
        if one.more:
            return "over"
        pattern, names = self._before
        if found := pattern.search(plain, max(0, start - _REACH), start):
            return next(names[name] for name, text in found.groupdict().items() if text is not None)
        pattern, names = self._after
        if found := pattern.match(plain, end):
            return next(names[name] for name, text in found.groupdict().items() if text is not None)
        return "rounded"


def _spaced(word: str) -> str:
    return " ".join(word.split())


def number_of(text: str) -> tuple[Decimal, Decimal]:
    """A printed number and the weight of its last digit.

    >>> number_of("57.0"), number_of("1,200")
    ((Decimal('57.0'), Decimal('0.1')), (Decimal('1200'), Decimal('1')))
    >>> number_of("三十二"), number_of("twenty")
    ((Decimal('32'), Decimal('1')), (Decimal('20'), Decimal('1')))
    """
    plain = text.replace(",", "")
    if text in _SPELLED:
        return Decimal(_SPELLED[text]), Decimal(1)
    if plain[0].isascii():
        number = Decimal(plain)
        return number, Decimal(1).scaleb(min(0, int(number.as_tuple().exponent)))
    whole, _, decimals = text.partition("点")
    number = Decimal(_whole(whole))
    for place, sign in enumerate(decimals, 1):
        number += Decimal(_DIGITS[sign]).scaleb(-place)
    return number, Decimal(1).scaleb(-len(decimals))


def _whole(signs: str) -> int:
    """A Chinese number below ten thousand.

    >>> _whole("三百二十"), _whole("十二"), _whole("二〇二五")
    (320, 12, 2025)
    """
    if not any(sign in "十百千" for sign in signs):
        return int("".join(str(_DIGITS[sign]) for sign in signs))
    total = digit = 0
    for sign in signs:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        else:
            total += (digit or 1) * 10 ** _CHINESE[sign]
            digit = 0
    return total + digit


def _chinese_power(word: str) -> int:
    """The power of ten of a scale: 千万 is a thousand times ten thousand."""
    for scale in ("万亿", "亿", "万"):
        if word.endswith(scale):
            return _CHINESE[scale] + _CHINESE[word.removesuffix(scale)]
    return _CHINESE[word]
