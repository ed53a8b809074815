"""The group "Prompt": what is asked, typed or one of the rows that the run has held out."""

from PySide6.QtCore import Qt, Signal

from workbench.core.job.question import Asking
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import button
from workbench.panes.parts.fields import LinesField
from workbench.panes.parts.page import FormGroup
from workbench.panes.try_.form.choices import Choices

FROM_ROWS = "from the held-out rows"


class PromptField(FormGroup):
    """Shows the first held-out row until something is typed.

    Signals:
        edited: The prompt is another now.
    """

    edited = Signal()

    def __init__(self, theme: Theme, choices: Choices) -> None:
        super().__init__(theme, "Prompt")
        self._choices = choices
        self._row = -1  # the held-out row that is asked; -1 for a prompt of one's own
        self.field = LinesField(theme)
        self.field.setAccessibleName("Prompt")
        self.field.setPlaceholderText("What is asked")
        self.field.setToolTip("Ctrl+Enter takes it.")
        self.field.edited.connect(self._take)
        self.add_wide(self.field)
        self.another = button("Another held-out row", theme, "arrow-clockwise", "link")
        self.another.clicked.connect(self._show_next)
        self.grid.addLayout(in_row(self.another, 1), self.grid.rowCount(), 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        choices.known_changed.connect(self.refresh)
        self.refresh()

    def asking(self) -> Asking | None:
        """What is asked, with what stands before it where it is a held-out row; None where nothing is."""
        text = self.field.text().strip()
        row = self._held_out_row()
        if row is not None and row.text.strip() == text:
            return row
        return Asking(text=text) if text else None

    def show_asking(self, text: str) -> None:
        """Shows a prompt that was asked elsewhere."""
        self._row = -1
        self.field.show_text(text)
        self.refresh()
        self.edited.emit()

    def refresh(self) -> None:
        """Shows whether there are rows to be asked."""
        rows = self._choices.held_out
        if rows and not self.field.text().strip() and not self.field.hasFocus():
            self._row = 0
            self.field.show_text(rows[0].text)
            self.edited.emit()
        self.another.setVisible(bool(rows))
        row = self._held_out_row()
        self.fact.setText(FROM_ROWS if row is not None and row.text.strip() == self.field.text().strip() else "")

    def _held_out_row(self) -> Asking | None:
        rows = self._choices.held_out
        return rows[self._row] if 0 <= self._row < len(rows) else None

    def _show_next(self) -> None:
        self._row = (self._row + 1) % len(self._choices.held_out)
        self.field.show_text(self._choices.held_out[self._row].text)
        self.refresh()
        self.edited.emit()

    def _take(self, _text: str) -> None:
        self.refresh()
        self.edited.emit()
