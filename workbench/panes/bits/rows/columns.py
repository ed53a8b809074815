"""Where the columns of the Bits table lie, for the width there is."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QFontMetricsF

from workbench.panes.bits.shown.model import BitsRow
from workbench.panes.bits.shown.words import constant_text
from workbench.panes.charts.bit_cells import RING_ROOM, CellSize, lay_out
from workbench.panes.look.theme import Theme

PAD = 14
LONGEST_FACT = "underflow"
WIDE = 1300  # from here on there is room for a column of classes
# Characters of a value: as many as there ought to be, at least, and of FP64 no more than this.
VALUE_WANTED, VALUE_LEAST, VALUE_MOST = 17, 11, 34
ERROR, RELATIVE, ULP = 9, 7, 6  # characters
LEAST_CELL = 11  # a digit in a narrower cell is not read any more
ROOMY_SCALE = 1.3
BAR = 42  # beside a relative error, where there is room for it


@dataclass(frozen=True)
class Columns:
    """Left and right edges in pixels; a column that is left out has none."""

    name: tuple[int, int]
    strip: tuple[int, int]
    value: tuple[int, int]
    error: tuple[int, int]
    ulp: tuple[int, int]
    lock: tuple[int, int]
    hex: tuple[int, int] | None
    relative: tuple[int, int] | None
    number_class: tuple[int, int] | None
    value_characters: int
    cell_width: int
    cell_scale: float
    role: str  # of the figures' font


def share_out(theme: Theme, rows: Sequence[BitsRow], width: int, *, is_roomy: bool = False) -> Columns:
    """The columns of these rows; where the room is small the relative error goes, then hex, then the cells shrink."""
    px = theme.px
    role, scale = ("body", ROOMY_SCALE) if is_roomy else ("small", 1.0)
    figure = QFontMetricsF(theme.font(role, mono=True)).horizontalAdvance("0")
    name = _name_width(theme, rows)
    cells = CellSize.small(theme, scale)
    strip = natural = max(_strip_width(theme, row, cells) for row in rows)
    least_cells = cells.narrowed(px(LEAST_CELL))
    narrow = max(_strip_width(theme, row, least_cells) for row in rows)
    hex_ = round(figure * max(4, *(row.format.hex_digits for row in rows)) + px(16))
    relative = round(figure * RELATIVE + px(10))
    barred = relative + px(BAR)
    class_ = px(84) if width >= px(WIDE) else 0
    error, ulp, lock = round(figure * ERROR + px(12)), round(figure * ULP + px(10)), px(40)
    rest = width - 2 * px(PAD) + px(8) - name - error - ulp - lock - class_
    least, wanted = round(figure * VALUE_LEAST + px(16)), round(figure * VALUE_WANTED + px(16))
    choices = (
        (strip, hex_, barred, wanted), (strip, hex_, relative, wanted), (strip, hex_, relative, least),
        (narrow, hex_, relative, least), (narrow, hex_, 0, least), (narrow, 0, 0, least),
    )  # fmt: skip
    for strip, hex_, relative, value in choices:
        if strip + hex_ + relative + value <= rest:
            break
    else:
        strip = max(px(120), rest - least)
    if strip == narrow:  # what the others leave goes to the cells before it goes to the digits
        strip = min(natural, max(strip, rest - hex_ - relative - wanted))
    cell = cells.width
    while cell > least_cells.width and max(_strip_width(theme, row, cells.narrowed(cell)) for row in rows) > strip:
        cell -= 1
    most = round(figure * VALUE_MOST + px(16))
    value = min(most, max(least, rest - strip - hex_ - relative))
    x = px(PAD)
    edges: list[tuple[int, int]] = []
    spare = max(0, rest - strip - hex_ - relative - value)
    for part in (name, strip + spare // 3, hex_, value + spare - spare // 3, error, relative, ulp, class_, lock):
        edges.append((x, x + part))
        x += part
    return Columns(
        name=edges[0],
        strip=(edges[1][0], edges[1][0] + strip),
        hex=edges[2] if hex_ else None,
        value=edges[3],
        error=edges[4],
        relative=edges[5] if relative else None,
        ulp=edges[6],
        number_class=edges[7] if class_ else None,
        lock=edges[8],
        value_characters=int((value - px(14)) / figure),
        cell_width=cell,
        cell_scale=scale,
        role=role,
    )


def _name_width(theme: Theme, rows: Sequence[BitsRow]) -> int:
    """Room for the longest name with its scale, within bounds."""
    names, facts = QFontMetricsF(theme.font("body", weight=500)), QFontMetricsF(theme.font("caption"))
    needed = max(
        names.horizontalAdvance(row.format.name) + facts.horizontalAdvance(constant_text(row.format) or LONGEST_FACT)
        for row in rows
    )
    return min(theme.px(172), max(theme.px(128), round(needed) + theme.px(18)))


def _strip_width(theme: Theme, row: BitsRow, cells: CellSize) -> int:
    """The row's cells in one line; those of more than 32 bits take two."""
    room = 1e9 if row.format.bits <= 32 else 32 * (cells.width + cells.gap) + 2 * cells.field_gap + 2 * RING_ROOM
    return round(lay_out(row.format, cells, room=room).width) + theme.px(10)
