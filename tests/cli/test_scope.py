"""Every command that takes the clocks, the rung and the house is moved by each of them, on a world of seven parties."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from capgraph.cli import run
from capgraph.facts import Facts
from capgraph.tables import write_folder

Ask = Callable[..., str]


@pytest.fixture
def ask(small_world: Facts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Ask the small world; answers without the line that names the clocks, the rung and the house."""
    write_folder(small_world, tmp_path / "world")

    def answered(*words: str) -> str:
        code = run([*words, "--data", str(tmp_path / "world"), "-f", "json"])
        captured = capsys.readouterr()
        if code:
            return f"{code} {captured.err}"
        document = json.loads(captured.out)
        for key in ("as_of", "known_on", "rung", "group", "asked"):
            document.pop(key, None)
        return json.dumps(document, ensure_ascii=False)

    return answered


SCOPES = {
    "as-of": ["--as-of", "2025-02-15"],
    "known-on": ["--known-on", "2025-03-31"],
    "rung": ["--rung", "closed"],
    "group": ["--group"],
}

QUESTIONS: dict[str, list[str]] = {
    "show": ["show", "house"],
    "owners": ["owners", "lab"],
    "holdings": ["holdings", "house"],
    "path": ["path", "house", "lab"],
    "stats": ["stats"],
    "find": ["find", "house"],
}

UNMOVED = {
    ("owners", "rung"): "stakes stand on no rung",
    ("holdings", "rung"): "stakes stand on no rung",
    ("stats", "group"): "counts are of all things",
    ("find", "group"): "a name means one party",
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("scope", SCOPES)
def test_an_option_moves_the_answer(ask: Ask, question: str, scope: str) -> None:
    if (question, scope) in UNMOVED:
        assert ask(*QUESTIONS[question]) == ask(*QUESTIONS[question], *SCOPES[scope]), UNMOVED[question, scope]
        return
    assert ask(*QUESTIONS[question]) != ask(*QUESTIONS[question], *SCOPES[scope])


def test_leaving_a_thing_out_and_nothing_out_are_told_apart(ask: Ask) -> None:
    whole = ask("holdings", "house")
    assert ask("holdings", "house", "--without", "stake/house--lab") != whole
    assert ask("holdings", "house") == whole


def test_a_date_before_everything_is_an_honest_empty_answer(ask: Ask) -> None:
    assert "-f" not in ask("show", "lab", "--as-of", "1950")
    assert "1" in ask("path", "house", "lab", "--as-of", "1950")[:2]
