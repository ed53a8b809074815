"""Values worth a look, each with the one sentence that it teaches."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A value as one types it, and the format in which there is something to see."""

    chip: str
    text: str
    format: str
    sentence: str


PRESETS = (
    Preset(
        "0.1",
        "0.1",
        "FP16",
        "0.1 has no end in binary: every format stores a neighbour of it, and the error is how far away that is.",
    ),
    Preset(
        "1/3",
        "1/3",
        "FP32",
        "1/3 is 0.010101… in binary: however many bits there are, the last one is rounded.",
    ),
    Preset(
        "65504",
        "65504",
        "FP16",
        "65504 is the largest number of FP16: exponent 11110, all fraction bits one. The next code is infinity.",
    ),
    Preset(
        "65520 in FP16",
        "65520",
        "FP16",
        "65520 is halfway between 65504, where FP16 ends, and 65536; a tie goes to the even one, 65536, which it "
        "lacks: infinity.",
    ),
    Preset(
        "2^-24",
        "2^-24",
        "FP16",
        "2^-24 is the smallest number of FP16 above zero: a subnormal, exponent field 0 and the last fraction bit.",
    ),
    Preset(
        "−0",  # noqa: RUF001
        "-0",
        "FP16",
        "Zero with a sign: it equals 0, yet 1/−0 is −infinity. INT8, NF4 and Article 6+10 have one zero only.",  # noqa: RUF001
    ),
    Preset(
        "NaN",
        "nan",
        "FP16",
        "Not a number: all exponent bits one and a fraction that is not zero. INT8 and NF4 have no code for it.",
    ),
    Preset(
        "16777217",
        "16777217",
        "FP32",
        "2^24 + 1 is the first whole number that FP32 leaves out: from 2^24 on its values are 2 apart.",
    ),
    Preset(
        "0.3 in INT8",
        "0.3",
        "INT8",
        "0.3 × 127 = 38.1 is stored as 38 and read as 0.2992, an error of 0.00079. The article prints 0.008, ten times "  # noqa: RUF001
        "too much.",
    ),
    Preset(
        "2^-25",
        "2^-25",
        "FP16",
        "2^-25 is halfway between zero and FP16's smallest number; the tie goes to the even code, and that is zero.",
    ),
    Preset(
        "256 + 1 in BF16",
        "256+1",
        "BF16",
        "257 is halfway between BF16's 256 and 258; the tie goes to 256. A sum that adds ones in BF16 stalls at 256.",
    ),
)


def preset_of(text: str) -> Preset | None:
    """The one with this value."""
    plain = text.strip().lower()
    return next((preset for preset in PRESETS if preset.text == plain), None)
