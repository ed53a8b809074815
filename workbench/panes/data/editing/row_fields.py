"""All texts of a row as fields: a prompt beside its completion, one text, or a turn below the other."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QMenu, QPushButton, QWidget

from workbench.bridge.timers import once_after
from workbench.core.data.edits.value import Field, Value, fields, spelling_of
from workbench.core.units import counted, grouped
from workbench.panes.data.editing.row_counted import CountedRow
from workbench.panes.data.editing.row_field import RowField
from workbench.panes.data.seen.chat import ICONS, ROLE_WIDTH
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.controls import button, icon_button, label, set_icon

ROLES = ("system", "user", "assistant", "tool")
# With less room than this the completion stands below the prompt; beside it, it has more of it.
LEAST_BESIDE = 640
PROMPT_SHARE, COMPLETION_SHARE = 30, 51
MOST_LINES_OF_A_TURN = 8
# Each takes 2 ms to be put there.
TURNS_AT_ONCE = 40


def tokens_in_words(made: CountedRow, name: str) -> str:
    """What is said of a field: "46 tokens, was 15"."""
    own, before = made.own.get(name), made.before.get(name)
    if own is None:
        return ""
    about = "about " if made.count.is_estimate else ""
    was = f", was {grouped(before)}" if before is not None and before != own else ""
    return f"{about}{counted(own, 'token')}{was}"


class FieldBox(QWidget):
    """A field with its title and its count above."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.name = name
        self.title, self.count = label("", "small"), label("", "small")
        self.edit = RowField(theme)
        in_column(in_row(self.title, 1, self.count), (self.edit, 1), gap=4, of=self)

    def show_field(self, field: Field) -> None:
        self.title.setText(field.title)
        self.edit.setAccessibleName(field.title)
        self.edit.show_text(field.text)


class TurnBox(QWidget):
    """A turn: its role and its count at the left, its text at the right, and a button that takes it out.

    Signals:
        role_wanted: Another role.
        removed: The turn is to go.
    """

    role_wanted = Signal(str)
    removed = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.name = name
        self._theme = theme
        self.role: QPushButton = button("", theme, kind="flat")
        self.role.setProperty("align", "left")
        self.menu = QMenu(self.role)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.role.setMenu(self.menu)
        self.count = label("", "small")
        self.edit = RowField(theme)
        self.remove = icon_button("Take this turn out", theme, "x")
        self.remove.clicked.connect(lambda _checked=False: self.removed.emit())
        self._left = QWidget()
        in_column(self.role, self.count, 1, gap=0, of=self._left)
        top = Qt.AlignmentFlag.AlignTop
        in_row((self._left, 0, top), (self.edit, 1), (self.remove, 0, top), gap=6, of=self)
        self.edit.document().documentLayout().documentSizeChanged.connect(lambda _size: self._resize())
        theme.follow(self._resize)

    def fill_menu(self) -> None:
        """Puts the roles into the menu, when it is first wanted: a conversation may have hundreds of turns."""
        if self.menu.isEmpty():
            for role in ROLES:
                made = self.menu.addAction(self._theme.icon(ICONS[role]), role)
                made.triggered.connect(lambda _checked=False, role=role: self.role_wanted.emit(role))

    def show_field(self, field: Field) -> None:
        number = int(field.name) + 1
        self.role.setText(field.role)
        set_icon(self.role, self._theme, ICONS.get(field.role, "user"), "text.secondary")
        self.role.setAccessibleName(f"Role of turn {number}: {field.role}")
        self.remove.setAccessibleName(f"Take turn {number} out")
        self.edit.setAccessibleName(f"Turn {number}, {field.role}")
        self.edit.show_text(field.text)

    def _resize(self) -> None:
        self._left.setFixedWidth(self._theme.px(ROLE_WIDTH))
        lines = self.edit.lines()
        policy = Qt.ScrollBarPolicy
        is_longer = lines > MOST_LINES_OF_A_TURN
        self.edit.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if is_longer else policy.ScrollBarAlwaysOff)
        self.edit.setFixedHeight(self.edit.height_of(min(MOST_LINES_OF_A_TURN, lines)))


Box = FieldBox | TurnBox


class RowFields(QWidget):
    """Shows the fields of one row; what becomes of what is typed is the editor's.

    Signals:
        typed: The name of the field that is written in, and its text.
        left: The name of the field that the keyboard left.
        next_wanted: Ctrl+Enter in a field.
        role_wanted: A turn's index, and another role for it.
        turn_removed: A turn's index.
        turn_wanted: One turn more at the end.
        more_wanted: Turns that are not shown yet.
        rows_pasted: Two columns of a spreadsheet were pasted into an empty text.
    """

    typed = Signal(str, str)
    left = Signal(str)
    next_wanted = Signal()
    role_wanted = Signal(int, str)
    turn_removed = Signal(int)
    turn_wanted = Signal()
    more_wanted = Signal()
    rows_pasted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.boxes: list[Box] = []
        self._most = TURNS_AT_ONCE
        self._flat = QWidget()
        self._flat_line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._flat)
        self._flat_line.setContentsMargins(0, 0, 0, 0)
        self._turns = QWidget()
        self.add = button("Add a turn", theme, "plus", "flat")
        self.add.setProperty("align", "left")
        self.add.clicked.connect(lambda _checked=False: self.turn_wanted.emit())
        self.more = button("", theme, kind="link")
        self.more.clicked.connect(lambda _checked=False: self.more_wanted.emit())
        self._turn_column = in_column(in_row(self.add, self.more, 1), 1, gap=6, of=self._turns)
        self._area = in_scroll(self._turns)
        self._showing = once_after(self, 0, self._show_focused)
        in_column((self._flat, 1), (self._area, 1), gap=0, of=self)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_value(self, value: Value, *, is_other: bool = False, with_more: bool = False) -> None:
        """Shows the texts of a row; fields that are there already keep caret and keyboard.

        Of a long conversation the first turns are shown, and others `with_more`, until there is another row.
        """
        written = fields(value)
        is_turns = spelling_of(value) == "messages"
        if is_other:
            self._most = TURNS_AT_ONCE
        if with_more:
            self._most += TURNS_AT_ONCE
        shown = written[: self._most]
        kind = TurnBox if is_turns else FieldBox
        names = [field.name for field in shown]
        if [box.name for box in self.boxes] != names or not all(isinstance(box, kind) for box in self.boxes):
            self._build(shown, is_turns=is_turns)
        for box, field in zip(self.boxes, shown, strict=True):
            box.show_field(field)
        left_out = len(written) - len(shown)
        self.more.setText(f"Show {grouped(min(TURNS_AT_ONCE, left_out))} of {counted(left_out, 'turn')} more")
        self.more.setVisible(bool(left_out))
        self.add.setVisible(not left_out)
        self._flat.setVisible(not is_turns)
        self._area.setVisible(is_turns)

    def _build(self, written: list[Field], *, is_turns: bool) -> None:
        kept = [box for box in self.boxes if isinstance(box, TurnBox)][: len(written)] if is_turns else []
        for box in self.boxes:
            if box not in kept:
                box.hide()
                box.setParent(None)
                box.deleteLater()
        self.boxes = [*kept]
        for place, field in enumerate(written[len(kept) :], start=len(kept)):
            self.boxes.append(self._turn(place) if is_turns else self._field(field.name))
        self._arrange()

    def _field(self, name: str) -> FieldBox:
        made = FieldBox(self._theme, name)
        self._follow(made)
        self._flat_line.addWidget(made, COMPLETION_SHARE if name == "completion" else PROMPT_SHARE)
        return made

    def _turn(self, place: int) -> TurnBox:
        made = TurnBox(self._theme, str(place))
        self._follow(made)
        made.role_wanted.connect(lambda role: self.role_wanted.emit(place, role))
        made.removed.connect(lambda: self.turn_removed.emit(place))
        self._turn_column.insertWidget(place, made)
        return made

    def _follow(self, box: Box) -> None:
        box.edit.typed.connect(lambda: self.typed.emit(box.name, box.edit.text()))
        box.edit.left.connect(lambda: self.left.emit(box.name))
        box.edit.next_wanted.connect(self.next_wanted)
        box.edit.rows_pasted.connect(self.rows_pasted)
        box.edit.takes_rows = box.name != "text"

    def edit_of(self, name: str) -> RowField | None:
        """The field of a name; None where there is none."""
        return next((box.edit for box in self.boxes if box.name == name), None)

    @property
    def focused(self) -> str:
        """The name of the field that has the keyboard; empty where none has it."""
        return next((box.name for box in self.boxes if box.edit.hasFocus()), "")

    def focus_field(self, name: str) -> None:
        """Gives a field the keyboard, the caret at the end of its text."""
        edit = self.edit_of(name)
        if edit is not None:
            edit.setFocus(Qt.FocusReason.OtherFocusReason)
            edit.moveCursor(edit.textCursor().MoveOperation.End)
            self._showing.start()  # a new turn has its place only then

    def _show_focused(self) -> None:
        box = next((box for box in self.boxes if box.edit.hasFocus()), None)
        if isinstance(box, TurnBox):
            self._area.ensureWidgetVisible(box, 0, self._theme.px(8))

    def forget_typing(self) -> None:
        """What is typed is committed."""
        for box in self.boxes:
            box.edit.forget_typing()

    # -- counts -------------------------------------------------------------------------------------------------------

    def show_counts(self, made: CountedRow | None) -> None:
        for box in self.boxes:
            polish(box.count, state="")
            said = tokens_in_words(made, box.name) if made is not None else ""
            box.count.setText(said)
            box.edit.setAccessibleDescription(said)

    def show_old(self) -> None:
        """Others are being counted."""
        for box in self.boxes:
            polish(box.count, state="old")

    # -- room ---------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._showing.start()

    def _arrange(self) -> None:
        is_beside = self.width() >= self._theme.px(LEAST_BESIDE)
        way = QBoxLayout.Direction
        self._flat_line.setDirection(way.LeftToRight if is_beside else way.TopToBottom)
        self._flat_line.setSpacing(self._theme.px(14 if is_beside else 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(70))
