"""Ways to train as stacked bars side by side, with the limit of the card drawn across them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QToolTip

from workbench.panes.charts.arrow_keys import STEPS, Step, place_after
from workbench.panes.charts.canvas import Canvas
from workbench.panes.charts.memory_blocks import PART_HELP
from workbench.panes.look.theme import Theme
from workbench.panes.memory.bars_paint import BarsLook, paint_bars
from workbench.panes.memory.scale import Scale, WayBar
from workbench.panes.memory.words import TITLES, fine

# Rows that the height is made for, whatever there are.
ROWS = 4
LEARNED_HELP = "What finished runs on this card took beyond the prediction."
CLAIM_HELP = "As the article prints it."
LABEL_WIDTH = 186
# The widest that stands beside a bar, in any font.
WIDEST_FIGURE, WIDEST_VERDICT = "000", "does not fit, lacks 000"


class ScenarioBars(Canvas):
    """Up and down choose a row, left and right a block of it, which then tells its formula.

    Signals:
        row_chosen: The row that is meant.
        part_chosen: The part of the ledger that is meant.
        rename_wanted, remove_wanted: What a key asks for of the chosen row.
        renamed: A row and its new name.
        stepped: How far the story is to go.
    """

    SIZE, LEAST = (640, 20 + ROWS * 44 + 22), (360, 20 + ROWS * 34 + 22)
    row_chosen = Signal(int)
    part_chosen = Signal(str)
    rename_wanted = Signal()
    remove_wanted = Signal()
    renamed = Signal(int, str)
    stepped = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Memory of each way to train", takes_keys=True)
        self.bars: tuple[WayBar, ...] = ()
        self.chosen = -1
        self.sentence, self.can_choose = "", True
        self._rows = ROWS
        self._most_bytes = 0.0
        self._limit = (0.0, "")
        self._unit = "GB"
        self._label_width = LABEL_WIDTH
        self._block = -1
        self.setMouseTracking(True)
        self._edit = QLineEdit(self)
        self._edit.setAccessibleName("Name of the row")
        self._edit.setMaxLength(60)
        self._edit.hide()
        self._edit.editingFinished.connect(self._take_name)
        self._edit.installEventFilter(self)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_bars(
        self,
        bars: Sequence[WayBar],
        *,
        unit: str,
        limit_bytes: float,
        limit_words: str,
        chosen: int = -1,
        rows: int = ROWS,
        most_bytes: float = 0,
        sentence: str = "",
        can_choose: bool = True,
        label_width: int = LABEL_WIDTH,
    ) -> None:
        """`rows` is for how many there is room; `most_bytes` keeps the scale while bars move."""
        if not can_choose or chosen != self.chosen or len(bars) != len(self.bars):
            self._block = -1
        self.bars, self._unit, self.chosen = tuple(bars), unit, chosen
        self._limit = (limit_bytes, limit_words)
        self._rows = max(rows, len(bars))
        self._most_bytes = max([most_bytes, *(bar.longest_bytes for bar in bars)])
        self.sentence, self.can_choose, self._label_width = sentence, can_choose, label_width
        self.update()

    @property
    def scale(self) -> Scale:
        px = self._theme.px
        label = min(px(self._label_width), round(self.width() * 0.31))
        return Scale(
            self._theme,
            self.width(),
            self.height(),
            self._rows,
            self._most_bytes,
            self._limit[0],
            self._unit,
            label,
            min(self._figure_width(), round(self.width() * 0.32)),
            has_sentence=bool(self.sentence),
        )

    def _figure_width(self) -> int:
        strong, small = (
            QFontMetricsF(self._theme.font(role, weight=weight)) for role, weight in (("body", 600), ("small", 400))
        )
        words = strong.horizontalAdvance(WIDEST_FIGURE) + small.horizontalAdvance(WIDEST_VERDICT)
        beside = max(self.bars, key=lambda bar: bar.longest_bytes, default=None)
        if beside is not None and not beside.verdict:  # a sum in place of a figure
            words = max(words, strong.horizontalAdvance(beside.figure))
        return round(words) + self._theme.px(32)

    @property
    def limit_words(self) -> str:
        words = self._limit[1]
        return words if self.scale.shows_limit else f"{words}: beyond the right edge"

    def block_rects(self, row: int) -> list[QRectF]:
        scale, before = self.scale, 0.0
        bar, found = scale.bar(row), []
        for block in self.bars[row].blocks:
            left = scale.x(before)
            before += block.size_bytes
            right = scale.x(before)
            gap = 1 if right - left > 6 else 0
            found.append(QRectF(left, bar.top(), max(0.5, right - left - gap), bar.height()))
        return found

    @property
    def block(self) -> int:
        """The block that is meant, of the chosen row; -1 where none is."""
        return self._block if 0 <= self.chosen < len(self.bars) else -1

    # -- a block -------------------------------------------------------------------------------------------------------

    def words_of(self, row: int, index: int) -> str:
        """What a block is, how large, and its formula."""
        block = self.bars[row].blocks[index]
        size = f"{fine(round(block.size_bytes), self._unit)} {self._unit}"
        if block.part == "claim":
            return f"{size}. {CLAIM_HELP}"
        if block.part == "learned":
            return f"Learned: {size}, {block.formula}. {LEARNED_HELP}"
        formula = f": {block.formula}" if block.formula else ""
        return f"{TITLES[block.part]} {size}{formula}. {PART_HELP[block.part]}"

    def _show_tip(self, row: int, index: int, at: QPointF | None = None) -> None:
        has_words = 0 <= index < len(self.bars[row].blocks)
        rect = self.block_rects(row)[index] if has_words else QRectF()
        words = self.words_of(row, index) if has_words else ""
        self.tell_at(QPointF(rect.center().x(), rect.bottom()) if at is None else at, words)

    def _choose_block(self, index: int) -> None:
        self._block = index
        self.update()
        self._show_tip(self.chosen, self._block)
        self.part_chosen.emit(self.bars[self.chosen].blocks[self._block].part)

    def _at(self, point: QPointF) -> tuple[int, int]:
        """The row and the block at a place; -1 for none."""
        scale = self.scale
        for row in range(len(self.bars)):
            if scale.row(row).contains(point):
                blocks = enumerate(self.block_rects(row))
                return row, next((i for i, rect in blocks if rect.adjusted(-1, -3, 1, 3).contains(point)), -1)
        return -1, -1

    # -- pointer and keyboard ------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row, block = self._at(event.position())
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if row >= 0 and self.can_choose else Qt.CursorShape.ArrowCursor
        )
        if row >= 0:
            self._show_tip(row, block, event.position())
        else:
            QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row, block = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self._choose_row(row)
            if block >= 0:
                self.part_chosen.emit(self.bars[row].blocks[block].part)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row, _ = self._at(event.position())
        if row >= 0 and self.can_choose and event.position().x() < self.scale.left:
            self.rename_wanted.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.has_ring:
            QToolTip.hideText()

    def _choose_row(self, row: int) -> None:
        if self.can_choose and 0 <= row < len(self.bars) and row != self.chosen:
            self._block = -1
            QToolTip.hideText()
            self.row_chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, keys = event.key(), Qt.Key
        if not self.can_choose:
            step = STEPS.get(key, Step(across=int(key == keys.Key_Space)))
            if step.across or step.down:
                self.stepped.emit(step.across + step.down)
            else:
                super().keyPressEvent(event)
            return
        if not 0 <= self.chosen < len(self.bars):
            super().keyPressEvent(event)
            return
        block = place_after(event, self._block, len(self.bars[self.chosen].blocks))
        match key:
            case keys.Key_Down:
                self._choose_row(self.chosen + 1)
            case keys.Key_Up:
                self._choose_row(self.chosen - 1)
            case _ if block is not None:
                self._choose_block(block)
            case keys.Key_F2 | keys.Key_Return | keys.Key_Enter:
                self.rename_wanted.emit()
            case keys.Key_Delete:
                self.remove_wanted.emit()
            case _:
                super().keyPressEvent(event)

    # -- a row's name --------------------------------------------------------------------------------------------------

    def edit_title(self) -> None:
        """Opens the chosen row's name."""
        if not self.can_choose or not 0 <= self.chosen < len(self.bars):
            return
        self._place_edit()
        self._edit.setText(self.bars[self.chosen].title)
        self._edit.selectAll()
        self._edit.show()
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place_edit(self) -> None:
        row, px = self.scale.row(self.chosen), self._theme.px
        high = self._theme.size("size.control")
        self._edit.setGeometry(px(8), round(row.center().y() - high / 2), self.scale.label_width - px(16), high)

    def _take_name(self) -> None:
        if self._edit.isHidden():
            return
        had_focus = self._edit.hasFocus()
        self._edit.hide()
        if had_focus:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._edit.text() != self.bars[self.chosen].title:
            self.renamed.emit(self.chosen, self._edit.text())

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self._edit.setText(self.bars[self.chosen].title)
            self._take_name()
            return True
        return False

    # -- drawing -------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._edit.isHidden():
            self._place_edit()

    def paintEvent(self, event: QPaintEvent) -> None:
        boxes = tuple(self.block_rects(row) for row in range(len(self.bars)))
        chosen, words = (self.chosen, self.block), (self.limit_words, self.sentence)
        look = BarsLook(self.scale, self.bars, boxes, *chosen, *words, has_ring=self.has_ring)
        paint_bars(QPainter(self), self._theme, look)
