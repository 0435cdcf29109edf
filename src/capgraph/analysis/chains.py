"""The chains of holdings behind a look-through share, and how far the share can go when percents are ranges."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

Holders = Mapping[str, Sequence[tuple[str, Decimal]]]
"""For each company its holders, each with the fraction that it holds."""

Ranges = Mapping[str, Sequence[tuple[str, float, float]]]
"""For each company its holders, each with the least and the most that it can hold, as fractions."""

MOST_STEPS = 20_000
"""How many partial chains are looked at before the search gives up and says so by ending."""

_ROUNDS = 5_000
_SETTLED = 1e-13


def chains(holders: Holders, holder: str, company: str) -> Iterator[tuple[Decimal, tuple[str, ...]]]:
    """The chains through which a holder owns a part of a company, largest first.

    Each chain is worth the product of its shares. A chain meets the holder only at its start, so the chains sum to the
    corrected look-through share; around loops they go on for ever, ever smaller.

    Parameters
    ----------
    holders : for each company its holders with their fractions.
    holder, company : the two ends.

    Yields
    ------
    The product of the fractions, and the chain from holder to company. Ends after :data:`MOST_STEPS` partial chains.

    Examples
    --------
    >>> fractions = {"b": [("a", Decimal("0.5"))], "c": [("b", Decimal("0.4")), ("a", Decimal("0.1"))]}
    >>> list(chains(fractions, "a", "c"))
    [(Decimal('0.20'), ('a', 'b', 'c')), (Decimal('0.1'), ('a', 'c'))]
    """
    useful = _reachable(holders, holder, company)
    start = holders.get(company, ())
    waiting: list[tuple[Decimal, tuple[str, ...]]] = [(-share, (each, company)) for each, share in start if share]
    waiting = [entry for entry in waiting if entry[1][0] in useful]
    heapq.heapify(waiting)
    for _ in range(MOST_STEPS):
        if not waiting:
            return
        negative, chain = heapq.heappop(waiting)
        if chain[0] == holder:
            yield -negative, chain
            continue
        for above, share in holders.get(chain[0], ()):
            if share and above in useful:
                heapq.heappush(waiting, (negative * share, (above, *chain)))


def _reachable(holders: Holders, holder: str, company: str) -> set[str]:
    """The nodes above a company that are the holder or held by it."""
    above, held = {company}, dict[str, list[str]]()
    frontier = [company]
    while frontier:
        node = frontier.pop()
        for each, share in holders.get(node, ()):
            if share:
                held.setdefault(each, []).append(node)
                if each not in above:
                    above.add(each)
                    frontier.append(each)
    found, frontier = {holder}, [holder]
    while frontier:
        for node in held.get(frontier.pop(), ()):
            if node not in found:
                found.add(node)
                frontier.append(node)
    return found


def most(ranges: Ranges, owners: frozenset[str], company: str) -> float:
    """The most that some owners can have of a company together, when the shares are only known as ranges.

    Look-through is a walk from company to holder; the share of the owners is the chance to meet one of them. With
    shares free within their ranges, and no company held beyond 100 percent, the best choice at each company gives as
    much as possible to the holders behind whom the owners are most likely to stand. Iterating that from nothing reaches
    the greatest chance: the solution of a bounded-parameter Markov decision process [1]_. The least needs no search:
    all shares at their low ends.

    Parameters
    ----------
    ranges : for each company its holders with least and most fraction.
    owners : nodes whose share is asked for; who holds them does not matter.
    company : the company.

    Returns
    -------
    A fraction in 0..1.

    Examples
    --------
    >>> round(most({"c": [("a", 0.1, 0.3), ("b", 0.4, 0.9)], "b": [("a", 0.5, 0.5)]}, frozenset({"a"}), "c"), 10)
    0.65

    References
    ----------
    .. [1] R. Givan, S. Leach, T. Dean. Bounded-parameter Markov decision processes. Artificial Intelligence 122 (2000).
    """
    nodes = [node for node in _above(ranges, owners, company) if node not in owners]
    return min(1.0, _chances(ranges, owners, nodes).get(company, 0.0))


def most_of_all(ranges: Ranges, owners: frozenset[str]) -> dict[str, float]:
    """The most that some owners can have of every company that they reach: :func:`most` for all of them at once.

    The best choice at a company does not depend on where a walk began, so one iteration serves all companies.

    Examples
    --------
    >>> found = most_of_all({"c": [("a", 0.1, 0.3), ("b", 0.4, 0.9)], "b": [("a", 0.5, 0.5)]}, frozenset({"a"}))
    >>> {company: round(share, 10) for company, share in found.items()}
    {'c': 0.65, 'b': 0.5}
    """
    chance = _chances(ranges, owners, _below(ranges, owners))
    return {company: min(1.0, share) for company, share in chance.items() if company not in owners}


def _chances(ranges: Ranges, owners: frozenset[str], nodes: Sequence[str]) -> dict[str, float]:
    """The greatest chance to meet the owners from each of some nodes, iterated from nothing until it settles."""
    chance = dict.fromkeys(owners, 1.0)
    for _ in range(_ROUNDS):
        moved = 0.0
        for node in nodes:
            best = _best(ranges.get(node, ()), chance)
            moved = max(moved, best - chance.get(node, 0.0))
            chance[node] = best
        if moved <= _SETTLED:
            break
    return chance


def _best(slices: Sequence[tuple[str, float, float]], chance: Mapping[str, float]) -> float:
    """The greatest expected chance over shares within their ranges that sum to at most 1."""
    left = 1.0 - sum(low for _, low, _ in slices)
    total = 0.0
    for holder, low, high in sorted(slices, key=lambda each: -chance.get(each[0], 0.0)):
        more = max(0.0, min(high - low, left))
        left -= more
        total += (low + more) * chance.get(holder, 0.0)
    return total


def _above(ranges: Ranges, owners: frozenset[str], company: str) -> list[str]:
    """The company and its holders up to the owners, the furthest first."""
    found, frontier = {company: None}, [company]
    while frontier:
        for holder, _, high in ranges.get(frontier.pop(), ()):
            if high and holder not in found and holder not in owners:
                found[holder] = None
                frontier.append(holder)
    return [*reversed(found)]


def _below(ranges: Ranges, owners: frozenset[str]) -> list[str]:
    """All companies that the owners may have a part of, the nearest first."""
    held: dict[str, list[str]] = {}
    for company, slices in ranges.items():
        for holder, _, high in slices:
            if high:
                held.setdefault(holder, []).append(company)
    found, frontier = dict[str, None](), deque(sorted(owners))
    while frontier:
        for company in held.get(frontier.popleft(), ()):
            if company not in found and company not in owners:
                found[company] = None
                frontier.append(company)
    return [*found]
