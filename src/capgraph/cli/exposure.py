"""What a party stands to lose by others, who stands to lose by it, and what two parties hold in common."""

from __future__ import annotations

import click

from capgraph.cli.options import Options, answer, engine_option, shared_options


@click.command()
@click.argument("party")
@click.option("--to", metavar="PARTY", help="Only what it stands to lose by this party, chains of holdings included.")
@click.option("--overlap", metavar="PARTY", help="Instead: what this party holds that the first holds too.")
@engine_option
@shared_options
def exposure(party: str, to: str | None, overlap: str | None, options: Options) -> None:
    """What a party stands to lose by others: stakes, loans, guarantees, pledges, contracts, and against its own size.

    \b
    Examples:
      capgraph exposure 软银
      capgraph exposure nvidia --to openai --evidence
      capgraph exposure softbank-group --overlap nvidia
    """
    if to and overlap:
        raise click.UsageError("--to and --overlap are two questions; ask one of them")
    if overlap:
        answer(options, lambda graph: graph.overlap(party, overlap))
    else:
        answer(options, lambda graph: graph.exposure(party, to=to))


@click.command()
@click.argument("party")
@shared_options
def exposed_to(party: str, options: Options) -> None:
    """Who stands to lose by a party: its holders, lenders, guarantors, suppliers, customers.

    \b
    Examples:
      capgraph exposed-to openai
      capgraph exposed-to CoreWeave --lang zh
    """
    answer(options, lambda graph: graph.exposed_to(party))
