"""Named questions: SPARQL files that say in a comment header what they ask, in which terms, and what comes after.

A question is a query that runs on any SPARQL engine as it stands. Each parameter is a block ``VALUES ?name { ... }``
that holds its default; asking with another value replaces the terms in that block and nothing else, so what a user
types is always a whole term and never a piece of query text. The header reads::

    # title: Stakes of a party
    # title-zh: 某主体的持股
    # description: ...
    # description-zh: ...
    # parameter party: party = softbank-group ; whose stakes ; 持有人
    # then: look_through(holder=party) ; what runs after the query ; 查询之后的步骤

Where a question needs a walk over the network or a sum beyond SPARQL, ``then`` names the verb of
:class:`~capgraph.graph.CapitalGraph` that does it; the query gives the facts that the verb works on.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from capgraph.clocks import DateSpan
from capgraph.errors import DataProblem, UsageProblem
from capgraph.ontology import Ontology, Words
from capgraph.quads import thing_iri
from capgraph.results import Note, Result, note
from capgraph.schema import is_number
from capgraph.sparql import Query, tokens

if TYPE_CHECKING:
    from capgraph.bounded import Limits
    from capgraph.graph import CapitalGraph

_XSD = "http://www.w3.org/2001/XMLSchema#"
_FILE = re.compile(r"(?:(\d+)-)?(.+)\.rq")
_ENTRY = re.compile(r"#\s*([a-z-]+(?: [a-z_]+)?):\s*(.*)")
_PARAMETER = re.compile(r"(?P<type>[a-z-]+)\s*=\s*(?P<default>[^;]*?)\s*;\s*(?P<en>[^;]+?)\s*;\s*(?P<zh>[^;]+?)\s*")
_STEP = re.compile(r"(?P<verb>[a-z_]+)\((?P<arguments>[^)]*)\)\s*;\s*(?P<en>[^;]+?)\s*;\s*(?P<zh>[^;]+?)\s*")
_CLOCKS = ("as-of", "known-on")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a question may be asked about: its type, its default as a user would type it, its meaning."""

    name: str
    type: str
    default: str
    meaning: Words


@dataclass(frozen=True, slots=True)
class Step:
    """What runs after the query: a verb of the graph, its arguments by parameter name, and what it does in words."""

    verb: str
    arguments: Mapping[str, str]
    words: Words


@dataclass(frozen=True, slots=True)
class Question:
    """A named question. ``number`` is its place in the list, 0 for one of the user's own."""

    name: str
    number: int
    title: Words
    description: Words
    parameters: tuple[Parameter, ...]
    step: Step | None
    text: str
    place: str = ""

    @classmethod
    def read(cls, text: str, name: str, number: int = 0, place: str = "") -> Question:
        """A question from the text of its file. A file without a header is a question without parameters.

        Raises DataProblem for a header that cannot be read, or a parameter that the query does not bind.
        """
        header = dict(_header(text))
        parameters = tuple(_parameter(key.split()[1], entry, place) for key, entry in header.items() if " " in key)
        step = _step(header["then"], place) if "then" in header else None
        title = Words(header.get("title", name), header.get("title-zh", ""))
        description = Words(header.get("description", ""), header.get("description-zh", ""))
        bound = set(values_blocks(text))
        used = set(step.arguments.values()) if step else set()
        for parameter in parameters:
            if parameter.name not in bound | used:
                raise DataProblem(
                    f"{place}: nothing takes the parameter {parameter.name}; add VALUES ?{parameter.name}"
                )
        return cls(name, number, title, description, parameters, step, text, place)


def _header(text: str) -> Iterator[tuple[str, str]]:
    """The entries of the comment lines before the query; a line that starts no entry continues the one before."""
    key, parts = "", [""]
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        entry = _ENTRY.fullmatch(line.strip())
        if entry:
            if key:
                yield key, " ".join(parts)
            key, parts = entry[1], [entry[2]]
        elif key:
            parts.append(line.lstrip("# ").strip())
    if key:
        yield key, " ".join(parts)


def _parameter(name: str, entry: str, place: str) -> Parameter:
    found = _PARAMETER.fullmatch(entry)
    if found is None:
        raise DataProblem(f"{place}: parameter {name}: write `type = default ; meaning ; 含义`")
    if found["type"] not in _READERS and not found["type"].startswith(_CODED):
        raise DataProblem(f"{place}: parameter {name}: there is no type {found['type']!r}")
    return Parameter(name, found["type"], found["default"], Words(found["en"], found["zh"]))


def _step(entry: str, place: str) -> Step:
    found = _STEP.fullmatch(entry)
    if found is None:
        raise DataProblem(f"{place}: then: write `verb(argument=parameter, ...) ; what it does ; 说明`")
    pairs = [pair.split("=", 1) for pair in found["arguments"].split(",") if pair.strip()]
    arguments = {name.strip(): value.strip() for name, value in pairs}
    return Step(found["verb"], arguments, Words(found["en"], found["zh"]))


# The shelf ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def questions(ontology: Ontology) -> Mapping[str, Question]:
    """The named questions of the ontology by name, in order."""
    found = {}
    for file in sorted((ontology.folder / "queries").glob("*.rq")):
        number, name = _FILE.fullmatch(file.name).groups()  # type: ignore[union-attr]
        found[name] = Question.read(file.read_text(encoding="utf-8"), name, int(number or 0), str(file))
    return found


def question(ontology: Ontology, name: str) -> Question:
    """The question of this name or number. Raises UsageProblem with the nearest names."""
    shelf = questions(ontology)
    if name in shelf:
        return shelf[name]
    for found in shelf.values():
        if name.isdecimal() and found.number == int(name):
            return found
    near = difflib.get_close_matches(name, shelf, n=3, cutoff=0.5)
    hint = f" Did you mean {', '.join(near)}?" if near else " `capgraph ask` lists them."
    raise UsageProblem(f"there is no question {name!r}.{hint}")


# Values ---------------------------------------------------------------------------------------------------------------

_CODED = "code-"
"""The type of a parameter that is a code: ``code-`` and the name of its list."""


def _party(graph: CapitalGraph, text: str) -> list[ox.NamedNode | ox.Literal]:
    return [ox.NamedNode(thing_iri(graph.network.names.resolve(text, ("party",))))]


def _parties(graph: CapitalGraph, text: str) -> list[ox.NamedNode | ox.Literal]:
    return [term for name in text.split(",") for term in _party(graph, name.strip())]


def _thing(graph: CapitalGraph, text: str) -> list[ox.NamedNode | ox.Literal]:
    if text not in graph.facts:
        raise UsageProblem(f"there is no {text!r}; name things as kind/id, such as contract/...")
    return [ox.NamedNode(thing_iri(text))]


def _day(graph: CapitalGraph, text: str, first: bool = False) -> list[ox.NamedNode | ox.Literal]:
    """A date as its last day (its first where a period begins); the name of a clock means that clock."""
    if text in _CLOCKS:
        day = graph.clocks.as_of if text == "as-of" else graph.clocks.known_on
    else:
        span = DateSpan.parse(text)
        day = span.first if first else span.last
    return [ox.Literal(day.isoformat(), datatype=ox.NamedNode(f"{_XSD}date"))]


def _numeral(graph: CapitalGraph, text: str) -> list[ox.NamedNode | ox.Literal]:  # noqa: ARG001 (one signature)
    if not is_number(text):
        raise UsageProblem(f"{text!r} is no number; write a plain one such as 0.5 or 10000000000")
    return [ox.Literal(text, datatype=ox.NamedNode(f"{_XSD}decimal"))]


_READERS: Mapping[str, Callable[[CapitalGraph, str], list[ox.NamedNode | ox.Literal]]] = {
    "party": _party,
    "parties": _parties,
    "thing": _thing,
    "date": _day,
    "since": lambda graph, text: _day(graph, text, first=True),
    "number": _numeral,
    "text": lambda _, text: [ox.Literal(text)],
}


def terms(graph: CapitalGraph, parameter: Parameter, text: str) -> list[ox.NamedNode | ox.Literal]:
    """What a user typed for a parameter as RDF terms; nothing typed leaves the parameter open (no terms).

    Names resolve as everywhere. Raises UsageProblem for a value of the wrong type, UnknownName and AmbiguousName.
    """
    if not text:
        return []
    if not parameter.type.startswith(_CODED):
        return _READERS[parameter.type](graph, text)
    scheme = parameter.type.removeprefix(_CODED)
    codes = [graph.ontology.find_code(scheme, each.strip()) for each in text.split(",")]
    if None in codes:
        raise UsageProblem(f"{text!r} is no {scheme}; there are: {', '.join(graph.ontology.codes(scheme))}")
    return [ox.NamedNode(code.iri) for code in codes if code]


def values_blocks(text: str) -> dict[str, list[tuple[int, int]]]:
    """Where the blocks ``VALUES ?name { ... }`` of one variable stand: from behind the brace to before its end."""
    found: dict[str, list[tuple[int, int]]] = {}
    marks = list(tokens(text))
    for word, variable, brace, *_ in zip(marks, marks[1:], marks[2:], strict=False):
        opens = brace.text == "{" and variable.kind == "variable"
        if opens and word.kind == "word" and word.text.upper() == "VALUES":
            end = next((mark.start for mark in marks if mark.text == "}" and mark.start > brace.start), len(text))
            found.setdefault(variable.text[1:], []).append((brace.end, end))
    return found


def bound(text: str, values: Mapping[str, Sequence[ox.NamedNode | ox.Literal]]) -> str:
    """The query with the terms of these parameters in their blocks. An open parameter matches anything (UNDEF).

    >>> bound("ASK { VALUES ?n { 1 } ?s ?p ?n }", {"n": [ox.Literal('a "b" } #')]})
    'ASK { VALUES ?n { "a \\\\"b\\\\" } #" } ?s ?p ?n }'
    """
    cuts = [
        (start, end, " ".join(str(term) for term in values[name]) or "UNDEF")
        for name, places in values_blocks(text).items()
        if name in values
        for start, end in places
    ]
    for start, end, written in sorted(cuts, reverse=True):
        text = f"{text[:start]} {written} {text[end:]}"
    return text


# Asking ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's answer: the facts that its query found and, where a step follows, what that step made of them."""

    question: Question
    facts: Result
    answer: Result | None = None


def prepare(
    graph: CapitalGraph, asked: Question, values: Mapping[str, str]
) -> tuple[Query, dict[str, list[ox.NamedNode | ox.Literal]]]:
    """The query of a question with these values bound, and the terms of all its parameters.

    Raises UsageProblem for a parameter that the question does not have or a value that does not fit.
    """
    known = {parameter.name: parameter for parameter in asked.parameters}
    for name in values:
        if name not in known:
            has = f"it takes: {', '.join(known)}" if known else "it takes none"
            raise UsageProblem(f"{asked.name} has no parameter {name!r}; {has}")
    given = {name: terms(graph, known[name], values.get(name, known[name].default)) for name in known}
    return Query.parse(bound(asked.text, given), asked.name), given


def ask(graph: CapitalGraph, asked: Question, values: Mapping[str, str], limits: Limits | None = None) -> Asked:
    """Run a question: its query, then its step if it has one.

    A step that this installation does not offer is named in a note, and the facts stand alone.
    """
    from capgraph import bindings

    query, given = prepare(graph, asked, values)
    reader = bindings.Reader(graph.ontology, graph.network.names)
    head = {"question": asked.title}
    head |= {name: _shown([reader.value(term) for term in found]) for name, found in given.items()}
    solutions = bindings.Solutions.read(graph.sparql(query, "tsv", limits))
    notes = [note("query.cut", count=len(solutions.rows))] if solutions.cut else []
    then, more = _then(graph, asked, values)
    facts = bindings.answer("Answered", head, solutions, reader, graph.context, [*notes, *more])
    return Asked(asked, facts, then)


def _shown(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


def _then(graph: CapitalGraph, asked: Question, values: Mapping[str, str]) -> tuple[Result | None, list[Note]]:
    if asked.step is None:
        return None, []
    verb = getattr(graph, asked.step.verb, None)
    if verb is None:
        return None, [note("question.step_missing", step=asked.step.words)]
    typed = {parameter.name: values.get(parameter.name, parameter.default) for parameter in asked.parameters}
    arguments = {name: _argument(value, typed) for name, value in asked.step.arguments.items()}
    return verb(**arguments), [note("question.step", step=asked.step.words, verb=asked.step.verb)]


def _argument(written: str, typed: Mapping[str, str]) -> Any:
    """An argument of a verb: a number, a text in quotes, or the value of a parameter."""
    if written[:1] in "\"'":
        return written[1:-1]
    value = typed.get(written, written)
    return int(value) if value.isdecimal() else value
