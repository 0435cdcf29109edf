"""Laws of the claims that one article makes, over the tables alone and then over the verdicts.

The text itself is not needed: what the laws use of it is which numbers and dates stand in which paragraph.
"""

import csv
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from capgraph import load
from capgraph.analysis.claims import Check

CLAIMS = Path(__file__).resolve().parents[1] / "data" / "claims"
TEXT = "seed-article"
NOT_CHECKABLE = {"opinion", "forecast", "advice", "figurative", "vague"}

# Paragraphs that are headings and hold no statement of their own, and the number of paragraphs.
PARAGRAPHS = 46
BARE_HEADINGS = {10, 15, 18, 21, 23, 26, 29, 32}

# Every number that the article prints, by paragraph, in base units: amounts, shares, percents, multiples, years.
NUMBERS = """
1: 250000000000 5830000000 32100000 5000000000000 30000000000 10
2: 250000000000
4: 4000000000 250000000000
5: 3600000000 5 4000000000 400000000 1200 250000000000 1.5
7: 5000000000000
8: 5000000000000 48 32100000 5830000000 3000000000
9: 10 3.5
12: 30000000000
13: 30000000000
14: 11000000000 6500000000 4000000000 120000000000
16: 1000000000000
17: 500000000000 1000000000000 89
19: 5400000000
20: 3 5
22: 140000000000
24: 3000000000
27: 290000000000 3500000000 83 70000000000 72000000000 5
31: 15
35: 250000000000
39: 70 30
45: 250000000000
"""

# Every date that it prints. A month without a year is that of the year of the text.
DATES = """
1: 2025-11
4: 2019
5: 2019
7: 2025
8: 2025-10 2024-03
14: 2025-09
17: 2025
19: 2025-10
24: 2019 2024-03
27: 2025
35: 2019
"""

# What is left out: numbers that count sections (paragraphs 4, 7, 12, 15, 18, 23, 26 and 29), and those of the
# product names GPT-4 (30) and MI300 (31), which measure nothing.

Row = dict[str, str]


@cache
def claims() -> dict[str, Row]:
    with (CLAIMS / "claims.csv").open(newline="", encoding="utf-8") as handle:
        return {row["id"]: row for row in csv.DictReader(handle) if row["text"] == TEXT}


@cache
def inputs() -> dict[str, list[Row]]:
    with (CLAIMS / "inputs.csv").open(newline="", encoding="utf-8") as handle:
        found: dict[str, list[Row]] = {claim: [] for claim in claims()}
        for row in csv.DictReader(handle):
            found.get(row["claim"], []).append(row)
    return found


def paragraphs_of(claim: Row) -> set[int]:
    """The paragraph of a claim, and those that its note says repeat it.

    >>> sorted(paragraphs_of({"paragraph": "1", "note": "Also paragraphs 8, 24 and 44. Two windows."}))
    [1, 8, 24, 44]
    """
    repeated = re.match(r"Also paragraphs? ([0-9, and]+)\b", claim["note"])
    return {int(claim["paragraph"]), *(int(n) for n in re.findall(r"\d+", repeated[1] if repeated else ""))}


def in_paragraph(paragraph: int) -> list[Row]:
    return [claim for claim in claims().values() if paragraph in paragraphs_of(claim)]


def listed(table: str) -> list[tuple[int, str]]:
    lines = (line.split(":") for line in table.strip().splitlines())
    return [(int(paragraph), item) for paragraph, items in lines for item in items.split()]


@pytest.mark.parametrize(("paragraph", "number"), listed(NUMBERS))
def test_every_printed_number_is_claimed(paragraph: int, number: str) -> None:
    rows = [row for claim in in_paragraph(paragraph) for row in [claim, *inputs()[claim["id"]]]]
    assert Decimal(number) in {abs(Decimal(row["value"])) for row in rows if row["value"]}


@pytest.mark.parametrize(("paragraph", "day"), listed(DATES))
def test_every_printed_date_is_claimed(paragraph: int, day: str) -> None:
    rows = [row for claim in in_paragraph(paragraph) for row in [claim, *inputs()[claim["id"]]]]
    assert any(row["as_of"].startswith(day) for row in rows)


@pytest.mark.parametrize("paragraph", sorted(set(range(1, PARAGRAPHS + 1)) - BARE_HEADINGS))
def test_every_paragraph_with_a_statement_has_a_claim(paragraph: int) -> None:
    assert in_paragraph(paragraph)


def test_claims_stay_within_the_text() -> None:
    assert {n for claim in claims().values() for n in paragraphs_of(claim)} <= set(range(1, PARAGRAPHS + 1))


@pytest.mark.parametrize("claim", claims().values(), ids=lambda c: c["id"])
def test_a_claim_speaks_both_languages_in_our_own_words(claim: Row) -> None:
    assert re.search(r"[a-z]", claim["statement"])
    assert not re.search(r"[一-鿿]", claim["statement"])
    assert re.search(r"[一-鿿]", claim["statement_zh"])
    assert not re.search(r"[“”「」『』\"]", claim["statement"] + claim["statement_zh"]), (
        "a quotation is not a paraphrase"
    )


@pytest.mark.parametrize("claim", claims().values(), ids=lambda c: c["id"])
def test_what_cannot_be_checked_says_whose_view_it_is_and_the_rest_says_how(claim: Row) -> None:
    if claim["kind"] in NOT_CHECKABLE:
        assert claim["speaker"] or claim["note"]
        assert not claim["formula"]
        assert not inputs()[claim["id"]]
    else:
        assert claim["formula"] or inputs()[claim["id"]]


def test_a_query_of_a_claim_exists_and_every_query_is_used() -> None:
    named = {claim["formula"] for claim in claims().values() if claim["kind"] == "query"}
    assert named == {file.stem for file in (CLAIMS / "queries").glob("*.rq")}


# The verdicts ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checked() -> Check:
    return load().check(TEXT)


def dependent() -> set[str]:
    """The text, its copies, and what goes back to the same origin."""
    with (CLAIMS.parent / "sources.csv").open(newline="", encoding="utf-8") as handle:
        origins = {row["id"]: row["origin"] for row in csv.DictReader(handle)}
    same = {TEXT, origins[TEXT]} - {""}
    return {f"source/{id}" for id, origin in origins.items() if id == TEXT or origin in same}


def test_the_article_never_supports_itself(checked: Check) -> None:
    assert {claim.id for claim in checked.claims if set(claim.sources) & dependent()} == set()


def test_every_claim_has_a_verdict_and_only_opinions_cannot_be_checked(checked: Check) -> None:
    verdicts = {claim.id: claim.verdict.code for claim in checked.claims}
    assert set(verdicts) == set(claims())
    assert {id for id, verdict in verdicts.items() if verdict == "not-checkable"} == {
        id for id, claim in claims().items() if claim["kind"] in NOT_CHECKABLE
    }


def test_a_verdict_for_or_against_names_its_sources(checked: Check) -> None:
    decided = {"supported", "disputed", "contradicted", "outdated"}
    assert {claim.id for claim in checked.claims if claim.verdict.code in decided and not claim.sources} == set()


def test_the_articles_own_numbers_fit_but_for_two_sums(checked: Check) -> None:
    """What it prints never changes: 3.6 bn times twelve is not 250 bn, March 2024 to October 2025 is not one year."""
    unfit = {claim.id for claim in checked.claims if claim.verdict.code == "inconsistent"}
    assert unfit == {f"{TEXT}--missed-gain-from-rise", f"{TEXT}--sold-a-year-later"}
