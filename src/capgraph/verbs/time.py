"""What happened, what changed, and side by side: two parties, a party and its rules."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from capgraph.errors import UsageProblem
from capgraph.verbs.scoped import Day, Scoped

if TYPE_CHECKING:
    from capgraph.analysis.changes import Changes
    from capgraph.analysis.compare import Comparison
    from capgraph.analysis.rules import Rules
    from capgraph.analysis.timeline import Timeline
    from capgraph.rulebook import Rulebook


class Time(Scoped):
    """What happened, what changed, and side by side: two parties, a party and its rules."""

    def timeline(self, party: str, start: Day = None, end: Day = None) -> Timeline:
        """What happened to a party, day by day, in words."""
        from capgraph.analysis import timeline

        return timeline.timeline(self.network, self.party(party), self.context, *self._window(start, end))

    def diff(self, before: str, after: str, party: str = "") -> Changes:
        """What changed between two days, and what became public in between.

        A day is written ``DAY`` or ``DAY@KNOWN``: what was true on a day as it was known on another. Raises
        UsageProblem where the first lies after the second.
        """
        from capgraph.analysis import changes

        (first, early), (last, late) = (self._moment(text) for text in (before, after))
        if first > last or early > late:
            raise UsageProblem(f"{before} lies after {after}; give the earlier day first")
        one, between, other = self.at(first, early), self.at(first, late), self.at(last, late)
        node = other.party(party) if party else ""
        return changes.changes(one.network, between.network, other.network, other.context, node)

    def compare(
        self, one: str, other: str, start: Day = None, end: Day = None, files: Iterable[str | Path] = ()
    ) -> Comparison:
        """Two parties side by side: figures, holdings, exposures, money within a window, rules."""
        from capgraph.analysis import compare

        pair, window = self.pair(one, other), self._window(start, end)
        return compare.compare(self.network, *pair, self._rulebooks(files), self.context, *window)

    def rules(self, party: str, files: Iterable[str | Path] = ()) -> Rules:
        """Whether a party keeps the rules of some files (default: the bundled ones).

        Raises UsageProblem for a file that there is not, DataProblem for one that is wrong.
        """
        from capgraph.analysis import rules

        return rules.rules(self.network, self.party(party), self._rulebooks(files), self.context)

    def _rulebooks(self, files: Iterable[str | Path]) -> list[Rulebook]:
        """Rule files, read; the bundled ones where none is named."""
        from capgraph import rulebook

        paths = [rulebook.find(str(file)) for file in files] or list(rulebook.bundled())
        return [rulebook.read(path, self.facts, self.ontology) for path in paths]
