"""An answer made ready for a page: headings, texts and notes as in a terminal, with links where things are named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from capgraph.names import Name, node_ref
from capgraph.ontology import BASE
from capgraph.readings import Figure
from capgraph.rendering import context_line, headline
from capgraph.results import Result, Statement, Value, header, reading_ids, sections, source_ids
from capgraph.server.things import path_of
from capgraph.voice import Voice

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph


@dataclass(frozen=True, slots=True)
class Section:
    """One table of an answer. ``numbers`` says which columns stand to the right."""

    title: str
    headings: list[str]
    numbers: list[bool]
    rows: list[list[Markup]]


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer of a page."""

    title: str
    context: str
    scalars: list[tuple[str, Markup]]
    told: list[tuple[int, str]]
    sections: list[Section]
    notes: list[str]
    evidence: list[Markup]


def shown(graph: CapitalGraph, result: Result, lang: str, evidence: bool = True) -> Shown:
    """An answer for a page, with the readings and sources behind it."""
    from capgraph.analysis.evidence import statements_behind

    words = Voice(graph.ontology, lang)
    link = _Linker(graph, words)
    behind = statements_behind(graph.network, reading_ids(result), source_ids(result)) if evidence else ()
    told = result.told()
    return Shown(
        title=headline(result, words),
        context=context_line(result, words),
        scalars=[
            (words.heading(name), link.cell(name, value))
            for name, value in header(result).items()
            if _open(result, name)
        ],
        told=[(depth, words.text(line)) for depth, line in told],
        sections=[] if told else [_section(link, *found) for found in sections(result)],
        notes=[words.text(note) for note in result.notes],
        evidence=[link.statement(each) for each in behind],
    )


def _open(result: Any, name: str) -> bool:
    """Whether a field is for reading."""
    return not next(spec.metadata for spec in dataclasses.fields(result) if spec.name == name).get("hide")


def _section(link: _Linker, name: str, rows: tuple[Any, ...], row_type: type[Any] | None) -> Section:
    words = link.words
    title = words.ontology.words(f"section.{name}")
    columns = _columns(row_type) if row_type is not None else []
    columns = [(key, get) for key, get in columns if not rows or any(get(row) not in ("", ()) for row in rows)]
    numbers = [bool(rows) and all(_is_number(get(row)) for row in rows) for _, get in columns]
    cells = [[link.cell(key, get(row)) for key, get in columns] for row in rows]
    return Section(title[words.lang] if title else "", [words.heading(key) for key, _ in columns], numbers, cells)


def _columns(row_type: type[Any]) -> list[tuple[str, Callable[[Any], Any]]]:
    """The columns of a row class that are for reading, those that a figure shows beside itself included."""
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for spec in dataclasses.fields(row_type):
        if spec.metadata.get("hide"):
            continue
        found.append((spec.name, _getter(spec.name)))
        found += [(inner, _getter(spec.name, inner)) for inner in spec.metadata.get("show", ())]
    return found


def _getter(name: str, inner: str = "") -> Callable[[Any], Any]:
    if not inner:
        return lambda row: getattr(row, name)
    return lambda row: "" if getattr(row, name) is None else getattr(getattr(row, name), inner)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (Decimal, int, float, Value, Figure)) and not isinstance(value, bool))


class _Linker:
    """Turns values into HTML: what names a thing of the graph leads to its page."""

    def __init__(self, graph: CapitalGraph, words: Voice) -> None:
        self.graph = graph
        self.words = words

    def cell(self, name: str, value: Any) -> Markup:
        """One value as HTML."""
        if isinstance(value, Name):
            return self.to(node_ref(value.id), value[self.words.lang])
        if isinstance(value, tuple):
            return Markup("、" if self.words.lang == "zh" else ", ").join(self.cell(name, each) for each in value)
        if isinstance(value, str):
            if value.startswith(("https://", "http://")):
                return outward(value)
            return self.to(value, value) if "/" in value else escape(self.words.coded(name, value))
        return escape(self.words.text(value))

    def to(self, ref: str, text: str) -> Markup:
        """A link to a thing of the graph; the bare text where there is no such thing."""
        return _anchor(f"/id/{ref}", text) if ref in self.graph.facts else escape(text)

    def statement(self, told: Statement) -> Markup:
        """What one source says, with links to the reading, to the source and to the document itself."""
        words, separator = self.words, Markup("，" if self.words.lang == "zh" else ", ")
        about = [told.as_of, told.period, words.coded("basis", told.basis), words.coded("confidence", told.confidence)]
        said = [words.text(part) for part in (told.figure, *about) if part]
        parts = [Markup("{}: {}").format(words.text(told.aspect), separator.join(said))] if told.aspect else []
        where = [words.text(part) for part in (told.publisher, told.title, told.published, told.locator) if part]
        parts.append(separator.join(where))
        lead = self.to(told.reading or told.source, told.reading or told.source)
        return Markup("{} {} {}").format(lead, Markup(" · ").join(parts), outward(told.url) if told.url else "")


def _anchor(path: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(path, text)


def outward(url: str) -> Markup:
    """A link that leaves the server, without telling where from; an address that is none of the web stays text."""
    if not url.startswith(("https://", "http://")):
        return escape(url)
    local = path_of(url)
    if local is not None:
        return _anchor(local, url.removeprefix(BASE))
    return Markup('<a href="{}" rel="noopener noreferrer external">{}</a>').format(url, url)


def shown_all(graph: CapitalGraph, results: Sequence[Result], lang: str) -> list[Shown]:
    """Several answers for one page."""
    return [shown(graph, result, lang) for result in results]
