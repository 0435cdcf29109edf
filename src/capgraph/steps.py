"""What follows the query of a named question: a walk over the network or arithmetic that SPARQL does not do.

Each step takes the graph and what the user typed for the question's parameters, and gives one or more answers, nearly
all of them the graph's own verbs. A question names its step in its header, so that nobody takes the query for the whole
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from capgraph.errors import UsageProblem
from capgraph.facts import Row
from capgraph.network import PROMISE
from capgraph.parameters import terms
from capgraph.results import Result
from capgraph.schema import is_number

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

Typed = Mapping[str, str]
Runner = Callable[["CapitalGraph", Typed], tuple[Result, ...]]


def _under(graph: CapitalGraph, **changes: Any) -> CapitalGraph:
    """The same graph under a changed scope."""
    return graph.under(replace(graph.scope, **changes))


def _day(graph: CapitalGraph, text: str, kind: str = "date") -> date:
    return date.fromisoformat(terms(graph, kind, text)[0].value)


def _owners(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    return (graph.owners(typed["company"]),)


def _changes(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    since, until = _day(graph, typed["since"], "since"), _day(graph, typed["until"])
    return (graph.diff(str(since), str(min(until, graph.clocks.as_of))),)


def _paths(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    """The shortest paths, then those with the largest smallest amount."""
    ends, k = (typed["source"], typed["target"]), int(Decimal(typed["count"]))
    return graph.path(*ends, k=k), graph.path(*ends, k=k, by="amount")


def _look_through(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    """What the house owns at each quarter-end, as it is known on the day of knowledge."""
    from capgraph.analysis.quarters import quarter_ends, quarter_shares

    first, last = _day(graph, typed["since"], "since"), min(_day(graph, typed["until"]), graph.clocks.as_of)
    days = [_under(graph.at(day, graph.clocks.known_on), group=True) for day in quarter_ends(first, last)]
    holder, issuer = (graph.network.node(graph.party(typed[end])).name for end in ("holder", "company"))
    return (quarter_shares(holder, issuer, (each.holdings_through(holder.id) for each in days), graph.context),)


def _controllers(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    return (graph.controllers(typed["company"]),)


def _circles(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    """The circles of what the asked rung has, then those of paid money alone."""
    length = int(Decimal(typed["length"]))
    return graph.loops(max_length=length), _under(graph, rung=PROMISE).loops(max_length=length)


def _collateral_shock(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    """What follows from the fall, then the margin of everybody who pledged such shares."""
    company = graph.party(typed["company"])
    shock = graph.shock([(company, Decimal(typed["fall"]) / 100)])
    pledged = (row for row in graph.facts.table("pledges") if row["stake"])
    issuers = {row["pledgor"]: graph.facts.get(f"stake/{row['stake']}") for row in pledged}
    pledgors = sorted(pledgor for pledgor, stake in issuers.items() if stake and stake["issuer"] == company)
    return (shock, *(graph.margin(pledgor) for pledgor in pledgors))


def _failure(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    return (graph.shock(defaults=[typed["company"]]),)


def _known_then(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    """What became public after the day of knowledge about the same day."""
    day, known = _day(graph, typed["day"]), _day(graph, typed["known"])
    return (graph.diff(f"{day}@{known}", f"{day}@{graph.clocks.known_on}", typed["party"]),)


def _effective_price(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    from capgraph.analysis.warrant import effective_price

    prices = [price.strip() for price in typed["prices"].split(",")]
    if not all(is_number(price) for price in prices):
        raise UsageProblem(f"{typed['prices']!r} are no prices; write plain numbers separated by commas")
    contract, warrant = (
        _row(graph, typed[name], kind) for name, kind in (("contract", "contract"), ("warrant", "tranche"))
    )
    numbers = [Decimal(price) for price in prices]
    return (effective_price(graph.derived, graph.network.names, contract, warrant, numbers, graph.context),)


def _row(graph: CapitalGraph, ref: str, kind: str) -> Row:
    row = graph.facts.get(ref)
    if row is None or not ref.startswith(f"{kind}/"):
        raise UsageProblem(f"{ref!r} is no {kind} of the data; name it as {kind}/...")
    return row


def _chokepoints(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    """Where the network of the asked rung is thin, then that of paid money alone."""
    top = int(Decimal(typed["count"]))
    return graph.chokepoints(top=top), _under(graph, rung=PROMISE).chokepoints(top=top)


def _check(graph: CapitalGraph, typed: Typed) -> tuple[Result, ...]:
    """The sentence read as statements, each figure held against the readings of the same tie."""
    return (graph.read(typed["sentence"]),)


STEPS: Mapping[str, Runner] = {
    "owners": _owners,
    "changes": _changes,
    "paths": _paths,
    "look-through": _look_through,
    "controllers": _controllers,
    "circles": _circles,
    "collateral-shock": _collateral_shock,
    "failure": _failure,
    "known-then": _known_then,
    "effective-price": _effective_price,
    "chokepoints": _chokepoints,
    "check": _check,
}
"""Every step by the name that headers use."""
