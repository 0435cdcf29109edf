"""A broken rule is reported at the cell that breaks it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from capgraph import ontology as model
from capgraph.checks import check, is_lei, violations
from capgraph.errors import DataProblem, Problem
from capgraph.facts import Facts
from capgraph.ontology import Lang
from capgraph.quads import GRAPH, facts_to_quads
from capgraph.shapes import Shapes
from capgraph.share import data_dir
from capgraph.store import Store, open_store
from capgraph.tables import read_folders

BASE = Path(__file__).parent / "fixtures" / "shapes" / "base"
ALPHA_LEI = "CAPGRAPHTEST00000178"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Store]:
    """The base tables with some texts replaced, compiled: ``opened(("stakes.csv", "old", "new"), ...)``."""

    def build(*changes: tuple[str, str, str]) -> Store:
        folder = tmp_path / "data"
        shutil.copytree(BASE, folder)
        for name, old, new in changes:
            text = (folder / name).read_text(encoding="utf-8")
            assert old in text
            (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return open_store([folder], model.load(), tmp_path / "cache")

    return build


def problems(store: Store, shacl: bool = True, lang: Lang = "en") -> list[Problem]:
    return check(store.facts, store, model.load(), shacl, lang)


def places(found: list[Problem]) -> list[tuple[str, int, str, str]]:
    return [(problem.file, problem.line, problem.column, problem.level) for problem in found]


def test_valid_tables_have_no_problem(opened: Callable[..., Store]) -> None:
    assert problems(opened()) == []


def test_a_core_rule_names_file_line_and_column(opened: Callable[..., Store]) -> None:
    [problem] = problems(opened(("readings/all.csv", "20,USD,,,filing-a", "9,USD,,,filing-a")))
    assert (problem.file, problem.line, problem.column, problem.value) == ("readings/all.csv", 11, "low", "10")
    assert problem.wrong == "the lower bound is above the upper bound [reading-low-below-high]"
    assert problem.right == "a lower bound of at most the upper bound"


def test_a_query_names_file_line_and_column(opened: Callable[..., Store]) -> None:
    [problem] = problems(opened(("stakes.csv", ",2025-06-20,", ",2025-08,")))
    assert (problem.file, problem.line, problem.column, problem.value) == ("stakes.csv", 5, "valid_to", "2025-08")
    assert problem.wrong == (
        "alpha-sale-2025--fund-c closed this stake on 2025-06, but the stake does not end then [closed-stake-ends]"
    )


def test_the_bounds_of_a_date_lead_to_the_column_of_the_date(opened: Callable[..., Store]) -> None:
    found = problems(opened(("contracts.csv", ",2024-07,2027,", ",2024-07,2023,")))
    assert places(found) == [("contracts.csv", 2, "start", "error")]


def test_of_several_columns_the_one_with_the_value_is_named(opened: Callable[..., Store]) -> None:
    store = opened()
    memory = ox.Store()
    memory.extend(store.graph)
    memory.update("DELETE WHERE { GRAPH ?g { <https://w3id.org/capgraph/id/party/bank-e> ?p ?o } }")
    found = check(store.facts, Store(store.facts, "", None, memory), model.load())
    assert places(found) == [
        ("facilities.csv", 2, "lenders", "error"),
        ("facilities.csv", 3, "lenders", "error"),
        ("guarantees.csv", 2, "beneficiary", "error"),
        ("readings/all.csv", 13, "value", "error"),
        ("stakes.csv", 2, "holder", "error"),
    ]


def test_a_rule_about_a_thing_as_a_whole_names_its_row(opened: Callable[..., Store]) -> None:
    [problem] = problems(opened(("evidence.csv", "event/alpha-split-2024,filing-a,primary\n", "")))
    assert (problem.file, problem.line, problem.column) == ("events.csv", 2, "")
    assert problem.value == "event/alpha-split-2024"


def test_a_rule_that_warns_gives_a_warning(opened: Callable[..., Store]) -> None:
    found = problems(opened(("events.csv", ",10:1,", ",,")))
    assert places(found) == [("events.csv", 2, "ratio", "warning")]


def test_without_shacl_only_the_queries_run(opened: Callable[..., Store]) -> None:
    store = opened(("readings/all.csv", "20,USD,,,filing-a", "9,USD,,,filing-a"), ("events.csv", ",10:1,", ",,"))
    assert places(problems(store, shacl=False)) == [("events.csv", 2, "ratio", "warning")]
    assert len(problems(store)) == 2


def test_problems_are_sorted_by_place(opened: Callable[..., Store]) -> None:
    store = opened(
        (
            "tranches.csv",
            "alpha-round-2024--beta,alpha-round-2024,beta,",
            "alpha-round-2024--beta,alpha-round-2024,alpha,",
        ),
        ("readings/all.csv", "20,USD,,,filing-a", "9,USD,,,filing-a"),
        ("pledges.csv", ",2024-05,", ",2020-05,"),
    )
    found = problems(store)
    assert places(found) == sorted(places(found))
    assert [problem.file for problem in found] == ["pledges.csv", "readings/all.csv", "tranches.csv"]


def test_chinese_problems_hold_no_latin_word_but_ids_and_codes(opened: Callable[..., Store]) -> None:
    [problem] = problems(opened(("events.csv", ",10:1,", ",ten for one,")), lang="zh")
    assert problem.wrong == "拆股比例不是用冒号隔开的两个整数 [split-ratio-form]"
    assert not re.search("[A-Za-z]", problem.right)


def test_files_can_be_named_below_their_data_folder(opened: Callable[..., Store]) -> None:
    store = opened(("events.csv", ",10:1,", ",,"))
    [problem] = check(store.facts, store, model.load(), folders=[Path("somewhere/data")])
    assert problem.file == "somewhere/data/events.csv"


def test_what_a_rule_derived_is_not_checked(opened: Callable[..., Store]) -> None:
    """A leg whose stake is written nowhere yields a derived stake, which has no row to be put right."""
    store = opened(
        ("tranches.csv", ",beta--alpha--preferred,opens,", ",,,"),
        (
            "tranches.csv",
            "alpha-round-2024--beta,alpha-round-2024,beta,",
            "alpha-round-2024--beta,alpha-round-2024,bank-e,",
        ),
        ("stakes.csv", "bank-e--alpha--preferred,bank-e,", "bank-e--alpha--preferred,dora,"),
    )
    assert [row.ref for row in store.facts.table("stakes") if row.derived] == ["stake/derived--alpha-round-2024--beta"]
    assert problems(store) == []


def test_wrong_check_digits_of_an_lei_are_found(opened: Callable[..., Store]) -> None:
    store = opened(("identifiers.csv", ALPHA_LEI, ALPHA_LEI[:-1] + "9"))
    [problem] = problems(store)
    assert (problem.file, problem.line, problem.column) == ("identifiers.csv", 2, "value")
    assert problem.wrong.endswith("[lei-check-digits]")


@pytest.mark.parametrize(
    ("formula", "value", "column", "wrong"),
    [
        ("paid *", "60", "formula", "cannot be read"),
        ("paid + bonus", "60", "formula", "no input of the claim: bonus"),
        ("paid > 50", "60", "value", "true or not"),
        ("paid * 2", "", "value", "none is stated"),
    ],
)
def test_formulas_of_claims_are_read_before_anybody_asks(
    formula: str, value: str, column: str, wrong: str, opened: Callable[..., Store]
) -> None:
    cells = f"{formula},{value},USD,rounded,10" if value else f"{formula},,,,"
    [problem] = problems(opened(("claims/claims.csv", "paid,60,USD,rounded,10", cells)))
    assert (problem.file, problem.line, problem.column) == ("claims/claims.csv", 3, column)
    assert wrong in problem.wrong
    assert problem.wrong.endswith("[claim-formula]")


def test_every_letter_or_digit_of_an_lei_taken_for_another_is_found() -> None:
    digits, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert is_lei(ALPHA_LEI)
    for place, right in enumerate(ALPHA_LEI):
        for wrong in (digits if right in digits else letters).replace(right, ""):
            assert not is_lei(ALPHA_LEI[:place] + wrong + ALPHA_LEI[place + 1 :])


def test_a_node_without_a_row_is_still_reported(opened: Callable[..., Store]) -> None:
    store = opened()
    nothing = Facts(store.facts.schema, store.facts.datasets, [])
    memory = ox.Store()
    memory.extend(store.graph)
    memory.update("DELETE WHERE { GRAPH ?g { ?event <https://w3id.org/capgraph/ontology#ratio> ?ratio } }")
    [problem] = check(nothing, Store(nothing, "", None, memory), model.load())
    assert (problem.file, problem.value) == ("", "https://w3id.org/capgraph/id/event/alpha-split-2024")


def test_a_query_that_is_no_sparql_is_a_data_problem(opened: Callable[..., Store]) -> None:
    shape = "<https://w3id.org/capgraph/shape/odd> sh:targetClass sh:Shape ; sh:sparql [ sh:select 'SELECT oops' ] ."
    parsed = ox.parse(f"@prefix sh: <http://www.w3.org/ns/shacl#> . {shape}", format=ox.RdfFormat.TURTLE)
    with pytest.raises(DataProblem, match="shape/odd"):
        violations(opened().graph, Shapes(quad.triple for quad in parsed))


def test_the_bundled_data_break_no_rule() -> None:
    """Facts and code lists are enough for the rules, so the graph is loaded without deriving anything."""
    ontology = model.load()
    facts = read_folders([data_dir()], ontology).facts
    graph = ox.Store()
    graph.bulk_extend(facts_to_quads(facts))
    for name in ("capgraph", "codes"):
        target = ox.NamedNode(f"{GRAPH}ontology/{name}")
        graph.bulk_load(path=str(ontology.folder / f"{name}.ttl"), format=ox.RdfFormat.TURTLE, to_graph=target)
    found = check(facts, Store(facts, "", None, graph), ontology)
    assert [str(problem) for problem in found if problem.level == "error"] == []
