"""Tables of texts set so that people can read them: columns below each other, no line wider than :data:`LINE`.

Widths are those of a terminal, where a Chinese sign takes two columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from wcwidth import wcswidth

LINE = 160
"""The widest a table may be, in columns of a terminal, where its words allow it."""
CELL = 56
"""A text wider than this goes on in the next line of its cell, however much room there is."""
_LEAST = 14
"""A column of texts is made no narrower than this."""
_SHORT = 8
"""A heading is broken only where it is longer."""
_GAP = 2
_AMOUNT = r"(?:[A-Z]{3} )?-?\d[\d,.]*(?: (?:tn|bn|m|%)(?![a-z]))?"
_PART = re.compile(
    rf"\s+|\(?{_AMOUNT}(?:\.\.{_AMOUNT})?\)?[,;:]*(?=\s|$)|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef][，。；、：）」]*|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+"
)
"""What a line may break after: an amount with its unit, a single Chinese sign with the marks that close it, a run of
other signs."""
_RANGE = re.compile(r"(?<=\S) (?=\()|(?<=\d)(?=\.\.[A-Z])|(?<=[a-z%])(?=\.\.[A-Z])")
"""Where a number may break: before its range."""


def typeset(headings: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool]) -> list[str]:
    """The lines of a table. Numbers stand on the right, texts on the left.

    Where a table would be wider than a line, headings are broken first, then texts, so that rows stay as low as can be,
    then ranges.
    """
    from tabulate import tabulate

    columns = [_Column(*column) for column in zip(headings, numeric, zip(*cells, strict=True), strict=True)]
    _fit(columns)
    rows = zip(*(column.lines for column in columns), strict=True)
    align = ["right" if column.numeric else "left" for column in columns]
    table = tabulate(
        list(rows), [column.head for column in columns], tablefmt="simple", disable_numparse=True, colalign=align
    )
    return [line.rstrip() for line in table.split("\n")]


class _Column:
    """One column: its texts and how wide it is set."""

    def __init__(self, heading: str, numeric: bool, cells: Sequence[str]) -> None:
        self.heading = heading
        self.numeric = numeric
        self.cells = cells
        self.longest = max(map(wcswidth, cells))
        self.body = self.longest if numeric else min(CELL, self.longest)
        self.width = max(self.body, wcswidth(heading))

    @cached_property
    def floor(self) -> int:
        """The narrowest that the column can be set without breaking a word."""
        words = max(wcswidth(part.strip()) for cell in self.cells for part in self.parts(cell))
        return max(words, self.head_least, 0 if self.numeric else min(self.body, _LEAST))

    @property
    def drawn(self) -> int:
        """How wide tabulate draws the column: it keeps a heading two signs narrower than what stands below it."""
        return max(self.width, _GAP + max(map(wcswidth, broken(parts_of(self.heading), self.width))))

    @property
    def height(self) -> float:
        """About how many lines the longest cell would take if the column were narrower by one."""
        return self.longest / (self.width - 1)

    @cached_property
    def head_least(self) -> int:
        """The longest word of the heading; a short heading stays whole."""
        words = max(wcswidth(part.strip()) for part in parts_of(self.heading))
        return max(words, min(wcswidth(self.heading), _SHORT))

    def parts(self, cell: str) -> list[str]:
        return _RANGE.split(cell) if self.numeric else parts_of(cell)

    @property
    def head(self) -> str:
        return "\n".join(broken(parts_of(self.heading), self.width))

    @property
    def lines(self) -> Iterator[str]:
        return ("\n".join(broken(self.parts(cell), self.width, self.numeric)) for cell in self.cells)


def _fit(columns: Sequence[_Column]) -> None:
    """Narrow the columns until the table fits on a line, as far as words allow."""
    if _over(columns) > 0:
        for column in columns:
            column.width = max(column.body, column.head_least)
    for numeric in (False, True):
        while _over(columns) > 0:
            slack = [each for each in columns if each.numeric is numeric and each.width > each.floor]
            if not slack:
                break
            min(slack, key=lambda each: (each.height, -each.width)).width -= 1


def _over(columns: Sequence[_Column]) -> int:
    return sum(column.drawn for column in columns) + _GAP * (len(columns) - 1) - LINE


def parts_of(text: str) -> list[str]:
    """The words of a text, each with the space before it; a Chinese sign is a word.

    >>> parts_of("已扣除 its parts")
    ['已', '扣', '除', ' its', ' parts']
    """
    found: list[str] = []
    space = ""
    for part in _PART.findall(text):
        if part.isspace():
            space = " "
        else:
            found.append(space + part)
            space = ""
    return found or [""]


def broken(parts: Sequence[str], width: int, apart: bool = False) -> list[str]:
    """Words as lines no wider than ``width``, where a single word is not. ``apart``: words keep their space.

    >>> broken(parts_of("less 19.13 % of its parts"), 12)
    ['less 19.13 %', 'of its parts']
    """
    lines = [""]
    for part in parts:
        joined = f"{lines[-1]} {part}" if apart and lines[-1] and not part.startswith("..") else lines[-1] + part
        if lines[-1] and wcswidth(joined) > width:
            lines.append(part.lstrip())
        else:
            lines[-1] = joined if lines[-1] else part.lstrip()
    return lines
