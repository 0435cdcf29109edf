"""What follows from the facts at a pair of clocks: figures of things, money, the derived graph; then the real data."""

import re
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from capgraph.clocks import resolve
from capgraph.derive import Derived, property_of
from capgraph.facts import Facts
from capgraph.money import Money, add_up
from capgraph.ontology import load
from capgraph.share import data_dir
from capgraph.sources import Sources
from capgraph.tables import read_folders
from tests.tiny import LATEST, Cells, derived, facts_of

CAP = "https://w3id.org/capgraph/ontology#"
FROZEN = Path(__file__).parent / "fixtures" / "microsoft-openai"


def reading(id: str, about: str, aspect: str, value: str = "", as_of: str = "2025-03-31", **cells: str) -> Cells:
    base = {"confidence": "reported", "source": f"s-{as_of}", "unit": "USD"}
    return {**base, "id": id, "about": about, "aspect": aspect, "as_of": as_of, "value": value, **cells}


def percent(id: str, value: str, as_of: str, **cells: str) -> Cells:
    return reading(id, "stake/a--b", "percent", value, as_of, **{"basis": "unknown", "unit": "percent", **cells})


# Figures --------------------------------------------------------------------------------------------------------------


def test_a_figure_is_asked_by_thing_and_aspect() -> None:
    world = derived(facts_of(readings=[percent("p", "10", "2025-03-31"), reading("c", "stake/a--b", "cost", "5")]))
    figure = world.figure("stake/a--b", "percent")
    assert figure is not None
    assert (figure.value, figure.readings, figure.sources) == (10, ("reading/p",), ("source/s-2025-03-31",))
    assert world.figure("stake/a--b", "value") is None
    assert world.figure("stake/nobody", "percent") is None
    assert [found.aspect for found in world.figures("stake/a--b")] == ["percent", "cost"]


def test_both_clocks_choose_the_figure() -> None:
    facts = facts_of(
        readings=[percent("old", "10", "2025-03-31"), percent("new", "8", "2025-06-30", source="s-2025-09-01")]
    )
    values = [
        derived(facts, as_of, known_on).percent("stake/a--b").value  # type: ignore[union-attr]
        for as_of, known_on in (("2025-06-29", LATEST), ("2025-06-30", LATEST), ("2025-06-30", "2025-08-31"))
    ]
    assert values == [10, 8, 10]


@pytest.mark.parametrize(("status", "high"), [("closed", 8), ("signed", 10)])
def test_a_closed_tranche_on_the_stake_ends_the_rivalry_and_a_promise_does_not(status: str, high: int) -> None:
    facts = facts_of(
        readings=[percent("before", "10", "2025-03-31"), percent("after", "8", "2025-04-30")],
        tranches=[{"id": "t", "deal": "d", "stake": "a--b", "effect": "reduces"}],
        statuses=[{"about": "tranche/t", "status": status, "date": "2025-04-15", "source": "s-2025-04-16"}],
    )
    assert derived(facts).percent("stake/a--b").high == high  # type: ignore[union-attr]


def test_only_the_percent_of_a_state_grows_stale() -> None:
    old = "2022-03-31"
    facts = facts_of(
        readings=[
            percent("p", "10", old),
            reading("v", "stake/a--b", "value", "5", old),
            reading("d", "deal/d", "percent", "10", old, basis="unknown"),
            reading("l", "tranche/t", "percent", "10", old, basis="unknown"),
        ]
    )
    world = derived(facts)
    asked = [("stake/a--b", "percent"), ("stake/a--b", "value"), ("deal/d", "percent"), ("tranche/t", "percent")]
    assert [world.figure(*each).expired for each in asked] == [True, False, False, False]  # type: ignore[union-attr]


def test_where_the_basis_names_what_is_measured_each_basis_is_a_figure() -> None:
    share = {"unit": "percent"}
    facts = facts_of(
        readings=[
            reading("m", "party/x", "market_share", "80", basis="ai-accelerators", **share),
            reading("n", "party/x", "market_share", "20", basis="hbm", **share),
        ]
    )
    world = derived(facts)
    assert world.figure("party/x", "market_share") is None
    assert world.figure("party/x", "market_share", "hbm").value == 20  # type: ignore[union-attr]
    assert [(found.basis, found.value) for found in world.figures("party/x")] == [("ai-accelerators", 80), ("hbm", 20)]
    assert written(world) == set()


def test_a_disputed_date_is_no_figure() -> None:
    world = derived(facts_of(readings=[reading("e", "contract/c", "end", "2026")]))
    assert world.figures("contract/c") == ()


def test_the_amount_of_a_link_is_that_of_the_first_aspect_that_has_one() -> None:
    limit, drawn = reading("l", "facility/f", "limit", "30"), reading("d", "facility/f", "drawn", "10")
    assert derived(facts_of(readings=[limit])).amount("facility/f").value == 30  # type: ignore[union-attr]
    assert derived(facts_of(readings=[limit, drawn])).amount("facility/f").value == 10  # type: ignore[union-attr]
    assert derived(facts_of()).amount("facility/f") is None


def test_the_readings_that_qualify_are_listed_in_the_order_of_the_policy() -> None:
    rows = [
        percent("old", "10", "2024-03-31"),
        percent("votes", "40", "2025-03-31", basis="voting"),
        percent("new", "11", "2025-03-31"),
        percent("late", "12", "2026-03-31"),
    ]
    world = derived(facts_of(readings=rows), as_of="2025-12-31")
    assert [found.id for found in world.qualifying("stake/a--b", "percent")] == [
        "reading/new", "reading/votes", "reading/old",
    ]  # fmt: skip


# Money ----------------------------------------------------------------------------------------------------------------

YEN = [
    {"date": "2025-03-31", "currency": "JPY", "usd_per_unit": "0.0067", "source": "s-2025"},
    {"date": "2025-03", "currency": "JPY", "usd_per_unit": "0.0066", "source": "s-2025"},
]


@pytest.mark.parametrize(
    ("about", "aspect", "cells", "usd"),
    [
        ("stake/a--b", "value", {"usd": "7"}, "7"),
        ("stake/a--b", "value", {}, "6.7"),
        ("stake/a--b", "value", {"as_of": "2025-03"}, "6.7"),
        ("tranche/t", "amount", {"as_of": "2025-03"}, "6.6"),
        ("tranche/t", "amount", {}, "6.7"),
        ("party/x", "revenue", {"period": "2025-03"}, "6.6"),
        ("party/x", "revenue", {"period": "2025-Q1"}, None),
        ("stake/a--b", "value", {"as_of": "2024-03-31"}, None),
    ],
)
def test_a_figure_in_dollars(about: str, aspect: str, cells: dict[str, str], usd: str | None) -> None:
    row = {**reading("r", about, aspect, "1000", unit="JPY"), **cells}
    world = derived(facts_of(readings=[row], fx=YEN))
    figure = world.figure(about, aspect)
    assert figure is not None
    assert world.usd(figure) == (Decimal(usd) if usd else None)


def test_the_parts_of_a_total() -> None:
    rows = [
        reading("firm", "tranche/a", "amount", "1000", unit="JPY"),
        reading("ceiling", "tranche/a", "amount", high="40", basis="ceiling"),
        reading("most", "tranche/b", "amount", high="20", basis="ceiling"),
        reading("floor", "tranche/c", "amount", low="300"),
        reading("yen", "tranche/d", "amount", "5000", "2024-03-31", unit="JPY"),
        reading("own", "tranche/e", "amount", high="900", unit="JPY", usd="6", basis="ceiling"),
    ]
    world = derived(facts_of(readings=rows, fx=YEN))
    parts = {letter: world.part(f"tranche/{letter}") for letter in "abcdef"}
    assert (parts["a"].firm, parts["a"].up_to) == (Money(Decimal("6.7"), "USD"), Money(Decimal(40), "USD"))
    assert (parts["b"].firm, parts["b"].up_to) == (None, Money(Decimal(20), "USD"))
    assert (parts["c"].firm, parts["c"].floor) == (Money(Decimal(300), "USD"), True)
    assert parts["d"].firm == Money(Decimal(5000), "JPY")
    assert parts["e"].up_to == Money(Decimal(6), "USD")
    assert (parts["f"].firm, parts["f"].up_to) == (None, None)
    total = add_up("signed", parts.values())
    assert total.firm == {"USD": Decimal("306.7"), "JPY": Decimal(5000)}
    assert (total.up_to, total.with_amount, total.counted, total.at_least) == ({"USD": Decimal(26)}, 3, 6, True)


# The derived graph ----------------------------------------------------------------------------------------------------


MARKS = ("public", "stands", "toldBy")


def written(world: Derived) -> set[tuple[str, str, str]]:
    """The triples in short: thing, local name of the property, value. Marks of public and standing things apart."""
    return {triple for triple in _written(world) if triple[1] not in MARKS}


def marked(world: Derived, mark: str) -> set[str]:
    """The stakes and deals that carry a mark."""
    found = {thing for thing, name, value in _written(world) if name == mark and value == "true"}
    return {thing for thing in found if thing.startswith(("stake/", "deal/"))}


def _written(world: Derived) -> set[tuple[str, str, str]]:
    found = set()
    for quad in world.quads():
        assert isinstance(quad.subject, ox.NamedNode)
        assert quad.graph_name == ox.NamedNode(world.graph)
        value = quad.object.value  # type: ignore[union-attr]
        found.add(
            (quad.subject.value.rsplit("/id/")[1], quad.predicate.value.removeprefix(CAP), value.split("/id/")[-1])
        )
    return found


def test_what_is_public_and_what_stands_is_marked_by_both_clocks() -> None:
    facts = facts_of(
        stakes=[
            {"id": "a--b", "valid_from": "2025-03", "valid_to": "2025-10"},
            {"id": "c--d", "valid_from": "2025-06"},
        ],
        deals=[{"id": "exit", "announced": "2025-10-31"}],
        tranches=[{"id": "sale", "deal": "exit", "stake": "a--b", "effect": "closes"}],
        statuses=[{"about": "tranche/sale", "status": "closed", "date": "2025-10-31", "source": "s-2025-11-11"}],
        evidence=[
            {"about": "stake/a--b", "source": "s-2025-04-01"},
            {"about": "stake/c--d", "source": "s-2025-12-01"},
            {"about": "deal/exit", "source": "s-2025-11-11"},
            {"about": "tranche/sale", "source": "s-2025-11-11"},
        ],
    )
    before, unaware, aware = (
        derived(facts, *clocks)
        for clocks in (("2025-09-30", LATEST), ("2025-10-31", "2025-11-10"), ("2025-10-31", LATEST))
    )
    assert [marked(world, "stands") for world in (before, unaware, aware)] == [
        {"stake/a--b", "stake/c--d"},
        {"stake/a--b"},  # its end was not yet public, and nobody had told of the other
        {"stake/c--d"},
    ]
    assert marked(unaware, "public") == {"stake/a--b"}
    told = {triple for world in (unaware, aware) for triple in _written(world) if triple[1] == "toldBy"}
    assert ("stake/a--b", "toldBy", "source/s-2025-04-01") in told
    assert [triple for triple in _written(unaware) if triple[0] == "tranche/sale"] == []
    assert marked(aware, "public") == {"stake/a--b", "stake/c--d", "deal/exit"}


def test_figures_and_statuses_stand_on_the_things_themselves() -> None:
    facts = facts_of(
        stakes=[{"id": "a--b"}],
        deals=[{"id": "d", "announced": "2025-01-01"}],
        tranches=[{"id": "t", "deal": "d"}],
        statuses=[{"about": "tranche/t", "status": "lapsed", "date": "2025-05-01", "source": "s-2025-06-01"}],
        evidence=[{"about": "tranche/t", "source": "s-2025-01-01"}],
        readings=[
            percent("p", "27.0", "2025-03-31", confidence="primary"),
            percent("q", "26.79", "2025-03-31"),
            reading("m", "deal/d", "post_money", "9"),
            reading("up", "tranche/t", "amount", high="5"),
        ],
    )
    assert written(derived(facts)) == {
        ("stake/a--b", "percent", "27.0"),
        ("stake/a--b", "percentLow", "26.79"),
        ("stake/a--b", "percentHigh", "27.0"),
        ("stake/a--b", "chosenReading", "reading/p"),
        ("stake/a--b", "rivalReading", "reading/q"),
        ("deal/d", "postMoney", "9"),
        ("deal/d", "postMoneyUnit", "https://w3id.org/capgraph/code/unit/USD"),
        ("deal/d", "chosenReading", "reading/m"),
        ("tranche/t", "amountHigh", "5"),
        ("tranche/t", "amountUnit", "https://w3id.org/capgraph/code/unit/USD"),
        ("tranche/t", "chosenReading", "reading/up"),
        ("tranche/t", "status", "https://w3id.org/capgraph/code/status/lapsed"),
        ("tranche/t", "rung", "https://w3id.org/capgraph/code/rung/off"),
    }
    assert derived(facts, "2025-02-01", "2025-02-02").graph.endswith("/graph/derived/2025-02-01/2025-02-02")
    assert written(derived(facts, as_of="2025-02-01")) == {
        ("tranche/t", "status", "https://w3id.org/capgraph/code/status/announced"),
        ("tranche/t", "rung", "https://w3id.org/capgraph/code/rung/announced"),
    }


def test_a_percent_too_old_for_totals_is_not_written() -> None:
    facts = facts_of(stakes=[{"id": "a--b"}], readings=[percent("p", "10", "2022-03-31")])
    assert written(derived(facts)) == set()
    assert ("stake/a--b", "percent", "10") in written(derived(facts, as_of="2025-03-31"))


def test_properties_are_named_after_aspects() -> None:
    assert [property_of(aspect) for aspect in ("percent", "post_money", "interest_bearing_debt")] == [
        "percent", "postMoney", "interestBearingDebt",
    ]  # fmt: skip


def test_deriving_needs_no_heavy_library() -> None:
    heavy = "{'rdflib', 'networkx', 'numpy', 'scipy', 'pyshacl', 'pyvis'}"
    code = f"import sys, capgraph.derive; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# A frozen copy of real readings ---------------------------------------------------------------------------------------


def microsoft_in_openai(as_of: str, known_on: date | None = None) -> tuple[str, ...]:
    facts = read_folders([FROZEN], load()).checked()
    clocks = resolve(date.fromisoformat(as_of), known_on, Sources(facts).latest)
    figure = Derived(facts, load(), clocks).percent("stake/microsoft--openai--common")
    assert figure is not None
    return str(figure.value), str(figure.low), str(figure.high), str(figure.disputed), str(figure.as_of)


def test_microsoft_held_27_percent_of_openai_in_april_2026_and_one_source_said_26_79() -> None:
    """The newest reading is an estimate of April (26.79). It yields to the reports of March (27), of higher confidence
    and 30 days older, and stands as their rival. The filing of October 2025 cannot hold the reports back: the estimate
    is 184 days newer than it, so it would not answer even without them."""
    assert microsoft_in_openai("2026-04-30") == ("27", "26.79", "27", "1", "2026-03-31")


def test_the_day_before_the_filing_of_october_still_answers() -> None:
    assert microsoft_in_openai("2026-04-29") == ("27", "27", "27.5", "1", "2025-10-28")


def test_after_june_2026_it_is_25() -> None:
    assert microsoft_in_openai("2026-07-01")[0] == "25"


# Laws of the real data ------------------------------------------------------------------------------------------------


@cache
def real() -> Facts:
    return read_folders([data_dir()], load()).checked()


@cache
def world(as_of: str = "", known_on: str = "") -> Derived:
    days = [date.fromisoformat(day) if day else None for day in (as_of, known_on)]
    return Derived(real(), load(), resolve(days[0], days[1], Sources(real()).latest))


CLOCKS = [("", ""), ("2026-04-30", ""), ("", "2026-01-15"), ("2025-06-30", "2025-12-31"), ("2024-02-29", "")]


def test_the_default_clocks_stand_at_a_publication_of_the_data() -> None:
    days = {row["published"] for row in real().table("sources")}
    assert world().clocks.as_of.isoformat() in days


def test_microsoft_in_openai_on_the_living_data() -> None:
    figure = world("2026-04-30").percent("stake/microsoft--openai--common")
    assert figure is not None
    assert (figure.value, figure.low, figure.high) == (27, Decimal("26.79"), 27)


@pytest.mark.parametrize("clocks", CLOCKS)
def test_every_figure_of_the_data_was_true_public_and_lies_in_its_range(clocks: tuple[str, str]) -> None:
    derived = world(*clocks)
    count = 0
    for row in real().rows():
        for figure in derived.figures(row.ref):
            count += 1
            for used in (figure.reading, *figure.rivals, *figure.beside):
                assert used.as_of.last <= derived.clocks.as_of
                assert derived.clocks.public(used.known)
                assert (used.about, used.aspect) == (row.ref, figure.aspect)
            numbers = [number for number in (figure.low, figure.value, figure.high) if number is not None]
            assert numbers == sorted(numbers)
            assert figure.disputed <= len(figure.rivals)
    assert count > 100


@pytest.mark.parametrize("clocks", CLOCKS)
def test_the_derived_graph_says_what_the_figures_say(clocks: tuple[str, str]) -> None:
    derived = world(*clocks)
    quads = list(derived.quads())
    assert len(quads) == len(set(quads))
    chosen = Counter(str(quad.subject) for quad in quads if quad.predicate.value == f"{CAP}percent")
    assert set(chosen.values()) == {1}
    for quad in quads:
        if quad.predicate.value == f"{CAP}percent":
            figure = derived.figure(quad.subject.value.split("/id/")[1], "percent")  # type: ignore[union-attr]
            assert figure is not None
            assert Decimal(quad.object.value) == figure.value  # type: ignore[union-attr]


def test_every_thing_of_the_data_is_known_by_the_default_clock() -> None:
    kinds = load().kinds
    unknown = [row.ref for kind in kinds.values() for row in real().table(kind.table) if not world().is_known(row.ref)]
    assert unknown == []


def test_what_was_known_earlier_is_known_later() -> None:
    early, late = world("2026-01-15", "2025-06-30"), world("2026-01-15", "2026-01-15")
    for row in real().rows():
        assert not early.is_known(row.ref) or late.is_known(row.ref)


def test_ends_without_evidence_have_come_and_are_known_at_once() -> None:
    for ref in world().ends_without_evidence():
        row = real().get(ref)
        assert row is not None
        end = world().end(row)
        assert end is not None
        assert end.public
        assert end.span.first <= Sources(real()).latest


def test_two_derivations_write_the_same() -> None:
    assert list(Derived(real(), load(), world().clocks).quads()) == list(world().quads())


def test_what_an_answer_says_beside_its_numbers_has_words_in_both_languages() -> None:
    life = {"start_unknown", "start_inferred", "date_inexact", "end_not_public"}
    keys = {f"flag.{flag}" for flag in life} | {f"end.{by}" for by in ("tranche", "reading", "status", "unevidenced")}
    keys |= {f"figure.{mark}" for mark in ("disputed", "stale", "expired", "undated")}
    for key in sorted(keys):
        words = load().words(key)
        assert words is not None, key
        assert not re.search("[A-Za-z]", re.sub(r"\{.*?\}", "", words.zh)), key


def test_counts_of_shares_before_and_after_a_split_are_no_rivals() -> None:
    counts = [("c1", "2025-12-15", "100"), ("c2", "2026-01-10", "400"), ("c3", "2026-01-12", "401")]
    facts = facts_of(
        parties=[{"id": "house", "kind": "company", "name": "House"}],
        events=[{"id": "split", "kind": "split", "party": "house", "date": "2026-01-01", "ratio": "4:1"}],
        readings=[
            {"id": id, "about": "party/house", "aspect": "share_count", "as_of": day, "value": count, "unit": "shares",
             "source": f"s-{day}", "confidence": "reported"}
            for id, day, count in counts
        ],
    )  # fmt: skip
    figure = derived(facts).figure("party/house", "share_count")
    assert figure is not None
    assert (figure.value, figure.low, figure.high) == (Decimal(401), Decimal(400), Decimal(401))
