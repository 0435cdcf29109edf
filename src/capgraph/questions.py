"""Named questions: SPARQL files that say in a comment header what they ask, in which terms, and what comes after.

A question is a query that runs on any SPARQL engine as it stands. Each parameter is a block ``VALUES ?name { ... }``
that holds its default (``parameters.py`` binds other values). The header reads::

    # title: Stakes of a party
    # title-zh: 某主体的持股
    # description: ...
    # description-zh: ...
    # parameter party: party = softbank-group ; whose stakes ; 持有人
    # then: owners ; what runs after the query ; 查询之后的步骤
    # needs: stakes.issuer readings:percent
    # blank: container

Where a question needs a walk over the network or arithmetic beyond SPARQL, ``then`` names the step that does it
(``steps.py``); the query gives the facts that the step works on. ``needs`` lists the cells and aspects on which the
answer rests: an answer without rows names those that the data lack. ``blank`` lists the columns in which no value means
that there is none, where elsewhere it means that nobody knows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from capgraph.errors import DataProblem, UsageProblem
from capgraph.ontology import Ontology, Words
from capgraph.parameters import CODED, READERS, values_blocks

_FILE = re.compile(r"(?:(\d+)-)?(.+)\.rq")
_ENTRY = re.compile(r"#\s*([a-z-]+(?: [a-z_]+)?):\s*(.*)")
_PARAMETER = re.compile(r"(?P<type>[a-z-]+)\s*=\s*(?P<default>[^;]*?)\s*;\s*(?P<en>[^;]+?)\s*;\s*(?P<zh>[^;]+?)\s*")
_STEP = re.compile(r"(?P<name>[a-z-]+)\s*;\s*(?P<en>[^;]+?)\s*;\s*(?P<zh>[^;]+?)\s*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a question may be asked about: its type, its default as a user would type it, its meaning."""

    name: str
    type: str
    default: str
    meaning: Words


@dataclass(frozen=True, slots=True)
class Step:
    """What runs after the query: the name of a step and what it does in words."""

    name: str
    words: Words


@dataclass(frozen=True, slots=True)
class Question:
    """A named question. ``number`` is its place in the list, 0 for one of the user's own."""

    name: str
    number: int
    title: Words
    description: Words
    parameters: tuple[Parameter, ...]
    step: Step | None
    needs: tuple[str, ...]
    blank: tuple[str, ...]
    text: str
    place: str = ""

    @classmethod
    def read(cls, text: str, name: str, number: int = 0, place: str = "") -> Question:
        """A question from the text of its file. A file without a header is a question without parameters.

        Raises DataProblem for a header that cannot be read, or a parameter that the query does not bind.
        """
        header = dict(_header(text))
        parameters = tuple(_parameter(key.split()[1], entry, place) for key, entry in header.items() if " " in key)
        step = _step(header["then"], place) if "then" in header else None
        title = Words(header.get("title", name), header.get("title-zh", ""))
        description = Words(header.get("description", ""), header.get("description-zh", ""))
        for parameter in parameters:
            if step is None and parameter.name not in values_blocks(text):
                raise DataProblem(
                    f"{place}: nothing takes the parameter {parameter.name}; add VALUES ?{parameter.name}"
                )
        needs, blank = (tuple(header.get(key, "").split()) for key in ("needs", "blank"))
        return cls(name, number, title, description, parameters, step, needs, blank, text, place)


def _header(text: str) -> Iterator[tuple[str, str]]:
    """The entries of the comment lines before the query; a line that starts no entry continues the one before."""
    key, parts = "", [""]
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        entry = _ENTRY.fullmatch(line.strip())
        if entry:
            if key:
                yield key, " ".join(parts)
            key, parts = entry[1], [entry[2]]
        elif key:
            parts.append(line.lstrip("# ").strip())
    if key:
        yield key, " ".join(parts)


def _parameter(name: str, entry: str, place: str) -> Parameter:
    found = _PARAMETER.fullmatch(entry)
    if found is None:
        raise DataProblem(f"{place}: parameter {name}: write `type = default ; meaning ; 含义`")
    if found["type"] not in READERS and not found["type"].startswith(CODED):
        raise DataProblem(f"{place}: parameter {name}: there is no type {found['type']!r}")
    return Parameter(name, found["type"], found["default"], Words(found["en"], found["zh"]))


def _step(entry: str, place: str) -> Step:
    found = _STEP.fullmatch(entry)
    if found is None:
        raise DataProblem(f"{place}: then: write `name ; what it does ; 说明`")
    return Step(found["name"], Words(found["en"], found["zh"]))


# The shelf ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def questions(ontology: Ontology) -> Mapping[str, Question]:
    """The named questions of the ontology by name, in order."""
    found = {}
    for file in sorted((ontology.folder / "queries").glob("*.rq")):
        number, name = _FILE.fullmatch(file.name).groups()  # type: ignore[union-attr]
        found[name] = Question.read(file.read_text(encoding="utf-8"), name, int(number or 0), str(file))
    return found


def question(ontology: Ontology, name: str) -> Question:
    """The question of this name or number. Raises UsageProblem with the nearest names."""
    shelf = questions(ontology)
    if name in shelf:
        return shelf[name]
    for found in shelf.values():
        if name.isdecimal() and found.number == int(name):
            return found
    near = difflib.get_close_matches(name, shelf, n=3, cutoff=0.5)
    hint = f" Did you mean {', '.join(near)}?" if near else " `capgraph ask` lists them."
    raise UsageProblem(f"there is no question {name!r}.{hint}")
