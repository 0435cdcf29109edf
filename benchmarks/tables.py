"""What a group of measurements gives: tables in Markdown whose cells are figures with their units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """How much is measured. ``quick``: small sizes, few runs, short limits; the whole stays under a minute on a quiet
    machine. ``data``: the data folder that is asked, the bundled one if empty."""

    quick: bool = False
    data: str = ""

    @property
    def runs(self) -> int:
        """How often a process is started for one figure."""
        return 1 if self.quick else 5

    def limit(self, seconds: float) -> float:
        """How many seconds a peer may take before it is stopped."""
        return min(seconds, 3.0) if self.quick else seconds


@dataclass
class Table:
    """One table: its first column is text, the others are figures.

    ``notes`` are sentences below it; ``faults`` say what went wrong (a failed process, answers that differ), they are
    printed with the table and make the command end with 1.
    """

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """The table as GitHub reads it."""
        lines = [f"### {self.title}", "", _line(self.columns), f"|---|{'---:|' * (len(self.columns) - 1)}"]
        lines += [_line(row) for row in self.rows]
        for note in self.notes:
            lines += ["", note]
        for fault in self.faults:
            lines += ["", f"**Failed:** {fault}"]
        return "\n".join([*lines, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def duration(seconds: float) -> str:
    """Seconds with three digits in a unit that fits them.

    >>> duration(0.00213), duration(0.0213), duration(2.13), duration(213)
    ('2.13 ms', '21.3 ms', '2.13 s', '213 s')
    """
    number, unit = (seconds * 1000, "ms") if seconds < 1 else (seconds, "s")
    return f"{digits(number)} {unit}"


def digits(number: float) -> str:
    """A number with three significant digits, whole from 100 up.

    >>> digits(1.2345), digits(0.04), digits(12345.6)
    ('1.23', '0.0400', '12,346')
    """
    if number <= 0:
        return "0"
    return f"{number:,.{max(0, 2 - math.floor(math.log10(number)))}f}"


def ratio(theirs: float, ours: float, sign: str = "") -> str:
    """How many times as much the peer takes; ``sign`` stands before it (``>`` where the peer was stopped)."""
    return f"{sign}{digits(theirs / ours)} x" if ours else "-"


def megabytes(number: float | None) -> str:
    return "-" if number is None else f"{number:,.0f} MB"


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of log time over log size by least squares: 1 is linear, 2 quadratic. None for fewer than two sizes.

    >>> exponent([(10, 1.0), (100, 100.0), (1000, 10_000.0)])
    2.0
    """
    logs = [(math.log(size), math.log(value)) for size, value in points if value > 0]
    if len(logs) < 2:
        return None
    x_mean, y_mean = (sum(axis) / len(logs) for axis in zip(*logs, strict=True))
    spread = sum((x - x_mean) ** 2 for x, _ in logs)
    slope: float = sum((x - x_mean) * (y - y_mean) for x, y in logs) / spread
    return round(slope, 6)


def growth(name: str, points: Sequence[tuple[float, float]]) -> str:
    """The growth of a time in words, with the sizes that it was taken over."""
    slope = exponent(points)
    if slope is None:
        return f"{name}: one size only"
    return f"{name}: {slope:.2f} ({points[0][0]:,.0f} to {points[-1][0]:,.0f})"
