"""The graph that a page carries: its JSON form read, checked and written.

The form is the one that people may write by hand or take out of another page (``capgraph view --from-json``)::

    {"version": 1, "meta": {...}, "nodes": [{"id", "label", ...}], "edges": [{"id", "source", "target", "layer", ...}]}

Keys that this room does not know are kept. Optional top-level keys with a meaning: ``story``, ``loops``, ``events``.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from capgraph.clocks import DateSpan
from capgraph.errors import DataProblem, Problem, UsageProblem

Graph = dict[str, Any]

VERSION = 1

_NODE_TEXTS = ("label", "label_zh", "kind")
_EDGE_TEXTS = ("currency", "status", "confidence", "note", "kind", "code", "scheme", "rung", "money")
_EDGE_NUMBERS = ("amount", "percent", "amount_low", "amount_high", "amount_usd")
_SOURCE_TEXTS = ("url", "title", "publisher")
_MONEY = ("forward", "backward", "none")


def read(path: str | Path) -> Graph:
    """The graph in a JSON file, ``-`` for standard input. Raises DataProblem naming the place and what would be right.

    >>> read("missing.json")
    Traceback (most recent call last):
    ...
    capgraph.errors.DataProblem: missing.json: error: cannot be read (No such file or directory)
    """
    name = "<stdin>" if str(path) == "-" else str(path)
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except OSError as error:
        raise DataProblem([Problem(name, 0, "", "", f"cannot be read ({error.strerror})")]) from error
    try:
        return parse(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataProblem([Problem(name, line, "", "", "not UTF-8", "a file saved as UTF-8")]) from error


def parse(text: str, name: str = "graph") -> Graph:
    """The graph in a JSON text, checked."""
    try:
        graph = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = Problem(name, error.lineno, str(error.colno), "", f"not JSON: {error.msg}", "a JSON object")
        raise DataProblem([problem]) from error
    except (RecursionError, ValueError) as error:
        raise DataProblem([Problem(name, 0, "", "", f"not JSON: {error}", "a JSON object")]) from error
    check(graph, name)
    checked: Graph = graph
    return checked


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON; write null for unknown")


def check(graph: object, name: str = "graph") -> None:
    """Raise DataProblem with every fault of a graph, each with its place (``edges[3].source``) and what would be right.

    >>> check({"nodes": [{"id": 5}], "edges": []})
    Traceback (most recent call last):
    ...
    capgraph.errors.DataProblem: graph:nodes[0].id: error: no id, got '5'; right would be: a text that no other has
    """
    problems = [
        Problem(name, 0, place, "" if value is None else str(value), wrong, right)
        for place, value, wrong, right in _faults(graph)
    ]
    if problems:
        raise DataProblem(problems)


Fault = tuple[str, object, str, str]


def _faults(graph: object) -> Iterator[Fault]:
    if not isinstance(graph, dict):
        yield "", None, f"{_kind_of(graph)} at the top", 'an object with "nodes" and "edges"'
        return
    if graph.get("version", VERSION) != VERSION:
        yield "version", graph["version"], "an unknown version", str(VERSION)
    yield from _meta_faults(graph.get("meta", {}))
    ids: dict[str, str] = {}
    for place, node in _items(graph, "nodes"):
        yield from _node_faults(place, node, ids) if isinstance(node, dict) else _no_object(place, node)
    if not isinstance(graph.get("nodes"), list):
        yield "nodes", None, "missing, or not a list", "a list of nodes, may be empty"
    links: dict[str, str] = {}
    for place, edge in _items(graph, "edges"):
        yield from _edge_faults(place, edge, ids, links) if isinstance(edge, dict) else _no_object(place, edge)
    if not isinstance(graph.get("edges"), list):
        yield "edges", None, "missing, or not a list", "a list of links, may be empty"
    yield from _part_faults(graph)


def _part_faults(graph: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the optional parts: what the page reads of them must have the form that it needs."""
    for key in ("loops", "events", "lead"):
        if not isinstance(graph.get(key, []), list):
            yield key, None, "not a list", "a list, or no such key"
        for place, item in _items(graph, key):
            if not isinstance(item, dict):
                yield from _no_object(place, item)
                continue
            yield from _text_faults(place, item, ("label", "label_zh", "text", "text_zh", "rung"))
            yield from _number_faults(place, item, ("amount",))
            yield from _date_faults(f"{place}.date", item.get("date"))
            for name in ("edges", "nodes") if key == "loops" else ():
                if not _is_texts(item.get(name)):
                    yield f"{place}.{name}", None, "not a list of ids", "the ids of nodes or links"
            for name in ("links", "parties") if key == "lead" else ():
                if not _is_texts(item.get(name, [])):
                    yield f"{place}.{name}", None, "not a list of ids", "the ids of nodes or links"
    if graph.get("story") is not None:
        from capgraph.views import stories

        for place, wrong, right in stories.faults(graph["story"]):
            yield f"story.{place}" if place else "story", None, wrong, right


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _items(graph: Mapping[str, Any], key: str) -> Iterator[tuple[str, object]]:
    items = graph.get(key)
    return ((f"{key}[{number}]", item) for number, item in enumerate(items)) if isinstance(items, list) else iter(())


def _no_object(place: str, value: object) -> Iterator[Fault]:
    yield place, None, f"{_kind_of(value)} instead of an object", "an object in braces"


def _meta_faults(meta: object) -> Iterator[Fault]:
    if not isinstance(meta, dict):
        yield "meta", None, f"{_kind_of(meta)} instead of an object", "an object in braces"
        return
    yield from _text_faults("meta", meta, ("title", "title_zh", "data_version", "command"))
    for key in ("as_of", "known_on"):
        yield from _date_faults(f"meta.{key}", meta.get(key))


def _node_faults(place: str, node: Mapping[str, Any], ids: dict[str, str]) -> Iterator[Fault]:
    yield from _id_faults(place, node.get("id"), ids)
    yield from _text_faults(place, node, _NODE_TEXTS)
    yield from _number_faults(place, node, ("value",))
    aliases = node.get("aliases")
    if aliases is not None and not _is_texts(aliases):
        yield f"{place}.aliases", None, "not a list of texts", 'for instance ["9984", "SoftBank"]'


def _edge_faults(place: str, edge: Mapping[str, Any], nodes: Mapping[str, str], ids: dict[str, str]) -> Iterator[Fault]:
    yield from _id_faults(place, edge.get("id"), ids)
    for end in ("source", "target"):
        value = edge.get(end)
        if not isinstance(value, str) or value not in nodes:
            yield f"{place}.{end}", value, "no node has this id", "the id of a node"
    if not isinstance(edge.get("layer"), str) or not edge["layer"]:
        yield f"{place}.layer", edge.get("layer"), "no layer", "equity, debt, contract, people or dependency"
    yield from _text_faults(place, edge, _EDGE_TEXTS)
    yield from _number_faults(place, edge, _EDGE_NUMBERS)
    for key in ("date", "end", "known"):
        yield from _date_faults(f"{place}.{key}", edge.get(key))
    if edge.get("money") not in (None, *_MONEY):
        yield f"{place}.money", edge["money"], "no direction of money", ", ".join(_MONEY)
    yield from _source_faults(place, edge.get("sources"))
    yield from _reading_faults(place, edge.get("readings"))


def _source_faults(place: str, sources: object) -> Iterator[Fault]:
    if sources is None:
        return
    if not isinstance(sources, list):
        yield f"{place}.sources", None, "not a list", 'for instance [{"url": "https://...", "title": "..."}]'
        return
    for number, source in enumerate(sources):
        spot = f"{place}.sources[{number}]"
        if isinstance(source, dict):
            yield from _text_faults(spot, source, (*_SOURCE_TEXTS, "date"))
        else:
            yield from _no_object(spot, source)


def _reading_faults(place: str, readings: object) -> Iterator[Fault]:
    if readings is None:
        return
    if not isinstance(readings, list):
        yield f"{place}.readings", None, "not a list", "a list of readings, best first"
        return
    for number, reading in enumerate(readings):
        spot = f"{place}.readings[{number}]"
        if isinstance(reading, dict):
            yield from _number_faults(spot, reading, ("figure", "low", "high", "usd"))
            yield from _date_faults(f"{spot}.as_of", reading.get("as_of"))
            yield from _date_faults(f"{spot}.known", reading.get("known"))
        elif not isinstance(reading, str):
            yield spot, None, f"{_kind_of(reading)} instead of a reading", "an object, or the id of a reading"


def _id_faults(place: str, value: object, ids: dict[str, str]) -> Iterator[Fault]:
    if not isinstance(value, str) or not value:
        yield f"{place}.id", value, "no id", "a text that no other has"
    elif value in ids:
        yield f"{place}.id", value, f"the id of {ids[value]} too", "a text that no other has"
    else:
        ids[value] = place


def _text_faults(place: str, item: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[Fault]:
    for key in keys:
        if not isinstance(item.get(key), str | None):
            yield f"{place}.{key}", item[key], f"{_kind_of(item[key])} instead of a text", "a text, or null"


def _number_faults(place: str, item: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[Fault]:
    for key in keys:
        value = item.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{place}.{key}", value, f"{_kind_of(value)} instead of a number", "a plain number, or null"
        elif not _drawable(value):
            yield f"{place}.{key}", None, "a number too large to draw", "at most 15 digits, or null"


def _drawable(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _date_faults(place: str, value: object) -> Iterator[Fault]:
    if value is None:
        return
    try:
        DateSpan.parse(value if isinstance(value, str) else "")
    except UsageProblem:
        yield place, value, "no date", "2025, 2025-10 or 2025-10-31, or null"


def _kind_of(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


# Writing into a page --------------------------------------------------------------------------------------------------

_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def script_json(value: object) -> str:
    r"""JSON that may stand in a script element: no ``<``, ``>``, ``&``, no line separators, no half surrogates.

    >>> script_json({"label": "</script> 软银"})
    '{"label":"\\u003c/script\\u003e 软银"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
