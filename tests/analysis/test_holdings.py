"""What a party holds and what it is worth: which method answers at which date, and what the two clocks change."""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from tests.analysis.shares import context_of, network_of
from tests.tiny import LATEST, Cells

from capgraph.analysis.holdings import Holding, Holdings, holdings
from capgraph.analysis.valuation import implied_percent, valuations
from capgraph.network import CapitalNetwork

STAKE = "stake/a--b--common"


def reading(about: str, aspect: str, as_of: str, value: str, unit: str = "USD", **cells: str) -> Cells:
    base = {"id": f"{about}-{aspect}-{as_of}", "source": f"s-{as_of}", "confidence": "reported", "unit": unit}
    return {**base, "about": about, "aspect": aspect, "as_of": as_of, "value": value, **cells}


def price(as_of: str, value: str, basis: str = "raw") -> Cells:
    return reading("party/b", "share_price", as_of, value, basis=basis)


def shares(as_of: str, value: str) -> Cells:
    return reading(STAKE, "shares", as_of, value, "shares")


def split(date: str, ratio: str) -> Cells:
    return {"id": f"split-{date}", "kind": "split", "party": "b", "date": date, "ratio": ratio}


def world(
    *readings: Cells, stake: str = "a b ?", as_of: str = "2026-06-30", splits: Iterable[Cells] = ()
) -> CapitalNetwork:
    return network_of([stake], readings=readings, as_of=as_of, events=list(splits))


def asked(network: CapitalNetwork, holder: str = "a") -> Holdings:
    return holdings(network, holder, context_of(network))


def worth(network: CapitalNetwork) -> tuple[str, Decimal | None] | None:
    found = valuations(network, network.links_from("a")[0])
    return (found[0].method, found[0].worth.value) if found else None


# Which value answers --------------------------------------------------------------------------------------------------


def test_a_reported_value_answers_within_90_days_of_the_newest_basis() -> None:
    valuation = reading("party/b", "valuation", "2026-06-28", "1000", basis="post_money")
    fresh = world(valuation, reading(STAKE, "value", "2026-03-31", "250"), stake="a b 30")
    assert worth(fresh) == ("reported", 250)
    late = world(valuation, reading(STAKE, "value", "2026-03-29", "250"), stake="a b 30")
    assert worth(late) == ("percent", 300)


def test_the_other_methods_are_shown() -> None:
    network = world(
        reading(STAKE, "value", "2026-06-01", "250"),
        reading("party/b", "market_cap", "2026-06-30", "1000"),
        shares("2026-03-31", "10"),
        price("2026-06-30", "26"),
        stake="a b 30",
    )
    found = valuations(network, network.links_from("a")[0])
    assert [(each.method, each.worth.value) for each in found] == [("reported", 250), ("shares", 260), ("percent", 300)]
    row = asked(network).holdings[0]
    assert [told.key for told in row.remarks] == ["holdings.otherwise", "holdings.otherwise"]


def test_a_price_older_than_45_days_values_nothing() -> None:
    assert worth(world(shares("2026-03-31", "10"), price("2026-05-16", "26"))) == ("shares", 260)
    assert worth(world(shares("2026-03-31", "10"), price("2026-05-15", "26"))) is None


@pytest.mark.parametrize(
    ("shares_of", "price_of", "basis", "splits", "value"),
    [
        ("2026-03-31", "2026-06-30", "raw", [("2026-05-01", "10:1")], 2600),
        ("2026-05-01", "2026-06-30", "raw", [("2026-05-01", "10:1")], 260),
        ("2026-06-30", "2026-06-01", "raw", [("2026-06-15", "10:1")], 26),
        ("2026-03-31", "2026-06-30", "raw", [("2026-04-15", "2:1"), ("2026-05-01", "1:4")], 130),
        ("2026-03-31", "2026-06-01", "split:2026-06-15", [("2026-06-15", "10:1")], 2600),
        ("2026-03-31", "2026-06-30", "raw", [("2026-05-01", "")], None),
        ("2026-03-31", "2026-06-30", "raw", [("2026", "10:1")], None),
        ("2025-03-31", "2026-06-30", "raw", [("2025-10", "10:1")], 2600),
    ],
)
def test_shares_and_price_stand_on_one_split_basis(
    shares_of: str, price_of: str, basis: str, splits: list[tuple[str, str]], value: int | None
) -> None:
    network = world(shares(shares_of, "10"), price(price_of, "26", basis), splits=[split(*each) for each in splits])
    found = worth(network)
    assert (found and found[1]) == value


def test_a_range_of_an_input_is_a_range_of_the_value() -> None:
    network = world(reading("party/b", "valuation", "2026-06-28", "1000", basis="post_money"), stake="a b 20..30")
    value = valuations(network, network.links_from("a")[0])[0].worth
    assert (value.low, value.value, value.high) == (200, None, 300)


def test_an_expired_percent_values_nothing() -> None:
    old = {"holder": "a", "issuer": "b", "percent": "30", "as_of": "2021-06-30"}
    network = network_of([old], readings=[reading("party/b", "market_cap", "2026-06-30", "1000")])
    assert worth(network) is None


def test_a_percent_that_shares_imply_is_shown_and_never_counted() -> None:
    count = reading("party/b", "share_count", "2026-06-01", "1000", "shares")
    network = world(shares("2026-03-31", "86"), count)
    implied = implied_percent(network, network.links_from("a")[0])
    assert implied is not None
    assert implied.value == Decimal("8.6")
    assert asked(network).holdings[0].percent is None
    apart = world(shares("2026-03-01", "86"), count)
    assert implied_percent(apart, apart.links_from("a")[0]) is None
    between = world(shares("2026-03-31", "86"), count, splits=[split("2026-04-15", "2:1")])
    assert implied_percent(between, between.links_from("a")[0]) is None


# The total ------------------------------------------------------------------------------------------------------------


def test_the_total_adds_shares_once_in_dollars_where_a_rate_serves() -> None:
    stakes: list[str | dict[str, str]] = [
        "a b ?",
        "a c ?",
        {"holder": "a", "issuer": "c", "instrument": "preferred", "contained_in": "a"},
        {"holder": "a", "issuer": "d", "instrument": "warrant"},
        "a e ?",
        "a f ?",
    ]
    readings = [
        reading(STAKE, "value", "2026-06-30", "100"),
        reading("stake/a--c--common", "value", "2026-06-30", "50"),
        reading("stake/a--c--preferred", "value", "2026-06-30", "20"),
        reading("stake/a--d--warrant", "value", "2026-06-30", "7"),
        reading("stake/a--e--common", "value", "2026-06-30", "1000", "JPY"),
        reading("stake/a--f--common", "value", "2026-06-30", "1000", "KRW"),
    ]
    rate: Cells = {"date": "2026-06-30", "currency": "JPY", "usd_per_unit": "0.007", "source": "s-2026-06-30"}
    found = asked(network_of(stakes, readings=readings, fx=[rate]))
    assert [(value.unit, value.value) for value in found.worth_total] == [("USD", 157), ("KRW", 1000)]
    assert [row.instruments[0].code for row in found.rights] == ["warrant"]
    assert next(told.values for told in found.notes if told.key == "holdings.coverage")["counted"] == 4


# Starts, ends, houses -------------------------------------------------------------------------------------------------


def test_an_end_that_was_not_public_leaves_the_stake_in_the_answer_and_says_so() -> None:
    stake = {"holder": "a", "issuer": "b", "valid_to": "2025-10"}

    def ask(known_on: str, told_on: str) -> tuple[list[str], set[str]]:
        told = reading(STAKE, "end", told_on, "2025-10", "")
        found = asked(network_of([stake], readings=[told], as_of="2025-10-31", known_on=known_on))
        return [row.issuer.id for row in found.holdings], {each.key for each in found.notes}

    assert ask("2026-09-11", "2025-11-11")[0] == []
    assert ask("2025-11-10", "2025-11-11") == (["b"], {"holdings.coverage", "ownership.end_not_public"})
    assert ask("2025-11-10", "2025-11-09")[0] == []


def test_a_stake_without_known_start_is_listed_apart() -> None:
    late = reading(STAKE, "value", "2026-03-31", "100")
    network = network_of([{"holder": "a", "issuer": "b", "valid_from": ""}], readings=[late], as_of="2026-01-31")
    found = asked(network)
    assert ([row.issuer.id for row in found.holdings], [row.issuer.id for row in found.unstarted]) == ([], ["b"])


def test_a_group_holds_what_its_members_hold() -> None:
    stakes: list[str | dict[str, str]] = [
        "house b 10",
        {"holder": "fund", "issuer": "b", "percent": "8", "contained_in": "house"},
        "fund c 5",
        "house fund 90",
    ]
    bonds = ["fund < house"]

    def rows(found: Holdings) -> list[tuple[str, list[str]]]:
        return [(row.issuer.id, [told.key for told in row.remarks]) for row in found.holdings]

    alone = asked(network_of(stakes, relations=bonds), "house")
    assert rows(alone) == [("fund", []), ("b", ["holdings.contains"])]
    merged = asked(network_of(stakes, relations=bonds, group=True), "house")
    assert rows(merged) == [("b", []), ("c", ["ownership.through"])]


def test_a_party_without_stakes_says_so() -> None:
    found = asked(network_of(["a b 10"], as_of=LATEST), "b")
    assert (found.holdings, [told.key for told in found.notes]) == ((), ["holdings.none"])


def test_rows_are_ordered_by_value_then_percent() -> None:
    network = network_of(["a b 1", "a c 90", "a d 3"], readings=[reading(STAKE, "value", "2026-06-30", "9")])
    found: tuple[Holding, ...] = asked(network).holdings
    assert [row.issuer.id for row in found] == ["b", "c", "d"]
