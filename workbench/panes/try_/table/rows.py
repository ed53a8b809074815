"""The rows of the table: a prompt and what each says to it, with its verdict."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QTableView

from workbench.core.job.question import Asking
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import ELIDE, CellPainter, RowTable, one_line
from workbench.panes.try_.table.shown import ShownTable

Index = QModelIndex | QPersistentModelIndex
ICON = int(Qt.ItemDataRole.UserRole) + 20  # (name, colour) of what stands before an answer
NUMBER, QUESTION, FIRST_ANSWER = 0, 1, 2
NUMBER_WIDTH = 44
QUESTION_SHARE = 1.15  # of the width that an answer has
VERDICTS = {True: "right", False: "wrong", None: "not rated"}
ICONS = {
    True: ("check", "status.success"),
    False: ("x", "status.danger"),
    None: ("circle-dashed", "text.tertiary"),
}
PROBLEM_ICON = ("warning", "status.warn")


def asked_in_words(asking: Asking) -> str:
    """What stands for a prompt in a line: what the user says, else the turn that is answered."""
    return asking.text or (str(asking.before[-1].get("content", "")) if asking.before else "")


class PromptRows(TableRows):
    """A window on the table: nothing of it is copied, however many rows it has."""

    def __init__(self, shown: ShownTable) -> None:
        super().__init__()
        self._shown = shown
        self.take_rows()

    def take_rows(self) -> None:
        """Shows what is listed now."""
        names = [Column(name.lower(), least=60, is_text=True) for name in self._shown.names()]
        self.beginResetModel()
        self.columns = (Column("row", NUMBER_WIDTH), Column("question", least=60, is_text=True), *names)
        self.rows = self._shown.rows
        self.endResetModel()

    def tell(self, rows: list[int]) -> None:
        """Says that cells have changed; all of them where no rows are named."""
        if not self.rows:
            return
        if not rows:
            first, last = 0, len(self.rows) - 1
        else:
            wanted = set(rows)
            places = [place for place, row in enumerate(self.rows) if row in wanted]
            if not places:
                return
            first, last = places[0], places[-1]
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def cell_text(self, row: int, column: int) -> str:
        table = self._shown.table
        if table is None:
            return ""
        if column == NUMBER:
            return grouped(row + 1)
        if column == QUESTION:
            return one_line(asked_in_words(table.prompts[row]))
        place = self._shown.column(row, column - FIRST_ANSWER)
        answer = table.answer(row, place)
        return one_line(answer.text if answer is not None else table.problem(row, place))

    def cell_look(self, row: int, column: int, role: int) -> Any:
        if role == ELIDE:
            return Qt.TextElideMode.ElideRight.value
        if column < FIRST_ANSWER:
            return None
        if role == ICON:
            return self._icon(row, column)
        if role == int(Qt.ItemDataRole.AccessibleTextRole):
            return self._spoken(row, column)
        return None

    def _verdict(self, row: int, column: int) -> tuple[bool | None, bool, str]:
        """Whether the answer is right, whether there is one, and why there is none."""
        table = self._shown.table
        assert table is not None
        place = self._shown.column(row, column - FIRST_ANSWER)
        return table.verdict(row, place), table.answer(row, place) is not None, table.problem(row, place)

    def _icon(self, row: int, column: int) -> tuple[str, str] | None:
        verdict, is_there, problem = self._verdict(row, column)
        if problem:
            return PROBLEM_ICON
        if not is_there or (verdict is None and not self._shown.is_by_hand):
            return None
        return ICONS[verdict]

    def _spoken(self, row: int, column: int) -> str:
        verdict, is_there, problem = self._verdict(row, column)
        name = self._shown.names()[column - FIRST_ANSWER].lower()
        if problem:
            return f"{name}: not answered, {problem}"
        return f"{name}: {VERDICTS[verdict]}, {self.cell_text(row, column)}" if is_there else f"{name}: not answered"


class AnswerPainter(CellPainter):
    """An answer's verdict before its text."""

    SIDE, GAP = 13, 7

    def __init__(self, theme: Theme, view: QTableView, shown: ShownTable) -> None:
        super().__init__(theme, view)
        self._shown = shown

    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        icon = index.data(ICON)
        if index.column() >= FIRST_ANSWER:
            side = self._theme.px(self.SIDE)
            if icon:
                box = QRect(inside.left(), inside.center().y() - side // 2 + 1, side, side)
                self.icon(*icon).paint(painter, box)
            inside = inside.adjusted(side + self._theme.px(self.GAP), 0, 0, 0)
        text = str(index.data() or "")
        is_quiet = index.column() == NUMBER or (
            index.column() == FIRST_ANSWER and not self._shown.is_blind and len(self._shown.names()) > 1
        )
        color = "text.secondary" if is_quiet or icon == PROBLEM_ICON else "text.primary"
        across = Qt.AlignmentFlag.AlignRight if index.column() == NUMBER else Qt.AlignmentFlag.AlignLeft
        self.write(painter, inside, text, color, across=across)


class PromptTableView(RowTable):
    """All prompts; the answers share the width."""

    def __init__(self, theme: Theme, shown: ShownTable) -> None:
        self.rows_model = PromptRows(shown)
        super().__init__(theme, "Prompts")
        self._shown = shown
        self._is_following = False
        self.setItemDelegate(AnswerPainter(theme, self, shown))
        self.setModel(self.rows_model)
        self.row_chosen.connect(self._tell)
        shown.listed.connect(self._take_rows)
        shown.chosen.connect(self._follow)
        shown.told.connect(self.rows_model.tell)
        self._take_rows()

    def _take_rows(self) -> None:
        self._is_following = True
        self.rows_model.take_rows()
        self._is_following = False
        self.share_out()
        self._follow()

    def _tell(self, index: QModelIndex) -> None:
        if not self._is_following and index.isValid():
            self._shown.choose(self.rows_model.rows[index.row()])

    def _follow(self) -> None:
        """Shows the chosen row."""
        rows = self.rows_model.rows
        place = rows.index(self._shown.row) if self._shown.row in set(rows) else -1
        if place != self.currentIndex().row():
            self._is_following = True
            self.setCurrentIndex(self.rows_model.index(place, 0) if place >= 0 else QModelIndex())
            self._is_following = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def share_out(self) -> None:
        px, room = self._theme.px, self.viewport().width()
        answers = self.rows_model.columnCount() - FIRST_ANSWER
        if answers <= 0:
            return
        left = max(0, room - px(NUMBER_WIDTH))
        each = round(left / (answers + QUESTION_SHARE))
        self.setColumnWidth(NUMBER, px(NUMBER_WIDTH))
        for place in range(answers):
            self.setColumnWidth(FIRST_ANSWER + place, each)
        self.setColumnWidth(QUESTION, left - answers * each)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._high(7))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._high(2))

    def _high(self, rows: int) -> int:
        return self._theme.px(self.HIGH) * rows + self.horizontalHeader().sizeHint().height()
