"""The graph of a large register: the same verbs, answered from the part of the register that a question can touch."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from capgraph.columnar.facts import ColumnarFacts
from capgraph.columnar.network import Cone, RegisterNetwork
from capgraph.errors import UsageProblem
from capgraph.graph import CapitalGraph

SPARK = "spark"
_MASTERS = ("spark://", "local[", "yarn", "k8s://")

if TYPE_CHECKING:
    from typing import Self

    from capgraph.analysis.components import Components
    from capgraph.analysis.controllers import Control, Controllers
    from capgraph.analysis.exposure import Exposed, Exposures
    from capgraph.analysis.final import FinalOwners
    from capgraph.analysis.statistics import Statistics
    from capgraph.analysis.through import ThroughHoldings, ThroughOwners
    from capgraph.columnar.engines import Engine
    from capgraph.columnar.wide import Wide
    from capgraph.columnar.widecontrol import WideControl
    from capgraph.network import CapitalNetwork, Scope
    from capgraph.ontology import Ontology
    from capgraph.store import Store


class RegisterGraph(CapitalGraph):
    """The compiled columns under one scope.

    A question that follows stakes up or down is answered from the cone of the asked party, by the very code of small
    data; where the cone is too wide for that, from the matrices of the whole register (:mod:`capgraph.columnar.wide`).
    With an ``engine`` it is always the whole register, and the engine walks through it.
    """

    def __init__(self, store: Store, ontology: Ontology, scope: Scope, engine: str = "") -> None:
        super().__init__(store, ontology, scope)
        if engine not in ("", SPARK) and not engine.startswith(_MASTERS):
            raise UsageProblem(f"{engine!r} is no engine: write spark, or a cluster's master such as spark://host:7077")
        self.engine = engine

    def under(self, scope: Scope) -> Self:
        found = super().under(scope)
        found.engine = self.engine
        return found

    @cached_property
    def network(self) -> CapitalNetwork:
        return self._register

    @cached_property
    def _register(self) -> RegisterNetwork:
        return RegisterNetwork(self.facts, self.ontology, self.derived, self.scope)

    def prepare(self) -> None:
        """Compute all share registers at the clocks and keep them beside the columns, so that the next one need not."""
        from capgraph.columnar.registers import registers

        assert isinstance(self.facts, ColumnarFacts)
        registers(self.facts, self.ontology, self.scope)

    def _within(self, cone: Cone) -> CapitalGraph:
        return _Part(self, cone)

    def _wide(self, *, diluted: bool = False) -> Wide:
        if diluted:
            raise UsageProblem("--diluted is not taken where a question reaches through a large part of a register")
        from capgraph.columnar.wide import Wide

        return Wide(self._register, self.context, self._engine())

    def _engine(self) -> Engine:
        if not self.engine:
            from capgraph.columnar.engines import ThisMachine

            return ThisMachine()
        from capgraph.columnar.spark import SparkEngine

        return SparkEngine("" if self.engine == SPARK else self.engine)

    def _wide_control(self) -> WideControl:
        from capgraph.columnar.widecontrol import WideControl

        return WideControl(self._register, self.context, self._engine())

    # Verbs that follow stakes ----------------------------------------------------------------------------------------

    def owners_through(self, company: str, *, diluted: bool = False, chains: int = 3) -> ThroughOwners:
        node = self.party(company)
        cone = None if self.engine else self._register.above(node)
        if cone is None:
            return self._wide(diluted=diluted).owners_through(node)
        return self._within(cone).owners_through(node, diluted=diluted, chains=chains)

    def holdings_through(self, party: str, *, diluted: bool = False, chains: int = 3) -> ThroughHoldings:
        node = self.party(party)
        cone = None if self.engine else self._register.below(node)
        if cone is None:
            return self._wide(diluted=diluted).holdings_through(node)
        return self._within(cone).holdings_through(node, diluted=diluted, chains=chains)

    def final_owners(self, company: str, *, diluted: bool = False) -> FinalOwners:
        node = self.party(company)
        cone = self._register.above(node)
        if cone is None:
            return self._wide(diluted=diluted).final(node)
        return self._within(cone).final_owners(node, diluted=diluted)

    def control(self, party: str, *, together: Iterable[str] = (), threshold: Decimal | int | str = 50) -> Control:
        from capgraph.analysis import controllers

        parties = tuple(dict.fromkeys((self.party(party), *(self.party(each) for each in together))))
        cone = self._register.below(*parties)
        if cone is None:
            return self._wide_control().control(parties, controllers.threshold_of(threshold))
        return self._within(cone).control(parties[0], together=parties[1:], threshold=threshold)

    def controllers(self, company: str, *, threshold: Decimal | int | str = 50) -> Controllers:
        from capgraph.analysis import controllers

        node = self.party(company)
        cone = self._register.above(node)
        if cone is not None:
            return self._within(cone).controllers(node, threshold=threshold)
        local = self._within(self._register.near(node)).controllers(node, threshold=threshold)
        return self._wide_control().controllers(node, controllers.threshold_of(threshold), local)

    def exposure(self, party: str, *, to: str | None = None) -> Exposures:
        one = self.party(party)
        cone = None if self.engine else self._register.below(one)
        if cone is not None:
            return self._within(cone).exposure(one, to=to)
        if to is not None:
            raise UsageProblem("--to is not taken where a question reaches through a large part of a register")
        from capgraph.analysis.exposure import direct_exposure

        wide = self._wide()
        return wide.exposure(one, direct_exposure(self._register, one, self.context))

    def exposed_to(self, party: str) -> Exposed:
        node = self.party(party)
        return self._within(self._register.near(node)).exposed_to(node)

    def components(self, *, strong: bool = False) -> Components:
        from capgraph.columnar.components import components

        return components(self._register, self.context, self._engine(), strong=strong)

    def stats(self) -> Statistics:
        from capgraph.columnar.statistics import statistics

        return statistics(self._register, self.context)


class _Part(CapitalGraph):
    """The graph as far as a cone reaches."""

    def __init__(self, whole: CapitalGraph, cone: Cone) -> None:
        super().__init__(whole.store, whole.ontology, whole.scope)
        self._cone = cone

    @cached_property
    def network(self) -> CapitalNetwork:
        return self._cone
