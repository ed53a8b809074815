"""The classroom's way from naive FP32 to QLoRA: a bar for each step, grown out of the one before."""

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from workbench.core.figures import with_minus
from workbench.core.memory.scenarios import STEPS
from workbench.panes.look.motion import wants_less_motion
from workbench.panes.look.theme import tokens
from workbench.panes.memory.model import MemoryModel
from workbench.panes.memory.scale import WayBar, between, blocks_of
from workbench.panes.memory.words import amount

TITLE = "From naive FP32 to QLoRA"


class MemoryStory(QObject):
    """Goes on by itself, a step each 600 ms; where the system asks for less motion, step by step on request.

    Attributes:
        less_motion: Asked before something moves; where it says so, bars change at once and nothing goes on by itself.
        step: The last one that is seen; -1 while there is no story.
        is_playing: Whether it goes on by itself.

    Signals:
        moved: The bars have changed.
    """

    moved = Signal()

    def __init__(self, model: MemoryModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.less_motion: Callable[[], bool] = wants_less_motion
        self.step = -1
        self.is_playing = False
        self._share = 1.0
        self._whole: list[WayBar] = []
        self._motion = QVariantAnimation(self)
        self._motion.setDuration(int(tokens()["motion"]["memory_story_ms"]))
        self._motion.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(self._move)
        self._motion.finished.connect(self._arrive)

    @property
    def is_shown(self) -> bool:
        return self.step >= 0

    @property
    def is_at_end(self) -> bool:
        return self.step == len(STEPS) - 1 and self._share == 1.0

    @property
    def sentence(self) -> str:
        return f"{STEPS[self.step].title}: {STEPS[self.step].subtitle}" if self.is_shown else ""

    @property
    def most_bytes(self) -> float:
        return max((bar.total_bytes for bar in self._whole), default=0.0)

    @property
    def duration(self) -> int:
        return self._motion.duration()

    def begin(self) -> None:
        """From the first step."""
        self.predict_steps()
        self._go_to(0)
        if not self.less_motion():
            self.is_playing = True
        self.moved.emit()

    def end(self) -> None:
        self._motion.stop()
        self.step, self.is_playing = -1, False
        self.moved.emit()

    def play(self) -> None:
        """Goes on, or holds where it is; from the end it begins again."""
        if self.is_playing:
            self.is_playing = False
            self._motion.stop()
            self._share = 1.0
        elif self.is_at_end:
            self.begin()
            return
        else:
            self.is_playing = True
            self._go_to(self.step + 1)
        self.moved.emit()

    def go(self, steps: int) -> None:
        """By hand: one further or one back."""
        if not self.is_shown:
            return
        self.is_playing = False
        self._motion.stop()
        self._share = 1.0
        if 0 <= self.step + steps < len(STEPS):
            self._go_to(self.step + steps, moves=steps > 0)
        self.moved.emit()

    def bars(self) -> list[WayBar]:
        """Those of the steps that were taken, the last one on its way."""
        if not self.is_shown or not self._whole:
            return []
        done = self._whole[: self.step + 1]
        if self._share < 1.0:
            before = self._whole[self.step - 1] if self.step else None
            done[-1] = between(before, self._whole[self.step], self._share)
        return done

    def predict_steps(self) -> None:
        """The bar of each step of the chosen row's recipe, with this model on this card."""
        model = self._model
        self._whole = []
        if model.shape is None:
            return
        before = 0
        for number, way in enumerate(STEPS):
            predicted = model.predict(way.recipe(model.recipe))
            more = "" if not number else with_minus(f"{(predicted.peak_bytes - before) / max(1, before):+.0%}")
            before = predicted.peak_bytes
            figure = amount(predicted.peak_bytes, model.unit)
            self._whole.append(WayBar(way.title, "", blocks_of(predicted), predicted.peak_bytes, figure, more))

    def _go_to(self, step: int, *, moves: bool = True) -> None:
        self.step = step
        self._motion.stop()
        if moves and not self.less_motion():
            self._share = 0.0
            self._motion.start()
        else:
            self._share = 1.0

    def _move(self, share: float) -> None:
        self._share = float(share)
        self.moved.emit()

    def _arrive(self) -> None:
        self._share = 1.0
        if self.is_playing and self.step + 1 < len(STEPS):
            self._go_to(self.step + 1)
        else:
            self.is_playing = False
        self.moved.emit()
