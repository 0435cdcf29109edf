"""One renderer for every answer: terminal table, JSON, JSON lines, CSV, Markdown, in English or Chinese.

Tables and Markdown are for reading: rounded figures with their ranges, names in the asked language. JSON, JSON lines
and CSV are for machines: full numbers, ids beside names, the same keys in every language.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from capgraph import recording
from capgraph.clocks import DateSpan
from capgraph.errors import UsageProblem
from capgraph.names import Name
from capgraph.ontology import Code, Ontology, Words
from capgraph.readings import Figure
from capgraph.results import Grade, Note, Result, Statement, Value, header, sections
from capgraph.typesetting import typeset
from capgraph.voice import Voice

Flat = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind an answer: its statements and its evidence grade."""

    statements: Sequence[Statement] = ()
    grade: Grade | None = None


def render(
    result: Result,
    format: str,
    lang: str,
    ontology: Ontology,
    evidence: Sequence[Statement] = (),
    grade: Grade | None = None,
) -> str:
    """An answer as text in one of the formats, ending with a line feed. ``evidence``: rows that stand behind it, with
    their ``grade`` (not in CSV and JSON lines, which are rows alone).

    Raises UsageProblem for a format that there is not.
    """
    writers: Mapping[str, Callable[[Result, Voice, Behind], str]] = {
        "table": _as_table,
        "md": _as_markdown,
        "json": _as_json,
        "jsonl": _as_json_lines,
        "csv": _as_csv,
    }
    if format not in writers:
        raise UsageProblem(f"{format!r} is no format of an answer; there are: {', '.join(writers)}")
    return writers[format](result, Voice(ontology, lang), Behind(evidence, grade))


def headline(result: Result, words: Voice) -> str:
    """The title of an answer."""
    key = f"title.{type(result).__name__}"
    return words.say(key, **header(result)) if words.ontology.words(key) else words.heading(type(result).__name__)


def context_line(result: Result, words: Voice) -> str:
    """Under which clocks, rung, data and assumptions an answer was given."""
    context = result.context
    key = "context.hindsight" if context.clocks.hindsight else "context.line"
    rung = words.ontology.code("rung", context.rung)
    line = words.say(
        key, as_of=context.clocks.as_of, known_on=context.clocks.known_on, rung=rung, version=context.version
    )
    extras = [words.say("context.group")] if context.group else []
    extras += [words.say("context.without", things=", ".join(context.without))] if context.without else []
    extras += [words.say("context.set", cells=", ".join(context.sets))] if context.sets else []
    return ("；" if words.lang == "zh" else "; ").join([line, *extras])


def _header_lines(result: Result, words: Voice) -> Iterator[tuple[str, str]]:
    """The scalar fields of an answer, without those that its title already says."""
    title = words.ontology.words(f"title.{type(result).__name__}")
    for name, value in header(result).items():
        if (
            not _metadata(result, name).get("hide")
            and not (title and f"{{{name}}}" in title.en)
            and value not in ("", ())
        ):
            yield words.heading(name), words.text(value)


def _metadata(result: Any, name: str) -> Mapping[str, Any]:
    return next(spec.metadata for spec in dataclasses.fields(result) if spec.name == name)


Getter = Callable[[Any], Any]


def grid(
    rows: tuple[Any, ...], row_type: type[Any], words: Voice, unknown: bool = True
) -> tuple[list[str], list[list[str]], list[bool]]:
    """Headings, cells and which columns are numbers, of one section. Columns that are empty throughout are left out,
    and without ``unknown`` those in which nothing is known."""
    columns = [
        (name, get)
        for name, get in _columns(row_type)
        if not rows or any(get(row) not in ("", (), *(() if unknown else (None,))) for row in rows)
    ]
    cells = [[_short(words, name, get(row)) for name, get in columns] for row in rows]
    numeric = [bool(rows) and all(_is_numeric(get(row)) for row in rows) for _, get in columns]
    return [words.heading(name) for name, _ in columns], cells, numeric


def _columns(row_type: type[Any]) -> list[tuple[str, Getter]]:
    """The columns of a row class with what fills their cells: its fields, and what its figures show beside them."""
    found: list[tuple[str, Getter]] = []
    for spec in dataclasses.fields(row_type):
        if not spec.metadata.get("hide"):
            found.append((spec.name, _getter(spec.name)))
            found += [(name, _getter(spec.name, name)) for name in spec.metadata.get("show", ())]
    return found


def _unknown_line(rows: tuple[Any, ...], row_type: type[Any], words: Voice) -> list[str]:
    """The columns in which nothing is known, which a table names in place of showing them."""
    silent = []
    for name, get in _columns(row_type):
        values = [get(row) for row in rows]
        if None in values and all(value in (None, "", ()) for value in values):
            silent.append(words.heading(name))
    return [words.say("value.unknown_throughout", columns=words.listed(silent))] if silent else []


def _getter(name: str, inner: str = "") -> Getter:
    if not inner:
        return lambda row: getattr(row, name)
    return lambda row: getattr(getattr(row, name), inner, "")


def _short(words: Voice, name: str, value: Any) -> str:
    """A cell of a table: a code given by its notation (basis, confidence) is shown by its label."""
    return words.coded(name, value) if isinstance(value, str) else words.text(value)


def _is_numeric(value: Any) -> bool:
    return value is None or (isinstance(value, (Decimal, int, float, Value, Figure)) and not isinstance(value, bool))


def _as_table(result: Result, words: Voice, behind: Behind) -> str:
    lines = [headline(result, words), context_line(result, words)]
    scalars = [f"{heading}: {value}" for heading, value in _header_lines(result, words)]
    lines += ["", *scalars] if scalars else []
    told = result.told()
    lines += ["", *(f"{'   ' * depth}{words.text(line)}" for depth, line in told)] if told else []
    for name, rows, row_type in () if told else sections(result):
        if row_type is None:
            continue
        lines += _section_heading(name, rows, words)
        if row_type is Statement:
            lines += [f"  {line}" for told in rows for line in statement_lines(told, words)]
        elif rows:
            lines += [*typeset(*grid(rows, row_type, words, unknown=False)), *_unknown_line(rows, row_type, words)]
    lines += ["", *(f"- {words.text(note)}" for note in result.notes)] if result.notes else []
    lines += _evidence_lines(behind, words)
    return "\n".join(lines).rstrip("\n") + "\n"


def _evidence_lines(behind: Behind, words: Voice) -> list[str]:
    """What stands behind an answer: how well it is evidenced, who says what of which thing, when and where."""
    if behind.grade is None and not behind.statements:
        return []
    graded = [f"  {grade_line(behind.grade, words)}"] if behind.grade is not None else []
    told = [f"  {line}" for statement in behind.statements for line in statement_lines(statement, words)]
    return ["", f"{words.say('section.evidence')}:", *graded, *told]


def grade_line(grade: Grade, words: Voice) -> str:
    """An evidence grade in one line: the weakest fact, how many there are, origins, age, disputes."""
    if grade.weakest is None:
        return words.say("grade.none", grade=grade.grade)
    fact = words.say("grade.fact", thing=grade.weakest, aspect=grade.aspect) if grade.aspect else grade.weakest
    told = [words.say("grade.line", grade=grade.grade, fact=fact, id=grade.thing)]
    told.append(words.listed([words.say("grade.count", grade=code, count=count) for code, count in grade.counts]))
    told.append(words.say("grade.origins", count=grade.origins))
    if grade.oldest is not None:
        told.append(words.say("grade.age", oldest=grade.oldest, newest=grade.newest, count=grade.age_days))
    if grade.disputed:
        told.append(words.say("grade.disputed", count=grade.disputed))
    return ("；" if words.lang == "zh" else "; ").join(told)


def statement_line(told: Statement, words: Voice) -> str:
    """What one source says, where and when, on one line."""
    return " ".join(line.strip() for line in statement_lines(told, words))


def statement_lines(told: Statement, words: Voice) -> list[str]:
    """What one source says, and below it where and when; a source without a figure stands alone on its line."""
    separator, colon = ("，", "：") if words.lang == "zh" else (", ", ": ")
    document = colon.join(filter(None, (told.publisher, told.title)))
    trust = words.coded("confidence", told.confidence) if told.aspect is None else ""
    place = separator.join(words.text(part) for part in (document, told.published, told.locator, trust) if part)
    where = " ".join(filter(None, (place, told.url)))
    if told.aspect is None:
        return [f"[{told.source}] {where}"]
    about = [told.as_of, told.period, words.coded("basis", told.basis), words.coded("confidence", told.confidence)]
    said = separator.join(words.text(part) for part in (told.figure, *about) if part)
    return [f"[{told.reading}] {words.text(told.about)} · {words.text(told.aspect)}: {said}", f"    {where}"]


def _section_heading(name: str, rows: tuple[Any, ...], words: Voice) -> list[str]:
    """The heading over a section; one that is empty is told on the line of its heading."""
    title = words.ontology.words(f"section.{name}")
    none = [] if rows else [words.say("value.none")]
    return ["", " ".join([*([f"{title[words.lang]}:"] if title else []), *none])] if title or none else [""]


def _as_markdown(result: Result, words: Voice, behind: Behind) -> str:
    lines = [f"## {_escaped(headline(result, words))}", "", f"*{_escaped(context_line(result, words))}*", ""]
    lines += [f"- {_escaped(heading)}: {_escaped(value)}" for heading, value in _header_lines(result, words)]
    told = result.told()
    lines += [f"{'  ' * depth}- {_escaped(words.text(line))}" for depth, line in told]
    for name, rows, row_type in () if told else sections(result):
        if row_type is None:
            continue
        title = words.ontology.words(f"section.{name}")
        lines += ["", f"### {_escaped(title[words.lang])}"] if title else []
        lines += ["", *_markdown_table(rows, row_type, words)] if rows else ["", words.say("value.none")]
    lines += ["", *(f"- {_escaped(words.text(note))}" for note in result.notes)] if result.notes else []
    lines += ["", f"### {words.say('section.evidence')}", ""] if behind.statements or behind.grade else []
    lines += [f"*{_escaped(grade_line(behind.grade, words))}*", ""] if behind.grade else []
    lines += [f"- {_escaped(statement_line(told, words))}" for told in behind.statements]
    lines += ["", recording.in_markdown(result.context)] if result.context.asked else []
    return "\n".join(lines) + "\n"


def _markdown_table(rows: tuple[Any, ...], row_type: type[Any], words: Voice) -> list[str]:
    headings, cells, numeric = grid(rows, row_type, words, unknown=False)
    rule = ["---:" if is_number else "---" for is_number in numeric]
    told = [line for silent in _unknown_line(rows, row_type, words) for line in ("", _escaped(silent))]
    return [*(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in (headings, rule, *cells)), *told]


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is: no table bars, no line feeds, no HTML."""
    plain = " ".join(text.split())
    for mark in "\\|*_`[]<>":
        plain = plain.replace(mark, "\\" + mark if mark not in "<>" else {"<": "&lt;", ">": "&gt;"}[mark])
    return plain


def flat(row: Any, words: Voice) -> Flat:
    """One row as a flat object: names as id and name, figures with their range, basis, date and readings."""
    entry: Flat = {}
    for spec in dataclasses.fields(row):
        entry.update(_flat_value(spec.name, getattr(row, spec.name), words))
    return entry


def _flat_value(name: str, value: Any, words: Voice) -> Flat:
    if isinstance(value, Name):
        return {name: value.id, f"{name}_name": value[words.lang]}
    if isinstance(value, tuple) and value and all(isinstance(member, Name) for member in value):
        return {name: [member.id for member in value], f"{name}_name": [member[words.lang] for member in value]}
    if isinstance(value, Value):
        bounds = {f"{name}_low": _plain(value.low, words), f"{name}_high": _plain(value.high, words)}
        return {
            name: _plain(value.value, words),
            **bounds,
            f"{name}_unit": value.unit,
            f"{name}_readings": list(value.readings),
        }
    if isinstance(value, Figure):
        keys = ("low", "high", "unit", "basis", "as_of", "confidence")
        about = {f"{name}_{key}": _plain(getattr(value, key), words) for key in keys}
        entry = {name: _plain(value.value, words), **about}
        return {**entry, f"{name}_disputed": value.disputed, f"{name}_readings": list(value.readings)}
    return {name: _plain(value, words)}


def _plain(value: Any, words: Voice) -> Any:
    """A value as JSON has it: numbers as numbers, dates as ISO text, codes as their notation, notes as sentences, None
    for unknown."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, DateSpan)):
        return str(value)
    if isinstance(value, Code):
        return value.code
    if isinstance(value, (Name, Words)):
        return value[words.lang]
    if isinstance(value, Note):
        return words.text(value)
    if isinstance(value, (Value, Figure)):
        return _plain(value.value, words)
    if isinstance(value, tuple):
        return [_plain(member, words) if not _is_row(member) else flat(member, words) for member in value]
    return value


def _is_row(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, (Name, Value, Figure, Code, Words, Note, DateSpan))


def _as_json(result: Result, words: Voice, behind: Behind) -> str:
    context = result.context
    document: Flat = {
        "answer": type(result).__name__.lower(),
        "as_of": str(context.clocks.as_of),
        "known_on": str(context.clocks.known_on),
        "rung": context.rung,
        "data": context.version,
    }
    document |= {"asked": context.asked} if context.asked else {}
    document |= {"group": True} if context.group else {}
    document |= {"without": list(context.without)} if context.without else {}
    document |= {"set": list(context.sets)} if context.sets else {}
    for name, value in header(result).items():
        document.update(_flat_value(name, value, words))
    for name, rows, _ in sections(result):
        document[name] = [flat(row, words) for row in rows]
    document["notes"] = [words.text(note) for note in result.notes]
    document |= {"grade": _grade(behind.grade, words)} if behind.grade is not None else {}
    document |= {"evidence": [flat(told, words) for told in behind.statements]} if behind.statements else {}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _grade(grade: Grade, words: Voice) -> Flat:
    """A grade as an object; the facts of each grade by its letter."""
    return flat(grade, words) | {"counts": {code.code: count for code, count in grade.counts}}


def _as_json_lines(result: Result, words: Voice, behind: Behind) -> str:
    _, rows, _ = _main_section(result)
    entries = (_without_context(flat(row, words)) for row in (*rows, *behind.statements))
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def _main_section(result: Result) -> tuple[str, tuple[Any, ...], type[Any] | None]:
    """The first section; the answer itself as a single row where it has none."""
    found = sections(result)
    return found[0] if found else ("", (result,), type(result))


def _as_csv(result: Result, words: Voice, behind: Behind) -> str:
    told = behind.statements
    _, rows, row_type = ("evidence", tuple(told), Statement) if told else _main_section(result)
    entries = [_without_context(flat(row, words)) for row in rows]
    columns = list(dict.fromkeys(key for entry in entries for key in entry))
    if not entries and row_type is not None:
        columns = [spec.name for spec in dataclasses.fields(row_type)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for entry in entries:
        writer.writerow([csv_cell(entry.get(column)) for column in columns])
    return out.getvalue()


def _without_context(entry: Flat) -> Flat:
    return {key: value for key, value in entry.items() if key not in ("context", "notes")}


def csv_cell(value: Any) -> str:
    """A cell for spreadsheets: unknown is empty, lists are joined, and text that would run as a formula is made inert.

    >>> csv_cell("=HYPERLINK(1)"), csv_cell(-5), csv_cell(None), csv_cell(["a", "b"])
    ("'=HYPERLINK(1)", '-5', '', 'a|b')
    """
    if value is None:
        return ""
    if isinstance(value, list):
        value = "|".join(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in value)
    if isinstance(value, str):
        inert = f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
        # A lone carriage return would end the row for most readers, and csv quotes only line feeds.
        return inert.replace("\r\n", "\n").replace("\r", "\n")
    return json.dumps(value) if isinstance(value, bool) else str(value)
