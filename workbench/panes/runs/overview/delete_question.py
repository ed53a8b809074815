"""The one question that is asked before runs go to the bin."""

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from workbench.core.runs.row import RunRow
from workbench.core.units import bytes_in_words, counted
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import breakable, button, label
from workbench.panes.runs.chosen.details import RunDetails

Answer = Literal["all", "checkpoints"]
MOST_NAMED = 6


class DeleteQuestion(QDialog):
    """Says the folder and its size; Escape leaves all as it is. `answer` is called with what was chosen."""

    def __init__(
        self,
        theme: Theme,
        rows: Sequence[RunRow],
        size_bytes: int,
        details: RunDetails | None,
        users: Sequence[str],
        answer: Callable[[Answer], None],
        parent: QWidget,
    ) -> None:
        """`details` are of the one run, `users` what was trained further from them."""
        super().__init__(parent)
        self._answer = answer
        self.setWindowTitle("To the bin")
        self.setMinimumWidth(theme.px(460))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(8)
        what = rows[0].called if len(rows) == 1 else counted(len(rows), "run")
        layout.addWidget(label(breakable(f"{what}: {bytes_in_words(size_bytes)} to the bin"), "lead", wraps=True))
        named = [str(rows[0].path)] if len(rows) == 1 else [row.called for row in rows[:MOST_NAMED]]
        more = f"\nand {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        layout.addWidget(label(breakable("\n".join(named) + more), "fact", wraps=True))
        if users:
            words = f"{', '.join(users[:MOST_NAMED])} began with what it learned, and reads it when it goes on."
            layout.addWidget(label(breakable(words), "sentence", wraps=True))
        self.delete = self._choice(theme, "all", f"Delete, {bytes_in_words(size_bytes)}", "trash", "danger")
        layout.addSpacing(4)
        layout.addWidget(self.delete)
        layout.addWidget(label("It can be taken back: Ctrl+Z here, later from the bin itself.", "fact", wraps=True))
        self.thin = self._choice(theme, "checkpoints", "Only the adapter stays", "scissors", "")
        if details is not None and details.has_result and details.checkpoint_bytes:
            freed = bytes_in_words(details.checkpoint_bytes)
            self.thin.setText(f"Only the adapter stays: {freed} of checkpoints go")
            layout.addWidget(self.thin)
            layout.addWidget(label("It can be tried and exported, and not be gone on with.", "fact", wraps=True))
        else:
            self.thin.hide()
        self.stay = button("Leave it", theme, "", "flat")
        self.stay.clicked.connect(self.reject)
        layout.addWidget(self.stay)
        self.stay.setFocus()

    def _choice(self, theme: Theme, answer: Answer, words: str, icon: str, kind: str) -> QPushButton:
        made = button(words, theme, icon, kind)
        made.clicked.connect(lambda: self._answer_with(answer))
        return made

    def _answer_with(self, answer: Answer) -> None:
        self.accept()
        self._answer(answer)
