"""The text of a SPARQL query: what form it has, which data it asks, what is refused, where it is wrong.

A query is read as far as its tokens, which is enough to tell a query from an update, to find a dataset clause, and to
refuse what would leave the machine. The grammar itself is the engine's business (``bounded.py`` runs the query); its
errors come back through :func:`syntax_problem` with line, column and the place shown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from capgraph.errors import UsageProblem
from capgraph.ontology import Ontology
from capgraph.quads import GRAPH
from capgraph.schema import CAP, CODE, THING

Form = Literal["select", "ask", "construct", "describe"]

MOST_CHARACTERS = 200_000
"""A query longer than this is refused unread."""

_STANDARD = {
    "cap": CAP,
    "id": THING,
    "code": CODE,
    "graph": GRAPH,
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_UPDATES = frozenset(("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"))

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*(?:\"{3}|\"{0,2}\\?\Z)
             | '{3}(?:'{0,2}(?:[^'\\]|\\.))*(?:'{3}|'{0,2}\\?\Z)
             | \"(?:[^\"\\\n\r]|\\.)*(?:\"|(?=[\n\r])|\\?\Z)
             | '(?:[^'\\\n\r]|\\.)*(?:'|(?=[\n\r])|\\?\Z))
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[^\W\d_](?:[\w.\-]{0,60}[\w\-])?)?:(?:(?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\.)*(?<!\.))?)
  | (?P<word>[^\W\d_]\w*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_LETTER = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_COMPLAINT = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_BLANKS = 40
"""More than the longest keyword of SPARQL: how far the engine looks ahead at one place."""
_SENTENCE = re.compile(r"(?<![\w'\"])[A-Z][a-z]+ [a-z][^,\[]*|(?<![\w'\"])The [^,\[]*")


class QueryProblem(UsageProblem):
    """A query that is refused or not understood; ``line`` and ``column`` count from 1, 0 where there is no place."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        self.line = line
        self.column = column
        super().__init__(message)


class UpdateRefused(QueryProblem):
    """Somebody tried to change the graph, which is made of tables and only read here."""


class RemoteRefused(QueryProblem):
    """A query that would make this machine talk to another one."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a query: its kind (``word``, ``iri``, ``variable``...), its text and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may run.

    ``union``: it names no dataset, so it asks all graphs as one. A query with FROM asks exactly what it names.
    """

    text: str
    form: Form
    union: bool
    name: str = "query"

    @classmethod
    def parse(cls, text: str, name: str = "query") -> Query:
        """Read a query. ``name`` says in messages where the text came from.

        Raises QueryProblem for a text that is no query, UpdateRefused for an update, RemoteRefused for SERVICE.

        >>> Query.parse("SELECT ?x FROM <a:b> { ?x ?y ?z }").union
        False
        """
        if len(text) > MOST_CHARACTERS:
            raise QueryProblem(f"{name}: the query is longer than {MOST_CHARACTERS:,} characters")
        found = list(tokens(text))
        form = _form(text, found, name)
        for variant in {text, _unescaped(text)}:
            _refuse_service(variant, name)
        words = {token.text.upper() for token in found if token.kind == "word"}
        return cls(text, form, "FROM" not in words, name)

    @property
    def yields_graph(self) -> bool:
        """Whether the answer is a graph, not a table or a yes or no."""
        return self.form in ("construct", "describe")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query without spaces and comments."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup not in ("space", "comment"):
            yield Token(str(match.lastgroup), match[0], match.start())


def _form(text: str, found: list[Token], name: str) -> Form:
    """The form of a query: its first word after the prologue."""
    rest = iter(found)
    for token in rest:
        word = token.text.upper() if token.kind == "word" else ""
        if word == "PREFIX":
            next(rest, None)
            next(rest, None)
        elif word in ("BASE", "VERSION"):
            next(rest, None)
        elif word in _UPDATES:
            line, column = place(text, token.start)
            raise UpdateRefused(
                f"{name}:{line}:{column}: {word} would change the graph, which is read-only", line, column
            )
        elif word in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
            return word.lower()  # type: ignore[return-value]
        else:
            line, column = place(text, token.start)
            raise _problem(name, text, line, column, "a query starts with SELECT, ASK, CONSTRUCT or DESCRIBE")
    raise QueryProblem(f"{name}: there is no query")


def _refuse_service(text: str, name: str) -> None:
    for token in tokens(text):
        if token.kind == "word" and token.text.upper() == "SERVICE":
            line, column = place(text, token.start)
            raise RemoteRefused(
                f"{name}:{line}:{column}: SERVICE would ask another machine; this graph answers from its own data only",
                line,
                column,
            )


def _unescaped(text: str) -> str:
    """The text with its code point escapes resolved, as the standard has it done before parsing."""

    def letter(match: re.Match[str]) -> str:
        number = int(match[1] or match[2], 16)
        return chr(number) if number < 0x110000 else match[0]

    return _ESCAPED_LETTER.sub(letter, text)


# Prefixes -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def prefixes(ontology: Ontology) -> Mapping[str, str]:
    """The prefixes that every query may use without declaring them.

    The usual vocabularies, one prefix a kind of thing (``party:nvidia``) and one a code list (``rung:signed``); where
    both have one name (``role``, ``relation``, ``status``), it is the code list's.
    """
    kinds = {kind: f"{THING}{kind}/" for kind in ontology.schema.by_kind}
    schemes = {scheme: f"{CODE}{scheme}/" for scheme in ontology.schemes}
    return {**kinds, **schemes, **_STANDARD}


def with_prefixes(text: str, ontology: Ontology) -> str:
    """The query with a declaration of every prefix that it uses and does not declare: it then runs anywhere.

    >>> from capgraph import ontology
    >>> print(with_prefixes("ASK { party:nvidia ?p ?o }", ontology.load()))
    PREFIX party: <https://w3id.org/capgraph/id/party/>
    <BLANKLINE>
    ASK { party:nvidia ?p ?o }
    """
    known = prefixes(ontology)
    used = {token.text.split(":", 1)[0] for token in tokens(text) if token.kind == "name"}
    missing = sorted(name for name in used - _declared(text) if name in known)
    if not missing:
        return text
    width = max(len(name) for name in missing) + 1
    head = "".join(f"PREFIX {name + ':':<{width}} <{known[name]}>\n" for name in missing)
    return f"{head}\n{text}"


def _declared(text: str) -> set[str]:
    found = list(tokens(text))
    return {
        name.text.split(":", 1)[0]
        for word, name in pairwise(found)
        if word.kind == "word" and word.text.upper() == "PREFIX" and name.kind == "name"
    }


# Errors ---------------------------------------------------------------------------------------------------------------


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def syntax_problem(query: Query, message: str, offset: int | None = None, known: Iterable[str] = ()) -> QueryProblem:
    """The engine's complaint with its place in the query.

    ``offset`` is where the first token that does not fit begins (:func:`first_wrong`), ``known`` are the prefixes that
    were declared for the query.

    >>> print(syntax_problem(Query.parse("ASK { ?s ?p }"), "error at 1:14: expected LATERAL", 12))
    query:1:13: not valid SPARQL at "}"
      ASK { ?s ?p }
                  ^
    """
    undeclared = _undeclared(query.text, known)
    if undeclared is not None:
        said = f'nobody declared the prefix of "{undeclared.text[:40]}"'
        return _problem(query.name, query.text, *place(query.text, undeclared.start), said)
    found = _COMPLAINT.match(message)
    if found is None:
        return QueryProblem(f"{query.name}: {message}")
    line, column = (int(found[1]), int(found[2])) if offset is None else place(query.text, offset)
    here = _word_at(query.text, line, column)
    return _problem(query.name, query.text, line, column, f"not valid SPARQL at {here}{_reason(found[3])}")


def first_wrong(text: str, complaint: Callable[[str], str | None]) -> int | None:
    """Where the first token begins that no query could have there, None where the text only breaks off.

    ``complaint`` is what the engine says of a text, None if it takes it. The engine names the farthest place that any
    of its rules has read to, which lies behind the fault. So the text is cut behind each token and followed by blanks:
    as long as the cut text may go on, the engine reads through the blanks.
    """
    found = list(tokens(text))

    def fits(token: Token) -> bool:
        said = _COMPLAINT.match(complaint(text[: token.end] + " " * _BLANKS) or "")
        return said is None or _offset(text[: token.end], int(said[1]), int(said[2])) > token.end + _BLANKS // 2

    wrong = bisect_left(found, True, key=lambda token: not fits(token))
    return found[wrong].start if wrong < len(found) else None


def _offset(text: str, line: int, column: int) -> int:
    """The offset of a place, counted on behind the end of the last line."""
    return sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - 1


def _undeclared(text: str, known: Iterable[str]) -> Token | None:
    """The first prefixed name whose prefix nobody declared: the engine's own complaint points elsewhere."""
    declared, before = _declared(text) | set(known), ""
    for token in tokens(text):
        if token.kind == "name" and before not in ("PREFIX", "_") and token.text.split(":", 1)[0] not in declared:
            return token
        before = token.text.upper()
    return None


def _problem(name: str, text: str, line: int, column: int, said: str) -> QueryProblem:
    lines = text.split("\n")
    shown = lines[line - 1] if line <= len(lines) else ""
    start = max(0, column - 70)
    pointer = " " * (column - 1 - start) + "^"
    cut = shown[start : start + 110].replace("\t", " ")
    return QueryProblem(f"{name}:{line}:{column}: {said}\n  {cut}\n  {pointer}", line, column)


def _word_at(text: str, line: int, column: int) -> str:
    """The token at a place, as a message shows it."""
    lines = text.split("\n")
    rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]]) if line <= len(lines) else ""
    token = next(tokens(rest), None)
    return f'"{token.text[:40]}"' if token else "the end of the query"


def _reason(expected: str) -> str:
    """The sentence in the engine's list of what it would have taken ("Prefix not found"), if there is one."""
    found = _SENTENCE.search(expected)
    return f": {found[0].strip()}" if found else ""
