"""What if: things left out, cells and figures assumed; and nothing of it left when the assumption goes."""

import pytest

from capgraph.assumptions import Setting, assume, leave_out
from capgraph.clocks import Clocks
from capgraph.derive import Derived
from capgraph.errors import UsageProblem
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph, load
from capgraph.ontology import load as load_ontology
from tests.tiny import Cells, at, facts_of

ONTOLOGY = load_ontology()
STAKE = "stake/a--x--common"


def leg(id: str, effect: str, closed: str, deal: str | None = None) -> tuple[Cells, Cells]:
    """A tranche that changes the stake of a in x, and the status that closes it."""
    row = {"id": id, "deal": deal or id, "medium": "cash", "stake": "a--x--common", "effect": effect}
    ends = {"from_party": "a"} if effect in ("opens", "increases") else {"to_party": "a"}
    return {**row, **ends}, {"about": f"tranche/{id}", "status": "closed", "date": closed, "source": f"s-{closed}"}


def reading(id: str, aspect: str, value: str, as_of: str, **cells: str) -> Cells:
    base = {"about": STAKE, "confidence": "reported", "source": f"s-{as_of}"}
    unit, basis = ("percent", "outstanding") if aspect == "percent" else ("USD", "")
    return {**base, "unit": unit, "basis": basis, "id": id, "aspect": aspect, "as_of": as_of, "value": value, **cells}


@pytest.fixture
def world() -> Facts:
    """a bought into x in 2024, bought more, sold a part and in 2025-10 the rest; x is a company, a a fund."""
    legs = [
        leg("buy", "opens", "2024-01-15"),
        leg("more", "increases", "2024-06-15"),
        leg("trim", "reduces", "2025-03-15"),
        leg("exit", "closes", "2025-10-15"),
    ]
    return facts_of(
        parties=[{"id": "a", "kind": "fund", "name": "A"}, {"id": "x", "kind": "company", "name": "X"}],
        stakes=[
            {"id": "a--x--common", "holder": "a", "issuer": "x", "instrument": "common", "valid_to": "2025-10-15"},
            {"id": "b--x--common", "holder": "a", "issuer": "x", "instrument": "preferred", "valid_from": "2020"},
        ],
        deals=[{"id": row["deal"], "kind": "equity_purchase", "subject": "x"} for row, _ in legs],
        tranches=[row for row, _ in legs],
        statuses=[status for _, status in legs],
        readings=[
            reading("p1", "percent", "4", "2024-03-31"),
            reading("p2", "percent", "6", "2024-12-31"),
            reading("p3", "percent", "3", "2025-06-30"),
            reading("p4", "percent", "0", "2025-12-31"),
            reading("c1", "cost", "100", "2024-03-31"),
        ],
        evidence=[{"about": STAKE, "source": "s-2024-01-15", "confidence": "primary"}],
    )


def percents(facts: Facts, clocks: Clocks | None = None) -> float | None:
    figure = Derived(facts, ONTOLOGY, clocks or at()).percent(STAKE)
    return None if figure is None or figure.value is None else float(figure.value)


def stands(facts: Facts, clocks: Clocks | None = None) -> bool:
    row = facts.get(STAKE)
    return row is not None and Derived(facts, ONTOLOGY, clocks or at()).life(row).stands


# Without --------------------------------------------------------------------------------------------------------------


def test_no_assumption_gives_back_the_very_same_facts(world: Facts) -> None:
    assert assume(world, ONTOLOGY, at(), (), ()) is world


def test_a_deal_takes_its_tranches_statuses_and_evidence_with_it(world: Facts) -> None:
    left = leave_out(world, ONTOLOGY, ["deal/trim"])
    assert "tranche/trim" not in left
    assert not left.about("statuses", "tranche/trim")


def test_a_stake_that_only_removed_tranches_opened_goes_with_its_readings(world: Facts) -> None:
    left = leave_out(world, ONTOLOGY, ["deal/buy", "deal/more"])
    assert STAKE not in left
    assert not left.about("readings", STAKE)
    assert "stake/b--x--common" in left
    assert left.get("tranche/exit")["stake"] == ""  # type: ignore[index]


def test_a_stake_that_another_tranche_increases_stays(world: Facts) -> None:
    assert STAKE in leave_out(world, ONTOLOGY, ["deal/buy"])


def test_a_stake_whose_closing_goes_stands_again_with_its_last_figure(world: Facts) -> None:
    left = leave_out(world, ONTOLOGY, ["deal/exit"])
    assert (stands(world), percents(world)) == (False, 0)
    assert (stands(left), percents(left)) == (True, 3)


def test_figures_after_a_removed_reduction_go(world: Facts) -> None:
    left = leave_out(world, ONTOLOGY, ["deal/trim", "deal/exit"])
    assert (stands(left), percents(left)) == (True, 6)
    assert [row["id"] for row in left.about("readings", STAKE)] == ["c1", "p1", "p2"]


def test_a_stake_that_another_tranche_closes_stays_closed(world: Facts) -> None:
    other, status = leg("late", "closes", "2025-11-15")
    both = world.with_rows([*facts_of(tranches=[other], statuses=[status]).rows()])
    assert not stands(leave_out(both, ONTOLOGY, ["deal/exit"]))


def test_a_reading_of_the_end_goes_with_the_tranche_that_closed_the_stake(world: Facts) -> None:
    told = facts_of(readings=[reading("e", "end", "2025-10", "2025-11-11", unit="", basis="")])
    both = world.with_rows([row for row in told.rows() if row.table == "readings"])
    assert stands(leave_out(both, ONTOLOGY, ["tranche/exit"]))


def test_what_rules_derive_follows_from_what_is_left(world: Facts) -> None:
    extra = facts_of(
        parties=[{"id": "c", "kind": "fund", "name": "C"}],
        deals=[{"id": "round", "kind": "equity_round", "subject": "x"}],
        tranches=[{"id": "c-leg", "deal": "round", "from_party": "c", "to_party": "x", "medium": "cash"}],
        statuses=[{"about": "tranche/c-leg", "status": "closed", "date": "2024-05", "source": "s-2024-05"}],
    )
    facts = world.with_rows(extra.rows())
    derived = assume(facts, ONTOLOGY, at(), ["stake/b--x--common"], ())
    assert "stake/derived--c-leg" in derived
    assert "stake/derived--c-leg" not in assume(derived, ONTOLOGY, at(), ["deal/round"], ())
    assert "stake/derived--c-leg" not in assume(derived, ONTOLOGY, at(), ["stake/derived--c-leg"], ())


def test_an_unknown_thing_cannot_be_left_out(world: Facts) -> None:
    with pytest.raises(UsageProblem, match="deal/nothing"):
        leave_out(world, ONTOLOGY, ["deal/nothing"])


# Set ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["2024-12-31", "2026-01-31", "2026-09-11"])
def test_an_assumed_figure_answers_alone_and_says_that_it_is_assumed(world: Facts, asked: str) -> None:
    clocks = at(asked)
    facts = assume(world, ONTOLOGY, clocks, (), [f"{STAKE}.percent=7.5"])
    figure = Derived(facts, ONTOLOGY, clocks).percent(STAKE)
    assert figure is not None
    assert (float(figure.value or 0), figure.ranged, figure.disputed, figure.expired) == (7.5, False, 0, False)
    assert (figure.confidence, figure.reading.source) == ("assumed", "source/assumption")


def test_an_assumption_counts_at_an_early_day_of_knowledge(world: Facts) -> None:
    clocks = at("2024-12-31", "2024-12-31")
    facts = assume(world, ONTOLOGY, clocks, (), [f"{STAKE}.percent=7.5"])
    assert percents(facts, clocks) == 7.5


def test_an_assumed_figure_leaves_older_ones_to_the_past(world: Facts) -> None:
    facts = assume(world, ONTOLOGY, at(), (), [f"{STAKE}.percent=7.5"])
    row = facts.get(STAKE)
    assert row is not None
    assert Derived(facts, ONTOLOGY, at()).start(row) == Derived(world, ONTOLOGY, at()).start(row)


def test_the_unit_is_given_or_that_of_the_other_figures(world: Facts) -> None:
    def unit(text: str) -> str:
        facts = assume(world, ONTOLOGY, at(), (), [text])
        return Derived(facts, ONTOLOGY, at()).figure(STAKE, Setting.parse(text).field).unit  # type: ignore[union-attr]

    assert unit(f"{STAKE}.cost=5") == "USD"
    assert unit(f"{STAKE}.cost=5 JPY") == "JPY"
    assert unit(f"{STAKE}.shares=5") == "shares"


def test_a_cell_is_set_and_set_back(world: Facts) -> None:
    open_again = assume(world, ONTOLOGY, at(), (), [f"{STAKE}.valid_to="])
    back = assume(open_again, ONTOLOGY, at(), (), [f"{STAKE}.valid_to=2025-10-15"])
    assert open_again.get(STAKE)["valid_to"] == ""  # type: ignore[index]
    written = [row for row in back.rows() if not row.derived]
    assert written == list(world.rows())


def test_a_status_is_assumed_from_the_asked_day(world: Facts) -> None:
    clocks = at("2026-01-31")
    facts = assume(world, ONTOLOGY, clocks, (), ["tranche/trim.status=cancelled"])
    status = Derived(facts, ONTOLOGY, clocks).status("tranche/trim")
    assert status is not None
    assert (status.code, str(status.since)) == ("cancelled", "2026-01-31")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("percent=5", "kind/id.field=value"),
        (f"{STAKE}.percent", "kind/id.field=value"),
        ("stake/nothing.percent=5", "there is no 'stake/nothing'"),
        (f"{STAKE}.colour=5", "has no 'colour' to set; there are: .*valid_to.*percent"),
        (f"{STAKE}.percent=many", "no figure"),
        (f"{STAKE}.percent=140", "it lies in 0 to 100"),
        (f"{STAKE}.percent=-1", "it lies in 0 to 100"),
        (f"{STAKE}.cost=5 Taler", "no unit"),
        (f"{STAKE}.valid_to=soon", "valid_to"),
        ("tranche/trim.status=drawn", "no status of a tranche"),
        ("party/x.other=5", "nothing by itself"),
    ],
)
def test_a_wrong_assumption_is_refused_with_what_would_be_right(world: Facts, text: str, says: str) -> None:
    with pytest.raises(UsageProblem, match=says):
        assume(world, ONTOLOGY, at(), (), [text])


# Byte for byte --------------------------------------------------------------------------------------------------------

ASSUMED = {
    "without": {"without": ("deal/softbank-nvidia-exit-2025-10",)},
    "set": {"sets": ("stake/microsoft--openai--common.percent=5",)},
    "cell": {"sets": ("stake/softbank-group--arm--common.valid_to=2020",)},
}


def dossier(graph: CapitalGraph, party: str) -> str:
    return graph.render(graph.show(party), "json")


@pytest.mark.parametrize("kind", ASSUMED)
@pytest.mark.parametrize("party", ["softbank-group", "openai"])
def test_taking_the_assumption_back_restores_every_answer_byte_for_byte(kind: str, party: str) -> None:
    before = dossier(load(), party)
    with_it = dossier(load(**ASSUMED[kind]), party)  # type: ignore[arg-type]
    assert with_it != before
    assert dossier(load(), party) == before


def test_setting_a_cell_to_what_it_was_changes_only_the_line_that_says_so() -> None:
    graph = load()
    row = graph.facts.get("stake/softbank-group--arm--common")
    assert row is not None
    cell = f"{row.ref}.valid_from={row['valid_from']}"
    same = load(sets=[cell])
    assert list(same.facts.rows()) == list(graph.facts.rows())
    assert dossier(same, "arm").replace(f'  "set": [\n    "{cell}"\n  ],\n', "") == dossier(graph, "arm")


def test_an_assumption_is_named_in_the_answer() -> None:
    text = (graph := load(sets=["stake/microsoft--openai--common.percent=5"])).render(graph.show("openai"))
    assert "stake/microsoft--openai--common.percent=5 as assumed" in text


def test_removing_the_exit_of_2025_lets_softbank_hold_nvidia_again() -> None:
    def held(graph: CapitalGraph) -> set[str]:
        return {link.id for link in graph.network.links_from("softbank-group")}

    stake = "stake/softbank-group--nvidia--common"
    assert stake not in held(load())
    assert stake in held(load(without=["deal/softbank-nvidia-exit-2025-10"]))
