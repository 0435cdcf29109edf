"""What the tables of claims must keep beyond the shapes: formulas that are formulas, over inputs that there are."""

from __future__ import annotations

from collections.abc import Iterator

from capgraph.errors import Problem, UsageProblem
from capgraph.facts import Facts, Row
from capgraph.formulas import Formula
from capgraph.ontology import Lang, Ontology


def wrong_formulas(facts: Facts, ontology: Ontology, lang: Lang) -> Iterator[tuple[Problem, Row]]:
    """Each claim whose formula cannot be read, names no input of the claim, or does not go with its stated value."""
    for row in facts.table("claims"):
        if row["formula"] and row["kind"] != "query":
            column, key, more = _wrong(facts, row)
            if key:
                wrong = ontology.say(f"claim_rules.{key}", lang, more=more)
                right = ontology.say(f"claim_rules.{key}.right", lang)
                yield Problem(row.file, row.line, column, row[column], f"{wrong} [claim-formula]", right), row


def _wrong(facts: Facts, row: Row) -> tuple[str, str, str]:
    """The column at fault, the words for it and what is to be named in them; empty where nothing is wrong."""
    try:
        formula = Formula.parse(row["formula"])
    except UsageProblem:
        return "formula", "unreadable", ""
    known = {each["name"] for each in facts.naming("inputs", "claim", row.ref)}
    strange = [name for name in formula.names if name not in known]
    if strange:
        return "formula", "no_input", ", ".join(strange)
    if formula.compares and row["value"]:
        return "value", "yes_or_no", ""
    return ("value", "no_value", "") if not formula.compares and not row["value"] else ("", "", "")
