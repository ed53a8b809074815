"""The modules in packaging/, loaded as main.py does: that folder is in `sys.path` only meanwhile."""

import importlib
from pathlib import Path

import pytest

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(Path(__file__).parents[2] / "packaging")
    bootstrap = importlib.import_module("bootstrap")
    torch_choice = importlib.import_module("torch_choice")
