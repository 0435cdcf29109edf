"""Stories: ordered steps that walk a reader through the page, written in YAML.

title: Two exits                       # title_zh beside it
steps:
  - title: The first exit              # title_zh, text, text_zh
    text: What happened.
    date: 2019-02                      # the day of the slider
    known_on: true                     # only what was public then
    ended: true                        # show what had ended
    focus: [vision-fund-1, nvidia]     # parties or things to look at
    backed_by: [reading/r-1]           # the rows of the data that say so
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from capgraph.clocks import DateSpan
from capgraph.errors import DataProblem, Problem, UsageProblem
from capgraph.share import data_dir

DEFAULT = "two-exits"
"""The story that the page of the whole network carries."""

_TEXTS = ("title", "title_zh", "text", "text_zh")
_FLAGS = ("known_on", "ended")
_LISTS = ("focus", "backed_by")


def _folder() -> Path:
    return data_dir() / "stories"


def bundled() -> dict[str, Path]:
    """The stories that come with the data, by name."""
    return {file.stem: file for file in sorted(_folder().glob("*.yaml"))}


def default() -> Path | None:
    """The story of the whole network, if the data have it."""
    return bundled().get(DEFAULT)


def find(name: str) -> Path:
    """A story by its name or file. Raises UsageProblem naming the bundled ones."""
    path = bundled().get(name) or Path(name)
    if not path.is_file():
        known = ", ".join(bundled()) or "none"
        raise UsageProblem(f"there is no story and no file {name!r}; stories: {known}")
    return path


def read(path: Path) -> dict[str, Any]:
    """The story in a YAML file. Raises DataProblem with the line of what is wrong and what would be right."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataProblem(
            [Problem(str(path), 0, "", "", f"cannot be read ({error})", "a YAML file in UTF-8")]
        ) from error
    try:
        story = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        wrong = f"not YAML: {getattr(error, 'problem', None) or error}"
        raise DataProblem([Problem(str(path), line, "", "", wrong, "title and steps")]) from error
    problems = [Problem(str(path), 0, place, "", wrong, right) for place, wrong, right in faults(story)]
    if problems:
        raise DataProblem(problems)
    return _plain(story)


def faults(story: Any) -> list[tuple[str, str, str]]:
    """What is wrong with a story: place, what it is, what would be right."""
    if not isinstance(story, dict) or not isinstance(story.get("steps"), list) or not story["steps"]:
        return [("", "no story", "a title and a list of steps")]
    found = [(name, "no text", "a text") for name in ("title",) if not isinstance(story.get(name), str)]
    for number, step in enumerate(story["steps"], 1):
        found += _step_faults(f"steps[{number}]", step)
    return found


def _step_faults(place: str, step: Any) -> list[tuple[str, str, str]]:
    if not isinstance(step, dict):
        return [(place, "no step", "title, text, date and focus")]
    found = [(f"{place}.{name}", "no text", "a text") for name in _TEXTS if not isinstance(step.get(name, ""), str)]
    found += [
        (f"{place}.{name}", "neither true nor false", "true")
        for name in _FLAGS
        if not isinstance(step.get(name, True), bool)
    ]
    unknown = sorted(set(step) - {*_TEXTS, *_FLAGS, *_LISTS, "date"})
    found += [
        (f"{place}.{name}", "no part of a step", ", ".join((*_TEXTS, "date", *_FLAGS, *_LISTS))) for name in unknown
    ]
    for name in _LISTS:
        ids = step.get(name, [])
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
            found.append((f"{place}.{name}", "no list of ids", "[nvidia, stake/...]"))
    try:
        DateSpan.parse(str(step["date"])) if "date" in step else None
    except UsageProblem:
        found.append((f"{place}.date", f"no date: {step['date']}", "2025, 2025-10 or 2025-10-31"))
    return found


def _plain(story: dict[str, Any]) -> dict[str, Any]:
    """Dates as text (YAML reads an unquoted day as a date), Chinese without the spaces of folded lines."""
    steps = [{name: _cell(name, cell) for name, cell in step.items()} for step in story["steps"]]
    return {**story, "steps": steps}


def _cell(name: str, cell: Any) -> Any:
    if name == "date":
        return str(cell)
    return _BETWEEN_SIGNS.sub("", cell) if name.endswith("_zh") else cell


_BETWEEN_SIGNS = re.compile(r"(?<=[\u3000-\uffef“”]) +(?=[\u3000-\uffef“”])")
"""Spaces that folded lines leave between Chinese signs."""
