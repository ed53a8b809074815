"""A row as everything after reading knows it."""

from workbench.core.data.row import DataRow

CALL = {"type": "function", "function": {"name": "warmth", "arguments": {"town": "Bergen"}}}
ASKED = {"role": "user", "content": "How warm is it?"}
LEARNED = {"role": "assistant", "content": "11 degrees."}


def test_that_a_conversation_is_told_in_one_line_by_its_first_question() -> None:
    row = DataRow(turns=({"role": "system", "content": "Be short."}, ASKED, LEARNED))
    assert (row.asked, row.answer, row.characters) == ("How warm is it?", "11 degrees.", 9 + 15 + 11)
    assert DataRow(turns=(LEARNED,)).asked == "11 degrees."


def test_that_text_is_one_part_and_all_of_it_is_learned() -> None:
    row = DataRow(text="Once upon a time")
    assert (row.asked, row.answer, row.parts) == ("Once upon a time", "", [("Text", "Once upon a time")])
    assert row.plain == ("", "Once upon a time")


def test_that_reasoning_and_calls_are_parts_of_their_own() -> None:
    called = {"role": "assistant", "content": "", "reasoning_content": "I look.", "tool_calls": [CALL]}
    names = [name for name, _ in DataRow(turns=(ASKED, called, {"role": "tool", "content": "11"}, LEARNED)).parts]
    assert names == ["User", "Reasoning", "Tool calls", "Tool", "Assistant"]


def test_that_only_one_question_and_its_answer_need_no_template() -> None:
    assert DataRow(turns=(ASKED, LEARNED)).plain == ("How warm is it?", "11 degrees.")
    assert DataRow(turns=({"role": "system", "content": "a"}, ASKED, LEARNED)).plain is None
