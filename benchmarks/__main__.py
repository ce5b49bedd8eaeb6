"""Run every benchmark, or those named: python -m benchmarks [NAME ...]; options behind one name are its own."""

import importlib
import sys
from itertools import takewhile

NAMES = ("classes", "floor", "growth", "startup", "redraw", "training", "blocks", "agreement")

names = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
options = sys.argv[1 + len(names) :]
for name in names or NAMES:
    main = importlib.import_module(f"benchmarks.{name}").main
    main(options) if options else main()
