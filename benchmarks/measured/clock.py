"""How long a call takes: the least of several runs, for whatever else the machine does only ever adds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

RUNS = 5
ENOUGH = 5.0
"""Seconds after which a call is not repeated any more."""


def least(call: Callable[[], T], runs: int = RUNS) -> tuple[float, T]:
    """The least wall time of up to ``runs`` calls in seconds, and what the last one gave."""
    times: list[float] = []
    while True:
        before = time.perf_counter()
        found = call()
        times.append(time.perf_counter() - before)
        if len(times) >= runs or sum(times) >= ENOUGH:
            return min(times), found
