"""Who controls whom where a large part of a register lies between (see :mod:`capgraph.columnar.wide`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from capgraph.analysis.control import MAJORITY
from capgraph.analysis.controllers import Control, ControlledCompany, Controller, Controllers
from capgraph.analysis.register import NOTHING, WHOLE, share_of
from capgraph.analysis.through import percent
from capgraph.columnar.figures import Ints
from capgraph.columnar.wide import MOST_NAMED, MOST_ROWS, Wide
from capgraph.network import Link
from capgraph.results import Note, Value, note


class WideControl(Wide):
    """Control over the whole register at the clocks of one scope."""

    def control(self, parties: Sequence[str], threshold: Decimal) -> Control:
        """What some parties control together: see :func:`capgraph.analysis.controllers.control`."""
        start = [self.place_of(party) for party in parties]
        holds = self._controlled(start, threshold)
        sure = self._controlled(start, threshold, "low")
        possible = [place for place in self._controlled(start, threshold, "high") if place not in holds]
        view = self.seen_by(parties[0]) if len(parties) == 1 else self.matrices
        shares = view.together(start)
        largest = sorted(holds, key=lambda place: (-holds[place], self.id_of(place)))[:MOST_ROWS]
        members = {*start, *holds}
        names = tuple(self.network.node(party).name for party in parties)
        rows = [
            ControlledCompany(
                company=self.network.node(self.id_of(place)).name,
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
                note("register.wide", reached=len(self.reached(start[0]))),
                *([note("register.largest", shown=len(rows), found=len(holds))] if len(holds) > len(rows) else []),
            ),
        )

    def controllers(self, company: str, threshold: Decimal, local: Controllers) -> Controllers:
        """Who controls a company: see :func:`capgraph.analysis.controllers.controllers`. ``local`` is the answer from
        the company's own register, whose votes, powers and majorities hold."""
        place = self.place_of(company)
        above = self.network.all_above(company).astype(np.int64)
        parents, stated = self.network.parents_stated, self.network.subsidiaries
        parties = np.array(self.matrices.controllers(place, above, float(threshold), stated, parents), dtype=np.int64)
        holds = {party: self._controlled([party], threshold) for party in parties.tolist()}
        last = {party for party in holds if not any(party in holds[other] for other in holds if other != party)}
        shares = dict(zip(holds, self.matrices.shares_in(place, parties).tolist(), strict=True))
        rows = []
        for party in sorted(holds):
            view = self.seen_by(self.id_of(party))
            share = shares[party] if view is self.matrices else float(view.together([party])[place])
            bare = holds[party][place] <= threshold
            sure = place in self._controlled([party], threshold, "low")
            rows.append(
                Controller(
                    party=self.network.node(self.id_of(party)).name,
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
                note("register.wide", reached=len(self.above(place))),
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
        bonds = [link for link in self.network.bonds(self.id_of(company)) if self.place_of(link.target) in members]
        stakes = [link for voter in voters for link in self.stakes(self.id_of(voter), company)]
        links = [*(bonds if bare else ()), *stakes]
        through = dict.fromkeys([*map(self.id_of, voters), *(link.target for link in bonds if bare)])
        return {
            "grounds": note(f"control.by.{'stated' if bare else 'votes' if told else 'shares'}"),
            "votes": Value(value, "percent", low, high) if voters else Value(None, "percent"),
            "held_by": tuple(self.network.node(each).name for each in through),
            "stakes": tuple(link.id for link in links),
            "readings": tuple(dict.fromkeys(id for link in stakes for id in self._vote_readings(link))),
            "sources": tuple(dict.fromkeys(source for link in links for source in link.sources)),
        }

    def _vote_readings(self, link: Link) -> tuple[str, ...]:
        """The readings behind the votes of a stake: of votes, else of its percent."""
        votes = self.network.derived.figure(link.id, "votes_percent")
        if votes is not None and share_of(votes) is not None:
            return votes.readings
        return link.percent.readings if link.percent and share_of(link.percent) is not None else ()

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
            names = tuple(self.network.node(self.id_of(place)).name for place in places[:MOST_NAMED])
            yield note("control.possible", count=len(places), companies=names)


def _bases(rows: Sequence[ControlledCompany | Controller]) -> Iterator[Note]:
    if any(row.grounds.key == "control.by.shares" for row in rows):
        yield note("control.shares_for_votes")
