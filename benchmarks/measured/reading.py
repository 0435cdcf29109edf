"""How well and how fast texts are read: scores on the labelled sentences, and texts of many megabytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tests.reader.scoring import FIELDS, labels, scores

from capgraph.graph import load

Told = Iterator[tuple[str, Any]]

_IDLE = "The weather was fine and people walked along the river until the evening came. 天气很好，人们沿着河边散步。\n"


def scored(name: str, split: str) -> Told:
    """Precision, recall and F1 of every field over one half of a labelled set."""
    graph = load()
    found = scores(graph.facts, graph.ontology, name, split)
    yield "sentences", len(labels(name, split))
    for field in FIELDS:
        yield field, [found[field].precision, found[field].recall, found[field].f1, found[field].expected]


def text_of(kind: str, size: int) -> bytes:
    """A text of so many bytes in UTF-8: every sentence a statement (``dense``), none but the last (``idle``), or all
    statements on one line without a full stop (``line``)."""
    told = "\n".join(str(label["text"]) for label in labels("plain"))
    unit = {"dense": f"{told}\n", "idle": _IDLE * 50, "line": told.replace("\n", "，").replace("。", "，")}[kind]
    data = (unit * (size // len(unit.encode()) + 1)).encode()[:size]
    return data.decode("utf-8", "ignore").encode() + "\n英伟达投资OpenAI。\n".encode()


def speed(kind: str, size: int, most: int) -> Told:
    """Seconds for one text, decoding included, the graph open before."""
    graph = load()
    assert graph.network
    yield "loaded", True
    text = text_of(kind, size)
    before = time.perf_counter()
    answer = graph.read(text, most=most)
    yield "seconds", time.perf_counter() - before
    yield "characters", answer.characters
    yield "sentences", answer.sentences
    yield "candidates", answer.total
