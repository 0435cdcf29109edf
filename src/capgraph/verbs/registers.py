"""What a register is like as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capgraph.verbs.scoped import Scoped

if TYPE_CHECKING:
    from capgraph.analysis.components import Components


class Registers(Scoped):
    """What a register is like as a whole."""

    def components(self, *, strong: bool = False) -> Components:
        """The groups into which stakes tie the parties, largest first; ``strong``: those that hold each other."""
        from capgraph.analysis import components

        return components.components(self.network, self.context, strong=strong)
