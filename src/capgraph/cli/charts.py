"""Charts as files: a picture, its words for those who do not see it, and its figures beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from capgraph.cli.options import Options, emit, options_with

FORMATS = ("svg", "png", "html")


@click.command()
@click.argument("kind")
@click.argument("names", nargs=-1, metavar="[PARTY]...")
@click.option("--from", "start", metavar="DATE", help="funding: first day of the window (2025: its first day).")
@click.option("--to", "end", metavar="DATE", help="funding: last day of the window (2025: its last day).")
@click.option("--style", metavar="STYLE", help="funding: waterfall (default) or sankey.")
@click.option("--through", metavar="PARTY", help="loop: the largest loop through this party.")
@click.option("--until", metavar="DATE", help="had-held: up to when the shares would have been kept.")
@click.option("--channel", metavar="CHANNEL", help="exposure: which channel (default: equity).")
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="timeline, exposure: at most so many rows.")
@click.option("--diluted", is_flag=True, default=None, help="owners: count warrants, convertibles and the like too.")
@click.option("--no-table", is_flag=True, help="Write no CSV beside an SVG or PNG.")
@options_with(FORMATS, default="")
def chart(kind: str, names: tuple[str, ...], no_table: bool, options: Options, **asked: Any) -> None:
    """Draw a chart and write it to a file (.svg, .png, .html), its figures as CSV beside it.

    \b
    Kinds:
      owners COMPANY            who holds a company, what nobody accounts for
      timeline PARTY            stakes, loans and contracts over time
      promises [PARTY]          what was promised, year by year, and what is paid
      exposure [PARTY]...       who stands to lose how much by whom
      funding PARTY             where money came from and went to
      loop                      a circle of money and its weakest leg
      had-held HOLDER ISSUER    what sold shares would be worth

    An HTML page holds the picture in a light and a dark form, and all tables of the answer. With --evidence it lists
    what stands behind the figures; an SVG or PNG gets that as a second CSV.

    \b
    Examples:
      capgraph chart owners openai -o owners.svg
      capgraph chart timeline softbank-group --group -o softbank.png
      capgraph chart funding 软银集团 --from 2025 --to 2025 --group --lang zh -o funding.html
      capgraph chart promises --no-table -o promises.svg
    """
    format = _format(options)
    given = {name: value for name, value in asked.items() if value is not None}
    drawn = options.graph().chart(kind, *names, **given)
    picture = drawn.render(format, options.lang, evidence=options.evidence)
    if format == "png" and options.lang == "zh":
        _check_fonts()
    emit(picture, options.output)
    if options.output == "-":
        return
    if format != "html" and not no_table:
        _write(Path(options.output).with_suffix(".csv"), drawn.table(options.lang).encode())
    if format != "html" and options.evidence:
        _write(Path(options.output).with_suffix(".evidence.csv"), drawn.evidence(options.lang).encode())


def _format(options: Options) -> str:
    """The format that was asked for, else that of the file's suffix; SVG for standard output."""
    from capgraph.errors import UsageProblem

    suffix = Path(options.output).suffix.lower().removeprefix(".")
    if options.format or options.output == "-":
        return options.format or "svg"
    if suffix not in FORMATS:
        told = f"the suffix of {options.output!r}" if suffix else f"{options.output!r} (no suffix)"
        raise UsageProblem(f"{told} names no format of a chart; write .{', .'.join(FORMATS)}, or say --format")
    return suffix


def _check_fonts() -> None:
    """Say so where this machine cannot draw Chinese."""
    from capgraph.views.charts.lettering import shows_chinese

    if not shows_chinese():
        click.echo(
            "no Chinese font is installed here, so the PNG shows boxes; an SVG takes the reader's fonts", err=True
        )


def _write(path: Path, content: bytes) -> None:
    from capgraph.writing import write_atomically

    write_atomically(path, content)
    click.echo(f"wrote {path}", err=True)
