"""The engine of a cluster, in local mode, gives the answers of the built-in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks import synthetic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capgraph.analysis import components, lookthrough
from capgraph.analysis.components import Ties
from capgraph.cli import run
from capgraph.columnar import rounds
from capgraph.columnar.engines import ThisMachine
from capgraph.columnar.graph import RegisterGraph
from capgraph.errors import UsageProblem
from capgraph.graph import load

if TYPE_CHECKING:
    from capgraph.columnar.spark import SparkEngine

EXACT = 1e-9
java = pytest.mark.java


@pytest.fixture(scope="module")
def engine() -> Iterator[SparkEngine]:
    from capgraph.columnar.spark import SparkEngine

    started = SparkEngine()
    yield started
    started.stop()


@st.composite
def networks(draw: st.DrawFn) -> lookthrough.Matrix:
    """Networks full of loops, of companies that hold themselves among them, each with some owner nobody knows."""
    size = draw(st.integers(2, 9))
    places = st.integers(0, size - 1)
    pairs = draw(st.lists(st.tuples(places, places, st.integers(1, 9)), min_size=1, max_size=3 * size))
    holders, issuers, weights = (np.array(cells) for cells in zip(*pairs, strict=True))
    sums = np.bincount(issuers, weights=weights, minlength=size)
    return lookthrough.matrix(holders, issuers, weights / sums[issuers] * 0.3, size)


def agree(engine: SparkEngine, w: lookthrough.Matrix, place: int) -> None:
    """Both directions of look-through, from one place."""
    own = ThisMachine()
    assert engine.corrected_holdings(w, place) == pytest.approx(own.corrected_holdings(w, place), abs=EXACT)
    assert engine.walks(w, place) == pytest.approx(own.walks(w, place), abs=EXACT)


# Look-through ---------------------------------------------------------------------------------------------------------


@java
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(networks())
def test_look_through_agrees_on_random_networks_full_of_loops(engine: SparkEngine, w: lookthrough.Matrix) -> None:
    agree(engine, w, 0)


@java
def test_two_who_hold_half_of_each_other(engine: SparkEngine) -> None:
    """The one has a half of the other and so a quarter of itself; a third party's part of the one grows by the loop."""
    w = lookthrough.matrix(np.array([0, 1, 2]), np.array([1, 0, 0]), np.array([0.5, 0.5, 0.3]), 3)
    assert engine.corrected_holdings(w, 0) == pytest.approx([0.25, 0.5, 0.0], abs=EXACT)
    assert engine.corrected_holdings(w, 2) == pytest.approx([0.4, 0.2, 0.0], abs=EXACT)


@java
def test_look_through_agrees_on_a_scale_free_register(engine: SparkEngine) -> None:
    found = synthetic.ownership(1_000)
    known = ~np.isnan(found.percents)
    w = lookthrough.matrix(found.holders[known], found.issuers[known], found.percents[known] / 100, found.size)
    largest = int(np.argmax(np.bincount(found.holders)))
    expected = lookthrough.corrected_holdings(w, largest)
    assert (expected > 0).sum() > 50
    assert engine.corrected_holdings(w, largest) == pytest.approx(expected, abs=EXACT)


@java
def test_who_holds_nothing_owns_nothing(engine: SparkEngine) -> None:
    w = lookthrough.matrix(np.array([0]), np.array([1]), np.array([0.5]), 3)
    assert engine.corrected_holdings(w, 2).tolist() == [0.0, 0.0, 0.0]


@java
def test_a_group_that_owns_itself_almost_completely_is_refused(
    engine: SparkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "MOST_ROUNDS", 12)
    w = lookthrough.matrix(np.array([0, 1, 2]), np.array([1, 2, 1]), np.array([1e-9, 0.999, 0.999]), 3)
    with pytest.raises(UsageProblem, match="did not settle in 12 rounds"):
        engine.corrected_holdings(w, 0)


def test_rounds_end_when_what_is_to_come_is_small() -> None:
    halves = [0.5**k for k in range(60)]
    left = [rounds._left(halves[: k + 1]) for k in range(60)]
    assert left[:8] == [float("inf")] * 8
    assert left[8:] == pytest.approx(halves[8:])
    assert rounds._left([1.0] * 20) == float("inf")


# Components -----------------------------------------------------------------------------------------------------------


@java
def test_components_agree(engine: SparkEngine) -> None:
    draw = np.random.default_rng(1)
    ties = Ties(draw.integers(0, 60, 90), draw.integers(0, 60, 90), 60)
    assert engine.weak_components(ties).tolist() == components.weak_components(ties).tolist()
    strong = components.strong_components(ties)
    assert 5 < np.bincount(strong).max() < 50
    assert engine.strong_components(ties).tolist() == strong.tolist()


@java
def test_rings_of_several_colours_agree(engine: SparkEngine) -> None:
    """Two rings, one above the other, a ring of two, and a chain that no ring goes through."""
    holders, issuers = np.array([0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9]), np.array([1, 2, 0, 3, 4, 5, 3, 7, 6, 9, 10])
    ties = Ties(holders, issuers, 12)
    assert engine.strong_components(ties).tolist() == [0, 0, 0, 3, 3, 3, 6, 6, 8, 9, 10, 11]


@java
def test_a_chain_is_one_component_and_no_ring(engine: SparkEngine) -> None:
    places = np.random.default_rng(0).permutation(16)
    ties = Ties(places[:-1], places[1:], 17)
    assert engine.weak_components(ties).tolist() == [0] * 16 + [16]
    assert engine.strong_components(ties).tolist() == list(range(17))


# Commands -------------------------------------------------------------------------------------------------------------


@java
def test_commands_answer_alike(engine: SparkEngine, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    printed = []
    for words in (["components"], ["components", "--engine", "spark"]):
        assert run([*words, "-f", "json"]) == 0
        printed.append(json.loads(capsys.readouterr().out))
    notes = [document.pop("notes") for document in printed]
    assert ["Spark" in str(each) for each in notes] == [False, True], "the engine was asked"
    assert printed[0]["groups"] == printed[1]["groups"]
    assert printed[0]["size_classes"] == printed[1]["size_classes"]


def test_other_clocks_keep_the_engine() -> None:
    assert load(engine="spark").at("2025").recorded("capgraph components").engine == "spark"  # type: ignore[attr-defined]


@java
def test_shares_through_others_are_those_of_the_built_in_engine(engine: SparkEngine) -> None:  # noqa: ARG001
    built_in, cluster = load(), load(engine="spark")
    assert isinstance(cluster, RegisterGraph)
    asked = (
        (built_in.holdings_through("elon-musk"), cluster.holdings_through("elon-musk"), "issuer"),
        (built_in.owners_through("openai"), cluster.owners_through("openai"), "holder"),
    )
    for one, other, end in asked:
        shares = {getattr(row, end).id: row.share.value for row in one.shares if row.share.value}
        assert shares
        assert {getattr(row, end).id: row.share.value for row in other.shares} == shares
        assert "register.rounds" in [note.key for note in other.notes]


@java
def test_a_shared_folder_keeps_what_the_rounds_gave(
    engine: SparkEngine,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from capgraph.columnar.spark import FOLDER, SparkEngine

    monkeypatch.setenv(FOLDER, str(tmp_path))
    ties = Ties(np.array([0, 1]), np.array([1, 2]), 4)
    assert SparkEngine().weak_components(ties).tolist() == [0, 0, 0, 3]
    assert any((tmp_path / "rounds").rglob("part-*"))
    assert [file for file in tmp_path.iterdir() if file.name.startswith("capgraph-")] == []


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["holdings", "nvidia"], ["owners", "openai", "--final"]])
def test_an_engine_without_a_walk_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--engine", "spark"]) == 2
    assert "--look-through" in capsys.readouterr().err


def test_what_the_engine_does_not_take_is_refused(tmp_path: Path) -> None:
    synthetic.write_folder(tmp_path / "register", 50)
    with pytest.raises(UsageProblem, match="--group"):
        load(tmp_path / "register", engine="spark", group=True).holdings_through("firm-0000001")
    with pytest.raises(UsageProblem, match="no engine"):
        load(tmp_path / "register", engine="flink")
    with pytest.raises(UsageProblem, match="data folder"):
        load(engine="spark", endpoint="http://127.0.0.1:1/")


@pytest.mark.parametrize(("hidden", "told"), [("pyspark", "capgraph[spark]"), ("", "needs Java 17")])
def test_what_spark_needs_is_named_where_it_lacks(hidden: str, told: str, tmp_path: Path) -> None:
    """Without PySpark; and without Java, for there is none on an empty path."""
    if not hidden:
        pytest.importorskip("pyspark", reason="group java did not run: it needs PySpark")
    code = (
        "import sys\n"
        "if sys.argv[1]: sys.modules[sys.argv[1]] = None\n"
        "from capgraph.cli import run\n"
        "sys.exit(run(['components', '--engine', 'spark']))\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "JAVA_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", code, hidden],
        capture_output=True,
        text=True,
        env={**environment, "PATH": str(tmp_path)},
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
