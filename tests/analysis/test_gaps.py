"""What is unknown or rests on little: found by what the classes of the ontology expect, measured by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.analysis.doubtful import doubtful, percent, reading
from tests.analysis.worlds import context, network, text

from capgraph.analysis.gaps import GapRow, OpenGapRow, gaps
from capgraph.cli import run
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import load
from capgraph.network import CapitalNetwork
from capgraph.ontology import Ontology
from capgraph.results import Value
from capgraph.share import ontology_dir
from capgraph.tables import write_folder


def rows(facts: Facts, party: str = "", **asked: object) -> dict[str, list[GapRow | OpenGapRow]]:
    """The rows of every kind of gap."""
    net = network(facts)
    told = gaps(net, context(net), party, top=0, **asked)  # type: ignore[arg-type]
    found: dict[str, list[GapRow | OpenGapRow]] = {}
    for row in (*told.gaps, *told.unbounded):
        for code in row.kinds:
            found.setdefault(code.code, []).append(row)
    return found


def one(facts: Facts, kind: str) -> GapRow:
    (row,) = rows(facts)[kind]
    assert isinstance(row, GapRow)
    return row


def upto(amount: int) -> Value:
    return Value(None, "USD", Decimal(0), Decimal(amount))


def test_a_loan_without_maturity_and_rate_is_one_row_with_its_amount() -> None:
    row = one(doubtful(), "maturity")
    assert [code.code for code in row.kinds] == ["maturity", "rate"]
    assert (row.thing, row.at_stake, row.measure.code) == ("facility/loan", Value(Decimal(240), "USD"), "amount")
    assert row.reach == 4, "bank and lab, house and fund that hold the lab"
    assert len(row.look_for) == 2


@pytest.mark.parametrize(
    ("kind", "filler"),
    [
        ("maturity", reading("e1", "facility/loan", "end", "2030-06", unit="")),
        ("rate", reading("e1", "facility/loan", "rate", "8", unit="percent")),
    ],
)
def test_a_reading_fills_a_gap(kind: str, filler: dict[str, str]) -> None:
    assert kind in rows(doubtful())
    assert kind not in rows(doubtful(readings=[filler]))


def test_a_gap_that_is_filled_later_was_one_before() -> None:
    rate = reading("e1", "facility/loan", "rate", "8", unit="percent", source="s-2026-02-01")
    facts = doubtful(readings=[rate])
    then = network(facts, "2026-01-20", "2026-01-20")
    kinds = {code.code for row in gaps(then, context(then)).gaps for code in row.kinds}
    assert "rate" in kinds
    assert "rate" not in rows(facts)


def test_only_loans_against_shares_have_a_trigger() -> None:
    margin = {"id": "m", "kind": "margin_loan", "title": "M", "borrower": "house", "lenders": "bank"}
    more = {"about": "facility/m", "status": "drawn", "date": "2025-06-10", "source": "s-2025-06-11"}
    assert "trigger" not in rows(doubtful())
    found = rows(doubtful(facilities=[margin], statuses=[more]))
    assert [row.thing for row in found["trigger"]] == ["facility/m"]
    assert [row.thing for row in found["collateral"]] == ["facility/m"]


def test_holders_of_unknown_size_share_the_rest_of_the_company() -> None:
    stakes = [{"id": f"{who}--lab", "holder": who, "issuer": "lab", "instrument": "common", "valid_from": "2025-01"}
              for who in ("bank", "other")]  # fmt: skip
    evidence = [{"about": f"stake/{row['id']}", "source": "s-2025-06-11", "confidence": "reported"} for row in stakes]
    other = [{"id": "other", "kind": "company", "name": "Other", "name_zh": "其他"}]
    row = one(doubtful(stakes=stakes, evidence=evidence, parties=other), "size")
    assert (row.thing, row.count, row.at_stake) == ("party/lab", 2, upto(750)), (
        "100 - 15 (the least told) - 10 percent of 1,000"
    )
    assert row.things == ("stake/bank--lab", "stake/other--lab")


def test_without_such_holders_the_rest_has_no_known_holder_and_a_listed_company_is_the_public_s() -> None:
    row = one(doubtful(), "holders")
    assert (row.thing, row.at_stake, row.measure.code) == ("party/lab", upto(750), "rest")
    facts = doubtful()
    listed = Facts(facts.schema, facts.datasets, [
        replace(each, cells={**each.cells, "ticker": "X:LAB"}) if each.ref == "party/lab" else each
        for each in facts.rows()
    ])  # fmt: skip
    assert "holders" not in rows(listed)


def test_legs_without_amount_share_what_their_deal_leaves() -> None:
    legs = [{"id": f"big--{who}", "deal": "big", "from_party": who, "to_party": "lab", "medium": "cash"}
            for who in ("house", "fund", "bank")]  # fmt: skip
    closed = [{"about": f"tranche/{row['id']}", "status": "closed", "date": "2025-09-01", "source": "s-2025-09-02"}
              for row in legs]  # fmt: skip
    facts = doubtful(
        deals=[{"id": "big", "kind": "equity_round", "title": "Big", "announced": "2025-09-01", "subject": "lab"}],
        tranches=legs, statuses=closed,
        readings=[reading("d1", "deal/big", "amount", "500"), reading("d2", "tranche/big--house", "amount", "180")],
    )  # fmt: skip
    row = one(facts, "amount")
    assert (row.thing, row.count, row.at_stake, row.measure.code) == ("deal/big", 2, upto(320), "deal")
    paid = doubtful(
        deals=[{"id": "big", "kind": "equity_round", "title": "Big", "announced": "2025-09-01", "subject": "lab"}],
        tranches=legs, statuses=closed,
    )  # fmt: skip
    assert isinstance(rows(paid)["amount"][0], OpenGapRow), "nothing bounds it: unknown, not nothing"


def test_a_ceiling_is_a_bound_and_its_terms_stand_in_the_same_row() -> None:
    top = reading("g1", "guarantee/g", "amount", "", high="90", basis="ceiling")
    given = {"id": "g", "guarantor": "house", "obligor": "lab", "valid_from": "2025-06"}
    told = {"about": "guarantee/g", "source": "s-2025-06-11", "confidence": "reported"}
    row = one(doubtful(guarantees=[given], evidence=[told], readings=[top]), "ceiling")
    assert [code.code for code in row.kinds] == ["term", "ceiling"]
    assert (row.at_stake, row.measure.code) == (upto(90), "ceiling")


def test_what_rests_on_one_unverified_source_is_one_row_a_source() -> None:
    row = one(doubtful(), "single")
    assert (row.thing, row.things) == ("source/s-2025-06-20", ("stake/fund--lab",))
    assert row.at_stake == Value(Decimal(100), "USD"), "10 percent of 1,000"
    second = {"about": "stake/fund--lab", "source": "s-2025-07-01", "confidence": "unverified"}
    assert "single" not in rows(doubtful(evidence=[second])), "two origins are not one"
    copies = [{"id": "s-copy", "published": "2025-07-01", "origin": "s-2025-06-20"}]
    third = {"about": "stake/fund--lab", "source": "s-copy", "confidence": "unverified"}
    assert one(doubtful(evidence=[third], sources=copies), "single").things == ("stake/fund--lab",)


def test_an_old_percent_is_worth_what_the_company_is_worth_today() -> None:
    old = percent("o1", "stake/bank--lab", "4", as_of="2024-01-31", source="s-2025-06-11")
    stake = {"id": "bank--lab", "holder": "bank", "issuer": "lab", "instrument": "common", "valid_from": "2024-01"}
    row = one(doubtful(stakes=[stake], readings=[old]), "stale")
    assert (row.thing, row.at_stake) == ("stake/bank--lab", Value(Decimal(40), "USD"))
    expired = {**old, "as_of": "2023-01-31"}
    assert one(doubtful(stakes=[stake], readings=[expired]), "expired").at_stake == Value(Decimal(40), "USD")


def test_a_promise_of_which_nothing_was_heard_is_old() -> None:
    old = doubtful()
    kept = [each for each in old.rows() if not (each.table == "statuses" and "tranche" in each["about"])]
    kept = [replace(each, cells={**each.cells, "announced": "2024-01-10"}) if each.ref == "deal/round" else each
            for each in kept]  # fmt: skip
    facts = Facts(old.schema, old.datasets, kept)
    net = network(facts, rung="announced")
    told = gaps(net, context(net), kinds=["promise"])
    assert [(row.thing, row.at_stake.value) for row in told.gaps] == [("deal/round", Decimal(60))]


def test_losses_end_with_a_company_that_nobody_is_known_to_hold() -> None:
    """The dealer is promised 70 by the lab, and nobody holds it; the bank, of another kind, is no company."""
    facts = doubtful(
        parties=[{"id": "dealer", "kind": "company", "name": "Dealer", "name_zh": "经销商"}],
        contracts=[{"id": "c", "kind": "chip_supply", "title": "C", "suppliers": "dealer", "customers": "lab",
                    "announced": "2025-06-10"}],
        statuses=[{"about": "contract/c", "status": "signed", "date": "2025-06-10", "source": "s-2025-06-11"}],
        readings=[reading("c1", "contract/c", "value", "70")],
    )  # fmt: skip
    row = one(facts, "owners")
    assert (row.thing, row.at_stake) == ("party/dealer", Value(Decimal(70), "USD"))
    ours = {"id": "d", "subject": "party/dealer", "relation": "subsidiary_of", "object": "party/house",
            "valid_from": "2016"}  # fmt: skip
    told = {"about": "relation/d", "source": "s-2025-06-11", "confidence": "reported"}
    more = [*facts.rows(), *doubtful(relations=[ours], evidence=[told]).rows()]
    merged = Facts(facts.schema, facts.datasets, {each.ref: each for each in more}.values())
    assert "owners" not in rows(merged)


def test_kinds_and_tops_choose_rows() -> None:
    assert set(rows(doubtful(), kinds=["rate"])) == {"rate"}
    net = network(doubtful())
    with pytest.raises(UsageProblem, match="no kind of gap"):
        gaps(net, context(net), kinds=["colour"])
    told = gaps(net, context(net), top=1)
    assert len(told.gaps) == 1 < told.bounded
    assert "more" in text(told)
    assert gaps(net, context(net), kinds=["trigger"]).gaps == ()


def test_a_new_kind_of_gap_needs_no_code(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ontology_dir(), tmp_path / "ontology"))
    model = folder / "capgraph.ttl"
    model.write_text(
        model.read_text("utf-8").replace(
            "cap:RoleHolding a owl:Class ;", "cap:RoleHolding a owl:Class ;\n    cap:expects ( gap:began ) ;"
        ),
        "utf-8",
    )
    with (folder / "codes.ttl").open("a", encoding="utf-8") as codes:
        codes.write(
            '\ngap:began a skos:Concept ; skos:prefLabel "beginning"@en , "起始不明"@zh ; cap:filledBy cap:validFrom ;'
            ' cap:measuredBy gap-measure:none ; cap:lookFor "when it began"@en , "何时开始"@zh .\n'
        )
    ontology = Ontology(folder)
    role = {"id": "r", "person": "boss", "organization": "lab", "role": "chair"}
    facts = doubtful(
        parties=[{"id": "boss", "kind": "person", "name": "Boss", "name_zh": "老板"}],
        roles=[role], evidence=[{"about": "role/r", "source": "s-2025-06-11", "confidence": "reported"}],
    )  # fmt: skip
    plain = network(facts)
    changed = CapitalNetwork(facts, ontology, type(plain.derived)(facts, ontology, plain.scope.clocks), plain.scope)
    told = gaps(changed, context(plain), kinds=["began"])
    assert [(row.thing, row.look_for[0].values["what"].en) for row in told.unbounded] == [("role/r", "when it began")]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    told = [{"about": about, "source": "s-2025-06-11", "confidence": "reported"} for about in ("contract/c",)]
    contract = {"id": "c", "kind": "chip_supply", "title": "C", "suppliers": "bank", "customers": "lab",
                "announced": "2025-06-10"}  # fmt: skip
    write_folder(doubtful(contracts=[contract], evidence=told), tmp_path / "world")

    def answered(*words: str) -> str:
        assert run(["gaps", *words, "-f", "json", "--data", str(tmp_path / "world")]) == 0
        document = json.loads(capsys.readouterr().out)
        return json.dumps([document["gaps"], document["unbounded"]])

    return answered


@pytest.mark.parametrize(
    ("party", "words"),
    [
        ("lab", ["--as-of", "2025-05-01"]),
        ("lab", ["--known-on", "2025-06-15"]),
        ("bank", ["--rung", "announced"]),
        ("house", ["--group"]),
    ],
)
def test_clocks_rung_and_house_change_the_answer(ask: Callable[..., str], party: str, words: list[str]) -> None:
    assert ask(party) != ask(party, *words)


def test_on_the_real_data_no_row_is_told_twice_and_the_largest_come_first() -> None:
    told = load().gaps(top=0)
    keys = [(row.thing, row.measure.code, row.things) for row in told.gaps]
    assert len(keys) == len(set(keys))
    ends = [max(end for end in (row.at_stake.value, row.at_stake.low, row.at_stake.high) if end is not None)
            for row in told.gaps]  # fmt: skip
    assert ends == sorted(ends, reverse=True)
    assert all(row.look_for for row in (*told.gaps, *told.unbounded))
    graph = load()
    assert all(row.thing in graph.facts for row in (*told.gaps, *told.unbounded))
