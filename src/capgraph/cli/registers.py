"""Questions about a register as a whole."""

from __future__ import annotations

import click

from capgraph.cli.options import FORMATS, Options, answer, engine_option, options_with


@click.command()
@click.option("--strong", is_flag=True, help="Only rings of parties that hold each other, and the bow-tie around them.")
@engine_option
@options_with(FORMATS, counted=False)
def components(strong: bool, options: Options) -> None:
    """Which parties hang together by stakes: the groups that stakes tie together, largest first.

    \b
    Examples:
      capgraph components
      capgraph components --strong --as-of 2026-04-30
      capgraph components --data my-register --engine spark
    """
    answer(options, lambda graph: graph.components(strong=strong))
