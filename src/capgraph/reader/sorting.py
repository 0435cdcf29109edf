"""Which of the parts found in a sentence count: verbs that are verbs, names that are names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from capgraph.reader.lexicon import Lexicon, Trigger, alternation
from capgraph.reader.mentions import Mention
from capgraph.reader.parts import Parts

_NEAR = 25
"""A name that is a word too counts at the beginning of a sentence only if a phrase follows within so many signs."""
_PURPOSE = 50
"""So many signs after a word of purpose (as collateral for, 用于) a phrase makes no statement of its own."""


class Sorter:
    """Leaves out phrases inside a name, nouns that hold a verb, phrases that tell a purpose, names that are words."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._nominal = re.compile(rf"(?:{alternation(lexicon.terms('mark.nominal'))})$")
        self._towards = re.compile(rf"(?:{alternation(lexicon.terms('mark.towards'))})\s*$")
        self._nouns = lexicon.any_of("mark.noun")
        self._purpose = lexicon.any_of("mark.purpose")

    def sorted_out(self, parts: Parts) -> Parts:
        """The parts that count."""
        parts = replace(parts, mentions=tuple(self._without_verb(parts, mention) for mention in parts.mentions))
        nouns = [found.span() for found in self._nouns.finditer(parts.plain)]
        free = [
            trigger
            for trigger in parts.triggers
            if not any(mention.start <= trigger.start < mention.end for mention in parts.mentions)
            and not any(start <= trigger.start < end for start, end in nouns)
            and not self._is_noun(parts, trigger)
        ]
        purposes = [found.end() for found in self._purpose.finditer(parts.plain)]
        triggers = tuple(
            trigger
            for trigger in free
            if not trigger.entry.kind
            or trigger is free[0]
            or not any(0 <= trigger.start - end < _PURPOSE for end in purposes)
        )
        mentions = tuple(mention for mention in parts.mentions if not mention.weak or _meant(mention, triggers))
        return replace(parts, mentions=mentions, triggers=triggers)

    def _without_verb(self, parts: Parts, mention: Mention) -> Mention:
        """A name without the verb at its end, where a word leads to the one that something is done to.

        向英特尔投资 is to invest in Intel, though 英特尔投资 is the name of Intel Capital.
        """
        inner = mention.inner
        if inner is None or not any(inner.end == trigger.start and trigger.entry.kind for trigger in parts.triggers):
            return mention
        led = self._towards.search(parts.plain, max(0, mention.start - 3), mention.start)
        return inner if led else mention

    def _is_noun(self, parts: Parts, trigger: Trigger) -> bool:
        """Whether a Chinese verb is a noun here: 孙正义的清仓 is, 对英伟达的投资 tells as much as a verb does."""
        after_name = any(mention.end == trigger.start for mention in parts.mentions)
        if not trigger.chinese or not trigger.entry.kind or after_name:
            return False
        if not self._nominal.search(parts.plain, max(0, trigger.start - 4), trigger.start):
            return False
        led = (mention for mention in parts.mentions if parts.plain[mention.end : trigger.start].strip() == "的")
        return not any(self._towards.search(parts.plain, max(0, mention.start - 3), mention.start) for mention in led)


def _meant(mention: Mention, triggers: Sequence[Trigger]) -> bool:
    """Whether a name that is a word too is meant as a name.

    A Latin one inside a sentence always is (it has a capital); one that begins a sentence if a phrase follows at once;
    a Chinese one if there is a phrase at all.
    """
    if mention.text.isascii() and mention.start:
        return True
    if not triggers:
        return False
    return not mention.text.isascii() or any(0 <= trigger.start - mention.end <= _NEAR for trigger in triggers)
