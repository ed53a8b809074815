"""What a layer's product loses in 8 bits: plain INT8 in its five ways, and LLM.int8() at a threshold."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.core.model.stored_tensor import CHUNK_NUMBERS, Extent, StoredTensor, open_tensors
from workbench.core.problems import UserError, shown
from workbench.core.quantized.outliers import Linear, Seen, Site
from workbench.core.quantized.tensor import fp32_values
from workbench.numerics.llm_int8 import Product, int8_product, outlier_columns, relative_error

Fp32 = NDArray[np.float32]

# Weights of one product, 320 MB in FP32: of a larger matrix the first output features stand for all.
MOST_WEIGHTS = 80_000_000
PLAIN = (
    Product.ABSMAX,
    Product.ABSMAX_ROW,
    Product.ABSMAX_VECTOR,
    Product.ZERO_POINT,
    Product.ZERO_POINT_VECTOR,
)


@dataclass(frozen=True)
class Factors:
    """The two matrices of one product, and the product as it is."""

    inputs: Fp32  # tokens by features
    weight: Fp32  # output features by features
    exact: Fp32
    all_rows: int  # output features that the layer has, of which the weight may hold the first alone

    def error_of(self, how: Product, threshold: float) -> float:
        """How far off the product is, in relation to its norm."""
        return relative_error(self.exact, int8_product(self.inputs, self.weight, how, threshold).output)

    @cached_property
    def _largest(self) -> Fp32:
        largest: Fp32 = np.abs(self.inputs).max(axis=0, keepdims=True)
        return largest

    def columns(self, threshold: float) -> tuple[int, ...]:
        """The features that LLM.int8() multiplies in 16 bits."""
        return tuple(outlier_columns(self._largest, threshold).tolist())


def read_factors(seen: Seen, model: Path, site: Site, layer: int, linear: Linear) -> Factors:
    """Reads a product's inputs from the study and its weight from the model. Raises UserError."""
    inputs = seen.inputs(site, layer)
    name = shown(linear.name)
    if not linear.tensor:
        raise UserError(
            f'The weight of "{name}" is not stored by itself in this model.', remedy="Choose another matrix."
        )
    tensor = next((tensor for tensor in open_tensors(model) if tensor.name == linear.tensor), None)
    shape = (site.features, linear.rows) if linear.is_transposed else (linear.rows, site.features)
    if tensor is None or tensor.shape != shape or tensor.format is None:
        raise UserError(
            f'The weight of "{name}" in {model} is not the one that the text went through.',
            remedy="Read the text again.",
        )
    rows = min(linear.rows, max(1, MOST_WEIGHTS // site.features))
    weight = _first_columns(tensor, rows) if linear.is_transposed else _first_rows(tensor, rows)
    if not np.isfinite(weight).all():
        raise UserError(f'The weight of "{name}" holds infinities or NaN.', remedy="Choose another matrix.")
    return Factors(inputs, weight, inputs @ weight.T, linear.rows)


def _first_rows(tensor: StoredTensor, rows: int) -> Fp32:
    numbers = rows * tensor.shape[1]
    weight = np.empty(numbers, np.float32)
    for start in range(0, numbers, CHUNK_NUMBERS):
        count = min(CHUNK_NUMBERS, numbers - start)
        weight[start : start + count] = fp32_values(tensor, tensor.codes(Extent(start, count)))
    return weight.reshape(rows, tensor.shape[1])


def _first_columns(tensor: StoredTensor, rows: int) -> Fp32:
    """Of a matrix that lies the other way round: what it stores as columns are output features."""
    features, columns = tensor.shape
    weight = np.empty((rows, features), np.float32)
    at_once = max(1, CHUNK_NUMBERS // columns)
    for start in range(0, features, at_once):
        count = min(at_once, features - start)
        piece = fp32_values(tensor, tensor.codes(Extent(start * columns, count * columns))).reshape(count, columns)
        weight[:, start : start + count] = piece[:, :rows].T
    return weight
