"""Who owns and controls whom, directly and through others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from capgraph.verbs.scoped import Scoped

if TYPE_CHECKING:
    from decimal import Decimal

    from capgraph.analysis.closelinks import CloseLinks
    from capgraph.analysis.controllers import Control, Controllers
    from capgraph.analysis.final import FinalOwners
    from capgraph.analysis.holdings import Holdings
    from capgraph.analysis.overlap import PortfolioOverlap
    from capgraph.analysis.ownership import Owners
    from capgraph.analysis.through import ThroughHoldings, ThroughOwners


class Ownership(Scoped):
    """Who owns and controls whom, directly and through others."""

    def owners(self, company: str, *, diluted: bool = False) -> Owners:
        """The direct holders of a company, what stands beside, and what nobody accounts for."""
        from capgraph.analysis import ownership

        return ownership.owners(self.network, self.party(company), self.context, diluted=diluted)

    def holdings(self, party: str) -> Holdings:
        """The direct stakes of a party and what they are worth."""
        from capgraph.analysis import holdings

        return holdings.holdings(self.network, self.party(party), self.context)

    def owners_through(self, company: str, *, diluted: bool = False, chains: int = 3) -> ThroughOwners:
        """The holders of a company by all chains of holdings, with up to so many chains for each."""
        from capgraph.analysis import through

        node = self.party(company)
        return through.owners_through(self.network, node, self.context, diluted=diluted, most_chains=chains)

    def holdings_through(self, party: str, *, diluted: bool = False, chains: int = 3) -> ThroughHoldings:
        """What a party holds by all chains of holdings, with up to so many chains for each company."""
        from capgraph.analysis import through

        node = self.party(party)
        return through.holdings_through(self.network, node, self.context, diluted=diluted, most_chains=chains)

    def final_owners(self, company: str, *, diluted: bool = False) -> FinalOwners:
        """Who owns a company in the end, unknown owners included: shares that sum to 100."""
        from capgraph.analysis import final

        return final.final(self.network, self.party(company), self.context, diluted=diluted)

    def control(self, party: str, *, together: Iterable[str] = (), threshold: Decimal | int | str = 50) -> Control:
        """The companies that a party controls, alone or with those it acts together with."""
        from capgraph.analysis import controllers

        parties = [self.party(each) for each in together]
        node, percent = self.party(party), controllers.threshold_of(threshold)
        return controllers.control(self.network, node, self.context, together=parties, threshold=percent)

    def controllers(self, company: str, *, threshold: Decimal | int | str = 50) -> Controllers:
        """Who controls a company, who could together, and the voting power of its holders."""
        from capgraph.analysis import controllers

        percent = controllers.threshold_of(threshold)
        return controllers.controllers(self.network, self.party(company), self.context, threshold=percent)

    def close_links(self, party: str) -> CloseLinks:
        """Who is closely linked to a party, by the European Central Bank's older and its newer definition."""
        from capgraph.analysis import closelinks

        return closelinks.close_links(self.network, self.party(party), self.context)

    def overlap(self, one: str, other: str) -> PortfolioOverlap:
        """What two parties both hold, and how alike their portfolios are."""
        from capgraph.analysis import overlap

        first, second = self.pair(one, other)
        return overlap.portfolio_overlap(self.network_for(first, second), first, second, self.context)
