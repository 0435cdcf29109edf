"""What happened to a party, day by day: what is told, in which words, and what is left out and counted."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.houses import Rows, body, context, leg, network, split, stake, subsidiary, text, world
from tests.analysis.test_funding import loan, payment

from capgraph.analysis.timeline import Timeline, timeline
from capgraph.facts import Facts
from capgraph.graph import load

STAKE = "house--chips--common"


def ask(
    facts: Facts, party: str = "house", start: date | None = None, end: date | None = None, **scope: object
) -> Timeline:
    of = network(facts, **scope)  # type: ignore[arg-type]
    return timeline(of, party, context(of), start, end)


def post(person: str, organization: str, role: str, start: str, end: str = "") -> Rows:
    id = f"{person}--{organization}--{role}"
    row = {"id": id, "person": person, "organization": organization, "role": role, "valid_from": start, "valid_to": end}
    evidence = {"about": f"role/{id}", "source": "s-2020-01-01", "confidence": "primary"}
    return {"roles": [row], "evidence": [evidence]}


@pytest.fixture
def life() -> Facts:
    """A stake bought and sold, a loan, a chair, a split, a subsidiary; each with its day."""
    return world(
        stake(STAKE, valid_from="2024-03-01", valid_to="2025-10-15"),
        leg("buy", STAKE, "opens", "2024-03-01", "3000"),
        leg("exit", STAKE, "closes", "2025-10-15", "5830"),
        loan("bridge", "house", "signed", "2025-11-01", ("limit", "40", "2025-11-01", ""), lenders="bank|chips"),
        post("son", "house", "chair", "2000-01-01", "2025-12-01"),
        split("house", "2026-01-01", "4:1"),
        subsidiary("fund", "house", "2017"),
        stake("fund--lab--preferred", valid_from="2019"),
        parties=[{"id": "son", "kind": "person", "name": "Son", "name_zh": "孙"}],
    )


def told(result: Timeline, lang: str = "en") -> list[tuple[str, str, str]]:
    from capgraph.ontology import load as load_ontology
    from capgraph.voice import Voice

    voice = Voice(load_ontology(), lang)
    return [(str(moment.when), voice.text(moment.event), voice.text(moment.story)) for moment in result.moments]


def test_a_life_is_told_in_order_in_words(life: Facts) -> None:
    assert told(ask(life)) == [
        ("2000-01-01", "begins", "Son chairs House"),
        ("2017", "begins", "Fund is a subsidiary of House"),
        ("2024-03-01", "closed", "House pays parties not named (purchase of shares: Chips); "
                                 "this opens the stake of House in Chips"),
        ("2025-10-15", "closed", "House is paid by parties not named (purchase of shares: Chips); "
                                 "this closes the stake of House in Chips"),
        ("2025-11-01", "signed", "House sold bonds through Bank, Chips"),
        ("2025-12-01", "ends", "Son chairs House"),
        ("2026-01-01", "share split", "House: share split, 4:1"),
    ]  # fmt: skip


def test_the_same_life_in_chinese_holds_no_latin_word(life: Facts) -> None:
    assert told(ask(life), "zh")[0] == ("2000-01-01", "开始", "孙担任董事长，任职于母公司")
    assert not re.findall(r"[A-Za-z]{2,}", body(ask(life), "zh").replace("--rung rumoured", ""))


def test_a_beginning_that_a_payment_brought_is_told_once(life: Facts) -> None:
    stories = [story for _, event, story in told(ask(life)) if "holds" in story]
    assert stories == []


def test_what_a_promise_would_do_is_not_told_as_done() -> None:
    facts = world(stake(STAKE, valid_from="2020"), leg("plan", STAKE, "increases", "2025-01-01", status="signed"))
    assert told(ask(facts))[-1][2] == "House is to pay parties not named (purchase of shares: Chips)"


def test_what_was_drawn_of_a_loan_is_told_only_once_it_was() -> None:
    figures = ("limit", "40", "2025-01-01", ""), ("drawn", "10", "2025-04-01", "")
    signed = loan("l", "house", "signed", "2025-01-01", *figures)
    drawn = {"statuses": [{"about": "facility/l", "status": "drawn", "date": "2025-04-01", "source": "s-2020-01-01"}]}
    amounts = [moment.amount.value for moment in ask(world(signed, drawn)).moments]  # type: ignore[union-attr]
    assert amounts == [40, 10]


def test_each_moment_names_who_tells_it_and_carries_its_sources(life: Facts) -> None:
    for moment in ask(life).moments:
        assert moment.sources, moment.thing
    things = {moment.thing for moment in ask(life).moments}
    assert things >= {"tranche/exit", "facility/bridge", "event/house-split-2026-01-01"}


# The switches ---------------------------------------------------------------------------------------------------------


def test_as_of_known_on_rung_and_group_each_change_the_answer(life: Facts) -> None:
    more = world(
        payment("rumour", "house", "lab", "2025-05-01", status="announced"),
        payment("late", "house", "lab", "2025-06-01", published="2026-06-01"),
    )
    known = {row.ref for row in life.rows()}
    facts = life.with_rows(row for row in more.rows() if row.ref not in known)
    default = body(ask(facts))
    assert body(ask(facts, as_of="2025-10-31")) != default
    assert body(ask(facts, known_on="2026-05-31")) != default
    assert body(ask(facts, rung="announced")) != default
    assert body(ask(facts, group=True)) != default


def test_the_house_tells_what_its_fund_did_and_not_what_they_did_to_each_other(life: Facts) -> None:
    stories = [story for _, _, story in told(ask(life, group=True))]
    assert "Fund holds preferred shares of Lab" in stories
    assert "Fund is a subsidiary of House" not in stories


def test_a_window_cuts_both_ends(life: Facts) -> None:
    result = ask(life, start=date(2025, 10, 15), end=date(2025, 11, 30))
    assert [str(moment.when) for moment in result.moments] == ["2025-10-15", "2025-11-01"]


def test_an_inexact_day_lies_in_every_window_that_it_may() -> None:
    facts = world(subsidiary("fund", "house", "2017"))
    for year in (2016, 2017, 2018):
        inside = ask(facts, start=date(year, 3, 1), end=date(year, 4, 1)).moments
        assert len(inside) == (year == 2017)


# What is left out -----------------------------------------------------------------------------------------------------


def test_what_has_no_day_is_counted() -> None:
    facts = world(stake(STAKE), payment("silent", "house", "lab", ""))
    result = ask(facts)
    assert [note.key for note in result.notes] == ["timeline.nothing", "timeline.undated"]
    assert result.notes[1].values["count"] == 2


def test_steps_below_the_asked_rung_are_counted_and_the_end_of_a_promise_is_always_told() -> None:
    facts = world(
        payment("plan", "house", "lab", "2025-05-01", status="announced"),
        payment("gone", "house", "lab", "2025-06-01", status="cancelled"),
    )
    result = ask(facts)
    assert [moment.event.code for moment in result.moments] == ["cancelled"]  # type: ignore[union-attr]
    assert [(note.key, note.values) for note in result.notes] == [("timeline.below", {"count": 1})]


def test_a_deal_is_told_when_announcements_are_asked_for() -> None:
    round_ = {"id": "round", "kind": "equity_round", "subject": "lab", "announced": "2025-03-31"}
    evidence = {"about": "deal/round", "source": "s-2020-01-01", "confidence": "reported"}
    leg_of_house = payment("part", "house", "lab", "2025-04-01", deal="round")
    facts = world({"deals": [round_], "evidence": [evidence]}, leg_of_house)
    assert ("2025-03-31", "announced", "equity round: Lab") in told(ask(facts, rung="announced"))
    assert "2025-03-31" not in [day for day, _, _ in told(ask(facts))]


def test_before_all_data_nothing_is_told_and_that_is_said(life: Facts) -> None:
    result = ask(life, as_of="1990-01-01")
    assert result.moments == ()
    assert "timeline.nothing" in [note.key for note in result.notes]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dates(date(2000, 1, 1), date(2026, 9, 1)), max_size=8), st.dates(date(2000, 1, 1), date(2026, 9, 1)))
def test_moments_are_in_order_and_none_lies_ahead(days: list[date], asked: date) -> None:
    legs = [payment(f"p{at}", "house", "lab", day.isoformat(), "1") for at, day in enumerate(days)]
    moments = ask(world(*legs), as_of=asked).moments
    assert all(one.when <= other.when for one, other in pairwise(moments))
    assert len(moments) == sum(day <= asked for day in days)


def test_the_year_of_softbank_can_be_read_in_both_languages() -> None:
    graph = load()
    result = graph.timeline("softbank-group", "2025", "2025")
    things = {moment.thing for moment in result.moments}
    assert {"tranche/softbank-nvidia-exit-2025-10--sale", "facility/softbank-bridge-openai-2025-11"} <= things
    assert "英伟达" in text(result, "zh")
