"""A page as a file: a picture, or a drawing of lines and words."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core.problems import UserError
from workbench.panes.charts.plot_files import PICTURE_SCALE
from workbench.panes.look.theme import Theme

# The dynamic property of widgets that scroll: in a drawing, which does not end at an edge, those cut off are left out.
SCROLLS = "scrolls"

KINDS = {".png": "Picture (*.png)", ".svg": "Drawing (*.svg)"}


def picture_of(view: QWidget, theme: Theme) -> QPixmap:
    """What is seen, at twice the size."""
    picture = QPixmap(view.size() * PICTURE_SCALE)
    picture.setDevicePixelRatio(PICTURE_SCALE)
    picture.fill(theme.color("surface.page"))
    painter = QPainter(picture)
    view.render(painter, QPoint())
    painter.end()
    return picture


def copy_picture(view: QWidget, theme: Theme) -> None:
    QGuiApplication.clipboard().setPixmap(picture_of(view, theme))


def save_picture(view: QWidget, theme: Theme, path: Path, title: str) -> None:
    """Writes what is seen, as the path's ending says. Raises UserError."""
    if path.suffix.lower() != ".svg":
        if not picture_of(view, theme).save(str(path), "PNG"):
            raise _not_written(path)
        return
    drawing = QSvgGenerator()
    drawing.setFileName(str(path))
    drawing.setSize(QSize(view.width(), view.height()))
    drawing.setViewBox(QRect(0, 0, view.width(), view.height()))
    drawing.setTitle(title)
    painter = QPainter()
    if not painter.begin(drawing):
        raise _not_written(path)
    painter.fillRect(view.rect(), theme.color("surface.page"))
    rows = [row for row in view.findChildren(QWidget) if row.property(SCROLLS) and row.isVisible()]
    cut = [row for row in rows if row.visibleRegion().boundingRect().height() < row.height()]
    for row in cut:
        row.hide()
    view.render(painter, QPoint())
    for row in cut:
        row.show()
    painter.end()


def ask_for_file(view: QWidget, theme: Theme, say: Callable[[str], None], title: str) -> None:
    """Asks where to, writes it there, and says how that went."""
    dialog = QFileDialog(
        view.window(), "Save the picture", f"{title.lower().replace(' ', '-')}.png", ";;".join(KINDS.values())
    )
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)

    def write(name: str) -> None:
        path = Path(name)
        if path.suffix.lower() not in KINDS:
            path = path.with_name(path.name + (".svg" if "svg" in dialog.selectedNameFilter() else ".png"))
        try:
            save_picture(view, theme, path, title)
        except UserError as error:
            say(str(error))
        else:
            say(f"Written to {path}.")

    dialog.fileSelected.connect(write)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _not_written(path: Path) -> UserError:
    return UserError(f"{path} cannot be written.", remedy="Choose another folder.")
