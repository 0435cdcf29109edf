"""An export says how it was asked; asked again, it holds or says what differs. What it records is never trusted."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import capgraph
from capgraph import recording
from capgraph.cli import run
from capgraph.cli.verifying import ANSWERS, MOST_CHANGES
from capgraph.clocks import resolve
from capgraph.results import Context
from capgraph.tables import write_folder
from tests.analysis.doubtful import doubtful

Call = Callable[..., int]

QUESTIONS = {
    "owners.json": ["owners", "lab", "-f", "json"],
    "owners.md": ["owners", "lab", "-f", "md", "--lang", "zh", "--evidence"],
    "holdings.json": ["holdings", "house", "--group", "--as-of", "2026-01-10"],
    "disputes.md": ["disputes", "--rung", "announced", "--by", "percent"],
    "gaps.json": ["gaps", "母公司", "--group", "--kind", "rate", "--kind", "term"],
    "shock.json": ["shock", "lab", "--default", "--fall", "bank=50%"],
    "path.json": ["path", "house", "bank", "--set", "stake/house--lab.percent=30"],
    "ask.json": ["ask", "stakes", "party=house"],
    "query.md": ["query", "-q", "SELECT ?party { ?party cap:kind party-kind:bank }"],
    "none.json": ["disputes", "house", "--min-size", "99"],
    "page.html": ["view", "--around", "lab", "--hops", "1"],
    "chart.svg": ["chart", "owners", "lab"],
    "chart.html": ["chart", "owners", "lab", "--lang", "zh"],
    "chart.png": ["chart", "owners", "实验室", "--no-table"],
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    write_folder(doubtful(), tmp_path / "world")
    return tmp_path / "world"


@pytest.fixture
def export(tmp_path: Path, world: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Path]:
    """Write the export of this name and give its path."""

    def written(name: str) -> Path:
        file, words = tmp_path / name, QUESTIONS[name]
        form = [] if file.suffix in (".html", ".svg", ".png") or "-f" in words else ["-f", file.suffix[1:]]
        assert run([*words, *form, "--data", str(world), "-o", str(file)]) == 0, capsys.readouterr().err
        capsys.readouterr()
        return file

    return written


def verified(file: Path, world: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = run(["verify", str(file), "--data", str(world), "-f", "json", *words])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_export_holds_on_the_data_that_it_was_made_from(
    name: str, export: Callable[[str], Path], world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(name)
    code, told = verified(file, world, capsys)
    assert (code, told["same"], told["changes"]) == (0, True, [])
    assert told["outcome"] == "nothing changed"
    assert str(tmp_path).encode() not in file.read_bytes(), "no path of the machine"


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_question_gives_the_same_bytes(name: str, export: Callable[[str], Path]) -> None:
    assert export(name).read_bytes() == export(name).read_bytes()


def newer(world: Path, change: tuple[str, str, str] | None = None) -> Path:
    """The world with another version of its data, and with a cell changed if asked."""
    other = world.with_name("newer")
    shutil.copytree(world, other)
    (other / "dataset.json").write_text('{"id": "tiny", "title": "T", "title_zh": "题", "version": "2"}', "utf-8")
    if change:
        table, before, after = change
        text = (other / table).read_text("utf-8")
        assert before in text
        (other / table).write_text(text.replace(before, after), "utf-8")
    return other


@pytest.mark.parametrize("name", [name for name in QUESTIONS if not name.endswith(".png")])
def test_other_data_with_the_same_answer_are_told_apart_from_a_change(
    name: str, export: Callable[[str], Path], world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = verified(export(name), newer(world), capsys)
    assert told["data_then"] != told["data_now"]
    assert (code, told["same"], told["changes"]) == (0, True, [])
    assert "the answer has not" in told["outcome"]


def test_figures_that_changed_are_named_with_both_values(
    export: Callable[[str], Path], world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export("owners.json")
    table = next(each for each in world.rglob("*.csv") if "\np1," in each.read_text("utf-8"))
    line = next(row for row in table.read_text("utf-8").splitlines() if row.startswith("p1,"))
    change = str(table.relative_to(world)), line, line.replace(",20,", ",25,")
    code, told = verified(file, newer(world, change), capsys)
    changes = {change["where"]: (change["export_says"], change["data_say"]) for change in told["changes"]}
    assert code == 1
    assert changes["counted"] == ("30", "35")
    assert changes["owners[house].percent"] == ("20", "25")
    assert "the data have changed since" in told["outcome"]


@pytest.mark.parametrize(("name", "before", "after"), [
    ("owners.json", '"counted": 30', '"counted": 51'),
    ("owners.md", "20%", "40%"),
    ("disputes.md", "USD 240", "USD 440"),
    ("chart.svg", "Fund", "Fond"),
    ("page.html", "实验室", "研究室"),
])  # fmt: skip
def test_a_figure_changed_by_hand_is_reported(
    name: str, before: str, after: str, export: Callable[[str], Path], world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(name)
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")
    code, told = verified(file, world, capsys)
    assert (code, told["same"]) == (1, False)
    assert told["changes"]
    assert "the data are the same" in told["outcome"]


def test_a_row_taken_out_or_put_in_leaves_its_neighbours_alone(
    export: Callable[[str], Path], world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export("owners.json")
    document = json.loads(file.read_text("utf-8"))
    del document["owners"][0]
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    code, told = verified(file, world, capsys)
    assert code == 1
    assert [change["where"] for change in told["changes"]] == ["owners[house]"]


def test_later_data_do_not_move_the_clocks_of_an_export(export: Callable[[str], Path]) -> None:
    asked = json.loads(export("owners.json").read_text("utf-8"))["asked"]
    assert asked == "capgraph owners lab --as-of 2026-09-11 --known-on 2026-09-11"


def test_many_changes_are_counted(
    export: Callable[[str], Path], world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export("owners.md")
    file.write_text(re.sub(r"^(?!\[capgraph\])", "x", file.read_text("utf-8"), flags=re.M) + "y\n" * 80, "utf-8")
    code, told = verified(file, world, capsys)
    assert code == 1
    assert len(told["changes"]) == MOST_CHANGES
    assert "more differences" in told["notes"][0]


def test_the_library_verifies_too(export: Callable[[str], Path], world: Path) -> None:
    assert capgraph.verify(export("owners.json"), [world]).same


def test_chinese_reads_chinese(export: Callable[[str], Path], world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(export("owners.md")), "--data", str(world), "--lang", "zh"]) == 0
    assert "没有变化" in capsys.readouterr().out


# What is no export, and what may not be asked again -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", 2), (b"holder,percent\nhouse,20\n", 2), (bytes(range(256)), 2), ("软银".encode("gb18030"), 2),
     (b'{"answer": "owners"}', 2), (b'{"asked": 1, "data": 2}', 2), (b"[" * 100_000, 2), (b'{"a":' * 50_000, 2),
     (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x01tEXtC", 2), (b'[capgraph]: # ({"asked": })', 2)],
)  # fmt: skip
def test_what_is_no_export_is_refused(
    content: bytes, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(content)
    assert run(["verify", str(tmp_path / "file")]) == code
    assert "carries no question" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(tmp_path / "nowhere.json")]) == 3
    assert run(["verify", str(tmp_path)]) == 3
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(65 << 20)
    assert run(["verify", str(huge)]) == 3
    assert "larger than 64 MB" in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        "capgraph build", "capgraph build -o elsewhere", "capgraph serve", "capgraph publish http://127.0.0.1:1",
        "capgraph check-data --fix", "capgraph verify file", "capgraph completion bash", "rm -rf /", "capgraph", "",
        "capgraph owners 'lab", "capgraph owners lab -o stolen", "capgraph owners lab --output=stolen",
        "capgraph owners lab --data /etc", "capgraph owners lab --endpoint http://127.0.0.1:1/",
        "capgraph owners lab --format csv", "capgraph owners --help", "capgraph owners -h",
        "capgraph shock --scenario ../secret.yaml", "capgraph shock --scenario /etc/passwd",
        "capgraph rules house --file here", "capgraph compare house lab --file ./rules.yaml",
        "capgraph view --from-json here", "capgraph view --story /etc/passwd", "capgraph query", "capgraph query -",
        "capgraph query here", "capgraph query /etc/passwd", "capgraph query -q 'ASK {}' --timeout 86400",
        "capgraph chart owners lab --no-table",
    ],
)  # fmt: skip
def test_what_does_more_than_ask_is_refused(
    asked: str, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_text("SELECT * { ?s ?p ?o }", "utf-8")
    (tmp_path / "file").write_text(json.dumps({"asked": asked, "data": "tiny-1"}), "utf-8")
    before = sorted(tmp_path.rglob("*"))
    assert run(["verify", "file", "--data", str(world)]) == 2
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written"
    assert capsys.readouterr().err.startswith("Error: ")


@pytest.mark.parametrize(
    "asked", ["capgraph owners lab; echo pwned", "capgraph owners $(id)", "capgraph owners nobody"]
)
def test_words_of_a_shell_are_words(
    asked: str, world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text(json.dumps({"asked": asked, "data": "tiny-1"}), "utf-8")
    code, told = verified(tmp_path / "file", world, capsys)
    assert code == 1
    assert "has no answer now" in told["outcome"]


def test_every_command_is_a_question_or_is_known_to_be_none() -> None:
    from capgraph.cli import capgraph as group

    others = {"build", "check-data", "serve", "publish", "completion", "verify", "read", "changes", "report",
              "brief", "import", "export", "new", "merge", "add", "cite"}  # fmt: skip
    assert set(group.list_commands(None)) <= ANSWERS | others  # type: ignore[arg-type]
    assert not ANSWERS & others


def test_an_answer_to_a_question_that_took_a_file_carries_no_record(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.rq").write_text("SELECT ?party { ?party cap:kind party-kind:bank }", "utf-8")
    assert run(["query", str(tmp_path / "mine.rq"), "-f", "md", "--data", str(world)]) == 0
    assert "capgraph" not in capsys.readouterr().out


def test_nothing_that_is_asked_can_end_the_line_of_markdown() -> None:
    clocks = resolve(None, None, date(2026, 1, 1))
    hostile = 'capgraph find ") <script> --> \\ [x]: # (y) \n\n# heading'
    line = recording.in_markdown(Context(clocks, "signed", "v-1", asked=hostile))
    assert "\n" not in line
    assert "<script>" not in line
    found = recording.find(f"text\n\n{line}\n".encode())
    assert found is not None
    assert found.asked == hostile
