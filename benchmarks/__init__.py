"""Speed, memory and scale of capgraph against what a user would pick instead; see ``python -m benchmarks --help``."""
