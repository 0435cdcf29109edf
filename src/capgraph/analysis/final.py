"""Who owns a company in the end: the parties that nobody holds, and the unknown owners of the companies in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from capgraph.analysis.chains import most
from capgraph.analysis.lookthrough import final_owners
from capgraph.analysis.register import NONE, NOTHING, WHOLE
from capgraph.analysis.structure import Structure, Structures
from capgraph.analysis.through import behind, merged, percent, ranges, refused
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_WORTH_SHOWING = 1e-9


@dataclass(frozen=True, slots=True)
class FinalOwner:
    """Where a part of a company ends: at a party that nobody holds, or at the unknown owners of ``owner``."""

    owner: Name
    stands_for: Note
    share: Value
    stakes: tuple[str, ...] = hidden()
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalOwners(Result):
    """Who owns a company in the end. The rows, and ``accounted`` and ``unaccounted``, sum to exactly 100."""

    issuer: Name = hidden(None)
    accounted: Value
    unaccounted: Value
    ends: tuple[FinalOwner, ...] = section(FinalOwner)


def final(network: CapitalNetwork, issuer: str, context: Context, *, diluted: bool = False) -> FinalOwners:
    """Who owns a company in the end: everyone whom nobody holds, and the unknown owners of each company in between.

    See :func:`capgraph.analysis.lookthrough.final_owners`. Stakes of a house's own vehicles are the house's.

    Parameters
    ----------
    network : all links at a pair of clocks. With ``scope.group`` houses are merged, except those with the company in.
    issuer : node id of the company.
    context : printed with the answer.
    diluted : let the instruments that stand beside enter with their own percents.

    Returns
    -------
    FinalOwners, largest first. ``accounted`` is what ends at parties that nobody holds, with the range that disputed
    percents leave. Companies whose owners cannot be computed are ends of their own and count as unknown.

    Examples
    --------
    >>> found = final(network, "smic-south", context)                                          # doctest: +SKIP
    >>> sum(row.share.value for row in found.ends)                                             # doctest: +SKIP
    Decimal('100')
    """
    if network.scope.group:
        network = merged(network, issuer)
    structure = Structures(network, diluted=diluted).common
    parts = _parts(structure, issuer)
    known = sum((share for (_, kind), share in parts.items() if kind == "itself"), NOTHING)
    low, high = _known_range(structure, issuer, known)
    return FinalOwners(
        issuer=network.node(issuer).name,
        accounted=Value(known, "percent", low, high),
        unaccounted=Value(WHOLE - known, "percent", WHOLE - high, WHOLE - low),
        ends=tuple(_rows(network, structure, issuer, parts)),
        context=context,
        notes=tuple(refused(structure, structure.above(issuer))),
    )


def _is_end(structure: Structure, node: str) -> bool:
    """Whether nobody holds a node, as far as the data tell: no stake in it stands anywhere."""
    return node not in structure.slices and node not in structure.cut and not structure.rests.get(node, NONE).value


def _parts(structure: Structure, issuer: str) -> dict[tuple[str, str], Decimal]:
    """The percent that ends at each node, by node and why it ends there, rounded so that all sum to exactly 100."""
    if issuer not in structure.place:
        return {(issuer, "itself" if _is_end(structure, issuer) else "unknown"): WHOLE}
    known, unknown = final_owners(structure.matrix(), structure.place[issuer])
    found: dict[tuple[str, str], Decimal] = {}
    for place, node in enumerate(structure.nodes):
        kind = "refused" if node in structure.cut else "itself" if _is_end(structure, node) else "unknown"
        part = known[place] + unknown[place]
        if part > _WORTH_SHOWING:
            found[node, kind] = percent(part)
    largest = max(found, key=lambda key: (found[key], key))
    found[largest] += WHOLE - sum(found.values(), NOTHING)
    return found


def _known_range(structure: Structure, issuer: str, known: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the most that ends at known parties, over the ranges of all percents."""
    if issuer not in structure.place:
        return known, known
    ends = [place for place, node in enumerate(structure.nodes) if _is_end(structure, node)]
    least, _ = final_owners(structure.matrix("low"), structure.place[issuer])
    owners = frozenset(structure.nodes[place] for place in ends)
    return (
        min(known, percent(float(np.sum(least[ends])))),
        max(known, percent(most(ranges(structure), owners, issuer))),
    )


def _rows(
    network: CapitalNetwork, structure: Structure, issuer: str, parts: dict[tuple[str, str], Decimal]
) -> Iterator[FinalOwner]:
    above = structure.above(issuer)
    for (node, kind), share in sorted(parts.items(), key=lambda item: (-item[1], item[0])):
        code = network.ontology.code("party-kind", network.node(node).code)
        why = note("lookthrough.itself", kind=code) if kind == "itself" else note(f"lookthrough.{kind}")
        pairs = [(node, company) for company in sorted(above) if structure.slice(node, company)]
        yield FinalOwner(network.node(node).name, why, Value(share, "percent"), **behind(structure, pairs))
