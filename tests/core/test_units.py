"""Quantities in words."""

from workbench.core.figures import THIN_SPACE
from workbench.core.units import bytes_in_digits, counted, short_count, three_digits


def test_that_one_thing_is_one_and_any_other_count_is_many() -> None:
    assert [counted(count, "row") for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert counted(12_000, "linear layer") == f"12{THIN_SPACE}000 linear layers"


def test_that_three_digits_are_three_wherever_the_point_is() -> None:
    assert [three_digits(value) for value in (1.5, 9.996, 16.14, 99.96, 269, 0.135, 1040)] == [
        *("1.50", "10.0", "16.1", "100", "269", "0.135", f"1{THIN_SPACE}040"),
    ]
    sizes = [0, 912, 999_600, 269_060_552, 999_600_000, 16_060_556_376, 1_510_000_000_000]
    said = ["0 bytes", "912 bytes", "1.00 MB", "269 MB", "1.00 GB", "16.1 GB", "1.51 TB"]
    assert [bytes_in_digits(size) for size in sizes] == said
    assert [short_count(count) for count in (7, 912, 845_300, 12_800_000)] == ["7", "912", "845 k", "12.8 M"]
