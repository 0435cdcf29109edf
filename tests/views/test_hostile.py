"""A graph whose every text tries to break out of the page: it is shown as text, and everything works."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from tests.views.graphs import BREAKERS
from tests.views.reading import Reader

pytestmark = pytest.mark.browser

Read = Callable[..., Reader]


def unbroken(reader: Reader) -> bool:
    """No planted script ran, no planted element exists, no prototype was changed."""
    found: bool = reader.page.evaluate(
        """() => window.broken === undefined && {}.polluted === undefined
            && document.querySelectorAll('img, iframe, object, embed, b').length === 0
            && document.querySelectorAll('script').length === 6
            && ![...document.querySelectorAll('*')].some((one) => one.getAttributeNames().some((a) => /^on/.test(a)))"""
    )
    return found


def test_every_link_and_node_can_be_clicked_and_is_shown_as_text(read: Read) -> None:
    reader = read("hostile")
    graph = reader.graph
    assert len(reader.edges) == len(graph["edges"])
    for edge in graph["edges"]:
        reader.click_edge(edge["id"])
        assert reader.selection == {"node": None, "edge": edge["id"]}
    for id in reader.nodes:
        reader.click_node(id)
        assert reader.selection == {"node": id, "edge": None}
    assert unbroken(reader)


def test_only_addresses_of_the_web_become_links(read: Read) -> None:
    reader = read("hostile")
    reader.click_edge("__proto__")
    links = reader.page.eval_on_selector_all("a[href]", "all => all.map((one) => one.getAttribute('href'))")
    outside = [address for address in links if not address.startswith("#")]
    assert len(outside) == 2
    assert all(address.startswith(("https://example.org/", "http://example.org/")) for address in outside)
    assert "javascript:window.broken=1" in reader.part("evidence-panel").inner_text()
    assert reader.part("evidence-source").count() == 7


@pytest.mark.parametrize("id", ["__proto__", "constructor", "with space", "🦄", "a,b&c=d#e%20", "<b>", "软银", "n0"])
def test_odd_ids_live_in_the_address(read: Read, id: str) -> None:
    reader = read("hostile")
    reader.click_node(id)
    other = read("hostile", reader.hash.removeprefix("#"))
    assert other.selection["node"] == id
    reader.click_edge(id)
    other.open(reader.hash.removeprefix("#"))
    other.page.reload()
    other.page.wait_for_selector('body[data-ready="true"]')
    assert other.selection["edge"] == id


def test_search_paths_table_story_and_languages_keep_texts_as_texts(read: Read) -> None:
    reader = read("hostile")
    assert "__proto__" in reader.find("__proto__")
    reader.page.keyboard.press("Enter")
    assert reader.selection["node"] == "__proto__"
    for text in BREAKERS:
        reader.find(text)
    reader.find("N" * 10_000)
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reader.part("path-from").fill("n0")
    reader.part("path-to").fill("e0")
    reader.part("path-find").click()
    assert reader.part("path-item").count() == 8
    reader.part("table-toggle").click()
    assert reader.part("data-row").count() == len(reader.edges)
    reader.page.locator("#story-open").click()
    reader.part("lang-toggle").click()
    reader.part("theme-toggle").click()
    reader.slide(0)
    reader.slide(-1)
    assert unbroken(reader)


def test_exports_neutralise_what_they_carry(read: Read) -> None:
    reader = read("hostile")
    table = list(csv.reader(io.StringIO(reader.download("export-csv").decode("utf-8-sig"), newline="")))
    assert len(table) == len(reader.edges) + 1
    assert all(len(row) == len(table[0]) for row in table)
    amount = table[0].index("amount")
    for row in table[1:]:
        for place, cell in enumerate(row):
            assert place == amount or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    root = ET.fromstring(reader.download("export-svg"))
    for item in root.iter():
        assert not item.tag.endswith(("script", "foreignObject"))
        assert not any(name.lower().startswith("on") or name.endswith("href") for name in item.attrib)
    assert reader.download("export-png").startswith(b"\x89PNG")


def test_a_small_screen_holds_long_names(read: Read) -> None:
    reader = read("hostile", width=390, height=844)
    reader.part("table-toggle").click()
    for id in ("__proto__", "软银"):
        reader.find(id)
        reader.page.keyboard.press("Enter")
        assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
