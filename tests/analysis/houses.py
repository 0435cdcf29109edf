"""A house with a fund, a company that it bought and sold, and everything around: rows from short calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.tiny import LATEST, Cells, at, derived, facts_of

from capgraph.facts import Facts
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import load as load_ontology
from capgraph.rendering import render
from capgraph.results import Context, Result

Day = str | date
Rows = dict[str, list[Cells]]

PARTIES: list[Cells] = [
    {"id": "house", "kind": "company", "name": "House", "name_zh": "母公司"},
    {"id": "fund", "kind": "fund", "name": "Fund", "name_zh": "基金"},
    {"id": "chips", "kind": "company", "name": "Chips", "name_zh": "芯片", "ticker": "X:1", "sector": "semiconductors"},
    {"id": "lab", "kind": "company", "name": "Lab", "name_zh": "实验室", "sector": "ai_lab"},
    {"id": "bank", "kind": "bank", "name": "Bank", "name_zh": "银行", "sector": "bank"},
]


def leg(id: str, stake: str, effect: str, closed: str, amount: str = "", shares: str = "", **cells: str) -> Rows:
    """A tranche that changes a stake, with its deal, status and figures. ``status`` and ``published`` may be given."""
    holder, issuer = stake.split("--")[:2]
    buys = effect in ("opens", "increases")
    status, published = cells.pop("status", "closed"), cells.pop("published", "2020-01-01")
    ends = {"from_party": holder} if buys else {"to_party": holder}
    row = {"id": id, "deal": id, "medium": "cash", "stake": stake, "effect": effect, **ends, **cells}
    told = {"about": f"tranche/{id}", "source": f"s-{published}"}
    rows: Rows = {
        "deals": [{"id": id, "kind": "equity_purchase", "subject": issuer}],
        "tranches": [row],
        "statuses": [{**told, "status": status, "date": closed}],
        "evidence": [{**told, "confidence": "reported"}],
    }
    figures = {"amount": (amount, "USD"), "shares": (shares, "shares")}
    found = [figure(f"tranche/{id}", aspect, value, closed, unit=unit, source=f"s-{published}")
             for aspect, (value, unit) in figures.items() if value]  # fmt: skip
    return {**rows, "readings": found}


def figure(about: str, aspect: str, value: str, as_of: str, **cells: str) -> Cells:
    """A reading; its id says what it is of."""
    basis = {"percent": "outstanding", "share_price": "raw"}.get(aspect, "")
    unit = {"percent": "percent", "shares": "shares", "share_count": "shares", "ltv": "percent"}.get(aspect, "USD")
    row = {"about": about, "aspect": aspect, "value": value, "as_of": as_of, "unit": unit, "basis": basis}
    row |= {"confidence": "reported", "source": "s-2020-01-01", **cells}
    name = "-".join([about, aspect, value or row.get("high", ""), as_of, row["basis"], row["source"]])
    return {"id": name.translate(str.maketrans("/.:_", "----")).strip("-").replace("--", "-"), **row}


def stake(id: str, **cells: str) -> Rows:
    """A stake named ``holder--issuer--instrument``, with evidence of 2020."""
    holder, issuer, instrument = id.split("--")
    row = {"id": id, "holder": holder, "issuer": issuer, "instrument": instrument, **cells}
    evidence = {"about": f"stake/{id}", "source": "s-2020-01-01", "confidence": "reported"}
    return {"stakes": [row], "evidence": [evidence]}


def subsidiary(part: str, whole: str, start: str = "2015") -> Rows:
    """That a party belongs to another."""
    row = {"id": f"{part}-of-{whole}", "subject": f"party/{part}", "relation": "subsidiary_of",
           "object": f"party/{whole}", "valid_from": start}  # fmt: skip
    evidence = {"about": f"relation/{row['id']}", "source": "s-2020-01-01", "confidence": "reported"}
    return {"relations": [row], "evidence": [evidence]}


def split(party: str, day: str, ratio: str) -> Rows:
    """A share split."""
    id = f"{party}-split-{day}"
    row = {"id": id, "kind": "split", "party": party, "date": day, "ratio": ratio}
    return {
        "events": [row],
        "evidence": [{"about": f"event/{id}", "source": "s-2020-01-01", "confidence": "reported"}],
    }


def readings(*rows: Cells) -> Rows:
    return {"readings": list(rows)}


def world(*parts: Rows, parties: Iterable[Cells] = ()) -> Facts:
    """The parties and all given rows; a deal or evidence that several parts name stands once."""
    tables: Rows = {"parties": [*PARTIES, *parties]}
    for part in parts:
        for name, rows in part.items():
            tables.setdefault(name, []).extend(row for row in rows if row not in tables.get(name, []))
    return facts_of(**tables)


def network(
    facts: Facts, as_of: Day = LATEST, known_on: Day = LATEST, rung: str = "signed", group: bool = False
) -> CapitalNetwork:
    scope = Scope(at(as_of, known_on), rung, group)
    return CapitalNetwork(facts, load_ontology(), derived(facts, as_of, known_on), scope)


def context(of: CapitalNetwork) -> Context:
    return Context(of.scope.clocks, of.scope.rung, "tiny", of.scope.group)


def text(result: Result, lang: str = "en", form: str = "table") -> str:
    return render(result, form, lang, load_ontology())


def body(result: Result, lang: str = "en") -> str:
    """The answer without its title and the line that says how it was asked, so that only its content is compared."""
    return "\n".join(text(result, lang).splitlines()[2:])
