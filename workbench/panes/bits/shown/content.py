"""All that one step of undo on the Bits page brings back."""

from dataclasses import dataclass

from workbench.core.bits.inspection import Inspection, inspect_code, inspect_number
from workbench.core.bits.state import BitsState
from workbench.numerics.named_formats import find_format
from workbench.numerics.number import Number
from workbench.numerics.number_format import FormatError, NumberFormat
from workbench.numerics.number_text import read_number
from workbench.numerics.rounding import Rounding


@dataclass(frozen=True)
class Content:
    """All that one step of undo brings back; codes are kept by the slugs of their formats."""

    text: str
    number: Number
    formats: tuple[NumberFormat, ...]
    own: tuple[NumberFormat, ...]  # made by a person, whether among the rows or not
    rounding: Rounding
    saturate: bool
    seed: int
    locks: tuple[tuple[str, int], ...]
    edited: tuple[str, int] | None  # the bits that the number was read from: other codes may stand for it too

    def inspected(self, format_: NumberFormat) -> tuple[Inspection, bool]:
        """What a format's row shows, and whether it keeps its bits."""
        locked = dict(self.locks).get(format_.slug)
        is_locked = locked is not None and locked < 1 << format_.bits
        if locked is not None and is_locked:
            return inspect_code(format_, locked, self.number), True
        if self.edited and self.edited[0] == format_.slug and self.edited[1] < 1 << format_.bits:
            return inspect_code(format_, self.edited[1], self.number), False
        rounded = inspect_number(format_, self.number, self.rounding, saturate=self.saturate, seed=self.seed)
        return rounded, False


def is_named(format_: NumberFormat) -> bool:
    try:
        return find_format(format_.slug) == format_
    except FormatError:
        return False


def with_lock(locks: tuple[tuple[str, int], ...], slug: str, code: int | None) -> tuple[tuple[str, int], ...]:
    kept = {known: value for known, value in locks if known != slug}
    return tuple(sorted((kept if code is None else kept | {slug: code}).items()))


def content_of(state: BitsState) -> Content:
    """Raises NumberTextError for a value that cannot be read, which a state read from text never has."""
    return Content(
        text=state.value,
        number=read_number(state.value),
        formats=tuple(state.formats),
        own=tuple(state.own),
        rounding=state.rounding,
        saturate=state.saturate,
        seed=state.seed,
        locks=tuple(sorted(state.locks.items())),
        edited=None,
    )
