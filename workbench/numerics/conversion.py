"""Values that go from one format to another, and what a stop between them changes."""

from dataclasses import dataclass

from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.rounding import Rounding


@dataclass(frozen=True)
class DoubleRounding:
    """A number in a format, straight and by way of another one."""

    direct: int
    through: int  # the code in the format between
    twice: int

    @property
    def differs(self) -> bool:
        """Whether the stop made a difference."""
        return self.direct != self.twice


def convert(
    code: int,
    source: NumberFormat,
    target: NumberFormat,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    *,
    saturate: bool = False,
    seed: int = 0,
) -> int:
    """The code in `target` of what a code in `source` stands for. Raises NotRepresentable."""
    return target.encode(source.decode(code).number, rounding, saturate=saturate, seed=seed)


def rounded_twice(
    number: Number,
    through: NumberFormat,
    target: NumberFormat,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    *,
    saturate: bool = False,
    seed: int = 0,
) -> DoubleRounding:
    """A number rounded to `target`, beside one rounded to `through` first. Raises NotRepresentable."""
    between = through.encode(number, rounding, saturate=saturate, seed=seed)
    return DoubleRounding(
        direct=target.encode(number, rounding, saturate=saturate, seed=seed),
        through=between,
        twice=convert(between, through, target, rounding, saturate=saturate, seed=seed),
    )
