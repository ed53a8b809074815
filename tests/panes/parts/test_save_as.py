"""Where to is asked once for all files; what is written is there, or the reason why not is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from workbench.core.problems import UserError
from workbench.panes.parts.save_as import CSV, ask_where, save, save_and_say

TWO = {".png": "Picture (*.png)", ".svg": "Drawing (*.svg)"}


@pytest.fixture
def view(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


def asked(view: QWidget) -> QFileDialog:
    dialog = view.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    return dialog


def test_that_the_dialog_begins_with_a_folder_a_name_and_the_one_kind(view: QWidget, tmp_path: Path) -> None:
    found: list[Path] = []
    ask_where(view, "Save the table", str(tmp_path / "mine.csv"), CSV, found.append)
    dialog = asked(view)
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert dialog.windowTitle() == "Save the table"
    assert dialog.selectedFiles() == [str(tmp_path / "mine.csv")]
    assert (dialog.nameFilters(), dialog.defaultSuffix()) == (["Comma-separated values (*.csv)"], "csv")
    dialog.fileSelected.emit(str(tmp_path / "mine.txt"))
    dialog.reject()
    assert found == [tmp_path / "mine.txt"]


def test_that_of_several_kinds_the_name_gets_the_ending_of_the_chosen_one(view: QWidget, tmp_path: Path) -> None:
    found: list[Path] = []
    ask_where(view, "Save the picture", "bits.png", TWO, found.append)
    dialog = asked(view)
    for name in ("a", "llama-3.1", "b.SVG"):
        dialog.fileSelected.emit(str(tmp_path / name))
    dialog.selectNameFilter(TWO[".svg"])
    for name in ("a", "b.png"):
        dialog.fileSelected.emit(str(tmp_path / name))
    dialog.reject()
    assert [path.name for path in found] == ["a.png", "llama-3.1.png", "b.SVG", "a.svg", "b.png"]


def test_that_what_was_written_and_what_was_not_is_a_sentence(tmp_path: Path) -> None:
    said: list[str] = []
    path, nowhere = tmp_path / "a.csv", tmp_path / "a.csv" / "b.csv"
    assert save(path, "x") == f"Written to {path}."
    save_and_say(path, b"y", said.append)
    save_and_say(nowhere, "z", said.append)
    assert path.read_text() == "y"
    assert said == [f"Written to {path}.", f"{nowhere} cannot be written: Not a directory. Choose another folder."]
    with pytest.raises(UserError):
        save(nowhere, "z")
