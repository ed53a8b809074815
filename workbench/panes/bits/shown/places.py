"""The values of a format that a key jumps to."""

from collections.abc import Callable
from typing import Literal

from workbench.numerics.neighbours import infinity_code, largest_code, smallest_code, zero_code
from workbench.numerics.number_format import NumberFormat

Place = Literal["infinity", "zero", "largest", "smallest"]
PLACES: dict[Place, Callable[[NumberFormat], int | None]] = {
    "infinity": lambda format_: infinity_code(format_, is_negative=False),
    "zero": zero_code,
    "largest": largest_code,
    "smallest": smallest_code,
}
