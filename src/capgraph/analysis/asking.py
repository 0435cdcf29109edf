"""From what a user says to the triggers of a shock: options, scenario files, names; and which answer is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from capgraph.analysis import scenarios, stress
from capgraph.analysis.contagion import ROUNDS, Trigger
from capgraph.network import CapitalNetwork
from capgraph.ontology import Words
from capgraph.results import Context, note

if TYPE_CHECKING:
    from capgraph.analysis.models import ModelAnswer


@dataclass(frozen=True, slots=True)
class Question:
    """A shock as asked: names as the user wrote them, parts in 0..1, None for what was not said."""

    falls: tuple[tuple[str, Decimal], ...] = ()
    defaults: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    recovery: Decimal | None = None
    rounds: int | None = None


def with_scenario(asked: Question, scenario: str | Path | None, shipped: Path) -> tuple[Question, Words | None]:
    """The question with the shocks of a scenario file added, and the scenario's title.

    What the user said himself of recovery and rounds stands before what the file says. Raises UsageProblem or
    DataProblem for a file that is not there or is wrong.
    """
    if scenario is None:
        return asked, None
    path = scenario if isinstance(scenario, Path) else scenarios.find(scenario, shipped)
    found = scenarios.read(path)
    by_kind = {
        kind: [item for item in found.items if item.kind == kind] for kind in ("fall", "default", "lose-contract")
    }
    joined = replace(
        asked,
        falls=(*asked.falls, *((item.name, item.part) for item in by_kind["fall"])),
        defaults=(*asked.defaults, *(item.name for item in by_kind["default"])),
        lost=(*asked.lost, *(item.name for item in by_kind["lose-contract"])),
        recovery=found.recovery if asked.recovery is None else asked.recovery,
        rounds=found.rounds if asked.rounds is None else asked.rounds,
    )
    return joined, Words(found.titles.get("en", path.stem), found.titles.get("zh", ""))


def triggers(asked: Question, party: Callable[[str], str]) -> tuple[Trigger, ...]:
    """The triggers of a question; ``party`` turns a name into a node id and raises where nobody bears it."""
    return (
        *(Trigger("fall", party(name), part) for name, part in asked.falls),
        *(Trigger("default", party(name)) for name in dict.fromkeys(asked.defaults)),
        *(Trigger("lost", contract=f"contract/{name.removeprefix('contract/')}") for name in dict.fromkeys(asked.lost)),
    )


def answer(
    network: CapitalNetwork,
    asked: Question,
    triggered: Sequence[Trigger],
    context: Context,
    title: Words | None = None,
    *,
    model: str | None = None,
    theta: Decimal | None = None,
    cost: Decimal | None = None,
) -> stress.Shock | ModelAnswer:
    """The answer by the channels, or by a published model."""
    rounds = ROUNDS if asked.rounds is None else asked.rounds
    stress.check(network, triggered, asked.recovery, rounds)
    if model is None:
        found = stress.shock(network, triggered, context, recovery=asked.recovery, rounds=rounds)
        notes = (note("stress.scenario", title=title), *found.notes) if title else found.notes
        return replace(found, notes=notes)
    from capgraph.analysis import models  # numpy, for those who ask for a model

    told = tuple(stress.told(network, trigger, asked.recovery) for trigger in triggered)
    return models.model(
        network,
        model,
        triggered,
        context,
        told,
        recovery=asked.recovery,
        theta=models.THETA if theta is None else theta,
        cost=models.COST if cost is None else cost,
    )
