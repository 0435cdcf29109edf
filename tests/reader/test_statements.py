"""Who does what to whom: laws of the grammar that the labelled sentences do not single out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from capgraph import ontology
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.reader.reading import Reader
from capgraph.store import open_store
from tests.test_network import declare_lobbying

Told = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def reader(bundled: CapitalGraph) -> Reader:
    return Reader(bundled.facts, bundled.ontology)


def told(reader: Reader, text: str) -> list[Told]:
    _, statements = reader.sentence(text)
    return [
        (each.subject.node if each.subject else "", each.kind, each.object.node if each.object else "", each.stance)
        for each in statements
    ]


@pytest.mark.parametrize(
    ("active", "passive"),
    [
        ("OpenAI acquired Astral.", "Astral was acquired by OpenAI."),
        ("Alphabet guarantees Fluidstack's debt.", "Fluidstack's debt is guaranteed by Alphabet."),
        ("Nvidia owns 6.5% of CoreWeave.", "CoreWeave is 6.5% owned by Nvidia."),
        ("英特尔收购Groq。", "Groq被英特尔收购。"),
    ],
)
def test_a_passive_says_the_same(reader: Reader, active: str, passive: str) -> None:
    assert told(reader, active) == told(reader, passive) != []


def test_a_verb_at_the_end_of_a_name_is_a_verb_where_a_word_leads_to_it(reader: Reader) -> None:
    assert told(reader, "英伟达向英特尔投资50亿美元。") == [("nvidia", "tranche", "intel", "asserted")]
    assert told(reader, "英特尔投资领投了Cohere。") == [("intel-capital", "tranche", "cohere", "asserted")]


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Nvidia invested $5 billion in Intel.", "asserted"),
        ("Nvidia plans to invest $5 billion in Intel.", "planned"),
        ("Nvidia did not invest $5 billion in Intel.", "negated"),
        ("In May Nvidia invested $5 billion in Intel.", "asserted"),
        ("英伟达向英特尔投资50亿美元。", "asserted"),
        ("英伟达将向英特尔投资50亿美元。", "planned"),
        ("英伟达将所持英特尔股份质押。", "asserted"),
        ("英伟达将近期所持英特尔股份出售。", "asserted"),
        ("英伟达并未向英特尔投资50亿美元。", "negated"),
        ("未来，英伟达向英特尔投资50亿美元。", "asserted"),
    ],
)
def test_a_denial_and_a_plan_are_told_from_a_statement(reader: Reader, text: str, stance: str) -> None:
    assert [statement[3] for statement in told(reader, text)] == [stance]


def test_each_member_of_a_list_makes_a_statement(reader: Reader) -> None:
    found = told(reader, "Nvidia, AMD and Intel invested in xAI.")
    assert [statement[0] for statement in found] == ["nvidia", "amd", "intel"]


def test_two_long_lists_make_a_bounded_number_of_statements(reader: Reader) -> None:
    many = "、".join(["英伟达", "微软", "谷歌", "亚马逊", "甲骨文"] * 12)
    assert 0 < len(told(reader, f"{many}投资{many}")) <= 100


@pytest.mark.parametrize(
    "text",
    [
        "英伟达的投资者看好人工智能。",
        "孙正义的清仓引发争议，英伟达下跌。",
        "Investors in Nvidia were pleased.",
        "Nvidia is a developer of chips and OpenAI is not.",
        "除了英伟达，软银没有评论。",
        "Nvidia and OpenAI were mentioned.",
    ],
)
def test_a_noun_that_holds_a_verb_says_nothing(reader: Reader, text: str) -> None:
    assert told(reader, text) == []


def test_nobody_does_something_to_himself(reader: Reader) -> None:
    assert told(reader, "Nvidia acquired NVIDIA.") == []


def test_a_person_is_no_organization_and_a_company_has_no_post(reader: Reader) -> None:
    assert told(reader, "Microsoft joined OpenAI.") == []
    assert told(reader, "Sam Altman joined Elon Musk.") == []
    assert told(reader, "Sam Altman joined Microsoft.") == [("sam-altman", "role", "microsoft", "asserted")]


def test_a_new_link_kind_is_read_by_its_words_alone(data_copy: Path, tmp_path: Path) -> None:
    """A class, a table and its words in both languages: no Python knows of lobbying."""
    folder = Path(shutil.copytree(ontology.load().folder, tmp_path / "ontology"))
    declare_lobbying(folder)
    with (folder / "words" / "lexicon.ttl").open("a", encoding="utf-8") as out:
        out.write('<word/lexicon.verb.lobbying.lobbies.forward> skos:prefLabel "lobbies | lobbied"@en , "游说"@zh .\n')
    header = "id,lobbyist,lobbied,valid_from,note\n"
    (data_copy / "lobbyings.csv").write_text(header, encoding="utf-8")
    model = ontology.load(folder)
    facts: Facts = open_store([data_copy], model, tmp_path / "cache").facts
    assert told(Reader(facts, model), "OpenAI lobbied Microsoft.") == [("openai", "lobbying", "microsoft", "asserted")]
    assert told(Reader(facts, model), "OpenAI游说微软。") == [("openai", "lobbying", "microsoft", "asserted")]
