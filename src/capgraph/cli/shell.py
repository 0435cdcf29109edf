"""Completion for the user's shell."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete commands and options.

    \b
    Examples:
      eval "$(capgraph completion bash)"
    """
    from click.shell_completion import get_completion_class

    from capgraph.cli import capgraph

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(capgraph, {}, "capgraph", "_CAPGRAPH_COMPLETE").source())
