"""Pictures of the network: one page that opens from disk."""

from __future__ import annotations

import click

from capgraph.cli.options import Options, emit, shared_options


@click.command()
@click.option("--around", metavar="PARTY", help="Only the neighbourhood of this party.")
@click.option(
    "--hops", type=click.IntRange(1, 6), default=2, show_default=True, help="How far the neighbourhood reaches."
)
@click.option("--path", "ends", nargs=2, metavar="FROM TO", help="Only the best paths between two parties.")
@click.option("--changes", nargs=2, metavar="DATE DATE", help="Only what appeared or went between two days.")
@click.option("--layer", "layers", multiple=True, metavar="LAYER", help="Only this layer; repeatable.")
@click.option("--story", type=click.Path(), metavar="FILE", help="Walk the reader through the steps of a YAML file.")
@click.option("--all", "everything", is_flag=True, help="Draw even more links than a page is made for.")
@click.option(
    "--from-json", type=click.Path(), metavar="FILE", help="Build the page from the graph that another page carries."
)
@shared_options
def view(
    around: str | None,
    hops: int,
    ends: tuple[str, str] | None,
    changes: tuple[str, str] | None,
    layers: tuple[str, ...],
    story: str | None,
    everything: bool,
    from_json: str | None,
    options: Options,
) -> None:
    """Write an interactive page of the network: one HTML file, no server, no network access.

    \b
    Examples:
      capgraph view -o network.html
      capgraph view --around 软银 --hops 1 --lang zh -o softbank.html
      capgraph view --from-json graph.json -o page.html
    """
    if from_json is not None:
        from capgraph.views import pages

        emit(pages.from_json(from_json, options.lang, everything), options.output)
        return
    graph = options.graph()
    html = graph.view(
        around=around, hops=hops, path=ends, changes=changes, layers=layers, story=story, everything=everything,
        lang=options.lang,
    )  # fmt: skip
    emit(html, options.output)
