from workbench.core.data.edits.advice import advice_on, replaced
from workbench.core.data.edits.value import Field


def on(text: str) -> Field:
    return Field("completion", "Completion", "assistant", text)


def test_that_a_space_at_the_end_is_seen_and_taken_out() -> None:
    (found,) = advice_on(on("Yes, we do. "))
    assert (found.kind, found.words, found.mended) == (
        "ends in space",
        "The completion ends in a space.",
        "Yes, we do.",
    )
    assert "a line break" in advice_on(on("Yes.\n"))[0].words


def test_that_doubled_spaces_are_one_where_they_stand_between_words() -> None:
    (found,) = advice_on(on("  indented  code   here"))
    assert found.mended == "  indented code here"
    assert "in 2 places" in found.words


def test_that_quotes_of_both_kinds_are_told_and_left_as_they_are() -> None:
    (found,) = advice_on(on('“Curly” and "straight"'))
    assert found.kind == "mixed quotes"
    assert found.mended is None


def test_that_an_empty_text_is_only_empty() -> None:
    assert [found.kind for found in advice_on(on("  "))] == ["empty"]
    assert advice_on(on("Nothing wrong here.")) == []


def test_that_replacing_takes_signs_as_they_are() -> None:
    assert replaced("a.b A.B axb", "a.b", r"\1") == r"\1 \1 axb"
    assert replaced("Aa", "a", "b") == "bb"
    assert replaced("Aa", "", "b") == "Aa"
