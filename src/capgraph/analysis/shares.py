"""How much of one party's business hangs on another: shares of revenue, backlog, receivables and supply, both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from capgraph.clocks import DateSpan, period_months
from capgraph.names import Name, node_ref
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code
from capgraph.readings import Figure
from capgraph.results import Value, hidden

_WHOLES = {"revenue_share": "revenue", "backlog_share": "backlog"}
"""Of which figure of a party the share is, where the tables have that figure."""
_OF_OBJECT = frozenset({"supply_share"})
"""Shares of the object's purchases; every other is the subject's (the data model, readings on relations)."""
_YEAR = 12
_SAME_END = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Dependence:
    """A share of one party's business that hangs on another.

    ``business_share`` is the ``aspect`` of ``whose`` that hangs on ``on``, ``share_as_of`` its date. ``whole`` is
    what it is a share of, with ``whole_as_of``; ``implied`` is their product, only where both speak of one period.
    """

    whose: Name
    on: Name
    aspect: Code
    business_share: Value
    share_as_of: DateSpan
    whole: Value | str
    whole_as_of: DateSpan | str
    implied: Value | str
    link: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


def dependences(network: CapitalNetwork, party: str, to: str = "") -> tuple[Dependence, ...]:
    """The shares of business between a party and others, those of the party first, largest first.

    Parameters
    ----------
    network : all links at a pair of clocks. party : node id. to : node id of the only other party of interest.
    """
    links = dict.fromkeys((*network.links_from(party), *network.links_to(party)))
    found = [each for link in links for each in _of_link(network, link)]
    wanted = [each for each in found if party in (each.whose.id, each.on.id) and to in ("", each.whose.id, each.on.id)]
    zero = Decimal(0)
    return tuple(
        sorted(wanted, key=lambda each: (each.whose.id != party, -(each.business_share.value or zero), each.link))
    )


def _of_link(network: CapitalNetwork, link: Link) -> list[Dependence]:
    aspects = link.kind.percent_aspects if not link.kind.flow else ()
    figures = [(aspect, network.derived.figure(link.id, aspect)) for aspect in aspects if aspect.endswith("_share")]
    return [_dependence(network, link, aspect, figure) for aspect, figure in figures if figure is not None]


def _dependence(network: CapitalNetwork, link: Link, aspect: str, share: Figure) -> Dependence:
    owner, on = (link.target, link.source) if aspect in _OF_OBJECT else (link.source, link.target)
    whole, same = whole_of(network, owner, aspect, share)
    implied = share.value * whole.value / 100 if same and whole and share.value and whole.value else None
    figures = (share, *((whole,) if whole else ()))
    return Dependence(
        whose=network.node(owner).name,
        on=network.node(on).name,
        aspect=network.ontology.code("aspect", aspect),
        business_share=Value(share.value, share.unit, share.low, share.high, share.readings),
        share_as_of=share.as_of,
        whole=Value(whole.value, whole.unit, whole.low, whole.high, whole.readings) if whole else "",
        whole_as_of=whole.as_of if whole else "",
        implied=Value(implied, whole.unit) if implied is not None and whole else "",
        link=link.id,
        readings=tuple(id for figure in figures for id in figure.readings),
        sources=tuple(dict.fromkeys((*(source for figure in figures for source in figure.sources), *link.sources))),
    )


def whole_of(network: CapitalNetwork, owner: str, aspect: str, share: Figure) -> tuple[Figure | None, bool]:
    """What a share is a share of: the preferred figure, and whether it speaks of the same time as the share.

    A revenue share is one of a year, so only a year's revenue with the same end fits; a backlog's day must be the same.
    """
    name = _WHOLES.get(aspect)
    figure = network.derived.figure(node_ref(owner), name) if name else None
    if figure is None:
        return None, False
    same_end = abs(figure.as_of.last - share.as_of.last) <= _SAME_END
    same_length = not figure.period or period_months(figure.period) == (period_months(share.period) or _YEAR)
    return figure, same_end and same_length
