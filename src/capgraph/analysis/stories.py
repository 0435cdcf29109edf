"""A thing told as a sentence with all its parties: who pays, lends, holds, supplies or works for whom.

Where ``sentences.py`` tells one link of a path, a story tells the whole thing: a loan of three banks is one story, and
a sale to buyers whom nobody names is one too, although it is no link.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from capgraph.facts import Row, items
from capgraph.names import Name
from capgraph.network import CapitalNetwork
from capgraph.ontology import LinkKind, Words
from capgraph.results import Note, note


def parties_at(network: CapitalNetwork, row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    """The things at the end of a walk along reference columns, as ``kind/id``; the row's own thing for no columns."""
    if not columns:
        return (row.ref,)
    column = network.facts.schema.tables[row.table].column(columns[0])
    refs = tuple(column.refers_to(item) for item in items(column, row[column.name]))
    if len(columns) == 1:
        return refs
    rows = (network.facts.get(ref) for ref in refs)
    return tuple(end for step in rows if step is not None for end in parties_at(network, step, columns[1:]))


def ends_of(network: CapitalNetwork, row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parties at both ends of a link's row, as ``kind/id``; an end that nobody names is empty."""
    kind = network.ontology.kinds[row.ref.split("/")[0]]
    return parties_at(network, row, kind.from_end), parties_at(network, row, kind.to_end)


def kind_of(network: CapitalNetwork, row: Row) -> LinkKind:
    """The link kind of a row, as its code shapes it."""
    kind = network.ontology.kinds[row.ref.split("/")[0]]
    return network.ontology.link_kind(kind.kind, row[kind.refined_by] if kind.refined_by else "")


def concerns(network: CapitalNetwork, row: Row, members: Collection[str]) -> bool:
    """Whether a link's row has one of these parties (``kind/id``) at one end, and nobody but them at both."""
    one, other = ends_of(network, row)
    both = {*one, *other}
    inner = one and other and both <= set(members)
    return bool(both & set(members)) and not inner


def story(network: CapitalNetwork, row: Row, done: bool = True) -> Note:
    """A link's row as a sentence: "Vision Fund 1 holds common shares of NVIDIA".

    A payment says in which deal, and where it is ``done`` also what it did to a stake; until then it "is to" happen.
    """
    kind = kind_of(network, row) if done else kind_of(network, row).promised()
    sources, targets = ends_of(network, row)
    subject, verb, object = _names(network, sources), kind.verb, _names(network, targets)
    if len(targets) == 1 != len(sources):
        subject, verb, object = object, kind.verb_back, subject
    told = note("story.link", subject=subject, verb=verb, object=object)
    deal = network.facts.get(f"deal/{row.cells.get('deal', '')}")
    if deal is not None:
        about, sort = network.names.name(f"party/{deal['subject']}"), network.ontology.code("deal-kind", deal["kind"])
        told = note("story.deal", told=told, kind=sort, about=about)
    effect, stake = row.cells.get("effect", ""), network.facts.get(f"stake/{row.cells.get('stake', '')}")
    if not done or not effect or stake is None:
        return told
    holder, issuer = (network.names.name(f"party/{stake[end]}") for end in ("holder", "issuer"))
    return note("story.leg", told=told, effect=network.ontology.code("effect", effect), holder=holder, issuer=issuer)


def _names(network: CapitalNetwork, refs: Sequence[str]) -> tuple[Name, ...] | Words:
    """Parties by name; words for nobody named."""
    return tuple(network.names.name(ref) for ref in refs) or words(network, "story.unnamed")


def words(network: CapitalNetwork, key: str) -> Words:
    """The words of the ontology under a key, in both languages. KeyError where there are none."""
    found = network.ontology.words(key)
    if found is None:
        raise KeyError(key)
    return found


def told_by(network: CapitalNetwork, sources: Sequence[str]) -> str:
    """Who tells it: the publisher of the first source that has one, and how many tell it beside."""
    rows = [row for row in (network.facts.get(source) for source in sources) if row is not None]
    publishers = list(dict.fromkeys(row["publisher"] for row in rows if row["publisher"]))
    if not publishers:
        return ""
    return publishers[0] if len(rows) == 1 else f"{publishers[0]} (+{len(rows) - 1})"
