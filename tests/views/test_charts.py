"""Charts: what they say in words, what stands beside them, and that they are drawn the same every time."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import subprocess
import sys
import xml.parsers.expat
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from capgraph.analysis.channels import exposures
from capgraph.analysis.ownership import Owners
from capgraph.cli import run
from capgraph.errors import NotFound, UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph, load
from capgraph.network import CapitalNetwork
from capgraph.results import Value
from capgraph.views.charts import KINDS, Chart, chart
from capgraph.views.charts.canvas import WIDTH, Picture
from capgraph.views.charts.episodes import Episodes, episodes, repeated
from capgraph.views.charts.exposures import ExposureMatrix
from capgraph.views.charts.loop import smallest
from capgraph.views.charts.promised import Promises, promises
from capgraph.views.charts.saving import svg, told
from capgraph.views.charts.theme import DARK, LIGHT, contrast
from tests.analysis.worlds import context, network
from tests.latin import latin_words
from tests.tiny import facts_of

ASKED: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "owners": (("openai",), {}),
    "timeline": (("softbank-group",), {}),
    "promises": ((), {}),
    "exposure": ((), {"channel": "purchases"}),
    "funding": (("softbank-group",), {"start": "2025", "end": "2025"}),
    "loop": ((), {"through": "openai"}),
    "had-held": (("softbank-group", "nvidia"), {"until": "2025-11-11"}),
}
"""One question of each kind that the bundled data answer."""

NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def house() -> CapitalGraph:
    """The bundled data with houses merged."""
    return load(group=True)


@pytest.fixture(scope="module")
def drawn(house: CapitalGraph) -> Callable[[str, str], tuple[Chart, Picture, str]]:
    """One chart of a kind with its picture and SVG in a language, drawn once."""
    charts: dict[str, Chart] = {}
    kept: dict[tuple[str, str], tuple[Picture, str]] = {}

    def draw(kind: str, lang: str) -> tuple[Chart, Picture, str]:
        if kind not in charts:
            names, options = ASKED[kind]
            charts[kind] = chart(house, kind, *names, **options)
        if (kind, lang) not in kept:
            picture = charts[kind].picture(lang)
            kept[kind, lang] = picture, svg(picture)
        return charts[kind], *kept[kind, lang]

    return draw


def texts(drawing: str) -> list[str]:
    """The labels of an SVG."""
    return ["".join(label.itertext()) for label in ElementTree.fromstring(drawing).iter(f"{NAMESPACE}text")]


# Every kind -----------------------------------------------------------------------------------------------------------


def test_every_kind_has_a_question_here() -> None:
    assert set(ASKED) == set(KINDS)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_is_plain_xml_whose_labels_are_text(
    drawn: Callable[[str, str], tuple[Chart, Picture, str]], kind: str, lang: str
) -> None:
    _, picture, drawing = drawn(kind, lang)
    parser = xml.parsers.expat.ParserCreate()
    declared: list[str] = []
    parser.StartDoctypeDeclHandler = lambda name, *_: declared.append(name)
    parser.EntityDeclHandler = lambda name, *_: declared.append(name)
    parser.Parse(drawing, True)
    assert not declared
    assert not re.search(r"<script|\son\w+=|(?<!xlink:)href=\"(?!#)|xlink:href=\"(?!#)", drawing)
    labels = texts(drawing)
    first_words = picture.title.split()[0] if lang == "en" else picture.title[:4]
    assert any(label.startswith(first_words) for label in labels)
    assert all(label.strip() for label in labels)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_says_its_finding_to_those_who_do_not_see_it(
    drawn: Callable[[str, str], tuple[Chart, Picture, str]], kind: str, lang: str
) -> None:
    _, picture, drawing = drawn(kind, lang)
    root = ElementTree.fromstring(drawing)
    ids = {element.get("id"): element for element in root}
    title, finding = (ids[name] for name in (root.get("aria-labelledby") or "").split())
    assert root.get("role") == "img"
    assert root.get("lang") == ("zh-CN" if lang == "zh" else "en")
    assert title.tag == f"{NAMESPACE}title"
    assert title.text == picture.title
    assert finding.tag == f"{NAMESPACE}desc"
    assert finding.text == told(picture)
    assert re.search(r"\d", picture.finding)
    assert picture.finding.endswith("。" if lang == "zh" else ".")


@pytest.mark.parametrize("kind", KINDS)
def test_the_foot_names_clocks_rung_basis_data_and_sources(
    drawn: Callable[[str, str], tuple[Chart, Picture, str]], house: CapitalGraph, kind: str
) -> None:
    made, _, drawing = drawn(kind, "en")
    foot = " ".join(texts(drawing))
    assert str(made.result.context.clocks.as_of) in foot
    assert house.store.version in foot
    assert "rung" in foot
    assert "basis: " in foot
    assert re.search(r"sources behind the figures: [1-9]", foot)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chinese_drawing_is_in_chinese(
    drawn: Callable[[str, str], tuple[Chart, Picture, str]], house: CapitalGraph, kind: str
) -> None:
    _, picture, drawing = drawn(kind, "zh")
    labels = [label for label in texts(drawing) if not label.endswith("…")]
    version = set(re.findall("[A-Za-z]+", house.store.version))
    assert latin_words("\n".join(["", "", *labels, told(picture)]), house.facts) <= version


@pytest.mark.parametrize("kind", KINDS)
def test_labels_stay_on_the_sheet(drawn: Callable[[str, str], tuple[Chart, Picture, str]], kind: str) -> None:
    _, _, drawing = drawn(kind, "en")
    root = ElementTree.fromstring(drawing)
    height = float((root.get("viewBox") or "").split()[3])
    for label in root.iter(f"{NAMESPACE}text"):
        x, y = _place(label)
        assert 0 <= x <= WIDTH, "".join(label.itertext())
        assert 0 <= y <= height, "".join(label.itertext())


def _place(label: ElementTree.Element) -> tuple[float, float]:
    moved = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", label.get("transform", ""))
    return (float(moved[1]), float(moved[2])) if moved else (float(label.get("x", 0)), float(label.get("y", 0)))


@pytest.mark.parametrize("kind", ["owners", "timeline", "funding", "exposure"])
def test_the_unknown_and_promises_are_hatched(
    drawn: Callable[[str, str], tuple[Chart, Picture, str]], kind: str
) -> None:
    _, _, drawing = drawn(kind, "en")
    assert "<pattern" in drawing


# The files ------------------------------------------------------------------------------------------------------------

_HASHES = """
import hashlib
from capgraph.graph import load
graph = load(group=True)
for kind, names, options, formats in [
    ("owners", ["openai"], {}, ["html"]), ("timeline", ["softbank-group"], {}, ["svg"]),
    ("loop", [], {"through": "openai"}, ["png"]),
    ("funding", ["softbank-group"], {"start": "2025", "end": "2025", "style": "sankey"}, ["svg", "png"]),
]:
    for format in formats:
        print(kind, format, hashlib.sha256(graph.chart(kind, *names, **options).render(format, "zh")).hexdigest())
"""


def test_the_same_question_gives_the_same_bytes() -> None:
    def hashes(seed: str, folder: str) -> str:
        settings = {**os.environ, "PYTHONHASHSEED": seed, "TZ": folder, "SOURCE_DATE_EPOCH": seed}
        done = subprocess.run([sys.executable, "-c", _HASHES], capture_output=True, text=True, check=True, env=settings)
        return done.stdout

    assert hashes("1", "UTC") == hashes("77", "Asia/Shanghai")


def test_drawing_leaves_the_settings_of_matplotlib_as_they_were(house: CapitalGraph) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    house.chart("owners", "openai").render("svg")
    assert dict(mpl.rcParams) == before


def test_a_png_carries_its_words(house: CapitalGraph) -> None:
    from PIL import Image

    image = Image.open(io.BytesIO(house.chart("owners", "openai").render("png", "zh")))
    assert image.size[0] == 2000
    assert "OpenAI" in image.info["Title"]
    assert re.search(r"\d", image.info["Description"])
    assert "Software" not in image.info


class _Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_both_themes_all_tables_and_no_script(
    drawn: Callable[[str, str], tuple[Chart, Picture, str]], kind: str
) -> None:
    made, picture, _ = drawn(kind, "en")
    text = made.render("html", "en").decode()
    page = _Page(text)
    assert text.startswith("<!doctype html>")
    assert page.all("html") == [{"lang": "en"}]
    assert not page.all("script")
    loaded = [value for _, at in page.elements for name, value in at.items() if name in ("src", "srcset", "href")]
    assert all(address.startswith("data:") for address in loaded)
    policy = next(at["content"] for at in page.all("meta") if at.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert page.all("img")[0]["alt"] == told(picture)
    assert page.all("source")[0]["media"] == "(prefers-color-scheme: dark)"
    main = next(rows for name, rows, _ in _sections(made) if rows)
    assert len(page.all("tr")) >= len(main) + 1


def _sections(made: Chart) -> list[tuple[str, tuple[object, ...], object]]:
    from capgraph.results import sections

    return sections(made.result)  # type: ignore[return-value]


def test_evidence_stands_below_a_page_when_asked_for(house: CapitalGraph) -> None:
    made = house.chart("owners", "openai")
    plain, told_too = (_Page(made.render("html", "en", evidence=asked).decode()) for asked in (False, True))
    assert not plain.all("a")
    links = told_too.all("a")
    assert links
    assert all(link["href"].startswith(("https://", "http://")) and "noopener" in link["rel"] for link in links)


def test_colours_are_those_of_the_ontology_in_either_theme(house: CapitalGraph) -> None:
    picture = house.chart("owners", "openai").picture("en")
    layer = house.ontology.code("layer", "equity")
    assert layer["color"].lower() in svg(picture, LIGHT)
    assert layer["colorDark"].lower() in svg(picture, DARK)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_what_is_written_can_be_read(house: CapitalGraph, theme: object) -> None:
    assert theme in (LIGHT, DARK)
    chosen = LIGHT if theme is LIGHT else DARK
    assert contrast(chosen.ink, chosen.paper) >= 7
    assert contrast(chosen.muted, chosen.paper) >= 4.5
    for layer in ("equity", "debt", "contract"):
        color = chosen.layer(house.ontology, layer)
        assert contrast(color, chosen.paper) >= 3
        assert contrast(chosen.over(color), color) >= 4.5


# What a chart shows is the answer -------------------------------------------------------------------------------------


def test_the_table_beside_owners_is_the_answer(house: CapitalGraph) -> None:
    made = house.chart("owners", "openai")
    assert isinstance(made.result, Owners)
    assert made.table("zh") == house.render(house.owners("openai"), "csv", "zh")


def test_the_table_beside_funding_is_the_answer(house: CapitalGraph) -> None:
    made = house.chart("funding", "softbank-group", start="2025", end="2025")
    assert made.table() == house.render(house.funding("softbank-group", "2025", "2025"), "csv")


def test_the_ring_has_the_legs_of_the_answer(house: CapitalGraph) -> None:
    made, answer = house.chart("loop", through="openai"), house.loops(through="openai", top=1)
    assert made.result.legs == answer.legs  # type: ignore[attr-defined]
    assert len(list(csv.DictReader(io.StringIO(made.table())))) == len(answer.legs)
    least = smallest(made.result)  # type: ignore[arg-type]
    assert least is not None
    bottleneck = answer.loops[0].bottleneck
    assert bottleneck.low in (least.amount.value, least.amount.low)


def test_the_curve_ends_in_the_answer_of_its_last_day(house: CapitalGraph) -> None:
    made = house.chart("had-held", "softbank-group", "nvidia", until="2025-11-11")
    answer = house.had_held("softbank-group", "nvidia", until="2025-11-11")
    result = made.result
    assert result.exits == answer.exits  # type: ignore[attr-defined]
    points = result.points  # type: ignore[attr-defined]
    last = [point.worth_kept for point in points if point.day == answer.until.last]
    assert last == [row.worth_kept for row in answer.exits]
    halfway = points[len(points) // 2]
    then = house.had_held("softbank-group", "nvidia", until=halfway.day.isoformat())
    assert halfway.worth_kept in [row.worth_kept for row in then.exits]


def test_the_heat_map_adds_exposures_of_one_channel(bundled: CapitalGraph) -> None:
    made = bundled.chart("exposure", "openai", channel="purchases")
    result = made.result
    assert isinstance(result, ExposureMatrix)
    found = [
        each for each in exposures(bundled.network) if each.channel.code == "purchases" and each.exposed == "openai"
    ]
    assert {pair.loses_by.id for pair in result.pairs} == {each.to for each in found}
    assert {link for pair in result.pairs for link in pair.links} <= {each.link.id for each in found}
    assert result.total.value == sum((pair.firm.value or Decimal() for pair in result.pairs), Decimal())


def test_two_holdings_of_one_company_are_two_bars(house: CapitalGraph) -> None:
    result = house.chart("timeline", "softbank-group").result
    assert isinstance(result, Episodes)
    held = {name.id: rows for name, rows in repeated(result).items()}
    assert [row.link for row in held["nvidia"]] == [
        "stake/vision-fund-1--nvidia--common",
        "stake/softbank-group--nvidia--common",
    ]
    assert all(row.ended for row in held["nvidia"])


def test_a_house_shows_what_a_member_alone_does_not(bundled: CapitalGraph) -> None:
    alone = bundled.chart("timeline", "softbank-group").result
    assert isinstance(alone, Episodes)
    assert "nvidia" not in {name.id for name in repeated(alone)}


def test_a_holding_stands_until_its_end_is_public() -> None:
    then = load(as_of="2025-10-31", known_on="2025-11-10").chart("timeline", "softbank-group").result
    assert isinstance(then, Episodes)
    row = next(row for row in then.episodes if row.link == "stake/softbank-group--nvidia--common")
    assert not row.ended
    assert row.end == ""


@pytest.mark.parametrize(
    ("kind", "names", "options", "scopes"),
    [
        ("owners", ["openai"], {}, [{}, {"as_of": "2025-12-31"}, {"known_on": "2025-11-30"}, {"group": True}]),
        ("funding", ["softbank-group"], {"start": "2025", "end": "2025"}, [{}, {"rung": "closed"}]),
        ("loop", [], {"through": "nvidia"}, [{"rung": "announced"}, {"rung": "rumoured"}]),
    ],
)
def test_clocks_rung_and_group_change_the_picture(
    kind: str, names: list[str], options: dict[str, str], scopes: list[dict[str, str]]
) -> None:
    drawings = []
    for scope in scopes:
        picture = load(**scope).chart(kind, *names, **options).picture("en")  # type: ignore[arg-type]
        feet = set(picture.foot)
        drawings.append(tuple(label for label in texts(svg(picture)) if label not in feet))
    assert len(set(drawings)) == len(scopes)


# By hand --------------------------------------------------------------------------------------------------------------


def _leg(id: str, deal: str, **cells: str) -> dict[str, str]:
    return {"id": id, "deal": deal, "from_party": "a", "to_party": "b", "medium": "cash", **cells}


def _amount(about: str, value: str, aspect: str = "amount") -> dict[str, str]:
    ids = {"id": f"r-{about.replace('/', '-')}", "about": about, "aspect": aspect, "value": value, "unit": "USD"}
    return {**ids, "as_of": "2025-03-01", "source": "s-2025-03-01", "confidence": "primary"}


def _promised_world() -> CapitalNetwork:
    """A promise of 30 of which 10 are paid and 5 are rumoured beside; a round of 9 whose two legs have no amount."""
    legs = [
        _leg("whole", "big"),
        _leg("part", "big", contained_in="tranche/whole"),
        _leg("talk", "big"),
        _leg("gift", "big", medium="shares"),
        _leg("one", "round", from_party="c"),
        _leg("two", "round", from_party="d"),
        _leg("later", "old", from_party="c"),
    ]
    standing = {
        "whole": "announced",
        "part": "closed",
        "talk": "rumoured",
        "gift": "closed",
        "one": "closed",
        "two": "signed",
    }
    return network(
        facts_of(
            parties=[{"id": id, "kind": "company", "name": id.upper(), "name_zh": f"{id}司"} for id in "abcd"],
            deals=[
                {"id": "big", "kind": "equity_round", "title": "Big", "announced": "2025-01-10", "subject": "b"},
                {"id": "round", "kind": "equity_round", "title": "Round", "announced": "2025-02", "subject": "b"},
                {"id": "old", "kind": "equity_round", "title": "Old", "announced": "2023", "subject": "b"},
            ],
            tranches=legs,
            statuses=[
                {"about": f"tranche/{id}", "status": status, "date": "2025-03-01", "source": "s-2025-03-01"}
                for id, status in {**standing, "later": "lapsed"}.items()
            ],
            readings=[
                _amount("tranche/whole", "30"),
                _amount("tranche/part", "10"),
                _amount("tranche/talk", "5"),
                _amount("tranche/later", "4"),
                _amount("deal/round", "9"),
            ],
        )
    )


def test_a_part_counts_on_its_own_rung_and_the_rest_on_that_of_the_whole() -> None:
    world = _promised_world()
    answer = promises(world, "", context(world))
    firm = {(row.year, row.rung.code): row.firm.value for row in answer.promises if isinstance(row.firm, Value)}
    assert firm == {
        ("2023", "off"): 4,
        ("2025", "closed"): 10,
        ("2025", "signed"): 9,  # one paid and one signed leg share the headline: it stands on the lower rung
        ("2025", "announced"): 20,
        ("2025", "rumoured"): 5,
    }
    assert (answer.promised.value, answer.paid.value) == (48, 10)
    assert {row.jointly for row in answer.promises} == {0, 2}


def test_a_party_sees_what_it_pays_and_what_it_gets() -> None:
    world = _promised_world()
    pays, gets = (promises(world, party, context(world)) for party in ("a", "b"))
    assert {row.out for row in pays.promises} == {True}
    assert {row.out for row in gets.promises} == {False}
    assert pays.promised.value == 35
    assert gets.promised.value == 48
    joint = promises(world, "c", context(world))
    assert joint.promised.value == 4  # its part of the round is not known, so only the other payment counts


def test_a_loan_is_a_promise_until_it_is_signed(small_world: Facts) -> None:
    world = network(small_world)
    answer = episodes(world, "house", context(world))
    rows = {row.link: row for row in answer.episodes}
    loan = rows["facility/loan"]
    assert [name.en for name in loan.party] == ["Bank", "Second Bank"]
    assert loan.layer == "debt"
    assert not loan.promise
    chips = rows["stake/house--chips"]
    assert chips.held
    assert chips.ended
    assert str(chips.end) == "2025-10"
    lab = rows["stake/house--lab"]
    assert isinstance(lab.percent, Value)
    assert (lab.percent.value, lab.percent.low, lab.percent.high) == (11, 10, 11)
    assert {row.tranche: row.made for row in answer.payments} == {
        "tranche/round--house": False,
        "tranche/exit--sale": True,
    }


def test_a_part_of_a_stake_of_the_house_is_in_it(small_world: Facts) -> None:
    world = network(small_world)
    whole = CapitalNetwork(small_world, world.ontology, world.derived, replace(world.scope, group=True))
    links = {row.link for row in episodes(whole, "house", context(whole)).episodes}
    assert "stake/house--lab" in links
    assert "stake/fund--lab" not in links
    seen = {row.link for row in episodes(world, "lab", context(world)).episodes}
    assert {"stake/house--lab", "stake/fund--lab"} <= seen


# Promises on the real data --------------------------------------------------------------------------------------------


def test_promises_count_every_payment_once(bundled: CapitalGraph) -> None:
    result = bundled.chart("promises").result
    assert isinstance(result, Promises)
    legs = [leg for row in result.promises for leg in row.tranches]
    assert len(legs) == len(set(legs))
    assert sum(row.counted for row in result.promises) == len(legs)
    for row in result.promises:
        assert row.counted == row.with_amount + row.jointly + row.with_ceiling + row.unknown
    firm = [row.firm for row in result.promises if isinstance(row.firm, Value) and row.firm.unit == "USD"]
    assert result.promised.value == sum((value.value or Decimal() for value in firm), Decimal())
    assert result.paid.value is not None
    assert result.paid.value <= (result.promised.value or 0)


def test_each_rung_of_the_ladder_is_told_whatever_rung_is_asked(bundled: CapitalGraph) -> None:
    results = [load(rung=rung).chart("promises", "openai").result for rung in ("rumoured", "closed")]
    first, second = (result.promises for result in results)  # type: ignore[attr-defined]
    assert first == second
    assert results[0].context.rung == bundled.ontology.code("rung", "rumoured").code


def test_known_on_turns_a_payment_back_into_a_promise() -> None:
    def paid(known_on: str) -> Decimal:
        result = load(known_on=known_on).chart("promises", "openai").result
        assert isinstance(result, Promises)
        return result.paid.value or Decimal()

    assert paid("2025-06-30") < paid("2026-06-30")


# Hostile and wrong ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "</text><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "$\\frac{1}{0}$ & <b>",
    "abc" + chr(0x202E) + "def" + chr(0x200B),
    "x" * 10_000,
    "名" * 3_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=["script", "image", "formula", "direction", "long", "long-zh"])
def test_hostile_names_are_only_text(name: str) -> None:
    graph = load(sets=(f"party/openai.name={name}", f"party/openai.name_zh={name}"))
    made = graph.chart("owners", "openai")
    for lang in ("en", "zh"):
        drawing = made.render("svg", lang).decode()
        root = ElementTree.fromstring(drawing)
        assert not list(root.iter(f"{NAMESPACE}script"))
        assert not list(root.iter(f"{NAMESPACE}image"))
        assert chr(0x202E) not in drawing
        page = _Page(made.render("html", lang).decode())
        assert not page.all("script")
        assert len(page.all("img")) == 1
    assert made.render("png")[:8] == b"\x89PNG\r\n\x1a\n"


def test_an_answer_without_holders_is_no_picture(bundled: CapitalGraph) -> None:
    with pytest.raises(NotFound, match="no holder"):
        bundled.chart("owners", "microsoft")


def test_options_belong_to_their_kinds(bundled: CapitalGraph) -> None:
    with pytest.raises(UsageProblem, match="takes no --style"):
        bundled.chart("owners", "openai", style="sankey")
    with pytest.raises(UsageProblem, match=r"no kind of chart.*Did you mean funding"):
        bundled.chart("fundings", "openai")
    with pytest.raises(UsageProblem, match="takes these names"):
        bundled.chart("had-held", "softbank-group")
    with pytest.raises(UsageProblem, match="no style of a funding chart"):
        bundled.chart("funding", "softbank-group", style="pie").render()
    with pytest.raises(UsageProblem, match="no channel"):
        bundled.chart("exposure", channel="luck")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["pie", "openai", "-o", "x.svg"], 2, "no kind of chart"),
        (["owners", "openai", "-o", "x.pdf"], 2, "names no format"),
        (["owners", "openai", "-o", "x"], 2, "no suffix"),
        (["owners", "-o", "x.svg"], 2, "takes these names"),
        (["owners", "nobody-of-this-name", "-o", "x.svg"], 2, "nothing is named"),
        (["owners", "microsoft", "-o", "x.svg"], 1, "nothing to draw"),
        (["timeline", "openai", "--as-of", "1990", "-o", "x.svg"], 1, "nothing to draw"),
        (["timeline", "softbank-group", "--to", "1950", "--from", "1940", "-o", "x.svg"], 1, "choose other days"),
        (["promises", "--as-of", "1990", "-o", "x.svg"], 1, "nothing to draw"),
        (["exposure", "openai", "--as-of", "1990", "-o", "x.svg"], 1, "nothing to draw"),
        (["funding", "openai", "--as-of", "1990", "-o", "x.svg"], 1, "nothing to draw"),
        (["loop", "--as-of", "1990", "-o", "x.svg"], 1, "nothing to draw"),
        (["had-held", "openai", "nvidia", "-o", "x.svg"], 1, "no curve to draw"),
        (["owners", "openai", "-o", "/proc/nowhere/x.svg"], 2, "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    words: list[str],
    code: int,
    says: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["chart", *words]) == code
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# The command ----------------------------------------------------------------------------------------------------------


def test_the_figures_stand_beside_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "owners.svg"
    assert run(["chart", "owners", "openai", "-o", str(picture)]) == 0
    assert "wrote" in capsys.readouterr().err
    rows = list(csv.DictReader((tmp_path / "owners.csv").open(encoding="utf-8")))
    assert {"holder", "percent"} <= set(rows[0])
    assert run(["chart", "owners", "openai", "--no-table", "--evidence", "-o", str(tmp_path / "alone.png")]) == 0
    assert not (tmp_path / "alone.csv").exists()
    behind = list(csv.DictReader((tmp_path / "alone.evidence.csv").open(encoding="utf-8")))
    assert {"reading", "source", "url"} <= set(behind[0])
    assert run(["chart", "owners", "openai", "-o", str(tmp_path / "page.html")]) == 0
    assert not (tmp_path / "page.csv").exists()


def test_a_picture_goes_to_standard_output_as_it_is(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["chart", "owners", "openai"]) == 0
    drawing = capfdbinary.readouterr().out
    assert drawing.startswith(b"<?xml")
    assert run(["chart", "owners", "openai", "--format", "png", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"\x89PNG")


def test_other_commands_do_without_the_drawing_library() -> None:
    script = "import sys; from capgraph.cli import run; run(['owners', 'openai']); print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_both_styles_of_funding_show_the_same_money(house: CapitalGraph) -> None:
    pictures = [
        svg(house.chart("funding", "softbank-group", start="2025", end="2025", style=style).picture("en"))
        for style in ("waterfall", "sankey")
    ]
    for drawing in pictures:
        assert any("USD 44.88 bn" in label for label in texts(drawing))
    digests = {hashlib.sha256(drawing.encode()).hexdigest() for drawing in pictures}
    assert len(digests) == 2
