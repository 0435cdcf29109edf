"""Networks of stakes in a line each, for the tests of ownership, look-through, control and votes."""

from collections.abc import Iterable, Mapping
from datetime import date

from tests.tiny import LATEST, Cells, at, derived, facts_of

from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import load
from capgraph.results import Context

AS_OF = "2026-06-30"
_WORDS = ("holder", "issuer", "percent")
_BASES = {"percent": "outstanding", "votes_percent": ""}


def network_of(
    stakes: Iterable[str | Mapping[str, str]],
    *,
    kinds: Mapping[str, str] | None = None,
    relations: Iterable[str] = (),
    readings: Iterable[Cells] = (),
    as_of: str | date = LATEST,
    known_on: str | date = LATEST,
    group: bool = False,
    **tables: list[Cells],
) -> CapitalNetwork:
    """A network of stakes. ``"a b 30"``: a holds 30 percent of b; ``"a b ?"``: nobody says how much; ``"a b 20..30"``:
    between. A mapping gives further cells: instrument, contained_in (``holder b``), as_of, votes. ``"a < b"`` in
    ``relations``: a is a subsidiary of b. ``kinds`` gives a party another kind than company."""
    rows, percents, parties = [], [], dict.fromkeys(kinds or {})
    for spec in stakes:
        cells = dict(spec) if not isinstance(spec, str) else dict(zip(_WORDS, spec.split(), strict=True))
        percent, votes, day = cells.pop("percent", "?"), cells.pop("votes", ""), cells.pop("as_of", AS_OF)
        cells.setdefault("instrument", "common")
        cells.setdefault("id", f"{cells['holder']}--{cells['issuer']}--{cells['instrument']}")
        if "contained_in" in cells:
            cells["contained_in"] = f"{cells['contained_in']}--{cells['issuer']}--common"
        cells.setdefault("valid_from", "2020-01-01")
        rows.append(cells)
        parties |= dict.fromkeys((cells["holder"], cells["issuer"]))
        for aspect, value in (("percent", percent), ("votes_percent", votes)):
            if value not in ("", "?"):
                percents.append(_percent(cells["id"], aspect, value, day, _BASES[aspect]))
    bonds = [spec.split(" < ") for spec in relations]
    parties |= dict.fromkeys(party for bond in bonds for party in bond)
    facts = facts_of(
        parties=[{"id": id, "kind": (kinds or {}).get(id, "company"), "name": id.capitalize()} for id in parties],
        stakes=rows,
        readings=[*percents, *readings],
        relations=[
            {"id": f"{sub}--{top}", "subject": f"party/{sub}", "relation": "subsidiary_of", "object": f"party/{top}",
             "valid_from": "2020-01-01"}
            for sub, top in bonds
        ],
        evidence=[{"about": f"stake/{row['id']}", "source": "s-2020-01-01"} for row in rows]
        + [{"about": f"relation/{sub}--{top}", "source": "s-2020-01-01"} for sub, top in bonds],
        **tables,
    )  # fmt: skip
    return CapitalNetwork(facts, load(), derived(facts, as_of, known_on), Scope(at(as_of, known_on), group=group))


def _percent(stake: str, aspect: str, value: str, day: str, basis: str) -> Cells:
    low, _, high = value.partition("..")
    figures = {"low": low, "high": high} if high else {"value": value}
    return {
        "id": f"{stake}-{aspect}-{day}", "about": f"stake/{stake}", "aspect": aspect, "as_of": day, "unit": "percent",
        "basis": basis, "source": f"s-{day}", "confidence": "reported", **figures,
    }  # fmt: skip


def context_of(network: CapitalNetwork) -> Context:
    """What answers about the network print."""
    scope = network.scope
    return Context(scope.clocks, scope.rung, "test", scope.group)
