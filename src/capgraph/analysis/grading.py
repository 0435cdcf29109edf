"""How well an answer is evidenced: a rule over its facts and their origins, never a mood.

An answer stands on facts. A *fact* is one aspect of one thing at one moment, with the readings that the answer names
for it, or that a thing exists, with the sources that the answer names for it where no reading speaks of it. A fact is
supported by the *origins* of the readings that agree with the one that answers: a source that copies another counts as
that other, once, with the confidence of the copy nearest to it (of equally near ones the lowest). A fact has the first
grade of the code list ``grade`` of which it has enough origins of enough confidence; an answer has the grade of its
weakest fact.

So another independent primary source never lowers a grade, copies of a wire never raise one, and an answer without
sources has the grade ``none``. Disputes and age stand beside the grade and do not enter it: otherwise a new source that
contradicts an old one would make an answer worse for being better known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from capgraph.analysis.dependents import called
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code
from capgraph.readings import comparable, differs
from capgraph.results import Bundle, Grade, Result, bundles
from capgraph.sources import Reading

NONE = "none"


@dataclass(frozen=True, slots=True)
class Witness:
    """One source that supports a fact: who said it first, how many copies away, and the place of its confidence (1 for
    the best)."""

    origin: str
    distance: int
    order: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an answer stands on. ``aspect`` is empty for "it exists"; ``denied`` counts the origins that say
    otherwise; ``day`` is that of the figure or of the earliest publication."""

    ref: str
    aspect: str
    witnesses: tuple[Witness, ...]
    denied: int
    day: date | None


def grade(network: CapitalNetwork, result: Result) -> Grade:
    """The evidence grade of an answer that this network gave.

    Examples
    --------
    >>> grade(network, owners).grade.code                                                     # doctest: +SKIP
    'C'
    """
    facts = list(_facts(network, list(bundles(result))))
    grades = list(network.ontology.codes("grade").values())
    graded = [(place_of(network, fact.witnesses), fact) for fact in facts]
    days = [fact.day for fact in facts if fact.day is not None]
    origins = {witness.origin for fact in facts for witness in fact.witnesses}
    place, weakest = max(graded, key=lambda pair: (pair[0], -len(strengths(pair[1].witnesses))), default=(-1, None))
    counted = [(code, sum(at == place for at, _ in graded)) for place, code in enumerate(grades)]
    return Grade(
        grade=grades[place],
        weakest=called(network, weakest.ref) if weakest is not None else None,
        aspect=network.ontology.code("aspect", weakest.aspect) if weakest is not None and weakest.aspect else None,
        thing=weakest.ref if weakest is not None else "",
        facts=len(facts),
        counts=tuple((code, count) for code, count in counted if count),
        origins=len(origins),
        oldest=min(days, default=None),
        newest=max(days, default=None),
        age_days=(network.scope.clocks.as_of - min(days)).days if days else None,
        disputed=sum(fact.denied > 0 for fact in facts),
    )


def place_of(network: CapitalNetwork, witnesses: Iterable[Witness]) -> int:
    """The place in the code list of the grade that some witnesses give a fact: the first whose conditions hold."""
    known = strengths(witnesses)
    grades = list(network.ontology.codes("grade").values())
    return next(place for place, code in enumerate(grades) if _holds(network, code, known))


def strengths(witnesses: Iterable[Witness]) -> list[int]:
    """The confidence of each independent origin: that of the copy nearest to it, of equally near ones the lowest."""
    nearest: dict[str, tuple[int, int]] = {}
    for each in witnesses:
        candidate = (each.distance, -each.order)
        nearest[each.origin] = min(nearest.get(each.origin, candidate), candidate)
    return [-order for _, order in nearest.values()]


def _holds(network: CapitalNetwork, code: Code, known: Sequence[int]) -> bool:
    if not code["leastConfidence"]:
        return True
    least = _order(network, code["leastConfidence"])
    return sum(order <= least for order in known) >= int(code["leastOrigins"])


def _order(network: CapitalNetwork, confidence: str) -> int:
    """The place of a confidence, 1 for the best; 0 for an assumption, which is no evidence."""
    return int(network.ontology.code("confidence", confidence)["order"] or 0)


# Facts ----------------------------------------------------------------------------------------------------------------


def _facts(network: CapitalNetwork, given: Sequence[Bundle]) -> Iterator[Fact]:
    yield from _told(network, dict.fromkeys(id for bundle in given for id in bundle.readings))
    seen = set[tuple[str, tuple[str, ...]]]()
    for bundle in given:
        for ref, sources in _vouched(network, bundle):
            if (ref, sources) not in seen:
                seen.add((ref, sources))
                yield _existence(network, ref, sources)


def _told(network: CapitalNetwork, ids: Iterable[str]) -> Iterator[Fact]:
    """The facts of some readings: those of one aspect and moment are one, the first of them answers."""
    groups: dict[tuple[str, str], list[list[Reading]]] = {}
    for id in ids:
        row = network.facts.get(id)
        if row is None or row.table != "readings":
            continue
        reading = next(each for each in network.derived.readings(row["about"]) if each.id == id)
        moments = groups.setdefault((reading.about, reading.aspect), [])
        same = next((moment for moment in moments if comparable(moment[0], reading)), None)
        if same is None:
            moments.append([reading])
        else:
            same.append(reading)
    for moment in (moment for moments in groups.values() for moment in moments):
        yield _figure(network, moment)


def _figure(network: CapitalNetwork, moment: Sequence[Reading]) -> Fact:
    head = moment[0]
    origins = {each.origin for each in moment if not differs(head, each)}
    agreeing = [each for each in _same(network, head) if each.origin in origins and not differs(head, each)]
    denying = {each.origin for each in moment if differs(head, each)}
    found = (_witness(network, each.source, [each.confidence]) for each in agreeing)
    witnesses = tuple(each for each in found if each is not None)
    return Fact(head.about, head.aspect, witnesses, len(denying), head.as_of.last)


def _same(network: CapitalNetwork, head: Reading) -> Iterator[Reading]:
    """All public readings of the fact of a reading: an answer names one copy of a wire, and the wire itself counts."""
    for each in network.derived.readings(head.about):
        if each.aspect == head.aspect and comparable(head, each) and network.scope.clocks.public(each.known):
            yield each


def _witness(network: CapitalNetwork, source: str, confidences: Iterable[str]) -> Witness | None:
    """A source as a witness with the best confidence that it is taken with; None for a mere assumption."""
    orders = [order for each in confidences if (order := _order(network, each))]
    sources = network.derived.sources
    return Witness(sources.origin(source), sources.distance(source), min(orders)) if orders else None


def _vouched(network: CapitalNetwork, bundle: Bundle) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The things of a row that only its sources vouch for, each with those of the sources that do."""
    spoken = {row["about"] for id in bundle.readings if (row := network.facts.get(id)) and row.table == "readings"}
    left = dict.fromkeys(bundle.sources)
    for ref in bundle.things:
        vouching = tuple(source for source in bundle.sources if _confidences(network, source, ref))
        for source in vouching:
            left.pop(source, None)
        if vouching and ref not in spoken:
            yield ref, vouching
    if left and not bundle.readings and not any(ref in network.facts for ref in bundle.things):
        yield next(iter(left)), tuple(left)


def _confidences(network: CapitalNetwork, source: str, ref: str) -> list[str]:
    """With which confidence the data take what a source says of a thing; of a source itself, of anything."""
    rows = (*network.facts.about("evidence", ref), *network.facts.about("readings", ref))
    return [row["confidence"] for row in rows if f"source/{row['source']}" == source]


def _existence(network: CapitalNetwork, ref: str, sources: Sequence[str]) -> Fact:
    found = [
        _witness(network, source, _confidences(network, source, ref) or _anywhere(network, source))
        for source in sources
    ]
    days = [day for source in sources if (day := network.derived.sources.public(source)) is not None]
    return Fact(ref, "", tuple(each for each in found if each is not None), 0, min(days, default=None))


def _anywhere(network: CapitalNetwork, source: str) -> list[str]:
    """The lowest confidence with which the data take anything that a source says."""
    rows = (row for row in network.facts.mentions(source) if row.cells.get("confidence"))
    worst = max(((_order(network, row["confidence"]), row["confidence"]) for row in rows), default=None)
    return [worst[1]] if worst else []
