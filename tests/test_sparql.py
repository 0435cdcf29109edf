"""The text of a query: what it is, what is refused before it runs, where it is wrong."""

from __future__ import annotations

import time

import pyoxigraph as ox
import pytest

from capgraph.ontology import Ontology
from capgraph.schema import CAP, CODE, THING
from capgraph.sparql import (
    MOST_CHARACTERS,
    Query,
    QueryProblem,
    RemoteRefused,
    UpdateRefused,
    first_wrong,
    prefixes,
    syntax_problem,
    tokens,
    with_prefixes,
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "select"),
        ("# insert nothing\nselect * {}", "select"),
        ("BASE <a:>\nPREFIX insert: <b:>\nPREFIX : <c:>\nASK {}", "ask"),
        ("construct where { ?s ?p ?o }", "construct"),
        ("DESCRIBE <a:b>", "describe"),
        ('VERSION "1.2" ASK {}', "ask"),
    ],
)
def test_the_form_is_the_first_word_after_the_prologue(text: str, form: str) -> None:
    assert Query.parse(text).form == form


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:b> <a:b> <a:b> }",
        "PREFIX select: <a:>\nDELETE WHERE { ?s ?p ?o }",
        "LOAD <http://example.org/>",
        "CLEAR ALL", "DROP ALL", "CREATE GRAPH <a:b>",
        "COPY <a:b> TO <a:c>", "MOVE <a:b> TO <a:c>", "ADD <a:b> TO <a:c>",
        "WITH <a:b> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)  # fmt: skip
def test_an_update_is_refused(update: str) -> None:
    with pytest.raises(UpdateRefused, match="read-only"):
        Query.parse(update)


@pytest.mark.parametrize(
    "remote",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { service silent ?where { ?s ?p ?o } }",
        "SELECT * { FILTER(1<2)SERVICE<http://127.0.0.1/>{?s ?p ?o} }",
        "SELECT * { ?s ?p '#' . SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p <a:#> . SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { FILTER EXISTS { { SELECT * { SERVICE <a:b> {} } } } }",
    ],
)
def test_a_query_that_would_ask_another_machine_is_refused(remote: str) -> None:
    with pytest.raises(RemoteRefused):
        Query.parse(remote)


@pytest.mark.parametrize(
    "harmless",
    [
        "SELECT ?service { ?service ?p 'SERVICE' } # SERVICE",
        "PREFIX service: <a:>\nSELECT * { ?s service:SERVICE <a:SERVICE> }",
        'SELECT * { ?s ?p """one\n"SERVICE" \\""" two""" }',
        "SELECT * { ?s ?p 'x'@service }",
    ],
)
def test_a_word_inside_a_name_a_text_or_a_comment_is_no_keyword(harmless: str) -> None:
    assert Query.parse(harmless).form == "select"


def test_a_query_that_names_graphs_asks_those_and_no_union() -> None:
    assert Query.parse("SELECT ?from { ?from ?p ?o }").union
    assert not Query.parse("SELECT * FROM NAMED <a:b> { GRAPH ?g { ?s ?p ?o } }").union


@pytest.mark.parametrize("nothing", ["", "  \n", "# only a comment"])
def test_no_query_is_told_as_such(nothing: str) -> None:
    with pytest.raises(QueryProblem, match="there is no query"):
        Query.parse(nothing)


def test_a_text_that_is_no_query_is_told_with_its_place() -> None:
    with pytest.raises(QueryProblem, match=r"my\.rq:2:1: a query starts with SELECT") as caught:
        Query.parse("\nMATCH (n) RETURN n", "my.rq")
    assert (caught.value.line, caught.value.column) == (2, 1)


def test_a_query_of_many_megabytes_is_refused_unread() -> None:
    with pytest.raises(QueryProblem, match="longer than"):
        Query.parse("ASK {}" + " " * MOST_CHARACTERS)


@pytest.mark.parametrize(
    ("part", "letters"),
    [
        *((part, 40_000) for part in ("a.a", '"""x', "<a", "{", "\\u0053", "?", '"')),
        *((part, 400_000) for part in ("'a\\", "a:.", ":.")),
    ],
)
def test_reading_grows_in_proportion_to_the_text(part: str, letters: int) -> None:
    """Three times the text takes three times the work, with twice the room; quadratic reading would take nine times.

    Texts that are one token are long ones: below some 100,000 letters its memory comes from a cheaper place.
    """
    small, large = (part * (size // len(part)) for size in (letters, 3 * letters))
    assert sum(len(token.text) for token in tokens(large)) <= len(large)
    assert work(large) <= 6 * work(small)


def work(text: str) -> float:
    """Processor seconds that reading a text takes this thread, the least of five: neither the machine's other work
    nor that of a store's own threads is in them."""

    def once() -> float:
        before = time.thread_time()
        for _ in tokens(text):
            pass
        return time.thread_time() - before

    return min(once() for _ in range(5))


# Places ---------------------------------------------------------------------------------------------------------------


def problem(text: str, prefixes: dict[str, str] | None = None) -> QueryProblem:
    """What becomes of the engine's complaint."""

    def complaint(part: str) -> str | None:
        try:
            ox.Store().query(part, prefixes=prefixes)
        except SyntaxError as error:
            return str(error)
        return None

    said = complaint(text)
    assert said is not None
    return syntax_problem(Query.parse(text), said, first_wrong(text, complaint), prefixes or ())


@pytest.mark.parametrize(
    ("wrong", "token"),
    [
        ("ASK { ?s ?p ¦}", "}"),
        ("ASK ¦) { ?s ?p ?o }", ")"),
        ("ASK { ?s ?p ?o ¦?x }", "?x"),
        ("SELECT ?x ¦WHER { ?x ?y ?z }", "WHER"),
        ("SELECT ?x\nWHERE {\n  ?x ?y ?软银 .\n  FILTER(?x ¦}", "}"),
        ("SELECT ?x { ?x ?y ?z } ORDER ¦?x", "?x"),
        ("SELECT (COUNT(?x) ¦?n) { ?x ?y ?z }", "?n"),
        ("SELECT ?x { ?x ?y ?z } LIMIT ¦ten", "ten"),
        ("ASK {} ¦ASK {}", "ASK"),
        ("SELECT ?x { ?x ?y 'text' ¦'text' }", "'text'"),
    ],
)
def test_an_error_names_the_first_token_that_does_not_fit(wrong: str, token: str) -> None:
    before = wrong.split("¦")[0]
    found = problem(wrong.replace("¦", ""))
    assert (found.line, found.column) == (before.count("\n") + 1, len(before.split("\n")[-1]) + 1)
    said, line, pointer = str(found).split("\n")
    assert said == f'query:{found.line}:{found.column}: not valid SPARQL at "{token}"'
    assert line[pointer.index("^") :].startswith(token)


@pytest.mark.parametrize("broken", ["ASK {", "ASK { ?s ?p ?o . FILTER(", "SELECT ?x WHERE", "ASK { ?s ?p ?o } LIMIT"])
def test_a_query_that_breaks_off_is_told_so(broken: str) -> None:
    assert "at the end of the query" in str(problem(broken))


def test_a_prefix_that_nobody_declared_is_the_one_that_is_shown() -> None:
    found = problem("ASK { ?s a cap:Stake ; foo:bar ?o }", {"cap": CAP})
    assert str(found).startswith('query:1:24: nobody declared the prefix of "foo:bar"')
    assert "not valid" in str(problem("ASK { _:b a cap:Stake . ?s ?p }", {"cap": CAP})), "a blank node has no prefix"


def test_the_reason_of_the_engine_is_passed_on_where_it_is_a_sentence() -> None:
    assert "The SELECT contains a variable that is unbound" in str(problem("SELECT ?x { ?x ?p ?o } GROUP BY ?p"))


def test_a_long_line_is_cut_around_the_place() -> None:
    shown = str(problem("ASK { " + "?s ?p ?o . " * 40 + "?s ?p }")).split("\n")
    assert len(shown[1]) <= 112
    assert shown[1][shown[2].index("^")] == "}"


# Prefixes -------------------------------------------------------------------------------------------------------------


def test_every_kind_and_every_code_list_has_a_prefix(model: Ontology) -> None:
    known = prefixes(model)
    assert known["party"] == f"{THING}party/"
    assert known["rung"] == f"{CODE}rung/"
    assert known["cap"] == CAP
    assert set(model.schema.by_kind) | set(model.schemes) <= set(known)


def test_where_a_kind_and_a_code_list_share_a_name_the_prefix_means_the_codes(model: Ontology) -> None:
    for name in set(model.schema.by_kind) & set(model.schemes):
        assert prefixes(model)[name] == f"{CODE}{name}/"


def test_a_query_with_its_prefixes_runs_on_an_engine_that_knows_none(model: Ontology) -> None:
    text = "PREFIX rung: <a:b>\nSELECT ?x { ?x cap:rung rung:signed ; cap:holder party:softbank-group ; a _:b }"
    whole = with_prefixes(text, model)
    assert whole.startswith("PREFIX cap:   <")
    assert "code/rung" not in whole, "what the query declares itself stays"
    ox.Store().query(whole)
    assert with_prefixes(whole, model) == whole
