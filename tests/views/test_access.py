"""The page for everyone: axe-core finds nothing serious, text stands out, colours are told apart."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.views.colours import VISIONS, apart, ciede2000, contrast
from tests.views.reading import Reader

Read = Callable[..., Reader]
AXE = Path(os.environ.get("CAPGRAPH_AXE", REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"))

STATES = ("", "node=lab", "edge=equity-2&table=1", "lang=zh&edge=debt-1&at=2025-06-30&known=1")
SIZES = ((1440, 900), (390, 844))


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core, from npm: ``npm install --no-save axe-core@4``."""
    if not AXE.is_file():
        if {"browser", "all"} & set(os.environ.get("CAPGRAPH_REQUIRE", "").split(",")):
            pytest.fail(f"axe-core is missing at {AXE}")
        pytest.skip("group browser did not run: it needs axe-core from npm")
    return AXE.read_text(encoding="utf-8")


def findings(reader: Reader, axe: str) -> list[str]:
    reader.page.evaluate(axe)
    result: dict[str, Any] = reader.page.evaluate("axe.run(document)")
    return [
        f"{found['id']}: {node['html'][:120]} {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["desk", "hand"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_serious(read: Read, axe: str, theme: str, size: tuple[int, int], state: str) -> None:
    reader = read("small", state, width=size[0], height=size[1], theme=theme)
    assert findings(reader, axe) == []


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["", "node=openai&table=1", "step=2"])
def test_axe_finds_nothing_serious_on_the_bundled_data(read: Read, axe: str, theme: str, state: str) -> None:
    assert findings(read("bundled", state, theme=theme), axe) == []


def rgb(text: str) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in re.findall(r"\d+", text)[:3])
    return red, green, blue


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_layers_stand_out_and_are_told_apart_by_all_eyes(read: Read, theme: str) -> None:
    reader = read("small", theme=theme)
    look = "(name) => getComputedStyle(document.querySelector(`[data-testid='legend-swatch-${name}']`)).color"
    layers = ("equity", "debt", "contract", "people", "dependency", "gossip")
    colours = {layer: rgb(reader.page.evaluate(look, layer)) for layer in layers}
    paper = rgb(reader.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    ink = rgb(reader.page.evaluate("getComputedStyle(document.body).color"))
    assert contrast(paper, ink) >= 4.5
    for layer, colour in colours.items():
        assert contrast(colour, paper) >= 3, layer
    for one, other in itertools.combinations(colours, 2):
        for vision in VISIONS:
            assert apart(colours[one], colours[other], vision) >= 8, (one, other, vision)


def test_colour_differences_follow_the_published_table() -> None:
    """Pairs 1, 7, 17 and 25 of Sharma, Wu and Dalal (2005), table 1."""
    assert round(ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)), 4) == 2.0425
    assert round(ciede2000((50, 0, 0), (50, -1, 2)), 4) == 2.3669
    assert round(ciede2000((50, 2.5, 0), (73, 25, -18)), 4) == 27.1492
    assert round(ciede2000((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387)), 4) == 1.2644
