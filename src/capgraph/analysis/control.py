"""Control: whom a party can outvote, alone or with those it controls; weakest links; close links in two definitions.

Votes are given by company: ``votes["b"] = [("a", Decimal(30)), ...]`` says that ``a`` has 30 percent of the votes of
``b``. Nothing here needs them to sum to 100, so contradictory registers do not stop an answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np

from capgraph.analysis.lookthrough import Matrix
from capgraph.errors import UsageProblem

Votes = Mapping[str, Sequence[tuple[str, Decimal]]]
"""For each company its holders with their percent of the votes, 0..100."""

Stated = Mapping[str, Collection[str]]
"""For each party those that the data call its subsidiaries or vehicles, whatever the votes."""

MAJORITY = Decimal(50)
CLOSE_LINK = Decimal(20)
MOST_CHAINS = 100_000


@dataclass(frozen=True, slots=True)
class Hold:
    """How a company is controlled: with so many joint ``votes`` of the controlling parties ``by``, or ``stated``."""

    company: str
    votes: Decimal
    by: tuple[str, ...]
    stated: bool


def controlled(
    votes: Votes, start: Iterable[str], *, threshold: Decimal = MAJORITY, stated: Stated | None = None
) -> dict[str, Hold]:
    r"""The companies that a party controls, or several that act together [1]_.

    The least set :math:`C` that holds the start and every company of which its members together have more than the
    threshold of the votes:

    .. math:: y \in C \iff y \in \text{start} \lor \sum_{z \in C} v_{zy} > \theta \lor \text{a source says so}

    Parameters
    ----------
    votes : percent of the votes, by company and holder.
    start : the parties that act together.
    threshold : percent that has to be exceeded, from 0 to below 100.
    stated : companies whose control is stated by a source, by controlling party; None: votes alone decide.

    Returns
    -------
    For each controlled company, in the order of the fixpoint's rounds, how. The start is not in it. The set is the same
    in whatever order votes are counted.

    Raises
    ------
    UsageProblem for a threshold outside 0..100.

    Examples
    --------
    Nobody holds more than half of C but A has 30 percent of it and B, which is A's, 25.

    >>> votes = {"B": [("A", Decimal(60))], "C": [("A", Decimal(30)), ("B", Decimal(25))]}
    >>> {hold.company: (hold.votes, hold.by) for hold in controlled(votes, ["A"]).values()}
    {'B': (Decimal('60'), ('A',)), 'C': (Decimal('55'), ('A', 'B'))}

    References
    ----------
    .. [1] S. Ceri, G. Gottlob, L. Tanca. Logic Programming and Databases. Springer 1990. (company control)
    """
    if not 0 <= threshold < 100:
        raise UsageProblem(f"a threshold of {threshold} percent decides nothing; it lies from 0 to below 100")
    held = by_holder(votes)
    first = sorted(set(start))
    members, found = set(first), list[str]()
    counted: dict[str, Decimal] = {}
    waiting = deque(first)
    while waiting:
        member = waiting.popleft()
        reached = []
        for company, percent in held.get(member, ()):
            counted[company] = counted.get(company, Decimal(0)) + percent
            if counted[company] > threshold:
                reached.append(company)
        for company in (*reached, *sorted((stated or {}).get(member, ()))):
            if company not in members:
                members.add(company)
                found.append(company)
                waiting.append(company)
    return {company: _hold(company, votes, members, threshold) for company in found}


def _hold(company: str, votes: Votes, members: Collection[str], threshold: Decimal) -> Hold:
    by = [(holder, percent) for holder, percent in votes.get(company, ()) if holder in members and holder != company]
    total = sum((percent for _, percent in by), Decimal(0))
    return Hold(company, total, tuple(holder for holder, _ in by), stated=total <= threshold)


def by_holder(votes: Votes) -> dict[str, list[tuple[str, Decimal]]]:
    """The votes turned around: for each holder its companies."""
    held: dict[str, list[tuple[str, Decimal]]] = {}
    for company in sorted(votes):
        for holder, percent in votes[company]:
            held.setdefault(holder, []).append((company, percent))
    return held


def controllers(
    votes: Votes, company: str, *, threshold: Decimal = MAJORITY, stated: Stated | None = None
) -> dict[str, Hold]:
    """Everyone who controls a company, with how, sorted by id.

    Only whoever stands above the company through holdings or stated control can be among them.
    """
    found = {}
    for party in sorted(_above(votes, company, stated or {})):
        hold = controlled(votes, [party], threshold=threshold, stated=stated).get(company)
        if hold is not None and party != company:
            found[party] = hold
    return found


def _above(votes: Votes, company: str, stated: Stated) -> set[str]:
    parents: dict[str, set[str]] = {}
    for parent, companies in stated.items():
        for each in companies:
            parents.setdefault(each, set()).add(parent)
    found, frontier = set[str](), [company]
    while frontier:
        node = frontier.pop()
        for above in {holder for holder, _ in votes.get(node, ())} | parents.get(node, set()):
            if above not in found:
                found.add(above)
                frontier.append(above)
    return found


def ultimate(controlled_by: Callable[[str], Collection[str]], parties: Iterable[str]) -> list[str]:
    """Those of some controllers whom nobody else controls. None in a circle of mutual control.

    ``controlled_by`` gives the controllers of a party.
    """
    return [party for party in parties if not set(controlled_by(party)) - {party}]


def majorities(
    votes: Sequence[tuple[str, Decimal]], *, threshold: Decimal = MAJORITY, largest: int = 3
) -> list[tuple[tuple[str, ...], Decimal]]:
    """The smallest groups of holders that together have more than the threshold: without any member they have not.

    At most ``largest`` members; fewest members first, then most votes.

    Examples
    --------
    >>> majorities([("a", Decimal(26)), ("b", Decimal(27)), ("c", Decimal(20))])
    [(('a', 'b'), Decimal('53'))]
    """
    found: list[tuple[tuple[str, ...], Decimal]] = []
    for size in range(1, largest + 1):
        for group in combinations(sorted(votes), size):
            total = sum((percent for _, percent in group), Decimal(0))
            if total > threshold and all(total - percent <= threshold for _, percent in group):
                found.append((tuple(holder for holder, _ in group), total))
    return sorted(found, key=lambda each: (len(each[0]), -each[1], each[0]))


def weakest_link(votes: Votes, holder: str, company: str, *, cutoff: Decimal = Decimal(10)) -> Decimal:
    r"""Control by the weakest link of each chain [1]_ [2]_.

    .. math:: \sum_{\text{chains}} \min_{\text{links}} v

    over all chains from holder to company that meet no party twice and whose links all reach the cut-off.

    Parameters
    ----------
    votes : percent of the votes, by company and holder.
    holder, company : the ends.
    cutoff : percent below which a link carries no control; 10 and 20 are customary.

    Returns
    -------
    Percent, at most 100. Raises UsageProblem where more than :data:`MOST_CHAINS` chains would have to be followed.

    Examples
    --------
    La Porta and others: a family holds 11 percent of a firm that holds 21 percent of another. It has 2.31 percent of
    the cash flow and 11 percent of the control.

    >>> weakest_link({"firm": [("family", Decimal(11))], "other": [("firm", Decimal(21))]}, "family", "other")
    Decimal('11')

    References
    ----------
    .. [1] R. La Porta, F. Lopez-de-Silanes, A. Shleifer. Corporate ownership around the world. Journal of Finance 54
       (1999), 471-517.
    .. [2] S. Claessens, S. Djankov, L. Lang. The separation of ownership and control in East Asian corporations.
       Journal of Financial Economics 58 (2000), 81-112. Criticised by J. Edwards, A. Weichenrieder, CESifo 1255 (2004).
    """
    total, followed = Decimal(0), 0
    waiting: list[tuple[str, Decimal, frozenset[str]]] = [(company, Decimal(100), frozenset({company}))]
    while waiting:
        node, weakest, seen = waiting.pop()
        for above, percent in votes.get(node, ()):
            if percent < cutoff or not percent or above in seen:
                continue
            followed += 1
            if followed > MOST_CHAINS:
                raise UsageProblem(f"there are more than {MOST_CHAINS} chains above {company}; raise the cut-off")
            if above == holder:
                total += min(weakest, percent)
            else:
                waiting.append((above, min(weakest, percent), seen | {above}))
    return min(Decimal(100), total)


# Close links ----------------------------------------------------------------------------------------------------------


def close_links_by_majority(votes: Votes, party: str, parties: Iterable[str]) -> dict[str, str]:
    """Close links as the Eurosystem's older rule has them: 20 percent, counted with undertakings held by majority [1]_.

    Two are closely linked when one, together with the undertakings it owns by majority, holds at least 20 percent of
    the other (``holds``, ``held``), or when a third owns the majority of both (``third``).

    Parameters
    ----------
    votes : percent of capital, by company and holder.
    party : the party asked about.
    parties : those to compare with.

    Returns
    -------
    For each closely linked party how: ``holds``, ``held`` or ``third``.

    References
    ----------
    .. [1] European Central Bank. The implementation of monetary policy in the euro area, General Documentation, section
       6.2; as restated in the T2S business data model.
    """

    def joint(one: str, other: str) -> Decimal:
        members = {one, *controlled(votes, [one])}
        return sum((percent for holder, percent in votes.get(other, ()) if holder in members), Decimal(0))

    masters = set(controllers(votes, party))
    found = {}
    for other in sorted(set(parties) - {party}):
        if joint(party, other) >= CLOSE_LINK:
            found[other] = "holds"
        elif joint(other, party) >= CLOSE_LINK:
            found[other] = "held"
        elif masters & set(controllers(votes, other)):
            found[other] = "third"
    return found


def close_links_by_share(share: Callable[[str, str], Decimal], party: str, parties: Iterable[str]) -> dict[str, str]:
    """Close links as Guideline ECB/2014/60, article 138, has them: 20 percent directly or indirectly [1]_.

    Two are closely linked when one owns at least 20 percent of the other, through all chains (``holds``, ``held``), or
    when a third owns at least 20 percent of both (``third``).

    Parameters
    ----------
    share : the look-through share of a holder in a company, in percent.
    party : the party asked about.
    parties : those to compare with, third parties among them.

    Returns
    -------
    For each closely linked party how: ``holds``, ``held`` or ``third``.

    References
    ----------
    .. [1] Guideline (EU) 2015/510 of the European Central Bank (ECB/2014/60), article 138(2). Read as accumulated
       ownership, as the Bank of Italy formalises it.
    """
    others = sorted(set(parties) - {party})
    thirds = [third for third in others if share(third, party) >= CLOSE_LINK]
    found = {}
    for other in others:
        if share(party, other) >= CLOSE_LINK:
            found[other] = "holds"
        elif share(other, party) >= CLOSE_LINK:
            found[other] = "held"
        elif any(share(third, other) >= CLOSE_LINK for third in thirds if third != other):
            found[other] = "third"
    return found


# All pairs ------------------------------------------------------------------------------------------------------------


def control_pairs(w: Matrix, threshold: float = 0.5) -> Iterator[tuple[int, int]]:
    """All pairs of controller and controlled company in a large network.

    Only a holder with at least one stake above the threshold can control anything, so only these are followed, each as
    far as its control reaches: the whole is linear in the holdings of controlled companies.

    Parameters
    ----------
    w : sparse matrix of fractions of the votes, ``w[h, i]`` those of ``h`` in company ``i``.
    threshold : fraction that has to be exceeded.

    Yields
    ------
    Holder and company by place, holders ascending, companies in the order reached.

    Examples
    --------
    >>> from capgraph.analysis.lookthrough import matrix
    >>> votes = matrix(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.6, 0.3, 0.25]), 3)
    >>> list(control_pairs(votes))
    [(0, 1), (0, 2)]
    """
    rows = w.tocsr()
    limit = threshold + 1e-12  # one half is no majority, also in binary fractions
    starts, companies, fractions = rows.indptr.tolist(), rows.indices.tolist(), rows.data.tolist()
    counts = np.diff(rows.indptr)
    holders = np.unique(np.repeat(np.arange(rows.shape[0]), counts)[rows.data > limit])
    for holder in holders.tolist():
        members, counted, waiting = {holder}, dict[int, float](), [holder]
        while waiting:
            member = waiting.pop()
            for place in range(starts[member], starts[member + 1]):
                company = companies[place]
                total = counted.get(company, 0.0) + fractions[place]
                counted[company] = total
                if total > limit and company not in members:
                    members.add(company)
                    waiting.append(company)
                    yield holder, company
