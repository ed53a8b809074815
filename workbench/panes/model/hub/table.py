"""The table of the models on the Hub: a name over its owner, what it would take, and whether it may be had."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent

from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.peak_bar import paint_peak
from workbench.panes.model.hub.row import UNKNOWN, HubRow
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.table_rows import Column, Index, TableRows, titled
from workbench.panes.parts.tables import CellPainter, RowTable

MODEL, BILLION, DOWNLOAD, LICENCE, DOWNLOADS, ACCESS, MEMORY = range(7)
COLUMNS = (
    Column("model", least=196, is_text=True),
    Column("billion", 58, tip="Parameters, in billions"),
    Column("download", 78, tip="What a download takes: safetensors, tokenizer and configuration"),
    Column("licence", 88, goes=2, is_text=True),
    Column("downloads", 80, goes=1, tip="How often it was downloaded in the last 30 days"),
    Column("access", 90, is_text=True),
    Column("trained in NF4 here, GB", 232, is_text=True, tip="The peak of a QLoRA step, as the Memory page counts it"),
)
ICON_OF_ACCESS = {"ask first": "lock-simple", "asked": "clock", "granted": "check", "refused": "x-circle"}
COLOR_OF_ACCESS = {
    "": "text.secondary",
    "open": "text.secondary",
    "ask first": "status.warn",
    "asked": "status.info",
    "granted": "status.success",
    "refused": "status.danger",
}
LOOK_OF_STATE = {
    "here": ("check", "status.success"),
    "arriving": ("", "status.info"),
    "waiting": ("", "text.tertiary"),
    "paused": ("", "status.warn"),
}
ROW_ENTRY = int(Qt.ItemDataRole.UserRole) + 20
# Of the last column: the bar, then its figure.
BAR_WIDTH, BAR_HEIGHT, FIGURE_WIDTH = 89, 8, 36
# Rows before the last one from which on the next ones are asked for.
NEAR_THE_END = 8


class HubRows(TableRows):
    """The rows as the Hub orders them."""

    columns = COLUMNS
    rows: list[HubRow]

    def __init__(self) -> None:
        super().__init__()
        self.rows = []

    def show(self, rows: Sequence[HubRow]) -> None:
        """Takes the rows; where the models are the same, or more came, those that are seen stay where they are."""
        before, now = [row.id for row in self.rows], [row.id for row in rows]
        if not before or now[: len(before)] != before:
            self.show_rows(list(rows))
            return
        for number, row in enumerate(rows[: len(before)]):
            if row != self.rows[number]:
                self.rows[number] = row
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))
        if len(now) > len(before):
            self.beginInsertRows(QModelIndex(), len(before), len(now) - 1)
            self.rows.extend(rows[len(before) :])
            self.endInsertRows()

    def place_of(self, model_id: str) -> int:
        """Which row a model is; -1 where it is none."""
        return next((number for number, row in enumerate(self.rows) if row.id == model_id), -1)

    def cell_text(self, row: HubRow, column: int) -> str:
        return {
            MODEL: row.name,
            BILLION: row.billions,
            DOWNLOAD: row.download,
            LICENCE: row.licence_words,
            DOWNLOADS: row.downloads_words,
            ACCESS: row.access or UNKNOWN,
            MEMORY: row.peak_words,
        }[column]

    def cell_look(self, row: HubRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole if column == MODEL:
                return ", ".join(filter(None, (row.name, row.owner and f"of {row.owner}", row.state_words)))
            case Qt.ItemDataRole.AccessibleTextRole:
                return titled(COLUMNS[column], self.cell_text(row, column))
            case Qt.ItemDataRole.ToolTipRole if column == MODEL:
                return plain_tip(row.id)
            case Qt.ItemDataRole.ToolTipRole if column in (LICENCE, MEMORY):
                return plain_tip(self.cell_text(row, column))
            case _ if role == ROW_ENTRY:
                return row
        return None


class HubPainter(CellPainter):
    """Draws a cell of two lines' height."""

    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        row: HubRow = index.data(ROW_ENTRY)
        is_grey = bool(row.not_loaded)
        match index.column():
            case column if column == MODEL:
                self._paint_model(painter, inside, row)
            case column if column == ACCESS:
                self._paint_access(painter, inside, row)
            case column if column == MEMORY:
                self._paint_memory(painter, inside, row)
            case column:
                color = "text.primary" if column in (BILLION, DOWNLOAD) else "text.secondary"
                if column == LICENCE and not row.licence:
                    color = "status.warn"
                across = Qt.AlignmentFlag.AlignLeft if COLUMNS[column].is_text else Qt.AlignmentFlag.AlignRight
                role = "small" if column == LICENCE else "body"
                text = str(index.data())
                self.write(painter, inside, text, "text.tertiary" if is_grey else color, role, across=across)

    def _paint_model(self, painter: QPainter, inside: QRect, row: HubRow) -> None:
        px = self._theme.px
        upper = QRect(inside.left(), inside.top() + px(4), inside.width(), px(18))
        lower = QRect(inside.left(), inside.top() + px(20), inside.width(), px(16))
        name_color = "text.tertiary" if row.not_loaded else "text.primary"
        middle = Qt.TextElideMode.ElideMiddle
        name = self.write(painter, upper, row.name, name_color, weight=500, mode=middle)
        words = row.state_words
        icon, color = LOOK_OF_STATE[row.state] if words else ("", "text.tertiary")
        side, gap = px(13) if icon else 0, px(4) if icon else 0
        painter.setFont(self._theme.font("small"))
        taken = px(8) + side + gap + painter.fontMetrics().horizontalAdvance(words) + 1 if words else 0
        # Beside the name where there is room, else beside its owner, which is shortened for it.
        is_beside_name = name + taken <= upper.width()
        left_for_owner = lower.adjusted(0, 0, 0 if is_beside_name else -taken, 0)
        owner = self.write(painter, left_for_owner, row.owner, "text.tertiary", "small")
        if not words:
            return
        line, wide = (upper, name) if is_beside_name else (lower, owner)
        left = line.left() + wide + px(8)
        if icon:
            self.icon(icon, color).paint(painter, QRect(left, line.center().y() - side // 2, side, side))
        left += side + gap
        self.write(painter, QRect(left, line.top(), line.right() - left + 1, line.height()), words, color, "small")

    def _paint_access(self, painter: QPainter, inside: QRect, row: HubRow) -> None:
        px = self._theme.px
        color = COLOR_OF_ACCESS[row.access]
        left, side = inside.left(), px(14)
        if row.access in ICON_OF_ACCESS:
            box = QRect(left, inside.center().y() - side // 2, side, side)
            self.icon(ICON_OF_ACCESS[row.access], color).paint(painter, box)
            left += px(18)
        words = QRect(left, inside.top(), inside.right() - left + 1, inside.height())
        self.write(painter, words, row.access or UNKNOWN, color, "small")

    def _paint_memory(self, painter: QPainter, inside: QRect, row: HubRow) -> None:
        theme, px = self._theme, self._theme.px
        if row.not_loaded:
            self.write(painter, inside, row.verdict, "text.tertiary", "small")
            return
        high = px(BAR_HEIGHT)
        track = QRectF(inside.left(), inside.center().y() - high / 2 + 0.5, px(BAR_WIDTH), high)
        if row.peak is None:
            self.write(painter, inside, f"{row.peak_figure}  {row.verdict}", "text.tertiary", "small")
            return
        paint_peak(painter, theme, track, row.peak, row.limit_bytes)
        left = inside.left() + px(BAR_WIDTH)
        figure = QRect(left, inside.top(), px(FIGURE_WIDTH), inside.height())
        right = Qt.AlignmentFlag.AlignRight
        self.write(painter, figure, row.peak_figure, "text.primary", weight=600, across=right)
        icon, color = ("check", "status.success") if row.fits else ("warning", "status.warn")
        side, left = px(13), figure.right() + px(9)
        self.icon(icon, color).paint(painter, QRect(left, inside.center().y() - side // 2, side, side))
        words = QRect(left + px(17), inside.top(), inside.right() - left - px(17) + 1, inside.height())
        self.write(painter, words, row.verdict, color, "small")


class HubTable(RowTable):
    """The rows of the Hub; more are asked for as their end comes into sight.

    Signals:
        end_neared: The last rows are in sight.
        sight_changed: Other rows are in sight.
    """

    end_neared = Signal()
    sight_changed = Signal()
    HIGH = 41

    def __init__(self, theme: Theme, rows: HubRows) -> None:
        super().__init__(theme, "Models on the Hub", COLUMNS)
        self._rows = rows
        self.setItemDelegate(HubPainter(theme, self))
        self.setModel(rows)
        self.verticalScrollBar().valueChanged.connect(self._tell_sight)
        rows.rowsInserted.connect(self._tell_sight)
        rows.modelReset.connect(self._tell_sight)

    @property
    def in_sight(self) -> list[HubRow]:
        """The rows that are seen now, wholly or in part."""
        first = self.rowAt(0)
        if first < 0:
            return []
        last = self.rowAt(self.viewport().height() - 1)
        return self._rows.rows[first : (last if last >= 0 else len(self._rows.rows) - 1) + 1]

    @property
    def chosen(self) -> HubRow | None:
        index = self.currentIndex()
        return self._rows.rows[index.row()] if index.isValid() else None

    def choose(self, model_id: str) -> None:
        """Makes a model's row the current one, none where it is not listed."""
        self.setCurrentIndex(self._rows.index(self._rows.place_of(model_id), 0))

    def _tell_sight(self, *_of_signal: object) -> None:
        self.sight_changed.emit()
        last = self.rowAt(self.viewport().height() - 1)
        if last < 0 or last >= len(self._rows.rows) - NEAR_THE_END:
            self.end_neared.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_sight()
