"""Scenario files: several shocks that happen together, as a small YAML file.

    title:
      en: The two largest bets fall
      zh: 两大押注同时下跌
    shocks:
      - fall: arm
        by: 50%
      - default: openai
      - lose-contract: contract/openai-microsoft-azure-2025
    recovery: 40%
    rounds: 10

Only ``shocks`` is required. Parties go by any name that the command line takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import yaml

from capgraph.analysis.contagion import ROUNDS
from capgraph.errors import DataProblem, Problem, UsageProblem

T = TypeVar("T")
_SHOCKS = ("fall", "default", "lose-contract")
_KEYS = ("title", "shocks", "recovery", "rounds")


@dataclass(frozen=True, slots=True)
class Item:
    """One shock of a scenario: its kind, the party or contract as written, and the part by which a value falls."""

    kind: str
    name: str
    part: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as read: its title in each language (may be empty), its shocks, recovery and most rounds."""

    titles: Mapping[str, str]
    items: tuple[Item, ...]
    recovery: Decimal | None = None
    rounds: int = ROUNDS


def part_of(text: str) -> Decimal:
    """A percent as the user writes it, as a part in 0..1.

    >>> part_of("50%"), part_of("12.5 %"), part_of("40")
    (Decimal('0.5'), Decimal('0.125'), Decimal('0.4'))

    Raises UsageProblem for anything that is no percent, lies outside 0..100, or is ambiguous (``0.5`` without a sign).
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*", text)
    if found is None:
        raise UsageProblem(f"{text!r} is no percent; write it as 50%")
    number, sign = Decimal(found[1]), found[2]
    if not sign and 0 < number < 1:
        raise UsageProblem(f"{text!r} may mean {number * 100:f}% or {number}%; write it with the sign")
    if not 0 <= number <= 100:
        raise UsageProblem(f"{text!r} lies outside 0% to 100%")
    return number / 100


def find(name: str, shipped: Path) -> Path:
    """The file of a scenario: a path, or the name of one that ships with the data.

    Raises UsageProblem with the names of those that ship.
    """
    for path in (Path(name), shipped / f"{name}.yaml"):
        if path.is_file():
            return path
    names = sorted(path.stem for path in shipped.glob("*.yaml"))
    raise UsageProblem(f"there is no scenario file {name!r}; shipped are: {', '.join(names) or 'none'}")


def read(path: Path) -> Scenario:
    """The scenario in a file. Raises DataProblem with file and line of everything that is wrong with it."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise DataProblem(f"{path}: cannot be read ({error})") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise DataProblem([Problem(str(path), line, "", "", f"no YAML ({error.problem})")]) from error
    return _Reader(str(path)).scenario(node)


class _Reader:
    """Reads the nodes of one file and keeps every problem with its line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def scenario(self, node: yaml.Node | None) -> Scenario:
        entries = self._mapping(node, "scenario", _KEYS)
        titles = entries.get("title")
        found = Scenario(
            titles=self._titles(titles) if titles else {},
            items=tuple(self._items(entries.get("shocks"), node)),
            recovery=self._value(entries.get("recovery"), "recovery", part_of, None),
            rounds=self._value(entries.get("rounds"), "rounds", _count, ROUNDS) or ROUNDS,
        )
        if self.problems:
            raise DataProblem(self.problems)
        return found

    def _titles(self, node: yaml.Node) -> dict[str, str]:
        if isinstance(node, yaml.ScalarNode):
            return {"en": str(node.value), "zh": str(node.value)}
        entries = self._mapping(node, "title", ("en", "zh"))
        return {lang: str(text.value) for lang, text in entries.items() if isinstance(text, yaml.ScalarNode)}

    def _items(self, node: yaml.Node | None, whole: yaml.Node | None) -> Iterator[Item]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._wrong(node or whole, "shocks", "", "a scenario needs a list of shocks", "- fall: arm")
            return
        for entry in node.value:
            entries = self._mapping(entry, "shocks", (*_SHOCKS, "by"))
            kinds = [kind for kind in _SHOCKS if kind in entries]
            if len(kinds) != 1:
                self._wrong(entry, "shocks", "", "each shock is exactly one of these", ", ".join(_SHOCKS))
                continue
            yield from self._item(kinds[0], entries, entry)

    def _item(self, kind: str, entries: Mapping[str, yaml.Node], entry: yaml.Node) -> Iterator[Item]:
        name = entries[kind]
        if not isinstance(name, yaml.ScalarNode) or not name.value:
            self._wrong(name, kind, "", "names no party or contract", "a name")
            return
        if (kind == "fall") != ("by" in entries):
            self._wrong(entry, "by", "", "a fall, and only a fall, says by how much", "by: 50%")
            return
        part = self._value(entries.get("by"), "by", part_of, Decimal(1))
        if part is not None:
            yield Item(kind, str(name.value), part)

    def _mapping(self, node: yaml.Node | None, what: str, keys: tuple[str, ...]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, what, "", "no mapping of keys to values", ", ".join(keys))
            return {}
        entries: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in keys:
                self._wrong(key, what, name, "unknown key", ", ".join(keys))
            elif name in entries:
                self._wrong(key, what, name, "key given twice", "")
            else:
                entries[name] = value
        return entries

    def _value(self, node: yaml.Node | None, key: str, parse: Callable[[str], T], default: T | None) -> T | None:
        if node is None:
            return default
        try:
            return parse(str(node.value) if isinstance(node, yaml.ScalarNode) else "")
        except UsageProblem as error:
            self._wrong(node, key, str(node.value), str(error), "")
            return None

    def _wrong(self, node: yaml.Node | None, key: str, value: str, wrong: str, right: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.problems.append(Problem(self.file, line, key, value, wrong, right))


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise UsageProblem(f"{text!r} is no number of rounds from 1")
    return int(text)
