"""What a party held, owed, lent, bought and sold, each for as long as it lasted, and the payments that it made and got.

Rows of the answer are things of the facts, whether they stand on the asked day or have ended; figures of what has ended
are those of the day before its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from capgraph.clocks import DateSpan, span_of, started
from capgraph.derive import Derived
from capgraph.facts import Row, items
from capgraph.lifetimes import Life, StatusAt
from capgraph.names import Name, node_id
from capgraph.network import PROMISE, CapitalNetwork, container_of
from capgraph.ontology import Code, LinkKind, Words
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_LAYERS = ("equity", "debt", "contract")


@dataclass(frozen=True, slots=True)
class Episode:
    """One thing that tied the party to others for a time.

    ``party`` are the others, ``whose`` the member of the house that it belongs to. ``firm_from`` is when it was at
    least signed (None: never, or of a kind without promises), ``status`` what became of it. ``end`` is empty where it
    has none.
    """

    relation: Words
    party: tuple[Name, ...]
    what: Code | str
    whose: Name
    start: DateSpan | Note | None
    firm_from: DateSpan | str | None
    end: DateSpan | str
    status: Code | str
    percent: Value | str | None
    amount: Value | str | None
    layer: str = hidden("")
    held: bool = hidden(False)
    promise: bool = hidden(False)
    ended: bool = hidden(False)
    begins: DateSpan | None = hidden(None)
    link: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment to or by the party, made or promised. ``effect`` is what it does to a stake."""

    when: DateSpan | None
    party: Name | Words
    direction: Words
    effect: Code | str
    amount: Value
    status: Code
    tranche: str = hidden("")
    stake: str = hidden("")
    about: str = hidden("")
    made: bool = hidden(False)
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class Episodes(Result):
    """A party over time."""

    party: Name = hidden(None)
    episodes: tuple[Episode, ...] = section(Episode)
    payments: tuple[Payment, ...] = section(Payment)


def episodes(network: CapitalNetwork, party: str, context: Context) -> Episodes:
    """Every stake, loan, guarantee and contract that the party had by the asked day, and every payment.

    Parameters
    ----------
    network : the network at a pair of clocks. With ``group`` in its scope the party is its house: what its members have
        with each other is left out, and what is contained in a thing of the house counts within it.
    party : node id.
    context : printed with the answer.
    """
    reader = _Reader(network, network.house(party) if network.scope.group else frozenset((party,)))
    rows = sorted(reader.episodes(), key=_order)
    return Episodes(
        party=network.node(party).name,
        episodes=tuple(rows),
        payments=tuple(
            sorted(reader.payments(), key=lambda row: (row.when.first if row.when else date.max, row.tranche))
        ),
        context=context,
    )


def _order(row: Episode) -> tuple[int, bool, str, date, str]:
    first = row.begins.first if row.begins else date.max
    return _LAYERS.index(row.layer), not row.held, row.relation.en, first, row.link


class _Reader:
    """Reads what a house had with others from the facts."""

    def __init__(self, network: CapitalNetwork, house: frozenset[str]) -> None:
        self.network, self.derived, self.house = network, network.derived, house
        self.as_of = network.scope.clocks.as_of
        self.firm = next(
            int(code["ladder"]) for code in network.ontology.codes("rung").values() if code.code == "signed"
        )

    # States ----------------------------------------------------------------------------------------------------------

    def episodes(self) -> Iterator[Episode]:
        for kind in self.network.ontology.kinds.values():
            simple = len(kind.from_end) == len(kind.to_end) == 1
            if simple and kind.start and not kind.flow and kind.layer in _LAYERS:
                for row in self.mentioned(kind.table):
                    episode = self._episode(kind, row)
                    if episode is not None:
                        yield episode

    def mentioned(self, table: str) -> list[Row]:
        """The rows of a table that name a member of the house, in the order of the facts."""
        found = {row.ref: row for id in sorted(self.house) for row in self.network.facts.mentions(f"party/{id}")}
        return [row for row in self.network.facts.table(table) if row.ref in found]

    def _episode(self, kind: LinkKind, row: Row) -> Episode | None:
        sources, targets = (self._parties(row, end[0]) for end in (kind.from_end, kind.to_end))
        forward, backward = (bool(self.house & set(ends)) for ends in (sources, targets))
        life, status = self.derived.life(row), self.derived.status(row.ref)
        if forward == backward or not life.known or not life.begun or self._inside(row, forward):
            return None
        if kind.has_status and status is None:
            return None
        ours, others = (sources, targets) if forward else (targets, sources)
        refined = self.network.ontology.link_kind(kind.kind, row[kind.refined_by] if kind.refined_by else "")
        promised = status is not None and status.ladder > 0 and status.rung != PROMISE
        told = refined.promised() if promised else refined
        ended = life.over or (status is not None and not status.ladder)
        percent, amount = self._figures(row, life)
        return Episode(
            relation=told.verb if forward else told.verb_back,
            party=tuple(self.network.node(id).name for id in others),
            what=self._what(kind, row),
            whose=self.network.node(next(id for id in ours if id in self.house)).name,
            start=_start(life),
            firm_from=self._firm_from(row, life) if kind.has_status else "",
            end=self._end(life) or "",
            status=self.network.ontology.code("status", status.code) if status else "",
            percent=percent if kind.percent_aspects else "",
            amount=amount,
            layer=refined.layer,
            held=forward and refined.layer == "equity",
            promise=status is not None and 0 < status.ladder < self.firm,
            ended=ended,
            begins=life.start.span if life.start else None,
            link=row.ref,
            readings=tuple(id for value in (percent, amount) if value for id in value.readings),
            sources=self.network.evidence(row.ref),
        )

    def _parties(self, row: Row, column: str) -> tuple[str, ...]:
        spec = self.network.facts.schema.tables[row.table].column(column)
        return tuple(node_id(spec.refers_to(item)) for item in items(spec, row[column]))

    def _inside(self, row: Row, forward: bool) -> bool:
        """Whether a thing is contained in one of the same kind that the house has with the same others."""
        outer = self.network.facts.get(container_of(row))
        if outer is None or outer.table != row.table:
            return False
        kind = self.network.ontology.kinds[row.ref.split("/")[0]]
        ours, others = (kind.from_end[0], kind.to_end[0]) if forward else (kind.to_end[0], kind.from_end[0])
        same = set(self._parties(row, others)) <= set(self._parties(outer, others))
        return same and bool(self.house & set(self._parties(outer, ours)))

    def _what(self, kind: LinkKind, row: Row) -> Code | str:
        """What kind of loan or contract it is, or through which instrument it is held."""
        column = kind.refined_by or ("kind" if "kind" in row.cells else "")
        if not column or not row[column]:
            return ""
        return self.network.ontology.code(
            self.network.facts.schema.tables[row.table].column(column).scheme, row[column]
        )

    def _end(self, life: Life) -> DateSpan | None:
        """Its end, also one that is still to come, as far as it is public."""
        return life.end.span if life.end is not None and life.end.public else None

    def _firm_from(self, row: Row, life: Life) -> DateSpan | None:
        """Since when it is at least signed, None where it never was."""
        found = []
        for entry in self.network.facts.about("statuses", row.ref):
            rung = self.network.ontology.code("rung", self.network.ontology.code("status", entry["status"])["rung"])
            known = self.derived.sources.public(f"source/{entry['source']}") if entry["source"] else None
            span = span_of(entry["date"]) or (life.start.span if life.start else None)
            firm = int(rung["ladder"] or 0) >= self.firm
            if firm and span is not None and started(span, self.as_of) and self._public(known):
                found.append(span)
        return min(found, default=None)

    def _public(self, day: date | None) -> bool:
        return day is None or self.network.scope.clocks.public(day)

    def _figures(self, row: Row, life: Life) -> tuple[Value | None, Value | None]:
        """Percent and amount on the asked day, of what has ended those of the day before its end."""
        derived = self._at(life.end.span) if life.over and life.end is not None else self.derived
        percent, amount = derived.percent(row.ref), derived.amount(row.ref)
        return _said(percent), _said(amount)

    def _at(self, end: DateSpan) -> Derived:
        if end not in self._moments:
            clocks = self.network.scope.clocks
            before = end.first - timedelta(days=1)
            self._moments[end] = Derived(
                self.network.facts,
                self.network.ontology,
                type(clocks)(before, clocks.known_on, before < clocks.known_on, clocks.complete),
            )
        return self._moments[end]

    @cached_property
    def _moments(self) -> dict[DateSpan, Derived]:
        return {}

    # Payments --------------------------------------------------------------------------------------------------------

    def payments(self) -> Iterator[Payment]:
        """The payments to or by the house: made, or promised and still to come."""
        for row in self.mentioned("tranches"):
            status = self.derived.status(row.ref)
            ours = [row[end] in self.house for end in ("from_party", "to_party")]
            if any(ours) and not all(ours) and status is not None and status.ladder and self.derived.is_known(row.ref):
                yield self._payment(row, status, out=ours[0])

    def _payment(self, row: Row, status: StatusAt, out: bool) -> Payment:
        ontology, figure = self.network.ontology, self.derived.amount(row.ref)
        other, stake = row["to_party" if out else "from_party"], self.network.facts.get(f"stake/{row['stake']}")
        unnamed, way = ontology.words("party.unnamed"), ontology.words(f"chart.{'out' if out else 'in'}")
        assert unnamed is not None
        assert way is not None
        issuer = stake["issuer"] if stake is not None else other
        return Payment(
            when=status.since,
            party=self.network.node(other).name if other else unnamed,
            direction=way,
            effect=ontology.code("effect", row["effect"]) if row["effect"] else "",
            amount=_said(figure) or Value(None, "USD"),
            status=ontology.code("status", status.code),
            tranche=row.ref,
            stake=stake.ref if stake is not None else "",
            about=other if issuer in self.house else issuer,
            made=status.rung == "closed",
            readings=figure.readings if figure else (),
            sources=self.network.evidence(row.ref),
        )


def _start(life: Life) -> DateSpan | Note | None:
    """The start as written; one that only evidence shows is a day by which it was there."""
    if life.start is None:
        return None
    return note("date.by", date=life.start.span) if life.start.inferred else life.start.span


def _said(figure: Figure | None) -> Value | None:
    return Value(figure.value, figure.unit, figure.low, figure.high, figure.readings) if figure else None


def repeated(result: Episodes) -> Mapping[Name, tuple[Episode, ...]]:
    """The companies that the party held more than once, none of the times beginning before the one before had ended."""
    held: dict[Name, list[Episode]] = {}
    for row in sorted(result.episodes, key=_order):
        if row.held and row.begins is not None:
            held.setdefault(row.party[0], []).append(row)
    return {name: tuple(rows) for name, rows in held.items() if len(rows) > 1 and all(map(_apart, rows, rows[1:]))}


def _apart(one: Episode, other: Episode) -> bool:
    """Whether the one had ended when the other began."""
    if not one.ended or not isinstance(one.end, DateSpan) or other.begins is None:
        return False
    return one.end.first <= other.begins.first
