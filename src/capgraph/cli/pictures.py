"""Pictures of the network: one page that opens from disk."""

from __future__ import annotations

from typing import Any

import click

from capgraph.cli.options import Options, emit, shared_options


@click.command()
@click.option("--around", metavar="PARTY", help="Only the neighbourhood of this party.")
@click.option(
    "--hops", type=click.IntRange(1, 6), default=2, show_default=True, help="How far the neighbourhood reaches."
)
@click.option("--path", nargs=2, metavar="FROM TO", help="Only the best paths between two parties.")
@click.option("--changes", nargs=2, metavar="DATE DATE", help="Only what appeared or went between two days.")
@click.option("--loop", type=click.IntRange(1, 1000), metavar="N", help="Only this money circle of `capgraph loops`.")
@click.option("--through", metavar="PARTY", help="Only the money circles through this party.")
@click.option("--shock", metavar="PARTY", help="Only what a shock to this party reaches: with --fall or --default.")
@click.option("--fall", metavar="PCT", help="The party of --shock loses this part of its value.")
@click.option("--default", "defaults", is_flag=True, help="The party of --shock cannot pay.")
@click.option("--funding", metavar="PARTY", help="Only where the money of this party came from and went to.")
@click.option("--from", "start", metavar="DATE", help="First day of the window of --funding.")
@click.option("--to", "end", metavar="DATE", help="Last day of the window of --funding.")
@click.option("--layer", "layers", multiple=True, metavar="LAYER", help="Only this layer; repeatable.")
@click.option(
    "--story", metavar="NAME|FILE", help="Walk the reader through a bundled story or the steps of a YAML file."
)
@click.option("--all", "everything", is_flag=True, help="Draw even more links than a page is made for.")
@click.option(
    "--from-json", type=click.Path(), metavar="FILE", help="Build the page from the graph that another page carries."
)
@shared_options
def view(
    shock: str | None,
    fall: str | None,
    defaults: bool,
    everything: bool,
    from_json: str | None,
    options: Options,
    **subject: Any,
) -> None:
    """Write an interactive page of the network: one HTML file, no server, no network access.

    \b
    Examples:
      capgraph view -o network.html
      capgraph view --around 软银 --hops 1 --lang zh -o softbank.html
      capgraph view --shock openai --fall 50% -o shock.html
      capgraph view --funding softbank-group --from 2025 --to 2025 -o plan.html
      capgraph view --from-json graph.json -o page.html
    """
    if from_json is not None:
        from capgraph.views import pages

        emit(pages.from_json(from_json, options.lang, everything), options.output)
        return
    struck = _shock(shock, fall, defaults)
    html = options.graph().view(**subject, **struck, everything=everything, lang=options.lang)
    emit(html, options.output)


def _shock(party: str | None, fall: str | None, default: bool) -> dict[str, Any]:
    """The shock of the page: a fall, a default, or none."""
    if party is None:
        if fall or default:
            raise click.UsageError("--fall and --default belong to --shock PARTY")
        return {}
    if bool(fall) == default:
        raise click.UsageError("--shock takes one of --fall PCT and --default")
    from capgraph.analysis.scenarios import part_of

    return {"defaults": [party]} if default else {"falls": [(party, part_of(str(fall)))]}
