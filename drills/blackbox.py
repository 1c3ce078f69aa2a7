"""The one place that knows where the modules of the black-box tests are: importing this module
makes `database`, `cluster`, `protocol`, `browser` and `harness` importable."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

sys.path.append(str(ROOT / "Tests" / "BlackBox"))
