"""Answers about parties above or below whom a large part of a register lies, from its matrices.

The same results as on small data, with these limits, each told in a note: the largest rows only, low ends but no high
ends, no chains, no weakest links. Direct stakes, readings and sources of the rows shown are those of the small path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from capgraph.analysis.final import FinalOwner, FinalOwners
from capgraph.analysis.indirect import WORTH, dollars, through_row
from capgraph.analysis.lookthrough import Vector, downstream, matrix
from capgraph.analysis.ownership import stake_sources
from capgraph.analysis.register import NOTHING, WHOLE, counts, instrument
from capgraph.analysis.structure import Structures
from capgraph.analysis.through import ThroughHolding, ThroughHoldings, ThroughOwner, ThroughOwners, percent
from capgraph.clocks import DateSpan
from capgraph.columnar.engines import Engine
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

MOST_NAMED = 10
_SHOWN = 1e-8
"""The least share, as a fraction, that is shown: a millionth of a percent."""


class Wide:
    """The whole register at the clocks of one scope."""

    def __init__(self, network: RegisterNetwork, context: Context, engine: Engine) -> None:
        if network.scope.group:
            raise UsageProblem("--group is not taken where a question reaches through a large part of a register")
        assert isinstance(network.facts, ColumnarFacts)
        self.network = network
        self.context = context
        self.engine = engine
        self.facts = network.facts
        self.columns = network.facts.columns
        self.ids = self.columns.cells("parties", "id")

    @cached_property
    def matrices(self) -> Matrices:
        """The registers as everybody sees them."""
        found = registers(self.facts, self.network.ontology, self.network.scope)
        return Matrices(found, self.columns.count("parties"), self.engine)

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
        places = np.array([self.place_of(company) for company in sorted(held)], dtype=np.int64)
        if holder not in self.network.nested(places):
            return self.matrices
        companies = [self.id_of(place) for place in places.tolist() if holder in self.network.nested([place])]
        structure = Structures(Cone(self.network, (), companies)).seen_by(holder)
        slices = [(company, each) for company in companies for each in structure.slices.get(company, ())]
        changed = np.array([self.place_of(company) for company in companies], dtype=np.int64)
        own = self.matrices.registers.with_shares(changed, shares_of(self.columns, slices), self.matrices.size)
        return Matrices(own, self.matrices.size, self.engine)

    # Look-through -----------------------------------------------------------------------------------------------------

    def holdings_through(self, holder: str) -> ThroughHoldings:
        """What a party holds by all chains: see :func:`capgraph.analysis.through.holdings_through`."""
        return self._holdings(holder, lambda shares: shares)

    def _holdings(self, holder: str, weight: Callable[[Vector], Vector]) -> ThroughHoldings:
        """The holdings whose shares weigh most."""
        place, view = self.place_of(holder), self.seen_by(holder)
        shares, lows = view.holdings(place)
        itself, shares[place] = float(shares[place]), 0.0
        places = np.flatnonzero(shares > _SHOWN)
        largest = places[np.argsort(-weight(shares)[places], kind="stable")]
        rows = [
            ThroughHolding(**self._row("issuer", company, holder, company, shares[company], lows[company]))
            for company in largest[:MOST_ROWS].tolist()
        ]
        reached = self.reached(place)
        return ThroughHoldings(
            holder=self.network.node(holder).name,
            shares=tuple(sorted(rows, key=lambda row: (-(row.share.value or NOTHING), row.issuer.id))),
            chains=(),
            context=self.context,
            notes=tuple(self._through_notes(holder, len(largest), len(rows), reached, itself)),
        )

    def owners_through(self, company: str) -> ThroughOwners:
        """Who holds a company by all chains: see :func:`capgraph.analysis.through.owners_through`."""
        place = self.place_of(company)
        places, shares, lows = self.matrices.owners(place, MOST_ROWS)
        found = {
            holder: (share, low)
            for holder, share, low in zip(places.tolist(), shares.tolist(), lows.tolist(), strict=True)
        }
        above = self.above(place)
        nested = self.network.nested(above)
        for holder in (self.place_of(each) for each in nested[:_MOST_VIEWS]):
            own, least = self.seen_by(self.id_of(holder)).holdings(holder)
            found[holder] = float(own[place]), float(least[place])
        rows = [
            ThroughOwner(**self._row("holder", holder, self.id_of(holder), place, *ends))
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
        links = self.stakes(holder, company) if any(held) else []
        return {
            field: self.network.node(self.id_of(named)).name,
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
        own = self._held.setdefault(holder, np.flatnonzero(np.asarray(found.holders) == self.place_of(holder)))
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

    def stakes(self, holder: str, company: int) -> list[Link]:
        """The stakes of a holder in a company that stand and count as ownership."""
        stakes = self.columns.referring("stakes", "holder", "party", self.place_of(holder))
        issuers = self.columns.targets("stakes", "issuer", "party")
        assert issuers is not None
        rows = self.facts.at("stakes", stakes[issuers[stakes] == company])
        return [link for link in self.network.standing(rows) if counts(self.network, link)]

    def reached(self, holder: int) -> Ints:
        """All that a holder holds, with known percents or without."""
        found = self.matrices.registers
        weights = np.ones(len(found.holders))
        pattern = matrix(np.asarray(found.holders), np.asarray(found.issuers), weights, self.matrices.size)
        return np.sort(downstream(pattern, holder)).astype(np.int64)

    def above(self, company: int) -> Ints:
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
        yield from self.engine.notes()
        if found > shown:
            yield note("register.largest", shown=shown, found=found)

    def _refused(self, reached: Ints) -> Iterator[Note]:
        """The companies reached whose owners are not computed."""
        refused = reached[self.matrices.cut[reached]].tolist()
        if refused:
            names = tuple(self.network.node(self.id_of(place)).name for place in refused[:MOST_NAMED])
            yield note("register.cut", count=len(refused), companies=names)
            yield note("lookthrough.cut")

    # Final owners ----------------------------------------------------------------------------------------------------

    def final(self, company: str) -> FinalOwners:
        """Who owns a company in the end: see :func:`capgraph.analysis.final.final`."""
        place, matrices = self.place_of(company), self.matrices
        parts, lows = matrices.final(place, matrices.value), matrices.final(place, matrices.low)
        ends = np.flatnonzero(parts > _SHOWN)
        ends = ends[np.argsort(-parts[ends], kind="stable")]
        known = ~matrices.companies
        accounted = percent(float(parts[known].sum()))
        least = min(accounted, percent(float(lows[known].sum())))
        rows = [self._end(end, percent(float(parts[end]))) for end in ends[:MOST_ROWS].tolist()]
        notes = [*self._refused(self.above(place)), note("register.wide", reached=len(self.above(place)))]
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
        node = self.network.node(self.id_of(place))
        if self.matrices.companies[place]:
            why = note("lookthrough.refused" if self.matrices.cut[place] else "lookthrough.unknown")
        else:
            why = note("lookthrough.itself", kind=self.network.ontology.code("party-kind", node.code))
        return FinalOwner(node.name, why, Value(share, "percent"))

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

    def place_of(self, id: str) -> int:
        return self.network.place(id)

    def id_of(self, place: int) -> str:
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
