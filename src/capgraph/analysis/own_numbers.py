"""The numbers of a text against each other: do they fit together, and are they of one time, one holder, one unit?"""

from __future__ import annotations

from collections.abc import Iterator

from capgraph.analysis.claimed import Claimed
from capgraph.analysis.weighing import CONTRADICTED, DISPUTED, OUTDATED, SUPPORTED, Tested, value_of
from capgraph.clocks import near, period_months
from capgraph.derive import Derived
from capgraph.facts import Facts
from capgraph.intervals import Interval
from capgraph.names import Names
from capgraph.results import Note, note


def own_result(claim: Claimed) -> tuple[Interval | None, bool | None]:
    """What follows from the numbers of the text itself, where it prints all of them; a bare name proves nothing."""
    formula = claim.formula
    if formula is None or formula.bare or not claim.variables or len(claim.own) < len(claim.variables):
        return None, None
    try:
        if formula.compares:
            return None, formula.holds(claim.own)
        return formula.value(claim.own), None
    except ZeroDivisionError:
        return None, None


def inconsistency(claim: Claimed, own: Interval) -> Note:
    """How far the stated number lies from what the text's own numbers give."""
    assert claim.stated is not None
    shown, stated = value_of(own, claim.unit), claim.stated.value
    middle = (own.low + own.high) / 2 if own.bounded else None
    if middle and stated and (middle > 0) == (stated > 0):
        large, small = sorted((abs(float(stated)), abs(float(middle))), reverse=True)
        return note("claims.why.inconsistent_by", own=shown, factor=f"{large / small:.2g}")
    return note("claims.why.inconsistent", own=shown)


def despite(tested: Tested) -> tuple[Note, ...]:
    """What independent sources say of a claim whose own numbers do not fit."""
    if tested.verdict not in (SUPPORTED, DISPUTED, CONTRADICTED, OUTDATED):
        return ()
    return (note("claims.remark.besides", why=tested.why),)


def mixed(claim: Claimed, world: Derived) -> Iterator[Note]:
    """Two windows, two holders, or percent and points taken as one."""
    formula = claim.formula
    if formula is None:
        return
    dated = [each for each in claim.variables if each.about]
    periods = sorted({each.period for each in dated if each.period})
    spans = sorted({each.as_of for each in dated})
    apart = any(not near(one, other, 0) for one in spans for other in spans)
    lengths = {period_months(period) for period in periods}
    if len(lengths) > 1 or (0 in lengths and len(periods) > 1):
        yield note("claims.remark.periods", periods=", ".join(periods))
    elif apart or len(periods) > 1:
        yield note("claims.remark.windows", days=tuple(spans))
    holders = dict.fromkeys(holder for each in dated if (holder := _holder(world.facts, each.about)))
    if len(holders) > 1:
        yield note("claims.remark.holders", holders=tuple(Names(world.facts).name(holder) for holder in holders))
    units = {each.name: each.unit or (each.own.unit if each.own else "") for each in claim.variables}
    if formula.mixes_points(units) or {formula.unit(units), claim.unit} == {"percent", "points"}:
        yield note("claims.remark.points")


def _holder(facts: Facts, ref: str) -> str:
    """Who holds the stake that a figure is about, or that a payment changes; empty elsewhere."""
    row = facts.get(ref)
    if row is not None and row.cells.get("stake"):
        row = facts.get(f"stake/{row['stake']}")
    return f"party/{row['holder']}" if row is not None and row.cells.get("holder") else ""
