"""BF16 matrix products on processors that have no BF16 arithmetic.

PyTorch's fallback there runs one to two orders of magnitude below FP32 (measured on an AVX2-only EPYC, 2 cores, torch
2.13: forward and backward of a 512x576x1536 product 1178 ms, widened 27 ms). Widening both factors to FP32, multiplying
and rounding the result once is the same arithmetic that BF16 units do: BF16 in, FP32 accumulated, BF16 out.
"""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

# The registrations last as long as this object does: for the life of the process.
_library: torch.library.Library | None = None
# Weights that are widened at once: 16 MB of FP32.
PIECE = 4_000_000


def is_native() -> bool:
    """Whether this processor multiplies BF16 itself."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def install() -> None:
    """Replaces this process's BF16 matrix products on the CPU; a second call changes nothing."""
    global _library
    if _library is not None:
        return
    _library = torch.library.Library("aten", "IMPL")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Warning only once for all operators")
        for name, kernel in (("mm", _mm), ("addmm", _addmm), ("bmm", _bmm), ("baddbmm", _baddbmm)):
            _library.impl(name, kernel, "CPU")
    AttentionInterface.register("sdpa", _attention)


def _product(
    multiply: Callable[..., Any], shape: tuple[int, ...], tensors: tuple[torch.Tensor, ...], **scales: Any
) -> torch.Tensor:
    # The out= forms are operators of their own, so these calls do not come back here.
    dtype = tensors[-1].dtype
    if dtype != torch.bfloat16:
        return multiply(*tensors, **scales, out=torch.empty(shape, dtype=dtype))
    return multiply(*(tensor.float() for tensor in tensors), **scales, out=torch.empty(shape)).bfloat16()


def _mm(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    if left.shape[0] == 1 and left.dtype == torch.bfloat16:
        # One row, as in generating for one prompt: reading the matrix is all the work, and BF16 is half of it.
        return torch.mv(right.t(), left[0]).unsqueeze(0)
    if right.numel() > PIECE and left.dtype == torch.bfloat16:
        return _mm_in_pieces(left, right)
    return _product(torch.mm, (left.shape[0], right.shape[1]), (left, right))


def _mm_in_pieces(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The product with `right` widened a piece at a time: the head of a model need not stand in memory in FP32."""
    inner, columns = right.shape
    if columns >= inner:
        wide, width = left.float(), max(1, PIECE // inner)
        return torch.cat([torch.mm(wide, part.float()).bfloat16() for part in right.split(width, dim=1)], dim=1)
    total = torch.zeros(left.shape[0], columns)
    height = max(1, PIECE // columns)
    for some, part in zip(left.split(height, dim=1), right.split(height, dim=0), strict=True):
        total.addmm_(some.float(), part.float())
    return total.bfloat16()


def _addmm(
    added: torch.Tensor, left: torch.Tensor, right: torch.Tensor, *, beta: float = 1, alpha: float = 1
) -> torch.Tensor:
    return _product(torch.addmm, (left.shape[0], right.shape[1]), (added, left, right), beta=beta, alpha=alpha)


def _bmm(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    return _product(torch.bmm, (left.shape[0], left.shape[1], right.shape[2]), (left, right))


def _baddbmm(
    added: torch.Tensor, left: torch.Tensor, right: torch.Tensor, *, beta: float = 1, alpha: float = 1
) -> torch.Tensor:
    shape = (left.shape[0], left.shape[1], right.shape[2])
    return _product(torch.baddbmm, shape, (added, left, right), beta=beta, alpha=alpha)


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    dtype = query.dtype
    if attention_mask is not None and attention_mask.dtype == torch.bfloat16:
        attention_mask = attention_mask.float()
    with torch.autocast("cpu", enabled=False):
        output, weights = sdpa_attention_forward(
            module, query.float(), key.float(), value.float(), attention_mask, **options
        )
    return output.to(dtype), weights
