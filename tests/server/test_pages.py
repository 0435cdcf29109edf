"""The pages of the server: what they show, what they link to, what they let a browser do."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from tests.server.conftest import Server, start

HTML = {"Accept": "text/html"}
THING = "https://w3id.org/capgraph/id/"
PAGES = [
    "/", "/query", "/find", "/find?text=house", "/questions", "/questions/stakes",
    "/questions/stakes?ask=1&party=house", "/questions/exposure-paths?ask=1&source=cloud&target=house",
    "/id/party/house", "/id/stake/house--lab--preferred", "/id/reading/q01", "/id/source/annual-report",
    "/id/product/model-one", "/id/evidence/stake/house--lab--preferred/round-news", "/code/rung/signed",
]  # fmt: skip


class _Page(HTMLParser):
    """What matters of a page: its tags, links and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def links(self) -> set[str]:
        return {str(attrs["href"]) for tag, attrs in self.tags if tag == "a" and attrs.get("href")}

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def page(server: Server, path: str) -> _Page:
    answer = server.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return _Page(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_a_language_and_no_script_of_its_own(server: Server, path: str) -> None:
    found = page(server, path)
    names = [tag for tag, _ in found.tags]
    assert names.count("h1") == 1
    assert dict(found.tags)["html"]["lang"] == "en"
    for tag, attrs in found.tags:
        assert not [name for name in attrs if name.startswith("on")], f"{tag} has a handler in its tag"
        if tag == "script":
            assert str(attrs["src"]).startswith("/assets/")
        if tag in ("link", "img") and attrs.get("rel") not in ("canonical", "alternate"):
            assert str(attrs.get("href") or attrs.get("src")).startswith(("/assets/", "data:"))


@pytest.mark.parametrize("path", PAGES)
def test_every_link_within_the_site_leads_somewhere(server: Server, path: str) -> None:
    inside = sorted(link for link in page(server, path).links() if link.startswith("/"))
    assert inside
    for link in inside[:12]:
        assert server.get(link, headers=HTML).status_code == 200, link


@pytest.mark.parametrize(
    "path", [*PAGES, "/sparql", "/sparql?query=ASK%20%7B%7D", "/health", "/nowhere", "/assets/site.css"]
)
def test_every_answer_carries_the_security_headers(server: Server, path: str) -> None:
    headers = server.get(path, headers=HTML).headers
    policy = headers["content-security-policy"]
    (scripts,) = re.findall(r"script-src ([^;]+)", policy)
    assert scripts == "'self'"
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_the_explorer_brings_a_policy_of_its_own(server: Server) -> None:
    answer = server.get("/explorer")
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', answer.text)
    assert "default-src" in policy
    assert "unsafe-inline" not in re.findall(r"script-src ([^;]+)", policy)[0]
    assert server.get("/explorer").text == answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_in_chinese(server: Server, path: str) -> None:
    found = page(server, f"{path}{'&' if '?' in path else '?'}lang=zh")
    assert dict(found.tags)["html"]["lang"] == "zh-Hans"
    assert re.search("[一-鿿]", found.text)
    english = ("Find", "Questions", "Explorer", "evidence:", "none", "as of", "What refers")
    assert not [word for word in english if f" {word} " in f" {found.text} "]


def test_the_language_follows_the_browser_and_can_be_changed(server: Server) -> None:
    chinese = server.get("/", headers={**HTML, "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert 'lang="zh-Hans"' in chinese.text
    assert "Accept-Language" in chinese.headers["vary"]
    assert "/?lang=en" in _Page(chinese.text).links()
    german = server.get("/", headers={**HTML, "Accept-Language": "de, en;q=0.5"})
    assert '<html lang="en">' in german.text


# Things ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    ],
)
def test_a_thing_comes_as_data_for_whoever_asks_for_data(server: Server, accept: str, format: ox.RdfFormat) -> None:
    answer = server.get("/id/stake/house--lab--preferred", headers={"Accept": accept})
    assert answer.headers["content-type"].split(";")[0] == accept
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["link"] == f'<{THING}stake/house--lab--preferred>; rel="canonical"'
    triples = list(ox.parse(answer.content, format=format))
    subjects = {str(triple.subject.value) for triple in triples}  # type: ignore[union-attr]
    assert f"{THING}stake/house--lab--preferred" in subjects
    assert f"{THING}reading/q01" in subjects, "the readings about it come with it"


def test_a_thing_without_a_wish_comes_as_a_page(server: Server) -> None:
    assert server.get("/id/party/house").headers["content-type"].startswith("text/html")
    assert server.get("/id/party/house?format=ttl", headers=HTML).headers["content-type"].startswith("text/turtle")
    assert server.get("/id/party/house", headers={"Accept": "image/png"}).status_code == 406


def test_the_page_of_a_party_is_its_dossier_with_sources(server: Server) -> None:
    found = page(server, "/id/party/lab")
    for told in ("Lab", "AI laboratory", "House", "USD 500 bn", "evidence:", "example.org/annual"):
        assert told in found.text, told
    assert "/id/party/house" in found.links()
    assert [attrs for tag, attrs in found.tags if tag == "link" and attrs.get("type") == "text/turtle"]


def test_a_page_knows_the_clocks(server: Server) -> None:
    def holds(clocks: str) -> bool:
        return "/id/party/chips" in page(server, f"/questions/stakes?ask=1&party=house{clocks}").links()

    assert holds("&as-of=2025-09-30")
    assert not holds("&as-of=2025-10-31")
    assert holds("&as-of=2025-10-31&known-on=2025-11-10")
    assert any("as-of=2025-09-30" in link for link in page(server, "/id/party/house?as-of=2025-09-30").links())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/id/party/nobody", 404),
        ("/id/party", 404),
        ("/id/party/house/../../../etc/passwd", 404),
        ("/id/party/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404),
        ("/id/party/house%3E%20%3Fp%20%3Fo", 404),
        ("/code/rung/no-such", 404),
        ("/nowhere", 404),
        ("/assets/..%2Fapp.py", 404),
        ("/assets/app.py", 404),
        ("/questions/no-such", 404),
        ("/id/party/house?as-of=soon", 400),
    ],
)
def test_what_is_not_there_is_told_on_a_page_and_in_a_line(server: Server, path: str, status: int) -> None:
    answer = server.get(path, headers=HTML)
    assert answer.status_code == status
    assert "<script>alert" not in answer.text
    assert "Traceback" not in answer.text
    plain = server.get(path, headers={"Accept": "text/plain"})
    assert plain.status_code == status
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_wrong_value_is_told_beside_the_form(server: Server) -> None:
    found = page(server, "/questions/stakes?ask=1&party=nobody%3Cb%3E")
    assert "nothing is named 'nobody<b>'" in found.text
    values = [attrs["value"] for tag, attrs in found.tags if tag == "input" and attrs.get("name") == "party"]
    assert values == ["nobody<b>"]


def test_a_question_page_leads_to_the_editor_with_its_query(server: Server) -> None:
    links = [link for link in page(server, "/questions/stakes?party=lab").links() if link.startswith("/query?query=")]
    assert len(links) == 1
    assert "id/party/lab" in page(server, links[0]).text


def test_the_query_page_brings_examples_that_run(server: Server) -> None:
    found: dict[str, Any] = server.get("/query.json?lang=zh").json()
    assert len(found["examples"]) == 28
    assert found["examples"][0]["title"] == "某主体的持股"
    for example in found["examples"][:5]:
        assert server.ask(example["text"]).status_code == 200
    assert found["prefixes"]["party"] == f"{THING}party/"


# Hosts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_local_server_answers_to_no_other_name(server: Server, host: str) -> None:
    answer = server.get("/sparql?query=ASK%20%7B%7D", headers={"Host": host})
    assert answer.status_code in (400, 421)
    assert "boolean" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:9"])
def test_a_local_server_answers_to_the_names_of_this_machine(server: Server, host: str) -> None:
    assert server.get("/health", headers={"Host": host}).text == "ok\n"


def test_a_server_can_be_open_to_other_names_and_sites() -> None:
    running = start("--allow-host", "data.example.org", "--cors", "--workers", "1")
    try:
        answer = running.get(
            "/sparql?query=ASK%20%7B%7D", headers={"Host": "data.example.org", "Origin": "https://a.example"}
        )
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        asked = httpx.options(f"{running.base}/sparql", headers={"Host": "data.example.org"})
        assert "Content-Type" in asked.headers["access-control-allow-headers"]
        refused = running.get("/sparql?query=ASK%20%7B", headers={"Host": "data.example.org"})
        assert refused.status_code == 400
        assert refused.headers["access-control-allow-origin"] == "*", "a page must be able to read why"
        assert running.get("/health", headers={"Host": "other.example.org"}).status_code == 421
    finally:
        running.end()


def test_json_is_json(server: Server) -> None:
    json.loads(server.get("/query.json").text)
