"""The formats that have a name."""

from fractions import Fraction

from workbench.numerics.codebook import Codebook, fp4_levels, nf4_levels
from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.number_format import FormatError, NumberFormat, slug_of
from workbench.numerics.twos_format import TwosFormat

FP32 = FloatFormat("FP32", "single precision, IEEE 754", 8, 23, 127)
FP16 = FloatFormat("FP16", "half precision, IEEE 754", 5, 10, 15)
BF16 = FloatFormat("BF16", "the upper half of FP32: its range with 8 bits of precision", 8, 7, 127)
FP64 = FloatFormat("FP64", "double precision, IEEE 754", 11, 52, 1023)
INT8 = IntegerFormat("INT8", "a signed integer times a scale")
UINT8 = IntegerFormat("UINT8", "an integer less a zero point, times a scale", signed=False, scale=Fraction(1, 255))
FP8_E4M3 = FloatFormat(
    "FP8 E4M3", "8 bits with 3 of fraction; one NaN and no infinity", 4, 3, 7, specials=Specials.NAN_ONLY
)
FP8_E5M2 = FloatFormat("FP8 E5M2", "8 bits with 2 of fraction; the range of FP16", 5, 2, 15)
FP4_E2M1 = FloatFormat("FP4 E2M1", "4 bits of the OCP's MX formats: eight magnitudes", 2, 1, 1, specials=Specials.NONE)
E8M0 = FloatFormat(
    "E8M0",
    "powers of two: the scale of a block of the OCP's MX formats",
    8,
    0,
    127,
    signed=False,
    specials=Specials.NAN_ONLY,
    subnormals=False,
    zero=False,
)
NF4 = Codebook("NF4", "an index into 16 quantiles of the normal distribution", nf4_levels())
FP4_BITSANDBYTES = Codebook("FP4 (bitsandbytes)", "an index into bitsandbytes' 16 levels", fp4_levels())
ARTICLE = TwosFormat("Article 6+10", "exponent and mantissa in two's complement, for teaching", 6, 10)

NUMBER_FORMATS: dict[str, NumberFormat] = {
    entry.name: entry
    for entry in (
        FP32, FP16, BF16, FP64, INT8, FP8_E4M3, FP8_E5M2, FP4_E2M1, E8M0, NF4, FP4_BITSANDBYTES, ARTICLE
    )
}  # fmt: skip

ALIASES: dict[str, NumberFormat] = {
    "float32": FP32,
    "float16": FP16,
    "half": FP16,
    "bfloat16": BF16,
    "float64": FP64,
    "double": FP64,
    "uint8": UINT8,
    "e4m3": FP8_E4M3,
    "e4m3fn": FP8_E4M3,
    "fp8-e4m3fn": FP8_E4M3,
    "e5m2": FP8_E5M2,
    "e2m1": FP4_E2M1,
    "fp4": FP4_BITSANDBYTES,
    "article": ARTICLE,
}


def find_format(text: str) -> NumberFormat:
    """A format by its name, its slug or another name it goes by. Raises FormatError."""
    known = {entry.slug: entry for entry in NUMBER_FORMATS.values()} | ALIASES
    found = known.get(slug_of(text))
    if found is None:
        raise FormatError(f'There is no format "{text[:40]}": there are {", ".join(NUMBER_FORMATS)} and UINT8.')
    return found
