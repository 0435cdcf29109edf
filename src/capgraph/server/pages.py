"""The pages that people see: start, search, questions, one thing, the query page, the explorer. HTML, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from capgraph import asking
from capgraph.bounded import Limits
from capgraph.errors import NotFound, UsageProblem
from capgraph.facts import Row, items
from capgraph.names import NAMED_TABLES, node_id
from capgraph.ontology import BASE, Ontology
from capgraph.questions import Question, question, questions
from capgraph.results import Result
from capgraph.schema import CODE, THING
from capgraph.server import shown
from capgraph.sparql import prefixes, with_prefixes
from capgraph.voice import Voice

if TYPE_CHECKING:
    from jinja2 import Environment

    from capgraph.graph import CapitalGraph

Asked = Mapping[str, Any]
Page = Callable[["CapitalGraph", Asked, Limits], str]

DATED = ("as_of", "known_on")
"""The parameters of an address that set the clocks of a page, as their names in Python."""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("capgraph.server", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def _rendered(template: str, graph: CapitalGraph, asked: Asked, **values: Any) -> str:
    """A page from its template, in the asked language, with what every page shows."""
    lang = "zh" if asked.get("lang") == "zh" else "en"
    dated = {name.replace("_", "-"): asked[name] for name in DATED if asked.get(name)}

    words = Voice(graph.ontology, lang)

    def say(key: str, **filled: object) -> str:
        return words.say(f"server.{key}", **filled)

    def address(path: str, **more: object) -> str:
        """A path of this server that keeps the asked clocks."""
        wanted = {**dated, **{name: str(value) for name, value in more.items() if value not in ("", None)}}
        return f"{path}?{urlencode(wanted)}" if wanted else path

    return (
        _environment()
        .get_template(template)
        .render(
            say=say,
            address=address,
            lang=lang,
            language="zh-Hans" if lang == "zh" else "en",
            clocks=graph.clocks,
            version=graph.store.version,
            path=asked.get("path", "/"),
            **values,
        )
    )


def start(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:  # noqa: ARG001 (one signature for all pages)
    """The first page: what the graph holds, and the ways into it."""
    lang = asked.get("lang", "en")
    datasets = [
        dataset.title_zh if lang == "zh" and dataset.title_zh else dataset.title for dataset in graph.facts.datasets
    ]
    held = shown.shown(graph, graph.stats(), lang, evidence=False)
    return _rendered("start.html.j2", graph, asked, held=held, datasets=[title for title in datasets if title])


def find(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:  # noqa: ARG001
    """What a text may mean."""
    text = str(asked.get("text", "")).strip()
    found = shown.shown(graph, graph.find(text), asked.get("lang", "en")) if text else None
    return _rendered("find.html.j2", graph, asked, text=text, found=found)


def question_list(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:  # noqa: ARG001
    """All named questions."""
    return _rendered("questions.html.j2", graph, asked, questions=list(questions(graph.ontology).values()))


def one_question(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:
    """One named question: its form and, when it was sent, its answer.

    A value that does not fit is told beside the form. Raises NotFound where there is no such question.
    """
    try:
        found = question(graph.ontology, asked["name"])
    except UsageProblem as error:
        raise NotFound(str(error)) from error
    known = [parameter.name for parameter in found.parameters]
    typed = {name: value for name, value in asked.get("values", {}).items() if name in known}
    problem, answers, text = "", [], ""
    try:
        text = with_prefixes(asking.prepare(graph, found, typed)[0].text, graph.ontology)
        if asked.get("sent"):
            answered = asking.ask(graph, found, typed, limits)
            answers = shown.shown_all(graph, (answered.facts, *answered.answers), asked.get("lang", "en"))
    except UsageProblem as error:
        problem = str(error)
    return _rendered(
        "question.html.j2", graph, asked, question=found, fields=_fields(found, typed, graph.ontology), text=text,
        answers=answers, problem=problem,
    )  # fmt: skip


def _fields(found: Question, typed: Mapping[str, str], ontology: Ontology) -> list[dict[str, Any]]:
    """The fields of a question's form: what each means, what stands in it, and the codes to choose from."""
    fields = []
    for parameter in found.parameters:
        scheme = parameter.type.removeprefix("code-") if parameter.type.startswith("code-") else ""
        codes = [(code.code, code.label) for code in ontology.codes(scheme).values()] if scheme else []
        value = typed.get(parameter.name, parameter.default)
        fields.append({"name": parameter.name, "meaning": parameter.meaning, "value": value, "codes": codes})
    return fields


def thing(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:  # noqa: ARG001
    """One thing of the graph: for a party its dossier; for anything its cells, figures and the sources behind them.

    Raises NotFound where the graph has no such thing.
    """
    iri, lang = asked["iri"], asked.get("lang", "en")
    if iri.startswith(CODE):
        return _code(graph, asked, iri)
    ref = iri.removeprefix(THING)
    row = graph.facts.get(ref)
    if row is None:
        raise NotFound(f"the graph has no {ref}")
    party = row.table in NAMED_TABLES
    answers: list[Result] = [graph.show(node_id(ref))] if party else []
    answers.append(graph.evidence(ref))
    links = [
        {"text": other.ref, "path": f"/id/{other.ref}"}
        for other in graph.facts.mentions(ref)
        if other.table not in _ABOUT
    ]
    return _rendered(
        "thing.html.j2",
        graph,
        asked,
        iri=iri,
        name=graph.network.names.name(ref)[lang],
        kind=graph.ontology.class_label(graph.facts.schema.tables[row.table].class_iri)[lang],
        cells=_cells(graph, row, lang, ("note",) if party else row.cells),
        links=links[:_MOST_LINKS],
        more=max(0, len(links) - _MOST_LINKS),
        answers=shown.shown_all(graph, answers, lang),
    )


_ABOUT = ("readings", "evidence", "statuses")
"""Tables that tell of things: what they hold stands among the answers already."""
_MOST_LINKS = 200


def _cells(graph: CapitalGraph, row: Row, lang: str, names: Iterable[str]) -> list[dict[str, Any]]:
    """The filled cells of a row with their headings; what a cell refers to, by its name and with its address."""
    table, words, found = graph.facts.schema.tables[row.table], Voice(graph.ontology, lang), []
    for column in (table.column(name) for name in names if row.cells.get(name)):
        parts = []
        for member in items(column, row[column.name]):
            ref = column.refers_to(member) if column.type == "reference" else ""
            label = graph.ontology.code(column.scheme, member).label[lang] if column.scheme else member
            parts.append((graph.network.names.name(ref)[lang] if ref else label, f"/id/{ref}" if ref else ""))
        told = graph.ontology.words(f"field.{column.name}")
        heading = words.heading(column.name) if told else graph.ontology.label(column.predicate, lang)
        found.append({"heading": heading, "parts": parts, "web": column.type == "url"})
    return found


def _code(graph: CapitalGraph, asked: Asked, iri: str) -> str:
    scheme, _, notation = iri.removeprefix(CODE).partition("/")
    code = graph.ontology.find_code(scheme, notation)
    if code is None:
        raise NotFound(f"there is no code {notation!r} in the list {scheme!r}")
    siblings = list(graph.ontology.codes(scheme).values())
    return _rendered("code.html.j2", graph, asked, iri=iri, code=code, siblings=siblings)


def query_page(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:
    """The page with the SPARQL editor."""
    text = with_prefixes(str(asked.get("text", "")).strip() or _FIRST_QUERY, graph.ontology)
    return _rendered("query.html.j2", graph, asked, text=text, seconds=asked.get("seconds", limits.seconds))


_FIRST_QUERY = """SELECT ?holder ?percent WHERE {
  ?stake cap:holder ?holder ; cap:issuer party:openai ; cap:stands true ; cap:percent ?percent .
}
ORDER BY DESC(?percent) ?holder
"""


def query_data(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:  # noqa: ARG001
    """What the query page's script needs, as JSON: prefixes, the named questions as examples, words."""
    lang = "zh" if asked.get("lang") == "zh" else "en"
    examples = [
        {"name": each.name, "title": each.title[lang], "text": with_prefixes(each.text, graph.ontology)}
        for each in questions(graph.ontology).values()
    ]
    words = {key: graph.ontology.say(f"server.query.{key}", lang) for key in _SCRIPT_WORDS}
    document = {"base": BASE, "prefixes": dict(prefixes(graph.ontology)), "examples": examples, "words": words}
    return json.dumps(document, ensure_ascii=False)


_SCRIPT_WORDS = ("running", "rows", "triples", "yes", "no", "failed", "took", "nothing", "cut")


def explorer(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:  # noqa: ARG001
    """The interactive page of the whole graph."""
    return graph.view(lang=asked.get("lang", "en"))


def problem(graph: CapitalGraph, asked: Asked, limits: Limits) -> str:  # noqa: ARG001
    """What went wrong, as a page."""
    return _rendered("problem.html.j2", graph, asked, status=asked["status"], message=asked["message"])


PAGES: Mapping[str, Page] = {
    "start": start,
    "find": find,
    "questions": question_list,
    "question": one_question,
    "thing": thing,
    "query": query_page,
    "query-data": query_data,
    "explorer": explorer,
    "problem": problem,
}
"""Every page by name."""
