"""What the page promises to people, screen readers and scripts, on a graph small enough to check by hand."""

from __future__ import annotations

import csv
import io
import itertools
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, Literal

import pytest

from tests.views.reading import Reader

pytestmark = pytest.mark.browser

Read = Callable[..., Reader]
LAYERS = ("equity", "debt", "contract", "people", "dependency", "gossip")


def come(date: str, asked: str) -> bool:
    shared = min(len(date), len(asked))
    return date[:shared] <= asked[:shared]


def expected(graph: dict[str, Any], at: str) -> set[str]:
    """The rule of the contract: begun, and not ended."""
    return {
        edge["id"]
        for edge in graph["edges"]
        if (not edge["date"] or come(edge["date"], at)) and not (edge["end"] and come(edge["end"], at))
    }


# Ready, and the scripting object --------------------------------------------------------------------------------------


def test_the_first_view_shows_every_link_of_the_last_day(read: Read) -> None:
    reader = read("small")
    assert set(reader.edges) == expected(reader.graph, reader.ask("asOf()"))
    assert reader.ask("asOf()") == "2026-02-01"
    assert set(reader.nodes) == {"house", "lab", "chips", "cloud", "bank", "son"}
    assert reader.selection == {"node": None, "edge": None}
    assert reader.ask("highlightedEdges()") == []
    assert reader.part("time-label").inner_text() == "2026-02-01"


def test_the_scripting_object_cannot_be_changed(read: Read) -> None:
    reader = read("small")
    assert reader.ask("version") == 1
    assert reader.page.evaluate("Object.isFrozen(window.graphView)")
    assert reader.page.evaluate("(() => { window.graphView = 1; return typeof window.graphView; })()") == "object"
    reader.page.evaluate("window.graphView.visibleEdges().length = 0")
    assert reader.edges


def test_what_is_not_shown_has_no_point(read: Read) -> None:
    reader = read("small")
    assert reader.ask('nodePoint("far")') is None
    assert reader.ask('nodePoint("nobody")') is None
    assert reader.ask('edgePoint("equity-ended")') is None
    assert reader.ask('edgePoint("nothing")') is None


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_fit_uses_the_canvas_and_keeps_nodes_apart(read: Read, width: int, height: int) -> None:
    reader = read("small", width=width, height=height)
    reader.ask("fit()")
    frame = reader.part("graph-canvas").bounding_box()
    assert frame is not None
    points = [reader.node_point(id) for id in reader.nodes]
    for axis, room in (("x", frame["width"]), ("y", frame["height"])):
        places = [point[axis] for point in points]
        assert max(places) - min(places) >= 0.45 * room
        assert min(places) >= frame[axis]
        assert max(places) <= frame[axis] + room
    for one, other in itertools.combinations(points, 2):
        assert abs(one["x"] - other["x"]) + abs(one["y"] - other["y"]) >= 14


def test_every_element_of_the_contract_is_there(read: Read) -> None:
    reader = read("small")
    for name in (
        "graph-canvas", "search-input", "legend", "time-slider", "time-label", "path-from", "path-to", "path-find",
        "table-toggle", "export-png", "export-svg", "export-csv", "share-link", "theme-toggle", "lang-toggle", "reset",
        "status", *(f"layer-toggle-{layer}" for layer in LAYERS), *(f"legend-swatch-{layer}" for layer in LAYERS),
    ):  # fmt: skip
        assert reader.part(name).count() == 1, name
    for name in ("search-results", "evidence-panel", "path-list"):
        assert reader.part(name).count() == 1, name
    canvas = reader.part("graph-canvas")
    assert canvas.get_attribute("tabindex") == "0"
    assert canvas.get_attribute("role")
    assert "Small world" in (canvas.get_attribute("aria-label") or "")
    assert reader.part("search-input").get_attribute("role") == "combobox"
    assert reader.part("search-results").get_attribute("role") == "listbox"
    assert reader.part("evidence-panel").get_attribute("role") == "region"
    assert reader.part("evidence-panel").get_attribute("aria-label")
    assert reader.part("status").get_attribute("role") == "status"
    assert reader.part("time-slider").get_attribute("type") == "range"
    assert "2026-02-01" in (reader.part("time-slider").get_attribute("aria-valuetext") or "")
    words = reader.part("status").inner_text()
    assert "6 parties" in words
    assert "14 links" in words or "15 links" in words
    assert "2026-02-01" in words


# Search ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("lab", "lab"), ("LAB", "lab"), ("ＬＡＢ", "lab"), ("实验", "lab"), ("9984", "house"), ("９９８４", "house"),
        ("ハウス", "house"), ("ﾊｳｽ", "house"), ("nvdx", "chips"), ("rst ba", "bank"), ("bank", "bank"), ("孙", "son"),
    ],
)  # fmt: skip
def test_search_matches_any_name_in_any_form(read: Read, text: str, first: str) -> None:
    reader = read("small")
    assert reader.find(text)[0] == first
    reader.page.keyboard.press("Enter")
    assert reader.selection == {"node": first, "edge": None}
    assert reader.part("evidence-title").is_visible()
    frame = reader.part("graph-canvas").bounding_box()
    assert frame is not None
    for id in reader.nodes:
        near = {edge["target"] for edge in reader.graph["edges"] if edge["source"] == first} | {first}
        if id in near:
            point = reader.node_point(id)
            assert frame["x"] <= point["x"] <= frame["x"] + frame["width"]
            assert frame["y"] <= point["y"] <= frame["y"] + frame["height"]


def test_arrows_move_in_the_results_and_escape_closes_them(read: Read) -> None:
    reader = read("small")
    results = reader.find("a")
    assert len(results) > 2
    reader.page.keyboard.press("ArrowDown")
    reader.page.keyboard.press("ArrowDown")
    marked = reader.page.locator('[data-testid=search-result][aria-selected="true"]')
    assert marked.get_attribute("data-node-id") == results[1]
    assert reader.part("search-input").get_attribute("aria-activedescendant") == marked.get_attribute("id")
    reader.page.keyboard.press("ArrowUp")
    reader.page.keyboard.press("Enter")
    assert reader.selection["node"] == results[0]
    reader.find("a")
    reader.page.keyboard.press("Escape")
    assert reader.part("search-results").is_hidden()
    assert reader.part("search-input").get_attribute("aria-expanded") == "false"
    assert reader.selection["node"] == results[0]


def test_a_result_can_be_clicked(read: Read) -> None:
    reader = read("small")
    reader.find("chips")
    reader.part("search-result").first.click()
    assert reader.selection["node"] == "chips"


def test_a_search_for_nobody_selects_nobody(read: Read) -> None:
    reader = read("small")
    assert reader.find("zzz") == []
    reader.page.keyboard.press("Enter")
    assert reader.selection["node"] is None


def test_a_party_without_shown_links_is_found_and_shown_while_selected(read: Read) -> None:
    reader = read("small")
    reader.find("far away")
    reader.page.keyboard.press("Enter")
    assert "far" in reader.nodes
    assert reader.node_point("far")
    reader.page.keyboard.press("Escape")
    reader.part("graph-canvas").focus()
    reader.page.keyboard.press("Escape")
    assert "far" not in reader.nodes


# Clicks ---------------------------------------------------------------------------------------------------------------


def test_a_click_on_each_link_opens_that_link(read: Read) -> None:
    reader = read("small")
    for id in reader.edges:
        reader.click_edge(id)
        assert reader.selection == {"node": None, "edge": id}
        assert reader.ask("highlightedEdges()") == [id]
        assert reader.part("evidence-title").is_visible()


def test_evidence_of_a_link_is_amount_date_status_and_sources(read: Read) -> None:
    reader = read("small")
    reader.click_edge("equity-1")
    title = reader.part("evidence-title").inner_text()
    assert "House" in title
    assert "Lab" in title
    assert reader.part("evidence-amount").inner_text() == "USD 22.5 bn"
    assert reader.part("evidence-date").inner_text() == "2025-12"
    assert "announced" in reader.part("evidence-status").inner_text()
    sources = reader.part("evidence-source").all()
    assert [item.get_attribute("href") for item in sources] == [
        "https://example.org/Announcement", "https://example.org/Second report",
    ]  # fmt: skip
    assert all("noopener" in (item.get_attribute("rel") or "") for item in sources)


@pytest.mark.parametrize(
    ("link", "amount"),
    [("equity-3", "undisclosed"), ("debt-1", "USD 8.5 bn (USD 8 bn–USD 9 bn)"), ("equity-2", "11 %"),
     ("debt-2", "JPY 1 bn")],
)  # fmt: skip
def test_amounts_carry_their_currency_range_and_ignorance(read: Read, link: str, amount: str) -> None:
    reader = read("small", f"edge={link}")
    assert reader.part("evidence-amount").inner_text() == amount


def test_an_undated_link_is_always_shown_and_says_so(read: Read) -> None:
    reader = read("small")
    reader.slide(0)
    assert "debt-undated" in reader.edges
    reader.click_edge("debt-undated")
    assert reader.part("evidence-date").inner_text() == "undated"


def test_a_click_on_a_node_lists_its_links_and_a_click_on_nothing_clears(read: Read) -> None:
    reader = read("small")
    reader.click_node("lab")
    assert reader.selection == {"node": "lab", "edge": None}
    own = {edge["id"] for edge in reader.graph["edges"] if "lab" in (edge["source"], edge["target"])}
    assert set(reader.ask("highlightedEdges()")) == own & set(reader.edges)
    listed = reader.part("evidence-panel").inner_text()
    assert all(name in listed for name in ("House", "First Bank", "Chips", "Cloud"))
    frame = reader.part("graph-canvas").bounding_box()
    assert frame is not None
    reader.click_at({"x": frame["x"] + 6, "y": frame["y"] + 6})
    assert reader.selection == {"node": None, "edge": None}
    assert reader.part("evidence-title").count() == 0


# Time -----------------------------------------------------------------------------------------------------------------


def test_each_stop_of_the_slider_shows_what_had_begun_and_not_ended(read: Read) -> None:
    reader = read("small")
    graph = reader.graph
    stops = int(reader.part("time-slider").get_attribute("max") or 0) + 1
    for place in range(stops):
        at = reader.slide(place)
        assert set(reader.edges) == expected(graph, at), at
        shown = [edge for edge in graph["edges"] if edge["id"] in reader.edges]
        assert set(reader.nodes) == {end for edge in shown for end in (edge["source"], edge["target"])}
        assert reader.part("time-label").inner_text() == at
        assert at in (reader.part("time-slider").get_attribute("aria-valuetext") or "")
    assert at == "2026-02-01"


def test_the_first_stop_shows_only_the_earliest_links(read: Read) -> None:
    reader = read("small")
    assert reader.slide(0) == "1981-09-03"
    assert set(reader.edges) == {"people-1", "debt-undated"}


def test_the_slider_answers_to_keys(read: Read) -> None:
    reader = read("small")
    reader.part("time-slider").focus()
    reader.page.keyboard.press("Home")
    assert reader.ask("asOf()") == "1981-09-03"
    reader.page.keyboard.press("End")
    assert reader.ask("asOf()") == "2026-02-01"


def test_figures_follow_the_slider_and_the_known_on_switch(read: Read) -> None:
    reader = read("small", "edge=equity-2")
    amount = reader.part("evidence-amount")
    assert amount.inner_text() == "11 %"
    reader.slide_to("2025-12-01")
    assert amount.inner_text() == "9 %"
    reader.slide_to("2025-03-15")
    assert amount.inner_text() == "undisclosed"
    reader.page.get_by_test_id("known-toggle").check()
    reader.slide_to("2025-06-30")
    assert amount.inner_text() == "9 %"
    reader.slide(-1)
    assert amount.inner_text() == "11 %"


def test_the_known_on_switch_hides_what_was_not_yet_public(read: Read) -> None:
    reader = read("late")
    assert set(reader.edges) == {"early", "late", "silent"}
    reader.page.get_by_test_id("known-toggle").check()
    assert set(reader.edges) == {"early", "silent"}
    reader.slide(0)
    assert set(reader.edges) == {"early"}
    assert "public then" in reader.part("status").inner_text()
    reader.page.get_by_test_id("known-toggle").uncheck()
    assert set(reader.edges) == {"early", "late", "silent"}


# Layers and state -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_an_unticked_layer_is_hidden_and_comes_back(read: Read, layer: str) -> None:
    reader = read("small")
    before, graph = set(reader.edges), reader.graph
    own = {edge["id"] for edge in graph["edges"] if edge["layer"] == layer}
    reader.part(f"layer-toggle-{layer}").uncheck()
    assert set(reader.edges) == before - own
    reader.part(f"layer-toggle-{layer}").check()
    assert set(reader.edges) == before


def test_layers_time_selection_and_theme_combine(read: Read) -> None:
    reader = read("small")
    reader.part("layer-toggle-debt").uncheck()
    reader.slide_to("2024-06-01")
    reader.part("theme-toggle").click()
    reader.click_node("house")
    graph = reader.graph
    debts = {edge["id"] for edge in graph["edges"] if edge["layer"] == "debt"}
    assert set(reader.edges) == expected(graph, "2024-06-01") - debts
    assert set(reader.ask("highlightedEdges()")) <= set(reader.edges)
    assert reader.selection["node"] == "house"


def test_an_address_restores_the_whole_state_without_filling_the_history(read: Read) -> None:
    reader = read("small")
    before = reader.page.evaluate("history.length")
    reader.part("layer-toggle-debt").uncheck()
    reader.slide_to("2025-09-22")
    reader.part("lang-toggle").click()
    reader.part("theme-toggle").click()
    reader.click_edge("equity-2")
    assert reader.page.evaluate("history.length") == before
    state = (reader.edges, reader.selection, reader.ask("asOf()"))
    other = read("small", reader.hash.removeprefix("#"))
    assert (other.edges, other.selection, other.ask("asOf()")) == state
    assert other.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert other.page.evaluate("document.documentElement.lang").startswith("zh")
    assert not other.part("layer-toggle-debt").is_checked()
    assert "母公司" in other.part("evidence-title").inner_text()
    other.page.evaluate("location.hash = ''")
    other.page.wait_for_function("window.graphView.selection().edge === null")
    assert other.ask("asOf()") == "2026-02-01"


@pytest.mark.parametrize(
    "fragment",
    ["%", "node=%zz&edge=%zz", "at=9999", "at=0000", "layers-off=%E0%A4%A", "node=nobody", "&&=&", "step=99"],
)
def test_a_broken_address_opens_the_page_all_the_same(read: Read, fragment: str) -> None:
    assert read("small", fragment).edges


def test_reset_returns_to_the_first_view(read: Read) -> None:
    reader = read("small")
    before = (reader.edges, reader.nodes)
    reader.part("layer-toggle-equity").uncheck()
    reader.slide(0)
    reader.part("table-toggle").click()
    reader.part("reset").click()
    assert (reader.edges, reader.nodes) == before
    assert reader.part("layer-toggle-equity").is_checked()
    assert reader.selection == {"node": None, "edge": None}
    assert reader.ask("asOf()") == "2026-02-01"
    assert reader.part("table-toggle").get_attribute("aria-pressed") == "false"
    assert reader.hash == ""


def test_the_link_to_share_is_copied(read: Read) -> None:
    reader = read("small", "node=lab")
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.part("share-link").click()
    reader.page.wait_for_timeout(100)
    assert reader.page.evaluate("navigator.clipboard.readText()").endswith("#node=lab")


# Paths ----------------------------------------------------------------------------------------------------------------


def find_paths(reader: Reader, one: str, other: str) -> list[list[str]]:
    reader.part("path-from").fill(one)
    reader.part("path-to").fill(other)
    reader.part("path-find").click()
    return [
        [str(step.get_attribute("data-edge-id")) for step in item.get_by_test_id("path-step").all()]
        for item in reader.part("path-item").all()
    ]


def test_paths_are_simple_and_shortest_first(read: Read) -> None:
    reader = read("small")
    paths = find_paths(reader, "孙", "NVDX")
    assert 1 <= len(paths) <= 8
    assert [len(path) for path in paths] == sorted(len(path) for path in paths)
    assert len(paths[0]) == 2
    ends = {edge["id"]: {edge["source"], edge["target"]} for edge in reader.graph["edges"]}
    for path in paths:
        assert set(path) <= set(reader.edges)
        assert len({tuple(sorted(ends[id])) for id in path}) == len(path)
    assert reader.ask("highlightedEdges()") == paths[0]
    assert len({tuple(path) for path in paths}) == len(paths)


def test_a_step_says_ends_money_layer_amount_and_date(read: Read) -> None:
    reader = read("small")
    find_paths(reader, "lab", "cloud")
    step = reader.part("path-step").first.inner_text()
    assert all(word in step for word in ("Lab", "Cloud", "from Lab to Cloud", "contract", "USD 300 bn", "2025-07"))


def test_another_path_can_be_activated(read: Read) -> None:
    reader = read("small")
    paths = find_paths(reader, "bank", "lab")
    assert len(paths) > 1
    reader.part("path-item").nth(1).get_by_role("button").first.click()
    assert reader.ask("highlightedEdges()") == paths[1]


def test_paths_respect_what_is_shown_and_say_that_there_is_none(read: Read) -> None:
    reader = read("small")
    reader.part("layer-toggle-people").uncheck()
    assert find_paths(reader, "son", "lab") == []
    assert "Son" in reader.part("path-list").inner_text()
    assert find_paths(reader, "nobody at all", "lab") == []
    assert "nobody at all" in reader.part("path-list").inner_text()
    assert find_paths(reader, "lab", "lab") == []
    assert reader.part("path-list").inner_text()


# Keyboard -------------------------------------------------------------------------------------------------------------


def test_everything_is_reached_by_tab_with_a_visible_mark(read: Read) -> None:
    reader = read("small")
    seen: list[str] = []
    for _ in range(70):
        reader.page.keyboard.press("Tab")
        name, marked = reader.page.evaluate(
            """() => { const at = document.activeElement; const look = getComputedStyle(at);
                const marked = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 1;
                return [at.dataset.testid || at.id || at.tagName, marked]; }"""
        )
        if name == "BODY":
            break
        assert marked, name
        seen.append(name)
    for name in ("search-input", "table-toggle", "layer-toggle-equity", "path-from", "path-find", "export-png",
                 "graph-canvas", "time-slider", "reset", "share-link", "theme-toggle", "lang-toggle"):  # fmt: skip
        assert name in seen, name
    assert seen.index("search-input") < seen.index("graph-canvas") < seen.index("time-slider")


def test_the_canvas_is_driven_by_keys(read: Read) -> None:
    reader = read("small")
    reader.part("graph-canvas").focus()
    reader.page.keyboard.press("ArrowRight")
    first = reader.selection["node"]
    assert first
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        reader.page.keyboard.press(key)
        assert reader.selection["node"]
    moved = {first}
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        reader.page.keyboard.press(key)
        moved.add(reader.selection["node"])
    assert len(moved) > 2
    reader.page.keyboard.press("Enter")
    inside = "document.querySelector('[data-testid=evidence-panel]').contains(document.activeElement)"
    assert reader.page.evaluate(inside)
    reader.page.keyboard.press("Escape")
    assert reader.selection == {"node": None, "edge": None}


def test_a_slash_goes_to_the_search(read: Read) -> None:
    reader = read("small")
    reader.part("graph-canvas").focus()
    reader.page.keyboard.press("/")
    assert reader.page.evaluate("document.activeElement.dataset.testid") == "search-input"
    reader.page.keyboard.type("a/b")
    assert reader.part("search-input").input_value() == "a/b"


# Table and exports ----------------------------------------------------------------------------------------------------


def rows(reader: Reader) -> list[str | None]:
    return [row.get_attribute("data-edge-id") for row in reader.part("data-row").all()]


def test_the_table_is_always_in_step_with_the_drawing(read: Read) -> None:
    reader = read("small")
    assert reader.part("data-table").count() == 0
    reader.part("table-toggle").click()
    assert reader.part("table-toggle").get_attribute("aria-pressed") == "true"
    assert sorted(map(str, rows(reader))) == sorted(reader.edges)
    assert reader.part("data-table").locator("caption").inner_text()
    assert reader.part("data-table").locator("thead th").count() >= 5
    for place in (0, 3, 6, -1):
        reader.slide(place)
        assert sorted(map(str, rows(reader))) == sorted(reader.edges)
    reader.part("layer-toggle-equity").uncheck()
    assert sorted(map(str, rows(reader))) == sorted(reader.edges)
    reader.page.locator('[data-edge-id="contract-2"] button').click()
    assert reader.selection["edge"] == "contract-2"
    assert reader.part("evidence-amount").inner_text() == "USD 300 bn"


def test_the_csv_has_a_row_for_each_shown_link(read: Read) -> None:
    reader = read("small")
    data = reader.download("export-csv")
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert sorted(row["id"] for row in table) == sorted(reader.edges)
    (row,) = (row for row in table if row["id"] == "contract-2")
    assert (row["source"], row["target"], row["amount"], row["currency"]) == ("cloud", "lab", "300000000000", "USD")


def test_the_svg_is_well_formed_with_labels_as_text_and_without_script(read: Read) -> None:
    reader = read("small")
    root = ET.fromstring(reader.download("export-svg"))
    texts = [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"House", "Lab", "Chips", "Cloud", "First Bank", "Son"} <= set(texts)
    for item in root.iter():
        assert not item.tag.endswith("script")
        assert not any(name.lower().startswith("on") for name in item.attrib)


def test_the_png_is_the_canvas_on_the_background_of_the_theme(read: Read) -> None:
    for theme, background in (("light", (255, 255, 255)), ("dark", (18, 22, 28))):
        reader = read("small", theme=theme)
        data = reader.download("export-png")
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        shade = reader.page.evaluate(
            """async (bytes) => { const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
                const canvas = new OffscreenCanvas(image.width, image.height); const pen = canvas.getContext('2d');
                pen.drawImage(image, 0, 0); return [...pen.getImageData(2, 2, 1, 1).data]; }""",
            list(data),
        )
        assert tuple(shade) == (*background, 255)


# Looks ----------------------------------------------------------------------------------------------------------------


def test_the_theme_follows_the_system_until_it_is_toggled(read: Read) -> None:
    reader = read("small", theme="dark")
    assert theme_after(reader, "light") == "light"
    assert theme_after(reader, "dark") == "dark"
    reader.part("theme-toggle").click()
    assert theme_after(reader, "light") == "light"
    assert theme_after(reader, "dark") == "light"


def theme_after(reader: Reader, wish: Literal["light", "dark"]) -> str:
    reader.page.emulate_media(color_scheme=wish)
    reader.page.wait_for_timeout(150)
    theme: str = reader.page.evaluate("document.documentElement.dataset.theme")
    return theme


def test_the_language_changes_all_words(read: Read) -> None:
    reader = read("small", "node=lab")
    reader.part("lang-toggle").click()
    assert reader.part("evidence-title").inner_text() == "实验室"
    assert reader.page.evaluate("document.documentElement.lang").startswith("zh")
    assert reader.page.locator("h1").inner_text() == "小世界"
    reader.part("lang-toggle").click()
    assert reader.part("evidence-title").inner_text() == "Lab"


def test_a_small_screen_does_not_scroll_sideways_and_stays_usable(read: Read) -> None:
    reader = read("small", width=390, height=844)
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert reader.page.evaluate(wide)
    reader.find("lab")
    reader.page.keyboard.press("Enter")
    assert reader.part("evidence-title").is_visible()
    assert reader.page.evaluate(wide)
    reader.part("table-toggle").click()
    reader.part("data-row").first.scroll_into_view_if_needed()
    assert reader.part("data-row").first.is_visible()
    assert reader.page.evaluate(wide)
