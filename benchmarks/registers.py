"""A register from its tables to its answers: how long the build takes, how long four questions take from its cache, how
much memory each of them needs, and how that grows. ``python -m benchmarks.registers``.

Every figure is that of a whole process from its start to its end. Questions are asked of a typical company (two
holders, two holdings) and of the party with most holdings. The registers are those of :mod:`benchmarks.synthetic`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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


def report(sizes: Sequence[int] = SIZES, runs: int = 3) -> str:
    """All registers as a Markdown table, with the machine named and the growth between neighbouring sizes."""
    registers = [measured(stakes, runs) for stakes in sizes]
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, median of {runs} runs, "
        f"load {os.getloadavg()[0]:.1f} at the end\n",
        "| stakes | asked of | build | " + " | ".join(COMMANDS) + " | most memory of an answer |",
        "|---:|---|---:|" + "---:|" * (len(COMMANDS) + 1),
        *(line for register in registers for line in _lines(register)),
    ]
    return "\n".join([*lines, "", *_growth(registers), *_verdict(registers[-1]), ""])


def _lines(register: Register) -> Iterator[str]:
    build = f"{register.build.seconds:.1f} s, {register.build.megabytes:,.0f} MB"
    names = {"typical": "a typical company", "largest": f"the largest ({register.holdings_of_largest:,} holdings)"}
    for who, name in names.items():
        answers = [register.answers[command, who] for command in COMMANDS]
        cells = " | ".join(f"{answer.seconds:.2f} s" for answer in answers)
        memory = max(answer.megabytes for answer in answers)
        first = (f"{register.stakes:,}", build) if who == "typical" else ("", "")
        yield f"| {first[0]} | {name} | {first[1]} | {cells} | {memory:,.0f} MB |"


def _growth(registers: Sequence[Register]) -> Iterator[str]:
    """The slope of log figure over log size between neighbouring registers: 1 is linear."""
    for name, figures in (
        ("time of the build", [register.build.seconds for register in registers]),
        ("memory of the build", [register.build.megabytes for register in registers]),
        ("slowest answer", [max(each.seconds for each in register.answers.values()) for register in registers]),
    ):
        slopes = [
            f"{math.log(late / early) / math.log(more.stakes / fewer.stakes):.2f}"
            for (fewer, early), (more, late) in itertools.pairwise(zip(registers, figures, strict=True))
        ]
        if slopes:
            yield f"Growth of the {name} between neighbouring sizes (1 is linear): {', '.join(slopes)}."


def _verdict(register: Register) -> Iterator[str]:
    yield (
        f"\nWith {register.stakes:,} stakes the build is to take less than {MOST_BUILD_SECONDS:.0f} s and "
        f"{MOST_MEGABYTES:,.0f} MB, every answer less than {MOST_SECONDS:.0f} s: "
        f"{'kept' if register.kept() else 'not kept'}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registers", description="Registers of stakes, by size.")
    parser.add_argument("--stakes", type=int, nargs="+", default=list(SIZES), help="sizes of the registers")
    parser.add_argument("--runs", type=int, default=3, help="runs of each question")
    options = parser.parse_args()
    print(report(options.stakes, options.runs))


if __name__ == "__main__":
    main()
