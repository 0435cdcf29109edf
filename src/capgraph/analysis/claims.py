"""The check of a text as an answer: a verdict a claim, and the working of one of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from capgraph.analysis.claimed import Claimed, Input, decimal
from capgraph.analysis.verdicts import Asker, Court
from capgraph.analysis.weighing import DISPUTED, NOT_COVERED, OPEN, Tested, value_of
from capgraph.clocks import DateSpan, span_of
from capgraph.derive import Derived
from capgraph.errors import UnknownName, UsageProblem
from capgraph.facts import Facts
from capgraph.intervals import Interval, hull
from capgraph.names import Name, Names
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Plain, Result, Value, hidden, note, section

_SHOWN = 4
"""How many sources of a claim are named in its lines; all stand in its working and in the machine formats."""


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """One claim and its verdict. ``claimed`` is the printed number with all that it may stand for, ``independent`` what
    other sources give, ``difference`` the first less the nearest of the second (``off_by`` in percent of it)."""

    id: str
    paragraph: int
    statement: Words
    verdict: Code
    precision: Code | str
    claimed: Value | str
    independent: Value | str
    difference: Value | str
    off_by: Value | str
    origins: int
    because: Note
    remarks: tuple[Note, ...]
    as_of: DateSpan
    kind: Code
    speaker: Name | str
    stated_in: str = hidden("")
    remark: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many claims have one verdict."""

    verdict: Code
    count: int


@dataclass(frozen=True, slots=True)
class Check(Result):
    """The claims of one text or of several, by verdict."""

    stated_in: tuple[Name, ...]
    count: int
    claims: tuple[CheckedClaim, ...] = section(CheckedClaim)
    counts: tuple[VerdictCount, ...] = section(VerdictCount)

    @property
    def fails(self) -> bool:
        """Whether a claim is contradicted, or the text's own numbers do not fit together."""
        return any(row.verdict["fails"] == "true" for row in self.claims)

    def told(self) -> tuple[tuple[int, Plain], ...]:
        lines: list[tuple[int, Plain]] = []
        for row in self.counts:
            lines.append((0, note("claims.group", verdict=row.verdict, count=row.count)))
            for claim in self.claims:
                if claim.verdict == row.verdict:
                    lines += _told(claim)
        return tuple(lines)


def _told(claim: CheckedClaim) -> Iterator[tuple[int, Plain]]:
    """One claim in words: what is said, the numbers, why, what is to be remarked."""
    yield 1, note("claims.line", id=claim.id, paragraph=claim.paragraph, statement=claim.statement)
    if isinstance(claim.claimed, Value) and claim.claimed.value is not None:
        numbers = {"claimed": _as_stated(claim)}
        if isinstance(claim.difference, Value):
            key = "claims.numbers_off" if isinstance(claim.off_by, Value) else "claims.numbers_apart"
            more = {"difference": claim.difference, "off_by": claim.off_by, "independent": claim.independent}
            yield 2, note(key, **numbers, **more)
        elif isinstance(claim.independent, Value):
            yield 2, note("claims.numbers", **numbers, independent=claim.independent)
        else:
            yield 2, note("claims.number", **numbers)
    yield 2, claim.because
    for remark in claim.remarks:
        yield 2, remark
    if claim.sources:
        count, first = len(claim.sources), ", ".join(claim.sources[:_SHOWN])
        yield 2, note("claims.sources_more" if count > _SHOWN else "claims.sources", sources=first, count=count)


def _as_stated(claim: CheckedClaim) -> Note:
    """The printed number; one that is neither exact nor just rounded says so."""
    precision = claim.precision
    plain = isinstance(precision, Code) and precision["bandFrom"] == precision["bandTo"]
    return note("claims.plain" if plain else "claims.precise", precision=precision, claimed=claim.claimed)


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input of a claim: what the text prints for it, and what others say."""

    variable: str
    about: Name | str
    aspect: Code | str
    period: str
    basis: str
    as_of: DateSpan
    own: Value | str
    independent: Value | str
    origins: int


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One statement of an independent source that counted, and whether it fits; or that it tells of a thing."""

    variable: str
    figure: Value | str
    as_of: DateSpan | None
    publisher: str
    confidence: str
    fit: Words
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class ClaimWorking(Result):
    """How the verdict on one claim came about."""

    claim: str
    statement: Words
    verdict: Code
    because: Note
    paragraph: int
    as_of: DateSpan
    speaker: Name | str
    formula: str
    method: Note | str
    precision: Code | str
    claimed: Value | str
    own_result: Value | str
    independent: Value | str
    difference: Value | str
    off_by: Value | str
    origins: int
    rests_on: tuple[InputRow, ...] = section(InputRow)
    said: tuple[SaidRow, ...] = section(SaidRow)
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


def texts_with_claims(facts: Facts) -> tuple[str, ...]:
    """The ids of the sources whose claims the data hold, sorted."""
    return tuple(sorted({row["text"] for row in facts.table("claims")}))


def check(derived: Derived, asker: Asker, context: Context, text: str = "", verdict: str = "") -> Check:
    """Test the claims of a text against what independent sources say.

    Parameters
    ----------
    derived : everything that follows from the facts at a pair of clocks. A source that was not public by the day of
        knowledge says nothing, and nothing counts that speaks of a day after the asked one.
    asker : answers the queries of claims that one answers.
    context : what the answer says about how it was asked.
    text : the id of a source; empty: every text whose claims the data hold. A text that was not public by the day of
        knowledge had claimed nothing yet.
    verdict : only claims of this verdict; empty: all.

    Returns
    -------
    Check. The verdicts and their rules stand in ``docs/claims.md``; "supported" says that independent sources fit,
    never that a claim is true.

    Raises
    ------
    UnknownName for a text without claims, UsageProblem for a verdict that there is not, DataProblem for a formula that
    is none.

    References
    ----------
    .. [1] XBRL International, Calculations 1.1 (2023): a sum of rounded figures is consistent where intervals meet.
    .. [2] Y. Wu, P. K. Agarwal, C. Li, J. Yang, C. Yu, Toward computational fact-checking, PVLDB 7 (2014): claims as
       queries whose windows are shown.
    """
    facts, ontology = derived.facts, derived.ontology
    codes = ontology.codes("verdict")
    if verdict and verdict not in codes:
        raise UsageProblem(f"{verdict!r} is no verdict; there are: {', '.join(codes)}")
    named = _texts(facts, text)
    texts = tuple(each for each in named if derived.clocks.public(derived.sources.public(f"source/{each}")))
    courts = [Court(derived, each, asker) for each in texts]
    tested = [(court, each) for court in courts for claim in court.claims() for each in [court.test(claim)]]
    rows = [_row(court, each) for court, each in tested if verdict in ("", each.verdict)]
    order = list(codes)
    rows.sort(key=lambda row: order.index(row.verdict.code))
    counts = [VerdictCount(code, sum(row.verdict == code for row in rows)) for code in codes.values()]
    names = Names(facts)
    unheard = tuple(names.name(f"source/{each}") for each in named if each not in texts)
    told = (note("claims.method"),) if rows else (note("claims.none"),)
    return Check(
        stated_in=tuple(names.name(f"source/{each}") for each in texts),
        count=len(rows),
        claims=tuple(rows),
        counts=tuple(each for each in counts if each.count),
        context=context,
        notes=(*(note("claims.unheard", text=name) for name in unheard), *told),
    )


def _texts(facts: Facts, text: str) -> tuple[str, ...]:
    known = texts_with_claims(facts)
    asked = text.removeprefix("source/")
    if not asked:
        return known
    if asked not in known:
        raise UnknownName(asked, difflib.get_close_matches(asked, known, n=3, cutoff=0.4) or known[:3])
    return (asked,)


def _row(court: Court, tested: Tested) -> CheckedClaim:
    claim = tested.claim
    difference, off_by = _difference(tested)
    return CheckedClaim(
        id=claim.id,
        paragraph=int(Decimal(claim.row["paragraph"])),
        statement=claim.statement,
        verdict=court.ontology.code("verdict", tested.verdict),
        precision=claim.stated.precision if claim.stated else "",
        claimed=claim.stated.shown if claim.stated else "",
        independent=value_of(tested.independent, claim.unit) if tested.independent else "",
        difference=difference,
        off_by=off_by,
        origins=len({court.sources.origin(source) for source in tested.sources}),
        because=tested.why,
        remarks=tested.remarks,
        as_of=claim.as_of,
        kind=claim.kind,
        speaker=_speaker(court, claim),
        stated_in=claim.text,
        remark=claim.row["note"],
        readings=tested.readings,
        sources=tested.sources,
    )


def _speaker(court: Court, claim: Claimed) -> Name | str:
    return Names(court.facts).name(f"party/{claim.row['speaker']}") if claim.row["speaker"] else ""


def _difference(tested: Tested) -> tuple[Value | str, Value | str]:
    """The stated number less the nearest that independent sources give, and that in percent of the latter.

    Nothing where sources disagree or leave it open, and for "over" and "under" where they hold: such a number does not
    say how far.
    """
    stated, found = tested.claim.stated, tested.independent
    if stated is None or found is None or tested.verdict in (NOT_COVERED, DISPUTED):
        return "", ""
    if stated.interval.meets(found) and not stated.interval.bounded:
        return "", ""
    apart = Interval.of(stated.value).distance(found)
    nearest = Fraction(stated.value) - apart
    share = Value(round(decimal(apart / abs(nearest) * 100), 2), "percent") if nearest else ""
    return Value(decimal(apart), "points" if stated.unit == "percent" else stated.unit), share


# The working of one claim ---------------------------------------------------------------------------------------------


def working(derived: Derived, asker: Asker, context: Context, id: str) -> ClaimWorking:
    """How the verdict on one claim came about: inputs, the text's own result, every statement that counted.

    Raises UnknownName, with the nearest ids, for a claim that there is not.
    """
    row = derived.facts.get(f"claim/{id.removeprefix('claim/')}")
    if row is None:
        known = [each["id"] for each in derived.facts.table("claims")]
        raise UnknownName(id, difflib.get_close_matches(id, known, n=3, cutoff=0.5))
    court = Court(derived, row["text"], asker)
    claim = next(each for each in court.claims() if each.id == row["id"])
    tested = court.test(claim)
    checked = _row(court, tested)
    return ClaimWorking(
        claim=claim.id,
        statement=claim.statement,
        verdict=checked.verdict,
        because=checked.because,
        paragraph=checked.paragraph,
        as_of=claim.as_of,
        speaker=checked.speaker,
        formula=claim.query or (claim.formula.text if claim.formula else ""),
        method=_method(claim, tested),
        precision=checked.precision,
        claimed=checked.claimed,
        own_result=value_of(tested.own, claim.unit) if tested.own else "",
        independent=checked.independent,
        difference=checked.difference,
        off_by=checked.off_by,
        origins=checked.origins,
        rests_on=tuple(_input_row(court, tested, each) for each in claim.inputs),
        said=(*_said_rows(court, tested), *_tellers(court, tested)),
        readings=tested.readings,
        sources=tested.sources,
        context=context,
        notes=(*tested.remarks, note("claims.method")),
    )


def _method(claim: Claimed, tested: Tested) -> Note | str:
    """How the range of the formula was worked out."""
    if claim.formula is None or claim.formula.bare:
        return ""
    numbers = {name: each.value for one in tested.combinations[:1] for name, each in one.said.items()} or claim.own
    if len(numbers) < len(claim.variables):
        return ""
    return note(f"claims.way.{claim.formula.way(numbers)}")


def _input_row(court: Court, tested: Tested, given: Input) -> InputRow:
    said = [each for name, each in tested.said if name == given.name]
    told = [source for each in tested.happenings if each.given == given for source in each.sources]
    sources = {*told, *(source for each in said for source in each.sources)}
    unit = given.unit or (given.own.unit if given.own else "") or tested.claim.unit
    spread = [each.written for each in said]
    return InputRow(
        variable=given.name,
        about=Names(court.facts).called(given.about) if given.about else "",
        aspect=court.ontology.code("aspect", given.aspect) if given.aspect else "",
        period=given.period,
        basis=given.basis,
        as_of=given.as_of,
        own=given.own.shown if given.own else "",
        independent=value_of(hull(spread), unit) if spread else "",
        origins=len({court.sources.origin(source) for source in sources}),
    )


def _said_rows(court: Court, tested: Tested) -> Iterator[SaidRow]:
    """Every statement that counted, by input, with the outcome of the combinations that it stands in."""
    alone = len(tested.claim.variables) == 1
    for name, said in tested.said:
        given = next(each for each in tested.claim.inputs if each.name == name)
        outcomes = {each.outcome for each in tested.combinations if each.said.get(name) == said}
        fit = outcomes.pop() if len(outcomes) == 1 else OPEN
        publishers = [row["publisher"] or row["id"] for id in said.sources if (row := court.facts.get(id)) is not None]
        first = court.facts.get(said.readings[0])
        yield SaidRow(
            variable=name,
            figure=value_of(said.written, given.unit or (given.own.unit if given.own else "") or tested.claim.unit),
            as_of=said.as_of,
            publisher=", ".join(publishers),
            confidence=first["confidence"] if first is not None else "",
            fit=_words(court, fit if alone else f"{fit}_together"),
            readings=said.readings,
            sources=said.sources,
        )


def _tellers(court: Court, tested: Tested) -> Iterator[SaidRow]:
    """Every source that tells of a thing which the claim or its query names, with the day of its publication."""
    told = [(each.given.name, source, each.given.about) for each in tested.happenings for source in each.sources]
    told += [("", source, "") for source in tested.more_sources]
    for name, source, about in told:
        row = court.facts.get(source)
        evidence = court.facts.get(f"evidence/{about}/{source.removeprefix('source/')}")
        yield SaidRow(
            variable=name,
            figure="",
            as_of=span_of(row["published"]) if row is not None else None,
            publisher=(row["publisher"] or row["id"]) if row is not None else "",
            confidence=evidence["confidence"] if evidence is not None else "",
            fit=_words(court, "tells"),
            sources=(source,),
        )


def _words(court: Court, key: str) -> Words:
    words = court.ontology.words(f"claims.{key}")
    assert words is not None, key
    return words
