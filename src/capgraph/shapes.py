"""The rules of meaning as Python objects: ``ontology/shapes.ttl``, read and sorted by how each rule is run.

A rule has words in both languages and a severity, and is made of core constraints (for a SHACL processor), of a query
(for the embedded engine), or of both. A rule that neither would run is an error, so none is skipped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pyoxigraph as ox

from capgraph.errors import DataProblem, Level
from capgraph.ontology import BASE, Words
from capgraph.schema import RDF_TYPE

SHAPE = f"{BASE}shape/"
SH = "http://www.w3.org/ns/shacl#"

_NIL = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"
_TARGETS = {f"{SH}target{name}" for name in ("Class", "Node", "SubjectsOf", "ObjectsOf")}
_NO_CONSTRAINT = _TARGETS | {f"{SH}{name}" for name in ("name", "message", "description", "severity", "path", "sparql")}

Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True, slots=True)
class Shape:
    """One rule: what it says when broken, what would be right, whether it refuses the data or warns, how it is run.

    ``core`` is true where it has constraints for a SHACL processor; the rows of ``selects`` are violations.
    """

    iri: str
    name: Words
    message: Words
    right: Words
    level: Level
    core: bool
    selects: tuple[str, ...]

    @property
    def id(self) -> str:
        """The local name, such as ``stake-complete``."""
        return self.iri.removeprefix(SHAPE)


class Shapes:
    """All rules of a shapes file, by local name, and the part of it that a SHACL processor runs.

    Raises DataProblem where a rule has no constraint or no target: it would never run.
    """

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._about: dict[str, list[tuple[str, Term]]] = {}
        for triple in triples:
            if isinstance(triple.object, ox.Triple) or isinstance(triple.subject, ox.Triple):
                continue
            self._about.setdefault(triple.subject.value, []).append((triple.predicate.value, triple.object))
        found = [self._shape(iri) for iri in sorted(self._about) if iri.startswith(SHAPE)]
        self.shapes: Mapping[str, Shape] = {shape.id: shape for shape in found}

    @property
    def core(self) -> tuple[Shape, ...]:
        """The rules with core constraints."""
        return tuple(shape for shape in self.shapes.values() if shape.core)

    @property
    def queries(self) -> tuple[Shape, ...]:
        """The rules with a query."""
        return tuple(shape for shape in self.shapes.values() if shape.selects)

    @cached_property
    def prologue(self) -> str:
        """The PREFIX lines that the file declares for its queries."""
        lines = [
            f"PREFIX {self._texts(node, 'prefix')[0]}: <{self._texts(node, 'namespace')[0]}>\n"
            for subject in self._about
            for node in self._texts(subject, "declare")
        ]
        return "".join(sorted(lines))

    def parts(self, iri: str) -> Sequence[str]:
        """A rule and the blank nodes that belong to it (nested constraints, paths, lists), its query apart."""
        found = [iri]
        for subject in found:
            for predicate, value in self._about[subject]:
                if isinstance(value, ox.BlankNode) and predicate != f"{SH}sparql" and value.value not in found:
                    found.append(value.value)
        return found

    def core_triples(self) -> Iterator[ox.Triple]:
        """The triples of all core constraints, without the queries, which the SHACL processor must not run as well."""
        for shape in self.core:
            for subject in self.parts(shape.iri):
                node = ox.NamedNode(subject) if subject == shape.iri else ox.BlankNode(subject)
                for predicate, value in self._about[subject]:
                    if predicate != f"{SH}sparql":
                        yield ox.Triple(node, ox.NamedNode(predicate), value)

    def properties(self, path: str) -> tuple[str, ...]:
        """The properties that a path (a blank node) walks or chooses between, in the order written."""
        found: list[str] = []
        for predicate, value in self._about.get(path, ()):
            if isinstance(value, ox.BlankNode):
                found += self.properties(value.value)
            elif isinstance(value, ox.NamedNode) and value.value != _NIL and predicate != RDF_TYPE:
                found.append(value.value)
        return tuple(found)

    def _shape(self, iri: str) -> Shape:
        predicates = {predicate for predicate, _ in self._about[iri]}
        selects = tuple(select for node in self._texts(iri, "sparql") for select in self._texts(node, "select"))
        core = any(predicate.startswith(SH) for predicate in predicates - _NO_CONSTRAINT)
        if not core and not selects:
            raise DataProblem(f"{iri}: a rule without a constraint would never be broken")
        if not predicates & _TARGETS:
            raise DataProblem(f"{iri}: a rule without a target would never run")
        level: Level = "error" if self._texts(iri, "severity") in ([], [f"{SH}Violation"]) else "warning"
        name, message, right = (self._words(iri, part) for part in ("name", "message", "description"))
        return Shape(iri, name, message, right, level, core, selects)

    def _texts(self, subject: str, name: str) -> list[str]:
        return [value.value for predicate, value in self._about.get(subject, ()) if predicate == SH + name]

    def _words(self, iri: str, name: str) -> Words:
        texts = {
            value.language: value.value
            for predicate, value in self._about[iri]
            if predicate == SH + name and isinstance(value, ox.Literal)
        }
        return Words(texts.get("en", ""), texts.get("zh", ""))


@lru_cache(maxsize=8)
def load_shapes(folder: Path) -> Shapes:
    """The rules of an ontology folder. Raises DataProblem where the file cannot be read or a rule would never run."""
    file = folder / "shapes.ttl"
    try:
        return Shapes(quad.triple for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE, base_iri=BASE))
    except (OSError, SyntaxError) as error:
        raise DataProblem(f"{file}: not readable as Turtle ({error})") from error
