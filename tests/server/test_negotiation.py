"""Accept headers against what there is to offer, as RFC 9110 has it."""

from __future__ import annotations

import pytest

from capgraph.server.negotiation import GRAPHS, PAGE, TABLES, Offer, choose


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("*", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV", "csv"),
        ("text/*", "csv"),
        ("text/html, text/csv;q=0.1", "csv"),
        ("application/sparql-results+xml, application/sparql-results+json;q=0.9", "xml"),
        ("application/sparql-results+xml;q=0.5, application/sparql-results+json;q=0.9", "json"),
        ("application/json;q=0.1, */*;q=0.05", "json"),
        ("text/csv;q=0, text/*", "tsv"),
        ("*/*;q=0.1, text/tab-separated-values;q=0.2", "tsv"),
        ("application/xml", "xml"),
        ("text/csv;q=oops", "csv"),
        ("text/csv ; charset=utf-8 ; q=0.5", "csv"),
        (",, text/csv", "csv"),
        ("text/html", None),
        ("*/*;q=0", None),
        ("image/png, text/turtle", None),
    ],
)
def test_a_table_comes_as_the_client_likes_it_best(accept: str, format: str | None) -> None:
    offer = choose(accept, TABLES)
    assert (offer.format if offer else None) == format


def test_of_equals_the_first_on_offer_wins() -> None:
    assert choose("application/rdf+xml, text/turtle", GRAPHS) == GRAPHS[0]
    assert choose("application/ld+json, text/html", (PAGE, *GRAPHS)) is PAGE


def test_a_browser_gets_the_page_and_a_program_the_data() -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    assert choose(browser, (PAGE, *GRAPHS)) is PAGE
    assert choose("text/turtle, */*;q=0.1", (PAGE, *GRAPHS)) == GRAPHS[0]


def test_text_names_its_charset() -> None:
    assert Offer("text/csv", "csv").content_type == "text/csv; charset=utf-8"
    assert Offer("application/ld+json", "jsonld").content_type == "application/ld+json"
