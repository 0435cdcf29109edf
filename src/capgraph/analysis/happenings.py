"""Whether a thing that a text tells of existed or happened when the text says so, by independent evidence alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capgraph.analysis.claimed import Input
from capgraph.analysis.testimony import happens
from capgraph.clocks import Clocks, DateSpan, near, span_of
from capgraph.derive import Derived
from capgraph.facts import Row
from capgraph.names import Names
from capgraph.results import Note, note

_TOLD_IN = ("evidence", "readings", "statuses")
_DATES = ("announced", "arranged", "date")


@dataclass(frozen=True, slots=True)
class Happening:
    """What the evidence says of one thing. ``outcome`` is a code of the list of verdicts: ``supported``,
    ``contradicted``, ``outdated`` or ``not-covered``. ``remark``: how far a promise had come by then."""

    given: Input
    outcome: str
    why: Note
    sources: tuple[str, ...]
    readings: tuple[str, ...]
    remark: Note | None = None


def happening(derived: Derived, given: Input) -> Happening:
    """Test one thing: somebody independent tells of it, and its dates fit the day of which the text speaks.

    What happens once (a payment, a deal, a statement) must have a date that overlaps the claimed one. What lasts (a
    stake, a post, a loan) must have begun by its end and not have ended before it. Where neither the claim nor its
    input gives a date, that somebody tells of the thing is enough.
    """
    row = derived.facts.get(given.about)
    told = tuple(dict.fromkeys(_sources(derived, given.about)))
    name = Names(derived.facts).called(given.about)
    if row is None or not told:
        return Happening(given, "not-covered", note("claims.why.untold", thing=name), (), ())
    readings = tuple(reading.id for reading in derived.readings(given.about) if derived.clocks.public(reading.known))
    outcome, why = _dated(derived, row, given) if given.dated else ("", None)
    if why is None:
        why, outcome = note("claims.why.told", thing=name), "supported"
    return Happening(given, outcome, why, told, readings, _standing(derived, row, given))


def _sources(derived: Derived, ref: str) -> Iterator[str]:
    """The public sources that tell of a thing; of a party or product without any, those of what names it."""
    rows = [row for table in _TOLD_IN for row in derived.facts.about(table, ref) if row["source"]]
    if not rows:
        named = derived.facts.mentions(ref) if ref.startswith(("party/", "product/")) else ()
        rows = [row for other in named for row in derived.facts.about("evidence", other.ref)]
    for row in rows:
        source = f"source/{row['source']}"
        if derived.clocks.public(derived.sources.public(source)):
            yield source


def _dated(derived: Derived, row: Row, given: Input) -> tuple[str, Note | None]:
    """How the dates of a thing fit the claimed one; no note where they do, or where nothing dates it."""
    if happens(derived, row.ref):
        spans = sorted(_days(derived, row))
        if not spans or any(near(span, given.as_of, 0) for span in spans):
            return "", None
        return "contradicted", note("claims.why.other_date", days=tuple(dict.fromkeys(spans)), as_of=given.as_of)
    kind = derived.ontology.kinds.get(row.ref.split("/")[0])
    if kind is None or not kind.start:
        return "", None
    start, end = derived.start(row), derived.end(row)
    if start is not None and not start.inferred and start.span.first > given.as_of.last:
        return "contradicted", note("claims.why.later", start=start.span, as_of=given.as_of)
    if end is not None and end.public and end.span.last < given.as_of.first:
        return "outdated", note("claims.why.ended", end=end.span, as_of=given.as_of)
    return "", None


def _days(derived: Derived, row: Row) -> Iterator[DateSpan]:
    """Every date of something that happens once: its own, those of its log, and those of the deal around it."""
    for name in _DATES:
        if row.cells.get(name):
            yield DateSpan.parse(row[name])
    for entry in derived.facts.about("statuses", row.ref):
        if entry["date"]:
            yield DateSpan.parse(entry["date"])
    if row.cells.get("deal"):
        deal = derived.facts.get(f"deal/{row['deal']}")
        announced = span_of(deal["announced"]) if deal is not None else None
        yield from [announced] if announced else []
    for leg in derived.facts.naming("tranches", "deal", row.ref) if row.table == "deals" else ():
        for entry in derived.facts.about("statuses", leg.ref):
            if entry["date"]:
                yield DateSpan.parse(entry["date"])


def _standing(derived: Derived, row: Row, given: Input) -> Note | None:
    """How far a promise had come at the end of the claimed date, where it had not been carried out."""
    if not given.dated:
        return None
    clocks = Clocks(
        min(given.as_of.last, derived.clocks.as_of), derived.clocks.known_on, complete=derived.clocks.complete
    )
    then = Derived(derived.facts, derived.ontology, clocks)
    legs = derived.facts.naming("tranches", "deal", row.ref) if row.table == "deals" else (row,)
    found = [status for leg in legs if (status := then.status(leg.ref)) is not None]
    pending = [status for status in found if status.ladder and status.rung != "closed"]
    if not pending or len(pending) < len(found):
        return None
    status = max(pending, key=lambda each: each.ladder)
    code = derived.ontology.code("status", status.code)
    thing = Names(derived.facts).called(row.ref)
    return note("claims.remark.standing", thing=thing, status=code, as_of=given.as_of)
