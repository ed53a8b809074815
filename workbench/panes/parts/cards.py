"""Cards, tiles and tags: the frames that hold what is shown."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.bars import paint_part
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import ElidedLabel, Heading, breakable, button, label, set_least_height

ICON_OF_STATE = {
    "success": "check",
    "warn": "warning",
    "danger": "warning-circle",
    "info": "info",
    "none": "clock-counter-clockwise",
}
# Of core.memory.fitting.Verdict.word.
STATE_OF_VERDICT = {"fits": "success", "tight": "warn", "does not fit": "danger"}


class Card(QFrame):
    """A framed part of the picture: a head with title and scope, then whatever is put into `body`."""

    def __init__(self, theme: Theme, title: str = "", scope: str = "") -> None:
        super().__init__()
        self.theme = theme
        self.setProperty("role", "card")
        self._has_head = bool(title)
        self._margins = (14, 2 if title else 12, 14, 12)
        self._least_head = 0
        self.title = Heading(title)
        self.scope = label(scope, "fact")
        self.head = in_row(self.title, self.scope, 1, gap=8)
        self.body = in_column(gap=6)
        in_column(*([self.head] if title else ()), (self.body, 1), gap=0, of=self)
        self.setAccessibleName(title)
        theme.follow(self._keep_sizes)

    def set_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Leaves so much room around the body, in pixels of the drawing."""
        self._margins = (left, top, right, bottom)
        self._keep_sizes()

    def set_least_head(self, height: int) -> None:
        """Keeps the title's line so high, in pixels of the drawing, that a tag or a button that comes moves nothing."""
        self._least_head = height
        self._keep_sizes()

    def _keep_sizes(self) -> None:
        px = self.theme.px
        if self._has_head:
            pad = self.theme.size("size.card_padding")
            self.head.setContentsMargins(pad, px(6), pad, px(4))
        set_least_height(self.title, px(self._least_head))
        self.body.setContentsMargins(*map(px, self._margins))

    def add_to_head(self, widget: QWidget) -> None:
        """Puts a legend or a button at the right of the head."""
        self.head.addWidget(widget)


class ScopedCard(Card):
    """A card whose scope is shortened where the head has no room for it.

    Where `is_apart`, a hundredth of that room stands between title and scope.
    """

    scope: ElidedLabel

    def __init__(
        self,
        theme: Theme,
        title: str,
        scope: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        *,
        is_apart: bool = False,
    ) -> None:
        super().__init__(theme, title)
        self.head.removeWidget(self.scope)
        self.scope.deleteLater()
        self.scope = ElidedLabel(scope, "fact", mode)
        self.head.insertWidget(2 if is_apart else 1, self.scope, 100)


class OwnWords(ElidedLabel):
    """Words that take their own room, in whatever font; only a very long line is shortened."""

    WIDEST = 260

    def __init__(self, theme: Theme, text: str, role: str = "") -> None:
        self._theme = theme
        super().__init__(text, role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        super().set_text(text)
        self.updateGeometry()  # what it is shortened to may be the same as before

    def sizeHint(self) -> QSize:
        return QSize(self.natural_width(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.natural_width(), self._theme.px(self.WIDEST)), super().minimumSizeHint().height())


class Tag(QFrame):
    """A state in a word with its icon and its tint; states are success, warn, danger, info and none."""

    def __init__(self, theme: Theme, text: str = "", state: str = "none") -> None:
        super().__init__()
        self._theme = theme
        self._icon = QLabel()
        self._text = OwnWords(theme, text)
        self.setProperty("role", "tag")
        in_row(self._icon, self._text, gap=5, margins=(8, 3, 8, 3), of=self)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._state = state
        self._name = ""
        self.show_state(text, state)
        theme.changed.connect(self._draw)

    @property
    def text(self) -> str:
        return self._text.whole

    @property
    def state(self) -> str:
        return self._state

    def show_state(self, text: str, state: str, icon: str = "") -> None:
        self._state = state
        self._name = icon or ICON_OF_STATE[state]
        polish(self, state=state)
        polish(self._text)
        self._text.set_text(text)
        self.setAccessibleName(text)
        if not text or self.parentWidget() is not None:  # without a parent it would be a window
            self.setVisible(bool(text))
        self._draw()

    def _draw(self) -> None:
        self._text.updateGeometry()
        color = "text.secondary" if self._state == "none" else f"status.{self._state}"
        self._icon.setPixmap(self._theme.icon(self._name, color).pixmap(self._theme.px(13), self._theme.px(13)))


class Bar(QWidget):
    """A thin determinate bar that never goes back within one run."""

    def __init__(self, theme: Theme, height: int = 4) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self._drawn_height = height
        self.setFixedHeight(theme.px(height))
        theme.changed.connect(self._resize)

    def set_share(self, share: float) -> None:
        self._share = min(1.0, max(0.0, share))
        self.setAccessibleName(f"{self._share:.0%}")
        self.update()

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(self._drawn_height))

    def paintEvent(self, event: QPaintEvent) -> None:
        ground, color = self._theme.color("border.subtle"), self._theme.color("accent.line")
        paint_part(QPainter(self), QRectF(self.rect()), self._share, ground, color)


class Tile(QFrame):
    """One figure with what it is and what it is out of; a `mark` is a square of a colour before its name."""

    def __init__(self, theme: Theme, name: str, *, has_bar: bool = False, mark: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._mark = mark
        self.setProperty("role", "card")
        self._square = QLabel()
        self._name = ElidedLabel(name, "small") if mark else label(name, "small")
        named = in_row(self._square, (self._name, 1), gap=6) if mark else self._name
        self._figure = label("–", "figure")  # noqa: RUF001
        self._of = label("", "fact")
        self.bar = Bar(theme) if has_bar else None
        line = in_row(
            (self._figure, 0, Qt.AlignmentFlag.AlignBaseline), (self._of, 0, Qt.AlignmentFlag.AlignBaseline), 1, gap=6
        )
        self._layout = in_column(named, line, *([self.bar] if self.bar else ()), 1, gap=0, of=self)
        theme.follow(self._resize)

    def set_name(self, name: str, mark: str = "") -> None:
        """Another name, and where it has a mark another colour of it."""
        if isinstance(self._name, ElidedLabel):
            self._name.set_text(name)
        else:
            self._name.setText(name)
        self._mark = mark or self._mark
        self._resize()

    @property
    def name(self) -> str:
        return self._name.whole if isinstance(self._name, ElidedLabel) else self._name.text()

    def _resize(self) -> None:
        px = self._theme.px
        self.setFixedHeight(self._theme.size("size.tile"))
        if self._mark:
            self._square.setFixedSize(px(9), px(9))
            self._square.setStyleSheet(f"background: {self._theme.color(self._mark).name()}; border-radius: 1px;")
        self._layout.setContentsMargins(px(13), px(7), px(10), px(6))

    @property
    def text(self) -> str:
        return f"{self._figure.text()} {self._of.text()}".strip()

    def show_figure(self, figure: str, of: str = "") -> None:
        if self._figure.text() != figure:
            self._figure.setText(figure)
        if self._of.text() != of:
            self._of.setText(of)
        self.setAccessibleName(f"{self.name}: {figure} {of}")


class Message(Card):
    """What happened, why, and what to do: a card whose head has the ground of its state."""

    # With less room than this beside the buttons, the words get the whole width and the buttons a line of their own.
    LEAST_WORDS = 300

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        self._head = QFrame()
        self._head.setProperty("role", "cardhead")
        self._icon = QLabel()
        self.what = label("", "lead", wraps=True)
        self.why = label("", "", wraps=True)
        self.remedy = label("", "medium", wraps=True)
        for words in (self.what, self.why, self.remedy):
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.setMinimumHeight(1)  # a wrapped label's own is that of a narrow one: the window would grow by it
        self._words = in_column(self.what, self.why, self.remedy, gap=2)
        self._actions = QWidget()
        self._buttons = in_row(gap=6, of=self._actions)
        self._is_below = False
        icon, actions = (self._icon, 0, Qt.AlignmentFlag.AlignTop), (self._actions, 0, Qt.AlignmentFlag.AlignVCenter)
        self._line = in_row(icon, (self._words, 1), actions, gap=12, of=self._head)
        outer.insertWidget(0, self._head)
        self._state = "info"
        self.fold_body(True)
        theme.follow(self._draw)

    def say(self, state: str, what: str, why: str = "", remedy: str = "") -> None:
        """Shows a message of a state: success, warn, danger or info."""
        self._state = state
        for words, text in ((self.what, what), (self.why, why), (self.remedy, remedy)):
            words.setText(breakable(text[:2000].strip()))
            words.setVisible(bool(text))
        polish(self, state=state)
        polish(self._head, state=state)
        self.setAccessibleName(what)
        self._draw()

    def say_error(self, error: UserError) -> None:
        self.say("danger", error.what, error.why, error.remedy)
        self.show()

    def add_line(self, made: QWidget) -> None:
        """Puts a line below the words."""
        self._words.addWidget(made)

    def add_button(self, made: QPushButton) -> None:
        self._buttons.addWidget(made)

    def add_close(self) -> None:
        close = button("Close", self.theme, "x", "flat")
        close.clicked.connect(self.hide)
        self.add_button(close)

    def fold_body(self, is_folded: bool) -> None:
        """Leaves the body out where there is nothing in it: the head is the whole card then."""
        self.set_margins(*((0, 0, 0, 0) if is_folded else (14, 8, 14, 10)))
        polish(self._head, alone=is_folded)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place_buttons()
        return super().event(event)

    def _place_buttons(self) -> None:
        """Beside the words, or below them."""
        is_below = self.width() - self._actions.sizeHint().width() < self.theme.px(self.LEAST_WORDS)
        if is_below != self._is_below:
            self._is_below = is_below
            self._line.removeWidget(self._actions)
            self._words.removeWidget(self._actions)
            place = self._words if is_below else self._line
            side = Qt.AlignmentFlag.AlignLeft if is_below else Qt.AlignmentFlag.AlignVCenter
            place.addWidget(self._actions, 0, side)

    def _draw(self) -> None:
        px = self.theme.px
        self._line.setContentsMargins(px(14), px(9), px(14), px(9))
        name = {"success": "check-circle"}.get(self._state, ICON_OF_STATE[self._state])
        self._icon.setPixmap(self.theme.icon(name, f"status.{self._state}").pixmap(px(20), px(20)))
