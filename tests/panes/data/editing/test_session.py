"""Rows are written on the Data page: by mouse and keyboard, saved as a copy that is the recipe's data then."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.fakes import write_rows
from tests.panes.data.conftest import settle
from tests.panes.shown import forget, in_every_look, shown
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.core import places
from workbench.core.data.edits.drafts import Held
from workbench.core.recipe.other_data import values_for_data
from workbench.panes.data.editing.session import Editing
from workbench.panes.data.form import STARTER
from workbench.panes.data.page import DataPage
from workbench.panes.look.theme import Theme

Write = Callable[..., Path]
ROWS = [
    {"prompt": "What does a puncture repair cost?", "completion": "18 euros with a new tube."},
    {"prompt": "Do you fit winter tyres?", "completion": ""},
    {"prompt": "My bike shows error 504.", "completion": "That is the speed sensor. "},
    {"prompt": "What does a puncture repair cost?", "completion": "Puncture: 18 euros."},
]
CONTROL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def opened(page: DataPage, written: Write) -> Iterator[Editing]:
    """Rows of a file, being written."""
    page.open_file(written(*ROWS, name="questions.jsonl"))
    settle(page)
    with shown(page):
        begin(page)
        yield page.editing


def begin(page: DataPage) -> None:
    click(page.editing.edit)
    wait_until(lambda: page.editing.control.draft is not None)
    rest(page.editing)


def rest(editing: Editing) -> None:
    """Until nothing is counted or read any more."""
    wait_until(lambda: not editing.counting.is_busy and editing.counting.is_complete)
    QApplication.processEvents()


def click(made: object) -> None:
    QTest.mouseClick(made, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def key(editing: Editing, pressed: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(editing.view.card.table, pressed, modifiers)


def prompts(editing: Editing) -> list[str]:
    rows = editing.view.card.rows
    return [rows.cell_text(row, 1) for row in rows.rows]


def tags(editing: Editing) -> list[str]:
    rows = editing.view.card.rows
    return [tag[0] if (tag := rows.tag(int(row))) else "" for row in rows.rows]


def write(editing: Editing, row: int, **texts: str) -> None:
    draft = editing.control.draft
    assert draft is not None
    editing.control.write(row, {**draft.value(row), **texts}, next(iter(texts)))


def type_in(editing: Editing, field: str, text: str) -> None:
    edit = editing.view.editor.fields.edit_of(field)
    assert edit is not None
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)


def saved_rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_that_all_rows_are_there_with_what_is_to_be_told_and_their_tokens(opened: Editing) -> None:
    assert prompts(opened) == [row["prompt"] for row in ROWS]
    assert tags(opened) == ["", "empty", "ends in space", "same as 1"]
    rows = opened.view.card.rows
    assert rows.cell_text(1, len(rows.columns) - 1) == "–"  # noqa: RUF001
    assert int(rows.cell_text(0, len(rows.columns) - 1)) > 50
    texts = opened.side.sums.texts
    assert texts["Rows"] == ("4", "4")
    assert texts["Used"] == ("3", "3")
    assert texts["To look at"] == ("3", "3")
    assert opened.side.copy_of.whole == "questions.jsonl"
    assert opened.side.columns.text() == "prompt, completion"


def test_that_a_row_that_is_mended_loses_its_tag_as_it_is_typed_and_the_sums_follow(opened: Editing) -> None:
    opened.view.card.table.choose([1], 1)
    type_in(opened, "completion", "Yes")
    assert tags(opened)[1] == "changed"
    assert opened.control.draft is not None
    assert not opened.control.draft.changes
    wait_until(lambda: opened.side.sums.texts["Used"] == ("4", "3"))
    assert not opened.control.draft.changes
    opened.view.editor.commit()
    rest(opened)
    assert opened.side.sums.texts["Used"] == ("4", "3")
    assert opened.side.sums.texts["To look at"] == ("2", "3")
    assert [entry.words for entry in opened.side.changes.entries] == ["row 2, completion", "as it came from the file"]
    assert opened.tag.text == "1 change, not saved"


def test_that_what_is_typed_is_counted_before_it_is_a_change(opened: Editing) -> None:
    opened.view.card.table.choose([0], 0)
    rows = opened.view.card.rows
    before = rows.cell_text(0, len(rows.columns) - 1)
    type_in(opened, "completion", "12345678")
    wait_until(lambda: rows.cell_text(0, len(rows.columns) - 1) != before)
    assert opened.control.draft is not None
    assert not opened.control.draft.changes


def test_that_a_row_that_is_left_out_as_it_is_typed_has_no_tokens_and_is_told(opened: Editing) -> None:
    opened.view.card.table.choose([0], 0)
    rows = opened.view.card.rows
    type_in(opened, "completion", "1")
    edit = opened.view.editor.fields.edit_of("completion")
    assert edit is not None
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    wait_until(lambda: rows.cell_text(0, len(rows.columns) - 1) == "\u2013")
    assert tags(opened)[0] == "empty"
    assert opened.view.editor.tokens.words.endswith("left out")


def test_that_rows_of_a_sheet_have_its_numbers_and_say_what_was_wrong_until_that_is_mended(
    page: DataPage, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Question", "Answer"], ["Why?", "So."], ["How?", "#REF!"], ["When?", "Now."]):
        sheet.append(row)
    book.save(tmp_path / "questions.xlsx")
    page.open_file(tmp_path / "questions.xlsx")
    settle(page)
    with shown(page):
        begin(page)
        editing = page.editing
        rows = editing.view.card.rows
        assert [rows.cell_text(row, 0) for row in rows.rows] == ["2", "3", "4"]
        assert tags(editing) == ["", "formula error", ""]
        assert editing.side.saved_as.path == tmp_path / "questions.jsonl"
        editing.view.card.table.choose([1], 1)
        assert editing.view.editor.warnings.words[0].startswith("In the file: ")
        type_in(editing, "completion", "Thus.")
        assert tags(editing) == ["", "changed", ""]
        editing.view.editor.commit()
        click(editing.side.save_button)
        wait_until(lambda: editing.tag.text == "Saved")
        click(editing.done)
        settle(page)
        assert page.tag.text == "3 rows, nothing to tell"


# -- changes -----------------------------------------------------------------------------------------------------------


def test_that_rows_are_added_duplicated_and_deleted_by_keys_and_all_of_it_undone(opened: Editing) -> None:
    table = opened.view.card.table
    table.choose([0], 0)
    key(opened, Qt.Key.Key_D, CONTROL)
    assert prompts(opened)[:2] == [ROWS[0]["prompt"]] * 2
    assert table.current_row == 4
    key(opened, Qt.Key.Key_Delete)
    assert len(prompts(opened)) == 4
    key(opened, Qt.Key.Key_N, CONTROL)
    assert "" in prompts(opened)
    assert [entry.words for entry in opened.side.changes.entries[:3]] == [
        "row 6 added", "row 5 deleted", "row 1 duplicated to 5",
    ]  # fmt: skip
    for _ in range(3):
        key(opened, Qt.Key.Key_Z, CONTROL)
    assert prompts(opened) == [row["prompt"] for row in ROWS]
    assert [entry.when for entry in opened.side.changes.entries] == ["undone", "undone", "undone", "now"]
    key(opened, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert len(prompts(opened)) == 5


def test_that_several_rows_are_chosen_and_the_buttons_say_how_many(opened: Editing) -> None:
    table = opened.view.card.table
    table.choose([0], 0)
    key(opened, Qt.Key.Key_Down, SHIFT)
    key(opened, Qt.Key.Key_Down, SHIFT)
    card = opened.view.card
    assert (card.duplicate_button.text(), card.delete_button.text()) == ("Duplicate 3", "Delete 3")
    click(card.delete_button)
    assert prompts(opened) == [ROWS[3]["prompt"]]
    click(card.undo)
    assert len(prompts(opened)) == 4


def test_that_painting_the_head_does_not_go_through_all_rows_that_are_chosen(opened: Editing) -> None:
    table = opened.view.card.table
    table.selectAll()
    assert table.chosen_places().tolist() == [0, 1, 2, 3]
    assert table.selectionModel().isColumnSelected(1)
    assert not table.horizontalHeader().selectionModel().hasSelection()


def test_that_a_click_on_a_change_goes_there(opened: Editing) -> None:
    write(opened, 0, prompt="One?")
    write(opened, 0, prompt="Two?")
    changes = opened.side.changes
    place = changes.visualRect(changes.model().index(1, 0)).center()
    QTest.mouseClick(changes.viewport(), Qt.MouseButton.LeftButton, NONE, place)
    assert prompts(opened)[0] == "One?"
    assert [entry.is_undone for entry in changes.entries] == [True, False, False]
    write(opened, 2, prompt="Three?")
    assert len(changes.entries) == 3


def test_that_two_columns_of_a_spreadsheet_are_pasted_as_rows(opened: Editing) -> None:
    said: list[str] = []
    opened.message.connect(said.append)
    opened.view.card.table.choose([1], 1)
    QGuiApplication.clipboard().setText("How?\tSo.\nWhere?\tThere.\n")
    key(opened, Qt.Key.Key_V, CONTROL)
    assert prompts(opened)[2:4] == ["How?", "Where?"]
    assert opened.view.card.duplicate_button.text() == "Duplicate 2"
    QGuiApplication.clipboard().setText("a\tb\tc")
    key(opened, Qt.Key.Key_V, CONTROL)
    assert said[-1].startswith("What was copied has 3 columns.")
    assert len(prompts(opened)) == 6


def test_that_two_columns_pasted_into_an_empty_text_are_rows_too(opened: Editing) -> None:
    opened.view.card.table.choose([1], 1)
    completion, prompt = (opened.view.editor.fields.edit_of(name) for name in ("completion", "prompt"))
    assert completion is not None
    assert prompt is not None
    QGuiApplication.clipboard().setText("a\tb\nc\td\n")
    QTest.keyClick(completion, Qt.Key.Key_V, CONTROL)
    assert prompts(opened)[2:4] == ["a", "c"]
    opened.view.card.table.choose([1], 1)
    QTest.keyClick(prompt, Qt.Key.Key_V, CONTROL)
    assert prompt.text().startswith("a\tb\nc\td\n"), "a table within a text stays one"


def test_that_rows_are_found_and_a_text_replaced_in_all_of_them(opened: Editing) -> None:
    card = opened.view.card
    key(opened, Qt.Key.Key_H, CONTROL)
    assert card.is_replacing
    QTest.keyClicks(card.search, "euros")
    wait_until(lambda: len(card.rows.rows) == 2)
    assert card.scope.text() == "2 of 4"
    QTest.keyClicks(card.by, "EUR")
    click(card.replace_button)
    assert [card.rows.cell_text(row, 2) for row in card.rows.rows] == ["18 EUR with a new tube.", "Puncture: 18 EUR."]
    assert opened.side.changes.entries[0].words == "2 rows replaced"
    QTest.keyClick(card.search, Qt.Key.Key_Escape)
    assert len(card.rows.rows) == 4


# -- the copy ----------------------------------------------------------------------------------------------------------


def test_that_a_saved_copy_is_the_data_and_the_file_stays_as_it_was(
    page: DataPage, opened: Editing, store: RecipeStore, written: Write
) -> None:
    source = Path(store.recipe.data.path)
    before = source.read_bytes()
    write(opened, 1, completion="Yes.")
    click(opened.side.save_button)
    wait_until(lambda: opened.tag.text == "Saved")
    settle(page)
    copy = Path(store.recipe.data.path)
    assert copy == source.with_name("questions 2.jsonl")
    assert saved_rows(copy)[1]["completion"] == "Yes."
    assert source.read_bytes() == before
    click(opened.done)
    assert not opened.is_open
    assert page.tag.text
    begin(page)  # the draft of which the data is the copy
    assert opened.side.changes.entries[0].words == "row 2, completion"
    write(opened, 1, completion="Of course.")
    opened.side.saved_as.field.setText(str(source))
    opened.side.saved_as.field.editingFinished.emit()
    assert "stays as it is" in opened.side.saved_as.said, "also where the data is the copy"
    click(opened.side.save_button)
    wait_until(lambda: opened.tag.text == "Saved")
    assert saved_rows(copy)[1]["completion"] == "Of course."
    assert source.read_bytes() == before


def test_that_whoever_saves_while_writing_goes_on_writing(opened: Editing) -> None:
    opened.view.card.table.choose([0], 0)
    type_in(opened, "prompt", "Tea?")
    edit = opened.view.editor.fields.edit_of("prompt")
    assert edit is not None
    QTest.keyClick(edit, Qt.Key.Key_S, CONTROL)
    wait_until(lambda: opened.tag.text == "Saved")
    QTest.keyClicks(edit, " Yes.")
    assert edit.hasFocus()
    assert opened.view.editor.value["prompt"] == "Tea? Yes."


def test_that_columns_said_of_a_spreadsheet_are_said_of_no_copy(
    page: DataPage, store: RecipeStore, written: Write
) -> None:
    rows = written({"q1": "Why?", "a1": "So.", "kind": "x"}, {"q1": "How?", "a1": "Thus.", "kind": "y"})
    store.set_many(
        {
            "data.path": str(rows),
            "data.prompt_column": "q1",
            "data.completion_column": "a1",
            "data.group_column": "kind",
        }
    )
    settle(page)
    with shown(page):
        begin(page)
        click(page.editing.side.save_button)
        wait_until(lambda: page.editing.tag.text == "Saved")
        settle(page)
    data = store.recipe.data
    assert (data.prompt_column, data.completion_column, data.group_column) == ("", "", "kind")
    assert saved_rows(Path(data.path))[0] == {"prompt": "Why?", "completion": "So.", "kind": "x"}


def test_that_the_copy_is_never_the_file_itself(opened: Editing, store: RecipeStore) -> None:
    field = opened.side.saved_as.field
    field.setText(store.recipe.data.path)
    field.editingFinished.emit()
    assert "stays as it is" in opened.side.saved_as.said
    assert opened.side.saved_as.path.name == "questions 2.jsonl"


def test_that_a_copy_that_cannot_be_written_says_what_to_do_and_keeps_the_changes(
    opened: Editing, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where a folder is wanted")
    write(opened, 1, completion="Yes.")
    opened.side.saved_as.show_path(tmp_path / "taken" / "copy.jsonl")
    click(opened.side.save_button)
    wait_until(lambda: bool(opened.side.saved_as.said))
    assert "The changes are kept." in opened.side.saved_as.said
    assert "Make room" in opened.side.saved_as.said
    assert opened.tag.text == "1 change, not saved"


# -- leaving -----------------------------------------------------------------------------------------------------------


def test_that_leaving_asks_once_and_what_is_left_is_there_again(page: DataPage, opened: Editing) -> None:
    write(opened, 1, completion="Yes.")
    click(opened.done)
    assert opened.is_open
    assert opened.view.question.what.text() == "1 change is not saved yet."
    click(opened.view.leave)
    assert not opened.is_open
    assert page.seen.isVisible()
    wait_until(lambda: opened.tag.text == "1 change, not saved")
    assert "as the file has them" in opened.tag.toolTip()
    begin(page)
    assert opened.tag.text == "1 change, not saved"
    assert tags(opened)[1] == "changed"
    assert not opened.tag.toolTip()


def test_that_changes_are_thrown_away(page: DataPage, opened: Editing) -> None:
    write(opened, 1, completion="Yes.")
    click(opened.done)
    click(opened.view.throw_away)
    settle(page)
    assert opened.tag.text == ""
    begin(page)
    assert opened.tag.text == "No change yet"


def test_that_rows_written_in_another_window_are_not_written_here(page: DataPage, written: Write) -> None:
    page.open_file(written(*ROWS))
    settle(page)
    with shown(page):
        begin(page)
        assert page.editing.control.draft is not None
        folder = page.editing.control.draft.folder
        write(page.editing, 1, completion="Yes.")
        click(page.editing.done)
        click(page.editing.view.leave)
        other = Held(folder)
        click(page.editing.edit)
        wait_until(lambda: not page.editing.is_open)
        assert page.notice.isVisible()
        assert page.notice.what.text() == "These rows are being written in another window."
        other.release()


def test_that_changes_are_there_again_after_the_window_closed_without_a_word(
    page: DataPage, opened: Editing, store: RecipeStore, theme: Theme
) -> None:
    write(opened, 1, completion="Yes.")
    opened.view.card.table.choose([0], 0)
    type_in(opened, "completion", "Typed, and not left")
    page.window_closes()
    other = DataPage(store, theme)
    settle(other)
    with shown(other):
        wait_until(lambda: other.editing.tag.text == "2 changes, not saved")
        begin(other)
        assert [entry.words for entry in other.editing.side.changes.entries] == [
            "row 1, completion", "row 2, completion", "as it came from the file",
        ]  # fmt: skip
        click(other.editing.view.card.undo)
        assert other.editing.tag.text == "1 change, not saved"
    other.window_closes()
    settle(other)
    forget(other)


def test_that_what_the_disk_does_not_take_is_said_below_the_copy_and_stays(opened: Editing) -> None:
    assert opened.control.draft is not None
    journal = opened.control.draft.folder / "changes.jsonl"
    journal.mkdir()
    write(opened, 1, completion="Yes.")
    assert "cannot be kept on the disk" in opened.side.saved_as.said
    assert tags(opened)[1] != "empty"
    journal.rmdir()
    write(opened, 0, completion="No.")
    assert opened.side.saved_as.said == ""
    assert len(journal.read_text(encoding="utf-8").splitlines()) == 2


def test_that_a_file_that_is_dropped_meanwhile_is_opened_and_the_changes_are_kept(
    page: DataPage, opened: Editing, written: Write
) -> None:
    said: list[str] = []
    opened.message.connect(said.append)
    write(opened, 1, completion="Yes.")
    first = page.seen_path
    page.open_file(written(*ROWS, name="other.jsonl"))
    assert not opened.is_open
    assert said == ["1 change to questions.jsonl not saved: they are there when you edit these rows again."]
    page.open_file(str(first))
    settle(page)
    begin(page)
    assert opened.tag.text == "1 change, not saved"


def test_that_in_a_narrow_window_the_buttons_are_icons_with_names(opened: Editing) -> None:
    card = opened.view.card
    card.resize(500, card.height())
    assert [card.add.text(), card.add.accessibleName()] == ["", "Add"]


def test_that_a_reading_that_is_ended_and_begun_again_comes_to_its_end(page: DataPage, tmp_path: Path) -> None:
    page.open_file(write_rows(tmp_path / "many.jsonl", 6000))
    settle(page)
    editing = page.editing
    with shown(page):
        for _ in range(3):
            click(editing.edit)
            wait_until(lambda: editing.control.draft is not None or bool(editing.control.busy_words))
            click(editing.side.cancel)
            wait_until(lambda: editing.control.draft is not None or not editing.is_open)
            editing.close()
            editing.begin()
            editing.close()
        click(editing.edit)
        wait_until(lambda: editing.control.draft is not None)
        assert len(editing.view.card.rows.rows) == 6000


# -- from nothing ------------------------------------------------------------------------------------------------------


def test_that_somebody_without_a_file_begins_with_rows_typed_in(page: DataPage, store: RecipeStore) -> None:
    with shown(page):
        click(page.fields.kind.button_of("written"))
        editing = page.editing
        wait_until(lambda: editing.control.draft is not None)
        rest(editing)
        assert prompts(editing) == [""]
        assert not editing.side.save_button.isEnabled()
        for number in range(3):
            type_in(editing, "prompt", f"Question {number}?")
            type_in(editing, "completion", f"Answer {number}.")
            if number < 2:
                key(editing, Qt.Key.Key_N, CONTROL)
        editing.view.editor.commit()
        assert prompts(editing) == [f"Question {number}?" for number in range(3)]
        assert tags(editing) == ["new"] * 3
        click(editing.side.save_button)
        wait_until(lambda: editing.tag.text == "Saved")
        click(editing.done)
        settle(page)
        copy = Path(store.recipe.data.path)
        assert copy == places.written() / "my rows.jsonl"
        assert len(saved_rows(copy)) == 3
        assert page.fields.kind.value() == "written"
        assert page.table_cell(1, 1) == "Question 1?"


def test_that_rows_from_nothing_leave_no_file_of_the_starter_to_score_with(page: DataPage, store: RecipeStore) -> None:
    with shown(page):
        store.set_many(values_for_data(store.recipe, [STARTER]))
        assert store.recipe.evaluation.score_path in places.built_in_datasets()
        editing = page.editing
        click(page.fields.kind.button_of("written"))
        wait_until(lambda: editing.control.draft is not None)
        type_in(editing, "prompt", "Question?")
        type_in(editing, "completion", "Answer.")
        editing.view.editor.commit()
        click(editing.side.save_button)
        wait_until(lambda: editing.tag.text == "Saved")
        settle(page)
        assert (store.recipe.evaluation.score_path, store.recipe.evaluation.score_group) == ("", "")


# -- looks -------------------------------------------------------------------------------------------------------------


def test_that_it_is_drawn_in_every_look(page: DataPage, opened: Editing, theme: Theme) -> None:
    in_every_look(theme, page)
