"""One party on one screen: who it is, what it holds, owes, buys and sells, who runs it, and the figures about it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from capgraph.clocks import DateSpan
from capgraph.names import Name, node_ref
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code, Words
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, hidden, note, section, shown

TOP = 6
"""How many rows a section of the dossier shows; the rest is counted in a note."""

_FIGURES = 8


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure about the party itself."""

    aspect: Code
    value: Figure = shown(("basis", "as_of", "confidence"))
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Tie:
    """One link of the party, read from the party's side."""

    relation: Words
    party: Name
    percent: Figure | None
    amount: Figure | None
    status: Code | None
    start: DateSpan | None
    end: DateSpan | None
    link: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Dossier(Result):
    """A party in one screen. Each section holds the largest links; notes count the rest."""

    party: Name
    kind: Code
    sector: Code | None
    country: str
    ticker: str
    aliases: tuple[str, ...]
    figures: tuple[KeyFigure, ...] = section(KeyFigure)
    equity: tuple[Tie, ...] = section(Tie)
    debt: tuple[Tie, ...] = section(Tie)
    contract: tuple[Tie, ...] = section(Tie)
    people: tuple[Tie, ...] = section(Tie)
    dependency: tuple[Tie, ...] = section(Tie)


def show(network: CapitalNetwork, party: str, context: Context) -> Dossier:
    """The dossier of a party or product at the network's clocks. ``party`` is a node id; KeyError if there is none."""
    node = network.node(party)
    row = network.facts.get(node_ref(party))
    assert row is not None
    notes: list[Note] = []
    layers = {layer: _ties(network, party, layer, notes) for layer in network.ontology.layers}
    unstarted = sum(party in (link.source, link.target) for link in network.unstarted)
    promised = sum(party in (link.source, link.target) for link in network.promised)
    notes += [note("dossier.unstarted", count=unstarted)] if unstarted else []
    notes += [note("dossier.promised", count=promised)] if promised else []
    scheme = "party-kind" if node.kind == "party" else "product-category"
    return Dossier(
        party=node.name,
        kind=network.ontology.code(scheme, node.code),
        sector=network.ontology.find_code("sector", row.cells.get("sector", "")),
        country=row.cells.get("country", ""),
        ticker=row.cells.get("ticker", ""),
        aliases=row.list("aliases") if "aliases" in row.cells else (),
        figures=_figures(network, row.ref),
        equity=layers.get("equity", ()),
        debt=layers.get("debt", ()),
        contract=layers.get("contract", ()),
        people=layers.get("people", ()),
        dependency=layers.get("dependency", ()),
        context=context,
        notes=tuple(notes),
    )


def _figures(network: CapitalNetwork, ref: str) -> tuple[KeyFigure, ...]:
    """The figures about a party: the thing as a whole (no named part), newest first."""
    whole = [figure for figure in network.derived.figures(ref) if figure.aspect != "other"]
    newest = sorted(whole, key=lambda figure: figure.as_of, reverse=True)[:_FIGURES]
    return tuple(
        KeyFigure(network.ontology.code("aspect", figure.aspect), figure, figure.readings, figure.sources)
        for figure in newest
    )


def _ties(network: CapitalNetwork, party: str, layer: str, notes: list[Note]) -> tuple[Tie, ...]:
    links = [link for link in (*network.links_from(party), *network.links_to(party)) if link.layer == layer]
    ranked = sorted(dict.fromkeys(links), key=lambda link: _weight(network, link))
    if len(ranked) > TOP:
        notes.append(note("dossier.more", count=len(ranked) - TOP, layer=network.ontology.layers[layer]))
    return tuple(_tie(network, party, link) for link in ranked[:TOP])


def _weight(network: CapitalNetwork, link: Link) -> tuple[int, Decimal, Decimal, str]:
    """Largest amounts first, then largest percents, then the rest by id; rivals and partners last."""
    usd = network.derived.usd(link.amount) if link.amount else None
    percent = link.percent.value if link.percent else None
    return link.kind.path_rank // 9, -(usd or Decimal(0)), -(percent or Decimal(0)), link.id


def _tie(network: CapitalNetwork, party: str, link: Link) -> Tie:
    forward = link.source == party
    return Tie(
        relation=link.kind.verb if forward else link.kind.verb_back,
        party=network.node(link.target if forward else link.source).name,
        percent=link.percent,
        amount=link.amount,
        status=network.ontology.find_code("status", link.status),
        start=link.start,
        end=link.end,
        link=link.id,
        readings=link.readings,
        sources=link.sources,
    )
