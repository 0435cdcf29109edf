"""Amounts are exact, rates are sourced or absent, and a total says what it leaves out."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capgraph.clocks import DateSpan
from capgraph.money import RATE_DAYS, Converter, Money, Part, add_up
from tests.tiny import facts_of

AMOUNTS = st.decimals(Decimal(-(10**15)), Decimal(10**15), places=4)
CURRENCIES = st.sampled_from(["USD", "JPY", "EUR", "CNY"])


def rates(**by_date: str) -> Converter:
    """A converter for the yen with these rates, dates written with underscores (``d2025_10_31``)."""
    rows = [
        {"date": day.removeprefix("d").replace("_", "-"), "currency": "JPY", "usd_per_unit": rate, "source": "s-2025"}
        for day, rate in by_date.items()
    ]
    return Converter(facts_of(fx=rows))


def span(text: str) -> DateSpan:
    return DateSpan.parse(text)


def test_dollars_are_dollars_without_any_rate() -> None:
    assert rates().usd(Decimal("0.1"), "USD", span("2025")) == Decimal("0.1")


def test_without_a_rate_an_amount_stays_in_its_currency() -> None:
    assert rates().usd(Decimal(100), "JPY", span("2025-10-31")) is None
    assert rates(d2025_10_31="0.0065").usd(Decimal(100), "EUR", span("2025-10-31")) is None


@pytest.mark.parametrize(
    ("day", "rate"),
    [("2025-10-30", None), ("2025-10-31", "0.0065"), ("2025-11-03", "0.0065"), ("2025-11-04", "0.0066"),
     ("2025-11-11", "0.0066"), ("2025-11-12", None)],
)  # fmt: skip
def test_a_stock_takes_the_nearest_earlier_day_within_seven(day: str, rate: str | None) -> None:
    converter = rates(d2025_10_31="0.0065", d2025_11_04="0.0066")
    assert converter.usd(Decimal(1), "JPY", span(day)) == (Decimal(rate) if rate else None)


def test_a_stock_of_a_vague_date_takes_the_rate_of_its_last_day() -> None:
    converter = rates(d2025_10_01="0.0060", d2025_10_31="0.0065", d2025_10="0.0062")
    assert converter.usd(Decimal(1), "JPY", span("2025-10")) == Decimal("0.0065")


def test_a_flow_takes_the_average_over_exactly_its_period() -> None:
    converter = rates(d2025_10_31="0.0065", d2025_10="0.0062", d2025="0.0064")
    month, year = span("2025-10"), span("2025")
    assert converter.usd(Decimal(1), "JPY", month, (month.first, month.last)) == Decimal("0.0062")
    assert converter.usd(Decimal(1), "JPY", year, (year.first, year.last)) == Decimal("0.0064")
    quarter = date(2025, 8, 1), date(2025, 10, 31)
    assert converter.usd(Decimal(1), "JPY", span("2025-10-31"), quarter) is None


def test_a_flow_of_one_day_takes_that_days_rate() -> None:
    day = date(2025, 10, 31)
    converter = rates(d2025_10_31="0.0065", d2025_10="0.0062")
    assert converter.usd(Decimal(1), "JPY", span("2025-10-31"), (day, day)) == Decimal("0.0065")


def test_an_average_never_serves_a_stock() -> None:
    assert rates(d2025_10="0.0062").usd(Decimal(1), "JPY", span("2025-10-31")) is None


@given(AMOUNTS, st.decimals(Decimal("0.0001"), Decimal(2), places=6), st.integers(0, RATE_DAYS))
def test_conversion_is_exact(amount: Decimal, rate: Decimal, days: int) -> None:
    day = date(2025, 10, 31) + timedelta(days=days)
    found = rates(d2025_10_31=f"{rate:f}").usd(amount, "JPY", DateSpan.of(day))
    assert found is not None
    assert Fraction(found) == Fraction(amount) * Fraction(rate)


# Money and totals -----------------------------------------------------------------------------------------------------


def test_two_currencies_have_no_sum() -> None:
    with pytest.raises(ValueError, match="no sum"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "JPY")


PARTS = st.lists(
    st.builds(
        Part,
        about=st.sampled_from(["tranche/a", "tranche/b"]),
        firm=st.none() | st.builds(Money, AMOUNTS, CURRENCIES),
        up_to=st.none() | st.builds(Money, AMOUNTS, CURRENCIES),
        floor=st.booleans(),
    ),
    max_size=8,
)


@given(PARTS, st.randoms())
def test_a_total_is_the_exact_sum_in_any_order(parts: list[Part], chance: object) -> None:
    shuffled = list(parts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    total = add_up("signed", parts)
    assert total == add_up("signed", shuffled)
    for currency, amount in total.firm.items():
        assert amount == sum(part.firm.amount for part in parts if part.firm and part.firm.currency == currency)


@given(PARTS)
def test_every_part_is_firm_or_a_ceiling_or_unknown(parts: list[Part]) -> None:
    total = add_up("closed", parts)
    assert total.rung == "closed"
    assert total.counted == len(parts) == total.with_amount + total.with_ceiling + total.unknown
    assert total.unknown == sum(1 for part in parts if part.firm is None and part.up_to is None)
    assert total.at_least == any(part.floor for part in parts if part.firm)


def test_ceilings_stand_apart_and_only_without_a_firm_amount() -> None:
    firm, ceiling = Money(Decimal(13), "USD"), Money(Decimal(20), "USD")
    total = add_up("signed", [Part("a", firm, ceiling), Part("b", None, ceiling)])
    assert (total.firm, total.up_to) == ({"USD": 13}, {"USD": 20})


def test_each_currency_has_its_line_and_dollars_come_first() -> None:
    total = add_up("signed", [Part("a", Money(Decimal(5), "CNY")), Part("b", Money(Decimal(7), "USD"))])
    assert [money.currency for money in total.money] == ["USD", "CNY"]
    assert total.ceilings == ()
