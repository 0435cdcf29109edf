"""What the compiled cache promises: fast when nothing changed, right when something did, whole or not at all."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from capgraph import cache, store
from capgraph.errors import DataProblem
from capgraph.ontology import Ontology, load
from capgraph.quads import GRAPH

CAP = "https://w3id.org/capgraph/ontology#"


def count(graph: ox.Store, pattern: str) -> int:
    solutions = graph.query(f"PREFIX cap: <{CAP}> SELECT (COUNT(*) AS ?n) {pattern}", use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    return int(next(solutions)["n"].value)


def folders(root: Path) -> list[str]:
    return sorted(entry.name for entry in root.iterdir() if entry.name != "seen")


def test_what_comes_from_the_cache_is_what_was_compiled(data_copy: Path, model: Ontology, tmp_path: Path) -> None:
    first = store.open_store([data_copy], model, tmp_path / "cache")
    again = store.open_store([data_copy], model, tmp_path / "cache")
    assert list(again.facts.rows()) == list(first.facts.rows())
    assert (again.version, again.facts.datasets) == (first.version, first.facts.datasets)
    assert count(again.graph, "{ ?s a cap:Stake }") == len(again.facts.table("stakes"))


def test_the_second_opening_reads_no_table(
    data_copy: Path, model: Ontology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.open_store([data_copy], model, tmp_path / "cache")
    monkeypatch.setattr(store, "read_folders", lambda *_: pytest.fail("the tables were read again"))
    store.open_store([data_copy], model, tmp_path / "cache")


def test_a_changed_cell_is_seen_even_if_size_and_time_are_the_same(
    data_copy: Path, model: Ontology, tmp_path: Path
) -> None:
    before = store.open_store([data_copy], model, tmp_path / "cache")
    file = data_copy / "parties.csv"
    stamp = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace(",NVIDIA,", ",NVIDIO,"), encoding="utf-8")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    after = store.open_store([data_copy], model, tmp_path / "cache")
    names = [opened.facts.get("party/nvidia") for opened in (before, after)]
    assert [row and row["name"] for row in names] == ["NVIDIA", "NVIDIO"]
    assert before.version != after.version


def test_the_version_depends_on_the_content_and_not_on_the_place(
    data_copy: Path, model: Ontology, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere" / "data"
    moved.parent.mkdir()
    first = store.open_store([data_copy], model, tmp_path / "one").version
    data_copy.rename(moved)
    assert store.open_store([moved], model, tmp_path / "two").version == first


def test_data_with_errors_leave_no_compiled_graph(data_copy: Path, model: Ontology, tmp_path: Path) -> None:
    (data_copy / "stakes.csv").write_text("id\n", encoding="utf-8")
    with pytest.raises(DataProblem):
        store.open_store([data_copy], model, tmp_path / "cache")
    assert not (tmp_path / "cache").exists() or folders(tmp_path / "cache") == []


DIE_AFTER = """
import os, sys
from pathlib import Path
from capgraph import cache, ontology, store

def dying(module, name):
    original = getattr(module, name)
    def call(*arguments):
        original(*arguments)
        os._exit(9)
    setattr(module, name, call)

module, name = sys.argv[3].split(".")
dying({"store": store, "cache": cache}[module], name)
store.open_store([Path(sys.argv[1])], ontology.load(), Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "point", ["store._fill", "store._write_compiled", "cache._rename", "store.remember", "store.apply_rules"]
)
def test_a_build_killed_at_any_point_is_noticed_and_made_good(
    data_copy: Path, model: Ontology, tmp_path: Path, point: str
) -> None:
    root = tmp_path / "cache"
    killed = subprocess.run([sys.executable, "-c", DIE_AFTER, str(data_copy), str(root), point], check=False)
    assert killed.returncode == 9, "the build did not reach the point at which it was to die"
    opened = store.open_store([data_copy], model, root)
    assert count(opened.graph, "{ ?s a cap:Reading }") == len(opened.facts.table("readings")) > 0
    assert len(folders(root)) == 1, "what the killed build left has been cleared away"


def test_a_damaged_compiled_graph_is_built_again(data_copy: Path, model: Ontology, tmp_path: Path) -> None:
    first = store.open_store([data_copy], model, tmp_path / "cache")
    assert first.folder is not None
    (first.folder / "rows.json").write_bytes(b"{")
    again = store.open_store([data_copy], model, tmp_path / "cache")
    assert len(list(again.facts.rows())) == len(list(first.facts.rows()))


def _open(arguments: tuple[str, str]) -> int:
    opened = store.open_store([Path(arguments[0])], load(), Path(arguments[1]))
    return count(opened.graph, "{ ?s a cap:Stake }")


def test_processes_that_build_at_once_all_answer_and_leave_one_graph(data_copy: Path, tmp_path: Path) -> None:
    root = tmp_path / "cache"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        counts = pool.map(_open, [(str(data_copy), str(root))] * 4)
    assert len(set(counts)) == 1
    assert counts[0] > 0
    assert len(folders(root)) == 1


def test_without_a_writable_cache_the_graph_lives_in_memory(data_copy: Path, model: Ontology, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be", encoding="utf-8")
    opened = store.open_store([data_copy], model, blocked)
    assert opened.folder is None
    assert count(opened.graph, "{ ?s a cap:Stake }") == len(opened.facts.table("stakes"))


def test_a_derived_graph_is_kept_beside_the_facts_and_never_among_them(
    data_copy: Path, model: Ontology, tmp_path: Path
) -> None:
    opened = store.open_store([data_copy], model, tmp_path / "cache")
    name = f"{GRAPH}derived/2026-01-01/2026-01-01"
    quad = ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.NamedNode("x:o"), ox.NamedNode(name))
    assert quad in opened.graph_with(name, lambda: [quad])
    assert quad in opened.graph_with(name, lambda: pytest.fail("the derived graph was made twice"))
    assert quad not in opened.graph


def test_old_graphs_are_discarded_and_used_ones_kept(data_copy: Path, model: Ontology, tmp_path: Path) -> None:
    root = tmp_path / "cache"
    stale = root / "0123"
    stale.mkdir(parents=True)
    (stale / "done.json").write_text(json.dumps({"version": "", "sizes": {}}), encoding="utf-8")
    os.utime(stale / "done.json", (0, 0))
    store.open_store([data_copy], model, root)
    assert not stale.exists()


def test_rules_run_in_the_order_of_their_names_and_each_is_a_construct(model: Ontology) -> None:
    names = [file.name for file in sorted((model.folder / "rules").glob("*.rq"))]
    assert names, "there are rules"
    assert names == sorted(names)
    assert cache.FORMAT >= 1
