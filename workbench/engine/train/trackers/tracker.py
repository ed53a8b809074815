"""What keeps a record of a run for another program, and which values it is given under which names."""

from abc import ABC, abstractmethod
from typing import ClassVar

from workbench.core.job.events import Evaluated, Event, RunEnd, Scored, Step
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import Recipe, settings


class Tracker(ABC):
    """A record; whatever it raises, and however long it takes, the run goes on (recording.py).

    Attributes:
        title: What the other program is called.
        package: The one that it imports, once it begins.
    """

    title: ClassVar[str]
    package: ClassVar[str]

    def __init__(self, run: RunFolder, recipe: Recipe) -> None:
        self.run = run
        self.recipe = recipe

    @abstractmethod
    def begin(self, from_step: int) -> None:
        """Opens the record, the same as before where the run goes on from a step. Raises what its library raises."""

    @abstractmethod
    def write(self, step: int, values: dict[str, float]) -> None:
        """Adds the values of a step. Raises as `begin` does."""

    @abstractmethod
    def end(self, state: RunEnd) -> None:
        """Closes the record once all is written. Raises as `begin` does."""


def values_of(event: Event) -> tuple[int, dict[str, float]] | None:
    """The step of an event and the values that are recorded of it, by name; None where nothing is."""
    match event:
        case Step():
            return event.step, {
                "train/loss": event.loss,
                "train/learning_rate": event.learning_rate,
                "train/grad_norm": event.grad_norm,
                "train/epoch": event.epoch,
                "train/tokens_per_second": event.tokens_per_second,
                "train/step_seconds": event.seconds,
                "memory/peak_bytes": float(event.memory.peak_bytes),
                "memory/resident_bytes": float(event.memory.resident_bytes),
            }
        case Evaluated():
            return event.step, {"eval/loss": event.loss}
        case Scored():
            shares = {"exact_match": event.right / max(1, event.rows)}
            shares |= {f"exact_match/{name}": right / max(1, rows) for name, (right, rows) in event.groups.items()}
            return event.step, shares
    return None


def recorded_settings(recipe: Recipe) -> dict[str, str]:
    """The settings that apply, by their paths, as a record shows them."""
    return {path: str(recipe.value(path)) for path in settings() if recipe.applies(path)}
