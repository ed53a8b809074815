"""A stored tensor as a quantized format sees it: each number beside the scale of its group, in bounded memory."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from workbench.core.model.stored_tensor import Extent, StoredTensor
from workbench.core.quantized.layer_grid import BINS, Grid, grid_of
from workbench.core.quantized.tensor import (
    PIECE_NUMBERS,
    Cancelled,
    Piece,
    check_finite,
    check_quantizable,
    pieces,
)
from workbench.numerics.affine import Affine
from workbench.numerics.affine_quantizer import AffineQuantizer
from workbench.numerics.block_quantizer import BlockQuantizer
from workbench.numerics.double_quant import DoubleQuantized, double_quantize
from workbench.numerics.quantization_error import energy_of
from workbench.numerics.quantization_scheme import Grouping, Scheme

Fp32 = NDArray[np.float32]
Counts = NDArray[np.int64]

# A column stands out where its absmax is over the median of all columns' by more than this many robust standard
# deviations; one is 1.4826 times the median absolute deviation, as it is of normal numbers.
OUTLIER_DEVIATIONS = 6.0
ROBUST_DEVIATION = 1.4826
LEAST_COLUMNS = 8


@dataclass(frozen=True)
class LayerStudy:
    """One tensor in one format. What a group is, the scheme's grouping says: a block, a row or the whole tensor."""

    tensor: StoredTensor
    scheme: Scheme
    grid: Grid
    counts: Counts  # numbers in each bin
    taken: Counts  # numbers that go to each level; of a dense grid none are counted
    group_size: int
    absmax: Fp32  # of each group
    lowest: Fp32  # of each row, or of the tensor; of blocks there are none
    highest: Fp32
    largest: float  # the absmax of the tensor
    columns: Fp32  # the absmax of each column; none of a vector
    column_limit: float | None
    outliers: tuple[int, ...]  # the columns above it
    second: DoubleQuantized | None  # what double quantization makes of the absmax values

    @property
    def groups(self) -> int:
        return len(self.absmax)

    @property
    def rows(self) -> int:
        return self.tensor.numbers // self.tensor.row_length


@dataclass
class _Sums:
    """What pieces are added to."""

    tensor: StoredTensor
    scheme: Scheme
    grid: Grid
    lowest: Fp32
    highest: Fp32
    counts: Counts = field(default_factory=lambda: np.zeros(BINS, np.int64))
    taken: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    absmax: list[Fp32] = field(default_factory=list)
    columns: Fp32 = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        if not self.grid.is_dense:
            self.taken = np.zeros(len(self.grid.levels), np.int64)
        if self.tensor.numbers > self.tensor.row_length:
            self.columns = np.zeros(self.tensor.row_length, np.float32)
        quantizer = self.scheme.quantizer
        if isinstance(quantizer, AffineQuantizer):
            self._affine = quantizer.affine(self.lowest, self.highest)
            self.absmax = [np.maximum(-self.lowest, self.highest)]
        else:
            self._level_of_code = np.searchsorted(self.grid.levels, quantizer.numbers_by_code().astype(np.float64))

    def add(self, piece: Piece) -> None:
        scaled = self._scaled(piece)
        bins = (scaled - np.float32(self.grid.low)) * np.float32(BINS / (self.grid.high - self.grid.low))
        np.clip(bins, 0, BINS - 1, out=bins)
        self.counts += np.bincount(bins.astype(np.intp), minlength=BINS)
        if len(self.columns):
            _add_columns(self.columns, piece.start, np.abs(piece.values))

    def _scaled(self, piece: Piece) -> Fp32:
        """The numbers over the scales of their groups."""
        quantizer = self.scheme.quantizer
        if isinstance(quantizer, AffineQuantizer):
            return self._by_affine(piece, quantizer, self._affine)
        return self._by_blocks(piece.values, quantizer)

    def _by_blocks(self, values: Fp32, quantizer: BlockQuantizer) -> Fp32:
        size = self.scheme.block_size
        absmax = quantizer.absmax(values, size)
        self.absmax.append(absmax)
        largest = max(-float(self.lowest[0]), float(self.highest[0])) if len(self.lowest) else None
        scaled = quantizer.scaled(values, quantizer.scales(absmax, largest).numbers, size)
        if not self.grid.is_dense:
            by_code = np.bincount(quantizer.codes_of(scaled), minlength=len(self._level_of_code))
            np.add.at(self.taken, self._level_of_code, by_code)
        return scaled

    def _by_affine(self, piece: Piece, quantizer: AffineQuantizer, affine: Affine) -> Fp32:
        """As integers before they are rounded; absmax quantization has them over the largest."""
        if self.scheme.grouping is Grouping.TENSOR:
            group: NDArray[np.int64] | int = 0
        else:
            group = np.arange(piece.start, piece.start + len(piece.values)) // self.tensor.row_length
        scaled: Fp32 = piece.values * affine.factor[group]
        if quantizer.has_zero_point:
            scaled += affine.zero_point[group].astype(np.float32)
        else:
            scaled /= np.float32(quantizer.unit)
        return scaled


def study_layer(tensor: StoredTensor, scheme: Scheme, is_cancelled: Cancelled | None = None) -> LayerStudy:
    """Raises UserError, and MeasuringCancelled.

    The file is read once; twice where the range of the rows or of the tensor has to be known beforehand.
    """
    check_quantizable(tensor)
    lowest, highest = _ranges(tensor, scheme, is_cancelled)
    sums = _Sums(tensor, scheme, grid_of(scheme), lowest, highest)
    for piece in pieces(tensor, [Extent(0, tensor.numbers)], PIECE_NUMBERS, is_cancelled):
        check_finite(tensor, energy_of(piece.values), piece.values)
        sums.add(piece)
    absmax = np.concatenate(sums.absmax)
    limit = column_limit(sums.columns)
    return LayerStudy(
        tensor,
        scheme,
        sums.grid,
        sums.counts,
        sums.taken,
        group_size_of(tensor, scheme),
        absmax,
        lowest,
        highest,
        float(absmax.max()),
        sums.columns,
        limit,
        tuple(np.flatnonzero(sums.columns > limit).tolist()) if limit is not None else (),
        double_quantize(absmax) if scheme.double_quant else None,
    )


def head_of(tensor: StoredTensor, numbers: int) -> StoredTensor | None:
    """Its first rows, which have about `numbers` numbers; None where there are not many more, or no rows."""
    rows = numbers // tensor.row_length
    if rows < 1 or tensor.numbers < 4 * numbers:
        return None
    count = rows * tensor.row_length
    size = tensor.entry.size_bytes // tensor.numbers * count
    return replace(tensor, entry=replace(tensor.entry, shape=(rows, tensor.row_length), size_bytes=size))


def group_size_of(tensor: StoredTensor, scheme: Scheme) -> int:
    """Numbers that share a scale."""
    match scheme.grouping:
        case Grouping.TENSOR:
            return tensor.numbers
        case Grouping.ROW:
            return tensor.row_length
        case Grouping.BLOCK:
            return scheme.block_size


def column_limit(columns: Fp32) -> float | None:
    """The absmax above which a column stands out, of that of all columns, shape (columns,).

    None where there are too few, or most are the same.
    """
    if len(columns) < LEAST_COLUMNS:
        return None
    median = float(np.median(columns))
    deviation = ROBUST_DEVIATION * float(np.median(np.abs(columns - np.float32(median))))
    return median + OUTLIER_DEVIATIONS * deviation if deviation else None


def _ranges(tensor: StoredTensor, scheme: Scheme, is_cancelled: Cancelled | None) -> tuple[Fp32, Fp32]:
    """The lowest and the highest number of every row or of the tensor, where the scheme has to know them."""
    if scheme.grouping is Grouping.BLOCK and not scheme.quantizer.has_tensor_scale:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    size = tensor.row_length if scheme.grouping is Grouping.ROW else tensor.numbers
    lowest = np.full(tensor.numbers // size, np.inf, np.float32)
    highest = np.full(tensor.numbers // size, -np.inf, np.float32)
    for piece in pieces(tensor, [Extent(0, tensor.numbers)], PIECE_NUMBERS, is_cancelled):
        first, end = piece.start // size, piece.start + len(piece.values)
        last = (end - 1) // size
        starts = np.maximum(np.arange(first, last + 1) * size - piece.start, 0)
        low, high = np.minimum.reduceat(piece.values, starts), np.maximum.reduceat(piece.values, starts)
        check_finite(tensor, float(high.max()) - float(low.min()), piece.values)
        np.minimum(lowest[first : last + 1], low, out=lowest[first : last + 1])
        np.maximum(highest[first : last + 1], high, out=highest[first : last + 1])
    return lowest, highest


def _add_columns(columns: Fp32, start: int, magnitudes: Fp32) -> None:
    """Raises the absmax of each column to what a run of numbers has there."""
    length = len(columns)
    at = 0
    while at < len(magnitudes):
        column = (start + at) % length
        whole = (len(magnitudes) - at) // length * length if column == 0 else 0
        if whole:
            found, count = magnitudes[at : at + whole].reshape(-1, length).max(axis=0), length
        else:
            count = min(length - column, len(magnitudes) - at)
            found = magnitudes[at : at + count]
        part = columns[column : column + count]
        np.maximum(part, found, out=part)
        at += whole or count
