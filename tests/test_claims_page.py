"""The page on claims shows what the command prints; ``python -m tests.test_claims_page`` writes its examples."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from capgraph.graph import load
from tests.readme_examples import examples, fits, output_of, rewritten

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "claims.md"


@pytest.mark.parametrize(("command", "printed"), list(examples(PAGE.read_text(encoding="utf-8"))))
def test_an_example_prints_what_the_page_shows(command: str, printed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert printed.strip()
    assert fits(printed, output_of(command)), output_of(command)


def test_the_query_of_the_page_finds_claims() -> None:
    (query,) = re.findall(r"^```sparql\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    graph = load(ROOT / "tests" / "fixtures" / "claims")
    assert json.loads(graph.sparql(query).body)["results"]["bindings"]


def test_every_verdict_and_every_precision_is_explained_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    model = load(ROOT / "tests" / "fixtures" / "claims").ontology
    for code in model.codes("verdict").values():
        assert f"| {code.label.en} |" in text
    for scheme in ("claim-precision", "claim-kind"):
        assert all(f"`{code}`" in text for code in model.codes(scheme)), scheme


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
