"""The network of a large register: the links of the asked parties, what lies above or below them, merged houses.

No part of it is the whole. A question about one party projects its links; a question that follows stakes up or down
gets the *cone* of the asked parties, a network that holds every register it can touch, so that the answer is the one
that the whole network would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from capgraph.analysis.register import instrument
from capgraph.columnar.columns import Columns, Places
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.names import ColumnarNames
from capgraph.errors import UsageProblem
from capgraph.facts import Row
from capgraph.names import Names, node_id
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import LinkKind

MOST_STAKES = 3_000
"""A cone of more stakes is not projected link by link: it is answered from the matrix (:mod:`.wide`)."""

_SAMPLE = 20


class RegisterNetwork(CapitalNetwork):
    """A network over the facts of a large register. Whatever asks for all links at once is refused by the facts."""

    @cached_property
    def names(self) -> Names:
        assert isinstance(self.facts, ColumnarFacts)
        return ColumnarNames(self.facts)

    def grouped(self, *ids: str) -> CapitalNetwork:
        if self._given is not None:
            return super().grouped(*ids)
        return _Houses(self, {member: id for id in reversed(ids) for member in self.house(id)}, frozenset(ids))

    def above(self, *ids: str) -> Cone | None:
        """The cone of all who hold these parties, directly or through others; None where it is too wide to project."""
        return self._cone(ids, "holder")

    def below(self, *ids: str) -> Cone | None:
        """The cone of all that these parties hold, directly or through others; None where it is too wide to project."""
        return self._cone(ids, "issuer")

    def near(self, *ids: str) -> Cone:
        """These parties' own links, their registers among them, and nothing further."""
        asked = self._asked(ids)
        return Cone(self, asked, asked)

    def _asked(self, ids: Sequence[str]) -> list[str]:
        """The asked parties, with their houses where the scope asks for these."""
        return sorted({member for id in ids for member in self.house(id)}) if self.scope.group else list(ids)

    def _cone(self, ids: Sequence[str], towards: Literal["holder", "issuer"]) -> Cone | None:
        asked = self._asked(ids)
        start = [self.place(id) for id in asked]
        reached = reach(self.columns, start, towards, self._kinship, MOST_STAKES)
        if reached is None:
            return None
        parties = self.columns.cells("parties", "id")
        return Cone(self, asked, [parties[place].as_py() for place in reached.tolist()])

    @cached_property
    def dated(self) -> bool:
        first = self.facts.at("stakes", range(min(_SAMPLE, self.facts.count("stakes"))))  # type: ignore[attr-defined]
        return any(link.start is not None for link in self.standing(first)) or self._dated()

    def _dated(self) -> bool:
        from capgraph.columnar.stakes import Stakes

        if Stakes(self.columns, self.ontology, self.scope).standing.any():
            return True
        kinds = [kind for kind in self.ontology.kinds.values() if kind.kind != "stake"]
        links = (link for kind in kinds for link in self.standing(self.facts.table(kind.table)))
        return any(link.start is not None for link in links)

    def fetch(self, companies: Iterable[str]) -> None:
        """Make the rows of these companies' registers at once, which is faster than one by one."""
        assert isinstance(self.facts, ColumnarFacts)
        parties = np.array([self.place(company) for company in companies], dtype=np.int64)
        self._fetch_stakes(members(self.columns, "stakes", "issuer", parties))

    def _fetch_stakes(self, stakes: Any) -> None:
        """Make the rows of some stakes, their parties, and all that is said of them."""
        assert isinstance(self.facts, ColumnarFacts)
        columns = self.columns
        self.facts.at("stakes", stakes)
        for table in ("readings", "evidence"):
            self.facts.at(table, members(columns, table, "about", stakes, "stake"))
        for end in (columns.targets("stakes", end, "party") for end in ("holder", "issuer")):
            if end is not None:
                self.facts.at("parties", np.unique(end[stakes]))

    def _rows_at(self, kind: LinkKind, columns: tuple[str, ...], ref: str) -> list[Row]:
        if kind.kind == "stake":
            place = self.columns.find("parties", node_id(ref))
            if place is not None:
                self._fetch_stakes(self.columns.referring("stakes", columns[0], "party", place))
        return super()._rows_at(kind, columns, ref)

    @cached_property
    def _kinship(self) -> tuple[Kinship, ...]:
        """The tables whose rows may make one party part of another's house."""
        found = []
        for kind in self.ontology.kinds.values():
            column = kind.refined_by and self.facts.schema.tables[kind.table].column(kind.refined_by)
            codes = self.ontology.codes(column.scheme).values() if column else ()
            binding = [code.code for code in codes if code["groups"] == "true"]
            if binding and self.facts.count(kind.table):
                rows = self.columns.by_value(kind.table, kind.refined_by, frozenset(binding).__contains__)
                found.append(Kinship(kind.table, kind.from_end[0], kind.to_end[0], rows > 0))
        return tuple(found)

    def all_above(self, id: str) -> Places:
        """The places of all who may stand above a party, however many: holders, parents by a source, and theirs."""
        found = reach(self.columns, [self.place(id)], "holder", self._kinship, self.facts.count("stakes"))
        assert found is not None
        return found

    def nested(self, companies: Any) -> list[str]:
        """Who holds a stake in one of these companies (by place) that contains another or is contained, by id."""
        columns = self.columns
        within = columns.targets("stakes", "contained_in", "stake")
        issuers, holders = (columns.targets("stakes", end, "party") for end in ("issuer", "holder"))
        if within is None or issuers is None or holders is None:
            return []
        parts = np.flatnonzero(within >= 0)
        stakes = np.unique(np.concatenate([parts, within[parts]]))
        asked = np.zeros(columns.count("parties"), dtype=bool)
        asked[companies] = True
        ids = columns.cells("parties", "id")
        return [ids[place].as_py() for place in np.unique(holders[stakes[asked[issuers[stakes]]]]).tolist()]

    @property
    def parents_stated(self) -> Any:
        """The places of all whom some source, of any date, calls the parent of another."""
        found = [self.columns.targets(kin.table, kin.other, "party") for kin in self._kinship]
        parents = [ends[ends >= 0] for ends in found if ends is not None]
        return np.unique(np.concatenate(parents)).astype(np.int64) if parents else np.empty(0, dtype=np.int64)

    def subsidiaries(self, parent: int) -> list[int]:
        """The places of those that a source calls subsidiaries or vehicles of a party, at the clocks."""
        if not self._kinship:
            return []
        links = self.links_to(self.columns.cells("parties", "id")[parent].as_py())
        return [self.place(link.source) for link in links if self._binds(link)]

    def standing(self, rows: Iterable[Row]) -> list[Link]:
        """The links of rows that stand."""
        return [link for row in rows for standing, link in self.projected(row) if standing == "counted"]

    def projected(self, row: Row) -> tuple[tuple[str, Link], ...]:
        """The links of a row with their standing."""
        return self._projected(self.ontology.kinds[row.ref.split("/")[0]], row)

    def order(self, link: Link) -> tuple[tuple[int, tuple[str, ...]], int]:
        """The place of a link among all links: that of its row, then that of its ends in the row."""
        ends = [each for _, each in self.projected(link.row)]
        return self._rank(link.row), ends.index(link)

    @property
    def columns(self) -> Columns:
        assert isinstance(self.facts, ColumnarFacts)
        return self.facts.columns

    def place(self, id: str) -> int:
        """The row of a party. Raises UsageProblem for a product."""
        place = self.columns.find("parties", id)
        if place is None:
            raise UsageProblem(f"{id!r} is no party; products hold nothing and are held by nobody")
        return place


class Cone(RegisterNetwork):
    """The links of some parties and of all registers that a question about them can touch.

    ``links`` are these; what is asked of a single party comes from the whole register.
    """

    def __init__(self, whole: RegisterNetwork, asked: Iterable[str], companies: Sequence[str]) -> None:
        whole.fetch(companies)
        links = [link for id in asked for link in (*whole.links_from(id), *whole.links_to(id))]
        for company in companies:
            links += [link for link in whole.links_to(company) if instrument(whole, link)]
            links += whole.bonds(company)
        found = sorted(dict.fromkeys(links), key=whole.order)
        super().__init__(whole.facts, whole.ontology, whole.derived, whole.scope, found)
        self._whole = whole

    def _at(self, standing: str, end: Literal["from", "to"], id: str) -> tuple[Link, ...]:
        return self._whole._at(standing, end, id)

    def with_links(self, links: Iterable[Link]) -> CapitalNetwork:
        return self._whole.with_links(links)


class _Houses(RegisterNetwork):
    """A register in which some parties stand for their houses, link by link as it is asked."""

    def __init__(self, whole: RegisterNetwork, head: Mapping[str, str], ids: frozenset[str]) -> None:
        super().__init__(whole.facts, whole.ontology, whole.derived, whole.scope)
        self._of = whole
        self._head = head
        self._ids = ids

    def grouped(self, *ids: str) -> CapitalNetwork:
        return self if set(ids) <= self._ids else self._of.grouped(*sorted({*ids, *self._ids}))

    def with_links(self, links: Iterable[Link]) -> CapitalNetwork:
        return self._of.with_links(links)

    def _at(self, standing: str, end: Literal["from", "to"], id: str) -> tuple[Link, ...]:
        if standing != "counted":
            return ()
        members = sorted(self._of.house(id) if id in self._ids else {id} - self._head.keys())
        found = dict.fromkeys(link for member in members for link in self._of._at(standing, end, member))
        kept = [(link, moved) for link in found if self._outer(moved := self._moved(link)) and not self._inside(moved)]
        return tuple(moved for _, moved in sorted(kept, key=lambda pair: self._of.order(pair[0])))

    def _moved(self, link: Link) -> Link:
        head = self._head
        return replace(link, source=head.get(link.source, link.source), target=head.get(link.target, link.target))

    def _outer(self, link: Link) -> bool:
        return link.source != link.target or link.source not in self._ids

    def _inside(self, link: Link) -> bool:
        """Whether the stake that contains this one belongs to the same house, so that it counts already."""
        row = self.facts.get(link.container) if link.container else None
        if row is None or row.ref.split("/")[0] not in self.ontology.kinds:
            return False
        moved = (self._moved(link) for link in self._of.standing([row]))
        return any(each.source == link.source and each.source in self._ids and self._outer(each) for each in moved)


# Who can be reached ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kinship:
    """A table of relations, its two ends, and which of its rows make a house."""

    table: str
    one: str
    other: str
    binding: Any


def reach(
    columns: Columns,
    start: Sequence[int],
    towards: Literal["holder", "issuer"],
    kinship: Sequence[Kinship],
    most: int,
) -> Places | None:
    """The parties that can be reached from some along stakes, up to their holders or down to what they hold, by place.

    Every stake of the tables counts, whatever its dates, and so does every relation that makes a house, in both
    directions: more is reached than any clocks allow, never less. None where the registers of the companies reached
    have more than so many stakes.
    """
    seen = np.zeros(columns.count("parties"), dtype=bool)
    seen[list(start)] = True
    frontier = np.array(sorted(set(start)), dtype=np.int64)
    came_by = "issuer" if towards == "holder" else "holder"
    stakes = 0
    while len(frontier):
        stakes += len(members(columns, "stakes", "issuer", frontier))
        if stakes > most:
            return None
        found = [_beyond(columns, "stakes", came_by, towards, frontier)]
        for kin in kinship:
            found.append(_beyond(columns, kin.table, kin.one, kin.other, frontier, kin.binding))
            found.append(_beyond(columns, kin.table, kin.other, kin.one, frontier, kin.binding))
        reached = np.unique(np.concatenate(found))
        frontier = reached[~seen[reached]]
        seen[frontier] = True
    return np.flatnonzero(seen).astype(np.int32)


def _beyond(columns: Columns, table: str, came_by: str, towards: str, frontier: Any, only: Any = None) -> Any:
    """The parties at the other end of rows that have one of these at one end."""
    targets = columns.targets(table, towards, "party")
    if targets is None:
        return np.empty(0, dtype=np.int64)
    rows = members(columns, table, came_by, frontier)
    found = targets[rows if only is None else rows[only[rows]]].astype(np.int64)
    return found[found >= 0]


def members(columns: Columns, table: str, column: str, parties: Any, kind: str = "party") -> Any:
    """The rows of a table whose column refers to one of these parties (or things of another kind), by place."""
    starts, rows = columns.groups(table, column, kind)
    if starts is None or rows is None:
        return np.empty(0, dtype=np.int64)
    first, counts = starts[parties], starts[parties + 1] - starts[parties]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows[np.repeat(first, counts) + within]
