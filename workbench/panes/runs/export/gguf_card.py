"""The card of GGUF types: the size of each before it is made, what it loses once that is measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from workbench.core.units import bytes_in_digits
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import divider, plain_tip
from workbench.panes.parts.table_rows import Column, Index, TableRows, titled
from workbench.panes.parts.tables import CellPainter, RowTable
from workbench.panes.parts.tick_box import SIDE, paint_tick
from workbench.panes.runs.export.words import NONE, kl_in_words, perplexity_in_words, same_in_words

TYPE, BITS, SIZE, PERPLEXITY, KL, SAME = range(6)
COLUMNS = (
    Column("type", least=76, is_text=True),
    Column("bits", 44, goes=1, tip="A weight, with the scales of its block"),
    Column("size", 68),
    Column("perplexity", 78, goes=2, tip="How many tokens it hesitates between, on the mean: less is better"),
    Column("KL", 60, tip="Nats a token: how far its next-token distributions lie from those of the merged model"),
    Column("same", 58, tip="At how many places its likeliest next token is the same"),
)
ROW_ENTRY = int(Qt.ItemDataRole.UserRole) + 20
TICKED, WORD = 26, 92  # of the first column, in pixels of the drawing: where its word begins, and has ended


@dataclass(frozen=True)
class GgufRow:
    """A type.

    Attributes:
        type: As an item has it, such as "q8_0".
        is_predicted: Its size is that of a file that is not written yet.
        is_busy: It is being measured.
        why_not: Why this model cannot be written as it.
        measure: The words of what measures it, such as "Measure, 25 s"; nothing where it cannot be, or is.
    """

    type: str
    title: str
    bits: float
    size_bytes: int
    is_predicted: bool = True
    is_ticked: bool = False
    is_locked: bool = False
    is_busy: bool = False
    why_not: str = ""
    perplexity: float | None = None
    kl: float | None = None
    same_share: float | None = None
    measure: str = ""

    @property
    def state(self) -> str:
        """What a screen reader is told of its box."""
        ticked = "chosen" if self.is_ticked else "not chosen"
        return f"{ticked}, has begun" if self.is_locked else ticked


class GgufRows(TableRows):
    """The widest type first."""

    columns = COLUMNS
    rows: Sequence[GgufRow]

    def cell_text(self, row: GgufRow, column: int) -> str:
        if (column > TYPE and row.why_not) or (column > SIZE and row.kl is None):
            return ""
        return {
            TYPE: row.title,
            BITS: f"{row.bits:.1f}",
            SIZE: bytes_in_digits(row.size_bytes) if row.size_bytes else NONE,
            PERPLEXITY: perplexity_in_words(row.perplexity),
            KL: kl_in_words(row.kl),
            SAME: same_in_words(row.same_share),
        }[column]

    def cell_look(self, row: GgufRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole if column == TYPE:
                return ", ".join(filter(None, (row.title, row.why_not or row.state)))
            case Qt.ItemDataRole.AccessibleTextRole if column == KL and row.measure:
                return f"not measured; {row.measure}, by Enter"
            case Qt.ItemDataRole.AccessibleTextRole:
                return titled(COLUMNS[column], self.cell_text(row, column) or "not measured")
            case Qt.ItemDataRole.ToolTipRole if row.why_not:
                return plain_tip(row.why_not)
            case _ if role == ROW_ENTRY:
                return row
        return None


class _Painter(CellPainter):
    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        row: GgufRow = index.data(ROW_ENTRY)
        px = self._theme.px
        text = str(index.data())
        is_off = bool(row.why_not)
        right = Qt.AlignmentFlag.AlignRight
        match index.column():
            case column if column == TYPE:
                side = px(SIDE)
                if is_off:
                    painter.setOpacity(0.45)
                box = QRectF(inside.left() + 0.5, inside.center().y() - side // 2 + 0.5, side, side)
                paint_tick(painter, self._theme, box, is_ticked=row.is_ticked, is_locked=row.is_locked)
                painter.setOpacity(1)
                color = "text.disabled" if is_off else "text.primary"
                self.write(painter, inside.adjusted(px(TICKED), 0, 0, 0), text, color)
            case column if column == BITS:
                self.write(painter, inside, text, "text.secondary", across=right)
            case column if column == SIZE:
                color = "text.tertiary" if row.is_predicted else "text.primary"
                self.write(painter, inside, text, color, across=right)
            case column:
                strong = row.is_ticked and column == PERPLEXITY
                self.write(painter, inside, text, "text.primary", weight=600 if strong else 400, across=right)


class GgufTable(RowTable):
    """A tick box in the first cell, and in place of figures that are not measured what measures them.

    Signals:
        ticked: The type that is to be ticked or unticked, and which of it.
        measure_wanted: The type that is to be measured.
    """

    ticked = Signal(str, bool)
    measure_wanted = Signal(str)
    LEAST_ROWS, WANTED_ROWS = 3, 6

    def __init__(self, theme: Theme, rows: GgufRows) -> None:
        super().__init__(theme, "GGUF types; Space chooses one, Enter measures it", COLUMNS)
        self._rows = rows
        self._pointer = QPoint(-1, -1)
        self.setItemDelegate(_Painter(theme, self))
        self.setModel(rows)
        self.setMouseTracking(True)
        self.opened.connect(lambda index: self._measure(rows.rows[index.row()]))

    @property
    def chosen(self) -> GgufRow | None:
        index = self.currentIndex()
        return self._rows.rows[index.row()] if index.isValid() else None

    def _high(self, rows: int) -> int:
        return self._theme.px(self.HIGH) * rows + self.horizontalHeader().sizeHint().height()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._high(self.WANTED_ROWS))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(240), self._high(self.LEAST_ROWS))

    # -- what stands in place of figures ------------------------------------------------------------------------------

    def _place_of_words(self, place: int) -> QRect:
        """Of what measures a row, over the columns of that; of why it cannot be made, over all beside its name."""
        is_off = bool(self._rows.rows[place].why_not)
        columns = [
            column for column in range(TYPE if is_off else PERPLEXITY, SAME + 1) if not self.isColumnHidden(column)
        ]
        first, last = (self.visualRect(self._rows.index(place, column)) for column in (columns[0], columns[-1]))
        pad = self._theme.px(6)
        return first.united(last).adjusted(self._theme.px(WORD) if is_off else pad, 0, -pad, -1)

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        right = Qt.AlignmentFlag.AlignRight
        delegate = self.itemDelegate()
        assert isinstance(delegate, _Painter)
        for place, row in enumerate(self._rows.rows):
            box = self._place_of_words(place)
            if row.why_not:
                delegate.write(painter, box, row.why_not, "text.tertiary", "small", across=right)
            elif row.is_busy:
                delegate.write(painter, box, "measuring", "text.secondary", "small", across=right)
            elif row.measure:
                is_near = box.contains(self._pointer)
                color = "accent.line" if is_near else "text.link"
                delegate.write(painter, box, row.measure, color, weight=500, across=right)

    # -- keys and mouse -----------------------------------------------------------------------------------------------

    def _turn(self, row: GgufRow) -> None:
        if not row.is_locked and not row.why_not:
            self.ticked.emit(row.type, not row.is_ticked)

    def _measure(self, row: GgufRow) -> None:
        if row.measure:
            self.measure_wanted.emit(row.type)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point_at(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(QPoint(-1, -1))

    def _point_at(self, point: QPoint) -> None:
        self._pointer = point
        index = self.indexAt(point)
        row = self._rows.rows[index.row()] if index.isValid() else None
        is_action = row is not None and (
            (index.column() == TYPE and not row.is_locked and not row.why_not)
            or (bool(row.measure) and self._place_of_words(index.row()).contains(point))
        )
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_action else Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid() or index != self.currentIndex():
            return
        row = self._rows.rows[index.row()]
        if index.column() == TYPE:
            self._turn(row)
        elif self._place_of_words(index.row()).contains(point):
            self._measure(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second click of two is one as well."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.chosen is not None:
            self._turn(self.chosen)
        else:
            super().keyPressEvent(event)


class GgufCard(ScopedCard):
    """Shows what it is given."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "GGUF", "measured against the merged model")
        self._rows = GgufRows()
        self.table = GgufTable(theme, self._rows)
        self.set_least_head(28)
        self.set_margins(0, 0, 0, 4)
        self.body.setSpacing(0)
        self.body.addWidget(divider())
        self.body.addWidget(self.table)

    @property
    def rows(self) -> list[GgufRow]:
        return list(self._rows.rows)

    def show_rows(self, rows: Sequence[GgufRow], why_none: str = "") -> None:
        """Shows the types; where there are none, why."""
        self.table.empty_words = why_none
        if list(rows) == self.rows:
            return
        chosen = self.table.chosen
        had_ring = self.table.has_ring
        self.table.keep_in_sight(lambda: self._rows.show_rows(list(rows)))
        place = next((place for place, row in enumerate(rows) if chosen and row.type == chosen.type), -1)
        if place >= 0:
            self.table.setCurrentIndex(self._rows.index(place, 0))
        self.table.show_ring(had_ring)
