"""Names, numbers and dates: what counts as one, what it means, and where it stands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.graph import CapitalGraph
from capgraph.ontology import Ontology, load
from capgraph.reader.dates import dates, span_of_date
from capgraph.reader.lexicon import Lexicon, lexicon
from capgraph.reader.mentions import NameFinder
from capgraph.reader.quantities import Quantity, QuantityFinder
from capgraph.reader.texts import prepared
from tests.tiny import facts_of


@pytest.fixture(scope="module")
def words(model: Ontology) -> Lexicon:
    return lexicon(model)


@pytest.fixture(scope="module")
def finder(model: Ontology, words: Lexicon) -> QuantityFinder:
    return QuantityFinder(words, model)


def told(quantity: Quantity) -> tuple[str, str, str, str]:
    high = f"..{quantity.high.normalize():f}" if quantity.high is not None else ""
    return f"{quantity.value.normalize():f}{high}", quantity.unit, quantity.precision, f"{quantity.step.normalize():f}"


@pytest.mark.parametrize(
    ("text", "value", "unit", "precision", "step"),
    [
        ("USD 5.83 billion", "5830000000", "USD", "rounded", "10000000"),
        ("$5.83bn", "5830000000", "USD", "rounded", "10000000"),
        ("58.3亿美元", "5830000000", "USD", "rounded", "10000000"),
        ("58.3 亿美元", "5830000000", "USD", "rounded", "10000000"),
        ("５８.３亿美元", "5830000000", "USD", "rounded", "10000000"),
        ("3万亿日元", "3000000000000", "JPY", "rounded", "1000000000000"),
        ("三万亿日元", "3000000000000", "JPY", "rounded", "1000000000000"),
        ("6.5 bn yen", "6500000000", "JPY", "rounded", "100000000"),
        ("¥120bn", "120000000000", "JPY/CNY", "rounded", "1000000000"),
        ("€1.35bn", "1350000000", "EUR", "rounded", "10000000"),
        ("HK$2.1 billion", "2100000000", "HKD", "rounded", "100000000"),
        ("1,200 万股", "12000000", "shares", "rounded", "10000"),
        ("3,250,000 shares", "3250000", "shares", "exact", "1"),
        ("12.4 million Nvidia shares", "12400000", "shares", "rounded", "100000"),
        ("15%", "15", "percent", "rounded", "1"),
        ("15 per cent", "15", "percent", "rounded", "1"),
        ("百分之五", "5", "percent", "rounded", "1"),
        ("三成", "30", "percent", "rounded", "10"),
        ("3 percentage points", "3", "points", "rounded", "1"),
        ("3个百分点", "3", "points", "rounded", "1"),
        ("83x", "83", "ratio", "rounded", "1"),
        ("83倍", "83", "ratio", "rounded", "1"),
        ("10 gigawatts", "10", "GW", "rounded", "1"),
        ("10吉瓦", "10", "GW", "rounded", "1"),
        ("more than $480 billion", "480000000000", "USD", "over", "1000000000"),
        ("逾40亿美元", "4000000000", "USD", "over", "100000000"),
        ("40多亿美元", "4000000000", "USD", "over", "100000000"),
        ("nearly 9%", "9", "percent", "nearly", "1"),
        ("近5%", "5", "percent", "nearly", "1"),
        ("最近5%", "5", "percent", "rounded", "1"),
        ("约11%", "11", "percent", "about", "1"),
        ("11%左右", "11", "percent", "about", "1"),
        ("up to $1.8 billion", "1800000000", "USD", "under", "100000000"),
        ("不超过12.5亿美元", "1250000000", "USD", "under", "10000000"),
        ("$115-135 billion", "115000000000..135000000000", "USD", "rounded", "1000000000"),
        ("between $120 billion and $130 billion", "120000000000..130000000000", "USD", "rounded", "1000000000"),
        ("5000亿至1万亿美元", "500000000000..1000000000000", "USD", "rounded", "1000000000000"),
        ("700～720亿美元", "70000000000..72000000000", "USD", "rounded", "100000000"),
        ("two billion dollars", "2000000000", "USD", "rounded", "1000000000"),
        ("$57.0 billion", "57000000000", "USD", "rounded", "100000000"),
    ],
)  # fmt: skip
def test_a_quantity_in_base_units_with_its_precision(
    finder: QuantityFinder, text: str, value: str, unit: str, precision: str, step: str
) -> None:
    (found,) = finder.quantities(prepared(text).plain)
    assert told(found) == (value, unit, precision, step)


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4",
        "H100",
        "in 2025",
        "2025年10月",
        "3-5年",
        "第三季度",
        "18 data centres",
        "3股东",
        "v1.5",
        "5 m away",
        "成立",
    ],
)
def test_a_number_without_a_unit_is_no_quantity(finder: QuantityFinder, text: str) -> None:
    assert finder.quantities(text) == []


@pytest.mark.parametrize("text", ["from 8.1% to 8.6%", "从12%到9%", "从 5% 至 6%"])
def test_a_change_is_no_range(finder: QuantityFinder, text: str) -> None:
    assert [quantity.high for quantity in finder.quantities(text)] == [None, None]


@pytest.mark.parametrize(("text", "each"), [("at $142.50 each", True), ("每股142.5美元", True), ("for $142.50", False)])
def test_the_price_of_one_share_is_told_from_an_amount(finder: QuantityFinder, text: str, each: bool) -> None:
    (found,) = finder.quantities(text)
    assert found.each is each


FORMS = {
    "en": [
        (Decimal(10) ** 6, "${} million"),
        (Decimal(10) ** 9, "USD {} billion"),
        (Decimal(10) ** 12, "{}tn dollars"),
    ],
    "zh": [(Decimal(10) ** 4, "{}万美元"), (Decimal(10) ** 8, "{}亿美元"), (Decimal(10) ** 12, "{} 万亿美元")],
}


@given(
    lang=st.sampled_from(["en", "zh"]),
    form=st.integers(0, 2),
    digits=st.integers(1, 99999),
    places=st.integers(0, 2),
    before=st.sampled_from(["SoftBank paid ", "软银支付", "", "（"]),
)
def test_a_printed_number_is_read_back_exactly(lang: str, form: str, digits: int, places: int, before: str) -> None:
    """Value, step and place of every number in every form are those it was printed from."""
    model = load()
    scale, pattern = FORMS[lang][int(form)]
    figure = Decimal(digits).scaleb(-places)
    text = before + pattern.format(f"{figure:,f}")
    (found,) = QuantityFinder(lexicon(model), model).quantities(text)
    assert (found.value, found.step, found.unit) == (figure * scale, Decimal(1).scaleb(-places) * scale, "USD")
    assert text[found.start : found.end] == found.text == text[len(before) :]


@pytest.mark.parametrize(
    ("text", "date_told"),
    [
        ("on 4 March 2026", "2026-03-04"), ("on March 4, 2026", "2026-03-04"), ("in October 2025", "2025-10"),
        ("by Oct. 2025", "2025-10"), ("in Q3 2025", "2025-Q3"), ("the third quarter of 2025", "2025-Q3"),
        ("the first half of 2025", "2025-H1"), ("in FY2025", "FY2025"), ("fiscal 2026", "FY2026"),
        ("the first quarter of fiscal year 2026", "FY2026-Q1"), ("since 2019", "2019"), ("2025-10-31", "2025-10-31"),
        ("2025年10月31日", "2025-10-31"), ("2025 年 10 月", "2025-10"), ("2025年第三季度", "2025-Q3"),
        ("2025年三季度", "2025-Q3"), ("2025年上半年", "2025-H1"), ("2026财年第一季度", "FY2026-Q1"),
        ("2026财年", "FY2026"),
        ("2019年", "2019"), ("上月", ""), ("last year", ""), ("11月", ""), ("2025年2月30日", ""),
    ],
)  # fmt: skip
def test_a_date_as_the_tables_write_it(text: str, date_told: str) -> None:
    (found,) = dates(text)
    assert found.date == date_told
    assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("text", "date_told"),
    [
        ("上月", "2025-12"), ("last month", "2025-12"), ("去年", "2025"), ("this year", "2026"), ("11月", "2025-11"),
        ("in August", "2025-08"), ("1月5日", "2026-01-05"), ("yesterday", "2026-01-09"), ("January 3", "2026-01-03"),
    ],
)  # fmt: skip
def test_what_a_text_leaves_out_counts_from_its_publication(text: str, date_told: str) -> None:
    (found,) = dates(text, date(2026, 1, 10))
    assert found.date == date_told


@pytest.mark.parametrize("text", ["It may rise.", "七年内", "2025 shares", "20 march bands", "a 2000-page book"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates(text) == []


def test_a_quarter_is_its_days_and_a_fiscal_year_is_open() -> None:
    quarter = span_of_date("2025-Q4")
    assert quarter is not None
    assert (quarter.first, quarter.last) == (date(2025, 10, 1), date(2025, 12, 31))
    assert span_of_date("FY2026") is span_of_date("") is None


@pytest.fixture(scope="module")
def names(bundled: CapitalGraph, words: Lexicon) -> NameFinder:
    return NameFinder(bundled.facts, words)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("Nvidia, NVIDIA and NVDA", ["nvidia"] * 3),
        ("英伟达和辉达", ["nvidia"] * 2),
        ("ＮＶＩＤＩＡ", ["nvidia"]),
        ("NASDAQ:NVDA", ["nvidia"]),
        ("Nvidia's and Nvidia-backed", ["nvidia"] * 2),
        ("谷歌DeepMind", ["google-deepmind"]),
        ("Google DeepMind and Google", ["google-deepmind", "alphabet"]),
        ("SoftBank Group Corp.", ["softbank-group"]),
        ("软银愿景基金", ["vision-fund-1"]),
        ("ABB 机器人业务和ABB机器人业务", ["abb-robotics"] * 2),
        ("小鹏IRON与 ChatGPT", ["product/xpeng-iron", "product/chatgpt"]),
        ("arm, oracle and meta", []),
        ("Metal, Oracles, Nvidiary, xOpenAI", []),
        ("NOW we SEE", []),
    ],
)
def test_names_have_borders_and_capitals_and_the_longest_wins(names: NameFinder, text: str, nodes: list[str]) -> None:
    assert [mention.node for mention in names.mentions(prepared(text).plain)] == nodes


def test_a_name_that_several_bear_keeps_its_candidates(words: Lexicon) -> None:
    facts = facts_of(
        parties=[
            {"id": "one", "kind": "company", "name": "Meridian One", "aliases": "Meridian"},
            {"id": "two", "kind": "company", "name": "Meridian Two", "aliases": "Meridian"},
        ]
    )
    (found,) = NameFinder(facts, words).mentions("Meridian rose")
    assert (found.nodes, found.node) == (("one", "two"), "")


def test_facts_without_names_have_no_mentions(words: Lexicon) -> None:
    assert NameFinder(facts_of(parties=[]), words).mentions("Nvidia") == []
