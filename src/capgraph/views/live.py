"""The graph of the page from the network: every link that was ever public, with its dates, readings and sources.

The page moves both clocks itself, so a link carries its readings already ranked by the policy of ``readings.py`` (those
that a better one holds back left out) and the page takes the first that qualifies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from capgraph.facts import Row
from capgraph.names import node_ref
from capgraph.network import CapitalNetwork, Link
from capgraph.readings import Policy, Reading, held_back, rank

Graph = dict[str, Any]

OVERVIEW = 60
"""How many parties the first view shows: the largest by value or, where none is known, by the money of their links."""

_SIZES = ("market_cap", "valuation", "nav")
"""The aspects that give a party its size, in order of preference."""


def graph_of(
    network: CapitalNetwork, title: str, title_zh: str, version: str, links: Iterable[Link] | None = None
) -> Graph:
    """The JSON graph of a network: all its links through time, or only the given ones, and the parties at their ends.

    ``title`` and ``title_zh`` head the page; ``version`` is that of the data.
    """
    chosen = tuple(network.history() if links is None else links)
    moved = _money_moved(network, chosen)
    ids = sorted({end for link in chosen for end in (link.source, link.target)})
    nodes = [_node(network, id, moved.get(id, Decimal(0))) for id in ids]
    _mark_overview(nodes)
    edges = [_edge(network, link, place) for link, place in _numbered(chosen)]
    clocks = network.scope.clocks
    meta = {
        "title": title,
        "title_zh": title_zh,
        "as_of": str(clocks.as_of),
        "known_on": str(clocks.known_on),
        "rung": network.scope.rung,
        "data_version": version,
        "sources": len({source for link in chosen for source in link.sources}),
    }
    return {"version": 1, "meta": meta, "nodes": nodes, "edges": edges, "events": list(_events(network, set(ids)))}


def _numbered(links: Iterable[Link]) -> Iterator[tuple[Link, int]]:
    """Each link with its number among the links of one thing, so that every edge has an id of its own."""
    seen: dict[str, int] = {}
    for link in links:
        seen[link.id] = seen.get(link.id, 0) + 1
        yield link, seen[link.id]


# Nodes ----------------------------------------------------------------------------------------------------------------


def _node(network: CapitalNetwork, id: str, moved: Decimal) -> Graph:
    node = network.node(id)
    row = network.facts.get(node_ref(id))
    aliases = [cell for cell in (row["ticker"], *row.list("aliases")) if cell] if row and "aliases" in row.cells else []
    entry: Graph = {
        "id": id,
        "label": node.name.en,
        "label_zh": node.name.zh or None,
        "aliases": aliases,
        "kind": node.code if node.kind == "party" else "product",
        "sector": (row.cells.get("sector") or None) if row else None,
        "money": number(moved),
    }
    return {**entry, **_size(network, id)}


def _size(network: CapitalNetwork, id: str) -> Graph:
    """The value of a party in dollars, with the aspect and day that it rests on."""
    for aspect in _SIZES:
        figure = network.derived.figure(node_ref(id), aspect)
        usd = network.derived.usd(figure) if figure else None
        if figure and usd is not None:
            return {"value": number(usd), "value_aspect": aspect, "value_as_of": figure.as_of.text}
    return {"value": None, "value_aspect": None, "value_as_of": None}


def _money_moved(network: CapitalNetwork, links: Iterable[Link]) -> dict[str, Decimal]:
    """Dollars of all links of a party, each thing once."""
    sums: dict[str, Decimal] = {}
    seen: set[tuple[str, str]] = set()
    for link in links:
        usd = _usd(network, link)
        for end in (link.source, link.target):
            if usd is not None and (link.id, end) not in seen:
                seen.add((link.id, end))
                sums[end] = sums.get(end, Decimal(0)) + abs(usd)
    return sums


def _mark_overview(nodes: list[Graph]) -> None:
    ranked = sorted(nodes, key=lambda node: (-(node["money"] or 0), -(node["value"] or 0), node["id"]))
    first = {node["id"] for node in ranked[:OVERVIEW]}
    for node in nodes:
        node["overview"] = node["id"] in first


# Edges ----------------------------------------------------------------------------------------------------------------


def _edge(network: CapitalNetwork, link: Link, place: int) -> Graph:
    amount, percent = link.amount, link.percent
    known = network.derived.known(link.id)
    return {
        "id": link.id if place == 1 else f"{link.id}#{place}",
        "source": link.source,
        "target": link.target,
        "layer": link.layer,
        "kind": link.kind.kind,
        "code": link.row[link.kind.refined_by] if link.kind.refined_by else None,
        "scheme": _scheme(network, link),
        "verb": link.kind.verb.en,
        "verb_zh": link.kind.verb.zh,
        "verb_back": link.kind.verb_back.en,
        "verb_back_zh": link.kind.verb_back.zh,
        "money": link.kind.money,
        "dash": link.kind.dash,
        "amount": number(amount.value) if amount else None,
        "amount_low": number(amount.low) if amount and amount.ranged else None,
        "amount_high": number(amount.high) if amount and amount.ranged else None,
        "amount_usd": number(_usd(network, link)),
        "currency": amount.unit if amount else None,
        "percent": number(percent.value) if percent else None,
        "percent_low": number(percent.low) if percent and percent.ranged else None,
        "percent_high": number(percent.high) if percent and percent.ranged else None,
        "shared": link.shared,
        "date": link.start.text if link.start else None,
        "date_inferred": bool(link.flags & {"start_inferred", "start_unknown"}),
        "end": link.end.text if link.end else None,
        "end_known": _day(_end_known(network, link.row)),
        "status": link.status or None,
        "rung": link.rung or None,
        "statuses": _statuses(network, link),
        "confidence": _confidence(network, link),
        "known": _day(known),
        "note": link.row["note"] or None,
        "readings": _readings(network, link),
        "sources": [source(network, ref) for ref in link.sources],
        **_own_colour(network, link),
    }


def _scheme(network: CapitalNetwork, link: Link) -> str | None:
    if not link.kind.refined_by:
        return None
    return network.facts.schema.tables[link.row.table].column(link.kind.refined_by).scheme


def _usd(network: CapitalNetwork, link: Link) -> Decimal | None:
    return network.derived.usd(link.amount) if link.amount else None


def _end_known(network: CapitalNetwork, row: Row) -> date | None:
    end = network.derived.end(row)
    return end.known if end else None


def _statuses(network: CapitalNetwork, link: Link) -> list[Graph]:
    """The rungs that the thing climbed, each with its day and the day on which it became public."""
    entries = []
    for row in network.facts.about("statuses", link.id):
        source = f"source/{row['source']}" if row["source"] else ""
        known = network.derived.sources.public(source) if source else network.derived.known(link.id)
        rung = network.ontology.code("status", row["status"])["rung"]
        entries.append({"status": row["status"], "rung": rung, "date": row["date"] or None, "known": _day(known)})
    return entries


def _confidence(network: CapitalNetwork, link: Link) -> str | None:
    """The best confidence with which a source says that the thing exists."""
    order = {code.code: int(code["order"] or 9) for code in network.ontology.codes("confidence").values()}
    given = [row["confidence"] for row in network.facts.about("evidence", link.id) if row["confidence"]]
    return min(given, key=lambda code: order.get(code, 9), default=None)


def _readings(network: CapitalNetwork, link: Link) -> list[Graph]:
    """The readings of the link's percent and amount, those that may answer first, in the order of the policy."""
    answering: list[Graph] = []
    beside: list[Graph] = []
    for aspect in (*link.kind.percent_aspects, *link.kind.amount_aspects):
        policy = Policy.of(network.ontology, aspect)
        about = [
            reading for reading in network.derived.readings(link.id) if reading.aspect == aspect and reading.numeric
        ]
        ranked = rank([reading for reading in about if policy.place(reading.basis) is not None], policy)
        held = [reading for reading in ranked if held_back(reading, ranked, policy)]
        answering += [_reading(network, reading, True) for reading in ranked if reading not in held]
        beside += [_reading(network, reading, False) for reading in rank(about, policy) if reading not in ranked]
        beside += [_reading(network, reading, False) for reading in held]
    return [*answering, *beside]


def _reading(network: CapitalNetwork, reading: Reading, answers: bool) -> Graph:
    return {
        "id": reading.id,
        "aspect": reading.aspect,
        "figure": number(reading.value),
        "low": number(reading.low),
        "high": number(reading.high),
        "usd": number(reading.usd),
        "unit": reading.unit,
        "basis": reading.basis or None,
        "as_of": reading.as_of.text,
        "known": _day(reading.known),
        "confidence": reading.confidence,
        "answers": answers,
        "note": reading.note or None,
        "source": source(network, reading.source),
    }


def _own_colour(network: CapitalNetwork, link: Link) -> Graph:
    """The colours of a class of links that does not take those of its layer, and its name for the legend."""
    layer = network.ontology.layers[link.layer]
    if (link.kind.color, link.kind.color_dark) == (layer["color"], layer["colorDark"]):
        return {}
    label = network.ontology.label(link.kind.iri, "en"), network.ontology.label(link.kind.iri, "zh")
    return {
        "color": link.kind.color,
        "color_dark": link.kind.color_dark,
        "class": label[0],
        "class_zh": label[1],
    }


def source(network: CapitalNetwork, ref: str) -> Mapping[str, Any]:
    """A source as the page names it."""
    row = network.facts.get(ref)
    cells = row.cells if row else {}
    keys = {"id": "id", "url": "url", "title": "title", "publisher": "publisher", "date": "published"}
    return {key: cells.get(column) or None for key, column in keys.items()}


def _events(network: CapitalNetwork, ids: set[str]) -> Iterator[Graph]:
    """Marks for the slider: dated events and deals about the shown parties."""
    for row in network.facts.table("events"):
        if row["party"] in ids:
            kind = network.ontology.code("event-kind", row["kind"])
            party = network.names.name(f"party/{row['party']}")
            yield {
                "date": row["date"],
                "label": f"{party.en}: {kind.label.en}",
                "label_zh": f"{party['zh']}：{kind.label.zh}",
            }


def number(value: Decimal | None) -> int | float | None:
    """An exact number as JSON has it."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
