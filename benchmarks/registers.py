"""A register from its tables to its answers: how long the build takes, how long four questions take from its cache, and
how much memory each of them needs. The registers are those of :mod:`benchmarks.synthetic`."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tables import Settings, Table, duration, growth, megabytes

ABOUT = (
    "Seeded registers of stakes, built from their tables and then asked from their cache. Every figure is that of a "
    "whole process from its start to its end. A typical company has two holders and two holdings."
)

COMMANDS = ("owners", "holdings", "exposure", "control")

SIZES = (10_000, 100_000, 1_000_000)
"""Stakes."""

MOST_BUILD_SECONDS, MOST_MEGABYTES, MOST_SECONDS = 180.0, 6_000.0, 3.0
"""What a register of a million stakes must keep to: its build in time and memory, and each answer from its cache."""

_FIRMS_A_STAKE = 0.541
_WATCHED = (
    "import os, subprocess, sys, time; began = time.perf_counter(); "
    "process = subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE); "
    "said = process.stderr.read(); _, status, usage = os.wait4(process.pid, 0); "
    "sys.stderr.buffer.write(said); "
    "print(time.perf_counter() - began, usage.ru_maxrss / 1024); sys.exit(os.waitstatus_to_exitcode(status))"
)
"""A small process that starts the measured one, so that the memory of whoever measures is not taken for its own."""

_WRITTEN = (
    "import json, sys, pathlib, numpy as np; from benchmarks import synthetic; "
    "found = synthetic.write_folder(pathlib.Path(sys.argv[1]), int(sys.argv[2])); "
    "held, holds = (np.bincount(ends, minlength=found.size) for ends in (found.issuers, found.holders)); "
    "typical = np.flatnonzero((held == 2) & (holds == 2)); "
    "print(json.dumps([len(found.holders), int(typical[len(typical) // 2]), int(holds.argmax()), int(holds.max())]))"
)
"""Writes a register and tells its stakes, a typical company, the party with most holdings, and how many these are."""


@dataclass(frozen=True)
class Timed:
    """The median wall time of some runs of a command in seconds, and the most memory that any took, in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Register:
    """What was measured on one register. ``answers`` by command and by whom it was asked: ``typical``, ``largest``."""

    stakes: int
    holdings_of_largest: int
    build: Timed
    answers: dict[tuple[str, str], Timed]

    def kept(self) -> bool:
        """Whether build and answers keep to what a register of a million stakes must keep to."""
        return (
            self.build.seconds < MOST_BUILD_SECONDS
            and self.build.megabytes < MOST_MEGABYTES
            and all(answer.seconds < MOST_SECONDS for answer in self.answers.values())
        )


def measured(stakes: int, runs: int = 3) -> Register:
    """Write a register of about so many stakes, build it once and ask it ``runs`` times each.

    Raises RuntimeError with what a command said that fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        data, cache = Path(folder) / "register", Path(folder) / "cache"
        firms = str(max(10, round(stakes * _FIRMS_A_STAKE)))
        told = subprocess.run(
            [sys.executable, "-c", _WRITTEN, str(data), firms], capture_output=True, text=True, check=True
        )
        count, typical, largest, holdings = json.loads(told.stdout)
        build = timed(["build", "--data", str(data), "-o", str(Path(folder) / "output")], 1, cache)
        asked = {"typical": f"firm-{typical:07d}", "largest": f"firm-{largest:07d}"}
        answers = {
            (command, who): timed([command, party, "--data", str(data)], runs, cache)
            for command in COMMANDS
            for who, party in asked.items()
        }
    return Register(count, holdings, build, answers)


def timed(words: Sequence[str], runs: int, cache: Path) -> Timed:
    """Run a command of capgraph several times with a cache of its own."""
    times, memory = [], 0.0
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", _WATCHED, "-m", "capgraph", *words],
            capture_output=True,
            text=True,
            env={**os.environ, "CAPGRAPH_CACHE": str(cache)},
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"capgraph {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
        seconds, megabytes = map(float, done.stdout.split())
        times.append(seconds)
        memory = max(memory, megabytes)
    return Timed(statistics.median(times), memory)


def measure(settings: Settings) -> Iterator[Table]:
    registers = [measured(stakes, 1 if settings.quick else 3) for stakes in (SIZES[:1] if settings.quick else SIZES)]
    table = Table("Build and answers", ["stakes", "asked of", "build", "peak memory", *COMMANDS, "peak memory of one"])
    for register in registers:
        table.rows += _rows(register)
    table.notes += [growth(name, points) for name, points in _points(registers)]
    table.notes.append(_verdict(registers[-1]))
    yield table


def _rows(register: Register) -> Iterator[list[str]]:
    build = (f"{register.stakes:,}", duration(register.build.seconds), megabytes(register.build.megabytes))
    names = {"typical": "a typical company", "largest": f"the largest holder ({register.holdings_of_largest:,} stakes)"}
    for who, name in names.items():
        answers = [register.answers[command, who] for command in COMMANDS]
        size, seconds, memory = build if who == "typical" else ("", "", "")
        yield [
            size,
            name,
            seconds,
            memory,
            *(duration(answer.seconds) for answer in answers),
            megabytes(max(answer.megabytes for answer in answers)),
        ]


def _points(registers: Sequence[Register]) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """What may grow with the stakes, as pairs of size and figure."""
    yield "Growth of the time of a build (1 is linear)", [(each.stakes, each.build.seconds) for each in registers]
    yield "Growth of the memory of a build", [(each.stakes, each.build.megabytes) for each in registers]
    slowest = [(each.stakes, max(answer.seconds for answer in each.answers.values())) for each in registers]
    yield "Growth of the slowest answer", [(float(size), seconds) for size, seconds in slowest]


def _verdict(register: Register) -> str:
    kept = "kept" if register.kept() else "not kept"
    return (
        f"A register of a million stakes is to be built in less than {MOST_BUILD_SECONDS:.0f} s and "
        f"{MOST_MEGABYTES:,.0f} MB, and every answer is to take less than {MOST_SECONDS:.0f} s: {kept} with "
        f"{register.stakes:,} stakes."
    )
