"""A few numbers that somebody typed, quantized step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.problems import UserError, shown
from workbench.numerics.block_quantizer import BlockQuantizer
from workbench.numerics.number_text import NumberTextError, read_number
from workbench.numerics.quantization_error import ErrorMeasures, errors_of
from workbench.numerics.quantization_scheme import Scheme
from workbench.numerics.round_trip import affine_of, round_trip

MOST_VALUES = 4096
LARGEST_FP32 = float(np.finfo(np.float32).max)

Fp32 = NDArray[np.float32]


@dataclass(frozen=True)
class QuantizedValues:
    """One row of numbers in one scheme; `integers` are those of INT8 or a codebook's codes, else there are none."""

    scheme: Scheme
    values: Fp32
    restored: Fp32
    measures: ErrorMeasures
    integers: tuple[int, ...] = ()
    scales: tuple[float, ...] = ()
    zero_point: int | None = None

    def row(self) -> dict[str, Any]:
        """What `quantize --values --json` prints."""
        return {
            "format": self.scheme.name,
            "block_size": self.scheme.block_size or None,
            "double_quant": self.scheme.double_quant,
            "scales": list(self.scales),
            "zero_point": self.zero_point,
            "values": _plain(self.values),
            "integers": list(self.integers),
            "restored": _plain(self.restored),
            "errors": _plain(self.restored - self.values),
            **vars(self.measures),
        }


def quantize_values(values: Sequence[float], scheme: Scheme) -> QuantizedValues:
    """The numbers as one row, which is one tensor too. A codebook's scale is its absmax. Raises UserError."""
    given = np.array(values, np.float32)
    if not len(given):
        raise UserError("There are no values to quantize.", remedy='Give some, such as --values "1.2, -0.5, 3".')
    if not np.isfinite(given).all():
        raise UserError("Infinities and NaN leave nothing to scale by.", remedy="Leave them out.")
    made = round_trip(given, scheme, len(given))
    measures = errors_of(given, made.restored, clipped=made.clipped)
    quantizer = scheme.quantizer
    if isinstance(quantizer, BlockQuantizer):
        if not quantizer.has_free_scale:
            return QuantizedValues(scheme, given, made.restored, measures)
        blocks = quantizer.quantize(given, scheme.block_size)
        return QuantizedValues(
            scheme, given, made.restored, measures, tuple(blocks.codes.tolist()), tuple(_plain(blocks.scales.numbers))
        )
    affine = affine_of(given, quantizer, scheme.grouping, len(given))
    integers = affine.integers(given).reshape(-1).tolist()
    zero_point = int(affine.zero_point.reshape(-1)[0]) if quantizer.has_zero_point else None
    return QuantizedValues(
        scheme, given, made.restored, measures, tuple(integers), (_plain(affine.step.reshape(-1))[0],), zero_point
    )


def read_values(text: str) -> list[float]:
    """Numbers apart by commas, semicolons or spaces, each as `inspect` reads it: 1.2, -1/3, 2^-4. Raises UserError."""
    words = text.replace(",", " ").replace(";", " ").split()
    if len(words) > MOST_VALUES:
        raise UserError(f"There are {len(words):,} values.", remedy=f"Give {MOST_VALUES:,} at most.")
    return [_value(word) for word in words]


def _value(word: str) -> float:
    try:
        number = read_number(word)
    except NumberTextError as error:
        raise UserError(f'"{shown(word, 40)}" is not a number.', why=str(error)) from None
    if number.value is None or abs(number.value) > LARGEST_FP32:
        raise UserError(f'"{shown(word, 40)}" is not a finite number of FP32.', remedy="Leave it out.")
    return float(number.value)


def _plain(numbers: Fp32) -> list[float]:
    """The shortest decimals that stand for these FP32 numbers."""
    return [float(str(number)) for number in numbers]
