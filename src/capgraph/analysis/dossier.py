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
    """One thing that ties the party to others, read from the party's side.

    ``party`` holds all parties at the other end: the lenders of a loan, the suppliers of a contract. A figure or status
    that things of this kind do not have is empty, one that is not known is None.
    """

    relation: Words
    party: tuple[Name, ...]
    percent: Figure | str | None
    amount: Figure | str | None
    status: Code | str
    start: DateSpan | Note | None
    end: DateSpan | str
    link: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Dossier(Result):
    """A party in one screen. Each section holds the largest links; notes count the rest."""

    party: Name
    kind: Code
    sector: Code | str
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
    unstarted, promised = len(network.unstarted_at(party)), len(network.promised_at(party))
    shown = (tie.link for ties in layers.values() for tie in ties)
    old = {link.id for link in network.links_from(party) + network.links_to(party) if "promise_old" in link.flags}
    aged, ended = len(old.intersection(shown)), len(network.ended_at(party))
    notes += [note("dossier.old", count=aged)] if aged else []
    notes += [note("dossier.ended", count=ended)] if ended else []
    notes += [note("dossier.unstarted", count=unstarted)] if unstarted else []
    notes += [note("dossier.promised", count=promised)] if promised else []
    scheme = "party-kind" if node.kind == "party" else "product-category"
    return Dossier(
        party=node.name,
        kind=network.ontology.code(scheme, node.code),
        sector=network.ontology.find_code("sector", row.cells.get("sector", "")) or "",
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
    things: dict[tuple[str, bool], list[Link]] = {}
    for link in (*network.links_from(party), *network.links_to(party)):
        if link.layer == layer:
            things.setdefault((link.id, link.source == party), []).append(link)
    ranked = sorted(things.values(), key=lambda links: _weight(network, links[0]))
    if len(ranked) > TOP:
        notes.append(note("dossier.more", count=len(ranked) - TOP, layer=network.ontology.layers[layer]))
    return tuple(_tie(network, party, links) for links in ranked[:TOP])


def _weight(network: CapitalNetwork, link: Link) -> tuple[int, Decimal, Decimal, int, str]:
    """Largest amounts first, then largest percents, then the rest in the order of their codes (founders and heads
    before others) and by id; rivals and partners last."""
    usd = network.derived.usd(link.amount) if link.amount else None
    percent = link.percent.value if link.percent else None
    return link.kind.path_rank // 9, -(usd or Decimal(0)), -(percent or Decimal(0)), _place(network, link), link.id


def _place(network: CapitalNetwork, link: Link) -> int:
    """The place of the code that refines a link in its list."""
    column = link.kind.refined_by
    scheme = network.facts.schema.tables[link.row.table].column(column).scheme if column else ""
    return list(network.ontology.codes(scheme)).index(link.row[column]) if column and link.row[column] else 0


def _tie(network: CapitalNetwork, party: str, links: list[Link]) -> Tie:
    link = links[0]
    forward = link.source == party
    others = sorted({network.node(each.target if forward else each.source).name for each in links})
    return Tie(
        relation=link.kind.verb if forward else link.kind.verb_back,
        party=tuple(others),
        percent=link.percent if link.kind.percent_aspects else "",
        amount=link.amount if link.kind.amount_aspects else "",
        status=network.ontology.find_code("status", link.status) or "",
        start=_start(link),
        end=link.end or "",
        link=link.id,
        readings=link.readings,
        sources=link.sources,
    )


def _start(link: Link) -> DateSpan | Note | None:
    """The start as written; one that only evidence shows is no start but a day by which it was there."""
    inferred = "start_inferred" in link.flags and link.start is not None
    return note("date.by", date=link.start) if inferred else link.start
