"""The package's copy that a test of adding something changes."""

from pathlib import Path

import pytest

from tests.house.scratch import Scratch


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """A copy of workbench/ and resources/ for this test alone."""
    return Scratch(tmp_path / "copy")
