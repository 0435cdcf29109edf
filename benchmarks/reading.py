"""How well texts are read, field by field, against what a person marked; and how fast, up to 50 MB."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.processes import run
from benchmarks.tables import Settings, Table, digits, duration, megabytes

ABOUT = (
    "Made-up sentences in English and Chinese, labelled by hand (`tests/fixtures/reading`). One half of each set was "
    "used to tune the reader, the other was held back. A part counts as found where it starts at the same character "
    "and means the same; a statement where both ends, the kind and the aspect are right. Always on the bundled data, "
    "whose parties the sentences name."
)
SETS = {"plain": "Short sentences", "news": "Longer sentences, as newspapers write them"}
LIMIT = 600.0


def measure(settings: Settings) -> Iterator[Table]:
    for name, title in SETS.items():
        yield _scores(name, title)
    yield _speed(settings)


def _scores(name: str, title: str) -> Table:
    halves = ("tuning", "held-back")
    runs = [run("reading:scored", LIMIT, name=name, split=split) for split in halves]
    columns = [f"{split}: {measure}" for split in halves for measure in ("precision", "recall", "F1", "marks")]
    table = Table(title, ["field", *columns])
    table.faults += [f"{split}: {each.failed}" for split, each in zip(halves, runs, strict=True) if each.failed]
    for field in runs[0].found:
        if field != "sentences":
            cells = (_cells(each.found.get(field)) for each in runs)
            table.rows.append([field, *(cell for half in cells for cell in half)])
    counts = " and ".join(str(each.found.get("sentences", 0)) for each in runs)
    table.notes.append(f"Sentences: {counts}.")
    return table


def _cells(score: list[float] | None) -> list[str]:
    if score is None:
        return ["failed"] * 4
    return [*(f"{number:.2f}" for number in score[:3]), f"{score[3]:.0f}"]


def _speed(settings: Settings) -> Table:
    large = 1_000_000 if settings.quick else 50_000_000
    texts = [("every sentence a statement", "dense", large // 100, 10**6)]
    texts += [("one line without a full stop", "line", large // 100, 10**6)]
    texts += [("every sentence a statement, at most 2000 candidates", "dense", large, 2000)]
    texts += [("nobody is named but at the end", "idle", large, 2000)]
    heads = ["text", "size", "sentences read", "candidates", "time", "characters a second", "peak memory"]
    table = Table("Speed and memory", heads)
    for name, kind, size, most in texts:
        done = run("reading:speed", LIMIT, kind=kind, size=size, most=most)
        seconds = done.seconds("seconds")
        if seconds is None:
            table.faults.append(f"{name}: {done.failed or f'not done in {LIMIT:.0f} s'}")
            continue
        whole = most > 2000 or kind == "idle"
        rate = digits(done.found["characters"] / seconds) if whole else "-"
        counts = [f"{done.found[each]:,}" for each in ("sentences", "candidates")]
        table.rows.append([name, f"{size / 1e6:g} MB", *counts, duration(seconds), rate, megabytes(done.megabytes)])
    table.notes.append("Reading stops where the answer is full, so the third row tells of the decoding above all.")
    return table
