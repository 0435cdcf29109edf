"""From the parts of a sentence to statements: who does what to whom, for how much, when, and whether it is denied.

No grammar is parsed. A phrase of the lexicon is the middle of a statement; in English whoever acts stands before it and
the other party after it; in Chinese the other party may stand before it too, led by a word such as 向 or 将所持.
Numbers and dates go to the phrase of their own clause, else to the one before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from capgraph.ontology import Ontology
from capgraph.reader.dates import Dated
from capgraph.reader.ends import EndFinder, Ends
from capgraph.reader.lexicon import Lexicon, Trigger
from capgraph.reader.mentions import Mention
from capgraph.reader.parts import CLAUSE, Group, Parts, groups_of, home
from capgraph.reader.quantities import Quantity
from capgraph.reader.stances import ASSERTED, Stances

_QUOTED = re.compile(r"[：“”]|:(?!\d)")
_MOST = 100
"""A phrase between two long lists makes at most so many statements."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence says, in its parts; offsets count within the sentence.

    ``subject`` and ``object`` are oriented as the link kind (holder to issuer, lender to borrower, supplier to
    customer); None for a party that the text does not name or the graph does not know. ``kind`` is a link kind, or the
    kind of thing (party, product) whose figure is told; ``code`` the aspect of such a figure, or the code that refines
    the link kind. ``stance``: asserted, planned or negated. ``close`` are the quantities of the phrase's own clause;
    others may be of something that it is compared with.
    """

    trigger: Trigger
    kind: str
    code: str
    subject: Mention | None
    object: Mention | None
    stance: str
    quantities: tuple[Quantity, ...]
    date: Dated | None
    close: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A phrase with its ends and stance."""

    trigger: Trigger
    ends: Ends
    stance: str


class Grammar:
    """Joins the parts of a sentence to statements.

    ``kinds``: the kind of each party (person, company, ...) by its node id.
    """

    def __init__(self, lexicon: Lexicon, ontology: Ontology, kinds: Mapping[str, str]) -> None:
        self._ontology = ontology
        self._ends = EndFinder(lexicon, ontology, kinds)
        self._stances = Stances(lexicon)
        self._same = lexicon.any_of("mark.same")

    def statements(self, parts: Parts) -> list[Statement]:
        """The statements of a sentence whose parts were sorted out."""
        groups = groups_of(parts.plain, parts.mentions)
        if not groups:
            return []
        found: list[_Found] = []
        used: set[Mention] = set()
        for place, trigger in enumerate(parts.triggers):
            limit = parts.triggers[place + 1].start if place + 1 < len(parts.triggers) else len(parts.plain)
            earlier = parts.triggers[place - 1] if place else None
            stance = self._stances.stance(parts, trigger, earlier)
            if trigger.entry.kind:
                ends = self._ends.ends(parts.plain, groups, trigger, earlier, limit, used)
                ends = self._carried(parts.plain, groups, trigger, ends, found[-1] if found else None, limit)
            else:
                ends = self._ends.bearer(parts.plain, groups, trigger, limit)
            if not ends.actor and not ends.other:
                continue
            if found and ends.taken and stance == ASSERTED and not _apart(parts.plain, found[-1].trigger, trigger):
                stance = found[-1].stance
            used.update(ends.other)
            found.append(_Found(trigger, ends, stance))
        kept, heads = self._merged(parts, found)
        return list(self._joined(parts, kept, heads))

    def _carried(
        self, plain: str, groups: Sequence[Group], trigger: Trigger, ends: Ends, last: _Found | None, limit: int
    ) -> Ends:
        """The ends of a phrase with what goes on from the statement before: who acts, or "the company"."""
        if last is None:
            return ends
        if self._ends.goes_on(plain, groups, trigger, last.trigger):
            ends = replace(ends, actor=last.ends.actor, taken=True)
        if ends.actor and not ends.other and self._same.search(plain, trigger.start, limit):
            ends = replace(ends, other=tuple(_patients(last.ends, ends.actor)))
        if trigger.chinese and not ends.actor and not _QUOTED.search(plain, last.trigger.end, trigger.start):
            ends = replace(ends, actor=last.ends.actor, taken=True)
        return ends

    def _merged(self, parts: Parts, found: Sequence[_Found]) -> tuple[list[_Found], list[Trigger]]:
        """Without phrases that name nobody new and repeat the kind before them, or say nothing in numbers; and the
        phrases to which numbers go, those that say too little for a statement included."""
        kept: list[_Found] = []
        heads: list[Trigger] = []
        triggers = [each.trigger for each in found]
        numbered = {home(parts, part.start, triggers) for part in parts.quantities}
        for each in found:
            kind, ends = each.trigger.entry.kind, each.ends
            if kind and not (ends.actor and ends.other) and not self._is_counted(kind):
                heads.append(each.trigger)
                continue
            again = kind and kept and ends.taken and not ends.other
            if again and (kept[-1].trigger.entry.kind == kind or each.trigger not in numbered):
                continue
            kept.append(each)
            heads.append(each.trigger)
        return kept, heads

    def _joined(self, parts: Parts, kept: Sequence[_Found], heads: Sequence[Trigger]) -> Iterator[Statement]:
        homes = {part: home(parts, part.start, heads) for part in parts.quantities}
        for each in kept:
            trigger = each.trigger
            own = (part for part, head in homes.items() if head is trigger)
            numbers = tuple(part for part in own if self._belongs(parts, part, trigger))
            clause = parts.clause(trigger.start)
            close = tuple(part for part in numbers if parts.clause(part.start) == clause)
            day = self._dated(parts, trigger, heads)
            for subject, other in _oriented(trigger, each.ends):
                told = Statement(trigger, *_kind_of(trigger, subject), subject, other, each.stance, numbers, day, close)
                if self._says_something(told):
                    yield told

    def _belongs(self, parts: Parts, part: Quantity, trigger: Trigger) -> bool:
        """Whether a figure takes a number: from another clause it takes percents, and an amount takes amounts."""
        if trigger.entry.kind or parts.clause(part.start) == parts.clause(trigger.start):
            return True
        return not self._is_money(part.unit) or self._unit_kind(trigger.entry.code) == "money"

    @staticmethod
    def _dated(parts: Parts, trigger: Trigger, heads: Sequence[Trigger]) -> Dated | None:
        """The date of a phrase: the nearest of its clause, else the last that leads it."""
        own = [part for part in parts.dates if home(parts, part.start, heads, here=True) is trigger]
        own = own or [dated for dated in parts.dates if _leads(parts, dated, trigger, heads)][-1:]
        return min(own, key=lambda part: abs(part.start - trigger.start)) if own else None

    # What a statement needs ------------------------------------------------------------------------------------------

    def _says_something(self, told: Statement) -> bool:
        """Whether both ends are there and fit the kind, or one end and a number; a figure needs a number."""
        if not told.trigger.entry.kind:
            shares = {"percent", "points"}
            only = self._unit_kind(told.code) == "percent"
            return any(part.unit in shares or (not only and self._is_money(part.unit)) for part in told.quantities)
        kind = self._ontology.kinds[told.kind]
        fits = self._ends.fits(told.subject, kind.from_end) and self._ends.fits(told.object, kind.to_end)
        both = told.subject is not None and told.object is not None and told.subject.nodes != told.object.nodes
        one = (told.subject is None) != (told.object is None)
        alone = one and self._is_counted(told.kind) and bool(told.quantities)
        return fits and (both or alone)

    def _is_counted(self, kind: str) -> bool:
        """Whether a link of this kind has an amount or percent, so that a text may tell it without naming both ends."""
        told = self._ontology.kinds[kind]
        return bool(told.amount_aspects or told.percent_aspects) and bool(told.to_end)

    def _unit_kind(self, aspect: str) -> str:
        return self._ontology.code("aspect", aspect)["unitKind"]

    def _is_money(self, unit: str) -> bool:
        code = self._ontology.find_code("unit", unit)
        return unit == "JPY/CNY" or (code is not None and code["unitKind"] == "money")


def _kind_of(trigger: Trigger, subject: Mention | None) -> tuple[str, str]:
    entry = trigger.entry
    if entry.kind:
        return entry.kind, entry.code
    product = subject is not None and subject.node.startswith("product/")
    return "product" if product else "party", entry.code


def _apart(plain: str, earlier: Trigger, trigger: Trigger) -> bool:
    """Whether two phrases stand in different clauses."""
    return CLAUSE.search(plain, earlier.end, trigger.start) is not None


def _leads(parts: Parts, dated: Dated, trigger: Trigger, heads: Sequence[Trigger]) -> bool:
    """Whether a date stands before a phrase, in a clause that tells nothing else: the one before, or the first."""
    clause = parts.clause(dated.start)
    alone = all(parts.clause(other.start) != clause for other in heads)
    near = clause in (0, parts.clause(trigger.start) - 1)
    return alone and near and dated.start < trigger.start


def _patients(ends: Ends, actor: Group) -> Iterator[Mention]:
    """The parties of an earlier phrase that do not act now, whom "the company" may mean."""
    named = {mention.nodes for mention in actor}
    return (mention for mention in (*ends.other, *ends.actor) if mention.nodes not in named)


def _oriented(trigger: Trigger, ends: Ends) -> Iterable[tuple[Mention | None, Mention | None]]:
    """Every pair of ends, from-end first: each member of a list makes a statement of its own."""
    actors: Sequence[Mention | None] = ends.actor or (None,)
    others: Sequence[Mention | None] = ends.other or (None,)
    pairs = islice(((actor, other) for actor in actors for other in others), _MOST)
    return ((other, actor) for actor, other in pairs) if trigger.entry.backward else pairs
