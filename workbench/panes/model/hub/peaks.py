"""What a QLoRA step of each model would take: worked out in tasks, and anew when the recipe changes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.memory import ledger
from workbench.core.memory.scenarios import FOUR_WAYS
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.panes.model.hub.row import StepPeak

QLORA = FOUR_WAYS[-1]
# Shapes come one by one, and a slider changes the recipe with every pixel.
PATIENCE_MILLISECONDS = 60


class Peaks(QObject):
    """Holds the peak of every shape that it was given, in NF4 with the recipe's own length and rank.

    Signals:
        changed: There are other peaks.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shapes: dict[str, ModelShape] = {}
        self._known: dict[str, StepPeak | None] = {}
        self._recipe = Recipe()
        self._device = "cuda"
        self._basis: object = None
        self._turn = 0
        self._patience = once_after(self, PATIENCE_MILLISECONDS, self._work)

    @property
    def known(self) -> Mapping[str, StepPeak | None]:
        """Those that are worked out; None where the shape says too little for a peak."""
        return self._known

    @property
    def is_pending(self) -> bool:
        """Whether some are still to be worked out."""
        return bool(self._shapes.keys() - self._known.keys())

    def add(self, model_id: str, shape: ModelShape) -> None:
        if self._shapes.get(model_id) != shape:
            self._shapes[model_id] = shape
            self._known.pop(model_id, None)
            self._patience.start()

    def follow(self, recipe: Recipe, *, has_card: bool) -> None:
        """Takes the recipe whose length, rank and all else of a step count, and what it would run on."""
        device = "cuda" if has_card else "cpu"
        basis = (recipe.lora, recipe.training, recipe.evaluation, recipe.model.attention, device)
        if basis != self._basis:
            self._recipe, self._device, self._basis = recipe, device, basis
            self._known.clear()
            self._patience.start()

    def _work(self) -> None:
        missing = {name: shape for name, shape in self._shapes.items() if name not in self._known}
        if not missing:
            return
        self._turn += 1
        run_task(
            partial(peaks_of, missing, self._recipe, self._device),
            partial(self._take, self._turn, self._basis),
            lambda _error: None,
            parent=self,
        )

    def _take(self, turn: int, basis: object, found: Mapping[str, StepPeak | None]) -> None:
        if basis != self._basis:
            return  # the recipe went on meanwhile, and the next turn is on its way
        self._known |= found
        if turn == self._turn:
            self.changed.emit()


def peaks_of(shapes: Mapping[str, ModelShape], recipe: Recipe, device: str) -> dict[str, StepPeak | None]:
    """The peak of each shape; None where its layers are not known."""
    try:
        step = QLORA.recipe(recipe)
    except UserError:
        return dict.fromkeys(shapes)  # a recipe that is being written, which its own page says
    return {name: _peak(shape, step, device) for name, shape in shapes.items()}


def _peak(shape: ModelShape, step: Recipe, device: str) -> StepPeak | None:
    if not shape.parameters or not shape.linears:
        return None
    parts: Any = ledger.predict(shape, step, device=device).parts
    weights, unquantized = parts["weights"], parts["unquantized"]
    return StepPeak(weights, unquantized, sum(parts.values()) - weights - unquantized)
