"""The interactive page against what pyvis makes by default: size, and how soon a browser has it ready."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import Run, run
from benchmarks.tables import Settings, Table, duration, ratio

ABOUT = (
    "The data, and the seeded network of 2,000 parties and 4,000 links that the tests open. pyvis runs with its "
    "defaults, but that its script stands in the file (by default it is fetched from the web, which would be measured "
    "too); it gets names and kinds of links only, our page all figures, readings and sources in both languages. "
    "*Usable*: our page says so itself; a pyvis page moves until its physics have run their iterations and its bar of "
    "progress goes. Both from the start of loading, in headless Chromium without a graphics card or a network."
)

LIMIT = 240.0
_MAKING = 120.0


def measure(settings: Settings) -> Iterator[Table]:
    table = Table(
        "Page", ["network", "made by", "file", "time to make", "time until usable", "of capgraph", "lies still"]
    )
    sizes = ((0, 0),) if settings.quick else ((0, 0), (2_000, 4_000))
    can_open = shutil.which("chromium") is not None and importlib.util.find_spec("playwright") is not None
    if not can_open:
        table.notes.append("No browser was opened: this needs chromium and Playwright.")
    runs: dict[tuple[str, str], Run] = {}
    with tempfile.TemporaryDirectory() as folder:
        for parties, links in sizes:
            name = f"{parties:,} parties, {links:,} links" if parties else "data"
            first = None
            for whose in ("ours", "pyvis"):
                file = str(Path(folder) / f"{whose}-{parties}.html")
                made = run(f"pages:{whose}", _MAKING, file=file, data=settings.data, parties=parties, links=links)
                runs[name, whose], limit = made, LIMIT if whose == "ours" else settings.limit(LIMIT)
                opened = run("pages:opened", limit + 30, file=file, whose=whose, patience=limit) if can_open else Run()
                first = opened if whose == "ours" else first
                table.rows.append([name, _name(whose), *_cells(made, opened, first, whose, limit, can_open)])
                table.faults += [f"{name}, {_name(whose)}: {fault}" for fault in (made.failed, opened.failed) if fault]
                if can_open and whose == "ours" and opened.seconds("readyAt") is None:
                    table.faults.append(f"{name}: our page was not ready within {limit:.0f} s")
    table.notes += _wins(runs)
    yield table


def _wins(runs: dict[tuple[str, str], Run]) -> Iterator[str]:
    """Where pyvis needs less: it carries less, and computes no positions beforehand."""
    for what, told in (("The file of pyvis is smaller", "bytes"), ("pyvis makes its page sooner", "made")):
        names = [
            name
            for (name, whose), made in runs.items()
            if whose == "pyvis" and (made.seconds(told) or 0) < (runs[name, "ours"].seconds(told) or 0)
        ]
        if names:
            yield f"{what}: {', '.join(names)}."


def _name(whose: str) -> str:
    return "capgraph" if whose == "ours" else "pyvis"


def _cells(made: Run, opened: Run, first: Run | None, whose: str, limit: float, can_open: bool) -> Iterator[str]:
    size, seconds, ready = made.found.get("bytes"), made.seconds("made"), opened.seconds("readyAt")
    yield f"{size / 1e6:.2f} MB" if size else "failed"
    yield duration(seconds) if seconds is not None else "failed"
    beyond = f"> {limit:.0f} s" if can_open else "-"
    yield duration(ready) if ready is not None else beyond
    least = first.seconds("readyAt") if first else None
    if whose == "ours" or least is None:
        yield "-"
    else:
        yield ratio(limit if ready is None else ready, least, "> " if ready is None else "")
    still = opened.seconds("stillAt")
    yield "at once" if whose == "ours" else duration(still) if still is not None else beyond
