"""The table of runs: one is chosen, up to four are ticked, and neither touches the other."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QMenu

from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Index
from workbench.panes.parts.tables import COLOR, CellPainter, RowTable, one_line
from workbench.panes.runs.letters import disc_side, paint_disc
from workbench.panes.runs.listed.columns import CHOOSABLE, COLUMNS, IN_PROJECTOR, At
from workbench.panes.runs.listed.model import BY_PERSON, LETTER, STATE, TAGS, TWO_TONES, RunsProxy

BOX = 16
ROWS_SEEN = 8
# A row's tags apart, and what a tag has around its words.
APART, INSIDE = 5, 6


class RunCells(CellPainter):
    """Draws what a run's cells have beside their words: the box with its letter, states, figures in two tones, tags."""

    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        match index.column():
            case At.TICK:
                self._paint_tick(painter, inside, index.data(LETTER))
            case At.STATE:
                self._paint_state(painter, inside, *index.data(STATE))
            case At.TAGS:
                self._paint_tags(painter, inside, index.data(TAGS))
            case At.NAME:
                color, mode = index.data(COLOR) or "text.primary", Qt.TextElideMode.ElideMiddle
                self.write(painter, inside, one_line(str(index.data())), color, weight=500, mode=mode)
            case _ if tones := index.data(TWO_TONES):
                self._paint_tones(painter, inside, *tones, is_by_person=bool(index.data(BY_PERSON)))
            case _:
                super().paint_cell(painter, inside, index)

    def _paint_tick(self, painter: QPainter, inside: QRect, letter: str) -> None:
        theme = self._theme
        side = theme.px(BOX)
        box = QRectF(inside.left() - theme.px(2) + 0.5, inside.center().y() - side // 2 + 0.5, side - 1, side - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent.base" if letter else "border.control_strong"), 1))
        painter.setBrush(theme.color("accent.base" if letter else "surface.field"))
        painter.drawRoundedRect(box, 4, 4)
        if letter:
            check = box.toRect().adjusted(2, 2, -1, -1)
            self.icon("check", "text.on_accent").paint(painter, check)
            disc = disc_side(theme)
            left = box.right() + theme.px(7)
            paint_disc(painter, theme, QRectF(left, inside.center().y() - disc / 2 + 0.5, disc, disc), letter)

    def _paint_state(self, painter: QPainter, inside: QRect, word: str, color: str, icon: str) -> None:
        theme = self._theme
        side = theme.px(14)
        self.icon(icon, color).paint(painter, QRect(inside.left(), inside.center().y() - side // 2, side, side))
        self.write(painter, inside.adjusted(side + theme.px(5), 0, 0, 0), word, color)

    def _paint_tones(self, painter: QPainter, inside: QRect, strong: str, quiet: str, *, is_by_person: bool) -> None:
        right = Qt.AlignmentFlag.AlignRight
        taken = self.write(painter, inside, quiet, "text.tertiary", across=right) if quiet else 0
        left = inside.adjusted(0, 0, -taken, 0)
        taken = self.write(painter, left, strong, "text.primary", across=right)
        if is_by_person:
            side = self._theme.px(13)
            box = QRect(left.right() - taken - side - self._theme.px(5), left.center().y() - side // 2, side, side)
            self.icon("user", "text.tertiary").paint(painter, box)

    def _paint_tags(self, painter: QPainter, inside: QRect, tags: Sequence[str]) -> None:
        """As many as there is room for, and how many more there are."""
        theme = self._theme
        left = inside.left()
        for place, tag in enumerate(tags):
            painter.setFont(theme.font("small"))
            metrics = painter.fontMetrics()
            rest = len(tags) - place - 1
            more = metrics.horizontalAdvance(f"+{rest}") + theme.px(APART) if rest else 0
            room = inside.right() - left - more
            if place and room < metrics.horizontalAdvance(tag) + 2 * theme.px(INSIDE):
                self.write(painter, inside.adjusted(left - inside.left(), 0, 0, 0), f"+{rest + 1}", "text.tertiary")
                return
            wide = min(room, metrics.horizontalAdvance(tag) + 2 * theme.px(INSIDE))
            high = metrics.height() + theme.px(2)
            box = QRectF(left + 0.5, inside.center().y() - high // 2 + 0.5, wide - 1, high)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("border.card"), 1))
            painter.setBrush(theme.color("surface.inset"))
            painter.drawRoundedRect(box, theme.size("radius.chip"), theme.size("radius.chip"))
            words = box.toRect().adjusted(theme.px(INSIDE), 0, -theme.px(INSIDE) + 2, 0)
            self.write(painter, words, tag, "text.secondary", "small")
            left += wide + theme.px(APART)


class RunsTable(RowTable):
    """The table of a RunsProxy.

    Signals:
        ticked: The row whose comparing is to be turned, as an index of the view's model.
        menu_wanted: Where on the screen, for the chosen row.
        columns_chosen: The titles of the columns that are left out.
    """

    ticked = Signal(QModelIndex)
    menu_wanted = Signal(QPoint)
    columns_chosen = Signal(list)

    def __init__(self, theme: Theme, proxy: RunsProxy) -> None:
        super().__init__(theme, "Runs", COLUMNS)
        self.setItemDelegate(RunCells(theme, self))
        self.setModel(proxy)
        self.setSortingEnabled(True)
        self._unwanted: frozenset[int] = frozenset()
        header = self.horizontalHeader()
        header.setSortIndicator(At.STARTED, Qt.SortOrder.DescendingOrder)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda at: self.column_menu().popup(header.mapToGlobal(at)))
        header.setToolTip("A click sorts, a right click chooses columns")

    # -- columns ------------------------------------------------------------------------------------------------------

    def show_left_out(self, titles: Sequence[str]) -> None:
        """Leaves out the columns of these titles."""
        self._unwanted = frozenset(at for at in CHOOSABLE if COLUMNS[at].title in titles)
        self.arrange()

    def arrange(self) -> None:
        """Shows what is wanted, or the few columns of a projector."""
        others = frozenset(at for at in At if at not in IN_PROJECTOR)
        self.leave_out(others if self._theme.projector else self._unwanted)

    def column_menu(self) -> QMenu:
        """What the head's right click offers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for at in CHOOSABLE:
            action = menu.addAction(COLUMNS[at].title)
            action.setCheckable(True)
            action.setChecked(at not in self._unwanted)
            action.toggled.connect(lambda is_on, at=at: self._choose_column(at, is_on))
        return menu

    def _choose_column(self, at: At, is_on: bool) -> None:
        self._unwanted = self._unwanted - {at} if is_on else self._unwanted | {at}
        self.arrange()
        self.columns_chosen.emit([COLUMNS[place].title for place in sorted(self._unwanted)])

    @property
    def rows_height(self) -> int:
        """Of eight rows, in pixels: more of them scroll."""
        return ROWS_SEEN * self._theme.px(self.HIGH)

    # -- ticks, keys and the menu -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == At.TICK and event.button() == Qt.MouseButton.LeftButton:
            self.ticked.emit(index)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == At.TICK:
            self.mousePressEvent(event)  # two quick clicks turn it twice
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.ticked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            if not index.isValid():
                return
            self.setCurrentIndex(index)
            self.menu_wanted.emit(event.globalPos())
        elif self.currentIndex().isValid():
            self.menu_wanted.emit(self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft()))
