"""The votes of a network: who has how many in which company, and whose subsidiary a source says a party is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from capgraph.analysis.control import Stated, Votes
from capgraph.analysis.register import AGGREGATE, NONE, WHOLE, Entry, Register, Share, share_of
from capgraph.analysis.structure import Structures
from capgraph.network import CapitalNetwork, Link


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes of one holder in one company, in percent. ``told``: a source gives them; else its shares stand for
    them. ``readings`` are the ids behind the number."""

    holder: str
    company: str
    votes: Share
    told: bool
    links: tuple[Link, ...]
    readings: tuple[str, ...]


class Ballots:
    """All votes of a network, and the control that sources state.

    A stake votes with its ``votes_percent`` where a source gives one, else with its net percent. Stakes of unknown size
    and parties named only together do not vote; they are among the crowd.
    """

    def __init__(self, structures: Structures) -> None:
        self.network: CapitalNetwork = structures.network
        self._registers = structures.registers

    @cached_property
    def ballots(self) -> Mapping[str, tuple[Ballot, ...]]:
        """The ballots of every company, most votes first."""
        found = {issuer: tuple(self._of(book)) for issuer, book in self._registers.items()}
        return {issuer: ballots for issuer, ballots in found.items() if ballots}

    def _of(self, book: Register) -> list[Ballot]:
        groups: dict[str, list[Entry]] = {}
        for entry in (*book.entries, *book.unsized):
            if self.network.node(entry.holder).code != AGGREGATE:
                groups.setdefault(entry.holder, []).append(entry)
        ballots = (self._ballot(book.issuer, holder, entries) for holder, entries in groups.items())
        return sorted((each for each in ballots if each), key=lambda each: (-each.votes.value, each.holder))

    def _ballot(self, company: str, holder: str, entries: list[Entry]) -> Ballot | None:
        """The ballot of one holder, None where nothing tells how many votes it has."""
        votes, told, readings = NONE, False, list[str]()
        for entry in entries:
            figure = self.network.derived.figure(entry.link.id, "votes_percent")
            share = share_of(figure)
            if figure is not None and share is not None:
                votes, told = votes + share, True
                readings += figure.readings
            elif entry.own is not None:
                votes += entry.net
                readings += entry.figure.readings if entry.figure else ()
        if not readings:
            return None
        links = tuple(entry.link for entry in entries)
        return Ballot(holder, company, votes.capped(WHOLE), told, links, tuple(dict.fromkeys(readings)))

    def votes(self, end: str = "value") -> Votes:
        """The percents of the votes by company and holder, or their ``low`` or ``high`` ends."""
        return {
            company: [(each.holder, getattr(each.votes, end)) for each in ballots]
            for company, ballots in self.ballots.items()
        }

    def ballot(self, holder: str, company: str) -> Ballot | None:
        """The votes of one holder in one company."""
        return next((each for each in self.ballots.get(company, ()) if each.holder == holder), None)

    @cached_property
    def stated(self) -> Stated:
        """For each party those that a source calls its subsidiaries or vehicles."""
        found: dict[str, list[str]] = {}
        for node in self.network.nodes:
            for parent in self.network.parents(node):
                found.setdefault(parent, []).append(node)
        return found

    def bonds(self, company: str, parents: frozenset[str]) -> Iterator[Link]:
        """The links by which a source makes a company the subsidiary of one of some parties."""
        return (link for link in self.network.bonds(company) if link.target in parents)
