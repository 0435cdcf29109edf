"""A graph under one scope: the compiled facts, the clocks, the network they give. All verbs stand on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from capgraph.clocks import Clocks, DateSpan, resolve
from capgraph.derive import Derived
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.names import node_id
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import Ontology
from capgraph.readings import Sources
from capgraph.results import Context
from capgraph.store import Store, graph_of

if TYPE_CHECKING:
    from typing import Self

    import pyoxigraph as ox

Day = str | date | None


def last_day(day: Day) -> date | None:
    """The last day of a date as precise as known, None where there is none."""
    return DateSpan.parse(day).last if isinstance(day, str) else day


def first_day(day: Day) -> date | None:
    """The first day of a date as precise as known, None where there is none."""
    return DateSpan.parse(day).first if isinstance(day, str) else day


class Scoped:
    """The compiled facts under one scope. Immutable: :meth:`at` gives the same facts under another scope."""

    def __init__(self, store: Store, ontology: Ontology, scope: Scope) -> None:
        self.store = store
        self.ontology = ontology
        self.scope = scope

    def at(self, as_of: Day = None, known_on: Day = None) -> Self:
        """The same graph under other clocks."""
        clocks = resolve(last_day(as_of), last_day(known_on), Sources(self.facts).latest)
        return self.under(replace(self.scope, clocks=clocks))

    def under(self, scope: Scope) -> Self:
        """The same facts under another scope, asked in the same way."""
        return type(self)(self.store, self.ontology, scope)

    @cached_property
    def facts(self) -> Facts:
        """The facts under the assumptions of the scope."""
        scope = self.scope
        if not scope.without and not scope.sets:
            return self.store.facts
        from capgraph.assumptions import assume

        return assume(self.store.facts, self.ontology, scope.clocks, scope.without, scope.sets)

    @property
    def clocks(self) -> Clocks:
        return self.scope.clocks

    @cached_property
    def derived(self) -> Derived:
        """Preferred figures, statuses and lifetimes at the clocks."""
        return Derived(self.facts, self.ontology, self.scope.clocks)

    @cached_property
    def network(self) -> CapitalNetwork:
        """All links that were true and public at the clocks."""
        return CapitalNetwork(self.facts, self.ontology, self.derived, self.scope)

    @cached_property
    def rdf(self) -> ox.Store:
        """Facts, ontology, what the rules conclude and the derived graph of the clocks as RDF. Do not write to it."""
        if self.facts is self.store.facts:
            return self.store.graph_with(self.derived.graph, self.derived.quads)
        graph = graph_of(self.facts, self.ontology)
        graph.extend(self.derived.quads())
        return graph

    @property
    def context(self) -> Context:
        """What every answer prints about how it was asked."""
        scope = self.scope
        return Context(
            scope.clocks, scope.rung, self.store.version, scope.group, scope.without, scope.sets, scope.asked
        )

    def recorded(self, asked: str) -> Self:
        """The same graph, whose answers carry the command line that asks for them."""
        return self.under(replace(self.scope, asked=asked))

    def party(self, name: str) -> str:
        """The node id of the party or product that a name in any language means."""
        return node_id(self.network.names.resolve(name))

    def network_for(self, *nodes: str) -> CapitalNetwork:
        """The network, with the houses of the asked parties merged where the scope says so."""
        return self.network.grouped(*nodes) if self.scope.group else self.network

    def _households(self, *nodes: str) -> CapitalNetwork:
        """The network, with all houses merged around some parties where the scope says so."""
        from capgraph.analysis import households

        return households.merged_households(self.network, nodes) if self.scope.group else self.network

    def pair(self, one: str, other: str) -> tuple[str, str]:
        """The node ids of two parties. Raises UsageProblem where houses are merged and both belong to one."""
        ends = self.party(one), self.party(other)
        if self.scope.group and any(end in self.network.house(head) for end, head in (ends, ends[::-1])):
            raise UsageProblem(f"{one!r} and {other!r} belong to one house; ask without --group")
        return ends

    def _window(self, start: Day, end: Day) -> tuple[date | None, date]:
        """First and last day of a window that ends on the asked day at the latest.

        Raises UsageProblem where its first day lies after its last.
        """
        first, last = first_day(start), last_day(end) or self.clocks.as_of
        if first is not None and first > last:
            raise UsageProblem(f"--from {first} lies after --to {last}; the window ends before it begins")
        return first, min(last, self.clocks.as_of)

    def _moment(self, text: str) -> tuple[date, date]:
        """The asked day and the day of knowledge that ``DAY@KNOWN`` names, at the latest those of the scope."""
        day, at, known = text.partition("@")
        return DateSpan.parse(day).last, DateSpan.parse(known).last if at else self.clocks.known_on

    def _earlier(self, day: Day, name: str) -> date | None:
        """A day that an option names. Raises UsageProblem where it lies after the asked day."""
        asked = last_day(day)
        if asked is not None and asked > self.clocks.as_of:
            raise UsageProblem(f"--{name} {asked} lies after the asked day, {self.clocks.as_of}; set --as-of with it")
        return asked
