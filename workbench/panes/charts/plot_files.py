"""A plot as a file: a picture, a drawing, or its numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog

from workbench.bridge.tasks import run_task
from workbench.bridge.whole_file import write_whole
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.panes.charts.plots import Plot

PICTURE_SCALE = 2  # of the screen's pixels, for print


def csv_text(names: Sequence[str], columns: Sequence[NDArray[np.float64]]) -> str:
    """The columns as comma-separated values; what is no number is left empty."""
    text = io.StringIO()
    np.savetxt(text, np.column_stack(columns), fmt="%.10g", delimiter=",", header=",".join(names), comments="")
    return re.sub(r"\bnan\b", "", text.getvalue())


def save_png(plot: Plot, path: Path) -> None:
    """Writes what is seen, at twice the size. Raises UserError."""
    picture = QPixmap(plot.size() * PICTURE_SCALE)
    picture.setDevicePixelRatio(PICTURE_SCALE)
    picture.fill(plot.theme.color("surface.card"))
    plot.point_at(None)
    painter = QPainter(picture)
    plot.render(painter)
    painter.end()
    if not picture.save(str(path), "PNG"):
        raise _not_written(path)


def save_svg(plot: Plot, path: Path) -> None:
    """Writes what is seen, as lines and words. Raises UserError."""
    drawing = QSvgGenerator()
    drawing.setFileName(str(path))
    drawing.setSize(QSize(plot.width(), plot.height()))
    drawing.setViewBox(QRect(0, 0, plot.width(), plot.height()))
    drawing.setTitle(plot.name)
    plot.point_at(None)
    painter = QPainter()
    if not painter.begin(drawing):
        raise _not_written(path)
    plot.render(painter)
    painter.end()


def save_csv(plot: Plot, path: Path) -> None:
    """Writes all points, in a thread; the plot says how it went."""
    names, columns = plot.table()
    copies = [column.copy() for column in columns]  # the run goes on and writes into them

    def write() -> None:
        try:
            write_whole(path, csv_text(names, copies))
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror}.", remedy="Choose another folder.") from None

    rows = len(copies[0]) if copies else 0
    run_task(
        write,
        lambda _: plot.said.emit("success", f"{rows} points written to {path}."),
        lambda error: plot.said.emit("danger", str(error)),
        parent=plot,
    )


def ask_png(plot: Plot) -> None:
    _ask(plot, "png", "Picture (*.png)", lambda path: _now(plot, path, save_png))


def ask_svg(plot: Plot) -> None:
    _ask(plot, "svg", "Drawing (*.svg)", lambda path: _now(plot, path, save_svg))


def ask_csv(plot: Plot) -> None:
    _ask(plot, "csv", "Comma-separated values (*.csv)", lambda path: save_csv(plot, path))


def _ask(plot: Plot, ending: str, kinds: str, write: Callable[[Path], None]) -> None:
    stem = plot.name.lower().replace(" ", "-")
    dialog = QFileDialog(plot.window(), f"Save {plot.name.lower()}", f"{stem}.{ending}", kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(ending)
    dialog.fileSelected.connect(lambda name: write(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _now(plot: Plot, path: Path, save: Callable[[Plot, Path], None]) -> None:
    try:
        save(plot, path)
    except UserError as error:
        plot.said.emit("danger", str(error))
    else:
        plot.said.emit("success", f"Written to {path}.")


def _not_written(path: Path) -> UserError:
    return UserError(f"{path} cannot be written.", remedy="Choose another folder.")
