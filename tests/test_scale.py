"""Large registers: read in columns, they give the rows, answers and problems of small ones."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from benchmarks import synthetic

from capgraph import cache, store
from capgraph.analysis.structure import Structures
from capgraph.analysis.votes import Ballots
from capgraph.building import check_folders
from capgraph.cli import run
from capgraph.columnar import compiling, network, registers
from capgraph.columnar.columns import arrange, link, write
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.graph import RegisterGraph
from capgraph.columnar.intake import gather, rows_to_columns
from capgraph.columnar.names import FILE as NAMES_FILE
from capgraph.columnar.names import write as write_names
from capgraph.columnar.rules import RULES
from capgraph.derive import Derived
from capgraph.errors import DataProblem, Problem, UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph, load
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import Ontology
from capgraph.share import data_dir
from capgraph.store import Store
from capgraph.tables import read_folders
from tests.tiny import at, facts_of

CLOCKS = ({}, {"as_of": "2025-06-30"}, {"known_on": "2025-11-10"})
Asking = Callable[[CapitalGraph, str], object]


@pytest.fixture(scope="module")
def compiled(model: Ontology, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled data as columns."""
    folder = tmp_path_factory.mktemp("columns")
    compiling.compile_into(folder, [data_dir()], model, store.with_derived)
    compiling.finish(folder, "bundled")
    return folder


def twins(compiled: Path, model: Ontology, **clocks: str) -> tuple[CapitalGraph, RegisterGraph]:
    """The bundled data as rows and as columns, under one scope."""
    small = load(**clocks)  # type: ignore[arg-type]
    columns = Store(compiling.opened(compiled, model), small.store.version, compiled)
    return small, RegisterGraph(columns, model, small.scope)


def as_columns(facts: Facts, model: Ontology, folder: Path) -> ColumnarFacts:
    """Facts that stand in no file as columns."""
    tables = {name: rows_to_columns(table, facts.table(name)) for name, table in facts.schema.tables.items()}
    arranged = arrange(tables, facts.schema, {})
    assert not link(arranged, model, {}, folder)
    write(folder, arranged, facts.datasets)
    write_names(folder / NAMES_FILE, arranged.tables, facts.schema)
    return compiling.opened(folder, model)


def said(graph: CapitalGraph, ask: Asking, party: str) -> str:
    return graph.render(ask(graph, party), "json")  # type: ignore[arg-type]


# The same rows --------------------------------------------------------------------------------------------------------


def test_columns_hold_the_rows_of_the_tables_and_what_the_rules_derive(compiled: Path, model: Ontology) -> None:
    small, large = twins(compiled, model)
    assert list(large.facts.rows()) == list(small.facts.rows())


def test_a_row_is_found_by_name_and_with_all_that_speaks_of_it(compiled: Path, model: Ontology) -> None:
    small, large = twins(compiled, model)
    for row in list(small.facts.rows())[::7]:
        assert large.facts.get(row.ref) == row
        assert large.facts.mentions(row.ref) == small.facts.mentions(row.ref)
        for table in ("readings", "evidence", "statuses", "opinions"):
            assert large.facts.about(table, row.ref) == small.facts.about(table, row.ref)
    assert large.facts.get("party/nobody") is None
    assert "fx/2025-01-01/XXX" not in large.facts


@pytest.mark.parametrize("text", ["NVDA", "英伟达", "soft", "ban", "ai", "nvidai", "孙正", "Ｏｐｅｎ-AI", "zzzzzz", ""])
def test_names_are_found_as_on_small_data(compiled: Path, model: Ontology, text: str) -> None:
    small, large = twins(compiled, model)
    assert large.network.names.find(text) == small.network.names.find(text)


# The same answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clocks", CLOCKS, ids=str)
def test_owners_and_holdings_agree_for_every_party(compiled: Path, model: Ontology, clocks: dict[str, str]) -> None:
    small, large = twins(compiled, model, **clocks)
    for row in small.facts.table("parties"):
        for ask in (lambda graph, party: graph.owners(party), lambda graph, party: graph.holdings(party)):
            assert said(large, ask, row["id"]) == said(small, ask, row["id"])


VERBS: dict[str, Asking] = {
    "show": lambda graph, party: graph.show(party),
    "evidence": lambda graph, party: graph.evidence(party),
    "exposure": lambda graph, party: graph.exposure(party),
    "exposed_to": lambda graph, party: graph.exposed_to(party),
    "owners_through": lambda graph, party: graph.owners_through(party),
    "holdings_through": lambda graph, party: graph.holdings_through(party),
    "final_owners": lambda graph, party: graph.final_owners(party),
    "control": lambda graph, party: graph.control(party),
    "controllers": lambda graph, party: graph.controllers(party),
}
ASKED = ("softbank-group", "openai", "nvidia", "elon-musk", "alibaba", "microsoft", "agibot-hengyue", "liang-wenfeng")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("group", [False, True], ids=["apart", "houses"])
def test_the_part_that_a_question_touches_gives_the_whole_answer(
    compiled: Path, model: Ontology, monkeypatch: pytest.MonkeyPatch, verb: str, group: bool
) -> None:
    monkeypatch.setattr(network, "MOST_STAKES", 10**9)
    small, large = twins(compiled, model, **({"group": True} if group else {}))  # type: ignore[arg-type]
    for party in ASKED:
        assert said(large, VERBS[verb], party) == said(small, VERBS[verb], party)


@pytest.mark.parametrize("clocks", CLOCKS, ids=str)
def test_statistics_and_components_agree(compiled: Path, model: Ontology, clocks: dict[str, str]) -> None:
    small, large = twins(compiled, model, **clocks)
    assert large.stats() == small.stats()
    for strong in (False, True):
        assert large.components(strong=strong) == small.components(strong=strong)


# Wide questions -------------------------------------------------------------------------------------------------------


@pytest.fixture
def wide(compiled: Path, model: Ontology, monkeypatch: pytest.MonkeyPatch) -> tuple[CapitalGraph, RegisterGraph]:
    """The bundled data as rows, and as columns whose every cone counts as too wide."""
    monkeypatch.setattr(network, "MOST_STAKES", -1)
    return twins(compiled, model)


def near(one: Decimal | None, other: Decimal | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) <= Decimal("2e-6"))


def test_wide_look_through_gives_the_shares_of_the_narrow_one(wide: tuple[CapitalGraph, RegisterGraph]) -> None:
    small, large = wide
    for party in ASKED:
        for end, ask in (("issuer", VERBS["holdings_through"]), ("holder", VERBS["owners_through"])):
            one, other = ask(small, party), ask(large, party)
            rows = {getattr(row, end).id: row for row in one.shares if row.share.value}  # type: ignore[attr-defined]
            found = {getattr(row, end).id: row for row in other.shares}  # type: ignore[attr-defined]
            assert found.keys() == rows.keys()
            for id, row in rows.items():
                for cell in ("share", "direct", "indirect"):
                    assert near(getattr(found[id], cell).value, getattr(row, cell).value)
                assert near(found[id].share.low, row.share.low)
                assert (found[id].stakes, found[id].readings, found[id].sources) == (
                    row.stakes,
                    row.readings,
                    row.sources,
                )


def test_wide_final_owners_are_the_narrow_ones(wide: tuple[CapitalGraph, RegisterGraph]) -> None:
    small, large = wide
    for party in ASKED:
        one, other = small.final_owners(party), large.final_owners(party)
        ends = {(row.owner.id, row.stands_for.key): row.share.value for row in one.ends}
        found = {(row.owner.id, row.stands_for.key): row.share.value for row in other.ends}
        assert found.keys() == ends.keys()
        assert all(near(found[key], ends[key]) for key in ends)
        assert near(other.accounted.value, one.accounted.value)
        assert near(other.accounted.low, one.accounted.low)


def test_wide_control_is_the_narrow_one(wide: tuple[CapitalGraph, RegisterGraph]) -> None:
    small, large = wide
    for party in ASKED:
        for ask, rows in ((VERBS["control"], "companies"), (VERBS["controllers"], "controllers")):
            one, other = getattr(ask(small, party), rows), getattr(ask(large, party), rows)
            assert len(one) == len(other)
            for row, found in zip(one, other, strict=True):
                for cell in ("grounds", "held_by", "remarks", "stakes", "readings", "sources"):
                    assert getattr(found, cell) == getattr(row, cell)
                assert near(found.votes.value, row.votes.value)
                assert near(found.votes.low, row.votes.low)
                assert near(found.economic and found.economic.value, row.economic and row.economic.value)


def test_a_wide_answer_says_what_it_leaves_out(wide: tuple[CapitalGraph, RegisterGraph]) -> None:
    _, large = wide
    assert "register.wide" in [note.key for note in large.holdings_through("softbank-group").notes]
    with pytest.raises(UsageProblem, match="--diluted"):
        large.owners_through("openai", diluted=True)


# All registers at once ------------------------------------------------------------------------------------------------

_CONFIDENCES = ("primary", "reported", "estimate", "unverified")
_BASES = ("outstanding", "as_converted", "unknown", "forecast", "voting")
_DAYS = ("2020", "2023-05", "2025-11-30", "2026", "2026-03", "2026-05-31", "2026-06-10", "2026-06-30", "2026-08-01")


def messy(seed: int) -> Facts:
    """Stakes with everything that the policy knows: bases, confidences, bounds, vague dates, rivals, containers, ends,
    tranches, votes, crowds, contradictions."""
    draw = random.Random(seed)
    parties = [
        {"id": f"p{k}", "kind": draw.choice(("company", "company", "fund", "person", "aggregate")), "name": f"P{k}"}
        for k in range(50)
    ]
    stakes, readings, evidence, tranches, statuses = [], [], [], [], []
    for issuer in range(30):
        within = ""
        for holder in draw.sample(range(50), draw.randint(1, 4)):
            id = f"s{issuer}-{holder}"
            stakes.append({
                "id": id, "holder": f"p{holder}", "issuer": f"p{issuer}",
                "instrument": draw.choice(("common", "common", "preferred", "unknown", "warrant")),
                "valid_from": draw.choice(("", "2019", "2026-07", "2020-02-01")),
                "valid_to": draw.choice(("", "", "", "2026", "2025-03-01")),
                "contained_in": within if within and draw.random() < 0.1 else "",
            })  # fmt: skip
            within = id
            for number in range(draw.randint(0, 4)):
                value = str(draw.choice((5, 10, 20, 33.3, 47, 60, 100, 120)))
                shape = draw.choice(("value", "value", "value", "low", "high", "range"))
                figures = {
                    "value": value if shape in ("value", "range") else "",
                    "low": value if shape == "low" else "4" if shape == "range" else "",
                    "high": value if shape == "high" else "130" if shape == "range" else "",
                }
                readings.append({
                    "id": f"{id}-{number}", "about": f"stake/{id}", "as_of": draw.choice(_DAYS), "unit": "percent",
                    "aspect": draw.choice(("percent",) * 8 + ("votes_percent", "end")), "basis": draw.choice(_BASES),
                    "confidence": draw.choice(_CONFIDENCES), "source": draw.choice(("s-2026-05-01", "s-2026", "s-")),
                    **figures,
                })  # fmt: skip
            for source in draw.sample(("s-2020-01-01", "s-2026-08-08", "s-"), draw.randint(0, 2)):
                evidence.append({"about": f"stake/{id}", "source": source, "confidence": "reported"})
            if draw.random() < 0.05:
                tranches.append({"id": f"t-{id}", "deal": "d", "stake": id, "effect": "closes", "medium": "cash"})
                statuses.append(
                    {"about": f"tranche/t-{id}", "status": "closed", "date": "2026-02", "source": "s-2026-08-08"}
                )
    deals = [{"id": "d", "kind": "disposal", "title": "D"}]
    return facts_of(
        parties=parties, stakes=stakes, readings=readings, evidence=evidence, deals=deals, tranches=tranches,
        statuses=statuses,
    )  # fmt: skip


@pytest.mark.parametrize("day", ["2026-09-11", "2026-06-15", "2024-12-31"])
@pytest.mark.parametrize("seed", range(4))
def test_registers_as_columns_are_those_from_rows_however_messy(
    model: Ontology, tmp_path: Path, seed: int, day: str
) -> None:
    facts = messy(seed)
    scope = Scope(at(day, "2026-09-11" if seed % 2 else day))
    rows = Structures(CapitalNetwork(facts, model, Derived(facts, model, scope.clocks), scope))
    columns = as_columns(facts, model, tmp_path)
    found = registers.registers(columns, model, scope)
    ids = columns.columns.cells("parties", "id").to_pylist()

    expected = {
        (each.holder, issuer): (each.share.low, each.share.value, (each.share if each.share.high else each.most).high)
        for issuer, slices in rows.common.slices.items()
        for each in slices
    }
    shares: dict[tuple[str, str], tuple[float, float, float]] = {}
    ends = (found.holders, found.issuers, found.low, found.value, found.high, found.unsized)
    for holder, issuer, low, value, high, unsized in zip(*(end.tolist() for end in ends), strict=True):
        before = shares.get((ids[holder], ids[issuer]), (0.0, 0.0, 0.0))
        most = before[2] if unsized and before[1] else min(100.0, before[2] + high)
        shares[ids[holder], ids[issuer]] = (before[0] + low, before[1] + value, most)
    assert shares.keys() == expected.keys()
    for pair, wanted in expected.items():
        assert shares[pair] == pytest.approx([float(end) for end in wanted], abs=1e-9)

    assert {ids[place] for place in found.cut.tolist()} == set(rows.common.cut)
    votes = {(each.holder, each.company): each.votes for many in Ballots(rows).ballots.values() for each in many}
    pairs = zip(found.voters.tolist(), found.voted.tolist(), found.votes_value.tolist(), strict=True)
    given: dict[tuple[str, str], float] = {}
    for voter, company, percent in pairs:
        given[ids[voter], ids[company]] = given.get((ids[voter], ids[company]), 0.0) + percent
    assert given == pytest.approx({pair: float(share.value) for pair, share in votes.items()}, abs=1e-9)


def test_plain_registers_never_touch_a_row(model: Ontology, tmp_path: Path) -> None:
    synthetic.write_folder(tmp_path / "data", 300)
    compiling.compile_into(tmp_path, [tmp_path / "data"], model, store.with_derived)
    found = registers.registers(compiling.opened(tmp_path, model), model, Scope(at("2026-09-11", "2026-09-11")))
    assert len(found.holders) > 300
    assert len(found.by_rows) == 0


# Reading files --------------------------------------------------------------------------------------------------------


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def of_cells(problems: Iterable[Problem]) -> list[Problem]:
    """The problems but those of references: of these there are hundreds where a file of parties cannot be read."""
    return [problem for problem in problems if "nowhere" not in problem.wrong]


SPOILED: dict[str, tuple[str, str, str]] = {
    "an unknown code": ("stakes.csv", ",common,", ",comon,"),
    "a date of no calendar": ("stakes.csv", ",2025-12-31,", ",2025-02-31,"),
    "a number with a comma": ("readings/holdings.csv", ",percent,2", ",percent,31 May "),
    "a missing column": ("parties.csv", ",country,", ",land,"),
    "an empty required cell": ("parties.csv", "nvidia,company,", "nvidia,,"),
    "a cell too many": ("parties.csv", "nvidia,company,", "nvidia,company,,"),
    "a formula": ("parties.csv", ",NVIDIA,", ",=NVIDIA(),"),
    "a blank line": ("stakes.csv", "\n", "\n\n"),
    "an open quotation mark": ("parties.csv", ",NVIDIA,", ',"NVIDIA,'),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_problem_is_told_as_the_row_reader_tells_it(data_copy: Path, model: Ontology, case: str) -> None:
    file, old, new = SPOILED[case]
    if old not in (data_copy / file).read_text(encoding="utf-8"):
        pytest.skip(f"the data have no {old!r}")
    spoil(data_copy, file, old, new)
    expected = of_cells(read_folders([data_copy], model).problems)
    assert expected
    assert of_cells(compiling.check([data_copy], model, shapes=False)) == expected


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\0"], ids=["not UTF-8", "a NUL"])
def test_bytes_that_are_no_text_are_told_with_their_line(data_copy: Path, model: Ontology, raw: bytes) -> None:
    file = data_copy / "parties.csv"
    file.write_bytes(file.read_bytes().replace(b",NVIDIA,", b"," + raw + b","))
    expected = of_cells(read_folders([data_copy], model).problems)
    assert expected
    assert of_cells(compiling.check([data_copy], model, shapes=False)) == expected


def test_what_leads_nowhere_and_what_stands_twice_is_told_with_its_place(data_copy: Path, model: Ontology) -> None:
    spoil(data_copy, "stakes.csv", ",nvidia,", ",nvidiea,")
    parties = (data_copy / "parties.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (data_copy / "parties.csv").write_text("".join([*parties, parties[5]]), encoding="utf-8")
    expected = {(problem.file, problem.line, problem.wrong) for problem in read_folders([data_copy], model).problems}
    found = {(problem.file, problem.line, problem.wrong) for problem in compiling.check([data_copy], model)}
    assert found == expected
    with pytest.raises(DataProblem, match="stands twice"):
        compiling.compile_into(data_copy.parent, [data_copy], model, store.with_derived)


def test_two_data_sets_may_say_alike_but_not_otherwise(data_copy: Path, model: Ontology, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(data_copy / "parties.csv", other)
    assert compiling.check([data_copy, other], model, shapes=False) == []
    spoil(other, "parties.csv", ",NVIDIA,", ",NVIDEA,")
    (problem,) = compiling.check([data_copy, other], model, shapes=False)
    assert "says otherwise" in problem.wrong


def test_canonical_form_is_restored_and_warned_of(data_copy: Path, model: Ontology) -> None:
    readings = data_copy / "readings" / "holdings.csv"
    lines = readings.read_text(encoding="utf-8").splitlines(keepends=True)
    row = next(k for k, line in enumerate(lines) if ",percent,2" in line and ",27," in line)
    lines[row] = lines[row].replace(",27,", ",27.00,", 1)
    readings.write_text("".join(lines), encoding="utf-8")
    assert list(gather([data_copy], model).problems) == list(read_folders([data_copy], model).problems)


def test_line_breaks_inside_cells_do_not_shift_the_lines_of_other_rows(
    data_copy: Path, model: Ontology, tmp_path: Path
) -> None:
    file = data_copy / "parties.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[3] = lines[3].rstrip("\n") + '"two\nlines"\n' if lines[3].endswith(",\n") else lines[3]
    file.write_text("".join(lines), encoding="utf-8")
    (tmp_path / "columns").mkdir()
    compiling.compile_into(tmp_path / "columns", [data_copy], model, store.with_derived)
    opened = compiling.opened(tmp_path / "columns", model)
    wanted = [row.line for row in read_folders([data_copy], model).facts.table("parties")]
    assert [row.line for row in opened.table("parties")] == wanted


def test_rules_on_columns_are_the_rules_of_the_shapes(data_copy: Path, model: Ontology) -> None:
    """One folder that breaks every rule that runs on columns."""
    sources = (data_copy / "sources.csv").read_text(encoding="utf-8").splitlines()
    news = next(line.split(",")[0] for line in sources if ",news," in line)
    with (data_copy / "stakes.csv").open("a", encoding="utf-8") as out:
        out.write("zz-self,openai,openai,common,,,,,\n")
        out.write("zz-person,openai,elon-musk,common,,,2025,2024,\n")
        out.write("zz-inside,nvidia,openai,common,,zz-person,,,\n")
        out.write("zz-much,nvidia,astral,common,,,,,\nzz-more,amd,astral,common,,,,,\n")
    with (data_copy / "parties.csv").open("a", encoding="utf-8") as out:
        out.write("zz-unnamed,company,Unnamed,,,,,,\n")
    with (data_copy / "evidence.csv").open("a", encoding="utf-8") as out:
        out.write("".join(f"stake/zz-{name},{news},reported\n" for name in ("inside", "much", "more", "person")))
    cells = {
        "zz-1": "stake/zz-person,percent,2025,,,,,percent,,outstanding,{},,reported,",
        "zz-2": "stake/zz-person,percent,2025,,5,7,6,percent,,outstanding,{},,primary,",
        "zz-3": "stake/zz-person,percent,2025,,140,,,percent,,outstanding,{},,reported,",
        "zz-4": "stake/zz-much,percent,2025,,70,,,percent,,outstanding,{},,reported,",
        "zz-5": "stake/zz-more,percent,2025,,60.5,,,percent,,outstanding,{},,reported,",
        "zz-6": "stake/zz-more,percent,2024,,60.5,,60,percent,,outstanding,{},,reported,",
    }
    with (data_copy / "readings" / "holdings.csv").open("a", encoding="utf-8") as out:
        out.write("".join(f"{id},{line.format(news)}\n" for id, line in cells.items()))
    ours = [problem for problem in check_folders([data_copy]) if any(f"[{rule}]" in problem.wrong for rule in RULES)]
    found = compiling.check([data_copy], model)
    told = {problem.wrong.rpartition("[")[2].rstrip("]") for problem in found}
    assert told == set(RULES)
    places = {(problem.file, problem.line, problem.wrong) for problem in found}
    assert places == {(problem.file, problem.line, problem.wrong) for problem in ours}


# The switch -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A register that counts as large, with a cache of its own."""
    monkeypatch.setattr(store, "ROW_LIMIT", 1_000)
    monkeypatch.setenv("CAPGRAPH_CACHE", str(tmp_path / "cache"))
    synthetic.write_folder(tmp_path / "register", 400)
    return tmp_path / "register"


def test_the_number_of_rows_decides(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(load(large), RegisterGraph)
    monkeypatch.setattr(store, "ROW_LIMIT", 10**6)
    monkeypatch.setenv("CAPGRAPH_CACHE", str(large.parent / "another"))
    assert not isinstance(load(large), RegisterGraph)


def test_the_second_opening_reads_no_table(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(large)
    monkeypatch.setattr(compiling, "gather", lambda *_: pytest.fail("the tables were read again"))
    assert load(large).store.version == first.store.version
    assert first.at("2025").owners("firm-0000001").context.clocks.as_of.year == 2025


def test_a_changed_cell_makes_another_register(large: Path) -> None:
    before = load(large).store.version
    spoil(large, "parties.csv", "Atlas Capital 0", "Atlas Kapital 0")
    after = load(large)
    assert after.store.version != before
    assert after.find("Atlas Kapital 0").hits[0].id == "firm-0000000"


def test_commands_print_the_same_from_either_form(
    large: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = [
        ("owners", "firm-0000001"), ("holdings", "firm-0000004"), ("exposure", "firm-0000004"), ("stats",),
        ("control", "firm-0000004"), ("owners", "firm-0000001", "--look-through"), ("find", "granit"),
    ]  # fmt: skip
    answers = []
    for limit, name in ((1_000, "cache"), (10**6, "rows")):
        monkeypatch.setattr(store, "ROW_LIMIT", limit)
        monkeypatch.setenv("CAPGRAPH_CACHE", str(large.parent / name))
        answers.append(
            [(run([*words, "--data", str(large), "-f", "json"]), capsys.readouterr().out) for words in questions]
        )
    assert answers[0] == answers[1]


def test_what_a_register_does_not_do_is_said(
    large: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("capgraph.columnar.facts.MOST_ROWS", 100)
    for words, told in (
        (("path", "firm-0000001", "firm-0000004"), "at the size of a register"),
        (("owners", "firm-0000001", "--without", "stake/x"), "--without"),
        (("query", "-q", "SELECT * { ?s ?p ?o } LIMIT 1"), "no RDF graph"),
        (("check-data", "--fix"), "--fix rewrites"),
    ):
        code = run([*words, "--data", str(large)])
        error = capsys.readouterr().err
        assert code == 2, (words, error)
        assert told in error
    assert run(["build", "--data", str(large), "-o", str(tmp_path / "out")]) == 0
    assert "13 of the" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_more_links_than_a_page_can_show_are_built_without_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("capgraph.views.page.MOST_LINKS", 10)
    synthetic.write_folder(tmp_path / "register", 50)
    assert run(["build", "--data", str(tmp_path / "register"), "-o", str(tmp_path / "out")]) == 0
    assert "more than a page is made for" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["capgraph.trig"]


def test_without_pyarrow_a_large_folder_is_refused_with_the_command_that_helps(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageProblem, match=r"capgraph\[scale\]"):
        load(large)


def test_small_folders_need_no_pyarrow() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from capgraph.cli import run\n"
        "code = run(['holdings', 'softbank-group', '-f', 'csv', '-o', '/dev/null'])\n"
        "assert code == 0, code\n"
        "assert 'capgraph.columnar.columns' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_a_build_that_is_killed_leaves_nothing_that_is_read(large: Path, model: Ontology, tmp_path: Path) -> None:
    root = tmp_path / "cache"

    def fill(aside: Path) -> None:
        compiling.compile_into(aside, [large], model, store.with_derived)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.build_aside(root / "key", fill)
    assert not (root / "key").exists()
    assert not cache.is_whole(root / "key")
    load(large)
    (key,) = [folder for folder in root.iterdir() if folder.is_dir() and folder.name != "seen"]
    assert cache.is_whole(key)
    (key / "tables" / "stakes.arrow").write_bytes(b"")
    assert not cache.is_whole(key)


# Synthetic registers --------------------------------------------------------------------------------------------------


def test_a_seed_gives_one_register(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        synthetic.write_folder(tmp_path / name, 100, seed)
    read = {name: (tmp_path / name / "stakes.csv").read_bytes() for name in "abc"}
    assert read["a"] == read["b"] != read["c"]
    assert json.loads((tmp_path / "a" / "dataset.json").read_text(encoding="utf-8"))["id"] == "synthetic-100"


def test_a_synthetic_register_breaks_no_rule(tmp_path: Path) -> None:
    synthetic.write_folder(tmp_path / "register", 200)
    assert [problem for problem in check_folders([tmp_path / "register"]) if problem.level == "error"] == []
