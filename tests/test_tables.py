"""What the loader promises: every problem of a run with its place, nothing lost on the way to RDF and back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from capgraph.errors import DataProblem, Problem
from capgraph.ontology import Ontology
from capgraph.quads import facts_from_quads, facts_to_quads
from capgraph.share import data_dir
from capgraph.tables import read_folders, write_folder


def problems(folder: Path, model: Ontology) -> tuple[Problem, ...]:
    return read_folders([folder], model).problems


def rewrite(file: Path, old: str, new: str) -> int:
    """Replace the first occurrence in a file; the line on which it stood."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} holds no {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text.count("\n", 0, text.index(old)) + 1


def add_row(file: Path, **cells: str) -> int:
    """Append a row; its line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    header = next(csv.reader(lines[:1]))
    with file.open("a", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerow([cells.get(name, "") for name in header])
    return len(lines) + 1


def test_the_bundled_tables_have_no_problem_of_form(model: Ontology) -> None:
    assert problems(data_dir(), model) == ()


def test_csv_to_quads_and_back_is_byte_identical(model: Ontology, tmp_path: Path) -> None:
    facts = read_folders([data_dir()], model).checked()
    write_folder(facts_from_quads(facts_to_quads(facts), model.schema, facts.datasets), tmp_path)
    originals = {file.relative_to(data_dir()): file.read_bytes() for file in sorted(data_dir().rglob("*.csv"))}
    written = {file.relative_to(tmp_path): file.read_bytes() for file in sorted(tmp_path.rglob("*.csv"))}
    assert written == originals


def test_tables_in_a_folder_of_their_own_come_back_byte_by_byte_and_may_be_missing(
    model: Ontology, tmp_path: Path
) -> None:
    source, written, bare = Path(__file__).parent / "fixtures" / "shapes" / "base", tmp_path / "out", tmp_path / "bare"
    facts = read_folders([source], model).checked()
    write_folder(facts_from_quads(facts_to_quads(facts), model.schema, facts.datasets), written)
    for name in ("claims/claims.csv", "claims/inputs.csv"):
        assert (written / name).read_bytes() == (source / name).read_bytes()
    write_folder(facts.without(row.ref for row in facts.table("claims")), bare)
    assert not (bare / "claims").exists()
    assert read_folders([bare], model).checked().table("inputs") == ()


def test_all_problems_of_a_run_are_reported_with_file_line_column_value_and_remedy(
    data_copy: Path, model: Ontology
) -> None:
    holder = rewrite(data_copy / "stakes.csv", "softbank-group--openai--preferred,softbank-group,openai",
                     "softbank-group--openai--preferred,softbnak-group,openai")  # fmt: skip
    medium = rewrite(data_copy / "tranches.csv", ",cash,", ",cahs,")
    date = rewrite(data_copy / "sources.csv", ",2025-11-11,", ",2025-11-31,")
    found = problems(data_copy, model)
    assert {(Path(p.file).name, p.line, p.column, p.value) for p in found} == {
        ("stakes.csv", holder, "holder", "softbnak-group"),
        ("tranches.csv", medium, "medium", "cahs"),
        ("sources.csv", date, "published", "2025-11-31"),
    }
    remedies = {p.column: p.right for p in found}
    assert "softbank-group" in remedies["holder"]
    assert "cash" in remedies["medium"]
    assert "2025-10-31" in remedies["published"]


@pytest.mark.parametrize(
    ("cells", "column", "wrong"),
    [
        ({"holder": "a|b", "issuer": "openai"}, "holder", "id of a party"),
        ({"holder": "", "issuer": "openai"}, "holder", "must not be empty"),
        ({"holder": "nvidia", "issuer": "OpenAI"}, "issuer", "id of a party"),
        ({"holder": "nvidia", "issuer": "openai", "valid_from": "2025-13"}, "valid_from", "date as precise as known"),
        ({"holder": "nvidia", "issuer": "openai", "note": '=HYPERLINK("x")'}, "note", "spreadsheet formula"),
        ({"holder": "nvidia", "issuer": "openai", "note": "bell\x07"}, "note", "control character"),
        ({"holder": "nvidia", "issuer": "openai", "instrument": "comon"}, "instrument", "no such code"),
        ({"holder": "nvidia", "issuer": "openai", "contained_in": "nobody"}, "contained_in", "leads nowhere"),
    ],
)
def test_a_bad_cell_names_its_column(
    data_copy: Path, model: Ontology, cells: dict[str, str], column: str, wrong: str
) -> None:
    line = add_row(data_copy / "stakes.csv", **{"id": "zz-test", "instrument": "common", **cells})
    (problem,) = problems(data_copy, model)
    assert (problem.line, problem.column) == (line, column)
    assert wrong in problem.wrong


@pytest.mark.parametrize(
    ("cell", "right"), [("58.3bn", "58300000000"), ("1,000", "1000"), ("12 %", "12"), ("5.83亿", "583000000")]
)
def test_an_amount_in_words_is_told_as_the_number_it_means(
    data_copy: Path, model: Ontology, cell: str, right: str
) -> None:
    rewrite(data_copy / "fx.csv", data_copy.joinpath("fx.csv").read_text().splitlines()[1].split(",")[2], f'"{cell}"')
    (problem,) = problems(data_copy, model)
    assert problem.right == right


def test_a_number_that_is_not_canonical_is_a_warning_and_is_read_as_the_same_number(
    data_copy: Path, model: Ontology
) -> None:
    rewrite(data_copy / "readings" / "deals.csv", ",5830000000,", ",05830000000.00,")
    intake = read_folders([data_copy], model)
    assert [(p.level, p.right) for p in intake.problems] == [("warning", "5830000000")]
    write_folder(intake.checked(), data_copy)
    assert (data_copy / "readings/deals.csv").read_bytes() == (data_dir() / "readings/deals.csv").read_bytes()


def test_an_id_used_twice_names_both_places(data_copy: Path, model: Ontology) -> None:
    line = add_row(data_copy / "parties.csv", id="nvidia", kind="company", name="Another")
    (problem,) = problems(data_copy, model)
    assert problem.line == line
    assert "stands twice, first at " in problem.wrong
    assert f"{(data_copy / 'parties.csv').as_posix()}:" in problem.wrong


def test_two_folders_may_repeat_a_row_but_not_contradict_each_other(
    data_copy: Path, model: Ontology, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    header, *_ = (data_copy / "parties.csv").read_text(encoding="utf-8").splitlines()
    same = next(line for line in (data_copy / "parties.csv").open(encoding="utf-8") if line.startswith("arm,"))
    (other / "parties.csv").write_text(f"{header}\n{same}", encoding="utf-8")
    assert read_folders([data_copy, other], model).problems == ()
    (other / "parties.csv").write_text(f"{header}\n{same.replace('arm,company', 'arm,fund')}", encoding="utf-8")
    (problem,) = read_folders([data_copy, other], model).problems
    assert "says otherwise" in problem.wrong


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "the file is empty"),
        (b"id,holder,issuer\n", "is missing"),
        (b"\xff\xfei\x00d\x00", "not UTF-8"),
        ("id,名\n".encode("gb18030"), "not UTF-8"),
        (b"a\0b\n", "NUL"),
    ],
)
def test_a_file_that_is_no_table_is_told_plainly(data_copy: Path, model: Ontology, content: bytes, wrong: str) -> None:
    (data_copy / "stakes.csv").write_bytes(content)
    found = [
        problem for problem in problems(data_copy, model) if problem.file.endswith("stakes.csv") and problem.line <= 1
    ]
    assert any(wrong in problem.wrong for problem in found)
    with pytest.raises(DataProblem):
        read_folders([data_copy], model).checked()


def test_a_huge_cell_is_refused_with_its_line(data_copy: Path, model: Ontology) -> None:
    line = add_row(data_copy / "parties.csv", id="zz", kind="company", name="Zz", note="x" * 100_000_000)
    assert [(p.line, "field limit" in p.wrong) for p in problems(data_copy, model)] == [(line, True)]


def test_a_row_with_a_cell_too_many_is_told_and_the_rest_is_read(data_copy: Path, model: Ontology) -> None:
    with (data_copy / "products.csv").open("a", encoding="utf-8") as out:
        out.write("zz,Zz,,nvidia,ai_model,,too many\n")
    (problem,) = problems(data_copy, model)
    assert "7 cells where the header has 6" in problem.wrong


@pytest.mark.parametrize("spoil", [b"", b"\xff\xfe", b"id,name\n"])
def test_a_table_that_cannot_be_read_is_one_problem_and_not_one_a_reference(
    data_copy: Path, model: Ontology, spoil: bytes
) -> None:
    (data_copy / "stakes.csv").write_bytes(spoil)
    found = problems(data_copy, model)
    assert {problem.file.rsplit("/", 1)[-1] for problem in found} == {"stakes.csv"}
    assert all(problem.wrong and problem.right for problem in found)


def test_a_missing_table_is_told_once_with_its_header(data_copy: Path, model: Ontology) -> None:
    (data_copy / "stakes.csv").unlink()
    (problem,) = problems(data_copy, model)
    assert problem.file.endswith("stakes.csv")
    assert "references lead into it" in problem.wrong
    assert "id,holder,issuer" in problem.right


def test_folders_with_one_id_are_refused_and_a_wrong_row_names_its_folder(
    data_copy: Path, model: Ontology, tmp_path: Path
) -> None:
    with pytest.raises(DataProblem, match="has the same id"):
        read_folders([data_dir(), data_copy], model)
    mine = tmp_path / "mine"
    mine.mkdir()
    header = ",".join(model.schema.tables["parties"].header)
    (mine / "parties.csv").write_text(
        f"{header}\nopenai,company,Mine{',' * (header.count(',') - 2)}\n", encoding="utf-8"
    )
    (problem,) = read_folders([data_dir(), mine], model).problems
    assert problem.file == (mine / "parties.csv").as_posix()
    assert "parties.csv:" in problem.wrong
    assert "/parties.csv" in problem.wrong


def test_a_folder_without_tables_is_no_data_folder(tmp_path: Path, model: Ontology) -> None:
    with pytest.raises(DataProblem, match="no table of capgraph"):
        read_folders([tmp_path], model)
    with pytest.raises(DataProblem, match="no such data folder"):
        read_folders([tmp_path / "nowhere"], model)


def test_leaving_a_thing_out_takes_what_needs_it_and_empties_what_may_do_without(model: Ontology) -> None:
    facts = read_folders([data_dir()], model).checked()
    deal = "deal/softbank-nvidia-exit-2025-10"
    less = facts.without([deal])
    assert deal not in less
    assert "tranche/softbank-nvidia-exit-2025-10--sale" not in less
    assert not less.about("evidence", deal)
    assert "stake/softbank-group--nvidia--common" in less
    gone = {row.ref for row in facts.rows()} - {row.ref for row in less.rows()}
    assert all("softbank-nvidia-exit-2025-10" in ref or less.get(ref) is None for ref in gone)
    assert not any(
        target in gone for row in less.rows() for target in [row.cells.get("deal", "") and f"deal/{row['deal']}"]
    )
