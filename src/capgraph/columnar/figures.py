"""Columns as numbers: dates as days, sources as the day they became public, readings as arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from capgraph.clocks import Clocks, DateSpan, latest_publication, public_day, span_of
from capgraph.columnar.arrow import arrow
from capgraph.columnar.columns import Columns
from capgraph.columnar.intake import NUMBER
from capgraph.ontology import Ontology
from capgraph.readings import EXPIRED_MONTHS, OUTRANKS_DAYS, RIVAL_DAYS, UNSTATED, Policy, older

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEVER = 0
"""The day of a blank date: before all calendars."""

_UNRANKED = 99


class Calendar:
    """The dates of a register as ordinal days (:meth:`datetime.date.toordinal`), and what was public when."""

    def __init__(self, columns: Columns, ontology: Ontology, clocks: Clocks) -> None:
        self.columns = columns
        self.ontology = ontology
        self.clocks = clocks

    @property
    def asked(self) -> int:
        """The day that is asked about."""
        return self.clocks.as_of.toordinal()

    def spans(self, table: str, column: str) -> tuple[Ints, Ints]:
        """First and last day of the dates in a column, :data:`NEVER` where it is blank."""
        spans: Callable[[str], DateSpan | None] = span_of
        first = self.by_value(table, column, lambda cell: _day(spans(cell), "first"))
        return first, self.by_value(table, column, lambda cell: _day(spans(cell), "last"))

    def by_value(self, table: str, column: str, measure: Callable[[str], int]) -> Ints:
        """An integer for each row of a column that depends on its cell alone; each different cell is measured once."""
        return self.columns.by_value(table, column, measure)

    @cached_property
    def latest(self) -> date:
        """The latest publication of any source."""
        cells = arrow("pyarrow.compute").unique(self.columns.cells("sources", "published")).to_pylist()
        return latest_publication(span_of(cell) for cell in cells)

    @cached_property
    def published(self) -> Ints:
        """The day from which each source counts as public, :data:`NEVER` for a source without a date."""

        def measure(cell: str) -> int:
            day = public_day(span_of(cell), self.latest)
            return day.toordinal() if day else NEVER

        return self.by_value("sources", "published", measure)

    def public(self, known: Ints) -> Flags:
        """Whether what has been public since these days was public by the day of knowledge."""
        there: Flags = (known != NEVER) & (known <= self.clocks.known_on.toordinal())
        return there | (known == NEVER) if self.clocks.complete else there

    def said(self, table: str) -> Ints:
        """When the source of each row of a table became public."""
        sources = self.columns.targets(table, "source", "source")
        if sources is None:
            return np.zeros(self.columns.count(table), dtype=np.int64)
        return np.where(sources >= 0, self.published[np.maximum(sources, 0)], NEVER)


def _day(span: DateSpan | None, end: str) -> int:
    return NEVER if span is None else int(getattr(span, end).toordinal())


def least(groups: Ints, values: Ints, size: int) -> Ints:
    """The least value of each group, :data:`NEVER` for a group without one. Blank values do not count."""
    found = np.full(size, np.iinfo(np.int64).max)
    there = values != NEVER
    np.minimum.at(found, groups[there], values[there])
    return np.where(found == np.iinfo(np.int64).max, NEVER, found)


@dataclass(frozen=True)
class Readings:
    """All readings about things of one kind, as arrays of one length. ``about`` is the row of the thing, ``basis`` a
    number (below ``len(UNSTATED)``: not stated), ``period`` the length of the cell."""

    rows: Ints
    about: Ints
    aspects: Ints
    first: Ints
    last: Ints
    value: Floats
    low: Floats
    high: Floats
    known: Ints
    distrust: Ints
    basis: Ints
    unit: Ints
    period: Ints

    @property
    def numeric(self) -> Flags:
        """Whether a reading gives a number or a bound at all."""
        return ~(np.isnan(self.value) & np.isnan(self.low) & np.isnan(self.high))

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """The least and the most that each reading allows, NaN where it sets no bound on that side."""
        low = np.where(np.isnan(self.low), self.value, self.low)
        return low, np.where(np.isnan(self.high), self.value, self.high)

    def where(self, keep: Flags) -> Readings:
        """Some of the readings."""
        return Readings(*(getattr(self, each.name)[keep] for each in fields(self)))


def readings_about(calendar: Calendar, kind: str) -> Readings:
    """The readings about all things of a kind. Aspects are numbered in the order of the code list."""
    columns, ontology = calendar.columns, calendar.ontology
    targets = columns.targets("readings", "about", kind)
    rows = np.flatnonzero(targets >= 0) if targets is not None else np.empty(0, dtype=np.int64)
    aspects, units = list(ontology.codes("aspect")), list(ontology.codes("unit"))
    ranks = {code.code: int(code["order"] or _UNRANKED) for code in ontology.codes("confidence").values()}
    first, last = calendar.spans("readings", "as_of")
    bases: dict[str, int] = {basis: number for number, basis in enumerate(UNSTATED)}
    return Readings(
        rows=rows,
        about=(targets[rows] if targets is not None else rows).astype(np.int64),
        aspects=calendar.by_value("readings", "aspect", aspects.index)[rows],
        first=first[rows],
        last=last[rows],
        value=numbers(columns.cells("readings", "value"))[rows],
        low=numbers(columns.cells("readings", "low"))[rows],
        high=numbers(columns.cells("readings", "high"))[rows],
        known=calendar.said("readings")[rows],
        distrust=calendar.by_value("readings", "confidence", lambda code: ranks.get(code, _UNRANKED))[rows],
        basis=calendar.by_value("readings", "basis", lambda cell: bases.setdefault(cell, len(bases)))[rows],
        unit=calendar.by_value("readings", "unit", lambda cell: units.index(cell) if cell in units else -1)[rows],
        period=calendar.by_value("readings", "period", len)[rows],
    )


def numbers(cells: Any) -> Floats:
    """The cells of a column as numbers, NaN where a cell is blank or text."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    if pa.types.is_dictionary(cells.type):
        return numbers(cells.dictionary)[cells.indices.to_numpy()] if len(cells.dictionary) else np.empty(0)
    fits = compute.match_substring_regex(cells, NUMBER)
    plain = compute.if_else(fits, cells, pa.scalar(None, cells.type))
    return np.asarray(compute.cast(plain, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


@dataclass(frozen=True)
class Chosen:
    """The reading that answers for each thing: its place among the readings, -1 for none; the last day of its date; its
    value, NaN where it gives only a bound, and the range that its rivals leave. ``disputed``: a rival says otherwise.
    ``doubtful`` are the things whose answer takes the whole policy, to be asked row by row."""

    place: Ints
    last: Ints
    value: Floats
    low: Floats
    high: Floats
    disputed: Flags
    doubtful: Flags


def choose(found: Readings, bases: Ints, calendar: Calendar, size: int) -> Chosen:
    """The first reading of each thing in the order of the policy, where that order alone decides.

    The order is that of :func:`capgraph.readings.rank`: the latest ``as_of``, then the place of the basis, confidence,
    latest publication; a less trusted reading does not replace a more trusted one that is less than half a year older.
    A thing is doubtful where two readings tie in all of these, and where figures of periods or several units meet.

    Parameters
    ----------
    found : readings of one aspect. bases : for each the place of its basis in the order, -1 where it never answers.
    size : how many things there are.
    """
    fit = found.numeric & (bases >= 0) & (found.last <= calendar.asked) & calendar.public(found.known)
    order = np.flatnonzero(fit)
    keys = (-found.known, found.distrust, bases, -found.last, found.about)
    order = order[np.lexsort([key[order] for key in keys])]
    about = found.about[order]
    leads = np.r_[True, about[1:] != about[:-1]] if len(order) else np.empty(0, dtype=bool)
    place = np.full(size, -1, dtype=np.int64)
    place[about[leads]] = _replaced(found, order, np.flatnonzero(leads))
    heads = place[about]
    others, heads = order[order != heads], heads[order != heads]
    tied = np.logical_and.reduce([key[heads] == key[others] for key in keys])
    near = _near(found, heads, others)
    strange = (found.unit[heads] != found.unit[others]) | (found.period[heads] + found.period[others] > 0)
    doubtful = np.zeros(size, dtype=bool)
    doubtful[found.about[others[tied | (near & strange)]]] = True
    rivals = near & _comparable(found, heads, others)
    low, high = _ranges(found, place, others[rivals])
    disputed = np.zeros(size, dtype=bool)
    disputed[found.about[others[rivals & _differing(found, heads, others)]]] = True
    answered = place >= 0
    value, last = np.full(size, np.nan), np.zeros(size, dtype=np.int64)
    value[answered], last[answered] = found.value[place[answered]], found.last[place[answered]]
    return Chosen(place, last, value, low, high, disputed, doubtful)


def _replaced(found: Readings, order: Ints, starts: Ints) -> Ints:
    """The reading that answers of each group of a ranked order: the first that no more trusted one holds back."""
    ends = np.r_[starts[1:], len(order)] if len(starts) else starts
    first = order[starts]
    newest = np.repeat(found.last[first], ends - starts)
    weight = np.repeat(found.distrust[first], ends - starts)
    age = newest - found.last[order]
    rivalled = (found.distrust[order] < weight) & (age > 0) & (age < OUTRANKS_DAYS)
    for group in np.flatnonzero(np.logical_or.reduceat(rivalled, starts)).tolist() if len(starts) else ():
        members = order[starts[group] : ends[group]]
        first[group] = members[_first_free(found.last[members].tolist(), found.distrust[members].tolist())]
    return first


def _first_free(last: list[int], distrust: list[int]) -> int:
    """The first of ranked readings that is not held back, as :func:`capgraph.readings.held_back` has it."""
    holders = [(day, rank) for day, rank in zip(last, distrust, strict=True) if last[0] - day < OUTRANKS_DAYS]
    return next(
        place
        for place, (day, rank) in enumerate(zip(last, distrust, strict=True))
        if not any(other < day and trust < rank for other, trust in holders)
    )


def _near(found: Readings, heads: Ints, others: Ints) -> Flags:
    """Whether two readings speak of one moment, as :func:`capgraph.clocks.near` has it."""
    gap = np.maximum(found.first[heads], found.first[others]) - np.minimum(found.last[heads], found.last[others])
    near: Flags = gap <= RIVAL_DAYS
    return near


def _comparable(found: Readings, heads: Ints, others: Ints) -> Flags:
    """Whether two readings have one basis, or one does not say what it is of."""
    one, other = found.basis[heads], found.basis[others]
    same: Flags = (one == other) | (one < len(UNSTATED)) | (other < len(UNSTATED))
    return same


def _differing(found: Readings, heads: Ints, others: Ints) -> Flags:
    """Whether two readings contradict each other: two values that are not equal, or bounds that exclude."""
    lows, highs = found.bounds
    low, high = np.nan_to_num(lows, nan=-np.inf), np.nan_to_num(highs, nan=np.inf)
    one, other = found.value[heads], found.value[others]
    both = ~np.isnan(one) & ~np.isnan(other)
    low = np.where(np.isnan(found.value), low, found.value)
    high = np.where(np.isnan(found.value), high, found.value)
    return np.where(both, one != other, (low[heads] > high[others]) | (low[others] > high[heads]))


def _ranges(found: Readings, place: Ints, rivals: Ints) -> tuple[Floats, Floats]:
    """The least and the most over the answering readings and their rivals, NaN without any bound."""
    own, heads = np.flatnonzero(place >= 0), place[place >= 0]
    lows, highs = found.bounds
    low, high = np.full(len(place), np.inf), np.full(len(place), -np.inf)
    for things, readings in ((own, heads), (found.about[rivals], rivals)):
        np.minimum.at(low, things, np.where(np.isnan(lows[readings]), np.inf, lows[readings]))
        np.maximum.at(high, things, np.where(np.isnan(highs[readings]), -np.inf, highs[readings]))
    return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def bases_of(calendar: Calendar, found: Readings, policy: Policy) -> Ints:
    """The place of each reading's basis in the order of one aspect, -1 where it never answers."""

    def place(basis: str) -> int:
        found = policy.place(basis)
        return -1 if found is None else found

    return calendar.by_value("readings", "basis", place)[found.rows]


def expired(calendar: Calendar, last: Ints) -> Flags:
    """Whether a percent of these days is too old to count at the asked day."""
    days, inverse = np.unique(last, return_inverse=True)
    old = [
        day != NEVER and older(DateSpan.of(date.fromordinal(day)), EXPIRED_MONTHS, calendar.clocks.as_of)
        for day in days.tolist()
    ]
    return np.array(old, dtype=bool)[inverse] if len(days) else np.empty(0, dtype=bool)


def aspects_numbered(ontology: Ontology, aspects: Sequence[str]) -> list[int]:
    """The numbers of some aspects."""
    numbered = list(ontology.codes("aspect"))
    return [numbered.index(aspect) for aspect in aspects]
