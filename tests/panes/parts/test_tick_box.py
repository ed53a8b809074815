"""A box that is ticked, and one that is locked."""

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workbench.panes.look.theme import Theme
from workbench.panes.parts.tick_box import TickBox, paint_tick


def test_that_a_click_on_its_words_ticks_a_box(theme: Theme) -> None:
    box = TickBox(theme, "Adapter")
    box.resize(box.sizeHint())
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 4, 8))
    assert box.isChecked()


def test_that_a_locked_box_keeps_its_tick_and_takes_no_click(theme: Theme) -> None:
    box = TickBox(theme, "Adapter")
    box.setChecked(True)
    box.set_locked(True)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    assert box.isChecked()
    box.set_locked(False)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    assert not box.isChecked()


def test_that_locked_and_free_boxes_are_told_apart_in_both_looks(theme: Theme, qapp: QApplication) -> None:
    def picture(*, is_ticked: bool, is_locked: bool) -> QImage:
        made = QImage(20, 20, QImage.Format.Format_RGB32)
        made.fill(theme.color("surface.card"))
        painter = QPainter(made)
        paint_tick(painter, theme, QRectF(2.5, 2.5, 14, 14), is_ticked=is_ticked, is_locked=is_locked)
        painter.end()
        return made

    states = [(ticked, locked) for ticked in (True, False) for locked in (True, False)]
    for choice in ("light", "dark"):
        theme.choose(choice)  # type: ignore[arg-type]
        pictures = [picture(is_ticked=ticked, is_locked=locked) for ticked, locked in states]
        assert all(a != b for place, a in enumerate(pictures) for b in pictures[:place])
