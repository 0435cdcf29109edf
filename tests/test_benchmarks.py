"""The benchmarks run: every group gives its tables, a peer that does not come back is told, faults end with 1."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from benchmarks import __main__ as benchmarks
from benchmarks import circles, engines, processes, startup
from benchmarks.processes import Run, run
from benchmarks.tables import Settings, Table, exponent, growth
from benchmarks.tables import ratio as times

FIXTURE = Path(__file__).parent / "fixtures" / "questions" / "data"
QUICK = Settings(quick=True, data=str(FIXTURE))


def sizes(text: str) -> dict[str, int]:
    """How many rows each table of a report has, by its heading."""
    found: dict[str, int] = {}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        lines = [line for line in part.splitlines() if line.startswith("|")]
        found[part.splitlines()[0]] = len(lines) - 2
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1, "a row has a cell for each column"
    return found


def test_the_quick_run_gives_every_table_of_the_groups_that_need_no_browser(tmp_path: Path) -> None:
    names = [word for name in benchmarks.GROUPS if name not in ("page", "start") for word in ("--only", name)]
    code = benchmarks.main(["--quick", *names, "--data", str(FIXTURE), "-o", str(tmp_path / "made" / "b.md")])
    text = (tmp_path / "made" / "b.md").read_text(encoding="utf-8")
    assert code == 0, text
    found = sizes(text)
    assert found["Loading"] == 4
    (asked,) = (count for title, count in found.items() if "named questions" in title)
    assert asked >= 3
    assert found["Look-through ownership and control"] == 6
    assert found["Circles"] == 3
    assert found["Short sentences"] == 11
    assert found["Speed and memory"] == 4
    assert "Growth" in text
    assert "load" in text
    assert "cores" in text


def test_a_whole_command_is_timed_and_weighed(tmp_path: Path) -> None:
    done = processes.command(["-c", "bytearray(50_000_000)"], 2, tmp_path)
    assert len(done.times) == 2
    assert done.least <= done.median
    assert done.megabytes > 50
    assert not done.failed


def test_a_command_that_breaks_is_a_fault_and_one_that_answers_no_is_none(tmp_path: Path) -> None:
    assert processes.command(["-c", "exit(3)"], 1, tmp_path).failed == "exit code 3"
    assert processes.command(["-c", "exit('no such thing')"], 1, tmp_path).failed == ""


def test_the_commands_that_are_timed_are_those_of_the_readme() -> None:
    asked = startup.commands()
    assert {words[0] for words in asked.values()} >= {"owners", "path", "loops", "shock", "ask", "query", "view"}
    assert not {"serve", "publish"} & {words[0] for words in asked.values()}


def test_what_a_function_told_before_its_limit_stays_known() -> None:
    found = run("circles:networkx", 3, parties=3_000, length=None, data="")
    assert found.stopped
    assert found.found == {"built": True}
    assert found.megabytes


def test_a_function_that_breaks_says_why() -> None:
    found = run("circles:ours", 30, parties=10, length="long", data="")
    assert not found.stopped
    assert "TypeError" in found.failed
    assert "seconds" not in found.found


def test_the_peak_is_that_of_the_process_and_not_of_whoever_started_it() -> None:
    ballast = bytearray(300_000_000)
    found = run("circles:ours", 60, parties=10, length=3, data="")
    assert found.megabytes is not None
    assert found.megabytes < 200 < len(ballast) / 1e6


def test_answers_that_differ_are_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(call: str, limit: float, **asked: object) -> Run:  # noqa: ARG001 (the signature of run)
        circles = 7 if call == "circles:ours" else 8
        return Run({"seconds": 0.5, "circles": circles, "parties": 3, "payments": 3}, 50.0)

    monkeypatch.setattr(circles, "run", told)
    (table,) = circles.measure(QUICK)
    assert table.faults[0] == "3 parties: simple_cycles finds 8 circles, capgraph 7"
    assert "**Failed:** 3 parties" in table.markdown()


def test_a_peer_that_does_not_come_back_counts_with_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(call: str, limit: float, **asked: object) -> Run:  # noqa: ARG001 (the signature of run)
        if call == "circles:ours":
            return Run({"seconds": 0.5, "circles": 7, "parties": asked["parties"], "payments": 3}, 50.0)
        return Run({"built": True}, 50.0, stopped=True)

    monkeypatch.setattr(circles, "run", told)
    (table,) = circles.measure(QUICK)
    assert table.rows[0][-2:] == ["> 3.00 s (> 6.00 x)", "> 3.00 s"]
    assert table.faults == []


def test_a_group_that_breaks_is_told_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = ModuleType("benchmarks.broken")
    broken.ABOUT = "It breaks."  # type: ignore[attr-defined]

    def measure(settings: Settings) -> Iterator[Table]:  # noqa: ARG001 (the signature of a group)
        yield Table("Whole", ["a"], [["1"]])
        raise OSError("no room")

    broken.measure = measure  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.broken", broken)
    monkeypatch.setitem(benchmarks.GROUPS, "broken", "broken")
    assert benchmarks.main(["--only", "broken", "-o", str(tmp_path / "b.md")]) == 1
    text = (tmp_path / "b.md").read_text(encoding="utf-8")
    assert "### Whole" in text
    assert "**Failed:** OSError: no room" in text
    assert "Whole" in capsys.readouterr().out


def test_rows_that_rdflib_has_otherwise_are_faults() -> None:
    table, ratios = Table("Questions", []), list[tuple[float, str, bool]]()
    cells = engines.compared("owners", [0.5, 3, "abc"], [1.0, 4, "abd"], 9.0, True, ratios, table)
    assert cells == ["3", "500 ms", "1.00 s", "2.00 x", "DIFFERENT"]
    assert table.faults == ["owners: rdflib gives other rows (4, ours 3)"]
    stopped = engines.compared("owners", [0.5, 3, "abc"], None, 9.0, True, ratios, table)
    assert stopped[2:4] == ["> 9.00 s", "> 18.0 x"]
    assert list(engines.summary(ratios, 9.0))[1] == "It did not come back for: owners."


def test_growth_is_the_slope_over_all_sizes() -> None:
    assert exponent([(10, 3.0), (100, 30.0), (1000, 300.0)]) == 1.0
    assert exponent([(10, 3.0)]) is None
    assert growth("ours", [(1_000, 1.0), (10_000, 100.0)]) == "ours: 2.00 (1,000 to 10,000)"
    assert times(3.0, 2.0, "> ") == "> 1.50 x"
