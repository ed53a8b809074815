"""What quantization loses of a stored tensor, worked out piece by piece in bounded memory."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.problems import UserError, shown
from workbench.core.stored_tensor import Extent, StoredTensor
from workbench.numerics.arrays import decode_array
from workbench.numerics.blockwise import LARGEST_BLOCK, block_absmax
from workbench.numerics.double_quant import double_quantize
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.quantization_error import ErrorMeasures, ErrorSums, energy_of
from workbench.numerics.quantization_scheme import Family, Grouping, Scheme
from workbench.numerics.round_trip import Known, round_trip

Fp32 = NDArray[np.float32]
Cancelled = Callable[[], bool]

# A piece and what is made of it stay in the processor's cache; a read is large enough for its cost not to matter.
PIECE_NUMBERS = 32_768
READ_NUMBERS = 1 << 19
# Rows up to this length are worked out whole.
LONGEST_WHOLE_ROW = 1 << 18


class MeasuringCancelled(Exception):
    """Raised where `is_cancelled` said so."""


@dataclass(frozen=True)
class TensorFacts:
    """One tensor in one quantized format; where there is a `problem` there are no measures."""

    name: str
    shape: tuple[int, ...]
    stored_dtype: str
    scheme: Scheme
    size_bytes: int
    bits_per_weight: float
    measures: ErrorMeasures | None
    problem: str = ""

    def row(self) -> dict[str, Any]:
        """What `quantize --json` prints, and a line of its CSV."""
        measures = self.measures
        return {
            "name": self.name,
            "shape": list(self.shape),
            "stored_dtype": self.stored_dtype,
            "format": self.scheme.name,
            "block_size": self.scheme.block_size or None,
            "double_quant": self.scheme.double_quant,
            "bits_per_weight": round(self.bits_per_weight, 3),
            "bytes": self.size_bytes,
            **{key: None if measures is None else getattr(measures, key) for key in MEASURES},
            "problem": self.problem,
        }


MEASURES = ("max_abs_error", "mean_abs_error", "rmse", "snr_db", "zeros", "clipped")


@dataclass(frozen=True)
class _Piece:
    start: int
    values: Fp32
    row: int = 0  # that it is a part of, where rows are longer than pieces


@dataclass
class _Extremes:
    """What a first reading finds out: the range of the tensor or of its long rows, and the absmax of every block."""

    lowest: dict[int, float] = field(default_factory=dict)  # by row; the tensor is row 0
    highest: dict[int, float] = field(default_factory=dict)
    absmax: dict[int, list[Fp32]] = field(default_factory=dict)  # by block size
    restored: dict[int, Fp32] = field(default_factory=dict)


def measure(
    tensor: StoredTensor, schemes: Sequence[Scheme], is_cancelled: Cancelled | None = None
) -> list[TensorFacts]:
    """The error of each scheme, in the order given. Raises UserError, and MeasuringCancelled.

    Numbers are taken as FP32, which holds every one of the shorter formats. The file is read once, twice where the
    whole tensor has to be known beforehand, and twice more where its rows do not go with blocks.
    """
    problem = why_not(tensor)
    if problem:
        raise UserError(f'"{shown(tensor.name)}" cannot be quantized.', why=problem, remedy="Choose another tensor.")
    sums = {scheme: ErrorSums() for scheme in schemes}
    by_row = [scheme for scheme in sums if scheme.grouping is Grouping.ROW]
    others = [scheme for scheme in sums if scheme.grouping is not Grouping.ROW]
    common = math.lcm(LARGEST_BLOCK, tensor.row_length)
    if by_row and others and common <= LONGEST_WHOLE_ROW:
        _measure_pieces(tensor, sums, list(sums), common, is_cancelled)
    else:
        _measure_pieces(tensor, sums, others, LARGEST_BLOCK, is_cancelled)
        whole_rows = tensor.row_length if tensor.row_length <= LONGEST_WHOLE_ROW else 0
        _measure_pieces(tensor, sums, by_row, whole_rows, is_cancelled)
    return [facts_of(tensor, scheme, sums[scheme].measures()) for scheme in schemes]


def facts_of(
    tensor: StoredTensor, scheme: Scheme, measures: ErrorMeasures | None = None, problem: str = ""
) -> TensorFacts:
    size = scheme.size_bytes(tensor.numbers, tensor.row_length)
    bits = size * 8 / tensor.numbers if tensor.numbers else float(scheme.bits)
    return TensorFacts(tensor.name, tensor.shape, tensor.dtype, scheme, size, bits, measures, problem)


def why_not(tensor: StoredTensor) -> str:
    """Why it is not quantized; nothing where it can be."""
    if not tensor.problem and not isinstance(tensor.format, FloatFormat):
        return f"It holds integers ({tensor.dtype}); quantization is for floating-point numbers."
    return tensor.problem


def _measure_pieces(
    tensor: StoredTensor,
    sums: dict[Scheme, ErrorSums],
    schemes: Sequence[Scheme],
    aligned_to: int,
    is_cancelled: Cancelled | None,
) -> None:
    """Pieces of a multiple of `aligned_to` numbers; with 0 pieces of one row each, which is longer than a piece."""
    if not schemes:
        return
    has_long_rows = aligned_to == 0
    length = PIECE_NUMBERS if has_long_rows else max(1, PIECE_NUMBERS // aligned_to) * aligned_to
    spans = _rows(tensor) if has_long_rows else [Extent(0, tensor.numbers)]
    extremes = _Extremes()
    if has_long_rows or any(_needs_a_first_reading(scheme) for scheme in schemes):
        extremes = _first_reading(tensor, schemes, _pieces(tensor, spans, length, is_cancelled))
    for piece in _pieces(tensor, spans, length, is_cancelled):
        energy = energy_of(piece.values)
        _check_finite(tensor, energy, piece.values)
        for scheme in schemes:
            known = _known(scheme, extremes, piece, has_long_rows=has_long_rows)
            made = round_trip(piece.values, scheme, tensor.row_length, known)
            sums[scheme].add(piece.values, made.restored, clipped=made.clipped, energy=energy)


def _needs_a_first_reading(scheme: Scheme) -> bool:
    return scheme.grouping is Grouping.TENSOR or scheme.double_quant or scheme.family is Family.NVFP4


def _first_reading(tensor: StoredTensor, schemes: Sequence[Scheme], pieces: Iterator[_Piece]) -> _Extremes:
    found = _Extremes()
    sizes = {scheme.block_size for scheme in schemes if scheme.double_quant}
    for piece in pieces:
        low, high = float(piece.values.min()), float(piece.values.max())
        _check_finite(tensor, high - low, piece.values)
        found.lowest[piece.row] = min(low, found.lowest.get(piece.row, low))
        found.highest[piece.row] = max(high, found.highest.get(piece.row, high))
        for size in sizes:
            found.absmax.setdefault(size, []).append(block_absmax(piece.values, size))
    for size, absmax in found.absmax.items():
        found.restored[size] = double_quantize(np.concatenate(absmax)).restored()
    return found


def _known(scheme: Scheme, extremes: _Extremes, piece: _Piece, *, has_long_rows: bool) -> Known | None:
    if not _needs_a_first_reading(scheme) and not has_long_rows:
        return None
    absmax = None
    if scheme.double_quant:
        first = piece.start // scheme.block_size
        absmax = extremes.restored[scheme.block_size][first : first - (-len(piece.values) // scheme.block_size)]
    return Known(extremes.lowest[piece.row], extremes.highest[piece.row], absmax)


def _rows(tensor: StoredTensor) -> list[Extent]:
    return [Extent(start, tensor.row_length) for start in range(0, tensor.numbers, tensor.row_length)]


def _pieces(
    tensor: StoredTensor, spans: Sequence[Extent], length: int, is_cancelled: Cancelled | None
) -> Iterator[_Piece]:
    """Pieces of `length` numbers, shorter at the end of a span."""
    at_once = max(length, READ_NUMBERS // length * length)
    for row, span in enumerate(spans):
        end = span.start + span.count
        for start in range(span.start, end, at_once):
            if is_cancelled is not None and is_cancelled():
                raise MeasuringCancelled
            codes = tensor.codes(Extent(start, min(at_once, end - start)))
            for at in range(0, len(codes), length):
                yield _Piece(start + at, fp32_values(tensor, codes[at : at + length]), row)


def fp32_values(tensor: StoredTensor, codes: NDArray[np.unsignedinteger]) -> Fp32:
    """Stored bits as FP32 numbers; those of FP64 are rounded."""
    match tensor.dtype:
        case "BF16":  # the upper half of FP32
            return (codes.astype(np.uint32) << np.uint32(16)).view(np.float32)
        case "F16":
            return codes.view(np.float16).astype(np.float32)
        case "F32":
            return codes.view(np.float32)
        case "F64":
            with np.errstate(over="ignore"):
                return codes.view(np.float64).astype(np.float32)
    assert tensor.format is not None
    return decode_array(tensor.format, codes).astype(np.float32)


def _check_finite(tensor: StoredTensor, sign: float, values: Fp32) -> None:
    """`sign` is something that is not finite where a value is not. Raises UserError."""
    if math.isfinite(sign) or bool(np.isfinite(values).all()):
        return
    lost = int(np.count_nonzero(~np.isfinite(values)))
    raise UserError(
        f'"{shown(tensor.name)}" cannot be quantized.',
        why=f"It holds infinities or NaN, {lost:,} of them where they begin: they leave nothing to scale by.",
        remedy="Choose another tensor, or the file from which it came.",
    )
