"""Whom a phrase is about: who acts, and the other party; or whose figure is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from capgraph.ontology import Ontology
from capgraph.reader.lexicon import Lexicon, Trigger, alternation
from capgraph.reader.mentions import Mention
from capgraph.reader.parts import CLAUSE, Group

_AND = re.compile(r"\b(?:and|but|or)\s+(?:[a-z]+\s+){0,2}$|(?:并|并且|还|同时)$")
_PAIR = re.compile(r"\s*(?:和|与|and|&)\s*")
_BY = re.compile(r"\s+by\b")
_BY_NOW = re.compile(r"\s+by\s+(?:the\s+)?")
_BESIDE = re.compile(r",?\s*(?:which\s+)?(?:\d[\d.]*%\s+)?")
_OF = re.compile(r"\s+(?:of|at|for)\s+(?:the\s+)?")
_PART = re.compile(r"[；;：“”]|:(?!\d)|\s?——\s?")
"""Where a sentence turns to something else: whoever acted before does not act on."""
_MUTUAL = ("contract", "dependency")
"""The layers in which "A and B" may be the two ends of one link."""
_PERSONS = {"person": True, "organization": False}
"""The columns that take persons only, and those that take none."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Whoever acts and the other, as found around a phrase; ``taken`` if the first comes from the phrase before."""

    actor: Group
    other: Group
    taken: bool = False


class EndFinder:
    """The marks of a lexicon that lead to a party, and what the ontology says of the ends of a kind.

    ``kinds``: the kind of each party (person, company, ...) by its node id.
    """

    def __init__(self, lexicon: Lexicon, ontology: Ontology, kinds: Mapping[str, str]) -> None:
        self._ontology = ontology
        self._kinds = kinds
        objects = [word for word in lexicon.terms("mark.object") if not word.isascii()]
        agents = [word for word in lexicon.terms("mark.agent") if not word.isascii()]
        passives = [word for word in lexicon.terms("mark.passive") if word.isascii()]
        self._object = re.compile(rf"(?:{alternation(objects)})\s*$")
        self._agent = re.compile(rf"(?:{alternation(agents)})\s*$")
        self._passive = re.compile(rf"(?:{alternation(passives)})\s+(?:[a-z]+ly\s+|also\s+|\d[\d.]*%\s+)?$")
        self._aside = re.compile(rf"(?i:{alternation(lexicon.terms('mark.aside'))})\s*(?:the\s+)?$")
        relatives = alternation(lexicon.terms("mark.relative"))
        self._relative = re.compile(rf"(?:{relatives})\s*$")
        self._tells_more = re.compile(rf",?\s*(?:{relatives})\s+(?:[a-z]+\s+){{0,2}}")

    def fits(self, mention: Mention | None, columns: Sequence[str]) -> bool:
        """Whether a thing may stand at an end: an end without columns is a thing of the kind itself (a product)."""
        if mention is None:
            return bool(columns)
        wanted = _PERSONS.get(columns[-1]) if columns else None
        if wanted is not None and any((self._kinds.get(node) == "person") != wanted for node in mention.nodes):
            return False
        product = all(node.startswith("product/") for node in mention.nodes)
        return product if not columns else not product or "subject" in columns or "object" in columns

    def ends(
        self,
        plain: str,
        groups: Sequence[Group],
        trigger: Trigger,
        earlier: Trigger | None,
        limit: int,
        used: set[Mention],
    ) -> Ends:
        """Who acts and the other party of a phrase for a link.

        ``earlier`` is the phrase before it, ``limit`` the place of the next, ``used`` are those that something was done
        to already: they act only if nobody else is there.
        """
        part = max((found.end() for found in _PART.finditer(plain, 0, trigger.start)), default=0)
        before = [group for group in groups if part <= group[0].start and group[-1].end <= trigger.start]
        after = self._next(plain, groups, trigger, limit)
        free = [
            group
            for group in before
            if not used.intersection(group) and not self._stands_aside(plain, group) and self._can_act(trigger, group)
        ]
        floor = earlier.end if earlier else 0
        if trigger.chinese:
            return self._chinese_ends(plain, trigger, before, free, after, floor)
        actor: Group = free[-1] if free else ()
        if before and self._tells_more.fullmatch(plain, before[-1][-1].end, trigger.start):
            actor = before[-1][-1:]
        taken = bool(earlier) and bool(actor) and actor[-1].end <= floor
        if len(before) > 1 and actor is before[-1] and self._relative.search(plain, 0, actor[0].start) and not after:
            after = before[-2][-1:]
        lead = plain[max(0, trigger.start - 30) : trigger.start]
        if self._passive.search(lead):
            return Ends(after, before[-1] if before else ())
        if _BY.match(plain, trigger.end):
            beside = [group for group in before if _BESIDE.fullmatch(plain, group[-1].end, trigger.start)]
            return Ends(after, beside[-1]) if beside else Ends((), ())
        if not actor and after and (doer := self._doer(plain, groups, after, limit)):
            return Ends(doer, after)
        return self._split(plain, trigger, Ends(actor, after, taken))

    @staticmethod
    def _doer(plain: str, groups: Sequence[Group], patient: Group, limit: int) -> Group:
        """Whoever follows "by" after the party that something is done to: the purchase of A by B."""
        later = (group for group in groups if patient[-1].end <= group[0].start < limit)
        return next((group for group in later if _BY_NOW.fullmatch(plain, patient[-1].end, group[0].start)), ())

    @staticmethod
    def goes_on(plain: str, groups: Sequence[Group], trigger: Trigger, earlier: Trigger) -> bool:
        """Whether a verb is joined to the one before by "and", so that the same party acts (puts in ... and holds)."""
        joined = _AND.search(plain, earlier.end, trigger.start)
        return bool(joined) and not any(joined and joined.end() <= group[0].start < trigger.start for group in groups)

    def _can_act(self, trigger: Trigger, group: Group) -> bool:
        """Whether all of a group may stand at the end of whoever acts (the maker, not the product beside it)."""
        kind = self._ontology.kinds[trigger.entry.kind]
        return all(self.fits(mention, kind.to_end if trigger.entry.backward else kind.from_end) for mention in group)

    def _stands_aside(self, plain: str, group: Group) -> bool:
        return bool(self._aside.search(plain, max(0, group[0].start - 20), group[0].start))

    def _next(self, plain: str, groups: Sequence[Group], trigger: Trigger, limit: int) -> Group:
        """The first party inside or after a phrase, in the same clause and before the next phrase."""
        for group in groups:
            start = group[0].start
            if trigger.start <= start < max(limit, trigger.end):
                apart = CLAUSE.search(plain, trigger.end, start) or self._relative.search(plain, trigger.end, start)
                return () if apart else group
        return ()

    def _chinese_ends(
        self,
        plain: str,
        trigger: Trigger,
        before: Sequence[Group],
        free: Sequence[Group],
        after: Group,
        floor: int,
    ) -> Ends:
        last = before[-1] if before else ()
        if last and last[0].start >= floor:
            lead = plain[max(0, last[0].start - 8) : last[0].start]
            rest = [group for group in free if group is not last]
            if self._agent.search(lead):
                return Ends(last, rest[-1] if rest else after)
            if self._object.search(lead) and not after:
                actor = rest[-1] if rest else ()
                return Ends(actor, last, bool(actor) and actor[-1].end <= floor)
        actor = free[-1] if free else ()
        return self._split(plain, trigger, Ends(actor, after, bool(actor) and actor[-1].end <= floor))

    def _split(self, plain: str, trigger: Trigger, ends: Ends) -> Ends:
        """Two parties named as a pair are the two ends of a contract or relation where nobody else is the other."""
        mutual = self._ontology.kinds[trigger.entry.kind].layer in _MUTUAL
        pair = ends.actor if mutual and len(ends.actor) == 2 and not ends.other else ()
        if pair and _PAIR.fullmatch(plain, pair[0].end, pair[1].start):
            return replace(ends, actor=pair[:1], other=pair[1:])
        return ends

    def bearer(self, plain: str, groups: Sequence[Group], trigger: Trigger, limit: int) -> Ends:
        """Whose figure is told: named right after the figure's "of", else before it, else after it."""
        following = next((group for group in groups if trigger.start <= group[0].start < limit), ())
        if following and _OF.fullmatch(plain, trigger.end, following[0].start):
            return Ends(following, ())
        before = [group for group in groups if group[-1].end <= trigger.start and not self._stands_aside(plain, group)]
        if len(before) > 1 and self._relative.search(plain, 0, before[-1][0].start):
            return Ends(before[-2][-1:], ())
        return Ends(before[-1] if before else following, ())
