"""The data themselves: build them, check them, count them, open the evidence of any figure."""

from __future__ import annotations

from pathlib import Path

import click

from capgraph.cli.options import Options, answer, data_option, shared_options


@click.command()
@data_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("output"), show_default=True, help="Folder."
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", envvar="CAPGRAPH_LANG", help="Language.")
def build(data: tuple[Path, ...], output: Path, lang: str) -> None:
    """Validate and compile the data, write the graph and its page, and answer three sample questions.

    \b
    Writes OUTPUT/capgraph.trig (all facts as RDF) and OUTPUT/index.html (the page; opens without a server).

    \b
    Examples:
      capgraph build
      capgraph build --data my-data -o my-output
    """
    from capgraph.building import build_everything

    for text in build_everything(data or None, output, lang, _say):
        click.echo(text)


@click.command("check-data")
@data_option
@click.option("--fix", is_flag=True, help="Write the tables back in canonical form.")
@click.option("--no-shapes", is_flag=True, help="Check cells and references only, not the shapes of the ontology.")
def check_data(data: tuple[Path, ...], fix: bool, no_shapes: bool) -> None:
    """Check the tables: every cell, every reference, every rule of ontology/shapes.ttl.

    Each problem is printed as file:line:column with what would be right. Exit code 1 if there is an error.

    \b
    Examples:
      capgraph check-data
      capgraph check-data --data my-data --fix
    """
    from capgraph.building import check_folders, fix_folders

    if fix:
        for file in fix_folders(data or None):
            _say(f"wrote {file}")
    problems = check_folders(data or None, shapes=not no_shapes)
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.level == "error" for problem in problems)
    _say(f"{errors} errors, {len(problems) - errors} warnings")
    if errors:
        click.get_current_context().exit(1)


@click.command()
@shared_options
def stats(options: Options) -> None:
    """What the graph holds: things, links by layer, promises by rung, sources, coverage.

    \b
    Examples:
      capgraph stats --as-of 2025-12-31
    """
    answer(options, lambda graph: graph.stats())


@click.command()
@click.argument("thing")
@shared_options
def evidence(thing: str, options: Options) -> None:
    """All that sources say of a thing: a stake, deal, reading, source or party.

    \b
    Examples:
      capgraph evidence stake/microsoft--openai--common
      capgraph evidence openai --known-on 2025-11-10
    """
    answer(options, lambda graph: graph.evidence(thing))


def _say(text: str) -> None:
    click.echo(text, err=True)
