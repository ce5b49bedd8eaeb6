"""Run every benchmark, or those named: python -m benchmarks [NAME ...]."""

import importlib
import sys

NAMES = ("grading", "startup", "redraw", "training", "blocks", "agreement")

for name in sys.argv[1:] or NAMES:
    importlib.import_module(f"benchmarks.{name}").main()
