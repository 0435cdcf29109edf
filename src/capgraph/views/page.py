"""The interactive page: one file that opens from disk, makes no request, and moves both clocks by itself.

Nodes, edges and options go through pyvis, which brings vis-network; everything people see comes from our own template.
Positions are computed here, so nothing moves when the page opens. The page carries its data as JSON and can be rebuilt
from it (``capgraph view --from-json``).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import math
import re
from collections.abc import Mapping
from typing import Any

from capgraph.errors import UsageProblem
from capgraph.ontology import Ontology
from capgraph.views import payload
from capgraph.views.layout import Box, label_width, spread

Graph = dict[str, Any]

MOST_LINKS = 6_000
"""Most links that a page stays usable with; more are drawn only when asked for."""

MODULES = (
    "dates",
    "state",
    "model",
    "drawing",
    "evidence",
    "search",
    "paths",
    "table",
    "time",
    "exports",
    "story",
    "main",
)
"""The parts of the page's script, in the order in which they stand in it."""

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


def page(graph: Graph, ontology: Ontology, lang: str = "en", everything: bool = False) -> str:
    """The page of a graph in the form of :mod:`capgraph.views.payload`.

    Raises DataProblem for a graph that is not well-formed, UsageProblem for more than :data:`MOST_LINKS` links unless
    ``everything`` is asked for.
    """
    payload.check(graph)
    if len(graph["edges"]) > MOST_LINKS and not everything:
        raise UsageProblem(
            f"{len(graph['edges'])} links are more than a page is made for ({MOST_LINKS}); choose with --around, "
            "--path or --layer, or draw them all the same with --all"
        )
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    net = _network(graph)
    script, library = Markup(_script()), Markup(_library())
    net.templateEnv = Environment(loader=PackageLoader("capgraph.views", "templates"), autoescape=True)
    net.path = "page.html.j2"
    net.templateEnv.globals.update(
        lang="zh-Hans" if lang == "zh" else "en",
        title=_title(graph, lang),
        graph=Markup(payload.script_json(graph)),
        drawing=Markup(payload.script_json({"nodes": net.nodes, "edges": net.edges})),
        words=Markup(payload.script_json(_words(ontology))),
        codes=Markup(payload.script_json(_codes(ontology))),
        css=Markup(_asset("page.css")),
        script=script,
        library=library,
        policy=_policy(script, library),
        say=lambda key: ontology.say(f"page.{key}", lang),
    )
    html: str = net.generate_html("page.html")
    return html


def _title(graph: Graph, lang: str) -> str:
    meta = graph.get("meta", {})
    return (meta.get("title_zh") if lang == "zh" else None) or meta.get("title") or "capgraph"


# The drawing ----------------------------------------------------------------------------------------------------------


def _network(graph: Graph) -> Any:
    """A pyvis network of the graph: internal ids, glyphs, sizes, positions, curves; no physics."""
    from pyvis.network import Network

    net = Network(directed=True, cdn_resources="in_line")
    places = _places(graph)
    number = {node["id"]: index for index, node in enumerate(graph["nodes"])}
    for index, node in enumerate(graph["nodes"]):
        x, y = places[index]
        shape = _SHAPES.get(node.get("kind") or "", "dot")
        net.add_node(f"n{index}", label=_short(node), shape=shape, size=_radius(node), x=x, y=y)
    curves = _curves(graph)
    for index, edge in enumerate(graph["edges"]):
        start, end = _drawn_ends(edge)
        net.add_edge(
            f"n{number[start]}", f"n{number[end]}", id=f"e{index}", width=_width(edge), smooth=curves[index], title=None
        )
    net.options = {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "interaction": {"hover": len(graph["edges"]) <= 800, "tooltipDelay": 10**6, "selectConnectedEdges": False},
        "nodes": {"borderWidth": 1.5, "font": {"size": 14}},
        "edges": {"arrowStrikethrough": False, "hoverWidth": 0, "selectionWidth": 0},
    }
    return net


def _short(node: Mapping[str, Any]) -> str:
    label = str(node.get("label") or node["id"])
    return label if len(label) <= 28 else f"{label[:27]}…"


def _radius(node: Mapping[str, Any]) -> float:
    """Area grows with the root of the value: 300 bn is drawn twice as wide as 20 bn."""
    billions = max(0.0, float(node.get("value") or node.get("money") or 0)) / 1e9
    smallest = 6.0 if node.get("kind") != "person" else 5.0
    return round(min(26.0, smallest + 2.6 * math.sqrt(math.sqrt(billions))), 1)


def _width(edge: Mapping[str, Any]) -> float:
    amount = edge.get("amount_usd") or (edge.get("amount") if edge.get("currency") in (None, "USD") else None)
    return round(1 + 1.9 * math.log10(1 + max(0.0, float(amount or 0)) / 1e9), 2)


def _drawn_ends(edge: Mapping[str, Any]) -> tuple[str, str]:
    """From where to where the arrow runs: with the money where money runs, else along the link."""
    backward = edge.get("money") == "backward"
    return (edge["target"], edge["source"]) if backward else (edge["source"], edge["target"])


def _curves(graph: Graph) -> list[Any]:
    """How each link bends, so that parallel and opposite links lie apart; a single link is straight."""
    pairs: dict[frozenset[str], list[int]] = {}
    for index, edge in enumerate(graph["edges"]):
        pairs.setdefault(frozenset((edge["source"], edge["target"])), []).append(index)
    curves: list[Any] = [False] * len(graph["edges"])
    for members in pairs.values():
        if len(members) == 1:
            continue
        count: dict[str, int] = {}
        for index in members:
            start, _ = _drawn_ends(graph["edges"][index])
            place = count.get(start, 0)
            count[start] = place + 1
            roundness = round(min(0.9, 0.1 + 0.13 * place), 2)
            curves[index] = {"enabled": True, "type": "curvedCW", "roundness": roundness}
    return curves


def _places(graph: Graph) -> list[tuple[int, int]]:
    """A position for every node: those of the first view by themselves, all others around them.

    Without an overview all nodes are laid out together.
    """
    nodes, number = graph["nodes"], {node["id"]: index for index, node in enumerate(graph["nodes"])}
    first = [index for index, node in enumerate(nodes) if node.get("overview")]
    chosen = first if 0 < len(first) < len(nodes) else list(range(len(nodes)))
    inner = {index: place for place, index in enumerate(chosen)}
    links = [(number[edge["source"]], number[edge["target"]]) for edge in graph["edges"]]
    boxes = [_box(nodes[index]) for index in chosen]
    near = spread(boxes, [(inner[a], inner[b]) for a, b in links if a in inner and b in inner and a != b])
    places = {index: near[place] for index, place in inner.items()}
    if len(chosen) < len(nodes):
        places |= _outer_places(nodes, links, places)
    return [places[index] for index in range(len(nodes))]


def _outer_places(
    nodes: list[Graph], links: list[tuple[int, int]], places: dict[int, tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """Positions for the nodes beyond the first view: on rings outside it, towards what they are linked to."""
    drawn: dict[int, list[int]] = {}
    for a, b in links:
        for one, other in ((a, b), (b, a)):
            if one not in places and other in places:
                drawn.setdefault(one, []).append(other)
    angle = {
        index: math.atan2(
            sum(places[other][1] for other in drawn.get(index, ())),
            sum(places[other][0] for other in drawn.get(index, ())),
        )
        for index in range(len(nodes))
        if index not in places
    }
    radius = max((math.hypot(x, y * 1.6) for x, y in places.values()), default=300.0) + 120
    outer: dict[int, tuple[int, int]] = {}
    waiting = sorted(angle, key=lambda index: (round(angle[index], 6), nodes[index]["id"]))
    while waiting:
        room = max(12, int(2 * math.pi * radius / 118))
        ring, waiting = (
            waiting[:: max(1, -(-len(waiting) // room))],
            [index for place, index in enumerate(waiting) if place % max(1, -(-len(waiting) // room))],
        )
        for place, index in enumerate(ring):
            turn = -math.pi + 2 * math.pi * (place + 0.5) / len(ring)
            outer[index] = (round(radius * math.cos(turn)), round(radius * 0.62 * math.sin(turn)))
        radius += 74
    return outer


def _box(node: Mapping[str, Any]) -> Box:
    return Box(_radius(node), label_width(_short(node), 7.9))


# The parts of the file ------------------------------------------------------------------------------------------------


def _asset(name: str) -> str:
    return (importlib.resources.files("capgraph.views") / "assets" / name).read_text(encoding="utf-8")


def _script() -> str:
    """All modules as one script, each in a function of its own: a page without requests cannot import files."""
    return '"use strict";\n' + "\n".join(_bundled(name) for name in MODULES)


def _bundled(name: str) -> str:
    """One module as a function: its imports come from the functions before it, its exports are what it returns."""
    text = _asset(f"{name}.js")
    body = re.sub(r'^import (\{.*?\}) from "\./(\w+)\.js";$', r"const \1 = page_\2;", text, flags=re.MULTILINE)
    exported = re.findall(r"^export const (\w+)", body, flags=re.MULTILINE)
    plain = re.sub(r"^export ", "", body, flags=re.MULTILINE)
    return f"const page_{name} = (() => {{\n{plain}return {{ {', '.join(exported)} }};\n}})();"


def _library() -> str:
    """vis-network as pyvis ships it, without the pointer to its source map."""
    file = importlib.resources.files("pyvis") / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"
    lines = file.read_text(encoding="utf-8").split("\n")
    text = "\n".join(line for line in lines if not line.startswith("//# sourceMappingURL"))
    return text.replace("</script", "<\\/script")


def _policy(*scripts: str) -> str:
    """A policy that lets exactly these scripts run and nothing load."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(str(script).encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _words(ontology: Ontology) -> Graph:
    """All words of the page in both languages, by their key."""
    return {key.removeprefix("page."): [words.en, words.zh] for key, words in ontology.words_below("page.").items()}


def _codes(ontology: Ontology) -> Graph:
    """What the page says of codes: labels in both languages, and the looks of layers."""
    schemes = (
        "layer", "rung", "status", "confidence", "basis", "aspect", "unit", "instrument", "medium", "facility-kind",
        "contract-kind", "role", "relation", "party-kind", "sector",
    )  # fmt: skip
    found: Graph = {}
    for scheme in schemes:
        found[scheme] = {code.code: [code.label.en, code.label.zh] for code in ontology.codes(scheme).values()}
    found["looks"] = {
        code.code: {"light": code["color"], "dark": code["colorDark"], "dash": code["dash"]}
        for code in ontology.layers.values()
    }
    found["ladder"] = {code.code: int(code["ladder"]) for code in ontology.codes("rung").values() if code["ladder"]}
    found["money"] = [code.code for code in ontology.codes("unit").values() if code["unitKind"] == "money"]
    return found
