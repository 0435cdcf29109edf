"""Small worlds of companies named by letters, and the rows that tie them."""

from __future__ import annotations

from datetime import date

from tests.tiny import LATEST, Cells, at, derived, facts_of

from capgraph.facts import Facts
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import load as load_ontology
from capgraph.rendering import render
from capgraph.results import Context, Result

Day = str | date


def network(facts: Facts, as_of: Day = LATEST, known_on: Day = LATEST, rung: str = "signed") -> CapitalNetwork:
    return CapitalNetwork(facts, load_ontology(), derived(facts, as_of, known_on), Scope(at(as_of, known_on), rung))


def context(of: CapitalNetwork) -> Context:
    return Context(of.scope.clocks, of.scope.rung, "tiny")


def text(result: Result, lang: str = "en", form: str = "table") -> str:
    return render(result, form, lang, load_ontology())


NAMES = "abcdefgh"

_KINDS = {
    "stakes": "stake",
    "relations": "relation",
    "facilities": "facility",
    "contracts": "contract",
    "roles": "role",
}


Tables = dict[str, list[Cells]]
"""Rows by table: a bit of a world."""


def chain_world(*bits: Tables, **tables: list[Cells]) -> Facts:
    """Eight companies and whatever else is given; every stake, loan, contract and so on has evidence of 2025."""
    merged: Tables = {}
    for bit in (*bits, tables):
        for table, rows in bit.items():
            merged.setdefault(table, []).extend(rows)
    parties = [{"id": name, "kind": "company", "name": name.upper(), "name_zh": f"{name}司"} for name in NAMES]
    merged["parties"] = [*parties, *merged.pop("more_parties", [])]
    told = {row["about"] for row in merged.setdefault("evidence", [])}
    refs = [f"{kind}/{row['id']}" for table, kind in _KINDS.items() for row in merged.get(table, [])]
    merged["evidence"] += [
        {"about": ref, "source": "s-2025-01-01", "confidence": "reported"} for ref in refs if ref not in told
    ]
    return facts_of(**merged)


def stake(holder: str, issuer: str, **more: str) -> Cells:
    cells = {"id": f"{holder}--{issuer}", "holder": holder, "issuer": issuer, "instrument": "common"}
    return {**cells, "valid_from": "2024-01-01", **more}


def relation(subject: str, code: str, object: str) -> Cells:
    ends = {"subject": f"party/{subject}", "relation": code, "object": f"party/{object}"}
    return {"id": f"{subject}--{code.replace('_', '-')}--{object}", **ends, "valid_from": "2024"}


def percent(of: str, value: str, **more: str) -> Cells:
    cells = {
        "id": f"p-{of.replace('/', '-')}-{value.replace('.', '-')}",
        "about": of,
        "aspect": "percent",
        "value": value,
    }
    rest = {"unit": "percent", "as_of": "2025-06-30", "basis": "outstanding", "source": "s-2025-07-01"}
    return {**cells, **rest, "confidence": "reported", **more}


def amount(of: str, value: str, aspect: str = "value") -> Cells:
    cells = {"id": f"a-{of.replace('/', '-')}", "about": of, "aspect": aspect, "value": value, "unit": "USD"}
    return {**cells, "as_of": "2025-06-30", "source": "s-2025-07-02", "confidence": "reported"}


def paid(payer: str, payee: str, day: str, sum: str = "", **leg: str) -> Tables:
    """A payment of cash that closed on a day, with an amount or without."""
    id = f"{payer}-{payee}-{day}"
    ends = {"from_party": payer, "to_party": payee, "medium": "cash"}
    return {
        "deals": [{"id": id, "kind": "equity_purchase", "title": id, "announced": day, "subject": payee}],
        "tranches": [{"id": id, "deal": id, **ends, **leg}],
        "statuses": [{"about": f"tranche/{id}", "status": "closed", "date": day, "source": "s-2025-12-31"}],
        "readings": [amount(f"tranche/{id}", sum, "amount")] if sum else [],
    }


def contract(supplier: str, customer: str, sum: str, kind: str = "cloud", aspect: str = "value") -> Tables:
    """A contract signed in 2025."""
    id = f"{supplier}-{customer}-{kind}".replace("_", "-")
    ends = {"suppliers": supplier, "customers": customer}
    return {
        "contracts": [{"id": id, "kind": kind, "title": id, "announced": "2025-01-01", **ends}],
        "statuses": [{"about": f"contract/{id}", "status": "signed", "date": "2025-01-01", "source": "s-2025-01-01"}],
        "readings": [amount(f"contract/{id}", sum, aspect)] if sum else [],
    }


def loan(lenders: str, borrower: str, sum: str) -> Tables:
    """A loan drawn in 2025."""
    id = f"{lenders}-{borrower}".replace("|", "-")
    ends = {"lenders": lenders, "borrower": borrower}
    return {
        "facilities": [{"id": id, "kind": "loan", "title": id, "arranged": "2025-01-01", **ends}],
        "statuses": [{"about": f"facility/{id}", "status": "drawn", "date": "2025-01-01", "source": "s-2025-01-01"}],
        "readings": [amount(f"facility/{id}", sum, "drawn")],
    }


def payments(*legs: tuple[str, ...], **more: list[Cells]) -> Facts:
    """A world of payments: payer, payee, day, amount."""
    return chain_world(*(paid(*leg) for leg in legs), **more)
