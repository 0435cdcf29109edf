"""What the graph says of a statement, on facts small enough to know the answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from capgraph.clocks import Clocks
from capgraph.derive import Derived
from capgraph.facts import Facts
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import load
from capgraph.reader import telling
from capgraph.reader.agreement import interval
from capgraph.reader.answers import TextRead
from capgraph.reader.quantities import Quantity
from capgraph.reader.texts import prepared
from capgraph.results import Context
from tests.tiny import at, facts_of


def world(**more: list[dict[str, str]]) -> Facts:
    """Harbour holds shares of Lantern, sold some in October 2025 for 5.83 bn, and its founder is Ann Rivers."""
    base: dict[str, list[dict[str, str]]] = {
        "parties": [
            {"id": "harbour", "kind": "company", "name": "Harbour"},
            {"id": "harbour-fund", "kind": "fund", "name": "Harbour Fund"},
            {"id": "lantern", "kind": "company", "name": "Lantern", "name_zh": "灯笼公司"},
            {"id": "mill", "kind": "company", "name": "Mill"},
            {"id": "ann", "kind": "person", "name": "Ann Rivers"},
        ],
        "stakes": [
            {"id": "harbour--lantern", "holder": "harbour", "issuer": "lantern", "instrument": "common"},
            {"id": "fund--mill", "holder": "harbour-fund", "issuer": "mill", "instrument": "common"},
        ],
        "deals": [{"id": "exit", "kind": "disposal", "title": "Exit", "announced": "2025-11", "subject": "lantern"}],
        "tranches": [
            {"id": "exit--sale", "deal": "exit", "to_party": "harbour", "medium": "cash", "stake": "harbour--lantern",
             "effect": "reduces"},
        ],
        "roles": [{"id": "ann-harbour", "person": "ann", "organization": "harbour", "role": "founder",
                   "valid_from": "2000"}],
        "relations": [{"id": "fund-of", "subject": "party/harbour-fund", "relation": "subsidiary_of",
                       "object": "party/harbour", "valid_from": "2016"}],
        "statuses": [{"about": "tranche/exit--sale", "status": "closed", "date": "2025-10", "source": "s-2025-11-11"}],
        "evidence": [
            {"about": about, "source": "s-2025-11-11", "confidence": "reported"}
            for about in ("stake/harbour--lantern", "stake/fund--mill", "deal/exit", "tranche/exit--sale",
                          "role/ann-harbour", "relation/fund-of")
        ],
        "readings": [
            reading("r1", "tranche/exit--sale", "amount", "2025-10", "5830000000", "USD", "s-2025-11-11"),
            reading("r2", "stake/harbour--lantern", "percent", "2025-12-31", "11", "percent", "s-2026-01-15",
                    basis="outstanding"),
            reading("r3", "party/lantern", "revenue", "2025-12-31", "90000000000", "JPY", "s-2026-02-01",
                    period="2025"),
            reading("r4", "stake/fund--mill", "percent", "2025-12-31", "4", "percent", "s-2026-01-15",
                    basis="outstanding"),
        ],
    }  # fmt: skip
    for table, rows in more.items():
        base[table] = [*base.get(table, []), *rows]
    return facts_of(**base)


def reading(
    id: str, about: str, aspect: str, as_of: str, value: str, unit: str, source: str, **more: str
) -> dict[str, str]:
    cells = {"id": id, "about": about, "aspect": aspect, "as_of": as_of, "value": value, "unit": unit}
    return {**cells, "source": source, "confidence": "reported", **more}


def read(text: str, facts: Facts | None = None, clocks: Clocks | None = None, **options: object) -> TextRead:
    facts, model, clocks = facts or world(), load(), clocks or at()
    network = CapitalNetwork(facts, model, Derived(facts, model, clocks), Scope(clocks))
    return telling.read(network, prepared(text), Context(clocks, "signed", "tiny"), **options)  # type: ignore[arg-type]


def verdicts(text: str, *args: object, **options: object) -> list[str]:
    return [candidate.verdict for candidate in read(text, *args, **options).candidates]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Harbour sold Lantern shares for $5.83 billion in October 2025.", "agrees"),
        ("Harbour sold Lantern shares for $5.8 billion in October 2025.", "agrees"),
        ("Harbour sold Lantern shares for more than $5 billion in October 2025.", "agrees"),
        ("Harbour sold Lantern shares for $7.1 billion in October 2025.", "conflicts"),
        ("Harbour sold Lantern shares for more than $6 billion in October 2025.", "conflicts"),
        ("Harbour sold Lantern shares for $7.1 billion.", "open"),
        ("Harbour sold Lantern shares for $7.1 billion in 2019.", "open"),
        ("Harbour did not sell Lantern shares for $7.1 billion in October 2025.", "open"),
        ("Harbour will sell Lantern shares for $7.1 billion in October 2025.", "open"),
        ("Harbour holds 11% of Lantern.", "agrees"),
        ("Harbour held 14% of Lantern at the end of December 2025.", "conflicts"),
        ("Lantern acquired Mill for $1 billion.", "new"),
        ("Ann Rivers founded Harbour.", "agrees"),
        ("Unknown Partners invested $5.83 billion in Lantern.", "open"),
    ],
)
def test_a_number_agrees_conflicts_or_stays_open(text: str, verdict: str) -> None:
    assert verdicts(text) == [verdict]


def test_changing_one_figure_turns_the_verdict_round() -> None:
    text = "Harbour held 11% of Lantern at the end of December 2025."
    assert verdicts(text) == ["agrees"]
    assert verdicts(text, world().with_cell("reading/r2", "value", "19")) == ["conflicts"]


def test_without_its_readings_a_number_is_not_compared() -> None:
    facts = world().without(["reading/r1", "reading/r2", "reading/r4"])
    (candidate,) = read("Harbour sold Lantern shares for $5.83 billion in October 2025.", facts).candidates
    assert (candidate.verdict, candidate.readings) == ("open", ())


def test_what_was_not_public_says_nothing() -> None:
    text = "Harbour sold Lantern shares for $5.83 billion in October 2025."
    assert verdicts(text, None, at("2025-11-11", "2025-11-11")) == ["agrees"]
    assert verdicts(text, None, at("2025-11-10", "2025-11-10")) == ["new"]


def test_a_text_among_the_sources_does_not_support_itself_nor_do_its_copies() -> None:
    copy = {"id": "copy", "title": "Copy", "kind": "news", "published": "2025-11-12", "origin": "s-2025-11-11"}
    also = reading("r9", "tranche/exit--sale", "amount", "2025-10", "5830000000", "USD", "copy")
    facts = world(sources=[copy], readings=[also])
    text = "Harbour sold Lantern shares for $5.83 billion in October 2025."
    (candidate,) = read(text, facts).candidates
    assert candidate.verdict == "agrees"
    (candidate,) = read(text, facts, source="s-2025-11-11").candidates
    assert (candidate.verdict, candidate.readings, candidate.sources) == ("open", (), ())


def test_founder_and_fund_stand_for_their_house_and_never_make_a_conflict() -> None:
    (founder,) = read("Ann Rivers sold Lantern shares for $5.83 billion in October 2025.").candidates
    assert founder.verdict == "agrees"
    (house,) = read("Harbour holds 4% of Mill.").candidates
    assert (house.verdict, house.things) == ("agrees", ("stake/fund--mill",))
    assert verdicts("Harbour held 9% of Mill at the end of December 2025.") == ["open"]


def test_another_currency_is_converted_at_a_sourced_rate_and_never_conflicts() -> None:
    text = "In 2025 Lantern had revenue of ${}."
    assert verdicts(text.format("600 million")) == ["open"], "no rate, no comparison"
    rates = [{"date": "2025-12-31", "currency": "JPY", "usd_per_unit": "0.0067", "source": "s-2026-02-01"}]
    assert verdicts(text.format("600 million"), world(fx=rates)) == ["agrees"]
    assert verdicts(text.format("900 million"), world(fx=rates)) == ["open"]


def test_every_agreement_names_readings_of_that_thing_and_their_sources() -> None:
    (candidate,) = read("灯笼公司 was sold; Harbour sold Lantern shares for $5.83 billion in October 2025.").candidates[
        -1:
    ]
    assert candidate.readings == ("reading/r1",)
    assert candidate.sources == ("source/s-2025-11-11",)
    assert "tranche/exit--sale" in candidate.things


def test_a_number_that_the_text_compares_with_makes_no_conflict() -> None:
    text = "Harbour held 11% of Lantern at the end of December 2025, up from 9%."
    assert verdicts(text) == ["agrees"]
    assert [part.verdict for part in read(text).candidates[0].quantities] == ["agrees", "open"]


def test_a_lasting_state_without_a_date_is_told_of_the_day_of_publication() -> None:
    assert verdicts("Harbour holds 14% of Lantern.") == ["open"]
    assert verdicts("Harbour holds 14% of Lantern.", published=date(2026, 1, 10)) == ["conflicts"]
    assert verdicts("Harbour holds 14% of Lantern.", published=date(2024, 1, 10)) == ["open"]
    assert verdicts("Harbour sold Lantern shares for $7 billion.", published=date(2025, 11, 1)) == ["open"], "a flow"


def test_what_was_to_come_at_the_asked_day_says_nothing() -> None:
    text = "Harbour sold Lantern shares for $5.83 billion in October 2025."
    (candidate,) = read(text, None, at("2025-09-30")).candidates
    assert candidate.readings == ()


@pytest.mark.parametrize(
    ("precision", "inside", "outside"),
    [
        ("exact", ["100"], ["101"]), ("rounded", ["95", "105"], ["94"]), ("over", ["101", "1000"], ["100"]),
        ("nearly", ["90", "100"], ["101", "89"]), ("about", ["95", "105"], ["106"]), ("under", ["0", "99"], ["100"]),
    ],
)  # fmt: skip
def test_a_printed_number_stands_for_the_interval_of_its_precision(
    precision: str, inside: list[str], outside: list[str]
) -> None:
    stated = interval(Quantity(0, 3, "100", Decimal(100), "USD", precision, Decimal(10)), load())
    assert all(Decimal(number) in stated for number in inside)
    assert not any(Decimal(number) in stated for number in outside)


def test_a_single_digit_is_not_rounded_by_half_of_itself() -> None:
    stated = interval(Quantity(0, 1, "1", Decimal(10) ** 12, "USD", "rounded", Decimal(10) ** 12), load())
    assert Decimal(6) * 10**11 not in stated


def test_an_open_date_is_told_and_published_closes_it() -> None:
    text = "Last month Harbour sold Lantern shares for $5.83 billion."
    assert "read.published" in [note.key for note in read(text).notes]
    answer = read(text, published=date(2025, 11, 20))
    assert answer.candidates[0].date == "2025-10"
    assert "read.published" not in [note.key for note in answer.notes]
