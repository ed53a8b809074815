"""The plot that every page draws with: what a pointer, the keyboard and a menu do with it."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu

from workbench.bridge.tasks import run_task
from workbench.panes.charts.picture_files import PNG, SVG, file_of
from workbench.panes.charts.plot_base import Numbers, PlotBase
from workbench.panes.look.theme import Theme
from workbench.panes.parts import save_as
from workbench.panes.parts.focus_ring import FocusRing, paint_ring

LARGEST_ZOOM = 10_000.0


@dataclass(frozen=True)
class Value:
    """What the pointer's tooltip says of one curve."""

    color: str  # a token, or nothing
    name: str
    text: str


def csv_text(names: Sequence[str], columns: Sequence[Numbers]) -> str:
    """Columns of equal length as comma-separated values; what is not a number is left empty."""
    text = io.StringIO()
    np.savetxt(text, np.column_stack(columns), fmt="%.10g", delimiter=",", header=",".join(names), comments="")
    return re.sub(r"\bnan\b", "", text.getvalue())


class Plot(FocusRing, PlotBase):
    """A plot that is read by pointing at it; subclasses say what there is to read.

    Signals:
        said: A state and a sentence, where a file was written or could not be.
    """

    said = Signal(str, str)

    def __init__(self, theme: Theme, name: str, *, has_log: bool = False, most_x: int = 7, most_y: int = 6) -> None:
        self._pointer: float | None = None
        self._dragged_from: QPointF | None = None
        self.has_log = has_log
        super().__init__(theme, name, most_x=most_x, most_y=most_y)

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        """The point nearest to x: where it is, what it is called, and what the curves are there."""
        return None

    def table(self) -> tuple[list[str], list[Numbers]]:
        """All points as columns of equal length, for a file."""
        return [], []

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawForeground(painter, rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        found = self.values_at(self._pointer) if self._pointer is not None else None
        if found:
            self._paint_pointer(painter, *found)
        if self.has_ring:
            paint_ring(painter, self.theme, QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 4)
        painter.restore()

    def _paint_pointer(self, painter: QPainter, x: float, title: str, values: list[Value]) -> None:
        theme, area = self.theme, self.area()
        at = self.x_pixels(x)
        painter.fillRect(QRectF(round(at), area.top(), 1, area.height()), theme.color("text.tertiary"))
        painter.setFont(theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        names = max((metrics.horizontalAdvance(value.name) for value in values), default=0.0)
        texts = max((metrics.horizontalAdvance(value.text) for value in values), default=0.0)
        edge, swatch, line = theme.px(8), theme.px(14), metrics.height() + 1
        wide = 2 * edge + max(metrics.horizontalAdvance(title), swatch + names + theme.px(12) + texts)
        high = theme.px(8) + line * (len(values) + 1)
        left = at + theme.px(10) if at + theme.px(10) + wide < self.width() else at - theme.px(10) - wide
        box = QRectF(max(0.0, left), max(0.0, min(area.top() + 4, self.height() - high)), wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("surface.tooltip"))
        painter.drawRoundedRect(box, theme.size("radius.control"), theme.size("radius.control"))
        painter.setPen(theme.color("text.on_tooltip"))
        row = QRectF(box.left() + edge, box.top() + theme.px(4), wide - 2 * edge, line)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        for value in values:
            row.translate(0, line)
            if value.color:
                mark = QRectF(row.left(), row.center().y() - 1, theme.px(9), 3)
                painter.fillRect(mark, theme.color(value.color))
            painter.drawText(row.adjusted(swatch, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, value.name)
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(row, right, value.text)

    # -- pointer and keys ---------------------------------------------------------------------------------------------

    def point_at(self, x: float | None) -> None:
        """Shows what the curves are at x; None shows nothing."""
        if x != self._pointer:
            self._pointer = x
            found = self.values_at(x) if x is not None else None
            words = f"{found[1]}: " + ", ".join(f"{value.name} {value.text}" for value in found[2]) if found else ""
            self.setAccessibleDescription(words)
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, at = self.area(), event.position()
        low, high = self.x_range()
        if self._dragged_from is not None and self.zoom:
            by = (self._dragged_from.x() - at.x()) / max(1.0, area.width()) * (high - low)
            self._dragged_from = at
            self._show_range(low + by, high + by)
        is_inside = area.left() <= at.x() <= area.right() and area.top() <= at.y() <= area.bottom()
        self.point_at(low + (at.x() - area.left()) / max(1.0, area.width()) * (high - low) if is_inside else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        low, high = self.x_range()
        area = self.area()
        share = min(1.0, max(0.0, (event.position().x() - area.left()) / max(1.0, area.width())))
        self._zoom_by(0.8 ** (event.angleDelta().y() / 120), low + share * (high - low))
        event.accept()

    def _zoom_by(self, factor: float, around: float) -> None:
        low, high = self.x_range()
        self._show_range(around - (around - low) * factor, around + (high - around) * factor)

    def _show_range(self, low: float, high: float) -> None:
        first, last, _, _ = self.extent()
        wide = min(max(high - low, (last - first) / LARGEST_ZOOM), last - first)
        low = min(max(low, first), last - wide)
        self.zoom = None if wide >= (last - first) * 0.999 else (low, low + wide)
        self.fit()

    def show_all(self) -> None:
        """Shows the whole axis again."""
        self.zoom = None
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        low, high = self.x_range()
        middle = self._pointer if self._pointer is not None else (low + high) / 2
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                by = (high - low) / 100 * (1 if event.key() == Qt.Key.Key_Right else -1)
                self.point_at(min(high, max(low, middle + by)))
            case Qt.Key.Key_Plus:
                self._zoom_by(0.5, middle)
            case Qt.Key.Key_Minus:
                self._zoom_by(2.0, middle)
            case Qt.Key.Key_Home:
                self.show_all()
            case Qt.Key.Key_Escape if self._pointer is not None:
                self.point_at(None)
            case _:
                event.ignore()

    # -- the menu -----------------------------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """What a right click offers."""
        made = QMenu(self)
        for words, kind in (
            ("Save as picture (PNG)…", PNG),
            ("Save as drawing (SVG)…", SVG),
            ("Save all points (CSV)…", save_as.CSV),
        ):
            made.addAction(words).triggered.connect(lambda _checked=False, kind=kind: self._ask_where(kind))
        made.addSeparator()
        if self.has_log:
            log = made.addAction("Logarithmic scale")
            log.setCheckable(True)
            log.setChecked(self.is_log)
            log.toggled.connect(self.set_log)
        whole = made.addAction("Show all of it")
        whole.setEnabled(self.zoom is not None)
        whole.triggered.connect(self.show_all)
        return made

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos() or self.mapToGlobal(QPoint(0, 0)))

    def _ask_where(self, kind: dict[str, str]) -> None:
        (ending,) = kind
        name = self.name.lower()
        stem = name.replace(" ", "-")
        save_as.ask_where(self, f"Save {name}", f"{stem}{ending}", kind, lambda path: self.save(path, ending))

    def save(self, path: Path, ending: str) -> None:
        """Writes what is seen, as ".png" or ".svg", or all points, as ".csv"; `said` says how that went."""
        if ending in save_as.CSV:
            names, columns = self.table()
            copies = [column.copy() for column in columns]  # the run goes on and writes into them
            rows = len(copies[0]) if copies else 0
            words = f"{rows} points written to {path}."
            self._save(path, lambda: csv_text(names, copies), words)
        else:
            self.point_at(None)
            picture = file_of(self, self.theme, self.name, ending)
            self._save(path, lambda: picture, f"Written to {path}.")

    def _save(self, path: Path, content: Callable[[], str | bytes], words: str) -> None:
        run_task(
            lambda: save_as.save(path, content()),
            lambda _: self.said.emit("success", words),
            lambda error: self.said.emit("danger", str(error)),
            parent=self,
        )

    def set_log(self, is_log: bool) -> None:
        """A logarithmic scale, on which what is not positive has no place."""
        self.is_log = is_log
        for curve in self.curves:
            curve.item.setLogMode(False, is_log)
        self.fit()
