"""What rests on a figure or a link: how a thing is called, who looks through to it, and what moves if it were other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from capgraph.analysis.channels import Exposure, exposures
from capgraph.analysis.register import counts
from capgraph.facts import Row, references
from capgraph.money import USD
from capgraph.names import node_id
from capgraph.network import PROMISE, CapitalNetwork
from capgraph.ontology import Words
from capgraph.readings import Figure

_NOTHING = Decimal(0)
_LANGS = ("en", "zh")


def called(network: CapitalNetwork, ref: str) -> Words:
    """What a thing is called by people: a party or product by its name, a link as a sentence ("SoftBank lends to Arm"),
    anything else by its title; in Chinese, and without a title, by its kind and the parties that it names."""
    row, kind = network.facts.get(ref), network.ontology.kinds.get(ref.split("/")[0])
    name = network.names.name(ref)
    if row is None or name.id != ref or ref.startswith("product/"):
        return Words(name.en, name["zh"])
    ends = list(network.ends(kind, row)) if kind is not None else []
    if kind is None or not ends:
        return _by_parties(network, row, name.en)
    shaped = network.ontology.link_kind(kind.kind, row[kind.refined_by] if kind.refined_by else "")
    status = network.derived.status(ref)
    if status is None or status.rung != PROMISE:
        shaped = shaped.promised()
    sides = [[network.node(node).name for node in dict.fromkeys(pair[side] for pair in ends)] for side in (0, 1)]
    return Words(
        " ".join((", ".join(name.en for name in sides[0]), shaped.verb.en, ", ".join(name.en for name in sides[1]))),
        "".join(
            ("、".join(name["zh"] for name in sides[0]), shaped.verb.zh, "、".join(name["zh"] for name in sides[1]))
        ),
    )


def _by_parties(network: CapitalNetwork, row: Row, title: str) -> Words:
    label = network.ontology.class_label(network.facts.schema.tables[row.table].class_iri)
    deal = network.facts.get(f"deal/{row['deal']}") if row.cells.get("deal") else None
    names = [network.node(node).name for node in sorted(parties_of(network, row.ref))]
    if not names:
        return Words(title, title)
    spec = network.facts.schema.tables[row.table]
    if "kind" in row.cells and row["kind"]:
        label = network.ontology.code(spec.column("kind").scheme, row["kind"]).label
    say = network.ontology.say
    told = [say("called.of", lang, what=label[lang], whose=", ".join(name[lang] for name in names)) for lang in _LANGS]
    title = deal["title"] if deal is not None and title == row.ref else title
    return Words(told[0] if title == row.ref else title, told[1].replace(", ", "、"))


def parties_of(network: CapitalNetwork, ref: str) -> frozenset[str]:
    """The nodes that a thing is about: itself, or whatever parties and products its row names, or its stake's do."""
    row = network.facts.get(ref)
    if row is None:
        return frozenset()
    found = {ref, *references(network.facts.schema.tables[row.table], row)}
    kind = network.ontology.kinds.get(ref.split("/")[0])
    ends = {end for pair in network.ends(kind, row) for end in pair} if kind is not None else set[str]()
    return frozenset(node_id(each) for each in found if each.startswith(("party/", "product/"))) | ends


def within(network: CapitalNetwork, party: str) -> frozenset[str]:
    """The nodes that a question about a party covers: itself, or its house where houses are asked."""
    return network.house(party) if network.scope.group else frozenset({party})


class Holders:
    """Who holds whom through shares that count, all the way up."""

    def __init__(self, network: CapitalNetwork) -> None:
        self._network = network

    @cached_property
    def _above(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for link in self._network.links:
            if counts(self._network, link):
                found.setdefault(link.target, set()).add(link.source)
        return found

    def above(self, parties: Iterable[str]) -> frozenset[str]:
        """These parties, and all that hold them directly or through others."""
        seen, frontier = set(parties), list(parties)
        while frontier:
            for holder in self._above.get(frontier.pop(), ()):
                if holder not in seen:
                    seen.add(holder)
                    frontier.append(holder)
        return frozenset(seen)


# What moves -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """What another figure would change: how many amounts and percents (``answers``), by how many dollars in all, and
    whose. ``usd`` is None where no amount in dollars changes."""

    answers: int
    usd: Decimal | None
    parties: frozenset[str]


def moved(network: CapitalNetwork, figure: Figure) -> Move:
    """What would change in the answers if this figure stood in the place of the one that answers.

    The answers that are compared are the exposures of all parties (:func:`.channels.exposures`: positions, loans,
    contracts, guarantees, promises, each link in each channel) and, for a flow that is closed, the payment itself.
    The dollars are the sum of the absolute changes, so that a gain of one never hides the loss of another, each link
    once, with its largest (a contract is a sale of one and a purchase of the other, a loan stands with each lender).
    """
    about = parties_of(network, figure.about)
    touched = [link for link in network.links if link.id == figure.about or {link.source, link.target} & about]
    other = _supposing(network, figure)
    links = [link for link in other.links if link.id == figure.about or {link.source, link.target} & about]
    before = {(each.channel.code, *each.id): each for each in exposures(network, touched)}
    after = {(each.channel.code, *each.id): each for each in exposures(other, links)}
    changes = [(before[key], after[key]) for key in before.keys() & after.keys() if _differ(before[key], after[key])]
    parties = {one.exposed for one, _ in changes}
    by_link: dict[str, Decimal] = {}
    for one, two in changes:
        by_link[one.link.id] = max(by_link.get(one.link.id, _NOTHING), _apart(_dollars(one), _dollars(two)) or _NOTHING)
    payment = _payment(network, other, figure.about)
    if payment is not None:
        by_link[figure.about] = payment[0] or _NOTHING
        parties |= payment[1]
    usd = sum(by_link.values(), _NOTHING)
    return Move(len(changes) + (payment is not None), usd or None, frozenset(parties))


def _supposing(network: CapitalNetwork, figure: Figure) -> CapitalNetwork:
    derived = network.derived.supposing(figure)
    links = [
        replace(link, percent=derived.percent(link.id), amount=derived.amount(link.id))
        if link.id == figure.about
        else link
        for link in network.links
    ]
    return CapitalNetwork(network.facts, network.ontology, derived, network.scope, links)


def _differ(one: Exposure, two: Exposure) -> bool:
    return (_size(one), one.percent and one.percent.value) != (_size(two), two.percent and two.percent.value)


def _size(each: Exposure) -> tuple[Decimal | None, str]:
    """The amount of an exposure and its currency; where only a bound is known, the bound."""
    money = each.money
    if money is None:
        return None, ""
    known = (end for end in (money.value, money.low, money.high) if end is not None)
    return next(known, None), money.unit


def _dollars(each: Exposure) -> Decimal | None:
    amount, unit = _size(each)
    return amount if unit == USD else None


def _apart(one: Decimal | None, two: Decimal | None) -> Decimal | None:
    return None if one is None or two is None else abs(one - two)


def _payment(network: CapitalNetwork, other: CapitalNetwork, ref: str) -> tuple[Decimal | None, frozenset[str]] | None:
    """How the amount of a payment changes and whose it is, None for what is no closed flow or does not change."""
    row, kind = network.facts.get(ref), network.ontology.kinds.get(ref.split("/")[0])
    status = network.derived.status(ref)
    if row is None or kind is None or not kind.flow or status is None or status.ladder < network.ladder:
        return None
    if any(link.id == ref for link in network.links):
        return None
    one, two = (each.derived.part(ref).firm for each in (network, other))
    if one == two:
        return None
    known = one is not None and two is not None and one.currency == two.currency == USD
    ends = parties_of(network, ref)
    return (abs(one.amount - two.amount) if known and one and two else None), ends


def usd_of(network: CapitalNetwork, figure: Figure, amount: Decimal) -> Decimal | None:
    """An amount of a figure in dollars, None where it is no money or no rate serves it."""
    if network.ontology.code("aspect", figure.aspect)["unitKind"] != "money":
        return None
    money = network.derived.money(figure, amount)
    return money.amount if money.currency == USD else None


def sources_of(network: CapitalNetwork, ref: str) -> Iterator[Row]:
    """The rows that say in public that a thing exists: its evidence, what is read off it, its statuses."""
    for table in ("evidence", "readings", "statuses"):
        for row in network.facts.about(table, ref):
            if row["source"] and network.scope.clocks.public(network.derived.sources.public(f"source/{row['source']}")):
                yield row
