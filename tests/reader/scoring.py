"""How well the reader finds what a person marked: precision, recall and F1 of each field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from capgraph.facts import Facts
from capgraph.ontology import Ontology
from capgraph.reader.reading import Reader

SETS = {"plain": "labels.jsonl", "news": "labels-news.jsonl"}
"""The labelled sets: short sentences, and longer ones as newspapers write them."""
FOLDER = Path(__file__).parents[1] / "fixtures" / "reading"
FIELDS = (
    "party", "amount", "precision", "date", "statement", "subject", "object", "kind", "stance", "statement amount",
    "statement date",
)  # fmt: skip

Label = Mapping[str, Any]
Marks = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Score:
    """How many marks of one field were found, expected, and both."""

    found: int
    expected: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@cache
def labels(name: str, split: str = "") -> tuple[Label, ...]:
    """The labelled sentences of one half of a set, of both where none is named."""
    lines = (json.loads(line) for line in (FOLDER / SETS[name]).read_text(encoding="utf-8").splitlines())
    return tuple(label for label in lines if split in ("", label["split"]))


def expected_marks(label: Label) -> dict[str, Marks]:
    """What a person marked, field by field, in a form that compares."""
    statements = label["statements"]
    return {
        "party": Counter((str(part["start"]), part["id"]) for part in label["parties"]),
        "amount": Counter(
            (str(part["start"]), *_numbers(part["value"], part["high"]), part["unit"]) for part in label["quantities"]
        ),
        "precision": Counter(
            (str(part["start"]), part["precision"], _number(part["step"])) for part in label["quantities"]
        ),
        "date": Counter((str(part["start"]), part["date"]) for part in label["dates"]),
        **_statement_marks(
            (
                told["subject"],
                told["object"],
                told["kind"],
                told["aspect"],
                told["stance"],
                told["quantities"],
                told["date"],
            )
            for told in statements
        ),
    }


def found_marks(reader: Reader, label: Label) -> dict[str, Marks]:
    """What the reader finds in a labelled sentence, in the same form."""
    published = date.fromisoformat(label["published"]) if "published" in label else None
    parts, statements = reader.sentence(label["text"], published)
    return {
        "party": Counter((str(part.start), "|".join(part.nodes)) for part in parts.mentions),
        "amount": Counter(
            (str(part.start), *_numbers(part.value, part.high or ""), part.unit) for part in parts.quantities
        ),
        "precision": Counter((str(part.start), part.precision, _number(part.step)) for part in parts.quantities),
        "date": Counter((str(part.start), part.date) for part in parts.dates),
        **_statement_marks(
            (
                told.subject.node if told.subject else "",
                told.object.node if told.object else "",
                told.kind,
                told.code if told.kind in ("party", "product") else "",
                told.stance,
                [str(part.value) for part in told.quantities],
                told.date.date if told.date else "",
            )
            for told in statements
        ),
    }


def _statement_marks(statements: Iterable[tuple[str, str, str, str, str, list[str], str]]) -> dict[str, Marks]:
    marks: dict[str, Marks] = {field: Counter() for field in FIELDS[4:]}
    for subject, other, kind, aspect, stance, numbers, day in statements:
        pair = (subject, other)
        marks["statement"][(*pair, kind, aspect)] += 1
        marks["kind"][kind, aspect] += 1
        marks["subject"][(subject,)] += bool(subject)
        marks["object"][(other,)] += bool(other)
        marks["stance"][(*pair, stance)] += 1
        for number in numbers:
            marks["statement amount"][(*pair, _number(number))] += 1
        marks["statement date"][(*pair, day)] += bool(day)
    return marks


def _number(text: object) -> str:
    return f"{Decimal(str(text)).normalize():f}"


def _numbers(value: object, high: object) -> tuple[str, str]:
    return _number(value), _number(high) if high else ""


def scores(facts: Facts, ontology: Ontology, name: str, split: str, lang: str = "") -> dict[str, Score]:
    """The score of every field over one half of a labelled set."""
    reader = Reader(facts, ontology)
    totals = {field: [0, 0, 0] for field in FIELDS}
    for label in labels(name, split):
        if lang in ("", label["lang"]):
            wanted, got = expected_marks(label), found_marks(reader, label)
            for field in FIELDS:
                both = sum((wanted[field] & got[field]).values())
                for place, count in enumerate((sum(got[field].values()), sum(wanted[field].values()), both)):
                    totals[field][place] += count
    return {field: Score(*counts) for field, counts in totals.items()}
