"""Names resolve in any language and spelling; nothing is guessed where several bear a name."""

from __future__ import annotations

import pytest

from capgraph.errors import AmbiguousName, UnknownName
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.names import Names, node_id, node_ref


@pytest.mark.parametrize(
    "text",
    ["nvidia", "NVIDIA", "ＮＶＩＤＩＡ", "party/nvidia", "NASDAQ:NVDA", "英伟达", " nvidia "],
)
def test_every_name_of_a_party_finds_it(bundled: CapitalGraph, text: str) -> None:
    assert bundled.party(text) == "nvidia"


def test_a_ticker_without_its_exchange_finds_the_company_first(bundled: CapitalGraph) -> None:
    assert bundled.network.names.find("NVDA")[0].ref == "party/nvidia"


@pytest.mark.parametrize(
    ("typo", "meant"), [("nvidai", "nvidia"), ("softbnak group", "softbank-group"), ("openia", "openai")]
)
def test_a_near_miss_is_refused_with_the_name_that_was_meant(bundled: CapitalGraph, typo: str, meant: str) -> None:
    with pytest.raises(UnknownName) as refused:
        bundled.party(typo)
    assert any(suggestion.startswith(meant) for suggestion in refused.value.suggestions)
    assert refused.value.exit_code == 2


def test_a_name_that_several_bear_lists_the_candidates(small_world: Facts) -> None:
    with pytest.raises(AmbiguousName) as refused:
        Names(small_world).resolve("ban")
    assert refused.value.candidates == ("bank", "bank-two")
    assert Names(small_world).resolve("bank") == "party/bank", "an exact name is not ambiguous"


def test_an_exact_name_wins_over_a_prefix_and_a_prefix_over_a_part(small_world: Facts) -> None:
    names = Names(small_world)
    assert names.resolve("House") == "party/house"
    assert names.resolve("second") == "party/bank-two"
    assert [match.how for match in names.find("one")] == ["part"]


def test_products_are_found_and_told_apart_from_parties(small_world: Facts) -> None:
    names = Names(small_world)
    assert names.resolve("Model One") == "product/model-one"
    with pytest.raises(UnknownName):
        names.resolve("Model One", kinds=("party",))


def test_every_party_and_product_of_the_data_is_found_by_its_id(bundled: CapitalGraph) -> None:
    for table in ("parties", "products"):
        for row in bundled.facts.table(table):
            assert bundled.network.names.resolve(row.ref) == row.ref
            assert node_ref(node_id(row.ref)) == row.ref


def test_nothing_is_found_for_nothing(bundled: CapitalGraph) -> None:
    assert bundled.network.names.find("") == []
    assert bundled.network.names.find("   ") == []
