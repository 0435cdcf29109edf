"""Exposure, shocks and margins on the command line: exit codes, wrong use, options that move the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from capgraph.cli import run
from capgraph.facts import Facts
from capgraph.tables import write_folder

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(small_world: Facts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Ask the world of seven parties; exit code, answer, error."""
    write_folder(small_world, tmp_path / "world")

    def answered(*words: str) -> tuple[int, str, str]:
        code = run([*words, "--data", str(tmp_path / "world")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return answered


def content(out: str) -> str:
    """The answer without the lines that say how it was asked."""
    return "\n".join(out.splitlines()[2:])


@pytest.mark.parametrize("question", [["exposed-to", "lab"], ["shock", "lab", "--default"]], ids=lambda words: words[0])
@pytest.mark.parametrize(
    "scope",
    [["--as-of", "2025-02-15"], ["--known-on", "2025-03-31"], ["--rung", "closed"], ["--group"]],
    ids=lambda words: words[0].strip("-"),
)
def test_an_option_moves_the_answer(ask: Ask, question: list[str], scope: list[str]) -> None:
    assert content(ask(*question)[1]) != content(ask(*question, *scope)[1])


@pytest.mark.parametrize("scope", [["--as-of", "2025-02-15"], ["--known-on", "2023-12-31"]], ids=lambda words: words[0])
@pytest.mark.parametrize("command", ["exposure", "margin"])
def test_the_clocks_move_what_a_party_stands_to_lose(ask: Ask, command: str, scope: list[str]) -> None:
    assert content(ask(command, "house")[1]) != content(ask(command, "house", *scope)[1])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["shock", "nosuch", "--default"], 2, "nothing is named"),
        (["shock", "lab", "--fall", "120%"], 2, "outside 0%"),
        (["shock", "lab", "--fall", "half"], 2, "no percent"),
        (["shock", "lab", "--fall", "0.5"], 2, "write it with the sign"),
        (["shock", "lab"], 2, "needs a fall"),
        (["shock", "--fall", "5%"], 2, "names no party"),
        (["shock", "--lose-contract", "nosuch"], 2, "contract/nosuch"),
        (["shock", "lab", "--default", "--recovery", "101"], 2, "outside 0%"),
        (["shock", "lab", "--default", "--model", "thresholds", "--threshold", "1.5"], 2, "0..1"),
        (["shock", "--scenario", "nosuch"], 2, "shipped are"),
        (["margin", "house", "--trigger", "-1"], 2, "0..1"),
        (["margin", "house", "--trigger", "much"], 2, "no number"),
        (["exposure", "house", "--to", "house", "--overlap", "lab"], 2, "two questions"),
    ],
)
def test_wrong_use_is_told_with_its_code(ask: Ask, words: list[str], code: int, said: str) -> None:
    found = ask(*words)
    assert (found[0], found[1]) == (code, "")
    assert said in found[2]


def test_a_wrong_scenario_is_bad_data_with_file_and_line(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("shocks:\n  - fall: lab\n    by: 500%\n", encoding="utf-8")
    code, _, error = ask("shock", "--scenario", str(file))
    assert code == 3
    assert f"{file}:3" in error


def test_a_shock_names_its_party_before_or_in_the_option(ask: Ask) -> None:
    assert ask("shock", "lab", "--default")[1] == ask("shock", "--default", "lab")[1]
    assert ask("shock", "lab", "--fall", "50%")[1] == ask("shock", "--fall", "lab=50")[1]


def test_a_refused_model_answers_no_and_lists_what_is_missing(ask: Ask) -> None:
    code, out, _ = ask("shock", "house", "--default", "--model", "clearing", "-f", "json")
    assert code == 1
    assert json.loads(out)["missing"]


def test_a_shock_to_a_party_without_links_is_an_empty_answer_that_says_why(ask: Ask) -> None:
    code, out, _ = ask("shock", "son", "--fall", "50%")
    assert code == 0
    assert "Masayoshi" not in out
    assert "no such loss" in out


def test_evidence_follows_every_answer(ask: Ask) -> None:
    for words in (["exposed-to", "lab"], ["shock", "lab", "--default"], ["margin", "house"]):
        assert "[source/" in ask(*words, "--evidence")[1]
