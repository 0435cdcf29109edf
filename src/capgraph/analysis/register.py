"""The share register of one company: which stakes count, with how much, what stands beside, what nobody accounts for.

Direct owners, look-through, control and voting power all start from here, so they agree on what a percent is: of two
stakes that contain each other only what is left counts, a percent that is too old does not count, and the counted
stakes and the rest add up to exactly 100.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from capgraph.network import CapitalNetwork, Link, container_of
from capgraph.ontology import Code
from capgraph.readings import Figure

WHOLE = Decimal(100)
NOTHING = Decimal(0)
_MOST_ROUNDING = Decimal(1)
AGGREGATE = "aggregate"
"""The kind of party that stands for several named only together: anyone may be among them."""

Fold = Callable[[Link, Link], bool]
"""Whether a part goes back into the stake that contains it (container, part)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A percent with its range, 0..100: what the preferred readings say, the least and the most.

    >>> Share.of(5) + Share(Decimal(1), Decimal(2), Decimal(3))
    Share(low=Decimal('6'), value=Decimal('7'), high=Decimal('8'))
    """

    low: Decimal
    value: Decimal
    high: Decimal

    @classmethod
    def of(cls, percent: Decimal | int) -> Share:
        """A percent that nobody disputes."""
        return cls(Decimal(percent), Decimal(percent), Decimal(percent))

    def __add__(self, other: Share) -> Share:
        return Share(self.low + other.low, self.value + other.value, self.high + other.high)

    def less(self, other: Share) -> Share:
        """What is left after taking another share out, never less than nothing.

        >>> Share.of(47).less(Share(Decimal(10), Decimal(11), Decimal(13)))
        Share(low=Decimal('34'), value=Decimal('36'), high=Decimal('37'))
        """
        return Share(
            max(NOTHING, self.low - other.high),
            max(NOTHING, self.value - other.value),
            max(NOTHING, self.high - other.low),
        )

    def at_least(self, other: Share) -> Share:
        """The larger of two shares, end by end."""
        return Share(max(self.low, other.low), max(self.value, other.value), max(self.high, other.high))

    def capped(self, most: Decimal) -> Share:
        """The share with no end above a bound, nor below nothing."""
        return Share(*(min(end, max(NOTHING, most)) for end in (self.low, self.value, self.high)))


NONE = Share.of(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One stake in the register.

    ``own`` is its percent as the readings have it, None where there is none or only one that is too old. ``net`` is
    what it adds to the register once its ``parts`` are taken out; without a percent its value is 0 and its upper end
    the most it can be. ``within`` is the id of the stake that contains it.
    """

    link: Link
    own: Share | None
    parts: Share
    net: Share
    within: str

    @property
    def holder(self) -> str:
        return self.link.source

    @property
    def figure(self) -> Figure | None:
        return self.link.percent


@dataclass(frozen=True, slots=True)
class Register:
    """All stakes in one company at the network's clocks, in percent of the company.

    ``entries`` have a percent that counts, ``unsized`` have none (or one that is too old), ``beside`` are instruments
    that do not count as ownership. ``counted.value + rest.value`` is exactly 100 unless the register is
    ``oversubscribed``: its percents add up to more than rounding explains. ``rounding`` is what was taken off the
    largest entry because printed percents add up to a little over 100. ``wrong`` are ids of stakes whose percent lies
    outside 0..100; they make the register as useless as an oversubscribed one.
    """

    issuer: str
    entries: tuple[Entry, ...]
    unsized: tuple[Entry, ...]
    beside: tuple[Link, ...]
    counted: Share
    rest: Share
    rounding: Decimal
    oversubscribed: bool
    wrong: tuple[str, ...]

    @property
    def computable(self) -> bool:
        """Whether sums over this register mean anything."""
        return not self.oversubscribed and not self.wrong

    @property
    def empty(self) -> bool:
        """Whether no stake that counts is known at all: the company stands as an owner of its own."""
        return not self.entries and not self.unsized

    def entry(self, stake: str) -> Entry | None:
        """The entry of a stake by its id; none bears the empty one."""
        if not stake:
            return None
        return next((entry for entry in (*self.entries, *self.unsized) if entry.link.id == stake), None)


def instrument(network: CapitalNetwork, link: Link) -> Code | None:
    """The instrument through which a link is ownership, None for links that are none."""
    column = link.kind.refined_by
    if not column:
        return None
    scheme = network.facts.schema.tables[link.row.table].column(column).scheme
    code = network.ontology.find_code(scheme, link.row[column])
    return code if code is not None and code["counts"] else None


def counts(network: CapitalNetwork, link: Link) -> bool:
    """Whether a link counts as ownership (shares do; warrants, convertibles, profit shares, fund interests do not)."""
    code = instrument(network, link)
    return code is not None and code["counts"] == "true"


def register(network: CapitalNetwork, issuer: str, *, diluted: bool = False, fold: Fold | None = None) -> Register:
    """The share register of a company.

    Parameters
    ----------
    network : the links at a pair of clocks.
    issuer : node id of the company.
    diluted : let the instruments that stand beside enter with their own percents.
    fold : put a part back into the stake that contains it. By default a container enters with its percent minus its
        parts and the parts enter themselves; a part without a percent then is anything from nothing to what is left of
        its container, which keeps the number.

    Returns
    -------
    Register, entries largest first. It is marked, not refused, where the percents cannot all be right.
    """
    links = [link for link in network.links_to(issuer) if instrument(network, link) is not None]
    entering = {link.id: link for link in links if diluted or counts(network, link)}
    beside = tuple(link for link in links if link.id not in entering)
    within = _within(network, entering, fold)
    own = {id: share_of(entering[id].percent) for id in within}
    wrong = tuple(sorted(id for id, share in own.items() if share and not NOTHING <= share.low <= share.high <= WHOLE))
    tree = _Tree(own, within)
    counted = sum((tree.total(id) for id, container in within.items() if not container), NONE)
    excess = max(NOTHING, counted.value - WHOLE)
    oversubscribed = excess > _tolerance(entering[id].percent for id, share in own.items() if share)
    aggregates = [id for id in within if network.node(entering[id].source).code == AGGREGATE]
    entries, unsized = _entries(entering, tree, counted, aggregates)
    if excess and not oversubscribed:
        entries = _rounded(entries, excess)
    return Register(
        issuer=issuer,
        entries=entries,
        unsized=unsized,
        beside=beside,
        counted=counted if oversubscribed else counted.capped(WHOLE),
        rest=Share.of(WHOLE).less(counted),
        rounding=NOTHING if oversubscribed else excess,
        oversubscribed=oversubscribed,
        wrong=wrong,
    )


def share_of(figure: Figure | None) -> Share | None:
    """The range of a percent, None where there is none or only one that is too old to count.

    A figure that is only a lower bound counts with that bound ("more than 6" counts 6), one that is only an upper bound
    counts with nothing.
    """
    if figure is None or figure.expired or (figure.value is None and figure.low is None and figure.high is None):
        return None
    low = figure.low if figure.low is not None else figure.value if figure.value is not None else NOTHING
    high = figure.high if figure.high is not None else figure.value if figure.value is not None else WHOLE
    return Share(low, low if figure.value is None else figure.value, high)


# Containers -----------------------------------------------------------------------------------------------------------


def _within(network: CapitalNetwork, entering: Mapping[str, Link], fold: Fold | None) -> dict[str, str]:
    """For each stake that stays, the nearest stake that contains it (empty: none). Folded parts are gone.

    A container that is not in the register (over, or merged into its house) passes its parts on to its own container.
    """
    above = {
        id: tuple(known for known in _containers(network, link) if known in entering) for id, link in entering.items()
    }
    folded = {id for id, chain in above.items() if fold and any(fold(entering[each], entering[id]) for each in chain)}
    return {id: next((each for each in above[id] if each not in folded), "") for id in entering if id not in folded}


def _containers(network: CapitalNetwork, link: Link) -> Iterator[str]:
    """The stakes that contain a stake, the nearest first."""
    seen = {link.id}
    container = link.container
    while container and container not in seen:
        yield container
        seen.add(container)
        row = network.facts.get(container)
        container = container_of(row) if row else ""


class _Tree:
    """The stakes of a register by what contains what."""

    def __init__(self, own: Mapping[str, Share | None], within: Mapping[str, str]) -> None:
        self.own = own
        self.within = within
        self.parts: dict[str, list[str]] = {}
        for id, container in within.items():
            self.parts.setdefault(container, []).append(id)

    def total(self, id: str) -> Share:
        """What a stake and its parts bring together: its own percent, or that of its parts where they exceed it."""
        own = self.own[id]
        return self.parts_of(id) if own is None else own.at_least(self.parts_of(id))

    def parts_of(self, id: str) -> Share:
        """What the parts of a stake bring together."""
        return sum((self.total(part) for part in self.parts.get(id, ())), NONE)


def _entries(
    entering: Mapping[str, Link], tree: _Tree, counted: Share, aggregates: Sequence[str]
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """The entries with a percent and those without, both with what they add and the most they can be."""
    nets = {id: own.less(tree.parts_of(id)) for id, own in tree.own.items() if own is not None}
    room = WHOLE - counted.low
    nets = {id: replace(net, high=min(net.high, max(net.value, room + net.low))) for id, net in nets.items()}
    unnamed = sum((nets[id].high for id in aggregates if id in nets), NOTHING)
    remaining = min(WHOLE, max(NOTHING, room) + unnamed)

    def bound(id: str) -> Decimal:
        container = tree.within[id]
        return remaining if not container else nets[container].high if container in nets else bound(container)

    sized = [Entry(entering[id], tree.own[id], tree.parts_of(id), net, tree.within[id]) for id, net in nets.items()]
    others = [
        Entry(entering[id], None, tree.parts_of(id), Share(NOTHING, NOTHING, bound(id)), container)
        for id, container in tree.within.items()
        if tree.own[id] is None
    ]
    sized.sort(key=lambda entry: (-entry.net.value, -(entry.own or NONE).value, -entry.net.high, entry.link.id))
    others.sort(key=lambda entry: (entry.within, entry.link.id))
    return tuple(sized), tuple(others)


# Rounding -------------------------------------------------------------------------------------------------------------


def _tolerance(figures: Iterator[Figure | None]) -> Decimal:
    """By how much printed percents may exceed 100 together: half of the last digit of each, at most one point."""
    values = (figure.value for figure in figures if figure is not None and figure.value is not None)
    return min(_MOST_ROUNDING, sum((Decimal(5).scaleb(_exponent(value) - 1) for value in values), NOTHING))


def _exponent(value: Decimal) -> int:
    """The place of the last digit that a percent shows.

    >>> _exponent(Decimal("26.79")), _exponent(Decimal("100")), _exponent(Decimal("1E+1"))
    (-2, 0, 0)
    """
    exponent = value.as_tuple().exponent
    return min(0, exponent) if isinstance(exponent, int) else 0


def _rounded(entries: tuple[Entry, ...], excess: Decimal) -> tuple[Entry, ...]:
    """The entries with the excess taken off the largest."""
    largest, *others = entries
    net = largest.net
    cut = replace(largest, net=Share(max(NOTHING, net.low - excess), net.value - excess, net.high))
    return (cut, *others)
