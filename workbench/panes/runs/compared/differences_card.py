"""The card of what differs: settings over what came of them, a column under the letter of each run."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy

from workbench.core.runs.comparison_report import LETTERS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import ElidedLabel, button, plain_tip
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.table_rows import Column, Index, TableRows
from workbench.panes.parts.tables import COLOR, IS_STRONG, CellPainter, RowTable
from workbench.panes.runs.compared.differences import Compared, Row, as_text
from workbench.panes.runs.letters import disc_side, paint_disc

VALUE, LEAST_VALUE, LEAST_TITLE = 84, 58, 110
LEAST_WITH_COPY = 280
COUNTS = {2: "both", 3: "all three", 4: "all four"}
WHAT_CAME = Row("what came of it", kind="section")


class Rows(TableRows):
    """The rows of a comparison; the columns are as many as there are runs."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: Sequence[Column] = (Column("setting", least=LEAST_TITLE, is_text=True),)
        self.letters: tuple[str, ...] = ()

    def show_letters(self, letters: Sequence[str]) -> None:
        self.beginResetModel()
        self.letters = tuple(letters)
        self.rows = ()
        self.columns = (self.columns[0], *(Column(letter, VALUE) for letter in letters))
        self.endResetModel()

    def cell_text(self, row: Row, column: int) -> str:
        if column == 0:
            return row.title
        return row.cells[column - 1] if column <= len(row.cells) else ""

    def cell_look(self, row: Row, column: int, role: int) -> Any:
        match role:
            case _ if role == COLOR and row.kind in ("common", "section"):
                return "text.tertiary"
            case _ if role == COLOR and column == 0:
                return "text.secondary"
            case _ if role == IS_STRONG:
                return 0 < column <= len(row.strong) and row.strong[column - 1]
            case Qt.ItemDataRole.ToolTipRole:
                words = self.cell_text(row, column)
                return plain_tip(f"{row.path}\n{words}" if row.path else words)
        return None


class LetterHead(QHeaderView):
    """A head whose columns are called by the discs of their letters."""

    def __init__(self, theme: Theme, rows: Rows) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self._rows = rows
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        letters = self._rows.letters
        letter = letters[logicalIndex - 1] if 0 < logicalIndex <= len(letters) else ""
        if letter not in LETTERS or not letter:
            super().paintSection(painter, rect, logicalIndex)
            return
        painter.save()
        painter.fillRect(rect, self._theme.color("surface.card"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), self._theme.color("border.divider"))
        side = disc_side(self._theme)
        box = QRectF(rect.right() - side - self._theme.px(6), rect.center().y() - side / 2 + 0.5, side, side)
        paint_disc(painter, self._theme, box, letter)
        painter.restore()


class SectionCells(CellPainter):
    """As other cells, with the ground of a section under the row that begins what came of it."""

    def __init__(self, theme: Theme, parent: "DifferencesTable") -> None:
        super().__init__(theme, parent)
        self._rows = parent.rows

    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        if self._rows.rows[index.row()].kind == "section":
            around = inside.adjusted(-self._theme.px(14), 0, self._theme.px(6), 0)
            painter.fillRect(around, self._theme.color("surface.inset"))
        super().paint_cell(painter, inside, index)


class DifferencesTable(RowTable):
    """A click on a setting, Enter or Ctrl+C copies it."""

    def __init__(self, theme: Theme, rows: Rows) -> None:
        self.rows = rows
        super().__init__(theme, "What differs", rows.columns)
        self.setItemDelegate(SectionCells(theme, self))
        head = LetterHead(theme, rows)
        head.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head.setHighlightSections(False)
        self.setHorizontalHeader(head)
        self.setModel(rows)
        self._restyle()

    def take_columns(self) -> None:
        """As many columns as the model has now."""
        self._columns = self.rows.columns
        self.share_out()

    def width_of(self, place: int) -> int:
        """What the title leaves, to all alike, up to what a value needs."""
        values = max(1, len(self._columns) - 1)
        left = self.viewport().width() - self._theme.px(LEAST_TITLE)
        most = self._theme.px(VALUE * 2 if values == 1 else VALUE)
        return max(self._theme.px(LEAST_VALUE), min(most, left // values))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A second click copies nothing else."""

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self._theme.px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(60))


class DifferencesCard(ScopedCard):
    """Shows a comparison.

    Signals:
        said: What was copied.
    """

    said = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Only what differs")
        self._found = Compared()
        self._names: tuple[str, ...] = ()
        self._shows_common = False
        self.model = Rows()
        self.table = DifferencesTable(theme, self.model)
        self.table.opened.connect(self._copy_setting)
        self.copies = copy_button(theme, self.text, "Copy the rows for a spreadsheet", words="Copy")
        self.add_to_head(self.copies)
        self.foot = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self.shows = button("Show them", theme, "", "link")
        self.shows.clicked.connect(self._turn_common)
        self.set_margins(0, 0, 0, 4)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(in_row((self.foot, 1), self.shows, margins=(14, 0, 8, 0)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_compared(self, found: Compared, letters: Sequence[str], names: Sequence[str]) -> None:
        """A comparison, or one run alone where there is no letter."""
        heads = tuple(letters) or (("value",) if names else ())
        is_other = heads != self.model.letters or self._names != tuple(names)
        if not is_other and found == self._found:
            return
        self._found, self._names = found, tuple(names)
        if heads != self.model.letters:
            self.model.show_letters(heads)
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow card the title comes first; a click on a row copies it."""
        super().resizeEvent(event)
        self.copies.setVisible(self.width() >= self.theme.px(LEAST_WITH_COPY))

    def show_nothing(self) -> None:
        """Until a run is read."""
        self.show_compared(Compared(), (), ())

    def _draw(self) -> None:
        found, are_many = self._found, len(self._names) > 1
        rows = [*found.rows, *(found.common if self._shows_common else ())]
        if found.outcomes:
            rows += [WHAT_CAME, *found.outcomes]
        chosen, at = self.table.currentIndex().row(), self.table.verticalScrollBar().value()
        self.model.show_rows(rows)
        self.table.clearSpans()
        if WHAT_CAME in rows and len(self.model.columns) > 1:
            self.table.setSpan(rows.index(WHAT_CAME), 0, 1, len(self.model.columns))
        if 0 <= chosen < len(rows):
            self.table.setCurrentIndex(self.model.index(chosen, 0))
        self.table.take_columns()
        self.table.verticalScrollBar().setValue(at)
        self.title.setText("Only what differs" if are_many else "What was set")
        count = f"{len(found.rows)} of {found.settings} settings" if found.settings else ""
        self.scope.set_text(count)
        same = len(found.common)
        words = f"are the same in {COUNTS.get(len(self._names), 'all')}." if are_many else "are as they come."
        if are_many and not found.rows:
            words = "are the same: they were asked alike."
        self.foot.set_text(f"{same} settings {words}" if same else "")
        self.shows.setVisible(bool(same))
        self.shows.setText("Hide them" if self._shows_common else "Show them")
        self.copies.setEnabled(bool(rows))

    def _turn_common(self) -> None:
        self._shows_common = not self._shows_common
        self._draw()

    def _copy_setting(self, index: QModelIndex) -> None:
        row = self.model.rows[index.row()]
        if row.kind != "section":
            cells = ", ".join(row.cells)
            text = f"{row.path} = {cells}" if row.path else f"{row.title}: {cells}"
            QGuiApplication.clipboard().setText(text)
            self.said.emit(f"Copied: {text}")

    def text(self) -> str:
        """All that is shown, with tabs."""
        return as_text(self._found, self._names, self._shows_common)
