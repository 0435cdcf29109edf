"""A party over time: bars for what it held, owed and contracted, marks for what it paid and got.

A bar is filled while a thing was signed or in force and hatched while it was only promised; a gap is not held. Where a
date is known only to the month or year, the days in question are pale. Payments are triangles (a purchase, a sale) or
diamonds, hollow while they are promises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from capgraph.errors import NotFound
from capgraph.facts import Facts
from capgraph.names import Name
from capgraph.views.charts.bars import Layout, Painter, form_of, hatched, mark_look
from capgraph.views.charts.canvas import Picture, Sign, sentences
from capgraph.views.charts.episodes import Episode, Episodes, episodes, repeated
from capgraph.views.charts.foot import foot
from capgraph.views.charts.lanes import Line, lines_of, window_of, within
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

_TOP = 26


def ask(graph: CapitalGraph, party: str) -> Episodes:
    """The answer that the chart draws. Raises NotFound where the party has nothing that a date is known of."""
    result = episodes(graph.network, graph.party(party), graph.context)
    if not any(row.begins for row in result.episodes) and not any(row.when for row in result.payments):
        raise NotFound(
            f"the data know of no stake, loan, contract or payment of {party} by {graph.clocks.as_of}, as far as was "
            f"public on {graph.clocks.known_on}; there is nothing to draw"
        )
    return result


def picture(
    result: Episodes, facts: Facts, voice: Voice, *, start: str | None = None, end: str | None = None, top: int = _TOP
) -> Picture:
    """The timeline of an answer: the ``top`` largest lines, from ``start`` to ``end`` (default: ten years back, and as
    far ahead as known ends lie)."""
    clocks = result.context.clocks
    lines = lines_of(result, voice)
    window = window_of(lines, clocks.as_of, start, end)
    seen = [line for line in lines if within(line, window)]
    if not seen:
        raise NotFound(f"nothing of {result.party.en} lies between {window[0]} and {window[1]}; choose other days")
    largest = sorted(seen, key=lambda line: (-line.size, line.first, line.label))[:top]
    shown = [line for line in seen if line in largest]
    layout = Layout(shown, window, clocks.as_of)
    return Picture(
        kind="timeline",
        result=result,
        voice=voice,
        title=voice.say("chart.timeline.title", party=result.party),
        finding=_finding(result, voice),
        height=layout.height,
        paint=lambda canvas: Painter(canvas, layout).paint(),
        signs=tuple(_signs(shown, voice)),
        remarks=tuple(_remarks(len(lines) - len(shown), voice)),
        foot=foot(result, facts, voice, basis=voice.say("chart.timeline.basis")),
    )


def _finding(result: Episodes, voice: Voice) -> str:
    told = [_twice(result.party, issuer, rows, voice) for issuer, rows in list(repeated(result).items())[:2]]
    counts = {layer: sum(row.layer == layer for row in result.episodes) for layer in ("equity", "debt", "contract")}
    promised = sum(row.promise for row in result.episodes)
    told.append(voice.say("chart.timeline.finding", party=result.party, promised=promised, **counts))
    return sentences(told, voice)


def _twice(party: Name, issuer: Name, rows: Sequence[Episode], voice: Voice) -> str:
    times = [
        voice.say("chart.timeline.time" if row.end else "chart.timeline.since", start=row.start, end=row.end)
        for row in rows
    ]
    joined = ("；" if voice.lang == "zh" else "; ").join(times)
    return voice.say("chart.timeline.twice", party=party, issuer=issuer, count=len(rows), times=joined)


def _signs(lines: Sequence[Line], voice: Voice) -> Iterator[Sign]:
    ontology = voice.ontology
    for layer in dict.fromkeys(line.layer for line in lines):
        yield Sign(
            ontology.code("layer", layer).label[voice.lang],
            lambda theme, layer=layer: theme.solid(theme.layer(ontology, layer)),  # type: ignore[misc]
        )
    if any(hatched(row) for line in lines for row in line.bars):
        yield Sign(voice.say("chart.timeline.sign.promised"), lambda theme: theme.promise(theme.muted))
    yield Sign(voice.say("chart.timeline.sign.inexact"), lambda theme: theme.tint(theme.muted))
    marks = [mark for line in lines for mark in line.marks]
    for form, key in (("^", "buys"), ("v", "sells"), ("D", "pays")):
        if any(form_of(mark) == form for mark in marks):
            yield Sign(
                voice.say(f"chart.timeline.sign.{key}"), lambda theme: mark_look(theme, theme.ink, made=True), form
            )
    if any(not mark.made for mark in marks):
        yield Sign(voice.say("chart.timeline.sign.hollow"), lambda theme: mark_look(theme, theme.ink, made=False), "D")


def _remarks(left_out: int, voice: Voice) -> Iterator[str]:
    if left_out:
        yield voice.say("chart.timeline.left_out", count=left_out)
