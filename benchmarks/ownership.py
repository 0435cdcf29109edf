"""Look-through ownership and control: sparse factors against a dense solver and against one Python object a stake."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.machine import available_gigabytes
from benchmarks.processes import Run, run
from benchmarks.tables import Settings, Table, duration, exponent, growth, megabytes, ratio

ABOUT = (
    "Seeded scale-free share registers, one stake in twenty of which leads back, so that there are loops. "
    "*Values*: what every holder's stakes are worth through all chains. *Holdings of one*: the look-through share of "
    "the broadest holder in every company. *Control*: all pairs of controller and controlled. NumPy solves the whole "
    "matrix, NetworkX walks its edges until nothing changes; all answers must be equal to six digits. Peak memory is "
    "that of the whole process, the making of the network included."
)

TASKS = {"values": "values", "holdings": "holdings of one", "control": "control"}
WAYS = {"ours": "capgraph", "dense": "NumPy, dense", "objects": "NetworkX"}
LARGEST = {"ours": 1_000_000, "dense": 10_000, "objects": 100_000}
LIMIT = 180.0
_COPIES = 4
"""A dense solve holds the matrix, the identity, their difference and its factors."""
_PLACES_A_FIRM = 1.8
_SAME = 1e-6


def measure(settings: Settings) -> Iterator[Table]:
    sizes = (500, 5_000) if settings.quick else (1_000, 10_000, 100_000, 1_000_000)
    heads = [f"{name} (of capgraph)" for name in TASKS.values()]
    table = Table("Look-through ownership and control", ["companies", "with", *heads, "peak memory"])
    points: dict[tuple[str, str], list[tuple[float, float]]] = {}
    memory: dict[str, list[tuple[float, float]]] = {}
    for firms in sizes:
        mine = run("ownership:ours", settings.limit(LIMIT) * 5, firms=firms)
        for way, name in WAYS.items():
            why = _not_tried(way, firms, settings, points)
            found = mine if way == "ours" else None if why else run(
                f"ownership:{way}", settings.limit(LIMIT), firms=firms
            )  # fmt: skip
            if found is None:
                table.rows.append([f"{firms:,}", name, why, *["-"] * len(TASKS)])
                continue
            table.rows.append([f"{firms:,}", name, *_cells(found, mine, way, settings), megabytes(found.megabytes)])
            table.faults += _faults(found, mine, f"{name}, {firms:,} companies")
            for task in TASKS:
                if (seconds := found.seconds(task)) is not None:
                    points.setdefault((way, task), []).append((firms, seconds))
            memory.setdefault(way, []).append((firms, found.megabytes or 0))
    table.notes += _growth(points, memory)
    table.notes += _wins(points)
    yield table


def _not_tried(
    way: str, firms: int, settings: Settings, points: dict[tuple[str, str], list[tuple[float, float]]]
) -> str:
    """Why a peer is not run at a size, empty where it is."""
    needs = _COPIES * 8 * (_PLACES_A_FIRM * firms) ** 2 / 1e9
    most = 1_000 if settings.quick else LARGEST["dense"]
    if way == "dense" and (firms > most or needs > available_gigabytes() / 2):
        return f"not tried: needs {needs:,.0f} GB"
    if firms <= LARGEST[way]:
        return ""
    told = points.get((way, "values"), [])
    slope = exponent(told)
    if slope is None:
        return "not tried"
    seconds = told[-1][1] * (firms / told[-1][0]) ** slope
    return f"not tried: about {seconds:,.0f} s a round of values at its growth"


def _cells(found: Run, mine: Run, way: str, settings: Settings) -> Iterator[str]:
    for task in TASKS:
        seconds, least = found.seconds(task), mine.seconds(task)
        if seconds is None:
            yield _unreached(found, task, settings)
        elif way == "ours" or least is None:
            yield duration(seconds)
        else:
            yield f"{duration(seconds)} ({ratio(seconds, least)})"


def _unreached(found: Run, task: str, settings: Settings) -> str:
    """Of what the limit left undone only the first was begun."""
    if not found.stopped:
        return "failed"
    begun = next(each for each in TASKS if each not in found.found)
    return f"stopped ({settings.limit(LIMIT):.0f} s in all)" if task == begun else "not begun"


def _faults(found: Run, mine: Run, name: str) -> Iterator[str]:
    if found.failed:
        yield f"{name}: {found.failed}"
    for task in TASKS:
        theirs, answer = found.found.get(f"{task} answer"), mine.found.get(f"{task} answer")
        if theirs is not None and answer is not None and abs(theirs - answer) > _SAME * abs(answer):
            yield f"{name}: {TASKS[task]} gives {theirs}, capgraph {answer}"


def _growth(
    points: dict[tuple[str, str], list[tuple[float, float]]], memory: dict[str, list[tuple[float, float]]]
) -> Iterator[str]:
    told = [growth(f"{WAYS[way]}, {TASKS[task]}", sizes) for (way, task), sizes in points.items()]
    yield f"Growth (slope of log time over log size; 1 is linear): {'; '.join(told)}."
    most = [growth(WAYS[way], sizes) for way, sizes in memory.items()]
    yield f"Growth of peak memory (some 70 MB of it are the interpreter and its libraries): {'; '.join(most)}."


def _wins(points: dict[tuple[str, str], list[tuple[float, float]]]) -> Iterator[str]:
    faster = [
        f"{WAYS[way]}, {TASKS[task]}, {size:,.0f} companies ({ratio(dict(points['ours', task])[size], seconds)} faster)"
        for (way, task), sizes in points.items()
        if way != "ours"
        for size, seconds in sizes
        if seconds < dict(points.get(("ours", task), [])).get(size, 0.0)
    ]
    if faster:
        yield f"Where a peer is faster: {'; '.join(faster)}."
