"""Circles of bounded length: our own search against ``networkx.simple_cycles``."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.processes import Run, run
from benchmarks.tables import Settings, Table, digits, duration, growth, megabytes, ratio

ABOUT = (
    "Who pays whom: the data, and seeded scale-free networks of 3.8 payments a party. All circles of at most "
    "so many parties are counted; both must find as many. `simple_cycles` without a bound looks for circles of any "
    "length, which is what it does unless told otherwise."
)

LIMIT = 120.0
_DATA = 0


def measure(settings: Settings) -> Iterator[Table]:
    heads = ["parties", "payments", "at most", "circles", "capgraph", "peak memory"]
    table = Table("Circles", [*heads, "simple_cycles, bounded (of capgraph)", "simple_cycles"])
    points: list[tuple[float, float]] = []
    stopped: dict[int | None, int] = {}
    for parties, length in _sizes(settings):
        mine = run("circles:ours", settings.limit(LIMIT) * 5, data=settings.data, parties=parties, length=length)
        seconds, size = mine.seconds("seconds"), int(mine.found.get("parties", parties))
        cells = []
        for bounded in (True, False):
            asked = length if bounded else None
            if stopped.get(asked, size) < size:
                cells.append(f"not tried: stopped at {stopped[asked]:,}")
                continue
            theirs = run("circles:networkx", settings.limit(LIMIT), data=settings.data, parties=parties, length=asked)
            cells.append(_cell(theirs, seconds if bounded else None, settings))
            if theirs.stopped:
                stopped[asked] = size
            table.faults += _faults(theirs, mine, bounded, f"{size:,} parties")
        table.faults += [f"capgraph, {size:,} parties: {mine.failed}"] if mine.failed else []
        told = duration(seconds) if seconds is not None else "failed"
        counts = [f"{mine.found.get(name, 0):,}" for name in ("payments", "circles")]
        name = f"{size:,}" + (" (data)" if parties == _DATA else "")
        table.rows.append([name, counts[0], str(length), counts[1], told, megabytes(mine.megabytes), *cells])
        if parties != _DATA and length == 3 and seconds is not None:
            points.append((parties, seconds))
    table.notes.append(f"Growth: {growth('capgraph, at most 3', points)}; the circles themselves grow with the size.")
    yield table


def _sizes(settings: Settings) -> tuple[tuple[int, int], ...]:
    if settings.quick:
        return (_DATA, 5), (100, 3), (300, 3)
    return (_DATA, 5), (300, 3), (2_000, 3), (2_000, 5), (10_000, 3), (10_000, 4), (100_000, 3)


def _cell(theirs: Run, least: float | None, settings: Settings) -> str:
    seconds = theirs.seconds("seconds")
    if seconds is None:
        limit = settings.limit(LIMIT)
        least_ratio = f" ({ratio(limit, least, '> ')})" if least else ""
        return f"> {digits(limit)} s{least_ratio}" if theirs.stopped else "failed"
    return duration(seconds) + (f" ({ratio(seconds, least)})" if least else "")


def _faults(theirs: Run, mine: Run, bounded: bool, where: str) -> Iterator[str]:
    if theirs.failed:
        yield f"simple_cycles, {where}: {theirs.failed}"
    found, answer = theirs.found.get("circles"), mine.found.get("circles")
    if bounded and found is not None and found != answer:
        yield f"{where}: simple_cycles finds {found} circles, capgraph {answer}"
