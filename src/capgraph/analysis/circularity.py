"""How circular money is: five measures of a matrix of payments, and the same measures of random graphs beside them.

Every function takes ``flows``: amounts by (payer, payee), none below zero. Amounts on the diagonal are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

Flows = Mapping[tuple[str, str], float]

_DAMPING = 1 - 1e-12


def without_loops(flows: Flows) -> dict[tuple[str, str], float]:
    """The flows between two different parties that are more than nothing, sorted."""
    return {pair: amount for pair, amount in sorted(flows.items()) if amount > 0 and pair[0] != pair[1]}


def reciprocity(flows: Flows) -> float:
    """The share of money that is answered directly: sum of min(F_ij, F_ji) over all ordered pairs, over the sum of F.

    0 where nobody pays a payer back, 1 where every pair pays the same both ways. 0.0 for no flows.

    >>> reciprocity({("a", "b"): 100, ("b", "a"): 25, ("b", "c"): 75})
    0.25
    """
    kept = without_loops(flows)
    answered = sum(min(amount, kept.get((payee, payer), 0)) for (payer, payee), amount in kept.items())
    return _ratio(answered, sum(kept.values()))


def circulation_share(flows: Flows) -> float:
    """The largest part of the money that forms closed circles: the maximal conserved sub-flow over the sum of F.

    max sum g_ij subject to 0 <= g_ij <= F_ij and, for every party, what g brings in it also takes out. 0 exactly where
    the graph of flows has no circle. Solved as a minimum cost circulation with cost -1 on every flow, inside the
    strong components alone, which hold all circles (network simplex; whole units of money).

    >>> circulation_share({("a", "b"): 100, ("b", "a"): 25, ("b", "c"): 75})
    0.25

    References
    ----------
    R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows" (1993), chapters 9 and 11.
    """
    import networkx as nx

    kept = without_loops(flows)
    graph = _graph(kept)
    circulating = 0
    for component in nx.strongly_connected_components(graph):
        if len(component) > 1:
            cost, _ = nx.network_simplex(graph.subgraph(sorted(component)))
            circulating -= cost
    return _ratio(circulating, sum(round(amount) for amount in kept.values()))


def _graph(flows: Flows) -> nx.DiGraph[str]:
    """The flows as a directed graph with whole capacities and a weight of -1 each, nodes in order."""
    import networkx as nx

    graph: Any = nx.DiGraph()
    graph.add_nodes_from(sorted({end for pair in flows for end in pair}))
    graph.add_edges_from((*pair, {"capacity": round(amount), "weight": -1}) for pair, amount in flows.items())
    return graph  # type: ignore[no-any-return]


def round_trip(flows: Flows, party: str) -> tuple[float, float]:
    """How much of the money that a party puts out can come back to it, and how much it puts out.

    The first is the maximal flow from the party, by way of others, to itself: the party split into a payer and a payee,
    every flow a capacity (Ford & Fulkerson 1956). What can come back need not be the money that went out.

    >>> round_trip({("a", "b"): 100, ("b", "c"): 60, ("c", "a"): 90}, "a")
    (60.0, 100.0)
    """
    import networkx as nx

    kept = without_loops(flows)
    out = sum(amount for (payer, _), amount in kept.items() if payer == party)
    graph = _graph({(payer, "" if payee == party else payee): amount for (payer, payee), amount in kept.items()})
    if party not in graph or "" not in graph:
        return 0.0, float(out)
    return float(nx.maximum_flow_value(graph, party, "")), float(out)


def finn_index(flows: Flows, inputs: Mapping[str, float] | None = None) -> float:
    """The Finn cycling index: the share of all throughflow that comes back to a party after leaving it.

    FCI = sum T_i (1 - 1 / n_ii) / sum T_i with N = (I - G)^-1, G_ij = F_ij / T_i, and T_i the money that passes party
    i. T_i is what comes in from others plus ``inputs`` from outside; without ``inputs`` the larger of what comes in and
    what goes out, so that whatever is missing on one side comes from, or goes to, outside. In circles that are closed
    altogether n_ii has no bound and the whole counts (the limit of a small leak).

    >>> round(finn_index({("a", "b"): 100, ("b", "a"): 50}), 4)
    0.5

    References
    ----------
    J. T. Finn, "Measures of ecosystem structure and function derived from analysis of flows", Journal of Theoretical
    Biology 56 (1976).
    """
    import numpy as np

    kept = without_loops(flows)
    nodes, matrix = _matrix(kept)
    if not nodes:
        return 0.0
    into, out = matrix.sum(axis=0), matrix.sum(axis=1)
    outside = np.array([(inputs or {}).get(node, 0.0) for node in nodes])
    through = into + outside if inputs is not None else np.maximum(into, out)
    # Only walks inside a strong component come back, so everyone else is visited once.
    round_about = _in_circles(kept)
    inside = [place for place, node in enumerate(nodes) if node in round_about]
    fractions = matrix[np.ix_(inside, inside)] / through[inside][:, None]
    visits = np.diag(np.linalg.inv(np.eye(len(inside)) - _DAMPING * fractions))
    return _ratio(float((through[inside] * (1 - 1 / visits)).sum()), float(through.sum()))


def _in_circles(flows: Flows) -> set[str]:
    """The parties that lie on some circle."""
    import networkx as nx

    components = nx.strongly_connected_components(_graph(flows))
    return {node for component in components if len(component) > 1 for node in component}


def _matrix(flows: Flows) -> tuple[list[str], NDArray[np.float64]]:
    import numpy as np

    nodes = sorted({end for pair in flows for end in pair})
    place = {node: number for number, node in enumerate(nodes)}
    matrix = np.zeros((len(nodes), len(nodes)))
    for (payer, payee), amount in flows.items():
        matrix[place[payer], place[payee]] = float(amount)
    return nodes, matrix


def gradient_share(flows: Flows) -> float:
    """The share of net flow that runs downhill from net payers to net receivers; the rest goes in circles (Hodge).

    Net flows f_ij = F_ij - F_ji split into a gradient w_ij (p_i - p_j), with w_ij = F_ij + F_ji and potentials p that
    solve L p = div f for the Laplacian L of the weights, and a circular rest that is orthogonal to it:

        share = sum w_ij (p_i - p_j)^2 / sum f_ij^2 / w_ij      over all pairs with w_ij > 0.

    1 exactly where no net flow goes round. It sees net flow only: two parties that pay each other the same show
    nothing (share 1), so read it beside :func:`reciprocity`. 1.0 for no flows.

    >>> round(gradient_share({("a", "b"): 1, ("b", "c"): 1, ("c", "a"): 1}), 6), gradient_share({("a", "b"): 5})
    (0.0, 1.0)

    References
    ----------
    X. Jiang, L.-H. Lim, Y. Yao, Y. Ye, "Statistical ranking and combinatorial Hodge theory", Math. Program. 127 (2011);
    Y. Kichikawa, H. Iyetomi, T. Iino, H. Inoue, "Community structure based on circular flow in a large-scale
    transaction network", Applied Network Science 4 (2019).
    """
    import numpy as np

    nodes, matrix = _matrix(without_loops(flows))
    if not nodes:
        return 1.0
    weights, net = matrix + matrix.T, matrix - matrix.T
    laplacian = np.diag(weights.sum(axis=1)) - weights
    # One party of each connected part has potential 0; the Laplacian of the others has an inverse.
    free = _all_but_one_of_each_part(nodes, weights)
    potential = np.zeros(len(nodes))
    potential[free] = np.linalg.solve(laplacian[np.ix_(free, free)], net.sum(axis=1)[free])
    energy = np.divide(net**2, weights, out=np.zeros_like(net), where=weights > 0).sum()
    downhill = (weights * (potential[:, None] - potential[None, :]) ** 2).sum()
    return 1.0 if energy == 0 else min(1.0, float(downhill / energy))


def _all_but_one_of_each_part(nodes: Sequence[str], weights: NDArray[np.float64]) -> list[int]:
    import networkx as nx

    parts: Any = nx.connected_components(nx.from_numpy_array(weights))
    grounded = {min(part) for part in parts}
    return [place for place in range(len(nodes)) if place not in grounded]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


# Random graphs --------------------------------------------------------------------------------------------------------


def rewired(flows: Flows, count: int, seed: int) -> list[dict[tuple[str, str], float]]:
    """Random graphs in which every party pays as many parties, and is paid by as many, as in the given one.

    Two flows at a time swap their payees unless that makes a party pay itself or one payee twice; each amount stays
    with its payer, so what a party pays in all stays the same too. Three swaps a flow lie between two graphs, ten
    before the first. The same seed gives the same graphs.

    References
    ----------
    S. Maslov, K. Sneppen, "Specificity and stability in topology of protein networks", Science 296 (2002).
    """
    chance = Random(seed)
    kept = without_loops(flows)
    pairs, amounts = list(kept), list(kept.values())
    taken = set(pairs)
    graphs = []
    for number in range(count):
        for _ in range((3 if number else 10) * len(pairs)):
            _swap(pairs, taken, chance.randrange(len(pairs)), chance.randrange(len(pairs)))
        graphs.append(dict(zip(pairs, amounts, strict=True)))
    return graphs


def _swap(pairs: list[tuple[str, str]], taken: set[tuple[str, str]], first: int, second: int) -> None:
    """Let two flows swap their payees, if that is allowed."""
    (payer, payee), (other_payer, other_payee) = pairs[first], pairs[second]
    fresh = (payer, other_payee), (other_payer, payee)
    if payer == other_payee or other_payer == payee or taken.intersection(fresh):
        return
    taken.difference_update((pairs[first], pairs[second]))
    taken.update(fresh)
    pairs[first], pairs[second] = fresh


def share_at_least(value: float, others: Sequence[float], tolerance: float = 1e-9) -> float:
    """How many of other values, as a share, are at least as large."""
    return sum(other >= value - tolerance for other in others) / len(others) if others else 0.0
