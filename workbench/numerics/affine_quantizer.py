"""Integers by the range of a row or of a tensor: absmax, and the whole range by a zero point."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.numerics.affine import Affine
from workbench.numerics.number_format import FieldKind
from workbench.numerics.quantizer import Fp64, Quantizer, Whole

Fp32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AffineQuantizer(Quantizer):
    """Integers of `width` bits in two's complement, and a scale that follows from the lowest and highest number."""

    width: int = 8

    @property
    def kinds(self) -> tuple[FieldKind, ...]:
        return (FieldKind.SIGN, *[FieldKind.INTEGER] * (self.width - 1))

    @abstractmethod
    def affine(self, lowest: ArrayLike, highest: ArrayLike) -> Affine:
        """The scale and zero point of groups whose numbers have this range; both of one shape."""

    def levels(self) -> tuple[Fp64, Whole]:
        least, most = self.integers
        stored = np.arange(least, most + 1)
        return stored / self.unit, stored

    def codes(self, integers: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Integers of any shape as they are stored."""
        return (integers & ((1 << self.bits) - 1)).astype(np.uint8)


class AbsmaxQuantizer(AffineQuantizer):
    """The absmax becomes the largest integer, and zero stays zero."""

    def affine(self, lowest: ArrayLike, highest: ArrayLike) -> Affine:
        return Affine.symmetric(np.maximum(np.negative(lowest), highest), self.width)


class ZeroPointQuantizer(AffineQuantizer):
    """The range takes all integers, and one of them stands for zero. Its levels are the integers themselves."""

    divisor: ClassVar[str] = "scale"
    has_zero_point: ClassVar[bool] = True

    def affine(self, lowest: ArrayLike, highest: ArrayLike) -> Affine:
        return Affine.asymmetric(lowest, highest, self.width)

    @property
    def integers(self) -> tuple[int, int]:
        return -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1

    @property
    def unit(self) -> int:
        return 1

    @property
    def ends(self) -> tuple[float, float]:
        least, most = self.integers
        return float(least), float(most)
