"""Who controls whom: what a party controls, who controls a company, and who has how much power over it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from capgraph.analysis import control as rules
from capgraph.analysis.chains import most
from capgraph.analysis.control import MAJORITY, Hold
from capgraph.analysis.register import NONE, NOTHING, WHOLE
from capgraph.analysis.structure import Structures
from capgraph.analysis.through import exact, house_holdings, merged, percent, value_of
from capgraph.analysis.votes import Ballot, Ballots
from capgraph.analysis.votingpower import MOST_LARGE, banzhaf_with_ocean, shapley_with_ocean
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_CUTOFFS = (Decimal(10), Decimal(20))
_MOST_POSSIBLE = 10


@dataclass(frozen=True, slots=True)
class ControlledCompany:
    """One company under control. ``votes`` are those of all controlling parties together (``held_by``), ``economic`` is
    the look-through share of the party that was asked about, None where control is only stated."""

    company: Name
    grounds: Note
    votes: Value
    held_by: tuple[Name, ...]
    economic: Value | None
    remarks: tuple[Note, ...] = ()
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Controller:
    """One party that controls the company; ``ultimate``: nobody else controls it."""

    party: Name
    grounds: Note
    votes: Value
    held_by: tuple[Name, ...]
    economic: Value | None
    ultimate: bool
    remarks: tuple[Note, ...] = ()
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Voter:
    """One holder of votes, and how often it would decide: the Shapley value and the Banzhaf index, in percent."""

    holder: Name
    votes: Value
    votes_by: Note
    shapley: Value
    banzhaf: Value
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Majority:
    """A smallest group of holders that has a majority together."""

    members: tuple[Name, ...]
    votes: Value


@dataclass(frozen=True, slots=True)
class WeakestLink:
    """Control by the weakest link of each chain, for links of at least 10 and at least 20 percent."""

    holder: Name
    from_10: Value
    from_20: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Result):
    """What a party controls, alone or with those it acts together with."""

    parties: tuple[Name, ...] = hidden()
    threshold: Value
    companies: tuple[ControlledCompany, ...] = section(ControlledCompany)


@dataclass(frozen=True, slots=True, kw_only=True)
class Controllers(Result):
    """Who controls a company, who could together, and how votes and power differ."""

    company: Name = hidden(None)
    threshold: Value
    controllers: tuple[Controller, ...] = section(Controller)
    majorities: tuple[Majority, ...] = section(Majority)
    voters: tuple[Voter, ...] = section(Voter)
    weakest_links: tuple[WeakestLink, ...] = section(WeakestLink)


def control(
    network: CapitalNetwork,
    party: str,
    context: Context,
    *,
    together: Iterable[str] = (),
    threshold: Decimal = MAJORITY,
) -> Control:
    """The companies that a party controls: the least fixpoint of :func:`capgraph.analysis.control.controlled`.

    Votes are those that sources give, else the shares stand for them and the row says so; what a source calls a
    subsidiary or vehicle is controlled whatever the votes.

    Parameters
    ----------
    network : all links at a pair of clocks. With ``scope.group`` the party's house is merged first.
    party : node id.
    context : printed with the answer.
    together : parties that act together with it.
    threshold : percent of the votes that has to be exceeded, from 0 to below 100.

    Returns
    -------
    Control, most votes first. Companies controlled only by the preferred figures, and not by the low ends of disputed
    ones, say so; those that the high ends would add are named in a note. Raises UsageProblem for the threshold.

    Examples
    --------
    >>> found = control(network, "elon-musk", context)                                         # doctest: +SKIP
    >>> [(row.company.id, row.votes.value, row.economic.value) for row in found.companies]     # doctest: +SKIP
    [('x-corp', Decimal('100'), Decimal('43')), ('xai', Decimal('100'), Decimal('43')), ('spacex', ...)]
    """
    start = tuple(dict.fromkeys((party, *together)))
    if network.scope.group:
        network = house_holdings(network, *start)
    court = _Court(network, threshold)
    holds = court.controlled(start)
    rows = [court.company(hold, start, set(holds)) for hold in holds.values()]
    rows.sort(key=lambda row: (-(row.votes.value or NOTHING), row.company.id))
    possible = [each for each in court.controlled(start, "high") if each not in holds]
    return Control(
        parties=tuple(network.node(each).name for each in start),
        threshold=Value(threshold, "percent"),
        companies=tuple(rows),
        context=context,
        notes=(
            *([] if rows else [note("control.nothing", parties=tuple(network.node(each).name for each in start))]),
            *court.possible(possible),
            *court.bases(rows),
        ),
    )


def controllers(
    network: CapitalNetwork, company: str, context: Context, *, threshold: Decimal = MAJORITY
) -> Controllers:
    """Who controls a company, alone or through others, and the power of its holders.

    Parameters
    ----------
    network : all links at a pair of clocks. With ``scope.group`` houses are merged, except those with the company in.
    company : node id.
    context : printed with the answer.
    threshold : percent of the votes that has to be exceeded, from 0 to below 100.

    Returns
    -------
    Controllers: everyone whose fixpoint contains the company; where no holder has a majority alone, the smallest groups
    that have one; votes, Shapley value and Banzhaf index of each holder, with all others as an ocean of small ones; and
    control by the weakest link, for cut-offs of 10 and 20 percent.

    Examples
    --------
    >>> found = controllers(network, "openai", context)                                        # doctest: +SKIP
    >>> [(row.party.id, row.ultimate) for row in found.controllers]                            # doctest: +SKIP
    [('openai-foundation', True)]
    """
    if network.scope.group:
        network = merged(network, company)
    court = _Court(network, threshold)
    holds = court.controllers(company)
    last = set(rules.ultimate(court.controllers, holds))
    rows = [court.controller(party, hold, party in last) for party, hold in holds.items()]
    rows.sort(key=lambda row: (not row.ultimate, -(row.votes.value or NOTHING), row.party.id))
    ballots = court.ballots.ballots.get(company, ())
    groups = rules.majorities([(each.holder, each.votes.value) for each in ballots[:MOST_LARGE]], threshold=threshold)
    alone = any(len(members) == 1 for members, _ in groups)
    name = network.node(company).name
    return Controllers(
        company=name,
        threshold=Value(threshold, "percent"),
        controllers=tuple(rows),
        majorities=() if alone else tuple(court.majority(*group) for group in groups),
        voters=tuple(court.voters(ballots)),
        weakest_links=tuple(court.weakest(company)),
        context=context,
        notes=(
            *([] if rows else [note("control.nobody", company=name)]),
            *([note("control.circle", company=name)] if rows and not last else []),
            *court.crowd(ballots),
            *court.bases(rows),
        ),
    )


def threshold_of(percent: Decimal | int | str) -> Decimal:
    """A threshold as an exact percent. Raises UsageProblem unless it lies from 0 to below 100."""
    try:
        threshold = Decimal(percent)
    except InvalidOperation as error:
        raise UsageProblem(f"{percent!r} is no percent") from error
    if not 0 <= threshold < WHOLE:
        raise UsageProblem(f"a threshold of {threshold} percent decides nothing; it lies from 0 to below 100")
    return threshold


class _Court:
    """Judges who controls whom in one network, and writes the rows."""

    def __init__(self, network: CapitalNetwork, threshold: Decimal) -> None:
        self.network = network
        self.threshold = threshold
        self.structures = Structures(network)
        self.ballots = Ballots(self.structures)
        self._shares: dict[tuple[frozenset[str], str], Decimal] = {}

    @cached_property
    def _votes(self) -> dict[str, rules.Votes]:
        return {end: self.ballots.votes(end) for end in ("low", "value", "high")}

    def controlled(self, start: Iterable[str], end: str = "value") -> dict[str, Hold]:
        return rules.controlled(self._votes[end], start, threshold=self.threshold, stated=self.ballots.stated)

    def controllers(self, company: str) -> dict[str, Hold]:
        return rules.controllers(self._votes["value"], company, threshold=self.threshold, stated=self.ballots.stated)

    def economic(self, start: Collection[str], company: str) -> Decimal:
        """The look-through share of some parties together in a company."""
        key = frozenset(start), company
        if key not in self._shares:
            structure = self.structures.seen_by(min(start)) if len(start) == 1 else self.structures.common
            self._shares[key] = percent(most(exact(structure), frozenset(start), company))
        return self._shares[key]

    # Rows ------------------------------------------------------------------------------------------------------------

    def company(self, hold: Hold, start: tuple[str, ...], members: Collection[str]) -> ControlledCompany:
        return ControlledCompany(
            company=self.network.node(hold.company).name,
            economic=self._economic(hold, start),
            remarks=tuple(self._remarks(hold, start)),
            **self._cells(hold, {*start, *members}),
        )

    def controller(self, party: str, hold: Hold, ultimate: bool) -> Controller:
        return Controller(
            party=self.network.node(party).name,
            economic=self._economic(hold, (party,)),
            ultimate=ultimate,
            remarks=tuple(self._remarks(hold, (party,))),
            **self._cells(hold, {party, *self.controlled((party,))}),
        )

    def _economic(self, hold: Hold, start: Collection[str]) -> Value | None:
        """The look-through share, unknown where control is only stated and no chain of known percents leads there."""
        share = self.economic(start, hold.company)
        return Value(share, "percent") if share or not hold.stated else None

    def _cells(self, hold: Hold, members: Collection[str]) -> dict[str, Any]:
        ballots = [each for each in self.ballots.ballots.get(hold.company, ()) if each.holder in members]
        bonds = list(self.ballots.bonds(hold.company, frozenset(members))) if hold.stated else []
        votes = sum((each.votes for each in ballots), NONE).capped(WHOLE)
        through = dict.fromkeys([each.holder for each in ballots] + [link.target for link in bonds])
        kind = "stated" if hold.stated else "votes" if all(each.told for each in ballots) else "shares"
        links = [*bonds, *(link for each in ballots for link in each.links)]
        return {
            "grounds": note(f"control.by.{kind}"),
            "votes": value_of(votes) if ballots else Value(None, "percent"),
            "held_by": tuple(self.network.node(each).name for each in through),
            "stakes": tuple(link.id for link in links),
            "readings": tuple(dict.fromkeys(id for each in ballots for id in each.readings)),
            "sources": tuple(dict.fromkeys(source for link in links for source in link.sources)),
        }

    def _remarks(self, hold: Hold, start: tuple[str, ...]) -> Iterator[Note]:
        if hold.company not in self.controlled(start, "low"):
            yield note("control.unsure")
        if self.economic(start, hold.company) < MAJORITY and not hold.stated:
            yield note("control.minority")

    def majority(self, members: tuple[str, ...], votes: Decimal) -> Majority:
        return Majority(tuple(self.network.node(each).name for each in members), Value(votes, "percent"))

    def voters(self, ballots: tuple[Ballot, ...]) -> Iterator[Voter]:
        """The largest holders with their power; all others are the ocean."""
        large = [float(each.votes.value) for each in ballots[:MOST_LARGE]]
        ocean = max(0.0, 100.0 - sum(large))
        quota = (sum(large) + ocean) * float(self.threshold / WHOLE)
        powers = zip(shapley_with_ocean(large, ocean, quota), banzhaf_with_ocean(large, ocean, quota), strict=True)
        for ballot, (shapley, banzhaf) in zip(ballots, powers, strict=False):
            yield Voter(
                holder=self.network.node(ballot.holder).name,
                votes=replace(value_of(ballot.votes), readings=ballot.readings),
                votes_by=note("control.told" if ballot.told else "control.shares"),
                shapley=Value(round(percent(shapley), 2), "percent"),
                banzhaf=Value(round(percent(banzhaf), 2), "percent"),
                stakes=tuple(link.id for link in ballot.links),
                readings=ballot.readings,
                sources=tuple(dict.fromkeys(source for link in ballot.links for source in link.sources)),
            )

    def weakest(self, company: str) -> Iterator[WeakestLink]:
        votes = self._votes["value"]
        above = self.structures.common.above(company) - {company}
        found = [(each, [rules.weakest_link(votes, each, company, cutoff=cut) for cut in _CUTOFFS]) for each in above]
        for holder, ends in sorted(found, key=lambda pair: (-pair[1][0], pair[0])):
            if ends[0]:
                yield WeakestLink(self.network.node(holder).name, *(Value(end, "percent") for end in ends))

    # Notes -----------------------------------------------------------------------------------------------------------

    def possible(self, companies: list[str]) -> Iterator[Note]:
        if companies:
            names = tuple(self.network.node(each).name for each in companies[:_MOST_POSSIBLE])
            yield note("control.possible", count=len(companies), companies=names)

    def bases(self, rows: Iterable[ControlledCompany | Controller]) -> Iterator[Note]:
        if any(row.grounds.key == "control.by.shares" for row in rows):
            yield note("control.shares_for_votes")

    def crowd(self, ballots: tuple[Ballot, ...]) -> Iterator[Note]:
        rest = WHOLE - sum((each.votes.value for each in ballots[:MOST_LARGE]), NOTHING)
        if ballots and rest > 0:
            yield note("control.ocean", percent=Value(rest, "percent"))
        if ballots and rest < 0:
            yield note("control.too_many_votes", percent=Value(WHOLE - rest, "percent"))
