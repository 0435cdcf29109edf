"""What changed between two days, and between what was public on them: links, percents, amounts, statuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from capgraph.analysis.stories import concerns, story, words
from capgraph.clocks import Clocks, DateSpan
from capgraph.facts import Row
from capgraph.lifetimes import CLOSED, StatusAt
from capgraph.names import Name, node_ref
from capgraph.network import CapitalNetwork, Link
from capgraph.ontology import Code, Words
from capgraph.readings import Figure
from capgraph.results import Context, Note, Result, Value, hidden, note, section

_NOTHING = Decimal(0)
_ORDER = ("opened", "ended", "climbed", "fell", "percent", "amount", "seen")
"""The sorts of changes as they are listed. ``seen``: a thing whose start no source gives was first spoken of."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one thing: what it was and what it became."""

    change: Words
    story: Note
    before: Value | Code | str
    after: Value | Code | str
    since: DateSpan | None
    layer: Code
    kind: str = hidden("")
    thing: str = hidden("")
    readings: tuple[str, ...] = hidden()
    sources: tuple[str, ...] = hidden()


@dataclass(frozen=True, slots=True)
class Changes(Result):
    """What differs between two pairs of clocks: what happened, and what became public of what had been so before."""

    before: Note
    after: Note
    party: Name | Words
    happened: tuple[Change, ...] = section(Change)
    published: tuple[Change, ...] = section(Change)


def changes(
    before: CapitalNetwork, between: CapitalNetwork, after: CapitalNetwork, context: Context, party: str = ""
) -> Changes:
    r"""The changes from one pair of clocks to another, in two steps.

    .. math:: (asof_1, known_1) \to (asof_1, known_2) \to (asof_2, known_2)

    The first step keeps the asked day and moves the day of knowledge, so it shows what *became public*; the second
    keeps the knowledge and moves the day, so it shows what *happened*. Both together are the whole difference.

    Parameters
    ----------
    before, between, after : the networks at the three pairs of clocks, under the same rung, grouping and assumptions.
    context : what the answer says about how it was asked.
    party : node id; only things with this party (or, with ``group``, its house) at one end. Empty: all.

    Returns
    -------
    Changes. Each lists what opened and ended, which statuses climbed or fell on the ladder, which percents and amounts
    are others, and what was first spoken of (no source says when it began), the largest amounts first. Exchanging the
    two pairs of clocks exchanges ``before`` and ``after``.

    Examples
    --------
    >>> changes(before, before, after, context, "softbank-group").happened                  # doctest: +SKIP
    """
    ends = (before.scope.clocks, after.scope.clocks)
    happened = _compare(between, after, party)
    published = _compare(before, between, party) if ends[0].known_on != ends[1].known_on else []
    name: Name | Words = after.node(party).name if party else words(after, "changes.everybody")
    notes: list[Note] = [] if happened or published else [note("changes.nothing")]
    return Changes(
        before=_clocks(ends[0]),
        after=_clocks(ends[1]),
        party=name,
        happened=tuple(happened),
        published=tuple(published),
        context=context,
        notes=tuple(notes),
    )


def _clocks(clocks: Clocks) -> Note:
    return note("changes.clocks", as_of=clocks.as_of, known_on=clocks.known_on)


def _compare(one: CapitalNetwork, other: CapitalNetwork, party: str) -> list[Change]:
    """Every change from one network to another, by sort and size."""
    found = [*_links(one, other, party), *_statuses(one, other, party)]
    return [change for _, change in sorted(found, key=lambda pair: pair[0])]


Ranked = tuple[tuple[int, Decimal, str], Change]


def _members(network: CapitalNetwork, party: str) -> frozenset[str]:
    house = network.house(party) if network.scope.group else frozenset((party,))
    return frozenset(node_ref(member) for member in house)


# Links ----------------------------------------------------------------------------------------------------------------


def _links(one: CapitalNetwork, other: CapitalNetwork, party: str) -> Iterator[Ranked]:
    """States that opened or ended, and percents and amounts that are others. Payments change by their status only."""
    members = _members(one, party) | _members(other, party) if party else frozenset()
    old, new = _states(one, members), _states(other, members)
    for id in sorted({*old, *new}):
        before, after = old.get(id), new.get(id)
        if before is None and after is not None:
            sort = "seen" if "start_inferred" in after.flags else "opened"
            yield _row(other, sort, after.row, "", _size(other, after), after.start, after)
        elif before is not None and after is None:
            end = other.derived.life(before.row).end if other.facts.get(id) else None
            yield _row(one, "ended", before.row, _size(one, before), "", end.span if end else None, before)
        elif before is not None and after is not None:
            for name in ("percent", "amount"):
                figures = getattr(before, name), getattr(after, name)
                if _said(figures[0]) != _said(figures[1]):
                    since = figures[1].as_of if figures[1] else None
                    yield _row(other, name, after.row, _value(figures[0]), _value(figures[1]), since, after)


def _states(network: CapitalNetwork, members: frozenset[str]) -> Mapping[str, Link]:
    """The states that count, each once however many parties it has, by id."""
    return {
        link.id: link
        for link in network.links
        if not link.kind.flow and (not members or concerns(network, link.row, members))
    }


def _said(figure: Figure | None) -> tuple[object, ...]:
    """What a figure says, whatever its date."""
    return () if figure is None else (figure.value, figure.low, figure.high, figure.unit)


def _value(figure: Figure | None) -> Value | str:
    return "" if figure is None else Value(figure.value, figure.unit, figure.low, figure.high, figure.readings)


def _size(network: CapitalNetwork, link: Link) -> Value | Code | str:
    """What a link is shown with: its percent, else its amount, else its status."""
    figure = link.percent or link.amount
    if figure is not None:
        return _value(figure)
    return network.ontology.code("status", link.status) if link.status else ""


# Statuses -------------------------------------------------------------------------------------------------------------


def _statuses(one: CapitalNetwork, other: CapitalNetwork, party: str) -> Iterator[Ranked]:
    """Promises whose status changed, where one side stands on the asked rung or above."""
    members = _members(one, party) | _members(other, party) if party else frozenset()
    for kind in other.ontology.kinds.values():
        for row in other.facts.table(kind.table) if kind.has_status else ():
            if members and not concerns(other, row, members):
                continue
            before, after = _status(one, row.ref), _status(other, row.ref)
            counts = max(before.ladder if before else 0, after.ladder if after else 0) >= other.ladder
            opens = not kind.flow and (before is None or after is None)
            if counts and not opens and _code(before) != _code(after):
                climbed = (after.ladder if after else 0) >= (before.ladder if before else 0)
                sort = "seen" if after and after.inferred else "climbed" if climbed else "fell"
                shown = [other.ontology.code("status", each.code) if each else "" for each in (before, after)]
                since = after.since if after else None
                yield _row(other, sort, row, shown[0], shown[1], since)


def _status(network: CapitalNetwork, ref: str) -> StatusAt | None:
    """The status of a thing, None where it was not known."""
    return network.derived.status(ref) if ref in network.facts and network.derived.is_known(ref) else None


def _code(status: StatusAt | None) -> str:
    return status.code if status else ""


def _row(
    network: CapitalNetwork,
    sort: str,
    row: Row,
    before: Value | Code | str,
    after: Value | Code | str,
    since: DateSpan | None,
    link: Link | None = None,
) -> Ranked:
    kind = network.ontology.kinds[row.ref.split("/")[0]]
    amount = network.derived.amount(row.ref)
    usd = network.derived.usd(amount) if amount else None
    layer = link.layer if link else kind.layer
    readings = tuple(id for value in (before, after) if isinstance(value, Value) for id in value.readings)
    change = Change(
        change=words(network, f"changes.{sort}"),
        story=story(network, row, done=isinstance(after, Code) and after["rung"] == CLOSED),
        before=before,
        after=after,
        since=since,
        layer=network.ontology.code("layer", layer),
        kind=sort,
        thing=row.ref,
        readings=readings,
        sources=network.evidence(row.ref),
    )
    return (_ORDER.index(sort), -(usd or _NOTHING), row.ref), change
