"""The party that rules are asked of: what it holds, how its assets are classed, what moved; and what a measure returns.

Shares are exact fractions, so that 50 percent of a half is never a hair off its limit. A measure that hangs on unknown
inputs has a range; where nothing bounds it, its value is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from capgraph.analysis.channels import Exposure, exposures, inside_another
from capgraph.analysis.moneyflows import Flow, flows_of
from capgraph.analysis.pledges import securities
from capgraph.analysis.positions import Position, positions
from capgraph.analysis.register import counts, instrument
from capgraph.clocks import DateSpan, months_after
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Words
from capgraph.results import Note, Value, note
from capgraph.rulebook import AssetClass, Criterion, Rulebook


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a measure looked at. ``counts`` says whether it is on the side that the rule limits."""

    item: Name | Note
    value: Value | str = ""
    asset_class: Words | str = ""
    why: Note | str = ""
    as_of: DateSpan | None = None
    readings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of a measure, in the unit of its rule: a value, or a range that unknown inputs leave.

    ``of_assets``: its inputs are the assets of the party. ``thin``: too few of them have a value for a verdict.
    ``whole``: the dollars of which the result is a part, where moving dollars within it changes the result one for one.
    """

    value: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    inputs: tuple[Input, ...] = ()
    missing: tuple[Note, ...] = ()
    of_assets: bool = False
    thin: bool = False
    whole: Fraction | None = None

    @classmethod
    def of(cls, value: Fraction | int | None, inputs: Sequence[Input] = (), missing: Sequence[Note] = ()) -> Measured:
        """A result without a range."""
        exact = None if value is None else Fraction(value)
        return cls(exact, exact, exact, tuple(inputs), tuple(missing))


@dataclass(frozen=True, slots=True)
class Asset:
    """All stakes of a party in one company: their value in dollars, and the class of the company."""

    issuer: Name
    worth: Fraction | None
    after_loans: Fraction | None
    as_of: DateSpan | None
    asset_class: AssetClass | None
    why: Note | str
    readings: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """The party that rules are asked of, with what several of them look at."""

    network: CapitalNetwork
    party: str
    book: Rulebook

    @cached_property
    def members(self) -> frozenset[str]:
        return self.network.house(self.party) if self.network.scope.group else frozenset((self.party,))

    @cached_property
    def merged(self) -> CapitalNetwork:
        """The network with the party's house as one, where the scope asks for it."""
        return self.network.grouped(self.party) if self.network.scope.group else self.network

    @cached_property
    def assets(self) -> tuple[Asset, ...]:
        """The companies whose shares are held, the largest first; those without a value last.

        Instruments that are no shares (fund interests, warrants, convertibles) stand beside: what a fund holds for the
        party counts where the stake itself is written down.
        """
        held = [each for each in self._equity if counts(self.merged, each.link)]
        return tuple(
            sorted(self._assets(held), key=lambda each: (each.worth is None, -(each.worth or 0), each.issuer.id))
        )

    @cached_property
    def _equity(self) -> list[Exposure]:
        """Every stake and right of the party, with its value."""
        found = exposures(self.merged, self.merged.links_from(self.party))
        ours = (each for each in found if each.exposed == self.party and not each.link.kind.flow)
        return [each for each in ours if instrument(self.merged, each.link) is not None]

    @property
    def beside(self) -> int:
        """How many companies are held through rights that are no shares, and not through shares."""
        shares = {asset.issuer.id for asset in self.assets}
        return len({each.to for each in self._equity} - shares)

    def _assets(self, held: Sequence[Exposure]) -> Iterator[Asset]:
        loans = self._loans()
        for issuer in dict.fromkeys(each.to for each in held):
            stakes = [each for each in held if each.to == issuer]
            counted = [each for each in stakes if each.usd is not None and not inside_another(each, stakes)]
            worth = sum((Fraction(each.usd or 0) for each in counted), Fraction()) if counted else None
            asset_class, why = classify(self.network, self.book, issuer)
            yield Asset(
                issuer=self.network.node(issuer).name,
                worth=worth,
                after_loans=None if worth is None else max(Fraction(), worth - loans.get(issuer, Fraction())),
                as_of=max((each.as_of for each in counted if each.as_of), default=None),
                asset_class=asset_class,
                why=why,
                readings=tuple(dict.fromkeys(id for each in counted for id in each.readings)),
                sources=tuple(dict.fromkeys(source for each in counted for source in each.sources)),
            )

    def _loans(self) -> dict[str, Fraction]:
        """The dollars of loans that are secured by the party's stakes, by company."""
        found: dict[str, Fraction] = {}
        for security in securities(self.merged, self.merged.links_from(self.party)):
            usd = self.network.derived.usd(security.debt) if security.debt else None
            if usd is not None:
                found[security.link.target] = found.get(security.link.target, Fraction()) + Fraction(usd)
        return found

    @cached_property
    def positions(self) -> tuple[Position, ...]:
        """Every position that the party has or had, by company and start."""
        rows = [row for row in self.network.facts.table("stakes") if row["holder"] in self.members]
        issuers = sorted({row["issuer"] for row in rows} - self.members)
        return tuple(each for issuer in issuers for each in positions(self.network, self.members, issuer))

    def weights(self, after_loans: bool = False) -> list[tuple[Asset, Fraction]]:
        """The valued assets with their parts of the whole in percent, after loans secured by them if asked."""
        worths = [(each, each.after_loans if after_loans else each.worth) for each in self.assets]
        valued = [(each, worth) for each, worth in worths if worth is not None]
        total = sum((worth for _, worth in valued), Fraction())
        return [(each, worth / total * 100) for each, worth in valued] if total else []

    def total(self, after_loans: bool = False) -> Fraction:
        """The dollars of all assets that have a value."""
        worths = (asset.after_loans if after_loans else asset.worth for asset in self.assets)
        return sum((worth for worth in worths if worth is not None), Fraction())

    def since(self, months: int) -> date | None:
        """The first day of a window of months that ends on the asked day; None where it has no beginning."""
        return months_after(self.network.scope.clocks.as_of, -months) if months else None

    def flows(self, months: int) -> tuple[Flow, ...]:
        """The flows of money of a window of months that ends on the asked day."""
        return flows_of(self.network, self.members, self.since(months), self.network.scope.clocks.as_of).flows


# Classes --------------------------------------------------------------------------------------------------------------


def classify(network: CapitalNetwork, book: Rulebook, issuer: str) -> tuple[AssetClass | None, Note | str]:
    """The class of a company and why: as a source has it, else by the first criterion that it meets.

    None where it meets none, or where a figure that the criterion asks for is unknown.
    """
    given = next((each for each in book.assets if each.asset == issuer), None)
    if given is not None:
        chosen = next((each for each in book.classes if each.name == given.name), None)
        source = network.facts.get(f"source/{given.source}")
        return chosen, note("rules.why.source", source=given.source, publisher=source["publisher"] if source else "")
    for each in book.classes:
        if each.where is not None and _meets(network, each.where, issuer):
            return each, note("rules.why.criterion", criteria=tuple(_criteria(network, each.where, issuer)))
    return None, "" if not book.classes else note("rules.why.none")


def _meets(network: CapitalNetwork, where: Criterion, issuer: str) -> bool:
    row = network.facts.get(f"party/{issuer}")
    if row is None:
        return False
    listed = where.listed is None or bool(row["ticker"]) == where.listed
    sector = not where.sectors or row["sector"] in where.sectors
    kind = not where.kinds or row["kind"] in where.kinds
    return listed and sector and kind and _figure_meets(network, where, issuer)


def _figure_meets(network: CapitalNetwork, where: Criterion, issuer: str) -> bool:
    if not where.aspect:
        return True
    figure = network.derived.figure(f"party/{issuer}", where.aspect)
    if figure is None or figure.value is None:
        return False
    return (where.above is None or figure.value > where.above) and (where.below is None or figure.value < where.below)


def _criteria(network: CapitalNetwork, where: Criterion, issuer: str) -> Iterator[Note]:
    """What a company meets, in words."""
    if where.listed is not None:
        yield note("rules.listed" if where.listed else "rules.unlisted")
    row = network.facts.get(f"party/{issuer}")
    if where.sectors and row is not None:
        yield note("rules.sector", sector=network.ontology.code("sector", row["sector"]))
    if where.kinds and row is not None:
        yield note("rules.kind", kind=network.ontology.code("party-kind", row["kind"]))
    figure = network.derived.figure(f"party/{issuer}", where.aspect) if where.aspect else None
    if figure is not None:
        aspect = network.ontology.code("aspect", where.aspect)
        yield note("rules.figure", aspect=aspect, figure=figure, as_of=figure.as_of)
