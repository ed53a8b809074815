"""What quantization loses of a stored tensor, worked out piece by piece in bounded memory."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.core.crew import Crew
from workbench.core.model.stored_tensor import Extent, StoredTensor
from workbench.core.problems import UserError, shown
from workbench.core.quantized.tensor_facts import TensorFacts, facts_of
from workbench.numerics.arrays import decode_array
from workbench.numerics.blockwise import LARGEST_BLOCK, block_absmax
from workbench.numerics.double_quant import double_quantize
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.quantization_error import ErrorSums, energy_of
from workbench.numerics.quantization_scheme import Grouping, Scheme
from workbench.numerics.round_trip import Known, RoundTrips
from workbench.numerics.scratch import Scratch

Fp32 = NDArray[np.float32]
Cancelled = Callable[[], bool]

# A piece and what is made of it, 4 MB, stay in the processor's caches, and what numpy's calls themselves cost is small
# beside it: at 32 768 a BF16 tensor takes a quarter longer in NF4. A read is large enough for its cost not to matter.
PIECE_NUMBERS = 131_072
READ_NUMBERS = 1 << 19
# A tensor is shared out in this many parts at most, beside long rows: to hand one on takes as long as 10 000 numbers.
MOST_UNITS = 256
# Rows up to this length are worked out whole.
LONGEST_WHOLE_ROW = 1 << 18


class MeasuringCancelled(Exception):
    """Raised where `is_cancelled` said so."""


@dataclass(frozen=True)
class Piece:
    start: int
    values: Fp32
    row: int = 0  # that it is a part of, where rows are longer than pieces


def measure(
    tensor: StoredTensor, schemes: Sequence[Scheme], is_cancelled: Cancelled | None = None
) -> list[TensorFacts]:
    """The error of each scheme, in the order given. Raises UserError, and MeasuringCancelled.

    Numbers are taken as FP32, which holds every one of the shorter formats. The file is read once, twice where the
    whole tensor has to be known beforehand, and twice more where its rows do not go with blocks.
    """
    with Crew(tensor.numbers) as crew:
        return Measuring(tensor, schemes, crew, is_cancelled).facts()


def why_not(tensor: StoredTensor) -> str:
    """Why it is not quantized; nothing where it can be."""
    if not tensor.problem and not isinstance(tensor.format, FloatFormat):
        return f"It holds integers ({tensor.dtype}); quantization is for floating-point numbers."
    return tensor.problem


def check_quantizable(tensor: StoredTensor) -> None:
    """Raises UserError where `why_not` says something."""
    problem = why_not(tensor)
    if problem:
        raise UserError(f'"{shown(tensor.name)}" cannot be quantized.', why=problem, remedy="Choose another tensor.")


@dataclass(frozen=True)
class _Unit:
    """What one thread measures by itself; a long row, or a part of it."""

    row: int  # where rows are longer than pieces, else 0
    extent: Extent


@dataclass
class _Found:
    """What a first reading finds out about a unit."""

    lowest: float = math.inf
    highest: float = -math.inf
    absmax: dict[int, list[Fp32]] = field(default_factory=dict)  # by block size


@dataclass
class _Extremes:
    """And about a tensor: its range or that of its long rows, and what double quantization leaves of every absmax."""

    lowest: dict[int, float] = field(default_factory=dict)  # by row; the tensor is row 0
    highest: dict[int, float] = field(default_factory=dict)
    restored: dict[int, Fp32] = field(default_factory=dict)  # by block size
    _absmax: dict[int, list[Fp32]] = field(default_factory=dict)

    def add(self, row: int, found: _Found) -> None:
        self.lowest[row] = min(found.lowest, self.lowest.get(row, math.inf))
        self.highest[row] = max(found.highest, self.highest.get(row, -math.inf))
        for size, absmax in found.absmax.items():
            self._absmax.setdefault(size, []).extend(absmax)

    def quantize_absmax(self) -> None:
        for size, absmax in self._absmax.items():
            self.restored[size] = double_quantize(np.concatenate(absmax)).restored()
        self._absmax.clear()


def _looks_ahead(scheme: Scheme) -> bool:
    """Whether the whole tensor has to be known before the first number is quantized."""
    return scheme.grouping is Grouping.TENSOR or scheme.double_quant or scheme.quantizer.has_tensor_scale


class Measuring:
    """One tensor at work: begun when it is made, done when its facts are there.

    Raises UserError and MeasuringCancelled where these are asked for, whatever comes first in the tensor.
    """

    def __init__(
        self, tensor: StoredTensor, schemes: Sequence[Scheme], crew: Crew, is_cancelled: Cancelled | None = None
    ) -> None:
        check_quantizable(tensor)
        self._tensor = tensor
        self._schemes = schemes
        self._passes = [
            _Pass(tensor, chosen, aligned_to, crew, is_cancelled)
            for chosen, aligned_to in _passes(tensor, list(dict.fromkeys(schemes)))
        ]

    def facts(self) -> list[TensorFacts]:
        sums: dict[Scheme, ErrorSums] = {}
        for one in self._passes:
            sums |= one.sums()
        return [facts_of(self._tensor, scheme, sums[scheme].measures()) for scheme in self._schemes]


def _passes(tensor: StoredTensor, schemes: Sequence[Scheme]) -> list[tuple[Sequence[Scheme], int]]:
    """Which schemes are measured together, and what the length of their pieces is a multiple of; 0 for long rows."""
    by_row = [scheme for scheme in schemes if scheme.grouping is Grouping.ROW]
    others = [scheme for scheme in schemes if scheme.grouping is not Grouping.ROW]
    common = math.lcm(LARGEST_BLOCK, tensor.row_length)
    if by_row and others and common <= LONGEST_WHOLE_ROW:
        return [(schemes, common)]
    whole_rows = tensor.row_length if tensor.row_length <= LONGEST_WHOLE_ROW else 0
    return [(chosen, to) for chosen, to in ((others, LARGEST_BLOCK), (by_row, whole_rows)) if chosen]


class _Pass:
    """One way through a tensor, in units that a crew works on at the same time and whose sums are added up in order."""

    def __init__(
        self,
        tensor: StoredTensor,
        schemes: Sequence[Scheme],
        aligned_to: int,
        crew: Crew,
        is_cancelled: Cancelled | None,
    ) -> None:
        self._tensor = tensor
        self._schemes = schemes
        self._crew = crew
        self._is_cancelled = is_cancelled
        self._has_long_rows = aligned_to == 0
        self._length = PIECE_NUMBERS if self._has_long_rows else max(1, PIECE_NUMBERS // aligned_to) * aligned_to
        self._units = list(self._divided())
        self._needs_a_first_reading = self._has_long_rows or any(_looks_ahead(scheme) for scheme in schemes)
        self._extremes = _Extremes()
        self._found: list[Callable[[], _Found]] = []
        self._sums: list[Callable[[], dict[Scheme, ErrorSums]]] = []
        if self._needs_a_first_reading:
            self._found = [crew.submit(self._first_read, unit) for unit in self._units]
        else:
            self._sums = [crew.submit(self._measured, unit) for unit in self._units]

    def _divided(self) -> Iterator[_Unit]:
        at_once = max(self._length, READ_NUMBERS // self._length * self._length)
        at_once *= max(1, -(-self._tensor.numbers // (at_once * MOST_UNITS)))
        spans = _rows(self._tensor) if self._has_long_rows else [Extent(0, self._tensor.numbers)]
        for row, span in enumerate(spans):
            end = span.start + span.count
            for start in range(span.start, end, at_once):
                yield _Unit(row, Extent(start, min(at_once, end - start)))

    def sums(self) -> dict[Scheme, ErrorSums]:
        if self._needs_a_first_reading:
            for unit, found in zip(self._units, self._found, strict=True):
                self._extremes.add(unit.row, found())
            self._extremes.quantize_absmax()
            self._sums = [self._crew.submit(self._measured, unit) for unit in self._units]
        total = {scheme: ErrorSums() for scheme in self._schemes}
        for sums in self._sums:
            for scheme, more in sums().items():
                total[scheme].merge(more)
        return total

    def _pieces(self, unit: _Unit) -> Iterator[Piece]:
        return pieces(self._tensor, [unit.extent], self._length, self._is_cancelled, self._crew.scratch)

    def _first_read(self, unit: _Unit) -> _Found:
        sizes = {scheme.block_size for scheme in self._schemes if scheme.double_quant}
        found = _Found(absmax={size: [] for size in sizes})
        for piece in self._pieces(unit):
            low, high = float(piece.values.min()), float(piece.values.max())
            check_finite(self._tensor, high - low, piece.values)
            found.lowest, found.highest = min(low, found.lowest), max(high, found.highest)
            for size in sizes:
                room = self._crew.scratch.floats("restored", len(piece.values))
                found.absmax[size].append(block_absmax(piece.values, size, room))
        return found

    def _measured(self, unit: _Unit) -> dict[Scheme, ErrorSums]:
        sums = {scheme: ErrorSums() for scheme in self._schemes}
        for piece in self._pieces(unit):
            energy = energy_of(piece.values)
            check_finite(self._tensor, energy, piece.values)
            trips = RoundTrips(piece.values, self._tensor.row_length, self._crew.scratch)
            for scheme in self._schemes:
                made = trips.by(scheme, self._known(scheme, unit.row, piece))
                sums[scheme].add(piece.values, made.restored, clipped=made.clipped, energy=energy, room=made.restored)
        return sums

    def _known(self, scheme: Scheme, row: int, piece: Piece) -> Known | None:
        if not _looks_ahead(scheme) and not self._has_long_rows:
            return None
        absmax = None
        if scheme.double_quant:
            first = piece.start // scheme.block_size
            absmax = self._extremes.restored[scheme.block_size][
                first : first - (-len(piece.values) // scheme.block_size)
            ]
        return Known(self._extremes.lowest[row], self._extremes.highest[row], absmax)


def _rows(tensor: StoredTensor) -> list[Extent]:
    return [Extent(start, tensor.row_length) for start in range(0, tensor.numbers, tensor.row_length)]


def pieces(
    tensor: StoredTensor,
    spans: Sequence[Extent],
    length: int,
    is_cancelled: Cancelled | None,
    scratch: Scratch | None = None,
) -> Iterator[Piece]:
    """Pieces of `length` numbers, shorter at the end of a span; with `scratch` each takes the place of the last."""
    at_once = max(length, READ_NUMBERS // length * length)
    for row, span in enumerate(spans):
        end = span.start + span.count
        for start in range(span.start, end, at_once):
            if is_cancelled is not None and is_cancelled():
                raise MeasuringCancelled
            extent = Extent(start, min(at_once, end - start))
            if scratch is None:
                codes = tensor.codes(extent)
            else:
                codes = tensor.read_codes(extent, scratch.array("stored", 8 * extent.count, np.uint8))
            for at in range(0, len(codes), length):
                yield Piece(start + at, fp32_values(tensor, codes[at : at + length], scratch), row)


def fp32_values(tensor: StoredTensor, codes: NDArray[np.unsignedinteger], scratch: Scratch | None = None) -> Fp32:
    """Stored bits, shape (numbers,), as FP32 numbers of the same shape; those of FP64 are rounded."""
    match tensor.dtype:
        case "BF16":  # the upper half of FP32
            out = (scratch or Scratch()).array("values", len(codes), np.uint32)
            values: Fp32 = np.left_shift(codes, np.uint32(16), out=out, dtype=np.uint32).view(np.float32)
            return values
        case "F16":
            return codes.view(np.float16).astype(np.float32)
        case "F32":
            return codes.view(np.float32)
        case "F64":
            with np.errstate(over="ignore"):
                return codes.view(np.float64).astype(np.float32)
    assert tensor.format is not None
    return decode_array(tensor.format, codes).astype(np.float32)


def check_finite(tensor: StoredTensor, sign: float, values: Fp32) -> None:
    """`sign` is something that is not finite where one of `values`, of any shape, is not. Raises UserError."""
    if math.isfinite(sign) or bool(np.isfinite(values).all()):
        return
    lost = int(np.count_nonzero(~np.isfinite(values)))
    raise UserError(
        f'"{shown(tensor.name)}" cannot be quantized.',
        why=f"It holds infinities or NaN, {lost:,} of them where they begin: they leave nothing to scale by.",
        remedy="Choose another tensor, or the file from which it came.",
    )
