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


def chain_world(**tables: list[Cells]) -> Facts:
    """Eight companies and whatever else is given; everything that is named has evidence of 2025."""
    parties = [{"id": name, "kind": "company", "name": name.upper(), "name_zh": f"{name}司"} for name in NAMES]
    tables["parties"] = [*parties, *tables.pop("more_parties", [])]
    tables.setdefault("evidence", [])
    told = {row["about"] for row in tables["evidence"]}
    refs = [f"{kind}/{row['id']}" for table, kind in _KINDS.items() for row in tables.get(table, [])]
    tables["evidence"] += [
        {"about": ref, "source": "s-2025-01-01", "confidence": "reported"} for ref in refs if ref not in told
    ]
    return facts_of(**tables)


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


def pays(payer: str, payee: str, day: str) -> tuple[Cells, Cells, Cells]:
    id = f"{payer}-{payee}-{day}"
    deal = {"id": id, "kind": "equity_purchase", "title": id, "announced": day, "subject": payee}
    leg = {"id": id, "deal": id, "from_party": payer, "to_party": payee, "medium": "cash"}
    return deal, leg, {"about": f"tranche/{id}", "status": "closed", "date": day, "source": "s-2025-12-31"}


def payments(*legs: tuple[str, str, str], **more: list[Cells]) -> Facts:
    rows = [pays(*leg) for leg in legs]
    deals, tranches, statuses = (list(column) for column in zip(*rows, strict=True))
    return chain_world(deals=deals, tranches=tranches, statuses=statuses, **more)
