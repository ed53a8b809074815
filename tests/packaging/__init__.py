"""The modules in packaging/, loaded as main.py does: that folder is in `sys.path` only meanwhile."""

import importlib
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(PACKAGING)
    bootstrap = importlib.import_module("bootstrap")
    check = importlib.import_module("check")
    torch_choice = importlib.import_module("torch_choice")
    patch.syspath_prepend(PACKAGING / "screens")
    compare = importlib.import_module("compare")
