"""What a study found out about the matrices of a model: their errors and sizes, and what several come to together."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.core.job.study_kinds import LayersRequest
from workbench.core.model.stored_tensor import FORMATS
from workbench.numerics.quantization_scheme import Scheme, find_scheme


class Measure(StrEnum):
    """By what matrices are compared."""

    SNR = "snr"
    RMSE = "rmse"
    MEAN = "mean"


@dataclass(frozen=True)
class MatrixErrors:
    """One matrix, or several together, in one format; `rmse` and the like are None where there is a problem."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    format: str
    numbers: int
    stored_bytes: int
    size_bytes: int
    largest: float | None
    mean: float | None
    rmse: float | None
    snr_db: float | None
    problem: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether every number came back as it was."""
        return self.rmse == 0

    def value(self, by: Measure) -> float | None:
        """None where there is none: also the ratio of what is exact."""
        match by:
            case Measure.SNR:
                return self.snr_db
            case Measure.RMSE:
                return self.rmse
            case Measure.MEAN:
                return self.mean

    def badness(self, by: Measure) -> float | None:
        """The more the worse; the least there is for what is exact, None where nothing is known."""
        if self.rmse is None:
            return None
        value = self.value(by)
        if by is Measure.SNR:
            return -math.inf if value is None else -value
        return value


def errors_from(row: Mapping[str, Any]) -> MatrixErrors | None:
    """A row of MatrixMeasured; None where it is none, as another version may have written it."""
    try:
        shape = tuple(int(side) for side in row["shape"])
        dtype = str(row["stored_dtype"])
        numbers = math.prod(shape)
        return MatrixErrors(
            name=str(row["name"]),
            shape=shape,
            dtype=dtype,
            format=str(row["format"]),
            numbers=numbers,
            stored_bytes=stored_bytes(numbers, dtype),
            size_bytes=int(row["bytes"]),
            largest=_figure(row["max_abs_error"]),
            mean=_figure(row["mean_abs_error"]),
            rmse=_figure(row["rmse"]),
            snr_db=_figure(row["snr_db"]),
            problem=str(row.get("problem") or ""),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _figure(value: Any) -> float | None:
    return None if value is None else float(value)


def stored_bytes(numbers: int, dtype: str) -> int:
    known = FORMATS.get(dtype)
    return numbers * known.bits // 8 if known else 0


def together(parts: Sequence[MatrixErrors]) -> MatrixErrors:
    """Several matrices, such as the experts of a layer, as if they were one."""
    if len(parts) == 1:
        return parts[0]
    known = [part for part in parts if part.rmse is not None]
    numbers = sum(part.numbers for part in known)
    noise = sum((part.rmse or 0.0) ** 2 * part.numbers for part in known)
    signal = sum((part.rmse or 0.0) ** 2 * part.numbers * 10 ** (part.snr_db / 10) for part in known if part.snr_db)
    return MatrixErrors(
        name=f"{len(parts)} matrices",
        shape=parts[0].shape if len({part.shape for part in parts}) == 1 else (),
        dtype=parts[0].dtype if len({part.dtype for part in parts}) == 1 else "",
        format=parts[0].format,
        numbers=sum(part.numbers for part in parts),
        stored_bytes=sum(part.stored_bytes for part in parts),
        size_bytes=sum(part.size_bytes for part in parts),
        largest=max((part.largest or 0.0 for part in known), default=None),
        mean=sum((part.mean or 0.0) * part.numbers for part in known) / numbers if numbers else None,
        rmse=math.sqrt(noise / numbers) if numbers else None,
        snr_db=10 * math.log10(signal / noise) if noise > 0 and signal > 0 else None,
        problem=next((part.problem for part in parts if part.problem), ""),
    )


def worst(found: Iterable[MatrixErrors], by: Measure, most: int) -> list[MatrixErrors]:
    """Those that lose most, the worst first; what is exact loses nothing."""
    known = [each for each in found if each.badness(by) is not None and not each.is_exact]
    known.sort(key=lambda each: each.badness(by) or 0.0, reverse=True)
    return known[:most]


def schemes_of(request: LayersRequest) -> list[Scheme]:
    """Those that were asked for. Raises SchemeError."""
    return schemes_with(request.formats, request.block_size, double_quant=request.double_quant)


def schemes_with(names: Iterable[str], block_size: int, *, double_quant: bool) -> list[Scheme]:
    """Block size and double quantization go to those that have a choice. Raises SchemeError."""
    found: dict[Scheme, None] = {}
    for name in names:
        scheme = find_scheme(name)
        if scheme.has_choice_of_blocks:
            scheme = scheme.with_blocks(block_size, double_quant=double_quant)
        found[scheme] = None
    return list(found)
