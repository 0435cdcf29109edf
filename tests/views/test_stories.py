"""The bundled stories: two languages, things that exist, figures that the named rows hold."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from capgraph.errors import DataProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.views import stories

BUNDLED = sorted(stories.bundled())

_SIZES = {"bn": 10**9, "tn": 10**12, "million": 10**6, "percent": 1}
_SIZES_ZH = {"万亿美元": 10**12, "亿美元": 10**8, "亿日元": 10**8, "万股": 10**4, "%": 1}


def figures(text: str) -> set[Decimal]:
    """The amounts, shares and percents that an English sentence names."""
    found = re.findall(r"(\d+(?:\.\d+)?) (bn|tn|million|percent)\b", text)
    return {Decimal(number) * _SIZES[size] for number, size in found}


def figures_zh(text: str) -> set[Decimal]:
    found = re.findall(rf"(\d+(?:\.\d+)?)({'|'.join(_SIZES_ZH)})", text)
    return {Decimal(number) * _SIZES_ZH[size] for number, size in found}


def told_by(facts: Facts, ids: list[str]) -> set[Decimal]:
    """What the readings among some rows say, whichever side of zero."""
    cells = [row[name] for row in map(facts.get, ids) if row and row.table == "readings" for name in _NUMBERS]
    return {abs(Decimal(cell)) for cell in cells if cell}


_NUMBERS = ("value", "low", "high")


def is_held(figure: Decimal, told: set[Decimal]) -> bool:
    """A figure may be rounded to the digits that it is written with, at most by two in a hundred."""
    return any(abs(figure - other) <= other * Decimal("0.012") for other in told)


@pytest.mark.parametrize("name", BUNDLED)
def test_each_figure_of_a_story_stands_in_the_rows_that_back_it(name: str, bundled: CapitalGraph) -> None:
    for step in stories.read(stories.find(name))["steps"]:
        told = told_by(bundled.facts, step["backed_by"])
        for text in (figures(step["text"]), figures_zh(step["text_zh"])):
            assert [figure for figure in text if not is_held(figure, told)] == [], step["title"]
        assert figures(step["text"]) == figures_zh(step["text_zh"]), step["title"]


@pytest.mark.parametrize("name", BUNDLED)
def test_what_a_story_names_exists_and_is_drawn(name: str, bundled: CapitalGraph) -> None:
    story = stories.read(stories.find(name))
    drawn = {link.id for link in bundled.network.history()} | set(bundled.network.nodes)
    assert story["title"] != story["title_zh"]
    for step in story["steps"]:
        assert all(step[key] for key in ("title", "title_zh", "text", "text_zh", "focus", "backed_by"))
        assert [id for id in step["focus"] if id not in drawn] == []
        assert [id for id in step["backed_by"] if bundled.facts.get(id) is None] == []


def test_the_page_of_everything_carries_the_story(whole: str) -> None:
    assert '"title_zh":"两次离场，一场押注"' in whole


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("steps: [", "story.yaml:1"),
        ("title: A", "steps"),
        ("title: A\nsteps: []", "steps"),
        ("title: A\nsteps: [{date: soon}]", "steps[1].date"),
        ("title: A\nsteps: [{focus: nvidia}]", "steps[1].focus"),
        ("title: A\nsteps: [{colour: red}]", "steps[1].colour"),
        ("title: A\nsteps: [{known_on: 1}]", "steps[1].known_on"),
        ("title: A\nsteps: [{text: 5}]", "steps[1].text"),
    ],
)
def test_a_story_that_is_wrong_is_refused_with_its_place(text: str, place: str, tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataProblem, match=re.escape(place)):
        stories.read(file)
