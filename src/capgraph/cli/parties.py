"""Questions about one party: find it, show it."""

from __future__ import annotations

import click

from capgraph.cli.options import Options, answer, shared_options


@click.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Most hits to print.")
@shared_options
def find(text: str, limit: int, options: Options) -> None:
    """Find parties and products by id, ticker, alias, English or Chinese name; near misses count.

    \b
    Examples:
      capgraph find 英伟达
      capgraph find nvidai
    """
    answer(options, lambda graph: graph.find(text, limit))


@click.command()
@click.argument("party")
@shared_options
def show(party: str, options: Options) -> None:
    """One party on one screen: figures, stakes, loans, contracts, people, dependencies.

    \b
    Examples:
      capgraph show 软银 --lang zh
      capgraph show openai --as-of 2025-12-31 --evidence
    """
    answer(options, lambda graph: graph.show(party))
