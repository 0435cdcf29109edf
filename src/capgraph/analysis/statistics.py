"""What the graph holds: things by table, links by layer and rung, sources, and how well the figures are covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Result, note, section


@dataclass(frozen=True, slots=True)
class TableCount:
    """How many things of one kind the facts hold, and how many of them rules derived."""

    things: Words
    count: int
    derived: int


@dataclass(frozen=True, slots=True)
class LayerCount:
    """Links of one layer at the asked day; ``with_figure`` have an amount or a percent, ``disputed`` have rivals."""

    layer: Code
    links: int
    with_figure: int
    disputed: int


@dataclass(frozen=True, slots=True)
class RungCount:
    """How many of the promises (tranches, loans, contracts) stand on one rung."""

    rung: Code
    tranches: int
    facilities: int
    contracts: int


@dataclass(frozen=True, slots=True)
class Statistics(Result):
    """The extent of the graph under the asked clocks."""

    parties: int
    readings: int
    sources: int
    origins: int
    latest: date
    tables: tuple[TableCount, ...] = section(TableCount)
    layers: tuple[LayerCount, ...] = section(LayerCount)
    rungs: tuple[RungCount, ...] = section(RungCount)


def statistics(network: CapitalNetwork, context: Context) -> Statistics:
    """Counts of everything; the clocks and the rung decide which links count."""
    facts, ontology = network.facts, network.ontology
    sources = [row.ref for row in facts.table("sources")]
    return Statistics(
        parties=len(facts.table("parties")),
        readings=len(facts.table("readings")),
        sources=len(sources),
        origins=len({network.derived.sources.origin(ref) for ref in sources}),
        latest=network.derived.sources.latest,
        tables=tuple(_table_count(network, name) for name in facts.schema.tables),
        layers=tuple(counted_layer(layer, _in_layer(network.links, layer)) for layer in ontology.layers.values()),
        rungs=counted_rungs(network),
        context=context,
        notes=tuple(_notes(network)),
    )


def _table_count(network: CapitalNetwork, name: str) -> TableCount:
    rows = network.facts.table(name)
    label = network.ontology.class_label(network.facts.schema.tables[name].class_iri)
    return TableCount(label, len(rows), sum(row.derived for row in rows))


def _in_layer(links: Iterable[Link], layer: Code) -> list[Link]:
    return [link for link in links if link.layer == layer.code]


def counted_layer(layer: Code, links: Sequence[Link]) -> LayerCount:
    """The counts of one layer's links."""
    return LayerCount(layer, len(links), sum(map(_has_figure, links)), sum(map(_is_disputed, links)))


def _has_figure(link: Link) -> bool:
    return link.percent is not None or link.amount is not None


def _is_disputed(link: Link) -> bool:
    return any(figure is not None and figure.disputed for figure in (link.percent, link.amount))


def counted_rungs(network: CapitalNetwork) -> tuple[RungCount, ...]:
    """How many promises of each kind stand on each rung."""
    tables = ("tranches", "facilities", "contracts")
    standing = {
        name: Counter(status.rung for row in network.facts.table(name) if (status := network.derived.status(row.ref)))
        for name in tables
    }
    rungs = network.ontology.codes("rung").values()
    return tuple(RungCount(rung, *(standing[name][rung.code] for name in tables)) for rung in rungs)


def _notes(network: CapitalNetwork) -> list[Note]:
    silent = len(network.derived.ends_without_evidence())
    counts = {
        "statistics.unstarted": len({link.id for link in network.unstarted}),
        "statistics.promised": len({link.id for link in network.promised}),
        "statistics.silent_ends": silent,
    }
    return [note(key, count=count) for key, count in counts.items() if count]
