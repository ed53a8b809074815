"""Quantities in words."""

from workbench.core.figures import THIN_SPACE
from workbench.core.units import counted


def test_that_one_thing_is_one_and_any_other_count_is_many() -> None:
    assert [counted(count, "row") for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert counted(12_000, "linear layer") == f"12{THIN_SPACE}000 linear layers"
