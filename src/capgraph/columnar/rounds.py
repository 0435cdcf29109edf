"""Walks through a network as rounds of joins: look-through and components on the DataFrames of Apache Spark.

Nodes are whole numbers. Every function takes ``keep``, which cuts a frame off from the plan that made it
(a checkpoint); without it the plan of the hundredth round would hold the ninety-nine before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from capgraph.errors import UsageProblem

DataFrame = Any
"""A ``pyspark.sql.DataFrame``; PySpark is an extra."""

Keep = Callable[[DataFrame], DataFrame]

TOLERANCE = 1e-12
"""Look-through ends when all further rounds together would give no company more than about this part of it."""

DUST = 1e-18
"""A chain of holdings that gives less than this part of a company is not followed further."""

MOST_ROUNDS = 1_000
"""Rounds after which look-through gives up. A loop that keeps 97 percent within itself settles before."""

_WINDOW = 8
"""The speed at which rounds shrink is taken over so many of them, since loops of any length shrink in steps."""

_MERGED = 32
"""After so many rounds what they gave is added up."""

_BROADCAST = 200_000
"""So many rows are sent to all machines instead of sorting the stakes for them."""


# Look-through ---------------------------------------------------------------------------------------------------------


def look_through(steps: DataFrame, start: int, keep: Keep) -> tuple[DataFrame, int]:
    r"""What one step after the other reaches from a node, all of them added up.

    With :math:`x_0` the whole of ``start`` and :math:`x_{k+1}` what the steps make of :math:`x_k`, the sum of
    :math:`x_1, x_2, \ldots`: the walk sum (see :mod:`capgraph.analysis.lookthrough`).

    Parameters
    ----------
    steps : columns ``near``, ``far`` (nodes) and ``share`` (0..1): of what is at ``near`` this part comes to ``far``.
        From holder to company or from company to holder; the shares in a company sum to 1 at most.
    start : the node.

    Returns
    -------
    Columns ``node`` and ``share``, and the number of rounds. A network without loops ends by itself. Else the rounds
    end when what is still to come, estimated from the last one and the speed at which they shrink, lies below
    :data:`TOLERANCE`.

    Raises
    ------
    UsageProblem after :data:`MOST_ROUNDS` rounds: some group owns itself all but completely.
    """
    from pyspark.sql import functions as f

    edges = steps.groupBy("near", "far").agg(f.sum("share").alias("share")).where(f.col("share") > 0).persist()
    front = keep(edges.where(f.col("near") == start).select(f.col("far").alias("node"), "share"))
    rounds, sizes = [front], list[float]()
    for done in range(1, MOST_ROUNDS + 1):
        rows, size = front.agg(f.count("*"), f.coalesce(f.sum("share"), f.lit(0.0))).first()
        sizes.append(size)
        if not rows or _left(sizes) < TOLERANCE:
            edges.unpersist()
            return _summed(rounds), done
        step = edges.join(_sent(front.withColumnRenamed("share", "reached"), rows), edges["near"] == f.col("node"))
        step = step.groupBy("far").agg(f.sum(f.col("reached") * f.col("share")).alias("share"))
        front = keep(step.where(f.col("share") > DUST).select(f.col("far").alias("node"), "share"))
        rounds = [*rounds, front] if len(rounds) < _MERGED else [keep(_summed([*rounds, front]))]
    raise UsageProblem(
        f"look-through did not settle in {MOST_ROUNDS} rounds: a group owns itself almost completely; without --engine "
        "there is no such limit"
    )


def _summed(rounds: list[DataFrame]) -> DataFrame:
    """What several rounds gave, added up by node."""
    from pyspark.sql import functions as f

    whole = functools.reduce(lambda one, other: one.unionByName(other), rounds)
    return whole.groupBy("node").agg(f.sum("share").alias("share"))


def _sent(frame: DataFrame, rows: int) -> DataFrame:
    from pyspark.sql import functions as f

    return f.broadcast(frame) if rows <= _BROADCAST else frame


def _left(sizes: list[float]) -> float:
    """What all further rounds would add up to, if they go on shrinking as they did; unknown while they do not."""
    if len(sizes) <= _WINDOW:
        return float("inf")
    speed = (sizes[-1] / sizes[-1 - _WINDOW]) ** (1 / _WINDOW)
    return sizes[-1] * speed / (1 - speed) if speed < 1 else float("inf")


# Components -----------------------------------------------------------------------------------------------------------


def weak_components(pairs: DataFrame, keep: Keep) -> DataFrame:
    """The components of some pairs whichever way they run, by alternating large stars and small stars.

    Parameters
    ----------
    pairs : columns ``one`` and ``other`` (nodes).

    Returns
    -------
    Columns ``node`` and ``least``, the least node of its component. A number of rounds that grows with the logarithm
    of the largest component.

    References
    ----------
    R. Kiveris, S. Lattanzi, V. Mirrokni, V. Rastogi, S. Vassilvitskii. Connected components in MapReduce and beyond.
    Proceedings of the ACM Symposium on Cloud Computing (2014).
    """
    from pyspark.sql import functions as f

    edges = pairs.where(f.col("one") != f.col("other")).select(
        f.greatest("one", "other").alias("node"), f.least("one", "other").alias("least")
    )
    edges = keep(edges.distinct())
    print_ = _fingerprint(edges)
    while True:
        edges = keep(_small_star(keep(_large_star(edges))))
        before, print_ = print_, _fingerprint(edges)
        if before == print_:
            return edges


def _fingerprint(frame: DataFrame) -> tuple[int, ...]:
    """A number of 64 bits and a count that two frames share only if they have the same rows."""
    from pyspark.sql import functions as f

    return tuple(frame.agg(f.count("*"), f.bit_xor(f.xxhash64(*frame.columns))).first())


def _large_star(edges: DataFrame) -> DataFrame:
    """Every node ties its larger neighbours to the least of its neighbours and itself."""
    from pyspark.sql import functions as f

    both = edges.unionByName(edges.select(f.col("least").alias("node"), f.col("node").alias("least")))
    least = both.groupBy("node").agg(f.min("least").alias("min"))
    joined = both.join(least, "node").where(f.col("least") > f.col("node"))
    return joined.select(f.col("least").alias("node"), f.least("node", "min").alias("least")).distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """Every node ties its smaller neighbours, and itself, to the least of them."""
    from pyspark.sql import functions as f

    least = edges.groupBy("node").agg(f.min("least").alias("min"))
    joined = edges.join(least, "node").where(f.col("least") != f.col("min"))
    tied = joined.select(f.col("least").alias("node"), f.col("min").alias("least"))
    return tied.unionByName(least.select("node", f.col("min").alias("least"))).distinct()


def strong_components(pairs: DataFrame, keep: Keep) -> DataFrame:
    """The rings of some pairs: nodes that lead to one another.

    What no ring can go through is taken away first, again and again. Then every node learns the least node that leads
    to it, its colour; whatever leads back to that node within the colour is its ring. Rings are taken away, and so on
    until nothing is left. The number of rounds grows with the longest chain.

    Parameters
    ----------
    pairs : columns ``one`` and ``other`` (nodes): ``one`` leads to ``other``.

    Returns
    -------
    Columns ``node`` and ``least``, the least node of its ring; nodes of no ring are not among them.

    References
    ----------
    S. Orzan. On distributed verification and verified distribution. PhD thesis, VU Amsterdam (2004). (colours)
    W. McLendon, B. Hendrickson, S. Plimpton, L. Rauchwerger. Finding strongly connected components in distributed
    graphs. Journal of Parallel and Distributed Computing 65 (2005), 901-910. (taking away what no ring goes through)
    """
    from pyspark.sql import functions as f

    edges = keep(pairs.where(f.col("one") != f.col("other")).select("one", "other").distinct())
    rings: DataFrame = None
    while True:
        edges, rows = _trimmed(edges, keep)
        if not rows:
            return edges.select(f.col("one").alias("node"), "other") if rings is None else rings
        ring = _rings(edges, _colours(edges, keep), keep)
        rings = ring if rings is None else keep(rings.unionByName(ring))
        found = ring.select("node")
        for end in ("one", "other"):
            edges = edges.join(found.withColumnRenamed("node", end), end, "left_anti")
        edges = keep(edges)


def _trimmed(edges: DataFrame, keep: Keep) -> tuple[DataFrame, int]:
    """The edges that begin where one ends and end where one begins, and how many these are."""
    from pyspark.sql import functions as f

    rows = edges.count()
    while rows:
        begun = edges.join(edges.select(f.col("other").alias("one")).distinct(), "one", "left_semi")
        left = keep(begun.join(edges.select(f.col("one").alias("other")).distinct(), "other", "left_semi"))
        before, rows, edges = rows, left.count(), left
        if before == rows:
            break
    return edges, rows


def _colours(edges: DataFrame, keep: Keep) -> DataFrame:
    """For each node the least that leads to it: columns ``node`` and ``least``."""
    from pyspark.sql import functions as f

    own = keep(edges.select(f.col("one").alias("node")).distinct().select("node", f.col("node").alias("least")))
    print_ = _fingerprint(own)
    while True:
        come = edges.join(own, edges["one"] == own["node"]).select(f.col("other").alias("node"), "least")
        own = keep(own.unionByName(come).groupBy("node").agg(f.min("least").alias("least")))
        before, print_ = print_, _fingerprint(own)
        if before == print_:
            return own


def _rings(edges: DataFrame, colours: DataFrame, keep: Keep) -> DataFrame:
    """What leads to the least node of its colour within the colour: columns ``node`` and ``least``."""
    from pyspark.sql import functions as f

    least = colours.withColumnRenamed("node", "one").join(edges, "one").select("one", "other", "least")
    same = colours.select(f.col("node").alias("other"), f.col("least").alias("colour"))
    inside = keep(least.join(same, "other").where(f.col("least") == f.col("colour")).select("one", "other", "least"))
    found = keep(colours.where(f.col("node") == f.col("least")))
    rows = found.count()
    while True:
        back = inside.join(found.select(f.col("node").alias("other")), "other").select(
            f.col("one").alias("node"), "least"
        )
        found = keep(found.unionByName(back).distinct())
        before, rows = rows, found.count()
        if before == rows:
            return found
