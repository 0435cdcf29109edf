"""What happened to a party, day by day, in words: stakes, payments, loans, contracts, posts, relations, events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from capgraph.analysis.facilities import DRAWN
from capgraph.analysis.stories import concerns, story, told_by, words
from capgraph.clocks import DateSpan, span_of, started
from capgraph.facts import Row
from capgraph.lifetimes import CLOSED
from capgraph.names import Name, node_ref
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code, LinkKind, Words
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, hidden, note, section

ANNOUNCED = "announced"
_BEGINS, _ENDS = "timeline.begins", "timeline.ends"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened on a day. ``rung`` is where a promise stood from then on."""

    when: DateSpan
    event: Code | Words
    story: Note
    amount: Figure | str
    rung: Code | str
    told_by: str
    thing: str = hidden("")
    layer: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Timeline(Result):
    """Everything dated that the data know of a party, the earliest first."""

    party: Name
    moments: tuple[Moment, ...] = section(Moment)


def timeline(
    network: CapitalNetwork, party: str, context: Context, start: date | None = None, end: date | None = None
) -> Timeline:
    """What happened to a party by the asked day, as far as it was public.

    Parameters
    ----------
    network : the network at a pair of clocks. Its rung says from where up the steps of a promise are told (that it
        ended or came to nothing always is); with ``group`` in its scope the party's house is taken as one.
    party : node id of a party or product.
    context : what the answer says about how it was asked.
    start, end : first and last day to tell (defaults: no first day, the asked day).

    Returns
    -------
    Timeline. States (stakes, pledges, posts, relations) yield their beginning and end, promises (payments, loans,
    contracts) one moment for every entry of their status log, deals their announcement, and events themselves. Days
    sort by their last possible day. A beginning or an end that a payment brought is told by the payment. What has no
    day is counted in a note.

    Examples
    --------
    >>> [str(moment.when) for moment in timeline(network, "softbank-group", context).moments][:2]   # doctest: +SKIP
    """
    members = network.house(party) if network.scope.group else frozenset((party,))
    teller = _Teller(network, frozenset(node_ref(member) for member in members))
    asked = network.scope.clocks.as_of
    last = min(end or asked, asked)
    found = [moment for moment in teller.moments() if started(moment.when, last)]
    kept = [moment for moment in found if start is None or moment.when.last >= start]
    notes = [note("timeline.undated", count=teller.undated)] if teller.undated else []
    notes += [note("timeline.below", count=teller.below)] if teller.below else []
    if not kept:
        notes.insert(0, note("timeline.nothing", party=network.node(party).name))
    kept.sort(key=lambda moment: (moment.when, moment.thing, moment.story.key))
    return Timeline(network.node(party).name, tuple(kept), context=context, notes=tuple(notes))


class _Teller:
    """Tells the moments of some parties, and counts what it has to leave out."""

    def __init__(self, network: CapitalNetwork, members: frozenset[str]) -> None:
        self.network = network
        self.members = members
        self.undated = 0
        self.below = 0

    def moments(self) -> Iterator[Moment]:
        """Every moment, in the order of the tables."""
        for kind in self.network.ontology.kinds.values():
            for row in self.network.facts.table(kind.table):
                if concerns(self.network, row, self.members) and self.network.derived.is_known(row.ref):
                    yield from self._promise(kind, row) if kind.has_status else self._state(kind, row)
        for row in self.network.facts.table("deals"):
            if self.network.derived.is_known(row.ref) and self._takes_part(row):
                yield from self._deal(row)
        for row in self.network.facts.table("events"):
            if f"party/{row['party']}" in self.members and self.network.derived.is_known(row.ref):
                yield from self._event(row)

    def _promise(self, kind: LinkKind, row: Row) -> Iterator[Moment]:
        """The entries of a status log that were public, on the asked rung or off the ladder."""
        derived = self.network.derived
        for entry in self.network.facts.about("statuses", row.ref):
            source = f"source/{entry['source']}" if entry["source"] else ""
            known = derived.sources.public(source) if source else derived.known(row.ref)
            if not derived.clocks.public(known):
                continue
            status = self.network.ontology.code("status", entry["status"])
            rung = self.network.ontology.code("rung", status["rung"])
            ladder, day = int(rung["ladder"] or 0), span_of(entry["date"])
            if day is None:
                self.undated += 1
            elif ladder and ladder < self.network.ladder:
                self.below += 1
            else:
                yield self._moment(day, status, row, kind, rung, source)

    def _state(self, kind: LinkKind, row: Row) -> Iterator[Moment]:
        """The beginning and the end of a state, unless a payment tells of it."""
        if not kind.start or row.derived:
            return
        life, legs = self.network.derived.life(row), self._legs(row)
        if life.start is None or life.start.inferred:
            self.undated += 1
        elif not legs & {"opens"}:
            yield self._moment(life.start.span, words(self.network, _BEGINS), row, kind)
        if life.end is not None and life.end.public and not legs & {"closes"}:
            yield self._moment(life.end.span, words(self.network, _ENDS), row, kind)

    def _legs(self, row: Row) -> set[str]:
        """What closed payments did to a stake."""
        rows = self.network.facts.naming("tranches", "stake", row.ref)
        status = self.network.derived.status
        return {leg["effect"] for leg in rows if (found := status(leg.ref)) and found.rung == CLOSED}

    def _takes_part(self, deal: Row) -> bool:
        """Whether a deal is about one of the parties, or one of them has a leg in it."""
        legs = self.network.facts.naming("tranches", "deal", deal.ref)
        ends = {f"party/{leg[end]}" for leg in legs for end in ("from_party", "to_party")}
        return bool(self.members & {f"party/{deal['subject']}", *ends})

    def _deal(self, row: Row) -> Iterator[Moment]:
        """The announcement of a deal; its legs are told by themselves."""
        day, status = span_of(row["announced"]), self.network.ontology.code("status", ANNOUNCED)
        rung = self.network.ontology.code("rung", status["rung"])
        if day is None:
            return
        if int(rung["ladder"]) < self.network.ladder:
            self.below += 1
        else:
            kind, about = self.network.ontology.code("deal-kind", row["kind"]), f"party/{row['subject']}"
            sources, figure = self.network.evidence(row.ref), self.network.derived.figure(row.ref, "amount")
            yield Moment(
                when=day,
                event=status,
                story=note("story.announced", kind=kind, about=self.network.names.name(about)),
                amount=figure or "",
                rung=rung,
                told_by=told_by(self.network, sources),
                thing=row.ref,
                readings=figure.readings if figure else (),
                sources=sources,
            )

    def _event(self, row: Row) -> Iterator[Moment]:
        day = span_of(row["date"])
        if day is None:
            self.undated += 1
            return
        kind = self.network.ontology.code("event-kind", row["kind"])
        key = "timeline.event_ratio" if row["ratio"] else "timeline.event"
        name = self.network.names.name(f"party/{row['party']}")
        sources = self.network.evidence(row.ref)
        yield Moment(
            when=day,
            event=kind,
            story=note(key, party=name, kind=kind, ratio=row["ratio"]),
            amount="",
            rung="",
            told_by=told_by(self.network, sources),
            thing=row.ref,
            sources=sources,
        )

    def _moment(
        self, day: DateSpan, event: Code | Words, row: Row, kind: LinkKind, rung: Code | str = "", source: str = ""
    ) -> Moment:
        done = not isinstance(rung, Code) or rung.code == CLOSED or not rung["ladder"]
        figure = self._amount(row, kind, done)
        sources = tuple(dict.fromkeys(each for each in (source, *self.network.evidence(row.ref)) if each))
        return Moment(
            when=day,
            event=event,
            story=story(self.network, row, done=isinstance(rung, Code) and rung.code == CLOSED),
            amount=figure or "",
            rung=rung,
            told_by=told_by(self.network, sources),
            thing=row.ref,
            layer=kind.layer,
            readings=figure.readings if figure else (),
            sources=sources,
        )

    def _amount(self, row: Row, kind: LinkKind, done: bool) -> Figure | None:
        """The amount of a promise. What was drawn of a loan is told only once it was."""
        aspects = [aspect for aspect in kind.amount_aspects if kind.has_status and (done or aspect != DRAWN)]
        figures = (self.network.derived.figure(row.ref, aspect) for aspect in aspects)
        return next((figure for figure in figures if figure is not None), None)
