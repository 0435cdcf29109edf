"""Every measurement runs in a process of its own: its peak memory is its own, and a limit really stops it.

A function to be measured is a generator of pairs ``(name, value)`` in :mod:`benchmarks.measured`; what it has told
before its limit stays known. Values are plain (numbers, texts, lists).
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What a measured function told, by name; its peak memory in MB; whether the limit stopped it; how it failed."""

    found: dict[str, Any] = field(default_factory=dict)
    megabytes: float | None = None
    stopped: bool = False
    failed: str = ""

    def seconds(self, name: str) -> float | None:
        """A time that was told, None where it was not reached."""
        value = self.found.get(name)
        return None if value is None else float(value)


def run(call: str, limit: float, **arguments: Any) -> Run:
    """Run ``module:function`` of :mod:`benchmarks.measured` in a process of its own for at most ``limit`` seconds."""
    command = [sys.executable, "-m", "benchmarks.child", call, json.dumps(arguments)]
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=told, stderr=said, start_new_session=True, env=_environment()
        )
        code = _waited(process, limit)
        told.seek(0)
        said.seek(0)
        found, memory = _read(told.read())
        failed = (said.read().strip().splitlines() or [f"exit code {code}"])[-1] if code else ""
    return Run(found, memory, code is None, failed)


def _environment() -> dict[str, str]:
    """The environment with this repository first on the path, so that what is measured is what stands here."""
    paths = [str(REPOSITORY / "src"), str(REPOSITORY), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def _read(text: str) -> tuple[dict[str, Any], float | None]:
    found, memory = {}, None
    for line in text.splitlines():
        if line.startswith("["):
            name, value, memory = json.loads(line)
            found[name] = value
    found.pop("", None)
    return found, memory


def _waited(process: subprocess.Popen[Any], limit: float) -> int | None:
    """The exit code; None where the process was ended at its limit, with all that it had started."""
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


# Whole commands -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """Wall times of a command's runs in seconds, the most memory that any run took in MB, and how it failed."""

    times: tuple[float, ...]
    megabytes: float
    failed: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def least(self) -> float:
        return min(self.times)


def command(
    words: Sequence[str], runs: int, folder: Path, environment: Mapping[str, str] | None = None, limit: float = 600
) -> Command:
    """Run a Python process several times in a folder. Exit code 1, the answer no, is no failure."""
    times, memory, failed = [], 0.0, ""
    for _ in range(runs):
        with tempfile.TemporaryFile("w+") as said:
            before = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**_environment(), **(environment or {})},
            )
            timer = threading.Timer(limit, process.kill)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            times.append(time.perf_counter() - before)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            memory = max(memory, usage.ru_maxrss / 1024)
            said.seek(0)
            if process.returncode not in (0, 1):
                failed = (said.read().strip().splitlines() or [f"exit code {process.returncode}"])[-1]
    return Command(tuple(times), memory, failed)
