"""The table of the Bits page: all formats as rows at once."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from workbench.numerics.number_format import FieldKind
from workbench.panes.bits.rows.columns import Columns, share_out
from workbench.panes.bits.rows.row import RowView
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.words import bits_text, hex_text, row_line, value_text
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar
from workbench.panes.parts.boxes import in_column, in_scroll
from workbench.panes.parts.controls import icon_button
from workbench.panes.parts.in_sight import RefreshedInSight

LEGEND = tuple(FieldKind)


class TableHead(Canvas):
    """The titles of the columns, and what the colours of the bits mean."""

    SIZE = (400, 29)
    GROWS = (True, False)

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__(theme, "Columns")
        self._model = model
        self._columns: Columns | None = None
        self.rows_button = icon_button("Choose rows, their order, or make a format", theme, "sliders-horizontal")
        self.rows_button.setParent(self)

    def set_columns(self, columns: Columns) -> None:
        self._columns = columns
        self.setFixedHeight(self.sizeHint().height())
        side = self._theme.px(24)
        self.rows_button.setGeometry(
            columns.lock[1] - side - self._theme.px(6), (self.height() - side) // 2, side, side
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        columns, theme = self._columns, self._theme
        if columns is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.color("border.divider"))
        painter.setFont(theme.font("small"))
        titles = (
            ("Format", columns.name, False),
            ("Hex", columns.hex, False),
            ("Stored value", columns.value, False),
            ("Error", columns.error, True),
            ("relative", columns.relative, True),
            ("in ulp", columns.ulp, True),
            ("class", columns.number_class, True),
        )
        painter.setPen(theme.color("text.tertiary"))
        for title, column, is_right in titles:
            if column:
                side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
                box = QRect(column[0], 0, column[1] - column[0], self.height())
                painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, title)
        self._paint_legend(painter, *columns.strip)

    def _paint_legend(self, painter: QPainter, left: int, right: int) -> None:
        theme, px = self._theme, self._theme.px
        present = {field.kind for row in self._model.rows for field in row.format.fields}
        x, side = left, px(10)
        for kind in (kind for kind in LEGEND if kind in present):
            width = painter.fontMetrics().horizontalAdvance(kind.value)
            if x + side + px(7) + width > right:
                break
            paint_bar(painter, QRectF(x, (self.height() - side) / 2, side, side), theme.color(f"bits.{kind.value}"))
            painter.setPen(theme.color("text.secondary"))
            box = QRect(x + side + px(6), 0, width + px(4), self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, kind.value)
            x += side + width + px(22)


class BitsTable(RefreshedInSight, QFrame):
    """A head that stays, and a row for each format of the model.

    Signals:
        copied: What was put on the clipboard.
    """

    copied = Signal(str)

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self._is_roomy = False
        self._formats: list[object] = []
        self._selected = model.selected
        self.setProperty("role", "card")
        self.setAccessibleName("The value in every format")
        self.head = TableHead(theme, model)
        self.views: list[RowView] = []
        self._inside = QWidget()
        self._rows = in_column(1, gap=0, of=self._inside)
        self._scroll = in_scroll(self._inside)
        self._scroll.setMinimumHeight(theme.px(60))
        self._scroll.viewport().installEventFilter(self)
        in_column(self.head, (self._scroll, 1), gap=0, margins=(1, 1, 1, 1), of=self)
        theme.changed.connect(self.share_out)
        model.changed.connect(self.refresh_in_sight)
        self.refresh_once()

    def natural_height(self) -> int:
        """With all its rows."""
        return self.head.sizeHint().height() + sum(view.least_height() for view in self.views) + 4

    def set_roomy(self, is_roomy: bool) -> None:
        """Writes the rows larger, where there is room for that."""
        if is_roomy != self._is_roomy:
            self._is_roomy = is_roomy
            self.share_out()

    def set_row_extra(self, extra: int) -> None:
        """Makes each row a number of pixels higher than it has to be."""
        for view in self.views:
            view.set_extra(extra)

    def refresh(self) -> None:
        formats: list[object] = list(self._model.formats)
        if self._model.selected != self._selected:
            self._selected = self._model.selected
            self.show_selected_soon()
        if formats == self._formats:
            return
        self._formats = formats
        while len(self.views) > len(formats):
            gone = self.views.pop()
            self._rows.removeWidget(gone)
            gone.setParent(None)
            gone.deleteLater()
        while len(self.views) < len(formats):
            self._add_view()
        self.share_out()

    def _add_view(self) -> None:
        view = RowView(self._theme, self._model, len(self.views))
        view.strip.row_wanted.connect(self._step)
        view.strip.copied.connect(self.copied)
        view.menu_wanted.connect(self._show_menu)
        self._rows.insertWidget(len(self.views), view)
        if self.views:
            self.setTabOrder(self.views[-1].lock, view.strip)
        self.setTabOrder(view.strip, view.lock)
        self.views.append(view)

    def share_out(self) -> None:
        """Gives the columns their places."""
        width = self._scroll.viewport().width()
        columns = share_out(self._theme, self._model.rows, width, is_roomy=self._is_roomy)
        self.head.set_columns(columns)
        for view in self.views:
            view.set_columns(columns)
        self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:  # of the viewport: a scroll bar comes or goes
            self.share_out()
        return False

    # -- going through the rows ---------------------------------------------------------------------------------------

    def focus_row(self, index: int) -> None:
        """Gives a row's strip the keyboard."""
        view = self.views[min(len(self.views) - 1, max(0, index))]
        view.strip.setFocus(Qt.FocusReason.OtherFocusReason)
        self._scroll.ensureWidgetVisible(view, 0, 0)

    def show_selected_soon(self) -> None:
        """Once the rows have their places."""
        QTimer.singleShot(0, self, self.show_selected)

    def show_selected(self) -> None:
        """Scrolls to the selected row."""
        if self._model.selected < len(self.views):
            self._scroll.ensureWidgetVisible(self.views[self._model.selected], 0, 0)

    def _step(self, way: int) -> None:
        self.focus_row(self._model.selected + way)

    # -- the menu of a row --------------------------------------------------------------------------------------------

    def menu_of(self, index: int) -> QMenu:
        """What can be done with a row."""
        row, model = self._model.rows[index], self._model
        decoded = row.inspection.decoded
        menu = QMenu(self)
        if decoded is not None:
            for words, text in (
                ("Copy the value", value_text(decoded.number)),
                ("Copy the hex code", f"0x{hex_text(row)}"),
                ("Copy the bits", bits_text(row)),
                ("Copy the row", row_line(row)),
            ):
                _add(menu, words, lambda text=text: self._copy(text))
            menu.addSeparator()
        keep = _add(menu, "Keep its bits", lambda: model.set_lock(index, not row.is_locked))
        keep.setCheckable(True)
        keep.setChecked(row.is_locked)
        menu.addSeparator()
        _add(menu, "Move up", lambda: model.move(index, -1)).setEnabled(index > 0)
        _add(menu, "Move down", lambda: model.move(index, 1)).setEnabled(index < len(model.rows) - 1)
        _add(menu, "Leave this row out", lambda: model.remove(index)).setEnabled(len(model.rows) > 1)
        return menu

    def _show_menu(self, index: int, place: QPoint) -> None:
        menu = self.menu_of(index)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)


def _add(menu: QMenu, words: str, act: object) -> QAction:
    action = menu.addAction(words)
    action.triggered.connect(lambda _checked=False: act())  # type: ignore[operator]
    return action
