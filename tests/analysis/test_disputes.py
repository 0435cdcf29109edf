"""Where sources disagree, worked by hand on a world of four parties, and on the real data."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.analysis.doubtful import doubtful, percent, reading
from tests.analysis.worlds import context, network, text
from tests.latin import latin_words

from capgraph.analysis.disputes import Dispute, disputes, rounding_explains
from capgraph.cli import run
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import load
from capgraph.results import Value
from capgraph.tables import write_folder

EVERYTHING = "rumoured"


def found(facts: Facts, party: str = "", rung: str = EVERYTHING, **asked: object) -> dict[tuple[str, str], Dispute]:
    net = network(facts, rung=rung)
    told = disputes(net, context(net), party, **asked).disputes  # type: ignore[arg-type]
    return {(each.thing, each.aspect.code): each for each in told}


def test_every_disagreement_is_found_and_nothing_else() -> None:
    assert set(found(doubtful())) == {
        ("stake/house--lab", "percent"),
        ("facility/loan", "limit"),
        ("facility/loan", "drawn"),
        ("tranche/round--fund", "amount"),
    }


def test_a_percent_moves_the_position_and_a_loan_the_credit() -> None:
    told = found(doubtful())
    stake, loan = told["stake/house--lab", "percent"], told["facility/loan", "limit"]
    assert stake.taken == Value(Decimal(20), "percent", None, None, ("reading/p1",))
    assert stake.difference == Value(Decimal(25), "percent")
    assert stake.moved == Value(Decimal(50), "USD"), "5 points of a lab worth 1,000"
    assert (loan.difference_usd, loan.moved) == (Value(Decimal(60), "USD"), Value(Decimal(60), "USD"))
    assert loan.answers == 1
    assert loan.reach == 1, "the bank, which nobody holds"


def test_a_contract_is_one_amount_though_it_stands_with_both_sides() -> None:
    facts = doubtful(
        contracts=[{"id": "c", "kind": "chip_supply", "title": "C", "suppliers": "bank", "customers": "lab",
                    "announced": "2025-06-10"}],
        statuses=[{"about": "contract/c", "status": "signed", "date": "2025-06-10", "source": "s-2025-06-11"}],
        readings=[reading("c1", "contract/c", "value", "100"),
                  reading("c2", "contract/c", "value", "70", source="s-2026-01-11")],
    )  # fmt: skip
    told = found(facts)["contract/c", "value"]
    assert (told.answers, told.moved) == (2, Value(Decimal(30), "USD"))
    assert told.reach == 4, "the bank; the lab, the house and the fund that hold it"


def test_a_date_that_two_sources_give_differently_is_a_dispute_of_days() -> None:
    told = found(doubtful())["facility/loan", "drawn"]
    assert (told.taken, told.others, told.days) == ("2025-07-01", ("2025-07-09",), 8)
    assert (told.said_by, told.denied_by) == (1, 1)


def test_copies_of_one_wire_count_once() -> None:
    wires = [{"id": "copy-a", "published": "2026-01-12", "origin": "wire"},
             {"id": "copy-b", "published": "2026-01-12", "origin": "wire"}]  # fmt: skip
    rows = [percent(f"w{name}", "stake/house--lab", "15", source=f"copy-{name}") for name in "ab"]
    told = found(doubtful(sources=wires, readings=rows))["stake/house--lab", "percent"]
    assert (told.said_by, told.denied_by) == (1, 2), "the wire once, and the source that said so before"


def test_a_figure_of_its_day_is_disputed_only_on_that_day() -> None:
    def prices(day: str) -> Facts:
        return doubtful(readings=[
            reading("s1", "party/house", "share_price", "10", basis="raw"),
            reading("s2", "party/house", "share_price", "11", basis="raw", as_of=day, source="s-2026-01-11"),
        ])  # fmt: skip

    assert ("party/house", "share_price") not in found(prices("2025-12-30"))
    assert ("party/house", "share_price") in found(prices("2025-12-31"))


def test_who_says_one_thing_today_and_another_tomorrow_reports_a_change() -> None:
    later = percent("p4", "stake/fund--lab", "8", source="s-2025-06-20", as_of="2025-06-11", confidence="unverified")
    assert ("stake/fund--lab", "percent") not in found(doubtful(readings=[later]))
    other = {**later, "source": "s-2025-06-21"}
    assert ("stake/fund--lab", "percent") in found(doubtful(readings=[other]))


ROUNDED = [
    ("27", "26.79", True),
    ("13", "11.66", False),
    ("10000000000", "10500000000", True),
    ("4000000000", "3600000000", False),
    ("20", "15", False),
]


@pytest.mark.parametrize(("one", "other", "rounds"), ROUNDED)
def test_rounding_is_half_of_the_last_digit(one: str, other: str, rounds: bool) -> None:
    pair = [doubtful(readings=[percent("x", "stake/house--lab", value)]) for value in (one, other)]
    readings = [next(r for r in network(f).derived.readings("stake/house--lab") if r.id == "reading/x") for f in pair]
    assert rounding_explains(*readings) is rounds is rounding_explains(*reversed(readings))


def test_sizes_orders_and_tops_choose_rows() -> None:
    facts = doubtful()
    assert set(found(facts, min_size=Decimal(25))) == {("stake/house--lab", "percent"), ("facility/loan", "limit")}
    assert [key[0] for key in found(facts, by="percent")][2] == "tranche/round--fund", "10 of 60, after a quarter"
    assert [key[0] for key in found(facts, by="amount")][:2] == ["facility/loan", "tranche/round--fund"]
    assert next(iter(found(facts)))[0] == "facility/loan", "60 move, more than the 50 of the stake"
    net = network(facts, rung=EVERYTHING)
    first = disputes(net, context(net), top=1)
    assert (len(first.disputes), first.count) == (1, 4)
    with pytest.raises(UsageProblem, match="no order"):
        disputes(net, context(net), by="size")


def test_no_dispute_is_an_empty_answer_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = network(doubtful())
    told = disputes(net, context(net), "house", min_size=Decimal(99))
    assert told.disputes == ()
    assert "No sources disagree" in text(told)
    write_folder(doubtful(), tmp_path / "world")
    assert run(["disputes", "house", "--min-size", "99", "--data", str(tmp_path / "world")]) == 0
    assert "none" in capsys.readouterr().out


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    write_folder(doubtful(), tmp_path / "world")

    def answered(*words: str) -> str:
        assert run([*words, "-f", "csv", "--data", str(tmp_path / "world")]) == 0
        return capsys.readouterr().out

    return answered


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        (["--as-of", "2025-12-30"], "stake/house--lab"),
        (["--known-on", "2026-01-10"], "stake/house--lab"),
        (["--rung", "announced"], ""),
        (["--group"], ""),
    ],
)
def test_clocks_rung_and_house_change_the_answer(ask: Callable[..., str], words: list[str], gone: str) -> None:
    plain, other = ask("disputes", "house"), ask("disputes", "house", *words)
    if words[0] == "--rung":
        plain, other = ask("disputes", "lab"), ask("disputes", "lab", *words)
        assert "tranche/round--fund" in other
        assert "tranche/round--fund" not in plain
    if words[0] == "--group":
        plain, other = (ask("disputes", "house", "--rung", "announced", *more) for more in ([], ["--group"]))
        assert "tranche/round--fund" in other, "a promise of the fund"
    assert plain != other
    assert not gone or (gone in plain and gone not in other)


# The real data --------------------------------------------------------------------------------------------------------


def test_on_the_real_data_the_stake_in_openai_comes_first_and_prices_of_two_days_do_not_come() -> None:
    graph = load()
    told = graph.disputes(top=0)
    assert told.disputes[0].thing == "stake/softbank-group--openai--preferred"
    prices = [each for each in told.disputes if each.aspect.code == "share_price"]
    assert not [each.thing for each in prices for remark in each.remarks if remark.key == "disputes.other_day"]
    sizes = [each.moved.value for each in told.disputes if isinstance(each.moved, Value)]
    assert sizes == sorted(sizes, reverse=True)  # type: ignore[type-var]
    assert all(each.denied_by >= 1 for each in told.disputes)


@pytest.mark.parametrize("verb", ["disputes", "gaps"])
def test_a_chinese_answer_on_the_real_data_holds_no_latin_word_but_names(verb: str) -> None:
    graph = load()
    told = graph.render(getattr(graph, verb)(top=0), "md", "zh").replace("\\", "")
    told = told.replace(graph.store.version, "")
    assert latin_words(told, graph.facts) == set()
