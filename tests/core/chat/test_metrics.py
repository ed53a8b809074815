"""An answer compared with the expected one."""

import pytest

from workbench.core.chat.metrics import Ignored, is_exact, is_json, is_json_container, token_f1


def test_that_white_space_around_a_text_never_counts() -> None:
    assert is_exact("  18 euros.\n", "18 euros.")
    assert not is_exact("18  euros.", "18 euros.")
    assert not is_exact("18 Euros.", "18 euros.")


@pytest.mark.parametrize(
    ("ignored", "text", "expected"),
    [
        (Ignored(case=True), "STRASSE", "straße"),
        (Ignored(punctuation=True), "Yes, please!", "Yes please"),
        (Ignored(punctuation=True), "„Ja“ — bitte", "Ja bitte"),
        (Ignored(json_layout=True), '{"b": 2,\n "a": [1]}', '{"a":[1],"b":2}'),
    ],
)
def test_that_what_is_ignored_does_not_count(ignored: Ignored, text: str, expected: str) -> None:
    assert is_exact(text, expected, ignored)
    assert not is_exact(text, expected)


def test_that_numbers_of_json_are_compared_as_they_are_written() -> None:
    assert not is_exact('{"a": 1}', '{"a": 2}', Ignored(json_layout=True))
    assert not is_exact("1.0", "1.00", Ignored(json_layout=True)), "a number alone is not JSON that has a layout"


@pytest.mark.parametrize(
    ("text", "expected", "f1"),
    [
        ("The cat sat.", "a cat sat", 1.0),
        ("cat dog", "cat", 2 / 3),
        ("cat cat dog", "cat bird", 0.4),  # 1 of 3, 1 of 2
        ("bird", "cat", 0.0),
        ("", "the", 1.0),  # of neither a word is left
        ("", "cat", 0.0),
        ("well-known", "well known", 0.0),  # its punctuation goes without leaving a space
    ],
)
def test_that_token_f1_is_what_the_script_of_squad_counts(text: str, expected: str, f1: float) -> None:
    assert token_f1(text, expected) == pytest.approx(f1)


def test_that_json_is_one_whole_value() -> None:
    assert all(is_json(text) for text in ('{"a": [1, null]}', " 3 ", '"text"', "[]"))
    assert not any(is_json(text) for text in ("", "{'a': 1}", '{"a": 1} and more', "NaN", '{"a": 1', "[" * 100_000))
    assert is_json_container(' {"a": 1}')
    assert not is_json_container("3")
