"""What to doubt: where sources disagree, what is not known, how well an answer is evidenced."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from capgraph.verbs.scoped import Scoped

if TYPE_CHECKING:
    from capgraph.analysis.disputes import Disputes
    from capgraph.analysis.gaps import Gaps
    from capgraph.results import Grade, Result


class Doubts(Scoped):
    """What to doubt: where sources disagree, what is not known, how well an answer is evidenced."""

    def disputes(self, party: str = "", *, min_size: Decimal | int = 0, top: int = 20, by: str = "moved") -> Disputes:
        """The facts on which sources disagree, by what would move if the others were right (:mod:`.disputes`)."""
        from capgraph.analysis import disputes

        node = self.party(party) if party else ""
        return disputes.disputes(self.network, self.context, node, min_size=Decimal(min_size), top=top, by=by)

    def gaps(self, party: str = "", *, kinds: Iterable[str] = (), top: int = 20) -> Gaps:
        """What is unknown or rests on little, by how much it could move (:mod:`.gaps`)."""
        from capgraph.analysis import gaps

        return gaps.gaps(self.network, self.context, self.party(party) if party else "", kinds=kinds, top=top)

    def grade(self, result: Result) -> Grade:
        """How well an answer of this graph is evidenced, by the rule of :mod:`.grading`."""
        from capgraph.analysis import grading

        return grading.grade(self.network, result)
