"""What is to answer, and how: the same in all views of the page."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.core.job.question import AnswerSettings

TEMPERATURE, TOP_P, LONGEST, SEED = 0.7, 0.9, 256, 42


class Choices(QObject):
    """Whatever is chosen in one view is chosen in all.

    Attributes:
        model: What answers, by a name that the chat job knows: a run's, a checkpoint's, an adapter's or a model's
            folder, or a Hub id; empty where nothing is chosen.
        beside: What answers beside it: "base", or runs, checkpoints and adapters by their folders.
        settings: How answers are made.

    Signals:
        changed: What answers, or how, is another now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = ""
        self.beside: tuple[str, ...] = ()
        self.settings = AnswerSettings(temperature=TEMPERATURE, top_p=TOP_P, max_tokens=LONGEST, seed=SEED)

    def choose(self, model: str, beside: Sequence[str] = ()) -> None:
        """Has these answer from the next question on."""
        if (model, tuple(beside)) != (self.model, self.beside):
            self.model, self.beside = model, tuple(beside)
            self.changed.emit()

    def set(self, **values: Any) -> None:
        """Changes settings of the answers by their names. Raises ValidationError where one is out of its range."""
        changed = AnswerSettings.model_validate({**self.settings.model_dump(), **values})
        if changed != self.settings:
            self.settings = changed
            self.changed.emit()
