"""The rules of meaning that the tables of a register can break, run on columns.

Each carries the name of the rule in ``ontology/shapes.ttl`` that it is, whose words and level it takes. The other rules
of that file need a graph and are not run on a large register; :func:`unchecked` counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from capgraph.checks import filled
from capgraph.clocks import span_of
from capgraph.columnar.columns import Columns
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.figures import Flags, Ints, numbers
from capgraph.columnar.intake import MOST_SHOWN
from capgraph.errors import Problem
from capgraph.ontology import Ontology
from capgraph.shapes import load_shapes
from capgraph.tables import shown_path

_MOST_TOGETHER = 100.5

Broken = Mapping[str, tuple[str, str, Ints]]
"""For each rule its table, the column at fault, and the rows that break it."""


def broken_rules(facts: ColumnarFacts, ontology: Ontology, roots: Mapping[str, Path]) -> Iterator[Problem]:
    """What breaks the rules that run on columns, up to :data:`MOST_SHOWN` rows a rule, each with its place."""
    shapes = load_shapes(ontology.folder).shapes
    rules = _Rules(facts.columns, ontology)
    for name, (table, column, rows) in rules.broken().items():
        shape = shapes[name]
        shown = rows[:MOST_SHOWN].tolist()
        for place, row in zip(shown, facts.at(table, shown), strict=True):
            wrong = f"{filled(shape.message['en'], rules.bindings.get((name, place), {}))} [{name}]"
            root = roots.get(row.dataset)
            file = shown_path(root / row.file) if root and row.file else row.file
            value = row[column] if column else row.ref
            yield Problem(file, row.line, column, value, wrong, shape.right["en"], shape.level)
        if len(rows) > MOST_SHOWN:
            more = f"{len(rows) - MOST_SHOWN} more break the rule {name}"
            yield Problem(f"{table}.csv", 0, column, "", more, shape.right["en"], shape.level)


def unchecked(ontology: Ontology) -> tuple[int, int]:
    """How many rules of the shapes file run on columns, and how many there are."""
    return len(RULES), len(load_shapes(ontology.folder).shapes)


def _changes(*keys: Ints) -> Flags:
    """Where sorted rows begin to differ from the row before in any of some keys."""
    if not len(keys[0]):
        return np.empty(0, dtype=bool)
    changed: Flags = np.r_[True, np.logical_or.reduce([key[1:] != key[:-1] for key in keys])]
    return changed


class _Rules:
    """Runs the rules on the columns of one compiled folder."""

    def __init__(self, columns: Columns, ontology: Ontology) -> None:
        self.columns = columns
        self.ontology = ontology
        self.bindings: dict[tuple[str, int], dict[str, str]] = {}

    def broken(self) -> Broken:
        return {name: (table, column, rule(self)) for name, (table, column, rule) in RULES.items()}

    def _is(self, table: str, column: str, *codes: str) -> Flags:
        found: Flags = self.columns.by_value(table, column, frozenset(codes).__contains__) > 0
        return found

    def _numbers(self, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return numbers(self.columns.cells("readings", column))

    def _targets(self, table: str, column: str, kind: str) -> Ints:
        found = self.columns.targets(table, column, kind)
        return np.full(self.columns.count(table), -1, dtype=np.int64) if found is None else found.astype(np.int64)

    # Readings --------------------------------------------------------------------------------------------------------

    def empty_reading(self) -> Ints:
        blank = [self._is("readings", column, "") for column in ("value", "low", "high")]
        return np.flatnonzero(np.logical_and.reduce(blank))

    def low_above_high(self) -> Ints:
        return np.flatnonzero(self._numbers("low") > self._numbers("high"))

    def low_above_value(self) -> Ints:
        return np.flatnonzero(self._numbers("low") > self._numbers("value"))

    def value_above_high(self) -> Ints:
        return np.flatnonzero(self._numbers("value") > self._numbers("high"))

    def percent_outside(self) -> Ints:
        parts = {aspect for kind in self.ontology.kinds.values() for aspect in kind.percent_aspects}
        ours = self._is("readings", "aspect", "votes_percent", *parts)
        ends = [self._numbers(column) for column in ("value", "low", "high")]
        return np.flatnonzero(ours & np.logical_or.reduce([(end < 0) | (end > 100) for end in ends]))

    def primary_news(self) -> Ints:
        sources = self._targets("readings", "source", "source")
        news = self._is("sources", "kind", "news")
        primary = self._is("readings", "confidence", "primary") & (sources >= 0)
        broken = np.flatnonzero(primary & news[np.maximum(sources, 0)]) if len(news) else sources[:0]
        ids = self.columns.cells("sources", "id")
        for place in broken[:MOST_SHOWN].tolist():
            self.bindings["news-not-primary", place] = {"value": ids[int(sources[place])].as_py()}
        return broken

    # Stakes ----------------------------------------------------------------------------------------------------------

    def person_as_issuer(self) -> Ints:
        issuers = self._targets("stakes", "issuer", "party")
        persons = self._is("parties", "kind", "person")
        return np.flatnonzero((issuers >= 0) & persons[np.maximum(issuers, 0)]) if len(persons) else issuers[:0]

    def held_by_itself(self) -> Ints:
        holders, issuers = self._targets("stakes", "holder", "party"), self._targets("stakes", "issuer", "party")
        treasury = self.columns.by_value("stakes", "class", lambda cell: cell.lower() == "treasury") > 0
        same: Ints = np.flatnonzero((holders == issuers) & (holders >= 0) & ~treasury)
        return same

    def contained_elsewhere(self) -> Ints:
        issuers, within = self._targets("stakes", "issuer", "party"), self._targets("stakes", "contained_in", "stake")
        parts = np.flatnonzero(within >= 0)
        astray: Ints = parts[issuers[parts] != issuers[within[parts]]]
        return astray

    def ends_before_start(self) -> Ints:
        def last(cell: str) -> int:
            span = span_of(cell)
            return span.last.toordinal() if span else 0

        def first(cell: str) -> int:
            span = span_of(cell)
            return span.first.toordinal() if span else 0

        start = self.columns.by_value("stakes", "valid_from", first)
        end = self.columns.by_value("stakes", "valid_to", last)
        return np.flatnonzero((start > 0) & (end > 0) & (end < start))

    def percents_above_whole(self) -> Ints:
        """Stakes of one issuer, instrument and class whose percents of one date and basis sum to more than 100.5."""
        about, value = self._targets("readings", "about", "stake"), self._numbers("value")
        within = self._targets("stakes", "contained_in", "stake")
        ours = np.flatnonzero((about >= 0) & self._is("readings", "aspect", "percent") & ~np.isnan(value))
        ours = ours[within[about[ours]] < 0]
        stake, dates, bases = (
            about[ours],
            self._numbered("readings", "as_of")[ours],
            self._numbered("readings", "basis")[ours],
        )
        order = np.lexsort([value[ours], bases, dates, stake])
        first = order[_changes(stake[order], dates[order], bases[order])]
        stake, dates, bases, least = stake[first], dates[first], bases[first], value[ours][first]
        issuers = self._targets("stakes", "issuer", "party")[stake]
        kinds = [self._numbered("stakes", column)[stake] for column in ("instrument", "class")]
        keys = (bases, dates, *kinds, issuers)
        order = np.lexsort(keys)
        starts = np.flatnonzero(_changes(*(key[order] for key in keys)))
        sums = np.add.reduceat(least[order], starts) if len(starts) else least[:0]
        group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(order)]))
        broken = order[sums[group] > _MOST_TOGETHER]
        totals = sums[group][sums[group] > _MOST_TOGETHER]
        ids, basis = self.columns.cells("parties", "id"), self.columns.cells("readings", "basis")
        for place, total in list(zip(broken.tolist(), totals.tolist(), strict=True))[:MOST_SHOWN]:
            self.bindings["percent-sum", int(stake[place])] = {
                "issuer": ids[int(issuers[place])].as_py(),
                "sum": f"{total:.6f}".rstrip("0").rstrip("."),
                "basis": basis[int(ours[first[place]])].as_py(),
            }
        return np.unique(stake[broken])

    def _numbered(self, table: str, column: str) -> Ints:
        """The cells of a column as numbers that differ where the cells differ."""
        seen: dict[str, int] = {}
        return self.columns.by_value(table, column, lambda cell: seen.setdefault(cell, len(seen)))

    # Evidence --------------------------------------------------------------------------------------------------------

    def stake_without_evidence(self) -> Ints:
        starts, _ = self.columns.groups("evidence", "about", "stake")
        written = ~np.asarray(self.columns.cells("stakes", "@derived").to_numpy(zero_copy_only=False))
        told = np.zeros(self.columns.count("stakes"), dtype=bool) if starts is None else np.diff(starts) > 0
        return np.flatnonzero(written & ~told)

    def unnamed_party(self) -> Ints:
        named = np.zeros(self.columns.count("parties"), dtype=bool)
        for table in self.columns.schema.tables.values():
            for column in table.columns if table.name != "identifiers" else ():
                starts, _ = self.columns.groups(table.name, column.name, "party")
                if starts is not None and column.type == "reference":
                    named |= np.diff(starts) > 0
        return np.flatnonzero(~named)


RULES: Mapping[str, tuple[str, str, Callable[[_Rules], Ints]]] = {
    "reading-figure": ("readings", "value", _Rules.empty_reading),
    "reading-low-below-high": ("readings", "low", _Rules.low_above_high),
    "reading-low-below-value": ("readings", "low", _Rules.low_above_value),
    "reading-value-below-high": ("readings", "value", _Rules.value_above_high),
    "reading-percent-range": ("readings", "value", _Rules.percent_outside),
    "news-not-primary": ("readings", "confidence", _Rules.primary_news),
    "issuer-not-person": ("stakes", "issuer", _Rules.person_as_issuer),
    "stake-in-itself": ("stakes", "holder", _Rules.held_by_itself),
    "percent-sum": ("stakes", "", _Rules.percents_above_whole),
    "stake-container-issuer": ("stakes", "contained_in", _Rules.contained_elsewhere),
    "dates-in-order": ("stakes", "valid_to", _Rules.ends_before_start),
    "thing-has-evidence": ("stakes", "", _Rules.stake_without_evidence),
    "party-is-named": ("parties", "", _Rules.unnamed_party),
}
"""The rules that run on columns: the table and column at fault, and what finds the rows."""
