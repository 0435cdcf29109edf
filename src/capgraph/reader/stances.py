"""Whether a statement is asserted, planned or denied, by the words around its phrase."""

from __future__ import annotations

import re

from capgraph.reader.lexicon import Lexicon, Trigger, alternation
from capgraph.reader.parts import CLAUSE, Parts

ASSERTED, PLANNED, NEGATED = "asserted", "planned", "negated"
_FUTURE = "将"
_NEARLY = "近"


class Stances:
    """The words of a lexicon that deny or plan."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._negated = lexicon.any_of("stance.negated")
        self._planned = lexicon.any_of("stance.planned")
        self._future = lexicon.any_of("stance.future")
        objects = [word.removeprefix(_FUTURE) for word in lexicon.terms("mark.object") if word.startswith(_FUTURE)]
        self._held = re.compile(alternation(word for word in objects if word))

    def stance(self, parts: Parts, trigger: Trigger, earlier: Trigger | None) -> str:
        """The stance of a phrase: in English by the words since the phrase before, in Chinese by its own clause."""
        start = earlier.end if earlier and earlier.end <= trigger.start else 0
        if trigger.chinese:
            breaks = [found.end() for found in CLAUSE.finditer(parts.plain, start, trigger.start)]
            start = breaks[-1] if breaks else start
        if self._negated.search(parts.plain, start, trigger.end):
            return NEGATED
        planned = self._planned.search(parts.plain, start, trigger.end) or self._is_future(parts, start, trigger.end)
        return PLANNED if planned else ASSERTED

    def _is_future(self, parts: Parts, start: int, end: int) -> bool:
        """Whether a 将 says "will": before a name or words such as 所持 it marks the object, and 将近 is nearly."""
        names = {mention.start for mention in parts.mentions}
        for found in self._future.finditer(parts.plain, start, end):
            rest = parts.plain[found.end() :].lstrip()
            object_led = len(parts.plain) - len(rest) in names or self._held.match(rest) or rest.startswith(_NEARLY)
            if not object_led:
                return True
        return False
