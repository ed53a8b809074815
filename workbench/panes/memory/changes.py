"""What one step of each setting would save or cost, each as a button that does it."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from workbench.core.figures import MINUS
from workbench.core.memory.fitting import Change
from workbench.panes.charts.bar_rows import LEAST_PIXELS
from workbench.panes.charts.canvas import Painted, write_line
from workbench.panes.look.theme import Theme
from workbench.panes.memory.words import amount, change_words
from workbench.panes.parts.bars import paint_bar
from workbench.panes.parts.boxes import in_column, in_scroll
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.focus_ring import paint_ring

# A smaller change is not worth a row.
LEAST_BYTES = 5_000_000
ROW = 26
SHORTER = {
    "Sequence length": "Sequence",
    "Batch size": "Batch",
    "Gradient checkpointing off": "Nothing recomputed",
    "Gradient checkpointing on": "Activations recomputed",
    "NF4 weights with double quantization": "NF4 weights",
    " tokens": "",
}


def in_few_words(title: str) -> str:
    """A change with settings called as in the page's form."""
    for long, short in SHORTER.items():
        title = title.replace(long, short)
    return title


class ChangeRow(Painted, QPushButton):
    """One change: its words, a bar as long as what it saves or costs, and the figure."""

    SIZE, LEAST = (260, ROW), (160, ROW)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.change: Change | None = None
        self.words = ""
        self._unit = "GB"
        self._most = 1.0
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Painted whole below: the style sheet's margins would take from its height.
        self.setStyleSheet("QPushButton, QPushButton:focus { border: none; margin: 0; padding: 0; min-height: 0; }")

    def show_change(self, change: Change, unit: str, most_bytes: float) -> None:
        self.change, self._unit, self._most = change, unit, most_bytes
        figure = f"{change_words(change.saved_bytes, unit)} {unit}"
        then = f"needs {amount(change.peak_bytes, unit)} {unit} then{'' if change.fits else ', which does not fit'}"
        self.words = in_few_words(change.title)
        self.setAccessibleName(f"{self.words}: {figure}")
        self.setAccessibleDescription(f"{change.cost} It {then}.")
        self.setToolTip(plain_tip(f"{self.words}: {figure}; {then}. {change.cost}"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        change = self.change
        if change is None:
            return
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        if self.underMouse() and self.isEnabled():
            painter.fillRect(self.rect(), theme.color("surface.hover"))
        painter.fillRect(QRectF(px(14), 0, self.width() - px(28), 1), theme.color("border.divider"))
        strong, small = theme.font("body", weight=500), theme.font("small")
        unit_width = QFontMetricsF(small).horizontalAdvance(self._unit) + px(4)
        figure_width = QFontMetricsF(strong).horizontalAdvance(f"{MINUS}000.00") + 2
        right = self.width() - px(14)
        side = Qt.AlignmentFlag.AlignRight
        box = QRectF(right - unit_width, 0, unit_width, self.height())
        write_line(painter, theme, box, self._unit, small, "text.tertiary", side)
        figure = QRectF(right - unit_width - figure_width, 0, figure_width, self.height())
        saved = change_words(change.saved_bytes, self._unit)
        write_line(painter, theme, figure, saved, strong, "text.primary", side)
        bar_width = min(px(96), self.width() * 0.24)
        bar = QRectF(figure.left() - px(6) - bar_width, self.height() / 2 - px(3), bar_width, px(6))
        self._paint_bar(painter, bar, change)
        words = QRectF(px(14), 0, bar.left() - px(22), self.height())
        write_line(painter, theme, words, self.words, theme.font("body"), "text.primary")
        if self.has_ring:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ring(painter, theme, QRectF(self.rect()).adjusted(5, 2, -5, -1), 5)

    def _paint_bar(self, painter: QPainter, bar: QRectF, change: Change) -> None:
        """As long as the change is large; one beyond the row ends in a gap and a stroke."""
        theme = self._theme
        saves = change.saved_bytes > 0
        color = theme.color("status.success" if saves else "status.warn" if change.fits else "status.danger")
        share = abs(change.saved_bytes) / self._most
        if share <= 1:
            bar.setWidth(max(LEAST_PIXELS, bar.width() * share))
            paint_bar(painter, bar, color)
        else:
            tail = theme.px(4)
            paint_bar(painter, bar.adjusted(0, 0, -2 * tail, 0), color)
            paint_bar(painter, QRectF(bar.right() - tail, bar.top(), tail, bar.height()), color)


class ChangesCard(Card):
    """All changes, the largest saving first, the largest cost last.

    Signals:
        chosen: A change that is wanted.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "What would change it", "a button each")
        self.set_margins(1, 0, 1, 4)
        self.rows: list[ChangeRow] = []
        self._inside = QWidget()
        self._column = in_column(1, gap=0, of=self._inside)
        self._area = in_scroll(self._inside)
        self._area.setMinimumHeight(theme.px(ROW))
        self.body.addWidget(self._area, 1)
        self.shown: list[Change] = []

    def show_changes(self, changes: list[Change], unit: str) -> None:
        self.shown = [change for change in changes if abs(change.saved_bytes) >= LEAST_BYTES]
        fitting = [abs(change.saved_bytes) for change in self.shown if change.fits or change.saved_bytes > 0]
        most = float(max(fitting, default=max((abs(change.saved_bytes) for change in self.shown), default=1)))
        while len(self.rows) < len(self.shown):
            self._add_row()
        for index, row in enumerate(self.rows):
            if index < len(self.shown):
                row.show_change(self.shown[index], unit, most)
            row.setVisible(index < len(self.shown))
        costs = sum(change.saved_bytes < 0 for change in self.shown)
        self.scope.setText(f"{len(self.shown) - costs} save, {costs} cost; a click does it")

    def _add_row(self) -> None:
        row = ChangeRow(self.theme)
        row.clicked.connect(lambda _checked=False, row=row: self.chosen.emit(row.change))
        self.rows.append(row)
        self._column.insertWidget(len(self.rows) - 1, row)
        row.installEventFilter(self)

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(watched, ChangeRow) and watched.hasFocus():
            self._area.ensureWidgetVisible(watched, 0, self.theme.px(ROW))
        return False
