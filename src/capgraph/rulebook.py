"""Portfolio rules as data: a YAML file says what is measured, where the limit lies and what class each asset has.

    title: {en: At most a tenth in one company, zh: 单一公司不超过一成}
    rules:
      - {id: ten, title: {en: one company, zh: 单一公司}, measure: largest_share, at_most: 10}

Every mistake in a file is reported with its line and with what would be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import yaml

from capgraph.errors import DataProblem, Problem, UsageProblem
from capgraph.facts import Facts
from capgraph.ontology import Ontology, Words
from capgraph.schema import is_number
from capgraph.share import data_dir

FOLDER = "rules"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rule may measure: the unit of its result, and the settings it takes (with those it needs)."""

    unit: str
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


MEASURES: Mapping[str, Measure] = {
    "class_share": Measure("percent", ("class", "after_loans", "coverage"), ("class",)),
    "largest_share": Measure("percent", ("after_loans", "coverage")),
    "sum_above": Measure("percent", ("above", "after_loans", "coverage"), ("above",)),
    "names": Measure(""),
    "ltv": Measure("percent"),
    "debt_share": Measure("percent", ("months",), ("months",)),
    "largest_use_share": Measure("percent", ("months",), ("months",)),
    "exits": Measure("", ("months",)),
    "reentries": Measure(""),
    "holding_years": Measure("years", ("statistic",), ("statistic",)),
    "people_lost": Measure("", ("fields", "roles", "months"), ("fields", "roles", "months")),
    "people_in_field": Measure("", ("fields", "roles"), ("fields", "roles")),
}
"""The measures, each with a function of the same name in ``analysis/rule_measures.py`` that says what it is."""

COVERAGE = Decimal(50)
"""Of so many percent of the companies held the value has to be known for a verdict on shares, unless a rule says
otherwise."""

STATISTICS = ("shortest", "median", "longest")
_MOST_PERCENT = {"class_share": 100, "largest_share": 100, "sum_above": 100, "largest_use_share": 100}
"""Shares that cannot exceed the whole; loan to value and borrowing can."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """What has to hold of an asset for it to be of a class: all that is set has to."""

    listed: bool | None = None
    sectors: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    aspect: str = ""
    above: Decimal | None = None
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AssetClass:
    """A class of assets, and the criterion by which an asset without a class of its own is of it."""

    name: str
    title: Words
    where: Criterion | None


@dataclass(frozen=True, slots=True)
class Assigned:
    """The class that a source gives to one asset."""

    asset: str
    name: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a measure with its settings, and the limit that it has to keep."""

    id: str
    title: Words
    law: Words | None
    measure: str
    at_least: Decimal | None
    at_most: Decimal | None
    source: str
    reference: Words | None
    why: Words | None
    line: int
    asset_class: str = ""
    above: Decimal = Decimal()
    after_loans: bool = False
    coverage: Decimal = COVERAGE
    months: int = 0
    statistic: str = ""
    fields: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        return MEASURES[self.measure].unit


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules of one file."""

    id: str
    file: str
    title: Words
    source: str
    reference: Words | None
    classes: tuple[AssetClass, ...]
    assets: tuple[Assigned, ...]
    rules: tuple[Rule, ...]


def bundled() -> tuple[Path, ...]:
    """The rule files that come with the data, by name."""
    return tuple(sorted((data_dir() / FOLDER).glob("*.yaml")))


def find(name: str) -> Path:
    """The rule file that a path or the bare name of a bundled file means. Raises UsageProblem where there is none."""
    known = {file.stem: file for file in bundled()}
    path = known.get(name, Path(name))
    if not path.is_file():
        raise UsageProblem(f"there is no rule file {name!r}; give a path or one of: {', '.join(known)}")
    return path


def read(path: Path, facts: Facts, ontology: Ontology) -> Rulebook:
    """The rules of a file, checked against the data: parties, sources and codes that it names have to be there.

    Raises DataProblem with every mistake in the file, each as ``file:line:key: what is wrong; what would be right``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataProblem(f"{path}: not readable ({error})") from error
    reader = _Reader(str(path), facts, ontology)
    book = reader.book(path.stem, text)
    if reader.problems:
        raise DataProblem(reader.problems)
    return book


# Reading --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Node:
    """A value of the file and its line. Mappings hold nodes by key, lists hold nodes."""

    value: Mapping[str, _Node] | list[_Node] | str
    line: int

    @cached_property
    def mapping(self) -> Mapping[str, _Node]:
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> list[_Node]:
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else ""


@dataclass
class _Reader:
    """Reads one file and collects its problems."""

    file: str
    facts: Facts
    ontology: Ontology
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, key: str, value: str, wrong: str, right: str = "") -> None:
        self.problems.append(Problem(self.file, line, key, value, wrong, right))

    # YAML ------------------------------------------------------------------------------------------------------------

    def tree(self, text: str) -> _Node:
        """The file as nodes with lines. Raises DataProblem where it is no YAML."""
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            said = getattr(error, "problem", None) or str(error)
            raise DataProblem(
                [Problem(self.file, line, "", "", f"no YAML: {said}", "keys and values as in the help")]
            ) from error
        return _Node({}, 1) if root is None else self._node(root)

    def _node(self, node: yaml.Node) -> _Node:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            found: dict[str, _Node] = {}
            for key, value in node.value:
                name = str(key.value)
                if name in found:
                    self.wrong(key.start_mark.line + 1, name, "", "stands twice", "each key once")
                found[name] = self._node(value)
            return _Node(found, line)
        if isinstance(node, yaml.SequenceNode):
            return _Node([self._node(item) for item in node.value], line)
        return _Node(str(node.value), line)

    # The book --------------------------------------------------------------------------------------------------------

    def book(self, id: str, text: str) -> Rulebook:
        root = self.tree(text)
        if not root.mapping:
            self.wrong(root.line, "", root.text, "a rule file is a mapping", "title and rules")
        self._keys(root, "a rule file", ("title", "rules"), ("source", "reference", "classes", "assets"))
        classes = tuple(self._class(name, node) for name, node in self._part(root, "classes"))
        names = tuple(each.name for each in classes)
        rules = tuple(self._rule(node, names) for node in self._list(root, "rules"))
        self._unique(rules)
        return Rulebook(
            id=id,
            file=self.file,
            title=self._words(root, "title") or Words(id, id),
            source=self._source(root),
            reference=self._words(root, "reference"),
            classes=classes,
            assets=tuple(self._assigned(asset, node, names) for asset, node in self._part(root, "assets")),
            rules=rules,
        )

    def _keys(self, node: _Node, what: str, needed: tuple[str, ...], also: tuple[str, ...] = ()) -> None:
        """That a mapping has all keys that it needs, and none that nobody reads."""
        for key in needed:
            if key not in node.mapping:
                self.wrong(node.line, key, "", f"{what} lacks {key!r}", f"{', '.join(needed)}")
        for key, value in node.mapping.items():
            if key not in needed + also:
                self.wrong(value.line, key, "", f"{what} has no {key!r}", f"one of {', '.join((*needed, *also))}")

    def _part(self, node: _Node, key: str) -> Iterator[tuple[str, _Node]]:
        """The entries of a mapping under a key, none where it is missing."""
        part = node.mapping.get(key)
        if part is not None and not isinstance(part.value, Mapping):
            self.wrong(part.line, key, part.text, "has to be a mapping", f"{key}: {{name: ...}}")
        yield from part.mapping.items() if part is not None else ()

    def _list(self, node: _Node, key: str) -> list[_Node]:
        part = node.mapping.get(key)
        if part is not None and not part.items:
            self.wrong(part.line, key, part.text, "has to be a list with at least one entry", f"{key}: [...]")
        return part.items if part is not None else []

    def _unique(self, rules: tuple[Rule, ...]) -> None:
        seen: set[str] = set()
        for rule in rules:
            if rule.id in seen:
                self.wrong(rule.line, "id", rule.id, "stands twice", "an id of its own for each rule")
            seen.add(rule.id)

    # Pieces ----------------------------------------------------------------------------------------------------------

    def _words(self, node: _Node, key: str) -> Words | None:
        part = node.mapping.get(key)
        if part is None:
            return None
        if isinstance(part.value, str):
            return Words(part.text, part.text)
        self._keys(part, f"{key!r}", ("en", "zh"))
        said = [part.mapping[lang].text if lang in part.mapping else "" for lang in ("en", "zh")]
        return Words(said[0], said[1])

    def _source(self, node: _Node) -> str:
        part = node.mapping.get("source")
        if part is None:
            return ""
        return self._known(part, "source", lambda id: f"source/{id}" in self.facts, "the id of a row of sources.csv")

    def _known(self, node: _Node, key: str, exists: Callable[[str], bool], right: str) -> str:
        if not exists(node.text):
            self.wrong(node.line, key, node.text, "there is no such thing", right)
        return node.text

    def _coded(self, node: _Node, key: str, scheme: str) -> tuple[str, ...]:
        """The codes of a list under a key."""
        part = node.mapping.get(key)
        codes = self.ontology.codes(scheme)
        found = [] if part is None else part.items or [part]
        for item in found:
            self._known(item, key, lambda code: code in codes, f"one of {', '.join(codes)}")
        return tuple(item.text for item in found)

    def _number(
        self, node: _Node, key: str, most: int | None = None, least: int | None = 0, default: Decimal | None = None
    ) -> Decimal | None:
        part = node.mapping.get(key)
        if part is None:
            return default
        number = Decimal(part.text) if is_number(part.text) else None
        if number is None or (least is not None and number < least) or (most is not None and number > most):
            bounds = [f"from {least}"] * (least is not None) + [f"up to {most}"] * (most is not None)
            self.wrong(part.line, key, part.text, "cannot stand here", " ".join(["a plain number", *bounds]))
            return Decimal()
        return number

    def _choice(self, node: _Node, key: str, choices: tuple[str, ...]) -> str:
        part = node.mapping.get(key)
        if part is None:
            return ""
        return self._known(part, key, lambda text: text in choices, f"one of {', '.join(choices)}")

    def _flag(self, node: _Node, key: str) -> bool | None:
        text = self._choice(node, key, ("true", "false"))
        return None if key not in node.mapping else text == "true"

    # Classes and rules -----------------------------------------------------------------------------------------------

    def _class(self, name: str, node: _Node) -> AssetClass:
        self._keys(node, f"the class {name!r}", ("title",), ("where",))
        where = node.mapping.get("where")
        return AssetClass(
            name, self._words(node, "title") or Words(name, name), self._criterion(where) if where else None
        )

    def _criterion(self, node: _Node) -> Criterion:
        self._keys(node, "'where'", (), ("listed", "sector", "kind", "figure"))
        if not node.mapping:
            self.wrong(node.line, "where", node.text, "says nothing", "listed, sector, kind or figure")
        figure = node.mapping.get("figure", _Node({}, node.line))
        if "figure" in node.mapping:
            self._keys(figure, "'figure'", ("aspect",), ("above", "below"))
        aspects = self._coded(figure, "aspect", "aspect")
        return Criterion(
            listed=self._flag(node, "listed"),
            sectors=self._coded(node, "sector", "sector"),
            kinds=self._coded(node, "kind", "party-kind"),
            aspect=aspects[0] if aspects else "",
            above=self._number(figure, "above", least=None),
            below=self._number(figure, "below", least=None),
        )

    def _assigned(self, asset: str, node: _Node, classes: tuple[str, ...]) -> Assigned:
        self._keys(node, f"the asset {asset!r}", ("class", "source"))
        if f"party/{asset}" not in self.facts:
            self.wrong(node.line, asset, "", "there is no such party", "the id of a row of parties.csv")
        return Assigned(asset, self._choice(node, "class", classes), self._source(node), node.line)

    def _rule(self, node: _Node, classes: tuple[str, ...]) -> Rule:
        name = self._choice(node, "measure", tuple(MEASURES))
        measure = MEASURES.get(name, Measure(""))
        common = ("law", "at_least", "at_most", "source", "reference", "why")
        self._keys(node, "a rule", ("id", "title", "measure", *measure.needs), (*common, *measure.takes))
        most = _MOST_PERCENT.get(name)
        low, high = self._number(node, "at_least", most), self._number(node, "at_most", most)
        if low is None and high is None:
            self.wrong(node.line, "at_least", "", "a rule needs a limit", "at_least or at_most, or both")
        if low is not None and high is not None and low > high:
            self.wrong(
                node.line,
                "at_least",
                str(low),
                f"nothing is at least {low} and at most {high}",
                "at_least below at_most",
            )
        id = node.mapping.get("id")
        return Rule(
            id=id.text if id else "",
            title=self._words(node, "title") or Words("", ""),
            law=self._words(node, "law"),
            measure=name if name in MEASURES else "names",
            at_least=low,
            at_most=high,
            source=self._source(node),
            reference=self._words(node, "reference"),
            why=self._words(node, "why"),
            line=node.line,
            asset_class=self._choice(node, "class", classes),
            above=self._number(node, "above", 100) or Decimal(),
            after_loans=bool(self._flag(node, "after_loans")),
            coverage=self._number(node, "coverage", 100, default=COVERAGE) or Decimal(),
            months=int(self._number(node, "months", least=1) or 0),
            statistic=self._choice(node, "statistic", STATISTICS),
            fields=self._coded(node, "fields", "sector"),
            roles=self._coded(node, "roles", "role"),
        )
