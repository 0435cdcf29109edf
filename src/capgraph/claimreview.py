"""The check of a text as schema.org ClaimReview: one JSON-LD document that search engines and archives read.

``ratingValue`` runs from 1 (contradicted) to 5 (supported), as the code list of verdicts gives it (``cap:rating``); a
claim that nobody independent speaks of, or that cannot be checked, has ``alternateName`` only. The statement is in our
words, so the text reviewed is named as where the claim appears, and not quoted.

References
----------
schema.org, ClaimReview, https://schema.org/ClaimReview; Google Search Central, Fact Check structured data: required are
``claimReviewed``, ``reviewRating`` with ``alternateName``, and ``url``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from capgraph import __version__
from capgraph.analysis.claims import Check, CheckedClaim
from capgraph.facts import Facts
from capgraph.names import Name
from capgraph.ontology import Ontology
from capgraph.quads import thing_iri
from capgraph.schema import CAP
from capgraph.voice import Voice

_BEST, _WORST = 5, 1

Document = dict[str, Any]


def claim_reviews(checked: Check, facts: Facts, ontology: Ontology, lang: str = "en") -> str:
    """The check as JSON-LD, one ClaimReview a claim, with the readings' sources as citations.

    >>> import capgraph                                                                       # doctest: +SKIP
    >>> graph = capgraph.load()                                                               # doctest: +SKIP
    >>> claim_reviews(graph.check("seed-article"), graph.facts, graph.ontology)               # doctest: +SKIP
    """
    reviews = [_review(row, checked, facts, Voice(ontology, lang)) for row in checked.claims]
    document = {"@context": {"@vocab": "https://schema.org/"}, "@graph": reviews}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _review(row: CheckedClaim, checked: Check, facts: Facts, voice: Voice) -> Document:
    clocks = checked.context.clocks
    review: Document = {
        "@type": "ClaimReview",
        "@id": f"{thing_iri(f'claim/{row.id}')}#review-{clocks.known_on}",
        "url": thing_iri(f"claim/{row.id}"),
        "inLanguage": voice.lang,
        "datePublished": str(clocks.known_on),
        "author": {"@type": "Organization", "name": "capgraph", "url": "https://w3id.org/capgraph/"},
        "creditText": f"capgraph {__version__}, {checked.context.version}",
        "claimReviewed": row.statement[voice.lang],
        "reviewBody": " ".join([voice.text(row.because), *(voice.text(remark) for remark in row.remarks)]),
        "reviewRating": _rating(row, voice),
        "itemReviewed": _claim(row, facts, voice),
    }
    citations = [_work(facts, source) for source in row.sources]
    return {**review, "citation": citations} if citations else review


def _rating(row: CheckedClaim, voice: Voice) -> Document:
    named: Document = {
        "@type": "Rating",
        "alternateName": row.verdict.label[voice.lang],
        "ratingExplanation": row.verdict.definition[voice.lang],
    }
    if not row.verdict["rating"]:
        return named
    return {**named, "ratingValue": int(row.verdict["rating"]), "bestRating": _BEST, "worstRating": _WORST}


def _claim(row: CheckedClaim, facts: Facts, voice: Voice) -> Document:
    found: Document = {
        "@type": "Claim",
        "@id": thing_iri(f"claim/{row.id}"),
        "text": row.statement[voice.lang],
        "appearance": _work(facts, row.stated_in),
    }
    if isinstance(row.speaker, Name):
        found["author"] = _party(row.speaker, facts, voice)
    return found


def _party(name: Name, facts: Facts, voice: Voice) -> Document:
    """Who is quoted: a person where the party's kind denotes one, else an organisation."""
    row = facts.get(f"party/{name.id}")
    denoted = voice.ontology.code("party-kind", row["kind"])["denotes"] if row is not None else ""
    kind = "Person" if denoted == f"{CAP}Person" else "Organization"
    return {"@type": kind, "@id": thing_iri(f"party/{name.id}"), "name": name[voice.lang]}


def _work(facts: Facts, source: str) -> Document:
    """A document: its title, publisher, date and address as far as the data know them."""
    row = facts.get(source)
    cells: Mapping[str, str] = row.cells if row is not None else {}
    work: Document = {"@type": "CreativeWork", "@id": thing_iri(source), "name": cells.get("title", source)}
    if cells.get("publisher"):
        work["publisher"] = {"@type": "Organization", "name": cells["publisher"]}
    for key, column in (("datePublished", "published"), ("inLanguage", "language"), ("url", "url")):
        if cells.get(column):
            work[key] = cells[column]
    return work
