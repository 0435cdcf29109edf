"""The ontology as Python objects: link kinds, layers, codes, and every word that people see.

The Turtle files are the model; this room reads them and answers questions about them. No other room repeats what they
say: what the two ends of a link are, which layer it lies in, how it reads in English and Chinese, which basis answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from capgraph import schema as csvw
from capgraph.errors import DataProblem, UsageProblem
from capgraph.schema import CAP, CODE, Schema, Table
from capgraph.share import ontology_dir

BASE = "https://w3id.org/capgraph/"
WORD = f"{BASE}word/"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"

Money = Literal["forward", "backward", "none"]
Lang = Literal["en", "zh"]

_NUMBER = re.compile(r"\{(?P<name>\w+)\|(?P<one>[^{}|]*)\|(?P<many>[^{}|]*)\}")
"""A place in a template that depends on a number: ``{count|is|are}``."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in English and Chinese."""

    en: str
    zh: str

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" and self.zh else self.en


@dataclass(frozen=True, slots=True)
class Code:
    """One code of one code list, with what the ontology says about it.

    ``attributes`` maps the local name of each ``cap:`` annotation to its values: texts, and for codes their notation.
    """

    scheme: str
    code: str
    label: Words
    definition: Words
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """The single value of an annotation, empty where there is none."""
        return self.attributes.get(name, ("",))[0]

    @property
    def iri(self) -> str:
        return f"{CODE}{self.scheme}/{self.code}"


@dataclass(frozen=True, slots=True)
class LinkKind:
    """How a class of things becomes an edge of the network: its ends, layer, verbs and looks.

    ``from_end`` and ``to_end`` are columns to walk from the thing's row to the party at that end (none: the thing
    itself). ``money`` says which way money runs along the orientation from -> to. ``has_status``: things of this kind
    climb the ladder of promises; ``rung_from`` is the column of the thing whose status this one shares. The verbs of
    ``verb_due`` and ``verb_due_back`` speak of a flow that is only promised, where the ontology has words for that.
    ``expects`` are the codes of the gaps that a thing of this kind has where something is not known of it.
    """

    kind: str
    table: str
    iri: str
    label: Words
    from_end: tuple[str, ...]
    to_end: tuple[str, ...]
    layer: str
    money: Money
    verb: Words
    verb_back: Words
    verb_due: Words
    verb_due_back: Words
    color: str
    color_dark: str
    dash: str
    start: str
    end: str
    flow: bool
    refined_by: str
    rung_from: str
    has_status: bool
    amount_aspects: tuple[str, ...]
    percent_aspects: tuple[str, ...]
    path_rank: int
    expects: tuple[str, ...]

    def refined(self, code: Code | None) -> LinkKind:
        """This kind as the code in its ``refined_by`` column shapes it (``supplies`` lies in the contract layer)."""
        if code is None:
            return self
        money = code["moneyDirection"] or self.money
        return replace(
            self,
            layer=code["layer"] or self.layer,
            money="forward" if money == "forward" else "backward" if money == "backward" else "none",
            verb=_words_of(code, "verb") or self.verb,
            verb_back=_words_of(code, "verbBack") or self.verb_back,
            verb_due=_words_of(code, "verbDue") or self.verb_due,
            verb_due_back=_words_of(code, "verbDueBack") or self.verb_due_back,
            color=code["color"] or self.color,
            color_dark=code["colorDark"] or self.color_dark,
            dash=code["dash"] or self.dash,
            path_rank=int(code["pathRank"] or self.path_rank),
        )

    def promised(self) -> LinkKind:
        """This kind in the words for a flow that has not happened yet: "is to pay" where it would say "pays"."""
        if not self.flow:
            return self
        forward, back = self.verb_due, self.verb_due_back
        return replace(self, verb=forward if forward.en else self.verb, verb_back=back if back.en else self.verb_back)


def _words_of(code: Code, name: str) -> Words | None:
    en, zh = code[f"{name}@en"], code[f"{name}@zh"]
    return Words(en, zh) if en else None


class Ontology:
    """All that the files under ``ontology/`` say, indexed. Use :func:`load`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._values: dict[str, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]] = {}
        self._refined: dict[tuple[str, str], LinkKind] = {}
        for file in (folder / "capgraph.ttl", folder / "codes.ttl", *sorted((folder / "words").glob("*.ttl"))):
            self._read(file)

    def _read(self, file: Path) -> None:
        try:
            for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE, base_iri=BASE, rename_blank_nodes=True):
                subject, predicate, value = str(quad.subject.value), quad.predicate.value, quad.object
                self._values.setdefault(subject, {}).setdefault(predicate, []).append(value)
        except (OSError, SyntaxError) as error:
            raise DataProblem(f"{file}: not readable as Turtle ({error})") from error

    @cached_property
    def schema(self) -> Schema:
        """The tables and their columns."""
        return csvw.load(self.folder / "tables.json")

    # Codes ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _codes(self) -> dict[str, dict[str, Code]]:
        schemes: dict[str, dict[str, Code]] = {}
        for iri in self._values:
            if iri.startswith(CODE) and iri.count("/") == CODE.count("/") + 1:
                scheme, notation = iri.removeprefix(CODE).split("/")
                schemes.setdefault(scheme, {})[notation] = self._code(iri, scheme, notation)
        return schemes

    def _code(self, iri: str, scheme: str, notation: str) -> Code:
        attributes: dict[str, tuple[str, ...]] = {}
        for predicate, values in self._values[iri].items():
            if predicate.startswith(CAP):
                name = predicate.removeprefix(CAP)
                for value in values:
                    tagged = isinstance(value, ox.Literal) and value.language
                    key = f"{name}@{value.language}" if tagged else name  # type: ignore[union-attr]
                    attributes[key] = (*attributes.get(key, ()), *(self._plain(item) for item in self._members(value)))
        return Code(
            scheme, notation, self._words(iri, f"{_SKOS}prefLabel"), self._words(iri, f"{_SKOS}definition"), attributes
        )

    def codes(self, scheme: str) -> Mapping[str, Code]:
        """The codes of one list, by notation, in the order of the file."""
        return self._codes.get(scheme, {})

    @property
    def schemes(self) -> tuple[str, ...]:
        """The names of the code lists, in the order of the file."""
        return tuple(self._codes)

    def find_code(self, scheme: str, code: str) -> Code | None:
        """The code, or None where the list has no such code."""
        return self._codes.get(scheme, {}).get(code)

    def code(self, scheme: str, code: str) -> Code:
        """The code; one that the list lacks (an open list such as ``basis``) is labelled by its own notation."""
        return self.find_code(scheme, code) or Code(scheme, code, Words(code, code), Words("", ""))

    # Link kinds ----------------------------------------------------------------------------------------------------

    @cached_property
    def kinds(self) -> Mapping[str, LinkKind]:
        """Every link kind by the singular name of its table, in the order of the tables."""
        classes = [
            table for table in self.schema.tables.values() if f"{CAP}fromEnd" in self._values.get(table.class_iri, {})
        ]
        return {table.kind: self._kind(table) for table in classes}

    def _kind(self, table: Table) -> LinkKind:
        iri = table.class_iri
        return LinkKind(
            kind=table.kind,
            table=table.name,
            iri=iri,
            label=self._words(iri, f"{_RDFS}label"),
            from_end=self._walk(table, f"{CAP}fromEnd"),
            to_end=self._walk(table, f"{CAP}toEnd"),
            layer=self._one(iri, "layer"),
            money=self._one(iri, "moneyDirection"),  # type: ignore[arg-type]
            verb=self._words(iri, f"{CAP}verb"),
            verb_back=self._words(iri, f"{CAP}verbBack"),
            verb_due=self._words(iri, f"{CAP}verbDue"),
            verb_due_back=self._words(iri, f"{CAP}verbDueBack"),
            color=self._one(iri, "color"),
            color_dark=self._one(iri, "colorDark"),
            dash=self._one(iri, "dash"),
            start=self._column(table, self._one(iri, "startProperty")),
            end=self._column(table, self._one(iri, "endProperty")),
            flow=self._one(iri, "temporality") == "flow",
            refined_by=self._column(table, self._one(iri, "refinedBy")),
            rung_from=self._column(table, self._one(iri, "rungFrom")),
            has_status=table.kind in self.schema.tables["statuses"].column("about").kinds,
            amount_aspects=self._list(iri, "amountAspect"),
            percent_aspects=self._list(iri, "percentAspect"),
            path_rank=int(self._one(iri, "pathRank") or 0),
            expects=self._list(iri, "expects"),
        )

    def _walk(self, table: Table, predicate: str) -> tuple[str, ...]:
        """The columns that spell a property path; each step but the last leads into the table of its references."""
        columns = []
        for step in self._members(self._values[table.class_iri][predicate][0]):
            column = table.column_of(self._iri(step))
            if column is None:
                raise DataProblem(f"{table.class_iri}: {self._iri(step)} is no column of {table.name}")
            columns.append(column.name)
            table = self.schema.by_kind[column.kinds[0]]
        return tuple(columns)

    def _column(self, table: Table, property_iri: str) -> str:
        column = table.column_of(property_iri) if property_iri else None
        return column.name if column else ""

    def link_kind(self, kind: str, code: str = "") -> LinkKind:
        """The link kind of a table, refined by the code in its ``refined_by`` column."""
        base = self.kinds[kind]
        if not (base.refined_by and code):
            return base
        if (kind, code) not in self._refined:
            scheme = self.schema.tables[base.table].column(base.refined_by).scheme
            self._refined[kind, code] = base.refined(self.find_code(scheme, code))
        return self._refined[kind, code]

    @property
    def layers(self) -> Mapping[str, Code]:
        """The layers of the network, in the order of the file."""
        return self.codes("layer")

    # Words ---------------------------------------------------------------------------------------------------------

    def say(self, key: str, lang: str = "en", **values: object) -> str:
        """The words of ``ontology/words`` under a key, with ``{placeholders}`` filled. KeyError where there are none.

        ``{count|link|links}`` reads "link" where ``count`` is 1, else "links".

        >>> load().say("field.holder", "zh")
        '持有人'
        """
        words = self.words(key)
        if words is None:
            raise KeyError(f"no words for {key!r} in {self.folder / 'words'}")
        if not values:
            return words[lang]
        text = _NUMBER.sub(lambda form: form["one"] if str(values[form["name"]]) == "1" else form["many"], words[lang])
        return text.format_map(values)

    def words(self, key: str) -> Words | None:
        """The words under a key in both languages, or None."""
        iri = WORD + key
        return self._words(iri, f"{_SKOS}prefLabel") if iri in self._values else None

    def words_below(self, prefix: str) -> Mapping[str, Words]:
        """All words whose key begins so, by key, sorted."""
        keys = sorted(iri.removeprefix(WORD) for iri in self._values if iri.startswith(WORD + prefix))
        return {key: self._words(WORD + key, f"{_SKOS}prefLabel") for key in keys}

    def label(self, iri: str, lang: str = "en") -> str:
        """The label of a class or property in one language, its local name where it has none."""
        words = self._words(iri, f"{_RDFS}label")
        return words[lang] or iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]

    def class_label(self, iri: str) -> Words:
        """The label of a class in both languages."""
        return self._words(iri, f"{_RDFS}label")

    def definition(self, iri: str) -> Words:
        """What a class or property means, in both languages; for a term of another vocabulary, how it is used here."""
        own = self._words(iri, f"{_SKOS}definition")
        return own if own.en else self._words(iri, f"{_SKOS}scopeNote")

    def terms(self) -> Iterator[str]:
        """The IRIs of all classes and properties of our own namespace, sorted."""
        return iter(sorted(iri for iri in self._values if iri.startswith(CAP) and iri != CAP))

    # The graph beneath -----------------------------------------------------------------------------------------------

    def _words(self, iri: str, predicate: str) -> Words:
        by_lang = {
            value.language: value.value
            for value in self._values.get(iri, {}).get(predicate, ())
            if isinstance(value, ox.Literal)
        }
        return Words(by_lang.get("en", by_lang.get(None, "")), by_lang.get("zh", ""))

    def _one(self, iri: str, name: str) -> str:
        values = self._values.get(iri, {}).get(CAP + name, ())
        return self._plain(values[0]) if values else ""

    def _list(self, iri: str, name: str) -> tuple[str, ...]:
        values = self._values.get(iri, {}).get(CAP + name, ())
        return tuple(self._plain(member) for member in self._members(values[0])) if values else ()

    def _members(
        self, value: ox.NamedNode | ox.BlankNode | ox.Literal
    ) -> Sequence[ox.NamedNode | ox.BlankNode | ox.Literal]:
        """The members of an RDF list; anything else is a list of itself."""
        if isinstance(value, ox.NamedNode) and value.value == f"{_RDF}nil":
            return ()
        if not isinstance(value, ox.BlankNode) or f"{_RDF}first" not in self._values.get(value.value, {}):
            return (value,)
        members = []
        node: ox.NamedNode | ox.BlankNode | ox.Literal = value
        while isinstance(node, ox.BlankNode):
            entry = self._values[node.value]
            members.append(entry[f"{_RDF}first"][0])
            node = entry[f"{_RDF}rest"][0]
        return members

    def _plain(self, value: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
        """A literal's text, a code's notation, any other thing's IRI."""
        if isinstance(value, ox.NamedNode) and value.value.startswith(CODE):
            return value.value.rsplit("/", 1)[1]
        return str(value.value)

    @staticmethod
    def _iri(value: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
        return str(value.value)


def known_rung(ontology: Ontology, rung: str) -> Code:
    """The rung of this name, if it stands on the ladder. Raises UsageProblem with the names that do."""
    ladder = [code.code for code in ontology.codes("rung").values() if code["ladder"]]
    if rung not in ladder:
        raise UsageProblem(f"{rung!r} is no rung of the ladder; there are: {', '.join(ladder)}")
    return ontology.code("rung", rung)


@lru_cache(maxsize=8)
def load(folder: Path | None = None) -> Ontology:
    """The ontology of this installation, or of another folder with the same files."""
    return Ontology(folder or ontology_dir())
