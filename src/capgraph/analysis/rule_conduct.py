"""Measures of how a party behaves: how long it holds, what it sells and buys again, which people it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from capgraph.analysis.positions import Position
from capgraph.analysis.reckoning import base_case, reckon
from capgraph.analysis.rule_subject import Input, Measured, Subject
from capgraph.clocks import DateSpan
from capgraph.results import Value, note
from capgraph.rulebook import Rule


def _left(position: Position) -> DateSpan | None:
    """When a position was given up, None where it was not or nobody says when."""
    sold = [leg.when for leg in position.sells if leg.when]
    return (max(sold) if sold else position.end) if position.over else None


def exits(subject: Subject, rule: Rule) -> Measured:
    """How many positions were given up, in a window of months or ever."""
    since = subject.since(rule.months)
    gone = [(each, left) for each in subject.positions if (left := _left(each)) is not None]
    counted = [(each, left) for each, left in gone if since is None or left.last >= since]
    inputs = [
        Input(subject.network.node(each.issuer).name, "", "",
              note("rules.left", holder=subject.network.node(each.holder).name, day=left), left)
        for each, left in counted
    ]  # fmt: skip
    return Measured.of(len(counted), inputs)


def reentries(subject: Subject, rule: Rule) -> Measured:  # noqa: ARG001
    """How many times a company was bought again after all of it had been sold."""
    inputs = []
    for issuer in dict.fromkeys(each.issuer for each in subject.positions):
        ours = [each for each in subject.positions if each.issuer == issuer and each.start is not None]
        for earlier in ours:
            left = _left(earlier)
            later = [each.start for each in ours if each.start and left and each.start.first > left.last]
            standing = [each for each in ours if each is not earlier and left and _stands(each, left)]
            if left is not None and later and not standing:
                again = min(later)
                why = note("rules.again", left=left, again=again)
                inputs.append(Input(subject.network.node(issuer).name, "", "", why, again))
    return Measured.of(len(inputs), inputs)


def _stands(position: Position, day: DateSpan) -> bool:
    """Whether a position stood when another was given up, so that the company was never left."""
    left = _left(position)
    begun = position.start is not None and position.start.first <= day.last
    return begun and (not position.over or (left is not None and left.first > day.last))


def holding_years(subject: Subject, rule: Rule) -> Measured:
    """For how many years closed positions had been held: the shortest, the median or the longest time."""
    found = []
    for position in subject.positions:
        years = reckon(base_case(position, (), subject.network.scope.clocks.as_of)).years if position.over else None
        if years is not None:
            found.append((years, position))
    found.sort(key=lambda pair: (pair[0], pair[1].id))
    if not found:
        return Measured(missing=(note("rules.no_exits"),))
    inputs = [
        Input(subject.network.node(each.issuer).name, Value(years, "years"), "",
              note("rules.held", holder=subject.network.node(each.holder).name, start=each.start, end=_left(each)),
              _left(each))
        for years, each in found
    ]  # fmt: skip
    times = [Fraction(years) for years, _ in found]
    middle = len(times) // 2
    median = times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2
    return Measured.of({"shortest": times[0], "longest": times[-1]}.get(rule.statistic, median), inputs)


# People ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Post:
    """A post that counts: who, where, as what, from when (``seen``: by then at the latest) until when."""

    person: str
    organization: str
    role: str
    start: DateSpan | None
    end: DateSpan | None
    over: bool
    seen: bool
    ref: str
    sources: tuple[str, ...]


def _posts(subject: Subject, rule: Rule, organizations: frozenset[str]) -> list[_Post]:
    """The posts of the asked kinds at some organizations that had begun and were public."""
    found = []
    for row in subject.network.facts.table("roles"):
        life = subject.network.derived.life(row)
        if row["organization"] in organizations and row["role"] in rule.roles and life.known and life.begun:
            start, end = (moment.span if moment else None for moment in (life.start, life.end))
            seen = life.start is not None and life.start.inferred
            sources = subject.network.evidence(row.ref)
            ends = row["person"], row["organization"], row["role"]
            found.append(_Post(*ends, start, end, life.over, seen, row.ref, sources))
    return found


def _fields(subject: Subject, rule: Rule) -> dict[str, frozenset[str]]:
    """For each asked field in which the party is or holds something: its own members and companies in it."""
    sectors = {asset.issuer.id: _sector(subject, asset.issuer.id) for asset in subject.assets}
    sectors |= {member: _sector(subject, member) for member in subject.members}
    found = {each: frozenset(id for id, sector in sectors.items() if sector == each) for each in rule.fields}
    return {each: ids for each, ids in found.items() if ids}


def _sector(subject: Subject, party: str) -> str:
    row = subject.network.facts.get(f"party/{party}")
    return row["sector"] if row is not None and row.table == "parties" else ""


def _post_input(subject: Subject, post: _Post, key: str) -> Input:
    network = subject.network
    if not post.over and post.seen:
        key = "rules.person_seen"
    why = note(
        key,
        role=network.ontology.code("role", post.role),
        organization=network.node(post.organization).name,
        day=post.end if post.over else post.start,
    )
    return Input(network.node(post.person).name, "", "", why, post.end or post.start, (), post.sources)


def people_lost(subject: Subject, rule: Rule) -> Measured:
    """How many key people left the party itself, or companies of the asked fields that it holds, in a window of months.

    Who kept or took another post of these kinds in the same place is not lost.
    """
    organizations = subject.members.union(*_fields(subject, rule).values())
    posts = _posts(subject, rule, organizations)
    if not posts:
        return Measured(missing=(note("rules.no_people"),))
    since = subject.since(rule.months)
    stays = {(post.person, post.organization) for post in posts if not post.over}
    lost: dict[tuple[str, str], _Post] = {}
    for post in posts:
        key = post.person, post.organization
        recent = post.over and post.end is not None and (since is None or post.end.last >= since)
        if recent and key not in stays:
            lost.setdefault(key, post)
    inputs = [_post_input(subject, post, "rules.person_left") for post in lost.values()]
    return Measured.of(len(lost), inputs)


def people_in_field(subject: Subject, rule: Rule) -> Measured:
    """The fewest key people that any of the asked fields has, in which the party is or holds something.

    A field where the data name nobody is unknown, not empty.
    """
    fields = _fields(subject, rule)
    if not fields:
        return Measured(missing=(note("rules.no_fields"),))
    counts: dict[str, int] = {}
    inputs, missing = [], []
    for sector, organizations in fields.items():
        standing = [post for post in _posts(subject, rule, organizations) if not post.over]
        counts[sector] = len({post.person for post in standing})
        inputs += [_post_input(subject, post, "rules.person_there") for post in standing]
        if not standing:
            names = tuple(subject.network.node(id).name for id in sorted(organizations))
            code = subject.network.ontology.code("sector", sector)
            missing.append(note("rules.field_unknown", sector=code, names=names))
    return Measured.of(None if missing else min(counts.values()), inputs, missing)
