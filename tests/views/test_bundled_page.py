"""The page of the bundled data: its first view can be read, every link of it can be opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.views.reading import Reader

pytestmark = pytest.mark.browser

Read = Callable[..., Reader]


@pytest.mark.parametrize("state", ["", "roles=1"])
def test_a_click_on_each_link_opens_that_link(read: Read, state: str) -> None:
    reader = read("bundled", state)
    assert missed(reader, reader.edges) == []


def test_most_links_can_be_clicked_even_among_all_parties(read: Read) -> None:
    """Some lines are covered there from end to end, until one zooms in."""
    reader = read("bundled", "all=1")
    asked = reader.edges[::20]
    assert len(missed(reader, asked)) <= len(asked) * 0.05


def missed(reader: Reader, links: list[str]) -> list[str]:
    """The links that a click at their point does not open."""
    found = []
    for id in links:
        reader.click_edge(id)
        if reader.selection["edge"] != id:
            found.append(id)
    return found


def test_the_first_view_holds_the_largest_parties_and_all_others_are_one_search_away(read: Read) -> None:
    reader = read("bundled")
    assert 20 <= len(reader.nodes) <= 60
    assert {"openai", "nvidia", "microsoft", "softbank-group"} <= set(reader.nodes)
    assert reader.ask("asOf()") == reader.graph["meta"]["as_of"]
    outside = next(node for node in reader.graph["nodes"] if not node["overview"])
    reader.find(outside["id"])
    reader.page.keyboard.press("Enter")
    assert reader.selection["node"] == outside["id"]
    assert outside["id"] in reader.nodes


def test_every_party_can_be_shown(read: Read) -> None:
    reader = read("bundled")
    before = len(reader.nodes)
    reader.page.locator("#all-toggle").click()
    assert len(reader.nodes) > before * 3
    reader.page.locator("#all-toggle").click()
    assert len(reader.nodes) == before


def test_the_arrangement_by_role_has_no_party_over_another(read: Read) -> None:
    reader = read("bundled", "roles=1")
    points = [reader.node_point(id) for id in reader.nodes]
    for place, one in enumerate(points):
        for other in points[:place]:
            assert abs(one["x"] - other["x"]) >= 40 or abs(one["y"] - other["y"]) >= 22


def test_dates_walk_through_the_whole_history(read: Read) -> None:
    reader = read("bundled")
    last = int(reader.part("time-slider").get_attribute("max") or 0)
    counts = []
    for place in range(0, last, max(1, last // 12)):
        reader.slide(place)
        counts.append(len(reader.edges))
    assert counts[0] < counts[-1]


def test_a_search_in_either_language_opens_the_evidence(read: Read) -> None:
    reader = read("bundled", "lang=zh")
    for text, id in (
        ("软银集团", "softbank-group"),
        ("英伟达", "nvidia"),
        ("NVDA", "nvidia"),
        ("ｏｐｅｎａｉ", "openai"),
    ):
        assert reader.find(text)[0] == id
        reader.page.keyboard.press("Enter")
        assert reader.selection["node"] == id
    reader.find("软银")
    assert reader.part("search-result").count() > 2


def test_the_page_on_a_small_screen(read: Read) -> None:
    reader = read("bundled", width=390, height=844)
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reader.find("nvidia")
    reader.page.keyboard.press("Enter")
    assert reader.part("evidence-title").is_visible()
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
