"""Questions about number formats, drawn from a seed, with their answers checked exactly and worked out."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from workbench.core.bits.digits import number_words
from workbench.core.bits.quiz_question import Kind, Question
from workbench.core.bits.quiz_working import working_of
from workbench.numerics import named_formats as known
from workbench.numerics.decimal_text import exact_decimal
from workbench.numerics.neighbours import next_code, previous_code
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.number_text import NumberTextError, read_number

LONGEST_DECIMAL = 12  # characters of a number that a person has to read or write
_INTEGER = replace(known.INT8, name="INT8 of scale 1", scale=Fraction(1))
_FLOATS = (known.FP4_E2M1, known.FP8_E4M3, known.FP8_E5M2, known.FP16)


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, in a sentence, and how one comes to the right one, a line a step."""

    is_right: bool
    text: str
    working: tuple[str, ...]


class AnswerError(ValueError):
    """Raised for what is not an answer at all; its text is a sentence, and the question stays open."""


def question(seed: int, index: int) -> Question:
    """Question `index`, counted from 0, of the quiz with this seed: the same on every machine."""
    draw = random.Random(f"bits quiz {seed} {index}")
    kinds: tuple[Callable[[random.Random], Question], ...] = (_decimal, _flip, _nearer, _next)
    return kinds[index % len(kinds)](draw)


def check(asked: Question, answer: str | int) -> Verdict:
    """Judges a typed number, or a code that was set or chosen. Raises AnswerError for text that is not a number."""
    right = asked.format.decode(asked.answer).number
    if isinstance(answer, int):
        number = asked.format.decode(answer).number
        is_right = answer == asked.answer if asked.kind is Kind.NEARER else _is_same(number, right)
    else:
        if not answer.strip():
            raise AnswerError("Write a number, such as 0.375 or 3/8.")
        try:
            number = read_number(answer)
        except NumberTextError as error:
            raise AnswerError(str(error)) from None
        is_right = _is_same(number, right)
    text = f"Right: {number_words(right)}." if is_right else f"Not {number_words(number)}: it is {number_words(right)}."
    return Verdict(is_right, text, working_of(asked))


def _is_same(one: Number, other: Number) -> bool:
    """Of infinities the sign counts; of zeros and NaNs it does not."""
    if one.is_finite and other.is_finite:
        return one.value == other.value
    if one.is_nan or other.is_nan:
        return one.is_nan and other.is_nan
    return one.is_infinite and other.is_infinite and one.is_negative == other.is_negative


# -- the four kinds ----------------------------------------------------------------------------------------------------


def _decimal(draw: random.Random) -> Question:
    format_ = draw.choice((*_FLOATS, known.ARTICLE, _INTEGER))
    code = _short_code(draw, format_, allows_special=True)
    return Question(
        Kind.DECIMAL,
        f"What decimal is this {format_.name}?",
        "A decimal, a fraction such as 3/8, a power such as 2^-6, inf or nan.",
        format_,
        code,
        shown=code,
    )


def _flip(draw: random.Random) -> Question:
    format_ = draw.choice((*_FLOATS, known.BF16, known.ARTICLE, _INTEGER))
    code = _short_code(draw, format_)
    return Question(
        Kind.FLIP,
        f"Flip the bits of this {format_.name} to make {number_words(format_.decode(code).number)}.",
        "Click a bit, or reach it with the arrow keys and flip it with Space.",
        format_,
        code,
    )


def _nearer(draw: random.Random) -> Question:
    format_ = draw.choice((*_FLOATS, known.NF4))
    low, high = _neighbours(draw, format_)
    least, most = format_.decode(low).value, format_.decode(high).value
    assert least is not None
    assert most is not None
    is_tie = format_ is not known.NF4 and draw.random() < 0.25
    given = (least + most) / 2 if is_tie else _between(draw, least, most)
    taken = format_.decode(format_.encode(given)).value
    code = low if taken == least else high  # a zero may be encoded as the other one
    hint = "Nearest even is asked for: exactly half way, the code that ends in 0 is taken." if is_tie else ""
    shown = number_words(Number.of(given))
    asked = f"{shown} lies half way between two values of {format_.name}. Which one does it become?"
    if not is_tie:
        asked = f"Which value of {format_.name} is nearer to {shown}?"
    return Question(Kind.NEARER, asked, hint, format_, code, given=given, choices=(low, high))


def _next(draw: random.Random) -> Question:
    format_ = draw.choice((*_FLOATS, known.BF16))
    is_above = draw.random() < 0.7
    while True:
        code = _short_code(draw, format_)
        found = next_code(format_, code) if is_above else previous_code(format_, code)
        if found is not None and format_.decode(found).value is not None:
            break
    way = "next value above" if is_above else "value before"
    shown = number_words(format_.decode(code).number)
    return Question(
        Kind.NEXT,
        f"What is the {way} {shown} in {format_.name}?",
        "A decimal, a fraction, or a sum such as 1 + 2^-10.",
        format_,
        found,
        shown=code,
    )


def _short_code(draw: random.Random, format_: NumberFormat, *, allows_special: bool = False) -> int:
    """A code whose value has few digits, and now and then an infinity or NaN."""
    while True:
        code = _drawn_code(draw, format_)
        number = format_.decode(code).number
        if number.value is None:
            if allows_special:
                return code
        elif number.value and len(exact_decimal(number)) <= LONGEST_DECIMAL:
            return code


def _drawn_code(draw: random.Random, format_: NumberFormat) -> int:
    """Of long formats codes with few ones in the fraction and a small exponent: the others have too many digits."""
    if format_.bits <= 8:
        return draw.randrange(1 << format_.bits)
    magnitude = Fraction(draw.randrange(1, 32)) * Fraction(2) ** draw.randrange(-7, 4)
    return format_.encode(magnitude if draw.random() < 0.7 else -magnitude)


def _neighbours(draw: random.Random, format_: NumberFormat) -> tuple[int, int]:
    """Two finite values side by side."""
    while True:
        low = draw.randrange(1 << format_.bits) if format_.bits <= 8 else _drawn_code(draw, format_)
        if format_.decode(low).value is None:
            continue
        high = next_code(format_, low)
        if high is not None and format_.decode(high).value is not None:
            return low, high


def _between(draw: random.Random, least: Fraction, most: Fraction) -> Fraction:
    """A decimal of few digits strictly between the two, and not half way."""
    digits = 1
    while True:
        unit = Fraction(1, 10**digits)
        first, last = least // unit + 1, -(-most // unit) - 1
        fitting = [step * unit for step in range(first, min(last, first + 1000) + 1) if 2 * step * unit != least + most]
        if len(fitting) >= 3:
            return draw.choice(fitting)
        digits += 1
