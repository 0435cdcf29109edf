"""Which representation a client gets: the Accept header of RFC 9110 against what there is to offer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Offer:
    """One representation: its media type and the format that makes it."""

    media: str
    format: str

    @property
    def content_type(self) -> str:
        """The media type with its charset, where it is text that does not say so itself."""
        return f"{self.media}; charset=utf-8" if self.media.startswith("text/") else self.media


TABLES = (
    Offer("application/sparql-results+json", "json"),
    Offer("application/sparql-results+xml", "xml"),
    Offer("text/csv", "csv"),
    Offer("text/tab-separated-values", "tsv"),
    Offer("application/json", "json"),
    Offer("application/xml", "xml"),
    Offer("text/xml", "xml"),
)
GRAPHS = (
    Offer("text/turtle", "ttl"),
    Offer("application/n-triples", "nt"),
    Offer("application/rdf+xml", "rdf"),
    Offer("application/ld+json", "jsonld"),
    Offer("application/json", "jsonld"),
    Offer("text/plain", "nt"),
)
PAGE = Offer(HTML, "html")


@dataclass(frozen=True, slots=True)
class _Range:
    """One media range of an Accept header, with its weight and how exactly it names a type."""

    media: str
    weight: float
    exactness: int

    def takes(self, media: str) -> bool:
        kind = media.split("/")[0]
        return self.media in ("*/*", f"{kind}/*", media)


def choose(accept: str, offers: Sequence[Offer]) -> Offer | None:
    """The offer that a client likes best, None where it takes none of them. Of equals the first on offer.

    An empty header takes anything. The most exact range that fits a type sets its weight; weight 0 refuses it.

    >>> choose("text/csv;q=0.5, application/*;q=0.9", TABLES).format
    'json'
    >>> choose("text/html", TABLES) is None
    True
    """
    ranges = list(_ranges(accept)) or [_Range("*/*", 1.0, 0)]
    weights = [_weight(ranges, offer.media) for offer in offers]
    best = max(weights, default=0.0)
    return offers[weights.index(best)] if best > 0 else None


def offered(format: str, offers: Sequence[Offer]) -> Offer | None:
    """The first offer of a format by its short name."""
    return next((offer for offer in offers if offer.format == format), None)


def _weight(ranges: Sequence[_Range], media: str) -> float:
    fitting = [each for each in ranges if each.takes(media)]
    return max(fitting, key=lambda each: each.exactness).weight if fitting else 0.0


def _ranges(accept: str) -> Iterator[_Range]:
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not media:
            continue
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                weight = _number(value)
        media = "*/*" if media == "*" else media
        yield _Range(media, weight, 0 if media == "*/*" else 1 if media.endswith("/*") else 2)


def _number(text: str) -> float:
    """A weight, 0..1; one that cannot be read counts as 1, so that a clumsy header does not lose the answer."""
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 1.0
