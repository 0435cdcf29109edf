"""A claim stands or falls with what independent sources say, never with the text itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiny import LATEST, at, derived, facts_of

from capgraph.analysis.claims import CheckedClaim, ClaimWorking, check, working
from capgraph.analysis.verdicts import Answer
from capgraph.derive import Derived
from capgraph.errors import DataProblem, UnknownName, UsageProblem
from capgraph.facts import Facts
from capgraph.intervals import Interval
from capgraph.results import Context

Cells = Mapping[str, str]

TEXT = {"id": "text", "published": "2025-11-01", "kind": "article"}
SOURCES: Sequence[Cells] = (
    TEXT,
    {"id": "filing", "published": "2025-11-05", "kind": "filing", "publisher": "Alpha"},
    {"id": "paper", "published": "2025-11-06", "publisher": "The Paper"},
    {"id": "wire", "published": "2025-11-07", "publisher": "The Wire"},
    {"id": "copy", "published": "2025-11-12", "origin": "text"},
    {"id": "copy-of-copy", "published": "2025-11-13", "origin": "copy"},
)
PARTIES: Sequence[Cells] = (
    {"id": "alpha", "name": "Alpha", "kind": "company"},
    {"id": "beta", "name": "Beta", "kind": "company"},
)
STAKE = {"id": "beta--alpha", "holder": "beta", "issuer": "alpha", "instrument": "common", "valid_from": "2024-03"}
SALE = ({"id": "sale", "title": "Sale", "kind": "disposal", "announced": "2025-10"},)
LEG = (
    {
        "id": "sale--beta",
        "deal": "sale",
        "to_party": "beta",
        "medium": "cash",
        "stake": "beta--alpha",
        "effect": "closes",
    },
)

_number = iter(range(10**6))


def reading(about: str, aspect: str, value: str, source: str, **cells: str) -> Cells:
    """A reading; as of October 2025 and in dollars unless told otherwise."""
    given = {"as_of": "2025-10", "unit": "USD", "confidence": "reported", **cells}
    return {"id": f"r-{next(_number)}", "about": about, "aspect": aspect, "value": value, "source": source, **given}


def claim(formula: str = "", value: str = "", **cells: str) -> Cells:
    given = {"kind": "figure", "unit": "USD", "precision": "rounded", "step": "1", "as_of": "2025-10", **cells}
    if not value:
        given |= dict.fromkeys(("unit", "precision", "step"), "")
    given |= {"paragraph": "1", "statement": "So it is.", "statement_zh": "确实如此。"}
    return {"id": "text--claim", "text": "text", "formula": formula, "value": value, **given}


def given_input(name: str, about: str = "", aspect: str = "", **cells: str) -> Cells:
    return {"claim": "text--claim", "name": name, "about": about, "aspect": aspect, **cells}


def printed(name: str, value: str, unit: str = "USD", step: str = "1", **cells: str) -> Cells:
    """An input for which the text itself prints a number."""
    return given_input(name, value=value, unit=unit, precision=cells.pop("precision", "rounded"), step=step, **cells)


def world(row: Cells, inputs: Sequence[Cells], readings: Sequence[Cells] = (), **tables: Sequence[Cells]) -> Facts:
    tables.setdefault("evidence", ())
    return facts_of(
        sources=SOURCES, parties=PARTIES, stakes=[STAKE], deals=SALE, tranches=LEG, claims=[row], inputs=inputs,
        readings=readings, **tables,
    )  # fmt: skip


def _no_query(_: Derived, name: str) -> Answer:
    raise AssertionError(f"the query {name} was asked")


def context(known: Derived) -> Context:
    return Context(known.clocks, "signed", "tiny")


def checked(facts: Facts, as_of: str = str(LATEST), known_on: str = str(LATEST), asker=_no_query) -> CheckedClaim:  # type: ignore[no-untyped-def]
    known = derived(facts, as_of, known_on)
    (row,) = check(known, asker, context(known)).claims
    return row


def verdict(facts: Facts, **clocks: str) -> str:
    return checked(facts, **clocks).verdict.code


def worked(facts: Facts) -> ClaimWorking:
    known = derived(facts)
    return working(known, _no_query, context(known), "text--claim")


def proceeds(value: str, *readings: Cells, step: str = "100") -> Facts:
    """The text claims what the sale brought; the readings say what others make of it."""
    return world(claim("sold", value, step=step), [given_input("sold", "tranche/sale--beta", "amount")], readings)


def sold(value: str, source: str, **cells: str) -> Cells:
    return reading("tranche/sale--beta", "amount", value, source, **cells)


# Verdicts -------------------------------------------------------------------------------------------------------------


def test_a_claim_is_supported_by_a_source_that_fits_and_contradicted_by_one_that_does_not() -> None:
    assert verdict(proceeds("5800", sold("5830", "paper"))) == "supported"
    assert verdict(proceeds("5800", sold("4830", "paper"))) == "contradicted"


def test_without_its_independent_readings_a_claim_is_not_covered() -> None:
    facts = proceeds("5800", sold("5830", "paper"), sold("5830", "filing"))
    assert verdict(facts) == "supported"
    ids = [row.ref for row in facts.table("readings")]
    assert verdict(facts.without(ids)) == "not-covered"


def test_changing_one_figure_turns_the_verdict_and_changing_it_back_turns_it_again() -> None:
    facts = proceeds("5800", sold("5830", "paper"))
    (ref,) = [row.ref for row in facts.table("readings")]
    changed = facts.with_cell(ref, "value", "7000")
    assert [verdict(each) for each in (facts, changed, changed.with_cell(ref, "value", "5830"))] == [
        "supported", "contradicted", "supported",
    ]  # fmt: skip


@pytest.mark.parametrize("source", ["text", "copy", "copy-of-copy"])
def test_neither_the_text_nor_its_copies_support_it(source: str) -> None:
    facts = proceeds("5800", sold("5830", source))
    assert verdict(facts) == "not-covered"
    assert checked(facts).origins == 0


def test_a_source_of_the_same_origin_as_the_text_does_not_support_it() -> None:
    facts = proceeds("5800", sold("5830", "paper"))
    same = facts.with_cell("source/text", "origin", "agency").with_cell("source/paper", "origin", "agency")
    assert verdict(same) == "not-covered"


def test_independent_sources_on_both_sides_make_a_dispute() -> None:
    row = checked(proceeds("5800", sold("5830", "paper"), sold("7000", "wire")))
    assert (row.verdict.code, row.origins) == ("disputed", 2)
    assert (row.independent.low, row.independent.high) == (5830, 7000)  # type: ignore[union-attr]


def test_copies_of_one_origin_count_once() -> None:
    facts = proceeds("5800", sold("5830", "paper"), sold("5830", "wire"))
    assert checked(facts).origins == 2
    assert checked(facts.with_cell("source/wire", "origin", "paper")).origins == 1


def test_nobody_disputes_himself() -> None:
    assert verdict(proceeds("5800", sold("5830", "paper"), sold("7000", "paper"))) == "supported"


def test_a_primary_source_outweighs_what_is_unverified_and_the_answer_says_so() -> None:
    row = checked(
        proceeds("5800", sold("5830", "filing", confidence="primary"), sold("7000", "wire", confidence="unverified"))
    )
    assert row.verdict.code == "supported"
    assert [remark.key for remark in row.remarks] == ["claims.remark.weak_against"]
    other = proceeds(
        "7000", sold("5830", "filing", confidence="primary"), sold("7000", "wire", confidence="unverified")
    )
    assert verdict(other) == "contradicted"


def test_opinions_and_forecasts_are_not_checkable_whatever_sources_say() -> None:
    facts = world(claim("", "", kind="forecast"), [])
    assert verdict(facts) == "not-checkable"


def cap_at(day: str, value: str, *readings: Cells, **cells: str) -> Facts:
    """The text claims the market value of Alpha on a day."""
    return world(
        claim("cap", value, as_of=day, step="100", **cells), [given_input("cap", "party/alpha", "market_cap")], readings
    )


def cap(value: str, as_of: str, source: str = "paper") -> Cells:
    return reading("party/alpha", "market_cap", value, source, as_of=as_of)


def test_a_claim_that_was_true_earlier_is_outdated() -> None:
    row = checked(cap_at("2025-10-30", "3000", cap("3000", "2024-12-31"), cap("5000", "2025-10-30")))
    assert (row.verdict.code, str(row.because.values["then"])) == ("outdated", "2024-12-31")


def test_a_claim_that_comes_true_later_is_contradicted_and_says_when_it_fits() -> None:
    row = checked(cap_at("2024-12-31", "5000", cap("3000", "2024-12-31"), cap("5000", "2025-10-30")))
    assert row.verdict.code == "contradicted"
    assert [str(remark.values["then"]) for remark in row.remarks] == ["2025-10-30"]


def test_a_reading_of_another_time_covers_nothing_and_is_shown_as_the_nearest() -> None:
    row = checked(cap_at("2024-03", "3000", cap("3000", "2025-03-31")))
    assert row.verdict.code == "not-covered"
    assert [remark.key for remark in row.remarks] == ["claims.remark.nearest", "claims.remark.fits_on"]


def test_a_claim_of_a_month_is_true_of_some_day_in_it() -> None:
    row = checked(cap_at("2025-10", "5000", cap("4900", "2025-10-28"), cap("5050", "2025-10-29"), precision="over"))
    assert row.verdict.code == "supported"
    assert [remark.key for remark in row.remarks] == ["claims.remark.other_days"]


def test_two_sources_that_differ_on_one_day_dispute_the_claim() -> None:
    facts = cap_at("2025-10", "5000", cap("4900", "2025-10-29"), cap("5050", "2025-10-29", "wire"), precision="over")
    assert verdict(facts) == "disputed"


@given(st.integers(1000, 9000), st.integers(1000, 9000))
@settings(max_examples=40, deadline=None)
def test_text_and_source_may_change_places(stated: int, told: int) -> None:
    """A number supports another exactly where it would be supported by it: fitting is symmetric."""
    one = verdict(proceeds(str(stated), sold(str(told), "paper"), step="1"))
    other = verdict(proceeds(str(told), sold(str(stated), "paper"), step="1"))
    half = Decimal(1) / 2
    apart = abs(stated - told) - half
    if apart > Decimal(max(stated, told)) / 200:
        assert one == other == "contradicted"
    if apart <= half:
        assert one == other == "supported"


def test_a_reading_of_a_day_near_by_may_support_a_claim_and_never_contradicts_it() -> None:
    near = cap_at("2025-10-29", "5000", cap("4990", "2025-10-28"))
    assert (verdict(near), verdict(near.with_cell("claim/text--claim", "as_of", "2025-10-28"))) == ("supported",) * 2
    apart = cap_at("2025-10-29", "5000", cap("4000", "2025-10-28"))
    row = checked(apart)
    assert (row.verdict.code, row.because.key) == ("not-covered", "claims.why.only_near")
    assert verdict(apart.with_cell("claim/text--claim", "as_of", "2025-10-28")) == "contradicted"


# Precision, units, money ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "told", "expected"),
    [("over", "5001", "supported"), ("over", "4900", "contradicted"), ("under", "4999", "supported"),
     ("under", "5100", "contradicted"), ("nearly", "4600", "supported"), ("nearly", "4400", "contradicted"),
     ("nearly", "5100", "contradicted"), ("about", "5200", "supported"), ("about", "5400", "contradicted"),
     ("exact", "5000", "supported"), ("exact", "5100", "contradicted")],
)  # fmt: skip
def test_the_band_of_a_word_is_that_of_the_code_list(precision: str, told: str, expected: str) -> None:
    row = claim("sold", "5000", precision=precision, step="")
    facts = world(row, [given_input("sold", "tranche/sale--beta", "amount")], [sold(told, "paper")])
    assert verdict(facts) == expected


def test_a_bound_that_leaves_the_claim_open_covers_nothing() -> None:
    told = {**sold("", "paper"), "low": "5000"}
    assert verdict(proceeds("5800", told)) == "not-covered"
    assert verdict(proceeds("4000", told)) == "contradicted"
    row = claim("sold", "4900", precision="over", step="")
    facts = world(row, [given_input("sold", "tranche/sale--beta", "amount")], [told])
    assert verdict(facts) == "supported"


def test_money_is_converted_at_the_rate_of_the_claimed_date() -> None:
    yen = reading("party/alpha", "market_cap", "150000", "paper", as_of="2025-10-31", unit="JPY")
    rates = [{"date": day, "currency": "JPY", "usd_per_unit": rate, "source": "wire"}
             for day, rate in (("2025-10-31", "0.0065"), ("2025-09-30", "0.0100"))]  # fmt: skip
    row = claim("cap", "975", as_of="2025-10-31")
    facts = world(row, [given_input("cap", "party/alpha", "market_cap")], [yen], fx=rates)
    assert verdict(facts) == "supported"
    assert (
        verdict(facts.with_cell("claim/text--claim", "as_of", "2025-10").without(["fx/2025-10-31/JPY"]))
        == "not-covered"
    )


def test_percent_and_points_taken_for_one_are_called_out() -> None:
    inputs = [given_input("after", "stake/beta--alpha", "percent", as_of="2025-10-31"),
              given_input("before", "stake/beta--alpha", "percent", as_of="2024-10-31")]  # fmt: skip
    inputs = [{**each, "unit": "percent"} for each in inputs]
    told = [reading("stake/beta--alpha", "percent", value, "paper", as_of=day, unit="percent", basis="outstanding")
            for value, day in (("6", "2025-10-31"), ("4", "2024-10-31"))]  # fmt: skip
    mixed = world(claim("after - before", "2", unit="percent"), inputs, told)
    assert "claims.remark.points" in [remark.key for remark in checked(mixed).remarks]
    right = world(claim("after - before", "2", unit="points"), inputs, told)
    assert "claims.remark.points" not in [remark.key for remark in checked(right).remarks]


def test_two_windows_taken_for_one_are_called_out() -> None:
    inputs = [given_input("now", "party/alpha", "market_cap", as_of="2025-10-31"),
              given_input("then", "party/alpha", "market_cap", as_of="2022-01-31")]  # fmt: skip
    told = [cap("5000", "2025-10-31"), cap("1000", "2022-01-31")]
    row = checked(world(claim("now / then", "5", unit="ratio"), inputs, told))
    assert row.verdict.code == "supported"
    assert [remark.key for remark in row.remarks] == ["claims.remark.windows"]


def test_two_holders_taken_for_one_are_called_out() -> None:
    fund = {**STAKE, "id": "fund--alpha", "holder": "fund"}
    inputs = [given_input("cost", "stake/fund--alpha", "cost"), given_input("sold", "tranche/sale--beta", "amount")]
    facts = facts_of(
        sources=SOURCES, parties=[*PARTIES, {"id": "fund", "name": "Fund", "kind": "fund"}], stakes=[STAKE, fund],
        deals=SALE, tranches=LEG, claims=[claim("sold - cost", "1000", step="100")], inputs=inputs,
        readings=[reading("stake/fund--alpha", "cost", "4000", "paper"), sold("5000", "paper")],
    )  # fmt: skip
    (remark,) = [remark for remark in checked(facts).remarks if remark.key == "claims.remark.holders"]
    assert {name.en for name in remark.values["holders"]} == {"Beta", "Fund"}


# The text's own numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "numbers", "stated", "consistent"),
    [
        ("value / revenue", {"value": ("290000", "10000"), "revenue": ("3500", "100")}, ("83", "1", "rounded"), True),
        ("cap * share / 100", {"cap": ("5000000", "1000000"), "share": ("5", "1")}, ("250000", "10000", "over"), True),
        ("sold * rise / 100", {"sold": ("3600", "100"), "rise": ("1200", "100")}, ("250000", "10000", "over"), False),
        ("proceeds / cost", {"proceeds": ("58300", "100"), "cost": ("30000", "1000")}, ("2", "", "nearly"), True),
        ("proceeds - cost", {"proceeds": ("3600", "100"), "cost": ("4000", "100")}, ("-400", "100", "rounded"), True),
        ("one + other", {"one": ("12", "1"), "other": ("45", "1")}, ("58", "1", "rounded"), True),
        ("one + other", {"one": ("12", "1"), "other": ("45", "1")}, ("60", "1", "rounded"), False),
    ],
    ids=["83 times sales", "5 % of 5 tn", "1,200 % of 3.6 bn", "doubled", "a loss of 0.4 bn", "XBRL", "not XBRL"],
)  # fmt: skip
def test_the_numbers_of_a_text_must_fit_together(
    formula: str, numbers: dict[str, tuple[str, str]], stated: tuple[str, str, str], consistent: bool
) -> None:
    inputs = [printed(name, value, step=step) for name, (value, step) in numbers.items()]
    value, step, precision = stated
    facts = world(claim(formula, value, unit="USD", precision=precision, step=step, kind="computed"), inputs)
    assert verdict(facts) == ("not-covered" if consistent else "inconsistent")


def test_the_factor_by_which_a_text_misses_itself_is_told() -> None:
    inputs = [printed("proceeds", "3600000000", step="100000000"), printed("rise", "12", unit="ratio", step="1")]
    row = checked(world(claim("proceeds * rise", "250000000000", precision="over", step=""), inputs))
    assert (row.verdict.code, row.because.values["factor"]) == ("inconsistent", "5.8")


def test_numbers_that_do_not_fit_stay_inconsistent_when_others_confirm_the_result() -> None:
    inputs = [{**printed("a", "10"), "about": "tranche/sale--beta", "aspect": "amount"}, printed("b", "10")]
    row = checked(world(claim("a + b", "30"), inputs, [sold("10", "paper")]))
    assert row.verdict.code == "inconsistent"


def test_a_comparison_that_the_text_itself_refutes_is_inconsistent() -> None:
    facts = world(claim("a > b", "", kind="comparison"), [printed("a", "10"), printed("b", "20")])
    assert verdict(facts) == "inconsistent"


def test_a_comparison_of_others_figures_holds_or_not() -> None:
    inputs = [given_input("sold", "tranche/sale--beta", "amount"), given_input("cost", "stake/beta--alpha", "cost")]
    told = [sold("5830", "paper"), reading("stake/beta--alpha", "cost", "3000", "wire")]
    assert verdict(world(claim("sold > cost", "", kind="comparison"), inputs, told)) == "supported"
    assert verdict(world(claim("sold < cost", "", kind="comparison"), inputs, told)) == "contradicted"


# Things that happened -------------------------------------------------------------------------------------------------


def event(as_of: str, about: str, *evidence: Cells, **tables: Sequence[Cells]) -> Facts:
    return world(claim("", "", kind="event", as_of=as_of), [given_input("thing", about)], evidence=evidence, **tables)


def tells(about: str, source: str) -> Cells:
    return {"about": about, "source": source, "confidence": "reported"}


def test_an_event_needs_somebody_independent_who_tells_of_it() -> None:
    assert verdict(event("2025-10", "deal/sale", tells("deal/sale", "paper"))) == "supported"
    assert (
        verdict(event("2025-10", "deal/sale", tells("deal/sale", "text"), tells("deal/sale", "copy"))) == "not-covered"
    )


def test_an_event_of_another_date_is_contradicted() -> None:
    assert verdict(event("2025-08", "deal/sale", tells("deal/sale", "paper"))) == "contradicted"
    assert verdict(event("2025", "deal/sale", tells("deal/sale", "paper"))) == "supported"


def test_a_state_that_had_ended_is_outdated_and_one_that_had_not_begun_is_contradicted() -> None:
    told = tells("stake/beta--alpha", "paper")
    facts = event("2025-10", "stake/beta--alpha", told).with_cell("stake/beta--alpha", "valid_to", "2025-06")
    assert verdict(facts) == "outdated"
    assert verdict(event("2024-01", "stake/beta--alpha", told)) == "contradicted"
    assert verdict(event("2025-01", "stake/beta--alpha", told)) == "supported"


def test_a_promise_told_as_done_is_remarked_upon() -> None:
    told = (tells("deal/sale", "paper"), tells("tranche/sale--beta", "paper"))
    log = [{"about": "tranche/sale--beta", "status": "signed", "date": "2025-10-08", "source": "paper"},
           {"about": "tranche/sale--beta", "status": "closed", "date": "2026-05", "source": "paper"}]  # fmt: skip
    row = checked(event("2025-10", "deal/sale", *told, statuses=log))
    assert [(remark.key, remark.values["status"].code) for remark in row.remarks] == [
        ("claims.remark.standing", "signed")
    ]


# Queries --------------------------------------------------------------------------------------------------------------


def asked(answer: Answer, value: str = "") -> str:
    row = claim("how-many", value, kind="query", unit="units", precision="exact", step="")
    facts = world(row, [], evidence=[tells("deal/sale", "paper")])
    return checked(facts, asker=lambda _, __: answer).verdict.code


def test_a_query_answers_yes_or_no_or_with_a_number_or_not_at_all() -> None:
    told = ("deal/sale",)
    assert asked(Answer(True, None, told)) == "supported"
    assert asked(Answer(False, None, told)) == "contradicted"
    assert asked(Answer(True, None, ())) == "not-covered"
    assert asked(Answer(None, Interval.of(2), told), "2") == "supported"
    assert asked(Answer(None, Interval.of(3), told), "2") == "contradicted"
    assert asked(Answer(None, None, told), "2") == "not-covered"
    assert asked(Answer(True, None, (), ("source/paper",))) == "supported"
    assert asked(Answer(None, Interval.of(2), ()), "2") == "not-covered"


def test_a_query_is_asked_in_a_world_without_the_text() -> None:
    seen: list[Derived] = []

    def ask(known: Derived, _: str) -> Answer:
        seen.append(known)
        return Answer(True, None, ())

    facts = world(claim("q", "", kind="query"), [], [sold("1", "text"), sold("2", "copy"), sold("3", "paper")])
    checked(facts, asker=ask)
    assert [row["value"] for row in seen[0].facts.table("readings")] == ["3"]
    assert "source/text" not in seen[0].facts


# Clocks ---------------------------------------------------------------------------------------------------------------


def test_a_source_that_was_not_yet_public_says_nothing() -> None:
    facts = proceeds("5800", sold("5830", "paper"))
    assert verdict(facts, known_on="2025-11-06", as_of="2025-11-06") == "supported"
    assert verdict(facts, known_on="2025-11-05", as_of="2025-11-05") == "not-covered"


def test_what_speaks_of_a_day_after_the_asked_one_does_not_count() -> None:
    facts = cap_at("2025-10-31", "5000", cap("5000", "2025-10-31"))
    assert verdict(facts, as_of="2025-10-31") == "supported"
    assert verdict(facts, as_of="2025-10-30") == "not-covered"


def test_a_text_that_was_not_yet_public_had_claimed_nothing() -> None:
    known = derived(proceeds("5800", sold("5830", "paper")), "2025-10-31", "2025-10-31")
    found = check(known, _no_query, context(known))
    assert (found.claims, [told.key for told in found.notes]) == ((), ["claims.unheard", "claims.none"])


# The answer -----------------------------------------------------------------------------------------------------------


def test_the_difference_is_to_the_nearest_that_others_say() -> None:
    row = checked(proceeds("7000", sold("5000", "paper"), sold("5600", "wire")))
    assert (row.difference.value, row.off_by.value) == (1400, 25)  # type: ignore[union-attr]
    assert (row.independent.low, row.independent.high) == (5000, 5600)  # type: ignore[union-attr]


def test_the_working_names_every_statement_with_its_outcome() -> None:
    found = worked(proceeds("5800", sold("5830", "paper"), sold("7000", "wire")))
    assert [(row.publisher, row.fit.en) for row in found.said] == [
        ("The Paper", "fits"),
        ("The Wire", "says otherwise"),
    ]
    assert found.rests_on[0].origins == 2
    assert set(found.sources) == {"source/paper", "source/wire"}


def test_the_working_says_how_the_range_was_worked_out() -> None:
    inputs = [given_input("sold", "tranche/sale--beta", "amount"), given_input("cost", "stake/beta--alpha", "cost")]
    told = [sold("6000", "paper"), reading("stake/beta--alpha", "cost", "3000", "paper")]
    found = worked(world(claim("(sold - cost) / cost * 100", "100", unit="percent", step="10"), inputs, told))
    assert found.method.key == "claims.way.corners"  # type: ignore[union-attr]
    assert found.independent.value == 100  # type: ignore[union-attr]


def test_a_check_fails_only_for_what_is_contradicted_or_does_not_fit_together() -> None:
    cases = (
        (proceeds("5800", sold("5830", "paper")), False),
        (proceeds("5800", sold("1", "paper")), True),
        (proceeds("5800", sold("5830", "paper"), sold("7000", "wire")), False),
        (proceeds("5800"), False),
        (world(claim("a > b", ""), [printed("a", "1"), printed("b", "2")]), True),
    )
    for facts, fails in cases:
        known = derived(facts)
        assert check(known, _no_query, context(known)).fails is fails


def test_claims_are_filtered_by_verdict_and_text() -> None:
    known = derived(proceeds("5800", sold("5830", "paper")))
    assert check(known, _no_query, context(known), verdict="contradicted").claims == ()
    assert check(known, _no_query, context(known), "text", "supported").count == 1
    with pytest.raises(UnknownName, match="text"):
        check(known, _no_query, context(known), "tekst")
    with pytest.raises(UsageProblem, match="not-covered"):
        check(known, _no_query, context(known), verdict="wrong")
    with pytest.raises(UnknownName, match="text--claim"):
        working(known, _no_query, context(known), "text--clam")


def test_facts_without_claims_give_an_empty_check() -> None:
    known = derived(facts_of(parties=PARTIES))
    assert check(known, _no_query, context(known)).claims == ()


def test_a_formula_that_names_no_input_is_refused_with_the_claim() -> None:
    with pytest.raises(DataProblem, match=r"claim/text--claim.*profit"):
        checked(world(claim("profit", "5"), [given_input("sold", "tranche/sale--beta", "amount")]))


def test_intervals_of_an_answer_are_exact() -> None:
    row = checked(proceeds("5830", sold("5830", "paper"), step="10"))
    assert (row.claimed.low, row.claimed.high) == (5825, 5835)  # type: ignore[union-attr]
    assert Fraction(row.claimed.value) == 5830  # type: ignore[union-attr]
    assert at().complete
