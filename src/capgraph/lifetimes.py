"""When things were known, on which rung they stood, and when states began and ended, at a pair of clocks.

The two clocks meet here: a link that had ended by the asked day still stands if its end was not public by the day of
knowledge. Figures are chosen in ``readings.py``; ``derive.py`` brings both together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from capgraph.clocks import Clocks, DateSpan, ended, inexact, span_in, span_of, started
from capgraph.facts import Facts, Row
from capgraph.ontology import LinkKind, Ontology
from capgraph.readings import Policy, rank
from capgraph.sources import Reading, Sources

CLOSED = "closed"
"""The rung on which a promise has become cash."""

_OF_EVIDENCE = ("evidence", "readings", "statuses")
_INHERITING = ("party", "product")
"""Kinds whose evidence is that of the things that name them."""
_ANNOUNCED = ("announced", "arranged", "start")
"""The columns from which a status without a date counts, the first that is filled."""


@dataclass(frozen=True, slots=True)
class StatusAt:
    """What had become of a promise at a pair of clocks.

    ``ladder`` is 1 (rumoured) to 5 (closed), 0 where it has ended or come to nothing. ``inferred``: the log gives no
    date, so the status counts from the announcement or the first evidence. ``inexact``: the asked day lies inside the
    days that the date may mean.
    """

    code: str
    rung: str
    ladder: int
    since: DateSpan | None
    known: date | None
    source: str
    inferred: bool
    inexact: bool


@dataclass(frozen=True, slots=True)
class Start:
    """From when a state counts. ``inferred``: no cell says so; its earliest dated reading or evidence does."""

    span: DateSpan
    inferred: bool


@dataclass(frozen=True, slots=True)
class End:
    """From when a state no longer stands. ``by`` says what shows it: a closing ``tranche``, a ``reading``, a ``status``
    (repaid, lapsed, cancelled, on hold), or nothing. ``public``: it was known by the day of knowledge."""

    span: DateSpan
    by: str
    known: date | None
    public: bool


@dataclass(frozen=True, slots=True)
class Life:
    """A state at a pair of clocks. It stands when it was known, had begun, and no known end had come.

    ``flags``: ``start_unknown`` (no start, or an inferred one that still lies ahead), ``start_inferred``,
    ``date_inexact``, ``end_not_public`` (it had ended, and nobody could know).
    """

    start: Start | None
    end: End | None
    known: bool
    begun: bool
    over: bool
    flags: frozenset[str]

    @property
    def stands(self) -> bool:
        return self.known and self.begun and not self.over


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row of the status log with the dates from which it counts and was known."""

    code: str
    rung: str
    ladder: int
    span: DateSpan | None
    known: date | None
    source: str
    inferred: bool

    @property
    def weight(self) -> int:
        """Its place where dates do not tell which status came later: up the ladder, the end last."""
        return self.ladder or 9


class Lifetimes:
    """Evidence, statuses, starts and ends of all things at one pair of clocks. Computed when asked, and kept."""

    def __init__(self, facts: Facts, ontology: Ontology, clocks: Clocks) -> None:
        self.facts = facts
        self.ontology = ontology
        self.clocks = clocks
        self.sources = Sources(facts)
        self._known: dict[str, date | None] = {}
        self._statuses: dict[str, StatusAt | None] = {}
        self._about: dict[str, tuple[Reading, ...]] = {}
        self._policies: dict[tuple[str, bool], Policy] = {}

    # What was known -------------------------------------------------------------------------------------------------

    def known(self, ref: str) -> date | None:
        """The day of the first public evidence of a thing, None where no evidence has a date.

        Evidence are its rows in ``evidence``, its readings and the sources of its statuses. Parties and products
        inherit it from whatever names them, and so does a thing without evidence of its own.
        """
        if ref not in self._known:
            self._known[ref] = None
            self._known[ref] = min((day for day in self._evidence_days(ref) if day is not None), default=None)
        return self._known[ref]

    def _evidence_days(self, ref: str) -> Iterator[date | None]:
        row = self.facts.get(ref)
        if row is not None and row.table == "sources":
            yield self.sources.public(ref)
            return
        if row is not None and row.cells.get("source"):
            yield self.sources.public(f"source/{row['source']}")
        about = [entry for table in _OF_EVIDENCE for entry in self.facts.about(table, ref) if entry["source"]]
        for entry in about:
            yield self.sources.public(f"source/{entry['source']}")
        if not about or ref.startswith(tuple(f"{kind}/" for kind in _INHERITING)):
            for other in self.facts.mentions(ref):
                yield self.known(other.ref)

    def is_known(self, ref: str) -> bool:
        """Whether the thing was known by the day of knowledge."""
        return self.clocks.public(self.known(ref))

    def readings(self, ref: str) -> tuple[Reading, ...]:
        """All readings about a thing, of any date, public or not."""
        if ref not in self._about:
            self._about[ref] = tuple(Reading.of(row, self.sources) for row in self.facts.about("readings", ref))
        return self._about[ref]

    def policy(self, aspect: str, ages: bool = False) -> Policy:
        """The policy for an aspect."""
        key = (aspect, ages)
        if key not in self._policies:
            self._policies[key] = Policy.of(self.ontology, aspect, ages)
        return self._policies[key]

    # Statuses -------------------------------------------------------------------------------------------------------

    def status(self, ref: str) -> StatusAt | None:
        """The status of a tranche, facility or contract, None where it has none yet (or is of a kind without statuses).

        The latest row of the log that had come and was public. Rows whose dates overlap follow the ladder. Before the
        first row a thing is announced from its announcement.
        """
        if ref not in self._statuses:
            self._statuses[ref] = self._status(ref)
        return self._statuses[ref]

    def _status(self, ref: str) -> StatusAt | None:
        current: _Entry | None = None
        for entry in sorted(self._log(ref), key=_by_date):
            if self._counts(entry) and (current is None or _follows(entry, current)):
                current = entry
        current = current or self._announced(ref)
        if current is None:
            return None
        inside = current.span is not None and inexact(current.span, self.clocks.as_of)
        return StatusAt(
            current.code,
            current.rung,
            current.ladder,
            current.span,
            current.known,
            current.source,
            current.inferred,
            inside,
        )

    def _counts(self, entry: _Entry) -> bool:
        come = entry.span is None or started(entry.span, self.clocks.as_of)
        return come and self.clocks.public(entry.known)

    def _log(self, ref: str) -> Iterator[_Entry]:
        for row in self.facts.about("statuses", ref):
            source = f"source/{row['source']}" if row["source"] else ""
            known = self.sources.public(source) if source else self.known(ref)
            span = span_of(row["date"]) or self._undated(ref)
            yield self._entry(row["status"], span, known, source, inferred=not row["date"])

    def _entry(self, code: str, span: DateSpan | None, known: date | None, source: str, inferred: bool) -> _Entry:
        rung = self.ontology.code("status", code)["rung"]
        ladder = int(self.ontology.code("rung", rung)["ladder"] or 0)
        return _Entry(code, rung, ladder, span, known, source, inferred)

    def first_told(self, ref: str) -> DateSpan | None:
        """The first day of a thing's log, of the rows that were public by the day of knowledge."""
        spans = (entry.span for entry in self._log(ref) if self.clocks.public(entry.known))
        return min((span for span in spans if span is not None), default=None)

    def _undated(self, ref: str) -> DateSpan | None:
        """From when a status without a date counts: the announcement, else the first evidence."""
        row = self.facts.get(ref)
        cells = [row.cells.get(column, "") for column in _ANNOUNCED] if row else []
        said = next((span_of(cell) for cell in cells if cell), None) or self._announcement(ref)
        known = self.known(ref)
        return said or (DateSpan.of(known) if known else None)

    def _announcement(self, ref: str) -> DateSpan | None:
        """When a thing, or the deal that it is a leg of, was announced."""
        row = self.facts.get(ref)
        if row is None:
            return None
        deal = self.facts.get(f"deal/{row['deal']}") if row.cells.get("deal") else None
        return span_of(row.cells.get("announced", "") or (deal["announced"] if deal else ""))

    def _announced(self, ref: str) -> _Entry | None:
        span = self._announcement(ref)
        if span is None or ref.split("/")[0] not in self._kinds_with_statuses:
            return None
        entry = self._entry("announced", span, self.known(ref), "", inferred=False)
        return entry if self._counts(entry) else None

    @property
    def _kinds_with_statuses(self) -> tuple[str, ...]:
        return self.ontology.schema.tables["statuses"].column("about").kinds

    # Starts and ends ------------------------------------------------------------------------------------------------

    def _kind(self, row: Row) -> LinkKind:
        return self.ontology.kinds[row.ref.split("/")[0]]

    def start(self, row: Row) -> Start | None:
        """From when a state counts, None where nothing dated speaks of it.

        Its own cell, else a reading ``start``, else (inferred) its earliest dated reading, of those that were public by
        the day of knowledge, else the publication of its first evidence.
        """
        column = self._kind(row).start
        if column and row[column]:
            return Start(DateSpan.parse(row[column]), inferred=False)
        stated = self._stated(row.ref, "start")
        if stated:
            return Start(stated, inferred=False)
        spoken = [reading.as_of for reading in self.readings(row.ref) if self._shows(reading)]
        if spoken:
            return Start(min(spoken), inferred=True)
        known = self.known(row.ref)
        return Start(DateSpan.of(known), inferred=True) if known else None

    def _shows(self, reading: Reading) -> bool:
        """Whether a public reading shows that the thing was there: a figure of the thing itself that is not nought."""
        code = self.ontology.code("aspect", reading.aspect)
        own = bool(code["eachBasisAnswers"]) or self.policy(reading.aspect).place(reading.basis) is not None
        return own and reading.numeric and reading.value != 0 and self.clocks.public(reading.known)

    def _stated(self, ref: str, aspect: str) -> DateSpan | None:
        """The date that a public reading of the aspect ``start`` or ``end`` gives, the first by the policy."""
        dates = [reading for reading in self.readings(ref) if reading.aspect == aspect]
        public = [reading for reading in dates if self.clocks.public(reading.known)]
        spans = (span_in(reading.text) for reading in rank(public, self.policy(aspect)))
        return next((span for span in spans if span is not None), None)

    def end(self, row: Row) -> End | None:
        """From when a state no longer stands, None where no end is known to the data.

        A status off the ladder ends a facility or contract, whatever its term. Otherwise its own cell, else the day on
        which a tranche that closes the stake was closed, else a reading ``end``. An end is known from the day on which
        the public learned that the closing tranche was closed (its promise may have been known for months), or from a
        reading ``end``; with neither it is known at once (see :meth:`ends_without_evidence`).
        """
        status = self.status(row.ref)
        if status and not status.ladder and status.since:
            return End(status.since, "status", status.known, True)
        closing = self._closing(row.ref)
        span = self._end_cell(row) or self._closed_on(closing) or self._stated(row.ref, "end")
        if span is None:
            return None
        spoken = [reading for reading in self.readings(row.ref) if reading.aspect == "end"]
        days = [self._known_closed(tranche.ref) for tranche in closing] + [reading.known for reading in spoken]
        known = min((day for day in days if day is not None), default=None)
        by = "tranche" if closing else "reading" if spoken else ""
        return End(span, by, known, not by or self.clocks.public(known))

    def _end_cell(self, row: Row) -> DateSpan | None:
        column = self._kind(row).end
        return span_of(row[column]) if column else None

    def _closing(self, ref: str) -> list[Row]:
        """The tranches that close a stake."""
        return [tranche for tranche in self._legs(ref) if tranche["effect"] == "closes"]

    def _legs(self, ref: str) -> list[Row]:
        """The tranches that change a stake."""
        return list(self.facts.naming("tranches", "stake", ref)) if ref.startswith("stake/") else []

    def _known_closed(self, ref: str) -> date | None:
        """From when it was known that a tranche was closed; where the log does not say so, from when it was known."""
        days = [entry.known for entry in self._log(ref) if entry.rung == CLOSED and entry.known is not None]
        return min(days, default=self.known(ref))

    def _closed_on(self, tranches: list[Row]) -> DateSpan | None:
        statuses = [self.status(tranche.ref) for tranche in tranches]
        return min((found.since for found in statuses if found and found.rung == CLOSED and found.since), default=None)

    def life(self, row: Row) -> Life:
        """A state at the clocks. Flows, and kinds whose class names no start, have neither start nor end."""
        kind = self._kind(row)
        known = self.is_known(row.ref)
        if kind.flow or not kind.start:
            return Life(None, None, known, True, False, frozenset())
        start, end, day = self.start(row), self.end(row), self.clocks.as_of
        begun = start is not None and started(start.span, day)
        came = end is not None and ended(end.span, day)
        over = came and end is not None and end.public
        flags = {
            "start_unknown": start is None or (start.inferred and not begun),
            "start_inferred": start is not None and start.inferred and begun,
            "date_inexact": any(moment and inexact(moment.span, day) for moment in (start, end if over else None)),
            "end_not_public": came and not over,
        }
        return Life(start, end, known, begun, over, frozenset(flag for flag, holds in flags.items() if holds))

    def ends_without_evidence(self) -> tuple[str, ...]:
        """The states whose end came by the latest publication although nothing in the data shows how it is known."""
        return tuple(row.ref for row in self._states() if self._unevidenced(self.end(row)))

    def _unevidenced(self, end: End | None) -> bool:
        return end is not None and not end.by and end.span.first <= self.sources.latest

    def _states(self) -> Iterator[Row]:
        for kind in self.ontology.kinds.values():
            if not kind.flow and kind.end:
                yield from self.facts.table(kind.table)


def _by_date(entry: _Entry) -> tuple[date, date, int]:
    if entry.span is None:
        return date.min, date.min, entry.weight
    return entry.span.first, entry.span.last, entry.weight


def _follows(entry: _Entry, current: _Entry) -> bool:
    """Whether a row that sorts later replaces the current one: it is later beyond doubt, or no lower on the ladder."""
    beyond = current.span is None or entry.span is None or entry.span.first > current.span.last
    return beyond or entry.weight >= current.weight
