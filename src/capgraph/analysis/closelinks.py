"""Close links: who is too near to a party to stand surety for it, by two published definitions that differ."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.control import Votes, close_links_by_majority, close_links_by_share
from capgraph.analysis.lookthrough import corrected
from capgraph.analysis.structure import Structure, Structures
from capgraph.analysis.through import house_holdings, percent, refused
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Note, Result, hidden, note, section


@dataclass(frozen=True, slots=True)
class CloseLink:
    """A party closely linked by one of the definitions or both, and how; None where a definition does not link it."""

    party: Name
    by_majority: Note | None
    by_share: Note | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLinks(Result):
    """Who is closely linked to a party, by the European Central Bank's older and its newer definition."""

    party: Name = hidden(None)
    links: tuple[CloseLink, ...] = section(CloseLink)


def close_links(network: CapitalNetwork, party: str, context: Context) -> CloseLinks:
    """Who is closely linked to a party, in two published definitions.

    ``by_majority``: 20 percent, counted with undertakings held by majority, or a third party with the majority of both
    (:func:`capgraph.analysis.control.close_links_by_majority`). ``by_share``: 20 percent through all chains, or a third
    party with 20 percent of both (:func:`capgraph.analysis.control.close_links_by_share`). Both count capital.

    Parameters
    ----------
    network : all links at a pair of clocks. With ``scope.group`` the party's house is merged first.
    party : node id.
    context : printed with the answer.

    Examples
    --------
    >>> [row.party.id for row in close_links(network, "boston-dynamics", context).links]       # doctest: +SKIP
    ['chung-euisun', 'hmg-global', 'hyundai-motor-group']
    """
    if network.scope.group:
        network = house_holdings(network, party)
    structure = Structures(network).common
    shares: Votes = {
        company: [(each.holder, each.share.value) for each in slices] for company, slices in structure.slices.items()
    }
    near = _neighbourhood(shares, party)
    older = close_links_by_majority(shares, party, near)
    newer = close_links_by_share(_Shares(structure), party, near)
    rows = [
        CloseLink(network.node(each).name, _told(older.get(each)), _told(newer.get(each)))
        for each in sorted(set(older) | set(newer))
    ]
    return CloseLinks(
        party=network.node(party).name,
        links=tuple(rows),
        context=context,
        notes=(*refused(structure, near), note("control.close.capital")),
    )


def _told(how: str | None) -> Note | None:
    return note(f"control.close.{how}") if how else None


class _Shares:
    """The look-through share of a holder in a company, in percent, solved once a company."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._columns: dict[str, dict[str, Decimal]] = {}

    def __call__(self, holder: str, company: str) -> Decimal:
        place = self._structure.place
        if company not in place:
            return Decimal(0)
        if company not in self._columns:
            column = corrected(self._structure.matrix(), place[company]).tolist()
            self._columns[company] = dict(zip(self._structure.nodes, map(percent, column), strict=True))
        return self._columns[company].get(holder, Decimal(0))


def _neighbourhood(shares: Votes, party: str) -> set[str]:
    """All parties tied to one by stakes, in whatever direction, through any number of steps."""
    ties: dict[str, set[str]] = {}
    for company, holders in shares.items():
        for holder, percent_held in holders:
            if percent_held:
                ties.setdefault(company, set()).add(holder)
                ties.setdefault(holder, set()).add(company)
    found, frontier = {party}, [party]
    while frontier:
        for each in ties.get(frontier.pop(), set()):
            if each not in found:
                found.add(each)
                frontier.append(each)
    return found
