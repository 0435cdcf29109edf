"""Where each party stands on the page: computed here once, so that the page never moves by itself.

Two arrangements. :func:`spread` puts those close that have links with each other: ForceAtlas2 (Jacomy et al., 2014,
doi:10.1371/journal.pone.0098679) as NetworkX has it, and for large graphs pivot MDS (Brandes and Pich, 2006,
doi:10.1007/978-3-540-70904-6_6) refined by springs whose far repulsion is summed over cells. :func:`columns` puts the
parties of one role under each other, in an order that keeps links short (barycentre sweeps; Sugiyama et al., 1981,
doi:10.1109/TSMC.1981.4308636). Both are seeded, push labels apart, and give whole pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Point = tuple[int, int]

SEED = 7
WIDTH, HEIGHT = 1160.0, 690.0
"""The drawing area of a usual screen in pixels; the page stretches it to its own."""

SMALL = 400
"""Up to so many nodes ForceAtlas2 takes a second or two; it grows with the square."""

_ROW = 54.0
_ROWS = 13


@dataclass(frozen=True, slots=True)
class Box:
    """What a node needs: its radius, and the width of its label below, in pixels."""

    radius: float
    label: float


def label_width(text: str, pixel: float = 7.0) -> float:
    """How wide a label is, about: a Chinese character takes two places. Long names are cut by the page.

    >>> label_width("OpenAI"), label_width("软银集团")
    (42.0, 56.0)
    """
    cut = text[:26]
    return pixel * sum(2 if ord(sign) > 0x2E80 else 1 for sign in cut)


def spread(boxes: Sequence[Box], links: Sequence[tuple[int, int]]) -> list[Point]:
    """A position for each node, close where linked, with glyphs and labels apart.

    ``links`` are pairs of indices, either way round, parallel ones count more.

    >>> len(set(spread([Box(8, 40)] * 3, [(0, 1), (1, 2)])))
    3
    """
    count = len(boxes)
    if count == 0:
        return []
    pairs, weights = _pairs(links)
    raw = _forceatlas(count, pairs, weights) if count <= SMALL else _springs(count, pairs, weights)
    scale = max(1.0, (count / 55.0) ** 0.5)
    points = _soften(raw) * np.array([WIDTH, HEIGHT]) * scale
    return _whole(_apart(points, _sizes(boxes)))


def columns(
    boxes: Sequence[Box], links: Sequence[tuple[int, int]], column: Sequence[int], rank: Sequence[float]
) -> list[Point]:
    """A position for each node in the column of its role, columns from left to right by number.

    A column of more than 13 (or, in a large graph, more than is square) is folded into several side by side.
    ``rank`` breaks ties: the larger stands nearer the middle.
    """
    count = len(boxes)
    if count == 0:
        return []
    rows = max(_ROWS, round((count * 0.6) ** 0.5 * 2))
    order = _order(count, links, column, rank)
    points = np.zeros((count, 2))
    left = 0.0
    for number in sorted(set(column)):
        members = [node for node in order if column[node] == number]
        folds = -(-len(members) // rows)
        for fold in range(folds):
            part = members[fold::folds]
            width = max(max(boxes[node].label, 2 * boxes[node].radius) for node in part)
            gap = HEIGHT / (len(part) + 1) if count <= _ROWS * 6 else _ROW * rows / (len(part) + 1)
            gap = max(gap, _ROW * 0.8)
            for place, node in enumerate(part):
                points[node] = (left + width / 2, (place - (len(part) - 1) / 2) * gap + fold % 2 * gap / 3)
            left += width + (22 if fold < folds - 1 else 62)
    return _whole(points)


def _whole(points: Floats) -> list[Point]:
    centred = points - (points.min(axis=0) + points.max(axis=0)) / 2
    return [(round(float(x)), round(float(y))) for x, y in centred]


def _pairs(links: Sequence[tuple[int, int]]) -> tuple[Ints, Floats]:
    """Distinct pairs of different nodes with the number of links between them, sorted."""
    counted: dict[tuple[int, int], int] = {}
    for one, other in links:
        if one != other:
            pair = (min(one, other), max(one, other))
            counted[pair] = counted.get(pair, 0) + 1
    ordered = sorted(counted)
    weights = np.array([1.0 + 0.5 * (counted[pair] - 1) for pair in ordered])
    return np.array(ordered, dtype=np.int64).reshape(-1, 2), weights


# Close where linked ---------------------------------------------------------------------------------------------------


def _forceatlas(count: int, pairs: Ints, weights: Floats) -> Floats:
    import networkx as nx

    graph: nx.Graph[int, Any, Any] = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_weighted_edges_from((int(a), int(b), float(w)) for (a, b), w in zip(pairs, weights, strict=True))
    placed = nx.forceatlas2_layout(
        graph,
        seed=SEED,
        max_iter=300 if count <= 150 else 120,
        scaling_ratio=2.5,
        gravity=1.2,
        jitter_tolerance=0.8,
        weight="weight",
    )
    return np.array([placed[node] for node in range(count)], dtype=np.float64)


def _springs(count: int, pairs: Ints, weights: Floats, rounds: int = 90) -> Floats:
    """Fruchterman and Reingold (1991) from a pivot MDS start; nodes far away push as the centre of their cell does."""
    rng = np.random.default_rng(SEED)
    points = _pivot_start(count, pairs) + rng.normal(scale=0.01, size=(count, 2))
    ideal = 1.0 / count**0.5
    for step in range(rounds):
        force = _repulsion(points, ideal) - 0.9 * (points - 0.5) * ideal * 4
        if len(pairs):
            delta = points[pairs[:, 0]] - points[pairs[:, 1]]
            length = np.maximum(np.hypot(delta[:, 0], delta[:, 1]), 1e-9)
            pull = delta * (np.minimum(weights, 3.0) * length / ideal)[:, None]
            for axis in (0, 1):
                force[:, axis] -= np.bincount(pairs[:, 0], pull[:, axis], count)
                force[:, axis] += np.bincount(pairs[:, 1], pull[:, axis], count)
        size = np.maximum(np.hypot(force[:, 0], force[:, 1]), 1e-12)
        points = points + force * (np.minimum(size, 0.06 * (1 - step / rounds) + 0.001) / size)[:, None]
    return points


def _repulsion(points: Floats, ideal: float, cells: int = 20) -> Floats:
    """Each node pushed by the centre of every cell; its own cell counts without itself."""
    low, high = points.min(axis=0), points.max(axis=0)
    place = np.minimum(((points - low) / np.maximum(high - low, 1e-9) * cells).astype(np.int64), cells - 1)
    _, cell = np.unique(place[:, 0] * cells + place[:, 1], return_inverse=True)
    mass = np.bincount(cell).astype(np.float64)
    total = np.stack([np.bincount(cell, points[:, axis]) for axis in (0, 1)], axis=1)
    near = (ideal * 0.3) ** 2

    centre = total / mass[:, None]
    square = (points**2).sum(axis=1)[:, None] + (centre**2).sum(axis=1)[None, :] - 2 * points @ centre.T
    weight = mass[None, :] / np.maximum(square, near)
    weight[np.arange(len(points)), cell] = 0.0
    force = points * weight.sum(axis=1)[:, None] - weight @ centre

    others = np.maximum(mass[cell] - 1, 0.0)
    delta = points - (total[cell] - points) / np.maximum(others, 1.0)[:, None]
    force += delta * (others / np.maximum((delta**2).sum(axis=1), near))[:, None]
    pushed: Floats = force * ideal**2
    return pushed


def _pivot_start(count: int, pairs: Ints, pivots: int = 40) -> Floats:
    """Pivot MDS in the unit square. Parts without a link to the rest stand as far as the farthest."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import shortest_path

    ones = np.ones(len(pairs))
    matrix = csr_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    degree = np.bincount(pairs.ravel(), minlength=count)
    chosen = np.argsort(-degree, kind="stable")[:: max(1, count // (pivots * 4))][:pivots]
    hops = shortest_path(matrix, directed=False, unweighted=True, indices=chosen).T
    finite = hops[np.isfinite(hops)]
    hops = np.where(np.isfinite(hops), hops, (finite.max() if len(finite) else 1.0) + 1.0)
    square = hops**2
    centred = -0.5 * (square - square.mean(axis=0) - square.mean(axis=1)[:, None] + square.mean())
    _, vectors = np.linalg.eigh(centred.T @ centred)
    raw = centred @ vectors[:, -2:]
    spread_out: Floats = (raw - raw.min(axis=0)) / np.maximum(np.ptp(raw, axis=0), 1e-9)
    return spread_out


def _soften(raw: Floats) -> Floats:
    """Coordinates within the unit square, half as they are and half as ranks: dense centres open, far ends come in."""
    span = np.maximum(np.ptp(raw, axis=0), 1e-9)
    linear = (raw - raw.min(axis=0)) / span
    ranks = np.argsort(np.argsort(raw, axis=0, kind="stable"), axis=0, kind="stable") / max(1, len(raw) - 1)
    mixed: Floats = 0.45 * linear + 0.55 * ranks
    return mixed


# Labels apart ---------------------------------------------------------------------------------------------------------


def _sizes(boxes: Sequence[Box]) -> Floats:
    """Width and height that each node takes with its label; in a large graph labels show only when one zooms in."""
    if len(boxes) <= 160:
        return np.array([(max(box.label, 2 * box.radius) + 12, 2 * box.radius + 30) for box in boxes])
    return np.array([(2 * box.radius + 22, 2 * box.radius + 22) for box in boxes])


def _apart(points: Floats, sizes: Floats, rounds: int = 160) -> Floats:
    """Push overlapping boxes apart along the axis on which they overlap less, half the way each."""
    from scipy.spatial import cKDTree

    points = points.copy()
    reach = float(np.hypot(*sizes.max(axis=0)))
    for _ in range(rounds):
        near = cKDTree(points).query_pairs(reach, output_type="ndarray")
        if not len(near):
            break
        near = near[np.lexsort((near[:, 1], near[:, 0]))]
        one, other = near[:, 0], near[:, 1]
        delta = points[other] - points[one]
        # Two nodes on one spot part along x, the later one to the right.
        delta[(np.abs(delta) < 1e-6).all(axis=1), 0] = 1e-6
        room = (sizes[one] + sizes[other]) / 2 - np.abs(delta)
        hit = (room > 0).all(axis=1)
        if not hit.any():
            break
        one, other, delta, room = one[hit], other[hit], delta[hit], room[hit]
        axis = np.where(room[:, 0] < room[:, 1] * 1.2, 0, 1)
        rows = np.arange(len(axis))
        step = np.where(delta[rows, axis] < 0, -1.0, 1.0) * room[rows, axis] * 0.52
        moved, times = np.zeros_like(points), np.zeros_like(points)
        np.add.at(moved, (other, axis), step)
        np.add.at(moved, (one, axis), -step)
        np.add.at(times, (other, axis), 1)
        np.add.at(times, (one, axis), 1)
        points += moved / np.maximum(times, 1) ** 0.5
    return points


# One column a role ----------------------------------------------------------------------------------------------------


def _order(count: int, links: Sequence[tuple[int, int]], column: Sequence[int], rank: Sequence[float]) -> list[int]:
    """All nodes, in each column so that neighbours in other columns lie at the same height."""
    neighbours: list[list[int]] = [[] for _ in range(count)]
    for one, other in links:
        if one != other and column[one] != column[other]:
            neighbours[one].append(other)
            neighbours[other].append(one)
    groups: dict[int, list[int]] = {}
    for node in _middle_first(count, rank):
        groups.setdefault(column[node], []).append(node)
    height = _heights(groups)
    for sweep in range(24):
        for number in sorted(groups, reverse=bool(sweep % 2)):
            groups[number].sort(key=lambda node: (_mean(neighbours[node], height), node))
            height.update(_heights({number: groups[number]}))
    return [node for number in sorted(groups) for node in groups[number]]


def _middle_first(count: int, rank: Sequence[float]) -> list[int]:
    """Nodes so that the largest stand in the middle of the list and the smallest at its ends."""
    above: list[int] = []
    below: list[int] = []
    for place, node in enumerate(sorted(range(count), key=lambda node: (-rank[node], node))):
        (above if place % 2 else below).append(node)
    return [*reversed(above), *below]


def _heights(groups: Mapping[int, Sequence[int]]) -> dict[int, float]:
    return {node: (place + 0.5) / len(members) for members in groups.values() for place, node in enumerate(members)}


def _mean(nodes: Sequence[int], height: Mapping[int, float]) -> float:
    """The mean height of the neighbours; a node without any goes to the foot."""
    return sum(height[node] for node in nodes) / len(nodes) if nodes else 2.0
