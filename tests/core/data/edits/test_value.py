from workbench.core.data.edits import value as values


def test_that_a_field_is_written_in_every_spelling() -> None:
    pair = values.with_text(values.empty_value("pair"), "completion", "yes")
    talk = values.with_text(values.empty_value("messages"), "1", "yes")
    text = values.with_text(values.empty_value("text"), "text", "yes")
    assert [values.answer(pair), values.answer(talk), values.asked(text)] == ["yes", "yes", "yes"]
    assert [field.title for field in values.fields(talk)] == ["User", "Assistant"]
    assert values.as_messages(pair) == talk
    assert values.row_of(pair).turns == values.row_of(talk).turns


def test_that_turns_are_added_for_who_speaks_next_and_taken_out() -> None:
    talk = values.with_turn(values.empty_value("messages"))
    assert [turn["role"] for turn in talk["messages"]] == ["user", "assistant", "user"]
    assert [turn["role"] for turn in values.with_turn(talk)["messages"]][-1] == "assistant"
    assert len(values.without_turn(talk, 0)["messages"]) == 2
    assert values.with_role(talk, 0, "system")["messages"][0]["role"] == "system"
    assert talk["messages"][0]["role"] == "user", "a row is never changed in place"
