"""capgraph: who finances, owns, lends to, buys from and depends on whom in AI."""

__version__ = "0.1.0"
