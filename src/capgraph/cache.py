"""The folder of compiled graphs: which key a set of files has, and building a folder that appears whole or not at all.

A key is a hash of everything that goes into a build. To spare reading the files on every call, the key of last time is
remembered with each file's size and times, and believed as long as none of them changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import platformdirs
import pyoxigraph as ox

from capgraph import __version__

FORMAT = 5
"""Raised whenever the layout of a cache folder changes."""

_BLOCK = 1 << 20
_KEEP_DAYS = 30
_RACY_SECONDS = 2.0
_BUILDER = [FORMAT, __version__, ox.__version__]


def cache_dir() -> Path:
    """Where compiled graphs are kept: ``CAPGRAPH_CACHE``, else the user's cache folder."""
    return Path(os.environ.get("CAPGRAPH_CACHE") or platformdirs.user_cache_dir("capgraph", appauthor=False))


def key_of(root: Path, inputs: Sequence[Path]) -> str:
    """The key of a set of files: remembered where nothing changed, else hashed from their content."""
    return _remembered_key(root, inputs) or _content_key(inputs)


def _content_key(inputs: Sequence[Path]) -> str:
    digest = hashlib.sha256(repr(_BUILDER).encode())
    digest.update(content_digest(inputs))
    return digest.hexdigest()[:24]


def content_digest(inputs: Iterable[Path]) -> bytes:
    """A hash of the names and contents of files, the same on every machine."""
    digest = hashlib.sha256()
    for file in inputs:
        with file.open("rb") as content:
            digest.update(f"\0{file.parent.name}/{file.name}\0{os.fstat(content.fileno()).st_size}\0".encode())
            while block := content.read(_BLOCK):
                digest.update(block)
    return digest.digest()


def _stamp(inputs: Sequence[Path]) -> list[list[Any]]:
    """Size, time of content and time of any change of each file; the last cannot be set back by a copying program."""
    stats = [(str(file), file.stat()) for file in inputs]
    return [[name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns] for name, stat in stats]


def _memory_file(root: Path, inputs: Sequence[Path]) -> Path:
    return root / "seen" / f"{hashlib.sha256(repr([str(file) for file in inputs]).encode()).hexdigest()[:24]}.json"


def _remembered_key(root: Path, inputs: Sequence[Path]) -> str | None:
    """The key found last time, if no file's size or time changed since.

    A file written less than two seconds before the note was taken may have changed again within the same tick of the
    file system's clock, so such a note is not trusted (git calls this the racy index).
    """
    try:
        note = json.loads(_memory_file(root, inputs).read_text(encoding="utf-8"))
        stamp = _stamp(inputs)
        newest = max(max(entry[2:]) for entry in stamp) / 1e9
        fresh = note["stamp"] == stamp and note["by"] == _BUILDER
        return str(note["key"]) if fresh and newest < note["at"] - _RACY_SECONDS else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(root: Path, inputs: Sequence[Path], key: str) -> None:
    """Note the key of these files for the next call. A cache that cannot be written is no error."""
    file = _memory_file(root, inputs)
    stamp = _stamp(inputs)
    note = {"stamp": stamp, "by": _BUILDER, "key": key, "at": time.time()}
    try:
        if file.is_file() and _remembered_key(root, inputs) == key:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(note, out)
        os.replace(name, file)
    except OSError:
        return


def is_whole(target: Path) -> bool:
    """Whether a folder holds all that a finished build leaves."""
    try:
        done = json.loads((target / "done.json").read_text(encoding="utf-8"))
        sizes_fit = all((target / name).stat().st_size == size for name, size in done["sizes"].items())
        return sizes_fit and ("form" in done or (target / "graph" / "CURRENT").is_file())
    except (OSError, ValueError, KeyError):
        return False


def build_aside(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder beside ``target`` and rename it into place; if another process was faster, keep its folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".building-{os.getpid()}-"))
    try:
        fill(aside)
        _rename(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _rename(aside: Path, target: Path) -> None:
    try:
        os.rename(aside, target)
    except OSError:
        if not target.is_dir():
            raise


def discard_leftovers(root: Path) -> None:
    """Remove what killed builds left, and compiled graphs that nobody opened for a month."""
    now = time.time()
    for folder in root.glob(".building-*") if root.is_dir() else ():
        if not _is_alive(int(folder.name.split("-")[1])):
            shutil.rmtree(folder, ignore_errors=True)
    for done in root.glob("*/done.json"):
        if now - done.stat().st_mtime > _KEEP_DAYS * 86_400:
            shutil.rmtree(done.parent, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def touch(file: Path) -> None:
    """Mark a compiled graph as used today, so that it is not discarded."""
    try:
        if time.time() - file.stat().st_mtime > 86_400:
            os.utime(file)
    except OSError:
        return
