"""Find a party, product or other thing by any name: id, ticker, alias, English or Chinese, and near misses.

Names are folded (NFKC, case, spaces and hyphens), so ``ＮＶＩＤＩＡ``, ``nvidia`` and ``Nvidia`` are one. An exact
name wins over a prefix, a prefix over a part. A name that several bear is refused with the candidates; one that
nobody bears comes back with the nearest.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from capgraph.errors import AmbiguousName, UnknownName
from capgraph.facts import Facts, Row

NAMED_TABLES = ("parties", "products")
_LATIN_CUTOFF = 0.7
_CJK_CUTOFF = 0.5


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A party, product or other thing as people call it, with the id under which every command finds it."""

    id: str
    en: str
    zh: str = ""

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" and self.zh else self.en


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that a text may mean: the name that matched, and how (``exact``, ``prefix``, ``part`` or ``near``)."""

    ref: str
    matched: str
    how: str


def fold(text: str) -> str:
    """A name without what people type differently: width, case, spaces, hyphens, full stops.

    >>> fold("ＳｏｆｔＢａｎｋ Group"), fold("T-Mobile US, Inc.")
    ('softbankgroup', 'tmobileus,inc')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "-_.·・")


class Names:
    """All names of parties and products."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @cached_property
    def _index(self) -> dict[str, dict[str, str]]:
        """Folded name -> the things that bear it, each with the name as written."""
        index: dict[str, dict[str, str]] = {}
        for table in NAMED_TABLES:
            for row in self._facts.table(table):
                for name in names_of(row):
                    index.setdefault(fold(name), {}).setdefault(row.ref, name)
        return index

    def name(self, ref: str) -> Name:
        """How a thing is called, in both languages; things without a name of their own are called by their id.

        Parties and products have bare ids in answers where that is unambiguous: ``nvidia``, ``product/chatgpt``.
        """
        row = self._facts.get(ref)
        if row is None or row.table not in NAMED_TABLES:
            cells = row.cells if row else {}
            title = cells.get("title") or cells.get("statement") or ref
            return Name(ref, title, cells.get("statement_zh", ""))
        return Name(node_id(ref), row["name"], row["name_zh"])

    def called(self, ref: str) -> Name:
        """How a thing is called where both languages have a name for it: a party or product; any other by its id."""
        row = self._facts.get(ref)
        return self.name(ref) if row is not None and row.table in NAMED_TABLES else Name(ref, ref)

    def resolve(self, text: str, kinds: Iterable[str] = ("party", "product")) -> str:
        """The one thing that a text names, as ``kind/id``.

        An id (``nvidia``, ``party/nvidia``) or an exact name is enough. A part of a name is accepted where only one
        thing has it. Raises AmbiguousName with the candidates, or UnknownName with the nearest names.
        """
        allowed = tuple(kinds)
        for ref in (text, *(f"{kind}/{text}" for kind in allowed)):
            if ref in self._facts and ref.split("/")[0] in allowed:
                return ref
        matches = [match for match in self.find(text) if match.ref.split("/")[0] in allowed]
        for how in ("exact", "prefix", "part"):
            found = [match for match in matches if match.how == how]
            if len(found) == 1:
                return found[0].ref
            if found:
                raise AmbiguousName(text, [self._described(match.ref) for match in found])
        raise UnknownName(text, [self._described(match.ref) for match in matches[:3]])

    def find(self, text: str, limit: int = 20) -> list[Match]:
        """Everything that a text may mean: exact names, else prefixes and parts, else near misses; best first."""
        wanted = fold(text)
        if not wanted:
            return []
        exact = self._index.get(wanted, {})
        if exact:
            return [Match(ref, name, "exact") for ref, name in sorted(exact.items())][:limit]
        parts: dict[str, Match] = {}
        for how in ("prefix", "part"):
            for folded, bearers in self._index.items():
                if folded.startswith(wanted) if how == "prefix" else wanted in folded:
                    for ref, name in bearers.items():
                        parts.setdefault(ref, Match(ref, name, how))
        if parts:
            order = {"prefix": 0, "part": 1}
            return sorted(parts.values(), key=lambda match: (order[match.how], len(match.matched), match.ref))[:limit]
        return self._near(wanted)[:limit]

    def _near(self, wanted: str) -> list[Match]:
        close = difflib.get_close_matches(wanted, list(self._index), n=8, cutoff=cutoff(wanted))
        found: dict[str, Match] = {}
        for folded in close:
            for ref, name in sorted(self._index[folded].items()):
                found.setdefault(ref, Match(ref, name, "near"))
        return list(found.values())

    def _described(self, ref: str) -> str:
        name = self.name(ref)
        return f"{name.id} ({name.zh})" if name.zh and name.zh != name.en else name.id


def cutoff(wanted: str) -> float:
    """How alike a name must be to count as a near miss, 0..1: Chinese names are short, so one sign weighs more."""
    return _LATIN_CUTOFF if wanted.isascii() else _CJK_CUTOFF


def names_of(row: Row) -> list[str]:
    """Every name that a row gives its thing: id, names in both languages, ticker, aliases."""
    names = [row["id"], row["name"], row["name_zh"], row.cells.get("ticker", "")]
    if "aliases" in row.cells:
        names += row.list("aliases")
    return [name for name in names if name]


def node_id(ref: str) -> str:
    """The id under which a thing stands in networks and answers: bare for a party, ``product/x`` for a product.

    >>> node_id("party/nvidia"), node_id("product/chatgpt")
    ('nvidia', 'product/chatgpt')
    """
    return ref.removeprefix("party/")


def node_ref(node: str) -> str:
    """The thing behind a node id, the inverse of :func:`node_id`."""
    return node if "/" in node else f"party/{node}"
