"""Pictures as files: SVG whose text stays text, PNG, and an HTML page with both themes and the table beneath.

The same picture gives the same bytes: nothing of the machine's clock, user or order of memory enters a file. (The
fonts of a machine do: where others are installed, widths come out otherwise.)
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from capgraph import recording
from capgraph.rendering import grid, statement_line
from capgraph.results import Statement, sections
from capgraph.views.charts import lettering
from capgraph.views.charts.canvas import Canvas, Picture, sentences, settings
from capgraph.views.charts.theme import DARK, LIGHT, Theme

FORMATS = ("svg", "png", "html")

_XML_HEAD = re.compile(r".*?<svg ", re.DOTALL)


def svg(picture: Picture, theme: Theme = LIGHT) -> str:
    """The picture as SVG, with its title and finding for those who cannot see it."""
    out = io.StringIO()
    with settings():
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        Canvas(picture, theme).figure.savefig(out, format="svg", metadata=metadata, facecolor=theme.paper)
    lang = "zh-CN" if picture.voice.lang == "zh" else "en"
    opening = f'<svg lang="{lang}" role="img" aria-labelledby="chart-title chart-desc" '
    recorded = recording.record(picture.result.context)
    opening += f"{recording.ATTRIBUTE}={quoteattr(recorded)} " if recorded else ""
    body = _XML_HEAD.sub(lambda _: opening, out.getvalue(), count=1)
    head, rest = body.split(">", 1)
    title, finding = (escape(lettering.clean(text)) for text in (picture.title, told(picture)))
    words = f'<title id="chart-title">{title}</title>\n <desc id="chart-desc">{finding}</desc>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}>\n {words}{rest.rstrip()}\n'


def png(picture: Picture, theme: Theme = LIGHT) -> bytes:
    """The picture as PNG, with its title and finding among the file's texts."""
    out = io.BytesIO()
    with settings():
        about = {
            "Software": None,
            "Title": lettering.clean(picture.title),
            "Description": lettering.clean(told(picture)),
        }
        recorded = recording.record(picture.result.context)
        about |= {recording.COMMENT: recorded} if recorded else {}
        Canvas(picture, theme).figure.savefig(out, format="png", metadata=about, facecolor=theme.paper)
    return out.getvalue()


def html(picture: Picture, evidence: Sequence[Statement] = ()) -> str:
    """The picture in a page of its own: both themes, its words, every table of the answer, no script and no request.

    ``evidence`` is listed below, each statement with a link to its source.
    """
    from jinja2 import Environment, PackageLoader

    pages = Environment(
        loader=PackageLoader("capgraph.views.charts", "."), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    images = {theme.name: _address(svg(picture, theme)) for theme in (LIGHT, DARK)}
    voice = picture.voice
    return pages.get_template("page.html.j2").render(
        lang="zh-CN" if voice.lang == "zh" else "en",
        picture=picture,
        told=lettering.clean(told(picture)),
        images=images,
        tables=list(_tables(picture)),
        notes=[voice.text(note) for note in picture.result.notes],
        evidence=[(statement_line(told, voice), told.url) for told in evidence],
        light=LIGHT,
        dark=DARK,
        say=voice.say,
        recorded=recording.record(picture.result.context),
    )


def told(picture: Picture) -> str:
    """What the picture says, for those who do not see it: its finding, and what stands below it."""
    return sentences((picture.finding, *picture.remarks), picture.voice)


def _address(drawing: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()


def _tables(picture: Picture) -> Iterator[dict[str, Any]]:
    """Every section of the answer that has rows, as headings and cells."""
    voice = picture.voice
    for name, rows, row_type in sections(picture.result):
        if rows and row_type is not None:
            headings, cells, numeric = grid(rows, row_type, voice)
            title = voice.ontology.words(f"section.{name}")
            yield {
                "title": title[voice.lang] if title else voice.say("chart.table"),
                "headings": list(zip(headings, numeric, strict=True)),
                "rows": [list(zip(line, numeric, strict=True)) for line in cells],
            }
