"""The looks of every chart: paper, ink and fonts; what is solid, promised and unknown.

Colours that mean something (the layers) come from the ontology. Certainty is never told by colour alone: a fact is
filled, a promise is hatched inside a dashed edge, the unknown is grey hatching without an edge of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from capgraph.ontology import Ontology

CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei")
FAMILIES = (
    *CHINESE,
    "Noto Sans",
    "Segoe UI",
    "Helvetica Neue",
    "Liberation Sans",
    "Arial",
    "Noto Sans CJK JP",
    "DejaVu Sans",
    "sans-serif",
)
"""Fonts in order of preference, Chinese ones first: their Latin letters are good, and one font keeps a line even."""

Style = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Theme:
    """The neutral colours of one theme, and how it fills facts, promises and the unknown."""

    name: str
    paper: str
    ink: str
    muted: str
    rule: str
    faint: str

    def layer(self, ontology: Ontology, layer: str) -> str:
        """The colour of a layer, as the ontology has it for this theme."""
        code = ontology.code("layer", layer)
        return (code["colorDark"] if self.name == "dark" else code["color"]) or self.muted

    def over(self, fill: str) -> str:
        """The text colour that reads best on a fill, black or white.

        >>> LIGHT.over("#0059B3"), LIGHT.over("#FFBE69")
        ('#ffffff', '#12161c')
        """
        return "#ffffff" if contrast(fill, "#ffffff") >= contrast(fill, "#12161c") else "#12161c"

    def solid(self, color: str) -> Style:
        """How a fact is filled."""
        return {"facecolor": color, "edgecolor": "none", "linewidth": 0}

    def promise(self, color: str) -> Style:
        """How a promise is drawn: hatched in its colour inside a dashed edge."""
        return {
            "facecolor": mix(color, self.paper, 0.1),
            "edgecolor": color,
            "linewidth": 0.9,
            "linestyle": (0, (4, 2)),
            "hatch": "/////",
        }

    def unknown(self) -> Style:
        """How what nobody knows is drawn."""
        return {"facecolor": self.faint, "edgecolor": self.muted, "linewidth": 0, "hatch": "\\\\\\\\"}

    def tint(self, color: str) -> Style:
        """How a whole is drawn whose parts stand in it."""
        part = 0.36 if self.name == "dark" else 0.22
        return {"facecolor": mix(color, self.paper, part), "edgecolor": "none", "linewidth": 0}


LIGHT = Theme("light", "#ffffff", "#1b1f24", "#5b6470", "#d5dae0", "#f1f3f5")
DARK = Theme("dark", "#12161c", "#e8ecf1", "#9aa5b1", "#343c47", "#1e242c")


def mix(color: str, paper: str, part: float) -> str:
    """A colour thinned with paper: ``part`` 1 is the colour, 0 the paper.

    >>> mix("#000000", "#ffffff", 0.25)
    '#bfbfbf'
    """
    pairs = zip(_channels(color), _channels(paper), strict=True)
    return "#" + "".join(f"{round(part * one + (1 - part) * other):02x}" for one, other in pairs)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2, from 1 (none) to 21.

    >>> round(contrast("#ffffff", "#0059B3"), 1)
    6.8
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(color: str) -> list[float]:
    return [channel / 255 for channel in _channels(color)]
