"""A few numbers through one method: scale, division, rounding, what is stored, back again, and the error."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine import Affine
from workbench.numerics.arrays import decode_array, encode_array
from workbench.numerics.blockwise import CODEBOOKS, block_absmax, places_of, scaled_by_blocks, table_of
from workbench.numerics.mx_blocks import ScaledBlocks, quantize_mxfp4, quantize_nvfp4
from workbench.numerics.named_formats import FP4_E2M1
from workbench.numerics.quantization_error import ErrorMeasures, errors_of
from workbench.numerics.quantization_scheme import SCHEMES, Family, Scheme
from workbench.numerics.rounding import Rounding
from workbench.numerics.whole_rounding import SEED, round_whole

Fp32 = NDArray[np.float32]
Fp64 = NDArray[np.float64]
Whole = NDArray[np.int64]

LARGEST = float(np.finfo(np.float32).max)
# How far a scale may be dragged from that of the numbers.
LEAST_STRETCH, MOST_STRETCH = 0.01, 100.0
FORMATS = ("int8-absmax", "int8-zeropoint", "int4", "nf4", "fp4", "mxfp4", "nvfp4")
INT4_LARGEST = 7


class Share(StrEnum):
    """The numbers that have a scale in common."""

    ALL = "all"
    ROW = "row"
    BLOCK = "block"


@dataclass(frozen=True)
class Method:
    """How numbers are quantized; `stretch` and `shift` are what a hand made of the scale and of the zero point.

    What is beyond `clip` is held there before there is a scale; None clips nothing.
    """

    format: str = "int8-absmax"
    share: Share = Share.ALL
    block_size: int = 4
    rounding: Rounding = Rounding.NEAREST_EVEN
    clip: float | None = None
    stretch: float = 1.0
    shift: int = 0

    @property
    def scheme(self) -> Scheme:
        return SCHEMES[self.format]

    @property
    def is_whole(self) -> bool:
        """Whether integers are stored, and no codes of levels."""
        return self.scheme.family in (Family.ABSMAX, Family.ZERO_POINT) or self.format == "int4"

    @property
    def has_zero_point(self) -> bool:
        return self.scheme.family is Family.ZERO_POINT

    @property
    def fixed_block(self) -> int:
        """The block size where the format allows no other."""
        return self.scheme.block_size if self.scheme.family in (Family.MXFP4, Family.NVFP4) else 0

    @property
    def roundings(self) -> tuple[Rounding, ...]:
        """Those that can be chosen."""
        if self.fixed_block:
            return (Rounding.NEAREST_EVEN,)
        known = tuple(Rounding)
        return known if self.scheme.family is not Family.CODEBOOK else tuple(r for r in known if r != "nearest away")


@dataclass(frozen=True)
class Steps:
    """Every step of every number; `which` tells the group of each, and a group's numbers have its scale.

    `scaled` is number / scale, `rounded` the integer or the level next to it, both in units of the scale. `stored` is
    the integer, with the zero point where there is one, or the level's code.
    """

    method: Method
    values: Fp32
    which: Whole
    starts: Whole
    scales: Fp64
    zero_points: Whole
    lowest: Fp64  # of a group, what its range begins and ends with
    highest: Fp64
    scaled: Fp64
    rounded: Fp64
    stored: Whole
    restored: Fp32
    is_clipped: NDArray[np.bool_]

    @property
    def errors(self) -> Fp32:
        return self.restored - self.values

    @cached_property
    def measures(self) -> ErrorMeasures:
        with np.errstate(over="ignore"):  # the sum of errors as large as FP32 goes
            return errors_of(self.values, self.restored, clipped=int(self.is_clipped.sum()))

    @property
    def group_count(self) -> int:
        return len(self.starts)

    def members(self, group: int) -> tuple[int, int]:
        """The first number of a group, and the one after its last."""
        after = self.starts[group + 1] if group + 1 < len(self.starts) else len(self.values)
        return int(self.starts[group]), int(after)

    @property
    def overhead_bits(self) -> tuple[int, int]:
        """What a group's scale takes, zero point included, and what all have in common besides."""
        match self.method.scheme.family:
            case Family.ZERO_POINT:
                return 40, 0
            case Family.MXFP4:
                return 8, 0
            case Family.NVFP4:
                return 8, 32
            case _:
                return 32, 0

    @property
    def bits_per_number(self) -> float:
        each, common = self.overhead_bits
        return self.method.scheme.bits + (each * self.group_count + common) / len(self.values)

    def levels(self, group: int) -> tuple[Fp64, Whole]:
        """All that a group's numbers can come back as, upward, and what is stored for each."""
        scale = self.scales[group]
        if self.method.scheme.family in (Family.ABSMAX, Family.ZERO_POINT):
            least, most = range_of(self.method)
            stored = np.arange(least, most + 1)
            return (stored - self.zero_points[group]) * scale, stored
        levels, codes = levels_of(self.method)
        return levels * scale, codes


def range_of(method: Method) -> tuple[int, int]:
    """The integers of an INT8 format."""
    affine = Affine.asymmetric(0, 1) if method.has_zero_point else Affine.symmetric(1)
    return affine.lowest, affine.highest


def levels_of(method: Method) -> tuple[Fp64, Whole]:
    """A codebook's levels upward in units of its scale, each once, and what is stored for them."""
    if method.fixed_block:
        codes = np.arange(16)
        levels = decode_array(FP4_E2M1, codes.astype(np.uint8))
    else:
        table = table_of(CODEBOOKS[method.format])
        codes, levels = table.codes.astype(np.int64), table.levels.astype(np.float64)
    if method.format == "int4":
        codes = _signed(codes)
        levels = codes.astype(np.float64)
    levels, first = np.unique(levels + 0.0, return_index=True)
    return levels, codes[first]


def work_out(values: Sequence[float] | Fp32, rows: Sequence[int], method: Method) -> Steps:
    """The steps of numbers that are typed in rows of these lengths."""
    given = np.asarray(values, np.float32)
    held = given if method.clip is None else np.clip(given, np.float32(-method.clip), np.float32(method.clip))
    starts = starts_of(len(given), rows, method)
    lengths = np.diff(np.append(starts, len(given)))
    which = np.repeat(np.arange(len(starts)), lengths)
    with np.errstate(over="ignore"):  # a step past the largest numbers of FP32
        match method.scheme.family:
            case Family.ABSMAX | Family.ZERO_POINT:
                steps = _by_affine(given, held, starts, which, method)
            case Family.CODEBOOK:
                steps = _by_codebook(given, held, starts, which, method)
            case _:
                steps = _by_microscale(given, held, starts, which, method)
    restored = np.clip(steps.restored, -LARGEST, LARGEST)
    return replace(steps, restored=restored, is_clipped=steps.is_clipped | (held != given))


def starts_of(count: int, rows: Sequence[int], method: Method) -> Whole:
    """Where each group begins."""
    if method.fixed_block:
        return np.arange(0, count, method.fixed_block)
    match method.share:
        case Share.ALL:
            return np.zeros(1, np.int64)
        case Share.ROW:
            return np.concatenate([[0], np.cumsum(rows)[:-1]]).astype(np.int64)
        case Share.BLOCK:
            return np.arange(0, count, method.block_size)


def _by_affine(given: Fp32, held: Fp32, starts: Whole, which: Whole, method: Method) -> Steps:
    least: Fp64 = np.minimum.reduceat(held, starts).astype(np.float64)
    most: Fp64 = np.maximum.reduceat(held, starts).astype(np.float64)
    if method.has_zero_point:
        least, most = (np.clip(end * method.stretch, -LARGEST, LARGEST) for end in (least, most))
        affine = Affine.asymmetric(least, most)
        least, most = np.minimum(least, 0), np.maximum(most, 0)
        zero = np.clip(affine.zero_point + method.shift, affine.lowest, affine.highest).astype(np.int32)
        affine = replace(affine, zero_point=zero)
    else:
        most = np.minimum(np.maximum(-least, most) * method.stretch, LARGEST)
        least = -most
        affine = Affine.symmetric(most)
    zero = affine.zero_point
    each = replace(affine, factor=affine.factor[which], step=affine.step[which], zero_point=zero[which])
    if method.rounding is Rounding.NEAREST_EVEN:
        unheld: Fp64 = each.unheld(held).astype(np.float64)
    else:
        unheld = round_whole(held * each.factor, method.rounding) + each.zero_point
    stored = np.clip(unheld, each.lowest, each.highest).astype(np.int32)
    rounded = unheld - each.zero_point
    is_beyond = (unheld < each.lowest) | (unheld > each.highest)
    scaled = given.astype(np.float64) * each.factor
    return Steps(
        method, given, which, starts, affine.step.astype(np.float64), zero.astype(np.int64), least, most,
        scaled, rounded, stored.astype(np.int64), each.restored(stored), is_beyond,
    )  # fmt: skip


def _by_codebook(given: Fp32, held: Fp32, starts: Whole, which: Whole, method: Method) -> Steps:
    codebook = CODEBOOKS[method.format]
    table = table_of(codebook)
    parts, size = _parts(held, starts, method)
    own = [np.minimum(block_absmax(part, size or len(part)) * np.float64(method.stretch), LARGEST) for part in parts]
    absmax = [one.astype(np.float32) for one in own]
    scaled = np.concatenate(
        [scaled_by_blocks(part, top, size or len(part)) for part, top in zip(parts, absmax, strict=True)]
    )
    tops = np.concatenate(absmax)
    if method.rounding is Rounding.NEAREST_EVEN:  # nearest, and a tie to the lower level, as bitsandbytes has it
        codes = table.codes[places_of(codebook, scaled)].astype(np.int64)
    else:
        codes = encode_array(codebook, scaled, method.rounding, seed=SEED).astype(np.int64)
    by_code = np.empty(1 << codebook.bits, np.float32)
    by_code[table.codes] = table.levels
    rounded, stored = by_code[codes].astype(np.float64), codes
    unit, scales = np.float64(1), tops.astype(np.float64)
    if method.format == "int4":
        stored, unit = _signed(codes), np.float64(INT4_LARGEST)
        rounded = stored.astype(np.float64)
    shown = np.divide(given, tops[which], out=np.zeros(len(given)), where=tops[which] > 0, dtype=np.float64)
    is_beyond = (scaled > table.levels[-1] * np.float32(1.000001)) | (scaled < table.levels[0] * np.float32(1.000001))
    return Steps(
        method, given, which, starts, scales / unit, np.zeros(len(starts), np.int64), -scales, scales,
        shown * unit, rounded, stored, by_code[codes] * tops[which], is_beyond,
    )  # fmt: skip


def _by_microscale(given: Fp32, held: Fp32, starts: Whole, which: Whole, method: Method) -> Steps:
    made: ScaledBlocks = quantize_mxfp4(held) if method.format == "mxfp4" else quantize_nvfp4(held)
    scales = made.scales.astype(np.float64)
    each = scales[which]
    scaled = np.divide(given, each, out=np.zeros(len(given)), where=each > 0, dtype=np.float64)
    rounded = decode_array(FP4_E2M1, made.codes)
    top = scales * levels_of(method)[0][-1]
    return Steps(
        method, given, which, starts, scales, np.zeros(len(starts), np.int64), -top, top,
        scaled, rounded, made.codes.astype(np.int64), made.restored(), np.abs(scaled) >= FIRST_BEYOND,
    )  # fmt: skip


# As `mx_blocks` counts them: from here on a number would be rounded to 8.
FIRST_BEYOND = 7.0


def _parts(held: Fp32, starts: Whole, method: Method) -> tuple[list[Fp32], int]:
    """Rows one by one; or all numbers in blocks of a size, 0 where a part is one block."""
    if method.share is Share.ROW:
        return [part for part in np.split(held, starts[1:])], 0
    return [held], method.block_size if method.share is Share.BLOCK else 0


def _signed(codes: Whole) -> Whole:
    return codes - 16 * (codes > INT4_LARGEST)
