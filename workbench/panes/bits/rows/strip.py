"""A strip of bits that can be clicked, painted over and edited by keys."""

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.panes.bits.rows.accessible import speak_of_bits, tell_value
from workbench.panes.bits.rows.columns import LEAST_CELL
from workbench.panes.bits.shown.model import BitsModel, BitsRow
from workbench.panes.bits.shown.places import Place
from workbench.panes.bits.shown.words import bit_in_words, bits_text, row_in_words, row_line
from workbench.panes.charts.bit_cells import CellLayout, CellPainter, CellSize, lay_out
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.in_sight import RefreshedInSight

JUMPS: dict[str, Place] = {"i": "infinity", "0": "zero", "m": "largest", "s": "smallest"}
KEYS_HELP = (
    "Space flips a bit, left and right move. Up and down: one ulp. N and P: next and previous value. "
    "I, 0, M, S: infinity, zero, largest, smallest. L: keep the bits. Page up, page down: another row. Ctrl+C copies."
)


class BitStrip(RefreshedInSight, QWidget):
    """The bits of one row of the model, or of the selected row where `row` is None.

    A click flips a bit; dragging from it paints the same digit over others. Large strips show the hidden bit.

    Signals:
        row_wanted: 1 for the row below, -1 for the one above.
        laid_out: The cells have other places now.
        copied: The line that was put on the clipboard.
    """

    row_wanted = Signal(int)
    laid_out = Signal()
    copied = Signal(str)

    def __init__(
        self, theme: Theme, model: BitsModel, row: int | None = None, *, is_large: bool = False, above: int = 0
    ) -> None:
        super().__init__()
        speak_of_bits()
        self._theme = theme
        self._model = model
        self._row = row
        self._is_large = is_large
        self._above = above  # room over the cells, in pixels of the drawing
        self._room, self._cell_width, self._scale = 0, 0, 1.0  # what it may take; 0: what it wants
        self._cells = CellPainter(theme)
        self._painting: int | None = None  # the digit that is painted while the button is held
        self._shown: tuple[object, ...] = ()
        self._layout: CellLayout
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription(KEYS_HELP)
        theme.follow(self._restyle)
        model.changed.connect(self.refresh_in_sight)

    # -- what it shows ------------------------------------------------------------------------------------------------

    @property
    def index(self) -> int:
        """The row of the model."""
        return self._model.selected if self._row is None else min(self._row, len(self._model.rows) - 1)

    @property
    def row(self) -> BitsRow:
        return self._model.rows[self.index]

    @property
    def cells(self) -> CellLayout:
        """Where the cells lie, in the strip's own pixels."""
        return self._layout

    @property
    def is_chosen(self) -> bool:
        return self.index == self._model.selected

    def spoken(self) -> str:
        """The row in words, and the chosen bit."""
        return f"{row_in_words(self.row)}; {bit_in_words(self.row, self._model.bit)}"

    def set_room(self, room: int, cell_width: int = 0, scale: float = 1.0) -> None:
        """At most this wide, by narrower cells or in more lines; with cells of a width, where one is given."""
        if (room, cell_width, scale) != (self._room, self._cell_width, self._scale):
            self._room, self._cell_width, self._scale = room, cell_width, scale
            self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(round(self._layout.width), round(self._layout.height))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(60), round(self._layout.height))

    def _restyle(self) -> None:
        self._cells.read()
        self._lay_out()

    def _lay_out(self) -> None:
        size = (CellSize.large if self._is_large else CellSize.small)(self._theme, self._scale)
        room = self._room or 1e9
        format_ = self.row.format
        size = size.narrowed(self._cell_width or self._fitting_width(size))
        self._cells.set_font(min(size.height, round(size.width * 1.5)))
        top = 3 + round(self._theme.px(self._above) * self._scale)
        self._layout = lay_out(format_, size, room=room, has_ghost=self._is_large, top=top)
        self.updateGeometry()
        self.update()
        self.laid_out.emit()

    def _fitting_width(self, size: CellSize) -> int:
        """Of cells that let 32 bits stand in one line, unless their digits could not be read any more."""
        bits = min(32, self.row.format.bits) + self._is_large
        fitting = int((self._room - 4 * size.field_gap) // bits) - size.gap
        return fitting if self._room and fitting >= self._theme.px(LEAST_CELL) else size.width

    def refresh(self) -> None:
        row, bit = self.row, self._model.bit if self.is_chosen else -1
        now = (row.format, row.code, bit)
        if now == self._shown:
            return
        before, self._shown = self._shown, now
        if not before or before[0] != row.format:
            self._lay_out()
        self.update()
        if self.hasFocus() and before:
            self._tell_screen_reader(has_code_changed=before[:2] != now[:2])

    def _tell_screen_reader(self, *, has_code_changed: bool) -> None:
        """Says what a screen reader cannot see: the new value, or the bit that was moved to."""
        if not QAccessible.isActive():
            return
        tell_value(self)
        if not has_code_changed:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, bit_in_words(self.row, self._model.bit)))

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.row.format is not (self._shown[0] if self._shown else None):
            self.refresh()
        painter = QPainter(self)
        row = self.row
        if row.code is None:
            self._cells.paint(painter, self._layout, 0) if self._is_large else self._paint_note(painter)
            return
        self._cells.paint(painter, self._layout, row.code)
        decoded = row.inspection.decoded
        self._cells.paint_ghost(painter, self._layout, decoded.hidden_bit if decoded else None)
        if self.is_chosen:
            box = self._layout.boxes[min(self._model.bit, row.format.bits - 1)]
            self._cells.paint_ring(painter, box, has_focus=self.hasFocus())

    def _paint_note(self, painter: QPainter) -> None:
        """Why there are no bits."""
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text.tertiary"))
        note = painter.fontMetrics().elidedText(
            self.row.inspection.note, Qt.TextElideMode.ElideRight, self.width() - self._theme.px(4)
        )
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, note)
        if self.hasFocus():
            self._cells.paint_ring(painter, self.rect().adjusted(4, 4, -4, -4).toRectF(), has_focus=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()

    # -- mouse --------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        index, bit = self.index, self._layout.bit_at(event.position())
        self._model.select(index, bit)
        if bit is not None and self.row.code is not None:
            self._painting = 1 - (self.row.code >> bit & 1)
            self._model.flip(index, bit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        bit = self._layout.bit_at(event.position())
        if self._painting is None or bit is None or self.row.code is None:
            return
        code = self.row.code & ~(1 << bit) | self._painting << bit
        if code != self.row.code:
            self._model.select(self.index, bit)
            self._model.set_code(self.index, code, joins=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._painting = None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
        return super().event(event)

    def _show_tip(self, event: QEvent) -> None:
        place: QPoint = event.pos()  # type: ignore[attr-defined]
        bit = self._layout.bit_at(place.toPointF())
        self.setToolTip(plain_tip(bit_in_words(self.row, bit)) if bit is not None and self.row.code is not None else "")

    # -- keys ---------------------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._model.select(self.index)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        is_combined = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if is_combined or not self._obey(event):
            super().keyPressEvent(event)

    def _obey(self, event: QKeyEvent) -> bool:
        model, index, bit, keys = self._model, self.index, self._model.bit, Qt.Key
        top, key, letter = self.row.format.bits - 1, event.key(), event.text().lower()
        if key in (keys.Key_Left, keys.Key_Right):
            model.select(index, min(top, max(0, bit + (1 if key == keys.Key_Left else -1))))
        elif key in (keys.Key_Home, keys.Key_End):
            model.select(index, top if key == keys.Key_Home else 0)
        elif key == keys.Key_Space:
            model.flip(index, bit)
        elif key in (keys.Key_Up, keys.Key_Down):
            model.shift(index, 1 if key == keys.Key_Up else -1)
        elif key in (keys.Key_PageUp, keys.Key_PageDown):
            self.row_wanted.emit(-1 if key == keys.Key_PageUp else 1)
        elif letter in ("n", "p"):
            model.neighbour(index, 1 if letter == "n" else -1)
        elif letter in JUMPS:
            model.jump(index, JUMPS[letter])
        elif letter == "l":
            model.set_lock(index, not self.row.is_locked)
        else:
            return False
        return True

    def copy(self) -> None:
        """Puts the row on the clipboard as one line: name, hex, bits and value."""
        line = row_line(self.row)
        QGuiApplication.clipboard().setText(line)
        self.copied.emit(line)

    def bits_text(self) -> str:
        """The bits as text, a blank between fields."""
        return bits_text(self.row)
