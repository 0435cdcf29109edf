"""Ask a named question: bind what the user typed, run the query, run the step after it, say which cells are missing."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capgraph import bindings
from capgraph.errors import NotFound, UsageProblem
from capgraph.facts import Facts
from capgraph.ontology import Words
from capgraph.parameters import Term, bound, terms
from capgraph.questions import Question, questions
from capgraph.results import Note, Result, note, section
from capgraph.sparql import Query
from capgraph.steps import STEPS

if TYPE_CHECKING:
    from capgraph.bounded import Limits
    from capgraph.graph import CapitalGraph


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's answer: the facts that its query found and, where a step follows, what that step made of them."""

    question: Question
    facts: Result
    answers: tuple[Result, ...] = ()


def prepare(graph: CapitalGraph, asked: Question, values: Mapping[str, str]) -> tuple[Query, dict[str, list[Term]]]:
    """The query of a question with these values bound, and the terms of all its parameters.

    Raises UsageProblem for a parameter that the question does not have or a value that does not fit, UnknownName and
    AmbiguousName for names.
    """
    known = {parameter.name: parameter for parameter in asked.parameters}
    for name in values:
        if name not in known:
            has = f"it takes: {', '.join(known)}" if known else "it takes none"
            raise UsageProblem(f"{asked.name} has no parameter {name!r}; {has}")
    given = {name: terms(graph, each.type, values.get(name, each.default)) for name, each in known.items()}
    return Query.parse(bound(asked.text, given), asked.name), given


def ask(graph: CapitalGraph, asked: Question, values: Mapping[str, str], limits: Limits | None = None) -> Asked:
    """Run a question: its query, then its step if it has one.

    Parameters
    ----------
    values : what the user typed for the parameters, by name; the others keep their defaults, an empty text leaves one
        open.
    limits : bounds of the query (:class:`capgraph.bounded.Limits`).

    Returns
    -------
    Asked. The facts carry the question's title, its parameters, and notes on the step, on rows that were cut, and on
    cells that are missing.
    """
    query, given = prepare(graph, asked, values)
    reader = bindings.Reader(graph.ontology, graph.network.names)
    head = {"question": asked.title}
    head |= {name: _shown([reader.value(term) for term in found]) for name, found in given.items() if found}
    solutions = bindings.Solutions.read(graph.sparql(query, "tsv", limits))
    notes = [note("query.cut", count=len(solutions.rows))] if solutions.cut else []
    notes += missing(graph.facts, asked.needs, nothing_found=not solutions.rows)
    answers: tuple[Result, ...] = ()
    if asked.step is not None:
        typed = {parameter.name: values.get(parameter.name, parameter.default) for parameter in asked.parameters}
        try:
            answers, told = STEPS[asked.step.name](graph, typed), "question.step"
        except NotFound:
            told = "question.step_empty"
        notes.append(note(told, step=asked.step.words))
    facts = bindings.answer("Answered", head, solutions, reader, graph.context, notes, asked.blank)
    return Asked(asked, facts, answers)


def _shown(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


# What is missing ------------------------------------------------------------------------------------------------------


def missing(facts: Facts, needs: Sequence[str], nothing_found: bool) -> list[Note]:
    """Which of the cells that an answer rests on the data lack: those that are empty everywhere and, where nothing was
    found, how many are filled of each."""
    counts = {need: _filled(facts, need) for need in needs}
    empty = [need for need, (filled, _) in counts.items() if not filled]
    notes = [note("question.empty", cells=", ".join(empty))] if empty else []
    if nothing_found and needs:
        listed = ", ".join(f"{need} {filled}/{rows}" for need, (filled, rows) in counts.items())
        notes.append(note("question.needs", cells=listed))
    return notes


def _filled(facts: Facts, need: str) -> tuple[int, int]:
    """How many cells of a column are filled, or how many readings speak of an aspect, and out of how many rows."""
    table, _, aspect = need.partition(":")
    if aspect:
        rows = facts.table(table)
        return sum(row["aspect"] == aspect for row in rows), len(rows)
    table, _, column = need.partition(".")
    return sum(bool(row[column]) for row in facts.table(table)), len(facts.table(table))


# The list, and how answers look ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """One named question: its number and name, what it asks, its parameters with their defaults, and what follows."""

    number: int
    question: str
    asks: Words
    parameters: str
    then: Words | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions(Result):
    """The named questions of the ontology."""

    questions: tuple[Listed, ...] = section(Listed)


def listing(graph: CapitalGraph) -> Questions:
    """All named questions, in order."""
    rows = [
        Listed(
            each.number,
            each.name,
            each.title,
            " ".join(f"{parameter.name}={_quoted(parameter.default)}" for parameter in each.parameters),
            each.step.words if each.step else "",
        )
        for each in questions(graph.ontology).values()
    ]
    return Questions(questions=tuple(rows), context=graph.context, notes=(note("question.list"),))


def _quoted(default: str) -> str:
    """A default as a shell takes it."""
    return shlex.quote(default) if default else ""


def render(graph: CapitalGraph, asked: Asked, format: str, lang: str, evidence: bool = False) -> str:
    """An answer as text. Tables and Markdown show the facts and then the answers of the step; JSON holds both; JSON
    lines and CSV hold the rows of one: the first answer of the step, the facts where there is none."""
    if format in ("jsonl", "csv"):
        return graph.render((*asked.answers, asked.facts)[0], format, lang, evidence)
    texts = [graph.render(part, format, lang, evidence) for part in (asked.facts, *asked.answers)]
    if format != "json":
        return "\n".join(texts)
    facts, *answers = (json.loads(text) for text in texts)
    document = {"question": asked.question.name, "facts": facts, "answers": answers}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
