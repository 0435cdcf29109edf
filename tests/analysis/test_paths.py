"""Paths between two parties: told in words, sourced, ranked, bounded, in the order of time, and the direct links."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.analysis.worlds import amount, chain_world, context, network, payments, percent, relation, stake, text
from tests.latin import latin_words
from tests.test_network import declare_lobbying
from tests.test_tables import add_row
from tests.tiny import LATEST, at, facts_of

from capgraph.analysis.between import Between, between
from capgraph.analysis.journeys import journeys
from capgraph.analysis.paths import NoPath, paths
from capgraph.analysis.routes import Paths
from capgraph.analysis.sentences import sources
from capgraph.derive import Derived
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph
from capgraph.network import CapitalNetwork, Scope
from capgraph.ontology import load as load_ontology
from capgraph.rendering import render
from capgraph.store import open_store


def ask(of: CapitalNetwork, source: str, target: str, **how: object) -> Paths:
    return paths(of, source, target, context(of), **how)  # type: ignore[arg-type]


def links(found: Paths) -> list[list[str]]:
    return [list(path.ids) for path in found.paths]


# Told and sourced -----------------------------------------------------------------------------------------------------


def test_a_hop_reads_from_where_the_walk_comes_and_tells_amount_rung_dates_and_source(small_world: Facts) -> None:
    there = ask(network(small_world), "house", "lab", layers=("equity",))
    assert "House holds preferred shares of Lab (11 % (10..11) as of 2025-12-31, independent sources" in text(there)
    assert "since 2025-03, link 1 of 2 between the two)" in text(there)
    back = ask(network(small_world), "lab", "house", layers=("equity",))
    assert "Lab has preferred shares held by House (11 % (10..11)" in text(back)
    assert [hop.backward for hop in back.hops[:1]] == [True]
    assert [hop.backward for hop in there.hops[:1]] == [False]


def test_the_source_of_a_hop_stands_behind_the_figure_that_it_prints(small_world: Facts) -> None:
    found = ask(network(small_world), "house", "lab", layers=("equity",))
    stake_hop = next(hop for hop in found.hops if hop.link == "stake/house--lab")
    assert stake_hop.sources == ("source/s-2026-01-15",), "the chosen reading's source, not the first evidence"
    promise = next(hop for hop in found.hops if hop.link == "tranche/round--house")
    assert promise.sources == ("source/s-2025-04-01",), "without a figure the best evidence of the link itself"


def test_a_source_that_was_not_public_is_not_named(small_world: Facts) -> None:
    early = ask(network(small_world, "2026-01-18", "2026-01-18"), "house", "lab", layers=("equity",))
    (hop,) = (hop for hop in early.hops if hop.link == "stake/house--lab")
    assert (hop.sources, "11 % as of 2025-12-31" in text(early)) == (("source/s-2026-01-15",), True)
    (before,) = (
        hop
        for hop in ask(network(small_world, "2026-01-10", "2026-01-10"), "house", "lab", layers=("equity",)).hops
        if hop.link == "stake/house--lab"
    )
    assert before.sources == ("source/s-2025-04-01",)


def test_an_end_that_was_not_public_is_told_without_its_date(small_world: Facts) -> None:
    found = ask(network(small_world, "2025-10-31", "2025-11-10"), "house", "chips", layers=("equity",))
    assert "its end was not public yet" in text(found)
    assert "2025-10)" not in text(found)
    assert found.hops[0].end is None
    with pytest.raises(NoPath):
        ask(network(small_world, "2025-10-31", "2025-11-11"), "house", "chips", layers=("equity",))


def test_an_inexact_date_is_marked() -> None:
    world = chain_world(stakes=[stake("a", "b", valid_from="2025")])
    assert "date not exact" in text(ask(network(world, "2025-07-01"), "a", "b"))
    assert "date not exact" not in text(ask(network(world, "2026-01-01"), "a", "b"))


def test_a_loan_of_several_lenders_says_that_its_amount_is_that_of_all(small_world: Facts) -> None:
    lent = small_world.with_rows(facts_of(readings=[amount("facility/loan", "900", "drawn")]).rows())
    told = text(ask(network(lent), "bank", "house"))
    assert (
        "Bank gives a margin loan to House (drawn USD 900 as of 2025-06-30, the amount is that of all parties" in told
    )
    assert "drawn (rung closed)" in told


def test_an_unknown_size_is_said() -> None:
    assert "size unknown" in text(ask(network(chain_world(stakes=[stake("a", "b")])), "a", "b"))


def test_a_link_that_no_source_tells_of_says_so(small_world: Facts) -> None:
    told = [row for row in small_world.rows() if row.cells.get("about") != "product/model-one"]
    silent = Facts(small_world.schema, small_world.datasets, told)
    assert "no source tells of this very link" in text(ask(network(silent), "lab", "product/model-one"))


def test_chinese_answers_hold_no_latin_word_but_names_and_ids(small_world: Facts) -> None:
    found = ask(network(small_world), "son", "lab")
    assert latin_words(text(found, "zh"), small_world) == set()
    assert "孙担任董事长，任职于母公司" in text(found, "zh")


def test_json_keeps_hops_and_paths_and_csv_has_a_row_a_hop(small_world: Facts) -> None:
    found = ask(network(small_world), "son", "lab", k=2)
    document = json.loads(text(found, form="json"))
    assert [hop["path"] for hop in document["hops"]] == [1, 1, 2, 2]
    assert document["paths"][0]["route"] == ["son", "house", "lab"]
    assert document["hops"][1]["sentence"].startswith("House holds preferred shares of Lab")
    assert len(text(found, form="csv").splitlines()) == 1 + len(found.hops)


def test_a_link_kind_that_no_python_knows_is_told_in_both_languages(data_copy: Path, tmp_path: Path) -> None:
    """A class and a table are added to copies, and a path runs over them: it needs the ontology alone."""
    folder = Path(shutil.copytree(load_ontology().folder, tmp_path / "ontology"))
    declare_lobbying(folder)
    row = "id,lobbyist,lobbied,valid_from,note\nopenai-lobbies,openai,us-government,2025-01,\n"
    (data_copy / "lobbyings.csv").write_text(row, encoding="utf-8")
    add_row(data_copy / "evidence.csv", about="lobbying/openai-lobbies", source="seed-article", confidence="unverified")
    model = load_ontology(folder)
    facts = open_store([data_copy], model, tmp_path / "cache").facts
    of = CapitalNetwork(facts, model, Derived(facts, model, at("2026-01-01")), Scope(at("2026-01-01")))
    for ends, told in (
        (("openai", "us-government"), "lobbies United States government"),
        (("us-government", "openai"), "is lobbied by OpenAI"),
    ):
        found = ask(of, *ends, max_hops=1)
        assert told in render(found, "table", "en", model)
        assert found.hops[0].sources == ("source/seed-article",)
    assert "OpenAI游说" in render(ask(of, "openai", "us-government", max_hops=1), "table", "zh", model)


# Ranked ---------------------------------------------------------------------------------------------------------------


def test_shorter_paths_come_first_and_rivalry_last() -> None:
    world = chain_world(
        stakes=[stake("a", "b"), stake("b", "c"), stake("c", "h")],
        relations=[
            relation("a", "competes_with", "h"),
            relation("a", "depends_on", "d"),
            relation("d", "depends_on", "h"),
        ],
    )
    assert links(ask(network(world), "a", "h")) == [
        ["relation/a--depends-on--d", "relation/d--depends-on--h"],
        ["stake/a--b", "stake/b--c", "stake/c--h"],
        ["relation/a--competes-with--h"],
    ]


def test_ownership_comes_before_posts_and_dependencies_of_the_same_length() -> None:
    world = chain_world(stakes=[stake("a", "b"), stake("b", "h")], relations=[relation("a", "depends_on", "h")])
    two = ask(network(world), "a", "h", via=("b",))
    assert links(two) == [["stake/a--b", "stake/b--h"]]
    world = chain_world(relations=[relation("a", "depends_on", "h"), relation("a", "supplies", "h")])
    assert [path[0] for path in links(ask(network(world), "a", "h"))] == [
        "relation/a--supplies--h",
        "relation/a--depends-on--h",
    ]


def test_parallel_links_are_different_paths_and_numbered(small_world: Facts) -> None:
    found = ask(network(small_world), "house", "lab", max_hops=1)
    assert links(found) == [["stake/house--lab"], ["tranche/round--house"]]
    assert [(hop.parallel, hop.of) for hop in found.hops] == [(1, 2), (2, 2)]
    distinct = ask(network(small_world), "house", "lab", max_hops=1, distinct=True)
    assert len(distinct.paths) == 1


def test_three_measures_give_three_orders() -> None:
    world = chain_world(
        stakes=[stake(*ends) for ends in ("ab", "bh", "ac", "ch", "ad", "dh")],
        readings=[
            percent("stake/a--b", "90"), percent("stake/b--h", "40"),
            amount("stake/a--b", "10"), amount("stake/b--h", "50"),
            percent("stake/a--c", "20"), percent("stake/c--h", "30"),
            amount("stake/a--c", "30"), amount("stake/c--h", "70"),
            percent("stake/a--d", "10", source="s-2025-08-01", confidence="primary"),
            percent("stake/d--h", "10", source="s-2025-08-01", confidence="primary"),
            amount("stake/a--d", "20"), amount("stake/d--h", "21"),
        ],
    )  # fmt: skip
    asked = {by: ask(network(world), "a", "h", by=by).paths for by in ("share", "amount", "evidence")}
    first = {by: found[0].ids[0] for by, found in asked.items()}
    assert first == {"share": "stake/a--b", "amount": "stake/a--c", "evidence": "stake/a--d"}
    assert [path.share.value for path in asked["share"] if path.share] == [Decimal(36), Decimal(6), Decimal(1)]
    assert [path.bottleneck.value for path in asked["amount"] if path.bottleneck] == [30, 20, 10]
    assert [path.weakest.code for path in asked["evidence"] if path.weakest] == ["primary", "reported", "reported"]


def test_a_product_of_shares_carries_the_ranges_and_runs_only_forward() -> None:
    world = chain_world(
        stakes=[stake("a", "b"), stake("b", "c")],
        readings=[
            percent("stake/a--b", "50"),
            percent("stake/a--b", "40", basis="unknown", source="s-2025-07-03"),
            percent("stake/b--c", "10"),
        ],
    )
    (path,) = ask(network(world), "a", "c", by="share").paths
    assert path.share is not None
    assert (path.share.low, path.share.value, path.share.high) == (Decimal(4), Decimal(5), Decimal(5))
    with pytest.raises(NoPath, match="--by hops"):
        ask(network(world), "c", "a", by="share")


def test_links_without_an_amount_are_counted_when_amounts_rank() -> None:
    world = chain_world(
        stakes=[stake("a", "b"), stake("a", "c"), stake("c", "b")], readings=[amount("stake/a--b", "5")]
    )
    found = ask(network(world), "a", "b", by="amount")
    assert links(found) == [["stake/a--b"]]
    assert "2 of 3 links have no firm amount" in text(found)


# Bounded --------------------------------------------------------------------------------------------------------------


def test_what_is_avoided_is_not_passed_and_what_is_demanded_is() -> None:
    world = chain_world(stakes=[stake("a", "b"), stake("b", "h"), stake("a", "c"), stake("c", "h")])
    assert links(ask(network(world), "a", "h", avoid=("b",))) == [["stake/a--c", "stake/c--h"]]
    assert links(ask(network(world), "a", "h", via=("b",))) == [["stake/a--b", "stake/b--h"]]


def test_a_directed_search_follows_the_orientation() -> None:
    world = chain_world(stakes=[stake("a", "b"), stake("h", "b")])
    assert len(ask(network(world), "a", "h").paths) == 1
    with pytest.raises(NoPath, match="without --directed"):
        ask(network(world), "a", "h", directed=True)


def test_an_aggregate_ends_a_path_and_never_carries_one() -> None:
    others = {"id": "others", "kind": "aggregate", "name": "Other investors"}
    world = chain_world(more_parties=[others], stakes=[stake("others", "a"), stake("others", "b")])
    assert ask(network(world), "others", "b").paths
    with pytest.raises(NoPath):
        ask(network(world), "a", "b")


def test_all_paths_are_counted_though_few_are_shown() -> None:
    world = chain_world(
        stakes=[stake("a", middle) for middle in "bcdefg"] + [stake(middle, "h") for middle in "bcdefg"]
    )
    found = ask(network(world), "a", "h", k=2)
    assert (found.shown, found.total.value, found.routes.value) == (2, 6, 6)
    assert "2 of 6 paths of at most 4 links" in text(found)


def test_no_path_says_what_would_find_one() -> None:
    far = chain_world(stakes=[stake(*ends) for ends in ("ab", "bc", "cd")])
    with pytest.raises(NoPath, match="of 3 links \\(--max-hops 3\\)"):
        ask(network(far), "a", "d", max_hops=2)
    other = chain_world(stakes=[stake("a", "b")], relations=[relation("b", "depends_on", "c")])
    with pytest.raises(NoPath, match="over all layers") as caught:
        ask(network(other), "a", "c", layers=("equity",))
    assert caught.value.exit_code == 1
    with pytest.raises(NoPath, match="without --via"):
        ask(network(other), "a", "c", via=("d",))
    with pytest.raises(NoPath, match="No single change"):
        ask(network(other), "a", "h")


def test_a_lower_rung_may_find_a_path(small_world: Facts) -> None:
    with pytest.raises(NoPath, match="--rung rumoured"):
        ask(network(small_world, rung="closed"), "chips", "lab", layers=("contract",))


def test_each_clock_changes_the_answer(small_world: Facts) -> None:
    asked = [("2025-03-31", LATEST), (LATEST, LATEST), ("2025-03-31", "2025-03-31")]
    found = [text(ask(network(small_world, *clocks), "son", "lab")) for clocks in asked[:2]]
    assert found[0] != found[1]
    with pytest.raises(NoPath):
        ask(network(small_world, *asked[2]), "son", "lab")


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        ({"by": "beauty"}, "cannot be ranked by 'beauty'"),
        ({"layers": ("love",)}, "no layer 'love'"),
        ({"k": 0}, "at least 1"),
        ({"max_hops": 0}, "at least 1"),
        ({"avoid": ("a",)}, "cannot be an end"),
        ({"via": ("b",), "avoid": ("b",)}, "cannot be an end or a stop"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(how: dict[str, object], complaint: str) -> None:
    with pytest.raises(UsageProblem, match=complaint):
        ask(network(chain_world(stakes=[stake("a", "b")])), "a", "h", **how)


def test_a_party_has_no_path_to_itself() -> None:
    with pytest.raises(UsageProblem, match="two different ends"):
        ask(network(chain_world()), "a", "a")


# In the order of time -------------------------------------------------------------------------------------------------


def timed(world: Facts, source: str, target: str, start: str, end: str, **how: object) -> Paths:
    of = network(world)
    window = of.during(date.fromisoformat(start), date.fromisoformat(end))
    days = date.fromisoformat(start), date.fromisoformat(end)
    return journeys(window, source, target, context(of), *days, **how)  # type: ignore[arg-type]


def test_money_cannot_be_passed_on_before_it_came() -> None:
    world = payments(
        ("a", "b", "2025-10-01"), ("b", "c", "2025-05-01"), ("b", "d", "2025-11-01"), ("d", "c", "2025-12-01")
    )
    found = timed(world, "a", "c", "2025-01-01", "2025-12-31")
    assert links(found) == [["tranche/a-b-2025-10-01", "tranche/b-d-2025-11-01", "tranche/d-c-2025-12-01"]]
    assert found.paths[0].arrival == date(2025, 12, 1)


def test_the_first_to_arrive_wins_over_the_shortest() -> None:
    world = payments(("a", "c", "2025-12-01"), ("a", "b", "2025-02-01"), ("b", "c", "2025-03-01"))
    found = timed(world, "a", "c", "2025-01-01", "2025-12-31")
    assert [(len(path.ids), path.arrival) for path in found.paths] == [(2, date(2025, 3, 1)), (1, date(2025, 12, 1))]


def test_a_state_leads_on_only_while_it_stands() -> None:
    sold = stake("b", "c", valid_to="2025-06-01")
    early = payments(("a", "b", "2025-05-31"), stakes=[sold])
    assert timed(early, "a", "c", "2025-01-01", "2025-12-31").paths[0].arrival == date(2025, 5, 31)
    late = payments(("a", "b", "2025-06-01"), stakes=[sold])
    with pytest.raises(NoPath, match="respects the order of dates"):
        timed(late, "a", "c", "2025-01-01", "2025-12-31")
    with pytest.raises(NoPath, match="happened or stood"):
        timed(early, "a", "c", "2025-07-01", "2025-12-31")


def test_a_date_known_to_the_month_is_possible_on_each_of_its_days() -> None:
    world = payments(("a", "b", "2025-10"), ("b", "c", "2025-10-15"))
    found = timed(world, "a", "c", "2025-01-01", "2025-12-31")
    assert found.paths[0].arrival == date(2025, 10, 15)
    assert "possible, not certain" in text(found)


def test_a_window_must_not_end_before_it_starts() -> None:
    with pytest.raises(UsageProblem, match="before it starts"):
        timed(payments(("a", "b", "2025-10")), "a", "b", "2025-12-31", "2025-01-01")


# Direct links ---------------------------------------------------------------------------------------------------------


def direct(of: CapitalNetwork, one: str, other: str, group: bool = False) -> Between:
    return between(of, one, other, context(of), group)


def test_direct_links_are_listed_by_what_they_are() -> None:
    world = payments(
        ("a", "b", "2025-10-01"),
        stakes=[stake("a", "b"), stake("b", "a", valid_to="2025-01")],
        relations=[relation("b", "depends_on", "a")],
    )
    found = direct(network(world), "b", "a")
    assert [(hop.standing, hop.link) for hop in found.hops] == [
        ("stands", "stake/a--b"),
        ("stands", "relation/b--depends-on--a"),
        ("paid", "tranche/a-b-2025-10-01"),
        ("ended", "stake/b--a"),
    ]
    assert {hop.link for hop in direct(network(world), "a", "b").hops} == {hop.link for hop in found.hops}


def test_a_promise_below_the_rung_stands_apart(small_world: Facts) -> None:
    standing = {hop.link: hop.standing for hop in direct(network(small_world, rung="closed"), "house", "lab").hops}
    assert standing == {"stake/house--lab": "stands", "tranche/round--house": "promised"}


def test_a_house_is_asked_as_one(small_world: Facts) -> None:
    alone = {hop.link for hop in direct(network(small_world), "house", "lab").hops}
    house = {hop.link for hop in direct(network(small_world), "house", "lab", group=True).hops}
    assert house - alone == {"stake/fund--lab"}


def test_no_direct_link_is_a_no(small_world: Facts) -> None:
    with pytest.raises(NoPath, match="no direct link between Son and Lab"):
        direct(network(small_world), "son", "lab")


# The bundled data -----------------------------------------------------------------------------------------------------


def test_every_source_that_a_hop_may_name_tells_of_that_link_and_was_public(bundled: CapitalGraph) -> None:
    for day in ("2025-06-30", "2026-09-11"):
        graph = bundled.at(known_on=day)
        for link in graph.network.links:
            for ref in sources(link):
                things = [link.id]
                if link.id.startswith("product/"):  # a product has its evidence from what names it
                    things += [named.ref for named in graph.facts.mentions(link.id)]
                told = [
                    row
                    for thing in things
                    for kind in ("evidence", "readings")
                    for row in graph.facts.about(kind, thing)
                ]
                assert ref.removeprefix("source/") in {row["source"] for row in told}, f"{ref} is not about {link.id}"
                assert graph.clocks.public(graph.derived.sources.public(ref)), f"{ref} was not public on {day}"


@pytest.mark.parametrize(("one", "other"), [("孙正义", "nvidia"), ("oracle", "softbank-group"), ("tsmc", "chatgpt")])
def test_answers_on_the_bundled_data_name_a_source_a_hop_in_both_languages(
    bundled: CapitalGraph, one: str, other: str
) -> None:
    found = bundled.path(one, other, k=5)
    assert all(hop.sources for hop in found.hops if not hop.link.startswith("product/"))
    assert latin_words(bundled.render(found, lang="zh"), bundled.facts) == set()
    assert bundled.render(found) == bundled.render(bundled.path(one, other, k=5)), "the same question, the same bytes"


def test_each_option_of_scope_changes_the_answer_on_the_bundled_data(bundled: CapitalGraph) -> None:
    plain = bundled.path("nvidia", "openai", k=5)
    assert bundled.at(as_of="2025-01-31").path("nvidia", "openai", k=5) != plain
    assert bundled.at(known_on="2025-09-30").path("nvidia", "openai", k=5) != plain
    closed = CapitalGraph(bundled.store, bundled.ontology, replace(bundled.scope, rung="closed"))
    assert closed.path("nvidia", "openai", k=5) != plain
    house = CapitalGraph(bundled.store, bundled.ontology, replace(bundled.scope, group=True))
    assert house.path("softbank-group", "openai", k=9) != bundled.path("softbank-group", "openai", k=9)
