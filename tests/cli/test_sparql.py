"""`capgraph query`: where the query comes from, in which form the answer leaves, with which exit code."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.cli.test_commands import Answer, call, shell

__all__ = ["call"]

FUNDS = "SELECT ?party { ?party cap:kind party-kind:fund } ORDER BY ?party"


def ids(answer: Answer) -> list[str]:
    return [json.loads(line)["party"] for line in answer.out.splitlines()]


def test_a_query_comes_from_an_option_a_file_or_standard_input(
    call: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "funds.rq"
    file.write_text(f"\ufeff# 基金\n{FUNDS}", encoding="utf-8")
    by_option = ids(call("query", "-q", FUNDS, "-f", "jsonl"))
    assert "vision-fund-2" in by_option
    assert ids(call("query", str(file), "-f", "jsonl")) == by_option
    for source in (["-"], []):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FUNDS.encode())))
        assert ids(call("query", *source, "-f", "jsonl")) == by_option


def test_the_formats_of_the_w3c_are_those_of_the_w3c(call: Callable[..., Answer]) -> None:
    document = json.loads(call("query", "-q", FUNDS, "-f", "json").out)
    found = [row["party"] for row in document["results"]["bindings"]]
    assert {"type": "uri", "value": "https://w3id.org/capgraph/id/party/vision-fund-2"} in found
    rows = list(csv.reader(io.StringIO(call("query", "-q", FUNDS, "-f", "csv").out)))
    assert rows[0] == ["party"]
    assert len(rows) == len(found) + 1
    for format, known in (("xml", ox.QueryResultsFormat.XML), ("tsv", ox.QueryResultsFormat.TSV)):
        again = ox.parse_query_results(call("query", "-q", FUNDS, "-f", format).out, known)
        assert [row[0].value for row in again] == [entry["value"] for entry in found]  # type: ignore[union-attr]


def test_a_graph_comes_as_turtle(call: Callable[..., Answer]) -> None:
    answer = call("query", "-q", "DESCRIBE party:openai")
    triples = list(ox.parse(answer.out, format=ox.RdfFormat.TURTLE))
    assert {triple.subject.value.rsplit("/")[-1] for triple in triples} == {"openai"}  # type: ignore[union-attr]
    assert answer.out.startswith("# capgraph base-")
    assert json.loads(call("query", "-q", "DESCRIBE party:openai", "-f", "json").out)


def test_both_clocks_reach_a_query(call: Callable[..., Answer]) -> None:
    text = "SELECT ?holder { ?s cap:holder ?holder ; cap:issuer party:nvidia ; cap:stands true }"

    def holds(*clocks: str) -> bool:
        return "softbank-group" in call("query", "-q", text, "-f", "csv", *clocks).out

    assert holds("--as-of", "2025-09-30")
    assert not holds("--as-of", "2025-10-31")
    assert holds("--as-of", "2025-10-31", "--known-on", "2025-11-10")


def test_rows_beyond_the_limit_are_named_where_they_do_not_spoil_the_answer(call: Callable[..., Answer]) -> None:
    table, lines = (call("query", "-q", FUNDS, "--limit", "2", *more) for more in ([], ["-f", "csv"]))
    assert "the first 2 rows" in table.out
    assert "the first 2 rows" in lines.err
    assert len(lines.out.splitlines()) == 3
    assert "first" not in call("query", "-q", FUNDS, "--limit", "0", "-f", "csv").err


def test_an_empty_answer_is_an_answer(call: Callable[..., Answer]) -> None:
    answer = call("query", "-q", "SELECT ?x { ?x cap:none ?y }")
    assert answer.code == 0
    assert "none" in answer.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-q", "SELECT ?x {\n  ?x cap:holder }"], 'query:2:17: not valid SPARQL at "}"'),
        (["-q", "SELECT ?x { ?x foo:bar ?y }"], 'nobody declared the prefix of "foo:bar"'),
        (["-q", "INSERT DATA { <a:b> <a:b> <a:b> }"], "read-only"),
        (["-q", "LOAD <file:///etc/passwd>"], "read-only"),
        (["-q", "SELECT * { SERVICE <http://127.0.0.1/> {} }"], "SERVICE would ask another machine"),
        (["-q", ""], "there is no query"),
        (["-q", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }", "--timeout", "0.3"], "stopped after 0.3 s"),
        (["-q", "ASK {}", "-f", "ttl"], "ASK gives no ttl"),
        (["-q", "DESCRIBE party:openai", "-f", "csv"], "DESCRIBE gives no csv"),
        (["-q", "ASK {}", "key=value"], "has no parameter 'key'"),
        (["-q", "ASK {}", "nonsense"], "'nonsense' is no parameter"),
        (["nothing.rq"], "nothing.rq: there is no such file"),
        (["no-such-question"], "there is no question 'no-such-question'"),
        (["-q", "ASK {}", "-o", "/proc/answer.json"], "/proc/answer.json"),
    ],
)
def test_a_wrong_query_exits_with_2_and_says_why(call: Callable[..., Answer], words: list[str], message: str) -> None:
    answer = call("query", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_a_file_that_is_no_text_is_told(call: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "broken.rq"
    file.write_bytes(b"SELECT \xff")
    answer = call("query", str(file))
    assert (answer.code, answer.err.strip()) == (2, f"Error: {file}: not UTF-8 at byte 7")


def test_a_query_is_explained_in_both_languages(call: Callable[..., Answer]) -> None:
    english, chinese = (call("query", "-q", FUNDS, "--explain", "--lang", lang).out for lang in ("en", "zh"))
    assert "?party cap:kind party-kind:fund" in english
    assert "all graphs as one" in english
    assert "全部图合为一体" in chinese


def test_an_answer_from_the_cache_opens_no_table_and_loads_nothing_heavy() -> None:
    """What makes a warm answer quick; how quick it is the benchmarks say."""
    shell("capgraph query -q 'ASK {}'")
    script = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, told: opened.append(str(told[0])) if event == 'open' else None)\n"
        "from capgraph.cli import run\n"
        f"run(['query', '-q', {FUNDS!r}, '-f', 'csv'])\n"
        "heavy = {'rdflib', 'networkx', 'numpy', 'scipy', 'pyshacl', 'pyvis'}\n"
        "print(sorted(heavy & set(sys.modules)), [name for name in opened if name.endswith(('.csv', '.ttl'))])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "vision-fund-2" in done.stdout
    assert done.stdout.splitlines()[-1] == "[] []"


# Named questions ------------------------------------------------------------------------------------------------------


def test_a_named_question_answers_by_name_number_and_query(call: Callable[..., Answer]) -> None:
    by_name = call("ask", "stakes", "party=软银", "-f", "json", "--as-of", "2025-09-30")
    document = json.loads(by_name.out)
    assert document["question"] == "stakes"
    assert "nvidia" in {row["issuer"] for row in document["facts"]["rows"]}
    assert document["answers"] == []
    by_number = json.loads(call("ask", "1", "party=softbank-group", "-f", "json", "--as-of", "2025-09-30").out)
    assert by_number["facts"].pop("asked") != document["facts"].pop("asked")
    assert by_number == document
    rows = json.loads(call("query", "stakes", "party=softbank-group", "-f", "json", "--as-of", "2025-09-30").out)
    assert len(rows["results"]["bindings"]) == len(document["facts"]["rows"])


def test_a_question_with_a_step_shows_facts_and_answer_and_gives_machines_the_answer(
    call: Callable[..., Answer],
) -> None:
    table = call("ask", "effective-price", "prices=100,200").out
    assert "what follows is arithmetic" in table
    assert "the warrant is worth" in table
    prices = [
        json.loads(line)["share_price"] for line in call("ask", "effective-price", "-f", "jsonl").out.splitlines()
    ]
    assert prices == [100, 200, 400, 600]
    assert call("ask", "effective-price", "-f", "csv").out.startswith("share_price,")


def test_the_questions_are_listed_in_both_languages(call: Callable[..., Answer]) -> None:
    assert len(json.loads(call("ask", "-f", "json").out)["questions"]) == 28
    assert "某主体的持股" in call("ask", "--lang", "zh").out


def test_the_query_of_a_question_can_be_taken_elsewhere(call: Callable[..., Answer]) -> None:
    text = call("ask", "purchases", "customer=anthropic", "--sparql").out
    assert "id/party/anthropic" in text
    assert isinstance(ox.Store().query(text), ox.QuerySolutions)


def test_evidence_follows_every_part_of_an_answer(call: Callable[..., Answer]) -> None:
    text = call("ask", "owners", "company=openai", "--evidence").out
    assert text.count("Evidence:") == 2
    assert "[reading/" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["stakez"], "Did you mean stakes"),
        (["stakes", "holder=openai"], "it takes: party"),
        (["stakes", "party=nobody-at-all"], "nothing is named"),
        (["stakes", "openai"], "is no parameter; write key=value"),
        (["effective-price", "prices=many"], "are no prices"),
        (["effective-price", "contract=openai"], "there is no 'openai'"),
        (["look-through", "since=soon"], "'soon' is no date"),
    ],
)
def test_a_question_asked_wrongly_exits_with_2(call: Callable[..., Answer], words: list[str], message: str) -> None:
    answer = call("ask", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_a_query_may_name_its_graphs(call: Callable[..., Answer]) -> None:
    graph = "https://w3id.org/capgraph/graph/base/stakes"
    text = f"SELECT (COUNT(DISTINCT ?p) AS ?n) FROM <{graph}> WHERE {{ ?s ?p ?o }}"
    few, all_graphs = (call("query", "-q", query, "-f", "csv") for query in (text, text.replace(f"FROM <{graph}>", "")))
    assert int(few.out.split()[1]) < 20 < int(all_graphs.out.split()[1])
    inside = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s a cap:Stake }} }}"
    assert int(call("query", "-q", inside, "-f", "csv").out.split()[1]) > 100


WORLD = Path(__file__).parent.parent / "fixtures" / "questions" / "data"
SCOPES = {
    "as-of": ["--as-of", "2025-06-01"],
    "known-on": ["--known-on", "2025-10-06"],
    "rung": ["--rung", "closed"],
    "group": ["--group"],
    "without": ["--without", "stake/cloud--lab--common"],
    "set": ["--set", "stake/cloud--lab--common.percent=5"],
}


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_moves_the_answer_to_a_question(call: Callable[..., Answer], scope: str) -> None:
    def owners(*more: str) -> object:
        words = (
            ["ask", "owners", "company=lab"]
            if scope != "rung"
            else ["ask", "exposure-paths", "source=cloud", "target=house"]
        )
        document = json.loads(call(*words, "-f", "json", "--data", str(WORLD), *more).out)
        return [document["facts"]["rows"], [{**answer, "rung": "", "group": ""} for answer in document["answers"]]]

    plain, moved = owners(), owners(*SCOPES[scope])
    assert json.dumps(plain) != json.dumps(moved)


def test_a_query_takes_no_rung_and_no_house(call: Callable[..., Answer]) -> None:
    """They mean nothing to it: a query says itself which rungs count and whose stakes are added."""
    assert call("query", "-q", "ASK {}", "--rung", "closed").code == 2
    assert call("query", "-q", "ASK {}", "--group").code == 2
