"""What can be done with the chosen run: one button stands out by its state, the others stay where they are."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QMenu, QPushButton, QSizePolicy, QWidget, QWidgetAction

from workbench.core.job.run_folder import RunState
from workbench.core.runs.row import RunRow
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import button, icon_button, label, set_icon
from workbench.panes.parts.fields import IntegerField, put_fact
from workbench.panes.runs.chosen.details import RunDetails

MORE_STEPS = 50
OFFERED_STEPS = (10, 50, 100, 500)
# In their order; the one that stands out is taken from its place and put above the others.
ACTIONS = {
    "try": ("Try it", "chat-circle-text", "Ask the tuned model on the page Try"),
    "open": ("Open on Train", "chart-line-up", "Its curves, samples and log"),
    "export": ("Export", "export", "Take the result along"),
    "resume": ("Resume", "play", "Go on from the newest whole checkpoint"),
    "repeat": ("Repeat with changes", "copy-simple", "Other values for one to three settings, queued as runs"),
}
_STANDS_OUT = {
    RunState.RUNNING: "open",
    RunState.PAUSED: "open",
    RunState.FINISHED: "try",
    RunState.STOPPED: "resume",
    RunState.CRASHED: "resume",
    RunState.CANCELLED: "repeat",
}


class ActionButtons(QWidget):
    """Five buttons.

    Signals:
        wanted: The name of an action, as in ACTIONS.
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._first = ""
        self._columns = self._room = 0
        self._hindrance = ""
        self._row: RunRow | None = None
        self._details: RunDetails | None = None
        self.buttons: dict[str, QPushButton] = {}
        for name, (words, icon, tip) in ACTIONS.items():
            made = button(words, theme, icon)
            made.setToolTip(tip)
            made.setProperty("role", "tight")
            made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            made.clicked.connect(lambda _checked=False, name=name: self.wanted.emit(name))
            self.buttons[name] = made
        self.more = icon_button("How many steps it goes on for", theme, "caret-down")
        self.more.clicked.connect(lambda: self.steps_menu().popup(self._below_more()))
        self.extra_steps = MORE_STEPS
        self._resume = QWidget()
        in_row((self.buttons["resume"], 1), self.more, gap=0, of=self._resume)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(4))
        self._grid.setVerticalSpacing(theme.px(3))
        self._place("try")

    def _below_more(self) -> QPoint:
        return self.more.mapToGlobal(self.more.rect().bottomLeft())

    @property
    def steps(self) -> int:
        """How many steps a resume asks for beyond those that were planned."""
        return self.extra_steps if self._row is not None and self._row.state is RunState.FINISHED else 0

    def _place(self, first: str) -> None:
        """Puts the one that stands out over the others."""
        if first == self._first:
            return
        before, self._first = self._first, first
        for name in filter(None, (before, first)):
            made, stands_out = self.buttons[name], name == first
            made.setProperty("kind", "primary" if stands_out else None)
            made.setProperty("role", "large" if stands_out else "tight")
            polish(made)
            set_icon(made, self._theme, ACTIONS[name][1], "text.on_accent" if stands_out else "text.primary")
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        """Two beside each other where their words have room, else one below the other."""
        parts = {name: self._resume if name == "resume" else made for name, made in self.buttons.items()}
        above = parts.pop(self._first)
        caret = self.more.sizeHint().width() if self.more.isVisibleTo(self) else 0
        needs = [self.buttons[name].sizeHint().width() + (caret if name == "resume" else 0) for name in parts]
        left, right = max(needs[::2]), max(needs[1::2])
        columns = 2 if left + self._grid.horizontalSpacing() + right <= self._room else 1
        for column, share in enumerate((left, right)):
            self._grid.setColumnStretch(column, share)
        if columns == self._columns:
            return
        self._columns = columns
        for part in (above, *parts.values()):
            self._grid.removeWidget(part)
        self._grid.addWidget(above, 0, 0, 1, 2)
        for place, part in enumerate(parts.values()):
            self._grid.addWidget(part, 1 + place // columns, place % columns, 1, 3 - columns)

    def set_room(self, pixels: int) -> None:
        """The width that they have even where a scroll bar stands beside them."""
        self._room = pixels
        self._arrange()

    # -- what may be done ---------------------------------------------------------------------------------------------

    def show_run(self, row: RunRow | None, details: RunDetails | None, hindrance: str) -> None:
        """Which of them may be pressed; `hindrance` is why no run may start now."""
        if row is None or self._row is None or row.path != self._row.path:
            self.extra_steps = MORE_STEPS
        self._row, self._details, self._hindrance = row, details, hindrance
        self.setVisible(row is not None)
        if row is None:
            return
        self._place("open" if row.error else _STANDS_OUT[row.state])
        is_over = not row.state.is_alive
        for name in ACTIONS:
            why = self._why_not(name, row, details)
            self.buttons[name].setEnabled(is_over and not why if name != "open" else True)
            self.buttons[name].setToolTip(why or ACTIONS[name][2])
        self.more.setVisible(row.state is RunState.FINISHED)
        self.more.setEnabled(self.buttons["resume"].isEnabled())
        self.buttons["resume"].setText(self._resume_words(row, details))
        self._arrange()

    def _why_not(self, name: str, row: RunRow, details: RunDetails | None) -> str:
        if row.state.is_alive:
            return "" if name == "open" else "It is at work."
        if row.error and name != "open":
            return "Its recipe cannot be read."
        if name in ("try", "export") and details is not None and not (details.has_result or details.checkpoint_step):
            return "It has no adapter yet."
        return self._hindrance if name == "resume" else ""

    def _resume_words(self, row: RunRow, details: RunDetails | None) -> str:
        if row.state is RunState.FINISHED:
            return f"Resume, {grouped(self.extra_steps)} more"
        step = details.checkpoint_step if details else 0
        return f"Resume from step {grouped(step)}" if step else "Start it again"

    # -- how many more ------------------------------------------------------------------------------------------------

    def steps_menu(self) -> QMenu:
        """Round numbers, as many steps as it had, and any other."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        again = self._row.steps if self._row is not None else 0
        for steps in sorted({*OFFERED_STEPS, *([again] if again else [])}):
            words = f"{grouped(steps)} more steps" + (", as long again" if steps == again else "")
            menu.addAction(words).triggered.connect(lambda _checked=False, steps=steps: self.set_steps(steps))
        field = IntegerField()
        field.setRange(1, 1_000_000)
        field.setValue(self.extra_steps)
        field.setAccessibleName("Steps to go on for")
        put_fact(field, "steps")
        field.setFixedWidth(self._theme.px(120))
        field.valueChanged.connect(self.set_steps)
        field.editingFinished.connect(menu.close)
        line = QWidget()
        in_row(label("Another number", "label"), field, gap=10, margins=(12, 6, 12, 6), of=line)
        action = QWidgetAction(menu)
        action.setDefaultWidget(line)
        menu.addSeparator()
        menu.addAction(action)
        return menu

    def set_steps(self, steps: int) -> None:
        self.extra_steps = steps
        self.show_run(self._row, self._details, self._hindrance)
