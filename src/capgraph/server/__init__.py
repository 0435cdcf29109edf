"""The graph on the web: a SPARQL 1.1 endpoint, a page to query it, pages of things, the explorer. Read-only.

The process that speaks HTTP does no work of its own: every query and every page is made in a process forked for it,
within limits of time and memory that the kernel keeps (``workers.py``, ``tasks.py``). So no request can hold up another
for longer than its limit, and what one leaves behind goes with its process.
"""
