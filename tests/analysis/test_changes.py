"""What differs between two days: what happened, what became public, and laws of differences."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.houses import body, context, figure, leg, network, readings, stake, subsidiary, world
from tests.analysis.test_funding import loan, payment

from capgraph.analysis.changes import Changes, changes
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import load

FROZEN = Path(__file__).parent.parent / "fixtures" / "softbank-2025"
STAKE = "house--chips--common"
LATE = "2026-09-11"


def ask(facts: Facts, before: str, after: str, party: str = "", rung: str = "signed", group: bool = False) -> Changes:
    """The changes between two days, each ``DAY`` or ``DAY@KNOWN``."""
    (first, early), (last, late) = ([*text.split("@"), LATE][:2] for text in (before, after))
    one, between, other = (
        network(facts, as_of, known_on, rung, group)
        for as_of, known_on in ((first, early), (first, late), (last, late))
    )
    return changes(one, between, other, context(other), party)


def sorts(result: Changes) -> dict[str, list[str]]:
    return {
        "happened": [f"{row.kind} {row.thing}" for row in result.happened],
        "published": [f"{row.kind} {row.thing}" for row in result.published],
    }


@pytest.fixture
def world_of_changes() -> Facts:
    """House sold its chips in October 2025, which came out on 11 November; a loan was drawn, a round signed."""
    bridge = loan("bridge", "house", "signed", "2025-05-01", ("limit", "40", "2025-05-01", ""), lenders="bank")
    drawn = {"about": "facility/bridge", "status": "drawn", "date": "2025-09-01", "source": "s-2025-09-02"}
    return world(
        stake(STAKE, valid_from="2024-03-01"),
        leg("exit", STAKE, "closes", "2025-10-15", "5830", published="2025-11-11"),
        stake("house--lab--preferred", valid_from="2024-09-01"),
        readings(
            figure("stake/house--lab--preferred", "percent", "11", "2024-12-31"),
            figure("stake/house--lab--preferred", "percent", "13", "2025-12-31"),
        ),
        bridge,
        {"statuses": [drawn]},
        payment("round", "house", "lab", "2025-08-01", "30", status="signed"),
        stake("fund--lab--preferred", valid_from="2025-07-01"),
        subsidiary("fund", "house"),
    )


# What happened --------------------------------------------------------------------------------------------------------


def test_every_sort_of_change_between_two_days(world_of_changes: Facts) -> None:
    result = ask(world_of_changes, "2025-06-30", "2025-12-31", "house")
    assert sorts(result) == {
        "happened": [
            "ended stake/house--chips--common",
            "climbed tranche/exit",
            "climbed facility/bridge",
            "climbed tranche/round",
            "percent stake/house--lab--preferred",
        ],
        "published": [],
    }
    percent = result.happened[-1]
    assert (percent.before.value, percent.after.value, str(percent.since)) == (11, 13, "2025-12-31")  # type: ignore[union-attr]
    bridge = result.happened[2]
    assert (bridge.before.code, bridge.after.code) == ("signed", "drawn")  # type: ignore[union-attr]


def test_what_opens_is_told_with_its_size(world_of_changes: Facts) -> None:
    (row,) = [row for row in ask(world_of_changes, "2024-01-01", "2025-06-30", "house").happened
              if row.thing == "stake/house--lab--preferred"]  # fmt: skip
    assert (row.kind, row.before, row.after.value) == ("opened", "", 11)  # type: ignore[union-attr]


def test_a_thing_whose_start_nobody_gives_is_first_spoken_of_and_not_opened() -> None:
    facts = world(stake(STAKE), readings(figure(f"stake/{STAKE}", "percent", "5", "2025-03-31")))
    assert sorts(ask(facts, "2025-01-01", "2025-12-31"))["happened"] == ["seen stake/house--chips--common"]


def test_a_promise_that_falls_off_the_ladder_fell() -> None:
    plan = payment("plan", "house", "lab", "2025-02-01", "30", status="signed")
    gone = {"about": "tranche/plan", "status": "cancelled", "date": "2025-09-01", "source": "s-2025-09-01"}
    facts = world(plan, {"statuses": [gone]})
    (row,) = ask(facts, "2025-06-30", "2025-12-31").happened
    assert (row.kind, row.before.code, row.after.code) == ("fell", "signed", "cancelled")  # type: ignore[union-attr]


# What became public ---------------------------------------------------------------------------------------------------


def test_on_10_november_nobody_knew_of_the_sale_of_october(world_of_changes: Facts) -> None:
    result = ask(world_of_changes, "2025-11-10@2025-11-10", "2025-11-10@2025-11-12", "house")
    assert sorts(result) == {
        "happened": [],
        "published": ["ended stake/house--chips--common", "climbed tranche/exit"],
    }


def test_both_steps_are_told_apart(world_of_changes: Facts) -> None:
    result = ask(world_of_changes, "2025-10-20@2025-10-20", "2025-12-31@2025-12-31", "house")
    assert sorts(result)["published"] == ["ended stake/house--chips--common", "climbed tranche/exit"]
    assert sorts(result)["happened"] == ["percent stake/house--lab--preferred"]


# The switches ---------------------------------------------------------------------------------------------------------


def test_both_days_both_knowledges_rung_party_and_group_each_change_the_answer(world_of_changes: Facts) -> None:
    plan = payment("plan", "house", "lab", "2025-08-01", "30", status="announced")
    known = {row.ref for row in world_of_changes.rows()}
    facts = world_of_changes.with_rows(row for row in world(plan).rows() if row.ref not in known)
    default = body(ask(facts, "2025-06-30", "2025-12-31", "house"))
    assert body(ask(facts, "2025-09-30", "2025-12-31", "house")) != default
    assert body(ask(facts, "2025-06-30", "2025-09-30", "house")) != default
    assert body(ask(facts, "2025-06-30@2025-08-01", "2025-12-31", "house")) != default
    assert body(ask(facts, "2025-06-30", "2025-12-31@2025-11-01", "house")) != default
    assert body(ask(facts, "2025-06-30", "2025-12-31", "house", rung="announced")) != default
    assert body(ask(facts, "2025-06-30", "2025-12-31", "house", group=True)) != default
    assert body(ask(facts, "2025-06-30", "2025-12-31")) != default


def test_the_chinese_answer_holds_no_latin_word(world_of_changes: Facts) -> None:
    answer = body(ask(world_of_changes, "2025-06-30@2025-06-30", "2025-12-31", "house"), "zh")
    assert not re.findall(r"[A-Za-z]{2,}", answer)


# Wrong questions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("2025-12-31", "2025-06-30", "give the earlier day first"),
        ("2025-06-30@2025-12-31", "2025-06-30@2025-07-01", "give the earlier day first"),
        ("yesterday", "2025-06-30", "'yesterday' is no date"),
        ("2025-06-31", "2025-07-30", "no day of the calendar"),
        ("2025-06-30@soon", "2025-07-30", "'soon' is no date"),
    ],
)
def test_reversed_and_wrong_days_are_refused(before: str, after: str, says: str) -> None:
    with pytest.raises(UsageProblem, match=says):
        load(FROZEN).diff(before, after)


def test_two_days_before_all_data_differ_in_nothing_and_that_is_said() -> None:
    result = load(FROZEN).diff("1980", "1990", "softbank-group")
    assert (result.happened, result.published) == ((), ())
    assert [note.key for note in result.notes] == ["changes.nothing"]


# Laws -----------------------------------------------------------------------------------------------------------------

spans = st.lists(st.tuples(st.integers(0, 800), st.integers(1, 800)), min_size=1, max_size=6)
START = date(2024, 1, 1)


def on(day: int) -> str:
    return date.fromordinal(START.toordinal() + day).isoformat()


@settings(max_examples=40, deadline=None)
@given(spans, st.integers(0, 900), st.integers(0, 900))
def test_what_opens_one_way_ends_the_other_way(stakes: list[tuple[int, int]], one: int, other: int) -> None:
    facts = world(
        *(
            stake(f"house--c{at}--common", valid_from=on(start), valid_to=on(start + days))
            for at, (start, days) in enumerate(stakes)
        ),
        parties=[{"id": f"c{at}", "kind": "company", "name": f"C{at}"} for at in range(len(stakes))],
    )
    there, back = (sorts(ask(facts, on(a), on(b)))["happened"] for a, b in ((one, other), (other, one)))
    swapped = {"opened": "ended", "ended": "opened"}
    assert sorted(there) == sorted(f"{swapped[row.split()[0]]} {row.split()[1]}" for row in back)
    standing = [{at for at, (s, d) in enumerate(stakes) if s <= day < s + d} for day in (one, other)]
    assert len(there) == len(standing[0] ^ standing[1])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 900))
def test_nothing_differs_from_itself(day: int) -> None:
    facts = world(stake(STAKE, valid_from=on(100), valid_to=on(500)), payment("p", "house", "lab", on(300), "1"))
    result = ask(facts, on(day), on(day))
    assert (result.happened, result.published) == ((), ())


# On a frozen copy -----------------------------------------------------------------------------------------------------


def test_what_was_known_of_softbanks_nvidia_on_10_november_2025() -> None:
    result = load(FROZEN).diff("2025-11-10@2025-11-10", "2025-11-10@2025-11-12", "softbank-group")
    assert "ended stake/softbank-group--nvidia--common" in sorts(result)["published"]
    assert result.happened == ()
