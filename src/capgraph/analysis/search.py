"""Find parties and products by any name."""

from __future__ import annotations

from dataclasses import dataclass

from capgraph.errors import NotFound, shortened
from capgraph.facts import Row
from capgraph.names import Match, Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code
from capgraph.results import Context, Result, section


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that the text may mean, and the name that matched."""

    id: str
    name_en: str
    name_zh: str
    kind: Code
    ticker: str
    matched: str
    links: int


@dataclass(frozen=True, slots=True)
class Found(Result):
    """What a text may mean, best first."""

    text: str
    hits: tuple[Hit, ...] = section(Hit)


def find(network: CapitalNetwork, text: str, context: Context, limit: int = 20) -> Found:
    """All parties and products whose id, name, ticker or alias fits a text; near misses where none does.

    Raises NotFound where even the nearest name is far.
    """
    matches = network.names.find(text, limit)
    if not matches:
        raise NotFound(f"nothing is named {shortened(text)!r}, nor anything like it")
    return Found(text, tuple(_hit(network, match) for match in matches), context=context)


def _hit(network: CapitalNetwork, match: Match) -> Hit:
    row = network.facts.get(match.ref)
    assert row is not None
    name: Name = network.names.name(match.ref)
    links = len(network.links_from(name.id)) + len(network.links_to(name.id))
    ticker = row.cells.get("ticker", "")
    return Hit(name.id, name.en, name.zh, _kind(network, row), ticker, match.matched, links)


def _kind(network: CapitalNetwork, row: Row) -> Code:
    if "kind" in row.cells:
        return network.ontology.code("party-kind", row["kind"])
    return network.ontology.code("product-category", row["category"])
