"""One reader of one page: what is on it, and the hands to use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Point = dict[str, float]


class Reader:
    """A window with one page, ready to use.

    ``complaints`` gathers every request beyond the file itself, every console message and every page error.
    """

    def __init__(
        self, browser: Browser, file: Path, fragment: str = "", width: int = 1440, height: int = 900,
        theme: str = "light", wait: float = 20, scripts: tuple[Path, ...] = (),
    ) -> None:  # fmt: skip
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            accept_downloads=True,
            bypass_csp=bool(scripts),
        )
        self.address = file.as_uri()
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self._requested(request.url))
        self.page.on("console", lambda message: self.complaints.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.open(fragment, wait)

    def _requested(self, url: str) -> None:
        if not url.startswith((self.address, "blob:", "data:")):
            self.complaints.append(f"request: {url}")

    def open(self, fragment: str = "", wait: float = 20) -> None:
        self.page.goto(self.address + (f"#{fragment}" if fragment else ""))
        self.page.wait_for_selector('body[data-ready="true"]', timeout=wait * 1000)

    def close(self) -> None:
        self.context.close()

    # What is there

    def part(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def ask(self, expression: str, argument: Any = None) -> Any:
        """A member of the scripting object: ``visibleEdges()``."""
        return self.page.evaluate(f"(given) => window.graphView.{expression}", argument)

    @property
    def edges(self) -> list[str]:
        found: list[str] = self.ask("visibleEdges()")
        return found

    @property
    def nodes(self) -> list[str]:
        found: list[str] = self.ask("visibleNodes()")
        return found

    @property
    def selection(self) -> dict[str, str | None]:
        found: dict[str, str | None] = self.ask("selection()")
        return found

    @property
    def graph(self) -> dict[str, Any]:
        text = self.page.evaluate('document.getElementById("graph-data").textContent')
        graph: dict[str, Any] = json.loads(text)
        return graph

    @property
    def hash(self) -> str:
        text: str = self.page.evaluate("location.hash")
        return text

    def node_point(self, id: str) -> Point:
        point: Point = self.ask("nodePoint(given)", id)
        return point

    def edge_point(self, id: str) -> Point:
        point: Point = self.ask("edgePoint(given)", id)
        return point

    # The hands

    def click_at(self, point: Point) -> None:
        self.page.mouse.click(point["x"], point["y"])

    def click_edge(self, id: str) -> None:
        self.click_at(self.edge_point(id))

    def click_node(self, id: str) -> None:
        self.click_at(self.node_point(id))

    def slide(self, place: int) -> str:
        """Move the slider to a place (negative from the end); the date there."""
        self.page.evaluate(
            """(place) => {
                const slider = document.querySelector('[data-testid=time-slider]');
                slider.value = String(place < 0 ? Number(slider.max) + 1 + place : place);
                slider.dispatchEvent(new Event('input', {bubbles: true}));
                slider.dispatchEvent(new Event('change', {bubbles: true}));
            }""",
            place,
        )
        date: str = self.ask("asOf()")
        return date

    def slide_to(self, date: str) -> None:
        """Move the slider to the stop whose date this is."""
        for place in range(int(self.part("time-slider").get_attribute("max") or 0) + 1):
            if self.slide(place) == date:
                return
        raise AssertionError(f"the slider has no stop {date}")

    def find(self, text: str) -> list[str | None]:
        """Type into the search; the ids of the results."""
        self.part("search-input").fill(text)
        return [result.get_attribute("data-node-id") for result in self.part("search-result").all()]

    def download(self, test_id: str) -> bytes:
        with self.page.expect_download() as started:
            self.part(test_id).click()
        return Path(started.value.path()).read_bytes()
