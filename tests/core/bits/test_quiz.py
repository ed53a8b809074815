"""Questions about formats: the same for a seed, and each with one right answer."""

from fractions import Fraction

import pytest

from tests.core.bits.codes import FORMATS, codes_of
from workbench.core.bits.digits import number_words
from workbench.core.bits.inspection import inspect_code, inspect_number, spaced_bits
from workbench.core.bits.quiz import AnswerError, check, question
from workbench.core.bits.quiz_question import Kind, Question
from workbench.core.bits.quiz_working import working_of
from workbench.core.bits.work_out import workings_of
from workbench.core.bits.workings import plain_text
from workbench.numerics.neighbours import next_code, previous_code
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.rounding import Rounding

MANY = [question(seed, index) for seed in range(40) for index in range(12)]


def of_kind(kind: Kind) -> list[Question]:
    return [asked for asked in MANY if asked.kind is kind]


def value_of(format_: NumberFormat, code: int) -> Fraction:
    value = format_.decode(code).value
    assert value is not None
    return value


def test_that_a_seed_asks_the_same_questions_again_and_another_one_others() -> None:
    first = [question(7, index) for index in range(20)]
    assert first == [question(7, index) for index in range(20)]
    assert first != [question(8, index) for index in range(20)]
    assert {asked.kind for asked in first} == set(Kind)


def test_that_the_answer_is_right_and_worked_out() -> None:
    for asked in MANY:
        verdict = check(asked, asked.answer)
        assert verdict.is_right, asked
        assert 1 <= len(verdict.working) <= 4
        assert all(line.endswith(".") and "\n" not in line for line in verdict.working)
        number = asked.format.decode(asked.answer).number
        if asked.kind in (Kind.DECIMAL, Kind.NEXT):
            assert check(asked, number_words(number)).is_right, asked


def test_that_every_decimal_a_person_writes_for_it_is_right() -> None:
    asked = next(found for found in of_kind(Kind.DECIMAL) if found.format.decode(found.answer).value)
    value = value_of(asked.format, asked.answer)
    over = f"{value.numerator}/{value.denominator}"
    for text in (over, f" {float(value)!r} ", f"({over}) * 2 / 2"):
        assert check(asked, text).is_right
    wrong = check(asked, f"{over} + 2**-200")
    assert not wrong.is_right
    assert number_words(asked.format.decode(asked.answer).number) in wrong.text


@pytest.mark.parametrize("text", ["", "   ", "1e", "nan(7)", "\N{GRINNING FACE}", "9**9**9", "1" * 10_000])
def test_that_what_is_no_number_leaves_the_question_open(text: str) -> None:
    with pytest.raises(AnswerError, match=r"\.$"):
        check(of_kind(Kind.DECIMAL)[0], text)


def test_that_any_bits_of_the_value_are_right_where_several_stand_for_it() -> None:
    asked = next(found for found in of_kind(Kind.FLIP) if found.format.name == "Article 6+10")
    value = value_of(asked.format, asked.answer)
    same = [code for code in range(1 << 16) if asked.format.decode(code).value == value]
    assert len(same) > 1
    assert all(check(asked, code).is_right for code in same)
    assert not check(asked, asked.answer ^ 1).is_right
    assert asked.text.endswith(f"{number_words(Number.of(value))}.")


def test_that_the_nearer_value_is_the_one_that_rounding_takes() -> None:
    ties = 0
    for asked in of_kind(Kind.NEARER):
        low, high = (value_of(asked.format, code) for code in asked.choices)
        assert low < asked.given < high
        taken = value_of(asked.format, asked.answer)
        assert taken == asked.format.decode(asked.format.encode(asked.given)).value
        (other,) = {low, high} - {taken}
        assert abs(taken - asked.given) <= abs(other - asked.given)
        is_tie = abs(taken - asked.given) == abs(other - asked.given)
        ties += is_tie
        assert ("half way" in asked.text) is is_tie
        wrong = asked.choices[0] if asked.answer == asked.choices[1] else asked.choices[1]
        assert not check(asked, wrong).is_right
    assert ties > 5


def test_that_the_next_value_is_the_neighbour() -> None:
    for asked in of_kind(Kind.NEXT):
        step = next_code if "above" in asked.text else previous_code
        found = step(asked.format, asked.shown)
        assert found is not None
        assert value_of(asked.format, found) == value_of(asked.format, asked.answer)


def test_that_infinity_and_nan_are_asked_for_and_can_be_typed() -> None:
    special = [asked for asked in of_kind(Kind.DECIMAL) if asked.format.decode(asked.answer).value is None]
    assert special
    for asked in special:
        number = asked.format.decode(asked.answer).number
        text = "nan" if number.is_nan else "-inf" if number.is_negative else "inf"
        assert check(asked, text).is_right
        assert not check(asked, "0").is_right
        assert not check(asked, "inf" if number.is_negative or number.is_nan else "-inf").is_right


def test_that_the_working_of_a_normal_number_names_bias_and_hidden_bit() -> None:
    asked = next(
        found
        for found in of_kind(Kind.DECIMAL)
        if found.format.name == "FP8 E4M3" and found.format.decode(found.answer).hidden_bit
    )
    text = " ".join(check(asked, asked.answer).working)
    assert "7 is the bias of FP8 E4M3." in text
    assert "hidden 1" in text
    assert spaced_bits(asked.format, asked.answer) in text


@pytest.mark.parametrize("format_", FORMATS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("kind", [Kind.DECIMAL, Kind.FLIP, Kind.NEXT])
def test_that_the_worked_answer_is_the_working_of_the_page(format_: NumberFormat, kind: Kind) -> None:
    for code in codes_of(format_, most=60):
        page = workings_of(inspect_code(format_, code), None)
        lines = working_of(Question(kind, "", "", format_, code, shown=code))
        bits, equation = f"Bits: {spaced_bits(format_, code)}; ", " ".join(plain_text(line) for line in page.equation)
        steps = [line for line in lines if line.startswith(bits)]
        assert [step.removeprefix(bits) for step in steps] == ["; ".join(rule.text for rule in page.rules) + "."]
        assert page.sentence in lines
        if kind is Kind.FLIP:  # from the value to the bits
            assert lines[0] == f"{' = '.join(reversed(equation.split(' = ')))}."
            assert lines[-1] in steps
        else:
            assert lines[-3:] == (*steps, f"{equation}.", page.sentence)


def test_that_a_tie_is_explained_as_on_the_page() -> None:
    ties = [asked for asked in of_kind(Kind.NEARER) if "half way" in asked.text]
    for asked in ties:
        page = workings_of(inspect_number(asked.format, Number.of(asked.given)), Rounding.NEAREST_EVEN)
        tie = working_of(asked)[-1]
        assert "the tie goes to the even one" in tie
        assert page.sentence.startswith(tie)
    assert ties
