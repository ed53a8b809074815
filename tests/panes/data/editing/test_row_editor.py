"""The card of one row: what is typed is counted and committed, told and mended, by mouse and by keyboard."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from tests.core.tokens.test_tokenizing import recipe_of
from tests.core.tokens.tokenizers_made import byte_tokenizer
from tests.core.tokens.wild_templates import WILD
from tests.qt_waits import wait_until
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.data.edits.drafts import begin_empty_draft
from workbench.core.data.edits.value import Value
from workbench.core.tokens.row_count import RowCount
from workbench.panes.data.editing.row_editor import Note, RowEditor
from workbench.panes.data.editing.row_field import MOST_CHARACTERS, RowField
from workbench.panes.data.editing.row_fields import TURNS_AT_ONCE, TurnBox
from workbench.panes.look.reading_order import put_in_order
from workbench.panes.look.theme import Theme

PAIR: Value = {"prompt": "Tea?", "completion": "Yes.", "topic": "drinks"}


def show(editor: RowEditor, value: Value = PAIR, before: Value | None = PAIR, *notes: Note, row: int = 3) -> None:
    editor.show_row(row, row + 1, value, before, notes)
    assert wait_for_tasks(60)


def field(editor: RowEditor, name: str) -> RowField:
    found = editor.fields.edit_of(name)
    assert found is not None
    return found


def count_of(editor: RowEditor, name: str) -> str:
    return next(box.count.text() for box in editor.fields.boxes if box.name == name)


def test_that_a_row_is_shown_with_its_tokens(editor: RowEditor) -> None:
    counts: list[tuple[int, RowCount]] = []
    editor.counted.connect(lambda row, count: counts.append((row, count)))
    show(editor)
    (row, count) = counts[-1]
    assert row == 3
    assert count.total == count.read + count.template + count.learned
    assert (count.read, count.learned, count.cut, count.is_estimate) == (4, 6, 0, False)
    assert (count_of(editor, "prompt"), count_of(editor, "completion")) == ("4 tokens", "6 tokens")
    assert (editor.title.text(), editor.scope.text(), editor.tag.text) == ("Row 4", "drinks", "")
    assert editor.warnings.words == ("Nothing wrong with this row.",)


def test_that_keys_are_told_counted_and_committed_with_ctrl_enter(editor: RowEditor) -> None:
    typed: list[Value] = []
    committed: list[tuple[int, Value, str]] = []
    steps: list[int] = []
    editor.typed.connect(lambda _row, value: typed.append(value))
    editor.committed.connect(lambda *told: committed.append(told))
    editor.stepped.connect(steps.append)
    show(editor)
    editor.fields.focus_field("completion")
    QTest.keyClicks(field(editor, "completion"), " Two")
    assert [value["completion"] for value in typed] == ["Yes. ", "Yes. T", "Yes. Tw", "Yes. Two"]
    assert editor.tag.text == "changed"
    assert not committed
    wait_until(lambda: count_of(editor, "completion") == "10 tokens, was 6")
    QTest.keyClick(field(editor, "completion"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert committed == [(3, {**PAIR, "completion": "Yes. Two"}, "completion")]
    assert steps == [1]


def test_that_leaving_a_field_commits_it_once(editor: RowEditor) -> None:
    committed: list[str] = []
    editor.committed.connect(lambda _row, _value, name: committed.append(name))
    show(editor)
    put_in_order(editor)  # as the page does with each Tab
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Tab)
    assert editor.fields.focused == "completion"
    QTest.keyClick(field(editor, "completion"), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert committed == ["prompt"]


def test_that_two_seconds_without_a_key_commit(editor: RowEditor) -> None:
    committed: list[Value] = []
    editor.committed.connect(lambda _row, value, _name: committed.append(value))
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    wait_until(lambda: committed)
    assert committed == [{**PAIR, "prompt": "Tea?!"}]
    assert editor.fields.focused == "prompt"


def test_that_a_space_at_the_end_is_taken_out_by_one_click(editor: RowEditor) -> None:
    committed: list[Value] = []
    editor.committed.connect(lambda _row, value, _name: committed.append(value))
    show(editor, {**PAIR, "prompt": "Tea? "}, PAIR, Note("same as 2", "It asks the same as row 2."))
    assert editor.warnings.words == ("It asks the same as row 2.", "The prompt ends in a space.")
    action = editor.warnings.action_of("The prompt ends in a space.")
    assert action is not None
    QTest.mouseClick(action, Qt.MouseButton.LeftButton)
    assert committed == [PAIR]
    assert field(editor, "prompt").text() == "Tea?"
    assert editor.warnings.words == ("It asks the same as row 2.",)


def test_that_del_is_the_rows_only_where_no_text_has_the_keyboard(editor: RowEditor) -> None:
    deleted: list[bool] = []
    editor.delete_asked.connect(lambda: deleted.append(True))
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Delete)
    assert not deleted
    editor.after.setFocus()
    QTest.keyClick(editor.after, Qt.Key.Key_Delete)
    assert deleted == [True]


def test_that_del_of_the_page_is_not_taken_from_a_text(window: QMainWindow, editor: RowEditor) -> None:
    deleted: list[bool] = []
    QShortcut(QKeySequence("Del"), window).activated.connect(lambda: deleted.append(True))
    show(editor, {"prompt": "a" * (MOST_CHARACTERS + 1), "completion": "Yes."}, None)
    for name in ("prompt", "completion"):
        editor.fields.focus_field(name)
        QTest.keyClick(field(editor, name), Qt.Key.Key_Delete)
    assert not deleted
    editor.after.setFocus()
    QTest.keyClick(editor.after, Qt.Key.Key_Delete)
    assert deleted == [True]


def test_that_there_is_nothing_to_write_in_without_a_row(editor: RowEditor) -> None:
    asked: list[bool] = []
    editor.add_asked.connect(lambda: asked.append(True))
    show(editor)
    editor.clear()
    assert not editor.fields.isVisible()
    assert not editor.as_it_was.isEnabled()
    QTest.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    assert asked == [True]


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_that_the_old_number_stands_pale_until_the_new_one_is_there(editor: RowEditor) -> None:
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    box = editor.fields.boxes[0]
    assert (box.count.text(), box.count.property("state")) == ("4 tokens", "old")
    assert editor.tokens.total.property("state") == "old"
    wait_until(lambda: box.count.text() == "5 tokens, was 4")
    assert not box.count.property("state")
    assert not editor.tokens.total.property("state")


def test_that_what_is_counted_too_late_is_dropped(editor: RowEditor) -> None:
    counts: list[tuple[int, RowCount]] = []
    editor.counted.connect(lambda row, count: counts.append((row, count)))
    editor.show_row(3, 4, {"prompt": "a" * 90, "completion": "b"}, None, ())
    editor.show_row(5, 6, PAIR, PAIR, ())
    assert wait_for_tasks(60)
    assert [(row, count.read) for row, count in counts] == [(5, 4)]
    assert count_of(editor, "prompt") == "4 tokens"


def test_that_without_a_tokenizer_about_is_said_with_the_characters(editor: RowEditor) -> None:
    editor.read_with(recipe_of(max_length=256), None)
    show(editor, {"prompt": "a" * 40, "completion": "b" * 80}, None)
    assert count_of(editor, "prompt") == "about 10 tokens"
    assert editor.tokens.words == "about 30 of 256 tokens, the longest row; 120 characters, without a tokenizer"
    assert editor.tokens.legend.accessibleName() == "Tokens: about 10 read, about 20 learned"


def test_that_what_the_longest_row_cuts_is_said_beside_the_bar(editor: RowEditor) -> None:
    show(editor)
    whole = int(editor.tokens.total.text())
    editor.read_with(recipe_of(max_length=whole - 4), byte_tokenizer())
    assert wait_for_tasks(60)
    assert editor.tokens.words == f"{whole} of {whole - 4} tokens, cuts 4 tokens of the answer"
    assert editor.tokens.legend.accessibleName().endswith("2 learned, 4 cut")
    editor.read_with(recipe_of(max_length=whole - 4, too_long="leave_out"), byte_tokenizer())
    assert wait_for_tasks(60)
    assert editor.tokens.words == f"{whole} of {whole - 4} tokens, left out"
    assert editor.warnings.words[0].startswith("This row is longer than the longest row, and is left out")


def test_that_a_template_that_cannot_be_had_is_told(editor: RowEditor) -> None:
    editor.read_with(recipe_of(template="/nowhere/at/all.jinja"), byte_tokenizer())
    show(editor)
    assert "all.jinja" in editor.warnings.words[0]
    assert count_of(editor, "prompt") == ""


# -- the fields -------------------------------------------------------------------------------------------------------


def test_that_a_row_shown_again_keeps_what_is_typed_and_not_committed(editor: RowEditor) -> None:
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    show(editor, PAIR, PAIR, Note("same as 2", "It asks the same as row 2."))
    assert field(editor, "prompt").text() == "Tea?!"
    assert editor.warnings.words == ("It asks the same as row 2.",)
    show(editor, {**PAIR, "prompt": "Coffee?"})  # somebody went back in the list of changes
    assert field(editor, "prompt").text() == "Coffee?"


def test_that_another_row_commits_what_is_typed_in_this_one(editor: RowEditor) -> None:
    committed: list[tuple[int, Value, str]] = []
    editor.committed.connect(lambda *told: committed.append(told))
    show(editor)
    editor.fields.focus_field("completion")
    QTest.keyClicks(field(editor, "completion"), "!")
    show(editor, {"prompt": "", "completion": ""}, None, row=8)
    assert committed == [(3, {**PAIR, "completion": "Yes.!"}, "completion")]
    assert editor.fields.focused == "prompt", "the first empty one is the next to be written"


def test_that_undo_is_the_fields_until_it_is_committed_and_the_pages_then(
    window: QMainWindow, editor: RowEditor
) -> None:
    undone: list[bool] = []
    QShortcut(QKeySequence("Ctrl+Z"), window).activated.connect(lambda: undone.append(True))
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field(editor, "prompt").text() == "Tea?"
    assert not undone
    QTest.keyClicks(field(editor, "prompt"), "!")
    editor.commit()
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field(editor, "prompt").text() == "Tea?!"
    assert undone == [True]


def test_that_line_ends_and_hard_spaces_outlive_a_key_elsewhere(editor: RowEditor) -> None:
    show(editor, {"prompt": "one\r\ntwo\u00a0three", "completion": "Yes."}, None)
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert editor.value["prompt"] == "one\r\ntwo\u00a0three!\n"


def test_that_a_text_too_long_for_a_field_is_shown_to_a_limit_and_not_changed(editor: RowEditor) -> None:
    long = {"prompt": "a" * (MOST_CHARACTERS + 1), "completion": "Yes."}
    show(editor, long, long)
    edit = field(editor, "prompt")
    assert edit.isReadOnly()
    assert "180\u2009001 characters more: this text is too long to be written here" in edit.toPlainText()
    editor.fields.focus_field("prompt")
    QTest.keyClicks(edit, "x")
    editor.fields.focus_field("completion")
    QTest.keyClicks(field(editor, "completion"), "!")
    assert editor.value == {**long, "completion": "Yes.!"}
    show(editor, PAIR, PAIR, row=4)
    assert not field(editor, "prompt").isReadOnly()


def test_that_plain_text_has_one_field(editor: RowEditor) -> None:
    show(editor, {"text": "Tea is hot."}, None)
    assert [box.name for box in editor.fields.boxes] == ["text"]
    assert editor.tag.text == "new"
    editor.fields.focus_field("text")
    QTest.keyClicks(field(editor, "text"), " ")
    assert editor.warnings.words == ("The text ends in a space.",)


# -- conversations ----------------------------------------------------------------------------------------------------


def turns(*said: tuple[str, str]) -> Value:
    return {"messages": [{"role": role, "content": text} for role, text in said]}


ASKED = turns(("user", "Tea?"), ("assistant", "Yes."))


def test_that_a_conversation_has_a_field_a_turn_and_can_be_given_more(window: QMainWindow, editor: RowEditor) -> None:
    committed: list[tuple[Value, str]] = []
    editor.committed.connect(lambda _row, value, name: committed.append((value, name)))
    show(editor, ASKED, ASKED)
    assert [box.edit.accessibleName() for box in editor.fields.boxes] == ["Turn 1, user", "Turn 2, assistant"]
    QTest.mouseClick(editor.fields.add, Qt.MouseButton.LeftButton)
    assert committed[-1] == (turns(("user", "Tea?"), ("assistant", "Yes."), ("user", "")), "2")
    assert editor.fields.focused == "2"
    QTest.keyClicks(field(editor, "2"), "Two?")
    editor.commit()
    assert committed[-1] == (turns(("user", "Tea?"), ("assistant", "Yes."), ("user", "Two?")), "2")
    window.resize(1366, 420)
    for _ in range(6):
        editor.fields.add.click()
    last = field(editor, "8")
    wait_until(lambda: editor.fields.rect().contains(last.rect().translated(last.mapTo(editor.fields, QPoint(0, 0)))))


def test_that_a_turn_is_taken_out_and_given_another_role_by_a_click(editor: RowEditor) -> None:
    committed: list[Value] = []
    editor.committed.connect(lambda _row, value, _name: committed.append(value))
    show(editor, turns(("system", "Short."), ("user", "Tea?"), ("assistant", "Yes.")), None)
    box = editor.fields.boxes[0]
    assert isinstance(box, TurnBox)
    QTest.mouseClick(box.remove, Qt.MouseButton.LeftButton)
    assert committed[-1] == ASKED
    QApplication.processEvents()
    assert [box.name for box in editor.fields.boxes] == ["0", "1"]
    box = editor.fields.boxes[0]
    assert isinstance(box, TurnBox)
    box.fill_menu()
    next(action for action in box.menu.actions() if action.text() == "system").trigger()
    assert committed[-1] == turns(("system", "Tea?"), ("assistant", "Yes."))
    assert box.role.accessibleName() == "Role of turn 1: system"


def test_that_a_system_turn_that_the_template_refuses_is_put_into_the_question_by_one_click(editor: RowEditor) -> None:
    editor.read_with(recipe_of(), WILD["gemma"].tokenizer("gemma"))
    show(editor, turns(("system", "Short."), ("user", "Tea?"), ("assistant", "Yes.")), None)
    (words,) = editor.warnings.words
    assert words == "This row has a system turn, which the template takes none of, and is left out."
    assert not editor.keys.isVisible() or editor.keys.x() > editor.warnings.natural_width()
    action = editor.warnings.action_of(words)
    assert action is not None
    QTest.mouseClick(action, Qt.MouseButton.LeftButton)
    assert wait_for_tasks(60)
    assert editor.value == turns(("user", "Short.\n\nTea?"), ("assistant", "Yes."))
    wait_until(lambda: editor.warnings.words == ("Nothing wrong with this row.",))


def test_that_the_question_that_is_put_before_an_answer_is_to_be_written_at_once(editor: RowEditor) -> None:
    editor.read_with(recipe_of(), WILD["gemma"].tokenizer("gemma"))
    show(editor, turns(("assistant", "Yes."), ("user", "Tea?"), ("assistant", "Here.")), None)
    action = editor.warnings.action_of(editor.warnings.words[0])
    assert action is not None
    QTest.mouseClick(action, Qt.MouseButton.LeftButton)
    assert editor.fields.focused == "0"
    QTest.keyClicks(field(editor, "0"), "And?")
    wait_until(lambda: editor.warnings.words == ("Nothing wrong with this row.",))


def test_that_a_remedy_is_of_what_is_typed_by_then(editor: RowEditor) -> None:
    editor.read_with(recipe_of(), WILD["gemma"].tokenizer("gemma"))
    show(editor, turns(("system", "Short."), ("user", "Tea?"), ("assistant", "Yes.")), None)
    action = editor.warnings.action_of(editor.warnings.words[0])
    assert action is not None
    editor.fields.focus_field("1")
    QTest.keyClicks(field(editor, "1"), "!")
    QTest.mouseClick(action, Qt.MouseButton.LeftButton)
    assert editor.value == turns(("user", "Short.\n\nTea?!"), ("assistant", "Yes."))


def test_that_an_empty_text_is_told_once_and_the_row_is_left_out(editor: RowEditor) -> None:
    show(editor, {**PAIR, "completion": ""}, PAIR)
    assert editor.warnings.words == ("The completion is empty.",)
    assert editor.tokens.words.endswith("of 256 tokens, left out")


def test_that_a_question_at_the_end_is_told_to_be_cut(editor: RowEditor) -> None:
    show(editor, turns(("user", "Tea?"), ("assistant", "Yes."), ("user", "Two?")), None)
    assert editor.warnings.words == ("This row ends without an answer and is cut after the last one.",)


def test_that_a_long_conversation_is_shown_in_parts_and_written_to_its_end(editor: RowEditor) -> None:
    many = turns(*(((("user", "assistant")[place % 2]), f"turn {place}") for place in range(TURNS_AT_ONCE + 10)))
    show(editor, many, many)
    assert len(editor.fields.boxes) == TURNS_AT_ONCE
    assert editor.fields.more.text() == "Show 10 of 10 turns more"
    editor.fields.more.click()
    QApplication.processEvents()
    assert field(editor, str(TURNS_AT_ONCE + 9)).text() == f"turn {TURNS_AT_ONCE + 9}"
    assert not editor.fields.more.isVisible()
    editor.fields.add.click()
    assert editor.fields.focused == str(TURNS_AT_ONCE + 10)
    assert len(editor.value["messages"]) == TURNS_AT_ONCE + 11
    show(editor, many, many, row=9)
    assert len(editor.fields.boxes) == TURNS_AT_ONCE


def test_that_many_warnings_are_told_to_a_number_and_counted(editor: RowEditor) -> None:
    many = turns(*(((("user", "assistant")[place % 2]), "turn ") for place in range(30)))
    show(editor, many, many)
    assert editor.warnings.words[-1] == "And 11 more.", "and that the longest row cuts it"


def test_that_a_call_of_a_tool_needs_no_words(editor: RowEditor) -> None:
    call = {"type": "function", "function": {"name": "look", "arguments": {}}}
    called: Value = {"messages": [*ASKED["messages"][:1], {"role": "assistant", "content": "", "tool_calls": [call]}]}
    show(editor, called, None)
    assert not [words for words in editor.warnings.words if "empty" in words]


# -- the card ---------------------------------------------------------------------------------------------------------


def test_that_as_it_was_is_offered_for_a_row_that_is_changed(editor: RowEditor) -> None:
    reverted: list[int] = []
    editor.reverted.connect(reverted.append)
    show(editor)
    assert not editor.as_it_was.isEnabled()
    show(editor, {**PAIR, "prompt": "Coffee?"}, PAIR)
    assert editor.tag.text == "changed"
    QTest.mouseClick(editor.as_it_was, Qt.MouseButton.LeftButton)
    assert reverted == [3]
    show(editor, {**PAIR, "prompt": "Coffee?"}, None)
    assert not editor.as_it_was.isEnabled()


@pytest.mark.parametrize(("key", "name"), [(Qt.Key.Key_N, "add_asked"), (Qt.Key.Key_D, "duplicate_asked")])
def test_that_a_row_is_asked_for_by_key_after_what_is_typed_is_committed(
    editor: RowEditor, key: Qt.Key, name: str
) -> None:
    told: list[str] = []
    editor.committed.connect(lambda *_: told.append("committed"))
    getattr(editor, name).connect(lambda: told.append("asked"))
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    QTest.keyClick(field(editor, "prompt"), key, Qt.KeyboardModifier.ControlModifier)
    assert told == ["committed", "asked"]


def test_that_the_completion_stands_below_the_prompt_where_there_is_no_room_beside(
    window: QMainWindow, editor: RowEditor
) -> None:
    show(editor)
    prompt, completion = field(editor, "prompt"), field(editor, "completion")

    def tops() -> tuple[int, int]:
        QApplication.processEvents()
        return prompt.mapTo(editor, prompt.rect().topLeft()).y(), completion.mapTo(editor, completion.pos()).y()

    above, beside = tops()
    assert abs(above - beside) < prompt.height()
    assert prompt.width() < completion.width()
    assert editor.keys.isVisible()
    window.resize(600, 340)
    wait_until(lambda: prompt.width() == completion.width())
    assert not editor.keys.isVisible()


def test_that_rows_are_added_from_the_editor_alone_on_a_projector(editor: RowEditor, theme: Theme) -> None:
    asked: list[bool] = []
    editor.add_asked.connect(lambda: asked.append(True))
    show(editor)
    assert not editor.add_here.isVisible()
    theme.set_projector(True)
    QApplication.processEvents()
    QTest.mouseClick(editor.add_here, Qt.MouseButton.LeftButton)
    assert asked == [True]
    assert field(editor, "prompt").font().pixelSize() == theme.size("font.body")
    theme.set_projector(False)


def test_that_every_look_is_drawn_and_has_room(window: QMainWindow, editor: RowEditor, theme: Theme) -> None:
    odd = turns(("user", "<b>Tea</b>? "), ("assistant", 'It\u2019s "hot"'), ("user", "e\u0301😀" * 400))
    for value in (PAIR, {"text": "x " * 500}, odd, {"prompt": "", "completion": ""}):
        show(editor, value, None)
        for choice, projector in (("dark", False), ("light", True), ("light", False)):
            theme.projector = projector
            theme.choose(choice)  # type: ignore[arg-type]
            QApplication.processEvents()
            assert not editor.grab().isNull()
            assert editor.minimumSizeHint().height() <= (340 if projector else 300)


def test_that_a_file_over_a_field_is_the_windows_and_a_text_is_not(editor: RowEditor) -> None:
    show(editor)
    given = QMimeData()
    given.setText("tea")
    assert field(editor, "prompt").canInsertFromMimeData(given)
    given.setUrls([QUrl.fromLocalFile("/tmp/questions.xlsx")])
    assert not field(editor, "prompt").canInsertFromMimeData(given)


def test_that_a_draft_and_the_editor_follow_each_other(editor: RowEditor) -> None:
    draft = begin_empty_draft(rows=2)

    def show_again(row: int) -> None:
        editor.show_row(row, draft.number_of(row), draft.value(row), draft.value_before(row), ())

    def write(row: int, value: Value, name: str) -> None:
        draft.write(row, value, name)
        show_again(row)

    editor.committed.connect(write)
    editor.stepped.connect(lambda way: show_again((editor.row or 0) + way))
    show_again(0)
    editor.fields.focus_field("prompt")
    put_in_order(editor)
    QTest.keyClicks(field(editor, "prompt"), "Tea?")
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Tab)
    QTest.keyClicks(field(editor, "completion"), "Yes.")
    QTest.keyClick(field(editor, "completion"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert editor.title.text() == "Row 2"
    assert editor.fields.focused == "prompt", "the first empty text of the next row"
    QTest.keyClicks(field(editor, "prompt"), "Two?")
    editor.commit()
    QTest.keyClicks(field(editor, "prompt"), " Or three?")
    assert field(editor, "prompt").text() == "Two? Or three?", "the caret stays when a change is kept"
    editor.commit()
    assert [change.in_words() for change in draft.changes] == [
        "row 1, prompt", "row 1, completion", "row 2, prompt", "row 2, prompt",
    ]  # fmt: skip
    draft.go_to(3)
    show_again(1)
    assert field(editor, "prompt").text() == "Two?"
