"""capgraph: who finances, owns, lends to, buys from and depends on whom in AI.

>>> import capgraph                                       # doctest: +SKIP
>>> graph = capgraph.load(as_of="2026-04-30")             # doctest: +SKIP
>>> print(graph.render(graph.owners("openai")))           # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capgraph.cli.verifying import verify
    from capgraph.graph import CapitalGraph, load

__version__ = "0.1.0"
__all__ = ["CapitalGraph", "__version__", "load", "verify"]


def __getattr__(name: str) -> Any:
    """The public API, imported when it is first asked for, so that the command line starts fast."""
    if name in ("CapitalGraph", "load"):
        from capgraph import graph

        return getattr(graph, name)
    if name == "verify":
        from capgraph.cli import verifying

        return verifying.verify
    raise AttributeError(f"module 'capgraph' has no attribute {name!r}")
