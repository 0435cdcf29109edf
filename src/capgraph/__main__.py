"""``python -m capgraph`` is the command line."""

from capgraph.cli import main

main()
