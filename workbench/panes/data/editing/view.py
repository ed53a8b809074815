"""What stands in the picture's place while rows are written: what is asked, the table, and the row that is written."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from workbench.core.data.edits.value import fields
from workbench.core.tokens.row_count import RowCount
from workbench.core.units import grouped
from workbench.panes.data.editing.card import DraftCard
from workbench.panes.data.editing.control import EditingControl
from workbench.panes.data.editing.counting import Counting
from workbench.panes.data.editing.row_editor import Note, RowEditor
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button

SHARES = (9, 7)  # of the height: the table, the row


class EditingView(QWidget):
    """Joins table and editor: the row that is chosen is the one that is written."""

    def __init__(self, theme: Theme, control: EditingControl, counting: Counting) -> None:
        super().__init__()
        self._theme, self._control, self._counting = theme, control, counting
        self.question = Message(theme)
        self.save = button("Save the copy", theme, "floppy-disk")
        self.leave = button("Leave them unsaved", theme)
        self.throw_away = button("Throw them away", theme, "trash")
        self.stay = button("Go on writing", theme, "pencil-simple", "flat")
        for made in (self.save, self.leave, self.throw_away, self.stay):
            self.question.add_button(made)
        self.stay.clicked.connect(lambda _checked=False: self.question.hide())
        self.question.hide()
        self.card = DraftCard(theme, control, counting)
        self.editor = RowEditor(theme)
        self._rows = in_column(self.question, (self.card, SHARES[0]), (self.editor, SHARES[1]), of=self)
        self._row = -1
        self._shown_twin: int | None = None
        self.card.row_chosen.connect(self._show_row)
        self.card.commit_wanted.connect(self.editor.commit)
        self.card.writing_wanted.connect(self.write_in_row)
        editor = self.editor
        editor.committed.connect(control.write)
        editor.typed.connect(self.card.rows.show_live)
        editor.counted.connect(self._take_count)
        editor.stepped.connect(self._step)
        editor.add_asked.connect(self.card.add_row)
        editor.duplicate_asked.connect(self.card.duplicate)
        editor.delete_asked.connect(self.card.delete)
        editor.reverted.connect(control.revert)
        editor.rows_pasted.connect(self.card.paste)
        control.changed.connect(lambda _rows: self._show_row(self.card.table.current_row))
        control.busy_changed.connect(lambda: editor.hold(control.is_busy))
        counting.summed.connect(self._show_twin)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._rows.setSpacing(self._theme.size("space.card_gap"))
        self.card.setVisible(not self._theme.projector)

    # -- the row ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Shows the draft that was opened."""
        self.question.hide()
        self._row = -1
        self.card.begin()

    def end(self) -> None:
        """Shows nothing any more."""
        self._row = -1
        self.editor.clear()
        self.question.hide()
        self.card.end()

    def _show_row(self, row: int) -> None:
        draft = self._control.draft
        if draft is None:
            return
        self._row = row
        if row < 0 or draft.position_of(row) is None:
            self.editor.clear()
            return

        def take(value: dict[str, object], before: dict[str, object] | None) -> None:
            if row == self._row and self._control.draft is draft:
                self._shown_twin = self.card.rows.twin_of(row)
                self.editor.show_row(row, draft.number_of(row), value, before, self._notes(row))

        self._control.read(row, take)

    def _notes(self, row: int) -> list[Note]:
        """What is known of a row from the others, and from its file."""
        draft = self._control.draft
        assert draft is not None
        kind, said = draft.wrong_as_read(row)
        notes = [Note(kind, f"In the file: {said[:1].lower()}{said[1:]}")] if kind else []
        twin = self.card.rows.twin_of(row)
        if twin is not None:
            number = grouped(draft.number_of(twin))
            notes.append(Note(f"same as {number}", f"It asks the same as row {number}."))
        return notes

    def _take_count(self, row: int, count: RowCount) -> None:
        """The row's tokens as it is typed; the sums follow."""
        self.card.rows.show_live_count(row, count)
        if row == self.card.rows.live_row:
            self._counting.take_typed(row, self.editor.value, count)

    def _show_twin(self) -> None:
        """What is known of the row may have changed with the others."""
        if self._row >= 0 and self.card.rows.twin_of(self._row) != self._shown_twin:
            self._show_row(self._row)

    def _step(self, way: int) -> None:
        self.card.table.step(way)

    def write_in_row(self) -> None:
        """Puts the keyboard into the first empty text of the row, else into its first."""
        draft = self._control.draft
        if self.editor.row is None or draft is None:
            return
        written = fields(self.editor.value)
        first = next((field.name for field in written if not field.text), written[0].name if written else "")
        if first:
            self.editor.fields.focus_field(first)

    # -- leaving ------------------------------------------------------------------------------------------------------

    def ask(self, changes: str, name: str) -> None:
        """Asks what becomes of changes that are not saved."""
        stay = f"{name} stays as it is either way." if name else ""
        self.question.say(
            "warn",
            f"{changes} not saved yet.",
            f"Left unsaved, they stay in the program and are here when these rows are edited again. {stay}".strip(),
        )
        self.question.show()
        self.save.setFocus(Qt.FocusReason.OtherFocusReason)
