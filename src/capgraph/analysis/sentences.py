"""A link told as a sentence: who does what to whom, how much, on which rung, since when, and who says so.

All words come from the ontology: the verbs from the link's kind or code, everything else from ``words/paths.ttl``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from capgraph.clocks import span_of
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Note, note

UNSOURCED = 9
"""The place of a link that no public source tells of, behind every confidence."""


@dataclass(frozen=True, slots=True)
class Step:
    """A link walked from one end to the other, ``back`` where against its orientation.

    It is number ``place`` of the ``of`` links that tie its two ends together.
    """

    link: Link
    back: bool = False
    place: int = 1
    of: int = 1

    @property
    def start(self) -> str:
        return self.link.target if self.back else self.link.source

    @property
    def end(self) -> str:
        return self.link.source if self.back else self.link.target


def sentence(network: CapitalNetwork, step: Step) -> Note:
    """A step in words, beginning with the end where it starts: "Oracle buys cloud services from ..."."""
    kind = step.link.kind
    details = tuple(_details(network, step))
    return note(
        "path.hop" if details else "path.bare_hop",
        subject=network.node(step.start).name,
        verb=kind.verb_back if step.back else kind.verb,
        object=network.node(step.end).name,
        details=joined(details),
    )


def joined(parts: Sequence[Note | Code]) -> Note | Code | None:
    """Several parts of a sentence as one, with the comma of the language between them."""
    return reduce(lambda said, part: note("path.joined", said=said, part=part), parts) if parts else None


def _details(network: CapitalNetwork, step: Step) -> Iterator[Note | Code]:
    link = step.link
    yield from _figures(network, link)
    if link.rung:
        yield _standing(network, link)
    yield from _dates(link)
    if link.row.derived:
        yield note("path.derived")
    if step.of > 1:
        yield note("path.parallel", place=step.place, of=step.of)


def _standing(network: CapitalNetwork, link: Link) -> Note | Code:
    """The rung, with the status where that has a name of its own (a loan that is drawn stands on the rung closed)."""
    rung, status = network.ontology.code("rung", link.rung), network.ontology.code("status", link.status)
    return rung if link.status in ("", link.rung) else note("path.standing", status=status, rung=rung)


def _figures(network: CapitalNetwork, link: Link) -> Iterator[Note]:
    figures = printed(link)
    for figure in figures:
        yield _figure(network, figure)
        yield from _caveats(figure)
    if link.amount in figures and link.shared:
        yield note("path.shared")
    if not figures and link.kind.amount_aspects:
        yield note("path.unknown_size")


def printed(link: Link) -> tuple[Figure, ...]:
    """The percent and the amount of a link that its sentence prints: none that speaks of a day after its end."""
    end = None if "end_not_public" in link.flags else link.end
    figures = (figure for figure in (link.percent, link.amount) if figure is not None)
    return tuple(figure for figure in figures if end is None or figure.as_of.first <= end.last)


def _figure(network: CapitalNetwork, figure: Figure) -> Note:
    special = f"path.figure.{figure.aspect}"
    key = special if network.ontology.words(special) else "path.figure"
    aspect = network.ontology.code("aspect", figure.aspect)
    return note(key, aspect=aspect, figure=figure, as_of=figure.as_of)


def _caveats(figure: Figure) -> Iterator[Note]:
    if figure.disputed:
        yield note("figure.disputed", count=figure.disputed)
    if figure.expired or figure.stale:
        yield note("figure.expired" if figure.expired else "figure.stale")


def _dates(link: Link) -> Iterator[Note]:
    """Since when and until when. An end that had come and was not public is told as such, never by its date."""
    hidden_end = "end_not_public" in link.flags
    if link.start and link.kind.flow:
        yield note("path.on", date=link.start)
    elif link.start:
        yield note("path.seen" if "start_inferred" in link.flags else "path.since", start=link.start)
    if link.end and not hidden_end:
        yield note("path.until", end=link.end)
    for flag in ("date_inexact", "promise_old"):
        if flag in link.flags:
            yield note(f"flag.{flag}")
    if hidden_end:
        yield note("path.end_not_public")


# Who says so ----------------------------------------------------------------------------------------------------------


def sources(link: Link) -> tuple[str, ...]:
    """The sources of exactly this link that were public, as ``source/id``.

    Those of the readings behind the figures that its sentence prints, else the best evidence of the link itself.
    """
    behind = [figure.reading.source for figure in printed(link)]
    return tuple(dict.fromkeys(behind or link.sources[:1]))


def citation(network: CapitalNetwork, ref: str) -> Note:
    """A source in words: publisher, title, date, id."""
    row = network.facts.get(ref)
    assert row is not None
    published = span_of(row["published"])
    key = "path.source" if row["publisher"] else "path.source_without_publisher"
    return note(
        key if published else f"{key}_undated",
        publisher=row["publisher"],
        title=row["title"],
        published=published,
        id=ref,
    )


def citations(network: CapitalNetwork, refs: tuple[str, ...]) -> tuple[Note, ...]:
    """Several sources in words; one that says that there is none where the tuple is empty."""
    return tuple(citation(network, ref) for ref in refs) or (note("path.no_source"),)


def confidence(network: CapitalNetwork, link: Link) -> Code | None:
    """The best confidence with which a public source tells of this link, None where none does."""
    clocks, public = network.scope.clocks, network.derived.sources.public
    rows = network.facts.about("evidence", link.id)
    told = [row["confidence"] for row in rows if clocks.public(public(f"source/{row['source']}"))]
    told += [figure.confidence for figure in (link.percent, link.amount) if figure is not None]
    codes = [network.ontology.code("confidence", code) for code in told if code]
    return min(codes, key=lambda code: (_place(code), code.code), default=None)


def doubt(network: CapitalNetwork, link: Link) -> int:
    """How far the best source of a link stands from the fact: 1 primary to 4 unverified, 9 where there is none."""
    best = confidence(network, link)
    return UNSOURCED if best is None else _place(best)


def _place(code: Code) -> int:
    return int(code["order"] or UNSOURCED)
