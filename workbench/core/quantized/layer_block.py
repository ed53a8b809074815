"""One group of a tensor's numbers as it is stored: codes, bytes, constants, and what comes back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.model.stored_tensor import Extent
from workbench.core.quantized.layer_study import Fp32, LayerStudy
from workbench.core.quantized.tensor import check_finite, fp32_values
from workbench.numerics.affine_quantizer import AffineQuantizer
from workbench.numerics.block_quantizer import BlockQuantizer
from workbench.numerics.blockwise import LARGEST_BLOCK
from workbench.numerics.double_quant import dynamic_map
from workbench.numerics.formats import DOUBLE_QUANT_BLOCK
from workbench.numerics.quantization_error import energy_of
from workbench.numerics.quantization_scheme import SCALE_BYTES

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class SecondLevel:
    """An absmax as double quantization stores it: level * scale + mean."""

    code: int
    level: float  # that the code stands for in the dynamic map
    scale: float  # of the 256 absmax values among which it is
    mean: float  # of all absmax values of the tensor
    restored: float


@dataclass(frozen=True)
class OpenGroup:
    """The numbers of one group from `start` on; of a long row or tensor only the first are here.

    `constant` is what a level is multiplied by; `constant_code` is what is stored of it where that is not FP32.
    """

    study: LayerStudy
    index: int
    start: int
    count: int  # numbers of the group
    values: Fp32
    codes: Bytes  # as they are stored, integers in two's complement
    packed: Bytes
    restored: Fp32
    absmax: float
    constant: float
    constant_code: int | None = None
    tensor_scale: float = 1.0
    zero_point: int | None = None
    second: SecondLevel | None = None

    @property
    def codes_per_byte(self) -> int:
        return 8 // self.study.scheme.bits

    @property
    def is_first_low(self) -> bool:
        """Whether the first code in a byte is in its lowest bits."""
        return self.study.scheme.quantizer.is_first_low

    @property
    def code_bytes(self) -> int:
        """Of the whole group."""
        return -(-self.count // self.codes_per_byte)

    @property
    def constant_bytes(self) -> float:
        """What the group keeps beside its codes, its share of what it has in common with others included."""
        scheme = self.study.scheme
        if scheme.double_quant:
            return 1 + SCALE_BYTES / DOUBLE_QUANT_BLOCK
        return float(scheme.quantizer.group_bytes)

    @property
    def bits_per_weight(self) -> float:
        return (self.code_bytes + self.constant_bytes) * 8 / self.count


def open_group(study: LayerStudy, index: int) -> OpenGroup:
    """Raises UserError."""
    tensor, size = study.tensor, study.group_size
    start = index * size
    count = min(size, tensor.numbers - start)
    values = fp32_values(tensor, tensor.codes(Extent(start, min(count, LARGEST_BLOCK))))
    check_finite(tensor, energy_of(values), values)
    quantizer = study.scheme.quantizer
    if isinstance(quantizer, AffineQuantizer):
        return _opened_integers(study, index, start, count, values, quantizer)
    return _opened_codes(study, index, start, count, values, quantizer)


def _opened_codes(
    study: LayerStudy, index: int, start: int, count: int, values: Fp32, quantizer: BlockQuantizer
) -> OpenGroup:
    blocks = quantizer.quantize(values, study.scheme.block_size, study.largest)
    scales, second = blocks.scales, _second_level(study, index)
    restored = blocks.restored(None if second is None else np.array([second.restored], np.float32))
    return OpenGroup(
        study, index, start, count, values, blocks.codes, blocks.packed(), restored, float(study.absmax[index]),
        float(scales.numbers[0]), None if scales.codes is None else int(scales.codes[0]), scales.of_tensor,
        second=second,
    )  # fmt: skip


def _second_level(study: LayerStudy, index: int) -> SecondLevel | None:
    made = study.second
    if made is None:
        return None
    code = int(made.codes[index])
    level, scale = dynamic_map()[code], made.scales[index // DOUBLE_QUANT_BLOCK]
    return SecondLevel(code, float(level), float(scale), float(made.offset), float(level * scale + made.offset))


def _opened_integers(
    study: LayerStudy, index: int, start: int, count: int, values: Fp32, quantizer: AffineQuantizer
) -> OpenGroup:
    affine = quantizer.affine(study.lowest[index], study.highest[index])
    integers = affine.integers(values)
    codes = quantizer.codes(integers)
    return OpenGroup(
        study, index, start, count, values, codes, quantizer.pack(codes), affine.restored(integers),
        float(study.absmax[index]), float(affine.step),
        zero_point=int(affine.zero_point) if quantizer.has_zero_point else None,
    )  # fmt: skip
