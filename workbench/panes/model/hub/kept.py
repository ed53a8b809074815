"""The card of the models on this machine: what each takes, what needs it, and its use or its deletion."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QDialog, QSizePolicy, QWidget

from workbench.core.units import bytes_in_digits, counted
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import button, divider, isolated, label, plain_tip
from workbench.panes.parts.table_rows import Column, Index, TableRows, titled
from workbench.panes.parts.tables import CellPainter, RowTable

MODEL, SIZE, LICENCE, USED_BY, LAST_USED, USE, DELETE = range(7)
COLUMNS = (
    Column("model", least=210, is_text=True),
    Column("on the disk", 92),
    Column("licence", 96, goes=1, is_text=True),
    Column("used by", 76, is_text=True),
    Column("last used", 96, goes=2, is_text=True),
    Column("", 52, is_text=True),
    Column("", 88, is_text=True),
)
ROW_ENTRY = int(Qt.ItemDataRole.UserRole) + 20
SHARED = "shared with other programs through the Hub\u2019s own cache"
AGAIN = "It can be downloaded again from the Hub."
NEVER_AGAIN = "It is not the Hub\u2019s: what is deleted here cannot be downloaded again."
DELETE_WIDTH = 460


@dataclass(frozen=True)
class KeptRow:
    """A model that is here.

    Attributes:
        source: What a recipe calls it.
        hub_id: What the Hub calls it; nothing where it is none of the Hub's.
        name_here: What it is deleted by.
        folder: Where its files lie.
        runs: How many runs have a recipe that names it.
        running: The run at work that uses it.
        problem: Why it cannot be loaded.
    """

    source: str
    name: str
    owner: str = ""
    hub_id: str = ""
    name_here: str = ""
    folder: Path | None = None
    size_bytes: int = 0
    licence: str = ""
    runs: int = 0
    last_used: str = ""
    running: str = ""
    problem: str = ""

    @property
    def id(self) -> str:
        """What its row in the Hub's table has for an id."""
        return self.hub_id or self.name

    @property
    def used_by(self) -> str:
        return counted(self.runs, "run") if self.runs else "no run"

    @property
    def needed_by(self) -> str:
        """Who misses it once it is deleted."""
        if not self.runs:
            return "No run here was trained on it."
        needs = "needs" if self.runs == 1 else "need"
        return f"{counted(self.runs, 'run')} {needs} it to be tried or resumed."


class KeptRows(TableRows):
    """The models, those that were used last first."""

    columns = COLUMNS
    rows: Sequence[KeptRow]

    def place_of(self, source: str) -> int:
        """Which row a model is; -1 where it is none."""
        return next((number for number, row in enumerate(self.rows) if row.source == source), -1)

    def cell_text(self, row: KeptRow, column: int) -> str:
        return {
            MODEL: row.name,
            SIZE: bytes_in_digits(row.size_bytes),
            LICENCE: row.licence or "unknown",
            USED_BY: row.used_by,
            LAST_USED: row.last_used,
            USE: "Use",
            DELETE: "Delete",
        }[column]

    def cell_look(self, row: KeptRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole if column == MODEL:
                return ", ".join(filter(None, (row.name, row.owner and f"of {row.owner}", row.problem)))
            case Qt.ItemDataRole.AccessibleTextRole if column in (USE, DELETE):
                key = "Enter" if column == USE else "the Delete key"
                return f"{self.cell_text(row, column)} {row.name}, by {key}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return titled(COLUMNS[column], self.cell_text(row, column))
            case Qt.ItemDataRole.ToolTipRole if column == MODEL:
                return plain_tip("\n".join(filter(None, (row.source, row.problem))))
            case _ if role == ROW_ENTRY:
                return row
        return None


class _Painter(CellPainter):
    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        row: KeptRow = index.data(ROW_ENTRY)
        match index.column():
            case column if column == MODEL:
                self._paint_model(painter, inside, row)
            case column if column in (USE, DELETE):
                self._paint_action(painter, inside, index)
            case column:
                color = {SIZE: "text.primary"}.get(column, "text.secondary")
                if column == LICENCE and not row.licence:
                    color = "status.warn"
                across = Qt.AlignmentFlag.AlignLeft if COLUMNS[column].is_text else Qt.AlignmentFlag.AlignRight
                role = "small" if column == LICENCE else "body"
                self.write(painter, inside, str(index.data()), color, role, across=across)

    def _paint_model(self, painter: QPainter, inside: QRect, row: KeptRow) -> None:
        px = self._theme.px
        wide = self.write(painter, inside, row.name, "text.primary", mode=Qt.TextElideMode.ElideMiddle)
        left = inside.left() + wide + px(6)
        after = QRect(left, inside.top(), inside.right() - left + 1, inside.height())
        if row.problem:
            side = px(13)
            self.icon("warning", "status.warn").paint(painter, QRect(left, after.center().y() - side // 2, side, side))
            self.write(painter, after.adjusted(px(17), 0, 0, 0), "cannot be loaded", "status.warn", "small")
        else:
            self.write(painter, after, row.owner, "text.tertiary", "small")

    def _paint_action(self, painter: QPainter, inside: QRect, index: Index) -> None:
        px, view = self._theme.px, self.parent()
        is_near = isinstance(view, KeptTable) and view.is_under_pointer(index)
        color = "text.primary" if is_near else "text.secondary"
        if is_near:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("surface.hover"))
            painter.drawRoundedRect(inside.adjusted(-px(4), px(2), px(2), -px(2)), px(5), px(5))
        left = inside.left() + px(2)
        if index.column() == DELETE:
            side = px(14)
            self.icon("trash", color).paint(painter, QRect(left, inside.center().y() - side // 2, side, side))
            left += px(19)
        words = QRect(left, inside.top(), inside.right() - left + 1, inside.height())
        self.write(painter, words, str(index.data()), color, "small", weight=500)


class KeptTable(RowTable):
    """Its last two columns are what can be done with a row: a click does it, and so do Enter and Del.

    Signals:
        use_wanted, delete_wanted: The row (a KeptRow) to use, or to delete.
    """

    use_wanted = Signal(object)
    delete_wanted = Signal(object)
    HIGH = 33
    LEAST_ROWS, MOST_ROWS = 2, 5

    def __init__(self, theme: Theme, rows: KeptRows) -> None:
        super().__init__(theme, "Models on this machine; Enter uses one, Del deletes it", COLUMNS)
        self._kept = rows
        self._pointer = QPoint(-1, -1)
        self.setItemDelegate(_Painter(theme, self))
        self.setModel(rows)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        rows.modelReset.connect(self.updateGeometry)
        self.opened.connect(lambda index: self.use_wanted.emit(rows.rows[index.row()]))

    def _high(self, rows: int) -> int:
        return self._theme.px(self.HIGH) * rows + self.horizontalHeader().sizeHint().height()

    def sizeHint(self) -> QSize:
        """The height of its rows: what they do not need is the Hub's."""
        rows = min(max(self.LEAST_ROWS, len(self._kept.rows)), self.MOST_ROWS)
        return QSize(self._theme.px(420), self._high(rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._high(self.LEAST_ROWS))

    @property
    def chosen(self) -> KeptRow | None:
        index = self.currentIndex()
        return self._kept.rows[index.row()] if index.isValid() else None

    def is_under_pointer(self, index: Index) -> bool:
        under = self.indexAt(self._pointer)
        return under.row() == index.row() and under.column() == index.column()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point_at(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(QPoint(-1, -1))

    def _point_at(self, point: QPoint) -> None:
        self._pointer = point
        is_action = self.indexAt(point).column() in (USE, DELETE)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_action else Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid() or index != self.currentIndex():
            return
        row = self._kept.rows[index.row()]
        if index.column() == USE:
            self.use_wanted.emit(row)
        elif index.column() == DELETE:
            self.delete_wanted.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).column() not in (USE, DELETE):
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.chosen is not None:
            self.delete_wanted.emit(self.chosen)
        else:
            super().keyPressEvent(event)


class KeptCard(ScopedCard):
    """The table with how many there are, and what they take together."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "On this machine")
        self.rows = KeptRows()
        self.table = KeptTable(theme, self.rows)
        self.table.empty_words = "No model is on this machine yet."
        self.shared = label(SHARED, "fact")
        self.add_to_head(self.shared)
        self.set_margins(0, 0, 0, 4)
        self.body.setSpacing(0)
        self.body.addWidget(divider())
        self.body.addWidget(self.table)

    def show_kept(self, rows: Sequence[KeptRow]) -> None:
        """Takes the models that are here; the one that is chosen stays it."""
        if list(rows) != list(self.rows.rows):
            chosen = self.table.chosen
            had_ring = self.table.has_ring
            self.rows.show_rows(list(rows))
            place = self.rows.place_of(chosen.source) if chosen is not None else -1
            if chosen is not None and rows:
                place = place if place >= 0 else 0
                self.table.setCurrentIndex(self.rows.index(place, 0))
            self.table.show_ring(had_ring)
        total = sum(row.size_bytes for row in rows)
        self.scope.set_text(f"{counted(len(rows), 'model')}, {bytes_in_digits(total)}" if rows else "")


class DeleteQuestion(QDialog):
    """Asks once before a model is deleted, with its size and who needs it; what is safe has the focus.

    Signals:
        confirmed: It is to be deleted.
    """

    confirmed = Signal()

    def __init__(self, theme: Theme, row: KeptRow, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Delete a model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(theme.px(DELETE_WIDTH))
        what = label(f"Delete {isolated(row.name)}?", "lead", wraps=True)
        takes = label(f"{bytes_in_digits(row.size_bytes)} will be free. {row.needed_by}", wraps=True)
        again = label(AGAIN if row.hub_id else NEVER_AGAIN, "fact", wraps=True)
        self.keep = button("Keep it", theme)
        self.keep.setDefault(True)
        self.keep.clicked.connect(self.reject)
        self.delete = button("Delete", theme, kind="danger")
        self.delete.clicked.connect(self._confirm)
        buttons = in_row(1, self.keep, self.delete, gap=6)
        in_column(what, takes, again, buttons, gap=8, margins=(20, 18, 20, 16), of=self)
        self.keep.setFocus()

    def _confirm(self) -> None:
        self.confirmed.emit()
        self.accept()
