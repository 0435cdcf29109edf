"""Each clause of the policy on readings small enough to see, then laws over random sets of readings."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.clocks import DateSpan
from capgraph.ontology import load
from capgraph.readings import (
    EXPIRED_MONTHS,
    OUTRANKS_DAYS,
    RIVAL_DAYS,
    STALE_MONTHS,
    Figure,
    Policy,
    Reading,
    Sources,
    choose,
    comparable,
    differs,
    rivals,
)
from tests.tiny import LATEST, at, facts_of

PERCENT = Policy.of(load(), "percent", ages=True)
AMOUNT = Policy.of(load(), "amount")


def said(id: str, as_of: str, value: str = "", **cells: str) -> Reading:
    """A reading in a line. Without a word it is a percent of unknown basis, reported by an origin of its own."""
    defaults = {"basis": "unknown", "confidence": "reported", "unit": "percent", "source": f"s-{as_of}"}
    row = {**defaults, "id": id, "about": "stake/a--b", "aspect": "percent", "as_of": as_of, "value": value, **cells}
    origin, row["origin"] = row.pop("origin", id), ""
    row.pop("origin")
    facts = facts_of(readings=[row])
    return replace(Reading.of(facts.table("readings")[0], Sources(facts)), origin=origin)


def answer(*readings: Reading, as_of: str | date = LATEST, known_on: str | date = LATEST) -> Figure | None:
    return choose(readings, PERCENT, at(as_of, known_on))


def chosen(*readings: Reading, as_of: str | date = LATEST, known_on: str | date = LATEST) -> str | None:
    figure = answer(*readings, as_of=as_of, known_on=known_on)
    return figure.reading.id.removeprefix("reading/") if figure else None


def figure_of(*readings: Reading, policy: Policy = PERCENT, cuts: tuple[date, ...] = ()) -> Figure:
    figure = choose(readings, policy, at(), cuts)
    assert figure is not None
    return figure


# Which readings qualify -----------------------------------------------------------------------------------------------


def test_a_reading_answers_from_the_last_day_of_its_date() -> None:
    year = said("year", "2025", "10", source="s-2025-06-30")
    assert chosen(year, as_of="2025-12-30") is None
    assert chosen(year, as_of="2025-12-31") == "year"


def test_a_reading_answers_only_when_its_source_was_public() -> None:
    reading = said("r", "2025-03-31", "10", source="s-2025-05")
    assert chosen(reading, as_of="2025-06-30", known_on="2025-05-30") is None
    assert chosen(reading, as_of="2025-06-30", known_on="2025-05-31") == "r"


def test_a_source_without_a_date_answers_only_at_the_default_known_on_and_says_so() -> None:
    reading = said("r", "2025-03-31", "10", source="s-")
    assert chosen(reading, known_on=LATEST - timedelta(days=1), as_of="2026-01-01") is None
    figure = answer(reading)
    assert figure is not None
    assert figure.undated


def test_a_reading_without_a_number_never_answers() -> None:
    assert chosen(said("r", "2025-03-31", "")) is None


# Which basis may answer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("basis", ["voting", "forecast", "ceiling", "planned", "class-a"])
def test_a_basis_outside_the_order_never_answers_and_is_shown_beside(basis: str) -> None:
    other, own = said("other", "2026-03-31", "40", basis=basis), said("own", "2024-03-31", "10")
    assert chosen(other) is None
    figure = figure_of(other, own)
    assert figure.value == 10
    assert [reading.value for reading in figure.beside] == [40]
    assert figure.rivals == ()


@pytest.mark.parametrize(
    ("aspect", "order"),
    [
        ("percent", ("outstanding", "as_converted", "fully_diluted", "economic", "unknown")),
        ("amount", ("",)),
        ("limit", ("",)),
        ("value", ("",)),
    ],
)
def test_the_order_of_the_bases_is_that_of_the_code_lists(aspect: str, order: tuple[str, ...]) -> None:
    assert Policy.of(load(), aspect).bases == order


def test_valuations_answer_by_what_was_paid_before_what_is_quoted() -> None:
    policy = Policy.of(load(), "valuation")
    assert [policy.place(basis) for basis in ("post_money", "tender", "secondary", "market")] == [0, 1, 2, 3]
    assert all(policy.place(basis) is None for basis in ("forecast", "analyst_target", "pre_money", "planned"))


def test_a_basis_with_a_colon_stands_for_all_that_begin_with_it() -> None:
    policy = Policy.of(load(), "share_price")
    assert policy.place("split:2024-06-10") is not None
    assert policy.place("splitting") is None


def test_asked_for_one_basis_only_that_one_answers() -> None:
    readings = [said("a", "2025-03-31", "10"), said("v", "2025-03-31", "40", basis="voting")]
    figure = choose(readings, PERCENT.only("voting"), at())
    assert figure is not None
    assert figure.value == 40


# The order ------------------------------------------------------------------------------------------------------------


def test_the_latest_date_comes_first() -> None:
    assert chosen(said("old", "2025-03-31", "10", basis="outstanding"), said("new", "2025-06-30", "11")) == "new"


def test_on_one_date_the_order_of_the_bases_decides_before_confidence() -> None:
    first = said("first", "2025-03-31", "10", basis="outstanding", confidence="unverified")
    second = said("second", "2025-03-31", "11", basis="as_converted", confidence="primary")
    assert chosen(second, first) == "first"


def test_on_one_basis_confidence_decides_before_publication() -> None:
    grades = ["primary", "reported", "estimate", "unverified"]
    readings = [
        said(grade, "2025-03-31", "10", confidence=grade, source=f"s-2025-0{place}-01")
        for place, grade in enumerate(grades, 5)
    ]
    while readings:
        assert chosen(*reversed(readings)) == grades[-len(readings)]
        readings.pop(0)


def test_with_one_confidence_the_latest_publication_decides() -> None:
    early = said("a-early", "2025-03-31", "10", source="s-2025-05-01")
    late = said("b-late", "2025-03-31", "11", source="s-2025-06-01")
    undated = said("c-undated", "2025-03-31", "12", source="s-")
    assert chosen(early, late, undated) == "b-late"


def test_with_one_publication_more_independent_origins_decide() -> None:
    alone = said("a-alone", "2025-03-31", "10", origin="wire")
    copies = [said(f"a-copy-{n}", "2025-03-31", "10", origin="wire") for n in range(3)]
    two = [said(f"b-two-{n}", "2025-03-31", "11", origin=f"house-{n}") for n in range(2)]
    assert chosen(alone, *copies, *two) == "b-two-0"


def test_at_last_the_id_decides() -> None:
    assert chosen(said("b", "2025-03-31", "10"), said("a", "2025-03-31", "11")) == "a"


# A lower confidence against a higher ----------------------------------------------------------------------------------


def later(days: int) -> str:
    return (date(2025, 3, 31) + timedelta(days=days)).isoformat()


def test_a_lower_confidence_replaces_a_higher_only_when_180_days_newer() -> None:
    filing = said("filing", later(0), "10", confidence="primary")
    for days, winner in ((1, "filing"), (OUTRANKS_DAYS - 1, "filing"), (OUTRANKS_DAYS, "blog")):
        assert chosen(filing, said("blog", later(days), "12", confidence="unverified")) == winner


def test_a_higher_or_equal_confidence_replaces_at_once() -> None:
    report = said("report", later(0), "10", confidence="reported")
    assert chosen(report, said("filing", later(1), "12", confidence="primary")) == "filing"
    assert chosen(report, said("other", later(1), "12", confidence="reported")) == "other"


def test_the_loser_is_shown() -> None:
    filing = said("filing", later(0), "10", confidence="primary")
    passed_over = figure_of(filing, said("blog", later(100), "12", confidence="unverified"))
    assert [reading.id for reading in passed_over.beside] == ["reading/blog"]
    replaced = figure_of(filing, said("blog", later(OUTRANKS_DAYS), "12", confidence="unverified"))
    assert [reading.id for reading in replaced.beside] == ["reading/filing"]


def test_the_rule_never_runs_in_a_circle() -> None:
    """An estimate yields to a report of the month before; the filing behind both is too old to hold anything back."""
    filing = said("filing", later(0), "10", confidence="primary")
    report = said("report", later(150), "11", confidence="reported")
    estimate = said("estimate", later(185), "12", confidence="estimate")
    assert chosen(filing, report, estimate) == "report"
    assert chosen(filing, report) == "filing"


# Rivals ---------------------------------------------------------------------------------------------------------------


def test_readings_within_45_days_rival_each_other() -> None:
    base = said("base", later(RIVAL_DAYS), "10")
    assert figure_of(base, said("near", later(0), "12")).high == 12
    assert figure_of(base, said("far", later(-1), "12")).high == 10


def test_readings_whose_dates_overlap_rival_each_other() -> None:
    assert figure_of(said("year", "2025", "10"), said("spring", "2025-03-31", "12")).high == 12


def test_a_tranche_in_between_ends_the_rivalry() -> None:
    before, after = said("before", "2025-03-31", "10"), said("after", "2025-04-30", "8")
    assert figure_of(before, after).high == 10
    assert figure_of(before, after, cuts=(date(2025, 4, 15),)).high == 8
    assert figure_of(before, after, cuts=(date(2025, 4, 30),)).high == 8
    assert figure_of(before, after, cuts=(date(2025, 3, 31),)).high == 10
    assert figure_of(before, after, cuts=(date(2025, 5, 1),)).high == 10


def test_only_comparable_bases_rival_each_other() -> None:
    outstanding = said("o", "2025-03-31", "10", basis="outstanding")
    diluted = said("d", "2025-03-31", "8", basis="fully_diluted")
    unstated = said("u", "2025-03-31", "9")
    assert figure_of(outstanding, diluted).low == 10
    assert figure_of(outstanding, diluted).beside == (diluted,)
    assert figure_of(outstanding, diluted, unstated).low == 9


def test_a_basis_that_may_not_answer_is_no_rival() -> None:
    assert figure_of(said("r", "2025-03-31", "10"), said("v", "2025-03-31", "40", basis="voting")).high == 10


def test_figures_over_a_period_rival_only_over_the_same_period() -> None:
    quarter = said("q", "2025-12-31", "10", period="2025-Q4")
    assert not comparable(quarter, said("y", "2025-12-31", "40", period="FY2025"))
    assert not comparable(quarter, said("n", "2025-12-31", "40"))
    assert not comparable(quarter, said("m", "2025-11-30", "9", period="2025-Q4"))
    assert comparable(quarter, said("s", "2025-12-31", "11", period="FY2026-Q3"))


def test_another_currency_rivals_only_by_the_sources_own_dollars() -> None:
    dollars = said("usd", "2025-03-31", "100", unit="USD")
    assert not comparable(dollars, said("yen", "2025-03-31", "15000", unit="JPY"))
    both = said("both", "2025-03-31", "15000", unit="JPY", usd="101")
    assert comparable(dollars, both)
    assert differs(dollars, both)
    assert figure_of(dollars, replace(both, confidence="estimate")).high == 101


def test_copies_of_one_origin_count_once() -> None:
    base = said("base", "2025-03-31", "10")
    copies = [said(f"copy-{n}", "2025-03-31", "12", origin="wire") for n in range(5)]
    own_copy = said("own-copy", "2025-03-31", "10", origin="base")
    figure = figure_of(replace(base, confidence="primary"), *copies, own_copy)
    assert len(figure.rivals) == 1
    assert figure.disputed == 1


def test_two_origins_that_differ_are_two_disputes() -> None:
    base = said("base", "2025-03-31", "10", confidence="primary")
    others = [said("a", "2025-03-31", "11"), said("b", "2025-03-31", "11"), said("c", "2025-03-31", "10")]
    assert figure_of(base, *others).disputed == 2
    assert len(figure_of(base, *others).rivals) == 3


def test_an_origin_that_contradicts_itself_is_one_dispute_and_all_of_the_range() -> None:
    base = said("base", "2025-03-31", "10", confidence="primary")
    figure = figure_of(base, *(said(value, "2025-03-31", value, origin="wire") for value in ("11", "12")))
    assert (figure.disputed, figure.high) == (1, 12)


def test_an_origin_is_found_through_a_chain_of_copies() -> None:
    chain = [{"id": "c", "origin": "b"}, {"id": "b", "origin": "a"}, {"id": "a", "origin": "reuters"}, {"id": "d"}]
    sources = Sources(facts_of(sources=chain))
    assert {sources.origin(f"source/{id}") for id in "abc"} == {"reuters"}
    assert sources.origin("source/d") == "d"


def test_copies_in_a_circle_have_one_origin() -> None:
    sources = Sources(facts_of(sources=[{"id": "a", "origin": "b"}, {"id": "b", "origin": "a"}]))
    assert sources.origin("source/a") == sources.origin("source/b")


# Range and bounds -----------------------------------------------------------------------------------------------------


def test_the_range_spans_rivals_and_their_own_bounds() -> None:
    base = said("base", "2025-03-31", "10", confidence="primary", low="9.5", high="10.5")
    figure = figure_of(base, said("r", "2025-03-31", "11", low="8", high="12"))
    assert (figure.low, figure.value, figure.high) == (8, 10, 12)


def test_without_disagreement_low_and_high_are_the_value() -> None:
    figure = figure_of(said("r", "2025-03-31", "10"))
    assert (figure.low, figure.value, figure.high, figure.disputed) == (10, 10, 10, 0)
    assert not figure.ranged


@pytest.mark.parametrize(("cells", "low", "high"), [({"low": "300"}, 300, None), ({"high": "300"}, None, 300)])
def test_a_bare_bound_may_answer_and_stays_a_bound(cells: dict[str, str], low: int | None, high: int | None) -> None:
    figure = figure_of(said("r", "2025-03-31", basis="", unit="USD", **cells), policy=AMOUNT)
    assert (figure.low, figure.value, figure.high) == (low, None, high)
    assert figure.ranged


def test_a_ceiling_is_shown_and_never_answers() -> None:
    ceiling = said("c", "2025-03-31", high="300", basis="ceiling", unit="USD")
    assert choose([ceiling], AMOUNT, at()) is None
    firm = said("f", "2025-03-31", "13", basis="", unit="USD")
    assert choose([ceiling, firm], AMOUNT, at()).beside == (ceiling,)  # type: ignore[union-attr]


def test_a_bound_that_allows_the_value_is_no_dispute() -> None:
    value = said("v", "2025-03-31", "27", confidence="primary")
    assert figure_of(value, said("more", "2025-03-31", low="20")).disputed == 0
    assert figure_of(value, said("less", "2025-03-31", high="20")).disputed == 1
    assert figure_of(value, said("range", "2025-03-31", low="28", high="30")).disputed == 1


# Age ------------------------------------------------------------------------------------------------------------------


def test_a_percent_grows_stale_after_24_months_and_leaves_totals_after_36() -> None:
    reading = said("r", "2022-03-31", "10", source="s-2022-04-01")
    assert (STALE_MONTHS, EXPIRED_MONTHS) == (24, 36)
    for asked, stale, expired in (
        ("2024-03-31", False, False),
        ("2024-04-01", True, False),
        ("2025-03-31", True, False),
        ("2025-04-01", True, True),
    ):
        figure = answer(reading, as_of=asked)
        assert figure is not None
        assert (figure.stale, figure.expired) == (stale, expired)


def test_amounts_do_not_age() -> None:
    figure = figure_of(said("r", "2015-03-31", "10", basis="", unit="USD"), policy=AMOUNT)
    assert (figure.stale, figure.expired) == (False, False)


# Laws over random readings --------------------------------------------------------------------------------------------

DATES = st.dates(date(2025, 1, 1), date(2026, 6, 30)).map(date.isoformat)
RANDOM = st.lists(
    st.builds(
        lambda day, precision, value, basis, confidence, known, origin: {
            "as_of": day[:precision], "value": str(value), "basis": basis, "confidence": confidence,
            "source": f"s-{known}", "origin": origin,
        },
        DATES, st.sampled_from([4, 7, 10]), st.integers(5, 15),
        st.sampled_from(["outstanding", "as_converted", "unknown", "voting"]),
        st.sampled_from(["primary", "reported", "estimate", "unverified"]),
        DATES, st.sampled_from(["reuters", "ft", "wsj", "house"]),
    ),
    min_size=1, max_size=7,
)  # fmt: skip
TEMPLATE = said("template", "2025-01-01", "1")


def built(cells: list[dict[str, str]]) -> list[Reading]:
    """Readings without the detour over rows, which is what the other tests take."""
    return [
        replace(
            TEMPLATE,
            id=f"reading/{place}",
            as_of=DateSpan.parse(row["as_of"]),
            value=Decimal(row["value"]),
            basis=row["basis"],
            confidence=row["confidence"],
            known=date.fromisoformat(row["source"].removeprefix("s-")),
            origin=row["origin"],
        )
        for place, row in enumerate(cells)
    ]


@given(RANDOM, st.integers(), DATES, DATES)
def test_the_order_of_the_rows_never_matters(cells: list[dict[str, str]], seed: int, as_of: str, known: str) -> None:
    readings = built(cells)
    shuffled = random.Random(seed).sample(readings, len(readings))
    assert choose(readings, PERCENT, at(as_of, known)) == choose(shuffled, PERCENT, at(as_of, known))


@given(RANDOM, DATES, DATES)
def test_an_answer_was_public_true_by_then_and_lies_in_its_range(
    cells: list[dict[str, str]], as_of: str, known: str
) -> None:
    readings = built(cells)
    figure = choose(readings, PERCENT, at(as_of, known))
    allowed = [
        reading
        for reading in readings
        if reading.as_of.last.isoformat() <= as_of and str(reading.known) <= known and reading.basis in PERCENT.bases
    ]
    assert (figure is None) == (not allowed)
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return
    assert {figure.reading.id, *(rival.id for rival in figure.rivals)} <= {reading.id for reading in allowed}
    assert figure.low <= figure.value <= figure.high
    assert figure.disputed <= len(figure.rivals)
    assert bool(figure.disputed) == figure.ranged


@given(RANDOM)
def test_what_answers_is_never_held_back_by_a_better_and_hardly_older_reading(cells: list[dict[str, str]]) -> None:
    figure = choose(built(cells), PERCENT, at())
    if figure is None:
        return
    able = [r for r in built(cells) if r.basis in PERCENT.bases and r.as_of.last <= LATEST]
    newest = max(reading.as_of.last for reading in able)
    for other in able:
        age = (figure.as_of.last - other.as_of.last).days
        better = PERCENT.distrust(other) < PERCENT.distrust(figure.reading)
        assert not (better and 0 < age < OUTRANKS_DAYS and (newest - other.as_of.last).days < OUTRANKS_DAYS)
    assert (newest - figure.as_of.last).days < OUTRANKS_DAYS


@given(RANDOM)
def test_a_further_copy_changes_neither_range_nor_dispute(cells: list[dict[str, str]]) -> None:
    readings = built(cells)
    figure = choose(readings, PERCENT, at())
    if figure is None:
        return
    copies = [replace(reading, id=f"{reading.id}-copy") for reading in readings]
    again = choose([*readings, *copies], PERCENT, at())
    assert again is not None
    assert (again.value, again.low, again.high, again.disputed) == (
        figure.value, figure.low, figure.high, figure.disputed,
    )  # fmt: skip


@given(RANDOM)
def test_rivalry_is_mutual(cells: list[dict[str, str]]) -> None:
    readings = built(cells)
    for one in readings:
        for other in readings:
            assert comparable(one, other) == comparable(other, one)
            assert differs(one, other) == differs(other, one)
            assert (other in rivals(one, [other])) == (one in rivals(other, [one]))
