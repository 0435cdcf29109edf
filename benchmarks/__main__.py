"""``python -m benchmarks``: measure, print a Markdown table, and keep it under ``output/``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import networks, startup


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a user waits, in seconds, ratios and megabytes.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each warm process")
    parser.add_argument("-o", "--output", type=Path, default=Path("output/benchmarks.md"))
    options = parser.parse_args()
    text = f"{startup.report(options.runs)}\n{networks.report()}"
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
