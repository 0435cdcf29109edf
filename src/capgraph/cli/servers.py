"""Other SPARQL servers: load a data set there."""

from __future__ import annotations

from pathlib import Path

import click

from capgraph.cli.options import data_option


@click.command()
@click.argument("url")
@click.option("--update-url", metavar="URL", help="The server's update endpoint, where it has an address of its own.")
@data_option
def publish(url: str, update_url: str | None, data: tuple[Path, ...]) -> None:
    """Load the data onto a SPARQL 1.1 server, so that every command works with --endpoint URL.

    Sent in chunks and verified by counts. A run that was broken off goes on where it stopped.

    \b
    Examples:
      capgraph publish http://127.0.0.1:7878/query --update-url http://127.0.0.1:7878/update
      capgraph publish http://127.0.0.1:8890/sparql
    """
    import capgraph
    from capgraph import remote

    store = capgraph.load(data or None).store
    endpoint = remote.Endpoint(url, update_url or "")
    sent = remote.publish(store, endpoint, lambda text: click.echo(text, err=True))
    click.echo(f"{endpoint.shown}: {store.version}, {sent} triples")
