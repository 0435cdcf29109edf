"""What the tables say, told as a sentence in either language, is found and agrees with itself: a law over the data."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator
from decimal import Decimal

import pytest

from capgraph.facts import Row
from capgraph.graph import CapitalGraph
from capgraph.names import node_ref

Told = tuple[str, str, str, str]
"""A sentence, the nodes at both ends, the link kind."""

FORMS = {
    "en": {
        "tranche": "{a} invested {amount} in {b} {day}.",
        "stake": "{a} held {percent}% of {b} {day}.",
        "contract": "{a} supplies computing power to {b}.",
        "facility": "{b} borrowed {amount} from {a} {day}.",
        "role": "{a} joined {b}.",
        "competes_with": "{a} competes with {b}.",
        "subsidiary_of": "{a} is a subsidiary of {b}.",
    },
    "zh": {
        "tranche": "{day}，{a}向{b}投资{amount}。",
        "stake": "{day}，{a}持有{b}{percent}%的股份。",
        "contract": "{a}为{b}供应算力。",
        "facility": "{day}，{b}从{a}借款{amount}。",
        "role": "{a}加入{b}。",
        "competes_with": "{a}与{b}竞争。",
        "subsidiary_of": "{a}是{b}的子公司。",
    },
}


def spoken_day(date: str, lang: str) -> str:
    year, *rest = date.split("-")
    if lang == "zh":
        return f"{year}年" + (f"{int(rest[0])}月" if rest else "") + (f"{int(rest[1])}日" if len(rest) > 1 else "")
    if not rest:
        return f"in {year}"
    month = month_name[int(rest[0])]
    return f"on {int(rest[1])} {month} {year}" if len(rest) > 1 else f"in {month} {year}"


def spoken_amount(value: Decimal, lang: str) -> str:
    scale, form = (Decimal(10) ** 6, "${} million") if lang == "en" else (Decimal(10) ** 8, "{}亿美元")
    return form.format(f"{(value / scale).normalize():f}")


def ends(graph: CapitalGraph, row: Row) -> tuple[str, str] | None:
    """The two nodes of a link between one party and one other, None where there are more or fewer."""
    kind = graph.ontology.kinds[graph.facts.schema.tables[row.table].kind]
    cells = [row.list(walk[0]) for walk in (kind.from_end, kind.to_end)]
    if any(len(cell) != 1 for cell in cells):
        return None
    one, other = (cell[0].removeprefix("party/") for cell in cells)
    return (one, other) if one != other and "/" not in one + other else None


def sentences(graph: CapitalGraph, kind: str, lang: str, table: str, aspect: str, unit: str) -> Iterator[Told]:
    for row in graph.facts.table(table):
        if table == "relations" and row["relation"] != kind:
            continue
        pair = ends(graph, row)
        readings = [each for each in graph.derived.readings(row.ref) if each.aspect == aspect and each.unit == unit]
        told = next(
            (each for each in readings if each.value and not each.basis and graph.clocks.public(each.known)), None
        )
        if aspect == "percent":
            figure = graph.derived.figure(row.ref, "percent")
            told = figure.reading if figure and figure.value else None
        if pair is None or (aspect and told is None):
            continue
        names = (graph.network.names.name(node_ref(node)) for node in pair)
        a, b = (name[lang] for name in names)
        values = {"a": a, "b": b, "day": "", "amount": "", "percent": ""}
        if told is not None and told.value is not None:
            number = f"{told.value.normalize():f}"
            day = spoken_day(told.as_of.text, lang)
            values |= {"day": day, "amount": spoken_amount(told.value, lang), "percent": number}
        yield FORMS[lang][kind].format(**values), *pair, graph.facts.schema.tables[table].kind


KINDS = {
    "tranche": ("tranches", "amount", "USD"),
    "stake": ("stakes", "percent", "percent"),
    "facility": ("facilities", "limit", "USD"),
    "contract": ("contracts", "", ""),
    "role": ("roles", "", ""),
    "competes_with": ("relations", "", ""),
    "subsidiary_of": ("relations", "", ""),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_tables_say_agrees_with_itself(bundled: CapitalGraph, kind: str, lang: str) -> None:
    told = list(sentences(bundled, kind, lang, *KINDS[kind]))
    assert len(told) >= 10
    answer = bundled.read("\n".join(sentence for sentence, *_ in told), most=10**5)
    found = {
        (each.start, each.subject.id, each.object.id): each
        for each in answer.candidates
        if each.subject and each.object
    }
    wrong, place = [], 0
    for sentence, subject, other, name in told:
        candidate = found.get((place, subject, other))
        if candidate is None or (candidate.kind, candidate.verdict) != (name, "agrees"):
            seen = [(key[1:], each.kind, each.verdict) for key, each in found.items() if key[0] == place]
            wrong.append((sentence, seen))
        place += len(sentence) + 1
    assert wrong == []
