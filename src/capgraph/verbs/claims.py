"""What a text claims, tested against what independent sources say."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from capgraph.share import data_dir
from capgraph.verbs.scoped import Scoped

if TYPE_CHECKING:
    from capgraph.analysis.claims import Check, ClaimWorking
    from capgraph.analysis.verdicts import Asker


class Claims(Scoped):
    """What a text claims, tested against what independent sources say."""

    def check(self, text: str = "", verdict: str = "") -> Check:
        """The claims of a text (a source id; default: of every text), each with its verdict.

        Raises UnknownName for a text without claims, UsageProblem for a verdict that there is not.
        """
        from capgraph.analysis import claims

        return claims.check(self.derived, self._asker, self.context, text, verdict)

    def check_claim(self, claim: str) -> ClaimWorking:
        """How the verdict on one claim came about. Raises UnknownName for a claim that there is not."""
        from capgraph.analysis import claims

        return claims.working(self.derived, self._asker, self.context, claim)

    @cached_property
    def _asker(self) -> Asker:
        from capgraph.claim_queries import asker

        return asker(self.ontology, _queries(self.store.data_folders), _queries([data_dir()]))


def _queries(folders: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(folder / "claims" / "queries" for folder in folders)
