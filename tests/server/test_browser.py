"""The query page in a real browser: it edits, runs, shows and draws, and asks nobody but its own server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.conftest import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def page(server: Server) -> Iterator[Any]:
    """A page of the server; whatever it asks of others, and whatever it complains of, fails the test."""
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        opened = browser.new_page()
        opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "request",
            lambda asked: None if asked.url.startswith((server.base, "data:")) else complaints.append(asked.url),
        )
        opened.goto(f"{server.base}/query")
        opened.wait_for_selector("body[data-ready]")
        yield opened
        browser.close()
    assert complaints == []


def write(page: Any, text: str) -> None:
    page.evaluate("text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", text)


def run(page: Any) -> str:
    before = page.inner_text("#status")
    page.click("#run")
    page.wait_for_function("before => { const now = document.getElementById('status').textContent; "
                           "return now !== before && !now.includes('…'); }", arg=before)  # fmt: skip
    return str(page.inner_text("#status"))


def test_a_query_is_run_and_shown_as_a_table_and_as_a_graph(page: Any) -> None:
    write(page, "SELECT ?holder ?issuer WHERE { ?s cap:holder ?holder ; cap:issuer ?issuer } ORDER BY ?holder ?issuer")
    assert run(page).startswith("6 rows")
    assert page.inner_text("#table th >> nth=0") == "holder"
    assert page.get_attribute("#table td a >> nth=0", "href").startswith("/id/party/cloud")
    page.click("#as-graph")
    page.wait_for_selector("#graph canvas")
    assert page.get_attribute("#as-graph", "aria-pressed") == "true"


def test_triples_are_drawn_and_a_yes_is_said(page: Any) -> None:
    write(page, "CONSTRUCT { ?a cap:holdsStakeIn ?b } WHERE { ?a cap:holdsStakeIn ?b }")
    assert run(page).startswith("6 triples")
    assert "format=ttl" in page.get_attribute("#files a >> nth=0", "href")
    page.click("#as-graph")
    page.wait_for_selector("#graph canvas")
    write(page, "ASK { party:house a cap:Investor }")
    assert run(page).startswith("yes")


def test_prefixes_are_declared_as_they_are_used(page: Any) -> None:
    write(page, "ASK { stake:x cap:holder party:y }")
    page.wait_for_function(
        "() => document.querySelector('.CodeMirror').CodeMirror.getValue().includes('PREFIX stake:')"
    )
    assert run(page).startswith("no")


def test_an_example_can_be_chosen_and_run(page: Any) -> None:
    page.select_option("#example", "interlocks")
    assert run(page).startswith("1 rows")
