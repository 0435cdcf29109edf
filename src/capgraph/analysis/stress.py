"""What breaks if a party falls, defaults or loses a contract: every step with its mechanism, formula and readings.

Losses that are forced by arithmetic, amounts that are merely at risk and what is unknown stand in three columns and are
never added to each other. The rules of the spread: :mod:`capgraph.analysis.contagion`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.channels import Exposure, inside_another, sizes
from capgraph.analysis.contagion import PASSED_ON, ROUNDS, SLIGHT, Loss, Outcome, Trigger, percent_of, spread
from capgraph.analysis.shares import Dependence, dependences
from capgraph.errors import UsageProblem
from capgraph.names import Name, node_id
from capgraph.network import CapitalNetwork
from capgraph.ontology import Code
from capgraph.results import Context, Note, Result, Value, hidden, note, section


@dataclass(frozen=True, slots=True)
class Hop:
    """One step: the trouble of ``cause`` reaches ``party`` through a channel.

    ``forced`` is lost by arithmetic, ``at_risk`` may be lost, ``unknown`` says what is missing where neither can be
    told. ``formula`` gives the mechanism with its numbers. Empty cells do not apply.
    """

    round: int
    channel: Code
    cause: Name
    party: Name
    forced: Value | str
    at_risk: Value | str
    unknown: Note | str
    formula: Note
    link: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Bearer:
    """What one party loses over all rounds on stakes, loans and guarantees, in one currency; ``unknown`` counts its
    steps without amount, of any channel. The shares are of ``share_of``, the size of the party. Parties without any
    amount stand only among the steps."""

    party: Name
    forced: Value | str
    forced_share: Value | str
    at_risk: Value | str
    at_risk_share: Value | str
    share_of: Note | str
    unknown: int


@dataclass(frozen=True, slots=True)
class RoundTotal:
    """The sums of one round and channel in one currency. Rounds pass the same loss further up and are not added up."""

    round: int
    channel: Code
    forced: Value | str
    at_risk: Value | str
    up_to: Value | str
    unknown: int
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock(Result):
    """The steps of a shock, what each party loses in all, and the sums by round and channel."""

    shocks: tuple[Note, ...] = hidden()
    rounds: int
    ended: Note
    hops: tuple[Hop, ...] = section(Hop)
    bearers: tuple[Bearer, ...] = hidden()
    round_totals: tuple[RoundTotal, ...] = hidden()
    dependences: tuple[Dependence, ...] = hidden()


def shock(
    network: CapitalNetwork,
    triggers: Iterable[Trigger],
    context: Context,
    *,
    recovery: Decimal | None = None,
    rounds: int = ROUNDS,
) -> Shock:
    """What follows from falls of value, defaults and lost contracts, through several rounds.

    With V the value of a stake, f the fall of its issuer, A what is lent, r the recovery, S the size of who loses::

        loss on a stake = f V      loss on a loan = (1 - r) A      own fall in the next round = losses / S

    A loan on shares stands at LTV = D / (V (1 - f)); with a known trigger m, D - m V (1 - f) must be posted above it.

    Parameters
    ----------
    network : all links at a pair of clocks; merged houses, where the scope asks for them, are up to the caller.
    triggers : what happens at the start; several act at once.
    context : printed with the answer.
    recovery : what lenders of a defaulted party get back, 0..1; None: not known, so nothing is forced by a default.
    rounds : the most rounds, from 1.

    Returns
    -------
    Shock. A shock to a party without links gives no steps and a note that says so.

    Raises
    ------
    UsageProblem for no trigger, a part or recovery outside 0..1, a contract that there is not, or no rounds.

    References
    ----------
    Falls pass from holding to holder as in Elliott, Golub and Jackson (2014); losses reach lenders at default and a
    party defaults when its losses reach its size as in Furfine (2003); the sums are those of linear DebtRank
    (Bardoscia and others 2015) for the parts that are known.
    """
    wanted = tuple(triggers)
    check(network, wanted, recovery, rounds)
    outcome = spread(network, wanted, recovery=recovery, rounds=rounds)
    ranked = sorted(outcome.losses, key=lambda loss: _rank(network, loss))
    return Shock(
        shocks=tuple(told(network, trigger, recovery) for trigger in wanted),
        rounds=outcome.rounds,
        ended=_ended(outcome, rounds),
        hops=tuple(_hop(network, loss) for loss in ranked),
        bearers=tuple(_bearers(network, outcome.losses)),
        round_totals=tuple(_totals(network, outcome.losses)),
        dependences=tuple(_shares(network, wanted, outcome.losses)),
        context=context,
        notes=tuple(_notes(network, wanted, outcome, recovery)),
    )


def check(network: CapitalNetwork, triggers: Sequence[Trigger], recovery: Decimal | None, rounds: int) -> None:
    """Raise UsageProblem for a shock that makes no sense: nothing happens, or a number lies outside its range."""
    if not triggers:
        raise UsageProblem("a shock needs a fall, a default or a lost contract")
    if rounds < 1:
        raise UsageProblem("a shock runs for at least one round")
    if recovery is not None and not 0 <= recovery <= 1:
        raise UsageProblem(f"a recovery lies in 0% to 100%, not at {recovery:%}")
    for trigger in triggers:
        if not 0 <= trigger.part <= 1:
            raise UsageProblem(f"a fall lies in 0% to 100%, not at {trigger.part:%}")
        if trigger.kind == "lost" and trigger.contract not in network.facts:
            raise UsageProblem(f"there is no {trigger.contract!r} to lose; name contracts as contract/...")


def told(network: CapitalNetwork, trigger: Trigger, recovery: Decimal | None) -> Note:
    """A trigger in words."""
    if trigger.kind == "fall":
        percent = Value(trigger.part * 100, "percent")
        return note("stress.told.fall", party=network.node(trigger.party).name, fall=percent)
    if trigger.kind == "lost":
        return note("stress.told.lost", contract=network.names.name(trigger.contract))
    name = network.node(trigger.party).name
    if recovery is None:
        return note("stress.told.default", party=name)
    return note("stress.told.recovery", party=name, recovery=Value(recovery * 100, "percent"))


def _ended(outcome: Outcome, rounds: int) -> Note:
    if outcome.limited:
        return note("stress.ended.limit", rounds=rounds)
    return note("stress.ended.nothing_new", rounds=outcome.rounds + 1)


# Rows -----------------------------------------------------------------------------------------------------------------


def _rank(network: CapitalNetwork, loss: Loss) -> tuple[int, int, int, Decimal, str, tuple[str, str, str]]:
    """By round and channel, known amounts before bounds before unknowns, large ones first."""
    places = {code: place for place, code in enumerate(network.ontology.codes("channel"))}
    amount = loss.amount
    bound = (amount.high or amount.low) if amount else None
    kind = 3 if amount is None else 0 if amount.value is not None and amount.unit == "USD" else 1 if amount.value else 2
    size = (amount.value if amount and amount.value is not None else bound) or Decimal()
    return loss.round, places[loss.channel], kind, -size, loss.party, loss.exposure.id


def _hop(network: CapitalNetwork, loss: Loss) -> Hop:
    amount = loss.amount or ""
    return Hop(
        round=loss.round,
        channel=loss.exposure.channel,
        cause=network.node(loss.cause).name,
        party=network.node(loss.party).name,
        forced=amount if loss.certainty == "forced" else "",
        at_risk=amount if loss.certainty == "at_risk" else "",
        unknown=loss.lack or "",
        formula=loss.why,
        link=loss.exposure.link.id,
        readings=loss.exposure.readings,
        sources=loss.exposure.sources,
    )


def _bearers(network: CapitalNetwork, losses: Sequence[Loss]) -> Iterator[Bearer]:
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    unknown: dict[str, int] = {}
    for loss in losses:
        value = loss.amount.value if loss.amount and loss.channel in PASSED_ON else None
        if value is None or loss.amount is None:
            unknown[loss.party] = unknown.get(loss.party, 0) + (loss.amount is None or loss.channel in PASSED_ON)
        else:
            by_certainty = sums.setdefault((loss.party, loss.amount.unit), {})
            by_certainty[loss.certainty] = by_certainty.get(loss.certainty, Decimal()) + value
    largest = sorted(sums, key=lambda key: (key[1] != "USD", -sum(sums[key].values(), Decimal()), key))
    for party, unit in largest:
        yield _bearer(network, party, unit, sums[party, unit], unknown.pop(party, 0))


def _bearer(network: CapitalNetwork, party: str, unit: str, sums: dict[str, Decimal], unknown: int) -> Bearer:
    aspects = network.ontology.code("channel", PASSED_ON[0]).attributes.get("sizeAspect", ())
    fitting = (size for size in sizes(network, party, aspects) if size.part(Decimal(1), unit) is not None)
    size = next(fitting, None)
    cells: list[Value | str] = []
    for certainty in ("forced", "at_risk"):
        amount = sums.get(certainty)
        part = size.part(amount, unit) if size and amount is not None else None
        cells.append(Value(amount, unit) if amount is not None else "")
        cells.append(percent_of(part) if part is not None else "")
    told = note("exposure.size", aspect=size.aspect, as_of=size.figure.as_of) if size else ""
    return Bearer(network.node(party).name, cells[0], cells[1], cells[2], cells[3], told, unknown)


def _totals(network: CapitalNetwork, losses: Sequence[Loss]) -> Iterator[RoundTotal]:
    groups: dict[tuple[int, str], list[Loss]] = {}
    for loss in losses:
        groups.setdefault((loss.round, loss.channel), []).append(loss)
    places = {code: place for place, code in enumerate(network.ontology.codes("channel"))}
    for key in sorted(groups, key=lambda key: (key[0], places[key[1]])):
        yield from _round_lines(network, key, groups[key])


def _round_lines(network: CapitalNetwork, key: tuple[int, str], group: Sequence[Loss]) -> Iterator[RoundTotal]:
    """One line a currency; what lies inside another step's thing is not added, a loan of several lenders, each of whose
    parts is unknown, counts once and whole."""
    outermost = [loss for loss in group if not inside_another(loss.exposure, _others(group))]
    sums: dict[str, dict[str, Decimal]] = {}
    seen: set[str] = set()
    for loss in outermost:
        if loss.amount is None:
            continue
        link, known = loss.exposure.link, loss.amount.value is not None
        whole = link.shared and link.amount is not None and link.amount.value is not None
        column = loss.certainty if known or whole else "up_to"
        amount = loss.amount.value if known else loss.amount.high
        if amount is None or (not known and link.id in seen):
            continue
        seen |= set() if known else {link.id}
        line = sums.setdefault(loss.amount.unit, {})
        line[column] = line.get(column, Decimal()) + amount
    unknown = sum(loss.amount is None for loss in outermost)
    for unit in sorted(sums, key=lambda unit: (unit != "USD", unit)) or [""]:
        cells = [_cell(sums.get(unit, {}).get(column), unit) for column in ("forced", "at_risk", "up_to")]
        code = network.ontology.code("channel", key[1])
        yield RoundTotal(key[0], code, cells[0], cells[1], cells[2], unknown, len(outermost))


def _others(group: Sequence[Loss]) -> list[Exposure]:
    return [loss.exposure for loss in group]


def _cell(amount: Decimal | None, unit: str) -> Value | str:
    return "" if amount is None else Value(amount, unit)


def _shares(network: CapitalNetwork, triggers: Sequence[Trigger], losses: Sequence[Loss]) -> Iterator[Dependence]:
    """The business of others that hangs on those that default, and of suppliers on the customers they lose."""
    for party in dict.fromkeys(trigger.party for trigger in triggers if trigger.kind == "default"):
        yield from (each for each in dependences(network, party) if each.on.id == party)
    contracts = {trigger.contract for trigger in triggers if trigger.contract}
    gone = [loss for loss in losses if loss.exposure.link.id in contracts and loss.channel == "sales"]
    for supplier, customer in dict.fromkeys((loss.party, loss.cause) for loss in gone):
        yield from (each for each in dependences(network, supplier, customer) if each.whose.id == supplier)


# Notes ----------------------------------------------------------------------------------------------------------------


def _notes(
    network: CapitalNetwork, triggers: Sequence[Trigger], outcome: Outcome, recovery: Decimal | None
) -> Iterator[Note]:
    if not outcome.losses:
        yield from _empty(network, triggers)
        return
    yield note("stress.columns")
    yield note("stress.rule")
    if recovery is None and any(trigger.kind == "default" for trigger in triggers):
        yield note("stress.no_recovery")
    beyond = sorted(set(outcome.defaults) - {trigger.party for trigger in triggers})
    if beyond:
        yield note("stress.further_defaults", parties=_names(network, beyond))
    if any(inside_another(loss.exposure, _others(outcome.losses)) for loss in outcome.losses):
        yield note("stress.nested")
    if outcome.slight:
        yield note("stress.slight", count=outcome.slight, percent=percent_of(SLIGHT))
    for key, parties in (("stopped", outcome.stopped), ("unheld", outcome.unheld), ("untold", outcome.untold)):
        if parties:
            yield note(f"stress.{key}", parties=_names(network, parties))
    for trigger in triggers:
        if trigger.kind == "default":
            yield from _unnamed_lenders(network, trigger.party)


def _empty(network: CapitalNetwork, triggers: Sequence[Trigger]) -> Iterator[Note]:
    """Why nothing follows."""
    if not network.dated:
        yield note("stress.nothing_then")
    for trigger in triggers:
        if trigger.kind == "lost":
            yield note("stress.none_lost", contract=network.names.name(trigger.contract))
        else:
            linked = bool(network.links_from(trigger.party) or network.links_to(trigger.party))
            key = "stress.none_linked" if linked else "stress.none_unlinked"
            yield note(key, party=network.node(trigger.party).name)


def _unnamed_lenders(network: CapitalNetwork, party: str) -> Iterator[Note]:
    """The debts of a party whose lenders the data do not name: they lose too, and stand in no row."""
    amounts: dict[str, Decimal] = {}
    count = 0
    for row in network.facts.mentions(f"party/{party}"):
        if row.table != "facilities" or node_id(f"party/{row['borrower']}") != party or row["lenders"]:
            continue
        status = network.derived.status(row.ref)
        if not network.derived.life(row).stands or status is None or status.ladder < network.ladder:
            continue
        count += 1
        firm = network.derived.part(row.ref).firm if not row["contained_in"] else None
        if firm:
            amounts[firm.currency] = amounts.get(firm.currency, Decimal()) + firm.amount
    if count:
        values = tuple(Value(amount, currency) for currency, amount in sorted(amounts.items()))
        key = "stress.unnamed" if values else "stress.unnamed_unknown"
        yield note(key, party=network.node(party).name, count=count, amounts=values)


def _names(network: CapitalNetwork, parties: Iterable[str]) -> tuple[Name, ...]:
    return tuple(network.node(party).name for party in parties)
