"""The graph as one object: load the data, set the clocks, ask the questions.

    >>> import capgraph                                                        # doctest: +SKIP
    >>> graph = capgraph.load(as_of="2026-04-30")                              # doctest: +SKIP
    >>> graph.owners("openai").rest                                            # doctest: +SKIP

Every verb has the name of its command and returns a frozen result that :meth:`CapitalGraph.render` turns into text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capgraph import ontology as model
from capgraph.clocks import resolve
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.network import Scope
from capgraph.ontology import Ontology
from capgraph.readings import Sources
from capgraph.results import Result
from capgraph.share import data_dir
from capgraph.store import Store, open_store
from capgraph.verbs.claims import Claims
from capgraph.verbs.doubts import Doubts
from capgraph.verbs.money import Money
from capgraph.verbs.ownership import Ownership
from capgraph.verbs.parties import Parties
from capgraph.verbs.queries import Queries
from capgraph.verbs.registers import Registers
from capgraph.verbs.risk import Risk
from capgraph.verbs.scoped import Day, last_day
from capgraph.verbs.texts import Texts
from capgraph.verbs.ties import Ties
from capgraph.verbs.time import Time

if TYPE_CHECKING:
    from decimal import Decimal

    from capgraph.asking import Asked
    from capgraph.bounded import Limits
    from capgraph.questions import Question
    from capgraph.views.charts import Chart


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
    engine: str = "",
) -> CapitalGraph:
    """The graph of one or more data folders (default: the bundled data) under clocks and assumptions.

    With ``endpoint`` the facts come from a SPARQL 1.1 server at this address instead (see ``capgraph publish``). With
    ``engine`` (``spark``, or the master of a cluster) walks through the whole network are left to Apache Spark.

    ``as_of`` and ``known_on`` are dates as precise as known (``2025`` means its last day); ``rung`` is the lowest rung
    of promises that counts; ``group`` takes each asked party with its subsidiaries and vehicles; ``without`` and
    ``sets`` are assumptions. Raises DataProblem if the data cannot be read, UsageProblem for a wrong date, rung or
    assumption.
    """
    ontology = model.load()
    if endpoint and engine:
        raise UsageProblem("--engine needs a data folder; an endpoint is asked for facts only")
    store = _remote(endpoint, ontology) if endpoint else open_store(_folders(data), ontology, columns=bool(engine))
    scope = _scope(store.facts, ontology, as_of, known_on, rung, group, tuple(without), tuple(sets))
    if store.facts.columnar:
        from capgraph.columnar.graph import RegisterGraph

        return RegisterGraph(store, ontology, scope, engine)
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
    clocks = resolve(last_day(as_of), last_day(known_on), Sources(facts).latest)
    model.known_rung(ontology, rung)
    return Scope(clocks, rung, group, without, sets)


class CapitalGraph(Parties, Ownership, Ties, Risk, Money, Time, Doubts, Claims, Texts, Registers, Queries):
    """All questions to the compiled facts under one scope, and what asks across them: named ones, pictures, text."""

    def ask(self, question: str | Question, limits: Limits | None = None, **values: str) -> Asked:
        """The answer to a named question (:mod:`capgraph.questions`), by name or number, with its parameters."""
        from capgraph import asking, questions

        asked = questions.question(self.ontology, question) if isinstance(question, str) else question
        return asking.ask(self, asked, values, limits)

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

    def chart(self, kind: str, *names: str, **asked: Any) -> Chart:
        """A chart of a kind (:data:`.charts.KINDS`) about parties: ``graph.chart("owners", "openai").render("png")``.

        Dates are as precise as known (``start="2025"``). Raises NotFound where there is nothing to draw.
        """
        from capgraph.views import charts

        return charts.chart(self, kind, *names, **asked)

    def render(self, result: Result, format: str = "table", lang: str = "en", evidence: bool = False) -> str:
        """An answer as text: ``table``, ``json``, ``jsonl``, ``csv`` or ``md``, in ``en`` or ``zh``.

        With ``evidence`` its evidence grade and the readings and sources behind it follow.
        """
        from capgraph import rendering
        from capgraph.analysis.evidence import statements_behind
        from capgraph.results import reading_ids, source_ids

        ids = (reading_ids(result), source_ids(result)) if evidence else ((), ())
        behind = statements_behind(self.network, *ids)
        return rendering.render(result, format, lang, self.ontology, behind, self.grade(result) if evidence else None)
