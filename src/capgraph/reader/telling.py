"""From statements and comparisons to candidates: names, places in the whole text, and sentences in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from capgraph.errors import NotFound
from capgraph.names import Name, node_ref
from capgraph.network import CapitalNetwork
from capgraph.ontology import Words
from capgraph.reader.agreement import AGREES, CONFLICTS, NEW, OPEN, Agreement, Comparison
from capgraph.reader.answers import Candidate, Part, TextRead, figure
from capgraph.reader.mentions import Mention
from capgraph.reader.reading import Read, Reader
from capgraph.reader.statements import Statement
from capgraph.reader.texts import Text
from capgraph.readings import Reading
from capgraph.results import Context, Note, Value, note

MOST = 2000
"""How many candidates one answer holds unless more are asked for."""
NAMED_FOR_ONE = 25
"""For each candidate that an answer may hold, so many sentences that name somebody are looked into."""


def read(
    network: CapitalNetwork,
    text: Text,
    context: Context,
    *,
    name: str = "text",
    published: date | None = None,
    source: str = "",
    most: int = MOST,
) -> TextRead:
    """The candidate statements of a text about the parties and products of a network.

    Reading stops at the sentence after the ``most``-th, or after :data:`NAMED_FOR_ONE` times as many sentences that
    name somebody; the answer says so. ``source`` is the id of the text where it is among the sources: its own readings
    support nothing. Raises NotFound where the text names no known party.
    """
    teller = _Teller(network, published, source, text.html)
    found: list[Candidate] = []
    named = count = 0
    stopped: int | None = None
    for told in Reader(network.facts, network.ontology).read(text, published):
        if len(found) >= most or named >= most * NAMED_FOR_ONE:
            stopped = told.sentence.start
            break
        count += 1
        named += bool(told.parts.mentions)
        found += [teller.candidate(len(found) + place, told, each) for place, each in enumerate(told.statements, 1)]
    if not named:
        raise NotFound(f"{name}: no party or product of the graph is named in {len(text.content):,} characters")
    counts = {verdict: sum(each.verdict == verdict for each in found) for verdict in (AGREES, CONFLICTS, NEW, OPEN)}
    return TextRead(
        name,
        text.encoding,
        len(text.content),
        count,
        len(found),
        counts[AGREES],
        counts[CONFLICTS],
        counts[NEW],
        counts[OPEN],
        tuple(found),
        context=context,
        notes=tuple(_notes(text, found, published, stopped)),
    )


def _notes(text: Text, found: list[Candidate], published: date | None, stopped: int | None) -> Iterator[Note]:
    if text.html:
        yield note("read.html")
    if text.encoding not in ("", "UTF-8"):
        yield note("read.encoding", encoding=text.encoding)
    undated = any(part.role == "date" and not part.value for each in found for part in each.parts)
    if undated and published is None:
        yield note("read.published")
    if stopped is not None:
        yield note("read.stopped", count=len(found), place=stopped)
    yield note("read.by_hand")


class _Teller:
    """Puts statements into words, with what the graph says of them."""

    def __init__(self, network: CapitalNetwork, published: date | None, source: str, html: bool) -> None:
        self._network = network
        self._html = html
        self._agreement = Agreement(network, published, source)

    def candidate(self, number: int, read: Read, told: Statement) -> Candidate:
        found = self._agreement.compare(told)
        sentence = read.sentence
        readings = dict.fromkeys(reading.id for finding in found.findings for reading in finding.readings)
        return Candidate(
            number=number,
            verdict=found.verdict,
            claim=self._claim(read, told, found),
            start=sentence.start,
            end=sentence.start + len(sentence.text),
            sentence=" ".join((sentence.plain if self._html else sentence.text).split()),
            subject=self._name(told.subject),
            object=self._name(told.object),
            kind=told.kind,
            code=told.code,
            stance=told.stance,
            date=told.date.date if told.date else "",
            things=found.things,
            parts=tuple(self._parts(read, told, found)),
            readings=tuple(readings),
            sources=found.sources,
            support=self._support(found),
        )

    # Words -----------------------------------------------------------------------------------------------------------

    def _claim(self, read: Read, told: Statement, found: Comparison) -> Note:
        """Who "does" what to whom, in the order of the text; of which kind that is, and the verdict."""
        actor, other = (told.object, told.subject) if told.trigger.entry.backward else (told.subject, told.object)
        phrase = self._phrase(read, told)
        values: dict[str, Any] = {
            "actor": self._named(actor),
            "kind": self._kind(told),
            "stance": note(f"read.stance.{told.stance}"),
            "verdict": note(f"read.verdict.{found.verdict}"),
        }
        if not told.trigger.entry.kind:
            return note("read.figure", **values)
        return note("read.link", phrase=phrase, other=self._named(other), **values)

    @staticmethod
    def _phrase(read: Read, told: Statement) -> str:
        """The words of the text that make the statement; of a long phrase how it begins and ends."""
        start, end = told.trigger.start, told.trigger.end
        phrase = " ".join(read.sentence.text[start:end].split())
        starts = [mention.start for mention in read.parts.mentions] + [part.start for part in read.parts.quantities]
        inner = [place for place in starts if start < place < end]
        if not inner:
            return phrase
        head = read.sentence.text[start : min(inner)].split()
        last = phrase[-2:] if told.trigger.chinese else phrase.rpartition(" ")[2]
        return f"{' '.join(head)} … {last}"

    def _kind(self, told: Statement) -> Words:
        ontology = self._network.ontology
        if not told.trigger.entry.kind:
            return ontology.code("aspect", told.code).label
        kind = ontology.kinds[told.kind]
        code = told.code and ontology.find_code(self._scheme(told.kind), told.code)
        return code.label if code else kind.label

    def _scheme(self, kind: str) -> str:
        link = self._network.ontology.kinds[kind]
        return self._network.facts.schema.tables[link.table].column(link.refined_by).scheme

    def _named(self, mention: Mention | None) -> Name | Note:
        if mention is None:
            return note("read.unnamed")
        if not mention.node:
            candidates = tuple(self._network.names.name(node_ref(node)) for node in mention.nodes)
            return note("read.ambiguous", text=mention.text, candidates=candidates)
        return self._name(mention) or note("read.unnamed")

    def _name(self, mention: Mention | None) -> Name | None:
        return self._network.names.name(node_ref(mention.node)) if mention and mention.node else None

    def _support(self, found: Comparison) -> Note | None:
        """The things that the graph has, where no number was compared."""
        if not found.things or any(finding.readings for finding in found.findings):
            return None
        if found.through:
            through = tuple(self._network.names.name(node_ref(node)) for node in found.through)
            return note("read.things_through", things=", ".join(found.things), through=through)
        return note("read.things", things=", ".join(found.things))

    # Parts -----------------------------------------------------------------------------------------------------------

    def _parts(self, read: Read, told: Statement, found: Comparison) -> Iterator[Part]:
        """The parts of a statement with their places in the whole text."""
        at, text = read.sentence.start, read.sentence.text

        def part(role: str, start: int, end: int, value: str, **more: Any) -> Part:
            return Part(role, at + start, at + end, text[start:end], value, **more)

        yield part("phrase", told.trigger.start, told.trigger.end, told.code or told.kind)
        for role, mention in (("subject", told.subject), ("object", told.object)):
            if mention is not None:
                several = mention.nodes if len(mention.nodes) > 1 else ()
                yield part(role, mention.start, mention.end, mention.node, candidates=several)
        for finding in found.findings:
            number = finding.quantity
            yield part(
                "quantity",
                number.start,
                number.end,
                figure(number.value),
                high=figure(number.high),
                unit=number.unit,
                precision=number.precision,
                step=figure(number.step),
                verdict=finding.verdict,
                readings=tuple(reading.id for reading in finding.readings),
                against=tuple(map(self._told, finding.readings)),
            )
        if told.date is not None:
            yield part("date", told.date.start, told.date.end, told.date.date)

    def _told(self, reading: Reading) -> Note:
        """One reading: its figure, of what and when, and who says so."""
        source = self._network.facts.get(reading.source)
        basis = self._network.ontology.code("basis", reading.basis).label if reading.basis else ""
        return note(
            "read.reading_on_basis" if basis else "read.reading",
            figure=Value(reading.value, reading.unit, reading.low, reading.high),
            about=reading.about,
            as_of=reading.period or reading.as_of,
            basis=basis,
            publisher=(source["publisher"] if source else "") or reading.source,
            id=reading.id,
        )
