"""The README does what it says: its examples print what it shows, its Python runs, its commands exist."""

from __future__ import annotations

import re

import pytest

from capgraph.cli import capgraph as group
from tests.readme_examples import README, examples, fits, output_of

TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "printed"), list(examples(TEXT)))
def test_an_example_prints_what_the_readme_shows(command: str, printed: str) -> None:
    assert printed.strip(), "an example without output shows nothing; run python -m tests.readme_examples"
    assert fits(printed, output_of(command)), output_of(command)


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    exec(compile(code, "README.md", "exec"), {})
    assert "OpenAI" in capsys.readouterr().out


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`capgraph ([a-z-]+)", TEXT)) | {command.split()[1] for command, _ in examples(TEXT)}
    assert named <= set(group.list_commands(None))  # type: ignore[arg-type]


def test_every_file_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", TEXT):
        assert (README.parent / target).exists(), target


def test_the_two_first_blocks_are_the_commands_that_ci_runs() -> None:
    first, second = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)[:2]
    assert "capgraph build" in first
    assert "pytest" in second
    script = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    assert '"$(block 1)"' in script
    assert '"$(block 2)"' in script
