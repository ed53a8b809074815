"""The explanation in lines: the page's working, and why one of two values was chosen."""

import pytest

from tests.core.bits.codes import FORMATS, codes_of
from workbench.core.bits.explanation import explanation_of
from workbench.core.bits.inspection import inspect_code, inspect_number
from workbench.core.bits.work_out import workings_of
from workbench.core.bits.workings import NONE
from workbench.numerics.named_formats import find_format
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.number_text import read_number
from workbench.numerics.rounding import Rounding


def explained(name: str, text: str, rounding: Rounding = Rounding.NEAREST_EVEN) -> tuple[str, ...]:
    return explanation_of(inspect_number(find_format(name), read_number(text), rounding), rounding)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda entry: entry.name)
def test_that_a_code_is_explained_as_the_page_copies_it(format_: NumberFormat) -> None:
    for code in codes_of(format_, most=60):
        inspection = inspect_code(format_, code)
        page = workings_of(inspection, None)
        copied = [line for line in page.text.splitlines() if line and not line.endswith(f": {NONE}")]
        assert list(explanation_of(inspection, None)) == copied
        brief = explanation_of(inspection, None, is_brief=True)
        assert brief == (page.title, " = ".join(page.sides), page.sentence)


def test_that_the_nearer_value_is_named_with_both_distances() -> None:
    line = "From 0.09375 it is 0.00625 away, from 0.1015625 it is 0.0015625. The upper one is nearer, by 0.0046875."
    assert line in explained("fp8-e4m3", "0.1")


def test_that_neighbours_of_many_digits_are_told_apart() -> None:
    for name in ("fp32", "fp64"):
        line = next(line for line in explained(name, "1/3") if line.startswith("From"))
        low, high = line.removeprefix("From about ").split(" away, from about ")
        assert low.split()[0] != high.split()[0]


@pytest.mark.parametrize(
    ("rounding", "sentence"),
    [
        (Rounding.UP, "The rounding is up: it becomes the upper one."),
        (Rounding.DOWN, "The rounding is down: it becomes the lower one."),
        (Rounding.TOWARD_ZERO, "The rounding is toward zero: it becomes the lower one."),
    ],
)
def test_that_a_directed_rounding_is_the_reason_and_not_the_distance(rounding: Rounding, sentence: str) -> None:
    line = next(line for line in explained("int8", "0.3", rounding) if line.startswith("From"))
    assert line == f"From 38/127 it is 1/1270 away, from 39/127 it is 9/1270. {sentence}"


@pytest.mark.parametrize(("name", "text"), [("fp16", "0.5"), ("fp16", "1e9"), ("int8", "-7"), ("fp16", "inf")])
def test_that_no_distance_is_given_where_there_is_none_to_choose(name: str, text: str) -> None:
    assert not [line for line in explained(name, text) if line.startswith("From")]


def test_that_a_number_without_a_code_is_a_sentence() -> None:
    assert explained("nf4", "nan") == ("NF4: no code", "NF4 has no code for NaN.")
