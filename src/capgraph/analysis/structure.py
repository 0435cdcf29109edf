"""All share registers at once, as the shares of a matrix: who holds what part of whom, and where that has no answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from capgraph.analysis.lookthrough import Matrix, faults, matrix
from capgraph.analysis.ownership import refusals
from capgraph.analysis.register import NONE, WHOLE, Register, Share, instrument, register
from capgraph.network import CapitalNetwork, Link
from capgraph.results import Note, note


@dataclass(frozen=True, slots=True)
class Slice:
    """What one holder has of one company: its net percent where one counts, and the most it can be with the stakes of
    unknown percent. ``links`` are its stakes."""

    holder: str
    share: Share
    most: Share
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Structure:
    """The shares of all companies, by company, largest first.

    ``cut`` are the companies whose owners cannot be computed, each with the reason: percents that add up to more than
    100, percents outside 0..100, groups that own each other completely. They have no slices and stand as owners.
    ``rests`` is what nobody accounts for.
    """

    slices: Mapping[str, tuple[Slice, ...]]
    rests: Mapping[str, Share]
    cut: Mapping[str, Note]

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Every company and holder, sorted."""
        holders = {each.holder for slices in self.slices.values() for each in slices}
        return tuple(sorted(holders | set(self.slices) | set(self.cut)))

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each node in the matrix."""
        return {node: place for place, node in enumerate(self.nodes)}

    def matrix(self, end: str = "value") -> Matrix:
        """The fractions that count, or their ``low`` ends. Do not write to it."""
        if end not in self._matrices:
            self._matrices[end] = self._matrix(end)
        return self._matrices[end]

    @cached_property
    def _matrices(self) -> dict[str, Matrix]:
        return {}

    def _matrix(self, end: str) -> Matrix:
        cells = [
            (self.place[each.holder], self.place[issuer], float(getattr(each.share, end) / WHOLE))
            for issuer, slices in self.slices.items()
            for each in slices
        ]
        holders, issuers, shares = (list(column) for column in zip(*cells, strict=True)) if cells else ([], [], [])
        return matrix(np.array(holders, int), np.array(issuers, int), np.array(shares, float), len(self.nodes))

    def above(self, company: str) -> frozenset[str]:
        """A company and all who hold it, directly or through others, with or without a known percent."""
        found, frontier = {company}, [company]
        while frontier:
            for each in self.slices.get(frontier.pop(), ()):
                if each.holder not in found:
                    found.add(each.holder)
                    frontier.append(each.holder)
        return frozenset(found)

    def below(self, holder: str) -> frozenset[str]:
        """A holder and all that it holds, directly or through others, with or without a known percent."""
        found, frontier = {holder}, [holder]
        while frontier:
            for company in self._held.get(frontier.pop(), ()):
                if company not in found:
                    found.add(company)
                    frontier.append(company)
        return frozenset(found)

    @cached_property
    def _held(self) -> Mapping[str, tuple[str, ...]]:
        held: dict[str, list[str]] = {}
        for issuer, slices in self.slices.items():
            for each in slices:
                held.setdefault(each.holder, []).append(issuer)
        return {holder: tuple(companies) for holder, companies in held.items()}

    def slice(self, holder: str, company: str) -> Slice | None:
        """What one holder has of one company directly."""
        return next((each for each in self.slices.get(company, ()) if each.holder == holder), None)


class Structures:
    """The structure of one network, seen by everybody and by each holder.

    A stake that contains others can be told in two ways, and each sums to the same: the container whole, or the parts
    and what they leave. Seen by everybody, the stakes of a house's own vehicles go back into the stake of the house,
    all other parts stand for themselves. Seen by a holder (``seen_by``), its own stakes stand whole.
    """

    def __init__(self, network: CapitalNetwork, *, diluted: bool = False) -> None:
        self.network = network
        self.diluted = diluted
        self._seen: dict[str, Structure] = {}
        stakes = [link for link in network.links if instrument(network, link)]
        self._issuers = sorted({link.target for link in stakes})
        self.registers = {issuer: self._register(issuer, None) for issuer in self._issuers}
        containers = {link.container for link in stakes} - {""}
        self._nested = {
            issuer: frozenset(
                link.source
                for link in network.links_to(issuer)
                if instrument(network, link) and (link.container or link.id in containers)
            )
            for issuer in self._issuers
        }

    def _register(self, issuer: str, own: str | None) -> Register:
        def fold(container: Link, part: Link) -> bool:
            if own in (container.source, part.source):
                return own == container.source
            return part.source in self.network.house(container.source)

        return register(self.network, issuer, diluted=self.diluted, fold=fold)

    @cached_property
    def common(self) -> Structure:
        """The structure seen by everybody."""
        return self._structure(self.registers)

    def nests(self, holder: str) -> bool:
        """Whether a stake of this holder contains another or is contained, so that its own view differs."""
        return any(holder in nested for nested in self._nested.values())

    def seen_by(self, holder: str) -> Structure:
        """The structure in which the stakes of one holder stand whole."""
        if not self.nests(holder):
            return self.common
        if holder not in self._seen:
            issuers = [issuer for issuer in self._issuers if holder in self._nested[issuer]]
            changed = {issuer: self._register(issuer, holder) for issuer in issuers}
            self._seen[holder] = self._structure({**self.registers, **changed})
        return self._seen[holder]

    def _structure(self, registers: Mapping[str, Register]) -> Structure:
        refused = {
            issuer: next(refusals(self.network, book)) for issuer, book in registers.items() if not book.computable
        }
        computable = {issuer: book for issuer, book in registers.items() if issuer not in refused}
        slices = {issuer: tuple(_slices(book)) for issuer, book in computable.items()}
        rests = {issuer: book.rest for issuer, book in computable.items()}
        found = Structure({issuer: each for issuer, each in slices.items() if each}, rests, refused)
        closed = dict(self._closed(found))
        kept = {issuer: each for issuer, each in found.slices.items() if issuer not in closed}
        return Structure(kept, rests, {**refused, **closed})

    def _closed(self, structure: Structure) -> Iterator[tuple[str, Note]]:
        for group in faults(structure.matrix()).closed:
            members = [structure.nodes[place] for place in group]
            names = tuple(self.network.node(member).name for member in members)
            stakes = tuple(link.id for member in members for link in _links(structure.slices[member]))
            yield from ((member, note("lookthrough.closed", companies=names, stakes=stakes)) for member in members)


def _links(slices: Iterable[Slice]) -> Iterator[Link]:
    return (link for each in slices for link in each.links)


def _slices(book: Register) -> Iterator[Slice]:
    """The stakes of a register by holder, largest first; several stakes of one holder are one slice."""
    shares: dict[str, Share] = {}
    most: dict[str, Share] = {}
    links: dict[str, list[Link]] = {}
    for entry in (*book.entries, *book.unsized):
        share = entry.net if entry.own is not None else NONE
        shares[entry.holder] = shares.get(entry.holder, NONE) + share
        most[entry.holder] = most.get(entry.holder, NONE) + entry.net
        links.setdefault(entry.holder, []).append(entry.link)
    for holder in sorted(shares, key=lambda each: (-shares[each].value, each)):
        yield Slice(holder, shares[holder].capped(WHOLE), most[holder].capped(WHOLE), tuple(links[holder]))
