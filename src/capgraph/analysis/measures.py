"""What makes a link good on a path: amount, share, evidence, rank; and the arcs that a search may take."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from math import log

from capgraph.analysis.sentences import Step, doubt
from capgraph.analysis.walks import Arc, Rule
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code

LAST_RANK = 9
"""The path rank from which a tie (rivalry, partnership) puts a path behind all others."""

_USD = "USD"

Measure = Callable[[CapitalNetwork, Link], float | None]


def usd_amount(network: CapitalNetwork, link: Link) -> Decimal | None:
    """The firm amount of a link in US dollars, None where there is none or no rate serves it.

    Of a thing with several parties at one end it is the amount of the whole, so for each party an upper bound.
    """
    firm = network.derived.part(link.id).firm if link.amount else None
    return firm.amount if firm and firm.currency == _USD else None


def counted_percent(network: CapitalNetwork, link: Link) -> Decimal | None:
    """The percent of a stake that counts as ownership and is not too old, None for every other link."""
    figure, kind = link.percent, link.kind
    if kind.flow or figure is None or figure.aspect != "percent" or figure.expired:
        return None
    return figure.value if _counts(network, link) else None


def _counts(network: CapitalNetwork, link: Link) -> bool:
    """Whether the instrument of a stake counts as ownership; the code list says so."""
    code = shaping_code(network, link)
    return code is not None and code["counts"] == "true"


def shaping_code(network: CapitalNetwork, link: Link) -> Code | None:
    """The code that shapes a link: instrument of a stake, kind of a loan or contract, relation, role, medium."""
    column = link.kind.refined_by
    scheme = network.facts.schema.tables[link.row.table].column(column).scheme if column else ""
    return network.ontology.find_code(scheme, link.row[column]) if scheme else None


def _bottleneck(network: CapitalNetwork, link: Link) -> float | None:
    amount = usd_amount(network, link)
    return None if amount is None else -float(amount)


def _minus_log_share(network: CapitalNetwork, link: Link) -> float | None:
    percent = counted_percent(network, link)
    return None if percent is None or percent <= 0 else round(max(0.0, -log(percent / 100)), 12)


MEASURES: Mapping[str, tuple[Rule, Measure]] = {
    "last": ("max", lambda _, link: float(link.kind.path_rank >= LAST_RANK)),
    "hops": ("add", lambda *_: 1.0),
    "rank": ("max", lambda _, link: float(link.kind.path_rank)),
    "ranks": ("add", lambda _, link: float(link.kind.path_rank)),
    "doubt": ("max", lambda network, link: float(doubt(network, link))),
    "doubts": ("add", lambda network, link: float(doubt(network, link))),
    "amount": ("max", _bottleneck),
    "share": ("add", _minus_log_share),
}
"""How each measure joins along a path, and what it is of one link; None: the link cannot be measured and is no step."""

ORDERS: Mapping[str, tuple[str, ...]] = {
    "hops": ("last", "hops", "rank", "ranks", "doubts"),
    "amount": ("amount", "hops", "rank", "ranks", "doubts"),
    "share": ("share", "hops", "doubts"),
    "evidence": ("doubt", "last", "hops", "doubts", "rank", "ranks"),
}
"""By what paths are ranked: the measures that decide, in turn. Remaining ties go by the ids of nodes and links."""

FORWARD_ONLY = frozenset({"share"})
"""Orders that mean something only along the orientation of links: a product of shares runs from holder to issuer."""


def rules(by: str) -> list[Rule]:
    """How the measures of an order join along a path."""
    return [MEASURES[name][0] for name in ORDERS[by]]


def arcs(
    network: CapitalNetwork,
    links: Iterable[Link],
    by: str,
    ends: Collection[str],
    layers: Collection[str] = (),
    avoid: Collection[str] = (),
    directed: bool = False,
) -> dict[Arc, Step]:
    """Every step that a search may take, as arcs with the costs of an order.

    Aggregates ("other investors") end a path and never carry one: nobody knows that the same party stands on both
    sides. ``ends`` are the two asked parties, which may be aggregates.
    """
    steps: dict[Arc, Step] = {}
    for step in numbered(link for link in links if not layers or link.layer in layers):
        touched = {step.start, step.end}
        if touched & set(avoid) or any(is_aggregate(network, node) for node in touched - set(ends)):
            continue
        cost = [MEASURES[name][1](network, step.link) for name in ORDERS[by]]
        if step.start == step.end or None in cost or (step.back and (directed or by in FORWARD_ONLY)):
            continue
        steps[Arc(step.start, step.end, step.link.id, tuple(part for part in cost if part is not None))] = step
    return steps


def numbered(links: Iterable[Link]) -> list[Step]:
    """Both ways to walk every link, each numbered among the links that tie the same two ends together."""
    between: dict[frozenset[str], list[Link]] = {}
    for link in links:
        between.setdefault(frozenset((link.source, link.target)), []).append(link)
    steps = []
    for parallel in between.values():
        ordered = sorted(parallel, key=lambda link: (link.kind.path_rank, link.id, link.source))
        for place, link in enumerate(ordered, 1):
            steps += [Step(link, back, place, len(ordered)) for back in (False, True)]
    return steps


def best_of_parallel(steps: Mapping[Arc, Step]) -> dict[Arc, Step]:
    """Of the steps between two nodes in one direction only the best by the costs."""
    best: dict[tuple[str, str], Arc] = {}
    for arc in steps:
        held = best.setdefault((arc.start, arc.end), arc)
        if (arc.cost, arc.key) < (held.cost, held.key):
            best[arc.start, arc.end] = arc
    return {arc: steps[arc] for arc in best.values()}


def is_aggregate(network: CapitalNetwork, node: str) -> bool:
    """Whether a node stands for several parties named only together."""
    code = network.ontology.find_code("party-kind", network.node(node).code)
    return code is not None and code["denotes"].endswith("#Aggregate")
