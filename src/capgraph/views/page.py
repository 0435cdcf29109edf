"""The interactive page: one file that opens from disk, makes no request, and moves both clocks by itself.

Nodes, edges and options go through pyvis, which brings vis-network; everything people see comes from our own template.
Positions are computed here, so nothing moves when the page opens. The page carries its data as JSON and can be rebuilt
from it (``capgraph view --from-json``).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import re
from typing import Any

from capgraph.errors import UsageProblem
from capgraph.ontology import Ontology
from capgraph.views import drawing, payload

Graph = dict[str, Any]

MOST_LINKS = 6_000
"""Most links that a page stays usable with; more are drawn only when asked for."""

MODULES = (
    "dates",
    "state",
    "model",
    "looks",
    "lines",
    "labels",
    "places",
    "camera",
    "drawing",
    "evidence",
    "search",
    "paths",
    "table",
    "time",
    "exports",
    "story",
    "legend",
    "main",
)
"""The parts of the page's script, in the order in which they stand in it."""


def page(graph: Graph, ontology: Ontology, lang: str = "en", everything: bool = False, recorded: str = "") -> str:
    """The page of a graph in the form of :mod:`capgraph.views.payload`; ``recorded`` says how it was asked for
    (:func:`capgraph.recording.record`).

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

    net = drawing.network(graph)
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
        recorded=recorded,
    )
    html: str = net.generate_html("page.html")
    return html


def _title(graph: Graph, lang: str) -> str:
    meta = graph.get("meta", {})
    return (meta.get("title_zh") if lang == "zh" else None) or meta.get("title") or "capgraph"


# The parts of the file ------------------------------------------------------------------------------------------------


def _asset(name: str) -> str:
    return (importlib.resources.files("capgraph.views") / "assets" / name).read_text(encoding="utf-8")


def _script() -> str:
    """All modules as one script, each in a function of its own: a page without requests cannot import files."""
    return '"use strict";\n' + "\n".join(_bundled(name) for name in MODULES)


def _bundled(name: str) -> str:
    """One module as a function: its imports come from the functions before it, its exports are what it returns."""
    text = _asset(f"{name}.js")
    body = re.sub(r'^import \{(.*?)\} from "\./(\w+)\.js";$', _taken, text, flags=re.MULTILINE)
    exported = re.findall(r"^export const (\w+)", body, flags=re.MULTILINE)
    plain = re.sub(r"^export ", "", body, flags=re.MULTILINE)
    return f"const page_{name} = (() => {{\n{plain}return {{ {', '.join(exported)} }};\n}})();"


def _taken(found: re.Match[str]) -> str:
    return f"const {{{found[1].replace(' as ', ': ')}}} = page_{found[2]};"


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
