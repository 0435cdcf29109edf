"""``capgraph read`` on the command line: forms, languages, the review table, and texts that are none."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from capgraph.cli import run
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph, load
from tests.latin import latin_words

FROZEN = str(Path(__file__).parent.parent / "fixtures" / "softbank-2025")
ENGLISH = (
    "SoftBank sold its entire stake in Nvidia for $5.83 billion in October 2025. "
    "Last month SoftBank lent =2+2 to Arm, or $4.44 billion. SoftBank borrowed $77 million from Goldman Sachs."
)
CHINESE = (
    "2025年10月，软银以58.3亿美元清仓英伟达，共3210万股。"
    "软银将向安谋投资超过9亿美元。\n上月，软银集团并未收购英特尔。\n"
)
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Exit code, answer and error of reading a file of the frozen year."""

    def answered(*words: str) -> tuple[int, str, str]:
        code = run(["read", *words, "--data", FROZEN])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return answered


@pytest.fixture(scope="module")
def frozen() -> CapitalGraph:
    return load(FROZEN)


@pytest.fixture
def text(tmp_path: Path) -> Callable[..., str]:
    """A file with some content."""

    def written(content: str | bytes, name: str = "text.txt") -> str:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(file)

    return written


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md"])
@pytest.mark.parametrize("content", [ENGLISH, CHINESE])
def test_every_form_holds_every_candidate(ask: Ask, text: Callable[..., str], form: str, content: str) -> None:
    code, out, err = ask(text(content), "-f", form)
    assert (code, err) == (0, "")
    assert ("5.83 billion" in out) if content is ENGLISH else ("58.3亿美元" in out)
    assert ask(text(content), "-f", form) == (code, out, err), "the same text gives the same bytes"


def test_json_gives_every_part_with_its_place_and_what_it_agrees_with(ask: Ask, text: Callable[..., str]) -> None:
    _, out, _ = ask(text(CHINESE), "-f", "json")
    answer = json.loads(out)
    assert (answer["encoding"], answer["total"], answer["agreeing"]) == ("UTF-8", 3, 1)
    first = answer["candidates"][0]
    assert (first["subject"], first["object"], first["kind"]) == ("softbank-group", "nvidia", "tranche")
    assert (first["stance"], first["date"], first["verdict"]) == ("asserted", "2025-10", "agrees")
    for part in first["parts"]:
        assert CHINESE[part["start"] : part["end"]] == part["text"]
    numbers = {part["text"]: part for part in first["parts"] if part["role"] == "quantity"}
    assert (numbers["58.3亿美元"]["value"], numbers["58.3亿美元"]["step"]) == ("5830000000", "10000000")
    assert all(part["readings"] for part in numbers.values())
    assert [candidate["stance"] for candidate in answer["candidates"]] == ["asserted", "planned", "negated"]


def test_a_chinese_answer_holds_no_latin_word_but_names_and_ids(
    ask: Ask, text: Callable[..., str], frozen: CapitalGraph
) -> None:
    for form in ("table", "md"):
        _, out, _ = ask(text(CHINESE, "a.txt"), "--lang", "zh", "-f", form)
        assert latin_words(out, frozen.facts) <= {"UTF", "txt", "published", "review"}


@pytest.mark.parametrize(("clock", "verdict"), [("2025-12-31", "agrees"), ("2025-11-01", "conflicts")])
def test_known_on_decides_what_a_text_is_held_against(
    ask: Ask, text: Callable[..., str], clock: str, verdict: str
) -> None:
    _, out, _ = ask(text("In October 2025 SoftBank sold its Nvidia shares for $5.83 billion."), "--known-on", clock,
                    "-f", "json")  # fmt: skip
    told = json.loads(out)["candidates"][0]["verdict"]
    assert (told == "agrees") is (verdict == "agrees")


def test_evidence_opens_the_readings_behind_the_answer(ask: Ask, text: Callable[..., str]) -> None:
    _, out, _ = ask(text(CHINESE), "--evidence")
    assert "[reading/" in out.split("Evidence")[-1]


def test_published_closes_an_open_date_and_a_source_of_the_data_gives_its_own(
    ask: Ask, text: Callable[..., str], frozen: CapitalGraph
) -> None:
    def days(*options: str) -> list[str]:
        return [each["date"] for each in json.loads(ask(text(CHINESE), "-f", "json", *options)[1])["candidates"]]

    assert days()[2] == ""
    assert days("--published", "2026-01-10")[2] == "2025-12"
    source = next(row for row in frozen.facts.table("sources") if len(row["published"]) == 10)
    assert days("--source", source["id"])[2] != ""
    assert ask(text(CHINESE), "--source", "no-such")[0] == 2


# The review table -----------------------------------------------------------------------------------------------------


def review(ask: Ask, file: str, to: Path) -> list[dict[str, str]]:
    code, _, err = ask(file, "--review", str(to))
    assert code == 0
    assert f"wrote {to}" in err
    return list(csv.DictReader(io.StringIO(to.read_text(encoding="utf-8"), newline="")))


def test_the_review_table_has_the_columns_of_the_tables_and_an_empty_decision(
    ask: Ask, text: Callable[..., str], tmp_path: Path, frozen: CapitalGraph
) -> None:
    rows = review(ask, text(ENGLISH + CHINESE), tmp_path / "review.csv")
    assert {row["decision"] for row in rows} == {""}
    for row in rows:
        table = frozen.facts.schema.tables[row["table"]]
        told = {column for column, cell in row.items() if cell}
        assert told <= {"candidate", "verdict", "sentence", "start", "end", "table", *table.header}
    readings = [row for row in rows if row["table"] == "readings"]
    exact = next(row for row in readings if row["value"] == "5830000000")
    assert (exact["unit"], exact["as_of"]) == ("USD", "2025-10")
    over = next(row for row in readings if "超过9亿" in row["sentence"])
    assert (over["value"], over["low"]) == ("", "900000000")


def test_a_cell_that_a_spreadsheet_would_run_is_inert(ask: Ask, text: Callable[..., str], tmp_path: Path) -> None:
    hostile = (
        "=HYPERLINK(1) SoftBank sold its Nvidia stake for $5.83 billion.\n@SUM SoftBank sold Nvidia shares for $9m."
    )
    rows = review(ask, text(hostile), tmp_path / "review.csv")
    assert len(rows) >= 2
    assert {row["sentence"][:2] for row in rows} == {"'=", "'@"}
    assert all(cell[:1] not in "=+-@" or not cell for row in rows for cell in row.values())


def test_review_changes_nothing_in_the_data(ask: Ask, text: Callable[..., str], tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in Path(FROZEN).rglob("*.csv")}
    review(ask, text(ENGLISH), tmp_path / "review.csv")
    assert {file.name: file.read_bytes() for file in Path(FROZEN).rglob("*.csv")} == before


def test_a_review_that_cannot_be_written_is_wrong_use_and_leaves_nothing(
    ask: Ask, text: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = ask(text(ENGLISH), "--review", str(tmp_path / "file" / "review.csv"))
    assert code == 2
    assert "cannot be written" in err


def new_rows_fit_the_schema(rows: list[dict[str, str]], facts: Facts) -> None:
    for row in rows:
        table = facts.schema.tables[row["table"]]
        for column in table.columns:
            cell = row.get(column.name, "")
            assert not cell or column.accepts(cell), (row["table"], column.name, cell)


def test_every_cell_of_the_review_has_the_form_of_its_column(
    text: Callable[..., str], tmp_path: Path, bundled: CapitalGraph
) -> None:
    from tests.reader.scoring import SETS, labels

    whole = "\n".join(label["text"] for name in SETS for label in labels(name))
    to = tmp_path / "review.csv"
    assert run(["read", text(whole), "--review", str(to)]) == 0
    rows = list(csv.DictReader(io.StringIO(to.read_text(encoding="utf-8"), newline="")))
    assert {"tranches", "stakes", "facilities", "contracts", "relations", "readings"} <= {row["table"] for row in rows}
    new_rows_fit_the_schema(rows, bundled.facts)


# Texts that are none --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ("The meeting was long and nobody spoke.", 1, "no party or product of the graph is named in 38 characters"),
        ("", 1, "in 0 characters"),
        (b"%PDF-1.7\n%\xe2\xe3", 3, "a PDF document, not a text"),
        (b"\x00\x01\x02\x03" * 99, 3, "not a text"),
        ("软银清仓英伟达。".encode() + "软银".encode("gb18030") + "英伟达上涨，软银出售。".encode() * 9, 3, "byte 24"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    ask: Ask, text: Callable[..., str], content: str | bytes, code: int, message: str
) -> None:
    got, out, err = ask(text(content))
    assert (got, out) == (code, "")
    assert message in err
    assert "Traceback" not in err


def test_a_missing_file_is_wrong_use(ask: Ask) -> None:
    code, _, err = ask("no-such-file.txt")
    assert code == 2
    assert "cannot be read" in err


def test_another_encoding_is_read_and_named(ask: Ask, text: Callable[..., str]) -> None:
    code, out, _ = ask(text(CHINESE.encode("gb18030")))
    assert code == 0
    assert "GB18030" in out


def test_standard_input_is_a_text_too(ask: Ask, monkeypatch: pytest.MonkeyPatch, text: Callable[..., str]) -> None:
    with Path(text(CHINESE)).open("r", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        code, out, _ = ask("-", "-f", "json")
    assert code == 0
    assert json.loads(out)["total"] == 3


def test_reading_stops_at_the_most_candidates_and_says_where(ask: Ask, text: Callable[..., str]) -> None:
    sentence = "SoftBank sold its Nvidia stake for $5.83 billion.\n"
    _, out, _ = ask(text(sentence * 50), "--most", "7", "-f", "json")
    answer = json.loads(out)
    assert (answer["total"], answer["sentences"]) == (7, 7)
    assert any(str(7 * len(sentence)) in note.replace(",", "") for note in answer["notes"])


def test_reading_stops_where_many_sentences_name_somebody_and_state_nothing(ask: Ask, text: Callable[..., str]) -> None:
    sentence = "Nvidia is here.\n"
    _, out, _ = ask(text(sentence * 500), "--most", "3", "-f", "json")
    answer = json.loads(out)
    assert (answer["total"], answer["sentences"]) == (0, 75)
    assert any(str(75 * len(sentence)) in note.replace(",", "") for note in answer["notes"])


def test_time_grows_with_the_text_and_not_faster(frozen: CapitalGraph) -> None:
    """One line without an end, twice as long, is read in about twice the time (with twice the room)."""
    import time

    def seconds(length: int) -> float:
        line = "软银和英伟达在二十个百分点之间，" * length
        before = time.thread_time()
        frozen.read(line, most=10**6)
        return time.thread_time() - before

    seconds(500)
    assert seconds(16000) < 8 * max(seconds(8000), 0.05)
