"""Names in a large register: a sorted file of folded names instead of a dictionary of all of them."""

from __future__ import annotations

import difflib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from capgraph.columnar.arrow import arrow
from capgraph.columnar.columns import Sorted, mapped, whole
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.intake import ArrowTable
from capgraph.names import NAMED_TABLES, Match, Names, cutoff, fold
from capgraph.schema import Schema

FILE = "names.arrow"

_COLUMNS = ("id", "name", "name_zh", "ticker", "aliases")
"""The columns that name a thing, in the order in which :func:`capgraph.names.names_of` reads them."""

_MOST_PARTS = 10_000
"""Of names that begin with or contain a text, so many of the shortest are weighed."""

_MOST_NEAR = 2_000
"""Near misses are looked for among so many names that share the most pairs of letters with the text."""


# Writing --------------------------------------------------------------------------------------------------------------


def write(file: Path, tables: Mapping[str, ArrowTable], schema: Schema) -> None:
    """Write all names of parties and products, sorted by their folded form: folded, as written, kind, row."""
    pa, compute, ipc = arrow(), arrow("pyarrow.compute"), arrow("pyarrow.ipc")
    parts = [part for number, name in enumerate(NAMED_TABLES) for part in _names(tables[name], schema, name, number)]
    names = pa.concat_tables(parts).combine_chunks()
    names = names.take(compute.sort_indices(names, [(key, "ascending") for key in ("folded", "table", "row", "rank")]))
    with ipc.new_file(str(file), names.schema) as out:
        out.write_table(names.combine_chunks())


def _names(table: ArrowTable, schema: Schema, name: str, number: int) -> Iterator[ArrowTable]:
    pa, compute = arrow(), arrow("pyarrow.compute")
    header = schema.tables[name].header
    for rank, column in enumerate(column for column in _COLUMNS if column in header):
        cells = table[column].combine_chunks()
        rows = np.arange(len(cells), dtype=np.int32)
        separator = schema.tables[name].column(column).separator
        if separator:
            lists = compute.split_pattern(cells, separator)
            rows, cells = compute.list_parent_indices(lists).to_numpy().astype(np.int32), lists.flatten()
        there = compute.not_equal(cells, "")
        cells, rows = cells.filter(there), rows[there.to_numpy(zero_copy_only=False)]
        yield pa.table(
            {
                "folded": folded(cells),
                "written": cells,
                "table": pa.array(np.full(len(rows), number, dtype=np.int8)),
                "row": pa.array(rows),
                "rank": pa.array(np.full(len(rows), rank, dtype=np.int8)),
            }
        )


def folded(cells: Any) -> Any:
    """A column of names in the form of :func:`capgraph.names.fold`: at once where they are ASCII, else one by one."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    plain = compute.replace_substring_regex(compute.ascii_lower(cells), r"[\s\x0b\x1c-\x1f._-]", "")
    others = np.flatnonzero(compute.invert(compute.string_is_ascii(cells)).to_numpy(zero_copy_only=False))
    if not len(others):
        return plain
    mask = np.zeros(len(cells), dtype=bool)
    mask[others] = True
    right = [fold(cell) for cell in cells.take(pa.array(others)).to_pylist()]
    return compute.replace_with_mask(plain, pa.array(mask), pa.array(right, plain.type))


# Reading --------------------------------------------------------------------------------------------------------------


class ColumnarNames(Names):
    """All names of a large register. Exact names and prefixes are found by bisection, parts by a scan of the column.

    Near misses are looked for among the names that share most pairs of letters with the text, not among all.
    """

    def __init__(self, facts: ColumnarFacts) -> None:
        super().__init__(facts)
        self._columnar = facts
        table = mapped(facts.columns.folder / FILE)
        self._cells = {name: whole(table[name]) for name in table.column_names}
        self._sorted = Sorted(self._cells["folded"])

    def find(self, text: str, limit: int = 20) -> list[Match]:
        wanted = fold(text)
        if not wanted:
            return []
        first, last = bisect_left(self._sorted, wanted), bisect_right(self._sorted, wanted)
        if first < last:
            exact = self._bearers(range(first, last))
            return [Match(ref, exact[ref], "exact") for ref in sorted(exact)][:limit]
        compute = arrow("pyarrow.compute")
        holding = np.flatnonzero(compute.match_substring(self._cells["folded"], wanted).to_numpy(zero_copy_only=False))
        return self._parts(wanted, holding, limit) if len(holding) else self._close(wanted)[:limit]

    def _bearers(self, places: Any) -> dict[str, str]:
        """The things that bear names at some places, each with the first of these names as written."""
        found: dict[str, str] = {}
        for place in sorted((int(place) for place in places), key=self._rank):
            found.setdefault(self._ref(place), self._cells["written"][place].as_py())
        return found

    def _rank(self, place: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The place of a name among all names as the tables have them: where it stands first, and where this does."""
        first = bisect_left(self._sorted, self._sorted[place])
        return self._origin(first), self._origin(place)

    def _origin(self, place: int) -> tuple[int, ...]:
        return tuple(self._cells[name][place].as_py() for name in ("table", "row", "rank"))

    def _ref(self, place: int) -> str:
        table = self._columnar.schema.tables[NAMED_TABLES[self._cells["table"][place].as_py()]]
        id = self._columnar.columns.cells(table.name, "id")[self._cells["row"][place].as_py()].as_py()
        return f"{table.kind}/{id}"

    def _parts(self, wanted: str, holding: Any, limit: int) -> list[Match]:
        """Names that begin with the text, then those that contain it; the shortest first."""
        pa, compute = arrow(), arrow("pyarrow.compute")
        names = self._cells["folded"].take(pa.array(holding))
        begins = compute.starts_with(names, wanted).to_numpy(zero_copy_only=False)
        lengths = compute.utf8_length(self._cells["written"].take(pa.array(holding))).to_numpy()
        weighed = np.lexsort((lengths, ~begins))[:_MOST_PARTS]
        found: dict[str, Match] = {}
        for how, group in (("prefix", begins[weighed]), ("part", ~begins[weighed])):
            for ref, name in self._bearers(holding[weighed[group]]).items():
                found.setdefault(ref, Match(ref, name, how))
        ranks = {"prefix": 0, "part": 1}
        return sorted(found.values(), key=lambda match: (ranks[match.how], len(match.matched), match.ref))[:limit]

    def _close(self, wanted: str) -> list[Match]:
        """The names nearest to a text that nothing bears."""
        pa = arrow()
        candidates = self._akin(wanted)
        names = self._cells["folded"].take(pa.array(candidates)).to_pylist()
        places: dict[str, list[int]] = {}
        for name, place in zip(names, candidates.tolist(), strict=True):
            places.setdefault(name, []).append(place)
        close = difflib.get_close_matches(wanted, list(places), n=8, cutoff=cutoff(wanted))
        found: dict[str, Match] = {}
        for name in close:
            bearers = self._bearers(places[name])
            for ref in sorted(bearers):
                found.setdefault(ref, Match(ref, bearers[ref], "near"))
        return list(found.values())

    def _akin(self, wanted: str) -> Any:
        """The names of similar length that share the most pairs of letters with a text."""
        compute = arrow("pyarrow.compute")
        least = cutoff(wanted) / (2 - cutoff(wanted))
        lengths = compute.utf8_length(self._cells["folded"]).to_numpy()
        similar = (lengths >= len(wanted) * least) & (lengths <= len(wanted) / least)
        shared = np.zeros(len(lengths), dtype=np.int16)
        for pair in sorted({wanted[k : k + 2] for k in range(max(1, len(wanted) - 1))}):
            shared += compute.match_substring(self._cells["folded"], pair).to_numpy(zero_copy_only=False)
        shared = np.where(similar, shared, 0)
        best = np.argsort(-shared, kind="stable")[:_MOST_NEAR]
        return best[shared[best] > 0]
