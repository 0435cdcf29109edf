"""Where money came from and went to, and what it earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capgraph.verbs.scoped import Day, Scoped

if TYPE_CHECKING:
    from capgraph.analysis.funding import Funding
    from capgraph.analysis.hadheld import HadHeld
    from capgraph.analysis.returns import Returns


class Money(Scoped):
    """Where money came from and went to, and what it earned."""

    def funding(self, party: str, start: Day = None, end: Day = None) -> Funding:
        """Where a party's money came from and went to within a window, and what paid for what."""
        from capgraph.analysis import funding

        return funding.funding(self.network, self.party(party), self.context, *self._window(start, end))

    def returns(self, holder: str, issuer: str) -> Returns:
        """What a party, or its house, made on a company, position by position."""
        from capgraph.analysis import returns

        return returns.returns(self.network, self.party(holder), self.party(issuer), self.context)

    def had_held(self, holder: str, issuer: str, until: Day = None) -> HadHeld:
        """What the shares that a party sold would be worth on a day, had it kept them."""
        from capgraph.analysis import hadheld

        then = self.at(self._earlier(until, "until"), self.clocks.known_on) if until else self
        return hadheld.had_held(then.network, self.party(holder), self.party(issuer), then.context)
