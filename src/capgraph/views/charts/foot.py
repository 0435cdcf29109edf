"""The foot of every chart: the clocks, the rung, the basis of its figures, the data version and how many sources."""

from __future__ import annotations

from collections.abc import Iterable

from capgraph.facts import Facts
from capgraph.rendering import context_line
from capgraph.results import Result, reading_ids, source_ids
from capgraph.voice import Voice


def foot(result: Result, facts: Facts, voice: Voice, basis: str = "", measures: Iterable[str] = ()) -> tuple[str, ...]:
    """Two lines: under which clocks, rung and data version the answer was given, then what its figures rest on.

    ``basis`` says what the figures are of; where it is empty the bases ``measures`` are named by their codes.
    """
    named = [voice.ontology.code("basis", code).label[voice.lang] for code in dict.fromkeys(measures) if code]
    bases = basis or ("、" if voice.lang == "zh" else ", ").join(named)
    parts = [voice.say("chart.foot.basis", basis=bases)] if bases else []
    parts.append(voice.say("chart.foot.sources", count=len(sources_behind(result, facts))))
    return context_line(result, voice), ("；" if voice.lang == "zh" else "; ").join(parts)


def sources_behind(result: Result, facts: Facts) -> tuple[str, ...]:
    """The sources that an answer names, and those of the readings behind its figures, each once."""
    rows = (facts.get(reading) for reading in reading_ids(result))
    read = (f"source/{row['source']}" for row in rows if row is not None and row["source"])
    return tuple(dict.fromkeys((*source_ids(result), *read)))
