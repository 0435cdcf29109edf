"""``python -m benchmarks.child module:function JSON``: run one measured function and tell what it finds, line by line.

Each line is ``[name, value, peak memory in MB so far]``; the last has no name.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from pathlib import Path


def peak() -> float:
    """The most memory that this process has had, in MB.

    Linux keeps it for the process image (``VmHWM``); ``ru_maxrss`` may be that of whoever started the process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    module, _, function = sys.argv[1].partition(":")
    call = getattr(import_module(f"benchmarks.measured.{module}"), function)
    for name, value in call(**json.loads(sys.argv[2])):
        print(json.dumps([name, value, peak()]), flush=True)
    print(json.dumps(["", None, peak()]), flush=True)


if __name__ == "__main__":
    main()
