"""The door to pyarrow, which is an extra: imported when a large register is met, with a clear word where it lacks."""

from __future__ import annotations

from typing import Any

from capgraph.errors import UsageProblem


def arrow(module: str = "pyarrow") -> Any:
    """A module of pyarrow. Raises UsageProblem with the command that installs it."""
    import importlib

    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise UsageProblem(
            "this folder is a large register, to be read in columns; that needs pyarrow: pip install 'capgraph[scale]'"
        ) from error
