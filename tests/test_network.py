"""The network at a pair of clocks: what counts, what does not yet, and what nobody could know."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from capgraph.derive import Derived
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph, load
from capgraph.network import CapitalNetwork, Link, Scope
from capgraph.ontology import Ontology
from capgraph.ontology import load as load_ontology
from capgraph.store import open_store
from tests.test_tables import add_row
from tests.tiny import LATEST, at, derived


def network(
    facts: Facts, as_of: str | date = LATEST, known_on: str | date = LATEST, rung: str = "signed"
) -> CapitalNetwork:
    return CapitalNetwork(facts, load_ontology(), derived(facts, as_of, known_on), Scope(at(as_of, known_on), rung))


def ids(links: tuple[Link, ...]) -> set[str]:
    return {link.id for link in links}


def test_a_link_counts_from_its_start_until_its_end(small_world: Facts) -> None:
    held = "stake/house--chips"
    assert held not in ids(network(small_world, "2024-02-29").links)
    assert held in ids(network(small_world, "2024-03-01").links)
    assert held in ids(network(small_world, "2025-09-30").links)
    assert held not in ids(network(small_world, "2025-10-01").links)


def test_an_end_that_was_not_public_leaves_the_link_and_says_so(small_world: Facts) -> None:
    day_before = network(small_world, "2025-10-31", "2025-11-10")
    (link,) = (link for link in day_before.links if link.id == "stake/house--chips")
    assert "end_not_public" in link.flags
    assert link.end is None, "nobody could know it"
    assert "stake/house--chips" not in ids(network(small_world, "2025-10-31", "2025-11-11").links)


def test_what_was_not_public_is_not_there(small_world: Facts) -> None:
    assert "stake/house--lab" not in ids(network(small_world, "2025-03-31", "2025-03-31").links)
    assert "stake/house--lab" in ids(network(small_world, "2025-03-31", "2025-04-01").links)


def test_a_promise_is_a_link_until_it_is_paid_and_stands_below_a_higher_rung(small_world: Facts) -> None:
    promise = "tranche/round--house"
    assert promise in ids(network(small_world).links)
    closed = network(small_world, rung="closed")
    assert promise not in ids(closed.links)
    assert promise in ids(closed.promised)
    assert "tranche/exit--sale" not in ids(network(small_world, rung="rumoured").links), "closed legs are no links"


def test_closed_legs_are_the_flows_of_their_window(small_world: Facts) -> None:
    flows = network(small_world, rung="closed").flows(date(2025, 10, 1), date(2025, 12, 31))
    assert ids(flows.links) == set(), "a leg from the market has no party at its other end"
    signed = network(small_world).flows(date(2026, 1, 1), date(2026, 1, 31))
    assert ids(signed.links) == {"tranche/round--house"}


def test_each_lender_of_a_loan_has_a_link_with_the_amount_of_the_whole(small_world: Facts) -> None:
    loans = [link for link in network(small_world).links if link.id == "facility/loan"]
    assert [(link.source, link.target, link.shared) for link in loans] == [
        ("bank", "house", True),
        ("bank-two", "house", True),
    ]


def test_a_pledge_leads_to_the_issuer_and_stands_or_falls_with_its_loan(small_world: Facts) -> None:
    (pledge,) = (link for link in network(small_world).links if link.id == "pledge/pledge")
    assert (pledge.source, pledge.target, pledge.rung) == ("house", "chips", "closed")


def test_money_runs_against_a_supply_and_nowhere_between_rivals(small_world: Facts) -> None:
    by_id = {link.id: link for link in network(small_world).links}
    assert (by_id["contract/supply"].kind.money, by_id["contract/supply"].layer) == ("backward", "contract")
    assert (by_id["relation/rivals"].kind.money, by_id["relation/rivals"].layer) == ("none", "dependency")
    assert by_id["relation/rivals"].kind.path_rank > by_id["contract/supply"].kind.path_rank


def test_a_house_is_a_party_with_its_subsidiaries_and_holds_a_contained_stake_once(small_world: Facts) -> None:
    alone = network(small_world)
    assert alone.house("house") == {"house", "fund"}
    merged = alone.grouped("house")
    stakes = [link.id for link in merged.links_from("house") if link.target == "lab" and link.kind.kind == "stake"]
    assert stakes == ["stake/house--lab"]
    assert not any(link.source == link.target for link in merged.links)
    assert ids(merged.links_from("fund")) == set()


def test_the_networkx_graph_keeps_every_link_under_its_id(bundled: CapitalGraph) -> None:
    graph = bundled.network.graph
    edges = sorted((source, target, key) for source, target, key in graph.edges(keys=True))
    assert edges == sorted((link.source, link.target, link.id) for link in bundled.network.links)
    assert all(data["link"].id == key for _, _, key, data in graph.edges(keys=True, data=True))


def test_known_on_never_shows_more_than_hindsight(bundled: CapitalGraph) -> None:
    """Of the links that began by a day, the public knew no more than we do; what it had not yet seen end is marked."""
    for day in ("2024-12-31", "2025-06-30", "2025-11-10"):
        then, now = bundled.at(known_on=day).network, bundled.at(as_of=day).network
        unseen = {link.id for link in then.links if "end_not_public" in link.flags}
        later = ids(now.links) | ids(now.promised) | ids(now.unstarted)
        assert ids(then.links) - unseen <= later | _inferred(then)


def _inferred(network: CapitalNetwork) -> set[str]:
    return {link.id for link in network.links if "start_inferred" in link.flags}


def test_every_link_of_the_data_names_a_public_source(bundled: CapitalGraph) -> None:
    for day in ("2025-11-10", None):
        then = bundled.at(known_on=day)
        for link in then.network.links:
            sources = [*link.sources, *(figure.reading.source for figure in (link.percent, link.amount) if figure)]
            assert sources, link.id
            for source in sources:
                assert then.clocks.public(then.derived.sources.public(source)), (link.id, source)


@pytest.mark.parametrize(
    ("as_of", "known_on", "listed", "flagged"),
    [
        ("2025-09-30", None, True, False),
        ("2025-10-31", None, False, False),
        ("2025-10-31", "2025-11-10", True, True),
        ("2025-10-31", "2025-11-11", False, False),
    ],
)
def test_softbank_leaves_nvidia_when_it_did_and_when_it_was_known(
    bundled: CapitalGraph, as_of: str, known_on: str | None, listed: bool, flagged: bool
) -> None:
    held = [
        link for link in bundled.at(as_of, known_on).network.links if link.id == "stake/softbank-group--nvidia--common"
    ]
    assert bool(held) is listed
    assert any("end_not_public" in link.flags for link in held) is flagged


def test_the_answer_follows_the_dates_of_the_sources_and_no_special_case(data_copy: Path) -> None:
    """Move every source of the sale back to 1 November 2025, and on 10 November its end was public."""
    sources = data_copy / "sources.csv"
    evidence = (data_copy / "evidence.csv").read_text(encoding="utf-8").splitlines()
    about = [line.split(",")[1] for line in evidence if line.startswith("tranche/softbank-nvidia-exit-2025-10--sale,")]
    readings = (data_copy / "readings/deals.csv").read_text(encoding="utf-8").splitlines()
    about += [line.split(",")[11] for line in readings if ",tranche/softbank-nvidia-exit-2025-10--sale," in line]
    assert about
    lines = sources.read_text(encoding="utf-8").splitlines(keepends=True)
    moved = [_published(line, "2025-11-01") if line.split(",")[0] in about else line for line in lines]
    sources.write_text("".join(moved), encoding="utf-8")
    then = load(data_copy, as_of="2025-10-31", known_on="2025-11-10")
    assert "stake/softbank-group--nvidia--common" not in {link.id for link in then.network.links}


def _published(line: str, day: str) -> str:
    (cells,) = csv.reader([line])
    cells[4] = day
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def test_a_new_link_kind_is_a_class_and_a_table_and_no_python(data_copy: Path, tmp_path: Path) -> None:
    """A lobbying link: declared in the ontology, listed in the column list, and every room knows it."""
    folder = tmp_path / "ontology"
    shutil.copytree(load_ontology().folder, folder)
    declare_lobbying(folder)
    header = "id,lobbyist,lobbied,valid_from,note\n"
    (data_copy / "lobbyings.csv").write_text(
        f"{header}openai-lobbies,openai,us-government,2025-01,\n", encoding="utf-8"
    )
    add_row(data_copy / "evidence.csv", about="lobbying/openai-lobbies", source="seed-article", confidence="unverified")
    model: Ontology = load_ontology(folder)
    opened = open_store([data_copy], model, tmp_path / "cache")
    clocks = at("2026-01-01")
    found = CapitalNetwork(opened.facts, model, Derived(opened.facts, model, clocks), Scope(clocks))
    (link,) = (link for link in found.links if link.kind.kind == "lobbying")
    assert (link.source, link.target, link.layer) == ("openai", "us-government", "dependency")
    assert (link.kind.verb["en"], link.kind.verb_back["zh"]) == ("lobbies", "的游说方包括")
    assert link.kind.color == "#123456"


def declare_lobbying(folder: Path) -> None:
    """Add the class to the ontology and the table to the column list of a copy."""
    with (folder / "capgraph.ttl").open("a", encoding="utf-8") as out:
        out.write(
            """
cap:lobbyist a owl:ObjectProperty . cap:lobbied a owl:ObjectProperty .
cap:Lobbying a owl:Class ; rdfs:subClassOf cap:Link ; rdfs:label "lobbying"@en , "游说"@zh ;
    cap:fromEnd ( cap:lobbyist ) ; cap:toEnd ( cap:lobbied ) ; cap:layer layer:dependency ;
    cap:moneyDirection "none" ; cap:verb "lobbies"@en , "游说"@zh ;
    cap:verbBack "is lobbied by"@en , "的游说方包括"@zh ;
    cap:color "#123456" ; cap:colorDark "#abcdef" ; cap:dash "dotted" ; cap:temporality "state" ;
    cap:startProperty cap:validFrom ; cap:pathRank 5 ; cap:amountAspect () ; cap:percentAspect () .
"""
        )
    file = folder / "tables.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    stakes = json.dumps(next(table for table in document["tables"] if table["url"] == "stakes.csv"))
    stakes = stakes.replace("id/stake/{id}", "id/lobbying/{id}").replace("ontology#Stake", "ontology#Lobbying")
    table = json.loads(
        stakes.replace("ontology#holder", "ontology#lobbyist").replace("ontology#issuer", "ontology#lobbied")
    )
    kept = {
        "id": "id",
        "holder": "lobbyist",
        "issuer": "lobbied",
        "valid_from": "valid_from",
        "note": "note",
        "type": "type",
    }
    columns = [column for column in table["tableSchema"]["columns"] if column["name"] in kept]
    table["tableSchema"]["columns"] = json.loads(
        json.dumps(columns).replace('"holder"', '"lobbyist"').replace('"issuer"', '"lobbied"')
        .replace("{holder}", "{lobbyist}").replace("{issuer}", "{lobbied}")
    )  # fmt: skip
    document["tables"].append({**table, "url": "lobbyings.csv"})
    file.write_text(json.dumps(document), encoding="utf-8")
