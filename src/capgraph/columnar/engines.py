"""What walks through the whole of a large register: the processors of this machine, or a cluster of Apache Spark.

Both take the same matrices and give the same vectors, so that whoever asks need not know which it was.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from capgraph.analysis import components, lookthrough
from capgraph.analysis.components import Ties
from capgraph.analysis.lookthrough import Lens, Matrix, Vector
from capgraph.columnar.figures import Ints
from capgraph.results import Note


class Engine(Protocol):
    """What answers about a register as a whole. Places and matrices are those of
    :mod:`capgraph.columnar.matrices`."""

    def corrected_holdings(self, w: Matrix, holder: int) -> Vector:
        """The corrected share of one holder in every company; its own place holds what it has of itself."""

    def walks(self, w: Matrix, company: int) -> Vector:
        """The walk sum of every holder in one company; 1 and its loops at the company's own place."""

    def weak_components(self, ties: Ties) -> Ints:
        """For each place the least place of its weak component."""

    def strong_components(self, ties: Ties) -> Ints:
        """For each place the least place of its strong component."""

    def notes(self) -> tuple[Note, ...]:
        """What an answer has to say of how it was computed."""


class ThisMachine:
    """SciPy's sparse factors: exact, and always there."""

    def corrected_holdings(self, w: Matrix, holder: int) -> Vector:
        return lookthrough.corrected_holdings(w, holder)

    def walks(self, w: Matrix, company: int) -> Vector:
        above = lookthrough.upstream(w, company)
        found = np.zeros(w.shape[0])
        found[above] = Lens(w[:, above].tocsr()[above].tocsc()).owners(0)
        return found

    def weak_components(self, ties: Ties) -> Ints:
        return components.weak_components(ties)

    def strong_components(self, ties: Ties) -> Ints:
        return components.strong_components(ties)

    def notes(self) -> tuple[Note, ...]:
        return ()
