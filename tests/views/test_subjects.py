"""Pages about one subject: circles, shocks, funding plans, changes; and a link kind that no Python knows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from capgraph.derive import Derived
from capgraph.errors import NotFound, UsageProblem
from capgraph.graph import CapitalGraph, load
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import load as load_ontology
from capgraph.store import open_store
from capgraph.views import subjects
from capgraph.views.pages import graph_of, of_network
from tests.test_network import declare_lobbying
from tests.test_tables import add_row
from tests.tiny import at
from tests.views.reading import Reader

Read = Callable[..., Reader]


def carried(graph: CapitalGraph, subject: subjects.Subject) -> subjects.Graph:
    return graph_of(graph.network, graph.store.version, subject)


def kinds(items: list[subjects.Graph]) -> set[str]:
    return {item["mark"]["kind"] for item in items if "mark" in item}


def test_changes_are_marked_as_what_appeared_and_what_went(bundled: CapitalGraph) -> None:
    page = carried(bundled, subjects.changes(bundled, ("2025-06", "2025-12")))
    assert kinds(page["edges"]) == {"appeared", "went"}
    marks = {edge["id"]: edge["mark"] for edge in page["edges"]}
    sold = marks["stake/softbank-group--nvidia--common"]
    assert sold["kind"] == "went"
    assert "2025-06" in sold["text"]
    assert "2025-12" in sold["text_zh"]
    assert len(marks) == len(page["edges"])


def test_a_circle_shows_every_leg_with_its_number(bundled: CapitalGraph) -> None:
    page = carried(bundled, subjects.loops(bundled, 1, None))
    legs = bundled.loops(top=1).legs
    assert {edge["id"].split("#")[0] for edge in page["edges"]} <= {id for leg in legs for id in leg.ids}
    assert kinds(page["edges"]) == {"leg"}
    assert len(page["lead"]) == len(legs)
    assert {party.id for party in bundled.loops(top=1).loops[0].parties} <= {node["id"] for node in page["nodes"]}
    through = carried(bundled, subjects.loops(bundled, None, "nvidia"))
    assert all("nvidia" in loop["nodes"] for loop in through["loops"])
    with pytest.raises(NotFound, match="circle"):
        subjects.loops(bundled, 1000, None)


def test_a_shock_marks_where_it_begins_and_whom_it_hits(bundled: CapitalGraph) -> None:
    page = carried(bundled, subjects.shock(bundled, [("openai", Decimal("0.5"))], []))
    marks = {node["id"]: node["mark"] for node in page["nodes"] if "mark" in node}
    assert marks["openai"]["kind"] == "struck"
    assert marks["microsoft"]["kind"] == "hit"
    assert "USD" in marks["microsoft"]["text"]
    assert any("%" in edge["mark"]["text"] for edge in page["edges"] if "mark" in edge)
    assert page["lead"]


def test_a_funding_plan_shows_flows_to_and_from_those_whom_nobody_names(bundled: CapitalGraph) -> None:
    page = carried(bundled, subjects.funding(bundled, "softbank-group", "2025", "2025"))
    assert kinds(page["edges"]) == {"source", "use"}
    ids = {node["id"] for node in page["nodes"]}
    assert any(id.startswith("unnamed/source/") for id in ids)
    for edge in page["edges"]:
        assert {edge["source"], edge["target"]} <= ids
        assert "softbank-group" in (edge["source"], edge["target"])
    found = bundled.funding("softbank-group", "2025", "2025")
    flows = {row.flow for row in (*found.inflows, *found.outflows) if row.flow}
    assert flows <= {edge["id"].split("#")[0] for edge in page["edges"]}


@pytest.mark.parametrize(
    "asked",
    [
        {"through": "nvidia", "funding": "nvidia"},
        {"around": "nvidia", "defaults": ["openai"]},
        {"start": "2025"},
        {"changes": ("2026", "2025")},
    ],
)
def test_two_subjects_or_half_of_one_are_refused(asked: dict[str, object], bundled: CapitalGraph) -> None:
    with pytest.raises(UsageProblem):
        bundled.view(**asked)  # type: ignore[arg-type]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("asked", "marks"),
    [
        ({"changes": ("2025-06", "2025-12")}, ["appeared", "went"]),
        ({"loop": 1}, ["leg"]),
        ({"defaults": ["coreweave"]}, ["hit", "struck"]),
        ({"funding": "softbank-group", "start": "2025", "end": "2025"}, ["source", "use"]),
    ],
)
def test_marks_stand_in_the_legend_the_panel_and_the_table(
    asked: dict[str, object], marks: list[str], read: Read, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(load().view(**asked), encoding="utf-8", newline="\n")  # type: ignore[arg-type]
    reader = read(file)
    legend = reader.page.locator("#legend-marks")
    assert legend.locator(".key").count() == len(marks)
    marked = next(edge for edge in reader.graph["edges"] if "mark" in edge and edge["id"] in reader.edges)
    reader.click_edge(marked["id"])
    assert reader.selection["edge"] == marked["id"]
    assert reader.part("evidence-mark").inner_text() == marked["mark"]["text"]
    reader.part("table-toggle").click()
    row = reader.page.locator(f'tr[data-edge-id="{marked["id"]}"]')
    assert any(word in row.inner_text() for word in legend.inner_text().split("\n"))
    buttons = reader.page.locator("#lead button")
    if buttons.count():
        buttons.first.click()
        assert reader.ask("highlightedEdges()")
    reader.part("lang-toggle").click()
    assert reader.page.locator("#lead").inner_text()


@pytest.mark.browser
def test_the_story_walks_through_its_days(read: Read) -> None:
    reader = read("bundled")
    reader.page.locator("#story-open").click()
    panel = reader.page.locator("#story")
    steps = reader.graph["story"]["steps"]
    for number, step in enumerate(steps):
        assert step["title"] in panel.inner_text()
        assert reader.ask("asOf()") <= str(step["date"]) + "-31"
        assert reader.ask("highlightedEdges()")
        for id in (id for id in step["focus"] if "/" in id):
            assert id in reader.edges
        if number == 5:
            assert "stake/softbank-group--nvidia--common" in reader.edges
            reader.page.get_by_test_id("known-toggle").uncheck()
            assert "stake/softbank-group--nvidia--common" not in reader.edges
        panel.get_by_role("button", name="Next" if number < len(steps) - 1 else "Finish").click()
    assert panel.is_hidden()
    other = read("bundled", "step=6&lang=zh")
    assert steps[5]["title_zh"] in other.page.locator("#story").inner_text()
    assert other.ask("highlightedEdges()") == ["stake/softbank-group--nvidia--common"]


@pytest.mark.browser
def test_a_path_brings_in_parties_that_the_overview_leaves_out(read: Read) -> None:
    reader = read("bundled")
    assert "masayoshi-son" not in reader.nodes
    reader.part("path-from").fill("孙正义")
    reader.part("path-to").fill("TSMC")
    reader.part("path-find").click()
    assert reader.part("path-item").count() > 1
    steps = [step.get_attribute("data-edge-id") for step in reader.part("path-step").all()]
    assert set(steps) <= set(reader.edges)
    assert "masayoshi-son" in reader.nodes


@pytest.mark.browser
def test_a_new_link_kind_is_on_the_page_with_its_colour_and_verb(read: Read, data_copy: Path, tmp_path: Path) -> None:
    """A class, a table and a row; not a line of Python or JavaScript."""
    folder = tmp_path / "ontology"
    shutil.copytree(load_ontology().folder, folder)
    declare_lobbying(folder)
    header = "id,lobbyist,lobbied,valid_from,note\n"
    (data_copy / "lobbyings.csv").write_text(f"{header}lobby,openai,us-government,2025-01,\n", encoding="utf-8")
    add_row(data_copy / "evidence.csv", about="lobbying/lobby", source="seed-article", confidence="unverified")
    model = load_ontology(folder)
    store = open_store([data_copy], model, tmp_path / "cache")
    clocks = at("2026-01-01")
    network = CapitalNetwork(store.facts, model, Derived(store.facts, model, clocks), Scope(clocks))
    (link,) = (link for link in network.history() if link.kind.kind == "lobbying")
    file = tmp_path / "page.html"
    html = of_network(network, store.version, subjects.Subject((link,), "capgraph view"))
    file.write_text(html, encoding="utf-8", newline="\n")
    reader = read(file)
    assert reader.edges == ["lobbying/lobby"]
    swatch = reader.part("legend-class-lobbying")
    assert swatch.evaluate("(one) => getComputedStyle(one).color") == "rgb(18, 52, 86)"
    assert "lobbying" in reader.part("legend").inner_text()
    reader.click_edge("lobbying/lobby")
    assert "OpenAI lobbies" in reader.part("evidence-title").inner_text()
    reader.part("lang-toggle").click()
    assert "游说" in reader.part("evidence-title").inner_text()
