"""The drawing as vis-network takes it: glyphs, sizes, curves and two arrangements; nothing moves by itself.

Nodes and edges have internal ids (``n0``, ``e0``), because vis-network uses ids as keys of plain objects. A node has
its place in the free arrangement (``x``, ``y``) and, where the parties of the first view have roles, in the one by role
(``rx``, ``ry``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from capgraph.views.layout import Box, columns, label_width, spread

Graph = dict[str, Any]

LONGEST = 26
"""Signs of a name that a label holds; the rest is cut with an ellipsis."""

MOST_IN_ROLES = 150
"""Most parties that the arrangement by role is made for."""

ROLES = ("owners", "lenders", "vehicles", "labs", "clouds", "chips")
"""The columns of the arrangement by role, from where money comes to where it goes."""

_ROLE_OF_SECTOR = {
    **dict.fromkeys(("venture_capital", "asset_manager", "sovereign_fund", "private_equity", "pension"), "owners"),
    **dict.fromkeys(("bank", "financial_services"), "lenders"),
    "holding": "vehicles",
    **dict.fromkeys(("ai_lab", "software", "robotics", "automotive", "media", "research"), "labs"),
    **dict.fromkeys(("cloud", "neocloud", "data_centre", "internet", "telecoms", "energy"), "clouds"),
    **dict.fromkeys(("semiconductors", "memory", "semiconductor_equipment", "hardware", "industrial"), "chips"),
}
_ROLE_OF_KIND = {
    **dict.fromkeys(("person", "fund", "investor", "government", "foundation", "aggregate"), "owners"),
    "bank": "lenders",
    **dict.fromkeys(("special_purpose_vehicle", "joint_venture"), "vehicles"),
    "product": "chips",
}

_SHAPES = {
    "person": "triangleDown",
    "fund": "diamond",
    "investor": "diamond",
    "bank": "triangle",
    "government": "star",
    "foundation": "star",
    "joint_venture": "hexagon",
    "special_purpose_vehicle": "hexagon",
    "aggregate": "hexagon",
    "product": "square",
}
"""The glyph of each kind of party; all others are dots."""


def network(graph: Graph) -> Any:
    """A pyvis network of the graph: internal ids, glyphs, sizes, positions, curves; no physics."""
    from pyvis.network import Network

    net = Network(directed=True, cdn_resources="in_line")
    places, by_role = _places(graph), _places_by_role(graph)
    number = {node["id"]: index for index, node in enumerate(graph["nodes"])}
    for index, node in enumerate(graph["nodes"]):
        x, y = places[index]
        role = {"rx": by_role[index][0], "ry": by_role[index][1], "role": role_of(node)} if index in by_role else {}
        shape = _SHAPES.get(node.get("kind") or "", "dot")
        net.add_node(f"n{index}", label=" ", shape=shape, size=radius(node), x=x, y=y, **role)
    for index, (edge, bend) in enumerate(zip(graph["edges"], _bends(graph), strict=True)):
        start, end = drawn_ends(edge)
        net.add_edge(f"n{number[start]}", f"n{number[end]}", id=f"e{index}", width=_width(edge), title=None, **bend)
    net.options = {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "interaction": {
            "hover": len(graph["edges"]) <= 800,
            "tooltipDelay": 10**6,
            "selectable": False,
            "selectConnectedEdges": False,
        },
        "nodes": {"borderWidth": 1.5, "font": {"size": 14}},
        "edges": {"arrowStrikethrough": False, "hoverWidth": 0, "selectionWidth": 0},
    }
    return net


def role_of(node: Mapping[str, Any]) -> str:
    """The column of a party: by its kind where that says it, else by its sector."""
    kind, sector = node.get("kind") or "", node.get("sector") or ""
    if kind == "joint_venture" and sector in _ROLE_OF_SECTOR:
        return _ROLE_OF_SECTOR[sector]
    return _ROLE_OF_KIND.get(kind) or _ROLE_OF_SECTOR.get(sector, "vehicles")


def short(node: Mapping[str, Any]) -> str:
    """The name of a node as its label holds it."""
    label = str(node.get("label") or node["id"])
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def radius(node: Mapping[str, Any]) -> float:
    """Area grows with the root of the value: 320 bn is drawn twice as wide as 20 bn."""
    billions = max(0.0, float(node.get("value") or node.get("money") or 0)) / 1e9
    smallest = 6.0 if node.get("kind") != "person" else 5.0
    return round(min(26.0, smallest + 2.6 * math.sqrt(math.sqrt(billions))), 1)


def drawn_ends(edge: Mapping[str, Any]) -> tuple[str, str]:
    """From where to where the arrow runs: with the money where money runs, else along the link."""
    backward = edge.get("money") == "backward"
    return (edge["target"], edge["source"]) if backward else (edge["source"], edge["target"])


def _width(edge: Mapping[str, Any]) -> float:
    amount = edge.get("amount_usd") or (edge.get("amount") if edge.get("currency") in (None, "USD") else None)
    return round(1 + 1.9 * math.log10(1 + max(0.0, float(amount or 0)) / 1e9), 2)


# How links bend -------------------------------------------------------------------------------------------------------


def _bends(graph: Graph) -> list[Graph]:
    """How each link bends, so that parallel and opposite links and loops lie apart; a single link is straight."""
    pairs: dict[frozenset[str], list[int]] = {}
    for index, edge in enumerate(graph["edges"]):
        pairs.setdefault(frozenset((edge["source"], edge["target"])), []).append(index)
    bends: list[Graph] = [{"smooth": False}] * len(graph["edges"])
    for ends, members in pairs.items():
        if len(ends) == 1:
            bends_of = [_loop(place) for place in range(len(members))]
        elif len(members) == 1:
            continue
        else:
            bends_of = _fan([drawn_ends(graph["edges"][index])[0] for index in members])
        for index, bend in zip(members, bends_of, strict=True):
            bends[index] = bend
    return bends


def _fan(starts: Sequence[str]) -> list[Graph]:
    """Links between two parties, each with its start: links the other way bow to the other side by themselves."""
    step = min(0.13, 0.8 / max(starts.count(start) for start in starts))
    count: dict[str, int] = {}
    fan = []
    for start in starts:
        place = count.get(start, 0)
        count[start] = place + 1
        fan.append({"smooth": {"enabled": True, "type": "curvedCW", "roundness": round(0.1 + step * place, 3)}})
    return fan


def _loop(place: int) -> Graph:
    """The circle of a link from a party to itself: six around the glyph, then a wider ring."""
    turn = math.pi / 4 + place % 6 * math.pi / 3
    size = 17 + 9 * (place // 6)
    return {"smooth": False, "selfReference": {"angle": round(turn, 3), "size": size, "renderBehindTheNode": False}}


# Where parties stand --------------------------------------------------------------------------------------------------


def _chosen(nodes: Sequence[Mapping[str, Any]]) -> list[int]:
    """The nodes of the first view; all of them where none is left out."""
    first = [index for index, node in enumerate(nodes) if node.get("overview")]
    return first if 0 < len(first) < len(nodes) else list(range(len(nodes)))


def _links(graph: Graph) -> list[tuple[int, int]]:
    number = {node["id"]: index for index, node in enumerate(graph["nodes"])}
    return [(number[edge["source"]], number[edge["target"]]) for edge in graph["edges"]]


def _places(graph: Graph) -> list[tuple[int, int]]:
    """A position for every node: those of the first view by themselves, all others around them."""
    nodes, links = graph["nodes"], _links(graph)
    chosen = _chosen(nodes)
    inner = {index: place for place, index in enumerate(chosen)}
    boxes = [_box(nodes[index]) for index in chosen]
    near = spread(boxes, [(inner[a], inner[b]) for a, b in links if a in inner and b in inner and a != b])
    places = {index: near[place] for index, place in inner.items()}
    if len(chosen) < len(nodes):
        places |= _outer_places(nodes, links, places)
    return [places[index] for index in range(len(nodes))]


def _places_by_role(graph: Graph) -> dict[int, tuple[int, int]]:
    """Positions in columns by role, for the nodes of the first view; none where they are too many or of one role."""
    nodes = graph["nodes"]
    chosen = _chosen(nodes)
    role = [ROLES.index(role_of(nodes[index])) for index in chosen]
    if len(chosen) > MOST_IN_ROLES or len(set(role)) < 3:
        return {}
    inner = {index: place for place, index in enumerate(chosen)}
    boxes = [Box(13, min(132.0, label_width(short(nodes[index]), 7.6) + 16)) for index in chosen]
    links = [(inner[a], inner[b]) for a, b in _links(graph) if a in inner and b in inner]
    rank = [radius(nodes[index]) for index in chosen]
    return dict(zip(chosen, columns(boxes, links, role, rank), strict=True))


def _outer_places(
    nodes: list[Graph], links: list[tuple[int, int]], places: dict[int, tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """Positions for the nodes beyond the first view: on rings outside it, towards what they are linked to."""
    angle = _directions(len(nodes), links, places)
    reach = max((math.hypot(x, y * 1.6) for x, y in places.values()), default=300.0) + 120
    outer: dict[int, tuple[int, int]] = {}
    waiting = sorted(angle, key=lambda index: (round(angle[index], 6), nodes[index]["id"]))
    while waiting:
        # Every n-th of those that wait stands on this ring, so that each ring goes all around.
        nth = -(-len(waiting) // max(12, int(2 * math.pi * reach / 118)))
        ring, waiting = waiting[::nth], [index for place, index in enumerate(waiting) if place % nth]
        for place, index in enumerate(ring):
            turn = -math.pi + 2 * math.pi * (place + 0.5) / len(ring)
            outer[index] = (round(reach * math.cos(turn)), round(reach * 0.62 * math.sin(turn)))
        reach += 74
    return outer


def _directions(count: int, links: list[tuple[int, int]], places: Mapping[int, tuple[int, int]]) -> dict[int, float]:
    """For each node without a place, the angle at which those that it is linked to stand."""
    drawn: dict[int, list[tuple[int, int]]] = {}
    for a, b in links:
        for one, other in ((a, b), (b, a)):
            if one not in places and other in places:
                drawn.setdefault(one, []).append(places[other])
    sums = {index: [sum(axis) for axis in zip(*drawn.get(index, [(0, 0)]), strict=True)] for index in range(count)}
    return {index: math.atan2(sums[index][1], sums[index][0]) for index in range(count) if index not in places}


def _box(node: Mapping[str, Any]) -> Box:
    return Box(radius(node), label_width(short(node), 7.6))
