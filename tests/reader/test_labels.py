"""The reader against what a person marked: no field falls below what was measured, on either half.

The floors lie a little below the measured scores (``python -m benchmarks`` prints those), so that a change that costs
something is seen. The held-back half keeps its floor without anyone looking at its errors.
"""

from __future__ import annotations

import pytest

from capgraph.graph import CapitalGraph
from capgraph.reader.reading import Reader
from tests.reader.scoring import FIELDS, SETS, labels, scores

FLOORS: dict[tuple[str, str], dict[str, float]] = {
    ("plain", "tuning"): dict.fromkeys(FIELDS, 0.97),
    ("plain", "held-back"): dict.fromkeys(FIELDS, 0.97),
    ("news", "tuning"): dict.fromkeys(FIELDS, 0.88),
    ("news", "held-back"): {
        **dict.fromkeys(("party", "amount", "precision"), 0.95),
        "date": 0.80, "statement": 0.68, "subject": 0.75, "object": 0.62, "kind": 0.75, "stance": 0.64,
        "statement amount": 0.64, "statement date": 0.80,
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "split"), FLOORS)
def test_no_field_falls_below_its_floor(bundled: CapitalGraph, name: str, split: str) -> None:
    found = {field: score.f1 for field, score in scores(bundled.facts, bundled.ontology, name, split).items()}
    low = {field: f1 for field, f1 in found.items() if f1 < FLOORS[name, split][field]}
    assert low == {}


@pytest.mark.parametrize("name", SETS)
def test_the_labels_are_consistent_and_half_of_them_are_held_back(bundled: CapitalGraph, name: str) -> None:
    """Every mark is the slice of its sentence, every party is in the graph, both languages have half each."""
    known = bundled.network.names
    for label in labels(name):
        for part in (*label["parties"], *label["quantities"], *label["dates"]):
            assert label["text"][part["start"] : part["end"]] == part["text"], label["id"]
        for part in label["parties"]:
            assert known.resolve(part["id"])
    assert len(labels(name, "tuning")) == len(labels(name, "held-back"))
    for lang in ("en", "zh"):
        assert sum(label["lang"] == lang for label in labels(name)) * 2 >= 0.9 * len(labels(name))


def test_every_part_is_the_slice_of_the_text_at_its_place(bundled: CapitalGraph) -> None:
    """All labelled sentences as one text: each part of each candidate is what stands at its offsets."""
    text = "\n\n".join(label["text"] for name in SETS for label in labels(name))
    answer = bundled.read(text)
    assert answer.total > 100
    for candidate in answer.candidates:
        assert " ".join(text[candidate.start : candidate.end].split()) == candidate.sentence
        for part in candidate.parts:
            assert text[part.start : part.end] == part.text
            assert candidate.start <= part.start < part.end <= candidate.end


def test_a_text_says_the_same_in_pieces_and_whole(bundled: CapitalGraph) -> None:
    """What a sentence says does not depend on the sentences around it."""
    reader = Reader(bundled.facts, bundled.ontology)
    single = [len(reader.sentence(label["text"])[1]) for label in labels("plain")]
    assert bundled.read("\n".join(label["text"] for label in labels("plain"))).total == sum(single)
