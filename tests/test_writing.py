"""A file is written whole or not at all, and nothing that is no file is ever replaced by one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capgraph.errors import UsageProblem
from capgraph.writing import write_atomically


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "answer"
    write_atomically(target, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UsageProblem, match="No space left"):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["answer"]


def test_folders_on_the_way_are_made_and_the_file_is_readable_as_usual(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "c"
    write_atomically(target, "中文")
    plain = tmp_path / "plain"
    plain.write_text("")
    assert target.read_text(encoding="utf-8") == "中文"
    assert target.stat().st_mode == plain.stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, "through")
    assert os.read(reader, 100) == b"through"
    assert pipe.is_fifo()
    os.close(reader)


@pytest.mark.parametrize("place", ["/proc/nowhere/file", "/dev/null/file"])
def test_a_place_that_cannot_be_written_is_told(place: str) -> None:
    with pytest.raises(UsageProblem, match="cannot be written"):
        write_atomically(Path(place), "x")
