"""Exposure: amounts by channel, totals that add nothing twice, sizes and dates, and what is said of the unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from tests.analysis.houses import body, context, figure, network, readings, subsidiary, world
from tests.analysis.test_stress import DAY, contract, held, loan, random_world, sized, stakes, thing, worth
from tests.analysis.test_stress import ask as ask_shock
from tests.latin import latin_words

from capgraph.analysis.contagion import Trigger
from capgraph.analysis.exposure import Exposed, Exposures, ExposureTotal, exposed_to, exposure
from capgraph.analysis.overlap import portfolio_overlap
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.results import Value


def ask(facts: Facts, party: str = "house", to: str = "") -> Exposures:
    of = network(facts)
    return exposure(of, party, context(of), to)


def back(facts: Facts, party: str) -> Exposed:
    of = network(facts)
    return exposed_to(of, party, context(of))


def totals(rows: tuple[ExposureTotal, ...]) -> dict[tuple[str, str], tuple[str, str, int, int]]:
    """Firm sum, ceiling, things counted and unknown, by channel and rung."""

    def number(cell: Value | str) -> str:
        return "" if isinstance(cell, str) else str(cell.value if cell.value is not None else f">{cell.low}")

    return {
        (row.channel.code, getattr(row.rung, "code", "")): (
            number(row.firm),
            number(row.up_to),
            row.counted,
            row.unknown,
        )
        for row in rows
    }


EVERYTHING = world(
    *held("house", "lab", "100"),
    *held("house", "chips", "40"),
    *held("house", "fund"),
    *loan("l", "lab", "house", "25"),
    *loan("shared", "lab", "house|bank", "60", "signed"),
    *contract("sold", "house", "lab", "70"),
    *contract("bought", "chips", "house", "9"),
    *contract("monthly", "house", "chips"),
    readings(worth("contract/monthly", "3", "monthly_value")),
    thing("guarantees", "guarantee", "g", guarantor="house", obligor="lab", valid_from="2020"),
    readings(worth("guarantee/g", "", "amount", high="30", basis="ceiling")),
    sized("house", "1000", "nav"),
    sized("house", "500", "backlog"),
)


def test_each_channel_adds_its_own_firm_amounts_and_ceilings_by_rung() -> None:
    assert totals(ask(EVERYTHING).channel_totals) == {
        ("equity", ""): ("140", "", 3, 1),
        ("credit", "closed"): ("25", "", 1, 0),
        ("credit", "signed"): ("", "60", 1, 0),
        ("guarantee", ""): ("", "30", 1, 0),
        ("sales", "signed"): ("70", "", 2, 1),
        ("purchases", "signed"): ("9", "", 1, 0),
    }


def test_amounts_stand_against_the_size_of_who_is_exposed_each_with_its_date() -> None:
    rows = {(row.channel.code, row.party.id): row for row in ask(EVERYTHING).exposures}
    lab = rows["equity", "lab"]
    assert isinstance(lab.own_share, Value)
    assert lab.own_share.value == 10
    assert DAY in str(lab.share_of)
    assert DAY in str(lab.amount_is)
    sold = rows["sales", "lab"]
    assert isinstance(sold.own_share, Value)
    assert sold.own_share.value == 14
    assert [(size.aspect.code, size.value.value) for size in ask(EVERYTHING).sizes] == [("nav", 1000), ("backlog", 500)]


def test_a_rate_is_shown_and_not_added() -> None:
    monthly = next(row for row in ask(EVERYTHING).exposures if row.link == "contract/monthly")
    assert isinstance(monthly.amount, Value)
    assert monthly.amount.value == 3
    assert {note.key for note in monthly.remarks} == {"exposure.rate"}


def test_a_loan_of_several_lenders_counts_once_from_the_other_end() -> None:
    assert totals(back(EVERYTHING, "lab").channel_totals)["credit", "signed"] == ("60", "", 1, 0)


def test_only_one_party() -> None:
    found = ask(EVERYTHING, to="chips")
    assert {row.party.id for row in found.exposures} == {"chips"}


def test_what_lies_inside_another_stake_is_not_added() -> None:
    facts = world(*held("house", "lab", "100"), *held("fund", "lab", "40", contained_in="house--lab--common"))
    assert totals(back(facts, "lab").channel_totals) == {("equity", ""): ("100", "", 1, 0)}
    assert {row.party.id for row in back(facts, "lab").exposures} == {"house", "fund"}


def test_of_holders_named_only_together_those_named_beside_them_are_taken_out() -> None:
    """A group holds 40 %, of this a house 10 % and a fund an unknown part: 30 % are left, and the fund lies within."""
    group = "crowd--lab--common"
    facts = world(
        *held("crowd", "lab"),
        readings(figure(f"stake/{group}", "percent", "40", DAY)),
        *held("house", "lab", contained_in=group),
        readings(figure("stake/house--lab--common", "percent", "10", DAY)),
        *held("fund", "lab", "9", contained_in=group),
        sized("lab", "1000", "valuation"),
        parties=[{"id": "crowd", "kind": "aggregate", "name": "Crowd"}],
    )
    rows = {row.party.id: row for row in back(facts, "lab").exposures}
    assert [rows[name].amount.value for name in ("crowd", "house", "fund")] == [300, 100, 9]  # type: ignore[union-attr]
    assert isinstance(rows["crowd"].percent, Value)
    assert rows["crowd"].percent.value == 30
    assert totals(back(facts, "lab").channel_totals) == {("equity", ""): ("400.00", "", 2, 0)}
    lost = ask_shock(facts, Trigger("fall", "lab", Decimal("0.5")))
    assert sum(row.forced.value for row in lost.bearers if row.party.id != "fund") == 200  # type: ignore[union-attr,misc]
    assert ask(facts, "crowd").exposures[0].amount.value == 400, "its own page shows its own row"  # type: ignore[union-attr]


def test_an_amount_without_a_rate_keeps_its_currency() -> None:
    facts = world(*held("house", "lab", "100"), *held("house", "chips"),
                  readings(worth("stake/house--chips--common", "9000", unit="JPY")))  # fmt: skip
    found = ask(facts)
    assert [(row.firm.value, row.firm.unit) for row in found.channel_totals if isinstance(row.firm, Value)] == [
        (100, "USD"), (9000, "JPY"),
    ]  # fmt: skip
    assert "exposure.no_rate" in {note.key for note in found.notes}


def test_rights_on_shares_are_marked() -> None:
    facts = world(*held("house", "lab", "10", "warrant"))
    assert "exposure.instrument" in {note.key for note in ask(facts).exposures[0].remarks}


def test_concentration_leaves_out_what_is_unknown_and_says_how_much() -> None:
    (row,) = (row for row in ask(EVERYTHING).spread if row.channel.code == "equity")
    assert (row.counted, row.left_out, row.largest.id) == (2, 1, "lab")
    assert row.herfindahl == round((Decimal(100) / 140) ** 2 * 10000 + (Decimal(40) / 140) ** 2 * 10000)


def supplied(share_of: str, revenue_end: str) -> Facts:
    row = thing("relations", "relation", "r", subject="party/chips", relation="supplies", object="party/lab",
                valid_from="2020")  # fmt: skip
    return world(
        row,
        readings(figure("relation/r", "revenue_share", share_of, "2025-12-31", unit="percent", period="2025"),
                 figure("party/chips", "revenue", "200", revenue_end, period=revenue_end[:4])),
    )  # fmt: skip


@pytest.mark.parametrize(("end", "amount"), [("2025-12-31", 50), ("2024-12-31", None)])
def test_a_share_of_revenue_becomes_money_only_over_the_revenue_of_the_same_year(end: str, amount: int | None) -> None:
    (row,) = ask(supplied("25", end), "chips").dependences
    assert (row.whose.id, row.on.id, row.business_share.value) == ("chips", "lab", 25)
    assert (str(row.share_as_of), str(row.whole_as_of)) == ("2025-12-31", end)
    assert (row.implied.value if isinstance(row.implied, Value) else None) == amount
    assert ask(supplied("25", end), "lab").dependences == (row,)


def test_a_chain_of_holdings_shows_under_the_asked_party() -> None:
    percent = {"aspect": "percent", "as_of": DAY}
    facts = world(
        *held("house", "fund"), *held("fund", "lab"), sized("lab", "1000", "valuation"),
        readings(figure("stake/house--fund--common", value="50", **percent),
                 figure("stake/fund--lab--common", value="20", **percent)),
    )  # fmt: skip
    found = ask(facts, to="lab")
    (row,) = found.through
    assert row.comes_to is not None
    assert (row.all_owned.value, row.direct.value, row.comes_to.value) == (10, 0, 100)
    assert [chain.share.value for chain in found.chains] == [10]
    assert "exposure.none_to" in {note.key for note in found.notes}


def test_a_party_without_links_gets_an_honest_empty_answer() -> None:
    assert "exposure.none" in {note.key for note in ask(world()).notes}
    assert "exposure.none_back" in {note.key for note in back(world(), "lab").notes}


def test_two_portfolios_overlap() -> None:
    facts = world(*held("house", "lab", "100"), *held("house", "chips", "300"), *held("fund", "lab", "50"))
    of = network(facts)
    found = portfolio_overlap(of, "house", "fund", context(of))
    assert (found.common_weight, found.jaccard, found.one_holds) == (Decimal("0.25"), Decimal("0.5"), 2)
    assert [row.issuer.id for row in found.common] == ["lab"]


def test_as_of_known_on_rung_and_group_each_change_both_answers() -> None:
    late = worth("stake/house--lab--common", "110", as_of="2026-07-31", source="s-2026-09-01")
    facts = world(
        *held("house", "lab", "100"), *held("fund", "lab", "7"), *loan("l", "lab", "house", "25", "signed"),
        readings(late), subsidiary("fund", "house"),
    )  # fmt: skip

    def told(group: bool = False, **scope: str) -> tuple[str, str]:
        of = network(facts, **scope)  # type: ignore[arg-type]
        of = of.grouped("house") if group else of
        return body(exposure(of, "house", context(of))), body(exposed_to(of, "lab", context(of)))

    default = told()
    for other in (told(as_of="2026-07-15"), told(known_on="2026-08-15"), told(rung="closed"), told(group=True)):
        assert other[0] != default[0]
        assert other[1] != default[1]


def test_the_chinese_answers_hold_no_latin_word() -> None:
    for answer in (ask(EVERYTHING), back(EVERYTHING, "lab"), ask(supplied("25", "2025-12-31"), "chips")):
        assert not latin_words(body(answer, "zh"), EVERYTHING)


# Laws -----------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(stakes)
def test_both_ends_tell_the_same_sum(amounts: dict[tuple[str, str], int]) -> None:
    """What all parties stand to lose by stakes is what all of them are exposed to."""
    facts = random_world(amounts)
    of = network(facts)
    nodes = ("house", "fund", "lab", "bank", "chips")
    ends = [
        sum(
            (row.firm.value or Decimal() for node in nodes for row in ways(of, node, context(of)).channel_totals
             if isinstance(row.firm, Value)),
            Decimal(),
        )
        for ways in (exposure, exposed_to)
    ]  # fmt: skip
    assert ends[0] == ends[1] == sum(amounts.values())


@pytest.mark.parametrize("party", ["softbank-group", "nvidia", "openai", "coreweave", "oracle"])
def test_on_the_bundled_data_every_amount_has_its_readings(bundled: CapitalGraph, party: str) -> None:
    for found in (bundled.exposure(party), bundled.exposed_to(party)):
        assert found.exposures
        assert all(row.readings for row in found.exposures if isinstance(row.amount, Value))
        assert all(
            total.with_amount + total.with_ceiling + total.unknown == total.counted for total in found.channel_totals
        )
