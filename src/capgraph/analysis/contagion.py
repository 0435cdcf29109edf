"""How a shock spreads through exposures, round by round.

The rules, each applied only where the data have what it needs; what they lack is listed as unknown and not passed on:

1. A fall of a party's value by a part f costs each holder f times the value of its stake. Shares: forced by arithmetic.
   Rights on shares (warrants, convertibles, fund interests): at risk.
2. A default puts at risk all that is lent to the party, what was answered for it, what it had promised to pay and to
   buy, and the value of its shares. With a stated recovery r lenders lose 1 - r of their loans, and holders, who come
   after the lenders, lose all: forced.
3. A lost contract puts its value at risk for the supplier.
4. A party that loses money on stakes, loans and guarantees falls itself by that loss over its net asset value (else its
   market value or valuation), in the next round; stakes of it that lie inside a stake of its holder are that holder's
   own loss already and are not passed on to it. Only a loss over a net asset value of the same time stays forced.
5. A party whose losses reach that size defaults in the next round.
6. Shares that secure a loan: loan to value after the fall; a payment is due only where a known trigger is passed.

Lost contracts, promised payments and calls for collateral are not passed on: nobody knows what they do to a party's
value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Context, Decimal
from typing import Literal

from capgraph.analysis.channels import Exposure, exposures, sizes
from capgraph.analysis.pledges import Pressure, Security, after_fall, securities
from capgraph.money import Money
from capgraph.network import CapitalNetwork, container_of
from capgraph.results import Note, Value, note

Certainty = Literal["forced", "at_risk"]
Kind = Literal["fall", "default", "lost"]

NET_ASSETS = "nav"
SAME_TIME = timedelta(days=90)
PASSED_ON = ("equity", "credit", "guarantee")
"""The channels whose losses lower the value of who bears them."""
ROUNDS = 10
SLIGHT = Decimal("0.01")
"""After the first round, a fall by less than this of a stake of unknown value is counted and not listed."""
_CENT = Decimal("0.01")
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What happens at the start: a ``fall`` of a party's value by ``part`` (0..1), its ``default``, or the loss of a
    contract (``lost``, with the contract's id ``contract/...``)."""

    kind: Kind
    party: str = ""
    part: Decimal = _ONE
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """One step of the spread. ``amount`` is what is lost or at risk (``certainty``), None where it is unknown; a bound
    has no value. ``why`` names the formula with its numbers, ``lack`` what is missing."""

    round: int
    cause: str
    party: str
    exposure: Exposure
    certainty: Certainty
    amount: Value | None
    why: Note
    lack: Note | None

    @property
    def channel(self) -> str:
        return self.exposure.channel.code


@dataclass(frozen=True, slots=True)
class Outcome:
    """All losses in order, how many rounds brought something new, and whether the limit stopped them.

    ``stopped`` are the parties whose losses could not be passed on because nothing tells their size in the currency of
    the loss, ``unheld`` those of known size in which the data name no holder of a stake, ``untold`` those with a loss
    of unknown amount that have holders. ``slight`` counts stakes of unknown value that fall by less than
    :data:`SLIGHT` in a later round. ``defaults`` are all that default, ``fallen`` the part of its value that each
    has lost, forced and at risk together.
    """

    losses: tuple[Loss, ...]
    rounds: int
    limited: bool
    stopped: tuple[str, ...]
    unheld: tuple[str, ...]
    untold: tuple[str, ...]
    slight: int
    defaults: tuple[str, ...]
    fallen: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class _Event:
    """Trouble at a party in one round: its own value falls by parts, each already borne by the holders named in it."""

    kind: Kind
    party: str
    certainty: Certainty
    parts: tuple[tuple[frozenset[str], Decimal], ...] = ()
    contract: str = ""

    def part_for(self, holder: str) -> Decimal:
        """The part by which the value falls for a holder."""
        return sum((part for borne, part in self.parts if holder not in borne), Decimal())


def spread(
    network: CapitalNetwork, triggers: Iterable[Trigger], *, recovery: Decimal | None = None, rounds: int = ROUNDS
) -> Outcome:
    """The losses that follow from some triggers by the rules above.

    Parameters
    ----------
    network : all links at a pair of clocks.
    triggers : what happens at the start, in any order.
    recovery : what lenders of a defaulted party get back, 0..1; None: not known.
    rounds : the most rounds, at least 1.

    Returns
    -------
    Outcome. All parties of a round act at once, so the order of links and triggers does not matter. It ends when a
    round brings no loss of a cent, or after the last round.
    """
    return _Spread(network, recovery).run(tuple(triggers), rounds)


class _Spread:
    def __init__(self, network: CapitalNetwork, recovery: Decimal | None) -> None:
        self.network = network
        self.recovery = recovery
        self.against: dict[str, list[Exposure]] = {}
        self.of: dict[str, list[Exposure]] = {}
        self.holders = {link.id: link.source for link in network.links}
        for each in exposures(network):
            self.against.setdefault(each.to, []).append(each)
            self.of.setdefault(each.exposed, []).append(each)
        self.fallen: dict[tuple[str, Certainty], Decimal] = {}
        self.ratios: dict[str, Decimal | None] = {}
        self.defaulted: set[str] = set()
        self.stopped: set[str] = set()
        self.unheld: set[str] = set()
        self.slight: set[tuple[str, str]] = set()

    def run(self, triggers: Sequence[Trigger], limit: int) -> Outcome:
        losses: list[Loss] = []
        events = self._start(triggers)
        for number in range(1, limit + 1):
            found = [loss for event in events for loss in self._losses(event, number)]
            if not found:
                return self._outcome(losses, number - 1, limited=False)
            losses += found
            events = self._next(found)
        return self._outcome(losses, limit, limited=bool(events))

    def _outcome(self, losses: list[Loss], rounds: int, limited: bool) -> Outcome:
        told = {loss.party for loss in losses if loss.amount is not None and loss.amount.value}
        untold = {loss.party for loss in losses if loss.channel not in ("collateral", "purchases")} - told
        parties = sorted({party for party, _ in self.fallen})
        return Outcome(
            losses=tuple(losses),
            rounds=rounds,
            limited=limited,
            stopped=tuple(sorted(self.stopped)),
            unheld=tuple(sorted(self.unheld)),
            untold=tuple(sorted(party for party in untold if self._held(party))),
            slight=len(self.slight),
            defaults=tuple(sorted(self.defaulted)),
            fallen=tuple((party, _ONE - self._left(party)) for party in parties),
        )

    def _held(self, party: str) -> bool:
        """Whether the data name a holder of a stake in a party."""
        return any(each.channel.code == "equity" for each in self.against.get(party, ()))

    # Events ----------------------------------------------------------------------------------------------------------

    def _start(self, triggers: Sequence[Trigger]) -> list[_Event]:
        events: list[_Event] = []
        for trigger in sorted(set(triggers), key=lambda each: (each.kind, each.party, each.contract, each.part)):
            if trigger.kind == "fall":
                events += self._fall(trigger.party, "forced", [(frozenset(), trigger.part)])
            elif trigger.kind == "default":
                events += self._default(trigger.party, "forced")
            else:
                events.append(_Event("lost", trigger.party, "at_risk", contract=trigger.contract))
        return events

    def _left(self, party: str) -> Decimal:
        """The part of a party's value that has not yet fallen."""
        return _ONE - self.fallen.get((party, "forced"), Decimal()) - self.fallen.get((party, "at_risk"), Decimal())

    def _fall(self, party: str, certainty: Certainty, parts: list[tuple[frozenset[str], Decimal]]) -> Iterator[_Event]:
        """The fall of a party's value, cut where nothing would be left."""
        wanted, left = sum((part for _, part in parts), Decimal()), self._left(party)
        if wanted > left:
            parts = [(borne, part * left / wanted) for borne, part in parts]
        fallen = min(wanted, left)
        if fallen > 0:
            key = (party, certainty)
            self.fallen[key] = self.fallen.get(key, Decimal()) + fallen
            yield _Event("fall", party, certainty, tuple(parts))

    def _default(self, party: str, certainty: Certainty) -> Iterator[_Event]:
        if party not in self.defaulted:
            self.defaulted.add(party)
            yield _Event("default", party, certainty)
            wiped = self.recovery is not None and self.recovery < 1
            yield from self._fall(party, certainty if wiped else "at_risk", [(frozenset(), self._left(party))])

    def _next(self, losses: Sequence[Loss]) -> list[_Event]:
        """The events of the next round: falls of those that lost money, defaults of those that lost all."""
        parts: dict[tuple[str, Certainty], list[tuple[frozenset[str], Decimal]]] = {}
        for loss in losses:
            if loss.channel not in PASSED_ON or loss.amount is None or not loss.amount.value:
                continue
            found = self._part(loss)
            if found is not None:
                certainty, part = found
                self.unheld |= set() if self._held(loss.party) else {loss.party}
                parts.setdefault((loss.party, certainty), []).append((self._borne(loss.exposure), part))
            elif self._held(loss.party):
                self.stopped.add(loss.party)
        events: list[_Event] = []
        for party, certainty in sorted(parts, key=lambda key: (key[0], key[1] != "forced")):
            events += self._fall(party, certainty, parts[party, certainty])
        for party in sorted({party for party, _ in parts}):
            if self._left(party) <= 0:
                lost_for_certain = self.fallen.get((party, "forced"), Decimal()) >= 1
                events += self._default(party, "forced" if lost_for_certain else "at_risk")
        return events

    def _part(self, loss: Loss) -> tuple[Certainty, Decimal] | None:
        """A loss as a part of the party's size, and whether that is still forced."""
        assert loss.amount is not None
        assert loss.amount.value is not None
        for size in sizes(self.network, loss.party, loss.exposure.channel.attributes.get("sizeAspect", ())):
            part = size.part(loss.amount.value, loss.amount.unit)
            if part is not None:
                day = loss.exposure.as_of
                apart = abs(day.last - size.figure.as_of.last) if day else SAME_TIME * 2
                exact = size.aspect.code == NET_ASSETS and apart <= SAME_TIME
                return (loss.certainty if exact else "at_risk"), part
        return None

    def _borne(self, exposure: Exposure) -> frozenset[str]:
        """Who bears the loss of a stake already, because it lies inside a stake of theirs."""
        holders, container, seen = set(), exposure.link.container, {exposure.link.id}
        while container and container not in seen:
            seen.add(container)
            if container in self.holders:
                holders.add(self.holders[container])
            row = self.network.facts.get(container)
            container = container_of(row) if row else ""
        return frozenset(holders)

    # Losses of one event ---------------------------------------------------------------------------------------------

    def _losses(self, event: _Event, number: int) -> Iterator[Loss]:
        if event.kind == "lost":
            yield from self._contract_lost(event, number)
            return
        for each in self.against.get(event.party, ()):
            if event.kind == "fall" and each.channel.code == "equity":
                yield from self._stake(event, each, number)
            elif event.kind == "fall" and each.channel.code == "collateral":
                yield from self._collateral(event, each, number)
            elif event.kind == "default" and each.channel.code in ("credit", "guarantee", "sales"):
                yield self._owed(event, each, number)
            elif event.kind == "default" and each.channel.code in ("purchases", "dependency"):
                yield self._unknown(event, each, each.exposed, number, each.channel.code)
        for each in self.of.get(event.party, ()) if event.kind == "default" else ():
            if each.channel.code == "commitment":
                yield self._owed(event, each, number, each.to)
            elif each.channel.code == "guarantee":
                yield self._unknown(event, each, each.to, number, "cover")

    def _stake(self, event: _Event, each: Exposure, number: int) -> Iterator[Loss]:
        part = event.part_for(each.exposed)
        if part <= 0:
            return
        percent, money = percent_of(part), each.money
        why = note("stress.stake", fall=percent, value=money or Value(None, ""), by=each.by or "")
        certainty: Certainty = event.certainty if each.certain else "at_risk"
        if money is None and number > 1 and part < SLIGHT:
            self.slight.add((each.exposed, each.link.id))
            return
        if money is None:
            lack = note("stress.no_value")
            yield Loss(
                number, event.party, each.exposed, each, certainty, None, note("stress.fall", fall=percent), lack
            )
            return
        loss = _times(money, part)
        if loss.value is None or loss.value >= _CENT:
            yield Loss(number, event.party, each.exposed, each, certainty, loss, why, None)

    def _owed(self, event: _Event, each: Exposure, number: int, hit: str = "") -> Loss:
        """What is owed, promised or guaranteed and may not come."""
        party, code, money = hit or each.exposed, each.channel.code, each.money
        what = "lost" if event.kind == "lost" else code
        if money is None or not each.adds:
            return self._unknown(event, each, party, number, what)
        if code == "credit" and self.recovery is not None:
            lost = _ONE - self.recovery
            why = note("stress.recovery", lost=Value(lost * 100, "percent"), amount=money, by=each.by or "")
            return Loss(number, event.party, party, each, event.certainty, _times(money, lost), why, None)
        why = note("stress.with", what=note(f"stress.{what}"), by=each.by) if each.by else note(f"stress.{what}")
        return Loss(number, event.party, party, each, "at_risk", money, why, None)

    def _unknown(self, event: _Event, each: Exposure, party: str, number: int, what: str) -> Loss:
        lack = note("stress.no_amount")
        if each.amount and not each.adds:
            lack = note("stress.rate", amount=each.amount, by=each.by or "")
        return Loss(number, event.party, party, each, "at_risk", None, note(f"stress.{what}"), lack)

    def _contract_lost(self, event: _Event, number: int) -> Iterator[Loss]:
        """What a lost contract takes from its suppliers, and that its customers must do without."""
        found = [each for group in self.against.values() for each in group if each.link.id == event.contract]
        for each in sorted(found, key=lambda each: (each.channel.code, *each.id)):
            loss = replace(event, party=each.to)
            sales = each.channel.code == "sales"
            yield (
                self._owed(loss, each, number)
                if sales
                else self._unknown(loss, each, each.exposed, number, "purchases")
            )

    def _collateral(self, event: _Event, each: Exposure, number: int) -> Iterator[Loss]:
        """The loan to value of a pledge after all falls so far, where it moved by a hundredth of a point."""
        fall = _ONE - self._left(event.party)
        percent = percent_of(fall)
        for security in securities(self.network, (each.link,)):
            pressure = after_fall(security, fall)
            amount: Value | None = None
            lack: Note | None = note("stress.no_security")
            why = note("stress.fall", fall=percent)
            if pressure is not None and security.sums is not None:
                why = _ltv(security.sums, pressure, percent)
                amount, lack = _due(security, pressure)
            state = None if pressure is None or pressure.after is None else pressure.after.quantize(_CENT)
            if self.ratios.get(each.link.id, "") != state:
                self.ratios[each.link.id] = state
                yield Loss(number, event.party, each.exposed, each, event.certainty, amount, why, lack)


def percent_of(part: Decimal) -> Value:
    """A part as a percent of four significant digits.

    >>> percent_of(Decimal("0.005718123")).value
    Decimal('0.5718')
    """
    return Value(Context(prec=4).create_decimal(part * 100), "percent")


def _ltv(sums: tuple[Money, Money], pressure: Pressure, fall: Value) -> Note:
    debt, value = sums
    after = pressure.after.quantize(_CENT) if pressure.after is not None else None
    return note(
        "stress.ltv",
        before=Value(pressure.before.quantize(_CENT), "percent"),
        after=Value(after, "percent") if after is not None else note("stress.nothing_left"),
        debt=Value(debt.amount, debt.currency),
        value=Value(value.amount, value.currency),
        fall=fall,
    )


def _due(security: Security, pressure: Pressure) -> tuple[Value | None, Note | None]:
    """What must be posted, or why nobody can tell."""
    if security.part is None or pressure.due is None:
        return None, note("stress.no_trigger")
    if not pressure.due.amount:
        return None, note("stress.trigger_holds", trigger=Value(security.part * 100, "percent"))
    return Value(pressure.due.amount.quantize(_CENT), pressure.due.currency), None


def _times(money: Value, part: Decimal) -> Value:
    """An amount times a part, to the cent, with its bounds."""
    value, low, high = (
        None if end is None else (end * part).quantize(_CENT) for end in (money.value, money.low, money.high)
    )
    return Value(value, money.unit, low, high, money.readings)
