"""Owners, holdings, control and controllers on the command line: frozen copies of the data, and the options."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capgraph.cli import run
from capgraph.tables import write_folder
from tests.analysis.shares import network_of

FROZEN = Path(__file__).resolve().parent.parent / "fixtures"

Ask = Callable[..., Any]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """The answer to a command as JSON; the message where it fails."""

    def answered(*words: object) -> Any:
        code = run([*map(str, words), "-f", "json"])
        captured = capsys.readouterr()
        return json.loads(captured.out) if code == 0 else f"{code} {captured.err}"

    return answered


# Frozen copies of the data ------------------------------------------------------------------------------------------


def test_microsoft_in_openai_at_the_end_of_april_2026(ask: Ask) -> None:
    found = ask("owners", "openai", "--as-of", "2026-04-30", "--data", FROZEN / "microsoft-openai")
    microsoft = found["owners"][0]
    assert (microsoft["percent"], microsoft["percent_low"], microsoft["percent_high"]) == (27, 26.79, 27)
    assert (found["counted"], found["rest"], microsoft["basis"], microsoft["disputed"]) == (27, 73, "as_converted", 1)


def _holds_nvidia(ask: Ask, data: Path, *clocks: str) -> tuple[bool, bool]:
    """Whether SoftBank Group's holdings list NVIDIA, and whether they say that an end was not public yet."""
    found = ask("holdings", "softbank-group", *clocks, "--data", data)
    told = any("not public yet" in line for line in found["notes"])
    return any(row["issuer"] == "nvidia" for row in found["holdings"]), told


def test_softbank_held_nvidia_until_october_2025_and_longer_as_far_as_anybody_knew(ask: Ask) -> None:
    data = FROZEN / "softbank-nvidia"
    assert _holds_nvidia(ask, data, "--as-of", "2025-09-30") == (True, False)
    assert _holds_nvidia(ask, data, "--as-of", "2025-10-31") == (False, False)
    assert _holds_nvidia(ask, data, "--as-of", "2025-10-31", "--known-on", "2025-11-10") == (True, True)


def test_had_the_source_come_out_earlier_the_answer_would_be_another(ask: Ask, tmp_path: Path) -> None:
    data = Path(shutil.copytree(FROZEN / "softbank-nvidia", tmp_path / "data"))
    sources = data / "sources.csv"
    text = sources.read_text(encoding="utf-8")
    moved = re.sub(r"^(cnbc-20251111,.*),2025-11-11,", r"\1,2025-11-05,", text, flags=re.MULTILINE)
    assert moved != text
    sources.write_text(moved, encoding="utf-8")
    assert _holds_nvidia(ask, data, "--as-of", "2025-10-31", "--known-on", "2025-11-10") == (False, False)
    assert _holds_nvidia(ask, data, "--as-of", "2025-10-31", "--known-on", "2025-11-04") == (True, True)


# Options --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A house with a daughter and a fund that hold a company, a loop, a warrant, and a stake that ended."""
    stakes: list[str | dict[str, str]] = [
        {"holder": "house", "issuer": "b", "percent": "30", "as_of": "2025-03-31"},
        {"holder": "daughter", "issuer": "b", "percent": "25", "as_of": "2025-03-31"},
        {"holder": "fund", "issuer": "b", "percent": "20", "as_of": "2025-03-31", "contained_in": "house"},
        {"holder": "b", "issuer": "c", "percent": "60", "as_of": "2025-03-31"},
        {"holder": "c", "issuer": "b", "percent": "10", "as_of": "2025-03-31"},
        {"holder": "x", "issuer": "c", "percent": "15", "as_of": "2025-03-31", "valid_to": "2026-01-01"},
        {"holder": "x", "issuer": "b", "percent": "5", "as_of": "2025-09-30", "instrument": "warrant"},
        {"holder": "x", "issuer": "house", "percent": "5", "as_of": "2025-09-30", "valid_from": "2025-09-01"},
        {"holder": "daughter", "issuer": "late", "percent": "51", "as_of": "2025-09-30", "valid_from": "2025-09-01"},
        {"holder": "daughter", "issuer": "x", "percent": "10", "as_of": "2025-03-31"},
        {"holder": "house", "issuer": "young", "percent": "40", "as_of": "2025-09-30", "valid_from": "2025-09-01"},
    ]  # fmt: skip
    network = network_of(stakes, relations=["daughter < house", "fund < house"])
    write_folder(network.facts, tmp_path / "world")
    return tmp_path / "world"


QUESTIONS = {
    "owners": ["owners", "b"],
    "owners --look-through": ["owners", "c", "--look-through"],
    "owners --final": ["owners", "c", "--final"],
    "holdings": ["holdings", "house"],
    "holdings --look-through": ["holdings", "house", "--look-through"],
    "control": ["control", "house"],
    "control --close-links": ["control", "house", "--close-links"],
    "controllers": ["controllers", "c"],
}
SCOPES = {
    "as-of": ["--as-of", "2025-06-30"],
    "known-on": ["--known-on", "2025-06-30"],
    "group": ["--group"],
    "without": ["--without", "stake/house--b--common"],
    "set": ["--set", "stake/house--b--common.percent=7"],
}


def _told(answer: Any) -> Any:
    return {key: value for key, value in answer.items() if key not in ("as_of", "known_on", "group", "without", "set")}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("scope", SCOPES)
def test_clocks_houses_and_assumptions_move_every_answer(ask: Ask, world: Path, question: str, scope: str) -> None:
    plain = ask(*QUESTIONS[question], "--data", world)
    moved = ask(*QUESTIONS[question], *SCOPES[scope], "--data", world)
    assert _told(plain) != _told(moved)
    assert ask(*QUESTIONS[question], "--data", world) == plain


@pytest.mark.parametrize("question", QUESTIONS)
def test_stakes_stand_on_no_rung(ask: Ask, world: Path, question: str) -> None:
    strict = ask(*QUESTIONS[question], "--rung", "closed", "--data", world)
    loose = ask(*QUESTIONS[question], "--rung", "rumoured", "--data", world)
    assert {**strict, "rung": "", "asked": ""} == {**loose, "rung": "", "asked": ""}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["owners", "b", "--final", "--look-through"], "two questions"),
        (["holdings", "house", "--diluted"], "goes with --look-through"),
        (["control", "house", "--threshold", "140"], "0 to below 100"),
        (["control", "house", "--threshold", "much"], "no percent"),
        (["controllers", "nobody-of-this-name"], "nothing is named"),
        (["control", "house", "--with", "nobody-of-this-name"], "nothing is named"),
    ],
)
def test_wrong_use_is_told(ask: Ask, world: Path, words: list[str], message: str) -> None:
    answer = ask(*words, "--data", world)
    assert answer.startswith("2 ")
    assert message in answer


def test_a_date_before_all_data_is_an_honest_empty_answer(ask: Ask, world: Path) -> None:
    for words in QUESTIONS.values():
        assert ask(*words, "--as-of", "1950-01-01", "--data", world)["as_of"] == "1950-01-01"
    assert ask("owners", "b", "--as-of", "1950-01-01", "--data", world)["notes"][0].startswith(
        "The data name no holder"
    )


def test_diluted_lets_a_warrant_in(ask: Ask, world: Path) -> None:
    assert (
        ask("owners", "b", "--diluted", "--data", world)["counted"]
        == ask("owners", "b", "--data", world)["counted"] + 5
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_speaks_chinese_without_latin_words(
    world: Path, question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*QUESTIONS[question], "--lang", "zh", "--data", str(world)]) == 0
    text = capsys.readouterr().out
    names = {"House", "Daughter", "Fund", "Late", "Young", "B", "C", "X"}
    words = set(re.findall(r"(?<![\w/-])[A-Za-z]+(?![\w/-])", re.sub(r"数据版本 \S+|ECB/2014/60|--\w+", "", text)))
    assert words <= names
