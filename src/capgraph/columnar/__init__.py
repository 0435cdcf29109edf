"""Registers of millions of firms: the same facts in columns instead of rows, and the same answers from them.

Up to :data:`capgraph.store.ROW_LIMIT` rows the facts of a data folder are Python objects and an RDF graph. Beyond it
they are Arrow columns in memory-mapped files with integer indexes beside them (``intake.py``, ``columns.py``), read by

- :class:`~capgraph.columnar.facts.ColumnarFacts`, which hands out the rows that a question touches and no others, so
  that every local question (owners, holdings, exposure, evidence) runs the very code of the small path;
- :func:`~capgraph.columnar.registers.registers`, which computes all share registers at once as a sparse matrix, for
  questions that walk through the whole network (look-through, control).

There is no RDF graph of such a folder: no SPARQL, no shapes, no page. Questions that would need every link as an
object are refused with a sentence that says so. Needs the extra ``scale`` (pyarrow).
"""
