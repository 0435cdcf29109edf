"""Everything that ties two parties together directly: what stands, what is promised, what was paid, what has ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass
from datetime import date
from itertools import groupby
from typing import Any

from capgraph.analysis.paths import NoPath
from capgraph.analysis.routes import Hop, hop_of
from capgraph.analysis.sentences import Step
from capgraph.names import Name
from capgraph.network import PROMISE, CapitalNetwork, Link
from capgraph.results import Context, Result, hidden, note, section
from capgraph.voice import Voice

STANDINGS = ("stands", "promised", "paid", "ended", "unstarted")
"""What a direct link may be: it stands at the asked day, is a promise below the asked rung, was paid, has ended, or has
no start that is known to lie before the asked day. In the order of the answer."""


@dataclass(frozen=True, slots=True)
class Between(Result):
    """All direct links between two parties, those that stand first; each is a path of one hop."""

    one: Name = hidden(MISSING)
    other: Name = hidden(MISSING)
    count: int = hidden(MISSING)
    hops: tuple[Hop, ...] = section(Hop)

    def told(self) -> tuple[tuple[int, Any], ...]:
        """The links as lines below a heading for each standing."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[tuple[int, Any]]:
        for standing, group in groupby(self.hops, key=lambda hop: hop.standing):
            members = list(group)
            yield 0, note(f"between.{standing}", count=len(members))
            for hop in members:
                yield 1, hop.sentence
                yield from ((2, cited) for cited in hop.cited)


def between(network: CapitalNetwork, one: str, other: str, context: Context, group: bool = False) -> Between:
    """Every direct link between two nodes, in either direction.

    Beside what stands at the asked day the answer lists, apart and never added, promises below the asked rung, payments
    made by the asked day, links that have ended, and links without a known start. With ``group`` each end is the whole
    house. Raises NoPath (exit code 1) where the data know no direct link at all.

    >>> {hop.standing for hop in capgraph.load().between("microsoft", "openai").hops}               # doctest: +SKIP
    {'stands', 'paid', 'ended'}
    """
    clocks = network.scope.clocks
    past = network.during(date.min, clocks.as_of)
    ends = frozenset((one, other))
    known: dict[str, Iterable[Link]] = {
        "stands": network.links,
        "promised": network.promised,
        "paid": (link for link in past.links if link.kind.flow and link.rung == PROMISE),
        "ended": (link for link in past.links if not link.kind.flow),
        "unstarted": network.unstarted,
    }
    head = {member: end for end in (one, other) if group for member in network.house(end)}
    found: dict[str, tuple[str, Link]] = {}
    for standing in STANDINGS:
        for link in known[standing]:
            if {head.get(link.source, link.source), head.get(link.target, link.target)} == ends:
                found.setdefault(f"{link.id} {link.source} {link.target}", (standing, link))
    ties = sorted(found.values(), key=lambda tie: (STANDINGS.index(tie[0]), *_order(tie[1])))
    if not ties:
        names = {"one": network.node(one).name, "other": network.node(other).name}
        raise NoPath(note("between.none", **names), Voice(network.ontology, "en"))
    return Between(
        one=network.node(one).name,
        other=network.node(other).name,
        count=len(ties),
        hops=tuple(hop_of(network, place, 1, Step(link), standing) for place, (standing, link) in enumerate(ties, 1)),
        context=context,
        notes=(note("between.not_added"),),
    )


def _order(link: Link) -> tuple[int, date, str, str]:
    """Within a standing: by path rank, then the newest first, then by id."""
    start = link.start.first if link.start else date.min
    return link.kind.path_rank, date.fromordinal(date.max.toordinal() - start.toordinal() + 1), link.id, link.source
