"""Components of small networks worked by hand, and the bow-tie against its definition on random ones."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capgraph.analysis.components import (
    Rings,
    Ties,
    bow_tie,
    reached,
    strong_components,
    weak_components,
)
from capgraph.cli import run
from capgraph.graph import CapitalGraph

SIZE = 12


@st.composite
def ties(draw: st.DrawFn) -> Ties:
    pairs = draw(st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)), min_size=1, max_size=24))
    holders, issuers = zip(*pairs, strict=True)
    return Ties(np.array(holders, dtype=np.int64), np.array(issuers, dtype=np.int64), SIZE)


def graph_of(found: Ties) -> nx.DiGraph:
    graph = nx.DiGraph(zip(found.holders.tolist(), found.issuers.tolist(), strict=True))
    graph.add_nodes_from(range(SIZE))
    return graph


@given(ties())
def test_components_are_those_of_the_graph(found: Ties) -> None:
    graph = graph_of(found)
    for ours, groups in (
        (weak_components(found), nx.weakly_connected_components(graph)),
        (strong_components(found), nx.strongly_connected_components(graph)),
    ):
        assert ours.tolist() == [least for _, least in sorted((node, min(group)) for group in groups for node in group)]


@given(ties(), st.integers(0, SIZE - 1))
def test_what_is_reached_is_what_descends(found: Ties, start: int) -> None:
    expected = {start, *nx.descendants(graph_of(found), start)}
    assert set(np.flatnonzero(reached(found, np.array([start]))).tolist()) == expected


@settings(deadline=None)
@given(ties())
def test_the_parts_of_the_bow_tie_are_those_of_its_definition(found: Ties) -> None:
    graph = graph_of(found)
    linked = {*found.holders.tolist(), *found.issuers.tolist()}
    core = max(nx.strongly_connected_components(graph), key=lambda group: (len(group), -min(group)))
    above = {node for node in linked - core if core & nx.descendants(graph, node)}
    below = {node for node in linked - core if core & nx.ancestors(graph, node)}
    past = {
        node
        for node in linked - core - above - below
        if above & nx.ancestors(graph, node) and below & nx.descendants(graph, node)
    }
    tied = next(group for group in nx.weakly_connected_components(graph) if core <= group)
    counted = {row.part.key: row.parties for row in bow_tie(found, np.array(sorted(core)))}
    assert counted == {
        "components.owners": len(above),
        "components.core": len(core),
        "components.owned": len(below),
        "components.past": len(past),
        "components.tendrils": len(tied - core - above - below - past),
        "components.apart": len(linked - tied),
    }
    assert sum(counted.values()) == len(linked | core)


def test_groups_of_the_data_hold_all_parties_with_a_stake(bundled: CapitalGraph) -> None:
    found = bundled.components()
    assert sum(row.parties for row in found.size_classes) == found.parties
    assert sum(row.group_count for row in found.size_classes) == found.groups_found
    assert found.groups_found > len([row for row in found.groups if row.parties > 2]) > 0
    if found.groups_found <= len(found.groups):
        assert sum(row.stake_count for row in found.groups) == found.stake_count


def test_the_bundled_data_have_one_large_group_and_no_ring(bundled: CapitalGraph) -> None:
    assert bundled.components().groups[0].parties > bundled.components().parties / 2
    rings = bundled.components(strong=True)
    assert isinstance(rings, Rings)
    assert all(row.parties > 1 for row in rings.groups)
    assert sum(row.parties for row in rings.size_classes) == rings.parties


def test_another_day_gives_other_groups(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for words in ([], ["--as-of", "2020"], ["--known-on", "2025-06-30"]):
        assert run(["components", "-f", "csv", *words]) == 0
        printed.append(capsys.readouterr().out)
    assert len(set(printed)) == 3
