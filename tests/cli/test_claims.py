"""`capgraph check` on thirteen claims of one article and what sources say of them, frozen."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib

from capgraph.analysis.claims import working
from capgraph.claim_queries import asker
from capgraph.cli import run
from capgraph.derive import Derived
from capgraph.graph import CapitalGraph, load
from capgraph.ontology import Ontology
from tests.latin import latin_words

FROZEN = Path(__file__).parent.parent / "fixtures" / "claims"
SCHEMA = rdflib.Namespace("https://schema.org/")
Ask = Callable[..., tuple[int, str, str]]

VERDICTS = {
    "nvidia-proceeds-2025": "supported",
    "nvidia-cap-over-5tn": "supported",
    "first-to-5tn": "supported",
    "openai-over-290bn": "supported",
    "abb-bought": "supported",
    "nvidia-proceeds-2019": "disputed",
    "missed-gain-from-rise": "inconsistent",
    "openai-price-to-sales": "contradicted",
    "softbank-one-day-fall": "contradicted",
    "sources-cover-openai": "contradicted",
    "nvidia-position-2024": "not-covered",
    "nearly-doubled": "not-covered",
    "mould-opinion": "not-checkable",
}


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Exit code, answer and error of one check of the frozen claims."""

    def answered(*words: str) -> tuple[int, str, str]:
        code = run(["check", *words, "--data", str(FROZEN)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return answered


def verdicts(out: str) -> dict[str, str]:
    return {row["id"].removeprefix("seed-article--"): row["verdict"] for row in json.loads(out)["claims"]}


def test_the_frozen_claims_have_these_verdicts_and_a_contradiction_is_a_no(ask: Ask) -> None:
    code, out, err = ask("seed-article", "-f", "json")
    assert (code, err, verdicts(out)) == (1, "", VERDICTS)
    counts = {row["verdict"]: row["count"] for row in json.loads(out)["counts"]}
    assert counts == Counter(VERDICTS.values())


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("contradicted", 1), ("inconsistent", 1), ("supported", 0), ("disputed", 0), ("not-covered", 0),
     ("not-checkable", 0)],
)  # fmt: skip
def test_only_contradictions_and_inconsistencies_are_a_no(ask: Ask, verdict: str, code: int) -> None:
    found, out, _ = ask("--verdict", verdict, "-f", "json")
    assert found == code
    assert set(verdicts(out).values()) == {verdict}


def test_claims_are_grouped_by_verdict_with_counts(ask: Ask) -> None:
    _, out, _ = ask()
    groups = re.findall(r"^(\w[\w ]*): (\d+)$", out, re.MULTILINE)
    assert dict(groups[1:]) == {
        "supported": "5", "disputed": "1", "inconsistent": "1", "contradicted": "3", "not covered": "2",
        "not checkable": "1",
    }  # fmt: skip


def test_every_claim_that_others_speak_of_names_its_sources(ask: Ask) -> None:
    _, out, _ = ask("--verdict", "supported")
    for block in re.split(r"^   (?=seed-article--)", out, flags=re.MULTILINE)[1:]:
        assert re.search(r"^      (sources: |\d+ sources, among them )source/", block, re.MULTILINE), block


def test_the_working_of_a_claim_shows_inputs_formula_readings_and_the_texts_own_result(ask: Ask) -> None:
    code, out, _ = ask("--claim", "seed-article--openai-price-to-sales", "-f", "json")
    found = json.loads(out)
    assert (code, found["verdict"], found["formula"]) == (1, "contradicted", "valuation / revenue")
    assert found["own_result_low"] < 83 < found["own_result_high"]
    assert {row["variable"] for row in found["rests_on"]} == {"valuation", "revenue"}
    assert {row["fit"] for row in found["said"]} == {"does not fit, taken together"}
    assert all(row["readings"] and row["sources"] for row in found["said"])


def test_every_source_of_a_verdict_is_independent_of_the_text(ask: Ask) -> None:
    _, out, _ = ask("-f", "json")
    cited = {source for row in json.loads(out)["claims"] for source in row["sources"]}
    assert cited
    assert "source/seed-article" not in cited


def test_the_day_of_knowledge_and_the_asked_day_each_change_an_answer(ask: Ask) -> None:
    now = verdicts(ask("-f", "json")[1])
    known = verdicts(ask("-f", "json", "--known-on", "2025-11-30")[1])
    then = verdicts(ask("-f", "json", "--as-of", "2025-10-28")[1])
    assert known != now
    assert (now["nvidia-cap-over-5tn"], then["nvidia-cap-over-5tn"]) == ("supported", "not-covered")
    assert set(known) == set(now)


def test_nothing_that_came_out_later_stands_in_an_answer() -> None:
    graph = load(FROZEN, known_on="2025-11-30")
    known = graph.derived
    told = [source for row in graph.check().claims for source in row.sources]
    assert told
    assert all(known.clocks.public(known.sources.public(source)) for source in told)


def test_a_text_that_was_not_public_had_claimed_nothing(ask: Ask) -> None:
    code, out, _ = ask("--known-on", "2025-11-10")
    assert code == 0
    assert "was not public yet" in out


@pytest.mark.parametrize("words", [(), ("--claim", "seed-article--openai-price-to-sales"),
                                   ("--claim", "seed-article--abb-bought"), ("--verdict", "inconsistent")])  # fmt: skip
def test_chinese_answers_hold_no_latin_word_but_names_and_ids(ask: Ask, words: tuple[str, ...]) -> None:
    _, out, _ = ask(*words, "--lang", "zh")
    graph = load(FROZEN)
    ids = {word for row in graph.facts.table("claims") for word in re.findall("[a-z]+", row["id"])}
    variables = {row["name"] for row in graph.facts.table("inputs")}
    assert latin_words(out, graph.facts) - ids - variables == set()


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md", "claimreview"])
def test_the_same_question_gives_the_same_bytes_in_every_form(ask: Ask, form: str) -> None:
    first = ask("-f", form)
    assert first[1].strip()
    assert ask("-f", form) == first


@pytest.mark.parametrize(
    ("words", "told"),
    [(("nobody",), "seed-article"), (("--claim", "seed-article--openai-price"), "openai-price-to-sales"),
     (("--verdict", "wrong"), "contradicted"), (("--rung", "closed"), "No such option"),
     (("--group",), "No such option"), (("--claim", "x", "-f", "claimreview"), "claimreview")],
)  # fmt: skip
def test_wrong_use_is_told_with_what_would_be_right(ask: Ask, words: tuple[str, ...], told: str) -> None:
    code, _, err = ask(*words)
    assert code == 2
    assert told in err


# ClaimReview ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def reviews(ask: Ask) -> rdflib.Graph:
    return rdflib.Graph().parse(data=ask("-f", "claimreview")[1], format="json-ld")


def test_every_claim_is_a_review_with_what_schema_org_and_search_engines_require(reviews: rdflib.Graph) -> None:
    found = list(reviews.subjects(rdflib.RDF.type, SCHEMA.ClaimReview))
    assert len(found) == len(VERDICTS)
    for review in found:
        for required in (SCHEMA.claimReviewed, SCHEMA.url, SCHEMA.reviewRating, SCHEMA.itemReviewed, SCHEMA.author):
            assert len(list(reviews.objects(review, required))) == 1, required
        rating, claim = (reviews.value(review, each) for each in (SCHEMA.reviewRating, SCHEMA.itemReviewed))
        assert (rating, rdflib.RDF.type, SCHEMA.Rating) in reviews
        assert (claim, rdflib.RDF.type, SCHEMA.Claim) in reviews
        assert reviews.value(rating, SCHEMA.alternateName)
        assert str(reviews.value(claim, SCHEMA.appearance)).endswith("/source/seed-article")


def test_whoever_is_quoted_is_the_author_of_the_claim(reviews: rdflib.Graph) -> None:
    thing = rdflib.Namespace("https://w3id.org/capgraph/id/")
    who = reviews.value(thing["claim/seed-article--mould-opinion"], SCHEMA.author)
    assert who == thing["party/russ-mould"]
    assert (who, rdflib.RDF.type, SCHEMA.Person) in reviews


def test_ratings_are_those_of_the_code_list_and_what_was_not_tested_has_none(
    reviews: rdflib.Graph, model: Ontology
) -> None:
    for review in reviews.subjects(rdflib.RDF.type, SCHEMA.ClaimReview):
        verdict = VERDICTS[str(review).split("--")[1].split("#")[0]]
        rating = reviews.value(review, SCHEMA.reviewRating)
        given, best, worst = (
            reviews.value(rating, each) for each in (SCHEMA.ratingValue, SCHEMA.bestRating, SCHEMA.worstRating)
        )
        expected = model.code("verdict", verdict)["rating"]
        assert (str(given) if given is not None else "") == expected
        assert given is None or int(worst) <= int(given) <= int(best)  # type: ignore[arg-type]


def test_reviews_cite_the_sources_of_the_verdict_and_never_the_text(reviews: rdflib.Graph) -> None:
    cited = {str(work) for work in reviews.objects(None, SCHEMA.citation)}
    assert cited
    assert not any(work.endswith("/source/seed-article") for work in cited)


# The same by API and by SPARQL ----------------------------------------------------------------------------------------


def test_claims_and_their_inputs_answer_a_query() -> None:
    graph = load(FROZEN)
    asked = """
        SELECT ?claim ?value ?aspect WHERE {
          ?claim a cap:Claim ; cap:statedIn ?text ; cap:statedValue ?value .
          ?input cap:ofClaim ?claim ; cap:variable "valuation" ; cap:aspect ?aspect .
        } ORDER BY ?claim"""
    rows = json.loads(graph.sparql(asked).body)["results"]["bindings"]
    found = [tuple(re.split("--|/", row[name]["value"])[-1] for name in ("claim", "value", "aspect")) for row in rows]
    assert found == [
        ("openai-over-290bn", "290000000000", "valuation"),
        ("openai-price-to-sales", "83", "valuation"),
    ]


def test_the_verbs_give_what_the_command_prints(ask: Ask) -> None:
    graph = load(FROZEN)
    told = json.loads(ask("seed-article", "-f", "json")[1])
    assert told.pop("asked").startswith("capgraph check seed-article")
    assert json.loads(graph.render(graph.check("seed-article"), "json")) == told
    id = "seed-article--nvidia-proceeds-2019"
    assert graph.render(graph.check_claim(id)) == ask("--claim", id)[1]


def test_a_missing_query_is_told_with_the_file_that_it_should_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(FROZEN, copy)
    (copy / "claims" / "queries" / "first-to-5tn.rq").unlink()
    assert run(["check", "--data", str(copy)]) == 3
    assert "claims/queries/first-to-5tn.rq" in capsys.readouterr().err


def test_facts_from_an_endpoint_come_without_queries(frozen: CapitalGraph) -> None:
    found = working(frozen.derived, asker(frozen.ontology, []), frozen.context, "seed-article--first-to-5tn")
    assert (found.verdict.code, found.because.key) == ("not-covered", "claims.why.query_absent")


def test_data_without_claims_give_an_empty_answer(capsys: pytest.CaptureFixture[str]) -> None:
    bare = FROZEN.parent / "softbank-2025"
    assert run(["check", "--data", str(bare)]) == 0
    assert "No such claim" in capsys.readouterr().out


# Laws over all frozen claims ------------------------------------------------------------------------------------------

TESTED = sorted(id for id, verdict in VERDICTS.items() if verdict in ("supported", "contradicted", "disputed"))


@pytest.fixture(scope="module")
def frozen() -> CapitalGraph:
    return load(FROZEN)


@pytest.mark.parametrize("id", TESTED)
def test_without_the_sources_of_its_verdict_a_claim_is_not_covered(id: str, frozen: CapitalGraph) -> None:
    row = frozen.check_claim(f"seed-article--{id}")
    assert row.sources
    bare = Derived(frozen.facts.without(row.sources), frozen.ontology, frozen.clocks)
    ask = asker(frozen.ontology, [FROZEN / "claims" / "queries"])
    assert working(bare, ask, frozen.context, row.claim).verdict.code == "not-covered"


def test_what_is_assumed_turns_a_verdict(ask: Ask) -> None:
    claim = ("--claim", "seed-article--nvidia-proceeds-2025", "-f", "json")
    readings = [row["readings"][0] for row in json.loads(ask(*claim)[1])["said"]]
    assert len(readings) == 3
    without = [word for reading in readings for word in ("--without", reading)]
    assert json.loads(ask(*claim, *without)[1])["verdict"] == "not-covered"
    other = [word for reading in readings for word in ("--set", f"{reading}.value=4830000000")]
    code, out, _ = ask(*claim, *other)
    assert (code, json.loads(out)["verdict"]) == (1, "contradicted")
    assert json.loads(ask(*claim, *other[:2])[1])["verdict"] == "disputed"
