"""Answers about parties above or below whom a large part of a register lies, from its matrices.

The same results as on small data, with these limits, each told in a note: the largest rows only, low ends but no high
ends, no chains, no weakest links. Direct stakes, readings and sources of the rows shown are those of the small path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from capgraph.analysis.control import MAJORITY
from capgraph.analysis.controllers import Control, ControlledCompany, Controller, Controllers
from capgraph.analysis.final import FinalOwner, FinalOwners
from capgraph.analysis.indirect import WORTH, dollars, through_row
from capgraph.analysis.lookthrough import Vector, downstream, matrix
from capgraph.analysis.ownership import stake_sources
from capgraph.analysis.register import NOTHING, WHOLE, instrument
from capgraph.analysis.structure import Structures
from capgraph.analysis.through import ThroughHolding, ThroughHoldings, ThroughOwner, ThroughOwners, percent
from capgraph.clocks import DateSpan
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.figures import Calendar, Ints, aspects_numbered, readings_about
from capgraph.columnar.matrices import Matrices
from capgraph.columnar.network import Cone, RegisterNetwork
from capgraph.columnar.registers import registers, shares_of
from capgraph.errors import UsageProblem
from capgraph.network import Link
from capgraph.results import Context, Note, Value, note

if TYPE_CHECKING:
    from capgraph.analysis.exposure import Exposures

MOST_ROWS = 200
"""So many of the largest rows of an answer are shown."""

_MOST_VIEWS = 20
"""Of holders whose stakes contain others, so many are seen with their own stakes whole."""

_MOST_NAMED = 10
_SHOWN = 1e-8
"""The least share, as a fraction, that is shown: a millionth of a percent."""


class Wide:
    """The whole register at the clocks of one scope."""

    def __init__(self, network: RegisterNetwork, context: Context) -> None:
        if network.scope.group:
            raise UsageProblem("--group is not taken where a question reaches through a large part of a register")
        assert isinstance(network.facts, ColumnarFacts)
        self.network = network
        self.context = context
        self.facts = network.facts
        self.columns = network.facts.columns
        self.ids = self.columns.cells("parties", "id")

    @cached_property
    def matrices(self) -> Matrices:
        """The registers as everybody sees them."""
        found = registers(self.facts, self.network.ontology, self.network.scope)
        return Matrices(found, self.columns.count("parties"))

    def seen_by(self, holder: str) -> Matrices:
        """The registers with the stakes of one holder whole (:class:`capgraph.analysis.structure.Structures`)."""
        if holder not in self._views:
            self._views[holder] = self._view(holder)
        return self._views[holder]

    @cached_property
    def _views(self) -> dict[str, Matrices]:
        return {}

    def _view(self, holder: str) -> Matrices:
        held = {link.target for link in self.network.links_from(holder) if instrument(self.network, link)}
        places = np.array([self._place(company) for company in sorted(held)], dtype=np.int64)
        if holder not in self.network.nested(places):
            return self.matrices
        companies = [self._id(place) for place in places.tolist() if holder in self.network.nested([place])]
        structure = Structures(Cone(self.network, (), companies)).seen_by(holder)
        slices = [(company, each) for company in companies for each in structure.slices.get(company, ())]
        changed = np.array([self._place(company) for company in companies], dtype=np.int64)
        own = self.matrices.registers.with_shares(changed, shares_of(self.columns, slices))
        return Matrices(own, self.matrices.size)

    # Look-through -----------------------------------------------------------------------------------------------------

    def holdings_through(self, holder: str) -> ThroughHoldings:
        """What a party holds by all chains: see :func:`capgraph.analysis.through.holdings_through`."""
        return self._holdings(holder, lambda shares: shares)

    def _holdings(self, holder: str, weight: Callable[[Vector], Vector]) -> ThroughHoldings:
        """The holdings whose shares weigh most."""
        place, view = self._place(holder), self.seen_by(holder)
        shares, lows = view.holdings(place)
        itself, shares[place] = float(shares[place]), 0.0
        places = np.flatnonzero(shares > _SHOWN)
        largest = places[np.argsort(-weight(shares)[places], kind="stable")]
        rows = [
            ThroughHolding(**self._row("issuer", company, holder, company, shares[company], lows[company]))
            for company in largest[:MOST_ROWS].tolist()
        ]
        reached = self._reached(place)
        return ThroughHoldings(
            holder=self.network.node(holder).name,
            shares=tuple(sorted(rows, key=lambda row: (-(row.share.value or NOTHING), row.issuer.id))),
            chains=(),
            context=self.context,
            notes=tuple(self._through_notes(holder, len(largest), len(rows), reached, itself)),
        )

    def owners_through(self, company: str) -> ThroughOwners:
        """Who holds a company by all chains: see :func:`capgraph.analysis.through.owners_through`."""
        place = self._place(company)
        places, shares, lows = self.matrices.owners(place, MOST_ROWS)
        found = {
            holder: (share, low)
            for holder, share, low in zip(places.tolist(), shares.tolist(), lows.tolist(), strict=True)
        }
        above = self._above(place)
        nested = self.network.nested(above)
        for holder in (self._place(each) for each in nested[:_MOST_VIEWS]):
            own, least = self.seen_by(self._id(holder)).holdings(holder)
            found[holder] = float(own[place]), float(least[place])
        rows = [
            ThroughOwner(**self._row("holder", holder, self._id(holder), place, *ends))
            for holder, ends in found.items()
            if ends[0] > _SHOWN and holder != place
        ]
        itself = float(self.matrices.together([place])[place])
        return ThroughOwners(
            issuer=self.network.node(company).name,
            shares=tuple(sorted(rows, key=lambda row: (-(row.share.value or NOTHING), row.holder.id))),
            chains=(),
            context=self.context,
            notes=(
                *self._through_notes(company, len(above), len(rows), above, itself),
                *([note("register.views", count=len(nested))] if len(nested) > _MOST_VIEWS else []),
            ),
        )

    def _row(self, field: str, named: int, holder: str, company: int, share: float, low: float) -> dict[str, Any]:
        """What a row says of one holder in one company."""
        total, least = percent(share), min(percent(share), percent(low))
        held = self._direct(holder, company)
        direct = Value(held[1], "percent", held[0], held[2])
        indirect = Value(max(NOTHING, total - held[1]), "percent", max(NOTHING, least - held[0]))
        links = self._links(holder, company) if any(held) else []
        return {
            field: self.network.node(self._id(named)).name,
            "share": Value(total, "percent", least),
            "direct": direct,
            "indirect": indirect,
            "at_most": Value(None, "percent"),
            **_behind(links),
        }

    def _direct(self, holder: str, company: int) -> tuple[Decimal, Decimal, Decimal]:
        """Least, value and most of what a holder has of a company directly."""
        view = self.seen_by(holder)
        found = view.registers
        own = self._held.setdefault(holder, np.flatnonzero(np.asarray(found.holders) == self._place(holder)))
        entries = own[np.asarray(found.issuers[own]) == company]
        if view.cut[company]:
            entries = entries[:0]
        sized = entries[~np.asarray(found.unsized[entries])]
        ends = (percent(float(end[sized].sum()) / 100) for end in (found.low, found.value, found.high))
        low, value, high = (min(WHOLE, end) for end in ends)
        return low, value, high

    @cached_property
    def _held(self) -> dict[str, Ints]:
        return {}

    def _links(self, holder: str, company: int) -> list[Link]:
        """The stakes of a holder in a company that stand."""
        stakes = self.columns.referring("stakes", "holder", "party", self._place(holder))
        issuers = self.columns.targets("stakes", "issuer", "party")
        assert issuers is not None
        rows = self.facts.at("stakes", stakes[issuers[stakes] == company])
        return self.network.standing(rows)

    def _reached(self, holder: int) -> Ints:
        """All that a holder holds, with known percents or without."""
        found = self.matrices.registers
        weights = np.ones(len(found.holders))
        pattern = matrix(np.asarray(found.holders), np.asarray(found.issuers), weights, self.matrices.size)
        return np.sort(downstream(pattern, holder)).astype(np.int64)

    def _above(self, company: int) -> Ints:
        """All who hold a company, with known percents or without."""
        found = self.matrices.registers
        weights = np.ones(len(found.holders))
        pattern = matrix(np.asarray(found.issuers), np.asarray(found.holders), weights, self.matrices.size)
        return np.sort(downstream(pattern, company)).astype(np.int64)

    def _through_notes(self, party: str, found: int, shown: int, reached: Ints, itself: float) -> Iterator[Note]:
        if itself > _SHOWN:
            name = self.network.node(party).name
            yield note("lookthrough.self", company=name, percent=Value(percent(itself), "percent"))
        yield from self._refused(reached)
        yield note("register.wide", reached=len(reached))
        if found > shown:
            yield note("register.largest", shown=shown, found=found)

    def _refused(self, reached: Ints) -> Iterator[Note]:
        """The companies reached whose owners are not computed."""
        refused = reached[self.matrices.cut[reached]].tolist()
        if refused:
            names = tuple(self.network.node(self._id(place)).name for place in refused[:_MOST_NAMED])
            yield note("register.cut", count=len(refused), companies=names)
            yield note("lookthrough.cut")

    # Final owners ----------------------------------------------------------------------------------------------------

    def final(self, company: str) -> FinalOwners:
        """Who owns a company in the end: see :func:`capgraph.analysis.final.final`."""
        place, matrices = self._place(company), self.matrices
        parts, lows = matrices.final(place, matrices.value), matrices.final(place, matrices.low)
        ends = np.flatnonzero(parts > _SHOWN)
        ends = ends[np.argsort(-parts[ends], kind="stable")]
        known = ~matrices.companies
        accounted = percent(float(parts[known].sum()))
        least = min(accounted, percent(float(lows[known].sum())))
        rows = [self._end(end, percent(float(parts[end]))) for end in ends[:MOST_ROWS].tolist()]
        notes = [*self._refused(self._above(place)), note("register.wide", reached=len(self._above(place)))]
        if len(ends) > len(rows):
            rest = WHOLE - sum((row.share.value or NOTHING for row in rows), NOTHING)
            notes.append(note("register.rest", count=len(ends) - len(rows), percent=Value(rest, "percent")))
        return FinalOwners(
            issuer=self.network.node(company).name,
            accounted=Value(accounted, "percent", least),
            unaccounted=Value(WHOLE - accounted, "percent", None, WHOLE - least),
            ends=tuple(sorted(rows, key=lambda row: (-(row.share.value or NOTHING), row.owner.id))),
            context=self.context,
            notes=tuple(notes),
        )

    def _end(self, place: int, share: Decimal) -> FinalOwner:
        node = self.network.node(self._id(place))
        if self.matrices.companies[place]:
            why = note("lookthrough.refused" if self.matrices.cut[place] else "lookthrough.unknown")
        else:
            why = note("lookthrough.itself", kind=self.network.ontology.code("party-kind", node.code))
        return FinalOwner(node.name, why, Value(share, "percent"))

    # Control ---------------------------------------------------------------------------------------------------------

    def control(self, parties: Sequence[str], threshold: Decimal) -> Control:
        """What some parties control together: see :func:`capgraph.analysis.controllers.control`."""
        start = [self._place(party) for party in parties]
        holds = self._controlled(start, threshold)
        sure = self._controlled(start, threshold, "low")
        possible = [place for place in self._controlled(start, threshold, "high") if place not in holds]
        view = self.seen_by(parties[0]) if len(parties) == 1 else self.matrices
        shares = view.together(start)
        largest = sorted(holds, key=lambda place: (-holds[place], self._id(place)))[:MOST_ROWS]
        members = {*start, *holds}
        names = tuple(self.network.node(party).name for party in parties)
        rows = [
            ControlledCompany(
                company=self.network.node(self._id(place)).name,
                economic=self._economic(shares[place], holds[place] <= threshold),
                remarks=tuple(self._remarks(shares[place], holds[place] <= threshold, place in sure)),
                **self._cells(place, members, threshold),
            )
            for place in largest
        ]
        return Control(
            parties=names,
            threshold=Value(threshold, "percent"),
            companies=tuple(rows),
            context=self.context,
            notes=(
                *([] if rows else [note("control.nothing", parties=names)]),
                *self._possible(possible),
                *_bases(rows),
                note("register.wide", reached=len(self._reached(start[0]))),
                *([note("register.largest", shown=len(rows), found=len(holds))] if len(holds) > len(rows) else []),
            ),
        )

    def controllers(self, company: str, threshold: Decimal, local: Controllers) -> Controllers:
        """Who controls a company: see :func:`capgraph.analysis.controllers.controllers`. ``local`` is the answer from
        the company's own register, whose votes, powers and majorities hold."""
        place = self._place(company)
        above = self.network.all_above(company).astype(np.int64)
        parents, stated = self.network.parents_stated, self.network.subsidiaries
        parties = np.array(self.matrices.controllers(place, above, float(threshold), stated, parents), dtype=np.int64)
        holds = {party: self._controlled([party], threshold) for party in parties.tolist()}
        last = {party for party in holds if not any(party in holds[other] for other in holds if other != party)}
        shares = dict(zip(holds, self.matrices.shares_in(place, parties).tolist(), strict=True))
        rows = []
        for party in sorted(holds):
            view = self.seen_by(self._id(party))
            share = shares[party] if view is self.matrices else float(view.together([party])[place])
            bare = holds[party][place] <= threshold
            sure = place in self._controlled([party], threshold, "low")
            rows.append(
                Controller(
                    party=self.network.node(self._id(party)).name,
                    economic=self._economic(share, bare),
                    ultimate=party in last,
                    remarks=tuple(self._remarks(share, bare, sure)),
                    **self._cells(place, {party, *holds[party]}, threshold),
                )
            )
        rows.sort(key=lambda row: (not row.ultimate, -(row.votes.value or NOTHING), row.party.id))
        name = self.network.node(company).name
        notes = [each for each in local.notes if each.key in ("control.ocean", "control.too_many_votes")]
        return replace(
            local,
            controllers=tuple(rows),
            weakest_links=(),
            notes=(
                *([] if rows else [note("control.nobody", company=name)]),
                *([note("control.circle", company=name)] if rows and not last else []),
                *notes,
                *_bases(rows),
                note("register.wide", reached=len(self._above(place))),
            ),
        )

    def _controlled(self, start: Iterable[int], threshold: Decimal, end: str = "value") -> dict[int, float]:
        return self.matrices.controlled(start, float(threshold), self.network.subsidiaries, end)

    def _cells(self, company: int, members: set[int], threshold: Decimal) -> dict[str, Any]:
        """What a row says of the votes that some parties have in a company."""
        registers_ = self.matrices.registers
        entries = self._voters_of(company)
        entries = entries[[int(place) in members for place in registers_.voters[entries]]]
        ends = [float(getattr(registers_, f"votes_{end}")[entries].sum()) for end in ("low", "value", "high")]
        low, value, high = (min(WHOLE, percent(end / 100)) for end in ends)
        bare = value <= threshold
        told = bool(np.all(registers_.told[entries]))
        voters = [int(place) for place in registers_.voters[entries]]
        bonds = [link for link in self.network.bonds(self._id(company)) if self._place(link.target) in members]
        links = [
            *(bonds if bare else ()),
            *(link for voter in voters for link in self._links(self._id(voter), company)),
        ]
        through = dict.fromkeys([*map(self._id, voters), *(link.target for link in bonds if bare)])
        return {
            "grounds": note(f"control.by.{'stated' if bare else 'votes' if told else 'shares'}"),
            "votes": Value(value, "percent", low, high) if voters else Value(None, "percent"),
            "held_by": tuple(self.network.node(each).name for each in through),
            **_behind(links),
            "sources": tuple(dict.fromkeys(source for link in links for source in link.sources)),
        }

    def _voters_of(self, company: int) -> Ints:
        """The ballots of a company, most votes first."""
        registers_ = self.matrices.registers
        entries = self._entries[np.searchsorted(self._voted, company) : np.searchsorted(self._voted, company, "right")]
        votes = np.asarray(registers_.votes_value)[entries]
        names = np.asarray(registers_.voters)[entries]
        return entries[np.lexsort([names, -votes])]

    @cached_property
    def _entries(self) -> Ints:
        return np.argsort(np.asarray(self.matrices.registers.voted), kind="stable").astype(np.int64)

    @cached_property
    def _voted(self) -> Ints:
        return np.asarray(self.matrices.registers.voted)[self._entries].astype(np.int64)

    def _economic(self, share: float, bare: bool) -> Value | None:
        return Value(percent(share), "percent") if percent(share) or not bare else None

    def _remarks(self, share: float, bare: bool, sure: bool) -> Iterator[Note]:
        if not sure:
            yield note("control.unsure")
        if percent(share) < MAJORITY and not bare:
            yield note("control.minority")

    def _possible(self, places: list[int]) -> Iterator[Note]:
        if places:
            names = tuple(self.network.node(self._id(place)).name for place in places[:_MOST_NAMED])
            yield note("control.possible", count=len(places), companies=names)

    # Exposure --------------------------------------------------------------------------------------------------------

    def exposure(self, party: str, direct: Exposures) -> Exposures:
        """What a party stands to lose by others. ``direct`` is the answer from its own links, which holds; what it owns
        through others is added."""
        found = self._holdings(party, lambda shares: shares * (1.0 + self._worth))
        rows = [through_row(self.network, each) for each in found.shares if each.indirect.value]
        rows.sort(key=lambda row: (-dollars(self.network, row), -(row.all_owned.value or NOTHING), row.party.id))
        through = (note("exposure.through"),) if rows else ()
        return replace(direct, through=tuple(rows), notes=(*direct.notes, *found.notes, *through))

    @cached_property
    def _worth(self) -> Vector:
        """About what each party is worth, in dollars: the largest figure that any reading gives, to rank by."""
        calendar = Calendar(self.columns, self.network.ontology, self.network.scope.clocks)
        found = readings_about(calendar, "party")
        units = list(self.network.ontology.codes("unit"))
        today = DateSpan.of(self.network.scope.clocks.as_of)
        rates = [self.network.derived.converter.usd(Decimal(1), unit, today) or 0 for unit in units]
        ours = np.isin(found.aspects, aspects_numbered(self.network.ontology, WORTH)) & (found.unit >= 0)
        amounts = np.nan_to_num(found.value) * np.array([float(rate) for rate in rates])[found.unit]
        worth = np.zeros(self.matrices.size)
        np.maximum.at(worth, found.about[ours], amounts[ours])
        return worth

    # Places ----------------------------------------------------------------------------------------------------------

    def _place(self, id: str) -> int:
        return self.network.place(id)

    def _id(self, place: int) -> str:
        found: str = self.ids[place].as_py()
        return found


def _behind(links: Sequence[Link]) -> dict[str, tuple[str, ...]]:
    """The ids of stakes, their readings and sources."""
    readings = [id for link in links if link.percent for id in link.percent.readings]
    sources = [source for link in links for source in stake_sources(link)]
    return {
        "stakes": tuple(link.id for link in links),
        "readings": tuple(dict.fromkeys(readings)),
        "sources": tuple(dict.fromkeys(sources)),
    }


def _bases(rows: Sequence[ControlledCompany | Controller]) -> Iterator[Note]:
    if any(row.grounds.key == "control.by.shares" for row in rows):
        yield note("control.shares_for_votes")
