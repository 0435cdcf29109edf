"""Write the reference pages from what they describe: ``python -m docs.generate``.

``docs/commands.md`` comes from the help texts of the command line, ``docs/data-dictionary.md`` from the column list and
the ontology. A test fails when a page and its origin differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from capgraph.cli import capgraph
from capgraph.ontology import Ontology, load
from capgraph.schema import Column, Table

FOLDER = Path(__file__).resolve().parent


def commands() -> str:
    """Every command with its help, as printed."""
    context = click.Context(capgraph, info_name="capgraph", terminal_width=100, max_content_width=100)
    parts = ["# Commands", "", "Written from the help texts by `python -m docs.generate`.", ""]
    parts += ["```text", capgraph.get_help(context), "```"]
    for name in capgraph.list_commands(context):
        command = capgraph.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, terminal_width=100, max_content_width=100)
        parts += ["", f"## capgraph {name}", "", "```text", command.get_help(inner), "```"]
    return "\n".join(parts) + "\n"


def dictionary(ontology: Ontology) -> str:
    """Every table and column with its meaning in both languages, and every code list."""
    parts = [
        "# Data dictionary",
        "",
        "Written from `ontology/` by `python -m docs.generate`. The tables lie in `data/`.",
        "",
    ]
    for table in ontology.schema.tables.values():
        parts += [*_table(ontology, table), ""]
    parts += ["## Code lists", ""]
    schemes = sorted(
        {column.scheme for table in ontology.schema.tables.values() for column in table.columns if column.scheme}
    )
    for scheme in schemes:
        parts += [*_scheme(ontology, scheme), ""]
    return "\n".join(parts)


def _table(ontology: Ontology, table: Table) -> Iterator[str]:
    label, meaning = ontology.class_label(table.class_iri), ontology.definition(table.class_iri)
    yield f"## {table.name} ({label.en}, {label.zh})"
    yield ""
    yield f"{meaning.en}  "
    yield meaning.zh
    yield ""
    yield f"Key: {', '.join(f'`{name}`' for name in table.key)}. Things are named `{table.kind}/...`."
    yield ""
    yield "| column | holds | required | meaning | 含义 |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        told = ontology.definition(column.predicate)
        required = "yes" if column.required else ""
        yield f"| `{column.name}` | {_cell(_holds(column))} | {required} | {_cell(told.en)} | {_cell(told.zh)} |"


def _holds(column: Column) -> str:
    many = " (several, separated by `|`)" if column.separator else ""
    return f"{column.expected}{many}"


def _scheme(ontology: Ontology, scheme: str) -> Iterator[str]:
    yield f"### {scheme}"
    yield ""
    yield "| code | English | 中文 | meaning |"
    yield "|---|---|---|---|"
    for code in ontology.codes(scheme).values():
        yield f"| `{code.code}` | {_cell(code.label.en)} | {_cell(code.label.zh)} | {_cell(code.definition.en)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def pages() -> dict[str, str]:
    """Each page by its file name."""
    return {"commands.md": commands(), "data-dictionary.md": dictionary(load())}


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
