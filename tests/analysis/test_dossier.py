"""A party on one screen: what comes first, what is left out and said to be, what is old."""

from __future__ import annotations

from tests.tiny import at, facts_of

from capgraph.analysis.dossier import TOP, Dossier, show
from capgraph.derive import Derived
from capgraph.facts import Facts
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import load
from capgraph.rendering import render
from capgraph.results import Context

ROLES = ("employee", "executive", "adviser", "chief_executive", "founder", "director", "scientist")


def world() -> Facts:
    people = [{"id": f"p{place}", "kind": "person", "name": f"P{place}"} for place in range(len(ROLES))]
    legs = [
        {"id": f"leg-{status}-{year}", "deal": "round", "from_party": "fund", "to_party": "lab", "medium": "cash"}
        for status, year in (("signed", 2017), ("signed", 2026), ("closed", 2017))
    ]
    stake = {"id": "fund--lab", "holder": "fund", "issuer": "lab", "instrument": "common", "valid_from": "2019"}
    rows = [
        *(f"role/r{place}" for place in range(len(ROLES))),
        *(f"tranche/{leg['id']}" for leg in legs),
        "stake/fund--lab",
        "deal/round",
    ]
    return facts_of(
        parties=[
            *people,
            {"id": "lab", "kind": "company", "name": "Lab", "name_zh": "实验室"},
            {"id": "fund", "kind": "fund", "name": "Fund", "name_zh": "基金"},
        ],
        roles=[
            {"id": f"r{place}", "person": f"p{place}", "organization": "lab", "role": role, "valid_from": "2020"}
            for place, role in enumerate(ROLES)
        ],
        deals=[{"id": "round", "kind": "equity_round", "title": "Round", "announced": "2017-05", "subject": "lab"}],
        tranches=legs,
        stakes=[{**stake, "valid_to": "2021"}],
        statuses=[
            {"about": f"tranche/{leg['id']}", "status": leg["id"].split("-")[1], "date": leg["id"].split("-")[2],
             "source": "s-2026-08-01"}
            for leg in legs
        ],
        evidence=[{"about": about, "source": "s-2026-08-01", "confidence": "reported"} for about in rows],
    )  # fmt: skip


def ask(party: str = "lab", as_of: str = "2026-09-11") -> Dossier:
    facts, scope = world(), Scope(at(as_of))
    network = CapitalNetwork(facts, load(), Derived(facts, load(), scope.clocks), scope)
    return show(network, party, Context(scope.clocks, scope.rung, "tiny"))


def noted(found: Dossier) -> dict[str, int]:
    return {each.key: each.values["count"] for each in found.notes}


def test_founders_and_heads_come_before_others_and_the_rest_is_counted() -> None:
    found = ask()
    assert len(found.people) == TOP
    assert [tie.relation.en for tie in found.people[:2]] == ["was founded by", "has as chief executive"]
    assert noted(found)["dossier.more"] == len(ROLES) - TOP


def test_what_has_ended_and_what_is_an_old_promise_is_said() -> None:
    found = ask()
    assert noted(found)["dossier.ended"] == 1
    assert noted(found)["dossier.old"] == 1, "the promise of 2017, not that of 2026, and not what was paid"
    assert "dossier.old" not in noted(ask(as_of="2018-06-30"))


def test_empty_sections_take_one_line_and_empty_cells_none() -> None:
    text = render(ask("p0"), "table", "en", load())
    assert "Equity: none" in text.splitlines()
    assert "sector" not in text
    assert "also called" not in text
