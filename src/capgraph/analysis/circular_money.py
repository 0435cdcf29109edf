"""How circular the money of a network is: the measures of ``circularity.py`` in words, beside random graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from capgraph.analysis.circularity import (
    circulation_share,
    finn_index,
    gradient_share,
    reciprocity,
    rewired,
    round_trip,
    share_at_least,
)
from capgraph.analysis.mechanisms import heads_of_houses, legs, money_links, sum_of
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code, Words
from capgraph.results import Context, Note, Result, Value, hidden, note, section

GRAPHS = 100
"""How many random graphs stand beside each measure."""

SEED = 20251111
"""The seed of the random graphs, so that the same data give the same comparison."""

_TOP = 10

Flows = Mapping[tuple[str, str], float]

_MEASURES: Mapping[str, Callable[[Flows], float]] = {
    "reciprocity": reciprocity,
    "circulation": circulation_share,
    "finn": finn_index,
    "gradient": gradient_share,
}

_LESS_IS_CIRCULAR = frozenset({"gradient"})


@dataclass(frozen=True, slots=True)
class CircularityMeasure:
    """One measure in percent; ``random``: its mean over random graphs of the same degrees, with the least and the most;
    ``as_circular``: how many of them, in percent, are at least as circular."""

    measure: Code
    value: Value
    random: Value
    as_circular: Value
    sentence: Note = hidden(MISSING)
    comparison: Note = hidden(MISSING)


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A party: what it puts out, how much of that can come back by way of others (maximal flow), and their ratio."""

    party: Name
    put_out: Value
    can_return: Value
    ratio: Value


@dataclass(frozen=True, slots=True)
class Circularity(Result):
    """The circularity of all known money between parties. ``legs`` are bundles of payments from one party to another;
    only those with a known amount (``with_amount``) can be measured."""

    total: Value = hidden(MISSING)
    legs: int = hidden(MISSING)
    with_amount: int = hidden(MISSING)
    graphs: int = hidden(MISSING)
    seed: int = hidden(MISSING)
    measures: tuple[CircularityMeasure, ...] = section(CircularityMeasure)
    round_trips: tuple[RoundTrip, ...] = section(RoundTrip)

    def told(self) -> tuple[tuple[int, Any], ...]:
        """The measures as sentences, then the parties to which money can come back."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[tuple[int, Any]]:
        for measure in self.measures:
            yield 0, note("circularity.heading", measure=measure.measure, value=measure.value)
            yield 1, measure.sentence
            yield 1, measure.comparison
        if self.round_trips:
            yield 0, note("circularity.round_trips")
        for trip in self.round_trips:
            values = {"put_out": trip.put_out, "can_return": trip.can_return, "ratio": trip.ratio}
            yield 1, note("circularity.round_trip", party=trip.party, **values)


def circularity(
    network: CapitalNetwork,
    context: Context,
    *,
    since: date | None = None,
    group: bool = False,
    graphs: int = GRAPHS,
    seed: int = SEED,
) -> Circularity:
    """The measures of circularity over all money with a known amount, at or above the network's rung.

    Amounts are whole sums in US dollars: flows as paid or promised, loans as drawn or granted, contracts with their
    whole value; those known only by the year or month are left out and counted. Beside every measure stand ``graphs``
    random graphs in which every party pays as many, and is paid by as many, as it is here (see :func:`.rewired`): a
    measure that random graphs reach as well says nothing about how parties choose each other.

    Parameters
    ----------
    since : only flows of this day or later
    group : take every house as one party
    graphs, seed : how many random graphs, and from which seed

    Returns a result with ``measures`` (percent) and ``round_trips``, the parties to which most money can come back.

    >>> {row.measure.code: row.value.value for row in capgraph.load().circularity().measures}       # doctest: +SKIP
    {'reciprocity': Decimal('7.27'), 'circulation': Decimal('8.46'), 'finn': ..., 'gradient': ...}
    """
    heads = heads_of_houses(network) if group else {}
    bundles = legs(network, money_links(network, since, heads))
    sums = [sum_of(network, leg, network.scope.rung) for leg in bundles]
    flows: dict[tuple[str, str], float] = {}
    for leg, known in zip(bundles, sums, strict=True):
        if known.amount is not None and not known.period:
            flows[leg.payer, leg.payee] = flows.get((leg.payer, leg.payee), 0.0) + float(known.amount)
    readings = tuple(dict.fromkeys(id for known in sums if not known.period for id in known.readings))
    samples = rewired(flows, graphs, seed)
    return Circularity(
        total=replace(_usd(sum(flows.values())), readings=readings),
        legs=len(bundles),
        with_amount=sum(known.amount is not None and not known.period for known in sums),
        graphs=len(samples),
        seed=seed,
        measures=tuple(_measure(network, name, flows, samples) for name in _MEASURES),
        round_trips=_round_trips(network, flows),
        context=context,
        notes=tuple(_notes(bundles, sums)),
    )


def _measure(network: CapitalNetwork, name: str, flows: Flows, samples: Sequence[Flows]) -> CircularityMeasure:
    measure = _MEASURES[name]
    value, others = measure(flows), [measure(sample) for sample in samples]
    sign = -1 if name in _LESS_IS_CIRCULAR else 1
    rarer = share_at_least(sign * value, [sign * other for other in others])
    mean = sum(others) / len(others) if others else 0.0
    told, compared = _percent(value), _percent(rarer)
    least, most = (_percent(pick(others, default=mean)).value for pick in (min, max))
    chance = Value(_percent(mean).value, "percent", least, most)
    words = network.ontology.words(f"circularity.{name}")
    assert words is not None
    return CircularityMeasure(
        measure=Code("circularity", name, words, Words("", "")),
        value=told,
        random=chance,
        as_circular=compared,
        sentence=note(f"circularity.{name}.sentence", value=told),
        comparison=note("circularity.comparison", graphs=len(samples), random=chance, as_circular=compared),
    )


def _round_trips(network: CapitalNetwork, flows: Flows) -> tuple[RoundTrip, ...]:
    payers = sorted({payer for payer, _ in flows} & {payee for _, payee in flows})
    trips = [(party, *round_trip(flows, party)) for party in payers]
    back = sorted((trip for trip in trips if trip[1] > 0), key=lambda trip: (-trip[1], trip[0]))[:_TOP]
    return tuple(
        RoundTrip(network.node(party).name, _usd(out), _usd(returned), _percent(returned / out))
        for party, returned, out in back
    )


def _usd(amount: float) -> Value:
    return Value(Decimal(round(amount)), "USD")


def _percent(share: float) -> Value:
    """A share as a percent with two decimals."""
    return Value(Decimal(str(round(100 * share, 2))), "percent")


def _notes(bundles: Sequence[Any], sums: Sequence[Any]) -> Iterator[Note]:
    rates = sum(bool(known.period) for known in sums)
    known = sum(known.amount is not None for known in sums) - rates
    yield note("circularity.coverage", with_amount=known, legs=len(bundles))
    if rates:
        yield note("circularity.rates", count=rates)
    yield note("loop.not_the_same_money")
