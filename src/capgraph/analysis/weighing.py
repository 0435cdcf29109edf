"""One claim against what was said at one moment: every combination of statements, and the verdict that they give.

Sources that disagree are not averaged. Each statement of each input is combined with each of the others; a combination
fits where its result meets what the text states, and stands against it where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from capgraph.analysis.claimed import Claimed, ends
from capgraph.analysis.happenings import Happening
from capgraph.analysis.testimony import Moment, Said, Testimony
from capgraph.intervals import Interval, hull
from capgraph.results import Note, Value, note

FITS, AGAINST, OPEN = "fits", "against", "open"
SUPPORTED, DISPUTED, OUTDATED = "supported", "disputed", "outdated"
INCONSISTENT, CONTRADICTED, NOT_COVERED, NOT_CHECKABLE = "inconsistent", "contradicted", "not-covered", "not-checkable"

_MOST = 4096
"""At most so many combinations of what sources say are worked out for one claim."""
_PRIMARY, _WEAK = 1, 3
"""A primary source outweighs estimates and what is unverified."""


@dataclass(frozen=True, slots=True)
class Combination:
    """One way in which sources may be taken together: a statement for each name, and what follows from them."""

    said: Mapping[str, Said]
    outcome: str
    result: Interval | None

    @property
    def trust(self) -> int:
        """The place of the weakest confidence in it."""
        return max((each.trust for each in self.said.values()), default=9)

    @property
    def origins(self) -> frozenset[str]:
        """Who says it."""
        return frozenset(each.origin for each in self.said.values())


@dataclass(frozen=True)
class Tested:
    """A claim with its verdict, and all that led to it."""

    claim: Claimed
    verdict: str
    why: Note
    own: Interval | None = None
    own_holds: bool | None = None
    independent: Interval | None = None
    combinations: tuple[Combination, ...] = ()
    testimonies: Mapping[str, Testimony] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()
    remarks: tuple[Note, ...] = ()
    more_sources: tuple[str, ...] = ()

    @cached_property
    def said(self) -> tuple[tuple[str, Said], ...]:
        """Every statement that counted, with the name of its input, each once."""
        found = {
            (name, each.origin, each.as_of, each.readings): (name, each)
            for combination in self.combinations
            for name, each in combination.said.items()
        }
        return tuple(found[key] for key in sorted(found, key=lambda key: (key[0], key[3])))

    @property
    def readings(self) -> tuple[str, ...]:
        ids = [id for _, each in self.said for id in each.readings]
        return tuple(dict.fromkeys([*ids, *(id for each in self.happenings for id in each.readings)]))

    @property
    def sources(self) -> tuple[str, ...]:
        ids = [id for _, each in self.said for id in each.sources]
        told = [id for each in self.happenings for id in each.sources]
        return tuple(dict.fromkeys([*ids, *told, *self.more_sources]))


def weigh(claim: Claimed, moments: Mapping[str, Moment]) -> Tested:
    """The verdict where each input is taken at one moment: every combination of what was said at those moments.

    Combinations with an outcome give the independent range. One that stands against the claim does not count where each
    of its origins also fits: nobody stands against himself. A primary source outweighs estimates and the unverified.
    """
    combinations = tuple(_combinations(claim, moments))
    fits = [each for each in combinations if each.outcome == FITS]
    against = [each for each in combinations if each.outcome == AGAINST and not each.origins <= _origins(fits)]
    decided = fits + against or combinations
    results = [each.result for each in decided if each.result is not None]
    found = hull(results) if results else None
    open_why = note("claims.why.open_at", independent=value_of(found, claim.unit)) if found else note("claims.why.open")
    tested = Tested(claim, NOT_COVERED, open_why, combinations=combinations, independent=found)
    if not fits and not against:
        return tested
    remarks: tuple[Note, ...] = ()
    if fits and against:
        best, worst = _best(fits), _best(against)
        if best == _PRIMARY and worst >= _WEAK:
            against, remarks = [], (note("claims.remark.weak_against"),)
        elif worst == _PRIMARY and best >= _WEAK:
            fits, remarks = [], (note("claims.remark.weak_for"),)
    verdict = DISPUTED if fits and against else SUPPORTED if fits else CONTRADICTED
    return replace(tested, verdict=verdict, why=_why(claim, verdict, fits, against), remarks=remarks)


def _combinations(claim: Claimed, moments: Mapping[str, Moment]) -> Iterator[Combination]:
    most = int(_MOST ** (1 / max(1, len(moments))))
    names = list(moments)
    for said in product(*(moments[name][:most] for name in names)):
        taken = dict(zip(names, said, strict=True))
        yield _combined(claim, taken)


def _combined(claim: Claimed, said: Mapping[str, Said]) -> Combination:
    formula, stated = claim.formula, claim.stated
    assert formula is not None
    values = {name: each.value for name, each in said.items()}
    try:
        if formula.compares:
            holds = formula.holds(values)
            return Combination(said, OPEN if holds is None else FITS if holds else AGAINST, None)
        result = formula.value(values)
        written = formula.value({name: each.written for name, each in said.items()})
    except ZeroDivisionError:
        return Combination(said, OPEN, None)
    if stated is None:
        return Combination(said, OPEN, written)
    if not stated.interval.meets(result):
        return Combination(said, AGAINST, written)
    return Combination(said, FITS if result.bounded or result.within(stated.interval) else OPEN, written)


def _best(combinations: Sequence[Combination]) -> int:
    return min(each.trust for each in combinations)


def _origins(combinations: Iterable[Combination]) -> frozenset[str]:
    """The independent origins behind some combinations."""
    return frozenset(origin for each in combinations for origin in each.origins)


def _why(claim: Claimed, verdict: str, fits: Sequence[Combination], against: Sequence[Combination]) -> Note:
    if claim.formula is not None and claim.formula.compares:
        keys = {SUPPORTED: "claims.why.holds", CONTRADICTED: "claims.why.fails"}
        if verdict in keys:
            return note(keys[verdict], count=len(_origins(fits or against)))
    for_it, against_it = _origins(fits), _origins(against)
    if verdict == DISPUTED and len(claim.variables) == 1:
        return note("claims.why.disputed", count=len(for_it), others=len(against_it))
    if verdict == DISPUTED:
        ways = len(fits) + len(against)
        return note("claims.why.disputed_ways", count=len(for_it | against_it), fits=len(fits), ways=ways)
    key, side = ("supported", fits) if verdict == SUPPORTED else ("contradicted", against)
    return note(f"claims.why.{key}", independent=_results(claim, side), count=len(_origins(side)))


def _results(claim: Claimed, combinations: Sequence[Combination]) -> Value:
    return value_of(hull(each.result for each in combinations if each.result is not None), claim.unit)


def value_of(interval: Interval | None, unit: str) -> Value:
    """An interval as a value of an answer: one number, or its two ends."""
    if interval is None:
        return Value(None, unit)
    low, high = ends(interval)
    return Value(low if low == high else None, unit, low, high)
