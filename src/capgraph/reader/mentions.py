"""Parties and products in a text, by every name that the graph gives them.

Latin names need borders (a letter or digit beside them makes another word) and their capital letters, so that ``arm``
and ``oracle`` stay words; Chinese names need neither. Of names that overlap the longest wins, and of a name that
several bear all are kept as candidates. The search is an Aho-Corasick automaton (pyahocorasick, BSD): its time does
not grow with the number of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import ahocorasick

from capgraph.facts import Facts, Row
from capgraph.names import NAMED_TABLES, node_id
from capgraph.reader.lexicon import Lexicon, lowered

_TICKER = 4
"""A ticker without its exchange is a name if it has so many letters; shorter ones are words (NOW, SE, V)."""
_SEAM = re.compile(r"(?<=[A-Za-z0-9])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])")
_BETWEEN = re.compile(r"(?<=[A-Za-z0-9]) (?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) (?=[A-Za-z0-9])")
_NUMBER_NEXT = re.compile(r"\d[\d,.]*\s?(?:[%亿万元倍股]|美元|个百分点)")
_ASIDE = re.compile(r"\s*[(（][^)）]*[)）]\s*$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a sentence, with offsets within it, and the nodes that bear it (several: the name is ambiguous).

    ``weak``: the name is an ordinary word too, so that it alone proves nothing. ``inner`` is the longest other name
    that this one begins with (英特尔 in 英特尔投资), because the rest may be a verb.
    """

    start: int
    end: int
    text: str
    nodes: tuple[str, ...]
    weak: bool = False
    inner: Mention | None = None

    @property
    def node(self) -> str:
        """The one node that is meant, empty where several may be."""
        return self.nodes[0] if len(self.nodes) == 1 else ""

    @property
    def closed(self) -> tuple[tuple[int, int], ...]:
        """Where no verb begins: within the name, but for the place after its ``inner`` name."""
        if self.inner is None:
            return ((self.start, self.end),)
        return (self.start, self.inner.end), (self.inner.end + 1, self.end)


@dataclass(frozen=True, slots=True)
class _Known:
    """A name as written in the data, and who bears it. ``strict``: only in exactly these letters."""

    name: str
    nodes: tuple[str, ...]
    strict: bool
    weak: bool


class NameFinder:
    """All names of the parties and products of some facts, ready to be looked for."""

    def __init__(self, facts: Facts, lexicon: Lexicon) -> None:
        common = set(lexicon.terms("mark.common"))
        bearers: dict[str, dict[str, dict[str, None]]] = {}
        rows = [row for table in NAMED_TABLES for row in facts.table(table)]
        for row in rows:
            for name in spoken_names(row):
                bearers.setdefault(lowered(name), {}).setdefault(name, {})[node_id(row.ref)] = None
        own = set(bearers)
        for row in rows:
            for name in bare_names(row):
                if lowered(name) not in own:
                    bearers.setdefault(lowered(name), {}).setdefault(name, {})[node_id(row.ref)] = None
        self._automaton = ahocorasick.Automaton()
        for low, names in bearers.items():
            known = tuple(
                _Known(name, tuple(nodes), _is_strict(name), name in common) for name, nodes in sorted(names.items())
            )
            self._automaton.add_word(low, (len(low), known))
        if bearers:
            self._automaton.make_automaton()
        self._empty = not bearers

    def mentions(self, plain: str) -> list[Mention]:
        """The names in a sentence, in order, none inside another."""
        if self._empty:
            return []
        found = sorted(self._found(plain), key=lambda each: (each.start - each.end, each.start))
        kept: list[Mention] = []
        for mention in found:
            if all(mention.end <= other.start or mention.start >= other.end for other in kept):
                shorter = (other for other in found if other.start == mention.start and other.end < mention.end)
                kept.append(replace(mention, inner=next(shorter, None)))
        return sorted(kept, key=lambda each: each.start)

    def _found(self, plain: str) -> Iterator[Mention]:
        for last, (length, names) in self._automaton.iter(lowered(plain)):
            start, end = last - length + 1, last + 1
            if not _bordered(plain, start, end):
                continue
            surface = plain[start:end]
            bearing = [known for known in names if _written_so(surface, known)]
            exact = [known for known in bearing if known.name == surface]
            if chosen := exact or bearing:
                nodes = tuple(dict.fromkeys(node for known in chosen for node in known.nodes))
                yield Mention(start, end, surface, nodes, all(known.weak for known in chosen))


def spoken_names(row: Row) -> Iterator[str]:
    """The names of a thing as texts use them: both names, aliases, tickers with and without their exchange.

    Its id is none of them.
    """
    names = [row["name"], row["name_zh"], row.cells.get("ticker", "")]
    if "aliases" in row.cells:
        names += row.list("aliases")
    for name in filter(None, names):
        exchange, _, symbol = name.partition(":")
        if symbol and exchange.isupper() and exchange.isalpha():
            yield name
            if len(symbol) >= _TICKER and symbol.isalpha():
                yield symbol
        elif _useful(name):
            yield name
            if (other := _spaced(name)) != name:
                yield other


def bare_names(row: Row) -> Iterator[str]:
    """The names of a thing without what they say in brackets; a thing bears them where no other is named so."""
    for name in (row["name"], row["name_zh"]):
        if (bare := _ASIDE.sub("", name)) != name and _useful(bare):
            yield bare


def _spaced(name: str) -> str:
    """A name in both scripts as many write it, with a space between them, or without it where the data have one.

    >>> _spaced("ABB机器人业务"), _spaced("小鹏 IRON")
    ('ABB 机器人业务', '小鹏IRON')
    """
    joined = _BETWEEN.sub("", name)
    return joined if joined != name else _SEAM.sub(" ", name)


def _useful(name: str) -> bool:
    """Whether a name says anything in a text: not a bare number (a Chinese ticker), not a single letter."""
    return len(name) >= 2 and not name.isdigit()


def _is_strict(name: str) -> bool:
    """Whether a Latin name is only meant in exactly its own letters: tickers and abbreviations of up to four letters,
    and names without a capital (there are such)."""
    return name.isascii() and (
        (len(name) <= 4 and name.isupper() and name.isalpha()) or not any(map(str.isupper, name))
    )


def _written_so(surface: str, known: _Known) -> bool:
    if known.strict:
        return surface == known.name or (surface.isalpha() and surface == known.name.upper() and len(surface) > 3)
    return not surface.isascii() or any(sign.isupper() for sign in surface) or surface == known.name


def _bordered(plain: str, start: int, end: int) -> bool:
    """Whether no letter or digit of the Latin script touches a name's own Latin ends; a number with a unit may follow
    at once, as Chinese is set (持有Anthropic14%的股份)."""
    before = start == 0 or not (_latin(plain[start]) and _latin(plain[start - 1]))
    after = end == len(plain) or not (_latin(plain[end - 1]) and _latin(plain[end]))
    return before and (after or _NUMBER_NEXT.match(plain, end) is not None)


def _latin(sign: str) -> bool:
    return sign.isalnum() and ord(sign) < 0x250
