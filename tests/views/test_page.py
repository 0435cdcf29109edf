"""The file itself: one page, valid, the same bytes every time, holding its data so that it can be built again."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from capgraph.cli import run
from capgraph.errors import DataProblem, NotFound, UsageProblem
from capgraph.graph import CapitalGraph
from capgraph.ontology import Ontology
from capgraph.views import payload
from capgraph.views.page import MODULES, page
from tests.views import graphs


class Outline(HTMLParser):
    """Elements of a page with their attributes, the text of each script, and all other text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self.doctype = ""
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 (the parser calls it so)
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self._inside == "script" else self.texts).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def carried(html: str, id: str = "graph-data") -> Any:
    found = re.search(rf'<script type="application/json" id="{id}">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.fixture(scope="module")
def small(model: Ontology) -> str:
    return page(graphs.small(), model)


@pytest.fixture(scope="module")
def hostile(model: Ontology) -> str:
    return page(graphs.hostile(), model)


def test_the_file_is_a_page_with_language_charset_and_title(small: str, model: Ontology) -> None:
    outline = Outline(small)
    assert small.startswith("<!doctype html>")
    assert outline.all("html")[0]["lang"] == "en"
    assert {"charset": "utf-8"} in outline.all("meta")
    assert "<title>Small world</title>" in small
    chinese = page(graphs.small(), model, "zh")
    assert Outline(chinese).all("html")[0]["lang"] == "zh-Hans"
    assert "<title>小世界</title>" in chinese


def test_every_element_is_closed_and_every_id_is_there_once(small: str) -> None:
    empty = {"meta", "link", "input", "br", "hr", "img"}
    stack: list[str] = []

    class Closing(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
            if tag not in empty:
                stack.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert stack.pop() == tag

    Closing().feed(small)
    assert stack == []
    ids = [attributes["id"] for _, attributes in Outline(small).elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["small", "hostile"])
def test_the_page_points_to_nothing_outside(name: str, request: pytest.FixtureRequest) -> None:
    html = request.getfixturevalue(name)
    for _, attributes in Outline(html).elements:
        for key in ("src", "href", "action", "poster", "data", "srcset"):
            assert not re.match(r"(?i)\s*(https?:)?//|javascript:", attributes.get(key) or "")
    assert "sourceMappingURL" not in html
    assert not re.search(r"@import|url\(\s*['\"]?http", html.split("</style>")[0])


def test_the_data_round_trip_with_unknown_keys(small: str) -> None:
    assert carried(small) == graphs.small()


@pytest.mark.parametrize("name", ["small", "hostile"])
def test_the_policy_lets_exactly_the_two_scripts_run(name: str, request: pytest.FixtureRequest) -> None:
    outline = Outline(request.getfixturevalue(name))
    (policy,) = (
        str(meta["content"]) for meta in outline.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"
    )
    running = [text for text in outline.scripts if not text.lstrip().startswith(("{", "["))]
    hashes = {f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}" for text in running}
    assert set(re.findall(r"'(sha256-[^']+)'", policy)) == hashes
    assert len(hashes) == 2
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


def test_hostile_texts_stand_only_as_text_and_as_data(hostile: str) -> None:
    outline = Outline(hostile)
    assert [tag for tag, _ in outline.elements].count("script") == 6
    assert not {"img", "b", "iframe", "object"} & {tag for tag, _ in outline.elements}
    assert not any(name.startswith("on") for _, attributes in outline.elements for name in attributes)
    assert not any("7*7" not in text and "49" in text for text in outline.texts)
    for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', hostile, re.DOTALL):
        assert not set(block) & set("<>&\u2028\u2029")
    assert carried(hostile) == json.loads(json.dumps(graphs.hostile()))


def test_the_same_graph_gives_the_same_bytes(small: str, model: Ontology, whole: str, bundled: CapitalGraph) -> None:
    assert page(graphs.small(), model) == small
    assert bundled.view() == whole


@pytest.fixture
def graph_file(tmp_path: Path) -> Path:
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(graphs.small(), ensure_ascii=False), encoding="utf-8")
    return file


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    code = "import sys; from capgraph.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, env={**os.environ, **environment}, timeout=120
    )


def test_the_page_is_utf8_under_any_locale(graph_file: Path, tmp_path: Path, small: str) -> None:
    for name, environment in (
        ("c", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        ("windows", {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}),
    ):
        out = tmp_path / f"{name}.html"
        asked = command("view", "--from-json", str(graph_file), "-o", str(out), **environment)
        assert asked.returncode == 0, asked.stderr
        assert out.read_bytes() == small.encode()
        assert command("view", "--from-json", str(graph_file), "-o", "-", **environment).stdout == small.encode()


def test_a_page_is_rebuilt_from_the_data_that_it_carries(
    whole: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "graph.json", tmp_path / "again.html"
    file.write_text(json.dumps(carried(whole)), encoding="utf-8")
    assert run(["view", "--from-json", str(file), "-o", str(out)]) == 0
    assert "again.html" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == whole


# Bad input ------------------------------------------------------------------------------------------------------------

FAULTS: list[tuple[str, str]] = [
    ("{", "graph.json:1"),
    ('{"nodes": [],\n "edges": [}', "graph.json:2"),
    ("[]", "list"),
    ('{"nodes": []}', "edges"),
    ('{"nodes": [{"id": 1}], "edges": []}', "nodes[0].id"),
    ('{"nodes": [{"id": "a"}, {"id": "a"}], "edges": []}', "nodes[1].id"),
    ('{"nodes": [{"id": "a"}], "edges": [{"id": "e", "source": "a", "target": "b", "layer": "x"}]}', "edges[0].target"),
    ('{"nodes": [{"id": "a"}], "edges": [{"id": "e", "source": "a", "target": "a"}]}', "edges[0].layer"),
    ('{"nodes": [{"id": "a", "value": "big"}], "edges": []}', "nodes[0].value"),
    ('{"nodes": [{"id": "a", "value": NaN}], "edges": []}', "NaN"),
    ('{"nodes": [{"id": "a", "value": 1e999}], "edges": []}', "nodes[0].value"),
    ('{"nodes": [{"id": "a", "aliases": "b"}], "edges": []}', "nodes[0].aliases"),
    ('{"version": 2, "nodes": [], "edges": []}', "version"),
    ('{"meta": {"as_of": "soon"}, "nodes": [], "edges": []}', "meta.as_of"),
    ("[" * 100_000, "graph.json"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place"), FAULTS, ids=[str(number) for number in range(len(FAULTS))])
def test_a_malformed_graph_is_refused_with_its_place(
    text: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.json"
    file.write_text(text, encoding="utf-8")
    assert run(["view", "--from-json", str(file), "-o", str(tmp_path / "out.html")]) == 3
    told = capsys.readouterr().err
    assert place in told
    assert "graph.json" in told
    assert not (tmp_path / "out.html").exists()


def test_a_graph_that_is_not_utf8_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "graph.json"
    file.write_bytes(b'{"nodes": [],\n"edges": [], "meta": {"title": "\xff"}}')
    assert run(["view", "--from-json", str(file)]) == 3
    assert "graph.json:2" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["story", "loops", "events"])
@pytest.mark.parametrize("value", [1, "text", {"steps": 1}, [1], [{"edges": 5}], {"steps": [1]}, [None]])
def test_extra_parts_that_are_not_as_they_should_be_are_refused_or_drawn(
    what: str, value: Any, model: Ontology
) -> None:
    """A page is never written that cannot open: what the page reads of a part has the form that it needs."""
    graph = {**graphs.small(), what: value}
    if is_sound(graph):
        assert page(graph, model)
    else:
        with pytest.raises(DataProblem, match=what):
            page(graph, model)


def is_sound(graph: graphs.Graph) -> bool:
    try:
        payload.check(graph)
    except DataProblem:
        return False
    return True


def test_an_empty_graph_is_a_page(model: Ontology) -> None:
    assert carried(page({"nodes": [], "edges": []}, model)) == {"nodes": [], "edges": []}


def test_nothing_to_draw_is_said_with_the_reason(
    bundled: CapitalGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "page.html")
    assert run(["view", "--as-of", "1900-01-01", "-o", out]) == 1
    assert "1900-01-01" in capsys.readouterr().err
    drawn = {node["id"] for node in carried(bundled.view())["nodes"]}
    lone = next(row["id"] for row in bundled.facts.table("parties") if row["id"] not in drawn)
    assert run(["view", "--around", lone, "-o", out]) == 1
    assert lone in capsys.readouterr().err
    assert run(["view", "--path", "figure-ai", "tsmc", "--layer", "people", "-o", out]) == 1
    with pytest.raises(NotFound):
        bundled.view(changes=("2026-01-01", "2026-01-01"))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--around", "nvidai"), 2, "nvidia"),
        (("--layer", "love"), 2, "equity"),
        (("--around", "nvidia", "--path", "nvidia", "openai"), 2, "--path"),
        (("--changes", "soon", "2026"), 2, "soon"),
        (("--changes", "2026", "2025"), 2, "2025"),
        (("--story", "no-such-story"), 2, "two-exits"),
        (("-o", "/proc/none/page.html"), 2, "/proc/none/page.html"),
    ],
)
def test_wrong_use_is_refused_with_what_would_be_right(
    words: tuple[str, ...], code: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["view", "-o", str(tmp_path / "page.html"), *words]) == code
    assert told in capsys.readouterr().err


def test_too_many_links_are_refused_and_drawn_on_demand(
    tmp_path: Path, model: Ontology, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageProblem, match="--all"):
        page(graphs.many(300, 20_000), model)
    file, out = tmp_path / "graph.json", tmp_path / "all.html"
    file.write_text(json.dumps(graphs.many(300, 20_000)), encoding="utf-8")
    assert run(["view", "--from-json", str(file), "-o", str(out)]) == 2
    assert "20000" in capsys.readouterr().err
    assert run(["view", "--from-json", str(file), "--all", "-o", str(out)]) == 0
    assert len(carried(out.read_text(encoding="utf-8"))["edges"]) == 20_000


# What the pages show --------------------------------------------------------------------------------------------------


def test_the_page_carries_every_public_link_with_readings_and_sources(bundled: CapitalGraph, whole: str) -> None:
    graph = carried(whole)
    ids = {edge["id"].split("#")[0] for edge in graph["edges"]}
    now = {link.id for link in bundled.network.links}
    assert now <= ids
    assert all(edge["sources"] for edge in graph["edges"])
    assert len({edge["id"] for edge in graph["edges"]}) == len(graph["edges"])


def test_the_page_of_a_neighbourhood_a_path_and_a_layer(bundled: CapitalGraph) -> None:
    near = carried(bundled.view(around="openai", hops=1))
    assert {"openai", "microsoft"} <= {node["id"] for node in near["nodes"]}
    assert "OpenAI" in near["meta"]["title"]
    between = carried(bundled.view(path=("softbank-group", "nvidia")))
    assert {"softbank-group", "nvidia"} <= {node["id"] for node in between["nodes"]}
    debts = carried(bundled.view(layers=["debt"]))
    assert {edge["layer"] for edge in debts["edges"]} == {"debt"}


def test_every_word_of_the_page_has_two_languages(model: Ontology) -> None:
    script = "".join(file.read_text(encoding="utf-8") for file in assets())
    template = (Path(payload.__file__).parent / "templates" / "page.html.j2").read_text(encoding="utf-8")
    asked = set(re.findall(r'\bsay\("(\w+)"', script)) | set(re.findall(r'data-say[\w-]*="(\w+)"', template))
    words = {key.removeprefix("page.") for key in model.words_below("page.")}
    assert asked - words == set()


def assets() -> list[Path]:
    return sorted((Path(payload.__file__).parent / "assets").glob("*.js"))


def test_the_script_never_builds_markup_or_code_from_text() -> None:
    for file in assets():
        text = file.read_text(encoding="utf-8")
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        assert not re.search(forbidden, text), file


def test_each_part_of_the_script_takes_from_parts_before_it_and_uses_what_it_takes() -> None:
    """The parts become one script in this order; nothing in it is dead."""
    texts = {name: (Path(payload.__file__).parent / "assets" / f"{name}.js").read_text("utf-8") for name in MODULES}
    assert {file.stem for file in assets()} == set(MODULES)
    for place, (name, text) in enumerate(texts.items()):
        for taken, part in re.findall(r'^import \{(.*?)\} from "\./(\w+)\.js";$', text, re.MULTILINE):
            assert part in MODULES[:place], (name, part)
            for word in (one.strip().split(" as ") for one in taken.split(",")):
                assert re.search(rf"^export const {word[0]}\b", texts[part], re.MULTILINE), (name, word)
                assert len(re.findall(rf"\b{word[-1]}\b", text)) > 1, (name, word)
        for own in re.findall(r"^const (\w+)", text, re.MULTILINE):
            assert len(re.findall(rf"\b{own}\b", text)) > 1, (name, own)
