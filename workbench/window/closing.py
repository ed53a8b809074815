"""The one question that closing the window during a run asks."""

from typing import Literal

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from workbench.bridge.job_control import JobControl
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button, label

Answer = Literal["keep", "stop", "cancel", "stay"]


class ClosingQuestion(QDialog):
    """Keep it running, stop and save, or cancel the run; Escape stays."""

    def __init__(self, theme: Theme, run: str, step: int, steps: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.answer: Answer = "stay"
        self.setWindowTitle("A run is going on")
        self.setMinimumWidth(440)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(8)
        where = f"at step {step} of {steps}" if steps else "starting"
        layout.addWidget(label(f"A run is {where}.", "lead"))
        layout.addWidget(label(run, "fact", wraps=True))
        choices: tuple[tuple[Answer, str, str, str], ...] = (
            ("keep", "Keep it running", "It trains on without the window, which finds it again.", "play"),
            ("stop", "Stop and save", "It ends after this step with a checkpoint to go on from.", "floppy-disk"),
            ("cancel", "Cancel the run", "It ends now, without saving.", "x"),
            ("stay", "Stay here", "The window stays open.", ""),
        )
        for answer, words, meaning, icon in choices:
            made = button(words, theme, icon, {"keep": "primary", "stay": "flat"}.get(answer, ""))
            made.setDefault(answer == "keep")
            made.setAccessibleDescription(meaning)
            made.clicked.connect(lambda _checked=False, answer=answer: self._answer_with(answer))
            layout.addSpacing(6)
            layout.addWidget(made)
            layout.addWidget(label(meaning, "fact", wraps=True))
            if answer == "keep":
                made.setFocus()

    def _answer_with(self, answer: Answer) -> None:
        self.answer = answer
        self.accept()


def leave_run(control: JobControl, theme: Theme, window: QWidget) -> bool:
    """Asks what becomes of the run that goes on and orders it; whether the window may close.

    Raises UserError where the order cannot be given.
    """
    assert control.run is not None
    question = ClosingQuestion(theme, control.run.name, control.history.step, control.history.total_steps, window)
    question.exec()
    if question.answer == "stop":
        control.stop()
    elif question.answer == "cancel":
        control.cancel()
    return question.answer != "stay"
