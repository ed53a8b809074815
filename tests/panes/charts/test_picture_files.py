"""What is seen of a widget is a picture at twice its size, or a drawing with its words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QVBoxLayout, QWidget

from workbench.panes.charts.picture_files import SCROLLS, ask_for_picture, copy_picture, file_of
from workbench.panes.look.theme import Theme


@pytest.fixture
def view(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    layout = QVBoxLayout(made)
    for words in ("first", "second"):
        layout.addWidget(QLabel(words))
    made.resize(120, 60)
    made.show()
    QApplication.processEvents()
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


def test_that_a_picture_is_twice_as_large_as_what_is_seen(view: QWidget, theme: Theme) -> None:
    picture = QImage.fromData(file_of(view, theme, "Bits", ".png"))
    assert (picture.width(), picture.height()) == (240, 120)
    copy_picture(view, theme)
    assert QGuiApplication.clipboard().image().width() == 240


def test_that_a_drawing_has_words_a_title_and_nothing_that_is_cut_off(view: QWidget, theme: Theme) -> None:
    drawing = file_of(view, theme, "Bits", ".SVG").decode()
    assert all(words in drawing for words in ("<title>Bits</title>", "first", "second"))
    outside = QLabel("outside", view)
    outside.setProperty(SCROLLS, True)
    outside.move(0, 55)
    outside.show()
    QApplication.processEvents()
    assert "outside" not in file_of(view, theme, "Bits", ".svg").decode()
    assert outside.isVisible()


def test_that_a_picture_goes_where_a_person_says(view: QWidget, theme: Theme, tmp_path: Path) -> None:
    said: list[str] = []
    ask_for_picture(view, theme, said.append, "Quantize A layer")
    dialog = view.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == "quantize-a-layer.png"
    dialog.fileSelected.emit(str(tmp_path / "mine.svg"))
    dialog.fileSelected.emit(str(tmp_path / "nowhere" / "mine.png"))
    dialog.reject()
    assert (tmp_path / "mine.svg").read_bytes().startswith(b"<?xml")
    assert said[0] == f"Written to {tmp_path / 'mine.svg'}."
    assert "cannot be written: No such file" in said[1]
