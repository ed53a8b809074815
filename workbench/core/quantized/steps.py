"""A few numbers through one method: scale, division, rounding, what is stored, back again, and the error."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.numerics.affine_quantizer import AffineQuantizer
from workbench.numerics.arrays import encode_array
from workbench.numerics.block_quantizer import BlockQuantizer
from workbench.numerics.quantization_error import ErrorMeasures, errors_of
from workbench.numerics.quantization_scheme import SCHEMES, Grouping, Scheme
from workbench.numerics.quantizer import Quantizer
from workbench.numerics.rounding import Rounding
from workbench.numerics.whole_rounding import SEED, round_whole

Fp32 = NDArray[np.float32]
Fp64 = NDArray[np.float64]
Whole = NDArray[np.int64]

LARGEST = float(np.finfo(np.float32).max)
# How far a scale may be dragged from that of the numbers.
LEAST_STRETCH, MOST_STRETCH = 0.01, 100.0
# Integers first. Whether a row has its own scale is chosen apart.
FORMATS = tuple(
    scheme.name
    for scheme in sorted(SCHEMES.values(), key=lambda scheme: not scheme.quantizer.is_integer)
    if scheme.grouping is not Grouping.ROW
)


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
    def quantizer(self) -> Quantizer:
        return self.scheme.quantizer

    @property
    def is_whole(self) -> bool:
        """Whether integers are stored, and no codes of levels."""
        return self.quantizer.is_integer

    @property
    def has_zero_point(self) -> bool:
        return self.quantizer.has_zero_point

    @property
    def fixed_block(self) -> int:
        """The block size where the format allows no other."""
        return 0 if self.quantizer.has_free_scale else self.scheme.block_size

    @property
    def roundings(self) -> tuple[Rounding, ...]:
        """Those that can be chosen."""
        return self.quantizer.roundings


@dataclass(frozen=True)
class Steps:
    """Every step of every number; `which` is the group of each, and a group's numbers have its scale.

    What belongs to numbers has the shape (numbers,), what belongs to groups (groups,): `starts`, `scales`,
    `zero_points`, `lowest`, `highest`. `scaled` is number / scale, `rounded` the integer or the level next to it, both
    in units of the scale. `stored` is the integer, with the zero point where there is one, or the level's code.
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
        """Restored less given: shape (numbers,)."""
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
        quantizer = self.method.quantizer
        return 8 * quantizer.group_bytes, 8 * quantizer.tensor_bytes

    @property
    def bits_per_number(self) -> float:
        each, common = self.overhead_bits
        return self.method.scheme.bits + (each * self.group_count + common) / len(self.values)

    def levels(self, group: int) -> tuple[Fp64, Whole]:
        """All that a group's numbers can come back as, upward, and what is stored for each: both of shape (levels,)."""
        levels, stored = self.method.quantizer.levels()
        if self.method.quantizer.is_integer:
            return (stored - self.zero_points[group]) * self.scales[group], stored
        return levels * self.scales[group], stored


def work_out(values: Sequence[float] | Fp32, rows: Sequence[int], method: Method) -> Steps:
    """The steps of numbers, shape (numbers,), that are typed in rows of these lengths."""
    given = np.asarray(values, np.float32)
    held = given if method.clip is None else np.clip(given, np.float32(-method.clip), np.float32(method.clip))
    starts = starts_of(len(given), rows, method)
    lengths = np.diff(np.append(starts, len(given)))
    which = np.repeat(np.arange(len(starts)), lengths)
    with np.errstate(over="ignore"):  # a step past the largest numbers of FP32
        quantizer = method.scheme.quantizer
        if isinstance(quantizer, AffineQuantizer):
            steps = _by_affine(given, held, starts, which, method, quantizer)
        else:
            steps = _by_blocks(given, held, starts, which, method, quantizer)
    restored = np.clip(steps.restored, -LARGEST, LARGEST)
    return replace(steps, restored=restored, is_clipped=steps.is_clipped | (held != given))


def starts_of(count: int, rows: Sequence[int], method: Method) -> Whole:
    """Where each group of `count` numbers begins: shape (groups,)."""
    if method.fixed_block:
        return np.arange(0, count, method.fixed_block)
    match method.share:
        case Share.ALL:
            return np.zeros(1, np.int64)
        case Share.ROW:
            return np.concatenate([[0], np.cumsum(rows)[:-1]]).astype(np.int64)
        case Share.BLOCK:
            return np.arange(0, count, method.block_size)


def _by_affine(
    given: Fp32, held: Fp32, starts: Whole, which: Whole, method: Method, quantizer: AffineQuantizer
) -> Steps:
    least: Fp64 = np.minimum.reduceat(held, starts).astype(np.float64)
    most: Fp64 = np.maximum.reduceat(held, starts).astype(np.float64)
    if quantizer.has_zero_point:
        least, most = (np.clip(end * method.stretch, -LARGEST, LARGEST) for end in (least, most))
        affine = quantizer.affine(least, most)
        least, most = np.minimum(least, 0), np.maximum(most, 0)
        zero = np.clip(affine.zero_point + method.shift, affine.lowest, affine.highest).astype(np.int32)
        affine = replace(affine, zero_point=zero)
    else:
        most = np.minimum(np.maximum(-least, most) * method.stretch, LARGEST)
        least = -most
        affine = quantizer.affine(least, most)
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


def _by_blocks(
    given: Fp32, held: Fp32, starts: Whole, which: Whole, method: Method, quantizer: BlockQuantizer
) -> Steps:
    parts, size = _parts(held, starts, method)
    absmax = [quantizer.absmax(part, size or len(part)) for part in parts]
    own = [np.minimum(quantizer.scales(one).numbers * np.float64(method.stretch), LARGEST) for one in absmax]
    by_part = [one.astype(np.float32) for one in own]
    scaled = np.concatenate(
        [quantizer.scaled(part, top, size or len(part)) for part, top in zip(parts, by_part, strict=True)]
    )
    if method.rounding is Rounding.NEAREST_EVEN:  # of a codebook nearest, and a tie to the lower level
        codes = quantizer.codes_of(scaled)
    else:
        codes = encode_array(quantizer.code, scaled, method.rounding, seed=SEED).astype(np.uint8)
    factors, unit = np.concatenate(by_part), np.float64(quantizer.unit)
    numbers, scales = quantizer.numbers_by_code()[codes], factors.astype(np.float64)
    stored = quantizer.signed(codes.astype(np.int64))
    rounded = (stored if quantizer.is_integer else numbers).astype(np.float64)
    divided = np.divide(given, factors[which], out=np.zeros(len(given)), where=factors[which] > 0, dtype=np.float64)
    top = scales * quantizer.levels()[0][-1]
    return Steps(
        method, given, which, starts, scales / unit, np.zeros(len(starts), np.int64), -top, top,
        divided * unit, rounded, stored, numbers * factors[which], quantizer.is_beyond(scaled),
    )  # fmt: skip


def _parts(held: Fp32, starts: Whole, method: Method) -> tuple[list[Fp32], int]:
    """Rows one by one; or all numbers in blocks of a size, 0 where a part is one block."""
    if method.fixed_block:
        return [held], method.fixed_block
    if method.share is Share.ROW:
        return [part for part in np.split(held, starts[1:])], 0
    return [held], method.block_size if method.share is Share.BLOCK else 0
