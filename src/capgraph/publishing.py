"""Answers of the W3C's formats as files for others: with the data and clocks they come from, and safe to open."""

from __future__ import annotations

import csv
import io
import json

from capgraph.bounded import Outcome
from capgraph.results import Context

_COMMENTED = ("ttl", "nt")


def published(outcome: Outcome, context: Context, graph: str) -> str:
    """The text of an outcome, ending with a line feed.

    Turtle and N-Triples begin with a comment that names data and clocks, JSON links to them in its head (``graph`` is
    the IRI of the derived graph of the clocks), cells of a CSV that a spreadsheet would run are made inert.
    """
    text = outcome.body.decode()
    if outcome.format in _COMMENTED:
        clocks = context.clocks
        text = f"# capgraph {context.version}, as of {clocks.as_of}, known on {clocks.known_on}\n{text}"
    elif outcome.format == "json":
        document = json.loads(text)
        document["head"]["link"] = [f"{graph}?data={context.version}"]
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    elif outcome.format == "csv":
        text = inert(text)
    return text if text.endswith("\n") else f"{text}\n"


def inert(text: str) -> str:
    """A CSV whose texts no spreadsheet takes for a formula; numbers stay numbers.

    >>> inert('a,b\\n=1+1,-5\\n')
    "a,b\\n'=1+1,-5\\n"
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for row in csv.reader(io.StringIO(text, newline="")):
        writer.writerow([_inert_cell(cell) for cell in row])
    return out.getvalue()


def _inert_cell(cell: str) -> str:
    if cell[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
