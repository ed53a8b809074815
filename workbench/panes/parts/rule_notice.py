"""The rule about adapters, said where it is broken, with the button that mends it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import button, label

RULE_PATH = "lora.enabled"


class RuleNotice(QWidget):
    """Says that quantized weights cannot be trained without an adapter; hidden while the rule is kept."""

    def __init__(self, store: RecipeStore, theme: Theme) -> None:
        super().__init__()
        self._store = store
        self._theme = theme
        self._icon = QLabel()
        self.what = label("", "medium", wraps=True)
        self.why = label("", "small", wraps=True)
        self.mend = button("Turn the adapter on", theme, "check")
        self.mend.setToolTip("Trains two thin matrices beside each layer, and leaves the stored weights as they are.")
        self.mend.clicked.connect(lambda: store.set(RULE_PATH, True))
        words = in_column(self.what, self.why, (self.mend, 0, Qt.AlignmentFlag.AlignLeft), gap=4)
        self._layout = in_row((self._icon, 0, Qt.AlignmentFlag.AlignTop), (words, 1), of=self)
        store.changed.connect(self.refresh)
        theme.follow(self._draw)
        self.refresh()

    def refresh(self, _paths: object = None) -> None:
        """Shows itself where the store's recipe breaks the rule."""
        problem = next((problem for problem in self._store.problems if problem.path == RULE_PATH), None)
        if problem is not None:
            what, _, why = problem.text.partition(": ")
            self.what.setText(what)
            self.why.setText(f"{why[:1].upper()}{why[1:]}")
            self.setAccessibleName(what)
        if problem is None or self.parentWidget() is not None:  # without a parent it would be a window
            self.setVisible(problem is not None)

    def _draw(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(10), px(8), px(10), px(8))
        self._layout.setSpacing(px(8))
        side = px(16)
        self._icon.setPixmap(self._theme.icon("warning-circle", "status.danger").pixmap(side, side))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color("status.danger_tint"))
        painter.setPen(QPen(self._theme.color("status.danger"), 1))
        radius = self._theme.size("radius.control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
