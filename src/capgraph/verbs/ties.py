"""How parties are tied together: paths, circles, dependencies, thin places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from capgraph.verbs.scoped import Day, Scoped, first_day, last_day

if TYPE_CHECKING:
    from capgraph.analysis.between import Between
    from capgraph.analysis.chokepoints import Chokepoints
    from capgraph.analysis.circular_money import Circularity
    from capgraph.analysis.dependencies import Dependencies
    from capgraph.analysis.gates import Gates, Separators
    from capgraph.analysis.loops import Loops
    from capgraph.analysis.routes import Paths


class Ties(Scoped):
    """How parties are tied together: paths, circles, dependencies, thin places."""

    def path(
        self,
        source: str,
        target: str,
        *,
        k: int = 3,
        max_hops: int = 4,
        by: str = "hops",
        layers: Iterable[str] = (),
        via: Iterable[str] = (),
        avoid: Iterable[str] = (),
        directed: bool = False,
        distinct: bool = False,
        window: tuple[Day, Day] | None = None,
    ) -> Paths:
        """How two parties are connected: the ``k`` best paths of at most ``max_hops`` links (:func:`.paths.paths`).

        With a ``window`` of two days the paths that arrive first over what happened or stood between them, no link
        earlier than the one before (:func:`.journeys.journeys`), as of its last day; ``by`` and ``distinct`` have no
        meaning then.
        """
        from capgraph.analysis import journeys, paths

        one, other = self.pair(source, target)
        stops = [self.party(name) for name in via]
        banned = [self.party(name) for name in avoid]
        if window:
            first, last = first_day(window[0]), last_day(window[1])
            assert first is not None
            assert last is not None
            then = self.at(min(last, self.clocks.as_of), self.clocks.known_on)
            timed = then.network.during(first, last)
            return journeys.journeys(
                timed.grouped(one, other) if self.scope.group else timed,
                one,
                other,
                then.context,
                first,
                last,
                k=k,
                max_hops=max_hops,
                layers=tuple(layers),
                via=stops,
                avoid=banned,
                directed=directed,
            )
        return paths.paths(
            self.network_for(one, other),
            one,
            other,
            self.context,
            k=k,
            max_hops=max_hops,
            by=by,
            layers=tuple(layers),
            via=stops,
            avoid=banned,
            directed=directed,
            distinct=distinct,
        )

    def between(self, one: str, other: str) -> Between:
        """Everything that ties two parties together directly: what stands, is promised, was paid, has ended."""
        from capgraph.analysis import between

        ends = self.pair(one, other)
        return between.between(self.network, *ends, self.context, group=self.scope.group)

    def depends(
        self, thing: str, *, max_hops: int = 2, channels: Iterable[str] = ("technology", "supply", "money")
    ) -> Dependencies:
        """Who cannot deliver without a party or product, directly and through others (:mod:`.dependencies`)."""
        from capgraph.analysis import dependencies

        node = self.party(thing)
        house = sorted(self.network.house(node)) if self.scope.group else ()
        return dependencies.dependencies(
            self.network, node, self.context, max_hops=max_hops, channels=tuple(channels), group=house
        )

    def loops(self, *, through: str = "", max_length: int = 5, top: int = 10, since: Day = None) -> Loops:
        """The circles around which money runs, largest smallest leg first (:func:`.loops.loops`)."""
        from capgraph.analysis import loops

        return loops.loops(
            self.network,
            self.context,
            through=self.party(through) if through else "",
            max_length=max_length,
            top=top,
            since=first_day(since),
            group=self.scope.group,
        )

    def circularity(self, *, since: Day = None) -> Circularity:
        """How circular the money is, in five measures beside random graphs (:func:`.circular_money.circularity`)."""
        from capgraph.analysis import circular_money

        return circular_money.circularity(self.network, self.context, since=first_day(since), group=self.scope.group)

    def chokepoints(self, *, layers: Iterable[str] = (), max_length: int = 4, top: int = 10) -> Chokepoints:
        """Where the network is thin: removals, cut points, only ties, sole suppliers (:mod:`.chokepoints`)."""
        from capgraph.analysis import chokepoints

        return chokepoints.chokepoints(
            self.network,
            self.context,
            layers=tuple(layers),
            max_length=max_length,
            top=top,
            group=self.scope.group,
        )

    def gates(self, source: str, *, top: int = 10) -> Gates:
        """The parties that all money from one party must pass to reach others (:func:`.gates.gates`)."""
        from capgraph.analysis import gates

        return gates.gates(self.network, self.party(source), self.context, top=top, group=self.scope.group)

    def separators(self, one: str, other: str, *, layers: Iterable[str] = ()) -> Separators:
        """How much must go before two parties are apart (:func:`.gates.separators`)."""
        from capgraph.analysis import gates

        ends = self.pair(one, other)
        return gates.separators(self.network_for(*ends), *ends, self.context, layers=tuple(layers))
