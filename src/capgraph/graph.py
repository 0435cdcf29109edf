"""The graph as one object: load the data, set the clocks, ask the questions.

    >>> import capgraph                                                        # doctest: +SKIP
    >>> graph = capgraph.load(as_of="2026-04-30")                              # doctest: +SKIP
    >>> graph.owners("openai").rest                                            # doctest: +SKIP

Every verb has the name of its command and returns a frozen result that :meth:`CapitalGraph.render` turns into text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capgraph import ontology as model
from capgraph.clocks import Clocks, DateSpan, resolve
from capgraph.derive import Derived
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.names import node_id
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import Ontology
from capgraph.readings import Sources
from capgraph.results import Context, Result
from capgraph.share import data_dir
from capgraph.store import Store, graph_of, open_store

if TYPE_CHECKING:
    from decimal import Decimal

    import pyoxigraph as ox
    import rdflib

    from capgraph.analysis.between import Between
    from capgraph.analysis.changes import Changes
    from capgraph.analysis.chokepoints import Chokepoints
    from capgraph.analysis.circular_money import Circularity
    from capgraph.analysis.closelinks import CloseLinks
    from capgraph.analysis.collateral import Margin
    from capgraph.analysis.compare import Comparison
    from capgraph.analysis.controllers import Control, Controllers
    from capgraph.analysis.dependencies import Dependencies
    from capgraph.analysis.dossier import Dossier
    from capgraph.analysis.evidence import Evidence
    from capgraph.analysis.exposure import Exposed, Exposures
    from capgraph.analysis.final import FinalOwners
    from capgraph.analysis.funding import Funding
    from capgraph.analysis.gates import Gates, Separators
    from capgraph.analysis.hadheld import HadHeld
    from capgraph.analysis.holdings import Holdings
    from capgraph.analysis.loops import Loops
    from capgraph.analysis.models import ModelAnswer
    from capgraph.analysis.overlap import PortfolioOverlap
    from capgraph.analysis.ownership import Owners
    from capgraph.analysis.returns import Returns
    from capgraph.analysis.routes import Paths
    from capgraph.analysis.rules import Rules
    from capgraph.analysis.search import Found
    from capgraph.analysis.statistics import Statistics
    from capgraph.analysis.stress import Shock
    from capgraph.analysis.through import ThroughHoldings, ThroughOwners
    from capgraph.analysis.timeline import Timeline
    from capgraph.asking import Asked
    from capgraph.bounded import Limits, Outcome
    from capgraph.questions import Question
    from capgraph.rulebook import Rulebook
    from capgraph.sparql import Query
    from capgraph.views.charts import Chart

Day = str | date | None


def load(
    data: str | Path | Iterable[str | Path] | None = None,
    *,
    as_of: Day = None,
    known_on: Day = None,
    rung: str = "signed",
    group: bool = False,
    without: Iterable[str] = (),
    sets: Iterable[str] = (),
    endpoint: str = "",
) -> CapitalGraph:
    """The graph of one or more data folders (default: the bundled data) under clocks and assumptions.

    With ``endpoint`` the facts come from a SPARQL 1.1 server at this address instead (see ``capgraph publish``).

    ``as_of`` and ``known_on`` are dates as precise as known (``2025`` means its last day); ``rung`` is the lowest rung
    of promises that counts; ``group`` takes each asked party with its subsidiaries and vehicles; ``without`` and
    ``sets`` are assumptions. Raises DataProblem if the data cannot be read, UsageProblem for a wrong date, rung or
    assumption.
    """
    ontology = model.load()
    store = _remote(endpoint, ontology) if endpoint else open_store(_folders(data), ontology)
    scope = _scope(store.facts, ontology, as_of, known_on, rung, group, tuple(without), tuple(sets))
    if store.facts.columnar:
        from capgraph.columnar.graph import RegisterGraph

        return RegisterGraph(store, ontology, scope)
    return CapitalGraph(store, ontology, scope)


def _remote(address: str, ontology: Ontology) -> Store:
    from capgraph.remote import Endpoint, open_remote

    return open_remote(Endpoint(address), ontology)


def _folders(data: str | Path | Iterable[str | Path] | None) -> list[Path]:
    if data is None:
        return [data_dir()]
    return [Path(data)] if isinstance(data, (str, Path)) else [Path(folder) for folder in data]


def _scope(
    facts: Facts,
    ontology: Ontology,
    as_of: Day,
    known_on: Day,
    rung: str,
    group: bool,
    without: tuple[str, ...],
    sets: tuple[str, ...],
) -> Scope:
    clocks = resolve(_day(as_of), _day(known_on), Sources(facts).latest)
    model.known_rung(ontology, rung)
    return Scope(clocks, rung, group, without, sets)


def _day(day: Day) -> date | None:
    return DateSpan.parse(day).last if isinstance(day, str) else day


def _first_day(day: Day) -> date | None:
    return DateSpan.parse(day).first if isinstance(day, str) else day


class CapitalGraph:
    """The compiled facts under one scope. Immutable: :meth:`at` gives the same facts under another scope."""

    def __init__(self, store: Store, ontology: Ontology, scope: Scope) -> None:
        self.store = store
        self.ontology = ontology
        self.scope = scope

    def at(self, as_of: Day = None, known_on: Day = None) -> CapitalGraph:
        """The same graph under other clocks."""
        clocks = resolve(_day(as_of), _day(known_on), Sources(self.facts).latest)
        return type(self)(self.store, self.ontology, replace(self.scope, clocks=clocks))

    @cached_property
    def facts(self) -> Facts:
        """The facts under the assumptions of the scope."""
        scope = self.scope
        if not scope.without and not scope.sets:
            return self.store.facts
        from capgraph.assumptions import assume

        return assume(self.store.facts, self.ontology, scope.clocks, scope.without, scope.sets)

    @property
    def clocks(self) -> Clocks:
        return self.scope.clocks

    @cached_property
    def derived(self) -> Derived:
        """Preferred figures, statuses and lifetimes at the clocks."""
        return Derived(self.facts, self.ontology, self.scope.clocks)

    @cached_property
    def network(self) -> CapitalNetwork:
        """All links that were true and public at the clocks."""
        return CapitalNetwork(self.facts, self.ontology, self.derived, self.scope)

    @cached_property
    def rdf(self) -> ox.Store:
        """Facts, ontology, what the rules conclude and the derived graph of the clocks as RDF. Do not write to it."""
        if self.facts is self.store.facts:
            return self.store.graph_with(self.derived.graph, self.derived.quads)
        graph = graph_of(self.facts, self.ontology)
        graph.extend(self.derived.quads())
        return graph

    @property
    def context(self) -> Context:
        """What every answer prints about how it was asked."""
        scope = self.scope
        return Context(scope.clocks, scope.rung, self.store.version, scope.group, scope.without, scope.sets)

    def party(self, name: str) -> str:
        """The node id of the party or product that a name in any language means."""
        return node_id(self.network.names.resolve(name))

    def network_for(self, *nodes: str) -> CapitalNetwork:
        """The network, with the houses of the asked parties merged where the scope says so."""
        return self.network.grouped(*nodes) if self.scope.group else self.network

    def _households(self, *nodes: str) -> CapitalNetwork:
        """The network, with all houses merged around some parties where the scope says so."""
        from capgraph.analysis import households

        return households.merged_households(self.network, nodes) if self.scope.group else self.network

    def pair(self, one: str, other: str) -> tuple[str, str]:
        """The node ids of two parties. Raises UsageProblem where houses are merged and both belong to one."""
        ends = self.party(one), self.party(other)
        if self.scope.group and any(end in self.network.house(head) for end, head in (ends, ends[::-1])):
            raise UsageProblem(f"{one!r} and {other!r} belong to one house; ask without --group")
        return ends

    # Verbs -----------------------------------------------------------------------------------------------------------

    def find(self, text: str, limit: int = 20) -> Found:
        """What a text may mean: parties and products by any name, near misses included."""
        from capgraph.analysis import search

        return search.find(self.network, text, self.context, limit)

    def show(self, party: str) -> Dossier:
        """One party on one screen."""
        from capgraph.analysis import dossier

        node = self.party(party)
        return dossier.show(self.network_for(node), node, self.context)

    def owners(self, company: str, *, diluted: bool = False) -> Owners:
        """The direct holders of a company, what stands beside, and what nobody accounts for."""
        from capgraph.analysis import ownership

        return ownership.owners(self.network, self.party(company), self.context, diluted=diluted)

    def holdings(self, party: str) -> Holdings:
        """The direct stakes of a party and what they are worth."""
        from capgraph.analysis import holdings

        return holdings.holdings(self.network, self.party(party), self.context)

    def owners_through(self, company: str, *, diluted: bool = False, chains: int = 3) -> ThroughOwners:
        """The holders of a company by all chains of holdings, with up to so many chains for each."""
        from capgraph.analysis import through

        node = self.party(company)
        return through.owners_through(self.network, node, self.context, diluted=diluted, most_chains=chains)

    def holdings_through(self, party: str, *, diluted: bool = False, chains: int = 3) -> ThroughHoldings:
        """What a party holds by all chains of holdings, with up to so many chains for each company."""
        from capgraph.analysis import through

        node = self.party(party)
        return through.holdings_through(self.network, node, self.context, diluted=diluted, most_chains=chains)

    def final_owners(self, company: str, *, diluted: bool = False) -> FinalOwners:
        """Who owns a company in the end, unknown owners included: shares that sum to 100."""
        from capgraph.analysis import final

        return final.final(self.network, self.party(company), self.context, diluted=diluted)

    def control(self, party: str, *, together: Iterable[str] = (), threshold: Decimal | int | str = 50) -> Control:
        """The companies that a party controls, alone or with those it acts together with."""
        from capgraph.analysis import controllers

        parties = [self.party(each) for each in together]
        node, percent = self.party(party), controllers.threshold_of(threshold)
        return controllers.control(self.network, node, self.context, together=parties, threshold=percent)

    def controllers(self, company: str, *, threshold: Decimal | int | str = 50) -> Controllers:
        """Who controls a company, who could together, and the voting power of its holders."""
        from capgraph.analysis import controllers

        percent = controllers.threshold_of(threshold)
        return controllers.controllers(self.network, self.party(company), self.context, threshold=percent)

    def close_links(self, party: str) -> CloseLinks:
        """Who is closely linked to a party, by the European Central Bank's older and its newer definition."""
        from capgraph.analysis import closelinks

        return closelinks.close_links(self.network, self.party(party), self.context)

    def stats(self) -> Statistics:
        """What the graph holds."""
        from capgraph.analysis import statistics

        return statistics.statistics(self.network, self.context)

    def evidence(self, thing: str) -> Evidence:
        """All that sources say of a thing (``stake/...``, ``reading/...``, ``source/...``) or a party."""
        from capgraph.analysis import evidence

        ref = thing if thing in self.facts else self.network.names.resolve(thing)
        return evidence.evidence(self.network, ref, self.context)

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
            first, last = _first_day(window[0]), _day(window[1])
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

    # SPARQL ----------------------------------------------------------------------------------------------------------

    def rdflib(self) -> rdflib.Dataset:
        """The same graph through rdflib's API, the union of all graphs as default; needs the extra ``rdflib-store``.

        It is a view of the embedded store: fast for SPARQL, slow for thousands of single look-ups. Do not write to it.
        Raises UsageProblem where oxrdflib is not installed.
        """
        try:
            from oxrdflib import OxigraphStore
        except ImportError as error:
            raise UsageProblem("rdflib's API needs oxrdflib; install capgraph[rdflib-store]") from error
        import rdflib

        return rdflib.Dataset(store=OxigraphStore(store=self.rdf), default_union=True)

    def sparql(self, query: str | Query, format: str = "", limits: Limits | None = None) -> Outcome:
        """The answer to a SPARQL query in a W3C format: ``json`` (the default), ``xml``, ``csv``, ``tsv``; for a graph
        ``ttl`` (the default), ``nt``, ``rdf``, ``jsonld``.

        The query runs in a process of its own within ``limits``. All prefixes of :func:`capgraph.sparql.prefixes` are
        declared. Raises QueryProblem for a query that is wrong, refused or goes beyond its limits.
        """
        from capgraph import bounded, sparql

        asked = sparql.Query.parse(query) if isinstance(query, str) else query
        form = format or ("ttl" if asked.yields_graph else "json")
        request = bounded.Request(asked, form, limits or bounded.Limits(), sparql.prefixes(self.ontology))
        return bounded.run(self.rdf, request, self.store.folder_with(self.derived.graph))

    def query(self, query: str | Query, limits: Limits | None = None) -> Result:
        """The answer to a SPARQL query as a result like any other: rows with names, codes, numbers and dates.

        A SELECT gives its variables as columns, a CONSTRUCT or DESCRIBE its triples, an ASK the field ``holds``.
        """
        from capgraph import bindings

        return bindings.queried(self, query, limits)

    def published(self, outcome: Outcome) -> str:
        """What :meth:`sparql` gave as a file for others: it says from which data and clocks it comes where its format
        has a place for that, and no cell of a CSV runs as a formula in a spreadsheet."""
        from capgraph import publishing

        return publishing.published(outcome, self.context, self.derived.graph)

    def explain(self, query: str | Query, limits: Limits | None = None) -> Result:
        """How a query is understood: its form, the graphs it asks, its patterns and how many triples each meets."""
        from capgraph import explaining

        return explaining.explain(self, query, limits)

    def ask(self, question: str | Question, limits: Limits | None = None, **values: str) -> Asked:
        """The answer to a named question (:mod:`capgraph.questions`), by name or number, with its parameters."""
        from capgraph import asking, questions

        asked = questions.question(self.ontology, question) if isinstance(question, str) else question
        return asking.ask(self, asked, values, limits)

    def returns(self, holder: str, issuer: str) -> Returns:
        """What a party, or its house, made on a company, position by position."""
        from capgraph.analysis import returns

        return returns.returns(self.network, self.party(holder), self.party(issuer), self.context)

    def had_held(self, holder: str, issuer: str, until: Day = None) -> HadHeld:
        """What the shares that a party sold would be worth on a day, had it kept them."""
        from capgraph.analysis import hadheld

        then = self.at(self._earlier(until, "until"), self.clocks.known_on) if until else self
        return hadheld.had_held(then.network, self.party(holder), self.party(issuer), then.context)

    def funding(self, party: str, start: Day = None, end: Day = None) -> Funding:
        """Where a party's money came from and went to within a window, and what paid for what."""
        from capgraph.analysis import funding

        return funding.funding(self.network, self.party(party), self.context, *self._window(start, end))

    def timeline(self, party: str, start: Day = None, end: Day = None) -> Timeline:
        """What happened to a party, day by day, in words."""
        from capgraph.analysis import timeline

        return timeline.timeline(self.network, self.party(party), self.context, *self._window(start, end))

    def diff(self, before: str, after: str, party: str = "") -> Changes:
        """What changed between two days, and what became public in between.

        A day is written ``DAY`` or ``DAY@KNOWN``: what was true on a day as it was known on another. Raises
        UsageProblem where the first lies after the second.
        """
        from capgraph.analysis import changes

        (first, early), (last, late) = (self._moment(text) for text in (before, after))
        if first > last or early > late:
            raise UsageProblem(f"{before} lies after {after}; give the earlier day first")
        one, between, other = self.at(first, early), self.at(first, late), self.at(last, late)
        node = other.party(party) if party else ""
        return changes.changes(one.network, between.network, other.network, other.context, node)

    def _moment(self, text: str) -> tuple[date, date]:
        """The asked day and the day of knowledge that ``DAY@KNOWN`` names, at the latest those of the scope."""
        day, at, known = text.partition("@")
        return DateSpan.parse(day).last, DateSpan.parse(known).last if at else self.clocks.known_on

    def rules(self, party: str, files: Iterable[str | Path] = ()) -> Rules:
        """Whether a party keeps the rules of some files (default: the bundled ones).

        Raises UsageProblem for a file that there is not, DataProblem for one that is wrong.
        """
        from capgraph.analysis import rules

        return rules.rules(self.network, self.party(party), self._rulebooks(files), self.context)

    def compare(
        self, one: str, other: str, start: Day = None, end: Day = None, files: Iterable[str | Path] = ()
    ) -> Comparison:
        """Two parties side by side: figures, holdings, exposures, money within a window, rules."""
        from capgraph.analysis import compare

        pair, window = self.pair(one, other), self._window(start, end)
        return compare.compare(self.network, *pair, self._rulebooks(files), self.context, *window)

    def _rulebooks(self, files: Iterable[str | Path]) -> list[Rulebook]:
        """Rule files, read; the bundled ones where none is named."""
        from capgraph import rulebook

        paths = [rulebook.find(str(file)) for file in files] or list(rulebook.bundled())
        return [rulebook.read(path, self.facts, self.ontology) for path in paths]

    def _window(self, start: Day, end: Day) -> tuple[date | None, date]:
        """First and last day of a window that ends on the asked day at the latest.

        Raises UsageProblem where its first day lies after its last.
        """
        first, last = _first_day(start), _day(end) or self.clocks.as_of
        if first is not None and first > last:
            raise UsageProblem(f"--from {first} lies after --to {last}; the window ends before it begins")
        return first, min(last, self.clocks.as_of)

    def _earlier(self, day: Day, name: str) -> date | None:
        """A day that an option names. Raises UsageProblem where it lies after the asked day."""
        asked = _day(day)
        if asked is not None and asked > self.clocks.as_of:
            raise UsageProblem(f"--{name} {asked} lies after the asked day, {self.clocks.as_of}; set --as-of with it")
        return asked

    def loops(self, *, through: str = "", max_length: int = 5, top: int = 10, since: Day = None) -> Loops:
        """The circles around which money runs, largest smallest leg first (:func:`.loops.loops`)."""
        from capgraph.analysis import loops

        return loops.loops(
            self.network,
            self.context,
            through=self.party(through) if through else "",
            max_length=max_length,
            top=top,
            since=_first_day(since),
            group=self.scope.group,
        )

    def circularity(self, *, since: Day = None) -> Circularity:
        """How circular the money is, in five measures beside random graphs (:func:`.circular_money.circularity`)."""
        from capgraph.analysis import circular_money

        return circular_money.circularity(self.network, self.context, since=_first_day(since), group=self.scope.group)

    def exposure(self, party: str, *, to: str | None = None) -> Exposures:
        """What a party stands to lose by others, by channel; or only by one other, with the chains to it."""
        from capgraph.analysis import exposure

        if to is None:
            node = self.party(party)
            return exposure.exposure(self.network_for(node), node, self.context)
        one, other = self.pair(party, to)
        return exposure.exposure(self.network_for(one, other), one, self.context, other)

    def exposed_to(self, party: str) -> Exposed:
        """Who stands to lose by a party, by channel."""
        from capgraph.analysis import exposure

        node = self.party(party)
        return exposure.exposed_to(self._households(node), node, self.context)

    def overlap(self, one: str, other: str) -> PortfolioOverlap:
        """What two parties both hold, and how alike their portfolios are."""
        from capgraph.analysis import overlap

        first, second = self.pair(one, other)
        return overlap.portfolio_overlap(self.network_for(first, second), first, second, self.context)

    def margin(
        self,
        party: str,
        *,
        trigger: Decimal | None = None,
        target: Decimal | None = None,
        impact: Decimal | None = None,
    ) -> Margin:
        """How far the shares behind a party's loans must fall until more must be posted."""
        from capgraph.analysis import collateral

        node, assumed = self.party(party), {"trigger": trigger, "target": target, "impact": impact}
        return collateral.margin(self.network_for(node), node, self.context, **assumed)

    def shock(
        self,
        falls: Iterable[tuple[str, Decimal]] = (),
        defaults: Iterable[str] = (),
        lost: Iterable[str] = (),
        *,
        scenario: str | Path | None = None,
        recovery: Decimal | None = None,
        rounds: int | None = None,
        model: str | None = None,
        theta: Decimal | None = None,
        cost: Decimal | None = None,
    ) -> Shock | ModelAnswer:
        """What follows if parties fall by a part (0..1), default, or contracts are lost, round by round.

        A ``scenario`` is a file, or the name of a shipped one, whose shocks come on top; a ``model`` one of
        :data:`.models.MODELS`, which answers instead of the channels.
        """
        from capgraph.analysis import asking

        asked = asking.Question(tuple(falls), tuple(defaults), tuple(lost), recovery, rounds)
        asked, title = asking.with_scenario(asked, scenario, data_dir() / "scenarios")
        triggers = asking.triggers(asked, self.party)
        network = self._households(*(each.party for each in triggers if each.party))
        return asking.answer(network, asked, triggers, self.context, title, model=model, theta=theta, cost=cost)

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

    # Pictures --------------------------------------------------------------------------------------------------------

    def view(
        self,
        *,
        around: str | None = None,
        hops: int = 2,
        path: tuple[str, str] | None = None,
        changes: tuple[str, str] | None = None,
        loop: int | None = None,
        through: str | None = None,
        falls: Sequence[tuple[str, Decimal]] = (),
        defaults: Sequence[str] = (),
        funding: str | None = None,
        start: str | None = None,
        end: str | None = None,
        layers: Sequence[str] = (),
        story: str | Path | None = None,
        everything: bool = False,
        lang: str = "en",
    ) -> str:
        """The interactive page as HTML: the whole graph or one subject of it (:class:`capgraph.views.asked.Asked`).

        Subjects are a neighbourhood, paths, what changed between two days, money circles, a shock, a funding plan.
        Raises NotFound where there is nothing to draw, UsageProblem for two subjects or more links than a page is made
        for.
        """
        from capgraph.views import asked

        return asked.page_of(
            self,
            asked.Asked(
                around=around, hops=hops, path=path, changes=changes, loop=loop, through=through, falls=falls,
                defaults=defaults, funding=funding, start=start, end=end, layers=layers, story=story,
                everything=everything, lang=lang,
            ),
        )  # fmt: skip

    # Out -------------------------------------------------------------------------------------------------------------

    def render(self, result: Result, format: str = "table", lang: str = "en", evidence: bool = False) -> str:
        """An answer as text: ``table``, ``json``, ``jsonl``, ``csv`` or ``md``, in ``en`` or ``zh``.

        With ``evidence`` the readings and sources behind it follow.
        """
        from capgraph import rendering
        from capgraph.analysis.evidence import statements_behind
        from capgraph.results import reading_ids, source_ids

        ids = (reading_ids(result), source_ids(result)) if evidence else ((), ())
        behind = statements_behind(self.network, *ids)
        return rendering.render(result, format, lang, self.ontology, behind)

    def chart(self, kind: str, *names: str, **asked: Any) -> Chart:
        """A chart of a kind (:data:`.charts.KINDS`) about parties: ``graph.chart("owners", "openai").render("png")``.

        Dates are as precise as known (``start="2025"``). Raises NotFound where there is nothing to draw.
        """
        from capgraph.views import charts

        return charts.chart(self, kind, *names, **asked)
