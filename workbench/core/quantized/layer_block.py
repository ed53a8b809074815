"""One group of a tensor's numbers as it is stored: codes, bytes, constants, and what comes back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.model.stored_tensor import Extent
from workbench.core.quantized.layer_study import Fp32, LayerStudy
from workbench.core.quantized.tensor import check_finite, fp32_values
from workbench.numerics.affine import Affine
from workbench.numerics.blockwise import CODEBOOKS, LARGEST_BLOCK, quantize_blocks
from workbench.numerics.double_quant import dynamic_map
from workbench.numerics.formats import DOUBLE_QUANT_BLOCK
from workbench.numerics.mx_blocks import quantize_mxfp4, quantize_nvfp4
from workbench.numerics.quantization_error import energy_of
from workbench.numerics.quantization_scheme import SCALE_BYTES, Family, Grouping

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

    `constant` is what a code is multiplied by, as it is stored where `constant_code` is not None: that is E8M0 in
    MXFP4 and E4M3 in NVFP4.
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
        """Whether the first of two codes is in the lower half of its byte, as PyTorch's float4_e2m1fn_x2 has it."""
        return self.study.scheme.family in (Family.MXFP4, Family.NVFP4)

    @property
    def code_bytes(self) -> int:
        """Of the whole group."""
        return -(-self.count // self.codes_per_byte)

    @property
    def constant_bytes(self) -> float:
        """What the group keeps beside its codes, its share of what it has in common with others included."""
        scheme = self.study.scheme
        if scheme.family in (Family.MXFP4, Family.NVFP4):
            return 1.0
        if scheme.double_quant:
            return 1 + SCALE_BYTES / DOUBLE_QUANT_BLOCK
        return float(SCALE_BYTES + (scheme.family is Family.ZERO_POINT))

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
    absmax = float(study.absmax[index])
    if study.scheme.grouping is not Grouping.BLOCK:
        return _opened_integers(study, index, start, count, values, absmax)
    if study.scheme.family is Family.CODEBOOK:
        return _opened_codes(study, index, start, count, values, absmax)
    is_mx = study.scheme.family is Family.MXFP4
    made = quantize_mxfp4(values) if is_mx else quantize_nvfp4(values, study.largest)
    return OpenGroup(
        study, index, start, count, values, made.codes, _low_first(made.codes), made.restored(), absmax,
        float(made.scales[0]), int(made.scale_codes[0]), made.tensor_scale,
    )  # fmt: skip


def _opened_codes(study: LayerStudy, index: int, start: int, count: int, values: Fp32, absmax: float) -> OpenGroup:
    blocks = quantize_blocks(values, CODEBOOKS[study.scheme.name], study.scheme.block_size)
    second = _second_level(study, index)
    restored = blocks.restored(None if second is None else np.array([second.restored], np.float32))
    return OpenGroup(
        study, index, start, count, values, blocks.codes, blocks.packed(), restored, absmax, absmax, second=second
    )


def _second_level(study: LayerStudy, index: int) -> SecondLevel | None:
    made = study.second
    if made is None:
        return None
    code = int(made.codes[index])
    level, scale = dynamic_map()[code], made.scales[index // DOUBLE_QUANT_BLOCK]
    return SecondLevel(code, float(level), float(scale), float(made.offset), float(level * scale + made.offset))


def _opened_integers(study: LayerStudy, index: int, start: int, count: int, values: Fp32, absmax: float) -> OpenGroup:
    if study.scheme.family is Family.ABSMAX:
        affine = Affine.symmetric(study.absmax[index], study.scheme.bits)
    else:
        affine = Affine.asymmetric(study.lowest[index], study.highest[index], study.scheme.bits)
    integers = affine.integers(values)
    codes = integers.astype(np.int8).view(np.uint8)
    zero_point = int(affine.zero_point) if study.scheme.family is Family.ZERO_POINT else None
    return OpenGroup(
        study, index, start, count, values, codes, codes, affine.restored(integers), absmax, float(affine.step),
        zero_point=zero_point,
    )  # fmt: skip


def _low_first(codes: Bytes) -> Bytes:
    even = np.append(codes, np.zeros(len(codes) % 2, np.uint8))
    return even[::2] | (even[1::2] << np.uint8(4))
