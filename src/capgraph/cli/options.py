"""The options that every question shares, and the one way in which an answer leaves the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph
    from capgraph.results import Result

FORMATS = ("table", "json", "jsonl", "csv", "md")

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Options:
    """What the user asked for beside the question itself."""

    format: str
    output: str
    lang: str
    as_of: str | None
    known_on: str | None
    rung: str
    group: bool
    evidence: bool
    data: tuple[Path, ...]
    without: tuple[str, ...]
    set: tuple[str, ...]
    endpoint: str = ""
    engine: str = ""

    def graph(self) -> CapitalGraph:
        """The graph under these options."""
        import capgraph
        from capgraph.cli.asked import command_line

        graph = capgraph.load(
            self.data or None,
            as_of=self.as_of,
            known_on=self.known_on,
            rung=self.rung,
            group=self.group,
            without=self.without,
            sets=self.set,
            endpoint=self.endpoint,
            engine=self.engine,
        )
        return graph.recorded(command_line(click.get_current_context(), graph.clocks))


data_option = click.option(
    "--data",
    multiple=True,
    envvar="CAPGRAPH_DATA",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A data folder instead of the bundled one; repeat it to join folders.",
)
_ENDPOINT = click.option(
    "--endpoint",
    envvar="CAPGRAPH_ENDPOINT",
    metavar="URL",
    help="Take the facts from this SPARQL 1.1 server instead of a folder.",
)
engine_option = click.option(
    "--engine",
    metavar="ENGINE",
    help="Let Apache Spark walk through the whole register: spark, or the master of a cluster (docs/cluster.md).",
)
"""For the commands that can leave such a walk to a cluster; it stands above the shared options."""
_OUTPUT = click.option(
    "-o", "--output", default="-", metavar="FILE", help="Write to a file instead of standard output."
)
_LANG = click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", envvar="CAPGRAPH_LANG", help="Language of the answer."
)
_CLOCKS = (
    click.option("--as-of", metavar="DATE", help="What was true on this day (default: the day of --known-on)."),
    click.option("--known-on", metavar="DATE", help="What was public on this day (default: the latest publication)."),
)
_COUNTED = (
    click.option(
        "--rung",
        default="signed",
        metavar="RUNG",
        help="Count promises from this rung up (rumoured, announced, conditional, signed, closed).",
        show_default=True,
    ),
    click.option("--group", is_flag=True, help="Take a party with its subsidiaries and vehicles as one house."),
)
_ASSUMED = (
    click.option(
        "--without",
        multiple=True,
        metavar="KIND/ID",
        help="As if this thing had never been, such as deal/...; repeatable.",
    ),
    click.option(
        "--set",
        "set_",
        multiple=True,
        metavar="KIND/ID.FIELD=VALUE",
        help="As if this cell or figure were so; repeatable.",
    ),
)
_EVIDENCE = click.option("--evidence", is_flag=True, help="Print every reading and source behind the answer.")


def _format(formats: Sequence[str], default: str) -> Callable[[Function], Function]:
    told = "Form of the answer." if default else "Form of the file (default: as its suffix says)."
    return click.option(
        "-f", "--format", type=click.Choice(formats), default=default or None, help=told, show_default=bool(default)
    )


def shared_options(command: Function) -> Function:
    """Give a command all shared options; its function receives them as one ``options`` argument."""
    return options_with(FORMATS)(command)


def graph_options(command: Function) -> Function:
    """The shared options that choose a graph, for a command that prints no answer of its own."""
    return _decorated(command, (), "")


def options_with(
    formats: Sequence[str], default: str = "table", counted: bool = True
) -> Callable[[Function], Function]:
    """The shared options for a command whose answers have other formats. Without a default the suffix of the file that
    is written decides, and ``options.format`` is empty. ``counted``: rungs and houses mean something to the command."""
    return lambda command: _decorated(command, formats, default, counted)


def _decorated(command: Function, formats: Sequence[str], default: str, counted: bool = True) -> Function:
    @functools.wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> Any:
        own = {name: kwargs.pop(name) for name in ("lang", "as_of", "known_on")}
        options = Options(
            **own,
            rung=kwargs.pop("rung", "signed"),
            group=kwargs.pop("group", False),
            output=kwargs.pop("output", "-"),
            format=kwargs.pop("format", None) or "",
            evidence=kwargs.pop("evidence", False),
            data=tuple(kwargs.pop("data")),
            without=tuple(kwargs.pop("without")),
            set=tuple(kwargs.pop("set_")),
            endpoint=kwargs.pop("endpoint") or "",
            engine=kwargs.pop("engine", None) or "",
        )
        return command(*args, options=options, **kwargs)

    decorated: Any = with_options
    answering = (_format(formats, default), _EVIDENCE, _OUTPUT) if formats else ()
    scope = (*_COUNTED, *_ASSUMED) if counted else _ASSUMED
    for option in reversed((*answering, _LANG, *_CLOCKS, *scope, data_option, _ENDPOINT)):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def answer(options: Options, ask: Callable[[CapitalGraph], Result]) -> None:
    """Ask the graph and send the answer out in the asked form."""
    graph = options.graph()
    emit(graph.render(ask(graph), options.format, options.lang, evidence=options.evidence), options.output)


class Sink:
    """Takes answers in place of standard output and files, for a command that another one runs."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []


def emit(content: str | bytes, output: str) -> None:
    """Write an answer to standard output (``-``) or, whole or not at all, to a file."""
    context = click.get_current_context(silent=True)
    sink = context.find_object(Sink) if context is not None else None
    if sink is not None:
        sink.taken.append(content.encode() if isinstance(content, str) else content)
        return
    if output == "-":
        click.echo(content, nl=False)
        return
    from capgraph.writing import write_atomically

    write_atomically(Path(output), content)
    click.echo(f"wrote {output}", err=True)
