"""What all tests share: a cache of their own, the bundled data, and a world of seven parties."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capgraph import ontology
from capgraph.facts import Facts
from capgraph.graph import CapitalGraph, load
from capgraph.share import data_dir
from tests.tiny import facts_of

REPOSITORY = Path(__file__).resolve().parent.parent

GROUPS: dict[str, tuple[Callable[[], bool], str]] = {
    "browser": (
        lambda: shutil.which("chromium") is not None and _has("playwright"),
        "Debian's chromium and Playwright",
    ),
    "virtuoso": (lambda: shutil.which("virtuoso-t") is not None, "the Virtuoso server of Debian"),
    "java": (lambda: shutil.which("java") is not None and _has("pyspark"), "Java 17 and PySpark"),
    "slow": (lambda: False, "patience"),
}
"""Groups of tests that need more than Python: when they can run here, and what they need.

``CAPGRAPH_REQUIRE`` lists groups that must run (``all`` for every one): there a missing need is a failure. Tests marked
``slow`` run only where they are required.
"""


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _required() -> set[str]:
    named = {name.strip() for name in os.environ.get("CAPGRAPH_REQUIRE", "").split(",") if name.strip()}
    return set(GROUPS) if "all" in named else named


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of groups that cannot run here and are not required."""
    required = _required()
    for name, (ready, need) in GROUPS.items():
        if name not in required and not ready():
            for item in items:
                if item.get_closest_marker(name):
                    item.add_marker(pytest.mark.skip(reason=f"group {name} did not run: it needs {need}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the groups that did not run, so that a green run on a bare machine is not taken for a full one."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    silent = [name for name in GROUPS if any(f"group {name} did not run" in reason for reason in reasons)]
    if silent:
        terminalreporter.write_line(f"groups that did not run: {', '.join(silent)} (CAPGRAPH_REQUIRE=all demands them)")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled graphs of the tests go to a folder that they share and nobody else sees."""
    before = os.environ.get("CAPGRAPH_CACHE")
    os.environ["CAPGRAPH_CACHE"] = str(tmp_path_factory.getbasetemp().parent / "compiled")
    yield
    if before is None:
        del os.environ["CAPGRAPH_CACHE"]
    else:
        os.environ["CAPGRAPH_CACHE"] = before


@pytest.fixture(scope="session")
def model() -> ontology.Ontology:
    """The ontology of this checkout."""
    return ontology.load()


@pytest.fixture(scope="session")
def bundled() -> CapitalGraph:
    """The bundled data at their default clocks."""
    return load()


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """A copy of the bundled data that a test may spoil."""
    return Path(shutil.copytree(data_dir(), tmp_path / "data"))


@pytest.fixture
def small_world() -> Facts:
    """A person, a house with a fund, a maker of chips and a lab, and all that ties them."""
    return facts_of(
        parties=[
            {"id": "son", "kind": "person", "name": "Son", "name_zh": "孙"},
            {"id": "house", "kind": "company", "name": "House", "name_zh": "母公司", "ticker": "TSE:1"},
            {"id": "fund", "kind": "fund", "name": "House Fund", "name_zh": "基金"},
            {"id": "chips", "kind": "company", "name": "Chips", "name_zh": "芯片"},
            {"id": "lab", "kind": "company", "name": "Lab", "name_zh": "实验室"},
            {"id": "bank", "kind": "bank", "name": "Bank"},
            {"id": "bank-two", "kind": "bank", "name": "Second Bank"},
        ],
        products=[{"id": "model-one", "name": "Model One", "maker": "lab", "category": "ai_model"}],
        stakes=[
            {"id": "house--lab", "holder": "house", "issuer": "lab", "instrument": "preferred",
             "valid_from": "2025-03"},
            {"id": "fund--lab", "holder": "fund", "issuer": "lab", "instrument": "preferred", "valid_from": "2025-03",
             "contained_in": "house--lab"},
            {"id": "house--chips", "holder": "house", "issuer": "chips", "instrument": "common",
             "valid_from": "2024-03", "valid_to": "2025-10"},
        ],
        deals=[
            {"id": "round", "kind": "equity_round", "title": "Round", "announced": "2026-01-10", "subject": "lab"},
            {"id": "exit", "kind": "disposal", "title": "Exit", "announced": "2025-11-11", "subject": "chips"},
        ],
        tranches=[
            {"id": "round--house", "deal": "round", "from_party": "house", "to_party": "lab", "medium": "cash"},
            {"id": "exit--sale", "deal": "exit", "to_party": "house", "medium": "cash", "stake": "house--chips",
             "effect": "closes"},
        ],
        facilities=[
            {"id": "loan", "kind": "margin_loan", "title": "Loan", "borrower": "house", "lenders": "bank|bank-two",
             "arranged": "2023"},
        ],
        pledges=[{"id": "pledge", "facility": "loan", "pledgor": "house", "stake": "house--chips", "recourse": "none"}],
        contracts=[
            {"id": "supply", "kind": "chip_supply", "title": "Supply", "suppliers": "chips", "customers": "lab",
             "announced": "2025-02-01"},
        ],
        roles=[{"id": "son-chair", "person": "son", "organization": "house", "role": "chair", "valid_from": "2000"}],
        relations=[
            {"id": "fund-of", "subject": "party/fund", "relation": "subsidiary_of", "object": "party/house",
             "valid_from": "2016"},
            {"id": "rivals", "subject": "party/chips", "relation": "competes_with", "object": "party/lab",
             "valid_from": "2020"},
        ],
        statuses=[
            {"about": "tranche/round--house", "status": "signed", "date": "2026-01-10", "source": "s-2026-01-10"},
            {"about": "tranche/exit--sale", "status": "closed", "date": "2025-10", "source": ""},
            {"about": "facility/loan", "status": "drawn", "date": "2023", "source": "s-2024-01-01"},
            {"about": "contract/supply", "status": "signed", "date": "2025-02-01", "source": "s-2025-02-02"},
        ],
        readings=[
            {"id": "r1", "about": "stake/house--lab", "aspect": "percent", "as_of": "2025-12-31", "value": "11",
             "unit": "percent", "basis": "outstanding", "source": "s-2026-01-15", "confidence": "primary"},
            {"id": "r2", "about": "stake/house--lab", "aspect": "percent", "as_of": "2025-12-31", "value": "10",
             "unit": "percent", "basis": "unknown", "source": "s-2026-01-20", "confidence": "reported"},
        ],
        evidence=[
            {"about": about, "source": "s-2025-04-01", "confidence": "reported"}
            for about in ("stake/house--lab", "stake/fund--lab", "stake/house--chips", "deal/round", "deal/exit",
                          "tranche/round--house", "facility/loan", "pledge/pledge", "contract/supply",
                          "role/son-chair", "relation/fund-of", "relation/rivals", "product/model-one")
        ] + [{"about": "tranche/exit--sale", "source": "s-2025-11-11", "confidence": "primary"}],
    )  # fmt: skip
