"""Questions about ownership and control: who holds, what is held, who decides."""

from __future__ import annotations

import click

from capgraph.cli.options import Options, answer, engine_option, shared_options

_DILUTED = click.option(
    "--diluted", is_flag=True, help="Count warrants, convertibles, profit shares and fund interests too."
)
_CHAINS = click.option(
    "--chains", type=click.IntRange(0, 50), default=3, show_default=True, help="With --look-through: chains to show."
)
_THRESHOLD = click.option(
    "--threshold", default="50", show_default=True, metavar="PERCENT", help="Votes that control has to exceed."
)


def _refuse_engine(options: Options, look_through: bool) -> None:
    if options.engine and not look_through:
        raise click.UsageError("--engine goes with --look-through; without it no walk through the register is needed")


@click.command()
@click.argument("company")
@click.option("--look-through", is_flag=True, help="Count what is held through others, loops once, with the chains.")
@click.option("--final", is_flag=True, help="Who owns it in the end, unknown owners included; sums to 100.")
@_DILUTED
@_CHAINS
@engine_option
@shared_options
def owners(company: str, look_through: bool, final: bool, diluted: bool, chains: int, options: Options) -> None:
    """Who holds a company, by percent, and what nobody accounts for.

    \b
    Examples:
      capgraph owners openai --as-of 2026-04-30
      capgraph owners openai --final --lang zh
      capgraph owners smic-south --look-through --group
    """
    if look_through and final:
        raise click.UsageError("--look-through and --final are two questions; ask one of them")
    _refuse_engine(options, look_through)
    if final:
        answer(options, lambda graph: graph.final_owners(company, diluted=diluted))
    elif look_through:
        answer(options, lambda graph: graph.owners_through(company, diluted=diluted, chains=chains))
    else:
        answer(options, lambda graph: graph.owners(company, diluted=diluted))


@click.command()
@click.argument("party")
@click.option("--look-through", is_flag=True, help="Count what is held through others, loops once, with the chains.")
@_DILUTED
@_CHAINS
@engine_option
@shared_options
def holdings(party: str, look_through: bool, diluted: bool, chains: int, options: Options) -> None:
    """What a party holds, and what each stake is worth.

    \b
    Examples:
      capgraph holdings softbank-group --as-of 2025-09-30
      capgraph holdings softbank-group --as-of 2025-10-31 --known-on 2025-11-10
      capgraph holdings 马斯克 --look-through
    """
    if diluted and not look_through:
        raise click.UsageError("--diluted goes with --look-through; direct holdings list what stands beside anyway")
    _refuse_engine(options, look_through)
    if look_through:
        answer(options, lambda graph: graph.holdings_through(party, diluted=diluted, chains=chains))
    else:
        answer(options, lambda graph: graph.holdings(party))


@click.command()
@click.argument("party")
@click.option("--with", "together", multiple=True, metavar="PARTY", help="Acts together with the party; repeatable.")
@click.option("--close-links", is_flag=True, help="Instead: who is closely linked to it, by the ECB's two definitions.")
@_THRESHOLD
@shared_options
def control(party: str, together: tuple[str, ...], close_links: bool, threshold: str, options: Options) -> None:
    """What a party controls by votes, alone or through those it controls, and its economic share of it.

    \b
    Examples:
      capgraph control elon-musk
      capgraph control microsoft --with openai-foundation
      capgraph control softbank-group --threshold 20
    """
    if close_links:
        answer(options, lambda graph: graph.close_links(party))
    else:
        answer(options, lambda graph: graph.control(party, together=together, threshold=threshold))


@click.command()
@click.argument("company")
@_THRESHOLD
@shared_options
def controllers(company: str, threshold: str, options: Options) -> None:
    """Who controls a company, who could together, and how much power its holders have.

    \b
    Examples:
      capgraph controllers openai
      capgraph controllers spacex --as-of 2026-06-30 --evidence
    """
    answer(options, lambda graph: graph.controllers(company, threshold=threshold))
