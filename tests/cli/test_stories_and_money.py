"""Money, stories and rules on the command line: exit codes, wrong use, forms, languages, assumptions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from capgraph.cli import run
from capgraph.graph import load
from tests.latin import latin_words

FROZEN = str(Path(__file__).parent.parent / "fixtures" / "softbank-2025")
Ask = Callable[..., tuple[int, str, str]]

QUESTIONS = {
    "funding": ["funding", "softbank-group", "--from", "2025", "--to", "2025"],
    "returns": ["returns", "softbank-group", "nvidia"],
    "had-held": ["had-held", "softbank-group", "nvidia", "--until", "2025-11-11"],
    "timeline": ["timeline", "softbank-group"],
    "diff": ["diff", "2025-06-30", "2025-12-31", "--party", "softbank-group"],
}
BUNDLED = {
    **QUESTIONS,
    "rules": ["rules", "softbank-group"],
    "compare": ["compare", "softbank-group", "microsoft"],
}


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Exit code, answer and error of one call."""

    def answered(*words: str) -> tuple[int, str, str]:
        code = run(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return answered


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md"])
def test_every_form_of_every_answer_on_the_frozen_year(ask: Ask, question: str, form: str) -> None:
    code, out, err = ask(*QUESTIONS[question], "--data", FROZEN, "-f", form, "--group")
    assert (code, err) == (0, "")
    assert out.strip()
    if form == "json":
        assert json.loads(out)["group"] is True


@pytest.mark.parametrize("question", BUNDLED)
def test_the_same_question_gives_the_same_bytes(ask: Ask, question: str) -> None:
    assert ask(*BUNDLED[question], "--group") == ask(*BUNDLED[question], "--group")


@pytest.mark.parametrize("question", BUNDLED)
@pytest.mark.parametrize("party", ["softbank-group", "openai"])
def test_a_chinese_answer_on_the_real_data_holds_no_latin_word_but_names(ask: Ask, question: str, party: str) -> None:
    words = [party if word == "softbank-group" else word for word in BUNDLED[question]]
    code, out, _ = ask(*words, "--lang", "zh", "-f", "md")
    assert code == 0
    options = {"from", "to", "group", "rung", "rumoured", "seed", "article"}
    graph = load()
    left = latin_words(out.replace(graph.store.version, ""), graph.facts) - options
    assert {word for word in left if not word.startswith("FY")} == set()


@pytest.mark.parametrize("question", BUNDLED)
def test_the_evidence_of_an_answer_can_be_opened(ask: Ask, question: str) -> None:
    if question in ("diff", "timeline"):
        pytest.skip("names its sources in every row")
    code, out, _ = ask(*BUNDLED[question], "--evidence")
    assert code == 0
    assert "[reading/" in out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["funding", "nobody"], 2, "nothing is named 'nobody'"),
        (["funding", "softbank-group", "--from", "2026", "--to", "2025"], 2, "lies after"),
        (["funding", "softbank-group", "--from", "soon"], 2, "no date"),
        (["returns", "softbank-group", "nobody"], 2, "nothing is named"),
        (["had-held", "softbank-group", "nvidia", "--until", "2030"], 2, "lies after the asked day"),
        (["timeline", "nobody"], 2, "nothing is named"),
        (["diff", "2025-12-31", "2025-06-30"], 2, "give the earlier day first"),
        (["diff", "2025-02-30", "2025-06-30"], 2, "no day of the calendar"),
        (["rules", "softbank-group", "--file", "nothing.yaml"], 2, "no rule file"),
        (["compare", "softbank-group", "vision-fund-2", "--group"], 2, "one house"),
        (["funding", "softbank-group", "--without", "deal/nothing"], 2, "deal/nothing"),
        (["returns", "softbank-group", "nvidia", "--set", "stake/x.percent=5"], 2, "stake/x"),
    ],
)
def test_wrong_use_is_refused_and_says_what_would_be_right(ask: Ask, words: list[str], code: int, says: str) -> None:
    found, out, err = ask(*words)
    assert (found, out) == (code, "")
    assert says in err


def test_a_wrong_rule_file_is_bad_data(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("title: Mine\nrules:\n- {id: a, title: A, measure: magic, at_most: 1}\n", encoding="utf-8")
    code, out, err = ask("rules", "openai", "--file", str(file))
    assert (code, out) == (3, "")
    assert f"{file}:3:measure: error: there is no such thing, got 'magic'; right would be: one of" in err


@pytest.mark.parametrize("question", ["funding", "returns", "had-held", "timeline"])
def test_a_date_before_all_data_is_an_honest_empty_answer(ask: Ask, question: str) -> None:
    words = [word for word in QUESTIONS[question][:3] if not word.startswith("--") and word != "2025"]
    code, out, err = ask(*words, "--as-of", "1950", "--data", FROZEN)
    assert (code, err) == (0, "")
    assert "At these clocks the data" in out


def test_an_assumption_moves_the_answer_and_is_named_in_it(ask: Ask) -> None:
    plain = ask(*QUESTIONS["had-held"], "--data", FROZEN)[1]
    with_price = ask(*QUESTIONS["had-held"], "--data", FROZEN, "--set", "party/nvidia.share_price=250")[1]
    assert "party/nvidia.share_price=250 as assumed" in with_price
    assert "USD 250" in with_price
    assert "USD 250" not in plain
    without = ask(*QUESTIONS["returns"], "--data", FROZEN, "--without", "deal/softbank-nvidia-exit-2025-10")[1]
    assert "still held" in without
    assert "without deal/softbank-nvidia-exit-2025-10" in without
    assert ask(*QUESTIONS["had-held"], "--data", FROZEN)[1] == plain
