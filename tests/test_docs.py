"""Reference pages are what their origin says, and every page's links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.generate import FOLDER, pages


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=lambda value: value if len(value) < 40 else "")
def test_a_reference_page_is_up_to_date(name: str, text: str) -> None:
    page = (FOLDER / name).read_text(encoding="utf-8")
    assert page == text, f"{name} is stale; run python -m docs.generate"


@pytest.mark.parametrize(
    "page", sorted([*FOLDER.glob("*.md"), *FOLDER.parent.glob("*.md")]), ids=lambda page: page.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
