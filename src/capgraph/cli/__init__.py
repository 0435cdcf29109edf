"""The command line: parse, ask the graph, render. Nothing else happens here.

Commands are loaded when they are called, so ``capgraph --help`` imports click and little more.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from capgraph import __version__

_ROOMS: dict[str, tuple[str, ...]] = {
    "capgraph.cli.data": ("build", "check-data", "stats", "evidence"),
    "capgraph.cli.parties": ("find", "show"),
    "capgraph.cli.ownership": ("owners", "holdings", "control", "controllers"),
    "capgraph.cli.exposure": ("exposure", "exposed-to"),
    "capgraph.cli.registers": ("components",),
    "capgraph.cli.stress": ("shock", "margin"),
    "capgraph.cli.routes": ("path", "between", "depends", "loops", "chokepoints"),
    "capgraph.cli.stories": ("timeline", "compare", "diff", "rules"),
    "capgraph.cli.money": ("funding", "returns", "had-held"),
    "capgraph.cli.doubts": ("disputes", "gaps", "verify"),
    "capgraph.cli.claims": ("check",),
    "capgraph.cli.reading": ("read",),
    "capgraph.cli.sparql": ("query", "ask", "serve"),
    "capgraph.cli.pictures": ("view",),
    "capgraph.cli.charts": ("chart",),
    "capgraph.cli.servers": ("publish",),
    "capgraph.cli.shell": ("completion",),
}
"""Which room holds which commands, in the order of the help page."""


class Commands(click.Group):
    """A group whose commands live in rooms that are opened on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click calls it so)
        return [name for names in _ROOMS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for room, names in _ROOMS.items():
            if cmd_name in names:
                command: click.Command = getattr(importlib.import_module(room), cmd_name.replace("-", "_"))
                return command
        return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="capgraph")
def capgraph() -> None:
    """Who finances, owns, lends to, buys from and depends on whom in AI, and how does anyone know?

    \b
    Examples:
      capgraph show SoftBank
      capgraph owners openai --as-of 2026-04-30
      capgraph path 孙正义 nvidia --lang zh
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 done, 1 no, 2 wrong use, 3 bad data, 130 interrupted."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    from capgraph.errors import CapgraphError

    try:
        _use_utf8()
        words = _typed() if arguments is None else list(arguments)
        outcome = capgraph.main(words, prog_name="capgraph", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CapgraphError as error:
        if os.environ.get("CAPGRAPH_DEBUG"):
            raise
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our pipe has gone; close quietly and keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _typed() -> list[str]:
    """The words of the command line as UTF-8, also where the locale says ASCII."""
    return [os.fsencode(word).decode("utf-8", "replace") for word in sys.argv[1:]]


def _use_utf8() -> None:
    """Answers are UTF-8 wherever they go; a terminal that cannot show a sign shows a question mark, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace" if stream.isatty() else "strict")
