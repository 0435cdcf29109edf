"""When things were known, where they stood, when they began and ended: one tiny world for each rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.derive import Derived
from capgraph.lifetimes import Life, StatusAt
from tests.tiny import LATEST, Cells, derived, facts_of

STAKE: Cells = {"id": "a--b", "holder": "a", "issuer": "b"}
CLOSER: Cells = {"id": "sale", "deal": "deal", "stake": "a--b", "effect": "closes"}


def evidence(about: str, *dates: str) -> list[Cells]:
    return [{"about": about, "source": f"s-{day}"} for day in dates]


def status_of(world: Derived, ref: str) -> StatusAt:
    found = world.status(ref)
    assert found is not None
    return found


def life_of(world: Derived, ref: str = "stake/a--b") -> Life:
    row = world.facts.get(ref)
    assert row is not None
    return world.life(row)


# What was known -------------------------------------------------------------------------------------------------------


def test_a_thing_is_known_from_its_first_public_evidence() -> None:
    facts = facts_of(stakes=[STAKE], evidence=evidence("stake/a--b", "2025-05", "2025-06-01"))
    assert derived(facts).known("stake/a--b") == date(2025, 5, 31)
    assert not derived(facts, known_on="2025-05-30").is_known("stake/a--b")
    assert derived(facts, known_on="2025-05-31").is_known("stake/a--b")


def test_a_reading_and_a_status_are_evidence_of_their_thing() -> None:
    facts = facts_of(
        tranches=[{"id": "t"}, {"id": "u"}],
        readings=[{"id": "r", "about": "tranche/t", "aspect": "amount", "as_of": "2025", "source": "s-2025-04-01"}],
        statuses=[{"about": "tranche/u", "status": "closed", "source": "s-2025-03-01"}],
        evidence=[*evidence("tranche/t", "2025-06-01"), *evidence("tranche/u", "2025-06-01")],
    )
    assert derived(facts).known("tranche/t") == date(2025, 4, 1)
    assert derived(facts).known("tranche/u") == date(2025, 3, 1)


def test_evidence_without_a_date_is_known_only_at_the_default() -> None:
    facts = facts_of(stakes=[STAKE], evidence=evidence("stake/a--b", ""))
    assert derived(facts).known("stake/a--b") is None
    assert derived(facts).is_known("stake/a--b")
    assert not derived(facts, known_on="2026-09-10").is_known("stake/a--b")


def test_parties_and_products_are_known_from_what_names_them() -> None:
    facts = facts_of(
        parties=[{"id": "a"}, {"id": "b"}],
        products=[{"id": "p", "maker": "b"}],
        stakes=[STAKE],
        relations=[{"id": "r", "subject": "product/p", "relation": "depends_on", "object": "party/a"}],
        readings=[{"id": "r", "about": "party/a", "aspect": "cash", "as_of": "2025", "source": "s-2025-07-01"}],
        evidence=[*evidence("stake/a--b", "2025-06-01"), *evidence("relation/r", "2025-03-01")],
    )
    world = derived(facts)
    assert world.known("party/a") == date(2025, 3, 1)
    assert world.known("product/p") == date(2025, 3, 1)
    assert world.known("party/b") == date(2025, 3, 1)


# Statuses -------------------------------------------------------------------------------------------------------------


def log(*entries: tuple[str, str, str], announced: str = "2025-01-10") -> dict[str, list[Cells]]:
    """A tranche of a deal with these statuses: code, date, date of the source (empty: no source)."""
    rows = [
        {"about": "tranche/t", "status": code, "date": day, "source": f"s-{source}" if source else ""}
        for code, day, source in entries
    ]
    return {
        "deals": [{"id": "d", "announced": announced}],
        "tranches": [{"id": "t", "deal": "d"}],
        "statuses": rows,
        "evidence": evidence("tranche/t", "2025-01-15"),
    }


STEPS = log(("signed", "2025-03-01", "2025-03-02"), ("closed", "2025-06-01", "2025-07-01"))


@pytest.mark.parametrize(
    ("as_of", "code"),
    [("2025-01-09", None), ("2025-01-10", "announced"), ("2025-02-28", "announced"), ("2025-03-01", "signed"),
     ("2025-05-31", "signed"), ("2025-06-01", "closed")],
)  # fmt: skip
def test_the_latest_row_of_the_log_answers_and_before_the_first_the_announcement(as_of: str, code: str | None) -> None:
    found = derived(facts_of(**STEPS), as_of=as_of).status("tranche/t")
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("known_on", "code"),
    [("2025-01-14", None), ("2025-01-15", "announced"), ("2025-03-02", "signed"), ("2025-06-30", "signed"),
     ("2025-07-01", "closed")],
)  # fmt: skip
def test_a_status_counts_from_the_publication_of_its_source(known_on: str, code: str | None) -> None:
    found = derived(facts_of(**STEPS), as_of="2025-12-31", known_on=known_on).status("tranche/t")
    assert (found.code if found else None) == code


def test_a_status_without_a_source_is_known_with_its_thing() -> None:
    facts = facts_of(**log(("closed", "2024-12-01", "")))
    assert derived(facts, as_of="2025-12-31", known_on="2025-01-14").status("tranche/t") is None
    assert status_of(derived(facts, as_of="2025-12-31", known_on="2025-01-15"), "tranche/t").code == "closed"


def test_a_status_without_a_date_counts_from_the_announcement_and_says_so() -> None:
    facts = facts_of(**log(("signed", "", "2025-01-05")))
    assert derived(facts, as_of="2025-01-09").status("tranche/t") is None
    found = status_of(derived(facts, as_of="2025-01-10"), "tranche/t")
    assert (found.code, found.inferred, str(found.since)) == ("signed", True, "2025-01-10")


def test_without_an_announcement_it_counts_from_the_first_evidence() -> None:
    facts = facts_of(**log(("signed", "", ""), announced=""))
    assert derived(facts, as_of="2025-01-14").status("tranche/t") is None
    assert status_of(derived(facts, as_of="2025-01-15"), "tranche/t").code == "signed"


@pytest.mark.parametrize("column", ["announced", "start"])
def test_a_contract_without_a_status_date_counts_from_its_own_columns(column: str) -> None:
    facts = facts_of(
        contracts=[{"id": "c", column: "2025-04-01"}],
        statuses=[{"about": "contract/c", "status": "signed"}],
        evidence=evidence("contract/c", "2025-01-01"),
    )
    assert derived(facts, as_of="2025-03-31").status("contract/c") is None
    assert status_of(derived(facts, as_of="2025-04-01"), "contract/c").code == "signed"


def test_a_vague_status_date_counts_from_its_first_day_and_is_marked() -> None:
    facts = facts_of(**log(("closed", "2025", "2025-01-20"), announced="2025"))
    assert status_of(derived(facts, as_of="2025-01-01"), "tranche/t").inexact
    assert not status_of(derived(facts, as_of="2026-01-01"), "tranche/t").inexact


@pytest.mark.parametrize("vague", ["signed", "closed"])
def test_where_dates_overlap_the_ladder_says_which_came_later(vague: str) -> None:
    exact = "closed" if vague == "signed" else "signed"
    facts = facts_of(**log((vague, "2025", "2025-01-20"), (exact, "2025-03-01", "2025-03-01")))
    assert status_of(derived(facts), "tranche/t").code == "closed"


def test_a_later_row_may_lead_down_the_ladder() -> None:
    facts = facts_of(**log(("signed", "2025-03-01", ""), ("rumoured", "2025-08-01", "")))
    assert status_of(derived(facts), "tranche/t").code == "rumoured"


@pytest.mark.parametrize(
    ("code", "rung", "ladder"),
    [("rumoured", "rumoured", 1), ("announced", "announced", 2), ("conditional", "conditional", 3),
     ("signed", "signed", 4), ("amended", "signed", 4), ("closed", "closed", 5), ("drawn", "closed", 5),
     ("active", "closed", 5), ("completed", "closed", 5), ("repaid", "ended", 0), ("refinanced", "ended", 0),
     ("ended", "ended", 0), ("suspended", "off", 0), ("lapsed", "off", 0), ("cancelled", "off", 0)],
)  # fmt: skip
def test_every_status_stands_on_its_rung(code: str, rung: str, ladder: int) -> None:
    found = status_of(derived(facts_of(**log((code, "2025-03-01", "")))), "tranche/t")
    assert (found.code, found.rung, found.ladder) == (code, rung, ladder)


def test_a_kind_without_statuses_has_none() -> None:
    facts = facts_of(deals=[{"id": "d", "announced": "2025-01-01"}], evidence=evidence("deal/d", "2025-01-01"))
    assert derived(facts).status("deal/d") is None


STATUS_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["rumoured", "announced", "signed", "closed", "cancelled"]),
        st.dates(date(2025, 1, 10), date(2025, 12, 31)).map(date.isoformat),
        st.just(""),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda row: row[1],
)


@given(STATUS_ROWS, st.dates(date(2025, 1, 10), date(2026, 1, 31)))
def test_with_exact_dates_the_status_is_the_last_that_had_come(rows: list[tuple[str, str, str]], day: date) -> None:
    come = [row for row in rows if row[1] <= day.isoformat()]
    expected = max(come, key=lambda row: row[1])[0] if come else "announced"
    assert status_of(derived(facts_of(**log(*rows)), as_of=day), "tranche/t").code == expected


# Starts ---------------------------------------------------------------------------------------------------------------


def percent(id: str, as_of: str, value: str = "10", **cells: str) -> Cells:
    base = {"aspect": "percent", "basis": "unknown", "confidence": "reported", "source": f"s-{as_of}"}
    return {**base, "id": id, "about": "stake/a--b", "as_of": as_of, "value": value, **cells}


def test_a_state_stands_from_the_first_day_of_its_start() -> None:
    facts = facts_of(stakes=[{**STAKE, "valid_from": "2025-03"}], evidence=evidence("stake/a--b", "2025-01-01"))
    assert not life_of(derived(facts, as_of="2025-02-28")).stands
    assert life_of(derived(facts, as_of="2025-03-01")).flags == {"date_inexact"}
    assert life_of(derived(facts, as_of="2025-04-01")).flags == set()
    assert life_of(derived(facts, as_of="2025-03-01")).stands


def test_a_state_does_not_stand_before_anybody_could_know() -> None:
    facts = facts_of(stakes=[{**STAKE, "valid_from": "2025"}], evidence=evidence("stake/a--b", "2025-06-01"))
    assert not life_of(derived(facts, as_of="2025-12-31", known_on="2025-05-31")).stands
    assert life_of(derived(facts, as_of="2025-12-31", known_on="2025-06-01")).stands


def test_without_a_start_a_link_counts_from_its_earliest_dated_reading() -> None:
    rows = [percent("late", "2025-06-30"), percent("early", "2025-03-31")]
    facts = facts_of(stakes=[STAKE], readings=rows, evidence=evidence("stake/a--b", "2025-01-01"))
    before, after = life_of(derived(facts, as_of="2025-03-30")), life_of(derived(facts, as_of="2025-03-31"))
    assert (before.stands, before.flags) == (False, {"start_unknown"})
    assert (after.stands, after.flags) == (True, {"start_inferred"})


def test_only_readings_that_were_public_infer_a_start() -> None:
    rows = [percent("late", "2025-06-30"), percent("early", "2025-03-31", source="s-2026-01-01")]
    facts = facts_of(stakes=[STAKE], readings=rows, evidence=evidence("stake/a--b", "2025-01-01"))
    world = derived(facts, as_of="2025-12-31", known_on="2025-12-31")
    assert str(life_of(world).start.span) == "2025-06-30"  # type: ignore[union-attr]


@pytest.mark.parametrize("cells", [{"value": "0"}, {"basis": "forecast"}, {"value": ""}])
def test_nought_a_forecast_and_no_number_show_no_holding(cells: dict[str, str]) -> None:
    rows = [{**percent("no", "2024-03-31"), **cells}, percent("yes", "2025-03-31")]
    facts = facts_of(stakes=[STAKE], readings=rows, evidence=evidence("stake/a--b", "2025-01-01"))
    assert str(life_of(derived(facts)).start.span) == "2025-03-31"  # type: ignore[union-attr]


def test_without_start_and_readings_a_link_counts_from_its_first_evidence() -> None:
    facts = facts_of(stakes=[STAKE], evidence=evidence("stake/a--b", "2025-05-01", "2025-06-01"))
    assert life_of(derived(facts, as_of="2025-04-30")).flags == {"start_unknown"}
    assert life_of(derived(facts, as_of="2025-05-01")).flags == {"start_inferred"}


def test_without_anything_dated_the_start_stays_unknown() -> None:
    facts = facts_of(stakes=[STAKE], evidence=evidence("stake/a--b", ""))
    assert life_of(derived(facts)).flags == {"start_unknown"}
    assert not life_of(derived(facts)).stands


def test_a_reading_start_says_it_where_the_cell_is_empty() -> None:
    rows = [percent("s", "2025-12-31", "2024-02-01", aspect="start", basis="")]
    facts = facts_of(stakes=[STAKE], readings=rows, evidence=evidence("stake/a--b", "2025-01-01"))
    life = life_of(derived(facts))
    assert (str(life.start.span), life.start.inferred) == ("2024-02-01", False)  # type: ignore[union-attr]


# Ends -----------------------------------------------------------------------------------------------------------------

HELD: Cells = {**STAKE, "valid_from": "2024-01-01", "valid_to": "2025-03"}
HELD_EVIDENCE = evidence("stake/a--b", "2024-01-01")


def test_a_state_no_longer_stands_from_the_first_day_of_its_end() -> None:
    facts = facts_of(stakes=[HELD], evidence=HELD_EVIDENCE)
    assert life_of(derived(facts, as_of="2025-02-28")).stands
    inside = life_of(derived(facts, as_of="2025-03-01"))
    assert (inside.stands, inside.over, inside.flags) == (False, True, {"date_inexact"})


def test_an_end_is_known_from_the_evidence_of_the_tranche_that_closes_the_stake() -> None:
    facts = facts_of(
        stakes=[HELD], tranches=[CLOSER], evidence=[*HELD_EVIDENCE, *evidence("tranche/sale", "2025-05-10")]
    )
    unaware = life_of(derived(facts, as_of="2025-05-09", known_on="2025-05-09"))
    assert (unaware.stands, unaware.flags) == (True, {"end_not_public"})
    assert not life_of(derived(facts, as_of="2025-05-10", known_on="2025-05-10")).stands
    assert life_of(derived(facts)).end.by == "tranche"  # type: ignore[union-attr]


def test_an_end_is_known_when_the_closing_was_told_and_not_when_it_was_promised() -> None:
    facts = facts_of(
        stakes=[HELD],
        tranches=[CLOSER],
        statuses=[
            {"about": "tranche/sale", "status": "signed", "date": "2024-12-01", "source": "s-2024-12-02"},
            {"about": "tranche/sale", "status": "closed", "date": "2025-03", "source": "s-2025-05-10"},
        ],
        evidence=[*HELD_EVIDENCE, *evidence("tranche/sale", "2024-12-02")],
    )
    unaware = life_of(derived(facts, as_of="2025-05-09", known_on="2025-05-09"))
    assert (unaware.stands, unaware.flags) == (True, {"end_not_public"})
    assert not life_of(derived(facts, as_of="2025-05-10", known_on="2025-05-10")).stands


def test_a_log_begins_with_what_was_public() -> None:
    rows = [
        {"about": "tranche/sale", "status": "rumoured", "date": "2024-10", "source": "s-2025-01-01"},
        {"about": "tranche/sale", "status": "signed", "date": "2024-12-01", "source": "s-2024-12-02"},
    ]
    facts = facts_of(stakes=[HELD], tranches=[CLOSER], statuses=rows)
    early = derived(facts, as_of="2024-12-31", known_on="2024-12-31")
    assert str(early.first_told("tranche/sale")) == "2024-12-01"
    assert str(derived(facts).first_told("tranche/sale")) == "2024-10"


def test_an_end_is_known_from_a_reading_end() -> None:
    rows = [percent("e", "2025-03-31", "2025-03", aspect="end", basis="", source="s-2025-05-10")]
    facts = facts_of(stakes=[HELD], readings=rows, evidence=HELD_EVIDENCE)
    assert life_of(derived(facts, as_of="2025-05-09", known_on="2025-05-09")).stands
    assert not life_of(derived(facts, as_of="2025-05-10", known_on="2025-05-10")).stands


def test_an_end_with_neither_is_known_at_once_and_listed() -> None:
    facts = facts_of(stakes=[HELD], evidence=HELD_EVIDENCE)
    assert not life_of(derived(facts, as_of="2025-03-01", known_on="2025-03-01")).stands
    assert derived(facts).ends_without_evidence() == ("stake/a--b",)
    shown = facts_of(stakes=[HELD], tranches=[CLOSER], evidence=HELD_EVIDENCE)
    assert derived(shown).ends_without_evidence() == ()


def test_a_term_that_still_runs_is_no_end_without_evidence() -> None:
    facts = facts_of(facilities=[{"id": "f", "arranged": "2025", "matures": "2031"}])
    assert derived(facts).ends_without_evidence() == ()


def test_a_stake_without_an_end_ends_with_the_tranche_that_closed_it() -> None:
    facts = facts_of(
        stakes=[{**HELD, "valid_to": ""}],
        tranches=[CLOSER],
        statuses=[{"about": "tranche/sale", "status": "closed", "date": "2025-04-01", "source": "s-2025-04-02"}],
        evidence=[*HELD_EVIDENCE, *evidence("tranche/sale", "2025-02-01")],
    )
    assert life_of(derived(facts, as_of="2025-03-31")).stands
    assert not life_of(derived(facts, as_of="2025-04-01")).stands
    assert life_of(derived(facts, as_of="2025-04-01", known_on="2025-04-01")).stands


@pytest.mark.parametrize("code", ["repaid", "refinanced", "ended", "lapsed", "cancelled", "suspended"])
def test_a_status_off_the_ladder_ends_a_facility_from_its_date(code: str) -> None:
    facts = facts_of(
        facilities=[{"id": "f", "arranged": "2024", "matures": "2031"}],
        statuses=[
            {"about": "facility/f", "status": "drawn", "date": "2024-02", "source": "s-2024-03-01"},
            {"about": "facility/f", "status": code, "date": "2025-06-01", "source": "s-2025-07-01"},
        ],
        evidence=evidence("facility/f", "2024-03-01"),
    )
    assert life_of(derived(facts, as_of="2025-05-31"), "facility/f").stands
    over = life_of(derived(facts, as_of="2025-06-01"), "facility/f")
    assert (over.stands, over.end.by) == (False, "status")  # type: ignore[union-attr]
    assert life_of(derived(facts, as_of="2025-06-30", known_on="2025-06-30"), "facility/f").stands
    assert derived(facts).ends_without_evidence() == ()


def test_a_facility_ends_when_it_matures() -> None:
    facts = facts_of(
        facilities=[{"id": "f", "arranged": "2024", "matures": "2025-06"}], evidence=evidence("facility/f", "2024")
    )
    assert life_of(derived(facts, as_of="2025-05-31"), "facility/f").stands
    assert not life_of(derived(facts, as_of="2025-06-01"), "facility/f").stands
    assert derived(facts).ends_without_evidence() == ("facility/f",)


def test_flows_have_neither_start_nor_end() -> None:
    life = life_of(derived(facts_of(**STEPS)), "tranche/t")
    assert (life.start, life.end, life.stands) == (None, None, True)


@given(
    st.dates(date(2024, 1, 1), date(2026, 6, 30)),
    st.dates(date(2024, 1, 1), date(2026, 6, 30)),
    st.dates(date(2024, 1, 1), date(2026, 6, 30)),
)
def test_more_knowledge_never_brings_an_ended_state_back(first: date, second: date, as_of: date) -> None:
    early, late = sorted((first, second))
    facts = facts_of(
        stakes=[HELD], tranches=[CLOSER], evidence=[*HELD_EVIDENCE, *evidence("tranche/sale", "2025-05-10")]
    )
    assert not life_of(derived(facts, as_of, early)).over or life_of(derived(facts, as_of, late)).over
    assert life_of(derived(facts, as_of, LATEST)).stands == (date(2024, 1, 1) <= as_of < date(2025, 3, 1))
