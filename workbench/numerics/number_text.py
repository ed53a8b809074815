"""A number read from what a person types, exactly: decimals, hexadecimal, fractions, expressions."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from workbench.numerics.number import INFINITY, NAN, Number

MOST_CHARACTERS = 2_000
MOST_DEPTH = 64
# 10 to the 4 000th takes 13 288 bits; FP64 ends at 1 024.
MOST_BITS = 16_384
MOST_DECIMAL_EXPONENT = 4_000

SPACES = " \t\u00a0\u2009\u202f"
TOKEN = re.compile(
    r"""(?:
      (?P<hex>0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F]*)?(?:[pP][+-]?[0-9]*)?)
    | (?P<binary>0[bB][01_]*)
    | (?P<decimal>(?:[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+(?![0-9])|[0-9][0-9_]*)?
                  (?:\.[0-9_]*)?(?:(?<=[0-9_.])[eE][+\-\u2212]?[0-9]*)?)
    )""",
    re.VERBOSE,
)
OPERATORS = {"**": "^", "^": "^", "*": "*", "\u00d7": "*", "\u00b7": "*", "/": "/", "\u00f7": "/", "+": "+",
             "-": "-", "\u2212": "-", "(": "(", ")": ")"}  # fmt: skip
WORDS = {"inf": INFINITY, "infinity": INFINITY, "\u221e": INFINITY, "nan": NAN}
END = "end"


class NumberTextError(ValueError):
    """Raised for a text that is not a number; its text is a sentence, `position` counts characters from 0."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.position = position


def read_number(text: str) -> Number:
    """The exact number that a text stands for. Raises NumberTextError."""
    if len(text) > MOST_CHARACTERS:
        raise NumberTextError(f"A number has {MOST_CHARACTERS:,} characters at most; this has {len(text):,}.", 0)
    if not text.strip():
        raise NumberTextError("Type a number, such as 0.1, 1/3 or 2^-24.", 0)
    return _Reader(_tokens(text)).number()


@dataclass(frozen=True)
class _Token:
    kind: str  # an operator, "number", "word" or END
    position: int
    text: str
    number: Number | None = None


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if position == len(text):
            return [*tokens, _Token(END, position, "")]
        token = _token_at(text, position)
        tokens.append(token)
        position += len(token.text)


def _token_at(text: str, position: int) -> _Token:
    match = TOKEN.match(text, position)
    if match and match.lastgroup and match[match.lastgroup]:
        written = match[match.lastgroup]
        value = _LITERALS[match.lastgroup](written, position)
        return _Token("number", position, written, Number(value))
    for written, kind in OPERATORS.items():
        if text.startswith(written, position):
            return _Token(kind, position, written)
    word = re.match(r"[^\W\d]+|\u221e", text[position:])
    if word and word[0].lower() in WORDS:
        return _Token("word", position, word[0], WORDS[word[0].lower()])
    if text[position] == ",":
        raise NumberTextError("The decimal sign is a point: write 0.5, and 1000 without a comma.", position)
    shown = word[0][:20] if word else text[position]
    shown = shown if shown.isprintable() else "?"
    raise NumberTextError(f"\u201c{shown}\u201d at character {position + 1} is not part of a number.", position)


def _decimal(written: str, position: int) -> Fraction:
    mantissa, mark, exponent_text = written.replace("\u2212", "-").replace("E", "e").partition("e")
    whole, _, part = re.sub(rf"[_{SPACES}]", "", mantissa).partition(".")
    if not whole and not part:
        raise NumberTextError(f"A point at character {position + 1} needs a digit beside it.", position)
    if mark and exponent_text in ("", "+", "-"):
        raise NumberTextError("The exponent after \u201ce\u201d is missing, as in 1e-5.", position + len(written))
    exponent = _exponent(exponent_text, MOST_DECIMAL_EXPONENT, position) if mark else 0
    digits = Fraction(int(whole + part))
    return _checked(digits * Fraction(10) ** (exponent - len(part)), position)


def _hexadecimal(written: str, position: int) -> Fraction:
    mantissa, mark, exponent_text = written[2:].replace("P", "p").partition("p")
    whole, _, part = mantissa.replace("_", "").partition(".")
    if not whole and not part:
        raise NumberTextError("The digits after \u201c0x\u201d are missing, as in 0x3F81.", position + len(written))
    if mark and exponent_text in ("", "+", "-"):
        raise NumberTextError("The exponent after \u201cp\u201d is missing, as in 0x1.8p-3.", position + len(written))
    exponent = _exponent(exponent_text, MOST_BITS, position) if mark else 0
    return _checked(int(whole + part, 16) * Fraction(2) ** (exponent - 4 * len(part)), position)


def _binary(written: str, position: int) -> Fraction:
    digits = written[2:].replace("_", "")
    if not digits:
        raise NumberTextError("The digits after \u201c0b\u201d are missing, as in 0b101.", position + len(written))
    return _checked(Fraction(int(digits, 2)), position)


_LITERALS: dict[str, Callable[[str, int], Fraction]] = {"decimal": _decimal, "hex": _hexadecimal, "binary": _binary}


def _exponent(text: str, most: int, position: int) -> int:
    exponent = int(text)
    if abs(exponent) > most:
        raise NumberTextError(f"An exponent of {text[:12]} is too large: {most:,} at most.", position)
    return exponent


def _checked(value: Fraction, position: int) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise NumberTextError("That is too large or too fine: no format comes near it.", position)
    return value


class _Reader:
    """Sums of products of powers, each level a method; all arithmetic is exact."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def number(self) -> Number:
        number = self._sum()
        if self._next.kind != END:
            if self._next.kind == ")":
                raise NumberTextError("A closing parenthesis has no opening one.", self._next.position)
            what = f"Between {self._before} and \u201c{self._next.text[:20]}\u201d an operator is missing."
            raise NumberTextError(what, self._next.position)
        return number

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    @property
    def _before(self) -> str:
        return f"\u201c{self._tokens[self._at - 1].text[:20]}\u201d"

    def _take_token(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _sum(self) -> Number:
        left = self._product()
        while self._next.kind in ("+", "-"):
            operator = self._take_token()
            right = self._product()
            a, b = self._finite(left, operator), self._finite(right, operator)
            left = self._made(a + b if operator.kind == "+" else a - b, operator)
        return left

    def _product(self) -> Number:
        left = self._signed()
        while self._next.kind in ("*", "/"):
            operator = self._take_token()
            right = self._signed()
            a, b = self._finite(left, operator), self._finite(right, operator)
            if operator.kind == "/" and b == 0:
                raise NumberTextError("Division by zero. Infinity is written inf.", operator.position)
            left = self._made(a * b if operator.kind == "*" else a / b, operator)
        return left

    def _signed(self) -> Number:
        self._deeper()
        if self._next.kind in ("+", "-"):
            number = self._signed() if self._take_token().kind == "+" else self._signed().negated()
        else:
            number = self._power()
        self._depth -= 1
        return number

    def _power(self) -> Number:
        base = self._atom()
        if self._next.kind != "^":
            return base
        operator = self._take_token()
        exponent = self._finite(self._signed(), operator)
        value = self._finite(base, operator)
        if exponent.denominator != 1:
            raise NumberTextError("A power needs a whole number as its exponent.", operator.position)
        if value == 0 and exponent < 0:
            raise NumberTextError("Zero has no negative power. Infinity is written inf.", operator.position)
        # One bit is left out: the powers of two, the only ones that do not grow by more, are then counted right.
        largest = max(value.numerator.bit_length(), value.denominator.bit_length()) - 1
        if largest * abs(exponent.numerator) > MOST_BITS or (largest and abs(exponent.numerator) > MOST_BITS):
            raise NumberTextError("That power is too large or too fine: no format comes near it.", operator.position)
        if abs(value) == 1:
            return self._made(value ** (exponent.numerator % 2), operator)
        return self._made(value**exponent.numerator, operator)

    def _atom(self) -> Number:
        token = self._take_token()
        if token.number is not None:
            return token.number
        if token.kind == "(":
            self._deeper()
            number = self._sum()
            self._depth -= 1
            if self._next.kind != ")":
                raise NumberTextError("A parenthesis is not closed.", token.position)
            self._take_token()
            return number
        if token.kind == END:
            what = "Here a number is missing." if self._at == 1 else f"After {self._last_text()} a number is missing."
            raise NumberTextError(what, token.position)
        raise NumberTextError(f"Before \u201c{token.text}\u201d a number is missing.", token.position)

    def _last_text(self) -> str:
        return f"\u201c{self._tokens[self._at - 2].text[:20]}\u201d"

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise NumberTextError(f"More than {MOST_DEPTH} signs or parentheses in one another.", self._next.position)

    def _finite(self, number: Number, operator: _Token) -> Fraction:
        if number.value is None:
            raise NumberTextError("Infinity and NaN stand alone: nothing is computed with them.", operator.position)
        return number.value

    def _made(self, value: Fraction, operator: _Token) -> Number:
        return Number.of(_checked(value, operator.position))
