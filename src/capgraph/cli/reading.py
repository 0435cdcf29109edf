"""Read a text: candidate statements, and what the graph says of each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from capgraph.cli.options import FORMATS, Options, emit, options_with


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--published", metavar="DATE", help='Day of the text, from which "last month" counts.')
@click.option("--source", default="", metavar="ID", help="The text is this source of the data; it supports nothing.")
@click.option("--most", type=click.IntRange(1, 1_000_000), default=2000, show_default=True, help="Most candidates.")
@click.option("--review", type=click.Path(path_type=Path), help="Also write the rows to complete by hand, as CSV.")
@options_with(FORMATS, counted=False)
def read(file: Path, published: str | None, source: str, most: int, review: Path | None, options: Options) -> None:
    """Find candidate statements in a Chinese or English text, and hold them against the graph.

    FILE is a text or a web page, - standard input. Each candidate has its place in characters; sources that agree or
    conflict are named. Nothing enters the data by itself.

    \b
    Examples:
      capgraph read article.txt --published 2025-11-14
      capgraph read article.txt --source seed-article
      capgraph read article.txt --lang zh --review review.csv
      curl -s https://example.org/news | capgraph read - -f json
    """
    from capgraph.reader import texts

    standard = str(file) == "-"
    data = sys.stdin.buffer.read(texts.LARGEST + 1) if standard else texts.content(file)
    graph = options.graph()
    answer = graph.read(data, name="-" if standard else file.name, published=published, source=source, most=most)
    if review is not None:
        from capgraph.reader.review import review_table
        from capgraph.writing import write_atomically

        write_atomically(review, review_table(answer, graph.facts, graph.ontology))
        click.echo(f"wrote {review}", err=True)
    emit(graph.render(answer, options.format, options.lang, evidence=options.evidence), options.output)
