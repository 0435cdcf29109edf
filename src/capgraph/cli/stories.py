"""Questions about what happened: a party day by day, and what differs between two days."""

from __future__ import annotations

import click

from capgraph.cli.options import Options, answer, shared_options


@click.command()
@click.argument("party")
@click.option("--from", "start", metavar="DATE", help="First day to tell (2025: its first day).")
@click.option("--to", "end", metavar="DATE", help="Last day to tell (2025: its last day; default: --as-of).")
@shared_options
def timeline(party: str, start: str | None, end: str | None, options: Options) -> None:
    """What happened to a party, day by day, in words: stakes, payments, loans, contracts, posts, events.

    \b
    Examples:
      capgraph timeline softbank-group --from 2025 --group
      capgraph timeline 杨立昆 --lang zh
    """
    answer(options, lambda graph: graph.timeline(party, start, end))


@click.command()
@click.argument("before", metavar="DATE1")
@click.argument("after", metavar="DATE2")
@click.option("--party", metavar="PARTY", help="Only what has this party at one end.")
@shared_options
def diff(before: str, after: str, party: str | None, options: Options) -> None:
    """What changed between two days, and what became public in between.

    A date is DAY or DAY@KNOWN: what was true on DAY as it was known on KNOWN (default: --known-on).

    \b
    Examples:
      capgraph diff 2025-06-30 2025-12-31 --party softbank-group
      capgraph diff 2025-11-10@2025-11-10 2025-11-10@2025-11-12 --party softbank-group
    """
    answer(options, lambda graph: graph.diff(before, after, party or ""))


@click.command()
@click.argument("party")
@click.option(
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    help="A rule file (YAML), or the name of a bundled one; repeatable (default: all bundled ones).",
)
@shared_options
def rules(party: str, files: tuple[str, ...], options: Options) -> None:
    """Whether a party keeps portfolio rules: kept, broken, or not computable and why.

    Bundled are three-laws, ucits-5-10-40 and borrowing; write your own like data/rules/three-laws.yaml.

    \b
    Examples:
      capgraph rules softbank-group --file three-laws --group
      capgraph rules 软银集团 --file my-rules.yaml --lang zh
    """
    answer(options, lambda graph: graph.rules(party, files))


@click.command()
@click.argument("one")
@click.argument("other")
@click.option("--from", "start", metavar="DATE", help="First day of the money compared (default: a year before --to).")
@click.option("--to", "end", metavar="DATE", help="Last day of the money compared (default: --as-of).")
@click.option(
    "--file", "files", multiple=True, metavar="FILE", help="Rule files to judge both by (default: all bundled)."
)
@shared_options
def compare(one: str, other: str, start: str | None, end: str | None, files: tuple[str, ...], options: Options) -> None:
    """Two parties side by side: figures, holdings, what each stands to lose, money, rules.

    \b
    Examples:
      capgraph compare softbank-group microsoft
      capgraph compare 软银集团 英伟达 --file three-laws --lang zh
    """
    answer(options, lambda graph: graph.compare(one, other, start, end, files))
