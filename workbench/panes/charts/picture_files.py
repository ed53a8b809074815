"""What is seen of a widget as a file: a picture, or a drawing of lines and words."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QPoint, QSize
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts import save_as

# Of the screen's pixels, for print.
PICTURE_SCALE = 2
# The dynamic property of widgets that scroll: in a drawing, which does not end at an edge, those cut off are left out.
SCROLLS = "scrolls"

PNG = {".png": "Picture (*.png)"}
SVG = {".svg": "Drawing (*.svg)"}


def picture_of(view: QWidget, theme: Theme) -> QPixmap:
    """What is seen, at twice the size."""
    picture = QPixmap(view.size() * PICTURE_SCALE)
    picture.setDevicePixelRatio(PICTURE_SCALE)
    picture.fill(theme.color("surface.page"))
    painter = QPainter(picture)
    QWidget.render(view, painter, QPoint())  # QGraphicsView.render of a plot would draw its scene at another scale
    painter.end()
    return picture


def copy_picture(view: QWidget, theme: Theme) -> None:
    QGuiApplication.clipboard().setPixmap(picture_of(view, theme))


def file_of(view: QWidget, theme: Theme, title: str, ending: str) -> bytes:
    """What is seen, as a file with this ending holds it: ".svg", or else a PNG."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    if ending.lower() == ".svg":
        _draw(view, theme, title, buffer)
    else:
        picture_of(view, theme).save(buffer, "PNG")
    return bytes(buffer.data().data())


def _draw(view: QWidget, theme: Theme, title: str, buffer: QBuffer) -> None:
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(QSize(view.width(), view.height()))
    drawing.setViewBox(view.rect())
    drawing.setTitle(title)
    painter = QPainter(drawing)
    painter.fillRect(view.rect(), theme.color("surface.page"))
    rows = [row for row in view.findChildren(QWidget) if row.property(SCROLLS) and row.isVisible()]
    cut = [row for row in rows if row.visibleRegion().boundingRect().height() < row.height()]
    for row in cut:
        row.hide()
    QWidget.render(view, painter, QPoint())
    for row in cut:
        row.show()
    painter.end()


def ask_for_picture(view: QWidget, theme: Theme, say: Callable[[str], None], title: str) -> None:
    """Asks where to, writes it there, and says how that went."""

    def write(path: Path) -> None:
        save_as.save_and_say(path, file_of(view, theme, title, path.suffix), say)

    save_as.ask_where(view, "Save the picture", f"{title.lower().replace(' ', '-')}.png", PNG | SVG, write)
