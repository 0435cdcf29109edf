"""Where the ontology and the bundled data lie: at the top of a checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

from capgraph.errors import DataProblem


def _shared(name: str) -> Path:
    package = Path(__file__).resolve().parent
    for place in (package / "_share" / name, package.parent.parent / name):
        if place.is_dir():
            return place
    raise DataProblem(f"the folder {name!r} is missing from this installation of capgraph")


def ontology_dir() -> Path:
    """The folder of the ontology: classes, codes, shapes, rules, queries, column list."""
    return _shared("ontology")


def data_dir() -> Path:
    """The folder of the bundled data set."""
    return _shared("data")
