"""A command line as others can run it again: canonical, with both clocks, without any path of the machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import click

from capgraph.clocks import Clocks

HERE = frozenset({"output", "data", "endpoint", "format", "no_table"})
"""What belongs to the machine that asks or to the file that is written, not to the question."""

_NAME = re.compile(r"[\w.-]+")


def command_line(context: click.Context, clocks: Clocks) -> str:
    """The command line that gives the same answer again on the same data; empty for a question that took a file.

    Arguments come first, then what differs from the defaults, in the order of the help; both clocks are always there,
    so that later data do not move them.
    """
    given = dict(context.params) | {"as_of": str(clocks.as_of), "known_on": str(clocks.known_on)}
    if needs_file(context):
        return ""
    words = ["capgraph", context.info_name or ""]
    for kind in (click.Argument, click.Option):
        for param in context.command.params:
            if isinstance(param, kind) and param.name not in HERE:
                words += _words(param, given.get(param.name or ""))
    return shlex.join(words)


def needs_file(context: click.Context) -> bool:
    """Whether a question rests on a file, or on standard input, which nobody else has."""
    named = any(takes_file(param, context.params.get(param.name or "")) for param in context.command.params)
    typed = context.params.get("source") or context.params.get("text")
    return named or ("source" in context.params and not typed)


def takes_file(param: click.Parameter, value: Any) -> bool:
    """Whether a parameter that may name a file does: its value is more than the bare name of something shipped."""
    if param.name in HERE or "FILE" not in (param.metavar or ""):
        return False
    values = value if isinstance(value, tuple) else (value,)
    return any(
        each is not None and (each == "-" or not _NAME.fullmatch(str(each)) or "." in str(each)) for each in values
    )


def _words(param: click.Parameter, value: Any) -> Iterator[str]:
    """A parameter as it is typed; nothing where it has its default."""
    if isinstance(param, click.Argument):
        yield from (str(each) for each in (value if isinstance(value, tuple) else (value,)) if each not in (None, ""))
        return
    assert isinstance(param, click.Option)
    name = max(param.opts, key=len)
    if value is None or value == () or (value == param.default and param.name not in ("as_of", "known_on")):
        return
    if param.is_flag:
        yield from (name,) if value else ()
    elif param.multiple:
        for each in value:
            yield from _pair(name, str(each))
    elif param.nargs > 1:
        yield from (name, *map(str, value))
    else:
        yield from _pair(name, str(value))


def _pair(name: str, value: str) -> Iterator[str]:
    """An option and its value; joined where the value alone would be read as something else."""
    yield from (f"{name}={value}",) if not value or value.startswith("-") else (name, value)
