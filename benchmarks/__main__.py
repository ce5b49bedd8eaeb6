"""Run every benchmark, or those named: python -m benchmarks [grading] [startup] [redraw] [training]."""

import importlib
import sys

for name in sys.argv[1:] or ("grading", "startup", "redraw", "training"):
    importlib.import_module(f"benchmarks.{name}").main()
