"""The worlds are those of the benchmark: what a table reports and what is tested is one thing."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
