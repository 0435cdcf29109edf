"""Text as a chart needs it: cleaned, measured, broken into lines, cut to a width. All lengths are points."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from capgraph.views.charts.theme import CHINESE, FAMILIES

_BREAKS = re.compile(r"\s+")
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_PIECES = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+|\s+")
_NO_START = set("，。、；：！？）】」』”’%…")
"""Signs that may not begin a line."""


def clean(text: str) -> str:
    """A text that can stand in a drawing: on one line, without control characters and signs that turn the direction.

    >>> clean("a\\tb" + chr(0x202E) + "c" + chr(0))
    'a bc'
    """
    flat = _BREAKS.sub(" ", text).strip()
    return "".join(sign for sign in flat if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def shows_chinese() -> bool:
    """Whether this machine has one of the fonts that can draw Chinese into a PNG (an SVG takes those of its reader)."""
    from matplotlib.font_manager import fontManager

    return bool({*CHINESE, "Noto Sans CJK JP"} & set(fontManager.get_font_names()))


@lru_cache(maxsize=1)
def _renderer() -> Any:
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(8, 8, 72)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=32)
def font(size: float, weight: str = "normal") -> Any:
    """The font of a size and weight."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=list(FAMILIES), size=size, weight=weight)


@lru_cache(maxsize=16384)
def width(text: str, size: float, weight: str = "normal") -> float:
    """How wide a text is drawn with the fonts of this machine."""
    found: float = _renderer().get_text_width_height_descent(text, font(size, weight), False)[0]
    return found


def cut(text: str, room: float, size: float, weight: str = "normal") -> str:
    """The text, cut with an ellipsis where it is wider than the room."""
    whole = clean(text)
    if len(whole) <= 400 and width(whole, size, weight) <= room:
        return whole
    few, many = 0, min(len(whole), 400)
    while few < many:
        middle = (few + many + 1) // 2
        fits = width(whole[:middle].rstrip() + "…", size, weight) <= room
        few, many = (middle, many) if fits else (few, middle - 1)
    return whole[:few].rstrip() + "…"


def lines(text: str, room: float, size: float, weight: str = "normal", most: int = 99) -> list[str]:
    """The text in lines no wider than the room, at most so many; the last is cut where the rest does not fit.

    Latin words stay whole, Chinese breaks anywhere but before a closing sign.
    """
    found: list[str] = []
    line = ""
    pieces = _PIECES.findall(clean(text[:4000]))
    for place, piece in enumerate(pieces):
        if line and piece not in _NO_START and width(line + piece, size, weight) > room:
            if len(found) == most - 1:
                return [*found, cut(line + "".join(pieces[place:]), room, size, weight)]
            found.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*found, cut(line, room + size, size, weight)] if line else found
