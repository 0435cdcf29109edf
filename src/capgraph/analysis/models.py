"""The published models of contagion, filled from a network: clearing, DebtRank, thresholds.

A model needs every amount it speaks of. Where the data lack one, it is not run: the answer then says which inputs there
are and lists those that are missing, by party and thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from capgraph.analysis import clearing, debtrank, failures
from capgraph.analysis.channels import USD, Exposure, exposures, sizes
from capgraph.analysis.clearing import Matrix, Vector
from capgraph.analysis.contagion import Trigger
from capgraph.analysis.register import counts
from capgraph.errors import UsageProblem
from capgraph.names import Name, node_ref
from capgraph.network import CapitalNetwork
from capgraph.results import Context, Note, Result, Value, hidden, note, section

MODELS = ("clearing", "debtrank", "thresholds")
THETA = Decimal("0.9")
COST = Decimal("0.5")
_CENT = Decimal("0.01")
_NET_WORTH = ("nav", "market_cap", "valuation")


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One input of a model: of which party and thing, and its amount, None where the data do not tell it."""

    party: Name
    kind: Note
    thing: Name | str
    amount: Value | None
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class ModelRow:
    """What the model says of one party.

    ``before_shock`` and ``after_shock``: what it owes and pays (clearing), its net worth (DebtRank), its value
    (thresholds). ``lost`` is the part lost, ``wave`` the round in which it fails, empty for those that stand,
    ``distance`` that to its threshold (thresholds only).
    """

    party: Name
    before_shock: Value
    after_shock: Value
    lost: Value
    wave: int | str
    distance: Value | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer(Result):
    """The answer of one model, or (``ran`` no) the inputs that it lacks."""

    model: Note
    shocks: tuple[Note, ...] = hidden()
    ran: bool
    outcome: tuple[ModelRow, ...] = hidden()
    missing: tuple[ModelInput, ...] = hidden()
    inputs: tuple[ModelInput, ...] = section(ModelInput)


@dataclass(frozen=True, slots=True)
class _Need:
    party: str
    key: str
    link: str
    amount: Decimal | None
    readings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    other: str = ""


def model(
    network: CapitalNetwork,
    name: str,
    triggers: Iterable[Trigger],
    context: Context,
    told: Sequence[Note] = (),
    *,
    recovery: Decimal | None = None,
    theta: Decimal = THETA,
    cost: Decimal = COST,
) -> ModelAnswer:
    """Run one published model on the part of the network that a shock can reach.

    Parameters
    ----------
    network : all links at a pair of clocks.
    name : ``clearing`` (Eisenberg-Noe; with a recovery below 1, Rogers-Veraart with both parts at the recovery),
        ``debtrank`` (the linear form) or ``thresholds`` (Elliott-Golub-Jackson).
    triggers : falls and defaults; a default is a fall of the whole. Lost contracts have no place in these models.
    context : printed with the answer. told : the shocks in words.
    recovery : what is left of assets in a default, 0..1 (clearing only).
    theta : the part of its value below which an organization fails, 0..1; cost : what a failure costs, as a part of the
        threshold, from 0 (thresholds only).

    Returns
    -------
    ModelAnswer in dollars. All inputs are listed; where any is missing the model does not run.

    Raises
    ------
    UsageProblem for an unknown model, a lost contract, or a theta or cost outside its range.
    """
    wanted = tuple(triggers)
    if name not in MODELS:
        raise UsageProblem(f"there is no model {name!r}; there are: {', '.join(MODELS)}")
    if any(trigger.kind == "lost" for trigger in wanted):
        raise UsageProblem(f"the model {name} knows falls and defaults, no lost contracts")
    if not 0 <= theta <= 1 or not 0 <= cost <= 1:
        raise UsageProblem("threshold and cost of a failure lie in 0..1")
    needs, run = _BUILDERS[name](network, _Shock(wanted, recovery, theta, cost))
    missing = [need for need in needs if need.amount is None]
    rows = run() if needs and not missing else []
    return ModelAnswer(
        model=note(f"model.{name}"),
        shocks=tuple(told),
        ran=bool(rows),
        outcome=tuple(rows),
        missing=tuple(_input(network, need) for need in missing),
        inputs=tuple(_input(network, need) for need in needs if need.amount is not None),
        context=context,
        notes=tuple(_notes(network, name, wanted, needs, missing)),
    )


@dataclass(frozen=True, slots=True)
class _Shock:
    triggers: tuple[Trigger, ...]
    recovery: Decimal | None
    theta: Decimal
    cost: Decimal

    def part(self, party: str) -> Decimal:
        """The part of its value that a party loses at the start."""
        parts = [trigger.part for trigger in self.triggers if trigger.party == party]
        return min(Decimal(1), sum(parts, Decimal()))

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(trigger.party for trigger in self.triggers))


Built = tuple[list[_Need], Callable[[], list[ModelRow]]]


# Clearing: every debt among those whom a default can reach, and what each debtor has ----------------------------------


def _clearing(network: CapitalNetwork, shock: _Shock) -> Built:
    """Debts by lender and borrower; of every borrower what it has (cash); lenders without debts need nothing."""
    debts = list(_reached(network, shock.parties, ("credit",)))
    debtors = sorted({each.to for each in debts})
    needs = [_amount(each, each.to, "model.need.debt", each.exposed) for each in debts]
    needs += [_figure(network, party, ("cash",), "model.need.assets") for party in debtors]
    parties = sorted({party for each in debts for party in (each.exposed, each.to)})

    def run() -> list[ModelRow]:
        place = {party: number for number, party in enumerate(parties)}
        owed = np.zeros((len(parties), len(parties)))
        assets: Vector = np.zeros(len(parties))
        for each, need in zip(debts, needs, strict=False):
            owed[place[each.to], place[each.exposed]] += float(need.amount or 0)
        for need in needs[len(debts) :]:
            assets[place[need.party]] = float((need.amount or Decimal()) * (1 - shock.part(need.party)))
        part = 1.0 if shock.recovery is None else float(shock.recovery)
        cleared = clearing.clear(owed, assets, alpha=part, beta=part)
        waves = _waves(cleared.waves)
        return [
            _row(network, party, cleared.due[at], cleared.payments[at], waves.get(at))
            for party, at in place.items()
            if cleared.due[at] > 0
        ]

    return needs, run


# DebtRank: every exposure among those whom distress can reach, and the net worth of each ------------------------------


def _debtrank(network: CapitalNetwork, shock: _Shock) -> Built:
    """Stakes and loans; of each party that is exposed its net worth."""
    found = list(_reached(network, shock.parties, ("equity", "credit")))
    parties = sorted({party for each in found for party in (each.exposed, each.to)} | set(shock.parties))
    needs = [_amount(each, each.exposed, "model.need.exposure", each.to) for each in found]
    needs += [_figure(network, party, _NET_WORTH, "model.need.worth") for party in parties] if found else []

    def run() -> list[ModelRow]:
        place = {party: number for number, party in enumerate(parties)}
        claims: Matrix = np.zeros((len(parties), len(parties)))
        for each, need in zip(found, needs, strict=False):
            claims[place[each.exposed], place[each.to]] += float(need.amount or 0)
        worth = np.array([float(need.amount or 0) for need in needs[len(found) :]])
        start = np.array([float(shock.part(party)) for party in parties])
        spread = debtrank.linear(claims, worth, start)
        return [
            _row(network, party, worth[at], worth[at] * (1 - spread.final[at]), None) for party, at in place.items()
        ]

    return needs, run


# Thresholds: every holding among those whom a fall can reach, and the value of each -----------------------------------


def _thresholds(network: CapitalNetwork, shock: _Shock) -> Built:
    """Percents of the stakes that count; of each organization its value; what it owns itself follows from both."""
    found = [each for each in _reached(network, shock.parties, ("equity",)) if counts(network, each.link)]
    parties = sorted({party for each in found for party in (each.exposed, each.to)} | set(shock.parties))
    needs = [_percent(each) for each in found]
    needs += [_figure(network, party, _NET_WORTH, "model.need.value") for party in parties] if found else []

    def run() -> list[ModelRow]:
        place = {party: number for number, party in enumerate(parties)}
        holdings: Matrix = np.zeros((len(parties), len(parties)))
        for each, need in zip(found, needs, strict=False):
            holdings[place[each.exposed], place[each.to]] += float(need.amount or 0) / 100
        values = np.array([float(need.amount or 0) for need in needs[len(found) :]])
        dependency = failures.dependency(holdings)
        assets = np.linalg.solve(dependency, values)
        after = assets * np.array([1 - float(shock.part(party)) for party in parties])
        limits = float(shock.theta) * values
        spread = failures.cascade(dependency, after, limits, float(shock.cost) * limits)
        waves = _waves(spread.waves)
        return [
            _row(network, party, values[at], spread.values[at], waves.get(at), float(spread.distance[at]))
            for party, at in place.items()
        ]

    return needs, run


_BUILDERS: Mapping[str, Callable[[CapitalNetwork, _Shock], Built]] = {
    "clearing": _clearing,
    "debtrank": _debtrank,
    "thresholds": _thresholds,
}


# Inputs ---------------------------------------------------------------------------------------------------------------


def _reached(network: CapitalNetwork, parties: Sequence[str], channels: Sequence[str]) -> Iterator[Exposure]:
    """The exposures along which trouble at some parties can spread: who is exposed, who is exposed to those, and on."""
    against: dict[str, list[Exposure]] = {}
    for each in exposures(network):
        if each.channel.code in channels and each.exposed != each.to:
            against.setdefault(each.to, []).append(each)
    frontier, seen = list(parties), set(parties)
    while frontier:
        party = frontier.pop(0)
        for each in against.get(party, ()):
            yield each
            if each.exposed not in seen:
                seen.add(each.exposed)
                frontier.append(each.exposed)


def _amount(each: Exposure, party: str, key: str, other: str) -> _Need:
    money = each.money
    known = money.value if money is not None and money.unit == USD and each.adds else None
    return _Need(party, key, each.link.id, known, each.readings, each.sources, other)


def _percent(each: Exposure) -> _Need:
    known = each.percent.value if each.percent else None
    return _Need(each.exposed, "model.need.percent", each.link.id, known, each.readings, each.sources, each.to)


def _figure(network: CapitalNetwork, party: str, aspects: Sequence[str], key: str) -> _Need:
    """A figure of a party in dollars, the first of the aspects that has one."""
    for aspect in aspects:
        if aspect in _NET_WORTH:
            size = next((each for each in sizes(network, party, (aspect,)) if each.usd), None)
            figure, usd = (size.figure, size.usd) if size else (None, None)
        else:
            figure = network.derived.figure(node_ref(party), aspect)
            usd = network.derived.usd(figure) if figure else None
        if figure is not None and usd is not None:
            return _Need(party, key, "", usd, figure.readings, figure.sources)
    return _Need(party, key, "", None)


def _input(network: CapitalNetwork, need: _Need) -> ModelInput:
    unit = "percent" if need.key == "model.need.percent" else USD
    return ModelInput(
        party=network.node(need.party).name,
        kind=note(need.key, other=network.node(need.other).name) if need.other else note(need.key),
        thing=network.names.name(need.link) if need.link else "",
        amount=None if need.amount is None else Value(need.amount, unit, readings=need.readings),
        readings=need.readings,
        sources=need.sources,
    )


# Rows -----------------------------------------------------------------------------------------------------------------


def _waves(waves: tuple[tuple[int, ...], ...]) -> dict[int, int]:
    return {place: number for number, wave in enumerate(waves, 1) for place in wave}


def _row(
    network: CapitalNetwork, party: str, before: float, after: float, wave: int | None, distance: float | None = None
) -> ModelRow:
    start, end = (Decimal(repr(float(amount))).quantize(_CENT) for amount in (before, after))
    lost = ((start - end) / start * 100).quantize(_CENT) if start else Decimal()
    return ModelRow(
        party=network.node(party).name,
        before_shock=Value(start, USD),
        after_shock=Value(end, USD),
        lost=Value(lost, "percent"),
        wave=wave if wave is not None else "",
        distance="" if distance is None else Value(Decimal(repr(distance * 100)).quantize(_CENT), "percent"),
    )


def _notes(
    network: CapitalNetwork, name: str, triggers: Sequence[Trigger], needs: Sequence[_Need], missing: Sequence[_Need]
) -> Iterator[Note]:
    if not needs:
        parties = tuple(network.node(trigger.party).name for trigger in triggers)
        yield note("model.unlinked", parties=parties)
    elif missing:
        yield note("model.refused", missing=len(missing), needed=len(needs))
    else:
        yield note(f"model.assumes.{name}")
