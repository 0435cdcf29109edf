"""Whether an export still says what the data say: its question is asked again, and the two are compared.

The recorded command line is untrusted text. It is split into words, never given to a shell, and run only if it is one
of :data:`ANSWERS`, commands that read and answer; options that write, choose data or name files are refused.
"""

from __future__ import annotations

import base64
import difflib
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capgraph import recording
from capgraph.cli.asked import HERE, needs_file
from capgraph.cli.options import Sink
from capgraph.errors import CapgraphError, DataProblem, UsageProblem
from capgraph.recording import Recorded
from capgraph.results import Note, Result, note, section

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph

ANSWERS = frozenset(
    {
        "stats", "evidence", "find", "show", "owners", "holdings", "control", "controllers", "exposure", "exposed-to",
        "shock", "margin", "path", "between", "depends", "loops", "chokepoints", "timeline", "compare", "diff", "rules",
        "funding", "returns", "had-held", "components", "disputes", "gaps", "check", "ask", "query", "view", "chart",
    }
)  # fmt: skip
"""The commands that only read and answer. Whatever else a file names is refused."""

MOST_BYTES = 64 << 20
"""A larger file is not read."""
MOST_SECONDS = 30.0
"""A recorded query may ask for no longer time limit than this."""
MOST_CHANGES = 50
"""More changes are counted, not listed."""

_KEYS = ("link", "id", "thing", "reading", "party", "holder", "issuer", "stakes", "name")
"""The fields by which the rows of a JSON list are matched, the first that all rows have and that tells them apart."""

_DRAWING = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
_GRAPH = re.compile(r'<script[^>]*id="graph"[^>]*>(.*?)</script>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure, or one line, that is not what the data give: where, what the export says, what they give now."""

    where: str
    export_says: str
    data_say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Result):
    """Whether an export still holds. ``same``: asked again, its question has the same answer."""

    file: str
    asked_with: str
    data_then: str
    data_now: str
    same: bool
    outcome: Note
    changes: tuple[Change, ...] = section(Change)


def verify(path: str | Path, data: Sequence[Path] = ()) -> Verified:
    """Ask the question of an export again, and say what changed.

    Raises DataProblem for a file that cannot be read, UsageProblem for one that carries no question, or one that is no
    question to be asked again.

    Examples
    --------
    >>> verify("owners.json").same                                                            # doctest: +SKIP
    True
    """
    content = _read(Path(path))
    recorded = recording.find(content)
    if recorded is None:
        raise UsageProblem(
            f"{Path(path).name} carries no question of capgraph: give JSON, Markdown, a page or a chart that a command "
            "wrote (CSV and JSON lines carry none, nor do answers to questions that took a file)"
        )
    words = _words(recorded.asked)
    try:
        clocks = _checked(words)
        now, trouble = recompute(words, recorded.form, data), None
    except Refused:
        raise
    except (CapgraphError, click.ClickException) as error:
        told = error.format_message() if isinstance(error, click.ClickException) else str(error)
        clocks, now, trouble = (None, None), b"", told
    import capgraph

    graph = capgraph.load(data or None, as_of=clocks[0], known_on=clocks[1])
    return _compared(graph, Path(path).name, recorded, content, now, trouble)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataProblem(f"{path.name} is larger than {MOST_BYTES >> 20} MB; no export is")
        return path.read_bytes()
    except OSError as error:
        raise DataProblem(f"{path.name} cannot be read ({error.strerror})") from error


# The recorded question ------------------------------------------------------------------------------------------------


class Refused(UsageProblem):
    """What a file records is no question that may be asked again."""


def _words(asked: str) -> list[str]:
    try:
        program, command, *rest = shlex.split(asked)
    except ValueError:
        raise Refused(f"{asked[:80]!r} is no command line of capgraph") from None
    if program != "capgraph" or command not in ANSWERS:
        raise Refused(f"{asked[:80]!r} is no question; only commands that read and answer are run again")
    if {"-h", "--help"} & set(rest):
        raise Refused("the recorded question asks for help, which no export records")
    return [command, *rest]


def _checked(words: Sequence[str]) -> tuple[str | None, str | None]:
    """The clocks of a recorded question. Raises Refused for one that does more than ask."""
    command, root = _command(words[0])
    recorded = command.make_context(words[0], list(words[1:]), parent=root)
    for param in command.params:
        name = param.name or ""
        given = recorded.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and (name in HERE or name == "from_json"):
            raise Refused(f"the recorded question sets {max(param.opts, key=len)}, which no export records")
        if _is_file(param, recorded.params.get(name)):
            raise Refused(f"the recorded question names a file ({max(param.opts, key=len)})")
    if needs_file(recorded):
        raise Refused("the recorded question names a file or standard input")
    if float(recorded.params.get("timeout") or 0) > MOST_SECONDS:
        raise Refused(f"the recorded question asks for more than {MOST_SECONDS:.0f} seconds")
    return recorded.params.get("as_of"), recorded.params.get("known_on")


def _command(name: str) -> tuple[click.Command, click.Context]:
    from capgraph.cli import capgraph

    root = click.Context(capgraph, info_name="capgraph", obj=Sink(), **capgraph.context_settings)
    command = capgraph.get_command(root, name)
    assert command is not None
    return command, root


def recompute(words: Sequence[str], form: str, data: Sequence[Path] = ()) -> bytes:
    """The export that a command line gives now, in the same form. Whatever refuses the words has to come before."""
    command, root = _command(words[0])
    own = [] if form == "html" and words[0] == "view" else ["--format", form]
    own += [] if "--lang" in words else ["--lang", "en"]
    own += [word for folder in data for word in ("--data", str(folder))]
    context = command.make_context(words[0], [*own, *words[1:]], parent=root)
    with context, suppress(click.exceptions.Exit):  # an answer that is "no" stands in the sink all the same
        command.invoke(context)
    sink: Sink = root.obj
    return b"".join(sink.taken)


def _is_file(param: click.Parameter, value: Any) -> bool:
    """Whether a bare name means a file that happens to lie here, in place of something shipped."""
    if "FILE" not in (param.metavar or "") or param.name in HERE:
        return False
    values = value if isinstance(value, tuple) else (value,)
    return any(each and Path(str(each)).exists() for each in values)


# Comparison -----------------------------------------------------------------------------------------------------------


def _compared(
    graph: CapitalGraph, file: str, recorded: Recorded, before: bytes, now: bytes, trouble: str | None
) -> Verified:
    version = graph.store.version
    changes = [] if trouble else list(_changes(recorded, version, before, now))
    same = not changes and trouble is None
    moved = version != recorded.data
    if trouble is not None:
        outcome = note("verify.no_answer", message=trouble)
    elif same:
        outcome = note("verify.same_other_data" if moved else "verify.same")
    else:
        outcome = note("verify.differs_other_data" if moved else "verify.differs", count=len(changes))
    left = len(changes) - MOST_CHANGES
    return Verified(
        file=file,
        asked_with=recorded.asked,
        data_then=recorded.data,
        data_now=version,
        same=same,
        outcome=outcome,
        changes=tuple(changes[:MOST_CHANGES]),
        context=graph.context,
        notes=(note("verify.more", count=left),) if left > 0 else (),
    )


def _changes(recorded: Recorded, version: str, before: bytes, now: bytes) -> Iterator[Change]:
    """What differs between an export and the answer of today, the version of the data apart."""
    if recorded.form == "png":
        if before != now:
            yield Change("png", f"{len(before)} B", f"{len(now)} B")
        return
    old, new = (_open(content.decode("utf-8", "replace")) for content in (before, now))
    if old.replace(recorded.data, version) == new:
        return
    documents = _documents(recorded.form, old), _documents(recorded.form, new)
    found = list(_between("", *documents)) if documents[0] is not None and documents[1] is not None else []
    ignored = {"data", "meta.version", "facts.data"}
    found = [change for change in found if change.where not in ignored or change.export_says != recorded.data]
    if found:
        yield from found
    else:
        yield from _lines(old.replace(recorded.data, version), new)


def _open(text: str) -> str:
    """A text with the drawings that it holds as text too: they name the version of the data like everything else."""
    return _DRAWING.sub(lambda found: base64.b64decode(found[1]).decode("utf-8", "replace"), text)


def _documents(form: str, text: str) -> Any:
    """The figures of an export as a document: JSON itself, the graph that a page carries; None for other text."""
    found = _GRAPH.search(text) if form == "html" else None
    if form != "json" and found is None:
        return None
    try:
        return json.loads(found[1] if found else text)
    except ValueError:
        return None


def _between(where: str, old: Any, new: Any) -> Iterator[Change]:
    """The leaves in which two documents differ, each with its path."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _between(f"{where}.{key}" if where else key, old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for name, one, two in _matched(old, new):
            yield from _between(f"{where}[{name}]", one, two)
    else:
        yield Change(where, _short(old), _short(new))


def _matched(old: list[Any], new: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """The members of two lists that belong together: rows by a field that names them, anything else by its place."""
    for key in _KEYS:
        pair = [_keyed(rows, key) for rows in (old, new)]
        if pair[0] is not None and pair[1] is not None:
            for name in dict.fromkeys((*pair[0], *pair[1])):
                yield name, pair[0].get(name), pair[1].get(name)
            return
    for place in range(max(len(old), len(new))):
        one, two = (rows[place] if place < len(rows) else None for rows in (old, new))
        yield str(place), one, two


def _keyed(rows: list[Any], key: str) -> Mapping[str, Any] | None:
    if not all(isinstance(row, dict) and row.get(key) for row in rows):
        return None
    named = {_short(row[key]): row for row in rows}
    return named if len(named) == len(rows) else None


def _lines(old: str, new: str) -> Iterator[Change]:
    """The lines in which two texts differ, those that replace each other beside each other."""
    one, two = old.splitlines(), new.splitlines()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag != "equal":
            for place in range(max(j - i, m - k)):
                before, now = (
                    rows[at + place] if at + place < end else None for rows, at, end in ((one, i, j), (two, k, m))
                )
                yield Change(str(i + place + 1), _short(before), _short(now))


def _short(value: Any) -> str:
    """A value as a cell, cut where it is long; a missing one is empty."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"
