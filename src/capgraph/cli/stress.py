"""What if: a party falls, defaults, loses a contract; the shares behind a loan fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from capgraph.cli.options import Options, answer, shared_options

if TYPE_CHECKING:
    from decimal import Decimal

    from capgraph.graph import CapitalGraph
    from capgraph.results import Result


@click.command()
@click.argument("party", required=False)
@click.option(
    "--fall",
    "falls",
    multiple=True,
    metavar="[PARTY=]PERCENT",
    help="Its value falls by so much, such as 50% or arm=50%; repeatable.",
)
@click.option(
    "--default",
    "defaults",
    multiple=True,
    is_flag=False,
    flag_value="",
    metavar="[PARTY]",
    help="It (or the party named here) defaults; repeatable.",
)
@click.option("--lose-contract", "lost", multiple=True, metavar="ID", help="This contract is lost; repeatable.")
@click.option("--scenario", metavar="FILE", help="A scenario file with several shocks, or the name of a shipped one.")
@click.option("--recovery", metavar="PERCENT", help="What lenders of a defaulted party get back (default: not known).")
@click.option("--rounds", type=click.IntRange(1, 1000), help="The most rounds [default: 10].")
@click.option(
    "--model",
    type=click.Choice(["clearing", "debtrank", "thresholds"]),
    help="A published model instead of the channels; refused where the data lack its inputs.",
)
@click.option(
    "--threshold", metavar="PART", default="0.9", show_default=True, help="Thresholds: fails below this part."
)
@click.option("--failure-cost", metavar="PART", default="0.5", show_default=True, help="Thresholds: cost of a failure.")
@shared_options
def shock(
    party: str | None,
    falls: tuple[str, ...],
    defaults: tuple[str, ...],
    lost: tuple[str, ...],
    scenario: str | None,
    recovery: str | None,
    rounds: int | None,
    model: str | None,
    threshold: str,
    failure_cost: str,
    options: Options,
) -> None:
    """What follows if a party falls, defaults or loses a contract, round by round, each step with its formula.

    \b
    Examples:
      capgraph shock arm --fall 50%
      capgraph shock openai --default --fall arm=40% --recovery 30%
      capgraph shock --lose-contract openai-microsoft-azure-2025
      capgraph shock --scenario openai-defaults --lang zh
      capgraph shock coreweave --default --model clearing
    """
    from capgraph.analysis.scenarios import part_of

    refused = False

    def ask(graph: CapitalGraph) -> Result:
        nonlocal refused
        left = None if recovery is None else part_of(recovery)
        asked = [_fall(party, text) for text in falls], [name or _named(party, "--default") for name in defaults]
        found = graph.shock(
            asked[0],
            asked[1],
            lost,
            scenario=scenario,
            recovery=left,
            rounds=rounds,
            model=model,
            theta=_part(threshold, "--threshold"),
            cost=_part(failure_cost, "--failure-cost"),
        )
        refused = not getattr(found, "ran", True)
        return found

    answer(options, ask)
    if refused:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("party")
@click.option(
    "--trigger", metavar="PART", help="Loan to value of a call to assume where the data have none, 0..1 or %."
)
@click.option("--target", metavar="PART", help="Loan to value to which forced sales lead (default: the trigger).")
@click.option("--impact", metavar="PART", help="Fall of the price if all collateral were sold at once; sales spiral.")
@shared_options
def margin(party: str, trigger: str | None, target: str | None, impact: str | None, options: Options) -> None:
    """How far the shares behind a party's loans must fall until more must be posted.

    \b
    Examples:
      capgraph margin 软银集团
      capgraph margin softbank-group --trigger 35% --target 25% --impact 30%
    """
    parts = [
        None if text is None else _part(text, name)
        for text, name in ((trigger, "--trigger"), (target, "--target"), (impact, "--impact"))
    ]
    answer(options, lambda graph: graph.margin(party, trigger=parts[0], target=parts[1], impact=parts[2]))


def _fall(party: str | None, text: str) -> tuple[str, Decimal]:
    """The party and the part of a fall: ``50%`` of the party asked about, ``arm=50%`` of another."""
    from capgraph.analysis.scenarios import part_of

    name, sign, percent = text.rpartition("=")
    return (name if sign else _named(party, "--fall")), part_of(percent)


def _named(party: str | None, option: str) -> str:
    if party is None:
        raise click.UsageError(f"{option} names no party; write the party first, or {option} PARTY")
    return party


def _part(text: str, option: str) -> Decimal:
    """A part in 0..1, or a percent with its sign."""
    from decimal import Decimal, InvalidOperation

    from capgraph.errors import UsageProblem

    try:
        part = Decimal(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except InvalidOperation as error:
        raise UsageProblem(f"{option} {text!r} is no number; write 0.35 or 35%") from error
    if not 0 <= part <= 1:
        raise UsageProblem(f"{option} lies in 0..1 (0% to 100%), not at {text}")
    return part
