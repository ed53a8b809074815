"""A page: header, form on the left with its action bar, picture on the right."""

from PySide6.QtCore import QChildEvent, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from workbench.bridge.timers import once_after
from workbench.panes.look.reading_order import put_in_order
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.controls import ElidedLabel, button, label, set_least_height

# Below this the form folds into a drawer: a screen of 1366 less the frame of a window still has it.
NARROW_WINDOW = 1300
# From here on the picture splits once more, and the form shows what stood under More.
WIDE_WINDOW = 1600
# From the last change of the arrangement until Tab follows it, where no Tab asks sooner; what was moved is hidden at
# first. Looking at a page's children makes PySide6 load the classes of all widgets, 25 ms: not before the first paint.
ORDER_MILLISECONDS = 100
# How long what was done stands in the place of the page's sentence.
SAID_MILLISECONDS = 8000


class Page(QWidget):
    """What every page has; its title and its icon are the window's.

    Signals:
        badge_changed: What the rail shows: "ready", "running", "ended badly" or nothing.
        go_to: The name of the page that is to come up.
        recipe_wanted: The folder (a Path) of the run whose recipe is to be put into the form, or a Recipe.
        try_wanted: The folder (a Path) of the run that is to be talked to.
    """

    badge_changed = Signal(str)
    go_to = Signal(str)
    recipe_wanted = Signal(object)
    try_wanted = Signal(object)

    sentence = ""

    def __init__(self, theme: Theme, *, has_form: bool = True) -> None:
        super().__init__()
        self.theme = theme
        self.badge = ""
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = Header(theme, self.sentence)
        self.form = FormColumn(theme) if has_form else None
        self.picture = QWidget()
        self._middle = in_row(*([self.form] if self.form else ()), (self.picture, 1), gap=0)
        in_column(self.header, (self._middle, 1), gap=0, of=self)
        self._drawer_is_open = False
        self.is_wide = False
        self._ordering = once_after(self, ORDER_MILLISECONDS, lambda: put_in_order(self))
        self.header.drawer.clicked.connect(self._turn_drawer)
        if self.form is not None:
            self.form.unfolded.connect(self.order_anew)
        theme.changed.connect(self._arrange)

    def set_badge(self, badge: str) -> None:
        if badge != self.badge:
            self.badge = badge
            self.badge_changed.emit(badge)

    def use_form(self, form: "FormColumn | None") -> None:
        """Puts another form at the left, or none."""
        if form is self.form:
            return
        if self.form is not None:
            self._move_actions(to_header=False)
            self.form.hide()
        self.form = form
        if form is None:
            self.header.drawer.hide()
        elif self._middle.indexOf(form) < 0:
            self._middle.insertWidget(0, form)
            form.unfolded.connect(self.order_anew)
        self._arrange()

    def shown_first(self) -> None:
        """Called when the page comes up, for what is too slow before."""

    def window_closes(self) -> None:
        """Called before the window goes, for threads to be left."""

    def act(self) -> bool:
        """Does what the page's primary button does, for Ctrl+Enter; whether the page has one that is not Train's."""
        return False

    def undo(self) -> None:
        """Takes back what was done last, where the page changes anything."""

    def redo(self) -> None:
        """Does again what was taken back last."""

    def arranged(self) -> None:
        """Called when the window became wide or narrow, or the projector went on or off."""

    @property
    def is_pending(self) -> bool:
        """Whether something that was asked for is still to be shown."""
        return False

    # -- the keyboard -------------------------------------------------------------------------------------------------

    @property
    def is_in_order(self) -> bool:
        """Whether Tab goes through the page as it stands now."""
        return not self._ordering.isActive()

    def order_anew(self) -> None:
        """To be called where parts of the page came or went: whoever comes from the rail by Tab meets them in order."""
        self._ordering.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ordering.start()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab: what stands where is asked when it is pressed, for parts of a page come and go."""
        put_in_order(self)
        return super().focusNextPrevChild(next)

    # -- narrow windows and the projector -----------------------------------------------------------------------------

    def _folds(self) -> bool:
        window = self.window().width()
        return self.theme.projector or window < self.theme.px(NARROW_WINDOW)

    def open_drawer(self) -> None:
        """Shows the form where it is folded away."""
        if self._folds() and not self._drawer_is_open:
            self._turn_drawer()

    def _turn_drawer(self) -> None:
        self._drawer_is_open = not self._drawer_is_open
        self._arrange()

    def _arrange(self) -> None:
        self.is_wide = self.window().width() >= self.theme.px(WIDE_WINDOW) and not self.theme.projector
        if self.form:
            folds = self._folds()
            self.header.drawer.setVisible(folds)
            self.form.setVisible(not folds or self._drawer_is_open)
            self.form.resize_to(self.theme)
            self._move_actions(folds and not self._drawer_is_open)
        self.header.resize_to(self.theme)
        self.arranged()
        self._ordering.start()

    def _move_actions(self, to_header: bool) -> None:
        assert self.form is not None
        is_there = self.form.action_bar.parent() is self.header
        if to_header and not is_there:
            self.header.right.addWidget(self.form.action_bar)
            self.form.action_bar.set_flat(True)
        elif not to_header and is_there:
            self.form.outer.addWidget(self.form.action_bar)
            self.form.action_bar.set_flat(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class Header(QFrame):
    """A page's title and sentence, with tags and buttons at the right.

    Attributes:
        silence: Runs while something else is said in the place of the sentence.
    """

    def __init__(self, theme: Theme, sentence: str) -> None:
        super().__init__()
        self.silence = once_after(self, SAID_MILLISECONDS, lambda: self.sentence.set_text(sentence))
        self.setProperty("role", "header")
        self.drawer = button("Settings", theme, "list")
        self.drawer.setToolTip("Show or hide the form")
        self.drawer.hide()
        self.title = label("", "title")
        self.sentence = ElidedLabel(sentence, "sentence", Qt.TextElideMode.ElideRight)
        self.right = in_row(gap=8)
        in_row(self.drawer, self.title, (self.sentence, 1), self.right, gap=10, margins=(18, 0, 16, 0), of=self)
        self.resize_to(theme)

    def resize_to(self, theme: Theme) -> None:
        self.setFixedHeight(theme.size("size.page_header"))

    def say(self, words: str) -> None:
        """Puts a short sentence where the page's own stands, for a while."""
        self.sentence.set_text(words)
        self.silence.start()

    def add(self, widget: QWidget) -> None:
        """Puts a tag or a button at the right."""
        self.right.addWidget(widget)


class FormColumn(QWidget):
    """Groups of rows that scroll above an action bar that does not.

    Signals:
        unfolded: Rows of it came or went.
    """

    unfolded = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        inside = QWidget()
        inside.setObjectName("formBody")
        self.rows = in_column(gap=14, margins=(18, 14, 16, 12), of=inside)
        self._scroll = in_scroll(inside)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._keep_edge)
        frame = QFrame()
        frame.setProperty("role", "form")
        in_column(self._scroll, of=frame)
        self.action_bar = ActionBar(theme)
        self.outer = in_column((frame, 1), self.action_bar, gap=0, of=self)
        self.resize_to(theme)
        inside.installEventFilter(self)

    def resize_to(self, theme: Theme) -> None:
        self.setFixedWidth(theme.size("size.form"))

    def _keep_edge(self, _least: int, most: int) -> None:
        """The scroll bar comes out of the margin: the fields keep their right edge, which the action bar shares."""
        margins = self.rows.contentsMargins()
        taken = self._scroll.verticalScrollBar().sizeHint().width() if most else 0
        self.rows.setContentsMargins(margins.left(), margins.top(), max(0, 16 - taken), margins.bottom())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QChildEvent) and event.added() and isinstance(event.child(), QWidget):
            event.child().installEventFilter(self)
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self._scroll.ensureWidgetVisible(watched, 0, 24)
        return False

    def add_group(self, group: QWidget) -> None:
        self.rows.addWidget(group)
        for field in group.findChildren(QWidget):
            if field.focusPolicy() != Qt.FocusPolicy.NoFocus:
                field.installEventFilter(self)

    def end(self) -> None:
        """Keeps the groups at the top."""
        self.rows.addStretch(1)


class ActionBar(QFrame):
    """What can be done now: one wide primary with its facts below it, or the orders to a running job."""

    # A pixel less at the sides than the form: it is the buttons' own margin, for the ring of the focus.
    MARGINS = (17, 10, 15, 10)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "actions")
        self.buttons = in_row(gap=4)
        self.facts = label("", "small", wraps=True)
        self.facts.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._layout = in_column(self.buttons, self.facts, gap=6, margins=self.MARGINS, of=self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add(self, made: QPushButton, *, stretch: int = 0) -> None:
        made.setProperty("role", "large")  # "size" is a property that QWidget has
        made.installEventFilter(self)
        self.buttons.addWidget(made, stretch)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keyboard stays in the bar where the button that has it gives way to another."""
        is_left = event.type() == QEvent.Type.FocusOut
        if is_left and isinstance(watched, QWidget) and not (watched.isVisible() and watched.isEnabled()):
            QTimer.singleShot(0, self, self._take_focus)
        return False

    def _take_focus(self) -> None:
        buttons = [made for made in self.findChildren(QPushButton) if made.isVisible() and made.isEnabled()]
        if buttons:
            buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, facts: str) -> None:
        if self.facts.text() != facts:
            self.facts.setText(facts)

    def set_flat(self, is_flat: bool) -> None:
        """In the header there is a line for buttons alone."""
        self.setStyleSheet("QFrame { border: none; }" if is_flat else "")
        self.facts.setVisible(not is_flat)
        self._layout.setContentsMargins(*((0, 0, 0, 0) if is_flat else self.MARGINS))


class FormGroup(QWidget):
    """A group of rows with one label column and one field column, under its title where it has one."""

    def __init__(self, theme: Theme, title: str, fact: str = "") -> None:
        super().__init__()
        self.theme = theme
        self._labels: list[QWidget] = []
        self.title = label(title, "heading")
        self.fact = label(fact, "fact")
        if not title:
            self.title.hide()
            self.fact.hide()
        self.grid = QGridLayout()
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(4)
        self.grid.setColumnStretch(1, 1)
        self.head = in_row(self.title, 1, self.fact)
        in_column(self.head, self.grid, gap=6, of=self)
        theme.follow(self._resize)

    def _resize(self) -> None:
        width, height = self.theme.size("size.form_label"), self.theme.size("size.control")
        self.grid.setColumnMinimumWidth(0, width)
        for words in self._labels:
            words.setFixedWidth(width)
            set_least_height(words, height)

    def add_row(self, words: QWidget, field: QWidget) -> None:
        row = self.grid.rowCount()
        self._labels.append(words)
        self._resize()
        self.grid.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(field, row, 1)

    def add_wide(self, field: QWidget) -> None:
        self.grid.addWidget(field, self.grid.rowCount(), 0, 1, 2)
