"""Questions about connections: paths, direct links, dependencies, money circles, choke points."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from capgraph.cli.options import Options, answer, shared_options
from capgraph.errors import NotFound

if TYPE_CHECKING:
    from capgraph.graph import CapitalGraph
    from capgraph.results import Result

LAYERS = ("equity", "debt", "contract", "people", "dependency")
ORDERS = ("hops", "amount", "share", "evidence")
CHANNELS = ("technology", "supply", "money")


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("-k", "k", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many paths.")
@click.option("--max-hops", type=click.IntRange(1, 8), default=4, show_default=True, help="The longest path, in links.")
@click.option(
    "--by",
    type=click.Choice(ORDERS),
    default="hops",
    show_default=True,
    help="Rank by fewest links, largest bottleneck amount, largest product of shares or best weakest evidence.",
)
@click.option(
    "--layer", "layers", multiple=True, type=click.Choice(LAYERS), help="Only links of this layer; repeatable."
)
@click.option("--via", multiple=True, metavar="PARTY", help="The path must pass this party; repeatable.")
@click.option("--avoid", multiple=True, metavar="PARTY", help="The path must not pass this party; repeatable.")
@click.option(
    "--directed", is_flag=True, help="Walk links only from holder, lender, supplier, person to the other end."
)
@click.option(
    "--window",
    nargs=2,
    metavar="DATE DATE",
    help="Paths in the order of time: what happened or stood between two days, no link earlier than the one before.",
)
@click.option("--distinct", is_flag=True, help="Of parallel links take only the best: paths differ in the parties.")
@shared_options
def path(
    source: str,
    target: str,
    k: int,
    max_hops: int,
    by: str,
    layers: tuple[str, ...],
    via: tuple[str, ...],
    avoid: tuple[str, ...],
    directed: bool,
    distinct: bool,
    window: tuple[str, str] | None,
    options: Options,
) -> None:
    """How two parties are connected, link by link, each with its sources.

    \b
    Examples:
      capgraph path 孙正义 nvidia
      capgraph path oracle softbank-group -k 5 --lang zh
      capgraph path microsoft coreweave --by amount --layer contract --layer equity
      capgraph path softbank-group oracle --window 2025-01 2025-12
    """
    _answer(
        options,
        lambda graph: graph.path(
            source,
            target,
            k=k,
            max_hops=max_hops,
            by=by,
            layers=layers,
            via=via,
            avoid=avoid,
            directed=directed,
            distinct=distinct,
            window=window,
        ),
    )


@click.command()
@click.argument("one", metavar="PARTY")
@click.argument("other", metavar="PARTY")
@shared_options
def between(one: str, other: str, options: Options) -> None:
    """Everything that ties two parties together directly: stakes, loans, contracts, promises, payments.

    \b
    Examples:
      capgraph between microsoft openai
      capgraph between 软银 openai --group --lang zh
    """
    _answer(options, lambda graph: graph.between(one, other))


@click.command()
@click.argument("thing", metavar="PARTY_OR_PRODUCT")
@click.option("--max-hops", type=click.IntRange(1, 4), default=2, show_default=True, help="The longest chain of needs.")
@click.option(
    "--channel",
    "channels",
    multiple=True,
    type=click.Choice(CHANNELS),
    default=CHANNELS,
    help="Only needs of this channel; repeatable (default: all).",
)
@shared_options
def depends(thing: str, max_hops: int, channels: tuple[str, ...], options: Options) -> None:
    """Who cannot deliver without a party or product, and what could take its place.

    \b
    Examples:
      capgraph depends tsmc
      capgraph depends 昇腾 --lang zh
      capgraph depends openai --channel technology --max-hops 1
    """
    answer(options, lambda graph: graph.depends(thing, max_hops=max_hops, channels=channels))


@click.command()
@click.option("--through", default="", metavar="PARTY", help="Only circles through this party.")
@click.option("--max-length", type=click.IntRange(2, 8), default=5, show_default=True, help="Most parties in a circle.")
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many circles to show.")
@click.option("--since", metavar="DATE", help="Only payments of this day or later.")
@click.option("--measures", is_flag=True, help="Instead measure how circular the money is, beside random graphs.")
@shared_options
def loops(through: str, max_length: int, top: int, since: str | None, measures: bool, options: Options) -> None:
    """Money circles: who pays whom pays whom, back to the first, and for what.

    \b
    Examples:
      capgraph loops --rung announced
      capgraph loops --through 英伟达 --rung announced --lang zh
      capgraph loops --measures
    """
    if measures:
        answer(options, lambda graph: graph.circularity(since=since))
    else:
        answer(options, lambda graph: graph.loops(through=through, max_length=max_length, top=top, since=since))


@click.command()
@click.argument("source", metavar="[PARTY]", default="")
@click.option("--between", nargs=2, metavar="PARTY PARTY", help="What must go before these two are apart.")
@click.option(
    "--layer", "layers", multiple=True, type=click.Choice(LAYERS), help="Only ties of this layer; repeatable."
)
@click.option(
    "--max-length", type=click.IntRange(2, 6), default=4, show_default=True, help="The longest money path counted."
)
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Most rows of each kind.")
@shared_options
def chokepoints(
    source: str,
    between: tuple[str, str] | None,
    layers: tuple[str, ...],
    max_length: int,
    top: int,
    options: Options,
) -> None:
    """Where the network is thin: parties and ties that much depends on.

    Alone: for the whole network. With a party: who stands between its money and others. With --between: the smallest
    cuts between two parties.

    \b
    Examples:
      capgraph chokepoints --top 5
      capgraph chokepoints softbank-group --lang zh
      capgraph chokepoints --between openai tsmc --layer equity
    """
    if source and between:
        raise click.UsageError("give a party or --between, not both")
    if between:
        answer(options, lambda graph: graph.separators(*between, layers=layers))
    elif source:
        answer(options, lambda graph: graph.gates(source, top=top))
    else:
        answer(options, lambda graph: graph.chokepoints(layers=layers, max_length=max_length, top=top))


def _answer(options: Options, ask: Callable[[CapitalGraph], Result]) -> None:
    """Answer, or say in the asked language that nothing connects the two."""
    try:
        answer(options, ask)
    except NotFound as nothing:
        told = getattr(nothing, "note", None)
        if told is None:
            raise
        from capgraph import ontology
        from capgraph.voice import Voice

        raise NotFound(Voice(ontology.load(), options.lang).text(told)) from nothing
