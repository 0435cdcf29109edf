"""The compiled graph: facts as rows and as RDF in embedded Oxigraph, kept in a cache that knows when it is stale.

A compile reads the data folders, checks every cell, writes the quads, runs the time-free rules of ``ontology/rules``
and keeps the result in one folder a key, where the key is a hash of everything that went in (data, ontology, engine).
The folder is built aside and renamed once, so two processes may build at the same time and a killed build leaves
nothing that anybody would read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from capgraph.cache import build_aside, cache_dir, content_digest, discard_leftovers, is_whole, key_of, remember, touch
from capgraph.errors import DataProblem, UsageProblem
from capgraph.facts import Dataset, Facts, Row
from capgraph.ontology import Ontology
from capgraph.quads import GRAPH, RULES_GRAPH, facts_from_quads, facts_to_quads
from capgraph.tables import read_folders

ROW_LIMIT = 100_000
"""Up to so many rows facts are objects and an RDF graph; beyond it they are columns (see :mod:`capgraph.columnar`)."""


@dataclass(frozen=True)
class Store:
    """A compiled graph. ``facts`` holds all rows, those that a rule built among them (``row.derived``).

    ``version`` names the data: the same data and ontology have the same version on every machine. ``folder`` is where
    the compiled graph lies, None when it lives in memory only. ``data_folders`` are the folders that it was read from.
    """

    facts: Facts
    version: str
    folder: Path | None
    _memory: ox.Store | None = None
    data_folders: tuple[Path, ...] = ()

    @cached_property
    def graph(self) -> ox.Store:
        """Facts, rules' results and ontology as an Oxigraph store; do not write to it."""
        if self._memory is not None:
            return self._memory
        assert self.folder is not None
        if not (self.folder / "graph").is_dir():
            raise UsageProblem(
                f"a register of more than {ROW_LIMIT:,} rows has no RDF graph: no SPARQL, no page, no TriG"
            )
        return ox.Store.read_only(str(self.folder / "graph"))

    @cached_property
    def _extended(self) -> dict[str, ox.Store]:
        """The graph in memory with the derived graph that was asked last."""
        return {}

    def graph_with(self, name: str, quads: Callable[[], Iterable[ox.Quad]]) -> ox.Store:
        """The graph plus the quads of one derived graph, compiled once and kept under ``name``."""
        if self.folder is None:
            if name not in self._extended:
                self._extended.clear()
                self._extended[name] = _extended(self.graph, quads())
            return self._extended[name]
        target = self.folder_with(name)
        assert target is not None
        if not target.is_dir():
            try:
                build_aside(target, lambda aside: self._write_extended(aside, quads))
            except OSError:
                return _extended(self.graph, quads())
        return ox.Store.read_only(str(target))

    def folder_with(self, name: str) -> Path | None:
        """Where :meth:`graph_with` keeps what it compiles under this name, None where all is in memory."""
        return self.folder and self.folder / f"graph-{hashlib.sha256(name.encode()).hexdigest()[:16]}"

    def _write_extended(self, aside: Path, quads: Callable[[], Iterable[ox.Quad]]) -> None:
        assert self.folder is not None
        shutil.copytree(self.folder / "graph", aside, dirs_exist_ok=True)
        graph = ox.Store(str(aside))
        graph.bulk_extend(quads())
        # One file an index: the engine opens the first sixteen at once and others on demand, which a process that may
        # open nothing any more (see bounded.py) cannot.
        graph.optimize()
        graph.flush()


def _extended(graph: ox.Store, quads: Iterable[ox.Quad]) -> ox.Store:
    """A copy of a graph in memory with further quads."""
    memory = ox.Store()
    memory.bulk_extend(graph)
    memory.extend(quads)
    return memory


def open_store(
    folders: Sequence[Path], ontology: Ontology, cache: Path | None = None, *, columns: bool = False
) -> Store:
    """The compiled graph of these data folders, from the cache if nothing changed since it was built.

    Raises DataProblem with every problem found if the data cannot be read. Without a writable cache the graph is built
    in memory, at the price of doing so on every call. ``columns`` asks for columns however few the rows.
    """
    root = cache or cache_dir()
    inputs = _inputs(folders, ontology)
    key = key_of(root, inputs)
    apart = columns and not is_register(folders)
    target = root / (f"{key}-columns" if apart else key)
    if not is_whole(target):
        store = _compile(folders, ontology, inputs, target, columns)
        if store is not None:
            return replace(store, data_folders=tuple(folders))
    remember(root, inputs, key)
    touch(target / "done.json")
    return replace(_opened(target, ontology), data_folders=tuple(folders))


def is_register(folders: Sequence[Path]) -> bool:
    """Whether data folders hold more rows than are read as objects (:data:`ROW_LIMIT`)."""
    rows = 0
    for file in (file for folder in folders for file in folder.rglob("*.csv")):
        with file.open("rb") as content:
            while block := content.read(1 << 20):
                rows += block.count(b"\n")
        if rows > ROW_LIMIT:
            return True
    return False


def _opened(target: Path, ontology: Ontology) -> Store:
    done = json.loads((target / "done.json").read_text(encoding="utf-8"))
    if "form" in done:
        from capgraph.columnar import compiling  # imports NumPy, which small folders do without

        return Store(compiling.opened(target, ontology), done["version"], target)
    facts = _facts_from_json((target / "rows.json").read_bytes(), ontology)
    return Store(facts, done["version"], target)


def _compile(
    folders: Sequence[Path], ontology: Ontology, inputs: Sequence[Path], target: Path, columns: bool
) -> Store | None:
    """Build the folder of a key. Returns a store only where it had to stay in memory."""
    if columns or is_register(folders):
        _compile_register(folders, ontology, inputs, target)
        return None
    facts = read_folders(folders, ontology).checked()
    version = _version(facts.datasets, inputs)
    try:
        discard_leftovers(target.parent)
        if target.exists():
            shutil.rmtree(target)
        build_aside(target, lambda aside: _write_compiled(aside, facts, ontology, version))
    except OSError:
        return in_memory(facts, ontology, version)
    return None


def _compile_register(folders: Sequence[Path], ontology: Ontology, inputs: Sequence[Path], target: Path) -> None:
    from capgraph.columnar import compiling

    def fill(aside: Path) -> None:
        datasets = compiling.compile_into(aside, folders, ontology, with_derived)
        compiling.finish(aside, _version(datasets, inputs))

    try:
        discard_leftovers(target.parent)
        if target.exists():
            shutil.rmtree(target)
        build_aside(target, fill)
    except OSError as error:
        raise UsageProblem(f"a large register needs a cache folder that can be written: {error}") from error


def in_memory(facts: Facts, ontology: Ontology, version: str) -> Store:
    """Facts as a store that lies in no folder: what the rules conclude is added, nothing is kept."""
    graph = ox.Store()
    return Store(_fill(graph, facts, ontology), version, None, graph)


def _write_compiled(aside: Path, facts: Facts, ontology: Ontology, version: str) -> None:
    graph = ox.Store(str(aside / "graph"))
    whole = _fill(graph, facts, ontology)
    graph.flush()
    del graph
    (aside / "rows.json").write_bytes(_facts_to_json(whole))
    sizes = {"rows.json": (aside / "rows.json").stat().st_size}
    (aside / "done.json").write_text(json.dumps({"version": version, "sizes": sizes}), encoding="utf-8")


def _fill(graph: ox.Store, facts: Facts, ontology: Ontology) -> Facts:
    """Load facts and ontology into a graph, run the rules, and return the facts with the rows that the rules made."""
    graph.bulk_extend(facts_to_quads(facts))
    for name in ("capgraph", "codes", "alignments"):
        file = ontology.folder / f"{name}.ttl"
        if file.is_file():
            graph.bulk_load(
                path=str(file), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(f"{GRAPH}ontology/{name}")
            )
    apply_rules(graph, ontology)
    derived = graph.quads_for_pattern(None, None, None, ox.NamedNode(RULES_GRAPH))
    return facts.with_rows(facts_from_quads(derived, facts.schema).rows())


def with_derived(facts: Facts, ontology: Ontology) -> Facts:
    """Written facts and what the time-free rules make of them, built in memory (for facts that no folder holds)."""
    return _fill(ox.Store(), facts, ontology)


def graph_of(facts: Facts, ontology: Ontology) -> ox.Store:
    """Facts, ontology and what the rules conclude as a graph in memory: for facts that no folder holds as they are."""
    graph = ox.Store()
    _fill(graph, facts, ontology)
    return graph


def apply_rules(graph: ox.Store, ontology: Ontology) -> None:
    """Run the time-free rules in the order of their file names; what they construct goes to the rules' own graph."""
    target = ox.NamedNode(RULES_GRAPH)
    for file in sorted((ontology.folder / "rules").glob("*.rq")):
        try:
            triples = graph.query(file.read_text(encoding="utf-8"), use_default_graph_as_union=True)
        except SyntaxError as error:
            raise DataProblem(f"{file}: {error}") from error
        if not isinstance(triples, ox.QueryTriples):
            raise DataProblem(f"{file}: a rule is a CONSTRUCT query")
        graph.extend([ox.Quad(triple.subject, triple.predicate, triple.object, target) for triple in triples])


def _inputs(folders: Sequence[Path], ontology: Ontology) -> list[Path]:
    files = [ontology.folder / name for name in ("capgraph.ttl", "codes.ttl", "alignments.ttl", "tables.json")]
    files += sorted((ontology.folder / "rules").glob("*.rq"))
    for folder in folders:
        if not folder.is_dir():
            raise DataProblem(f"{folder}: there is no such data folder")
        files += sorted(
            file for file in folder.rglob("*") if file.suffix in (".csv", ".json", ".rq") and file.is_file()
        )
    return [file.resolve() for file in files if file.is_file()]


def _version(datasets: Iterable[Dataset], inputs: Sequence[Path]) -> str:
    names = "+".join(f"{dataset.id}-{dataset.version}" if dataset.version else dataset.id for dataset in datasets)
    return f"{names}.{content_digest(inputs).hex()[:8]}"


def _facts_to_json(facts: Facts) -> bytes:
    files: dict[str, int] = {}
    tables = {
        name: [
            [files.setdefault(row.file, len(files)), row.line, row.dataset, int(row.derived), *row.cells.values()]
            for row in (facts.table(name))
        ]
        for name in facts.schema.tables
    }
    datasets = [asdict(dataset) for dataset in facts.datasets]
    return json.dumps(
        {"datasets": datasets, "files": list(files), "tables": tables}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def _facts_from_json(text: bytes, ontology: Ontology) -> Facts:
    document = json.loads(text)
    datasets = [Dataset(**{**entry, "samples": tuple(map(tuple, entry["samples"]))}) for entry in document["datasets"]]
    return Facts(ontology.schema, datasets, _rows_from_json(document, ontology))


def _rows_from_json(document: dict[str, Any], ontology: Ontology) -> Iterator[Row]:
    files = document["files"]
    for name, entries in document["tables"].items():
        table = ontology.schema.tables[name]
        header, key, kind = table.header, table.key, table.kind
        for file, line, dataset, derived, *values in entries:
            cells = dict(zip(header, values, strict=True))
            ref = "/".join((kind, *(cells[column] for column in key)))
            yield Row(name, ref, cells, files[file], line, dataset, bool(derived))
