"""The components of a whole register: see :mod:`capgraph.analysis.components`."""

from __future__ import annotations

import numpy as np

from capgraph.analysis.components import Components, Ties, described
from capgraph.columnar.engines import Engine
from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.network import RegisterNetwork
from capgraph.columnar.stakes import Stakes
from capgraph.errors import UsageProblem
from capgraph.results import Context


def components(network: RegisterNetwork, context: Context, engine: Engine, *, strong: bool) -> Components:
    """The same answer as from small data. Raises UsageProblem for merged houses, which would take every link."""
    if network.scope.group:
        raise UsageProblem("--group is not taken for a register as a whole")
    ties = _ties(network)
    least = engine.strong_components(ties) if strong else engine.weak_components(ties)
    ids = network.columns.cells("parties", "id")

    return described(
        ties,
        least,
        lambda place: network.node(ids[place].as_py()).name,
        context,
        strong=strong,
        notes=engine.notes(),
    )


def _ties(network: RegisterNetwork) -> Ties:
    """The holder and issuer of every stake that stands, of whatever instrument."""
    facts, columns = network.facts, network.columns
    assert isinstance(facts, ColumnarFacts)
    stakes = Stakes(columns, network.ontology, network.scope)
    plain = np.flatnonzero(stakes.standing & ~stakes.unsettled)
    rows = [row for row in facts.at("stakes", np.flatnonzero(stakes.unsettled)) if network.standing([row])]
    asked = [place for row in rows if (place := columns.find("stakes", row["id"])) is not None]
    found = np.sort(np.concatenate([plain, np.array(asked, dtype=np.int64)]))
    return Ties(stakes.ends("holder")[found], stakes.ends("issuer")[found], columns.count("parties"))
