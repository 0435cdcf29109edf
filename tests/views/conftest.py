"""Pages to test, and a browser that reads them from disk with the network shut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from capgraph.graph import CapitalGraph
from capgraph.ontology import Ontology
from capgraph.views.page import page
from tests.views import graphs
from tests.views.reading import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LAUNCH = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, model: Ontology) -> Callable[[str], Path]:
    """The pages by name, each built once."""
    folder = tmp_path_factory.mktemp("pages")

    def built(name: str) -> Path:
        file = folder / f"{name}.html"
        if not file.exists():
            file.write_text(_html(name, model), encoding="utf-8", newline="\n")
        return file

    return built


def _html(name: str, model: Ontology) -> str:
    if name == "bundled":
        from capgraph.graph import load

        return load().view()
    graph: dict[str, Any] = {
        "small": graphs.small,
        "late": graphs.late,
        "hostile": graphs.hostile,
        "many": graphs.many,
    }[name]()
    return page(graph, model)


@pytest.fixture(scope="session")
def whole(bundled: CapitalGraph) -> str:
    """The page of the bundled data."""
    return bundled.view()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium; it makes no request of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(LAUNCH))
        yield opened
        opened.close()


@pytest.fixture
def read(browser: Browser, pages: Callable[[str], Path]) -> Iterator[Callable[..., Reader]]:
    """Open a page; at the end of the test it must have made no request, no message and no error."""
    readers: list[Reader] = []

    def opened(name: str | Path, fragment: str = "", **options: Any) -> Reader:
        file = name if isinstance(name, Path) else pages(name)
        readers.append(Reader(browser, file, fragment, **options))
        return readers[-1]

    yield opened
    for reader in readers:
        reader.close()
        assert reader.complaints == []
