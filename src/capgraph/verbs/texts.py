"""Read a text against the graph."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from capgraph.errors import UsageProblem
from capgraph.verbs.scoped import Day, Scoped, last_day

if TYPE_CHECKING:
    from capgraph.reader.answers import TextRead


class Texts(Scoped):
    """Read a text against the graph."""

    def read(
        self,
        text: str | bytes | Path,
        *,
        name: str = "",
        published: Day = None,
        source: str = "",
        most: int = 2000,
    ) -> TextRead:
        """The candidate statements of a text: a string, the bytes of a file, or a file.

        ``published`` is the day of the text, from which "last month" counts. ``source`` is its id where it is among the
        sources: its own readings then support nothing, and its date is the default of ``published``. ``most`` bounds
        the answer. Raises NotFound where no known party is named, DataProblem for what is no text, UsageProblem for a
        file or source that is not there.
        """
        from capgraph.reader import telling, texts

        if isinstance(text, Path):
            name = name or text.name
            text = texts.content(text)
        named = name or "text"
        whole = texts.decode(text, named) if isinstance(text, bytes) else texts.prepared(text)
        day = last_day(published) or (self._published(source) if source else None)
        return telling.read(self.network, whole, self.context, name=named, published=day, source=source, most=most)

    def _published(self, source: str) -> date | None:
        row = self.facts.get(f"source/{source}")
        if row is None:
            raise UsageProblem(f"there is no source {source!r}; its id stands in sources.csv")
        return last_day(row["published"] or None)
