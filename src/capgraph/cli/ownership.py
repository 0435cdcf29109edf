"""Questions about ownership: who holds a company, what a party holds."""

from __future__ import annotations

import click

from capgraph.cli.options import Options, answer, shared_options


@click.command()
@click.argument("company")
@click.option("--diluted", is_flag=True, help="Count warrants, convertibles, profit shares and fund interests too.")
@shared_options
def owners(company: str, diluted: bool, options: Options) -> None:
    """Who holds a company, by percent, and what nobody accounts for.

    \b
    Examples:
      capgraph owners openai --as-of 2026-04-30
      capgraph owners openai --group --evidence
    """
    answer(options, lambda graph: graph.owners(company, diluted=diluted))


@click.command()
@click.argument("party")
@shared_options
def holdings(party: str, options: Options) -> None:
    """What a party holds, and what each stake is worth.

    \b
    Examples:
      capgraph holdings softbank-group --as-of 2025-09-30
      capgraph holdings softbank-group --as-of 2025-10-31 --known-on 2025-11-10
      capgraph holdings 英伟达 --lang zh
    """
    answer(options, lambda graph: graph.holdings(party))
