"""The card in which one row is written: its texts, its tokens as it is typed, and what is to be told of it."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from workbench.bridge.timers import once_after
from workbench.core.data.edits import value as values
from workbench.core.data.edits.advice import advice_on
from workbench.core.data.edits.value import Value
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.units import grouped
from workbench.panes.charts.key_caps import KeyCaps
from workbench.panes.data.editing.row_bar import RowTokens
from workbench.panes.data.editing.row_counted import CountedRow, mended
from workbench.panes.data.editing.row_counting import RowCounting
from workbench.panes.data.editing.row_fields import RowFields
from workbench.panes.data.editing.row_warnings import RowWarnings, Warned, told_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import button, divider, icon_button, label

# From the last key until what was typed is committed.
COMMIT_MILLISECONDS = 2000
KEYS = (("Ctrl ↵", "next row"), ("Ctrl N", "add"), ("Ctrl D", "duplicate"), ("Del", "delete"), ("Ctrl Z", "undo"))
TEXTS = ("prompt", "completion", "messages", "text", "tools")


class Note(NamedTuple):
    """Something that is known of the row from outside: a word for a tag, and a sentence."""

    tag: str
    sentence: str


class RowEditor(Card):
    """Shows the row that it is given, and tells what is typed; what becomes of it is the page's.

    Signals:
        committed: The row, its new value, and the field that was written (as core.data.edits.value spells it).
        typed: The row, and its value as it stands, with each key.
        counted: The row, and its RowCount, once its tokens are known.
        stepped: 1 for the next row, -1 for the one before.
        add_asked, duplicate_asked, delete_asked: By their keys, where no text has the keyboard for Del.
        reverted: The row that is to be as it came from the file.
        rows_pasted: Two columns of a spreadsheet were pasted into an empty text: rows of their own.
    """

    committed = Signal(int, object, str)
    typed = Signal(int, object)
    counted = Signal(int, object)
    stepped = Signal(int)
    add_asked = Signal()
    duplicate_asked = Signal()
    delete_asked = Signal()
    reverted = Signal(int)
    rows_pasted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Row")
        self.setParent(parent)
        self.set_margins(0, 0, 0, 0)
        self.row: int | None = None
        self._value: Value = {}  # as it is committed
        self._typed: Value = {}  # as it stands
        self._field = ""  # in which it was written
        self._held_in = ""  # the field that had the keyboard when it was held
        self._before: Value | None = None
        self._notes: tuple[Note, ...] = ()
        self._counted: CountedRow | None = None
        self._why_not = ""
        self._counting = RowCounting(self)
        self._counting.counted.connect(self._take_counted)
        self._counting.failed.connect(self._take_failure)
        self._committing = once_after(self, COMMIT_MILLISECONDS, self.commit)
        self._build()
        theme.follow(self._restyle)
        self.clear()

    # -- building -----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self.theme
        self.tag = Tag(theme)
        self.head.insertWidget(2, self.tag)
        self.as_it_was = button("As it was", theme, "clock-counter-clockwise", "flat")
        self.as_it_was.clicked.connect(lambda _checked=False: self._revert())
        self.before = icon_button("The row before", theme, "caret-up")
        self.after = icon_button("The next row", theme, "caret-down")
        self.add_here = button("Add", theme, "plus", "flat")  # for the projector, where the table is not there
        self.add_here.clicked.connect(lambda _checked=False: self.add_asked.emit())
        for made in (self.add_here, self.as_it_was):
            self.add_to_head(made)
        for arrow, way in ((self.before, -1), (self.after, 1)):
            arrow.clicked.connect(lambda _checked=False, way=way: self._step(way))
            self.add_to_head(arrow)
        self.fields = RowFields(theme)
        self.fields.typed.connect(self._write)
        self.fields.left.connect(lambda _name: self.commit())
        self.fields.next_wanted.connect(lambda: self._step(1))
        self.fields.role_wanted.connect(self._change_role)
        self.fields.turn_removed.connect(self._remove_turn)
        self.fields.turn_wanted.connect(self._add_turn)
        self.fields.rows_pasted.connect(self.rows_pasted)
        self.fields.more_wanted.connect(lambda: self.fields.show_value(self._typed, with_more=True))
        self.tokens = RowTokens(theme)
        self.warnings = RowWarnings(theme)
        self.keys = KeyCaps(theme, KEYS)
        self._inside = QWidget()
        top = Qt.AlignmentFlag.AlignTop
        self._middle = in_column((self.fields, 1), self.tokens, gap=8)
        self._foot = in_row((self.warnings, 1), (self.keys, 0, top), gap=12)
        in_column((self._middle, 1), divider(), self._foot, gap=0, of=self._inside)
        self._nothing = QWidget()
        self.nothing = label("No row is chosen.", "sentence")
        self.add = button("Add a row", theme, "plus")
        self.add.clicked.connect(lambda _checked=False: self.add_asked.emit())
        in_column(1, in_row(1, self.nothing, self.add, 1, gap=12), 1, of=self._nothing)
        self.body.setSpacing(0)
        self.body.addWidget(self._inside, 1)
        self.body.addWidget(self._nothing, 1)

    def _restyle(self) -> None:
        px = self.theme.px
        self._middle.setContentsMargins(px(14), px(4), px(14), px(8))
        self._foot.setContentsMargins(px(14), px(4), px(14), px(4))
        self.add_here.setVisible(self.theme.projector)
        self._teach_keys()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._teach_keys()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._teach_keys()

    def _teach_keys(self) -> None:
        """Shows the keys where what is to be told has a line beside them."""
        beside = self.width() - self.keys.sizeHint().width() - self.theme.px(44)
        self.keys.setVisible(self.keys.fits() and beside >= self.warnings.natural_width())

    # -- what is shown ------------------------------------------------------------------------------------------------

    def read_with(self, recipe: Recipe, tokenizer: TextTokenizer | None) -> None:
        """Counts as a recipe asks for it; without a tokenizer about, by characters."""
        self._counting.read_with(recipe, tokenizer)

    def show_row(self, row: int, number: int, value: Value, before: Value | None, notes: Sequence[Note]) -> None:
        """Shows a row of a draft, which has another number for a person.

        What is typed in this row and not committed stays; `before` is the row as it came from the file, None for one
        that did not.
        """
        is_same = row == self.row
        if not is_same:
            self.commit()
        focused = self.fields.focused if self.row is not None else ""
        keeps_typed = is_same and value == self._value and self._typed != self._value
        self.row, self._before, self._notes = row, before, tuple(notes)
        self.title.setText(f"Row {grouped(number)}")
        self.scope.setText(_aside(value))
        self.scope.setVisible(bool(self.scope.text()))
        is_other = not keeps_typed and value != self._typed
        if not keeps_typed:
            self._value = self._typed = value
            self.fields.show_value(value, is_other=not is_same)
            self._committing.stop()
        self._inside.show()
        self._nothing.hide()
        for made in (self.before, self.after):
            made.setEnabled(True)
        if not is_same:
            self._counted = None
            self.fields.show_counts(None)
            self.tokens.show_row(None)
            if focused:
                self._go_on_writing(focused)
        if not is_same or is_other:
            self._counting.show(row, self._typed, before)
        self._tell()

    def clear(self) -> None:
        """There is no row."""
        self.commit()
        self.row, self._notes, self._counted = None, (), None
        self._counting.clear()
        self.title.setText("Row")
        self.scope.setText("")
        self.tag.show_state("", "none")
        for made in (self.as_it_was, self.before, self.after):
            made.setEnabled(False)
        self._inside.hide()
        self._nothing.show()

    def _go_on_writing(self, name: str) -> None:
        """In the same field of another row, or in the first that is empty."""
        written = values.fields(self._typed)
        empty = next((field.name for field in written if not field.text), "")
        known = name if self.fields.edit_of(name) is not None else written[-1].name if written else ""
        self.fields.focus_field(empty or known)

    def hold(self, is_held: bool) -> None:
        """Takes no keys while it is held; the text that had the keyboard has it again after that."""
        if is_held and self.isEnabled():
            self._held_in = self.fields.focused
        self.setEnabled(not is_held)
        edit = self.fields.edit_of(self._held_in) if not is_held and self._held_in else None
        if edit is not None and QApplication.focusWidget() is None:
            edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def value(self) -> Value:
        """The row as it stands, with what is typed."""
        return self._typed

    # -- writing ------------------------------------------------------------------------------------------------------

    def _write(self, name: str, text: str) -> None:
        """A key in a field."""
        if self.row is None:
            return
        if self._field not in ("", name):
            self.commit()
        self._field = name
        self._typed = values.with_text(self._typed, name, text)
        self._committing.start()
        self._typing()

    def _typing(self) -> None:
        assert self.row is not None
        self.fields.show_old()
        self.tokens.show_old()
        self._counting.type(self.row, self._typed, self._before)
        self._tell()
        self.typed.emit(self.row, self._typed)

    def commit(self) -> None:
        """Tells what is typed now, if anything is."""
        self._committing.stop()
        name, self._field = self._field, ""
        if self.row is None or self._typed == self._value:
            return
        self._value = self._typed
        self.fields.forget_typing()
        self.committed.emit(self.row, self._value, name)

    def _put(self, value: Value, name: str) -> None:
        """Gives the row a value by a click, in a change of its own."""
        if self.row is None:
            return
        self.commit()
        self._field = name
        self._typed = value
        self.fields.show_value(value)
        self._typing()
        self.commit()

    def _change_role(self, turn: int, role: str) -> None:
        self._put(values.with_role(self._typed, turn, role), str(turn))

    def _remove_turn(self, turn: int) -> None:
        self._put(values.without_turn(self._typed, turn), str(turn))

    def _add_turn(self) -> None:
        name = str(len(self._typed["messages"]))
        self._put(values.with_turn(self._typed), name)
        if self.fields.edit_of(name) is None:
            self.fields.show_value(self._typed, with_more=True)
        self.fields.focus_field(name)

    def _revert(self) -> None:
        self.commit()
        if self.row is not None:
            self.reverted.emit(self.row)

    def _step(self, way: int) -> None:
        self.commit()
        self.stepped.emit(way)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        keys: dict[int, SignalInstance] = {Qt.Key.Key_N: self.add_asked, Qt.Key.Key_D: self.duplicate_asked}
        asked = keys.get(event.key())
        if is_control and asked is not None:
            self.commit()
            asked.emit()
        elif event.key() == Qt.Key.Key_Delete and not event.modifiers() and not self.fields.focused:
            self.delete_asked.emit()
        else:
            super().keyPressEvent(event)

    # -- tokens -------------------------------------------------------------------------------------------------------

    def _take_counted(self, row: int, made: CountedRow) -> None:
        self._counted, self._why_not = made, ""
        self._show_counts()
        self.counted.emit(row, made.count)

    def _take_failure(self, why: str) -> None:
        self._counted, self._why_not = None, why
        self._show_counts()

    def _show_counts(self) -> None:
        self.fields.show_counts(self._counted)
        self.tokens.show_row(self._counted)
        self._tell()

    # -- what is told -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        is_new, is_changed = self._before is None, self._before is not None and self._typed != self._before
        if is_new:
            self.tag.show_state("new", "success", "plus")
        else:
            self.tag.show_state("changed" if is_changed else "", "info", "pencil-simple")
        self.as_it_was.setEnabled(is_changed)
        self.warnings.show_warned(self._warned())
        self._teach_keys()

    def _warned(self) -> list[Warned]:
        found = [Warned(note.sentence) for note in self._notes]
        if self._why_not:
            found.append(Warned(self._why_not))
        for field in values.fields(self._typed):
            if not field.text and _has_more(self._typed, field.name):
                continue
            for advice in advice_on(field):
                mend = partial(self._mend, field.name, advice.mended) if advice.mended is not None else None
                found.append(Warned(advice.words, advice.action, mend) if mend else Warned(advice.words))
        if self._counted is not None:
            # What is empty is said of the field that is.
            is_told = any(field.text == "" for field in values.fields(self._typed))
            told = [each for each in self._counted.count.told if not (is_told and each[0] == "empty")]
            remedy = self._counted.remedy
            if not remedy:
                found += told_in_words(told)
            else:
                found += told_in_words(told, remedy, partial(self._take_remedy, remedy))
        return found

    def _take_remedy(self, action: str) -> None:
        value = mended(self._typed, action)
        self._put(value, "0")
        empty = next((field.name for field in values.fields(value) if not field.text), "")
        self.fields.focus_field(empty)

    def _mend(self, name: str, text: str) -> None:
        self._put(values.with_text(self._typed, name, text), name)


def _aside(value: Value) -> str:
    """What else is kept of a row, such as its group."""
    return ", ".join(str(other) for name, other in value.items() if name not in TEXTS)


def _has_more(value: Value, name: str) -> bool:
    """Whether a turn without words has a call instead."""
    return name.isdecimal() and bool(value["messages"][int(name)].get("tool_calls"))
