"""capgraph: who finances, owns, lends to, buys from and depends on whom in AI."""
