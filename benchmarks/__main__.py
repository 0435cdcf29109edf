"""``python -m benchmarks``: measure, print Markdown, keep it under ``output/``.

A group is a module of this package with a text ``ABOUT`` and ``measure(settings)``, which gives tables
(:class:`benchmarks.tables.Table`). What goes wrong in a group stands in its place, and the command ends with 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.machine import described
from benchmarks.tables import Settings

GROUPS = {
    "start": "startup",
    "sparql": "engines",
    "ownership": "ownership",
    "circles": "circles",
    "page": "pages",
    "reading": "reading",
    "registers": "registers",
}
"""The groups in the order of the report: the name for ``--only``, and the module."""

HEAD = """# Benchmarks

Made by `python -m benchmarks`. Against each figure stands what a user would take instead, on the same machine in the
same run. Every measurement runs in a process of its own; a time is the least of up to five calls, or the median of
the runs of a whole command; a peer that does not come back is stopped at a limit, and `>` stands before that limit.
"""


def report(names: Iterable[str], settings: Settings) -> Iterator[tuple[str, bool]]:
    """The report piece by piece, each with whether something in it went wrong."""
    yield f"{HEAD}\n{described()}", False
    for name in names:
        began = time.perf_counter()
        try:
            group = import_module(f"benchmarks.{GROUPS[name]}")
            yield f"## {name}\n\n{group.ABOUT}\n", False
            for table in group.measure(settings):
                yield table.markdown(), bool(table.faults)
        except Exception as error:  # a group that breaks must not take the others with it
            yield f"**Failed:** {type(error).__name__}: {error}\n", True
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Time, memory and growth, against peers.")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and short limits: under a minute on a quiet machine"
    )
    parser.add_argument("--only", action="append", choices=GROUPS, help="this group alone (may be repeated)")
    parser.add_argument("--data", type=Path, help="a data folder in place of the bundled one (not for start)")
    parser.add_argument("-o", "--output", type=Path, default=Path("output/benchmarks.md"), metavar="FILE.md")
    options = parser.parse_args(words)
    settings = Settings(options.quick, str(options.data.resolve()) if options.data else "")
    texts, wrong = [], False
    for text, failed in report(options.only or GROUPS, settings):
        print(text, flush=True)
        texts.append(text)
        wrong |= failed
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n".join(texts), encoding="utf-8")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
