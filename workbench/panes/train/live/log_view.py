"""The log of a run: what happened in words, and what its libraries printed."""

import os
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QTextCursor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from workbench.bridge.timers import once_after
from workbench.core.job.event_words import LineKind
from workbench.core.job.events import Event, Notice
from workbench.core.job.history import History
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.tables import RowTable
from workbench.panes.train.live.log_model import KIND, TIME, LogModel

FILTERS: tuple[tuple[str, LineKind | None], ...] = (
    ("All", None),
    ("Steps", "step"),
    ("Evaluations", "evaluation"),
    ("Samples", "sample"),
    ("Checkpoints", "checkpoint"),
    ("Notices", "notice"),
    ("Unreadable lines", "unreadable"),
)
CONSOLE = "What libraries printed"
CONSOLE_TAIL_BYTES = 64_000
# Of a run that was followed before its log was opened; each takes some 10 microseconds.
MOST_STEPS = 20_000
# Typing is not to search hundreds of thousands of lines at each key.
TYPING_MILLISECONDS = 150


class LinePainter(QStyledItemDelegate):
    """Draws a line's time and words in the fixed font, notices in their own colour."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(self._theme.px(60), self._theme.px(20))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("surface.selected"))
            painter.fillRect(QRect(box.left(), box.top(), theme.px(3), box.height()), theme.color("accent.line"))
        painter.setFont(theme.font("small", mono=True))
        metrics = painter.fontMetrics()
        time = str(index.data(TIME))
        wide = max(metrics.horizontalAdvance("00:00"), metrics.horizontalAdvance(time))
        edge = theme.px(6)
        painter.setPen(theme.color("text.tertiary"))
        painter.drawText(box.adjusted(edge, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, time)
        inside = box.adjusted(edge + wide + theme.px(12), 0, -edge, 0)
        kind = index.data(KIND)
        painter.setPen(theme.color("status.warn" if kind in ("notice", "unreadable") else "text.primary"))
        words = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, max(0, inside.width()))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, words)


class Lines(RowTable):
    """The lines; what is chosen can be copied. A table, as a list lays out all its rows whenever one comes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Log")
        self.setItemDelegate(LinePainter(theme, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.empty_words = "Nothing to show."

    def _restyle(self) -> None:
        super()._restyle()
        height = self._theme.px(20)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def copy(self) -> str:
        """Puts the chosen lines on the clipboard, in the order in which they stand."""
        model = self.model()
        assert isinstance(model, LogModel)
        rows = sorted(index.row() for index in self.selectedIndexes())
        text = "\n".join(model.line(row) for row in rows)
        if text:
            QGuiApplication.clipboard().setText(text)
        return text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction("Copy")
        action.setEnabled(self.selectionModel().hasSelection())
        action.triggered.connect(self.copy)
        menu.addAction("Choose all").triggered.connect(self.selectAll)
        menu.popup(event.globalPos() or self.mapToGlobal(QPoint(0, 0)))


class LogView(Card):
    """The card with its two filters; the last choice shows what libraries printed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Log")
        self.model = LogModel()
        self.lines = Lines(theme)
        self.lines.setModel(self.model)
        self.console = QPlainTextEdit()
        self.console.setReadOnly(True)
        self.console.setProperty("role", "code")
        self.console.setAccessibleName(CONSOLE)
        self.console.setTabChangesFocus(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName("Show lines that hold")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.px(60))
        self.kinds = ChoiceBox(theme)
        self.kinds.setAccessibleName("Which lines")
        self.kinds.addItems([*(words for words, _ in FILTERS), CONSOLE])
        self.kinds.setMinimumContentsLength(11)
        self.add_to_head(self.search)
        self.add_to_head(self.kinds)
        self.head.setStretchFactor(self.search, 2)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.lines)
        self._pages.addWidget(self.console)
        self.set_margins(8, 0, 4, 6)
        self.body.addWidget(self._pages, 1)
        self._console_path: Path | None = None
        self._console_size = -1
        self._typing = once_after(self, TYPING_MILLISECONDS, self._filter)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.kinds.currentIndexChanged.connect(self._filter)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.console.setFont(self.theme.font("small", mono=True))
        self.console.setStyleSheet(f"font-size: {self.theme.size('font.small')}px;")

    # -- what is shown ------------------------------------------------------------------------------------------------

    def start_over(self, history: History, console: Path | None) -> None:
        """Shows another run, as far as its history goes."""
        self.model.clear()
        left_out = len(history.steps) - MOST_STEPS
        if left_out > 0:
            self.model.add_events([Notice(text=f"The first {grouped(left_out)} steps stand in journal.jsonl alone.")])
        self.model.add_events(history.in_order(MOST_STEPS))
        self._console_path, self._console_size = console, -1
        self.refresh()

    def add_events(self, events: list[Event]) -> None:
        """Keeps what happened for the next `refresh`."""
        self.model.add_events(events)

    def refresh(self) -> None:
        self.lines.keep_in_sight(self.model.refresh)
        if self.shows_console:
            self._read_console()

    @property
    def shows_console(self) -> bool:
        return self.kinds.currentIndex() == len(FILTERS)

    def _filter(self) -> None:
        self._pages.setCurrentIndex(int(self.shows_console))
        self.search.setEnabled(not self.shows_console)
        if self.shows_console:
            self._read_console()
            return
        self.model.filter(FILTERS[self.kinds.currentIndex()][1], self.search.text().strip())
        self.lines.scrollToTop()
        self.lines.selectionModel().setCurrentIndex(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)

    def _read_console(self) -> None:
        size, text = _tail(self._console_path)
        if size == self._console_size:
            return
        self._console_size = size
        bar = self.console.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum()
        self.console.setPlainText(text or "Nothing was printed yet.")
        if is_at_end:
            self.console.moveCursor(QTextCursor.MoveOperation.End)


def _tail(path: Path | None) -> tuple[int, str]:
    """The size of a file and its last lines; of a line that was written over, what stood there last."""
    if path is None:
        return 0, ""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = file.seek(max(0, size - CONSOLE_TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return 0, ""
    lines = text.split("\n")[1 if start else 0 :]
    return size, "\n".join(_printable(line.rstrip("\r").rsplit("\r", 1)[-1]) for line in lines)


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() or character == "\t" else "?" for character in line)
