"""A small world that is full of doubt: sources that disagree, things that nobody knows."""

from __future__ import annotations

from tests.tiny import Cells, facts_of

from capgraph.facts import Facts


def reading(id: str, about: str, aspect: str, value: str, **cells: str) -> Cells:
    """A reported dollar reading of the last day of 2025, unless said otherwise."""
    return {
        "id": id, "about": about, "aspect": aspect, "as_of": "2025-12-31", "value": value, "unit": "USD",
        "source": "s-2026-01-10", "confidence": "reported", **cells,
    }  # fmt: skip


def percent(id: str, about: str, value: str, **cells: str) -> Cells:
    """A reading of a percent."""
    return reading(id, about, "percent", value, unit="percent", basis="outstanding", **cells)


def doubtful(**more: list[Cells]) -> Facts:
    """A house with a fund holds a lab that a bank lends to. By sources of January 2026:

    - the house holds 20 % of the lab, or 15 % by another source (known a day later); the fund 10 %, told by one
      unverified source; the lab is worth 1,000;
    - a loan of the bank to the lab, 300 or 240, signed in 2025, without maturity and rate; drawn on 1 or 9 July;
    - a promise of the fund to the lab, 50 or 60, only announced.
    """
    tables: dict[str, list[Cells]] = {
        "parties": [
            {"id": "house", "kind": "company", "name": "House", "name_zh": "母公司", "ticker": "TSE:1"},
            {"id": "fund", "kind": "fund", "name": "Fund", "name_zh": "基金"},
            {"id": "lab", "kind": "company", "name": "Lab", "name_zh": "实验室"},
            {"id": "bank", "kind": "bank", "name": "Bank", "name_zh": "银行"},
        ],
        "stakes": [
            {"id": "house--lab", "holder": "house", "issuer": "lab", "instrument": "common", "valid_from": "2025-01"},
            {"id": "fund--lab", "holder": "fund", "issuer": "lab", "instrument": "common", "valid_from": "2025-01"},
        ],
        "facilities": [
            {"id": "loan", "kind": "loan", "title": "Loan", "borrower": "lab", "lenders": "bank", "arranged": "2025-06"}
        ],
        "deals": [
            {"id": "round", "kind": "equity_round", "title": "Round", "announced": "2025-12-01", "subject": "lab"}
        ],
        "tranches": [
            {"id": "round--fund", "deal": "round", "from_party": "fund", "to_party": "lab", "medium": "cash"}
        ],
        "relations": [
            {"id": "fund-of", "subject": "party/fund", "relation": "subsidiary_of", "object": "party/house",
             "valid_from": "2016"},
        ],
        "statuses": [
            {"about": "facility/loan", "status": "signed", "date": "2025-06-10", "source": "s-2025-06-11"},
            {"about": "facility/loan", "status": "drawn", "date": "2025-07-01", "source": "s-2025-07-02"},
            {"about": "facility/loan", "status": "drawn", "date": "2025-07-09", "source": "s-2026-01-10"},
            {"about": "tranche/round--fund", "status": "announced", "date": "2025-12-01", "source": "s-2025-12-02"},
        ],
        "readings": [
            percent("p1", "stake/house--lab", "20", confidence="primary"),
            percent("p2", "stake/house--lab", "15", source="s-2026-01-11"),
            percent("p3", "stake/fund--lab", "10", source="s-2025-06-20", as_of="2025-06-10", confidence="unverified"),
            reading("v1", "party/lab", "valuation", "1000", basis="post_money"),
            reading("l1", "facility/loan", "limit", "300"),
            reading("l2", "facility/loan", "limit", "240", source="s-2026-01-11"),
            reading("a1", "tranche/round--fund", "amount", "50"),
            reading("a2", "tranche/round--fund", "amount", "60", source="s-2026-01-11"),
        ],
        "evidence": [
            {"about": about, "source": "s-2025-06-11", "confidence": "reported"}
            for about in ("stake/house--lab", "facility/loan", "deal/round", "tranche/round--fund", "relation/fund-of")
        ] + [{"about": "stake/fund--lab", "source": "s-2025-06-20", "confidence": "unverified"}],
    }  # fmt: skip
    for table, rows in more.items():
        tables[table] = [*tables.get(table, []), *rows]
    return facts_of(**tables)
