"""Questions about money over time: what a party made, what it would have had, what paid for what."""

from __future__ import annotations

import click

from capgraph.cli.options import Options, answer, shared_options


@click.command()
@click.argument("holder")
@click.argument("issuer")
@shared_options
def returns(holder: str, issuer: str, options: Options) -> None:
    """What a party made on a company: cost, proceeds, gain, multiple and yearly return of each position.

    Amounts in US dollars. Where sources disagree, the answer shows what would follow from each of them.

    \b
    Examples:
      capgraph returns softbank-group nvidia --group
      capgraph returns 亚马逊 anthropic --lang zh
    """
    answer(options, lambda graph: graph.returns(holder, issuer))


@click.command("had-held")
@click.argument("holder")
@click.argument("issuer")
@click.option("--until", metavar="DATE", help="Up to when the shares would have been kept (default: --as-of).")
@shared_options
def had_held(holder: str, issuer: str, until: str | None, options: Options) -> None:
    """What sold shares would be worth, had they been kept, less what the proceeds earned elsewhere.

    \b
    Examples:
      capgraph had-held softbank-group nvidia --until 2025-11-11 --group
      capgraph had-held 软银集团 英伟达 --lang zh
    """
    answer(options, lambda graph: graph.had_held(holder, issuer, until=until))


@click.command()
@click.argument("party")
@click.option("--from", "start", metavar="DATE", help="First day of the window (2025: its first day).")
@click.option("--to", "end", metavar="DATE", help="Last day of the window (2025: its last day; default: --as-of).")
@shared_options
def funding(party: str, start: str | None, end: str | None, options: Options) -> None:
    """Where a party's money came from and went to, what paid for what, and what nobody accounts for.

    \b
    Examples:
      capgraph funding softbank-group --from 2025 --to 2025 --group
      capgraph funding openai --from 2025-10 --to 2026-03 --rung closed
      capgraph funding 软银集团 --from 2025 --to 2025 --lang zh
    """
    answer(options, lambda graph: graph.funding(party, start, end))
