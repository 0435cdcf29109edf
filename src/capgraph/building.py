"""The main job from tables to pages: check the folders, compile them, write the graph and its page, say what came.

:func:`build_everything` is what ``capgraph build`` runs; :func:`check_folders` and :func:`fix_folders` stand behind
``capgraph check-data``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from capgraph import ontology as model
from capgraph.checks import check
from capgraph.errors import DataProblem, Problem, UsageProblem
from capgraph.graph import CapitalGraph, load
from capgraph.ontology import BASE, Ontology
from capgraph.quads import GRAPH
from capgraph.results import Result
from capgraph.schema import CAP, CODE, THING
from capgraph.share import data_dir
from capgraph.store import ROW_LIMIT, is_register, open_store
from capgraph.tables import read_folders, shown_path, write_folder
from capgraph.writing import write_atomically

SAMPLE_VERBS = ("find", "show", "owners", "holdings", "path")
"""The verbs that a data set may name as sample questions in its ``dataset.json``."""

_PREFIXES = {
    "cap": CAP,
    "id": THING,
    "code": CODE,
    "graph": GRAPH,
    "dct": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

Say = Callable[[str], None]


def build_everything(data: Sequence[Path] | None, output: Path, lang: str, say: Say) -> Iterator[str]:
    """Validate, compile and write; yields the texts to print: what the graph holds, then the sample answers.

    ``output`` gets ``capgraph.trig`` and, where a page can show all links, ``index.html``. What goes on is told to
    ``say`` a line at a time. Raises DataProblem with every error found, before anything is written.
    """
    folders = _folders(data)
    say(f"checking {', '.join(shown_path(folder) for folder in folders)}")
    problems = check_folders(folders)
    errors = [problem for problem in problems if problem.level == "error"]
    if errors:
        raise DataProblem(errors)
    say(f"no errors, {len(problems)} warnings (capgraph check-data lists them)")
    graph = load(folders)
    if graph.facts.columnar:
        say(_limits(graph.ontology))
        _prepare(graph)
    else:
        write_atomically(output / "capgraph.trig", trig(graph))
        say(f"wrote {output / 'capgraph.trig'}")
        _write_page(graph, output / "index.html", say)
    yield graph.render(graph.stats(), lang=lang)
    for result in samples(graph):
        yield "\n" + graph.render(result, lang=lang, evidence=True)


def _write_page(graph: CapitalGraph, file: Path, say: Say) -> None:
    """Write the page of the whole graph, or say why there is none: a graph may have more links than a page can show."""
    try:
        page = graph.view()
    except UsageProblem as problem:
        say(f"no {file.name} (see capgraph view): {problem}")
    else:
        write_atomically(file, page)
        say(f"wrote {file}")


def _prepare(graph: CapitalGraph) -> None:
    """Let the first question that walks through a large register find all share registers computed."""
    from capgraph.columnar.graph import RegisterGraph

    if isinstance(graph, RegisterGraph):
        graph.prepare()


def _limits(ontology: Ontology) -> str:
    """What is not done for a register of more than :data:`capgraph.store.ROW_LIMIT` rows."""
    from capgraph.columnar.rules import unchecked

    checked, rules = unchecked(ontology)
    return (
        f"a register of more than {ROW_LIMIT:,} rows is kept in columns: cells, references and {checked} of the "
        f"{rules} rules of shapes.ttl are checked; no RDF graph and no page are written"
    )


def samples(graph: CapitalGraph) -> Iterator[Result]:
    """The answers to the sample questions that the data sets name. Raises DataProblem for an unknown verb."""
    for dataset in graph.facts.datasets:
        for verb, *arguments in dataset.samples:
            if verb not in SAMPLE_VERBS:
                raise DataProblem(f"dataset.json of {dataset.id}: {verb!r} is no sample; use {', '.join(SAMPLE_VERBS)}")
            yield getattr(graph, verb)(*arguments)


def trig(graph: CapitalGraph) -> bytes:
    """All facts, what the rules derived and the preferred figures of the clocks as sorted TriG."""
    derived = ox.NamedNode(graph.derived.graph)
    store = graph.store.graph_with(derived.value, graph.derived.quads)
    ontology = f"{GRAPH}ontology/"
    quads = [quad for quad in store if not str(quad.graph_name.value).startswith(ontology)]
    clocks = graph.clocks
    head = f"# capgraph {graph.store.version}, preferred figures as of {clocks.as_of}, known on {clocks.known_on}\n"
    body = ox.serialize(sorted(quads, key=str), format=ox.RdfFormat.TRIG, prefixes=_PREFIXES, base_iri=BASE)
    assert body is not None
    return head.encode() + body


def check_folders(data: Sequence[Path] | None, shapes: bool = True) -> list[Problem]:
    """Every problem of the data folders: cells and references, then (if these are sound) the shapes of the ontology."""
    folders, ontology = _folders(data), model.load()
    if is_register(folders):
        from capgraph.columnar import compiling

        return compiling.check(folders, ontology, shapes)
    found = read_folders(folders, ontology)
    problems = list(found.problems)
    if shapes and not any(problem.level == "error" for problem in problems):
        store = open_store(folders, ontology)
        shown = [Path(shown_path(folder)) for folder in folders]
        problems += check(store.facts, store, ontology, folders=shown)
    return sorted(problems)


def fix_folders(data: Sequence[Path] | None) -> Iterator[Path]:
    """Write the tables of each folder back in canonical form. Raises DataProblem if one cannot be read."""
    ontology: Ontology = model.load()
    if is_register(_folders(data)):
        raise UsageProblem(f"--fix rewrites folders of up to {ROW_LIMIT:,} rows")
    for folder in _folders(data):
        facts = read_folders([folder], ontology).checked()
        yield from write_folder(facts, folder)


def _folders(data: Iterable[Path] | None) -> list[Path]:
    return list(data) if data else [data_dir()]
