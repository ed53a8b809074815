"""What quantization loses of a tensor, as a row of facts."""

from dataclasses import dataclass
from typing import Any

from workbench.core.model.stored_tensor import StoredTensor
from workbench.numerics.quantization_error import ErrorMeasures
from workbench.numerics.quantization_scheme import Scheme


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


def facts_of(
    tensor: StoredTensor, scheme: Scheme, measures: ErrorMeasures | None = None, problem: str = ""
) -> TensorFacts:
    size = scheme.size_bytes(tensor.numbers, tensor.row_length)
    bits = size * 8 / tensor.numbers if tensor.numbers else float(scheme.bits)
    return TensorFacts(tensor.name, tensor.shape, tensor.dtype, scheme, size, bits, measures, problem)
