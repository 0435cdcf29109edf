"""What to doubt: where sources disagree, what nobody knows, and whether an export still holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capgraph.cli.options import FORMATS, Options, answer, data_option, emit, shared_options

if TYPE_CHECKING:
    from decimal import Decimal

_TOP = click.option("--top", type=click.IntRange(0, 100_000), default=20, show_default=True, help="Rows; 0 for all.")


@click.command()
@click.argument("party", required=False, default="")
@click.option(
    "--min-size", metavar="PERCENT", default="0", show_default=True, help="Leave out what lies closer together."
)
@click.option(
    "--by",
    type=click.Choice(["moved", "amount", "percent"]),
    default="moved",
    show_default=True,
    help="Rank by the dollars that would move elsewhere, by the distance in dollars, or in percent.",
)
@_TOP
@shared_options
def disputes(party: str, min_size: str, by: str, top: int, options: Options) -> None:
    """Facts whose sources disagree, by what would move if the others were right. Copies of one wire count once.

    \b
    Examples:
      capgraph disputes --top 5
      capgraph disputes openai --min-size 5 --evidence
      capgraph disputes 软银集团 --group --lang zh
    """
    answer(options, lambda graph: graph.disputes(party, min_size=_percent(min_size), by=by, top=top))


@click.command()
@click.argument("party", required=False, default="")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only gaps of this kind; repeatable.")
@_TOP
@shared_options
def gaps(party: str, kinds: tuple[str, ...], top: int, options: Options) -> None:
    """What is unknown or rests on little, by how much it could move an answer, each with what to look for.

    \b
    Kinds:
      of links       size amount lender maturity rate collateral trigger term status pledged recourse
      of companies   holders owners worth votes
      of evidence    ceiling promise stale expired single

    \b
    Examples:
      capgraph gaps --top 5
      capgraph gaps openai --kind maturity --kind rate
      capgraph gaps softbank-group --group --lang zh
    """
    answer(options, lambda graph: graph.gaps(party, kinds=kinds, top=top))


def _percent(text: str) -> Decimal:
    """A percent, with or without its sign."""
    from decimal import Decimal, InvalidOperation

    from capgraph.errors import UsageProblem

    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0:
        raise UsageProblem(f"--min-size {text!r} is no percent; write 5 or 2.5")
    return number


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "-f", "--format", type=click.Choice(FORMATS), default="table", show_default=True, help="Form of the answer."
)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", envvar="CAPGRAPH_LANG", help="Language of the answer."
)
@data_option
def verify(file: Path, format: str, lang: str, data: tuple[Path, ...]) -> None:
    """Ask the question of an export again and say what changed. Reads JSON, Markdown, pages and charts.

    Every export of a command records its question, both clocks and the data version (CSV and JSON lines do not).
    Exit code 0: the same answer. 1: it differs. 2: no export of capgraph. 3: unreadable.

    \b
    Examples:
      capgraph owners openai -f json -o owners.json && capgraph verify owners.json
      capgraph verify output/index.html --lang zh
    """
    from capgraph import ontology as model
    from capgraph import rendering
    from capgraph.cli import verifying

    found = verifying.verify(file, data)
    emit(rendering.render(found, format, lang, model.load()), "-")
    if not found.same:
        raise click.exceptions.Exit(1)
