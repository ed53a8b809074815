"""From a spreadsheet that is dropped to rows that are used, by mouse and by keyboard."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from tests.panes.data.conftest import settle
from tests.panes.data.mapping.books import questions, workbook
from tests.panes.shown import in_every_look, shown
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.panes.data.mapping.fields import JOIN
from workbench.panes.data.page import DataPage
from workbench.panes.look.theme import Theme


def read(page: DataPage, path: Path) -> None:
    page.open_file(path)
    settle(page)


def sheet(page: DataPage) -> list[list[str]]:
    """What stands in the sheet's cells."""
    model = page.mapping.view.table.sheet_model
    columns = range(model.columnCount())
    return [[str(model.index(row, column).data()) for column in columns] for row in range(model.rowCount())]


def roles(page: DataPage) -> list[str]:
    model = page.mapping.view.table.sheet_model
    return [model.role_of(column) for column in range(model.columnCount())]


def choose_role(page: DataPage, column: int, role: str) -> None:
    """Clicks a column's role in the sheet, and an entry of the menu that opens."""
    head = page.mapping.view.table.head
    place = QPoint(head.sectionViewportPosition(column) + 20, 10)
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if action.data() == role)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    settle(page)


# -- a spreadsheet -----------------------------------------------------------------------------------------------------


def test_that_a_spreadsheet_opens_the_sheet_and_its_rows_are_used(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        assert page.mapping.view.isVisible()
        assert page.fields.shape.text() == "“Question” is the prompt, “Answer” the completion"
        assert page.mapping.group.fact.text() == "by its names"
        assert roles(page) == ["", "group", "prompt", "completion", ""]
        assert sheet(page)[0] == ["2026-03-03", "repairs", "What does repair 0 cost?", "It costs 0 euros.", "mail"]
        seen = page.mapping.view.seen
        shown_tokens = []
        for row in range(3):
            assert (seen.scope.text(), seen.view) == (f"row {row + 2}", "chat" if not row else "tokens")
            assert seen.chat.words.endswith(f"assistant: It costs {row} euros.")
            seen.views.button_of("tokens").click()
            assert seen.tokens is not None
            shown_tokens.append(seen.tokens)
            QTest.mouseClick(seen.after, Qt.MouseButton.LeftButton)
            settle(page)
        assert all(tokens.counts[0] for tokens in shown_tokens)
        QTest.mouseClick(page.mapping.use, Qt.MouseButton.LeftButton)
        settle(page)
        assert page.rows.isVisible()
        data = store.recipe.data
        assert (data.prompt_column, data.completion_column, data.group_column) == ("Question", "Answer", "Topic")
        assert page.orders.prepare.text() == "Prepare 12 rows"
        assert page.badge == "ready"


def test_that_a_sheet_is_not_drawn_anew_where_nothing_is_known_anew(page: DataPage, tmp_path: Path) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        drawn: list[int] = []
        page.mapping.view.table.sheet_model.modelReset.connect(lambda: drawn.append(1))
        for _ in range(3):
            page.preparing.changed.emit()  # as a preparation that goes on tells it
            settle(page)
        assert not drawn
        choose_role(page, 1, "")
        assert drawn


def test_that_what_is_left_out_is_struck_and_says_why_in_the_cell_to_blame(page: DataPage, tmp_path: Path) -> None:
    rows = questions()
    rows[3][3], rows[6][3] = "", "#REF!"
    rows.append(rows[0])
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", rows))
        cells = sheet(page)
        assert cells[3][3] == "empty: this row is left out"
        assert cells[6][3] == "holds #REF!: this row is left out"
        assert cells[12][3] == "the same as row 2: left out"
        assert (page.mapping.tag.text(), page.tag.isHidden()) == ("3 rows left out", True)
        QTest.mouseClick(page.mapping.tag, Qt.MouseButton.LeftButton)
        assert len(sheet(page)) == 3
        assert page.mapping.view.card.lines.text() == "3 left out"
        page.mapping.view.card.all.click()
        assert len(sheet(page)) == 13
        show = next(made for made in page.mapping.view.report.findChildren(QPushButton) if made.text() == "Show")
        show.click()
        assert [cells[3] for cells in sheet(page)] == ["empty: this row is left out"]
        settle(page)
        assert page.mapping.view.seen.sentence.words.startswith('"Answer" is empty.')


def test_that_another_sheet_is_another_table(page: DataPage, store: RecipeStore, tmp_path: Path) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        page.mapping.use.click()
        settle(page)
        page.fields.sheet.activated.emit(2)
        settle(page)
        assert store.recipe.data.sheet == "More"
        assert page.mapping.view.isVisible()
        assert roles(page) == ["prompt", "completion"]


def test_that_a_choice_is_kept_for_files_with_the_same_columns(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "may.xlsx", questions()))
        choose_role(page, 4, "system")
        page.mapping.use.click()
        settle(page)
        assert len(Settings().load()[0].column_choices) == 1
        read(page, workbook(tmp_path / "june.xlsx", questions()))
        assert store.recipe.data.system_column == "Channel"
        assert page.mapping.group.fact.text() == "as chosen before"
        assert roles(page)[4] == "system"
        assert page.mapping.view.isVisible()
        read(page, workbook(tmp_path / "other.xlsx", [["Why?", "So."]], head=("Ask", "Answer")))
        assert store.recipe.data.system_column == ""


# -- roles -------------------------------------------------------------------------------------------------------------


def test_that_a_role_is_moved_by_the_sheet_and_the_fields_are_the_same_thing(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        choose_role(page, 4, "completion")
        assert roles(page) == ["", "group", "prompt", "", "completion"]
        assert page.mapping.group.fields["completion"].box.currentText() == "Channel"
        assert page.mapping.group.unused.whole == "Received, Answer"
        assert page.mapping.group.fact.text() == "as you say"
        assert page.mapping.view.seen.chat.words.endswith("assistant: mail")
        field = page.mapping.group.fields["completion"].box
        field.setCurrentIndex(field.findData("Answer"))
        field.activated.emit(field.currentIndex())
        settle(page)
        assert roles(page) == ["", "group", "prompt", "completion", ""]
        store.undo()
        settle(page)
        assert roles(page) == ["", "group", "prompt", "", "completion"]


def test_that_without_an_answer_the_primary_says_what_to_choose(page: DataPage, tmp_path: Path) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        choose_role(page, 3, "")
        assert (page.mapping.use.text(), page.mapping.use.isEnabled()) == ("Choose the answer column", False)
        assert not page.editing.edit.isEnabled()
        field = page.mapping.group.fields["completion"]
        assert field.problem_text() == "No column holds the answer: choose it."
        assert page.mapping.view.seen.sentence.words.startswith("Choose the answer column.")
        assert page.fields.shape.text() == "", "what is not so any more is not said beside it"
        choose_role(page, 3, "completion")
        assert page.fields.shape.text().startswith("\u201cQuestion\u201d is the prompt, \u201cAnswer\u201d")
        assert page.mapping.use.isEnabled()
        assert field.problem_text() == ""


def test_that_columns_are_joined_and_the_join_is_in_the_chat(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        field = page.mapping.group.fields["prompt"]
        field.menu.aboutToShow.emit()
        assert [action.text() for action in field.menu.actions()] == ["Received", "Channel"]
        field.menu.actions()[1].trigger()
        settle(page)
        assert store.recipe.data.prompt_column == "{Question}\n{Channel}"
        assert page.mapping.view.seen.chat.words.startswith("user: What does repair 0 cost?\nmail")
        field.template.setFocus()
        field.template.setPlainText("{channel}: {Question}")
        QTest.keyClick(field.template, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        settle(page)
        assert store.recipe.data.prompt_column == "{Channel}: {Question}"
        assert page.mapping.view.seen.chat.words.startswith("user: mail: What does repair 0 cost?")
        field.template.setPlainText("{Nothing}")
        QTest.keyClick(field.template, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert field.problem_text().startswith('the rows have no column "Nothing"')
        answer = page.mapping.group.fields["completion"]
        answer.box.activated.emit(answer.box.findData(JOIN))
        assert answer.template.isVisible()
        assert answer.template.text() == "{Answer}"


def test_that_the_keyboard_walks_columns_opens_a_role_and_walks_rows(page: DataPage, tmp_path: Path) -> None:
    with shown(page) as frame:
        frame.activateWindow()
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        table = page.mapping.view.table
        table.setFocus(Qt.FocusReason.TabFocusReason)
        for _ in range(4):
            QTest.keyClick(table, Qt.Key.Key_Right)
        assert table.currentIndex().column() == 4
        QTest.keyClick(table, Qt.Key.Key_Return)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert menu.accessibleName() == "What Channel is for"
        assert [action.data() for action in menu.actions() if action.isChecked()] == [""]
        for _ in menu.actions():
            if menu.activeAction().data() != "system":
                QTest.keyClick(menu, Qt.Key.Key_Up)
        QTest.keyClick(menu, Qt.Key.Key_Return)
        settle(page)
        assert roles(page)[4] == "system"
        QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        settle(page)
        assert page.mapping.view.seen.scope.text() == "row 3"
        QTest.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        settle(page)
        assert page.mapping.view.seen.scope.text() == "row 2"
        page.mapping.use.setFocus()
        QTest.keyClick(page.mapping.use, Qt.Key.Key_Space)
        settle(page)
        assert page.rows.isVisible()


def test_that_columns_no_shape_reads_leave_the_sheet_and_say_so(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        choose_role(page, 2, "messages")
        assert page.mapping.view.isVisible()
        assert page.mapping.view.message.isVisible()
        assert not page.mapping.use.isEnabled()
        assert page.mapping.group.isVisible()
        choose_role(page, 2, "text")
        assert not page.mapping.view.message.isVisible()
        assert page.mapping.use.isEnabled()
        assert store.recipe.data.text_column == "Question"


def test_that_rows_of_which_none_is_whole_are_an_error(page: DataPage, tmp_path: Path) -> None:
    rows = [[*row[:4], ""] for row in questions()]
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", rows))
        choose_role(page, 4, "completion")
        assert page.mapping.view.message.what.text() == "No row can be learned from."
        assert (page.mapping.use.text(), page.mapping.use.isEnabled()) == ("No row is whole", False)


# -- other files -------------------------------------------------------------------------------------------------------


def test_that_columns_that_could_be_several_things_are_guessed_and_said_so(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n" + "".join(f"Left {n} of it,Right {n} of it\n" for n in range(20)), "utf-8")
    with shown(page):
        read(page, path)
        assert (page.tag.text, page.badge) == ("Columns unclear", "")
        assert page.mapping.group.fact.text() == "guessed, please check"
        assert page.mapping.group.why.text().startswith("Several fit: “a” is the prompt")
        assert store.recipe.data.prompt_column == ""
        assert not page.editing.edit.isEnabled()
        page.mapping.use.click()
        settle(page)
        assert (store.recipe.data.prompt_column, page.badge) == ("a", "ready")


def test_that_where_nothing_fits_both_sides_are_chosen(page: DataPage, tmp_path: Path) -> None:
    path = tmp_path / "numbers.jsonl"
    path.write_text('{"a": {"x": 1}, "b": {"y": 2}, "c": {"z": "w"}}\n' * 3, "utf-8")
    with shown(page):
        read(page, path)
        assert page.mapping.view.isVisible()
        assert page.mapping.use.text() == "Choose the answer column"
        assert sheet(page)[0] == ['{"x": 1}', '{"y": 2}', '{"z": "w"}']
        choose_role(page, 1, "completion")
        assert page.mapping.use.text() == "Choose the question column"
        choose_role(page, 0, "prompt")
        assert not page.mapping.use.isEnabled()
        assert page.mapping.view.message.isVisible()


def test_that_a_recognised_file_has_its_columns_by_their_names_and_shows_the_sheet_when_asked(
    page: DataPage, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("question,answer\n" + "".join(f"Why {n}?,So {n}.\n" for n in range(9)), "utf-8")
    with shown(page):
        read(page, path)
        assert page.rows.isVisible()
        assert page.mapping.group.isVisible()
        assert page.mapping.group.fact.text() == "by its names"
        assert page.mapping.group.fields["prompt"].box.currentText() == "question"
        page.mapping.group.show_sheet.click()
        settle(page)
        assert page.mapping.view.isVisible()
        assert page.mapping.view.card.lines.text().endswith("of 10")


def test_that_what_the_fields_choose_of_a_recognised_file_is_kept_too(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    for name in ("may.csv", "june.csv"):
        lines = "".join(f"Why {n}?,So {n}.,H{n}\n" for n in range(9))
        (tmp_path / name).write_text(f"question,answer,hint\n{lines}", "utf-8")
    with shown(page):
        read(page, tmp_path / "may.csv")
        field = page.mapping.group.fields["completion"].box
        field.setCurrentIndex(field.findData("hint"))
        field.activated.emit(field.currentIndex())
        settle(page)
        read(page, tmp_path / "june.csv")
        assert store.recipe.data.completion_column == "hint"
        assert page.mapping.group.fact.text() == "as chosen before"
        assert page.rows.isVisible()


def test_that_names_with_half_a_character_and_line_breaks_are_shown(page: DataPage, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text('{"a\\ud800": "Some words.", "b\\nc": "Other words.", "": "More."}\n' * 4, "utf-8")
    with shown(page):
        read(page, path)
        if not page.mapping.is_open:
            page.mapping.group.show_sheet.click()
            settle(page)
        assert page.mapping.view.isVisible()
        assert len(sheet(page)) == 4
        assert not page.mapping.view.grab().isNull()
        page.mapping.use.click()
        settle(page)


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("macros.xlsm", b"PK", "Save it as .xlsx"),
        ("no table.xlsx", b"plainly not a workbook", "save it anew"),
        ("old.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "Save it as .xlsx"),
        (
            "locked.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
            "take the password off",
        ),
    ],
)
def test_that_a_workbook_that_cannot_be_read_says_what_to_save_it_as(
    page: DataPage, tmp_path: Path, name: str, content: bytes, remedy: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with shown(page):
        read(page, path)
        assert page.trouble.isVisible()
        assert remedy in page.trouble.message.remedy.text()
        assert not page.mapping.group.isVisible()
        assert not page.mapping.use.isVisible()


def test_that_a_recipe_that_names_a_missing_column_is_helped_by_one_click(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    with shown(page):
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        page.mapping.use.click()
        settle(page)
        store.set("data.prompt_column", "Gone")
        settle(page)
        assert page.trouble.isVisible()
        page.trouble.anew.click()
        settle(page)
        assert not page.trouble.isVisible()
        assert roles(page)[2] == "prompt"


# -- many and long -----------------------------------------------------------------------------------------------------


def test_that_the_rest_of_a_long_file_is_counted_and_the_count_can_be_ended(page: DataPage, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    lines = (f"Left {n} of it,{'' if n == 5000 else f'Right {n} of it'}" for n in range(6000))
    path.write_text("\n".join(["a,b", *lines]) + "\n", "utf-8")
    with shown(page):
        page.open_file(path)
        wait_until(lambda: page.mapping.counting.found is not None, 60)
        settle(page)
        counted = page.mapping.view.counted.text()
        assert counted == "All 6\u2009000 rows are read: 1 is left out (1 empty)"
        assert page.mapping.view.card.lines.text().endswith("of 6\u2009001")
        assert not page.mapping.cancel.isVisible()
        assert page.form is not None
        assert "about" in page.form.action_bar.facts.text()
        assert page.mapping.view.sums.whole.startswith("First 2 000 rows: ")


def test_that_a_count_that_is_under_way_is_told_and_ended_in_the_action_bar(page: DataPage, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "Left of it,Right of it\n" * 400_000, "utf-8")
    with shown(page):
        page.open_file(path)
        wait_until(lambda: page.mapping.cancel.isVisible(), 60)
        assert page.form is not None
        wait_until(lambda: page.form is not None and page.form.action_bar.facts.text().startswith("reading row"), 60)
        assert "of about" in page.form.action_bar.facts.text()
        page.mapping.cancel.click()
        wait_until(lambda: page.mapping.counting.found is not None, 60)
        assert page.mapping.view.counted.text().startswith("Read up to row")
        assert not page.mapping.cancel.isVisible()


@pytest.mark.slow
def test_that_many_columns_with_long_names_and_odd_letters_are_shown(
    page: DataPage, theme: Theme, tmp_path: Path
) -> None:
    names = ["Question", "Answer", "<b>bold</b> & co", "{braces}", "سؤال", "x" * 400, *(f"c{n}" for n in range(2000))]
    rows = [["Why?", "So.", *(f"v{n}" for n in range(len(names) - 2))] for _ in range(3)]
    with shown(page):
        read(page, workbook(tmp_path / "wide.xlsx", rows, head=names))
        assert roles(page)[:3] == ["prompt", "completion", ""]
        in_every_look(theme, page)
        assert page.minimumSizeHint().width() <= 1366 - 148
        menu = page.mapping.group.fields["prompt"].menu
        menu.aboutToShow.emit()
        assert "<b>bold</b> && co" in [action.text() for action in menu.actions()]
        assert not any("braces" in action.text() for action in menu.actions())
        assert "more are not listed" in menu.actions()[-1].text()
        assert not menu.actions()[-1].isEnabled()
        assert "more are not listed" in page.mapping.group.fields["prompt"].box.toolTip()


def test_that_columns_that_are_not_used_fold_where_there_is_little_room(
    page: DataPage, theme: Theme, tmp_path: Path
) -> None:
    with shown(page, 900) as frame:
        read(page, workbook(tmp_path / "questions.xlsx", questions()))
        frame.resize(900, 704)
        QApplication.processEvents()
        table = page.mapping.view.table
        assert [table.columnWidth(column) for column in (0, 4)] == [theme.px(28)] * 2
        assert table.columnWidth(2) > 100
