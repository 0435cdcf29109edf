"""Who holds a company: what counts, what does not, what is left; then the same laws on every issuer of the data."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.shares import context_of, network_of

from capgraph.analysis import ownership, register
from capgraph.analysis.ownership import Owners
from capgraph.graph import CapitalGraph, load
from capgraph.network import CapitalNetwork


def owners(network: CapitalNetwork, issuer: str = "b", *, diluted: bool = False) -> Owners:
    return ownership.owners(network, issuer, context_of(network), diluted=diluted)


def counted(found: Owners) -> dict[str, Decimal | None]:
    return {row.holder.id: row.counted.value for row in found.owners}


def keys(found: Owners) -> set[str]:
    return {told.key for told in found.notes}


def test_the_rest_is_what_nobody_accounts_for() -> None:
    found = owners(network_of(["a b 30", "c b 25.5"]))
    assert counted(found) == {"a": 30, "c": Decimal("25.5")}
    assert found.counted.value == Decimal("55.5")
    assert found.rest is not None
    assert found.rest.value == Decimal("44.5")


def test_a_company_without_known_holders_says_so() -> None:
    found = owners(network_of(["b c 10"]))
    assert (found.owners, found.rest and found.rest.value, keys(found)) == ((), 100, {"ownership.no_owners"})


# Containers -----------------------------------------------------------------------------------------------------------


def test_a_container_enters_with_what_its_parts_leave() -> None:
    found = owners(network_of(["block b 47", {"holder": "a", "issuer": "b", "percent": "11", "contained_in": "block"}]))
    assert counted(found) == {"block": 36, "a": 11}
    assert found.counted.value == 47


def test_a_part_without_percent_is_anything_up_to_its_container_which_keeps_the_number() -> None:
    found = owners(network_of(["block b 47", {"holder": "a", "issuer": "b", "contained_in": "block"}]))
    assert counted(found) == {"block": 47}
    assert [(row.holder.id, row.bounds.low, row.bounds.high) for row in found.unsized] == [("a", 0, 47)]


def test_parts_of_parts_count_once() -> None:
    nested = [
        "block b 40",
        {"holder": "house", "issuer": "b", "percent": "30", "contained_in": "block"},
        {"holder": "fund", "issuer": "b", "percent": "20", "contained_in": "house"},
    ]
    assert counted(owners(network_of(nested))) == {"fund": 20, "block": 10, "house": 10}


def test_parts_that_exceed_their_container_leave_it_nothing_and_say_so() -> None:
    found = owners(network_of(["block b 20", {"holder": "a", "issuer": "b", "percent": "43", "contained_in": "block"}]))
    assert counted(found) == {"a": 43, "block": 0}
    assert [told.key for row in found.owners if row.holder.id == "block" for told in row.remarks] == [
        "ownership.parts_exceed"
    ]


def test_a_range_of_a_part_widens_what_its_container_is_left_with_but_not_the_total() -> None:
    found = owners(
        network_of(["block b 47", {"holder": "a", "issuer": "b", "percent": "10..13", "contained_in": "block"}])
    )
    block = next(row for row in found.owners if row.holder.id == "block")
    assert (block.counted.low, block.counted.value, block.counted.high) == (34, 37, 37)
    assert (found.counted.low, found.counted.value, found.counted.high) == (47, 47, 47)


# Percents that do not count as they stand ---------------------------------------------------------------------------


def test_a_lower_bound_counts_with_itself_and_may_be_all_that_is_left() -> None:
    reading = {"id": "r", "about": "stake/a--b--common", "aspect": "percent", "as_of": "2026-06-30", "low": "6"}
    reading |= {"unit": "percent", "basis": "outstanding", "source": "s-2026-06-30", "confidence": "reported"}
    found = owners(network_of(["a b ?", "c b 50"], readings=[reading]))
    row = next(row for row in found.owners if row.holder.id == "a")
    assert (row.counted.low, row.counted.value, row.counted.high) == (6, 6, 50)


def test_a_percent_older_than_36_months_counts_nothing_and_is_listed_with_its_bounds() -> None:
    found = owners(network_of(["c b 40", {"holder": "a", "issuer": "b", "percent": "30", "as_of": "2021-12-31"}]))
    assert counted(found) == {"c": 40}
    assert [(row.holder.id, row.bounds.high, [told.key for told in row.remarks]) for row in found.unsized] == [
        ("a", 60, ["ownership.too_old"])
    ]


def test_a_percent_older_than_24_months_counts_and_is_called_stale() -> None:
    found = owners(network_of([{"holder": "a", "issuer": "b", "percent": "30", "as_of": "2024-06-30"}]))
    assert [(row.counted.value, [told.key for told in row.remarks]) for row in found.owners] == [(30, ["figure.stale"])]


def test_whoever_has_no_percent_may_be_in_the_rest_or_among_those_named_only_together() -> None:
    found = owners(network_of(["crowd b 47", "a b 50", "x b ?"], kinds={"crowd": "aggregate"}))
    assert [(row.holder.id, row.bounds.high) for row in found.unsized] == [("x", 50)]
    assert owners(network_of(["crowd b 47", "a b 50", "x b ?"])).unsized[0].bounds.high == 3


@pytest.mark.parametrize("instrument", ["profit_share", "warrant", "convertible", "fund_interest"])
def test_what_is_no_share_stands_beside_and_enters_only_diluted(instrument: str) -> None:
    network = network_of(["c b 40", {"holder": "a", "issuer": "b", "percent": "5", "instrument": instrument}])
    found = owners(network)
    assert (counted(found), [row.percent and row.percent.value for row in found.beside]) == ({"c": 40}, [5])
    diluted = owners(network, diluted=True)
    assert (counted(diluted), diluted.beside) == ({"c": 40, "a": 5}, ())


# Sums that cannot be right ------------------------------------------------------------------------------------------


def test_a_register_above_100_is_not_computable_and_names_its_rows() -> None:
    found = owners(network_of(["a b 60", "c b 53"]))
    assert found.rest is None
    told = next(told for told in found.notes if told.key == "ownership.oversubscribed")
    assert told.values["stakes"] == ("stake/a--b--common", "stake/c--b--common")


def test_rounding_is_taken_off_the_largest() -> None:
    found = owners(network_of(["a b 33.4", "c b 33.3", "d b 33.35"]))
    assert "ownership.rounding" in keys(found)
    assert counted(found) == {"a": Decimal("33.35"), "c": Decimal("33.3"), "d": Decimal("33.35")}
    assert (found.counted.value, found.rest and found.rest.value) == (100, 0)


@pytest.mark.parametrize(
    ("percents", "fits"), [(["60", "40.4"], True), (["60", "41.1"], False), (["60.0", "40.2"], False)]
)
def test_half_of_the_last_digit_of_each_percent_is_rounding(percents: list[str], fits: bool) -> None:
    book = register.register(network_of([f"h{place} b {percent}" for place, percent in enumerate(percents)]), "b")
    assert book.computable is fits


@pytest.mark.parametrize("percent", ["-5", "140"])
def test_a_percent_outside_0_to_100_refuses_the_sum_and_names_the_row(percent: str) -> None:
    found = owners(network_of([f"a b {percent}", "c b 10"]))
    assert found.rest is None
    assert next(told.values["stakes"] for told in found.notes if told.key == "ownership.wrong") == (
        "stake/a--b--common",
    )


# The clocks and the house -------------------------------------------------------------------------------------------


def test_both_clocks_change_the_answer() -> None:
    stakes = [
        {"holder": "a", "issuer": "b", "percent": "30", "as_of": "2025-03-31", "valid_to": "2026-02-01"},
        {"holder": "c", "issuer": "b", "percent": "20", "as_of": "2025-09-30", "valid_from": "2025-09-01"},
    ]
    end = {"id": "end", "about": "stake/a--b--common", "aspect": "end", "as_of": "2026-02-01", "value": "2026-02-01"}
    end |= {"source": "s-2026-05-01", "confidence": "primary"}
    ask = partial(network_of, stakes, readings=[end])
    assert counted(owners(ask(as_of="2025-06-30", known_on="2025-06-30"))) == {"a": 30}
    assert counted(owners(ask(as_of="2026-01-31"))) == {"a": 30, "c": 20}
    assert counted(owners(ask(as_of="2026-03-01"))) == {"c": 20}
    unaware = owners(ask(as_of="2026-03-01", known_on="2026-04-30"))
    assert counted(unaware) == {"a": 30, "c": 20}
    assert "ownership.end_not_public" in keys(unaware)


def test_a_group_sums_the_rows_of_a_house_and_counts_contained_stakes_once() -> None:
    stakes: list[str | dict[str, str]] = [
        "house b 10",
        {"holder": "fund", "issuer": "b", "percent": "8", "contained_in": "house"},
        "daughter b 5",
        "other b 20",
    ]
    bonds = ["fund < house", "daughter < house"]
    alone = owners(network_of(stakes, relations=bonds))
    assert counted(alone) == {"other": 20, "fund": 8, "daughter": 5, "house": 2}
    merged = owners(network_of(stakes, relations=bonds, group=True))
    assert counted(merged) == {"other": 20, "house": 15}
    assert merged.counted.value == alone.counted.value


def test_a_part_of_another_house_stays_where_it_is() -> None:
    stakes: list[str | dict[str, str]] = [
        "crowd b 40",
        {"holder": "a", "issuer": "b", "percent": "10", "contained_in": "crowd"},
    ]
    assert counted(owners(network_of(stakes, group=True))) == {"crowd": 30, "a": 10}


def test_a_house_never_swallows_the_company_that_is_asked_about() -> None:
    merged = network_of(["foundation b 26", "c b 10"], relations=["b < foundation"], group=True)
    assert counted(owners(merged)) == {"foundation": 26, "c": 10}


# Laws -----------------------------------------------------------------------------------------------------------------

_PERCENTS = st.decimals(0, 100, places=2).map(str)
_STAKES = st.lists(st.tuples(_PERCENTS, st.integers(-1, 5), st.booleans()), min_size=1, max_size=6)


@settings(deadline=None)
@given(_STAKES)
def test_counted_and_rest_sum_to_exactly_100_and_no_row_is_negative(stakes: list[tuple[str, int, bool]]) -> None:
    network = network_of(
        [
            {"holder": f"h{place}", "issuer": "b", "percent": percent if known else "?"}
            | ({"contained_in": f"h{within}"} if 0 <= within < place else {})
            for place, (percent, within, known) in enumerate(stakes)
        ]
    )
    _check(network, "b")


@settings(deadline=None)
@given(_STAKES)
def test_taking_a_holder_away_never_lowers_the_rest(stakes: list[tuple[str, int, bool]]) -> None:
    network = network_of(
        [f"h{place} b {percent if known else '?'}" for place, (percent, _, known) in enumerate(stakes)]
    )
    less = network.with_links(network.links[1:])
    assert register.register(less, "b").rest.value >= register.register(network, "b").rest.value


def _check(network: CapitalNetwork, issuer: str) -> None:
    book = register.register(network, issuer)
    rows = (*book.entries, *book.unsized)
    assert len({entry.link.id for entry in rows}) == len(rows)
    for share in (book.counted, book.rest, *(entry.net for entry in rows)):
        assert 0 <= share.low <= share.value <= share.high
    if book.computable:
        assert book.counted.value + book.rest.value == 100
        assert sum(entry.net.value for entry in book.entries) == book.counted.value
        assert book.counted.high + book.rest.low == 100 or book.rest.low == 0
        assert all(entry.net.high <= 100 for entry in rows)
    by_id = {entry.link.id: entry for entry in rows}
    for entry in rows:
        if entry.within and by_id[entry.within].own is not None and entry.own is None:
            assert entry.net.high == by_id[entry.within].net.high


# The real data --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [{}, {"as_of": "2025-12-31"}, {"known_on": "2025-06-30"}, {"group": True}])
def test_the_laws_hold_on_every_issuer_of_the_data(asked: dict[str, str | bool]) -> None:
    network = load(**asked).network  # type: ignore[arg-type]
    issuers = sorted({link.target for link in network.links if register.instrument(network, link)})
    assert len(issuers) > 50
    for issuer in issuers:
        _check(ownership.with_houses(network, issuer) if network.scope.group else network, issuer)


def test_every_row_of_the_data_names_a_source(bundled: CapitalGraph) -> None:
    for issuer in ("openai", "anthropic", "nvidia", "boston-dynamics"):
        found = bundled.owners(issuer)
        assert all(row.sources for rows in (found.owners, found.unsized, found.beside) for row in rows)
        assert all(row.readings for row in found.owners)


def test_owners_speaks_both_languages_and_every_format(bundled: CapitalGraph) -> None:
    found = bundled.owners("openai")
    for format in ("table", "md", "json", "jsonl", "csv"):
        assert bundled.render(found, format, "en") != bundled.render(replace(found, owners=()), format, "en")
        assert "微软" in bundled.render(found, format, "zh")
