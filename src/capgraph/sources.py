"""What sources say: when each became public, who said it first, and the readings taken from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from capgraph.clocks import DateSpan, latest_publication, public_day, span_of
from capgraph.facts import Facts, Row
from capgraph.schema import is_number


class Sources:
    """When each source became public, and who said it first. Sources are named as everywhere, ``source/<id>``."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._days: dict[str, date | None] = {}
        self._origins: dict[str, str] = {}

    @cached_property
    def latest(self) -> date:
        """The latest publication day of any source. Raises UsageProblem where no source has a date."""
        return latest_publication(span_of(cell) for cell in self._facts.distinct("sources", "published"))

    def public(self, ref: str) -> date | None:
        """The day from which a source counts as public, None where it has no date or is not there."""
        if ref not in self._days:
            row = self._facts.get(ref)
            published = span_of(row["published"]) if row is not None else None
            self._days[ref] = public_day(published, self.latest) if published else None
        return self._days[ref]

    def origin(self, ref: str) -> str:
        """Whoever said it first: the last name of the chain of copies, a wire's or a source's id."""
        if ref not in self._origins:
            self._origins[ref] = self._origin(ref)
        return self._origins[ref]

    def _origin(self, ref: str) -> str:
        name = ref.removeprefix("source/")
        seen = {name}
        while (row := self._facts.get(f"source/{name}")) is not None and row["origin"]:
            name = row["origin"]
            if name in seen:
                return min(seen)
            seen.add(name)
        return name

    def distance(self, ref: str) -> int:
        """How many copies a source is away from whoever said it first; 0 for the first itself."""
        name, steps = ref.removeprefix("source/"), 0
        seen = {name}
        while (row := self._facts.get(f"source/{name}")) is not None and row["origin"] and row["origin"] not in seen:
            name, steps = row["origin"], steps + 1
            seen.add(name)
        return steps


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says of one aspect of one thing at one date.

    ``value`` is None where the source gives only a bound (``low``: more than, ``high``: up to) or where the aspect is
    no number; ``text`` is the cell as written. ``known`` is the day from which its source was public (None: no date),
    and ``origin`` whoever said it first, so that copies count once.
    """

    id: str
    about: str
    aspect: str
    as_of: DateSpan
    period: str
    value: Decimal | None
    text: str
    low: Decimal | None
    high: Decimal | None
    unit: str
    usd: Decimal | None
    basis: str
    source: str
    locator: str
    confidence: str
    note: str
    known: date | None
    origin: str

    @classmethod
    def of(cls, row: Row, sources: Sources) -> Reading:
        """The reading that a row of the table ``readings`` holds."""
        source = f"source/{row['source']}"
        return cls(
            id=row.ref,
            about=row["about"],
            aspect=row["aspect"],
            as_of=DateSpan.parse(row["as_of"]),
            period=row["period"],
            value=_number(row["value"]),
            text=row["value"],
            low=_number(row["low"]),
            high=_number(row["high"]),
            unit=row["unit"],
            usd=_number(row["usd"]),
            basis=row["basis"],
            source=source,
            locator=row["locator"],
            confidence=row["confidence"],
            note=row["note"],
            known=sources.public(source),
            origin=sources.origin(source),
        )

    @property
    def bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """The least and the most that the reading allows, None where it sets no bound on that side."""
        return (self.value if self.low is None else self.low, self.value if self.high is None else self.high)

    @property
    def only_bound(self) -> tuple[Decimal, ...]:
        """The bound of a reading that gives nothing else: its ``usd`` is then that bound's."""
        given = [number for number in (self.value, self.low, self.high) if number is not None]
        return tuple(given) if self.value is None and len(given) == 1 else ()

    @property
    def numeric(self) -> bool:
        """Whether the reading gives a number or a bound at all."""
        return self.bounds != (None, None)


def _number(cell: str) -> Decimal | None:
    return Decimal(cell) if cell and is_number(cell) else None
