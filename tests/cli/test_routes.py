"""Paths, direct links, dependencies, circles, choke points on the command line: exit codes, formats, languages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from capgraph.analysis.dependencies import CHANNELS
from capgraph.analysis.measures import ORDERS
from capgraph.cli import main, routes
from capgraph.ontology import load

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def ask(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return ask


def test_the_choices_of_the_command_line_are_those_of_the_ontology_and_the_analysis() -> None:
    assert tuple(load().layers) == routes.LAYERS
    assert tuple(ORDERS) == routes.ORDERS
    assert CHANNELS == routes.CHANNELS


@pytest.mark.parametrize(
    "question",
    [
        ("path", "孙正义", "nvidia"),
        ("path", "oracle", "softbank-group", "-k", "5", "--lang", "zh"),
        ("path", "softbank-group", "openai", "--by", "share"),
        ("path", "softbank-group", "oracle", "--window", "2025-01", "2025-12"),
        ("between", "microsoft", "openai"),
        ("depends", "tsmc"),
        ("loops", "--rung", "announced", "--through", "nvidia"),
        ("loops", "--measures"),
        ("chokepoints", "--top", "3"),
        ("chokepoints", "softbank-group"),
        ("chokepoints", "--between", "openai", "tsmc", "--layer", "equity"),
    ],
)
def test_every_question_is_answered_in_every_form(run: Run, question: tuple[str, ...]) -> None:
    code, out, err = run(*question)
    assert (code, err) == (0, "")
    assert out.endswith("\n")
    assert json.loads(run(*question, "-f", "json")[1])["as_of"]
    rows = list(csv.DictReader(io.StringIO(run(*question, "-f", "csv")[1])))
    assert len(rows) == len(run(*question, "-f", "jsonl")[1].splitlines())
    assert run(*question, "-f", "md")[1].startswith("## ")
    assert len(run(*question, "--evidence")[1]) > len(out)


def test_no_path_leaves_with_1_and_says_what_would_help(run: Run) -> None:
    code, out, err = run("path", "figure-ai", "pimco", "--max-hops", "2")
    assert (code, out) == (1, "")
    assert "no path of at most 2 links" in err
    assert "--max-hops" in err
    _, _, chinese = run("path", "figure-ai", "pimco", "--max-hops", "2", "--lang", "zh")
    assert "没有不超过2条连接的路径" in chinese


def test_no_direct_link_leaves_with_1(run: Run) -> None:
    assert run("between", "figure-ai", "pimco")[0] == 1


def test_no_circle_is_no_failure(run: Run) -> None:
    code, out, _ = run("loops", "--through", "孙正义")
    assert code == 0
    assert "no circle" in out
    code, out, _ = run("loops", "--through", "孙正义", "-f", "jsonl")
    assert (code, out) == (0, "")


@pytest.mark.parametrize(
    "question",
    [
        ("path", "nvidia", "nvidia"),
        ("path", "nvidai", "openai"),
        ("path", "nvidia", "openai", "--by", "beauty"),
        ("path", "nvidia", "openai", "--window", "2026", "2025"),
        ("path", "nvidia", "openai", "--avoid", "openai"),
        ("path", "softbank-group", "vision-fund-2", "--group"),
        ("depends", "nobody at all"),
        ("loops", "--max-length", "1"),
        ("chokepoints", "openai", "--between", "openai", "tsmc"),
        ("chokepoints", "--between", "openai", "openai"),
    ],
)
def test_a_wrong_question_leaves_with_2(run: Run, question: tuple[str, ...]) -> None:
    code, out, err = run(*question)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err
