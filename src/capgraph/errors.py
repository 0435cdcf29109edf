"""One family of errors: what was wrong, where, and what would be right.

Every error that a user can cause derives from :class:`CapgraphError`, whose ``exit_code`` is what the command line
returns. Anything else that escapes is a defect of capgraph itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]
_SHOWN = 80


class CapgraphError(Exception):
    """The root of the family. ``exit_code`` follows the table in the README: 1 no, 2 wrong use, 3 bad data."""

    exit_code = 3


class NotFound(CapgraphError):
    """The question was understood and the answer is no: nothing found, no path, a check failed."""

    exit_code = 1


class UsageProblem(CapgraphError):
    """The command or the call was wrong: an option, a date, a query, an output that cannot be written."""

    exit_code = 2


def shortened(text: str) -> str:
    """What a user wrote, cut where it is too long to be repeated to them."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


class UnknownName(UsageProblem):
    """No party or thing bears this name. ``suggestions`` holds the nearest names."""

    def __init__(self, name: str, suggestions: Sequence[str] = ()) -> None:
        self.name = name
        self.suggestions = tuple(suggestions)
        hint = f" Did you mean {', '.join(self.suggestions)}?" if self.suggestions else ""
        super().__init__(f"nothing is named {shortened(name)!r}.{hint}")


class AmbiguousName(UsageProblem):
    """Several parties bear this name. ``candidates`` lists them; the caller has to choose."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        super().__init__(
            f"{shortened(name)!r} names {len(self.candidates)} parties; use one of: {', '.join(self.candidates)}"
        )


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with one cell, row or file.

    >>> print(Problem("data/stakes.csv", 7, "holder", "softbnak", "no such party", "softbank-group"))
    data/stakes.csv:7:holder: error: no such party, got 'softbnak'; right would be: softbank-group
    """

    file: str
    line: int
    column: str
    value: str
    wrong: str
    right: str = ""
    level: Level = "error"

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line or "", self.column) if part != "")
        got = f", got {shortened(self.value)!r}" if self.value else ""
        right = f"; right would be: {self.right}" if self.right else ""
        return f"{place}: {self.level}: {self.wrong}{got}{right}"


class DataProblem(CapgraphError):
    """Data that cannot be read or are not valid. ``problems`` holds all that a run found, not the first."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        if isinstance(problems, str):
            self.problems: tuple[Problem, ...] = ()
            super().__init__(problems)
        else:
            self.problems = tuple(problems)
            super().__init__("\n".join(str(problem) for problem in self.problems))
