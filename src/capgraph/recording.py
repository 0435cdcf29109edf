"""How an export says which question it answers, on which data, and how that is found in it again.

What is recorded is the command line, with both clocks and without any path of the machine, and the data version. JSON
has it as ``asked`` and ``data``; Markdown as a link definition, which nobody sees; SVG as an attribute; PNG as a text;
HTML as a ``meta`` element. CSV and JSON lines are rows alone and carry none.
"""

from __future__ import annotations

import html
import json
import re
import struct
from dataclasses import dataclass
from typing import Any

from capgraph.results import Context

ATTRIBUTE = "data-capgraph"
"""The attribute of an SVG."""
COMMENT = "Comment"
"""The text of a PNG."""

_MARKDOWN = re.compile(r"^\[capgraph\]: # \((.*)\)$", re.MULTILINE)
_SVG = re.compile(rf'<svg [^>]*?{ATTRIBUTE}=("[^"]*"|\'[^\']*\')')
_META = re.compile(r'<meta name="capgraph" content="([^"]*)">')
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an export says of itself: its form (``json``, ``md``, ``svg``, ``png``, ``html``), the command line that
    gives it, and the version of the data."""

    form: str
    asked: str
    data: str


def record_of(asked: str, version: str) -> str:
    """What is recorded, as JSON; empty where no command asked."""
    return json.dumps({"asked": asked, "data": version}, ensure_ascii=False) if asked else ""


def record(context: Context) -> str:
    """What is recorded of an answer, as JSON; empty where no command asked for it."""
    return record_of(context.asked, context.version)


def in_markdown(context: Context) -> str:
    """The line of Markdown that holds the record: a link definition that no text refers to. Brackets are written as
    JSON escapes, so that nothing asked can end it."""
    text = record(context)
    for mark in "()\\<>":
        code = f"\\u{ord(mark):04x}"
        text = text if mark == "\\" else text.replace(mark, code)
    return f"[capgraph]: # ({text})"


def find(content: bytes) -> Recorded | None:
    """What an export says of itself; None for anything that carries no record."""
    if content.startswith(_PNG):
        return _parsed("png", _comment(content))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if text.lstrip().startswith("{"):
        return _of_json(text)
    for form, pattern in (("svg", _SVG), ("html", _META), ("md", _MARKDOWN)):
        head = text[:20_000] if form != "md" else text
        found = pattern.search(head)
        if found and (form != "svg" or text.lstrip().startswith("<?xml")):
            return _parsed(form, found[1] if form == "md" else html.unescape(found[1].strip("\"'")))
    return None


def _of_json(text: str) -> Recorded | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    for each in (document, document.get("facts")):
        if isinstance(each, dict) and isinstance(each.get("asked"), str) and isinstance(each.get("data"), str):
            return Recorded("json", each["asked"], each["data"])
    return None


def _parsed(form: str, text: str) -> Recorded | None:
    try:
        told: Any = json.loads(text)
    except ValueError:
        return None
    if isinstance(told, dict) and isinstance(told.get("asked"), str) and isinstance(told.get("data"), str):
        return Recorded(form, told["asked"], told["data"])
    return None


def _comment(content: bytes) -> str:
    """The text ``Comment`` of a PNG (chunks tEXt and iTXt, uncompressed), empty where it has none."""
    place = len(_PNG)
    while place + 12 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        name, _, text = body.partition(b"\x00")
        if kind == b"tEXt" and name == COMMENT.encode():
            return text.decode("latin-1")
        if kind == b"iTXt" and name == COMMENT.encode() and text[:1] == b"\x00":
            return text[2:].split(b"\x00", 2)[2].decode("utf-8", "replace")
        place += 12 + length
    return ""
