"""The plan list: what a run is to become, each with its size before it begins and its state while it is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from workbench.core.export.progress import StepState
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import label, plain_tip
from workbench.panes.parts.tick_box import TickBox

# Icon, colour and word of each state; what waits says so only once others are at work.
STATES: dict[StepState, tuple[str, str, str]] = {
    "waits": ("clock", "text.tertiary", "waits"),
    "works": ("arrow-right", "accent.line", "being made"),
    "done": ("check", "status.success", "done and checked"),
    "rejected": ("warning-circle", "status.danger", "rejected by a check"),
    "refused": ("warning", "status.warn", "not made"),
}
INDENT = 25  # of what stands below a line's word, as far as its tick box is wide


@dataclass(frozen=True)
class PlanLine:
    """One line.

    Attributes:
        key: The target's name.
        size: As words, such as "3.09 GB" or "sends 37 MB".
        state: None before the export begins.
        why_not: Why it cannot be made of this run; `remedy` is what to do instead.
    """

    key: str
    title: str
    size: str = ""
    is_ticked: bool = False
    is_locked: bool = False
    state: StepState | None = None
    why_not: str = ""
    remedy: str = ""


class PlanRow(QWidget):
    """A tick box with its word, the size at the right, and an icon in a column of its own.

    Signals:
        ticked: A person has ticked it, or taken the tick away.
    """

    ticked = Signal(bool)

    def __init__(self, theme: Theme, line: PlanLine) -> None:
        super().__init__()
        self._theme = theme
        self._line = line
        self.box = TickBox(theme, line.title)
        self.box.clicked.connect(self.ticked)
        self._size = label("", "small")
        self._icon = QLabel()
        self._why = label("", "fact", wraps=True)
        self._below = in_column(self._why, gap=0)
        in_column(in_row(self.box, 1, self._size, self._icon, gap=6), self._below, gap=0, of=self)
        theme.follow(self._restyle)
        self.show_line(line)

    @property
    def line(self) -> PlanLine:
        return self._line

    def add_below(self, words: str, field: QWidget) -> QWidget:
        """Puts a field below the word, after a word of its own; gives the two of them together."""
        both, name = QWidget(), label(words, "label")
        name.setMinimumWidth(self._theme.px(72))
        in_row(name, (field, 1), gap=8, of=both)
        self._below.addWidget(both)
        return both

    def show_line(self, line: PlanLine) -> None:
        self._line = line
        self.box.setChecked(line.is_ticked)
        self.box.set_locked(line.is_locked)
        self.box.setEnabled(not line.is_locked and not line.why_not)
        self._size.setText("" if line.why_not else line.size)
        self._why.setText(line.why_not)
        self._why.setVisible(bool(line.why_not))
        self._why.setToolTip(plain_tip(line.remedy))
        self._draw_icon()
        state = STATES[line.state][2] if line.state else ""
        self.box.setAccessibleName(line.title)
        self.box.setAccessibleDescription(", ".join(filter(None, (line.size, state, line.why_not, line.remedy))))

    def _restyle(self) -> None:
        px = self._theme.px
        self._icon.setFixedSize(px(16), px(16))
        self._below.setContentsMargins(px(INDENT), 0, px(22), 0)
        self._draw_icon()

    def _draw_icon(self) -> None:
        side = self._theme.px(15)
        state = self._line.state
        if state is None:
            self._icon.clear()
            self._icon.setToolTip("")
            return
        name, color, word = STATES[state]
        self._icon.setPixmap(self._theme.icon(name, color).pixmap(side, side))
        self._icon.setToolTip(word)
        self._icon.setAccessibleName(word)


class PlanList(QWidget):
    """The lines in the order of work.

    Signals:
        ticked: The key of a line that a person has ticked or unticked, and whether it is ticked now.
    """

    ticked = Signal(str, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: dict[str, PlanRow] = {}
        self._column = in_column(gap=2, of=self)
        self.setAccessibleName("What it becomes")

    def show_lines(self, lines: Sequence[PlanLine]) -> None:
        """Shows them; a line that is there already stays the same widget, whatever it says now."""
        for line in lines:
            if line.key not in self.rows:
                row = PlanRow(self._theme, line)
                row.ticked.connect(lambda is_ticked, key=line.key: self.ticked.emit(key, is_ticked))
                self.rows[line.key] = row
                self._column.addWidget(row)
            self.rows[line.key].show_line(line)
        shown = {line.key for line in lines}
        for key, row in self.rows.items():
            row.setVisible(key in shown)
