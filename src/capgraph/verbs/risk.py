"""Who stands to lose what by whom, and what follows a shock."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from capgraph.share import data_dir
from capgraph.verbs.scoped import Scoped

if TYPE_CHECKING:
    from decimal import Decimal

    from capgraph.analysis.collateral import Margin
    from capgraph.analysis.exposure import Exposed, Exposures
    from capgraph.analysis.models import ModelAnswer
    from capgraph.analysis.stress import Shock


class Risk(Scoped):
    """Who stands to lose what by whom, and what follows a shock."""

    def exposure(self, party: str, *, to: str | None = None) -> Exposures:
        """What a party stands to lose by others, by channel; or only by one other, with the chains to it."""
        from capgraph.analysis import exposure

        if to is None:
            node = self.party(party)
            return exposure.exposure(self.network_for(node), node, self.context)
        one, other = self.pair(party, to)
        return exposure.exposure(self.network_for(one, other), one, self.context, other)

    def exposed_to(self, party: str) -> Exposed:
        """Who stands to lose by a party, by channel."""
        from capgraph.analysis import exposure

        node = self.party(party)
        return exposure.exposed_to(self._households(node), node, self.context)

    def margin(
        self,
        party: str,
        *,
        trigger: Decimal | None = None,
        target: Decimal | None = None,
        impact: Decimal | None = None,
    ) -> Margin:
        """How far the shares behind a party's loans must fall until more must be posted."""
        from capgraph.analysis import collateral

        node, assumed = self.party(party), {"trigger": trigger, "target": target, "impact": impact}
        return collateral.margin(self.network_for(node), node, self.context, **assumed)

    def shock(
        self,
        falls: Iterable[tuple[str, Decimal]] = (),
        defaults: Iterable[str] = (),
        lost: Iterable[str] = (),
        *,
        scenario: str | Path | None = None,
        recovery: Decimal | None = None,
        rounds: int | None = None,
        model: str | None = None,
        theta: Decimal | None = None,
        cost: Decimal | None = None,
    ) -> Shock | ModelAnswer:
        """What follows if parties fall by a part (0..1), default, or contracts are lost, round by round.

        A ``scenario`` is a file, or the name of a shipped one, whose shocks come on top; a ``model`` one of
        :data:`.models.MODELS`, which answers instead of the channels.
        """
        from capgraph.analysis import asking

        asked = asking.Question(tuple(falls), tuple(defaults), tuple(lost), recovery, rounds)
        asked, title = asking.with_scenario(asked, scenario, data_dir() / "scenarios")
        triggers = asking.triggers(asked, self.party)
        network = self._households(*(each.party for each in triggers if each.party))
        return asking.answer(network, asked, triggers, self.context, title, model=model, theta=theta, cost=cost)
