"""The command line: what goes to which stream, with which exit code, in which form."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from capgraph.cli import capgraph as group
from capgraph.cli import run
from capgraph.graph import CapitalGraph
from capgraph.ontology import load
from capgraph.typesetting import LINE


class Answer:
    """What one call of the command line left: exit code, standard output, standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def ask(*words: str) -> Answer:
        code = run(list(words))
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return ask


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line in a real shell, with the capgraph of this environment first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = {**os.environ, "PATH": path, **environment}
    return subprocess.run(command, shell=True, capture_output=True, text=True, env=settings, check=False, timeout=120)


COMMANDS = sorted(group.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(call: Callable[..., Answer], name: str) -> None:
    answer = call(name, "--help")
    assert answer.code == 0
    assert "Examples:" in answer.out
    assert f"capgraph {name}" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 110


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from capgraph.cli import run; run(['--help']); "
        "print([m for m in ('rdflib','networkx','pyoxigraph','numpy','scipy','pyvis','tabulate') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["show", "nobody-at-all-of-this-name"], 2, "nothing is named"),
        (["show", "nvidai"], 2, "Did you mean nvidia"),
        (["find", "qqqqqqqqzzzz"], 1, "nothing is named"),
        (["show", "nvidia", "--as-of", "yesterday"], 2, "no date"),
        (["show", "nvidia", "--as-of", "2025-02-30"], 2, "no day of the calendar"),
        (["show", "nvidia", "--rung", "certain"], 2, "no rung"),
        (["show", "nvidia", "--data", "nowhere-at-all"], 3, "no such data folder"),
        (["shwo", "nvidia"], 2, "No such command"),
        (["show"], 2, "Missing argument"),
        (["show", "nvidia", "-o", "/proc/nowhere/out.txt"], 2, "cannot be written"),
        (["evidence", "stake/of-nobody"], 2, "nothing is named"),
    ],
)
def test_a_mistake_gets_one_clear_message_and_its_code(
    call: Callable[..., Answer], words: list[str], code: int, told: str
) -> None:
    answer = call(*words)
    assert answer.code == code
    assert told in answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err


def test_bad_data_are_told_cell_by_cell_and_nothing_is_printed(call: Callable[..., Answer], data_copy: Path) -> None:
    file = data_copy / "stakes.csv"
    spoiled = re.sub(",common,", ",comon,", file.read_text(encoding="utf-8"), count=2)
    file.write_text(spoiled, encoding="utf-8")
    answer = call("show", "nvidia", "--data", str(data_copy))
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.count("no such code in the list instrument") == 2
    assert re.search(r"stakes\.csv:\d+:instrument: error:", answer.err)
    checked = call("check-data", "--data", str(data_copy))
    assert checked.code == 1
    assert checked.out.count("no such code") == 2


@pytest.mark.parametrize("words", [["find", "bank"], ["show", "openai"], ["stats"], ["evidence", "arm"]])
def test_every_form_of_an_answer_is_well_formed(call: Callable[..., Answer], words: list[str]) -> None:
    document = json.loads(call(*words, "-f", "json").out)
    assert {"answer", "as_of", "known_on", "rung", "data", "notes"} <= set(document)
    lines = [json.loads(line) for line in call(*words, "-f", "jsonl").out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(call(*words, "-f", "csv").out)))
    assert len(lines) == len(rows) > 0
    assert call(*words, "-f", "md").out.startswith("## ")
    assert call(*words).out == call(*words, "-f", "table").out


def test_the_same_question_gives_the_same_bytes(call: Callable[..., Answer]) -> None:
    assert call("show", "softbank-group", "--evidence").out == call("show", "softbank-group", "--evidence").out


def test_an_answer_written_to_a_file_is_the_one_that_would_be_printed(
    call: Callable[..., Answer], tmp_path: Path
) -> None:
    target = tmp_path / "deep" / "answer.json"
    told = call("find", "nvidia", "-f", "json", "-o", str(target))
    assert (told.out, told.code) == ("", 0)
    assert target.read_text(encoding="utf-8") == call("find", "nvidia", "-f", "json").out


def test_evidence_names_publisher_date_and_address(call: Callable[..., Answer]) -> None:
    answer = call("show", "openai", "--evidence")
    shown = answer.out.split("Evidence:")[1]
    assert "[reading/" in shown
    assert "https://" in shown
    assert re.search(r"\d{4}-\d{2}-\d{2}", shown)


@pytest.mark.parametrize("command", [["show", "软银"], ["stats"], ["find", "英伟达"]])
def test_chinese_answers_hold_no_latin_words_but_names_ids_codes_and_addresses(
    call, bundled: CapitalGraph, command: list[str]
) -> None:
    answer = call(*command, "--lang", "zh").out
    names = known_names(bundled)
    for word in sorted(set(re.findall(r"[A-Za-z][A-Za-z&.'-]+", answer))):
        assert any(word.strip(".'-") in name for name in names), f"{word!r} is no name"


def known_names(bundled: CapitalGraph) -> set[str]:
    """Names, ids, tickers and codes of the data, and the options that a note may name."""
    names = {
        "--rung",
        "--diluted",
        "--format",
        "json",
        "holdings",
        "owners",
        "timeline",
        "rumoured",
        bundled.store.version,
    }
    for row in bundled.facts.rows():
        names |= {
            cell
            for column, cell in row.cells.items()
            if column in ("id", "name", "name_zh", "ticker", "aliases", "country", "publisher", "title")
        }
    names |= {code.code for scheme in ("unit", "identifier-scheme") for code in load().codes(scheme).values()}
    return names | {"TSE", "GPT", "AI", "GW", "LTV", "XIRR", "MOIC"}


def test_data_and_talk_go_to_their_own_streams() -> None:
    done = shell("capgraph find nvidia -o /dev/stdout -f csv 2>/dev/null")
    assert done.stdout.startswith("id,name_en")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    done = shell("capgraph evidence openai -f jsonl | head -1; echo ${PIPESTATUS[0]}", SHELL="/bin/bash")
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_no_colour_in_pipes_or_where_unwanted() -> None:
    done = shell("capgraph show nobody-here; capgraph find nvidia", NO_COLOR="1")
    assert "\x1b[" not in done.stdout + done.stderr


def test_answers_are_utf8_under_any_locale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "capgraph", "find", "英伟达"],
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert "英伟达" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(call: Callable[..., Answer], kind: str) -> None:
    answer = call("completion", kind)
    assert answer.code == 0
    assert "_CAPGRAPH_COMPLETE" in answer.out


def test_completion_completes_commands() -> None:
    done = shell("capgraph", _CAPGRAPH_COMPLETE="bash_complete", COMP_WORDS="capgraph ho", COMP_CWORD="1")
    assert "plain,holdings" in done.stdout


def test_fixing_the_form_of_tables_writes_them_back_canonically(call: Callable[..., Answer], data_copy: Path) -> None:
    file = data_copy / "parties.csv"
    original = file.read_text(encoding="utf-8")
    header, *rows = original.splitlines(keepends=True)
    file.write_text(header + "".join(reversed(rows)), encoding="utf-8")
    assert call("check-data", "--fix", "--no-shapes", "--data", str(data_copy)).code == 0
    assert file.read_text(encoding="utf-8") == original


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "question",
    [
        "owners openai",
        "holdings softbank-group",
        "exposure softbank-group",
        "exposed-to openai",
        "shock openai --default",
        "margin softbank-group",
        "funding softbank-group",
        "returns softbank-group nvidia --group",
        "timeline softbank-group",
        "chokepoints",
    ],
)
def test_a_table_is_no_wider_than_a_line(call: Callable[..., Answer], question: str, lang: str) -> None:
    rules = [
        line for line in call(*question.split(), "--lang", lang).out.splitlines() if re.fullmatch(r"[- ]{8,}", line)
    ]
    assert rules
    assert max(map(len, rules)) <= LINE
