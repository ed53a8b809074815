"""What all tests of pages share: Qt's objects go in the thread that made them."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _collected_where_it_was_made() -> Iterator[None]:
    """Collects in this thread alone: a task's thread that comes upon a page in a cycle destroys widgets there."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()
