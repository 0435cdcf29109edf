"""A text before the independent sources: the verdict on each of its claims, and all that led to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from capgraph.analysis.claimed import Claimed, Input, claims_of
from capgraph.analysis.happenings import happening
from capgraph.analysis.own_numbers import despite, inconsistency, mixed, own_result
from capgraph.analysis.testimony import Said, Testimony, gap, testimony, world_without
from capgraph.analysis.weighing import (
    AGAINST,
    CONTRADICTED,
    DISPUTED,
    FITS,
    INCONSISTENT,
    NOT_CHECKABLE,
    NOT_COVERED,
    OUTDATED,
    SUPPORTED,
    Combination,
    Tested,
    value_of,
    weigh,
)  # fmt: skip
from capgraph.clocks import DateSpan
from capgraph.derive import Derived
from capgraph.intervals import Interval
from capgraph.money import USD
from capgraph.names import Name, Names
from capgraph.results import Note, note

_DAYS = 12
"""At most so many other days are tried to find out when a claim was true."""
_RANKS = {SUPPORTED: 0, DISPUTED: 1, CONTRADICTED: 2, NOT_COVERED: 3}
"""Where several moments fall within a claimed date, the best of them decides: the text does not say which day."""
_SEVERITY = (SUPPORTED, DISPUTED, NOT_COVERED, OUTDATED, CONTRADICTED, INCONSISTENT)
"""Of several parts of one claim the verdict of the worst."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query says: yes or no, or a number; nothing where it found nothing. ``sources`` stand behind it; where it
    does not say which, they are those that tell of the ``things`` that it names. ``asked``: the query was at hand."""

    holds: bool | None
    number: Interval | None
    things: tuple[str, ...]
    sources: tuple[str, ...] = ()
    asked: bool = True


Asker = Callable[[Derived, str], Answer]
"""Asks the query of a name in a world of facts."""


class Court:
    """The claims of one text before the independent sources.

    Parameters
    ----------
    derived : everything that follows from the facts at a pair of clocks; what became public later says nothing.
    text : the id of the source whose claims are tested.
    asker : asks a named query, for claims that one answers.
    """

    def __init__(self, derived: Derived, text: str, asker: Asker) -> None:
        self.ontology = derived.ontology
        self.text = text
        self.default = DateSpan.of(derived.clocks.as_of)
        self.facts = derived.facts
        self.world = world_without(derived.facts, derived.ontology, derived.clocks, text)
        self.sources = derived.sources
        self.asker = asker

    def claims(self) -> tuple[Claimed, ...]:
        """The claims of the text, in its order."""
        return claims_of(self.facts, self.ontology, self.text, self.default)

    def test(self, claim: Claimed) -> Tested:
        """The verdict on one claim. The rules of each verdict stand in ``docs/claims.md``."""
        if not claim.checkable:
            return Tested(claim, NOT_CHECKABLE, note("claims.why.not_checkable", kind=claim.kind))
        if claim.dated and claim.as_of.first > self.world.clocks.as_of:
            return Tested(claim, NOT_COVERED, note("claims.why.not_yet", as_of=claim.as_of))
        if claim.query:
            return self._asked(claim)
        parts = [self._reckoned(claim)] if claim.formula else []
        parts += [self._told(claim)] if claim.things else []
        return _together(claim, parts)

    # Numbers ---------------------------------------------------------------------------------------------------------

    def _reckoned(self, claim: Claimed) -> Tested:
        """A claim with a formula: its own numbers first, then those of others."""
        tested = self._outer(claim)
        own, own_holds = own_result(claim)
        tested = replace(tested, own=own, own_holds=own_holds, remarks=(*mixed(claim, self.world), *tested.remarks))
        if own is not None and claim.stated is not None and not claim.stated.interval.meets(own):
            why = inconsistency(claim, own)
            return replace(tested, verdict=INCONSISTENT, why=why, remarks=(*tested.remarks, *despite(tested)))
        if own_holds is False:
            why = note("claims.why.own_no")
            return replace(tested, verdict=INCONSISTENT, why=why, remarks=(*tested.remarks, *despite(tested)))
        if own is not None and tested.verdict == NOT_COVERED:
            fitting = note("claims.remark.own_fits", own=value_of(own, claim.unit))
            return replace(tested, remarks=(*tested.remarks, fitting))
        return tested

    def _outer(self, claim: Claimed) -> Tested:
        heard = {each.name: self._heard(claim, each) for each in claim.variables}
        silent = [each for each in claim.variables if not heard[each.name].moments]
        if silent or not claim.variables:
            return self._silent(claim, silent, heard)
        scenarios = product(*(heard[each.name].moments for each in claim.variables))
        names = [each.name for each in claim.variables]
        tried = [weigh(claim, dict(zip(names, moments, strict=True))) for moments in scenarios]
        ranked = sorted(tried, key=lambda each: _RANKS[each.verdict])
        best = replace(ranked[0], testimonies=heard)
        if best.verdict == SUPPORTED and any(each.verdict == CONTRADICTED for each in tried):
            best = replace(best, remarks=(*best.remarks, note("claims.remark.other_days", as_of=claim.as_of)))
        near_by = tuple(_near_by(claim, best))
        best = replace(best, remarks=(*best.remarks, *near_by))
        if best.verdict != CONTRADICTED:
            return best
        if near_by:
            found = value_of(best.independent, claim.unit)
            return replace(best, verdict=NOT_COVERED, why=note("claims.why.only_near", independent=found))
        return self._otherwise_dated(claim, best, heard)

    def _heard(self, claim: Claimed, given: Input) -> Testimony:
        """What others say of an input, in its own unit; without one in the unit of a claim that is nothing but it, and
        money in the currency of the claim, else in dollars."""
        if not given.about or not given.aspect:
            return Testimony((), False, ())
        unit = claim.unit if claim.formula is not None and claim.formula.bare else ""
        if not unit and self.ontology.code("aspect", given.aspect)["unitKind"] == "money":
            unit = claim.unit if self.ontology.code("unit", claim.unit)["unitKind"] == "money" else USD
        return testimony(self.world, given, unit)

    def _silent(self, claim: Claimed, silent: Sequence[Input], heard: Mapping[str, Testimony]) -> Tested:
        """A claim of which nobody independent speaks, with what comes nearest."""
        missing = tuple(self._described(each) for each in silent)
        near_by = (self._nearest(claim, each, heard[each.name].elsewhen) for each in silent)
        remarks = [remark for remark in near_by if remark is not None]
        remarks += self._fits_on(claim, heard)
        why = note("claims.why.silent", inputs=missing)
        return Tested(claim, NOT_COVERED, why, testimonies=heard, remarks=tuple(remarks))

    def _fits_on(self, claim: Claimed, heard: Mapping[str, Testimony]) -> list[Note]:
        """The day nearest to the claimed one on which independent sources say what the text says of that one."""
        days = {said.as_of for found in heard.values() if found.timed for said in found.elsewhen}
        nearest = sorted(days, key=lambda day: (gap(day, claim.as_of), day))[:_DAYS]
        then = next((day for day in nearest if self._true_on(claim, heard, day)), None)
        return [] if then is None else [note("claims.remark.fits_on", then=then)]

    def _nearest(self, claim: Claimed, given: Input, said: Sequence[Said]) -> Note | None:
        """What sources say of an input on the day nearest to the claimed one."""
        nearest = min(said, key=lambda each: gap(each.as_of, given.as_of), default=None)
        if nearest is None:
            return None
        figure = value_of(nearest.written, self._unit(claim, given))
        thing, aspect = self._name(given.about), self.ontology.code("aspect", given.aspect)
        return note("claims.remark.nearest", thing=thing, aspect=aspect, figure=figure, as_of=nearest.as_of)

    def _unit(self, claim: Claimed, given: Input) -> str:
        return given.unit or (given.own.unit if given.own else "") or claim.unit

    def _described(self, given: Input) -> Note:
        if not given.about:
            return note("claims.input.own", name=given.name)
        thing = self._name(given.about)
        aspect = self.ontology.code("aspect", given.aspect)
        if given.period:
            return note("claims.input.over", thing=thing, aspect=aspect, period=given.period)
        return note("claims.input.at", thing=thing, aspect=aspect, as_of=given.as_of)

    def _name(self, ref: str) -> Name:
        return Names(self.facts).called(ref)

    def _otherwise_dated(self, claim: Claimed, tested: Tested, heard: Mapping[str, Testimony]) -> Tested:
        """A claim that is contradicted at its own date: was it true on an earlier day, or is it on a later one?"""
        timed = [each for each in claim.variables if heard[each.name].timed]
        days = sorted({said.as_of for each in timed for said in heard[each.name].elsewhen}, reverse=True)
        first = min((each.as_of.first for each in timed), default=claim.as_of.first)
        last = max((each.as_of.last for each in timed), default=claim.as_of.last)
        earlier = [day for day in days if day.last < first][:_DAYS]
        later = [day for day in reversed(days) if day.first > last][:_DAYS]
        then = next((day for day in earlier if self._true_on(claim, heard, day)), None)
        if then is not None:
            found = value_of(tested.independent, claim.unit)
            why = note("claims.why.outdated", then=then, as_of=claim.as_of, independent=found)
            return replace(tested, verdict=OUTDATED, why=why)
        since = next((day for day in later if self._true_on(claim, heard, day)), None)
        more = (note("claims.remark.later", then=since),) if since is not None else ()
        return replace(tested, remarks=(*tested.remarks, *more))

    def _true_on(self, claim: Claimed, heard: Mapping[str, Testimony], day: DateSpan) -> bool:
        """Whether independent sources support the claim with every timed figure as of another day."""
        moments = {}
        for each in claim.variables:
            found = heard[each.name]
            if found.timed:
                found = self._heard(claim, replace(each, as_of=day))
            if not found.moments:
                return False
            moments[each.name] = found.moments[0]
        return weigh(claim, moments).verdict == SUPPORTED

    # Things and queries ----------------------------------------------------------------------------------------------

    def _told(self, claim: Claimed) -> Tested:
        """A claim that things exist or happened: every one of them must be told of."""
        found = tuple(happening(self.world, each) for each in claim.things)
        worst = max(found, key=lambda each: _SEVERITY.index(each.outcome))
        why = worst.why
        if worst.outcome == SUPPORTED:
            sources = {source for each in found for source in each.sources}
            origins = len({self.sources.origin(source) for source in sources})
            why = note(
                "claims.why.happened", things=tuple(self._name(each.about) for each in claim.things), count=origins
            )
        remarks = tuple(each.remark for each in found if each.remark is not None)
        return Tested(claim, worst.outcome, why, happenings=found, remarks=remarks)

    def _asked(self, claim: Claimed) -> Tested:
        """A claim that a query answers, over the facts that independent sources tell."""
        answer = self.asker(self.world, claim.query)
        if not answer.asked:
            return Tested(claim, NOT_COVERED, note("claims.why.query_absent", query=claim.query))
        told = [happening(self.world, _bare_input(thing, claim)) for thing in answer.things]
        sources = answer.sources or tuple(dict.fromkeys(source for each in told for source in each.sources))
        tested = Tested(claim, NOT_COVERED, note("claims.why.query_silent"), more_sources=sources)
        if not sources:
            return tested
        if answer.number is not None and claim.stated is not None:
            fits = claim.stated.interval.meets(answer.number)
            found = Combination({}, FITS if fits else AGAINST, answer.number)
            tested = replace(tested, independent=answer.number, combinations=(found,))
            why = note("claims.why.query_number", independent=value_of(answer.number, claim.unit))
            return replace(tested, verdict=SUPPORTED if fits else CONTRADICTED, why=why)
        if answer.holds is None:
            return tested
        why = note("claims.why.query_yes" if answer.holds else "claims.why.query_no")
        return replace(tested, verdict=SUPPORTED if answer.holds else CONTRADICTED, why=why)


def _near_by(claim: Claimed, tested: Tested) -> Iterator[Note]:
    """Where what sources say of an input is not of the claimed date but of a day near it."""
    for given in claim.variables:
        if tested.testimonies[given.name].timed:
            days = sorted({said.as_of for name, said in tested.said if name == given.name})
            if days and all(gap(day, given.as_of) for day in days):
                yield note("claims.remark.near_by", days=tuple(days), as_of=given.as_of)


def _bare_input(thing: str, claim: Claimed) -> Input:
    return Input("", thing, "", "", "", claim.as_of, False, "", None)


def _together(claim: Claimed, parts: Sequence[Tested]) -> Tested:
    if not parts:
        return Tested(claim, NOT_COVERED, note("claims.why.no_inputs"))
    worst = max(parts, key=lambda part: _SEVERITY.index(part.verdict))
    happenings = tuple(each for part in parts for each in part.happenings)
    remarks = tuple(each for part in parts for each in part.remarks)
    reckoned = parts[0]
    return replace(reckoned, verdict=worst.verdict, why=worst.why, happenings=happenings, remarks=remarks)
