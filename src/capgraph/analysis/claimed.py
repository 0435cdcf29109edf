"""What a text claims, as its rows say it: the stated number with its precision, the formula, the inputs.

Nothing here looks at what other sources say; :mod:`capgraph.analysis.testimony` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property

from capgraph.clocks import DateSpan, span_of
from capgraph.errors import DataProblem
from capgraph.facts import Facts, Row
from capgraph.formulas import Formula
from capgraph.intervals import Interval, band
from capgraph.ontology import Code, Ontology, Words
from capgraph.results import Value

QUERY = "query"
"""The kind of claim whose formula is the name of a query."""

_EXACT, _QUOTIENT = Context(prec=28), Context(prec=4)


@dataclass(frozen=True, slots=True)
class Stated:
    """A number as a text prints it, and all that it may stand for."""

    value: Decimal
    unit: str
    precision: Code
    interval: Interval

    @classmethod
    def of(cls, row: Row, ontology: Ontology) -> Stated | None:
        """The stated number of a claim or an input, None where it prints none."""
        if not row["value"]:
            return None
        precision = ontology.code("claim-precision", row["precision"] or "exact")
        step = Decimal(row["step"] or 0)
        start, end = (Decimal(precision[name]) if precision[name] else None for name in ("bandFrom", "bandTo"))
        half = step / 2 if precision["halfStep"] == "true" else Decimal(0)
        value = Decimal(row["value"])
        interval = band(value, start, end, precision["openBand"] == "true", half)
        return cls(value, row["unit"], precision, interval)

    @property
    def shown(self) -> Value:
        """The number with its band, for an answer."""
        return Value(self.value, self.unit, *ends(self.interval))


@dataclass(frozen=True, slots=True)
class Input:
    """One number or thing that a claim rests on. ``about`` and ``aspect`` say where independent readings are found,
    ``own`` what the text itself prints for it. ``dated``: a cell, of the input or of the claim, gives the date."""

    name: str
    about: str
    aspect: str
    period: str
    basis: str
    as_of: DateSpan
    dated: bool
    unit: str
    own: Stated | None

    @property
    def of_number(self) -> bool:
        """Whether the input is a number, and not a thing that is said to exist or to have happened."""
        return bool(self.aspect or self.own)


@dataclass(frozen=True)
class Claimed:
    """One claim with its inputs. ``as_of`` is the date that it speaks of: its own, else that of the text."""

    row: Row
    kind: Code
    as_of: DateSpan
    dated: bool
    stated: Stated | None
    formula: Formula | None
    inputs: tuple[Input, ...]

    @property
    def id(self) -> str:
        return self.row["id"]

    @property
    def text(self) -> str:
        """The source that makes the claim."""
        return f"source/{self.row['text']}"

    @property
    def statement(self) -> Words:
        return Words(self.row["statement"], self.row["statement_zh"])

    @property
    def checkable(self) -> bool:
        return self.kind["checkable"] == "true"

    @property
    def query(self) -> str:
        """The name of the query that answers the claim; empty where a formula or the evidence of a thing does."""
        return self.row["formula"] if self.kind.code == QUERY else ""

    @property
    def unit(self) -> str:
        return self.stated.unit if self.stated else ""

    @cached_property
    def things(self) -> tuple[Input, ...]:
        """The inputs that are things: what is said to exist or to have happened."""
        return tuple(each for each in self.inputs if not each.of_number)

    @cached_property
    def variables(self) -> tuple[Input, ...]:
        """The inputs that the formula names, in its order."""
        by_name = {each.name: each for each in self.inputs}
        return tuple(by_name[name] for name in self.formula.names) if self.formula else ()

    @cached_property
    def own(self) -> Mapping[str, Interval]:
        """What the text itself prints for the names of the formula."""
        return {each.name: each.own.interval for each in self.variables if each.own}


def claims_of(facts: Facts, ontology: Ontology, text: str, default: DateSpan) -> tuple[Claimed, ...]:
    """The claims of one text (its source id), by paragraph, then id.

    ``default`` is the date of claims of a text that has none itself. Raises DataProblem for a formula that is none, or
    that names no input.
    """
    source = facts.get(f"source/{text}")
    published = span_of(source["published"]) if source is not None else None
    rows = [row for row in facts.table("claims") if row["text"] == text]
    rows.sort(key=lambda row: (Decimal(row["paragraph"]), row["id"]))
    return tuple(claimed(facts, ontology, row, published or default) for row in rows)


def claimed(facts: Facts, ontology: Ontology, row: Row, default: DateSpan) -> Claimed:
    """One row of the table of claims with its inputs."""
    as_of = span_of(row["as_of"])
    given = [each for each in facts.naming("inputs", "claim", row.ref) if each["claim"] == row["id"]]
    inputs = tuple(_input(each, ontology, as_of, default) for each in given)
    return Claimed(
        row=row,
        kind=ontology.code("claim-kind", row["kind"]),
        as_of=as_of or default,
        dated=as_of is not None,
        stated=Stated.of(row, ontology),
        formula=_formula(row, inputs),
        inputs=inputs,
    )


def _input(row: Row, ontology: Ontology, claimed: DateSpan | None, default: DateSpan) -> Input:
    as_of = span_of(row["as_of"]) or claimed
    return Input(
        name=row["name"],
        about=row["about"],
        aspect=row["aspect"],
        period=row["period"],
        basis=row["basis"],
        as_of=as_of or default,
        dated=as_of is not None,
        unit=row["unit"],
        own=Stated.of(row, ontology),
    )


def _formula(row: Row, inputs: tuple[Input, ...]) -> Formula | None:
    """The formula of a claim; one that writes none is its only number."""
    numbers = [each.name for each in inputs if each.of_number]
    text = row["formula"] or (numbers[0] if len(numbers) == 1 else "")
    if not text or row["kind"] == QUERY:
        return None
    formula = Formula.parse(text)
    strange = sorted(set(formula.names) - {each.name for each in inputs})
    if strange:
        raise DataProblem(f"{row.ref}: the formula {text!r} names {', '.join(strange)}, which is no input of the claim")
    return formula


def ends(interval: Interval) -> tuple[Decimal | None, Decimal | None]:
    """The ends of an interval as decimals, None where it has none."""
    low, high = (None if isinstance(end, float) else decimal(end) for end in (interval.low, interval.high))
    return low, high


def decimal(number: Fraction) -> Decimal:
    """A number as a decimal: exact where one ends, else (a quotient) to four significant digits.

    >>> decimal(Fraction(290, 3)), decimal(Fraction(5830000000)), decimal(Fraction(165, 2))
    (Decimal('96.67'), Decimal('5830000000'), Decimal('82.5'))
    """
    if number.denominator == 1:
        return Decimal(number.numerator)
    rest = number.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    digits = _EXACT if rest == 1 else _QUOTIENT
    return digits.divide(Decimal(number.numerator), Decimal(number.denominator)).normalize()
