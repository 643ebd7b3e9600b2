"""Puts the rig's Python twins on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "rig"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
