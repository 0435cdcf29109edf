"""The same network as our page and as pyvis draws it by default, and how soon a browser has either ready."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
from tests.views.graphs import many

Told = Iterator[tuple[str, Any]]

CHROMIUM = "/usr/bin/chromium"
_POLL = 0.05
"""Seconds between two looks at a page; the page itself says when it was ready."""

_OURS = """
    window.readyAt = null;
    new MutationObserver((_, watch) => {
        if (document.body?.dataset.ready === 'true') { window.readyAt = performance.now(); watch.disconnect(); }
    }).observe(document, { subtree: true, childList: true, attributes: true });
"""
_PYVIS = """
    window.readyAt = window.stillAt = null;
    Object.defineProperty(window, 'network', {
        configurable: true,
        get() { return this.drawn; },
        set(drawn) {
            this.drawn = drawn;
            drawn.once('stabilizationIterationsDone', () => { window.readyAt = performance.now(); });
            drawn.once('stabilized', () => { window.stillAt = performance.now(); });
        },
    });
"""
"""pyvis keeps its drawing in a global variable; its bar of progress goes when the iterations are done."""


def ours(file: str, data: str, parties: int, links: int) -> Told:
    """``parties`` 0: the data folder."""
    from capgraph import ontology
    from capgraph.graph import load
    from capgraph.views.page import page

    graph = many(parties, links) if parties else None
    bundled = None if parties else load(data or None)
    before = time.perf_counter()
    text = page(graph, ontology.load()) if graph else bundled.view()  # type: ignore[union-attr]
    Path(file).write_text(text, encoding="utf-8", newline="\n")
    yield "made", time.perf_counter() - before
    yield "bytes", Path(file).stat().st_size


def pyvis(file: str, data: str, parties: int, links: int) -> Told:
    """Everything as pyvis does it by default, but that its script is put into the file and not fetched from the web."""
    from pyvis.network import Network

    graph = _plain(data, parties, links)
    yield "parties", len(graph)
    yield "links", graph.number_of_edges()
    before = time.perf_counter()
    drawing = Network(cdn_resources="in_line")
    drawing.from_nx(graph)
    Path(file).write_text(drawing.generate_html(), encoding="utf-8", newline="\n")
    yield "made", time.perf_counter() - before
    yield "bytes", Path(file).stat().st_size


def _plain(data: str, parties: int, links: int) -> nx.MultiDiGraph[str]:
    """Names at the nodes, what ties them at the edges, and nothing else."""
    from capgraph.graph import load

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    if parties:
        told = many(parties, links)
        graph.add_nodes_from((node["id"], {"label": node["label"]}) for node in told["nodes"])
        graph.add_edges_from((edge["source"], edge["target"], {"title": edge["layer"]}) for edge in told["edges"])
        return graph
    network = load(data or None).network
    graph.add_nodes_from((link_end, {"label": network.node(link_end).name.en}) for link in network.links
                         for link_end in (link.source, link.target))  # fmt: skip
    graph.add_edges_from((link.source, link.target, {"title": link.kind.verb.en}) for link in network.links)
    return graph


def opened(file: str, whose: str, patience: float) -> Told:
    """Seconds from the start of loading until a page can be used, in headless Chromium without a network.

    Ours says itself when it is ready. A pyvis page can be used when its physics have run their iterations and the bar
    of progress is gone; it lies still when they are stable.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        window = browser.new_page(viewport={"width": 1440, "height": 900})
        window.route("http**", lambda route: route.abort())
        window.add_init_script(_OURS if whose == "ours" else _PYVIS)
        began = time.monotonic()
        window.goto(Path(file).as_uri(), wait_until="commit")
        for name in ("readyAt",) if whose == "ours" else ("readyAt", "stillAt"):
            while (told := window.evaluate(f"window.{name}")) is None and time.monotonic() - began < patience:
                time.sleep(_POLL)
            if told is not None:
                yield name, told / 1000
        browser.close()
