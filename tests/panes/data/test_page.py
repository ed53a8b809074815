"""The page of the data: what is read, what is said of it, and that nothing in a file can harm it."""

import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from tests.fakes import write_rows
from tests.panes.data.conftest import settle
from tests.panes.shown import in_every_look, shown
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.core.tokens.first_look import MOST_ROWS
from workbench.panes.data.numbers import two_digits
from workbench.panes.data.page import DataPage
from workbench.panes.data.rows.table import LINE, TEXT, TOKENS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.tables import TAG

GOOD = {"prompt": "What?", "completion": "That."}
Write = Callable[..., Path]


def read(page: DataPage, path: Path) -> None:
    page.open_file(path)
    settle(page)


# -- what is read ------------------------------------------------------------------------------------------------------


def test_that_the_starter_data_is_ready_from_the_start_with_real_tokens(page: DataPage) -> None:
    assert page.badge == "ready"
    with shown(page):
        settle(page)
        assert (page.tag.text, page.tag.state) == ("500 rows, nothing to tell", "success")
        assert page.fields.shape.text() == "“prompt” is the prompt, “completion” the completion"
        assert page.fields.kind.value() == "starter"
        assert page.orders.prepare.text() == "Prepare 500 rows"
        assert page.form is not None
        assert page.form.action_bar.facts.text().endswith("tokens to learn from")
        assert page.report.lines == ["500 rows are whole"]
        assert page.report.scope.text() == "500 of 500 rows are used"
        assert "median" in page.chart.accessibleDescription()
        assert "about" not in page.chart.accessibleDescription()
        assert page.seen.tokens is not None
        assert page.seen.scope.text() == "line 1"


def test_that_a_tokenizer_still_being_made_for_another_model_is_left_and_says_nothing_of_this_one(
    page: DataPage, store: RecipeStore, kept_model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (other / name).write_text("{}", encoding="utf-8")
    store.set("model.source", str(other))
    wait_until(lambda: bool(psutil.Process().children()))
    assert page.reading.why_no_tokens == "The model's tokenizer is being read."
    store.set("model.source", str(kept_model))
    wait_until(lambda: page.reading.tokenizer is not None)
    settle(page)
    assert not [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    assert page.reading.why_no_tokens == ""


def test_that_without_the_models_tokenizer_tokens_are_estimates_and_said_so(page: DataPage, store: RecipeStore) -> None:
    store.set("model.source", "org/not-here")
    wait_until(lambda: page.reading.tokenizer is None)
    settle(page)
    with shown(page):
        settle(page)
        assert page.seen.sentence.words.startswith("The model is not on this machine yet")
        assert page.table_cell(0, TOKENS).startswith("≈ ")
        assert "about" in page.chart.lengths.in_words()
        assert page.seen.chat.words.startswith("user: ")
        assert page.orders.prepare.isEnabled()
        assert page.form is not None
        assert page.form.action_bar.facts.text().startswith("about ")


def test_that_an_opened_file_becomes_the_recipes_data_and_is_remembered(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    first, second = write_rows(tmp_path / "a.jsonl", 24), write_rows(tmp_path / "b.jsonl", 3)
    with shown(page):
        read(page, first)
        assert store.recipe.data.path == str(first)
        assert page.tag.text == "24 rows, nothing to tell"
        assert page.fields.kind.value() == "file"
        read(page, second)
        assert Settings().load()[0].recent_data == [str(second), str(first)]
        assert [page.fields.recent.itemData(index) for index in range(page.fields.recent.count())] == [str(first)]
        page.fields.kind.button_of("starter").click()
        settle(page)
        assert store.recipe.data.path == "shopping"
        page.fields.kind.button_of("file").click()
        assert store.recipe.data.path == str(second)


def test_that_a_file_that_cannot_be_read_is_not_remembered(page: DataPage, tmp_path: Path) -> None:
    first, second = write_rows(tmp_path / "a.jsonl", 24), tmp_path / "letter.docx"
    second.write_text("x", encoding="utf-8")
    with shown(page):
        read(page, first)
        page.open_file(second)
        page.editing.turned.emit()  # whatever shows the page anew while the file is being read
        settle(page)
        assert page.trouble.isVisible()
        assert Settings().load()[0].recent_data == [str(first)]


def test_that_several_files_are_one_dataset_whose_lines_name_their_file(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    first, second = write_rows(tmp_path / "a.jsonl", 3), write_rows(tmp_path / "b.jsonl", 2)
    with shown(page):
        page.open_files([first, second])
        settle(page)
        assert (store.recipe.data.path, store.recipe.data.also) == (str(first), (str(second),))
        assert [page.table_cell(row, LINE) for row in range(5)] == ["1:1", "1:2", "1:3", "2:1", "2:2"]
        page.rows.line.setText("2:2")
        QTest.keyClick(page.rows.line, Qt.Key.Key_Return)
        settle(page)
        assert page.seen.scope.text() == "line 2:2"
        read(page, second)
        assert store.recipe.data.also == ()


def test_that_a_path_is_typed_and_columns_are_named(page: DataPage, store: RecipeStore, written: Write) -> None:
    path = written({"left": "ab", "right": "cd"})
    with shown(page):
        page.fields.kind.button_of("file").click()
        page.fields.file.field.setText(str(path))
        QTest.keyClick(page.fields.file.field, Qt.Key.Key_Return)
        settle(page)
        assert page.badge == ""
        assert page.tag.text == "Columns unclear"
        assert page.mapping.view.isVisible()
        store.set_many({"data.prompt_column": "left", "data.completion_column": "right"})
        settle(page)
        assert page.badge == "ready"
        assert page.fields.shape.text() == "“left” is the prompt, “right” the completion"
        assert page.mapping.group.fact.text() == "as you say"
        read(page, written(GOOD, name="b.jsonl"))
        assert page.mapping.group.fact.text() == "by its names"


def test_that_a_stale_answer_is_dropped(page: DataPage, tmp_path: Path) -> None:
    large, small = write_rows(tmp_path / "large.jsonl", 60_000), write_rows(tmp_path / "small.jsonl", 2)
    with shown(page):
        page.open_file(large)
        read(page, small)
        assert page.tag.text == "2 rows, nothing to tell"


def test_that_a_file_changed_meanwhile_is_read_again(page: DataPage, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", 2)
    with shown(page):
        read(page, path)
    write_rows(path, 5)
    os.utime(path, (1, 1))
    with shown(page):
        wait_until(lambda: page.tag.text == "5 rows, nothing to tell")


def test_that_a_file_of_a_folder_changed_meanwhile_is_read_again(page: DataPage, tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    path = write_rows(folder / "a.jsonl", 2)
    before = folder.stat()
    with shown(page):
        read(page, folder)
    write_rows(path, 5)
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    with shown(page):
        wait_until(lambda: page.tag.text == "5 rows, nothing to tell")


def test_that_a_file_saved_in_another_program_is_read_again_as_one_comes_back(page: DataPage, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", 24)
    with shown(page):
        read(page, path)
        write_rows(path, 5)
        os.utime(path, (1, 1))
        QApplication.sendEvent(page.window(), QEvent(QEvent.Type.WindowActivate))
        wait_until(lambda: page.tag.text == "5 rows, nothing to tell")


def test_that_of_a_large_file_the_first_rows_are_shown_and_said_to_be_those(page: DataPage, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "large.jsonl", 20_000)
    with shown(page):
        read(page, path)
        assert page.rows.scope.text() == "the first 2\u2009000"
        assert page.orders.prepare.text() in [f"Prepare about {n}\u2009000 rows" for n in range(18, 23)]
        assert page.report.scope.text() == "2\u2009000 of the first 2\u2009000 rows are used"
        assert len(page.rows.shown) == MOST_ROWS
        page.rows.line.setText("15000")
        QTest.keyClick(page.rows.line, Qt.Key.Key_Return)
        assert "not among the first 2 000 rows" in page.header.sentence.whole


# -- the longest row ---------------------------------------------------------------------------------------------------


def test_that_the_longest_row_says_what_it_cuts_wherever_it_is_set(
    page: DataPage, store: RecipeStore, written: Write
) -> None:
    rows = [{"prompt": "x" * length, "completion": "y"} for length in (10, 20, 90)]
    with shown(page):
        read(page, written(*rows))
        longest = page.chart.lengths.longest
        store.set("training.max_length", longest - 1)
        settle(page)
        row = page.fields.rows.rows["training.max_length"]
        assert row.problem_text() == (f"1 row is cut, and loses the end of its answer. {longest} cuts none.")
        page.chart.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(page.chart, Qt.Key.Key_Right)
        assert store.recipe.training.max_length == longest
        assert row.problem_text() == ""
        store.set_many({"data.too_long": "leave_out", "training.max_length": 30})
        settle(page)
        assert row.problem_text().startswith("3 rows are longer, and are left out.")


# -- what is wrong -----------------------------------------------------------------------------------------------------


def test_that_wrong_rows_are_counted_tagged_and_shown(page: DataPage, written: Write) -> None:
    path = written(GOOD, '{"prompt": "cut', {**GOOD, "prompt": "Why?"}, {"prompt": "What?", "completion": ""}, '{"a": ')
    with shown(page):
        read(page, path)
        assert (page.tag.text, page.tag.state, page.badge) == ("3 rows to look at", "warn", "ready")
        assert [page.table_cell(row, LINE) for row in range(5)] == ["1", "2", "3", "4", "5"]
        model = page.rows.table.rows_model
        assert model.index(1, TEXT).data(TAG)[0] == "broken"
        assert model.index(3, TEXT).data(TAG)[0] == "empty"
        assert page.report.lines[0] == "2 rows are whole"
        assert page.report.lines[1] == "2 cannot be read: left out"
        assert page.report.scope.text() == "2 of 5 rows are used"
        shows = {made.accessibleName(): made for made in page.report.findChildren(QPushButton)}
        shows["Show the rows told as: cannot be read: left out"].click()
        settle(page)
        assert page.rows.filter.text() == "broken"
        assert [page.table_cell(row, LINE) for row in range(len(page.rows.shown))] == ["2", "5"]
        assert page.rows.scope.text() == "2 of 5"
        assert page.seen.sentence.words.startswith("Broken JSON at column")
        QTest.keyClick(page.rows.table, Qt.Key.Key_Escape)
        assert len(page.rows.shown) == 5


def test_that_what_is_left_out_adds_nothing_to_the_sum_of_tokens(page: DataPage, written: Write) -> None:
    with shown(page):
        read(page, written(GOOD, name="one.jsonl"))
        assert page.numbers is not None
        alone = (page.numbers.tokens, page.numbers.learned)
        read(page, written(GOOD, GOOD, {"prompt": "What?", "completion": ""}))
        assert page.numbers.used == 1
        assert (page.numbers.tokens, page.numbers.learned) == alone


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.jsonl", None, "There is no file"),
        ("empty.jsonl", "", "is empty"),
        ("a.docx", "x", "unknown kind"),
    ],
)
def test_that_a_file_that_cannot_be_read_is_a_message_with_a_button(
    page: DataPage, tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with shown(page):
        read(page, path)
        assert page.trouble.isVisible()
        assert said in page.trouble.message.what.text()
        assert any(made.text() == "Find a file" for made in page.trouble.findChildren(QPushButton))
        assert (page.tag.state, page.badge, page.orders.prepare.isEnabled()) == ("danger", "", False)
        assert not page.rows.isVisible()
        page.fields.kind.button_of("starter").click()
        settle(page)
        assert not page.trouble.isVisible()
        assert page.rows.isVisible()


def test_that_file_without_a_file_asks_for_one_and_changes_nothing(page: DataPage, store: RecipeStore) -> None:
    with shown(page):
        page.fields.kind.button_of("file").click()
        assert store.recipe.data.path == "shopping"
        assert page.trouble.message.what.text() == "Which file is it?"
        page.fields.kind.button_of("starter").click()
        assert page.rows.isVisible()
        assert page.tag.text == "500 rows, nothing to tell"


# -- harmless and fast -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_html_other_scripts_and_long_lines_are_shown_as_text(page: DataPage, theme: Theme, written: Write) -> None:
    path = written(
        {"prompt": "<b>bold</b><img src=x>", "completion": "<script>alert(1)</script>"},
        {"prompt": "مرحبا بالعالم שלום", "completion": "👩‍👩‍👧 😀"},
        {"prompt": "x" * 3_000_000, "completion": "y"},
    )
    with shown(page):
        read(page, path)
        in_every_look(theme, page)
        assert "<b>bold</b><img src=x>" in page.seen.chat.toPlainText()
        page.seen.after.click()
        settle(page)
        assert "مرحبا بالعالم שלום" in page.seen.chat.toPlainText()
        page.seen.after.click()
        settle(page)
        assert "characters more" in page.seen.chat.toPlainText()
        assert not page.seen.after.isEnabled()


def test_that_a_conversation_names_its_roles_and_what_is_learned(page: DataPage, written: Write) -> None:
    turns = [{"role": "system", "content": "As JSON."}, {"role": "user", "content": "Tea."}]
    path = written({"messages": [*turns, {"role": "assistant", "content": "{}"}]})
    with shown(page):
        read(page, path)
        assert page.seen.chat.words == "system: As JSON.\nuser: Tea.\nassistant: {}"
        assert page.seen.row is not None
        assert [turn.is_learned for turn in page.seen.row.turns] == [False, False, True]
        assert page.table_cell(0, TEXT) == "Tea."
        assert page.fields.shape.text() == "“messages” holds conversations"
        assert page.seen.text.toPlainText().startswith("<|im_start|>system\nAs JSON.<|im_end|>")


@pytest.mark.slow
def test_that_two_hundred_thousand_rows_leave_the_window_alive(page: DataPage, tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_text('{"prompt": "What is one and one?", "completion": "It is two."}\n' * 200_000)
    with shown(page):
        ticks: list[bool] = []
        timer = QTimer()
        timer.timeout.connect(lambda: ticks.append(True))
        timer.start(5)
        page.open_file(path)
        wait_until(lambda: page.seen_path == path, 60)
        settle(page)
        timer.stop()
        assert page.badge == "ready"
        assert "200\u2009000 rows" in page.orders.prepare.text()


def test_that_the_keyboard_goes_through_rows_searches_and_jumps(page: DataPage) -> None:
    with shown(page) as frame:
        frame.activateWindow()
        table = page.rows.table
        table.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(table, Qt.Key.Key_Down)
        settle(page)
        assert page.seen.scope.text() == "line 2"
        QTest.keyClick(table, Qt.Key.Key_Return)
        assert frame.focusWidget() is page.seen.flow
        QTest.keyClick(page.seen.flow, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert frame.focusWidget() is page.rows.search
        QTest.keyClicks(page.rows.search, "CANDLES")
        wait_until(lambda: 0 < len(page.rows.shown) < 500)
        assert all("candles" in page.table_cell(row, TEXT).casefold() for row in range(3))
        QTest.keyClick(page.rows.search, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
        assert frame.focusWidget() is page.rows.line
        QTest.keyClicks(page.rows.line, "300")
        QTest.keyClick(page.rows.line, Qt.Key.Key_Return)
        settle(page)
        assert page.seen.scope.text() == "line 300"
        assert len(page.rows.shown) == 500
        assert frame.focusWidget() is table


@pytest.mark.parametrize(("count", "rounded"), [(0, 0), (7, 7), (94, 94), (21_345, 21_000), (999, 1000)])
def test_that_an_estimate_has_two_digits(count: int, rounded: int) -> None:
    assert two_digits(count) == rounded


def test_that_the_form_of_rows_without_a_template_is_shown(page: DataPage, written: Write, store: RecipeStore) -> None:
    read(page, written(GOOD))
    assert page.fields.learned.fact.text() == ""
    store.set("data.chat_template", False)
    wait_until(lambda: page.fields.learned.fact.text() == "prompt + completion + <|im_end|>")
