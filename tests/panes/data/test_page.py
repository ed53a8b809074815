"""The page of the data: what is read, what is said of it, and that nothing in a file can harm it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.fakes import write_rows
from tests.panes.shown import forget, in_every_look, shown
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.data.glance import PROBLEMS_SHOWN
from workbench.core.data.rows import RowProblem
from workbench.panes.data.page import DataPage
from workbench.panes.data.report import kinds
from workbench.panes.data.row_card import LONGEST_SHOWN
from workbench.panes.data.rows_table import CHARACTERS, LINE, TEXT, TOKENS, two_digits
from workbench.panes.look.theme import Theme
from workbench.panes.parts.tables import TAG


@pytest.fixture
def store(qapp: QApplication) -> RecipeStore:
    return RecipeStore()


@pytest.fixture
def page(store: RecipeStore, theme: Theme) -> Iterator[DataPage]:
    made = DataPage(store, theme, Settings())
    assert wait_for_tasks(60)
    yield made
    assert wait_for_tasks(60)
    forget(made)


def write(path: Path, *rows: object) -> Path:
    """A JSONL file; a row that is text already is written as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def read(page: DataPage, path: Path) -> None:
    page.open_file(path)
    assert wait_for_tasks(60)


def report(page: DataPage) -> str:
    return " ".join(words.text() for words in page.report.findChildren(QLabel) if not words.isHidden())


# -- what is read ------------------------------------------------------------------------------------------------------


def test_that_the_starter_data_is_ready_from_the_start(page: DataPage) -> None:
    assert page.badge == "ready"
    with shown(page):
        assert page.tag.text == "500 rows, no problems found"
        assert page.tag.state == "success"
        assert page.fields.format.text() == "JSONL, prompt and completion"
        assert page.fields.kind.value() == "starter"
        assert page.form is not None
        assert page.form.action_bar.facts.text().startswith("500 rows, about ")
        assert "median" in page.chart.accessibleDescription()
        assert "500 rows are whole" in report(page)


def test_that_the_primary_goes_on_to_train(page: DataPage) -> None:
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        page.uses.click()
    assert went == ["train"]


def test_that_an_opened_file_becomes_the_recipes_data_and_is_remembered(
    page: DataPage, store: RecipeStore, tmp_path: Path
) -> None:
    first, second = write_rows(tmp_path / "a.jsonl", 24), write_rows(tmp_path / "b.jsonl", 3)
    with shown(page):
        read(page, first)
        assert store.recipe.data.path == str(first)
        assert page.tag.text == "24 rows, no problems found"
        assert page.fields.kind.value() == "file"
        read(page, second)
        assert Settings().load()[0].recent_data == [str(second), str(first)]
        assert [page.fields.recent.itemData(index) for index in range(page.fields.recent.count())] == [str(first)]
        page.fields.kind.button_of("starter").click()
        assert wait_for_tasks(60)
        assert store.recipe.data.path == "shopping"
        page.fields.kind.button_of("file").click()
        assert store.recipe.data.path == str(second)


def test_that_a_path_is_typed_and_a_column_renamed(page: DataPage, store: RecipeStore, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"left": "ab", "right": "cd"})
    with shown(page):
        page.fields.kind.button_of("file").click()
        page.fields.file.field.setText(str(path))
        QTest.keyClick(page.fields.file.field, Qt.Key.Key_Return)
        assert wait_for_tasks(60)
        assert page.badge == ""
        store.set_many({"data.prompt_column": "left", "data.completion_column": "right"})
        assert wait_for_tasks(60)
        assert page.badge == "ready"
        assert "2 named otherwise" in page.fields.columns.fact.text()


def test_that_a_stale_answer_is_dropped(page: DataPage, tmp_path: Path) -> None:
    large, small = write_rows(tmp_path / "large.jsonl", 60_000), write_rows(tmp_path / "small.jsonl", 2)
    with shown(page):
        page.open_file(large)
        read(page, small)
        assert page.glance is not None
        assert page.glance.rows == 2
        assert page.tag.text == "2 rows, no problems found"


def test_that_a_file_changed_meanwhile_is_read_again(page: DataPage, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", 2)
    with shown(page):
        read(page, path)
    write_rows(path, 5)
    os.utime(path, (1, 1))
    with shown(page):
        wait_until(lambda: page.tag.text == "5 rows, no problems found")


# -- what is wrong -----------------------------------------------------------------------------------------------------


def test_that_wrong_rows_are_counted_tagged_and_shown(page: DataPage, tmp_path: Path) -> None:
    good = {"prompt": "What?", "completion": "That."}
    path = write(tmp_path / "a.jsonl", good, '{"prompt": "cut', good, {"prompt": "What?", "completion": ""}, '{"a": ')
    went: list[str] = []
    page.go_to.connect(went.append)
    with shown(page):
        read(page, path)
        assert (page.tag.text, page.tag.state, page.badge) == ("3 rows to look at", "warn", "")
        assert not page.uses.isEnabled()
        assert page.form is not None
        assert page.form.action_bar.facts.text() == "2 rows, 3 rows to be mended first"
        model = page.table.model()
        assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["1", "2", "3", "4", "5"]
        assert model.index(1, TEXT).data(TAG)[0] == "broken"
        assert model.index(3, TEXT).data(TAG)[0] == "empty"
        assert "2 rows are whole" in report(page)
        shows = {made.accessibleName(): made for made in page.report.findChildren(QPushButton)}
        shows['Show line 4: "completion" is empty.'].click()
        assert page.table.currentIndex().row() == 3
        assert '"completion" is empty.' in page.row.text
        assert "leave the row out" in page.row.text
    assert went == []


def test_that_rows_after_more_wrong_ones_than_are_listed_keep_their_lines(page: DataPage, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = json.dumps({"prompt": "Why?", "completion": "So."})
    path.write_text("\n".join(["no json"] * (PROBLEMS_SHOWN + 30) + [good]) + "\n", encoding="utf-8")
    page.open_file(path)
    wait_until(lambda: page.glance is not None and page.glance.rows == 1)
    model = page.table.model()
    assert model.index(model.rowCount() - 1, LINE).data() == str(PROBLEMS_SHOWN + 31)


def test_that_problems_of_one_kind_are_one_line() -> None:
    found = kinds(
        [
            RowProblem(3, "broken JSON at column 41: Expecting value.", "Mend."),
            RowProblem(9, "broken JSON at column 7: Expecting value.", "Mend."),
            RowProblem(11, '"prompt" is empty.'),
        ]
    )
    assert [(kind.lines, kind.text) for kind in found] == [
        ((3, 9), "broken JSON at column 41: Expecting value."),
        ((11,), '"prompt" is empty.'),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.jsonl", None, "There is no file"),
        ("empty.jsonl", "", "is empty"),
        ("a.docx", "x", "unknown kind"),
        ("folder.jsonl/", None, "is a folder"),
    ],
)
def test_that_a_file_that_cannot_be_read_is_a_message_with_a_button(
    page: DataPage, tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    path = tmp_path / name
    if name.endswith("/"):
        path.mkdir()
    elif text is not None:
        path.write_text(text)
    with shown(page):
        read(page, path)
        assert page.message.isVisible()
        assert said in page.message.what.text()
        assert any(made.text() == "Find a file" for made in page.message.findChildren(QPushButton))
        assert (page.tag.state, page.badge, page.uses.isEnabled()) == ("danger", "", False)
        assert not page.table.isVisible()
        page.fields.kind.button_of("starter").click()
        assert wait_for_tasks(60)
        assert not page.message.isVisible()
        assert page.table.isVisible()


def test_that_file_without_a_file_asks_for_one_and_changes_nothing(page: DataPage, store: RecipeStore) -> None:
    with shown(page):
        page.fields.kind.button_of("file").click()
        assert store.recipe.data.path == "shopping"
        assert page.message.what.text() == "Which file is it?"
        page.fields.kind.button_of("starter").click()
        assert page.table.isVisible()
        assert page.tag.text == "500 rows, no problems found"


# -- harmless and fast -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_html_other_scripts_and_long_lines_are_shown_as_text(page: DataPage, theme: Theme, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        {"prompt": "<b>bold</b><img src=x>", "completion": "<script>alert(1)</script>"},
        {"prompt": "مرحبا بالعالم שלום", "completion": "👩‍👩‍👧 😀"},
        {"prompt": "x" * 3_000_000, "completion": "y"},
    )
    with shown(page):
        read(page, path)
        in_every_look(theme, page)
        assert "<b>bold</b><img src=x>" in page.row.text
        page.row.after.click()
        assert "مرحبا بالعالم שלום" in page.row.text
        page.row.after.click()
        assert len(page.row.text) < LONGEST_SHOWN + 200
        assert "characters more" in page.row.text
        assert not page.row.after.isEnabled()
        assert page.table.model().index(2, CHARACTERS).data().replace("\u2009", "") == "3000001"


def test_that_a_conversation_names_its_roles(page: DataPage, tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "As JSON."}, {"role": "user", "content": "Tea."}]
    path = write(tmp_path / "a.jsonl", {"messages": [*turns, {"role": "assistant", "content": "{}"}]})
    with shown(page):
        read(page, path)
        assert page.row.text == "System\nAs JSON.\n\nUser\nTea.\n\nAssistant\n{}"
        assert page.table.model().index(0, TEXT).data() == "Tea."
        assert page.table.model().index(0, TOKENS).data() == "≈ 4"
        assert page.fields.format.text() == "JSONL, conversations"


@pytest.mark.slow
def test_that_two_hundred_thousand_rows_leave_the_window_alive(page: DataPage, tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_text('{"prompt": "What is one and one?", "completion": "It is two."}\n' * 200_000)
    with shown(page):
        ticks: list[bool] = []
        timer = QTimer()
        timer.timeout.connect(lambda: ticks.append(page.glance is None or page.glance.rows != 200_000))
        timer.start(5)
        page.open_file(path)
        wait_until(lambda: page.glance is not None and page.glance.rows == 200_000, 60)
        timer.stop()
        assert sum(ticks) > 10  # of some 100: the event loop went round while the file was read
        assert page.glance is not None
        assert page.badge == "ready"
        assert page.table.model().rowCount() <= page.glance.rows


def test_that_the_keyboard_goes_through_rows(page: DataPage) -> None:
    with shown(page) as frame:
        frame.activateWindow()
        page.table.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(page.table, Qt.Key.Key_Down)
        assert page.row.scope.text() == "line 2"
        QTest.keyClick(page.table, Qt.Key.Key_Return)
        assert frame.focusWidget() is page.row.words


@pytest.mark.parametrize(("count", "rounded"), [(0, 0), (7, 7), (94, 94), (21_345, 21_000), (999, 1000)])
def test_that_an_estimate_has_two_digits(count: int, rounded: int) -> None:
    assert two_digits(count) == rounded
