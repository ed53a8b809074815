"""Tables as the window draws them: rows of one line, columns that go where there is no room, the keyboard's ring."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QIcon, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import ICON_OF_STATE
from workbench.panes.parts.focus_ring import FocusRing, paint_ring
from workbench.panes.parts.table_rows import Column, Index, TableRows

# What a model tells beside the text: a colour of the theme, whether it is strong, how it is shortened, a tag.
COLOR = int(Qt.ItemDataRole.UserRole) + 1
IS_STRONG = COLOR + 1
ELIDE = COLOR + 2
TAG = COLOR + 3  # (text, state, icon), drawn at the right of the cell, or alone where the cell has no text
SORT = COLOR + 4
# Before and after the text of a cell; the header's are the same, so that words stand above words.
FIRST_PAD, PAD = 14, 6
ROW = 27
# The column that gets what the others leave is never narrower.
NARROWEST = 60
# No cell is wider than a line of this many characters: of a longer text only its beginning is measured and drawn.
LONGEST_CELL = 400


def one_line(text: str) -> str:
    """The beginning of a text as one line."""
    return " ".join(text[:LONGEST_CELL].split())


class CellPainter(QStyledItemDelegate):
    """Draws a cell by the theme; a model's text is never anything but text."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons: dict[tuple[str, str], QIcon] = {}
        theme.changed.connect(self._icons.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._theme.px(40), self._theme.px(ROW))

    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        """What stands on the ground of a cell, in the box that its edges leave."""
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        tag = index.data(TAG)
        if tag:
            inside = self._draw_tag(painter, inside, tag, at_left=not text)
        self._draw_text(painter, inside, index, text)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(box)
        if is_chosen:
            painter.fillRect(box, theme.color("surface.selected"))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), theme.color("border.divider"))
        if is_chosen and index.column() == 0:
            painter.fillRect(QRect(box.left(), box.top(), theme.px(3), box.height()), theme.color("accent.line"))
        self.paint_cell(
            painter, box.adjusted(theme.px(FIRST_PAD if index.column() == 0 else PAD), 0, -theme.px(PAD), -1), index
        )
        painter.restore()

    def _draw_text(self, painter: QPainter, inside: QRect, index: Index, text: str) -> None:
        across = index.data(Qt.ItemDataRole.TextAlignmentRole) or Qt.AlignmentFlag.AlignLeft
        self.write(
            painter,
            inside,
            one_line(text),
            index.data(COLOR) or "text.primary",
            weight=600 if index.data(IS_STRONG) else 400,
            across=Qt.AlignmentFlag(int(across)),
            mode=Qt.TextElideMode.ElideRight if index.data(ELIDE) is None else Qt.TextElideMode(index.data(ELIDE)),
        )

    def write(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        color: str,
        role: str = "body",
        *,
        weight: int = 400,
        across: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> int:
        """One line in a colour and a font of the theme, shortened to its box; gives the pixels that its words took."""
        painter.setFont(self._theme.font(role, weight=weight))
        painter.setPen(self._theme.color(color))
        shortened = painter.fontMetrics().elidedText(text, mode, max(0, box.width()))
        painter.drawText(box, across | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shortened)
        return painter.fontMetrics().horizontalAdvance(shortened)

    def _draw_tag(self, painter: QPainter, inside: QRect, tag: tuple[str, str, str], *, at_left: bool) -> QRect:
        """Draws it and gives what is left of the cell."""
        theme = self._theme
        text, state, icon = tag
        color = "text.secondary" if state == "none" else f"status.{state}"
        painter.setFont(theme.font("small", weight=600))
        edge, side, gap = theme.px(7), theme.px(12), theme.px(5)
        width = min(2 * edge + side + gap + painter.fontMetrics().horizontalAdvance(text), inside.width())
        height = min(inside.height() - 4, painter.fontMetrics().height() + theme.px(4))
        left = inside.left() if at_left else inside.right() - width + 1
        box = QRect(left, inside.center().y() - height // 2 + 1, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("surface.inset" if state == "none" else f"status.{state}_tint"))
        painter.drawRoundedRect(QRectF(box), theme.size("radius.chip"), theme.size("radius.chip"))
        self.icon(icon or ICON_OF_STATE[state], color).paint(
            painter, QRect(box.left() + edge, box.center().y() - side // 2, side, side)
        )
        painter.setPen(theme.color(color))
        words = box.adjusted(edge + side + gap, 0, -edge + 1, 0)
        shortened = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shortened)
        return inside.adjusted(0, 0, -width - theme.px(6), 0)

    def icon(self, name: str, color: str) -> QIcon:
        """An icon of the theme, made once."""
        if (name, color) not in self._icons:
            self._icons[name, color] = self._theme.icon(name, color)
        return self._icons[name, color]


class RowTable(FocusRing, QTableView):
    """A table in which one row is chosen at a time; Enter or a double click opens it.

    Signals:
        opened: The row that is to be opened, as an index of the view's model.
        row_chosen: The chosen row has changed; the index is invalid where none is.
    """

    opened = Signal(QModelIndex)
    row_chosen = Signal(QModelIndex)
    HIGH = ROW  # of a row, in pixels of the drawing

    def __init__(self, theme: Theme, name: str, columns: Sequence[Column] = ()) -> None:
        super().__init__()
        self._theme = theme
        self._columns = columns
        self._left_out: frozenset[int] = frozenset()
        self.empty_words = ""  # what is said in place of rows
        self.setAccessibleName(name)
        self.setItemDelegate(CellPainter(theme, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.follow(self._restyle)
        theme.changed.connect(self.share_out)

    def _restyle(self) -> None:
        height = self._theme.px(self.HIGH)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        # The ring is drawn by hand below: a border that comes with the focus would move every row.
        self.setStyleSheet(
            "QTableView:focus { border: none; border-radius: 0; }"
            "QHeaderView::section:first, QHeaderView::section:only-one"
            f" {{ padding-left: {self._theme.px(FIRST_PAD)}px; }}"
        )
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.row_chosen.emit(current)

    def text(self, row: int, column: int) -> str:
        return str(self.model().index(row, column).data())

    # -- columns ------------------------------------------------------------------------------------------------------

    def width_of(self, place: int) -> int:
        """The width of a column in pixels."""
        return self._theme.px(self._columns[place].width)

    def leave_out(self, places: Iterable[int]) -> None:
        """Shows the columns but these, which nobody wants to see."""
        self._left_out = frozenset(places)
        self.share_out()

    def share_out(self) -> None:
        """Gives one column what the others leave, which go one by one where that is too little."""
        if not self._columns:
            return
        px, room = self._theme.px, self.viewport().width()
        widest = next(place for place, column in enumerate(self._columns) if column.least)
        others = [place for place in range(len(self._columns)) if place != widest]
        widths = {place: self.width_of(place) for place in others if place not in self._left_out}
        for place in sorted(widths, key=lambda place: self._columns[place].goes):
            if self._columns[place].goes and room - sum(widths.values()) < px(self._columns[widest].least):
                del widths[place]
        for place in others:
            self.setColumnHidden(place, place not in widths)
            if place in widths:
                self.setColumnWidth(place, widths[place])
        self.setColumnWidth(widest, max(px(NARROWEST), room - sum(widths.values())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_out()

    # -- keys and mouse -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(index)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model() is not None and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    # -- drawing ------------------------------------------------------------------------------------------------------

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.viewport().update()  # the ring stays where it is

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        inside = self.viewport().rect()
        if self.empty_words and not (self.model() and self.model().rowCount()):
            painter.setPen(self._theme.color("text.tertiary"))
            around = inside.adjusted(self._theme.px(24), 0, -self._theme.px(24), 0)
            painter.drawText(around, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_words)
        if self.has_ring:
            paint_ring(painter, self._theme, inside.adjusted(1, 1, -1, -1))

    def keep_in_sight(self, change: Callable[[], object]) -> None:
        """Calls `change`, which adds or takes rows, with what is read staying where it is."""
        bar = self.verticalScrollBar()
        first = self.indexAt(self.viewport().rect().topLeft())
        top, before = QPersistentModelIndex(first), self.visualRect(first).top()
        is_scrolled = bar.value() > bar.minimum()
        change()
        if is_scrolled and top.isValid():
            self.updateGeometries()
            now = self.visualRect(self.model().index(top.row(), top.column())).top()
            bar.setValue(bar.value() + now - before)


class FollowingTable(RowTable):
    """A table of a few rows that marks what is chosen elsewhere, and tells what is chosen in it by hand.

    Signals:
        picked: What the row that was chosen by hand stands for.
    """

    picked = Signal(object)
    LEAST_ROWS, WANTED_ROWS = 3, 6

    def __init__(self, theme: Theme, name: str, rows: TableRows, stands_for: Callable[[Any], object]) -> None:
        super().__init__(theme, name, rows.columns)
        self._rows = rows
        self._stands_for = stands_for
        self._is_following = False
        self.setModel(rows)
        self.row_chosen.connect(self._emit_picked)

    @property
    def rows(self) -> list[Any]:
        return list(self._rows.rows)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Nothing that is chosen meanwhile is emitted."""
        self._is_following = True
        try:
            yield
        finally:
            self._is_following = False

    def mark(self, place: int) -> None:
        """Marks a row without telling it; none below 0."""
        with self.following():
            self.setCurrentIndex(self._rows.index(place, 0) if place >= 0 else QModelIndex())

    def _emit_picked(self, index: QModelIndex) -> None:
        if not self._is_following and index.isValid():
            self.picked.emit(self._stands_for(self._rows.rows[index.row()]))

    def _high(self, rows: int) -> int:
        return self._theme.px(ROW) * rows + self.horizontalHeader().sizeHint().height()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._high(self.WANTED_ROWS))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._high(self.LEAST_ROWS))
