"""The card of the losses: by step, tokens or time, with what hinders their comparison over them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy

from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import Segmented, icon_button, label
from workbench.panes.runs.compared.line import Axis, Line
from workbench.panes.runs.compared.plot import ComparedPlot

AXES: tuple[tuple[Axis, str], ...] = (("step", "Step"), ("tokens", "Tokens"), ("time", "Time"))
SMOOTHED, LOGGED = "rings: evaluation", "as logged, rings: evaluation"


class WarnLine(QFrame):
    """A sentence in the ground of a warning; nothing where there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "tag")
        self._icon = QLabel()
        self.words = label("", "", wraps=True)
        self.words.setMinimumHeight(1)
        in_row((self._icon, 0, Qt.AlignmentFlag.AlignTop), (self.words, 1), gap=6, margins=(8, 4, 8, 4), of=self)
        polish(self, state="warn")
        self.hide()
        theme.follow(self._draw)

    def say(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def _draw(self) -> None:
        side = self._theme.px(14)
        self._icon.setPixmap(self._theme.icon("warning", "status.warn").pixmap(side, side))


class LossCard(ScopedCard):
    """Shows the lines it is given along the axis that is chosen."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Loss", SMOOTHED)
        self.plot = ComparedPlot(theme)
        self.warning = WarnLine(theme)
        self.axes = Segmented(AXES, "Along")
        self.axes.set_value("step")
        self.more = icon_button("Smoothing, log scale, and files of the plot", theme, "dots-three")
        self.more.clicked.connect(self._open_menu)
        self.add_to_head(self.axes)
        self.add_to_head(self.more)
        self.set_margins(14, 0, 4, 4)
        theme.follow(lambda: self.axes.setMinimumWidth(self.axes.sizeHint().width()))
        self.body.addWidget(self.warning)
        self.body.addWidget(self.plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def axis(self) -> Axis:
        return next(axis for axis, _ in AXES if axis == self.axes.value())

    def show_lines(self, lines: Sequence[Line], told: Sequence[str], quiet_words: str = "") -> None:
        """The lines, why they cannot be compared, and what is said where there are none."""
        self.plot.quiet_words = quiet_words
        self.plot.show_lines(lines, self.axis)
        self.warning.say(" ".join(told))
        self._say_scope()

    def _say_scope(self) -> None:
        self.scope.set_text(SMOOTHED if self.plot.is_smoothed else LOGGED)

    def _open_menu(self) -> None:
        menu = self.plot.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.aboutToHide.connect(self._say_scope)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
