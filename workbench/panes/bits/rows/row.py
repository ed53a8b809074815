"""One row of the Bits table: a format with its bits, what they stand for, and the error."""

from fractions import Fraction

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.panes.bits.rows.columns import BAR, Columns
from workbench.panes.bits.rows.strip import BitStrip
from workbench.panes.bits.shown.letters import LetterCase
from workbench.panes.bits.shown.model import BitsModel, BitsRow
from workbench.panes.bits.shown.words import (
    NOTHING,
    error_in_words,
    fact_text,
    figure_text,
    hex_text,
    relative_share,
    relative_text,
    row_in_words,
    ulp_text,
    value_text,
)
from workbench.panes.charts.picture_files import SCROLLS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_part
from workbench.panes.parts.controls import icon_button, plain_tip, set_icon
from workbench.panes.parts.in_sight import RefreshedInSight

Column = tuple[int, int]
RIGHT = Qt.AlignmentFlag.AlignRight
LEFT = Qt.AlignmentFlag.AlignLeft
FOLLOWS = "Follows the value: press to keep these bits (L)"
KEEPS = "Keeps its bits: press to follow the value again (L)"


class RowView(RefreshedInSight, QWidget):
    """Paints a row and holds its strip and its lock.

    Attributes:
        columns: Where its cells lie; None before the table has given it a width.

    Signals:
        menu_wanted: The row's number, and where on the screen its menu was asked for.
    """

    menu_wanted = Signal(int, QPoint)

    def __init__(self, theme: Theme, model: BitsModel, index: int) -> None:
        super().__init__()
        self.setProperty(SCROLLS, True)
        self._theme = theme
        self._model = model
        self.index = index
        self.columns: Columns | None = None
        self._extra = 0
        self._letters = LetterCase(theme)
        self._shown: tuple[BitsRow, bool] | None = None
        self.strip = BitStrip(theme, model, index)
        self.strip.setParent(self)
        self.lock = icon_button(FOLLOWS, theme, "link")
        self.lock.setParent(self)
        self.lock.setCheckable(True)
        self.lock.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab stops at the strip, whose L is the same
        self.lock.clicked.connect(lambda is_on: model.set_lock(self.index, is_on))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        model.changed.connect(self.refresh_in_sight)
        self.strip.laid_out.connect(self._place)

    @property
    def row(self) -> BitsRow:
        return self._model.rows[min(self.index, len(self._model.rows) - 1)]

    def spoken(self) -> str:
        return row_in_words(self.row)

    def set_columns(self, columns: Columns) -> None:
        self.columns = columns
        self.strip.set_room(columns.strip[1] - columns.strip[0], columns.cell_width, columns.cell_scale)
        self._place()
        self.update()

    def least_height(self) -> int:
        theme = self._theme
        scale = self.columns.cell_scale if self.columns else 1.0
        return max(round(theme.size("size.bit_height") * scale) + theme.px(7), self.strip.sizeHint().height())

    def set_extra(self, extra: int) -> None:
        if extra != self._extra:
            self._extra = extra
            self._place()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(400), self.least_height() + self._extra)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _place(self) -> None:
        if self.columns is None:
            return
        theme, columns = self._theme, self.columns
        hint = self.strip.sizeHint()
        self.setFixedHeight(self.sizeHint().height())
        width = columns.strip[1] - columns.strip[0] if self.row.code is None else hint.width()
        self.strip.setGeometry(columns.strip[0] - 3, (self.height() - hint.height()) // 2, width, hint.height())
        side = theme.px(24)
        self.lock.setGeometry(columns.lock[1] - side - theme.px(6), (self.height() - side) // 2, side, side)

    def refresh(self) -> None:
        now = (self.row, self.index == self._model.selected)
        if self._shown is not None and now[0] is self._shown[0] and now[1] == self._shown[1]:
            return
        before, self._shown = self._shown, now
        row, is_selected = now
        # Nothing below it has to be painted then; the last row leaves the corners of the card alone.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, self.index < len(self._model.rows) - 1)
        if before is None or before[0].is_locked != row.is_locked:
            set_icon(
                self.lock,
                self._theme,
                "lock-simple" if row.is_locked else "link",
                "accent.line" if row.is_locked else "text.tertiary",
            )
            self.lock.setToolTip(KEEPS if row.is_locked else FOLLOWS)
            self.lock.setChecked(row.is_locked)
        if before is None or before[0].format is not row.format:
            self.lock.setAccessibleName(f"Keep the bits of {row.format.name}")
            self.strip.setAccessibleName(f"Bits of {row.format.name}")
            self.setAccessibleName(row.format.name)
        if before is None or (before[0].code is None) != (row.code is None):
            self._place()
        is_lock_drawn_anew = before is None or before[1] != is_selected
        self.update(self.rect() if is_lock_drawn_anew else QRect(0, 0, self.lock.x(), self.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, columns = self._theme, self.columns
        if columns is None:
            return
        self.refresh_once()
        painter = QPainter(self)
        row, px = self.row, theme.px
        decoded = row.inspection.decoded
        is_selected = self.index == self._model.selected
        if is_selected or self.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent):
            painter.fillRect(self.rect(), theme.color("surface.selected" if is_selected else "surface.card"))
        if is_selected:
            painter.fillRect(QRect(0, 0, px(3), self.height()), theme.color("accent.line"))
        if self.index < len(self._model.rows) - 1:
            painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.color("border.divider"))
        self._paint_name(painter, row, columns)
        if row.code is None or decoded is None:
            self._figure(painter, NOTHING, columns.value, "text.tertiary", LEFT)
            return
        if columns.hex:
            self._figure(painter, hex_text(row), columns.hex, "text.secondary", LEFT)
        value = value_text(decoded.number, columns.value_characters)
        self._figure(painter, value, columns.value, "text.primary", LEFT)
        if columns.number_class:
            self._words(painter, str(decoded.number_class), columns.number_class, "text.secondary", RIGHT)
        self._paint_error(painter, row, columns)

    def _paint_name(self, painter: QPainter, row: BitsRow, columns: Columns) -> None:
        theme, px = self._theme, self._theme.px
        left, right = columns.name[0], columns.name[1] - px(6)
        letters, name = self._letters.of("body", weight=500), row.format.name
        painter.setFont(letters.font)
        painter.setPen(theme.color("text.primary"))
        if letters.width(name) > right - left:
            name = letters.metrics.elidedText(name, Qt.TextElideMode.ElideRight, right - left)
        box = QRect(left, 0, right - left, self.height())
        painter.drawText(box, LEFT | Qt.AlignmentFlag.AlignVCenter, name)
        fact, is_warning = fact_text(row)
        start = round(left + letters.width(name)) + px(7)
        letters = self._letters.of("caption")
        painter.setFont(letters.font)
        painter.setPen(theme.color("status.warn" if is_warning else "text.tertiary"))
        if fact and right - start > px(22):
            if letters.width(fact) > right - start:
                fact = letters.metrics.elidedText(fact, Qt.TextElideMode.ElideRight, right - start)
            inside = QRect(start, px(1), right - start, self.height())
            painter.drawText(inside, LEFT | Qt.AlignmentFlag.AlignVCenter, fact)

    def _paint_error(self, painter: QPainter, row: BitsRow, columns: Columns) -> None:
        theme, px = self._theme, self._theme.px
        inspection = row.inspection
        error = inspection.error
        if error is None:
            self._figure(painter, NOTHING, columns.error, "text.tertiary", RIGHT)
        elif inspection.is_exact:
            self._words(painter, "exact", columns.error, "status.success", RIGHT)
            side = px(13)
            words = painter.fontMetrics().horizontalAdvance("exact")
            icon = theme.icon("check", "status.success")
            icon.paint(painter, columns.error[1] - words - side - px(4), (self.height() - side) // 2, side, side)
        else:
            self._figure(painter, figure_text(error.signed, signed=True), columns.error, "text.primary", RIGHT)
            if columns.relative:
                self._paint_relative(painter, error.relative, columns.relative)
            self._figure(painter, ulp_text(error.ulp), columns.ulp, "text.secondary", RIGHT)

    def _paint_relative(self, painter: QPainter, relative: Fraction | None, column: Column) -> None:
        """The figure, and where there is room a bar by powers of ten before it."""
        theme, px = self._theme, self._theme.px
        self._figure(painter, relative_text(relative), column, "text.secondary", RIGHT)
        wide, high = px(BAR - 6), px(4)
        if column[1] - column[0] < painter.fontMetrics().horizontalAdvance("0.0e-0") + wide + px(12):
            return
        bar = QRectF(column[0] + px(10), (self.height() - high) / 2, wide, high)
        share = relative_share(relative)
        paint_part(painter, bar, share, theme.color("border.card"), theme.color("text.tertiary"))

    def _figure(self, painter: QPainter, text: str, column: Column, color: str, side: Qt.AlignmentFlag) -> None:
        painter.setFont(self._letters.of(self.columns.role if self.columns else "small", mono=True).font)
        self._draw(painter, text, column, color, side)

    def _words(self, painter: QPainter, text: str, column: Column, color: str, side: Qt.AlignmentFlag) -> None:
        painter.setFont(self._letters.of("small").font)
        self._draw(painter, text, column, color, side)

    def _draw(self, painter: QPainter, text: str, column: Column, color: str, side: Qt.AlignmentFlag) -> None:
        painter.setPen(self._theme.color(color))
        box = QRect(column[0], 0, column[1] - column[0], self.height())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)

    # -- mouse --------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._model.select(self.index)
        self.strip.setFocus(Qt.FocusReason.MouseFocusReason)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._model.select(self.index)
        self.menu_wanted.emit(self.index, event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(plain_tip(self.tip()))
        return super().event(event)

    def tip(self) -> str:
        """All digits of the value, and the error in its three units."""
        decoded = self.row.inspection.decoded
        if decoded is None:
            return self.row.inspection.note
        note = self.row.inspection.note
        return "\n".join(part for part in (value_text(decoded.number), error_in_words(self.row), note) if part)
