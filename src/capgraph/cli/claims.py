"""What a text claims: test it against what other sources say."""

from __future__ import annotations

import click

from capgraph.cli.options import FORMATS, Options, emit, options_with


@click.command()
@click.argument("text", required=False, default="")
@click.option("--claim", metavar="ID", help="Only this claim, with the whole working.")
@click.option("--verdict", metavar="VERDICT", default="", help="Only claims of this verdict, such as contradicted.")
@options_with((*FORMATS, "claimreview"), counted=False)
def check(text: str, claim: str | None, verdict: str, options: Options) -> int:
    """Test what a text claims against what independent sources say: a verdict a claim, and why.

    TEXT is the id of a source (default: every text whose claims the data hold). The text itself, its copies and what
    has the same origin never support its claims. The format claimreview is schema.org ClaimReview as JSON-LD. Exit code
    1 if a claim is contradicted or the text's own numbers do not fit together.

    \b
    Examples:
      capgraph check seed-article --verdict contradicted
      capgraph check --claim seed-article--openai-price-to-sales
      capgraph check seed-article --known-on 2025-11-30 --lang zh
      capgraph check seed-article -f claimreview -o reviews.jsonld
    """
    graph = options.graph()
    if claim:
        if options.format == "claimreview":
            raise click.UsageError("the format claimreview is of whole texts; leave out --claim")
        working = graph.check_claim(claim)
        emit(graph.render(working, options.format, options.lang, evidence=options.evidence), options.output)
        return int(working.verdict["fails"] == "true")
    checked = graph.check(text, verdict)
    if options.format == "claimreview":
        from capgraph.claimreview import claim_reviews

        emit(claim_reviews(checked, graph.facts, graph.ontology, options.lang), options.output)
    else:
        emit(graph.render(checked, options.format, options.lang, evidence=options.evidence), options.output)
    return int(checked.fails)
