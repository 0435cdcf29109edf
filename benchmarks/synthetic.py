"""Seeded synthetic networks: share registers, as arrays and as a data folder in the project's own tables, and payments.

The network is scale-free: who holds a company is drawn among companies with weights ``rank ** -0.75`` (the static model
of Goh, Kahng and Kim 2001, whose degrees follow a power law) or is a person of its own. Most links lead from an older
company to a younger one; one in twenty leads back, so that there are loops. Six companies in ten have a majority owner.

Nothing here is tuned to a case: the same seed gives the same register, any seed gives one of the same shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
Percents = npt.NDArray[np.float64]

STAKES_A_FIRM = 1.85
"""Mean number of stakes in a company (methods of large registers: 10^6 companies, 1.85 million stakes)."""

_SKEW = 0.75
_PERSONS = 0.45
_BACKWARDS = 0.05
_CENTS = 100


@dataclass(frozen=True)
class Ownership:
    """Stakes as arrays: ``holders[k]`` has ``percents[k]`` of ``issuers[k]``. Places below ``firms`` are companies, the
    rest persons; ``size`` counts both."""

    firms: int
    size: int
    holders: Places
    issuers: Places
    percents: Percents


def ownership(firms: int, seed: int = 1) -> Ownership:
    """A scale-free ownership network of so many companies, no company oversubscribed, no group closed.

    Percents have two decimals. The stakes in a company sum to 100 in about half of the cases and to less in the rest;
    one stake in fourteen is of unknown size (NaN).
    """
    random = np.random.default_rng(seed)
    counts = random.geometric(1 / STAKES_A_FIRM, firms)
    issuers = np.repeat(np.arange(firms), counts)
    order = np.argsort(random.random(firms), kind="stable")
    weights = np.cumsum(np.arange(1, firms + 1) ** -_SKEW)
    drawn = order[np.minimum(np.searchsorted(weights, random.random(len(issuers)) * weights[-1]), firms - 1)]
    backwards = random.random(len(issuers)) < _BACKWARDS
    older = np.where((drawn > issuers) != backwards, issuers, drawn)
    younger = np.where((drawn > issuers) != backwards, drawn, issuers)
    persons = random.random(len(issuers)) < _PERSONS
    holders = np.where(persons | (older == younger), firms + np.arange(len(issuers)), older)
    issuers = np.where(persons | (older == younger), issuers, younger)
    holders, issuers = _distinct(holders, issuers, firms)
    used, holders_of_size = np.unique(holders[holders >= firms], return_inverse=True)
    holders[holders >= firms] = firms + holders_of_size
    return Ownership(firms, firms + len(used), holders, issuers, _percents(random, issuers, firms))


def _distinct(holders: Places, issuers: Places, firms: int) -> tuple[Places, Places]:
    """Each pair once, by issuer."""
    _, first = np.unique(issuers * (firms + len(holders)) + holders, return_index=True)
    return holders[first], issuers[first]


def _percents(random: np.random.Generator, issuers: Places, firms: int) -> Percents:
    """Percents by company: one large stake or an even spread, whole or with a rest that nobody accounts for."""
    weights = random.pareto(1.2, len(issuers)) + 0.05
    firsts = np.r_[True, issuers[1:] != issuers[:-1]]
    majority = random.random(firms) < 0.6
    sums = np.bincount(issuers, weights=weights, minlength=firms)
    weights = np.where(
        firsts & majority[issuers], weights + sums[issuers] * random.uniform(1, 20, len(issuers)), weights
    )
    sums = np.bincount(issuers, weights=weights, minlength=firms)
    whole = np.where(random.random(firms) < 0.5, 100.0, random.uniform(40, 100, firms))
    whole = np.where(np.bincount(issuers, minlength=firms) == 1, random.uniform(50, 100, firms), whole)
    percents = np.floor(weights / sums[issuers] * whole[issuers] * _CENTS) / _CENTS
    percents = np.where((random.random(len(issuers)) < 0.07) | (percents < 0.01), np.nan, percents)
    # A company whose owners are known to the last cent could close a group; one cent stays with nobody.
    sums = np.bincount(issuers, weights=np.nan_to_num(percents), minlength=firms)
    return np.where(firsts & (sums[issuers] > 99.99), np.maximum(percents - 0.02, 0.01), percents)


PAYMENTS_A_PARTY = 3.8
"""Mean number of payments that a party makes."""

_PAYMENT_SKEW = 0.5


def payments(parties: int, seed: int = 1) -> dict[str, list[str]]:
    """Who pays whom in a scale-free network: both ends of each payment are drawn with weights ``rank ** -0.5``."""
    random = np.random.default_rng(seed)
    weights = np.cumsum(np.arange(1, parties + 1) ** -_PAYMENT_SKEW)
    order = random.permutation(parties)
    size = (round(PAYMENTS_A_PARTY * parties), 2)
    ends = order[np.minimum(np.searchsorted(weights, random.random(size) * weights[-1]), parties - 1)]
    paid: dict[str, set[str]] = {f"p{party:07d}": set() for party in range(parties)}
    for payer, payee in ends[ends[:, 0] != ends[:, 1]].tolist():
        paid[f"p{payer:07d}"].add(f"p{payee:07d}")
    return {payer: sorted(payees) for payer, payees in paid.items()}


# A data folder --------------------------------------------------------------------------------------------------------

_FIRST_DAY = date(2016, 1, 4)
_LAST_DAY = date(2026, 9, 11)
_BATCH = 400
"""How many stakes one register extract (a source) tells of."""

_VALUED = 5
"""One company in so many has a valuation."""

_WORDS = (
    "Atlas",
    "Birch",
    "Cobalt",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harbour",
    "Iris",
    "Juniper",
    "Kelvin",
    "Lumen",
)
_TRADES = ("Capital", "Energy", "Foods", "Health", "Holding", "Logistics", "Media", "Mining", "Power", "Systems")


def write_folder(path: Path, firms: int, seed: int = 1) -> Ownership:
    """Write a register of so many companies as a data folder: parties, stakes, readings, evidence, sources.

    About 1.3 readings a sized stake: a third of them have an older reading too, one in fifty a second one of the same
    month that says a little else. One stake in twenty has ended. One company in five has a valuation.
    """
    found = ownership(firms, seed)
    random = np.random.default_rng(seed + 1)
    path.joinpath("readings").mkdir(parents=True, exist_ok=True)
    path.joinpath("dataset.json").write_text(
        f'{{"id": "synthetic-{firms}", "title": "Synthetic register of {firms} companies", "version": "{seed}"}}\n',
        encoding="utf-8",
    )
    days = _Days(random, found)
    _write(path / "parties.csv", "id,kind,name,name_zh,country,sector,ticker,aliases,note", _parties(found))
    _write(path / "sources.csv", _SOURCES, _sources(days))
    _write(
        path / "stakes.csv", "id,holder,issuer,instrument,class,contained_in,valid_from,valid_to,note", _stakes(days)
    )
    _write(path / "evidence.csv", "about,source,confidence", _evidence(days))
    _write(path / "readings" / "register.csv", _READINGS, _readings(days, random))
    return found


_SOURCES = "id,title,publisher,url,published,kind,language,origin,superseded_by,archived_url"
_READINGS = "id,about,aspect,as_of,period,value,low,high,unit,usd,basis,source,locator,confidence,note"


class _Days:
    """When each stake was told of, and from when to when it was held."""

    def __init__(self, random: np.random.Generator, found: Ownership) -> None:
        self.found = found
        count = len(found.holders)
        span = (_LAST_DAY - _FIRST_DAY).days
        self.batches = -(-count // _BATCH)
        told = np.sort(random.integers(span * 5 // 8, span, self.batches))
        told[-1] = span
        self.published = [_FIRST_DAY + timedelta(days=int(day)) for day in told]
        self.start = [_FIRST_DAY + timedelta(days=int(day)) for day in random.integers(0, span // 2, count)]
        over = random.random(count) < 0.05
        self.end = [self.published[k // _BATCH] if gone else None for k, gone in enumerate(over)]
        self.ids = [f"{_id(holder, found)}--{_id(issuer, found)}" for holder, issuer in
                    zip(found.holders.tolist(), found.issuers.tolist(), strict=True)]  # fmt: skip


def _id(place: int, found: Ownership) -> str:
    return f"firm-{place:07d}" if place < found.firms else f"person-{place - found.firms:07d}"


def _parties(found: Ownership) -> Iterator[str]:
    linked = np.zeros(found.firms, dtype=bool)
    linked[found.issuers] = True
    linked[found.holders[found.holders < found.firms]] = True
    linked[::_VALUED] = True
    for place in np.flatnonzero(linked).tolist():
        name = f"{_WORDS[place % 12]} {_TRADES[place // 12 % 10]} {place}"
        yield f"{_id(place, found)},company,{name},,,,,,"
    for place in range(found.firms, found.size):
        yield f"{_id(place, found)},person,Person {place - found.firms},,,,,,"


def _sources(days: _Days) -> Iterator[str]:
    for batch, day in enumerate(days.published):
        yield f"extract-{batch:06d},Register extract {batch},Register,https://example.org/{batch},{day},filing,en,,,"


def _stakes(days: _Days) -> Iterator[str]:
    found = days.found
    for k, (holder, issuer) in enumerate(zip(found.holders.tolist(), found.issuers.tolist(), strict=True)):
        end = days.end[k] or ""
        yield f"{days.ids[k]},{_id(holder, found)},{_id(issuer, found)},common,,,{days.start[k]},{end},"


def _evidence(days: _Days) -> Iterator[str]:
    for k, stake in enumerate(days.ids):
        yield f"stake/{stake},extract-{k // _BATCH:06d},primary"


def _readings(days: _Days, random: np.random.Generator) -> Iterator[str]:
    found = days.found
    percents = found.percents.tolist()
    older, rival = random.random(len(percents)) < 0.33, random.random(len(percents)) < 0.02
    for k, percent in enumerate(percents):
        if percent != percent:
            continue
        source, day = f"extract-{k // _BATCH:06d}", days.published[k // _BATCH] - timedelta(days=10)
        yield _reading(f"r-{k:07d}", days.ids[k], day.isoformat(), percent, source, "primary")
        if older[k]:
            yield _reading(f"r-{k:07d}-old", days.ids[k], str(day.year - 1), max(0.01, percent - 1), source, "primary")
        if rival[k]:
            yield _reading(f"r-{k:07d}-too", days.ids[k], day.isoformat()[:7], percent * 0.99, source, "reported")
    for place in range(0, found.firms, _VALUED):
        worth = int(10 ** random.uniform(5, 10))
        yield (
            f"v-{place:07d},party/firm-{place:07d},valuation,{days.published[-1]},,{worth},,,USD,,post_money,"
            f"extract-{days.batches - 1:06d},,estimate,"
        )


def _reading(id: str, stake: str, as_of: str, percent: float, source: str, confidence: str) -> str:
    number = f"{percent:.2f}".rstrip("0").rstrip(".") if percent >= 0.005 else "0.01"
    return f"{id},stake/{stake},percent,{as_of},,{number},,,percent,,outstanding,{source},,{confidence},"


def _write(file: Path, header: str, lines: Iterator[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(header + "\n")
        chunk: list[str] = []
        for line in lines:
            chunk.append(line)
            if len(chunk) == 10_000:
                out.write("\n".join(chunk) + "\n")
                chunk.clear()
        if chunk:
            out.write("\n".join(chunk) + "\n")
