"""Two thousand parties and four thousand links: how large the page is, how soon it is ready, how fast it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from capgraph.errors import UsageProblem
from capgraph.ontology import Ontology
from capgraph.views.page import page
from tests.views.graphs import many
from tests.views.reading import Reader

Read = Callable[..., Reader]
MILLION = 1_000_000


def test_the_file_is_small_enough(pages: Callable[[str], Path]) -> None:
    assert pages("many").stat().st_size <= 6 * MILLION


@pytest.mark.browser
def test_it_is_ready_and_answers_in_time(read: Read, pages: Callable[[str], Path]) -> None:
    pages("many")
    began = time.monotonic()
    reader = read("many")
    assert time.monotonic() - began <= 8
    assert len(reader.edges) == 4_000
    began = time.monotonic()
    assert reader.find("party 77")
    reader.part("search-input").press("Enter")
    settle(reader)
    assert time.monotonic() - began <= 1.5
    assert reader.selection["node"]
    for place in (20, 21, 100, 5, -1):
        began = time.monotonic()
        reader.slide(place)
        settle(reader)
        assert time.monotonic() - began <= 1.5, place


def settle(reader: Reader) -> None:
    """Wait until the browser has drawn what changed."""
    reader.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.browser
def test_links_among_many_can_still_be_clicked(read: Read) -> None:
    reader = read("many")
    reader.find("party 700")
    reader.page.keyboard.press("Enter")
    for id in reader.ask("highlightedEdges()")[:5]:
        reader.click_edge(id)
        assert reader.selection["edge"] == id


def test_more_links_than_a_page_is_made_for_are_refused_with_the_way_out(model: Ontology) -> None:
    with pytest.raises(UsageProblem, match=r"20000 links .*--all"):
        page(many(3_000, 20_000), model)


@pytest.mark.browser
@pytest.mark.slow
def test_more_links_are_drawn_when_asked_for(read: Read, model: Ontology, tmp_path: Path) -> None:
    file = tmp_path / "all.html"
    file.write_text(page(many(3_000, 20_000), model, everything=True), encoding="utf-8", newline="\n")
    assert len(read(file, wait=60).edges) == 20_000
