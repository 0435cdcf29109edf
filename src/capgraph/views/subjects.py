"""What a page is about: its links, title, marks and the lines that lead through it.

Marks are words beside links and parties (``appeared``, ``hit``, ``source``); the page has them as halos, in its legend,
in the evidence panel and in the table. Lines lead from a sentence to what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from capgraph.clocks import DateSpan
from capgraph.errors import NotFound, UsageProblem
from capgraph.network import Link
from capgraph.results import Value
from capgraph.views import live, selection
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.analysis.funding import FlowRow
    from capgraph.analysis.loops import LoopLeg
    from capgraph.analysis.stress import Hop
    from capgraph.graph import CapitalGraph

Graph = dict[str, Any]
Texts = tuple[str, str]
"""The same sentence in English and Chinese."""

_BEGINNING = date(1, 1, 1)
MOST_LOOPS = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside a link or party: ``kind`` is a key of the legend, the texts say what it means there."""

    kind: str
    texts: Texts

    def plain(self) -> Graph:
        return {"kind": self.kind, "text": self.texts[0], "text_zh": self.texts[1]}


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the page's lead and what it is about."""

    texts: Texts
    links: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()

    def plain(self) -> Graph:
        return {
            "text": self.texts[0],
            "text_zh": self.texts[1],
            "links": list(self.links),
            "parties": list(self.parties),
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page shows. ``marks`` go by the ids of things and parties; ``nodes`` and ``edges`` are drawn beside the
    links of the network (a market that nobody names)."""

    links: tuple[Link, ...]
    command: str
    title: Texts | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)
    lead: tuple[Line, ...] = ()
    loops: tuple[Graph, ...] = ()
    nodes: tuple[Graph, ...] = ()
    edges: tuple[Graph, ...] = ()


class Telling:
    """Sentences in both languages from the words of the page."""

    def __init__(self, graph: CapitalGraph) -> None:
        self.voices = (Voice(graph.ontology, "en"), Voice(graph.ontology, "zh"))

    def say(self, key: str, **values: Any) -> Texts:
        english, chinese = (voice.say(f"page.{key}", **values) for voice in self.voices)
        return english, chinese

    def text(self, value: Any) -> Texts:
        english, chinese = (voice.text(value) for voice in self.voices)
        return english, chinese


def everything(graph: CapitalGraph) -> Subject:
    """Every link through time, and the money circles among them."""
    links = graph.network.history()
    return Subject(links, "capgraph view", loops=tuple(_circles(graph, {link.id for link in links})))


def around(graph: CapitalGraph, name: str, hops: int) -> Subject:
    """The links within so many hops of a party."""
    node = graph.party(name)
    title = Telling(graph).say("around", party=graph.network.node(node).name)
    links = selection.around(graph.network.history(), node, hops)
    return Subject(links, f"capgraph view --around {node} --hops {hops}", title)


def path(graph: CapitalGraph, ends: tuple[str, str]) -> Subject:
    """The best paths between two parties."""
    one, other = graph.pair(*ends)
    found = graph.path(one, other, k=8)
    names = {"one": graph.network.node(one).name, "other": graph.network.node(other).name}
    links = selection.named(graph.network, [hop.link for hop in found.hops])
    return Subject(links, f"capgraph view --path {one} {other}", Telling(graph).say("between", **names))


def changes(graph: CapitalGraph, days: tuple[str, str]) -> Subject:
    """What appeared and what went between two days. Raises UsageProblem where the first lies after the second."""
    first, second = (DateSpan.parse(day).last for day in days)
    if first > second:
        raise UsageProblem(f"{days[0]} lies after {days[1]}; give the earlier day first")
    telling = Telling(graph)
    links = graph.network.history()
    kinds = selection.changed(links, first, second)
    if not kinds:
        raise NotFound(f"nothing appeared or went between {days[0]} and {days[1]}")
    words = {kind: telling.say(f"mark_{kind}_between", first=days[0], second=days[1]) for kind in ("appeared", "went")}
    marks = {id: Mark(kind, words[kind]) for id, kind in kinds.items()}
    counts = {f"{kind}": sum(found == kind for found in kinds.values()) for kind in ("appeared", "went")}
    return Subject(
        tuple(link for link in links if link.id in kinds),
        f"capgraph view --changes {days[0]} {days[1]}",
        telling.say("changed", first=days[0], second=days[1]),
        marks,
        (Line(telling.say("changed_counts", **counts)),),
    )


# Circles --------------------------------------------------------------------------------------------------------------


def loops(graph: CapitalGraph, number: int | None, through: str | None) -> Subject:
    """One money circle by its number in ``capgraph loops``, or the ten largest through a party, with every leg."""
    node = graph.party(through) if through else ""
    found = graph.loops(through=node, top=max(number or 0, 10))
    wanted = [loop.loop for loop in found.loops if number in (None, loop.loop)]
    if not wanted:
        raise NotFound(f"there is no money circle {number or ''} {f'through {node}' if node else ''}".rstrip())
    legs = [leg for leg in found.legs if leg.loop in wanted]
    links = _flowing(graph, {id for leg in legs for id in leg.ids})
    telling = Telling(graph)
    name = graph.network.node(node).name if node else None
    title = telling.say("circles_through", party=name) if name else telling.say("circle", number=number)
    command = ["capgraph view", f"--loop {number}" if number else "", f"--through {node}" if node else ""]
    return Subject(
        links,
        " ".join(part for part in command if part),
        title,
        {id: Mark("leg", telling.say("leg_of", leg=leg.leg, loop=leg.loop)) for leg in legs for id in leg.ids},
        tuple(_leg_line(telling, leg) for leg in legs),
        tuple(_circles(graph, {link.id for link in links}, node)),
    )


def _leg_line(telling: Telling, leg: LoopLeg) -> Line:
    values = {"loop": leg.loop, "payer": leg.payer, "payee": leg.payee, "mechanism": leg.mechanism}
    texts = telling.say("leg_line", amount=leg.amount, **values)
    return Line(texts, leg.ids, (leg.payer.id, leg.payee.id))


def _circles(graph: CapitalGraph, drawn: set[str], through: str = "") -> Iterable[Graph]:
    """Money circles as the page lists them: those whose every leg is a link that is drawn."""
    found = graph.loops(through=through, top=MOST_LOOPS)
    legs: dict[int, list[LoopLeg]] = {}
    for leg in found.legs:
        legs.setdefault(leg.loop, []).append(leg)
    for loop in found.loops:
        edges = [next((id for id in leg.ids if id in drawn), None) for leg in legs[loop.loop]]
        if all(edges):
            amount = loop.bottleneck.value if loop.bottleneck.value is not None else loop.bottleneck.low
            rung = loop.weakest.code if loop.weakest else None
            nodes = [party.id for party in loop.parties]
            yield {"nodes": nodes, "edges": edges, "amount": live.number(amount), "rung": rung}


def _flowing(graph: CapitalGraph, ids: set[str]) -> tuple[Link, ...]:
    """The links of these things, closed payments among them."""
    network = graph.network
    flows = network.flows(_BEGINNING, network.scope.clocks.as_of).links
    standing = {link.id for link in network.history()}
    chosen = [link for link in network.history() if link.id in ids]
    return (*chosen, *(link for link in flows if link.id in ids and link.id not in standing))


# Shocks ---------------------------------------------------------------------------------------------------------------


def shock(graph: CapitalGraph, falls: Sequence[tuple[str, Any]], defaults: Sequence[str]) -> Subject:
    """The links through which a shock spreads and the parties that it reaches, with what each loses."""
    found = graph.shock(falls, defaults)
    telling = Telling(graph)
    hops: Sequence[Hop] = getattr(found, "hops", ())
    links = selection.named(graph.network, [hop.link for hop in hops])
    if not links:
        raise NotFound("the shock reaches nobody through a link that can be drawn")
    struck = {graph.party(name) for name in (*(party for party, _ in falls), *defaults)}
    marks = {node: Mark("struck", telling.say("mark_struck_here")) for node in sorted(struck)}
    for bearer in getattr(found, "bearers", ()):
        if bearer.party.id not in struck:
            marks[bearer.party.id] = Mark("hit", telling.say("hit_party", **_losses(bearer)))
    for hop in hops:
        marks.setdefault(hop.link, Mark("hit", telling.say("hit_link", round=hop.round, formula=hop.formula)))
    asked = [f"--shock {party} --fall {percent * 100:f}%" for party, percent in falls]
    command = " ".join(["capgraph view", *asked, *(f"--shock {party} --default" for party in defaults)])
    lines = [Line(_hop_text(telling, hop), (hop.link,), (hop.cause.id, hop.party.id)) for hop in hops if hop.link]
    shocks = getattr(found, "shocks", ())
    return Subject(links, command, telling.say("shocked", shocks=tuple(shocks)), marks, tuple(lines))


def _losses(row: Any) -> dict[str, Any]:
    unknown = Value(None, "USD")
    return {"forced": row.forced or unknown, "at_risk": row.at_risk or unknown}


def _hop_text(telling: Telling, hop: Hop) -> Texts:
    values = {"round": hop.round, "cause": hop.cause, "party": hop.party, "channel": hop.channel}
    if hop.forced:
        return telling.say("hop_forced", amount=hop.forced, **values)
    if hop.at_risk:
        return telling.say("hop_at_risk", amount=hop.at_risk, **values)
    return telling.say("hop_unknown", **values)


# Funding --------------------------------------------------------------------------------------------------------------


def funding(graph: CapitalGraph, name: str, start: str | None, end: str | None) -> Subject:
    """Where a party's money came from and went to in a window: each flow a link, to unnamed parties too."""
    node = graph.party(name)
    found = graph.funding(node, start, end)
    telling = Telling(graph)
    sides = {"source": found.inflows, "use": found.outflows}
    if not any(sides.values()):
        raise NotFound(f"no money of {node} is known to have come or gone in the asked window")
    rows = [(side, row) for side, part in sides.items() for row in part]
    ids = {row.flow for _, row in rows if row.flow}
    links = tuple(link for link in _flowing(graph, ids) if node in (link.source, link.target))
    drawn = {link.id for link in links}
    lone = [(side, row) for side, row in rows if row.flow and row.flow not in drawn]
    window = f"{f' --from {start}' if start else ''}{f' --to {end}' if end else ''}"
    subject = Subject(
        links,
        f"capgraph view --funding {node}{window}",
        telling.say("funded", party=found.party, start=found.start, end=found.end),
        {row.flow: Mark(side, telling.say(f"mark_{side}_of", party=found.party)) for side, row in rows if row.flow},
        (
            Line(telling.say("funding_totals", sources=found.sources_total, uses=found.uses_total, gap=found.gap)),
            *(_flow_line(telling, side, row) for side, row in rows),
        ),
    )
    return replace(subject, **_unnamed(graph, telling, node, lone))


def _flow_line(telling: Telling, side: str, row: FlowRow) -> Line:
    values = {"kind": row.kind, "amount": row.amount, "when": row.when, "of": row.of or "–"}
    return Line(telling.say(f"flow_{side}", **values), (row.flow,) if row.flow else ())


def _unnamed(graph: CapitalGraph, telling: Telling, node: str, rows: Sequence[tuple[str, FlowRow]]) -> dict[str, Any]:
    """Flows whose other side no source names: to or from one node for each kind of flow."""
    nodes: dict[str, Graph] = {}
    edges = []
    for side, row in rows:
        other = f"unnamed/{side}/{row.kind.code}"
        english, chinese = telling.say(f"unnamed_{side}", kind=row.kind)
        nodes[other] = {"id": other, "label": english, "label_zh": chinese, "aliases": [], "kind": "aggregate",
                        "sector": None, "value": None, "money": None, "overview": True}  # fmt: skip
        ends = (other, node) if side == "source" else (node, other)
        edges.append(_flow_edge(graph, row, *ends))
    return {"nodes": tuple(nodes.values()), "edges": tuple(edges)}


def _flow_edge(graph: CapitalGraph, row: FlowRow, source: str, target: str) -> Graph:
    kind = graph.ontology.kinds[row.flow.split("/")[0]]
    amount = row.amount
    return {
        "id": row.flow, "source": source, "target": target, "layer": kind.layer, "kind": kind.kind, "money": "forward",
        "verb": kind.verb.en, "verb_zh": kind.verb.zh, "verb_back": kind.verb_back.en,
        "verb_back_zh": kind.verb_back.zh, "amount": live.number(amount.value), "amount_low": live.number(amount.low),
        "amount_high": live.number(amount.high), "currency": amount.unit, "percent": None,
        "amount_usd": live.number(getattr(row.counted, "value", None)),
        "date": row.when.text if row.when else None, "end": None, "status": row.status.code,
        "rung": row.status["rung"] or None, "confidence": None, "note": None,
        "sources": [live.source(graph.network, f"source/{id.removeprefix('source/')}") for id in row.sources],
    }  # fmt: skip
