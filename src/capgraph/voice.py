"""How single values read in English and Chinese: figures with unit and range, names, codes, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from capgraph.names import Name
from capgraph.ontology import Code, Ontology, Words
from capgraph.readings import Figure
from capgraph.results import Note, Value

_SCALES = {
    "en": ((Decimal(10) ** 12, "tn"), (Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m")),
    "zh": ((Decimal(10) ** 12, "万亿"), (Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """The words of one language, and how single values read in it."""

    ontology: Ontology
    lang: str

    def say(self, key: str, **values: Any) -> str:
        return self.ontology.say(key, self.lang, **{name: self.text(value) for name, value in values.items()})

    def heading(self, name: str) -> str:
        """The heading of a field; its bare name, spaced, where the ontology has no word for it."""
        words = self.ontology.words(f"field.{name}")
        return words[self.lang] if words else name.replace("_", " ")

    def coded(self, scheme: str, value: str) -> str:
        """A cell that may be a code, by its label; any other text as it is. A code that ends in a colon stands for all
        that begin with it: ``split:2024-06-10`` reads by ``split:`` and the rest."""
        code = self.ontology.find_code(scheme, value)
        if code is None and ":" in value:
            stem, _, rest = value.partition(":")
            family = self.ontology.words(f"{scheme}.{stem}")
            return self.say(f"{scheme}.{stem}", rest=rest) if family else value
        return code.label[self.lang] if code else value

    def text(self, value: Any) -> str:
        """A value as people read it."""
        if value is None:
            return self.ontology.say("value.unknown", self.lang)
        if isinstance(value, bool):
            return self.ontology.say("value.yes" if value else "value.no", self.lang)
        if isinstance(value, (Name, Words)):
            return value[self.lang]
        if isinstance(value, Code):
            return value.label[self.lang]
        if isinstance(value, Note):
            return self.say(value.key, **value.values)
        if isinstance(value, (Figure, Value)):
            return self.quantity(value.value, value.low, value.high, value.unit)
        if isinstance(value, float):
            return number(Decimal(repr(value)))
        if isinstance(value, (Decimal, int)):
            return number(Decimal(value))
        if isinstance(value, tuple):
            return self.listed(
                [self.text(member) for member in value], sentences=any(isinstance(member, Note) for member in value)
            )
        return str(value)

    def listed(self, texts: Sequence[str], sentences: bool = False) -> str:
        """Texts one after the other; ``sentences`` may hold commas themselves."""
        marks = {"en": (", ", "; "), "zh": ("、", "；")}
        return marks[self.lang][sentences].join(texts)

    def quantity(self, value: Decimal | None, low: Decimal | None, high: Decimal | None, unit: str) -> str:
        """A number with its unit and its range: ``27 % (26.79..27)``, ``USD 5.83 bn``, ``up to USD 10 bn``."""
        if value is None and low is None and high is None:
            return self.ontology.say("value.unknown", self.lang)
        if value is None and low is None:
            return self.ontology.say("value.at_most", self.lang, value=self.measure(high, unit))
        if value is None and high is None:
            return self.ontology.say("value.at_least", self.lang, value=self.measure(low, unit))
        if value is None:
            return f"{self.measure(low, unit)}..{self.measure(high, unit)}"
        if (low is None or low == value) and (high is None or high == value):
            return self.measure(value, unit)
        least, most = (self.bare(value if end is None else end, unit) for end in (low, high))
        return f"{self.measure(value, unit)} ({least}..{most})"

    def bare(self, value: Decimal, unit: str) -> str:
        """A number as :meth:`measure` has it, without the unit."""
        if unit == "percent":
            return number(value)
        figure, scale = scaled(value, self.lang)
        return f"{figure}{scale}" if self.lang == "zh" else f"{figure} {scale}".strip()

    def measure(self, value: Decimal | None, unit: str) -> str:
        """One number with its unit, rounded to four significant digits where it is large."""
        if value is None:
            return self.ontology.say("value.unknown", self.lang)
        if unit == "percent":
            return f"{number(value)}%" if self.lang == "zh" else f"{number(value)} %"
        code = self.ontology.find_code("unit", unit)
        label = code.label[self.lang] if code else unit
        figure, scale = scaled(value, self.lang)
        if code is not None and code["unitKind"] == "money":
            return f"{figure}{scale}{label}" if self.lang == "zh" else " ".join(filter(None, (unit, figure, scale)))
        if self.lang == "zh":
            return f"{figure}{scale}{label}"
        return f"{number(value)} {label}".strip() if unit else number(value)


def number(value: Decimal) -> str:
    """A number for reading: thousands apart, at most four decimals (more for tiny ones), no trailing zeros.

    >>> number(Decimal("32100000")), number(Decimal("26.79000")), number(Decimal("0.00001234")), number(Decimal(0))
    ('32,100,000', '26.79', '0.00001234', '0')
    """
    places = 4 if value == 0 or abs(value) >= Decimal("0.01") else 4 - value.adjusted() - 1
    rounded = round(value, places).normalize() if value else Decimal(0)
    return f"{rounded:,f}"


def scaled(value: Decimal, lang: str) -> tuple[str, str]:
    """A large number as figure and scale word, rounded to four significant digits.

    >>> scaled(Decimal(5830000000), "en"), scaled(Decimal(5830000000), "zh"), scaled(Decimal(250), "en")
    (('5.83', 'bn'), ('58.3', '亿'), ('250', ''))
    """
    for size, word in _SCALES[lang]:
        if abs(value) >= size:
            figure = value / size
            return f"{round(figure, max(0, 3 - figure.adjusted())).normalize():,f}", word
    return number(value), ""
