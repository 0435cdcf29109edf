"""Graphs to draw: one small enough to check by hand, one that tries to break out of the page, one that is large."""

from __future__ import annotations

import random
from typing import Any

Graph = dict[str, Any]


def link(id: str, source: str, target: str, layer: str = "equity", **more: Any) -> Graph:
    """A link with every key of the contract, empty unless given."""
    empty = dict.fromkeys(("amount", "currency", "percent", "date", "end", "status", "confidence", "note"))
    return {"id": id, "source": source, "target": target, "layer": layer, **empty, "sources": [], **more}


def party(id: str, label: str, label_zh: str | None = None, **more: Any) -> Graph:
    return {"id": id, "label": label, "label_zh": label_zh, "aliases": [], "kind": "company", "value": None, **more}


def source(name: str, **more: Any) -> Graph:
    return {"url": f"https://example.org/{name}", "title": name, "publisher": "Gazette", "date": "2025-01-02", **more}


def small() -> Graph:
    """Seven parties and sixteen links: parallel, reciprocal, loops, undated, ended, every precision, five layers."""
    nodes = [
        party("house", "House", "母公司", aliases=["9984", "ハウス"], kind="investor", value=1.4e11),
        party("lab", "Lab", "实验室", value=5e11),
        party("chips", "Chips", "芯片", aliases=["NVDX"], value=4e12),
        party("cloud", "Cloud", "云计算"),
        party("bank", "First Bank", "第一银行", kind="bank"),
        party("son", "Son", "孙", kind="person"),
        party("far", "Far Away", "远方"),
    ]
    told = [
        {"figure": 11, "unit": "percent", "basis": "outstanding", "as_of": "2025-12-31", "known": "2026-01-15",
         "confidence": "primary", "source": source("Filing 2026")},
        {"figure": 9, "unit": "percent", "basis": "outstanding", "as_of": "2025-03-31", "known": "2025-04-10",
         "confidence": "reported", "source": source("Report 2025")},
    ]  # fmt: skip
    edges = [
        link("equity-1", "house", "lab", amount=2.25e10, currency="USD", date="2025-12", status="announced",
             sources=[source("Announcement"), source("Second report")], note="In two steps."),
        link("equity-2", "house", "lab", percent=11, date="2025-03-15", status="closed", readings=told,
             sources=[source("Filing 2026")]),
        link("equity-3", "house", "lab", date="2025-03-15", status="closed", sources=[source("Report 2025")]),
        link("equity-ended", "house", "chips", amount=5.83e9, currency="USD", date="2024-03", end="2025-10",
             status="closed", sources=[source("Sale")]),
        link("equity-back", "chips", "house", amount=1e8, currency="USD", date="2024-06-01", sources=[source("Stake")]),
        link("debt-1", "bank", "house", "debt", amount=8.5e9, currency="USD", date="2023", status="closed",
             amount_low=8e9, amount_high=9e9, sources=[source("Loan")]),
        link("debt-2", "bank", "house", "debt", amount=1e9, currency="JPY", date="2025-06-30", status="rumoured"),
        link("debt-undated", "bank", "lab", "debt", sources=[source("Undated loan")]),
        link("contract-1", "chips", "lab", "contract", amount=1e11, currency="USD", date="2025-09-22", status="signed",
             money="backward", sources=[source("Contract")]),
        link("contract-2", "cloud", "lab", "contract", amount=3e11, currency="USD", date="2025-07", status="signed",
             money="backward", sources=[source("Cloud contract")]),
        link("people-1", "son", "house", "people", date="1981-09-03", note="founder", money="none",
             sources=[source("Register")]),
        link("dependency-1", "lab", "chips", "dependency", date="2022", money="none", sources=[source("Study")]),
        link("loop-1", "house", "house", amount=1e9, currency="USD", date="2024-01-01", sources=[source("Buyback 1")]),
        link("loop-2", "house", "house", amount=2e9, currency="USD", date="2024-01-01", sources=[source("Buyback 2")]),
        link("other-1", "cloud", "chips", "gossip", date="2024-12-31", sources=[source("Rumour")]),
        link("other-2", "chips", "cloud", "contract", date="2025-01-01", sources=[source("Chips for the cloud")]),
    ]  # fmt: skip
    nodes.append(party("alone", "Alone", "独行"))
    meta = {"title": "Small world", "title_zh": "小世界", "as_of": "2026-02-01", "note": {"kept": [1, 2.5, None]}}
    return {"version": 1, "meta": meta, "nodes": nodes, "edges": edges, "extra": {"kept": "yes"}}


def late() -> Graph:
    """Three links of one day: public at once, public after the last day, and with no day of publication."""
    edges = [
        link("early", "a", "b", date="2025-01-01", known="2025-01-01"),
        link("late", "b", "c", date="2025-01-01", known="2025-12-01"),
        link("silent", "a", "c", date="2025-01-01"),
        link("last", "a", "c", date="2025-06-01", end="2025-06-01", known="2025-06-01"),
    ]
    nodes = [party(id, id.upper()) for id in ("a", "b", "c")]
    return {"version": 1, "meta": {"title": "Late", "as_of": "2025-06-01"}, "nodes": nodes, "edges": edges}


BREAKERS = (
    "</script><script>window.broken=1</script>",
    "<img src=x onerror='window.broken=1'>",
    "<!--<script>",
    "]]>&amp;&#x3c;b&#x3e;",
    "{{ 7*7 }}${7*7}{% raw %}",
    "\u202eRTL\u202c \u200fmarks\u200e",
    "\u2028line\u2029breaks\x00\x07",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "\tTab",
    "\rReturn",
    "quote\" and 'quote'",
)
"""Texts that break pages whose writers trust their data."""

ODD_IDS = (
    "__proto__", "constructor", "toString", "with space", "🦄", "n0", "e0", "a,b&c=d#e%20", "<b>", "软银", "1",
)  # fmt: skip
"""Ids that break scripts which use objects as maps, or which build selectors and addresses from ids."""

ADDRESSES = (
    "javascript:window.broken=1",
    "JaVaScRiPt:window.broken=1",
    " javascript:window.broken=1",
    "data:text/html,<script>window.broken=1</script>",
    "vbscript:x",
    "https://example.org/?q=<b>&x=\"'",
    "http://example.org/%zz",
)


def hostile() -> Graph:
    """Every text of the graph tries to break out; ids are odd; links are parallel, reciprocal and loops."""
    ids = ODD_IDS
    labels = [*BREAKERS, "N" * 10_000]
    nodes = [
        party(id, labels[place % len(labels)], labels[(place + 3) % len(labels)], aliases=[labels[(place + 5) % 14]],
              kind=(*BREAKERS[:2], *ODD_IDS[:3])[place % 5], value=10.0**place)
        for place, id in enumerate(ids)
    ]  # fmt: skip
    nodes += [party(f"long {place}", text) for place, text in enumerate(labels)]
    texts = {"status": BREAKERS[0], "confidence": BREAKERS[1], "note": BREAKERS[2], "currency": BREAKERS[1]}
    told = [{**source(BREAKERS[0]), "url": address, "publisher": BREAKERS[1]} for address in ADDRESSES]
    edges = [
        link(f"{id}", ids[place - 1], id, amount=1e9, date="2024", sources=told, verb=BREAKERS[0], **texts)
        for place, id in enumerate(ids)
    ]
    for place, text in enumerate(BREAKERS):
        edges.append(link(text, "n0", "e0", "debt", note=text, sources=told))
        edges.append(link(f"back {text}", "e0", "n0", BREAKERS[0] if place < 2 else "contract", note=text))
        edges.append(link(f"to {text}", f"long {place}", ids[place % len(ids)], amount=-1.5, currency="USD"))
    edges += [link(f"loop {number}", "__proto__", "__proto__") for number in range(3)]
    for layer in ("constructor", "__proto__", "a layer, with & signs"):
        edges.append(link(f"layer {layer}", "with space", "a,b&c=d#e%20", layer, status=layer, confidence=layer))
    meta = {"title": BREAKERS[0], "title_zh": BREAKERS[1], "as_of": "2025-11-22", "__proto__": {"polluted": True}}
    story = {"title": BREAKERS[0], "steps": [{"title": BREAKERS[1], "text": BREAKERS[0], "focus": ["__proto__"]}]}
    return {"version": 1, "meta": meta, "nodes": nodes, "edges": edges, "story": story}


def many(nodes: int = 2_000, links: int = 4_000, seed: int = 7) -> Graph:
    """A large graph whose parties have few links mostly and many sometimes."""
    rng = random.Random(seed)
    layers = ("equity", "debt", "contract", "people", "dependency")
    parties = [party(f"p{n}", f"Party {n}", f"主体{n}", value=10 ** rng.uniform(7, 12)) for n in range(nodes)]
    ends = [(n, int(rng.triangular(0, max(1, n), 0))) for n in range(1, nodes)]
    ends += [(rng.randrange(nodes), int(nodes * rng.random() ** 3)) for _ in range(links - len(ends))]
    edges = [
        link(f"l{n}", f"p{one}", f"p{other}", rng.choice(layers), amount=round(10 ** rng.uniform(6, 11)),
             currency="USD", date=f"{rng.randrange(2010, 2026)}-{rng.randrange(1, 13):02}",
             status=rng.choice(("closed", "signed", "announced")), sources=[source(f"s{n}")])
        for n, (one, other) in enumerate(ends)
    ]  # fmt: skip
    return {"version": 1, "meta": {"title": "Many", "as_of": "2026-01"}, "nodes": parties, "edges": edges}
