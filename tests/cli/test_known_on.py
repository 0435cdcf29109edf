"""What was public on a day: no answer may hold anything that came out later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from capgraph.cli import capgraph as group
from capgraph.cli import run
from capgraph.graph import CapitalGraph

DAY = "2025-11-10"
TEXT = Path(__file__).parent.parent / "fixtures" / "reading" / "text.txt"
QUESTIONS = (
    "stats",
    "find softbank",
    "show softbank-group",
    "show openai",
    "show oracle",
    "show nvidia --group",
    "evidence stake/microsoft--openai--common",
    "evidence openai",
    "owners openai --diluted",
    "owners ampere-computing",
    "owners openai --look-through",
    "owners openai --final",
    "holdings softbank-group",
    "holdings softbank-group --group",
    "holdings softbank-group --look-through",
    "control softbank-group",
    "controllers openai",
    "exposure softbank-group",
    "exposure softbank-group --to openai",
    "exposed-to openai",
    "shock openai --default",
    "shock nvidia --fall 50%",
    "margin softbank-group",
    "path masayoshi-son nvidia",
    "path oracle softbank-group -k 5",
    "between openai microsoft",
    "depends nvidia",
    "loops",
    "chokepoints",
    "disputes",
    "gaps",
    "gaps softbank-group --group",
    "components",
    "components --strong",
    "funding softbank-group",
    "returns softbank-group nvidia --group",
    "had-held softbank-group nvidia --group",
    "timeline softbank-group",
    "compare softbank-group nvidia",
    f"diff 2025-06-30 {DAY}",
    f"read {TEXT}",
)
ELSEWHERE = {
    "build": "checks and compiles all facts, whatever the clocks",
    "check-data": "checks the tables",
    "query": "a query sees all facts; it asks for what was public with cap:public (tests/cli/test_sparql.py)",
    "rules": "cites the documents of the rules, which are the asker's and older or younger than the day",
    "completion": "prints a script",
    "verify": "asks again what an export records, at the clocks that it records (tests/cli/test_verify.py)",
    "publish": "loads all facts onto a server",
    "serve": "answers each request at the clocks of the command, or at those that the request names",
}
"""Commands whose answers are no answers at a pair of clocks, and why."""
PICTURES = {"view", "chart", "ask", "check"}
"""Commands with tests of their own: tests/views, tests/test_questions.py, tests/cli/test_claims.py."""


@pytest.fixture(scope="module")
def then(bundled: CapitalGraph) -> CapitalGraph:
    return bundled.at(known_on=DAY)


def test_every_command_that_tells_facts_is_asked() -> None:
    asked = {question.split()[0] for question in QUESTIONS}
    assert asked | set(ELSEWHERE) | PICTURES >= set(group.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_holds_nothing_that_came_out_later(
    question: str, then: CapitalGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*question.split(), "--known-on", DAY, "-f", "json", "--evidence"]) == 0
    document = json.loads(capsys.readouterr().out)
    derived = then.derived
    told = {text for text in _texts(document) if text in then.facts}
    later = [text for text in sorted(told) if not derived.is_known(text)]
    readings = [text for text in told if text.startswith("reading/")]
    later += [text for text in sorted(readings) if not then.clocks.public(derived.sources.public(_source(then, text)))]
    assert later == []
    assert told or question.split()[0] in ("stats", "find", "components"), "the answer names what stands behind it"


@pytest.mark.parametrize("day", ["2019-06-30", "2024-12-31", "2025-11-10", "2025-11-28", "2026-03-31"])
def test_statuses_starts_and_ends_of_links_were_public(day: str, bundled: CapitalGraph) -> None:
    network = bundled.at(known_on=day).network
    public, derived = network.scope.clocks.public, network.derived
    for link in (*network.links, *network.promised):
        status, end = derived.status(link.id), derived.life(link.row).end
        assert status is None or public(status.known), link.id
        assert link.end is None or end is None or end.public, link.id
        assert all(public(derived.sources.public(source)) for source in link.sources), link.id


def test_an_acquisition_that_was_signed_and_not_yet_told_to_have_closed_ends_no_stake(bundled: CapitalGraph) -> None:
    """SoftBank bought Ampere on 2025-11-25; the page that says so is of 2025-12-05."""
    held = "stake/oracle--ampere-computing--common"
    unaware, aware = (bundled.at(known_on=day).network for day in ("2025-11-28", "2025-12-05"))
    (link,) = (link for link in unaware.links if link.id == held)
    assert link.end is None
    assert "end_not_public" in link.flags
    assert held not in {link.id for link in aware.links}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
    elif isinstance(value, str):
        yield from re.findall(r"\b[a-z]+/[a-z0-9][a-z0-9._-]*", value)


def _source(graph: CapitalGraph, reading: str) -> str:
    row = graph.facts.get(reading)
    assert row is not None
    return f"source/{row['source']}"
