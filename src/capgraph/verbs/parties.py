"""Find a party, show it, and say what stands behind a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capgraph.verbs.scoped import Scoped

if TYPE_CHECKING:
    from capgraph.analysis.dossier import Dossier
    from capgraph.analysis.evidence import Evidence
    from capgraph.analysis.search import Found
    from capgraph.analysis.statistics import Statistics


class Parties(Scoped):
    """Find a party, show it, and say what stands behind a statement."""

    def find(self, text: str, limit: int = 20) -> Found:
        """What a text may mean: parties and products by any name, near misses included."""
        from capgraph.analysis import search

        return search.find(self.network, text, self.context, limit)

    def show(self, party: str) -> Dossier:
        """One party on one screen."""
        from capgraph.analysis import dossier

        node = self.party(party)
        return dossier.show(self.network_for(node), node, self.context)

    def evidence(self, thing: str) -> Evidence:
        """All that sources say of a thing (``stake/...``, ``reading/...``, ``source/...``) or a party."""
        from capgraph.analysis import evidence

        ref = thing if thing in self.facts else self.network.names.resolve(thing)
        return evidence.evidence(self.network, ref, self.context)

    def stats(self) -> Statistics:
        """What the graph holds."""
        from capgraph.analysis import statistics

        return statistics.statistics(self.network, self.context)
