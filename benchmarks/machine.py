"""On what a run was made: processor, cores, memory, versions, day and load. No host names."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_PEERS = ("rdflib", "pyoxigraph", "networkx", "numpy", "scipy", "pyvis")
_MEMINFO = Path("/proc/meminfo")
_CPUINFO = Path("/proc/cpuinfo")


def described() -> str:
    """The machine and the software in a few lines of Markdown."""
    load = os.getloadavg()[0]
    cores = os.cpu_count() or 1
    libraries = ", ".join(f"{name} {version(name)}" for name in _PEERS)
    busy = (
        f"Other work ran on the machine (load {load:.1f} on {cores} cores when the run began): times are up to so much "
        "longer than on a quiet one; ratios were taken within the same run."
        if load > 0.5
        else f"The machine was quiet (load {load:.1f} on {cores} cores when the run began)."
    )
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {_model()}, {cores} cores, {_kilobytes('MemTotal') / 2**20:.0f} GB, "
        f"{platform.system()} {platform.machine()}; Python {platform.python_version()}, {libraries}.\n\n{busy}\n"
    )


def available_gigabytes() -> float:
    """Memory that a process could have now, in GB; what the machine has where the system does not say."""
    return (_kilobytes("MemAvailable") or _kilobytes("MemTotal")) / 2**20


def _kilobytes(name: str) -> int:
    if not _MEMINFO.exists():
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024
    found = re.search(rf"^{name}:\s+(\d+) kB", _MEMINFO.read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _model() -> str:
    """The processor as it calls itself."""
    found = re.search(r"^model name\s*: (.+)$", _CPUINFO.read_text(), re.MULTILINE) if _CPUINFO.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()
