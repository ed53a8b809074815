"""Words that another text has not are marked in runs."""

import pytest

from workbench.core.chat.words import Marks, marks

BASE = "The time it takes to get a bike back depends on the repair. It can take a few hours, or several days."


def marked(text: str, other: str) -> list[str]:
    found = marks(text, other)
    assert not found.is_wholly_different
    return [text[start:end] for start, end in found.runs]


def test_that_words_side_by_side_are_one_run_without_the_punctuation_around_it() -> None:
    text = "It takes two working days, depending on the repair. (Before holidays) it can take longer."
    assert marked(text, BASE) == ["two working", "depending", "Before holidays", "longer"]
    assert marked("It can take days: five, so book.", BASE) == ["five, so book"]


def test_that_case_and_outer_punctuation_do_not_differ() -> None:
    assert marked('"THE" **repair** — hours!', BASE) == []
    assert marked("a bike-back repair on the days", BASE) == ["bike-back"], "inner punctuation belongs to the word"


def test_that_a_run_goes_on_over_punctuation_that_stands_alone() -> None:
    assert marked("It takes two — three days on the repair", BASE) == ["two — three"]


def test_that_one_way_to_write_an_accent_equals_the_other() -> None:
    assert marked("Caf\u00e9 de bike", "cafe\u0301 de bike") == []


@pytest.mark.parametrize(
    ("text", "other", "found"), [("今日は晴れ", "今日は雨", ["晴れ"]), ("今日 sun", "今日", ["sun"])]
)
def test_that_scripts_without_spaces_are_compared_by_character(text: str, other: str, found: list[str]) -> None:
    assert marked(text, other) == found


def test_that_above_four_fifths_nothing_is_marked_and_that_is_said() -> None:
    assert marks("a b c d e", "a") == Marks(((2, 9),), is_wholly_different=False)
    assert marks("a b c d e f", "a") == Marks((), is_wholly_different=True)
    assert marks("Hello", "") == Marks((), is_wholly_different=True)
    assert marks("", "Hello") == marks("...", "") == Marks((), is_wholly_different=False)
