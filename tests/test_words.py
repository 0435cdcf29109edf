"""The words that people read: there in both languages, under keys that the code asks for, each in one file."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import capgraph
from capgraph.ontology import Ontology, Words
from capgraph.results import Result, Statement
from capgraph.voice import Voice
from tests.conftest import REPOSITORY

ASKING = {"note", "say", "words", "_words", "Note"}
"""Functions whose first arguments may name a key."""


@pytest.fixture(scope="module")
def words(model: Ontology) -> dict[str, Words]:
    return dict(model.words_below(""))


def files() -> list[Path]:
    return sorted((REPOSITORY / "ontology" / "words").glob("*.ttl"))


def test_no_key_is_told_twice() -> None:
    """Told in two files the words of a key would be those of the file that is read last."""
    keys = Counter(key for file in files() for key in re.findall(r"^<word/([^>]+)>", file.read_text("utf-8"), re.M))
    assert [key for key, count in keys.items() if count > 1] == []
    assert len(keys) > 500


def test_every_key_has_words_in_both_languages_with_the_same_placeholders(words: dict[str, Words]) -> None:
    for key, told in words.items():
        assert told.en, key
        assert told.zh, key
        english, chinese = (set(re.findall(r"\{(\w+)", text)) for text in (told.en, told.zh))
        assert english == chinese, key


def test_numbers_agree_with_their_nouns(words: dict[str, Words], model: Ontology) -> None:
    """A count before a plural noun needs the form for one: ``{count} {count|link|links}``."""
    bare = re.compile(r"\{count\} (?!more\b)[a-z]+s\b")
    elsewhere = ("page.", "chart.", "rules.", "register.", "query.", "path.links", "path.hint", "path.left_out")
    assert not [key for key, told in words.items() if not key.startswith(elsewhere) and bare.search(told.en)]
    one, many = (Voice(model, "en").say("dossier.promised", count=count) for count in (1, 2))
    assert "1 link below" in one
    assert "2 links below" in many
    assert "1" in Voice(model, "zh").say("dossier.promised", count=1)


def asked_keys() -> Iterator[tuple[str, str]]:
    """Every literal key that the code asks for, with its place."""
    for file in sorted((REPOSITORY / "src" / "capgraph").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ASKING:
                for argument in node.args[:2]:
                    for part in _constants(argument):
                        yield part, f"{file.name}:{node.lineno}"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _constants(argument: ast.expr) -> Iterator[str]:
    branches = (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
    for branch in branches:
        if isinstance(branch, ast.Constant) and isinstance(branch.value, str) and "." in branch.value:
            yield branch.value


def test_every_key_that_the_code_asks_for_has_words(words: dict[str, Words]) -> None:
    asked = list(asked_keys())
    assert [(key, place) for key, place in asked if key not in words] == []
    assert len(asked) > 300


def results() -> list[type[Result]]:
    for module in pkgutil.walk_packages(capgraph.__path__, "capgraph."):
        if "__main__" not in module.name:
            importlib.import_module(module.name)

    def below(base: type[Result]) -> Iterator[type[Result]]:
        for kind in base.__subclasses__():
            if kind.__module__.startswith("capgraph."):
                yield kind
                yield from below(kind)

    return sorted(set(below(Result)), key=lambda kind: kind.__name__)


def headings(kind: type[Result]) -> Iterator[str]:
    """The keys of the words over whatever a table of this result shows."""
    title = f"title.{kind.__name__}"
    yield title
    told = kind.told is not Result.told
    for spec in dataclasses.fields(kind):
        row = spec.metadata.get("section")
        if spec.name in ("context", "notes") or told or spec.metadata.get("hide"):
            continue
        yield f"section.{spec.name}" if row else f"field.{spec.name}"
        yield from _columns(row) if row else ()


def _columns(row: type) -> Iterator[str]:
    for spec in dataclasses.fields(row):
        if not spec.metadata.get("hide"):
            yield f"field.{spec.name}"
            yield from (f"field.{name}" for name in spec.metadata.get("show", ()))


def test_every_answer_has_a_title_and_every_column_a_heading(words: dict[str, Words]) -> None:
    kinds = results()
    assert len(kinds) > 25
    missing = {key: kind.__name__ for kind in kinds for key in headings(kind) if key not in words}
    missing |= {key: "Statement" for key in _columns(Statement) if key not in words}
    assert missing == {}
