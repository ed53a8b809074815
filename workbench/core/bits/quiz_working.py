"""The worked answer to a question of the quiz: the workings of its code, read in the direction that is asked for."""

from workbench.core.bits.inspection import hexadecimal, inspect_code, inspect_number, spaced_bits
from workbench.core.bits.quiz_question import Kind, Question
from workbench.core.bits.rounding_words import distance_words, rounding_words
from workbench.core.bits.work_out import workings_of
from workbench.numerics.number import Number
from workbench.numerics.rounding import Rounding


def working_of(asked: Question) -> tuple[str, ...]:
    """The worked answer, a line a step; each ends in a full stop."""
    if asked.kind is Kind.NEARER:
        return _nearer(asked)
    workings = workings_of(inspect_code(asked.format, asked.answer), None)
    fields = "; ".join(rule.text for rule in workings.rules)
    bits = f"Bits: {spaced_bits(asked.format, asked.answer)}; {fields}."
    if asked.kind is Kind.FLIP:
        return (f"{' = '.join(reversed(workings.sides))}.", workings.sentence, bits)
    reading = (bits, f"{' = '.join(workings.sides)}.", workings.sentence)
    return (_step(asked), *reading) if asked.kind is Kind.NEXT else reading


def _nearer(asked: Question) -> tuple[str, ...]:
    """Distances to both neighbours, and what there is to say of a tie or an underflow."""
    low, high = (asked.format.decode(code).value for code in asked.choices)
    assert low is not None
    assert high is not None
    rounded = inspect_number(asked.format, Number.of(asked.given))
    rounding = rounding_words(rounded, Rounding.NEAREST_EVEN)
    return tuple(line for line in (*distance_words(asked.format, asked.given, low, high), rounding) if line)


def _step(asked: Question) -> str:
    from_code, to_code = (hexadecimal(asked.format, code) for code in (asked.shown, asked.answer))
    way = {1: "plus 1", -1: "less 1"}.get(asked.answer - asked.shown)
    if way is None:
        return f"The sign changes here: from code {from_code} to {to_code}."
    return f"Values of one sign lie in the order of their codes: {from_code} {way} is {to_code}."
