"""The sheet as the file holds it: above each column what it is taken for, its ground by what becomes of it."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from workbench.core.units import grouped
from workbench.panes.data.mapping.roles import LEARNED, READ, UNUSED, Choice, letter
from workbench.panes.data.mapping.sheet_model import Index, SheetModel
from workbench.panes.data.mapping.sheet_rows import Sheet, SheetRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import FocusRing, paint_ring

# Where it says why a row is left out.
LEAST_LEARNED = 220
# Pixels of the drawing: rows, the three lines of the head, the room beside words, and columns at their least and most.
ROW, ROLE_LINE, LETTER_LINE, PAD = 26, 30, 20, 8
FOLDED, LEAST, MOST, NUMBER_WIDTH = 28, 88, 300, 40
NARROW = 760
SAMPLE_ROWS = 40
MOST_MEASURED = 60  # columns; those behind them have the least width
GROUNDS = {LEARNED: "tokens.trained", READ: "tokens.context"}
LINES = {LEARNED: "tokens.trained_line", READ: "tokens.context_line"}
TINT = 0.45


def _paint_words(
    painter: QPainter, box: QRect, text: str, color: QColor, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
) -> None:
    painter.setPen(color)
    words = QFontMetrics(painter.font()).elidedText(text, mode, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


class _Cells(QStyledItemDelegate):
    def __init__(self, theme: Theme, table: "SheetTable") -> None:
        super().__init__(table)
        self._theme, self._table = theme, table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, model, box = self._theme, self._table.sheet_model, QRect(option.rect)
        becomes, row = model.becomes(index.column()), model.rows[index.row()]
        is_chosen = index.row() == self._table.currentIndex().row()
        painter.save()
        painter.fillRect(box, theme.color("surface.card"))
        if becomes in GROUNDS:
            ground = QColor(theme.color(GROUNDS[becomes]))
            ground.setAlphaF(TINT)
            painter.fillRect(box, ground)
        if is_chosen:
            chosen = QColor(theme.color("surface.selected"))
            painter.fillRect(box, chosen)
        painter.setPen(theme.color("border.divider"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomRight())
        inside = box.adjusted(theme.px(PAD), 0, -theme.px(PAD), 0)
        font = theme.font("body")
        if why := model.why(index.row(), index.column()):
            size = theme.px(13)
            icon = theme.icon("warning", "status.warn").pixmap(size, size)
            painter.drawPixmap(inside.left(), inside.center().y() - size // 2, icon)
            painter.setFont(font)
            _paint_words(painter, inside.adjusted(size + theme.px(5), 0, 0, 0), why, theme.color("status.warn"))
        elif inside.width() > theme.px(FOLDED) - 2 * theme.px(PAD):
            is_left_out = model.is_left_out(index.row())
            font.setStrikeOut(is_left_out)
            painter.setFont(font)
            quiet = is_left_out or becomes == UNUSED
            color = theme.color("text.secondary" if quiet else "text.primary")
            _paint_words(painter, inside, row.cells[index.column()], color)
        painter.restore()


class _Head(QHeaderView):
    """Three lines: the role, the letter, the name as it stands in the file."""

    def __init__(self, theme: Theme, table: "SheetTable") -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._theme, self._table = theme, table
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setAccessibleName("What each column is taken for")

    @property
    def role_bottom(self) -> int:
        """Pixels from the top to the end of the line of roles."""
        return self._theme.px(ROLE_LINE)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme, model = self._theme, self._table.sheet_model
        px, becomes, role = theme.px, model.becomes(section), model.role_of(section)
        painter.save()
        painter.fillRect(rect, theme.color("surface.card"))
        name_box = QRect(rect.left(), rect.top() + px(ROLE_LINE + LETTER_LINE), rect.width(), px(ROW))
        painter.fillRect(
            QRect(rect.left(), rect.top() + px(ROLE_LINE), rect.width(), px(LETTER_LINE)), theme.color("surface.inset")
        )
        if becomes in GROUNDS:
            ground = QColor(theme.color(GROUNDS[becomes]))
            ground.setAlphaF(TINT)
            painter.fillRect(name_box, ground)
        painter.setPen(theme.color("border.divider"))
        for y in (rect.top() + px(ROLE_LINE), name_box.top(), name_box.bottom()):
            painter.drawLine(rect.left(), y, rect.right(), y)
        painter.drawLine(rect.topRight(), rect.bottomRight())
        is_folded = rect.width() <= px(FOLDED)
        if not is_folded:
            self._paint_role(painter, QRect(rect.left(), rect.top(), rect.width(), px(ROLE_LINE)), role, becomes)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text.tertiary"))
        letters = QRect(rect.left(), rect.top() + px(ROLE_LINE), rect.width(), px(LETTER_LINE))
        painter.drawText(letters, Qt.AlignmentFlag.AlignCenter, letter(section))
        if not is_folded:
            painter.setFont(theme.font("body", weight=600))
            color = theme.color("text.secondary" if becomes == UNUSED else "text.primary")
            _paint_words(painter, name_box.adjusted(px(PAD), 0, -px(PAD), 0), model.sheet.names[section], color)
        if self._table.has_ring and section == self._table.currentIndex().column():
            paint_ring(painter, theme, rect.adjusted(1, 1, -2, -2))
        painter.restore()

    def _paint_role(self, painter: QPainter, box: QRect, role: str, becomes: str) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font("small"))
        inside = box.adjusted(px(PAD), 0, -px(4), 0)
        if not role:
            _paint_words(painter, inside, UNUSED, theme.color("text.secondary"))
            return
        painter.setFont(theme.font("small", weight=600 if becomes else 400))
        width = min(painter.fontMetrics().horizontalAdvance(role) + 2 * px(6), inside.width())
        chip = QRect(inside.left(), box.top() + px(6), width, px(ROLE_LINE) - px(11))
        painter.fillRect(chip, theme.color(GROUNDS.get(becomes, "surface.inset")))
        if becomes in LINES:
            painter.fillRect(QRect(chip.left(), chip.bottom() - 1, chip.width(), 2), theme.color(LINES[becomes]))
        _paint_words(painter, chip.adjusted(px(6), 0, -px(2), 0), role, theme.color("text.primary"))
        painter.setFont(theme.font("small"))
        beside = inside.adjusted(width + px(6), 0, 0, 0)
        if painter.fontMetrics().horizontalAdvance(becomes) <= beside.width():
            _paint_words(painter, beside, becomes, theme.color("text.secondary"))


class _Corner(QWidget):
    """Over the corner: the line of the names in the file."""

    def __init__(self, theme: Theme, table: "SheetTable") -> None:
        super().__init__(table)
        self._theme, self._table = theme, table
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("surface.inset"))
        line = self._table.sheet_model.sheet.header_line
        if line > 0:
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("text.tertiary"))
            box = QRect(0, self.height() - theme.px(ROW), self.width() - theme.px(PAD), theme.px(ROW))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, grouped(line))


class SheetTable(FocusRing, QTableView):
    """Left and Right go through columns, Enter opens a column's role, Alt+Down and Alt+Up step in the chat.

    Signals:
        role_wanted: The column whose role is to be chosen.
        row_chosen: The SheetRow that is to be read; None where there is none.
        step_wanted: 1 for the next row, -1 for the one before.
    """

    role_wanted = Signal(int)
    row_chosen = Signal(object)
    step_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.sheet_model = SheetModel()
        self.setModel(self.sheet_model)
        self.setItemDelegate(_Cells(theme, self))
        self.head = _Head(theme, self)
        self.setHorizontalHeader(self.head)
        self.head.sectionClicked.connect(self._open_role)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setAccessibleName("The sheet")
        self.setAccessibleDescription("Left and Right go through columns, Enter chooses what a column is for")
        numbers = self.verticalHeader()
        numbers.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        numbers.setHighlightSections(False)
        numbers.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._corner = _Corner(theme, self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        # The ring is drawn by hand: a border that comes with the focus would move every row.
        self.setStyleSheet("QTableView:focus { border: none; border-radius: 0; }")
        self.verticalHeader().setMinimumSectionSize(px(ROW))
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        self.verticalHeader().setFixedWidth(px(NUMBER_WIDTH))
        self.head.setFixedHeight(px(ROLE_LINE + LETTER_LINE + ROW) + 1)
        self.head.setMinimumSectionSize(px(FOLDED))
        self.share_out()
        self.viewport().update()

    def show_sheet(self, sheet: Sheet, rows: list[SheetRow], choice: Choice) -> None:
        """Shows other rows, or the same by another choice; the chosen cell and the place stay."""
        current, top = self.currentIndex(), self.verticalScrollBar().value()
        row, column = max(0, current.row()), max(0, current.column())
        self.sheet_model.show(sheet, rows, choice)
        self.share_out()
        if rows and sheet.names:
            place = self.sheet_model.index(min(row, len(rows) - 1), min(column, len(sheet.names) - 1))
            self.setCurrentIndex(place)
            self.verticalScrollBar().setValue(top)
        else:
            self.row_chosen.emit(None)

    def _open_role(self, column: int) -> None:
        row = max(0, self.currentIndex().row())
        self.setCurrentIndex(self.sheet_model.index(row, column))
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.role_wanted.emit(column)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.horizontalHeader().viewport().update()
        if current.isValid():
            self.row_chosen.emit(self.sheet_model.rows[current.row()])

    def show_ring(self, has_ring: bool) -> None:
        super().show_ring(has_ring)
        self.horizontalHeader().viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.viewport().update()  # the ring stays where it is

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.has_ring:
            paint_ring(QPainter(self.viewport()), self._theme, self.viewport().rect().adjusted(1, 1, -1, -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        has_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.role_wanted.emit(self.currentIndex().column())
        elif has_alt and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step_wanted.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    @property
    def chosen_row(self) -> SheetRow | None:
        """The row that is read below."""
        row = self.currentIndex().row()
        return self.sheet_model.rows[row] if 0 <= row < len(self.sheet_model.rows) else None

    def step(self, way: int) -> None:
        """Chooses the row after the chosen one, or before."""
        current = self.currentIndex()
        if 0 <= current.row() + way < len(self.sheet_model.rows):
            self.setCurrentIndex(self.sheet_model.index(current.row() + way, current.column()))

    @property
    def shown_lines(self) -> tuple[int, int]:
        """The lines of the first and the last row in sight; zeros where there is none."""
        rows = self.sheet_model.rows
        if not rows:
            return 0, 0
        first = max(0, self.rowAt(0))
        high = self.viewport().height() // max(1, self.rowHeight(0))
        return rows[first].place.line, rows[min(len(rows), first + max(1, high)) - 1].place.line

    def turn(self, way: int) -> None:
        """Scrolls by as many rows as are in sight."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + way * max(1, self.viewport().height() // self._theme.px(ROW) - 1))

    # -- widths -------------------------------------------------------------------------------------------------------

    def share_out(self) -> None:
        """Gives each column what its words need; columns that are not used fold where there is little room."""
        model, px = self.sheet_model, self._theme.px
        count, room = model.columnCount(), self.viewport().width()
        if not count or room <= 0:
            return
        metrics = QFontMetrics(self._theme.font("body"))
        is_narrow = room < px(NARROW)
        widths = []
        for column, name in enumerate(model.sheet.names):
            if is_narrow and model.becomes(column) == UNUSED:
                widths.append(px(FOLDED))
                continue
            if column >= MOST_MEASURED:
                widths.append(px(LEAST))
                continue
            words = [name, *(row.cells[column][:80] for row in model.sheet.rows[:SAMPLE_ROWS])]
            natural = max(metrics.horizontalAdvance(text) for text in words) + 3 * px(PAD)
            role = metrics.horizontalAdvance(model.role_of(column) or UNUSED) + 5 * px(PAD)
            is_learned = model.becomes(column) == LEARNED
            widths.append(max(px(LEAST_LEARNED if is_learned else LEAST), role, min(px(MOST), natural)))
        wide = [column for column in range(count) if widths[column] >= px(LEAST) * 2 or model.becomes(column) == READ]
        spare = room - sum(widths)
        if wide and spare > 0:
            for column in wide:
                widths[column] += spare // len(wide)
        elif spare > 0:
            widths[-1] += spare
        elif wide:
            for column in wide:
                widths[column] = max(px(LEAST) * 2, widths[column] + spare // len(wide))
        for column, width in enumerate(widths):
            if self.columnWidth(column) != width:
                self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._corner.setGeometry(0, 0, self.verticalHeader().width(), self.head.height())
        self._corner.raise_()
        self.share_out()
