"""Charts: one picture a module, each drawn from the answer of the question that it shows.

A module of a kind has two functions: ``ask`` puts the question to the graph, ``picture`` turns the answer into a
:class:`~capgraph.views.charts.canvas.Picture` in one language. The answer is also the table beside the picture. The
keyword arguments of both are the options of the kind: of ``ask`` those that change the answer, of ``picture`` those
that change only how it is drawn.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capgraph.errors import UsageProblem
from capgraph.results import Result, Statement, reading_ids, source_ids
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph
    from capgraph.views.charts.canvas import Picture

KINDS: Mapping[str, tuple[str, str]] = {
    "owners": ("owners", "COMPANY"),
    "timeline": ("timeline", "PARTY"),
    "promises": ("promises", "[PARTY]"),
    "exposure": ("exposure", "[PARTY...]"),
    "funding": ("funding", "PARTY"),
    "loop": ("loop", ""),
    "had-held": ("hadheld", "HOLDER ISSUER"),
}
"""Every kind of chart: the module that draws it, and the names that it takes."""

FORMATS = ("svg", "png", "html")


@dataclass(frozen=True)
class Chart:
    """One chart: the answer that it draws, ready for any format and language."""

    kind: str
    result: Result
    graph: CapitalGraph
    looks: Mapping[str, Any]

    def picture(self, lang: str = "en") -> Picture:
        """The picture with its words in one language. Raises NotFound where there is nothing to draw."""
        voice = Voice(self.graph.ontology, lang)
        found: Picture = _module(self.kind).picture(self.result, self.graph.facts, voice, **self.looks)
        return found

    def render(self, format: str = "svg", lang: str = "en", evidence: bool = False) -> bytes:
        """The chart as a file of one format; with ``evidence`` an HTML page lists what stands behind the figures.

        Raises UsageProblem for a format that there is not.
        """
        from capgraph.views.charts import saving

        if format not in FORMATS:
            raise UsageProblem(f"{format!r} is no format of a chart; there are: {', '.join(FORMATS)}")
        picture = self.picture(lang)
        if format == "png":
            return saving.png(picture)
        if format == "svg":
            return saving.svg(picture).encode()
        return saving.html(picture, self._behind() if evidence else ()).encode()

    def _behind(self) -> tuple[Statement, ...]:
        """What sources say behind the figures."""
        from capgraph.analysis.evidence import statements_behind

        return tuple(statements_behind(self.graph.network, reading_ids(self.result), source_ids(self.result)))

    def table(self, lang: str = "en") -> str:
        """The figures of the chart as CSV: the main section of its answer, as every command writes it."""
        return self.graph.render(self.result, "csv", lang)

    def evidence(self, lang: str = "en") -> str:
        """Every reading and source behind the figures as CSV."""
        return self.graph.render(self.result, "csv", lang, evidence=True)


def chart(graph: CapitalGraph, kind: str, *names: str, **asked: Any) -> Chart:
    """A chart of a kind about the named parties, with the options of that kind.

    Raises UsageProblem for an unknown kind, or names and options that it does not take, NotFound where there is
    nothing to draw.
    """
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageProblem(f"{kind!r} is no kind of chart; there are: {', '.join(KINDS)}.{hint}")
    module = _module(kind)
    questions, looks = _options(module.ask), _options(module.picture)
    _check(kind, asked, [*questions, *looks])
    question = {name: value for name, value in asked.items() if name in questions}
    try:
        inspect.signature(module.ask).bind(graph, *names, **question)
    except TypeError as error:
        needs = f"these names: {KINDS[kind][1]}" if KINDS[kind][1] else "no names"
        raise UsageProblem(f"a chart of {kind} takes {needs}; {len(names)} were given") from error
    result = module.ask(graph, *names, **question)
    return Chart(kind, result, graph, {name: value for name, value in asked.items() if name in looks})


def _options(function: Callable[..., Any]) -> list[str]:
    """The names of the keyword arguments of a function."""
    return [name for name, spec in inspect.signature(function).parameters.items() if spec.kind is spec.KEYWORD_ONLY]


def _check(kind: str, asked: Iterable[str], own: Sequence[str]) -> None:
    """Raise UsageProblem for an option that a kind does not have."""
    for name in asked:
        if name not in own:
            told = f"its options are: {', '.join(map(_option, own))}" if own else "it has no options"
            raise UsageProblem(f"a chart of {kind} takes no {_option(name)}; {told}")


def _option(name: str) -> str:
    """An option as the command line has it."""
    return {"start": "--from", "end": "--to"}.get(name, f"--{name}")


def _module(kind: str) -> Any:
    return importlib.import_module(f"capgraph.views.charts.{KINDS[kind][0]}")
