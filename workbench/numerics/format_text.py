"""A format that a person made, as text: "float:exponent=4:fraction=3:bias=7"."""

import re
from dataclasses import replace
from fractions import Fraction

from workbench.numerics.codebook import Codebook
from workbench.numerics.float_format import FloatFormat, Specials
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.named_formats import FP4_BITSANDBYTES, INT8, NF4, UINT8
from workbench.numerics.number_format import FormatError, NumberFormat, slug_of
from workbench.numerics.number_text import NumberTextError, read_number
from workbench.numerics.twos_format import TwosFormat

SPECIALS = {"ieee": Specials.IEEE, "nan": Specials.NAN_ONLY, "none": Specials.NONE}
CODEBOOKS = {"nf4": NF4, "fp4": FP4_BITSANDBYTES}
MOST_NAME_CHARACTERS = 40
KEYS = {
    "float": ("exponent", "fraction", "bias", "specials", "subnormals", "sign", "zero"),
    "twos": ("exponent", "mantissa"),
    "integer": ("bits", "signed", "scale", "zero"),
    "nf4": ("absmax",),
    "fp4": ("absmax",),
}


def format_text(entry: NumberFormat) -> str:
    """What `read_format` reads as this format, its name left out."""
    match entry:
        case FloatFormat():
            specials = next(key for key, value in SPECIALS.items() if value is entry.specials)
            text = f"float:exponent={entry.exponent_bits}:fraction={entry.fraction_bits}:bias={entry.bias}"
            text += f":specials={specials}"
            switches = {"subnormals": entry.subnormals, "sign": entry.signed, "zero": entry.zero}
            return text + "".join(f":{key}=no" for key, value in switches.items() if not value)
        case TwosFormat():
            return f"twos:exponent={entry.exponent_bits}:mantissa={entry.mantissa_bits}"
        case IntegerFormat():
            signed = "yes" if entry.signed else "no"
            return f"integer:bits={entry.width}:signed={signed}:scale={entry.scale}:zero={entry.zero_point}"
        case Codebook():
            for kind, book in CODEBOOKS.items():
                if book.levels == entry.levels:
                    return f"{kind}:absmax={entry.absmax}"
    raise FormatError(f"{entry.name} cannot be written as text.")


def read_format(name: str, text: str) -> NumberFormat:
    """The format of this name that a text describes. Raises FormatError."""
    if not slug_of(name) or len(name) > MOST_NAME_CHARACTERS or not name.isprintable():
        raise FormatError(f"A format's name has 1 to {MOST_NAME_CHARACTERS} letters or digits.")
    kind, *parts = text.strip().split(":")
    if kind not in KEYS:
        raise FormatError(f"A format's description begins with {', '.join(KEYS)}, such as float:exponent=4:fraction=3.")
    given = _Given(kind, parts)
    match kind:
        case "float":
            exponent_bits, fraction_bits = given.integer("exponent"), given.integer("fraction")
            return FloatFormat(
                name,
                f"{exponent_bits} bits of exponent, {fraction_bits} of fraction",
                exponent_bits,
                fraction_bits,
                given.integer("bias", 2 ** (max(1, min(exponent_bits, 64)) - 1) - 1),
                signed=given.switch("sign"),
                specials=given.specials(),
                subnormals=given.switch("subnormals"),
                zero=given.switch("zero"),
            )
        case "twos":
            title = "exponent and mantissa in two's complement"
            return TwosFormat(name, title, given.integer("exponent"), given.integer("mantissa"))
        case "integer":
            signed = given.switch("signed")
            scale, zero_point = given.fraction("scale", Fraction(1, 127)), given.integer("zero", 0)
            title = INT8.title if signed else UINT8.title
            return IntegerFormat(name, title, given.integer("bits", 8), signed, scale, zero_point)
        case _:
            return replace(CODEBOOKS[kind], name=name, absmax=given.fraction("absmax", Fraction(1)))


class _Given:
    """The `key=value` parts of a description."""

    def __init__(self, kind: str, parts: list[str]) -> None:
        self._texts: dict[str, str] = {}
        for part in parts:
            key, mark, value = part.partition("=")
            if not mark or key not in KEYS[kind]:
                raise FormatError(f'"{part[:40]}" says nothing of a format: {kind} has {", ".join(KEYS[kind])}.')
            self._texts[key] = value

    def integer(self, key: str, default: int | None = None) -> int:
        text = self._texts.get(key)
        if text is None and default is not None:
            return default
        if text is None or not re.fullmatch(r"[+-]?[0-9]{1,6}", text):
            raise FormatError(f"{key} is a whole number, such as {key}=4.")
        return int(text)

    def fraction(self, key: str, default: Fraction) -> Fraction:
        if key not in self._texts:
            return default
        try:
            value = read_number(self._texts[key]).value
        except NumberTextError as error:
            raise FormatError(f"{key}: {error}") from None
        if value is None:
            raise FormatError(f"{key} is a finite number.")
        return value

    def switch(self, key: str) -> bool:
        text = self._texts.get(key, "yes")
        if text not in ("yes", "no"):
            raise FormatError(f"{key} is yes or no.")
        return text == "yes"

    def specials(self) -> Specials:
        text = self._texts.get("specials", "ieee")
        if text not in SPECIALS:
            raise FormatError(f"specials is one of {', '.join(SPECIALS)}.")
        return SPECIALS[text]
