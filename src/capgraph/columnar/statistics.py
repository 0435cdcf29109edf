"""What a large register holds: the counts of :mod:`capgraph.analysis.statistics`, stakes counted as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from capgraph.analysis.statistics import LayerCount, Statistics, TableCount, counted_layer, counted_rungs
from capgraph.columnar.arrow import arrow
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.figures import Flags
from capgraph.columnar.network import RegisterNetwork
from capgraph.columnar.stakes import Stakes
from capgraph.facts import Row
from capgraph.network import Link
from capgraph.ontology import Code, LinkKind
from capgraph.results import Context, Note, note


def statistics(network: RegisterNetwork, context: Context) -> Statistics:
    """Counts of everything; the clocks and the rung decide which links count."""
    facts, ontology = network.facts, network.ontology
    assert isinstance(facts, ColumnarFacts)
    counts = _Counts(network, facts)
    return Statistics(
        parties=facts.count("parties"),
        readings=facts.count("readings"),
        sources=facts.count("sources"),
        origins=_origins(facts),
        latest=network.derived.sources.latest,
        tables=tuple(_table_count(network, facts, name) for name in facts.schema.tables),
        layers=tuple(counts.layer(layer) for layer in ontology.layers.values()),
        rungs=counted_rungs(network),
        context=context,
        notes=tuple(counts.notes()),
    )


def _table_count(network: RegisterNetwork, facts: ColumnarFacts, name: str) -> TableCount:
    label = network.ontology.class_label(facts.schema.tables[name].class_iri)
    derived = arrow("pyarrow.compute").sum(facts.columns.cells(name, "@derived")).as_py() or 0
    return TableCount(label, facts.count(name), int(derived))


def _origins(facts: ColumnarFacts) -> int:
    """How many sources are not copies of others: chains of copies end at their first, or at a wire's name."""
    named = zip(*(facts.columns.cells("sources", column).to_pylist() for column in ("id", "origin")), strict=True)
    origin = dict(named)
    found = set()
    for source in origin:
        seen = {source}
        name = source
        while origin.get(name):
            name = origin[name]
            if name in seen:
                name = min(seen)
                break
            seen.add(name)
        found.add(name)
    return len(found)


class _Counts:
    """Counts links: stakes as columns where they are plain, everything else link by link."""

    def __init__(self, network: RegisterNetwork, facts: ColumnarFacts) -> None:
        self.network = network
        self.facts = facts
        self.stakes = Stakes(facts.columns, network.ontology, network.scope)
        figures = {aspect: self.stakes.figure(aspect) for aspect in network.ontology.kinds["stake"].amount_aspects}
        self.doubtful = self.stakes.doubtful | np.logical_or.reduce([each.doubtful for each in figures.values()])
        self.amounts = list(figures.values())
        self.links = {standing: list(self._links(standing)) for standing in ("counted", "unstarted", "promised")}

    def _links(self, wanted: str) -> Iterator[Link]:
        """The links of all tables but plain stakes with one standing."""
        for kind in self.network.ontology.kinds.values():
            for row in self._rows(kind):
                for standing, link in self.network.projected(row):
                    if standing == wanted:
                        yield link

    def layer(self, layer: Code) -> LayerCount:
        found = counted_layer(layer, [link for link in self.links["counted"] if link.layer == layer.code])
        if layer.code != self.network.ontology.kinds["stake"].layer:
            return found
        plain = self.stakes.standing & ~self.doubtful
        first = self.amounts[0]
        amount, disputed = first.place >= 0, first.disputed
        for each in self.amounts[1:]:
            disputed = np.where(amount, disputed, each.disputed)
            amount |= each.place >= 0
        percent = self.stakes.percent
        return replace(
            found,
            links=found.links + _sum(plain),
            with_figure=found.with_figure + _sum(plain & (amount | (percent.place >= 0))),
            disputed=found.disputed + _sum(plain & (disputed | percent.disputed)),
        )

    def notes(self) -> Iterator[Note]:
        plain = ~self.doubtful
        counts = {
            "statistics.unstarted": len({link.id for link in self.links["unstarted"]})
            + _sum(self.stakes.unstarted & plain),
            "statistics.promised": len({link.id for link in self.links["promised"]}),
            "statistics.silent_ends": self._silent_ends() + _sum(self.stakes.silent_ends() & plain),
        }
        yield from (note(key, count=count) for key, count in counts.items() if count)

    def _silent_ends(self) -> int:
        """States, but plain stakes, whose end came by the latest publication although nothing shows how it is known."""
        derived, latest = self.network.derived, self.network.derived.sources.latest
        kinds = [kind for kind in self.network.ontology.kinds.values() if not kind.flow and kind.end]
        ends = (derived.end(row) for kind in kinds for row in self._rows(kind))
        return sum(end is not None and not end.by and end.span.first <= latest for end in ends)

    def _rows(self, kind: LinkKind) -> Sequence[Row]:
        """The rows of a kind of link, of stakes the doubtful ones only."""
        if kind.kind != "stake":
            return self.facts.table(kind.table)
        return self.facts.at(kind.table, np.flatnonzero(self.doubtful).tolist())


def _sum(flags: Flags) -> int:
    return int(flags.sum())
