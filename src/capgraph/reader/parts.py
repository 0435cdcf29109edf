"""The parts of one sentence, the lists they form, and the clauses in which they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from capgraph.reader.dates import Dated
from capgraph.reader.lexicon import Trigger
from capgraph.reader.mentions import Mention
from capgraph.reader.quantities import Quantity

CLAUSE = re.compile(r"[，；;：]|[,:](?!\d)|(?<!\d)\s?[—–]+\s?(?!\d)")
"""Where a clause ends."""
CLAUSES = 2
"""How many clauses after a phrase a number may stand that belongs to it."""
_LIST = re.compile(r"\s*(?:,?\s+and\s|,\s|、|&|和|及|以及|与)\s*")

Group = tuple[Mention, ...]
"""Parties named as a list."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What was found in one sentence."""

    plain: str
    mentions: tuple[Mention, ...]
    quantities: tuple[Quantity, ...]
    dates: tuple[Dated, ...]
    triggers: tuple[Trigger, ...]
    breaks: tuple[int, ...] = ()

    def clause(self, place: int) -> int:
        """The number of the clause in which a place lies, from 0. ``breaks`` are where the clauses end."""
        return bisect_right(self.breaks, place)


def breaks_of(plain: str) -> tuple[int, ...]:
    """Where the clauses of a sentence end."""
    return tuple(found.end() for found in CLAUSE.finditer(plain))


def groups_of(plain: str, mentions: Sequence[Mention]) -> list[Group]:
    """Mentions that form a list (A, B and C) together, in order."""
    groups: list[list[Mention]] = [[mention] for mention in mentions[:1]]
    for one, other in pairwise(mentions):
        if _LIST.fullmatch(plain, one.end, other.start):
            groups[-1].append(other)
        else:
            groups.append([other])
    return [tuple(group) for group in groups]


def home(parts: Parts, place: int, triggers: Sequence[Trigger], here: bool = False) -> Trigger | None:
    """The phrase to which a part belongs.

    Of its own clause the last before it (in Chinese the nearest, because prices stand before the verb), else the last
    before the clause, else the next; none more than :data:`CLAUSES` clauses away, and with ``here`` none of another.
    """
    clause = parts.clause(place)
    near = {trigger: parts.clause(trigger.start) - clause for trigger in triggers}
    own = [trigger for trigger, away in near.items() if away == 0]
    if own:
        nearest = min(own, key=lambda trigger: abs(trigger.start - place))
        before = [trigger for trigger in own if trigger.start <= place]
        return nearest if nearest.chinese or not before else before[-1]
    if here:
        return None
    earlier = [trigger for trigger, away in near.items() if -CLAUSES <= away < 0]
    later = [trigger for trigger, away in near.items() if away == 1]
    return earlier[-1] if earlier else (later[0] if later else None)
