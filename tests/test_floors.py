"""The rooms of the code stand on floors: a room imports only from rooms below it. CONTRIBUTING.md has the order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SOURCE = REPOSITORY / "src" / "capgraph"
DOORS = {("graph", "columnar.graph"): "load() chooses the class of a graph by the size of its data"}
"""Imports from a higher floor that are meant, and why."""
OUTSIDE = {"__init__", "__main__"}
"""The doors of the house: they lead to its top floor."""


def floors() -> list[str]:
    """The rooms from the lowest floor up. A package whose modules stand on several floors is listed by module too."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"only from rooms below it: ([^;]+?)\.(?:\s|$)", text)
    return [name.strip(" `\n") for name in told.split(",")]


def modules() -> Iterator[tuple[str, Path]]:
    for file in sorted(SOURCE.rglob("*.py")):
        parts = file.relative_to(SOURCE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts), file


def floor(module: str, order: list[str]) -> int:
    """The floor of a module: that of its own name, else of the package that holds it."""
    while module not in order:
        assert "." in module, f"{module} stands on no floor: put it into the order of CONTRIBUTING.md"
        module = module.rpartition(".")[0]
    return order.index(module)


def imported(file: Path) -> Iterator[str]:
    """The modules of the house that a file imports when it runs, wherever in it; imports for types alone are free."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    free = {id(part) for node in ast.walk(tree) if _for_types(node) for part in ast.walk(node)}
    known = {name for name, _ in modules()}
    for node in ast.walk(tree):
        if id(node) in free:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "capgraph":
            package = (node.module or "").removeprefix("capgraph").lstrip(".")
            names = [f"{package}.{alias.name}".lstrip(".") for alias in node.names if alias.name != "__version__"]
            yield from dict.fromkeys(name if name in known else package or "__init__" for name in names)
        elif isinstance(node, ast.Import):
            yield from (
                alias.name.removeprefix("capgraph").lstrip(".") or "__init__"
                for alias in node.names
                if alias.name.split(".")[0] == "capgraph"
            )


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.mark.parametrize(("module", "file"), [pair for pair in modules() if pair[0] not in OUTSIDE])
def test_a_room_imports_only_from_rooms_below_it(module: str, file: Path) -> None:
    order = floors()
    own, package = floor(module, order), module.split(".")[0]
    for other in imported(file):
        if other == "__init__":
            assert package == "cli", f"{module} imports the whole of capgraph"
        elif other.split(".")[0] != package and (module, other) not in DOORS:
            assert floor(other, order) < own, f"{module} imports {other} from a higher floor"


def test_every_floor_has_a_room() -> None:
    names = {name for name, _ in modules()}
    missing = [
        name for name in floors() if name not in names and not any(each.startswith(f"{name}.") for each in names)
    ]
    assert not [name for name in missing if not name.startswith("columnar")], missing
