"""Ownership and control on seeded scale-free networks: time by size, growth, and dense linear algebra as the peer.

The networks are those of :mod:`benchmarks.synthetic`; firms of an oversubscribed or closed register are cut out first,
as the answers do. The exponent is the slope of log time over log size between two neighbouring sizes: 1 is linear.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.synthetic import ownership
from capgraph.analysis.control import control_pairs
from capgraph.analysis.lookthrough import Matrix, corrected_holdings, cut, faults, matrix, values

DENSE = 3_000
"""Most firms for which the dense inverse is tried; it grows with the third power."""


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Wall seconds of a call, and what it gave."""
    before = time.perf_counter()
    found = call()
    return time.perf_counter() - before, found


def network(firms: int) -> Matrix:
    """The known holdings of a seeded register as fractions, contradictory and closed registers cut out."""
    found = ownership(firms)
    known = ~np.isnan(found.percents)
    w = matrix(found.holders[known], found.issuers[known], found.percents[known] / 100.0, found.size)
    wrong = faults(w)
    return cut(w, np.array(sorted({*wrong.oversubscribed, *wrong.closed}), dtype=np.int64))


def report(sizes: tuple[int, ...] = (1_000, 10_000, 100_000)) -> str:
    """A Markdown table: seconds for all values, for the holdings of one, for all control pairs, and their growth."""
    lines = [
        "| firms | values of all holders | holdings of one | all control pairs | dense inverse |",
        "|---:|---:|---:|---:|---:|",
    ]
    past: list[tuple[int, float]] = []
    for firms in sizes:
        w = network(firms)
        external = np.ones(w.shape[0])
        all_values, _ = timed(lambda w=w, external=external: values(w, external))
        busiest = int(np.asarray(w.sum(axis=1)).ravel().argmax())
        one, _ = timed(lambda w=w, busiest=busiest: corrected_holdings(w, busiest))
        pairs, _ = timed(lambda w=w: sum(1 for _ in control_pairs(w)))
        dense = (
            f"{timed(lambda w=w: np.linalg.inv(np.eye(w.shape[0]) - w.toarray()))[0]:.2f} s"
            if firms <= DENSE
            else "not tried"
        )
        lines.append(f"| {firms:,} | {all_values:.3f} s | {one:.3f} s | {pairs:.3f} s | {dense} |")
        past.append((firms, all_values))
    growth = [
        f"{math.log(late / early) / math.log(more / fewer):.2f}"
        for (fewer, early), (more, late) in itertools.pairwise(past)
    ]
    return "\n".join(
        [*lines, "", f"Growth of the values between neighbouring sizes (1 is linear): {', '.join(growth)}.", ""]
    )
