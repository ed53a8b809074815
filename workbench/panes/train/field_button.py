"""A setting that is chosen on another page, as a field in the form that leads there."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from workbench.core.problems import shown
from workbench.core.recipe.recipe import settings
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import breakable, label
from workbench.panes.parts.fields import put_fact

# Under a field there is room for a sentence; the picture says the rest.
LONGEST_PROBLEM = 140


class FieldButton(QPushButton):
    """A field that is chosen on another page: its text is shortened to fit, its fact stands at its right."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._whole = ""
        self.setProperty("kind", "field")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        put_fact(self, "")
        theme.follow(self.make_room)

    def show_choice(self, text: str, fact: str = "") -> None:
        self._whole = " ".join(text.split())
        put_fact(self, fact)
        self.setAccessibleName(f"{self._name}: {self._whole} {fact}".strip())
        self._elide()

    @property
    def whole(self) -> str:
        return self._whole

    @property
    def fact(self) -> str:
        return self._fact_label().text()

    def _fact_label(self) -> QLabel:
        found = self.findChild(QLabel, "fact")
        assert isinstance(found, QLabel)
        return found

    def make_room(self) -> None:
        """For the caret, which is not there while the field is locked."""
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0 if self.property("locked") else self._theme.px(24), 0)
        self._elide()

    def _elide(self) -> None:
        fact = self._fact_label()
        taken = fact.sizeHint().width() + self._theme.px(8) if fact.text() else 0
        room = self.width() - self._theme.px(4 if self.property("locked") else 38) - taken
        shortened = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(0, room))
        self.setText(shortened.replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(120), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.property("locked"):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("text.secondary"), 1.2))
        x, y, half = self.width() - self._theme.px(14), self.height() / 2, self._theme.px(3)
        painter.drawPolyline(
            QPolygonF([QPointF(x - half / 2, y - half), QPointF(x + half / 2, y), QPointF(x - half / 2, y + half)])
        )


class LinkRow(QWidget):
    """A setting that another page is for: its value, and what is wrong with it."""

    def __init__(self, theme: Theme, path: str) -> None:
        super().__init__()
        setting = settings()[path]
        self.label = label(setting.title, "label", wraps=True)
        self.label.setToolTip(setting.help)
        self.field = FieldButton(theme, setting.title)
        self.field.setToolTip(setting.help)
        self.field.setAccessibleDescription(setting.help)
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        in_column(self.field, self._problem, gap=2, of=self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def say_problem(self, text: str) -> None:
        self._problem.setText(breakable(shown(text, LONGEST_PROBLEM)))
        self._problem.setVisible(bool(text))
        polish(self.field, state="danger" if text else "")

    def problem_text(self) -> str:
        return "" if self._problem.isHidden() else self._problem.text()
