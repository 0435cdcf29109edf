"""The sheet that every chart is drawn on: its head, legend, foot, and a place for the drawing, measured in points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capgraph.results import Result
from capgraph.views.charts import lettering
from capgraph.views.charts.theme import FAMILIES, Style, Theme
from capgraph.voice import Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 720.0
MARGIN = 26.0
INNER = WIDTH - 2 * MARGIN

_TITLE, _FINDING, _SMALL, _FOOT = 15.0, 10.0, 8.0, 7.2
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "capgraph",
    "font.family": list(FAMILIES),
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "hatch.linewidth": 0.55,
    "path.simplify": False,
    "savefig.dpi": 200,
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of a legend: how it looks and what it says. ``form``: ``box``, ``line`` or a marker of matplotlib."""

    text: str
    look: Callable[[Theme], Style]
    form: str = "box"


SignRow = list[tuple[float, Sign]]
"""Signs side by side, each with its place from the left."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart ready to be drawn: the answer behind it, its words in one language, and how to draw its body.

    ``finding`` says in a sentence what it shows; it stands below the title and is its text for those who do not see it.
    ``remarks`` stand below the drawing. ``foot`` is the line of clocks, rung, basis, data version and sources.
    """

    kind: str
    result: Result
    voice: Voice
    title: str
    finding: str
    height: float
    paint: Callable[[Canvas], None]
    signs: tuple[Sign, ...] = ()
    remarks: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()


class Canvas:
    """A sheet of one picture in one theme. ``top`` and ``bottom`` bound the body; y runs downwards."""

    def __init__(self, picture: Picture, theme: Theme) -> None:
        from matplotlib.figure import Figure

        self.picture = picture
        self.theme = theme
        self.voice = picture.voice
        heads = lettering.lines(picture.title, INNER, _TITLE, "bold", most=2)
        findings = lettering.lines(picture.finding, INNER, _FINDING, most=4)
        signs = list(_sign_rows(picture.signs))
        remarks = lettering.lines(sentences(picture.remarks, self.voice), INNER, _SMALL)
        foot = [line for text in picture.foot for line in lettering.lines(text, INNER, _FOOT)]
        self.top = 22 + 19 * len(heads) + 14.5 * len(findings) + (6 + 16 * len(signs) if signs else 0) + 8
        self.bottom = self.top + picture.height
        self.height = self.bottom + (11.5 * len(remarks) + 6 if remarks else 0) + 10 + 10 * len(foot) + 12
        self.figure: Figure = Figure(figsize=(WIDTH / 72, self.height / 72), dpi=72, facecolor=theme.paper)
        self.sheet = self._sheet()
        self._head(heads, findings, signs)
        self._foot(remarks, foot)
        picture.paint(self)

    def _sheet(self) -> Axes:
        sheet = self.figure.add_axes((0, 0, 1, 1))
        sheet.set_xlim(0, WIDTH)
        sheet.set_ylim(self.height, 0)
        sheet.set_axis_off()
        # What is written lies on what is drawn.
        sheet.set_zorder(5)
        return sheet

    # Head and foot ---------------------------------------------------------------------------------------------------

    def _head(self, heads: Sequence[str], findings: Sequence[str], signs: Sequence[SignRow]) -> None:
        y = 18.0
        for line in heads:
            y += 19
            self.text(MARGIN, y, line, _TITLE, weight="bold")
        y += 3
        for line in findings:
            y += 14.5
            self.text(MARGIN, y, line, _FINDING, self.theme.muted)
        y += 6
        for row in signs:
            y += 16
            for x, sign in row:
                self._sign(MARGIN + x, y, sign)

    def _sign(self, x: float, y: float, sign: Sign) -> None:
        style = sign.look(self.theme)
        if sign.form == "box":
            self.box(x, y - 8, 15, 8.5, style)
        elif sign.form == "line":
            self.sheet.plot([x, x + 15], [y - 3.5, y - 3.5], **style)
        else:
            self.sheet.plot([x + 7.5], [y - 3.5], marker=sign.form, **style)
        self.text(x + 20, y, sign.text, _SMALL, self.theme.muted)

    def _foot(self, remarks: Sequence[str], foot: Sequence[str]) -> None:
        y = self.bottom
        for line in remarks:
            y += 11.5
            self.text(MARGIN, y, line, _SMALL, self.theme.muted)
        y += 6 if remarks else 0
        y += 8
        self.line([(MARGIN, y), (WIDTH - MARGIN, y)], self.theme.rule, 0.7)
        y += 2
        for line in foot:
            y += 10
            self.text(MARGIN, y, line, _FOOT, self.theme.muted)

    # Marks -----------------------------------------------------------------------------------------------------------

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = _SMALL,
        color: str = "",
        weight: str = "normal",
        align: str = "left",
        room: float = 0,
    ) -> float:
        """Write one line with its baseline at y, cut to the room where one is given; how wide it came out."""
        shown = lettering.cut(text, room, size, weight) if room else lettering.clean(text)
        if not shown:
            return 0
        font = lettering.font(size, weight)
        self.sheet.text(x, y, shown, font=font, color=color or self.theme.ink, ha=align, va="baseline")
        return lettering.width(shown, size, weight)

    def box(self, x: float, y: float, width: float, height: float, style: Style) -> None:
        """A rectangle from its upper left corner."""
        from matplotlib.patches import Rectangle

        self.sheet.add_patch(Rectangle((x, y), width, height, **{"edgecolor": "none", **style}))

    def line(
        self, points: Sequence[tuple[float, float]], color: str, width: float = 0.8, dash: Any = "-", back: bool = False
    ) -> None:
        """A line through points; ``back`` puts it behind all boxes."""
        xs, ys = zip(*points, strict=True)
        order = 0.5 if back else 2
        self.sheet.plot(xs, ys, color=color, linewidth=width, linestyle=dash, solid_capstyle="butt", zorder=order)

    def whisker(self, first: float, last: float, y: float) -> None:
        """The range of a bar that ends at a point: a line with two ends, readable on any fill."""
        strokes = [[(first, y), (last, y)], *([(x, y - 3), (x, y + 3)] for x in (first, last))]
        for color, width in ((self.theme.paper, 2.6), (self.theme.ink, 1.0)):
            for points in strokes:
                self.line(points, color, width)

    def plot(self, x: float, y: float, width: float, height: float) -> Axes:
        """A coordinate system of matplotlib within the sheet, without frame: its upper left corner and size."""
        axes = self.figure.add_axes(
            (x / WIDTH, 1 - (y + height) / self.height, width / WIDTH, height / self.height), facecolor="none"
        )
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0, labelsize=_SMALL, colors=self.theme.muted, pad=4)
        return axes


def joined(parts: Iterable[str], voice: Voice) -> str:
    """The parts that are not empty, with commas between them."""
    return ("，" if voice.lang == "zh" else ", ").join(part for part in parts if part)


def sentences(texts: Sequence[str], voice: Voice) -> str:
    """Sentences one after the other, each with its full stop."""
    stop = "。" if voice.lang == "zh" else "."
    ended = (text if text[-1:] in ".。!?！？" else text + stop for text in texts if text)
    return ("" if voice.lang == "zh" else " ").join(ended)


def _sign_rows(signs: Sequence[Sign]) -> Iterator[SignRow]:
    """The signs of a legend in rows."""
    row: SignRow = []
    x = 0.0
    for sign in signs:
        needed = 20 + lettering.width(lettering.clean(sign.text), _SMALL) * 1.08
        if row and x + needed > INNER:
            yield row
            row, x = [], 0.0
        row.append((x, sign))
        x += needed + 16
    if row:
        yield row


@contextmanager
def settings() -> Iterator[None]:
    """The settings of matplotlib under which charts are drawn and saved; those of the caller are left as they were."""
    import logging
    import warnings

    import matplotlib as mpl

    finder = logging.getLogger("matplotlib.font_manager")
    level = finder.level
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)  # type: ignore[arg-type]
        # A font that this machine lacks is no news: the list names those of all systems.
        finder.setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        try:
            yield
        finally:
            finder.setLevel(level)
