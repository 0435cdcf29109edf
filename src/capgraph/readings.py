"""Which reading answers: one policy, in one room.

A reading is what one source says of one aspect of one thing at one date. :func:`choose` picks the reading that answers
at a pair of clocks, finds those that rival it, and keeps the disagreement in sight. The policy's data (which basis may
answer for which aspect, how confidences rank) come from the code lists; the rules are the functions of this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from capgraph.clocks import Clocks, DateSpan, months_after, near, period_months
from capgraph.ontology import Ontology
from capgraph.sources import Reading as Reading
from capgraph.sources import Sources as Sources

OUTRANKS_DAYS = 180
"""A lower confidence replaces a higher one only when it is at least so many days newer."""
RIVAL_DAYS = 45
"""Two readings further apart than this speak of different moments."""
STALE_MONTHS = 24
"""A percent older than this at the asked day is marked stale."""
EXPIRED_MONTHS = 36
"""A percent older than this at the asked day leaves totals and is listed."""

UNSTATED = ("", "unknown")
"""Bases that do not say what the figure is of: comparable with every basis that may answer."""

_UNRANKED = 99


# The policy -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Policy:
    """Which bases may answer for an aspect, in order, and how confidences rank.

    A basis that ends in a colon stands for every basis that begins with it (``split:`` for ``split:2024-06-10``).
    ``ages``: the figure is a percent that grows stale.
    """

    bases: tuple[str, ...]
    confidences: Mapping[str, int]
    ages: bool = False

    @classmethod
    def of(cls, ontology: Ontology, aspect: str, ages: bool = False) -> Policy:
        """The policy of the code lists for one aspect. An aspect without an order answers with the empty basis."""
        order = ontology.code("aspect", aspect).attributes.get("answerOrder", ("",))
        ranks = {code.code: int(code["order"] or _UNRANKED) for code in ontology.codes("confidence").values()}
        return cls(order, ranks, ages)

    def only(self, basis: str) -> Policy:
        """The same policy where just one basis may answer."""
        return replace(self, bases=(basis,))

    def place(self, basis: str) -> int | None:
        """The place of a basis in the order, None where it never answers.

        >>> policy = Policy(("raw", "", "split:"), {})
        >>> policy.place(""), policy.place("split:2024-06-10"), policy.place("forecast")
        (1, 2, None)
        """
        for place, allowed in enumerate(self.bases):
            if basis == allowed or (allowed.endswith(":") and basis.startswith(allowed)):
                return place
        return None

    def distrust(self, reading: Reading) -> int:
        """The place of the reading's confidence, 1 for the best."""
        return self.confidences.get(reading.confidence, _UNRANKED)


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure that answers for one aspect of one thing at a pair of clocks, and what stands against it.

    ``value`` is None where the chosen reading gives only a bound. ``low`` and ``high`` span the chosen reading and its
    rivals; without disagreement both equal ``value``. ``disputed`` counts the independent origins that say otherwise.
    ``beside`` are readings that do not answer and have to be shown: other bases, and those that the policy passed over.
    """

    about: str
    aspect: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    usd: Decimal | None
    basis: str
    as_of: DateSpan
    period: str
    confidence: str
    reading: Reading
    rivals: tuple[Reading, ...]
    beside: tuple[Reading, ...]
    disputed: int
    stale: bool
    expired: bool

    @property
    def ranged(self) -> bool:
        """Whether there is more than one number to show."""
        return self.value is None or not (self.low == self.value == self.high)

    @property
    def undated(self) -> bool:
        """Whether the answer rests on a source without a date, which the answer has to say."""
        return self.reading.known is None

    @property
    def readings(self) -> tuple[str, ...]:
        """The ids behind the figure: the chosen reading, then its rivals in the order of the policy."""
        return (self.reading.id, *(rival.id for rival in self.rivals))

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources behind the figure, each once, the chosen reading's first."""
        return tuple(dict.fromkeys(reading.source for reading in (self.reading, *self.rivals)))


def choose(readings: Iterable[Reading], policy: Policy, clocks: Clocks, cuts: Sequence[date] = ()) -> Figure | None:
    """The figure that answers, None where no reading with a basis that may answer was public.

    Among the readings that qualify the latest ``as_of`` comes first, then the order of the bases, then confidence, the
    latest publication, more independent origins, the id. A reading of lower confidence is passed over for an earlier
    one of higher confidence unless it is :data:`OUTRANKS_DAYS` newer (see :func:`held_back`). ``cuts`` are the days on
    which a tranche changed the stake: readings before and after such a day are no rivals.
    """
    public = [reading for reading in readings if qualifies(reading, clocks)]
    ranked = rank([reading for reading in public if policy.place(reading.basis) is not None], policy)
    if not ranked:
        return None
    chosen = next(reading for reading in ranked if not held_back(reading, ranked, policy))
    others = rivals(chosen, ranked, cuts)
    low, high = _range((chosen, *others), chosen.unit)
    return Figure(
        about=chosen.about,
        aspect=chosen.aspect,
        value=chosen.value,
        low=low,
        high=high,
        unit=chosen.unit,
        usd=chosen.usd,
        basis=chosen.basis,
        as_of=chosen.as_of,
        period=chosen.period,
        confidence=chosen.confidence,
        reading=chosen,
        rivals=others,
        beside=_beside(chosen, others, public, policy),
        disputed=len({other.origin for other in others if differs(chosen, other)}),
        stale=policy.ages and older(chosen.as_of, STALE_MONTHS, clocks.as_of),
        expired=policy.ages and older(chosen.as_of, EXPIRED_MONTHS, clocks.as_of),
    )


def qualifies(reading: Reading, clocks: Clocks) -> bool:
    """Whether a reading gives a number, speaks of the asked day or earlier (by its last day), and was public."""
    return reading.numeric and reading.as_of.last <= clocks.as_of and clocks.public(reading.known)


def rank(readings: Sequence[Reading], policy: Policy) -> list[Reading]:
    """The readings in the order of the policy, the first to answer first."""

    def place(reading: Reading) -> tuple[int, int, int, int]:
        basis = policy.place(reading.basis)
        return (
            -reading.as_of.last.toordinal(),
            _UNRANKED if basis is None else basis,
            policy.distrust(reading),
            -(reading.known.toordinal() if reading.known else 0),
        )

    ordered = []
    for _, group in groupby(sorted(readings, key=place), key=place):
        tied = list(group)
        if len(tied) > 1:
            tied.sort(key=lambda reading: (-_support(reading, readings), reading.id))
        ordered += tied
    return ordered


def _support(reading: Reading, readings: Sequence[Reading]) -> int:
    """How many independent origins say the same."""
    same = (other for other in readings if comparable(reading, other) and not differs(reading, other))
    return len({reading.origin, *(other.origin for other in same)})


def held_back(reading: Reading, ranked: Sequence[Reading], policy: Policy) -> bool:
    """Whether an earlier reading of higher confidence keeps this one from answering.

    A lower confidence replaces a higher only when its ``as_of`` is :data:`OUTRANKS_DAYS` newer. The days are counted
    from the newest reading: what even that one replaces holds nothing back. Counted from pair to pair the rule would
    run in a circle (an estimate of April yields to a report of March, the report to a filing of October, the filing to
    the estimate).
    """
    newest = ranked[0].as_of.last
    return any(
        other.as_of.last < reading.as_of.last
        and policy.distrust(other) < policy.distrust(reading)
        and (newest - other.as_of.last).days < OUTRANKS_DAYS
        for other in ranked
    )


# Rivals ---------------------------------------------------------------------------------------------------------------


def rivals(chosen: Reading, candidates: Sequence[Reading], cuts: Sequence[date] = ()) -> tuple[Reading, ...]:
    """The readings that speak of the same moment as the chosen one, copies of one origin once, in the given order.

    They are comparable, their ``as_of`` overlap or lie within :data:`RIVAL_DAYS`, and no tranche changed the stake in
    between.
    """
    found: list[Reading] = []
    said = {(chosen.origin, chosen.value, chosen.bounds)}
    for other in candidates:
        if other.id == chosen.id or not comparable(chosen, other) or _cut(chosen, other, cuts):
            continue
        statement = (other.origin, other.value, other.bounds)
        if statement not in said:
            said.add(statement)
            found.append(other)
    return tuple(found)


def comparable(one: Reading, other: Reading) -> bool:
    """Whether two readings of one aspect speak of the same moment, period, basis and unit.

    A basis that is not stated compares with every other. Figures over a period compare only over the same period.
    """
    bases = one.basis == other.basis or one.basis in UNSTATED or other.basis in UNSTATED
    return bases and _in_unit(other, one.unit) is not None and _same_time(one, other)


def _same_time(one: Reading, other: Reading) -> bool:
    if one.period or other.period:
        same_length = one.period == other.period or period_months(one.period) == period_months(other.period) > 0
        return same_length and near(one.as_of, other.as_of, 0)
    return near(one.as_of, other.as_of, RIVAL_DAYS)


def _cut(one: Reading, other: Reading, cuts: Sequence[date]) -> bool:
    """Whether a tranche changed the stake after the one reading and not after the other."""
    early, late = sorted((one.as_of.last, other.as_of.last))
    return any(early < cut <= late for cut in cuts)


def _in_unit(reading: Reading, unit: str) -> tuple[Decimal | None, Decimal | None, Decimal | None] | None:
    """Value and bounds in a unit, by the source's own dollar figure where it gives one; None where it gives none."""
    if reading.unit == unit:
        return (reading.value, *reading.bounds)
    return (reading.usd,) * 3 if unit == "USD" and reading.usd is not None else None


def differs(one: Reading, other: Reading) -> bool:
    """Whether two comparable readings contradict each other: two values that are not equal, or bounds that exclude."""
    mine, theirs = _in_unit(one, one.unit), _in_unit(other, one.unit)
    if mine is None or theirs is None:
        return False
    if mine[0] is not None and theirs[0] is not None:
        return mine[0] != theirs[0]
    return _above(_least(mine), _most(theirs)) or _above(_least(theirs), _most(mine))


def _least(figures: tuple[Decimal | None, Decimal | None, Decimal | None]) -> Decimal | None:
    return figures[1] if figures[0] is None else figures[0]


def _most(figures: tuple[Decimal | None, Decimal | None, Decimal | None]) -> Decimal | None:
    return figures[2] if figures[0] is None else figures[0]


def _above(low: Decimal | None, high: Decimal | None) -> bool:
    return low is not None and high is not None and low > high


def _range(readings: Iterable[Reading], unit: str) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most over readings, their values and their bounds."""
    figures = [found for reading in readings if (found := _in_unit(reading, unit)) is not None]
    lows = [low for _, low, _ in figures if low is not None]
    highs = [high for _, _, high in figures if high is not None]
    return (min(lows) if lows else None, max(highs) if highs else None)


# What is shown without answering --------------------------------------------------------------------------------------


def older(as_of: DateSpan, months: int, asked: date) -> bool:
    """Whether a figure is more than so many months old on the asked day."""
    return asked > months_after(as_of.last, months)


def _beside(
    chosen: Reading, others: Sequence[Reading], public: Sequence[Reading], policy: Policy
) -> tuple[Reading, ...]:
    """The first reading of every other basis and of every higher confidence, and every newer one that was held back."""
    shown = {reading.id for reading in (chosen, *others)}
    seen_bases, seen_ranks = {chosen.basis}, {policy.distrust(chosen)}
    found = []
    for reading in rank(public, policy):
        answers = policy.place(reading.basis) is not None
        newer = answers and reading.as_of.last > chosen.as_of.last
        better = answers and policy.distrust(reading) < policy.distrust(chosen)
        first_of_rank = better and policy.distrust(reading) not in seen_ranks
        if reading.id not in shown and (newer or first_of_rank or reading.basis not in seen_bases):
            found.append(reading)
        seen_bases.add(reading.basis)
        if better:
            seen_ranks.add(policy.distrust(reading))
    return tuple(found)
