"""A party's part of a company through all chains of holdings, as it stood at one day after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from capgraph.analysis.through import ThroughHoldings
from capgraph.clocks import months_after
from capgraph.names import Name
from capgraph.results import Context, Result, Value, hidden, note, section


@dataclass(frozen=True, slots=True)
class QuarterShare:
    """What a party owned of a company on one day: in all, directly, through others, and at most if every stake of
    unknown percent is as large as it can be. Percents 0..100; None throughout where no stake is known."""

    day: date
    share: Value | None
    direct: Value | None
    indirect: Value | None
    at_most: Value | None
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterShares(Result):
    """A party's part of a company at each quarter-end."""

    holder: Name
    issuer: Name
    quarters: tuple[QuarterShare, ...] = section(QuarterShare)


def quarter_ends(first: date, last: date) -> Iterator[date]:
    """The last days of the calendar quarters from one day to another, both included.

    >>> [str(day) for day in quarter_ends(date(2025, 6, 30), date(2025, 12, 30))]
    ['2025-06-30', '2025-09-30']
    """
    begin = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    while True:
        begin = months_after(begin, 3)
        end = begin - timedelta(days=1)
        if end > last:
            return
        if end >= first:
            yield end


def quarter_shares(holder: Name, issuer: Name, answers: Iterable[ThroughHoldings], context: Context) -> QuarterShares:
    """One row a day from what the party held through all chains on that day (:func:`.through.holdings_through`)."""
    rows = []
    for answer in answers:
        found = next((row for row in answer.shares if row.issuer.id == issuer.id), None)
        day = answer.context.clocks.as_of
        if found is None:
            rows.append(QuarterShare(day, None, None, None, None))
        else:
            rows.append(
                QuarterShare(
                    day, found.share, found.direct, found.indirect, found.at_most, found.readings, found.sources
                )
            )
    notes = () if rows else (note("quarters.none"),)
    return QuarterShares(holder=holder, issuer=issuer, quarters=tuple(rows), context=context, notes=notes)
