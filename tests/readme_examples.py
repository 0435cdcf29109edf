"""Run the console examples of a Markdown file; ``python -m tests.readme_examples`` writes their outputs to the README.

An example is a fenced ``console`` block: lines that start with ``$ capgraph`` are run as typed, and what follows is
what they print. A line ``...`` stands for any lines left out.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from capgraph.cli import run

README = Path(__file__).resolve().parent.parent / "README.md"
MOST_LINES = 24

_VERSION = re.compile(r"((?:base|claims)-[0-9.]+)\.[0-9a-f]{8}")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples(text: str) -> Iterator[tuple[str, str]]:
    """Each command of the examples with the output that the text prints for it."""
    for block in _BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def output_of(command: str) -> str:
    """What a command prints, on both streams, without colour."""
    words = shlex.split(command)
    assert words[0] == "capgraph", f"an example runs capgraph, not {words[0]}"
    os.environ.pop("CAPGRAPH_LANG", None)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        run(words[1:])
    return out.getvalue()


def fits(printed: str, real: str) -> bool:
    """Whether an output is what the text prints; ``...`` lines stand for anything; any data version fits."""
    shown, real = _VERSION.sub(r"\1", printed), _VERSION.sub(r"\1", real)
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in shown.splitlines())
    return re.fullmatch(pattern, real) is not None


def shortened(output: str) -> str:
    """An output as a README shows it: the first lines, and a sign that there are more."""
    lines = output.splitlines()
    shown = lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "..."]
    return "".join(f"{line}\n" for line in shown)


def rewritten(text: str) -> str:
    """The text with the real output under every command."""

    def block(match: re.Match[str]) -> str:
        commands = [command for command, _ in examples(match[0])]
        return "```console\n" + "".join(f"$ {command}\n{shortened(output_of(command))}" for command in commands) + "```"

    return _BLOCK.sub(block, text)


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
