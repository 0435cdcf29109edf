"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from capgraph.errors import UsageProblem


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; a device or pipe is written to as it is. Raises UsageProblem if it cannot be.

    A link is followed, so that the file behind it changes and the link stays.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as device:
                device.write(data)
        else:
            _replace(path.resolve(), data)
    except OSError as error:
        raise UsageProblem(f"{path} cannot be written ({error.strerror})") from error


def _replace(path: Path, data: bytes) -> None:
    """Write beside the target, then rename over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:64]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
