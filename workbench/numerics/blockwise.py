"""Numbers divided by the absmax of their blocks and looked up in a table of levels, as bitsandbytes does it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.codebook import Codebook

Fp32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]

# functional.py, quantize_4bit
BLOCK_SIZES = (32, 64, 128, 256, 512, 1024, 2048, 4096)
LARGEST_BLOCK = BLOCK_SIZES[-1]
# An absmax below this is divided by as if it were this; that of a last, short block is kept as this.
LEAST_ABSMAX = np.float32(1e-38)

UNSURE = 255
HALF_THE_CELLS = 32_768


@dataclass(frozen=True)
class Table:
    """A codebook in FP32: its levels upward, the codes of these, and the bounds half-way between two levels.

    Levels and codes have the shape (levels,), bounds (levels - 1,). The numbers from -reach to reach lie in
    2 * HALF_THE_CELLS + 1 cells. `places_by_cell`, shape (cells,), has the place among the bounds that all numbers of a
    cell have, and UNSURE where a bound lies in the cell; `levels_by_cell` has their level, and NaN there.
    """

    levels: Fp32
    codes: Bytes
    bounds: Fp32
    reach: float
    places_by_cell: Bytes
    levels_by_cell: Fp32


# By the identity of a codebook, which is kept here too: to hash its levels, which are fractions, takes as long as to
# quantize 5000 numbers.
_tables: dict[int, tuple[Codebook, Table]] = {}


def table_of(codebook: Codebook) -> Table:
    if id(codebook) not in _tables:
        _tables[id(codebook)] = (codebook, _made_table(codebook))
    return _tables[id(codebook)][1]


def _made_table(codebook: Codebook) -> Table:
    by_code = np.array([float(level) for level in codebook.levels], np.float32)
    order = np.argsort(by_code, kind="stable")
    levels = by_code[order]
    return table_from(levels, order.astype(np.uint8), (levels[:-1] + levels[1:]) / np.float32(2))


def table_from(levels: Fp32, codes: Bytes, bounds: Fp32, reach: float = 1.0) -> Table:
    """A number on a bound takes the level below it. Levels and codes have the shape (levels,), bounds (levels - 1,)."""
    cells = np.arange(2 * HALF_THE_CELLS + 1)
    # The cell of a number never falls where the number grows: what lies in a later cell than a bound is above it.
    with_bound = cells_of(bounds, reach)
    places = np.searchsorted(with_bound, cells).astype(np.uint8)
    by_cell = levels[places]
    places[with_bound] = UNSURE
    by_cell[with_bound] = np.nan
    return Table(levels, codes, bounds, reach, places, by_cell)


def cells_of(
    scaled: Fp32, reach: float, out: Places | None = None, room: tuple[Fp32, NDArray[np.int32]] | None = None
) -> Places:
    """In which of the cells from -reach to reach each number lies; `room` is overwritten.

    `scaled` and the result, which is `out` where it is given, have the shape (numbers,), both arrays of `room` too.
    """
    moved, narrow = (None, np.empty(len(scaled), np.int32)) if room is None else room
    moved = np.multiply(scaled, np.float32(HALF_THE_CELLS / reach), out=moved)
    moved += np.float32(HALF_THE_CELLS)
    cells = np.empty(len(scaled), np.intp) if out is None else out
    with np.errstate(invalid="ignore"):
        np.copyto(narrow, moved, casting="unsafe")  # numpy has no fast way from FP32 to the widest integer
    np.copyto(cells, narrow)
    return cells


def levels_of(table: Table, scaled: Fp32, cells: Places | None = None, out: Fp32 | None = None) -> Fp32:
    """The level that each number takes; `cells` are its `cells_of`, where they are known already.

    All have the shape (numbers,); the result is `out` where it is given.
    """
    places = cells_of(scaled, table.reach) if cells is None else cells
    levels = table.levels_by_cell.take(places, out=out, mode="clip")
    unsure = np.flatnonzero(np.isnan(levels))
    levels[unsure] = table.levels[np.searchsorted(table.bounds, scaled[unsure])]
    return levels


def block_absmax(flat: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
    """The largest magnitude of every block of `flat`, shape (numbers,): shape (blocks,).

    `out`, of the shape of `flat`, takes all magnitudes.
    """
    absmax = largest_by_block(flat, block_size, out)
    if len(flat) % block_size:
        absmax[-1] = np.maximum(absmax[-1], LEAST_ABSMAX)
    return absmax


def largest_by_block(flat: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
    """The same, of the same shape, without a least absmax.

    Magnitudes are ordered as their bits are, which numpy compares twice as fast.
    """
    magnitudes: Fp32 = np.abs(flat, out=out)
    if not len(flat):
        return magnitudes
    bits = np.maximum.reduceat(magnitudes.view(np.int32), np.arange(0, len(flat), block_size))
    return bits.view(np.float32)


def code_of(value: float, absmax: float, codebook: Codebook, *, is_whole_block: bool = True) -> int:
    """The code of one number in a block with this absmax, above zero."""
    divisor = np.float32(absmax)
    number = np.float32(value)
    scaled = number * (np.float32(1) / max(divisor, LEAST_ABSMAX)) if is_whole_block else number / divisor
    return int(place_codes(codebook, np.array([scaled], np.float32))[0])


def place_codes(codebook: Codebook, scaled: Fp32) -> Bytes:
    """The codes of numbers, shape (numbers,), that are divided by their absmax already: of the same shape."""
    return table_of(codebook).codes[places_of(codebook, scaled)]


def places_of(codebook: Codebook, scaled: Fp32) -> Bytes:
    """How many bounds lie below each number, shape (numbers,): of the same shape, uint8."""
    table = table_of(codebook)
    places = table.places_by_cell.take(cells_of(scaled, table.reach), mode="clip")
    unsure = np.flatnonzero(places == UNSURE)
    places[unsure] = np.searchsorted(table.bounds, scaled[unsure])
    return places


def scaled_by_blocks(flat: Fp32, absmax: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
    """The numbers divided by the absmax of their blocks, in the way that CodebookQuantizer says.

    `flat` and the result, which is `out` where it is given, have the shape (numbers,), `absmax` (blocks,).
    """
    whole = len(flat) // block_size * block_size
    divisors: Fp32 = np.maximum(absmax[: whole // block_size], LEAST_ABSMAX)
    scaled = np.empty_like(flat) if out is None else out
    by_block = scaled[:whole].reshape(-1, block_size)
    np.multiply(flat[:whole].reshape(-1, block_size), np.reciprocal(divisors)[:, None], out=by_block)
    if whole < len(flat):
        np.divide(flat[whole:], absmax[-1], out=scaled[whole:])
    return scaled


def times_by_blocks(values: Fp32, factors: Fp32, block_size: int, out: Fp32 | None = None) -> Fp32:
    """Multiplies each block by its own factor, in place where there is no `out`.

    `values`, `out` and the result have the shape (numbers,), `factors` (blocks,).
    """
    product = values if out is None else out
    whole = len(values) // block_size * block_size
    by_block = product[:whole].reshape(-1, block_size)
    np.multiply(values[:whole].reshape(-1, block_size), factors[: len(by_block), None], out=by_block)
    if whole < len(values):
        np.multiply(values[whole:], factors[len(by_block)], out=product[whole:])
    return product
