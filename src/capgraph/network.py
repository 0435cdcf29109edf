"""The network at a pair of clocks: every link that was true then, as far as it was public, ready for walks and sums.

A link is a row of a table whose class the ontology declares a link kind: the ontology says which columns are its ends,
which layer it lies in and which way money runs. States (stakes, loans, contracts, roles) form the network at a date;
flows (tranches) join it only as promises that are not yet closed, so that a payment never doubles the stake it made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from capgraph.clocks import Clocks, DateSpan, span_of
from capgraph.derive import Derived
from capgraph.facts import Facts, Row, items
from capgraph.lifetimes import Life, StatusAt
from capgraph.names import Name, Names, node_id, node_ref
from capgraph.ontology import LinkKind, Ontology
from capgraph.readings import STALE_MONTHS, Figure, older

if TYPE_CHECKING:
    import networkx as nx

PROMISE = "closed"
"""The rung from which a flow has become a fact; below it, it is a promise and stands in the network of states."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Under which clocks, rung and assumptions a question is asked; ``asked`` is the command that asks, if one does."""

    clocks: Clocks
    rung: str = "signed"
    group: bool = False
    without: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A party or product of the network. ``code`` is its kind of party (``company``, ``fund``) or product category."""

    id: str
    name: Name
    kind: str
    code: str


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One link between two nodes.

    A thing with several parties at an end (a loan of three lenders) yields several links with the same ``id``, each
    ``shared``: their amount is that of the whole thing. ``rung`` is where the thing stands on the ladder of promises,
    empty for kinds that have no status. ``flags`` say what to know of its dates: ``start_inferred``, ``date_inexact``,
    ``end_not_public``, ``promise_old`` (a promise that has stood for more than 24 months).
    """

    id: str
    kind: LinkKind
    source: str
    target: str
    status: str
    rung: str
    start: DateSpan | None
    end: DateSpan | None
    flags: frozenset[str]
    percent: Figure | None
    amount: Figure | None
    shared: bool
    sources: tuple[str, ...]
    row: Row

    @property
    def layer(self) -> str:
        return self.kind.layer

    @property
    def container(self) -> str:
        """The thing that the link's thing is contained in, as ``kind/id``; empty where there is none."""
        return container_of(self.row)

    @property
    def readings(self) -> tuple[str, ...]:
        """The ids of the readings behind its figures."""
        return tuple(
            dict.fromkeys(reading for figure in (self.percent, self.amount) if figure for reading in figure.readings)
        )


def _passed(kind: LinkKind, status: StatusAt | None) -> bool:
    """Whether a flow is no promise any more and has no day on which it ceased to be one."""
    return kind.flow and (status is None or status.rung == PROMISE or (status.ladder == 0 and status.since is None))


def _end(life: Life, kind: LinkKind, status: StatusAt | None) -> DateSpan | None:
    """When a state ends as far as was public; when a promise came to nothing, as flows have no end of their own."""
    if life.end is not None:
        return life.end.span if life.end.public else None
    return status.since if kind.flow and status is not None and status.ladder == 0 else None


def container_of(row: Row) -> str:
    """The thing that a row's thing is contained in, as ``kind/id``; empty where there is none."""
    cell = row.cells.get("contained_in", "")
    return cell if "/" in cell or not cell else f"{row.ref.split('/')[0]}/{cell}"


class CapitalNetwork:
    """All nodes and links under one scope.

    ``links`` are those that count; ``unstarted`` those whose start is unknown on the asked day, outside totals and
    paths; ``promised`` those below the asked rung.
    """

    def __init__(
        self, facts: Facts, ontology: Ontology, derived: Derived, scope: Scope, links: Iterable[Link] | None = None
    ) -> None:
        self.facts = facts
        self.ontology = ontology
        self.derived = derived
        self.scope = scope
        self._given = None if links is None else tuple(links)

    # Links -----------------------------------------------------------------------------------------------------------

    @cached_property
    def _sorted(self) -> dict[str, tuple[Link, ...]]:
        """The links by standing: ``counted``, ``unstarted``, ``promised``."""
        found: dict[str, list[Link]] = {"counted": [], "unstarted": [], "promised": []}
        if self._given is not None:
            return {"counted": self._given, "unstarted": (), "promised": ()}
        for kind in self.ontology.kinds.values():
            for row in self.facts.table(kind.table):
                for standing, link in self._projected(kind, row):
                    found[standing].append(link)
        return {standing: tuple(links) for standing, links in found.items()}

    @property
    def links(self) -> tuple[Link, ...]:
        return self._sorted["counted"]

    @property
    def unstarted(self) -> tuple[Link, ...]:
        return self._sorted["unstarted"]

    @property
    def promised(self) -> tuple[Link, ...]:
        return self._sorted["promised"]

    def _project(self, kind: LinkKind, row: Row) -> Iterator[tuple[str, Link]]:
        """The links of one row with their standing; none where it was not public, not yet true or over."""
        life, status = self.derived.life(row), self._status(kind, row)
        standing = self._standing(kind, life, status)
        if standing is None:
            return
        for link in self._links_of(kind, row, life, status):
            yield standing, link

    def _links_of(self, kind: LinkKind, row: Row, life: Life, status: StatusAt | None) -> Iterator[Link]:
        """The links of one row between all its ends, as the code in the row shapes them."""
        refined = self._refined(kind, row)
        ends = list(self.ends(kind, row))
        for source, target in ends:
            yield self._link(refined, row, life, status, source, target, shared=len(ends) > 1)

    def _refined(self, kind: LinkKind, row: Row) -> LinkKind:
        """The kind as the code in the row shapes it. A flow is a link as long as it is promised, in words for that."""
        return self.ontology.link_kind(kind.kind, row[kind.refined_by] if kind.refined_by else "").promised()

    def history(self) -> tuple[Link, ...]:
        """Every link that was public on the day of knowledge, whether or not it had begun or ended by the asked day.

        Closed flows are left out (what they made stands as a state), and so are promises that came to nothing on a day
        that nobody tells. Start and end say when each link counts.
        """
        found: list[Link] = []
        for kind in self.ontology.kinds.values():
            for row in self.facts.table(kind.table):
                life, status = self.derived.life(row), self._status(kind, row)
                if life.known and not _passed(kind, status) and (status is not None or not kind.has_status):
                    refined = self._refined(kind, row)
                    ends = list(self.ends(kind, row))
                    found += [self._link(refined, row, life, status, *end, shared=len(ends) > 1) for end in ends]
        return tuple(found)

    def _standing(self, kind: LinkKind, life: Life, status: StatusAt | None) -> str | None:
        if not life.known or life.over:
            return None
        if "start_unknown" in life.flags:
            return "unstarted"
        if not life.begun:
            return None
        if status is None:
            return None if kind.has_status else "counted"
        if status.ladder == 0 or (kind.flow and status.rung == PROMISE):
            return None
        return "counted" if status.ladder >= self.ladder else "promised"

    def _status(self, kind: LinkKind, row: Row) -> StatusAt | None:
        """The status of a thing: its own, or that of the thing it stands and falls with (a pledge: its loan)."""
        if not kind.rung_from:
            return self.derived.status(row.ref)
        column = self.facts.schema.tables[row.table].column(kind.rung_from)
        return self.derived.status(column.refers_to(row[kind.rung_from])) if row[kind.rung_from] else None

    @cached_property
    def ladder(self) -> int:
        """The number of the asked rung on the ladder."""
        return int(self.ontology.code("rung", self.scope.rung)["ladder"])

    def ends(self, kind: LinkKind, row: Row) -> Iterator[tuple[str, str]]:
        """The two nodes of every link that a row makes, from end first, whether or not it stands at the clocks."""
        pairs = product(self._walk(row, kind.from_end), self._walk(row, kind.to_end))
        return ((node_id(source), node_id(target)) for source, target in pairs)

    def _walk(self, row: Row, columns: tuple[str, ...]) -> list[str]:
        """The things at the end of a walk along reference columns."""
        if not columns:
            return [row.ref]
        column = self.facts.schema.tables[row.table].column(columns[0])
        targets = [column.refers_to(item) for item in items(column, row[column.name])]
        if len(columns) == 1:
            return targets
        rows = (self.facts.get(target) for target in targets)
        return [end for step in rows if step is not None for end in self._walk(step, columns[1:])]

    def _link(
        self, kind: LinkKind, row: Row, life: Life, status: StatusAt | None, source: str, target: str, shared: bool
    ) -> Link:
        return Link(
            id=row.ref,
            kind=kind,
            source=source,
            target=target,
            status=status.code if status else "",
            rung=status.rung if status else "",
            start=life.start.span if life.start else self._promised_since(row, status),
            end=_end(life, kind, status),
            flags=life.flags | self._age(kind, status),
            percent=self.derived.percent(row.ref),
            amount=self.derived.amount(row.ref),
            shared=shared,
            sources=self.evidence(row.ref),
            row=row,
        )

    def _age(self, kind: LinkKind, status: StatusAt | None) -> frozenset[str]:
        """Whether a promise has stood for long without a word of what became of it."""
        if not kind.flow or status is None or status.since is None or status.rung == PROMISE or not status.ladder:
            return frozenset()
        return frozenset({"promise_old"} if older(status.since, STALE_MONTHS, self.scope.clocks.as_of) else ())

    def _promised_since(self, row: Row, status: StatusAt | None) -> DateSpan | None:
        """From when a promise stands: the first day of its log that was public, or the announcement of its deal."""
        deal = self.facts.get(f"deal/{row['deal']}") if row.cells.get("deal") else None
        days = [self.derived.first_told(row.ref), span_of(deal["announced"]) if deal else None]
        return min((day for day in days if day is not None), default=status.since if status else None)

    def evidence(self, ref: str) -> tuple[str, ...]:
        """The sources that say that a thing exists and were public, the most trusted first, then the earliest.

        A thing without evidence of its own (a product) inherits that of the things that name it.
        """
        vouching = self.facts.about("evidence", ref) or [
            row for named in self.facts.mentions(ref) for row in self.facts.about("evidence", named.ref)
        ]
        found: dict[str, tuple[int, date, str]] = {}
        for row in vouching:
            source = f"source/{row['source']}"
            public = self.derived.sources.public(source)
            if self.scope.clocks.public(public):
                trust = int(self.ontology.code("confidence", row["confidence"])["order"] or 9)
                found[source] = min(found.get(source, (99, date.max, source)), (trust, public or date.max, source))
        return tuple(sorted(found, key=lambda source: found[source]))

    # Nodes -----------------------------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> Names:
        return Names(self.facts)

    def node(self, id: str) -> Node:
        """The node of this id, linked or not. KeyError where there is none."""
        row = self.facts.get(node_ref(id))
        if row is None:
            raise KeyError(id)
        return Node(
            id, self.names.name(row.ref), row.ref.split("/")[0], row.cells.get("kind") or row.cells.get("category", "")
        )

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every node with a link, by id, sorted."""
        ids = {end for link in self.links for end in (link.source, link.target)}
        return {id: self.node(id) for id in sorted(ids)}

    @cached_property
    def _by_end(self) -> Mapping[str, dict[tuple[str, str], tuple[Link, ...]]]:
        """The links of each standing by the end that a node is at, once all links are there."""
        found: dict[str, dict[tuple[str, str], list[Link]]] = {standing: {} for standing in self._sorted}
        for standing, links in self._sorted.items():
            for link in links:
                found[standing].setdefault(("from", link.source), []).append(link)
                found[standing].setdefault(("to", link.target), []).append(link)
        return {standing: {key: tuple(links) for key, links in index.items()} for standing, index in found.items()}

    def _at(self, standing: str, end: Literal["from", "to"], id: str) -> tuple[Link, ...]:
        """The links of a standing with a node at one end: from all links where these are there, else from the rows that
        name the node, so that a question about one party does not project the whole network."""
        if self._given is not None or "_sorted" in self.__dict__:
            return self._by_end[standing].get((end, id), ())
        key = (end, id)
        if key not in self._local:
            ends = [(kind, kind.from_end if end == "from" else kind.to_end) for kind in self.ontology.kinds.values()]
            rows = [(kind, row) for kind, columns in ends for row in self._rows_at(kind, columns, node_ref(id))]
            found = [each for kind, row in rows for each in self._projected(kind, row)]
            self._local[key] = [
                (at, link) for at, link in found if id == (link.source if end == "from" else link.target)
            ]
        return tuple(link for at, link in self._local[key] if at == standing)

    @cached_property
    def _local(self) -> dict[tuple[str, str], list[tuple[str, Link]]]:
        return {}

    @cached_property
    def _made(self) -> dict[str, tuple[tuple[str, Link], ...]]:
        return {}

    def _projected(self, kind: LinkKind, row: Row) -> tuple[tuple[str, Link], ...]:
        """The links of one row, made once: a link is the same object from both its ends."""
        if row.ref not in self._made:
            self._made[row.ref] = tuple(self._project(kind, row))
        return self._made[row.ref]

    def _rows_at(self, kind: LinkKind, columns: tuple[str, ...], ref: str) -> list[Row]:
        """The rows of a kind from which a walk along reference columns ends at a thing, in order."""
        if not columns:
            row = self.facts.get(ref)
            return [row] if row is not None and row.table == kind.table else []
        tables = [kind.table]
        for column in columns[:-1]:
            target = self.facts.schema.tables[tables[-1]].column(column).kinds[0]
            tables.append(self.facts.schema.by_kind[target].name)
        refs, found = [ref], dict[str, Row]()
        for table, column in reversed(list(zip(tables, columns, strict=True))):
            found = {row.ref: row for each in refs for row in self.facts.naming(table, column, each)}
            refs = list(found)
        return sorted(found.values(), key=self.facts.schema.order_of) if len(columns) > 1 else list(found.values())

    def links_from(self, id: str) -> tuple[Link, ...]:
        """Links whose orientation starts at a node: what it holds, lends, supplies."""
        return self._at("counted", "from", id)

    def links_to(self, id: str) -> tuple[Link, ...]:
        """Links whose orientation ends at a node: who holds it, lends to it, supplies it."""
        return self._at("counted", "to", id)

    def unstarted_at(self, id: str) -> tuple[Link, ...]:
        """Links of a node, at either end, whose start is unknown on the asked day."""
        return self._either("unstarted", id)

    def unstarted_from(self, id: str) -> tuple[Link, ...]:
        """Those whose orientation starts at the node."""
        return self._at("unstarted", "from", id)

    def unstarted_to(self, id: str) -> tuple[Link, ...]:
        """Those whose orientation ends at the node."""
        return self._at("unstarted", "to", id)

    def promised_at(self, id: str) -> tuple[Link, ...]:
        """Links of a node, at either end, that stand below the asked rung."""
        return self._either("promised", id)

    def ended_at(self, id: str) -> tuple[str, ...]:
        """The states of a node, as ``kind/id``, that had ended by the asked day as far as was public."""
        found = dict[str, None]()
        for kind in self.ontology.kinds.values():
            for row in () if kind.flow else self._rows_touching(kind, id):
                life = self.derived.life(row)
                if life.known and life.begun and life.over:
                    found[row.ref] = None
        return tuple(found)

    def _rows_touching(self, kind: LinkKind, id: str) -> list[Row]:
        ends = (self._rows_at(kind, columns, node_ref(id)) for columns in (kind.from_end, kind.to_end))
        return [row for rows in ends for row in rows]

    def _either(self, standing: str, id: str) -> tuple[Link, ...]:
        found = (*self._at(standing, "from", id), *self._at(standing, "to", id))
        return tuple(sorted(dict.fromkeys(found), key=lambda link: self._rank(link.row)))

    def _rank(self, row: Row) -> tuple[int, tuple[str, ...]]:
        """The place of a row among all links: kinds in the order of the ontology, then the order of the table."""
        kinds = list(self.ontology.kinds)
        return kinds.index(row.ref.split("/")[0]), self.facts.schema.order_of(row)[1]

    @cached_property
    def dated(self) -> bool:
        """Whether anything with a date stands on the asked day; before all data nothing does."""
        return any(link.start is not None for link in self.links)

    def container(self, link: Link) -> Link | None:
        """The link among those to the same node that contains this one."""
        if not link.container:
            return None
        return next((each for each in self.links_to(link.target) if each.id == link.container), None)

    def parts(self, link: Link) -> tuple[Link, ...]:
        """The links to the same node that this one contains."""
        if "contained_in" not in link.row.cells or not self.facts.naming(link.row.table, "contained_in", link.id):
            return ()
        return tuple(each for each in self.links_to(link.target) if each.container == link.id)

    # Views -----------------------------------------------------------------------------------------------------------

    def with_links(self, links: Iterable[Link]) -> CapitalNetwork:
        """The same scope with other links."""
        return type(self)(self.facts, self.ontology, self.derived, self.scope, links)

    def where(self, keep: Callable[[Link], bool]) -> CapitalNetwork:
        """The network of the links that pass a test."""
        return self.with_links(link for link in self.links if keep(link))

    def house(self, id: str) -> frozenset[str]:
        """A party with its subsidiaries and vehicles valid at the date, directly or through others."""
        members, frontier = {id}, [id]
        while frontier:
            parent = frontier.pop()
            for link in self.links_to(parent):
                if self._binds(link) and link.source not in members:
                    members.add(link.source)
                    frontier.append(link.source)
        return frozenset(members)

    def parents(self, id: str) -> tuple[str, ...]:
        """The parties to whose houses it belongs directly, as their subsidiary or vehicle, sorted."""
        return tuple(sorted({link.target for link in self.bonds(id)}))

    def bonds(self, id: str) -> tuple[Link, ...]:
        """The links that make a party part of the houses of its parents."""
        return tuple(link for link in self.links_from(id) if self._binds(link))

    def _binds(self, link: Link) -> bool:
        code = link.kind.refined_by and self.facts.schema.tables[link.row.table].column(link.kind.refined_by).scheme
        return bool(code) and self.ontology.code(code, link.row[link.kind.refined_by])["groups"] == "true"

    def grouped(self, *ids: str) -> CapitalNetwork:
        """Each of these parties merged with its house: the members' links become its own, inner links go.

        A stake contained in another of the same house is dropped, so that it counts once.
        """
        head = {member: id for id in reversed(ids) for member in self.house(id)}
        moved = (
            replace(link, source=head.get(link.source, link.source), target=head.get(link.target, link.target))
            for link in self.links
        )
        outer = [link for link in moved if link.source != link.target or link.source not in ids]
        owner = {link.id: link.source for link in outer if link.source in ids}
        return self.with_links(link for link in outer if owner.get(link.container) != link.source)

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str, Any, Any]:
        """The network as a NetworkX MultiDiGraph: nodes by id, edges keyed by link id, each with its ``link``."""
        import networkx as nx

        graph: nx.MultiDiGraph[str, Any, Any] = nx.MultiDiGraph()
        for id, node in self.nodes.items():
            graph.add_node(id, node=node)
        for link in self.links:
            graph.add_edge(link.source, link.target, key=link.id, link=link)
        return graph

    def flows(self, start: date, end: date) -> CapitalNetwork:
        """The tranches that reached at least the asked rung within a window of days, both included."""
        return self.with_links(self._flows(start, end))

    def _flows(self, start: date, end: date) -> Iterator[Link]:
        for kind in self.ontology.kinds.values():
            for row in self.facts.table(kind.table) if kind.flow else ():
                life, status = self.derived.life(row), self.derived.status(row.ref)
                if not life.known or status is None or status.ladder < self.ladder or status.since is None:
                    continue
                if start <= status.since.last and status.since.first <= end:
                    yield from self._links_of(kind, row, life, status)

    def during(self, start: date, end: date) -> CapitalNetwork:
        """The flows within a window of days and the states that stood on some day of it, those that ended included."""
        return self.with_links((*self._states(start, end), *self._flows(start, end)))

    def _states(self, start: date, end: date) -> Iterator[Link]:
        for kind in self.ontology.kinds.values():
            for row in () if kind.flow else self.facts.table(kind.table):
                life, status = self.derived.life(row), self._status(kind, row)
                if self._stood(kind, life, status, start, end):
                    yield from self._links_of(kind, row, life, status)

    def _stood(self, kind: LinkKind, life: Life, status: StatusAt | None, start: date, end: date) -> bool:
        """Whether a state stood on some day of a window, as far as it was public."""
        if not life.known or life.start is None or life.start.span.first > end:
            return False
        if life.end is not None and life.end.public and life.end.span.first <= start:
            return False
        if status is None:
            return not kind.has_status
        return status.ladder >= self.ladder or status.rung == "ended"
