"""Which Latin words a Chinese answer holds beyond names, ids, codes and addresses."""

from __future__ import annotations

import re

from capgraph.facts import Facts

_WORD = re.compile(r"[A-Za-z][A-Za-z]+")
_MARKED = re.compile(
    r"^\[capgraph\]: # .*$|\[[^\]]*\]|https?://\S+|--[a-z-]+( [a-z]+)?|[a-z-]+/[a-z0-9-]+", re.MULTILINE
)
_COMMANDS = {"path", "timeline", "owners", "holdings", "between", "loops", "json", "format"}


def latin_words(text: str, facts: Facts) -> set[str]:
    """The Latin words of a text that are no part of a name or title of the data, of an id, an option or an address."""
    plain = _MARKED.sub(" ", text)
    rows = (*facts.table("parties"), *facts.table("products"))
    names = {name for row in rows for name in (row["name"], row["name_zh"]) if _WORD.search(name)}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        plain = plain.replace(name, " ")
    told = {
        word for row in facts.table("sources") for cell in ("title", "publisher") for word in _WORD.findall(row[cell])
    }
    version = {word for line in plain.splitlines()[1:2] for word in _WORD.findall(line)}
    return set(_WORD.findall(plain)) - told - version - _COMMANDS
