"""What is dropped on the window goes where it belongs, several files and folders too."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from tests.fakes import write_rows
from tests.window.states import settle
from workbench.core.problems import UserError
from workbench.window.dropped import kind_of
from workbench.window.main_window import MainWindow


def file(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(600, 300), Qt.DropAction.CopyAction, data, left, none))
    settle(window)


def test_that_each_thing_is_known_for_what_it_is(tmp_path: Path) -> None:
    assert kind_of([file(tmp_path / "run" / "job.toml").parent]) == "run"
    assert kind_of([file(tmp_path / "mine.toml")]) == "recipe"
    assert kind_of([file(tmp_path / "model" / "config.json").parent]) == "model"
    assert kind_of([file(tmp_path / "rows" / "a.csv").parent]) == "data"
    for name in ("a.jsonl", "a.csv.gz", "a.tsv", "a.docx", "a.parquet"):
        assert kind_of([file(tmp_path / name)]) == "data"
    (tmp_path / "empty").mkdir()
    assert kind_of([tmp_path / "empty"]) == "model"
    assert kind_of([tmp_path / "a.tsv", tmp_path / "rows"]) == "data"


def test_that_what_is_nothing_is_refused_with_what_would_be_something(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing that can be opened"):
        kind_of([file(tmp_path / "a.exe")])
    with pytest.raises(UserError, match=r"a\.exe is not a data file"):
        kind_of([file(tmp_path / "a.csv"), tmp_path / "a.exe"])
    with pytest.raises(UserError, match="There is no file in what was dropped"):
        kind_of([])


def test_that_a_drop_with_nothing_in_it_is_told(open_window: Callable[..., MainWindow]) -> None:
    window = open_window()
    drop(window)
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "There is no file in what was dropped" in box.text()
    box.close()


def test_that_several_files_and_a_folder_are_opened_on_the_data_page(
    open_window: Callable[..., MainWindow], tmp_path: Path
) -> None:
    window = open_window()
    first, second = write_rows(tmp_path / "a.jsonl", 3), write_rows(tmp_path / "b.jsonl", 2)
    drop(window, first, second)
    assert window.values.page == "data"
    assert (window.store.recipe.data.path, window.store.recipe.data.also) == (str(first), (str(second),))
    folder = tmp_path / "rows"
    folder.mkdir()
    write_rows(folder / "c.jsonl", 4)
    drop(window, folder)
    assert window.store.recipe.data.path == str(folder)
    assert window.store.recipe.data.also == ()


@pytest.mark.parametrize("page", ["model", "data", "train"])
def test_that_a_drop_is_taken_back_by_keys_with_the_keyboard_on_the_rail(
    open_window: Callable[..., MainWindow], tmp_path: Path, page: str
) -> None:
    window = open_window()
    before = window.store.recipe
    drop(window, write_rows(tmp_path / "mine.jsonl", 3))
    after = window.store.recipe
    assert after.data.path == str(tmp_path / "mine.jsonl")
    window.show_page(page)
    window.rail.buttons[page].setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window.rail.buttons[page], Qt.Key.Key_Z, control)
    settle(window)
    assert window.store.recipe == before
    QTest.keyClick(window.rail.buttons[page], Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    settle(window)
    assert window.store.recipe == after
